"""Files on the page in a real browser: pages of a PDF, frames of a video, uploads, tables, lengths, comparing."""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import PIL.Image
import pytest
from browser import file, needs_chromium
from page_fakes import answer_with, evidence
from paged_files import locked_pdf, pdf, video
from playwright.sync_api import Browser, FloatRect, Page, expect
from server_fakes import Reply, Running, picture, wait_until

from jianwei.evidence.quality import measure
from jianwei.types import Enhanced, Evidence, Image, Measure

pytestmark = [pytest.mark.e2e, needs_chromium]

SHEET = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
REPORT = file("report.pdf", pdf("red", "lime", "blue", "white"), "application/pdf")


@pytest.fixture
def page(browser: Browser, server: Running) -> Iterator[Page]:
    context = browser.new_context(locale="en-US", viewport={"width": 1280, "height": 800})
    page = context.new_page()
    page.set_default_timeout(30_000)
    page.goto(server.url)
    expect(page.locator("#model")).to_contain_text("A queue of answers")
    yield page
    context.close()


def ask(page: Page, question: str = "What is it?") -> None:
    answers = page.locator(".numbers").count()
    page.fill("#query", question)
    page.keyboard.press("Enter")
    expect(page.locator(".numbers")).to_have_count(answers + 1)


def shown_names(server: Running) -> list[list[str]]:
    return [[image.name for image in message.images] for message in server.engine.requests[-1].messages]


def test_pages_of_a_pdf_are_a_strip_and_the_one_looked_at_is_asked_about(server: Running, page: Page) -> None:
    page.set_input_files("#file", [REPORT])
    expect(page.locator("#pages-list li")).to_have_count(4)
    expect(page.locator("#pages-state")).to_contain_text("4 pages")
    expect(page.locator("#caption")).to_have_text("report.pdf · 1")
    page.click("#pages-list button >> nth=2")
    expect(page.locator("#caption")).to_have_text("report.pdf · 3")
    expect(page.locator("#attached .name")).to_have_text(["report.pdf · 3"])
    ask(page)
    assert shown_names(server) == [["report.pdf · 3"]]
    pixel = server.engine.requests[-1].messages[0].images[0].pixels[9, 9]
    assert int(pixel.argmax()) == 2
    # On in the same conversation: another page, and one more ticked.
    page.click("#pages-list button >> nth=0")
    page.locator("#pages-list input >> nth=1").check()
    ask(page, "And these?")
    assert shown_names(server) == [["report.pdf · 3"], [], ["report.pdf · 1", "report.pdf · 2"]]
    expect(page.locator("#pages-list input >> nth=2")).to_be_disabled()
    page.reload()
    expect(page.locator("#strip button")).to_have_count(3)


def test_pages_are_chosen_with_keys(server: Running, page: Page) -> None:
    page.set_input_files("#file", [REPORT])
    expect(page.locator("#pages-list li")).to_have_count(4)
    page.focus("#pages-list button >> nth=1")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    expect(page.locator("#attached .name")).to_have_text(["report.pdf · 2", "report.pdf · 3"])
    page.click("#pages-close")
    expect(page.locator("#strip button")).to_have_count(2)


def test_more_pages_than_are_made_at_once_follow_when_wanted(page: Page) -> None:
    long = pdf(*["white", "ivory"] * 15, size=(60, 80))
    page.set_input_files("#file", [file("long.pdf", long, "application/pdf")])
    expect(page.locator("#pages-list li")).to_have_count(24)
    page.click("#pages-more")
    expect(page.locator("#pages-list li")).to_have_count(30)
    expect(page.locator("#pages-more")).not_to_be_visible()
    expect(page.locator("#pages-list .number").last).to_have_text("30")


def test_key_frames_of_a_video_are_a_strip(server: Running, page: Page, tmp_path: Path) -> None:
    clip = video(tmp_path, (255, 0, 0), (0, 0, 255), seconds=3)
    page.set_input_files("#file", [file("clip.mp4", clip, "video/mp4")])
    expect(page.locator("#pages-list .number")).to_have_text(["0:00", "0:03"])
    page.click("#pages-list button >> nth=1")
    ask(page)
    assert shown_names(server) == [["clip.mp4 · 0:03"]]


