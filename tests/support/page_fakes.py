"""Answers with evidence for tests of the page: what the server would say, said at once."""

from __future__ import annotations

import base64
import json
from typing import Any

from playwright.sync_api import Page, Route

WIDTH, HEIGHT = 800, 600
"""Pixels of the picture of which ``evidence`` speaks."""


def _grid(hot: int, cells: int = 12) -> str:
    return base64.b64encode(bytes(255 if cell == hot else 0 for cell in range(cells))).decode()


def evidence(answer: str) -> dict[str, Any]:
    """The response to a finished answer, with boxes and a heat map of 3 rows and 4 columns."""
    tokens = [answer[:4], answer[4:]]
    return {
        "answer": answer,
        "conversation_id": "c1",
        "turn_id": "t1",
        "model": "fake",
        "finish_reason": "stop",
        "usage": {"prompt_tokens": 9, "visual_tokens": 4, "cached_tokens": 2, "completion_tokens": 3},
        "timings": {
            "prepare": 0.1,
            "vision": 0.2,
            "prefill": 0.1,
            "decode": 0.1,
            "first_token": 0.4,
            "total": 0.5,
        },
        "boxes": [
            {"label": "¥42.40", "bbox": [400, 300, 600, 360], "picture": 0, "source": "ocr"},
            {"label": "barcode", "bbox": [100, 450, 300, 550], "picture": 0, "source": "model"},
        ],
        "heatmap": {
            "picture_share": 0.31,
            "evidence_share": 0.0,
            "note": None,
            "maps": [
                {"picture": 0, "width": WIDTH, "height": HEIGHT, "rows": 3, "columns": 4, "values": _grid(0)}
            ],
            "tokens": [
                {"text": text, "maps": [{"picture": 0, "values": _grid(index + 5)}]}
                for index, text in enumerate(tokens)
            ],
        },
    }


def answer_with(page: Page, body: dict[str, Any]) -> None:
    """Answer every question of the page with ``body``, as server-sent events."""
    place = {"conversation_id": "c1", "turn_id": "t1", "model": "fake"}
    events = [("start", place), ("delta", {"text": body["answer"]}), ("done", body)]
    stream = "".join(f"event: {name}\ndata: {json.dumps(data)}\n\n" for name, data in events)

    def answer(route: Route) -> None:
        route.fulfill(content_type="text/event-stream", body=stream)

    page.route("**/api/v1/chat", answer)
