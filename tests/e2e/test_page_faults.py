"""What can go wrong between a person and an answer: one clear message, nothing lost, and asking again works."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from browser import file, needs_chromium
from paged_files import pdf
from playwright.sync_api import Browser, Page, Route, expect
from served import free_port
from server_fakes import Reply, Running, application, listening, picture, serving

from jianwei.errors import EngineError

pytestmark = [pytest.mark.e2e, needs_chromium]

PHOTO = file("a.png", picture("red", (320, 240)))


@contextlib.contextmanager
def server_at(port: int, home: Path) -> Iterator[Running]:
    with application(home) as running, listening(running.app, port) as running.url:
        yield running


@contextlib.contextmanager
def page_at(browser: Browser, url: str) -> Iterator[Page]:
    context = browser.new_context(locale="en-US")
    page = context.new_page()
    page.set_default_timeout(30_000)
    page.goto(url)
    expect(page.locator("#model")).to_contain_text("A queue of answers")
    yield page
    context.close()


def ask(page: Page, question: str = "What is it?") -> None:
    page.fill("#query", question)
    page.keyboard.press("Enter")


def test_a_server_stopped_and_started_in_mid_answer_costs_no_question(
    browser: Browser, tmp_path: Path
) -> None:
    port = free_port()
    with server_at(port, tmp_path) as first, contextlib.ExitStack() as stack:
        page = stack.enter_context(page_at(browser, first.url))
        stack.pop_all()
        first.engine.replies.append(Reply(["A torn ", "never"], hold=threading.Event()))
        page.set_input_files("#file", [PHOTO])
        ask(page)
        expect(page.locator(".answer")).to_have_text("A torn ")
    expect(page.locator("#model")).to_have_text("The server cannot be reached", timeout=30_000)
    expect(page.locator(".foot")).to_contain_text("Ask again")
    expect(page.locator(".answer")).to_contain_text("A torn")
    with server_at(port, tmp_path) as second:
        expect(page.locator("#model")).to_contain_text("A queue of answers", timeout=30_000)
        page.click(".foot >> text=Ask again")
        expect(page.locator(".answer").last).to_have_text("A carton.")
        expect(page.locator(".turn")).to_have_count(1)
        # The picture was kept: it is not sent again, and it is there.
        assert len(second.engine.requests[-1].messages[0].images) == 1
        page.reload()
        expect(page.locator(".query").last).to_have_text("What is it?")
        expect(page.locator("#large")).to_be_visible()
        page.context.close()


def test_a_cut_line_is_told_once_and_the_question_goes_when_it_is_back(
    browser: Browser, tmp_path: Path
) -> None:
    with serving(tmp_path) as server, page_at(browser, server.url) as page:
        page.set_input_files("#file", [PHOTO])
        expect(page.locator("#size")).to_have_text("320 × 240")
        page.context.set_offline(True)
        ask(page)
        expect(page.locator(".error")).to_have_count(1)
        expect(page.locator(".error")).to_contain_text("The server cannot be reached")
        expect(page.locator("#attached .name")).to_have_text(["a.png"])
        expect(page.locator(".query")).to_have_text("What is it?")
        page.context.set_offline(False)
        page.click(".foot >> text=Ask again")
        expect(page.locator(".answer")).to_have_text("A carton.")
        expect(page.locator(".error")).to_have_count(0)


def test_a_question_waits_for_an_example_that_is_still_on_its_way(browser: Browser, tmp_path: Path) -> None:
    with serving(tmp_path) as server, page_at(browser, server.url) as page:
        held: list[Route] = []

        def hold(route: Route) -> None:
            held.append(route)

        page.route("**/static/examples/receipt.en.webp", hold)
        page.click(".example >> nth=0")
        ask(page)
        page.keyboard.press("Enter")  # impatience neither asks twice nor stops the answer
        expect(page.locator("#query")).to_have_value("What is it?")
        expect(page.locator("#notice")).to_be_hidden()
        assert not server.engine.requests
        held[0].continue_()
        expect(page.locator(".answer")).to_have_text("A carton.")
        expect(page.locator(".turn")).to_have_count(1)
        assert len(server.engine.requests[-1].messages[0].images) == 1


def test_an_example_that_does_not_come_leaves_the_question_where_it_is(
    browser: Browser, tmp_path: Path
) -> None:
    with serving(tmp_path) as server, page_at(browser, server.url) as page:
        page.route("**/static/examples/receipt.en.webp", lambda route: route.abort())
        page.click(".example >> nth=0")
        ask(page)
        expect(page.locator("#notice")).not_to_be_empty()
        expect(page.locator("#query")).to_have_value("What is it?")
        page.set_input_files("#file", [PHOTO])
        page.keyboard.press("Enter")
        expect(page.locator(".answer")).to_have_text("A carton.")


def test_a_pdf_that_is_brought_before_the_page_knows_its_model_is_opened(
    browser: Browser, tmp_path: Path
) -> None:
    with serving(tmp_path) as server:
        page = browser.new_context(locale="en-US").new_page()
        page.set_default_timeout(30_000)
        page.route("**/api/v1/model", lambda _: None)  # is asked for, and never comes
        page.goto(server.url)
        page.set_input_files("#file", [file("a.pdf", pdf("red", "lime"), "application/pdf")])
        expect(page.locator("#pages-list li")).to_have_count(2)
        ask(page)
        expect(page.locator(".answer")).to_have_text("A carton.")
        assert len(server.engine.requests[-1].messages[0].images) == 1
        page.context.close()


def test_an_engine_that_is_busy_is_asked_again_by_itself(browser: Browser, tmp_path: Path) -> None:
    with serving(tmp_path, max_running=1, max_queue=1) as server, page_at(browser, server.url) as page:
        hold = threading.Event()
        with page_at(browser, server.url) as one, page_at(browser, server.url) as two:
            for other in (one, two):
                server.engine.replies.append(Reply(["First ", "answer."], hold=hold))
                other.set_input_files("#file", [PHOTO])
                ask(other)
                expect(other.locator(".answer")).to_have_text("First ")
            page.set_input_files("#file", [PHOTO])
            ask(page, "Second?")
            expect(page.locator(".answer")).to_have_text("Busy; trying again …")
            expect(page.locator(".error")).to_have_count(0)
            hold.set()
            expect(one.locator(".answer")).to_have_text("First answer.")
            expect(two.locator(".answer")).to_have_text("First answer.")
        expect(page.locator(".answer")).to_have_text("A carton.")
        expect(page.locator(".turn")).to_have_count(1)


def test_an_engine_that_dies_costs_one_answer(browser: Browser, tmp_path: Path) -> None:
    with serving(tmp_path) as server, page_at(browser, server.url) as page:
        server.engine.replies.append(Reply(["half "], error=EngineError("engine_crashed")))
        page.set_input_files("#file", [PHOTO])
        ask(page)
        expect(page.locator(".error")).to_have_count(1)
        expect(page.locator(".answer")).to_contain_text("half")
        page.click(".foot >> text=Ask again")
        expect(page.locator(".answer")).to_have_text("A carton.")


def test_an_edited_question_is_asked_as_a_new_one_about_the_same_picture(
    browser: Browser, tmp_path: Path
) -> None:
    with serving(tmp_path) as server, page_at(browser, server.url) as page:
        page.set_input_files("#file", [PHOTO])
        ask(page, "What is it")
        expect(page.locator(".numbers")).to_have_count(1)
        page.click(".foot >> text=Edit")
        expect(page.locator("#query")).to_have_value("What is it")
        page.keyboard.type(" made of?")
        page.keyboard.press("Enter")
        expect(page.locator(".numbers")).to_have_count(2)
        assert server.engine.requests[-1].messages[-1].text == "What is it made of?"
        assert server.decoder.decoded == 1
