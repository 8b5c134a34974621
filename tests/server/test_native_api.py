from __future__ import annotations

import http.client
import json
import threading
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from server_fakes import Reply, Running, parse_events, picture, serving, wait_until

from jianwei.errors import EngineError, InputError
from jianwei.types import JSON_ANSWER

CHAT = "/api/v1/chat"


def image(colour: str = "red", name: str = "box.png") -> dict[str, tuple[str, bytes]]:
    return {"image": (name, picture(colour))}


def error_of(response: httpx.Response) -> dict[str, str]:
    body = response.json()["error"]
    assert set(body) == {"code", "message", "fix"}
    return body


def test_a_form_with_a_picture_and_a_question_is_answered(server: Running, client: httpx.Client) -> None:
    response = client.post(CHAT, files=image(), data={"query": "What is this?"})
    body = response.json()
    assert response.status_code == 200
    assert body["answer"] == "A carton."
    assert set(body) == {
        "answer", "conversation_id", "turn_id", "finish_reason", "model", "usage", "timings",
    }  # fmt: skip
    (request,) = server.engine.requests
    (message,) = request.messages
    assert message.text == "What is this?"
    assert message.images[0].pixels[0, 0].tolist() == [255, 0, 0]


def test_several_pictures_keep_their_order(server: Running, client: httpx.Client) -> None:
    files = [("image", ("1.png", picture("red"))), ("image", ("2.png", picture("blue")))]
    assert client.post(CHAT, files=files, data={"query": "Compare"}).status_code == 200
    colours = [picture.pixels[0, 0].tolist() for picture in server.engine.requests[0].messages[0].images]
    assert colours == [[255, 0, 0], [0, 0, 255]]


def test_a_follow_up_needs_no_picture_again(server: Running, client: httpx.Client) -> None:
    first = client.post(CHAT, files=image(), data={"query": "What is this?"}).json()
    follow_up = {"query": "Which colour?", "conversation_id": first["conversation_id"]}
    second = client.post(CHAT, data=follow_up).json()  # without files: an urlencoded form
    assert second["conversation_id"] == first["conversation_id"]
    assert second["timings"]["vision_runs"] == 0
    messages = server.engine.requests[1].messages
    assert [(message.role, message.text) for message in messages] == [
        ("user", "What is this?"),
        ("assistant", "A carton."),
        ("user", "Which colour?"),
    ]
    assert len(messages[0].images) == 1
    assert not messages[2].images
    assert server.decoder.decoded == 1


def test_a_follow_up_may_bring_another_picture(server: Running, client: httpx.Client) -> None:
    first = client.post(CHAT, files=image(), data={"query": "a"}).json()
    client.post(CHAT, files=image("blue"), data={"query": "b", "conversation_id": first["conversation_id"]})
    assert [len(message.images) for message in server.engine.requests[1].messages] == [1, 0, 1]


def test_json_is_forced_by_grammar_and_parsed(server: Running, client: httpx.Client) -> None:
    server.engine.replies.append(Reply(['{"objects": ["货架"], ', '"texts": [], "spatial_relations": []}']))
    body = client.post(CHAT, files=image(), data={"query": "有什么", "json": "true"}).json()
    assert body["data"] == {"objects": ["货架"], "texts": [], "spatial_relations": []}
    assert server.engine.requests[0].grammar == JSON_ANSWER


def test_a_schema_of_the_users_own_reaches_the_engine(server: Running, client: httpx.Client) -> None:
    schema = json.dumps({"type": "object", "properties": {"total": {"type": "number"}}})
    server.engine.replies.append(Reply(['{"total": 3}']))
    body = client.post(CHAT, files=image(), data={"query": "Total?", "schema": schema}).json()
    assert body["data"] == {"total": 3}
    grammar = server.engine.requests[0].grammar
    assert grammar is not None
    assert grammar.text == schema


def test_json_cut_off_by_the_limit_has_no_data_and_says_why(server: Running, client: httpx.Client) -> None:
    server.engine.replies.append(Reply(['{"objects": ['], finish_reason="length"))
    body = client.post(CHAT, files=image(), data={"query": "q", "json": "1"}).json()
    assert body["data"] is None
    assert body["finish_reason"] == "length"


def test_options_reach_the_engine(server: Running, client: httpx.Client) -> None:
    options = {"max_tokens": "50", "temperature": "0.7", "max_visual_tokens": "256", "ocr": "off"}
    assert client.post(CHAT, files=image(), data={"query": "q", **options}).status_code == 200
    request = server.engine.requests[0]
    assert request.sampling.max_tokens == 50
    assert request.sampling.temperature == 0.7
    assert request.max_visual_tokens == 256
    assert request.ocr == "off"


