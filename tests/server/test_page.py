"""The page in a real browser, with an engine that answers from a queue."""

from __future__ import annotations

import base64
import json
import re
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from browser import chromium, file, needs_chromium
from playwright.sync_api import Browser, Page, expect
from server_fakes import Reply, Running, picture, serving, wait_until

from jianwei.errors import EngineError, InputError

pytestmark = [pytest.mark.e2e, needs_chromium]

RED = file("box.png", picture("red", (320, 240)))
BLUE = file("blue.png", picture("blue", (240, 320)))


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture
def page(browser: Browser, server: Running) -> Iterator[Page]:
    yield from open_page(browser, server.url)


def open_page(browser: Browser, url: str, locale: str = "en-US", **options: Any) -> Iterator[Page]:
    """The page; at the end it must have complained of nothing and have asked nobody else."""
    context = browser.new_context(locale=locale, **options)
    page = context.new_page()
    problems: list[str] = []
    origin = "/".join(url.split("/")[:3])
    page.set_default_timeout(30_000)
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on(
        "console",
        # A response that says no is no fault of the page, but the browser notes it.
        lambda message: (
            problems.append(message.text)
            if message.type == "error" and "Failed to load resource" not in message.text
            else None
        ),
    )
    page.on(
        "request",
        lambda request: (
            None if request.url.startswith((origin, "blob:", "data:")) else problems.append(request.url)
        ),
    )
    page.goto(url)
    yield page
    context.close()
    assert problems == []


def ask(page: Page, question: str) -> None:
    page.fill("#query", question)
    page.keyboard.press("Enter")


def test_a_picture_is_brought_asked_about_and_the_answer_comes_in_pieces(server: Running, page: Page) -> None:
    expect(page.locator("#model")).to_contain_text("A queue of answers · small built-in model")
    hold = threading.Event()
    server.engine.replies.append(Reply(["A torn ", "carton."], hold=hold))
    page.set_input_files("#file", [RED])
    expect(page.locator("#large")).to_be_visible()
    expect(page.locator("#caption")).to_have_text("box.png")
    ask(page, "What is this?")
    expect(page.locator(".answer")).to_have_text("A torn ")
    expect(page.locator(".answer")).to_have_attribute("aria-busy", "true")
    hold.set()
    expect(page.locator(".answer")).to_have_text("A torn carton.")
    expect(page.locator(".answer")).to_have_attribute("aria-busy", "false")
    expect(page.locator("#said")).to_contain_text("A torn carton.")
    expect(page.locator(".numbers summary")).to_have_text("0.20 s")


def test_questions_in_a_row_send_the_picture_once(server: Running, page: Page) -> None:
    page.set_input_files("#file", [RED])
    ask(page, "What is this?")
    expect(page.locator(".numbers")).to_have_count(1)
    ask(page, "Which colour?")
    expect(page.locator(".numbers")).to_have_count(2)
    assert server.decoder.decoded == 1
    assert [message.text for message in server.engine.requests[1].messages] == [
        "What is this?", "A carton.", "Which colour?",
    ]  # fmt: skip
    page.set_input_files("#file", [BLUE])
    ask(page, "And this one?")
    expect(page.locator(".numbers")).to_have_count(3)
    expect(page.locator("#strip li")).to_have_count(2)
    assert [len(message.images) for message in server.engine.requests[2].messages] == [1, 0, 0, 0, 1]


def test_a_conversation_comes_back_after_a_reload(page: Page) -> None:
    page.set_input_files("#file", [RED])
    ask(page, "What is this?")
    expect(page.locator(".numbers")).to_have_count(1)
    page.reload()
    expect(page.locator(".query")).to_have_text("What is this?")
    expect(page.locator(".answer")).to_have_text("A carton.")
    expect(page.locator("#large")).to_be_visible()
    ask(page, "And now?")
    expect(page.locator(".numbers")).to_have_count(2)


