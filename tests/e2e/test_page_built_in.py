"""The page with a real server and the built-in model: what a person does first, and what comes of it."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator
from pathlib import Path

import PIL.Image
import pytest
from browser import PATIENCE, file, needs_chromium
from playwright.sync_api import Browser, Page, expect
from served import Served, serve

import jianwei

FIRST_ANSWER = 240_000
"""Milliseconds."""

pytestmark = [pytest.mark.e2e, needs_chromium]


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serve(tmp_path_factory.mktemp("home")) as served:
        yield served


@pytest.fixture(scope="module", autouse=True)
def patience(browser: Browser) -> Iterator[None]:
    """The first answer waits for OCR to be loaded, which a busy machine takes its time for.

    Comes after the browser, which sets a patience of its own.
    """
    expect.set_options(timeout=FIRST_ANSWER)
    yield
    expect.set_options(timeout=PATIENCE)


def page_of(browser: Browser, served: Served, locale: str) -> Page:
    page = browser.new_context(locale=locale).new_page()
    page.set_default_timeout(FIRST_ANSWER)
    page.goto(served.url)
    return page


@pytest.mark.parametrize(
    ("locale", "example", "total", "order"),
    [("zh-CN", "问一个数", "¥42.40", "A2031-0457"), ("en-US", "Ask for a number", "$7.40", "A2031-0457")],
)
def test_an_example_is_asked_about_and_its_total_is_marked(
    browser: Browser, served: Served, locale: str, example: str, total: str, order: str
) -> None:
    page = page_of(browser, served, locale)
    page.click(f".example:has-text('{example}')")
    page.click(".idea >> nth=0")
    page.keyboard.press("Enter")
    expect(page.locator(".prose")).to_contain_text(total)
    mark = page.locator("mark.place")
    expect(mark).to_have_text(total)
    # The total stands in the lower half of the receipt, at its right.
    box = page.locator("#places rect").bounding_box()
    sheet = page.locator("#sheet").bounding_box()
    assert box is not None
    assert sheet is not None
    middle = [
        (box["x"] + box["width"] / 2 - sheet["x"]) / sheet["width"],
        (box["y"] + box["height"] / 2 - sheet["y"]) / sheet["height"],
    ]
    assert middle == pytest.approx([0.69, 0.70], abs=0.06)
    mark.hover()
    expect(page.locator("#places .lit")).to_have_count(1)
    page.locator("#places .place").hover()
    expect(page.locator("mark.place.lit")).to_have_count(1)
    page.click(".idea >> nth=0")
    page.keyboard.press("Enter")
    expect(page.locator(".prose").nth(1)).to_contain_text(order)
    page.reload()
    expect(page.locator(".prose").nth(1)).to_contain_text(order)
    expect(page.locator("#large")).to_be_visible()


def test_a_place_is_marked_and_its_numbers_are_for_who_wants_them(browser: Browser, served: Served) -> None:
    page = page_of(browser, served, "zh-CN")
    page.click(".example:has-text('问一个数')")
    page.fill("#query", "“合计”在哪里？")
    page.keyboard.press("Enter")
    expect(page.locator(".place-chip")).to_have_text("1合计")
    box = page.locator("#places rect").bounding_box()
    sheet = page.locator("#sheet").bounding_box()
    assert box is not None
    assert sheet is not None
    middle = (box["x"] + box["width"] / 2 - sheet["x"]) / sheet["width"]
    assert middle < 0.5  # the total itself stands at the right
    expect(page.locator(".answer pre")).not_to_be_visible()
    page.click("summary:has-text('JSON')")
    expect(page.locator(".answer pre")).to_contain_text('"bbox_2d":[')


def test_a_box_around_one_line_makes_the_question_about_it(browser: Browser, served: Served) -> None:
    page = page_of(browser, served, "zh-CN")
    page.click(".example:has-text('读成表格')")
    expect(page.locator("#level")).not_to_have_text("100%")
    sheet = page.locator("#sheet").bounding_box()
    assert sheet is not None

    def at(x: float, y: float) -> tuple[float, float]:
        return sheet["x"] + sheet["width"] * x / 720, sheet["y"] + sheet["height"] * y / 480

    page.click("#draw")
    page.mouse.move(*at(404, 192))
    page.mouse.down()
    page.mouse.move(*at(668, 242), steps=4)
    page.mouse.up()
    expect(page.locator("#scope")).to_contain_text("只问 1 个红框")
    page.fill("#query", "牛奶多少钱？")
    page.keyboard.press("Enter")
    expect(page.locator(".prose")).to_contain_text("¥12.50")
    expect(page.locator(".about")).to_contain_text("只问红框区域内的内容")


def test_a_json_answer_is_a_tree_and_a_file(browser: Browser, served: Served) -> None:
    page = page_of(browser, served, "zh-CN")
    page.click(".example:has-text('读成表格')")
    page.locator("#json").check(force=True)
    page.fill("#query", "读出图中的所有文字")
    page.keyboard.press("Enter")
    expect(page.locator(".tree").first).to_be_visible()
    with page.expect_download() as saved:
        page.click("text=下载 JSON")
    answer = json.loads(saved.value.path().read_text("utf-8"))
    assert set(answer) == {"objects", "texts", "spatial_relations"}
    with page.expect_download() as table:
        page.click("text=下载 CSV")
    assert table.value.path().read_text("utf-8-sig").startswith("objects,texts,spatial_relations")


def test_many_pictures_fill_a_table(browser: Browser, served: Served) -> None:
    page = page_of(browser, served, "zh-CN")
    examples = Path(jianwei.__file__).parent / "server" / "static" / "examples"
    page.click("#open-many")
    page.set_input_files("#many-files", [examples / "receipt.zh.webp", examples / "parcel.zh.webp"])
    page.fill("#many-query", "电话是多少？")
    page.click("#many-start")
    expect(page.locator("#many-rows tr.done")).to_have_count(2)
    expect(page.locator("#many-rows .said")).to_contain_text(["010-8321 4567", "138 0013 8000"])
    with page.expect_download() as saved:
        page.click("#many-csv")
    rows = saved.value.path().read_text("utf-8-sig").splitlines()
    assert rows[0] == "file,state,answer"
    assert "010-8321 4567" in rows[1]
    page.click("#many-rows .link >> nth=0")
    expect(page.locator(".query")).to_have_text("电话是多少？")


def test_under_the_bonnet_the_model_and_its_numbers_are_shown(browser: Browser, served: Served) -> None:
    page = page_of(browser, served, "en-US")
    page.click(".example:has-text('Ask for a number')")
    page.fill("#query", "What is the total?")
    page.keyboard.press("Enter")
    expect(page.locator(".numbers")).to_have_count(1)
    page.click("#open-bonnet")
    expect(page.locator("#bonnet-model")).to_contain_text("jianwei pull qwen3-vl-2b")
    expect(page.locator("#bonnet-turn")).to_contain_text("tokens/s")
    expect(page.locator("#bonnet-live")).to_contain_text("blocks")
    page.keyboard.press("Escape")
    expect(page.locator("#bonnet")).not_to_be_visible()


EXAMPLES = Path(jianwei.__file__).parent / "server" / "static" / "examples"


def test_pictures_one_and_three_of_five_are_asked_about(browser: Browser, served: Served) -> None:
    page = page_of(browser, served, "zh-CN")
    names = ["receipt.zh.webp", "shelf.zh.webp", "parcel.zh.webp", "shelf.en.webp", "receipt.en.webp"]
    page.set_input_files("#file", [EXAMPLES / name for name in names])
    expect(page.locator("#strip button")).to_have_count(5)
    asked = [
        ("第1张图的合计是多少？", "¥42.40", 1),
        ("第3张图的收件人是谁？", "李静", 3),
        # The built-in model breaks this number off at its first blank; which picture it reads is what counts here.
        ("第三张图片的电话是多少？", "138", 3),
        ("第一张图的电话是多少？", "010-8321 4567", 1),
    ]
    for number, (question, answer, shown) in enumerate(asked):
        page.fill("#query", question)
        page.keyboard.press("Enter")
        expect(page.locator(".numbers")).to_have_count(number + 1)
        expect(page.locator(".prose").last).to_contain_text(answer)
        # The picture that it is about comes to the stage, with the place marked.
        expect(page.locator(f"#strip li:nth-child({shown}) [aria-current]")).to_have_count(1)
        expect(page.locator("#places .place")).not_to_have_count(0)


def test_a_page_of_a_pdf_is_asked_about(browser: Browser, served: Served) -> None:
    page = page_of(browser, served, "en-US")
    pages = [PIL.Image.open(EXAMPLES / f"{name}.en.webp").convert("RGB") for name in ("parcel", "receipt")]
    target = io.BytesIO()
    pages[0].save(target, "PDF", save_all=True, append_images=pages[1:])
    page.set_input_files("#file", [file("a.pdf", target.getvalue(), "application/pdf")])
    expect(page.locator("#pages-list li")).to_have_count(2)
    page.click("#pages-list button >> nth=1")
    page.fill("#query", "What is the total?")
    page.keyboard.press("Enter")
    expect(page.locator(".prose")).to_contain_text("$7.40")
    expect(page.locator("mark.place")).to_have_text("$7.40")
    page.locator("#pages-list button").first.click()
    page.fill("#query", "Who is the recipient on page 1?")
    page.keyboard.press("Enter")
    expect(page.locator(".numbers")).to_have_count(2)
    expect(page.locator("#caption")).to_have_text("a.pdf · 1")


def test_a_recipe_is_a_chip_and_its_findings_are_columns(browser: Browser, served: Served) -> None:
    page = page_of(browser, served, "zh-CN")
    page.click(".example:has-text('问一个数')")
    page.click(".idea:has-text('发票与小票')")
    expect(page.locator("#query")).to_have_value(re.compile("发票"))
    page.keyboard.press("Enter")
    expect(page.locator(".prose")).to_contain_text("合计：¥42.40")
    expect(page.locator(".idea:has-text('发票与小票')")).to_have_count(0)
    with page.expect_download() as saved:
        page.click("text=下载 JSON")
    assert json.loads(saved.value.path().read_text("utf-8"))["total"] == "¥42.40"
    page.click("#open-many")
    page.set_input_files("#many-files", [EXAMPLES / "receipt.zh.webp", EXAMPLES / "receipt.en.webp"])
    page.select_option("#many-recipe", "invoice")
    page.click("#many-start")
    expect(page.locator("#many-rows tr.done")).to_have_count(2)
    expect(page.locator("#many-head")).to_contain_text("合计")
    expect(page.locator("#many-rows")).to_contain_text("¥42.40")
    expect(page.locator("#many-rows")).to_contain_text("$7.40")
