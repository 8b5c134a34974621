"""Takes the pictures of the page that the documentation shows: ``python scripts/screenshots.py``.

Starts a server with the built-in model, asks as a person would, and writes ``docs/page*.png``. Needs Chromium and
the tools for tests (``make dev``).
"""

from __future__ import annotations

import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser, Page, expect

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests" / "support"))

from browser import chromium  # noqa: E402
from served import serve  # noqa: E402

PATIENCE = 60_000
"""Milliseconds for an answer: the first one waits for OCR to be loaded."""


@dataclass
class View:
    """One picture: its file, how the browser is set, and what is asked about which example."""

    name: str
    locale: str
    scheme: Literal["light", "dark"]
    size: tuple[int, int]
    example: int
    questions: tuple[str, ...]
    heat: bool = False


VIEWS = (
    View("page", "en-US", "light", (1280, 800), 0, ("What is the total?", "What is the order number?")),
    View("page.zh-CN", "zh-CN", "light", (1280, 800), 0, ("合计是多少？", "订单编号是什么？")),
    View("page-dark", "zh-CN", "dark", (1280, 800), 2, ("收件人是谁？",), heat=True),
    View("page-phone", "zh-CN", "light", (360, 780), 1, ("蓝莓多少钱？",)),
    View("page-empty", "en-US", "light", (1280, 800), 0, ()),
)


def take(browser: Browser, url: str, view: View) -> None:
    """Open the page, ask, and write the picture."""
    width, height = view.size
    context = browser.new_context(
        locale=view.locale,
        color_scheme=view.scheme,
        viewport={"width": width, "height": height},
        reduced_motion="reduce",
    )
    page = context.new_page()
    page.goto(url, wait_until="networkidle")
    if view.questions:
        page.click(f".example >> nth={view.example}")
        if view.heat:
            page.click("#more")
            page.locator("#heatmap").check(force=True)
            page.click("#more")
        ask(page, view)
    page.mouse.move(width - 1, height - 1)
    page.wait_for_timeout(300)
    page.screenshot(path=ROOT / "docs" / f"{view.name}.png")
    context.close()


def ask(page: Page, view: View) -> None:
    """Ask the questions one after the other; then show the heat map, where it is wanted."""
    for number, question in enumerate(view.questions):
        page.fill("#query", question)
        page.keyboard.press("Enter")
        expect(page.locator(".numbers")).to_have_count(number + 1, timeout=PATIENCE)
    if view.heat:
        page.click("[data-shows=heat]")


def main() -> None:
    """Take them all."""
    with tempfile.TemporaryDirectory() as home, serve(Path(home)) as served, chromium() as browser:
        for view in VIEWS:
            take(browser, served.url, view)
            print(f"docs/{view.name}.png")


if __name__ == "__main__":
    main()
