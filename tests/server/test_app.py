from __future__ import annotations

import re
import subprocess
import sys
import threading
from pathlib import Path
from urllib.parse import urljoin

import httpx
import pytest
from server_fakes import FakeEngine, Reply, Running, parse_events, picture, serving, wait_until

from jianwei.errors import EngineError, ModelFileError, RequestError
from jianwei.server.listening import Serving, address_of, listen
from jianwei.server.problems import accepted_language


def ask(client: httpx.Client, query: str = "q", **data: str) -> httpx.Response:
    files = None if "conversation_id" in data else {"image": ("箱子.png", picture())}
    return client.post("/api/v1/chat", files=files, data={"query": query, **data})


def test_health_says_loading_then_ok(tmp_path: Path) -> None:
    engine = FakeEngine()
    engine.state = "loading"
    with serving(tmp_path, engine) as server, httpx.Client(base_url=server.url, trust_env=False) as client:
        response = client.get("/healthz")
        assert response.status_code == 503
        assert response.json()["error"]["code"] == "engine_loading"
        assert client.get("/v1/models").status_code == 503
        assert client.get("/api/v1/model").json()["error"]["code"] == "engine_loading"
        engine.state = "ready"
        assert client.get("/healthz").json()["status"] == "ok"


def test_health_tells_why_a_model_cannot_be_loaded(tmp_path: Path) -> None:
    engine = FakeEngine()
    engine.state = "failed"
    engine.error = ModelFileError("model_not_gguf", name="x.gguf")
    with serving(tmp_path, engine) as server, httpx.Client(base_url=server.url, trust_env=False) as client:
        assert client.get("/healthz").json()["error"]["code"] == "model_not_gguf"
        assert ask(client).json()["error"]["code"] == "model_not_gguf"


def test_the_model_and_the_limits_are_told(client: httpx.Client) -> None:
    body = client.get("/api/v1/model").json()
    assert body["name"] == "fake"
    assert body["builtin"] is True
    assert body["limits"]["max_pictures"] == 16
    assert {"region", "boxes", "heatmap", "json"} <= set(body["features"])


def test_metrics_count_requests_answers_and_the_engine(server: Running, client: httpx.Client) -> None:
    ask(client)
    server.engine.replies.append(Reply([], error=EngineError("engine_failed")))
    ask(client)
    client.get("/no/such/secret")
    text = client.get("/metrics").text
    assert 'jianwei_http_requests_total{method="POST",route="/api/v1/chat",status="200"} 1.0' in text
    assert 'jianwei_answers_total{end="stop"} 1.0' in text
    assert 'jianwei_answers_total{end="engine_failed"} 1.0' in text
    assert 'jianwei_tokens_total{kind="visual"} 64.0' in text
    assert "jianwei_engine_running 0.0" in text
    assert "jianwei_engine_tokens_generated_total 7.0" in text
    assert "secret" not in text


def test_the_description_names_every_field(client: httpx.Client) -> None:
    paths = client.get("/openapi.json").json()["paths"]
    form = paths["/api/v1/chat"]["post"]["requestBody"]["content"]["multipart/form-data"]["schema"]
    assert {"image", "query", "json", "schema", "conversation_id", "stream"} <= set(form["properties"])
    assert "/v1/chat/completions" in paths


LINK = re.compile(r'(?:src=|href=|from |import )"([^"#]+\.(?:js|css|svg))"')


@pytest.mark.parametrize("path", ["/", "/docs"])
def test_pages_load_nothing_from_elsewhere_and_run_nothing_inline(client: httpx.Client, path: str) -> None:
    seen = {path}
    waiting = [path]
    while waiting:
        address = waiting.pop()
        response = client.get(address)
        assert response.status_code == 200, address
        assert not re.search(r"https?://(?!www\.w3\.org|schemas\.openxmlformats\.org)", response.text), (
            address
        )
        assert not re.search(r"<script(?![^>]*\bsrc=)|<style|<\w[^>]*\s(on\w+|style)=", response.text), (
            address
        )
        found = {urljoin(address, link) for link in LINK.findall(response.text)} - seen
        seen |= found
        waiting += found
    assert len(seen) > 5


