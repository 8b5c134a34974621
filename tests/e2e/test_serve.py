"""``jianwei serve`` as a user has it: real processes, a real engine, real clients.

The model is a tiny random one of the true structure: what it says means nothing, but every part works.
"""

from __future__ import annotations

import base64
import io
import json
import re
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import openai
import PIL.Image
import psutil
import pytest
import requests
import tiny_qwen3vl
from browser import chromium, file, needs_chromium
from playwright.sync_api import expect
from served import Served, serve, start

pytestmark = pytest.mark.e2e

LONG = {
    "query": "Count",
    "schema": '{"type": "array", "items": {"type": "integer"}, "minItems": 20000}',
    "max_tokens": "30000",  # far more than any machine writes before the test ends it
}
"""A question whose answer lasts seconds, long enough to interfere with it."""


def photo(colour: str = "sienna", size: tuple[int, int] = (96, 64), kind: str = "JPEG") -> bytes:
    target = io.BytesIO()
    PIL.Image.new("RGB", size, colour).save(target, kind)
    return target.getvalue()


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """The options that name the model."""
    language, vision = tiny_qwen3vl.write(tiny_qwen3vl.MODELS["tied"], tmp_path_factory.mktemp("tiny"))
    return ["--model", str(language), "--mmproj", str(vision), "--kv-budget", "64", "--threads", "1"]


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory, model: list[str]) -> Iterator[Served]:
    with serve(tmp_path_factory.mktemp("home"), *model) as served:
        yield served


def post(
    served: Served, query: str = "What is this?", picture: bytes | None = None, **data: str
) -> dict[str, Any]:
    files = {"image": ("photo.jpg", picture)} if picture else None
    return requests.post(
        served.url + "/api/v1/chat", files=files, data={"query": query, **data}, timeout=120
    ).json()


def test_it_listens_while_it_loads_and_says_where_and_who(served: Served) -> None:
    assert 503 in served.seen
    assert served.seen[-1] == 200
    wait_for(lambda: any("Ctrl+C" in line for line in served.said))
    said = "".join(served.said)
    assert served.url in said
    assert "parameters" in said


def test_the_example_of_the_documentation_works(served: Served, tmp_path: Path) -> None:
    (tmp_path / "damaged_box.jpg").write_bytes(photo())
    url = served.url + "/api/v1/chat"
    with (tmp_path / "damaged_box.jpg").open("rb") as file:
        files = {"image": file}
        data = {
            "query": "请用工程报告格式描述这张图中的纸箱破损情况，包含位置、尺寸、可见内衬材质、标识完整性",
            "max_tokens": "20",
        }
        answer = requests.post(url, files=files, data=data, timeout=120).json()
    assert answer["answer"]
    assert answer["usage"]["visual_tokens"] > 0
    assert answer["timings"]["vision_runs"] == 1


def test_a_follow_up_needs_no_picture_and_runs_no_vision_tower(served: Served) -> None:
    # Long enough to fill a KV block: of a picture in one colour hardly a token is left.
    first = post(served, "What is to be seen here? " * 8, picture=photo("olive"), max_tokens="8")
    second = post(served, "And the colour?", conversation_id=first["conversation_id"], max_tokens="8")
    assert first["timings"]["vision_runs"] == 1
    assert second["timings"]["vision_runs"] == 0
    assert second["usage"]["visual_tokens"] == first["usage"]["visual_tokens"]
    assert second["usage"]["cached_tokens"] > 0


def test_json_by_schema_is_valid(served: Served) -> None:
    sides = {"type": "object", "properties": {"side": {"enum": ["left", "right"]}}}
    schema = json.dumps({**sides, "required": ["side"], "additionalProperties": False})
    answer = post(served, picture=photo(), schema=schema, max_tokens="400")
    assert answer["data"]["side"] in {"left", "right"}, answer


