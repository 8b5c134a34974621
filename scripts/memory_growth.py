#!/usr/bin/env python3
"""How the engine process's memory grows: 50 rounds of questions on 10 pictures, then 500 different photos.

Asks the engine process that the server uses, with the caches at their defaults; prints anonymous memory
(``RssAnon``) as it goes, and the growth in percent. A round asks one question about each of the ten pictures, so
from the second on nothing is new; the photos are drawn, each asked about once. Growth is told from the first
mark, which holds what any question needs, and from the one where the caches are as full as they get.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import threading
import time
from pathlib import Path

import numpy as np
from PIL import Image as PillowImage

from jianwei.config import Settings
from jianwei.engine.worker import EngineProcess
from jianwei.errors import JianweiError
from jianwei.scenes.families import FAMILIES, draw
from jianwei.types import ChatRequest, Chunk, Image, ImagePart, Message, SamplingParams, TextPart

QUESTIONS = ("What is written at the top?", "图中有哪些文字？", "Which number is the largest?", "这是什么？")
REST = 1.5
"""Seconds without a question before memory is read: the engine gives activations back after one."""


def photo(number: int, side: int) -> Image:
    """Drawn scene ``number``, its longer side ``side`` pixels."""
    families = sorted(FAMILIES)
    scene = draw(families[number % len(families)], number, "test", ("zh", "en")[number % 2])
    picture = PillowImage.fromarray(scene.image.pixels)
    picture.thumbnail((side, side))
    return Image(np.asarray(picture), f"photo {number}")


class Asker:
    """Asks one question after another and reads the memory of whom it asks."""

    def __init__(self, settings: Settings) -> None:
        self._engine = EngineProcess("jianwei.pipeline:VisionModel", kwargs={"settings": settings})
        self._engine.start()
        self._engine.wait_ready(300)
        self._asked = 0

    def ask(self, image: Image, question: str, max_tokens: int = 16) -> None:
        """Wait for the answer."""
        done = threading.Event()
        failures: list[JianweiError] = []

        def on_event(event: Chunk | JianweiError) -> None:
            if isinstance(event, JianweiError):
                failures.append(event)
            if failures or (isinstance(event, Chunk) and event.completion):
                done.set()

        self._asked += 1
        message = Message("user", (ImagePart(image), TextPart(question)))
        sampling = SamplingParams(max_tokens=max_tokens)
        self._engine.submit(ChatRequest(str(self._asked), (message,), sampling), on_event)
        done.wait()
        if failures:
            raise failures[0]

    def memory(self) -> float:
        """MB of anonymous memory, at rest."""
        time.sleep(REST)
        return self._engine.stats()["memory_bytes"] / 2**20

    def stats(self) -> dict[str, float]:
        """The engine's own numbers."""
        return self._engine.stats()

    def close(self) -> None:
        """Stop the process."""
        self._engine.close()


def growth(marks: list[tuple[int, float]], settled: int) -> dict[str, float]:
    """Percent from the first mark, and from the first at or after ``settled``, to the last."""
    last = marks[-1][1]
    base = next((value for count, value in marks if count >= settled), last)
    return {
        "first_mb": marks[0][1],
        "last_mb": last,
        "growth_percent": 100 * (last / marks[0][1] - 1),
        "growth_settled_percent": 100 * (last / base - 1),
        "most_mb": max(value for _, value in marks),
    }


def main() -> None:
    """Run both and print one JSON line at the end."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--model", default="builtin")
    options.add_argument("--rounds", type=int, default=50)
    options.add_argument("--photos", type=int, default=500)
    options.add_argument("--side", type=int, default=320, help="longer side of a picture in pixels")
    given = options.parse_args()
    report: dict[str, object] = {}
    for task, count in (("rounds", given.rounds), ("photos", given.photos)):
        with tempfile.TemporaryDirectory() as home:
            asker = Asker(Settings(model=given.model, home=Path(home)))
            marks: list[tuple[int, float]] = []
            pictures = [photo(number, given.side) for number in range(10)]
            for number in range(count):
                if task == "rounds":
                    for image in pictures:
                        asker.ask(image, QUESTIONS[number % len(QUESTIONS)])
                else:
                    asker.ask(photo(1000 + number, given.side), QUESTIONS[0])
                step = 5 if task == "rounds" else 25
                if number == 0 or (number + 1) % step == 0:
                    marks.append((number + 1, asker.memory()))
                    print(f"{task} {number + 1}: {marks[-1][1]:.0f} MB", flush=True)
            stats = asker.stats()
            asker.close()
            report[task] = growth(marks, 5 if task == "rounds" else 50) | {
                name: stats[name]
                for name in ("kv_blocks_idle", "pictures_cached_bytes", "kv_blocks_evicted_total")
            }
    print(json.dumps(report))


if __name__ == "__main__":
    main()