def test_an_unknown_address_or_method_is_an_error_of_ours(client: httpx.Client) -> None:
    assert client.get("/api/nowhere").json()["error"]["code"] == "not_found"
    assert client.get("/api/v1/chat").json()["error"]["code"] == "method_not_allowed"
    assert client.get("/v1/chat/completions").json()["error"]["type"] == "invalid_request_error"
    assert client.get("/api/v1/conversations?limit=0").json()["error"]["code"] == "bad_value"


def test_conversations_are_listed_read_renamed_and_deleted(client: httpx.Client) -> None:
    first = ask(client, "纸箱哪里破了？").json()["conversation_id"]
    second = ask(client, "Price?").json()["conversation_id"]
    listed = client.get("/api/v1/conversations").json()["conversations"]
    assert [(item["id"], item["title"]) for item in listed] == [(second, "Price?"), (first, "纸箱哪里破了？")]
    assert [
        item["id"]
        for item in client.get("/api/v1/conversations", params={"search": "纸箱"}).json()["conversations"]
    ] == [first]
    whole = client.get(f"/api/v1/conversations/{first}").json()
    (turn,) = whole["turns"]
    assert turn["answer"] == "A carton."
    assert turn["state"] == "done"
    assert turn["usage"]["visual_tokens"] == 64
    renamed = client.patch(f"/api/v1/conversations/{first}", json={"title": " 新 "}).json()
    assert renamed["title"] == "新"
    for bad in ({"title": ""}, {"title": " "}, {"title": "x" * 201}, {"name": "x"}, [], {"title": 3}):
        assert client.patch(f"/api/v1/conversations/{first}", json=bad).status_code == 422
    assert client.delete(f"/api/v1/conversations/{first}").status_code == 204
    assert client.get(f"/api/v1/conversations/{first}").json()["error"]["code"] == "unknown_conversation"
    assert client.delete(f"/api/v1/conversations/{first}").status_code == 404
    assert client.patch(f"/api/v1/conversations/{first}", json={"title": "x"}).status_code == 404


def test_deleting_a_conversation_stops_its_answer(server: Running, client: httpx.Client) -> None:
    conversation = ask(client).json()["conversation_id"]
    server.engine.replies.append(Reply(["A ", "never"], hold=threading.Event()))
    thread = threading.Thread(target=ask, args=(client,), kwargs={"conversation_id": conversation})
    thread.start()
    wait_until(lambda: len(server.engine.requests) == 2)
    assert client.delete(f"/api/v1/conversations/{conversation}").status_code == 204
    thread.join()
    assert server.engine.cancelled


def test_pictures_come_back_as_sent_and_as_a_preview_that_runs_nothing(client: httpx.Client) -> None:
    conversation = ask(client).json()["conversation_id"]
    other = ask(client).json()["conversation_id"]
    (turn,) = client.get(f"/api/v1/conversations/{conversation}").json()["turns"]
    shown = turn["pictures"][0]
    assert (shown["name"], shown["width"], shown["height"]) == ("箱子.png", 64, 48)
    base = f"/api/v1/conversations/{conversation}/pictures/{shown['digest']}"
    original = client.get(base)
    assert original.content == picture()
    assert original.headers["content-type"] == "image/png"
    assert "sandbox" in original.headers["content-security-policy"]
    preview = client.get(base + "/preview?side=32")
    assert preview.headers["content-type"] == "image/jpeg"
    assert preview.content[:3] == b"\xff\xd8\xff"
    assert client.get(base.replace(shown["digest"], "0" * 64)).status_code == 404
    assert client.get(base.replace(shown["digest"], "../../x")).status_code == 404
    assert client.get(base + "/preview?side=100000").status_code == 422
    client.delete(f"/api/v1/conversations/{conversation}")
    assert client.get(base).status_code == 404
    assert client.get(base.replace(conversation, other)).status_code == 200


def test_conversations_survive_a_restart_and_go_on(tmp_path: Path) -> None:
    with serving(tmp_path) as server, httpx.Client(base_url=server.url, trust_env=False) as client:
        conversation = ask(client, "What?").json()["conversation_id"]
    with serving(tmp_path) as server, httpx.Client(base_url=server.url, trust_env=False) as client:
        assert ask(client, "And now?", conversation_id=conversation).json()["answer"] == "A carton."
        messages = server.engine.requests[0].messages
        assert [message.text for message in messages] == ["What?", "A carton.", "And now?"]
        assert messages[0].images[0].pixels[0, 0].tolist() == [255, 0, 0]


