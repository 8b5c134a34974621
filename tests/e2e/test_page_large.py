"""Large pictures on the page: drawn by the page itself, at the right places, to the original's pixels."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

import numpy as np
import PIL.Image
import pytest
from browser import file, needs_chromium
from playwright.sync_api import Browser, FilePayload, Page, expect
from server_fakes import Running, wait_until

pytestmark = [pytest.mark.e2e, needs_chromium]

WIDTH, HEIGHT = 3600, 2400
SPOT = (2000, 900, 2400, 1300)  # a blue square; in its middle a red one of a pixel, left of a green one


def picture_file() -> FilePayload:
    pixels = np.full((HEIGHT, WIDTH, 3), 235, np.uint8)
    left, top, right, bottom = SPOT
    pixels[top:bottom, left:right] = (20, 40, 220)
    pixels[1100, 2200] = (255, 0, 0)
    pixels[1100, 2201] = (0, 255, 0)
    target = io.BytesIO()
    PIL.Image.fromarray(pixels).save(target, "PNG")
    return file("large.png", target.getvalue())


@pytest.fixture(params=[1, 2])
def page(browser: Browser, server: Running, request: pytest.FixtureRequest) -> Iterator[Page]:
    context = browser.new_context(
        locale="en-US", viewport={"width": 1100, "height": 700}, device_scale_factor=request.param
    )
    page = context.new_page()
    problems: list[str] = []
    page.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
    page.set_default_timeout(30_000)
    page.goto(server.url)
    expect(page.locator("#model")).to_contain_text("A queue of answers")
    page.set_input_files("#file", [picture_file()])
    expect(page.locator("#surface")).to_be_visible()
    yield page
    context.close()
    assert problems == []


def seen(page: Page) -> np.ndarray[Any, Any]:
    """The pane as it is painted, in pixels of the screen."""
    shot = page.locator("#pane").screenshot()
    return np.asarray(PIL.Image.open(io.BytesIO(shot)).convert("RGB"), int)


def blue(pixels: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    return (pixels[..., 2] > 180) & (pixels[..., 0] < 80)


def test_what_is_seen_lies_where_boxes_say_at_any_zoom(page: Page) -> None:
    for steps in (0, 3, 3, 3):
        for _ in range(steps):
            page.locator("#pane").focus()
            page.keyboard.press("+")
        ratio = page.evaluate("devicePixelRatio")
        place = page.evaluate(
            """(spot) => { const matrix = new DOMMatrix(getComputedStyle(document.getElementById("sheet")).transform);
            return spot.map((value, index) => value * matrix.a + (index % 2 ? matrix.f : matrix.e)); }""",
            SPOT,
        )
        left, top, right, bottom = (value * ratio for value in place)

        def found(left: float = left, top: float = top, right: float = right, bottom: float = bottom) -> bool:
            pixels = blue(seen(page))
            height, width = pixels.shape
            inside = np.zeros_like(pixels)
            box = [max(0, round(value)) for value in (left, top, right, bottom)]
            inside[box[1] : min(height, box[3]), box[0] : min(width, box[2])] = True
            # Corners are round, tools lie on it, and an edge may fall on half a pixel.
            return bool((pixels != inside).mean() < 0.02 and pixels.any())

        wait_until(found)


def spot_on_screen(page: Page) -> tuple[float, float]:
    """Where the red pixel is while the whole picture is seen."""
    sheet = page.locator("#sheet").bounding_box()
    assert sheet is not None
    scale = sheet["width"] / WIDTH
    return sheet["x"] + 2200.5 * scale, sheet["y"] + 1100.5 * scale


def test_pixels_of_the_original_are_seen_when_zoomed_in(page: Page) -> None:
    page.mouse.move(*spot_on_screen(page))
    # How far one turn of a wheel goes depends on the screen.
    while float(page.locator("#level").inner_text().rstrip("%")) < 500:
        page.mouse.wheel(0, -240)

    def found() -> bool:
        pixels = seen(page)
        red = (pixels[..., 0] > 200) & (pixels[..., 1] < 60) & (pixels[..., 2] < 60)
        green = (pixels[..., 1] > 200) & (pixels[..., 0] < 60) & (pixels[..., 2] < 60)
        return bool(
            red.sum() > 30 and green.sum() > 30 and np.nonzero(green)[1].min() > np.nonzero(red)[1].max()
        )

    wait_until(found)


def test_the_magnifier_shows_the_originals_pixels_while_all_is_seen(page: Page) -> None:
    page.click("#magnify")
    page.mouse.move(*spot_on_screen(page))
    middle = """() => { const canvas = document.getElementById("loupe"), pen = canvas.getContext("2d");
        const found = pen.getImageData(0, 0, canvas.width, canvas.height).data;
        const red = (at) => found[at] > 140 && found[at + 1] < 80 && found[at + 2] < 160;
        for (let at = 0; at < found.length; at += 4) if (red(at)) return true;
        return false; }"""
    wait_until(lambda: page.evaluate(middle))


def test_another_picture_takes_its_place_and_asking_goes_on(server: Running, page: Page) -> None:
    small = io.BytesIO()
    PIL.Image.new("RGB", (300, 200), "red").save(small, "PNG")
    page.set_input_files("#file", [file("small.png", small.getvalue())])
    expect(page.locator("#surface")).not_to_be_visible()
    expect(page.locator("#large")).to_be_visible()
    page.click("#strip button >> nth=0")
    expect(page.locator("#surface")).to_be_visible()
    expect(page.locator("#surface")).to_have_attribute("aria-label", "large.png")
    page.fill("#query", "What is it?")
    page.keyboard.press("Enter")
    expect(page.locator(".answer")).to_have_text("A carton.")
    page.reload()
    expect(page.locator("#strip button")).to_have_count(2)
