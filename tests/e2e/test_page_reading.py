"""Reading and pointing on the page: what stays in sight while answers come, and how the picture is moved."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest
import server_fakes
from browser import file, needs_chromium
from playwright.sync_api import Browser, Page, ViewportSize, expect
from server_fakes import Reply, Running, picture

pytestmark = [pytest.mark.e2e, needs_chromium]

PHOTO = file("a.png", picture("ivory", (800, 600)))
LONG = "\n\n".join(f"Paragraph {number} of the answer." for number in range(40))


def opened(browser: Browser, server: Running, size: ViewportSize, locale: str = "en-US") -> Page:
    page = browser.new_context(locale=locale, viewport=size).new_page()
    page.set_default_timeout(30_000)
    page.goto(server.url)
    expect(page.locator("#model")).not_to_have_class("model waiting")
    page.set_input_files("#file", [PHOTO])
    expect(page.locator("#size")).to_have_text("800 × 600")
    return page


def ask(page: Page, question: str) -> None:
    page.fill("#query", question)
    page.keyboard.press("Enter")


@pytest.mark.parametrize("size", [{"width": 360, "height": 640}, {"width": 1280, "height": 800}])
def test_the_end_of_an_answer_stays_in_sight(server: Running, browser: Browser, size: ViewportSize) -> None:
    page = opened(browser, server, size)
    for number in range(3):
        server.engine.replies.append(Reply([LONG[:200], LONG[200:]]))
        ask(page, f"Question {number}?")
        expect(page.locator(".numbers")).to_have_count(number + 1)
        expect(page.locator(".foot").last).to_be_in_viewport(ratio=0.9)
    page.context.close()


def test_who_reads_further_up_is_left_there_until_going_back_down(server: Running, browser: Browser) -> None:
    page = opened(browser, server, {"width": 1280, "height": 800})
    hold = threading.Event()
    server.engine.replies.append(Reply([LONG, "\n\nThe end."], hold=hold))
    ask(page, "What is it?")
    expect(page.locator(".answer")).to_contain_text("Paragraph 39")
    page.hover("#thread")
    top = "document.getElementById('thread').scrollTop"
    while page.evaluate(top) > 0:
        page.mouse.wheel(0, -600)
    hold.set()
    expect(page.locator(".numbers")).to_have_count(1)
    assert page.evaluate(top) == 0
    ask(page, "And now?")
    expect(page.locator(".foot").last).to_be_in_viewport(ratio=0.9)
    page.context.close()


def test_a_table_that_is_being_written_shows_no_signs(server: Running, browser: Browser) -> None:
    page = opened(browser, server, {"width": 1280, "height": 800})
    hold = threading.Event()
    server.engine.replies.append(
        Reply(["Prices:\n\n| item | pr", "ice |\n| --- | --- |\n| milk | 2 |"], hold=hold)
    )
    ask(page, "List the prices")
    expect(page.locator(".answer")).to_have_text("Prices:")
    hold.set()
    expect(page.locator(".answer td")).to_have_text(["milk", "2"])
    page.context.close()


def test_the_middle_button_pans_while_boxes_are_drawn(server: Running, browser: Browser) -> None:
    page = opened(browser, server, {"width": 1280, "height": 800})
    page.click("#draw")
    before = page.locator("#sheet").bounding_box()
    assert before is not None
    page.mouse.move(before["x"] + 200, before["y"] + 150)
    page.mouse.down(button="middle")
    page.mouse.move(before["x"] + 260, before["y"] + 110, steps=4)
    page.mouse.up(button="middle")
    after = page.locator("#sheet").bounding_box()
    assert after is not None
    assert (after["x"] - before["x"], after["y"] - before["y"]) == pytest.approx((60, -40), abs=1)
    expect(page.locator("#regions .region")).to_have_count(0)
    page.context.close()


@pytest.mark.parametrize(
    ("locale", "shown", "panel"),
    [
        ("en-US", "Jianwei built-in · small model", "Jianwei built-in"),
        ("zh-CN", "见微内置小模型", "见微内置小模型"),
    ],
)
def test_the_model_is_named_in_one_language(
    server: Running, browser: Browser, monkeypatch: pytest.MonkeyPatch, locale: str, shown: str, panel: str
) -> None:
    card = replace(server_fakes.CARD, title="Jianwei built-in 见微内置小模型")
    monkeypatch.setattr(server_fakes, "CARD", card)
    page = opened(browser, server, {"width": 1280, "height": 800}, locale)
    expect(page.locator("#model")).to_have_text(shown)
    page.click("#open-bonnet")
    expect(page.locator("#bonnet-model .title")).to_have_text(panel)
    # A quiet line says that there is a stronger one.
    expect(page.locator("#bonnet-model code")).to_have_text("jianwei pull qwen3-vl-2b")
    page.context.close()


@pytest.mark.parametrize("width", [360, 1280])
def test_recipes_stay_in_one_line_that_follows_the_wheel(
    server: Running, browser: Browser, width: int
) -> None:
    page = opened(browser, server, {"width": width, "height": 800})
    row = page.locator(".recipes")
    expect(row.locator(".idea")).to_have_count(8)
    box = row.bounding_box()
    assert box is not None
    assert box["height"] < 48
    last = row.locator(".idea").last
    expect(last).not_to_be_in_viewport(ratio=1)
    row.hover()
    page.mouse.wheel(0, 3000)
    expect(last).to_be_in_viewport(ratio=1)
    last.click()
    expect(page.locator("#query")).not_to_have_value("")
    page.context.close()