def test_a_picture_lost_from_the_disk_is_a_clear_error(server: Running, tmp_path: Path) -> None:
    with httpx.Client(base_url=server.url, trust_env=False) as client:
        conversation = ask(client).json()["conversation_id"]
    with serving(tmp_path) as again, httpx.Client(base_url=again.url, trust_env=False) as client:
        for path in (tmp_path / "pictures").rglob("*"):
            if path.is_file():
                path.unlink()
        response = ask(client, conversation_id=conversation)
        assert response.status_code == 410
        assert response.json()["error"]["code"] == "picture_gone"
        # The conversation is free again after the refusal.
        files = {"image": ("a.png", picture())}
        data = {"query": "q", "conversation_id": conversation}
        assert client.post("/api/v1/chat", files=files, data=data).status_code == 200


def test_stopping_the_server_ends_streams_and_keeps_what_there_is(tmp_path: Path) -> None:
    engine = FakeEngine()
    engine.replies.append(Reply(["A ", "never"], hold=threading.Event()))
    text: list[str] = []
    with serving(tmp_path, engine) as server:

        def listen_on() -> None:
            files = {"image": ("a.png", picture())}
            data = {"query": "q", "stream": "true"}
            try:
                with httpx.stream(
                    "POST", server.url + "/api/v1/chat", files=files, data=data, trust_env=False, timeout=20
                ) as response:
                    for piece in response.iter_text():
                        text.append(piece)
            except httpx.HTTPError:
                pass

        thread = threading.Thread(target=listen_on)
        thread.start()
        wait_until(lambda: "delta" in "".join(text))
    thread.join()
    assert parse_events("".join(text))[0][0] == "start"
    with serving(tmp_path) as server, httpx.Client(base_url=server.url, trust_env=False) as client:
        (summary,) = client.get("/api/v1/conversations").json()["conversations"]
        (turn,) = client.get(f"/api/v1/conversations/{summary['id']}").json()["turns"]
        assert (turn["state"], turn["answer"]) == ("cancelled", "A ")


def test_a_port_in_use_or_an_address_of_nobody_is_a_clear_error() -> None:
    with listen("127.0.0.1", 0) as listener:
        port = listener.getsockname()[1]
        assert address_of(listener) == f"http://127.0.0.1:{port}"
        for host, number in (("127.0.0.1", port), ("203.0.113.7", 0), ("no such host", 0)):
            with pytest.raises(RequestError) as caught:
                listen(host, number)
            assert caught.value.code == "address_unusable"


def test_a_model_that_cannot_be_loaded_ends_the_server_with_its_error(tmp_path: Path) -> None:
    engine = FakeEngine()
    engine.state = "failed"
    engine.error = ModelFileError("model_not_here", name="qwen3-vl-2b")
    with serving(tmp_path, engine) as server, listen("127.0.0.1", 0) as listener:
        with pytest.raises(ModelFileError) as caught:
            Serving(server.app, engine, server.settings, listener).run()
        assert caught.value.code == "model_not_here"


def test_at_the_terminal_it_says_where_who_and_how_to_stop(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with serving(tmp_path) as server, listen("127.0.0.1", 0) as listener:
        address = address_of(listener)
        run = Serving(
            server.app, server.engine, server.settings.model_copy(update={"language": "zh"}), listener
        )

        def stop_when_told() -> None:
            wait_until(lambda: run._server.started)
            threading.Event().wait(0.5)
            run._server.should_exit = True

        threading.Thread(target=stop_when_told).start()
        run.run()
        said = capsys.readouterr().out
        assert address in said
        assert "A queue of answers" in said
        assert "Ctrl+C" in said
        assert "jianwei pull" in said
        assert "正在加载" in said


def test_the_server_loads_no_openvino() -> None:
    code = "import sys, jianwei.server.app, jianwei.engine.worker; print('openvino' in sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "False"


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh"), ("en-US,en;q=0.9,zh;q=0.8", "en"), ("fr, zh;q=0.5", "zh"),
        ("fr", "en"), ("", "en"), (None, "en"), ("zh;q=0, en;q=0.1", "en"), ("zh;q=x", "en"),
        ("de, EN-gb", "en"),
    ],
)  # fmt: skip
def test_the_better_liked_language_is_spoken(header: str | None, language: str) -> None:
    assert accepted_language(header, "en") == language