def test_pictures_can_be_dropped_and_pasted(page: Page) -> None:
    bring = """([text, kind]) => {
        const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
        const data = new DataTransfer();
        data.items.add(new File([bytes], `${kind}.png`, { type: "image/png" }));
        const event = kind === "drop" ? new DragEvent("drop", { dataTransfer: data, bubbles: true, cancelable: true })
            : new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true });
        document.body.dispatchEvent(event);
    }"""
    text = base64.b64encode(picture()).decode()
    for kind in ("drop", "paste"):
        page.evaluate(bring, [text, kind])
    expect(page.locator("#attached .name")).to_have_text(["drop.png", "paste.png"])
    page.click("#attached button >> nth=0")
    expect(page.locator("#attached .name")).to_have_text(["paste.png"])


def test_json_is_shown_as_a_tree_and_can_be_saved(server: Running, page: Page) -> None:
    answer = {"objects": ["货架"], "texts": ["¥29.9/盒"], "spatial_relations": []}
    server.engine.replies.append(Reply([json.dumps(answer, ensure_ascii=False)]))
    page.set_input_files("#file", [RED])
    page.locator("#json").check(force=True)
    ask(page, "List")
    expect(page.locator(".tree .value").first).to_have_text("货架")
    expect(page.locator(".tree")).to_contain_text(["¥29.9/盒"])
    assert server.engine.requests[0].grammar is not None
    with page.expect_download() as saved:
        page.click("text=Download JSON")
    assert json.loads(saved.value.path().read_text("utf-8")) == answer
    page.reload()
    expect(page.locator("#json")).to_be_checked()
    expect(page.locator(".tree .value").first).to_have_text("货架")


def test_an_error_says_what_to_do_and_asking_again_works(server: Running, page: Page) -> None:
    server.engine.replies.append(Reply(["half"], error=EngineError("engine_crashed")))
    page.set_input_files("#file", [RED])
    ask(page, "What is this?")
    expect(page.locator(".error")).to_contain_text("The engine stopped")
    expect(page.locator(".error")).to_contain_text("Ask again.")
    page.click("text=Ask again >> visible=true >> nth=-1")
    expect(page.locator(".answer")).to_have_text("A carton.")
    expect(page.locator(".error")).to_have_count(0)
    assert server.decoder.decoded == 1


def test_a_refused_picture_is_handed_back_and_can_be_replaced(server: Running, page: Page) -> None:
    bad = file("bad.png", b"no picture")
    page.set_input_files("#file", [bad])
    ask(page, "What is this?")
    expect(page.locator(".error")).to_contain_text("“bad.png” is not a picture")
    page.click("#attached button")
    page.set_input_files("#file", [RED])
    page.click("text=Ask again >> visible=true >> nth=-1")
    expect(page.locator(".answer")).to_have_text("A carton.")
    assert len(server.engine.requests) == 1


def test_files_that_cannot_be_sent_are_refused_at_once(tmp_path: Path, browser: Browser) -> None:
    with serving(tmp_path, max_upload=1, max_pictures=2) as server:
        for page in open_page(browser, server.url):
            expect(page.locator("#limits")).to_have_text("Up to 1 MB each, 2 at most")
            large = file("large.png", bytes(2 << 20))
            page.set_input_files("#file", [large])
            expect(page.locator("#notice")).to_contain_text("“large.png” is over 1 MB")
            text = file("a.txt", b"a", "text/plain")
            page.set_input_files("#file", [text])
            expect(page.locator("#notice")).to_contain_text("“a.txt” is not a picture")
            page.set_input_files("#file", [RED, BLUE])
            page.set_input_files("#file", [RED])
            expect(page.locator("#notice")).to_contain_text("At most 2 pictures")
            expect(page.locator("#attached li")).to_have_count(2)
            page.set_input_files("#file", [RED, BLUE, RED])
            expect(page.locator("#many")).to_be_visible()
            expect(page.locator("#many-rows tr")).to_have_count(3)


def test_an_answer_can_be_stopped_and_what_there_is_stays(server: Running, page: Page) -> None:
    server.engine.replies.append(Reply(["A torn ", "never"], hold=threading.Event()))
    page.set_input_files("#file", [RED])
    ask(page, "What is this?")
    expect(page.locator(".answer")).to_have_text("A torn ")
    page.click("#send")
    expect(page.locator(".note")).to_have_text("Stopped")
    expect(page.locator(".answer")).to_have_text("A torn ")
    ask(page, "Go on")
    expect(page.locator(".answer").last).to_have_text("A carton.")