@pytest.mark.parametrize(
    ("name", "data", "kind", "said"),
    [
        ("locked.pdf", locked_pdf(), "application/pdf", "protected by a password"),
        ("cut.pdf", pdf("red")[:200], "application/pdf", "damaged or cut off"),
        ("empty.pdf", b"", "application/pdf", "is empty"),
        ("cut.mp4", b"\0\0\0\x18ftypisom" + bytes(200), "video/mp4", "damaged or cut off"),
        ("no.mp4", b"words", "video/mp4", "is not a picture"),
    ],
)
def test_a_pdf_or_video_that_cannot_be_opened_says_so_once(
    page: Page, name: str, data: bytes, kind: str, said: str
) -> None:
    page.set_input_files("#file", [file("good.png", picture())])
    page.set_input_files("#file", [file(name, data, kind)])
    expect(page.locator("#notice")).to_contain_text(said)
    expect(page.locator("#pages")).not_to_be_visible()
    expect(page.locator("#attached .name")).to_have_text(["good.png"])
    ask(page)


def test_an_upload_can_be_cancelled_and_sent_again(server: Running, page: Page) -> None:
    # A line of 20 kB a second: a minute for the picture, of which nobody waits for the end.
    rng = np.random.default_rng(3)
    target = io.BytesIO()
    PIL.Image.fromarray(rng.integers(0, 255, (640, 640, 3), np.uint8)).save(target, "PNG")
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    slow = {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": 20_000}
    session.send("Network.emulateNetworkConditions", slow)
    page.set_input_files("#file", [file("large.png", target.getvalue())])
    # Shown before a byte of it has been sent.
    expect(page.locator("#size")).to_have_text("640 × 640")
    page.fill("#query", "What is it?")
    page.keyboard.press("Enter")
    expect(page.locator(".answer progress")).to_be_visible()
    expect(page.locator(".waiting")).to_have_text(re.compile(r"Sending \d+%"))
    with page.expect_event("requestfailed", lambda request: request.url.endswith("/chat")):
        page.click("#send")
    expect(page.locator(".note")).to_have_text("Stopped")
    assert not server.engine.requests
    expect(page.locator("#attached .name")).to_have_text(["large.png"])
    session.send("Network.emulateNetworkConditions", {**slow, "uploadThroughput": -1})
    page.click("text=Ask again")
    expect(page.locator(".answer")).to_have_text("A carton.")
    expect(page.locator(".turn")).to_have_count(1)


def test_before_and_after_are_compared_with_a_slider(server: Running, page: Page) -> None:
    rng = np.random.default_rng(7)
    pixels = rng.integers(4, 18, (300, 400, 3), dtype=np.uint8)
    target = io.BytesIO()
    PIL.Image.fromarray(pixels).save(target, "PNG")
    found = measure(Image(pixels), []).to_dict()
    told = Enhanced(0, found, ("denoise", "stretch"), "It is dark; done: spread.")
    server.engine.replies.append(Reply(["Yes."], evidence=Evidence(enhance=(told,))))
    page.select_option("#enhance", "on")
    page.set_input_files("#file", [file("dark.png", target.getvalue())])
    ask(page)
    assert server.engine.requests[-1].enhance == "on"
    expect(page.locator(".mended")).to_contain_text("It is dark; done: spread.")
    slider = page.locator("#compare-place")
    expect(slider).to_be_visible()
    expect(page.locator("#after")).to_be_visible()

    def brightness(part: float) -> float:
        """Of what is seen at a part of the picture's width."""
        sheet = page.locator("#sheet").bounding_box()
        assert sheet is not None
        clip: FloatRect = {
            "x": sheet["x"] + sheet["width"] * part - 20,
            "y": sheet["y"] + 100,
            "width": 40,
            "height": 40,
        }
        shot = PIL.Image.open(io.BytesIO(page.screenshot(clip=clip)))
        return float(np.asarray(shot.convert("L")).mean())

    wait_until(lambda: page.evaluate("document.getElementById('after').complete"))
    assert brightness(0.25) < 25
    assert brightness(0.75) > 60
    slider.focus()
    page.keyboard.press("Home")
    assert brightness(0.25) > 60
    page.keyboard.press("End")
    assert brightness(0.75) < 25
    page.keyboard.press("Home")
    for _ in range(60):
        page.keyboard.press("ArrowRight")
    assert brightness(0.5) < 25
    assert brightness(0.75) > 60


def cells(data: bytes) -> list[list[str | float | None]]:
    """The values of the first sheet of an Excel file."""
    with zipfile.ZipFile(io.BytesIO(data)) as book:
        assert book.testzip() is None
        for name in book.namelist():
            ElementTree.fromstring(book.read(name))
        sheet = ElementTree.fromstring(book.read("xl/worksheets/sheet1.xml"))
    assert sheet.find(f".//{SHEET}f") is None
    rows: list[list[str | float | None]] = []
    for row in sheet.iter(f"{SHEET}row"):
        values: list[str | float | None] = []
        for item in row:
            number, words = item.find(f"{SHEET}v"), item.find(f"{SHEET}is/{SHEET}t")
            values.append(
                words.text if words is not None else float(number.text or "") if number is not None else None
            )
        rows.append(values)
    return rows


def test_the_table_leaves_as_an_excel_file_in_which_nothing_is_computed(server: Running, page: Page) -> None:
    hostile = '=HYPERLINK("http://a.example","<b>&\u0001")'
    server.engine.replies.append(Reply([json.dumps({"total": hostile, "place": "北京"})]))
    server.engine.replies.append(Reply([json.dumps({"total": "+7", "place": "-1"})]))
    page.click("#open-many")
    page.set_input_files("#many-files", [file("=a.png", picture("red"))])
    page.fill("#many-query", "What is the total?")
    page.fill("#many-columns", "total, place")
    page.click("#many-start")
    expect(page.locator("#many-rows tr.done")).to_have_count(1)
    page.set_input_files("#many-files", [file("b.png", picture("blue"))])
    page.click("#many-start")
    expect(page.locator("#many-rows tr.done")).to_have_count(2)
    with page.expect_download() as saved:
        page.click("#many-xlsx")
    assert saved.value.suggested_filename == "answers.xlsx"
    assert cells(saved.value.path().read_bytes()) == [
        ["file", "state", "total", "place"],
        ["=a.png", "done", hostile.replace("\u0001", ""), "北京"],
        ["b.png", "done", "+7", "-1"],
    ]
    with page.expect_download() as table:
        page.click("#many-csv")
    text = table.value.path().read_text("utf-8-sig")
    assert "'=a.png" in text
    assert "\"'=HYPERLINK" in text
    assert "'+7,-1" in text


@pytest.mark.parametrize(
    ("kind", "fields", "sent"),
    [
        ("a4", {}, ("a4", 0.0, "")),
        ("dpi", {"number": "300"}, ("dpi", 300.0, "")),
        ("mm_per_px", {"number": "0.2"}, ("mm_per_px", 0.2, "")),
        ("ref", {"label": 'bank "card"', "width": "8.6", "height": "5.4"}, ("ref", 0.0, "bank card")),
    ],
)
def test_with_a_scale_lengths_are_shown_in_the_answer_and_on_the_picture(
    server: Running, page: Page, kind: str, fields: dict[str, str], sent: tuple[str, float, str]
) -> None:
    box = (100.0, 100.0, 300.0, 200.0)
    lengths = (
        Measure("width of the region", 8.613, 0.14, box, 0),
        Measure("height of the region", 4.2, 0.1, box, 0),
    )
    server.engine.replies.append(Reply(["About 9 cm."], evidence=Evidence(measures=lengths, scale=kind)))
    page.set_input_files("#file", [file("a.png", picture("ivory", (400, 300)))])
    page.click("#more")
    page.select_option("#scale-kind", kind)
    for name, value in fields.items():
        page.fill(f"#scale-{name}", value)
    expect(page.locator("#more")).to_have_attribute("data-count", "1")
    ask(page, "How wide is it?")
    scale = server.engine.requests[0].scale
    assert scale is not None
    assert (scale.kind, scale.value, scale.label) == sent
    expect(page.locator(".lengths")).to_contain_text("width of the region 8.61 ± 0.14 cm")
    expect(page.locator("#places .length text")).to_have_text("8.61 × 4.2 cm")
    sheet, drawn = page.locator("#sheet").bounding_box(), page.locator("#places .length rect").bounding_box()
    assert sheet is not None
    assert drawn is not None
    assert (drawn["x"] - sheet["x"]) / sheet["width"] == pytest.approx(0.25, abs=0.01)
    page.locator(".lengths button").hover()
    expect(page.locator("#places .length.lit")).to_have_count(1)
    page.reload()
    expect(page.locator("#scale-kind")).to_have_value(kind)
    expect(page.locator("#places .length")).to_have_count(1)


def test_a_picture_that_tells_no_scale_gives_no_length(server: Running, page: Page) -> None:
    server.engine.replies.append(Reply(["I cannot tell."], evidence=Evidence(measures=())))
    page.set_input_files("#file", [file("a.png", picture())])
    page.click("#more")
    page.select_option("#scale-kind", "a4")
    ask(page)
    expect(page.locator(".answer")).to_contain_text("No scale was found in the picture")


def test_on_a_phone_everything_can_be_reached_with_the_options_open(
    browser: Browser, server: Running
) -> None:
    context = browser.new_context(locale="zh-CN", viewport={"width": 360, "height": 640}, has_touch=True)
    page = context.new_page()
    page.set_default_timeout(30_000)
    page.goto(server.url)
    expect(page.locator("#model")).to_contain_text("A queue of answers")
    page.set_input_files("#file", [REPORT])
    expect(page.locator("#pages-list li")).to_have_count(4)
    expect(page.locator("#camera")).to_be_visible()
    page.click("#more")
    page.select_option("#scale-kind", "ref")
    for element in ("#send", "#query", "#more", "#camera"):
        box = page.locator(element).bounding_box()
        assert box is not None
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 360
        assert box["y"] + box["height"] <= 640
    page.locator("#scale-height").scroll_into_view_if_needed()
    expect(page.locator("#scale-height")).to_be_in_viewport()
    context.close()


def test_a_second_conversation_has_none_of_the_first_ones_pages(server: Running, page: Page) -> None:
    page.set_input_files("#file", [REPORT])
    expect(page.locator("#pages-list li")).to_have_count(4)
    page.click("#new")
    expect(page.locator("#pages")).not_to_be_visible()
    expect(page.locator("#drop")).to_be_visible()
    answer_with(page, evidence("Total: 42"))
    page.set_input_files("#file", [file("a.png", picture())])
    ask(page)
    expect(page.locator("#pages")).not_to_be_visible()


def test_pdf_files_and_videos_are_lines_of_the_table(server: Running, page: Page, tmp_path: Path) -> None:
    clip = video(tmp_path, (255, 0, 0), (0, 0, 255), seconds=3)
    page.click("#open-many")
    expect(page.locator("#many-pages-field")).not_to_be_visible()
    files = [
        REPORT,
        file("clip.mp4", clip, "video/mp4"),
        file("a.png", picture("lime")),
        file("locked.pdf", locked_pdf(), "application/pdf"),
        file("long.pdf", pdf(*["red"] * 17, size=(60, 80)), "application/pdf"),
        file("words.txt", b"words", "text/plain"),
    ]
    page.set_input_files("#many-files", files)
    expect(page.locator("#many-left-out")).to_contain_text("1")
    expect(page.locator("#many-rows th")).to_have_text(
        ["report.pdf", "clip.mp4", "a.png", "locked.pdf", "long.pdf"]
    )
    # The picture in small is that of the first page.
    colour = """(image) => { const pen = new OffscreenCanvas(1, 1).getContext("2d");
        pen.drawImage(image, 0, 0, 1, 1);
        return [...pen.getImageData(0, 0, 1, 1).data]; }"""
    first = page.locator("#many-rows img >> nth=0")
    wait_until(lambda: first.evaluate("(image) => image.complete && image.naturalWidth > 0"))
    red, green, *_ = first.evaluate(colour)
    assert red > 200
    assert green < 60
    page.fill("#many-query", "What is the total?")
    page.click("#many-start")
    expect(page.locator("#many-rows tr.done")).to_have_count(3)
    failed = page.locator("#many-rows tr.failed")
    expect(failed).to_have_count(2)
    expect(failed.nth(0)).to_contain_text("protected by a password")
    expect(failed.nth(1)).to_contain_text("Choose “a row for each page or frame” above.")
    shown = {tuple(image.name for image in request.messages[0].images) for request in server.engine.requests}
    assert shown == {
        ("report.pdf · 1", "report.pdf · 2", "report.pdf · 3", "report.pdf · 4"),
        ("clip.mp4 · 0:00", "clip.mp4 · 0:03"),
        ("a.png",),
    }
    # Whoever asks beside the table is answered first.
    assert {request.priority for request in server.engine.requests} == {"batch"}
    with page.expect_download() as saved:
        page.click("#many-jsonl")
    lines = [json.loads(line) for line in saved.value.path().read_text("utf-8").splitlines()]
    assert [line["state"] for line in lines] == ["done", "done", "done", "failed", "failed"]
    # What has no answer yet is looked at page by page instead.
    page.select_option("#many-pages", "page")
    expect(page.locator("#many-rows tr")).to_have_count(3 + 1 + 17)
    expect(page.locator("#many-rows th").last).to_have_text("long.pdf · 17")
    page.fill("#many-filter", "long.pdf · 1")
    expect(page.locator("#many-rows tr:visible")).to_have_count(9)
    page.click("#many-start")
    expect(page.locator("#many-rows tr.done")).to_have_count(3 + 17)
    assert len(server.engine.requests[-1].messages[0].images) == 1
    page.click("#many-clear")
    expect(page.locator("#many-empty")).to_be_visible()
    expect(page.locator("#many-pages-field")).not_to_be_visible()
    page.reload()
    page.click("#open-many")
    page.set_input_files("#many-files", [REPORT])
    expect(page.locator("#many-rows th")).to_have_text([f"report.pdf · {number}" for number in range(1, 5)])


def test_a_recipe_in_the_table_makes_way_as_well(server: Running, page: Page) -> None:
    page.click("#open-many")
    page.set_input_files("#many-files", [file("a.png", picture())])
    page.select_option("#many-recipe", "invoice")
    page.click("#many-start")
    expect(page.locator("#many-rows tr.done")).to_have_count(1)
    request = server.engine.requests[0]
    assert (request.recipe, request.priority) == ("invoice", "batch")


def test_a_folder_is_brought_with_all_that_can_be_asked_about(
    server: Running, page: Page, tmp_path: Path
) -> None:
    folder = tmp_path / "photos"
    (folder / "inner").mkdir(parents=True)
    (folder / "one.png").write_bytes(picture("red"))
    (folder / "inner" / "two.png").write_bytes(picture("blue"))
    (folder / "inner" / "report.pdf").write_bytes(pdf("red"))
    (folder / "notes.txt").write_text("words", "utf-8")
    page.click("#open-many")
    page.set_input_files("#many-folder", folder)
    expect(page.locator("#many-rows tr")).to_have_count(3)
    assert set(page.locator("#many-rows th").all_inner_texts()) == {"one.png", "two.png", "report.pdf"}
    expect(page.locator("#many-left-out")).to_contain_text("1")