def test_the_official_client_streams_an_answer_about_a_picture(served: Served) -> None:
    url = "data:image/jpeg;base64," + base64.b64encode(photo()).decode()
    with httpx.Client(trust_env=False) as http_client:
        client = openai.OpenAI(base_url=served.url + "/v1", api_key="none", http_client=http_client)
        content: list[Any] = [{"type": "image_url", "image_url": {"url": url}}, {"type": "text", "text": "?"}]
        stream = client.chat.completions.create(
            model=client.models.list().data[0].id,
            messages=[{"role": "user", "content": content}],
            max_tokens=12, stream=True, stream_options={"include_usage": True},
        )  # fmt: skip
        chunks = list(stream)
    assert chunks[-1].usage is not None
    assert chunks[-1].usage.completion_tokens <= 12
    assert chunks[-2].choices[0].finish_reason in {"stop", "length"}


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty_file"),
        (b"not a picture", "not_a_picture"),
        (photo()[:300], "picture_damaged"),
        (photo(size=(2, 2)), "picture_too_small"),
        (photo(size=(5280, 4), kind="PNG"), "picture_too_narrow"),
    ],
)
def test_bad_pictures_are_refused_by_the_sandbox(served: Served, data: bytes, code: str) -> None:
    response = requests.post(
        served.url + "/api/v1/chat", files={"image": data}, data={"query": "q"}, timeout=60
    )
    assert response.json()["error"]["code"] == code
    assert post(served, picture=photo(), max_tokens="2")["answer"] is not None


def test_a_question_longer_than_the_context_is_refused(served: Served) -> None:
    answer = post(served, "长" * 200_000, photo())
    assert answer["error"]["code"] == "context_too_long"


def test_a_killed_engine_costs_one_answer_and_the_next_is_given(served: Served) -> None:
    killed = served.engine().pid
    data = {**LONG, "stream": "true"}
    with httpx.stream(
        "POST", served.url + "/api/v1/chat", files={"image": photo()}, data=data, timeout=120, trust_env=False
    ) as response:
        lines = response.iter_lines()
        while next(lines) != "event: delta":
            pass
        psutil.Process(killed).send_signal(signal.SIGKILL)
        rest = list(lines)
    assert rest.count("event: error") == 1
    assert "engine_crashed" in "".join(rest)
    assert post(served, picture=photo(), max_tokens="4")["answer"] is not None
    assert served.engine().pid != killed


def test_a_client_that_leaves_frees_the_engine(served: Served) -> None:
    data = {**LONG, "stream": "true"}
    with httpx.stream(
        "POST", served.url + "/api/v1/chat", files={"image": photo()}, data=data, timeout=120, trust_env=False
    ) as response:
        lines = response.iter_lines()
        while next(lines) != "event: delta":
            pass

    def running() -> float:
        text = requests.get(served.url + "/metrics", timeout=60).text
        (line,) = [line for line in text.splitlines() if line.startswith("jianwei_engine_running ")]
        return float(line.split()[1])

    wait_for(lambda: running() == 0)
    newest = requests.get(served.url + "/api/v1/conversations", timeout=60).json()["conversations"][0]["id"]

    def state() -> str:
        body = requests.get(f"{served.url}/api/v1/conversations/{newest}", timeout=60).json()
        return body["turns"][0]["state"]

    wait_for(lambda: state() == "cancelled")