def test_a_new_conversation_leaves_the_old_answer_behind(server: Running, page: Page) -> None:
    server.engine.replies.append(Reply(["A torn ", "never"], hold=threading.Event()))
    page.set_input_files("#file", [RED])
    ask(page, "What is this?")
    expect(page.locator(".answer")).to_have_text("A torn ")
    page.click("#new")
    wait_until(lambda: server.engine.cancelled)
    expect(page.locator("#send")).to_be_disabled()
    expect(page.locator(".turn")).to_have_count(0)
    expect(page.locator("#drop")).to_be_visible()
    page.set_input_files("#file", [BLUE])
    ask(page, "And this?")
    expect(page.locator(".answer")).to_have_text("A carton.")
    assert len(server.engine.requests[-1].messages) == 1


def test_nothing_that_a_file_or_an_answer_says_is_run(server: Running, page: Page) -> None:
    evil = "<img src=x onerror=\"document.title='run'\"><script>document.title='run'</script>"
    server.engine.replies.append(Reply([evil]))
    page.set_input_files("#file", [{**RED, "name": evil.replace("/", "-")}])
    ask(page, evil)
    expect(page.locator(".answer")).to_have_text(evil)
    expect(page.locator(".query")).to_have_text(evil)
    page.click("#open-history")
    expect(page.locator(".entry .title")).to_contain_text("<img src=x")
    expect(page).to_have_title(re.compile("见微"))


def test_the_page_speaks_both_languages_and_remembers(page: Page) -> None:
    expect(page.locator("#drop strong")).to_have_text("Bring a picture")
    page.click("#language")
    expect(page.locator("#drop strong")).to_have_text("放一张图片进来")
    expect(page.locator("html")).to_have_attribute("lang", "zh-CN")
    page.reload()
    expect(page.locator("#drop strong")).to_have_text("放一张图片进来")
    page.set_input_files("#file", [{**RED, "buffer": b"x"}])
    ask(page, "这是什么？")
    expect(page.locator(".error")).to_contain_text("不是可以识别的图片")


@pytest.mark.parametrize(("locale", "heading"), [("zh-CN", "看得见，问得清"), ("en-GB", "See it. Ask it.")])
def test_the_browsers_language_is_spoken_first(
    server: Running, browser: Browser, locale: str, heading: str
) -> None:
    for page in open_page(browser, server.url, locale):
        expect(page.locator("#empty h2")).to_have_text(heading)


def test_the_theme_follows_the_system_until_it_is_chosen(server: Running, browser: Browser) -> None:
    def ground(page: Page) -> str:
        return page.evaluate("getComputedStyle(document.body).backgroundColor")

    for page in open_page(browser, server.url, color_scheme="dark"):
        dark = ground(page)
        page.click("#theme")  # light
        light = ground(page)
        assert light != dark
        page.reload()
        assert ground(page) == light
        page.click("#theme")  # dark
        assert ground(page) == dark


def test_conversations_are_searched_renamed_opened_and_deleted(page: Page) -> None:
    page.on("dialog", lambda dialog: dialog.accept())
    for question in ("Parcel", "Receipt"):
        page.set_input_files("#file", [RED])
        ask(page, question)
        expect(page.locator(".numbers")).to_have_count(1)
        page.click("#new")
        expect(page.locator(".turn")).to_have_count(0)
    page.click("#open-history")
    titles = page.locator(".entry .title")
    expect(titles).to_have_text(["Receipt", "Parcel"])
    page.fill("#search", "parc")
    expect(titles).to_have_text(["Parcel"])
    page.click("[aria-label='Rename: Parcel']")
    page.fill(".rename input", "Box 7")
    page.keyboard.press("Enter")
    expect(titles).to_have_text(["Box 7"])
    page.click(".entry")
    expect(page.locator(".query")).to_have_text("Parcel")
    page.click("#open-history")
    page.click("[aria-label='Delete: Box 7']")
    expect(titles).to_have_text(["Receipt"])
    expect(page.locator(".turn")).to_have_count(0)


