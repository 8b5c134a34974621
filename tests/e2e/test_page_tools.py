"""The page's tools in a real browser: boxes, evidence, keys, exports, what assistive programs meet, bytes."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from browser import file, needs_chromium
from page_fakes import HEIGHT, WIDTH, answer_with, evidence
from paged_files import pdf
from playwright.sync_api import Browser, FloatRect, Locator, Page, expect
from server_fakes import Reply, Running, picture

from jianwei.errors import EngineError
from jianwei.server.app import STATIC

pytestmark = [pytest.mark.e2e, needs_chromium]

AXE = Path(__file__).parent / "vendor" / "axe.min.js"
SCAN = file("scan.png", picture("ivory", (WIDTH, HEIGHT)))
TABLE = "| item | price |\n| --- | --- |\n| milk | ¥12.50 |"
ANSWER = f"The total is **¥42.40**.\n\n{TABLE}\n\n1. `A-17`\n2. $\\frac{{1}}{{2}}x^2$"
LENGTH = {"what": "width", "value": 9.1, "error": 0.2, "bbox": [10, 10, 90, 90], "picture": 0}
EVIL = "<img src=x onerror=\"document.title='run'\">"


@pytest.fixture
def page(browser: Browser, server: Running) -> Iterator[Page]:
    context = browser.new_context(locale="en-US", viewport={"width": 1280, "height": 800})
    yield opened(context.new_page(), server)
    context.close()


def opened(page: Page, server: Running) -> Page:
    page.set_default_timeout(30_000)
    page.goto(server.url)
    expect(page.locator("#model")).to_contain_text("A queue of answers")
    return page


def bring(page: Page, *files: Any) -> None:
    page.set_input_files("#file", list(files or [SCAN]))
    expect(page.locator("#size")).to_have_text(re.compile(r"\d+ × \d+"))


def ask(page: Page, question: str = "What is the total?") -> None:
    page.fill("#query", question)
    page.keyboard.press("Enter")
    expect(page.locator(".numbers").last).to_be_visible()


def box_of(locator: Locator) -> FloatRect:
    box = locator.bounding_box()
    assert box is not None
    return box


def drag(page: Page, corners: tuple[float, float, float, float]) -> None:
    """Draw a box around pixels of the original."""
    sheet = box_of(page.locator("#sheet"))
    x1, y1, x2, y2 = (
        value * sheet["width"] / WIDTH + sheet["x"]
        if index % 2 == 0
        else value * sheet["height"] / HEIGHT + sheet["y"]
        for index, value in enumerate(corners)
    )
    page.mouse.move(x1, y1)
    page.mouse.down()
    page.mouse.move((x1 + x2) / 2, y2, steps=3)
    page.mouse.move(x2, y2)
    page.mouse.up()


@pytest.mark.parametrize("zooms", [0, 4])
def test_a_box_drawn_at_any_zoom_arrives_within_a_pixel(server: Running, page: Page, zooms: int) -> None:
    bring(page)
    for _ in range(zooms):
        page.click("#zoom-in")
    page.click("#draw")
    drag(page, (250, 220, 520, 390))
    expect(page.locator("#scope")).to_contain_text("red boxes: 1")
    ask(page)
    (region,) = server.engine.requests[0].regions
    assert region.picture == 0
    assert region.box == pytest.approx((250, 220, 520, 390), abs=1)
    expect(page.locator(".about")).to_contain_text("red boxes only (1)")


def test_boxes_are_moved_resized_and_deleted_with_the_pointer(server: Running, page: Page) -> None:
    bring(page, SCAN, {**SCAN, "name": "second.png"})
    page.click("#draw")
    drag(page, (200, 200, 300, 300))
    page.click("#draw")
    drag(page, (250, 250, 350, 280))  # from its inside: moves it
    drag(page, (400, 330, 500, 430))  # from its corner: makes it larger
    page.click("#strip button >> nth=0")
    expect(page.locator("#regions .region")).to_have_count(0)
    expect(page.locator("#scope")).to_contain_text("red boxes: 1")
    ask(page)
    (region,) = server.engine.requests[0].regions
    assert region.picture == 1
    assert region.box == pytest.approx((300, 230, 500, 430), abs=2)
    page.click("#scope-clear")
    expect(page.locator("#scope")).not_to_be_visible()


def test_everything_about_a_question_can_be_done_with_keys(server: Running, page: Page) -> None:
    bring(page)
    page.focus("#draw")
    page.keyboard.press("Enter")
    region = page.locator("#regions .region")
    expect(region).to_be_focused()
    before = [
        float(number) for number in re.findall(r"\d+(?=[,.])", region.get_attribute("aria-label") or "")[:4]
    ]
    for key in ("ArrowRight", "ArrowRight", "ArrowDown", "Shift+ArrowRight"):
        page.keyboard.press(key)
    page.focus("#zoom-in")
    page.keyboard.press("Enter")
    page.focus("#draw")
    page.keyboard.press("Enter")
    page.keyboard.press("Delete")
    expect(region).to_have_count(1)
    page.focus("#query")
    page.keyboard.type("What is in it?")
    page.keyboard.press("Enter")
    expect(page.locator(".numbers")).to_have_count(1)
    (asked,) = server.engine.requests[0].regions
    moved = [new - old for new, old in zip(asked.box, before, strict=True)]
    assert moved[0] > 0
    assert moved[1] > 0
    assert moved[2] > moved[0]
    assert moved[3] == pytest.approx(moved[1], abs=1)


def test_places_and_words_light_each_other_and_lie_where_they_should(page: Page) -> None:
    answer_with(page, evidence(ANSWER))
    bring(page)
    ask(page)
    for _ in range(3):
        sheet, drawn = box_of(page.locator("#sheet")), box_of(page.locator("#places rect").first)
        scale = sheet["width"] / WIDTH
        assert (drawn["x"] - sheet["x"]) / scale == pytest.approx(400, abs=2)
        assert (drawn["y"] - sheet["y"]) / scale == pytest.approx(300, abs=2)
        page.click("#zoom-in")
    page.click("#level")
    mark = page.locator("mark.place")
    expect(mark).to_have_text("¥42.40")
    mark.hover()
    expect(page.locator("#places .lit")).to_have_count(1)
    page.locator("#places .place >> nth=0").hover()
    expect(mark).to_have_class("place lit")
    page.focus(".place-chip >> nth=1")
    expect(page.locator("#places .place >> nth=1")).to_have_class("place lit")


def test_the_heat_of_each_word_is_shown_over_the_picture(page: Page) -> None:
    answer_with(page, evidence("Total: 42"))
    bring(page)
    ask(page)
    page.click("[data-shows=heat]")
    expect(page.locator("#heat-share")).to_contain_text("31%")
    assert box_of(page.locator("#heat")) == pytest.approx(box_of(page.locator("#sheet")), abs=0.6)
    hottest = """() => { const data = document.getElementById("heat").getContext("2d").getImageData(0, 0, 4, 3).data;
        return [...Array(12).keys()].filter((cell) => data[4 * cell + 3] === 255); }"""
    assert page.evaluate(hottest) == [0]
    page.locator(".token >> nth=0").hover()
    assert page.evaluate(hottest) == [5]
    page.focus(".tokens")
    page.keyboard.press("ArrowRight")
    assert page.evaluate(hottest) == [6]
    page.locator("#heat-opacity").fill("20")
    assert page.evaluate("document.getElementById('heat').style.opacity") == "0.2"
    page.click("#heat-close")
    expect(page.locator("#heat")).not_to_be_visible()


def test_markdown_is_built_and_nothing_in_it_runs(server: Running, page: Page) -> None:
    said = f"# {EVIL}\n\n{ANSWER}\n\n[here](javascript:alert(1)) ![x](http://a.example/x.png)\n\n```\n{EVIL}\n```"
    server.engine.replies.append(Reply([said[:20], said[20:]]))
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    bring(page, {**SCAN, "name": EVIL})
    ask(page, EVIL)
    prose = page.locator(".prose")
    expect(prose.locator("h3")).to_have_text(EVIL)
    expect(prose.locator("td").first).to_have_text("milk")
    expect(prose.locator("math mfrac")).to_have_count(1)
    expect(prose.locator("pre")).to_have_text(EVIL)
    expect(prose.locator("a, img, script")).to_have_count(0)
    expect(page).to_have_title(re.compile("见微"))
    assert not [url for url in asked if "example" in url]


def test_a_conversation_leaves_as_markdown_and_json(page: Page) -> None:
    bring(page)
    ask(page, "Parcel")
    page.click("#open-history")
    with (
        page.expect_download(lambda item: item.suggested_filename.endswith(".md")) as words,
        page.expect_download(lambda item: item.suggested_filename.endswith(".json")) as data,
    ):
        page.click("[aria-label='Export: Parcel']")
    assert "> Parcel\n\nA carton." in words.value.path().read_text("utf-8")
    assert json.loads(data.value.path().read_text("utf-8"))["turns"][0]["answer"] == "A carton."


def test_many_pictures_errors_are_retried_and_columns_exported(server: Running, page: Page) -> None:
    for reply in (['{"total": "=1+2"}'], ['{"total": "¥9"}']):
        server.engine.replies.append(Reply(reply))
    server.engine.replies.append(Reply([], error=EngineError("engine_crashed")))
    files = [
        file(name, picture(colour))
        for name, colour in (("a.png", "red"), ("b.png", "blue"), ("c.png", "lime"))
    ]
    page.click("#open-many")
    page.set_input_files("#many-files", files)
    page.fill("#many-query", "What is the total?")
    page.fill("#many-columns", "total")
    page.click("#many-start")
    expect(page.locator("#many-rows tr.failed")).to_have_count(1)
    server.engine.replies.append(Reply(['{"total": "¥7"}']))
    page.click("#many-retry")
    expect(page.locator("#many-rows tr.done")).to_have_count(3)
    page.fill("#many-filter", "¥7")
    expect(page.locator("#many-rows tr:visible")).to_have_count(1)
    with page.expect_download() as saved:
        page.click("#many-csv")
    rows = saved.value.path().read_text("utf-8-sig").splitlines()
    assert rows[0] == "file,state,total"
    # What a spreadsheet would compute leaves as text.
    assert sorted(row.split(",")[2] for row in rows[1:]) == ["'=1+2", "¥7", "¥9"]


def test_the_switches_are_sent_and_remembered(server: Running, page: Page) -> None:
    bring(page)
    page.click("#more")
    page.fill("#temperature", "0.7")
    page.fill("#max-tokens", "64")
    page.select_option("#detail", "high")
    ask(page)
    request = server.engine.requests[0]
    assert (request.sampling.temperature, request.sampling.max_tokens, request.detail) == (0.7, 64, "high")
    page.reload()
    expect(page.locator("#temperature")).to_have_value("0.7")
    expect(page.locator("#more")).to_have_attribute("data-count", "3")


def test_where_motion_is_unwelcome_a_style_changes_at_once(server: Running, browser: Browser) -> None:
    """Even a transition of a millisecond shows the old style until the next frame."""
    context = browser.new_context(reduced_motion="reduce")
    page = opened(context.new_page(), server)
    page.click("#open-many")
    page.set_input_files("#many-files", [SCAN])
    expect(page.locator("#many-csv")).to_be_disabled()
    opacity = """async () => {
        const button = document.getElementById("many-csv");
        await new Promise((painted) => requestAnimationFrame(() => requestAnimationFrame(painted)));
        const before = getComputedStyle(button).opacity;
        button.disabled = false;
        return [before, getComputedStyle(button).opacity];
    }"""
    assert page.evaluate(opacity) == ["0.5", "1"]
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(server: Running, browser: Browser, scheme: Any) -> None:
    context = browser.new_context(
        locale="en-US", color_scheme=scheme, reduced_motion="reduce", bypass_csp=True
    )
    page = opened(context.new_page(), server)
    page.add_script_tag(path=AXE)
    found: dict[str, Any] = {}

    def look(state: str) -> None:
        rules = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
        result = page.evaluate("(rules) => axe.run(document, rules)", rules)
        for violation in result["violations"]:
            found[f"{state}: {violation['id']}"] = [node["html"][:160] for node in violation["nodes"]]

    look("empty")
    answer_with(page, evidence(ANSWER))
    bring(page, SCAN, {**SCAN, "name": "second.png"})
    page.focus("#draw")
    page.keyboard.press("Enter")
    page.click("#more")
    look("picture with a box, options open")
    page.click("#more")
    ask(page)
    look("answer with places")
    page.click("[data-shows=heat]")
    page.click(".numbers summary")
    page.click(".menu summary")
    look("heat map, numbers, menu")
    page.click("#open-bonnet")
    expect(page.locator("#bonnet-live")).to_contain_text("blocks")
    look("under the bonnet")
    page.click("#close-bonnet")
    page.unroute("**/api/v1/chat")
    page.fill("#query", "And?")  # in a conversation that the server does not know
    page.keyboard.press("Enter")
    expect(page.locator(".error")).to_be_visible()
    look("error")
    page.click("#open-history")
    expect(page.locator("#conversations")).not_to_be_empty()
    look("conversations")
    page.click("#close-history")
    page.click("#open-many")
    report = file("a.pdf", pdf("red", "blue"), "application/pdf")
    page.set_input_files("#many-files", [SCAN, report, {**SCAN, "name": "bad.png", "buffer": b"x"}])
    look("many pictures")
    page.fill("#many-query", "What is the total?")
    page.click("#many-start")
    expect(page.locator("#many-rows tr.done")).to_have_count(2)
    expect(page.locator("#many-retry")).to_be_visible()  # the buttons follow the rows a frame later
    look("many pictures, answered")
    page.click("#many-close")
    page.click("#new")
    page.set_input_files("#file", [report])
    expect(page.locator("#pages-list li")).to_have_count(2)
    page.click("#more")
    page.select_option("#scale-kind", "ref")
    look("pages of a PDF, a scale")
    lengths = {**evidence("9 cm"), "scale": "a4", "measures": [LENGTH]}
    answer_with(page, lengths)
    page.click("#more")
    ask(page)
    expect(page.locator(".lengths")).to_be_visible()
    look("lengths")
    large = file("large.png", picture("ivory", (2400, 1800)))
    bring(page, large)
    expect(page.locator("#surface")).to_be_visible()
    page.click("#magnify")
    look("large picture")
    page.evaluate("document.getElementById('key-dialog').showModal()")
    look("a key is asked for")
    context.close()
    assert found == {}


def test_the_page_is_light_and_asks_nobody_else(server: Running, browser: Browser) -> None:
    context = browser.new_context(locale="zh-CN")
    page = context.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(server.url, wait_until="networkidle")
    context.close()
    assert all(url.startswith(server.url) for url in asked)
    names = {url.removeprefix(server.url + "/static/") for url in asked if "/static/" in url} | {"index.html"}
    assert len(names) > 20
    # Asked for at once and not one after the other, as they import each other.
    early = re.findall(
        r'modulepreload" href="/static/js/(\w+\.js)"', (STATIC / "index.html").read_text("utf-8")
    )
    others = {"early.js", "docs.js", "main.js", "pixels.js"}
    modules = {path.name for path in (STATIC / "js").iterdir()} - others
    assert set(early) == modules
    assert sum(len(gzip.compress((STATIC / name).read_bytes())) for name in names) < 150_000
    code = [path for path in STATIC.rglob("*") if path.suffix in {".js", ".css", ".html", ".svg"}]
    assert sum(len(gzip.compress(path.read_bytes())) for path in code) < 100_000
    assert max(len(path.read_text("utf-8").splitlines()) for path in code if path.suffix == ".js") <= 300
    assert all(path.stat().st_size < 60_000 for path in (STATIC / "examples").iterdir())


def test_a_long_conversation_comes_back_in_order_with_its_end_in_sight(server: Running, page: Page) -> None:
    store = server.app.state.context.store
    conversation = None
    for number in range(45):
        turn = store.begin_turn(conversation, f"Question {number}?", [], {})
        conversation = turn.conversation
        store.finish_turn(turn.id, "done", f"Answer {number}.\n\n{TABLE}", {})
    page.goto(f"{server.url}#{conversation}")
    page.reload()
    expect(page.locator(".query")).to_have_text([f"Question {number}?" for number in range(45)])
    expect(page.locator(".prose").last).to_be_in_viewport()
    page.locator(".query").first.scroll_into_view_if_needed()
    expect(page.locator(".prose").first).to_contain_text("Answer 0.")