def test_a_stopped_server_keeps_everything_and_goes_on_after_a_restart(
    tmp_path: Path, model: list[str]
) -> None:
    with serve(tmp_path, *model) as first:
        done = post(first, picture=photo(), max_tokens="4")
        cut: dict[str, Any] = {}

        def ask() -> None:
            cut.update(post(first, picture=photo("teal"), **LONG))

        thread = threading.Thread(target=ask)
        thread.start()
        listed = first.url + "/api/v1/conversations"
        wait_for(lambda: len(requests.get(listed, timeout=60).json()["conversations"]) == 2)
        children = psutil.Process(first.process.pid).children(recursive=True)
        assert first.stop() == 0
        thread.join()
        assert cut["finish_reason"] == "cancelled"
        _, alive = psutil.wait_procs(children, timeout=10)
        assert alive == []
    with serve(tmp_path, *model) as second:
        listed = second.url + "/api/v1/conversations"
        kept = requests.get(listed, timeout=60).json()["conversations"]
        assert [item["title"] for item in kept] == ["Count", "What is this?"]
        (turn,) = requests.get(f"{listed}/{kept[0]['id']}", timeout=60).json()["turns"]
        assert turn["state"] == "cancelled"
        assert turn["answer"] == cut["answer"]
        again = post(second, "And?", conversation_id=done["conversation_id"], max_tokens="4")
        assert again["usage"]["visual_tokens"] == done["usage"]["visual_tokens"]
        # The picture's embeddings were on disk, and the conversation's KV blocks: no vision tower ran in this process.
        assert done["timings"]["vision_runs"] == 1
        assert again["timings"]["vision_runs"] == 0
        metrics = requests.get(second.url + "/metrics", timeout=60).text
        assert "jianwei_engine_vision_runs_total 0.0" in metrics
        from_disk = re.findall(r"^jianwei_engine_(?:pictures|kv_blocks)_from_disk_total (\S+)", metrics, re.M)
        assert len(from_disk) == 2
        assert sum(map(float, from_disk)) >= 1
        assert second.stop(signal.SIGINT) == 0


def test_a_port_in_use_and_an_open_host_are_clear_errors(
    served: Served, tmp_path: Path, model: list[str]
) -> None:
    second = start(tmp_path, *model, port=int(served.url.rsplit(":", 1)[1]))
    assert second.process.wait(60) not in {0, None}
    assert "another program uses it" in "".join(second.said)
    exposed = start(tmp_path, *model, "--host", "0.0.0.0")
    assert exposed.process.wait(60) not in {0, None}
    said = " ".join("".join(exposed.said).split())
    assert "--api-key" in said
    assert "Traceback" not in said


def test_a_model_that_is_none_is_one_clear_error(tmp_path: Path) -> None:
    (tmp_path / "model.gguf").write_bytes(b"nonsense" * 100)
    (tmp_path / "mmproj.gguf").write_bytes(b"nonsense" * 100)
    model = ["--model", str(tmp_path / "model.gguf"), "--mmproj", str(tmp_path / "mmproj.gguf")]
    broken = start(tmp_path, *model)
    assert broken.process.wait(60) not in {0, None}
    said = " ".join("".join(broken.said).split())
    assert "not a GGUF file" in said
    assert "Traceback" not in said


def test_without_options_the_built_in_model_answers(tmp_path: Path) -> None:
    with serve(tmp_path) as served:
        answer = post(served, "这张图里有什么？", photo(size=(512, 512)))
        assert answer["model"] == "builtin"
        assert answer["answer"].strip()
        assert any("jianwei pull" in line for line in served.said)


@needs_chromium
def test_a_person_asks_on_the_page(served: Served) -> None:
    with chromium() as browser:
        page = browser.new_context(locale="zh-CN").new_page()
        page.goto(served.url)
        picture = file("箱子.jpg", photo("peru"), "image/jpeg")
        page.set_input_files("#file", [picture])
        expect(page.locator("#caption")).to_have_text("箱子.jpg")
        page.locator("#json").check(force=True)
        page.fill("#query", "这是什么？")
        page.keyboard.press("Enter")
        expect(page.locator(".numbers")).to_have_count(1, timeout=120_000)
        page.fill("#query", "再看看")
        page.keyboard.press("Enter")
        expect(page.locator(".numbers")).to_have_count(2, timeout=120_000)
        expect(page.locator(".error")).to_have_count(0)
    newest = requests.get(served.url + "/api/v1/conversations", timeout=60).json()["conversations"][0]["id"]
    turns = requests.get(f"{served.url}/api/v1/conversations/{newest}", timeout=60).json()["turns"]
    assert [turn["timings"]["vision_runs"] for turn in turns] == [1, 0]


def wait_for(condition: Any, seconds: float = 60.0) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.05)