def test_a_server_with_a_key_asks_for_it_and_remembers(tmp_path: Path, browser: Browser) -> None:
    with serving(tmp_path, api_key="right") as server:
        for page in open_page(browser, server.url):
            page.fill("#key", "wrong")
            page.keyboard.press("Enter")
            page.fill("#key", "right")
            page.keyboard.press("Enter")
            expect(page.locator("#key-dialog")).not_to_be_visible()
            expect(page.locator("#model")).to_contain_text("A queue of answers")
            page.set_input_files("#file", [RED])
            ask(page, "What is this?")
            expect(page.locator(".answer")).to_have_text("A carton.")
            page.reload()
            expect(page.locator("#large")).to_be_visible()


def test_while_the_model_loads_a_question_waits(server: Running, page: Page) -> None:
    expect(page.locator("#model")).to_contain_text("A queue of answers")
    server.engine.state = "loading"
    page.set_input_files("#file", [RED])
    ask(page, "What is this?")
    expect(page.locator(".answer")).to_have_text("Loading the model …")
    server.engine.state = "ready"
    expect(page.locator(".answer")).to_have_text("A carton.", timeout=10_000)


def test_a_server_that_goes_away_is_told_and_nothing_is_lost(tmp_path: Path, browser: Browser) -> None:
    with serving(tmp_path) as server:
        pages = open_page(browser, server.url)
        page = next(pages)
        server.engine.replies.append(Reply(["A torn ", "never"], hold=threading.Event()))
        page.set_input_files("#file", [RED])
        ask(page, "What is this?")
        expect(page.locator(".answer")).to_have_text("A torn ")
    # Either the stream still ended in order, as stopped, or the line was cut.
    expect(page.locator(".foot")).to_contain_text("Ask again")
    expect(page.locator(".answer")).to_contain_text("A torn")
    page.click("text=Ask again >> visible=true >> nth=-1")
    expect(page.locator(".error")).to_contain_text("The server cannot be reached")
    next(pages, None)


def test_too_long_a_conversation_is_an_error_with_a_way_out(server: Running, page: Page) -> None:
    server.engine.replies.append(Reply([], error=InputError("context_too_long", got=9000, limit=4096)))
    page.set_input_files("#file", [RED])
    ask(page, "q")
    expect(page.locator(".error")).to_contain_text("start a new conversation")


def test_everything_can_be_reached_by_keyboard(server: Running, page: Page) -> None:
    reached: set[str] = set()
    for _ in range(16):
        page.keyboard.press("Tab")
        reached.add(page.evaluate("document.activeElement.id"))
    assert {"open-history", "new", "language", "theme", "drop", "query", "attach", "json"} <= reached
    page.set_input_files("#file", [RED, BLUE])
    page.focus("#strip button[aria-current]")
    page.keyboard.press("ArrowLeft")
    expect(page.locator("#caption")).to_have_text("box.png")


@pytest.mark.parametrize("width", [360, 768, 1280, 2560])
def test_nothing_hangs_over_the_edge(server: Running, browser: Browser, width: int) -> None:
    for page in open_page(browser, server.url, viewport={"width": width, "height": 800}):
        page.set_input_files("#file", [RED, BLUE])
        server.engine.replies.append(Reply(["word" * 400]))
        ask(page, "x" * 500)
        expect(page.locator(".numbers")).to_have_count(1)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert page.evaluate("document.documentElement.scrollHeight") <= 800
        for element in ("#send", "#query", "#large", "#open-history"):
            box = page.locator(element).bounding_box()
            assert box is not None
            assert box["x"] >= 0
            assert box["x"] + box["width"] <= width


def test_the_description_of_the_api_is_shown(server: Running, browser: Browser) -> None:
    for page in open_page(browser, server.url + "/docs"):
        page.click(".operation summary >> nth=0")
        expect(page.locator(".operation table >> nth=0")).to_contain_text("conversation_id")
        expect(page.locator(".path", has_text="/v1/chat/completions")).to_be_visible()


def test_what_the_browser_cannot_show_gets_a_preview_with_the_answer(server: Running, page: Page) -> None:
    tiff = file("scan.tiff", picture("lime", kind="TIFF"), "image/tiff")
    page.set_input_files("#file", [tiff])
    expect(page.locator("#no-preview")).to_be_visible()
    ask(page, "q")
    expect(page.locator("#large")).to_be_visible()
    expect(page.locator("#no-preview")).not_to_be_visible()
    wait_until(lambda: page.evaluate("document.getElementById('large').naturalWidth") == 64)