def test_a_stream_tells_where_it_is_kept_then_the_text_then_the_whole(client: httpx.Client) -> None:
    response = client.post(CHAT, files=image(), data={"query": "q", "stream": "true"})
    assert response.headers["content-type"].startswith("text/event-stream")
    events = parse_events(response.text)
    assert [name for name, _ in events] == ["start", "delta", "delta", "done"]
    start, *deltas, done = [json.loads(data) for _, data in events]
    assert "".join(delta["text"] for delta in deltas) == "A carton." == done["answer"]
    assert start["conversation_id"] == done["conversation_id"]


def test_a_stream_ends_with_one_error_when_the_engine_fails(server: Running, client: httpx.Client) -> None:
    server.engine.replies.append(Reply(["A "], error=EngineError("engine_crashed")))
    events = parse_events(client.post(CHAT, files=image(), data={"query": "q", "stream": "true"}).text)
    assert [name for name, _ in events] == ["start", "delta", "error"]
    assert json.loads(events[-1][1])["error"]["code"] == "engine_crashed"


def test_a_waiting_stream_sends_heartbeats(
    server: Running, client: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jianwei.server.native_api.HEARTBEAT_SECONDS", 0.02)
    hold = threading.Event()
    server.engine.replies.append(Reply(["late"], hold=hold))
    with client.stream("POST", CHAT, files=image(), data={"query": "q", "stream": "true"}) as response:
        lines = response.iter_lines()
        while next(lines) != ": waiting":
            pass
        hold.set()
        assert any("late" in line for line in lines)


def test_an_unknown_field_names_the_known_ones(server: Running, client: httpx.Client) -> None:
    response = client.post(CHAT, files=image(), data={"query": "q", "colour": "red"})
    assert response.status_code == 422
    error = error_of(response)
    assert error["code"] == "unknown_field"
    assert "conversation_id" in error["fix"]
    assert not server.engine.requests


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("max_tokens", "0"), ("max_tokens", "many"), ("max_tokens", "100000000"), ("temperature", "3"),
        ("temperature", "nan"), ("language", "fr"), ("ocr", "maybe"), ("stream", "perhaps"),
        ("max_visual_tokens", "-1"),
    ],
)  # fmt: skip
def test_a_bad_value_is_named_in_the_users_language(client: httpx.Client, field: str, value: str) -> None:
    data = {"query": "q", field: value}
    english = error_of(client.post(CHAT, files=image(), data=data, headers={"Accept-Language": "en"}))
    assert english["code"] == "bad_value"
    assert field in english["message"]
    chinese = error_of(client.post(CHAT, files=image(), data=data, headers={"Accept-Language": "zh-CN"}))
    assert "无效" in chinese["message"]


@pytest.mark.parametrize("schema", ["{", "[]", "3", '{"a":' * 20000 + "1" + "}" * 20000])
def test_a_schema_that_is_none_is_refused(client: httpx.Client, schema: str) -> None:
    response = client.post(CHAT, files=image(), data={"query": "q", "schema": schema})
    assert error_of(response)["code"] in {"bad_schema", "bad_value"}


def test_a_field_given_twice_is_refused(client: httpx.Client) -> None:
    files = [("image", ("a.png", picture())), ("query", (None, "a")), ("query", (None, "b"))]
    assert error_of(client.post(CHAT, files=files))["code"] == "bad_value"


@pytest.mark.parametrize("query", ["", "   ", "\n"])
def test_an_empty_question_is_refused(client: httpx.Client, query: str) -> None:
    assert error_of(client.post(CHAT, files=image(), data={"query": query}))["code"] == "empty_query"


def test_a_question_without_any_picture_is_refused(client: httpx.Client) -> None:
    assert error_of(client.post(CHAT, data={"query": "q"}))["code"] == "no_picture"


@pytest.mark.parametrize("files", [None, {"image": ("a.png", b"")}])
def test_an_unknown_conversation_is_refused(client: httpx.Client, files: object) -> None:
    data = {"query": "q", "conversation_id": "nope"}
    response = client.post(CHAT, data=data) if files is None else client.post(CHAT, data=data, files=image())
    assert response.status_code == 404
    assert error_of(response)["code"] == "unknown_conversation"


@pytest.mark.parametrize(
    ("data", "code"),
    [(b"", "empty_file"), (b"hello, I am a text", "not_a_picture"), (picture()[:60], "picture_damaged")],
)
def test_what_is_no_picture_is_refused_and_nothing_is_kept(
    server: Running, client: httpx.Client, data: bytes, code: str
) -> None:
    response = client.post(CHAT, files={"image": ("x.png", data)}, data={"query": "q"})
    assert error_of(response)["code"] == code
    assert client.get("/api/v1/conversations").json() == {"conversations": []}
    assert not list((server.settings.home / "pictures").rglob("*/*"))


