"""Regions, boxes, heat maps, formats and detail as fields of the form."""

from __future__ import annotations

import base64
from dataclasses import replace

import httpx
import pytest
from server_fakes import Reply, Running, picture

from jianwei.types import Evidence, GroundedBox, HeatGrid, HeatMap, Region, Step, TokenHeat

CHAT = "/api/v1/chat"
GRID = HeatGrid(0, 64, 48, 1, 2, bytes([255, 3]))
EVIDENCE = Evidence(
    boxes=(GroundedBox("12.50", (1.04, 2, 30, 20), 0, "ocr"),),
    heatmap=HeatMap(0.25, 0.5, None, (GRID,), (TokenHeat("A ", (GRID,)), TokenHeat("carton.", (GRID,)))),
    steps=(Step("look", 0, (0, 0, 30, 20), 48, 0.1),),
)


def image(name: str = "a.png") -> dict[str, tuple[str, bytes]]:
    return {"image": (name, picture())}


def test_options_reach_the_engine(server: Running, client: httpx.Client) -> None:
    options = {"boxes": "true", "heatmap": "true", "format": "csv", "detail": "auto", "region": "0.5,0.5,1,1"}
    assert client.post(CHAT, files=image(), data={"query": "q", **options}).status_code == 200
    request = server.engine.requests[0]
    assert (request.boxes, request.heatmap, request.format, request.detail) == (True, True, "csv", "auto")
    assert request.regions == (Region(((32, 24), (64, 48))),)


def test_the_map_comes_drawn_over_the_picture_where_that_is_asked_for_and_is_not_kept(
    server: Running, client: httpx.Client
) -> None:
    drawn = replace(GRID, png=b"\x89PNG")
    server.engine.replies.append(Reply(evidence=Evidence(heatmap=HeatMap(0.5, 0, None, (drawn,)))))
    body = client.post(CHAT, files=image(), data={"query": "q", "heatmap": "png"}).json()
    assert server.engine.requests[0].heatmap == "png"
    assert base64.b64decode(body["heatmap"]["maps"][0]["png"]) == b"\x89PNG"
    kept = client.get(f"/api/v1/conversations/{body['conversation_id']}").json()
    (turn,) = kept["turns"]
    assert turn["heatmap"]["maps"][0]["values"] == body["heatmap"]["maps"][0]["values"]
    assert "png" not in turn["heatmap"]["maps"][0]
    refused = client.post(CHAT, files=image(), data={"query": "q", "heatmap": "jpeg"})
    assert refused.status_code == 422


def test_detail_may_be_a_number_of_visual_tokens(server: Running, client: httpx.Client) -> None:
    assert client.post(CHAT, files=image(), data={"query": "q", "detail": "512"}).status_code == 200
    assert server.engine.requests[0].max_visual_tokens == 512
    assert server.engine.requests[0].detail is None


def test_what_may_be_left_out_reaches_the_engine_and_what_was_left_out_is_told(
    server: Running, client: httpx.Client
) -> None:
    for said, meant in (("off", "off"), ("exact", "exact"), ("6", 6)):
        body = client.post(CHAT, files=image(), data={"query": "q", "prune": said}).json()
        assert server.engine.requests[-1].prune == meant
        assert body["usage"]["pruned_tokens"] == 0
    client.post(CHAT, files=image(), data={"query": "q"})
    assert server.engine.requests[-1].prune is None
    refused = client.post(CHAT, files=image(), data={"query": "q", "prune": "all"})
    assert (refused.status_code, refused.json()["error"]["code"]) == (422, "bad_value")
    assert len(server.engine.requests) == 4


def test_a_region_may_be_of_any_picture_of_the_conversation(server: Running, client: httpx.Client) -> None:
    first = client.post(CHAT, files=image(), data={"query": "a"}).json()
    place = {"conversation_id": first["conversation_id"]}
    client.post(CHAT, files=image("b.png"), data={"query": "b", "region": "2:1,2,30,40;1:0,0,9,9", **place})
    assert server.engine.requests[1].regions == (Region(((1, 2), (30, 40)), 1), Region(((0, 0), (9, 9))))


def test_what_backs_the_answer_comes_with_it_and_is_kept(server: Running, client: httpx.Client) -> None:
    server.engine.replies.append(Reply(evidence=EVIDENCE))
    body = client.post(CHAT, files=image(), data={"query": "q", "boxes": "1", "heatmap": "1"}).json()
    assert body["boxes"] == [{"label": "12.50", "bbox": [1.0, 2, 30, 20], "picture": 0, "source": "ocr"}]
    assert body["steps"][0]["bbox"] == [0, 0, 30, 20]
    heat = body["heatmap"]
    assert (heat["picture_share"], heat["evidence_share"], heat["note"]) == (0.25, 0.5, None)
    assert base64.b64decode(heat["maps"][0]["values"]) == bytes([255, 3])
    assert "".join(token["text"] for token in heat["tokens"]) == body["answer"]
    kept = client.get(f"/api/v1/conversations/{body['conversation_id']}").json()
    assert "12.50" in str(kept)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("region", "1,2,3"),
        ("region", "100,100,200,200"),
        ("region", "3:0,0,9,9"),
        ("format", "pdf"),
        ("detail", "best"),
        ("detail", "2"),
        ("detail", "999999999"),
        ("boxes", "perhaps"),
    ],
)
def test_a_bad_value_is_refused_and_nothing_is_kept(
    server: Running, client: httpx.Client, field: str, value: str
) -> None:
    response = client.post(CHAT, files=image(), data={"query": "q", field: value})
    assert response.status_code == 422
    error = response.json()["error"]
    assert error["code"] == "bad_value"
    assert f"“{field}” cannot be “{value}”" in error["message"]
    assert not server.engine.requests
    assert client.get("/api/v1/conversations").json()["conversations"] == []


def test_a_number_without_end_is_refused(client: httpx.Client) -> None:
    response = client.post(CHAT, files=image(), data={"query": "q", "detail": "9" * 5000})
    assert response.status_code == 422


def test_a_format_does_not_go_with_json(client: httpx.Client) -> None:
    response = client.post(CHAT, files=image(), data={"query": "q", "format": "csv", "json": "true"})
    assert response.status_code == 422
    assert "json" in response.json()["error"]["message"]