def test_a_picture_over_the_limit_is_refused_while_it_arrives(tmp_path: Path) -> None:
    with serving(tmp_path, max_upload=1) as server:
        files = {"image": ("big.png", b"\x89PNG" + bytes(3 << 20))}
        response = httpx.post(server.url + CHAT, files=files, data={"query": "q"}, trust_env=False)
        assert response.status_code == 413
        assert error_of(response)["code"] == "picture_too_large"


def test_a_request_over_the_limit_is_refused_though_each_picture_is_small(tmp_path: Path) -> None:
    with serving(tmp_path, max_request=1) as server:
        files = [("image", (f"{number}.png", bytes(300_000))) for number in range(8)]
        response = httpx.post(server.url + CHAT, files=files, data={"query": "q"}, trust_env=False)
        assert response.status_code == 413
        assert error_of(response)["code"] == "request_too_large"


def test_too_many_pictures_are_refused(tmp_path: Path) -> None:
    with serving(tmp_path, max_pictures=2) as server:
        files = [("image", ("a.png", picture()))] * 3
        response = httpx.post(server.url + CHAT, files=files, data={"query": "q"}, trust_env=False)
        assert error_of(response)["code"] == "too_many_pictures"


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"{}", "application/json"),
        (b"hello", "text/plain"),
        (b"--x\r\nbroken", "multipart/form-data; boundary=x"),
        (b"", "multipart/form-data; boundary=x"),
        (b"--x", "multipart/form-data"),
        (b'--x\r\nContent-Disposition: form-data; name="query"\r\n\r\nq', "multipart/form-data; boundary=x"),
        (b"query=%ff", "application/x-www-form-urlencoded"),
        (b"query=" + b"a" * (2 << 20), "application/x-www-form-urlencoded"),
    ],
)
def test_a_body_that_is_no_form_is_refused(client: httpx.Client, content: bytes, kind: str) -> None:
    response = client.post(CHAT, content=content, headers={"Content-Type": kind})
    assert response.status_code == 400
    assert error_of(response)["code"] == "bad_request"


def test_addresses_of_pictures_are_off_unless_allowed(client: httpx.Client) -> None:
    response = client.post(CHAT, data={"query": "q", "image_url": "http://example.com/a.png"})
    assert response.status_code == 403
    assert error_of(response)["code"] == "urls_not_allowed"


def test_when_allowed_a_picture_is_fetched_but_never_from_inside(tmp_path: Path) -> None:
    with serving(tmp_path, allow_url=True) as server:
        data = {"query": "q", "image_url": f"{server.url}/static/icon.svg"}
        response = httpx.post(server.url + CHAT, data=data, trust_env=False)
        assert error_of(response)["code"] == "url_failed"

        async def fetched(url: str) -> tuple[bytes, str]:
            return picture("lime"), "remote.png"

        server.app.state.context.fetcher.fetch = fetched
        assert httpx.post(server.url + CHAT, data=data, trust_env=False).json()["answer"] == "A carton."
        image = server.engine.requests[0].messages[0].images[0]
        assert image.pixels[0, 0].tolist() == [0, 255, 0]


def test_an_error_of_the_engine_has_its_code_and_the_place_of_the_question(
    server: Running, client: httpx.Client
) -> None:
    server.engine.replies.append(Reply([], error=InputError("context_too_long", got=9000, limit=4096)))
    response = client.post(CHAT, files=image(), data={"query": "q"})
    assert response.status_code == 413
    assert response.json()["error"]["code"] == "context_too_long"
    assert response.json()["conversation_id"]


def test_a_failed_question_is_asked_again_without_its_picture(server: Running, client: httpx.Client) -> None:
    server.engine.replies.append(Reply(["x"], error=EngineError("engine_crashed")))
    failed = client.post(CHAT, files=image(), data={"query": "q"}).json()
    again = client.post(CHAT, data={"query": "q", "conversation_id": failed["conversation_id"]})
    assert again.json()["answer"] == "A carton."
    (message,) = server.engine.requests[-1].messages
    assert len(message.images) == 1


def test_what_nobody_foresaw_gives_a_reference_and_nothing_internal(
    server: Running, client: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("secret path /root/x")

    monkeypatch.setattr(server.engine, "submit", broken)
    response = client.post(CHAT, files=image(), data={"query": "q"})
    assert response.status_code == 500
    assert response.json()["error"]["code"] == "internal_error"
    assert "secret" not in response.text


def test_while_the_model_loads_questions_are_told_to_wait(server: Running, client: httpx.Client) -> None:
    server.engine.state = "loading"
    response = client.post(CHAT, files=image(), data={"query": "q"})
    assert response.status_code == 503
    assert error_of(response)["code"] == "engine_loading"
    assert int(response.headers["retry-after"]) > 0


def test_the_language_field_decides_the_language_of_errors(client: httpx.Client) -> None:
    response = client.post(CHAT, data={"query": "q", "language": "zh"}, headers={"Accept-Language": "en"})
    assert "没有图片" in error_of(response)["message"]


def test_queue_limit_gives_busy_with_retry_after(tmp_path: Path) -> None:
    with (
        serving(tmp_path, max_running=1, max_queue=1) as server,
        httpx.Client(base_url=server.url, timeout=20, trust_env=False) as client,
    ):
        hold = threading.Event()
        server.engine.replies.extend([Reply(["a"], hold=hold), Reply(["b"], hold=hold)])
        answers: list[int] = []

        def ask() -> None:
            answers.append(client.post(CHAT, files=image(), data={"query": "q"}).status_code)

        threads = [threading.Thread(target=ask) for _ in range(2)]
        for thread in threads:
            thread.start()
        wait_until(lambda: len(server.engine.requests) == 2)
        refused = client.post(CHAT, files=image(), data={"query": "q"})
        assert refused.status_code == 503
        assert error_of(refused)["code"] == "busy"
        assert int(refused.headers["retry-after"]) > 0
        hold.set()
        for thread in threads:
            thread.join()
        assert answers == [200, 200]
        assert client.post(CHAT, files=image(), data={"query": "q"}).status_code == 200


@pytest.mark.parametrize("stream", ["false", "true"])
def test_a_client_that_goes_away_stops_the_answer_and_what_there_is_is_kept(
    server: Running, client: httpx.Client, stream: str
) -> None:
    server.engine.replies.append(Reply(["A ", "never"], hold=threading.Event()))
    body = httpx.Request("POST", server.url, files=image(), data={"query": "q", "stream": stream})
    connection = http.client.HTTPConnection(urlsplit(server.url).netloc)
    connection.request("POST", CHAT, body.read(), {"Content-Type": body.headers["content-type"]})
    wait_until(lambda: server.engine.running)
    connection.close() if connection.sock is None else connection.sock.close()
    wait_until(lambda: server.engine.cancelled)
    (summary,) = client.get("/api/v1/conversations").json()["conversations"]

    def turn() -> dict[str, str]:
        return client.get(f"/api/v1/conversations/{summary['id']}").json()["turns"][0]

    wait_until(lambda: turn()["state"] != "running")
    assert turn()["state"] == "cancelled"
    assert turn()["answer"] == "A "


def test_a_second_question_waits_its_turn_and_may_stop_the_first(
    server: Running, client: httpx.Client
) -> None:
    conversation = client.post(CHAT, files=image(), data={"query": "1"}).json()["conversation_id"]
    server.engine.replies.append(Reply(["A ", "never"], hold=threading.Event()))
    first: list[dict[str, str]] = []
    data = {"query": "2", "conversation_id": conversation}
    thread = threading.Thread(target=lambda: first.append(client.post(CHAT, data=data).json()))
    thread.start()
    wait_until(lambda: len(server.engine.requests) == 2)
    refused = client.post(CHAT, data={"query": "3", "conversation_id": conversation})
    assert refused.status_code == 409
    assert error_of(refused)["code"] == "conversation_busy"
    assert client.post(f"/api/v1/conversations/{conversation}/stop").json() == {"stopped": True}
    thread.join()
    assert first[0]["finish_reason"] == "cancelled"
    assert first[0]["answer"] == "A "
    assert (
        client.post(CHAT, data={"query": "3", "conversation_id": conversation}).json()["answer"]
        == "A carton."
    )


def test_names_of_files_are_only_names(server: Running, client: httpx.Client) -> None:
    name = "../../etc/<script>箱子.png"
    client.post(CHAT, files=image(name=name), data={"query": "q"})
    (summary,) = client.get("/api/v1/conversations").json()["conversations"]
    (turn,) = client.get(f"/api/v1/conversations/{summary['id']}").json()["turns"]
    assert turn["pictures"][0]["name"] == "<script>箱子.png"
    files = [path for path in (server.settings.home / "pictures").rglob("*") if path.is_file()]
    assert [path.name for path in files] == [turn["pictures"][0]["digest"]]
