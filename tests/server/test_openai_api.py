"""The official client against the server: each must understand what the other sends."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import openai
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel
from server_fakes import CARD, Reply, Running, picture, serving, wait_until

from jianwei.errors import EngineError, InputError
from jianwei.server.openai_messages import decode_data_url

MODEL = CARD.name


@pytest.fixture
def api(server: Running) -> Iterator[openai.OpenAI]:
    with httpx.Client(trust_env=False) as http_client:
        yield openai.OpenAI(
            base_url=server.url + "/v1", api_key="none", max_retries=0, http_client=http_client
        )


def data_url(colour: str = "red") -> str:
    return "data:image/png;base64," + base64.b64encode(picture(colour)).decode()


def asked(*colours: str, text: str = "What?", detail: str = "auto") -> list[Any]:
    urls = [{"url": data_url(colour), "detail": detail} for colour in colours]
    parts: list[Any] = [{"type": "image_url", "image_url": url} for url in urls]
    return [{"role": "user", "content": [*parts, {"type": "text", "text": text}]}]


def test_text_alone_is_answered(api: openai.OpenAI) -> None:
    completion = api.chat.completions.create(model=MODEL, messages=[{"role": "user", "content": "Hello"}])
    assert completion.choices[0].message.content == "A carton."
    assert completion.choices[0].finish_reason == "stop"
    assert completion.object == "chat.completion"
    assert completion.usage is not None
    assert completion.usage.total_tokens == 102
    assert completion.usage.prompt_tokens_details is not None
    assert completion.usage.prompt_tokens_details.cached_tokens == 32


def test_pictures_and_history_reach_the_engine_in_order(server: Running, api: openai.OpenAI) -> None:
    messages: list[Any] = [
        {"role": "developer", "content": "Be brief."},
        *asked("red", "blue", text="Compare"),
        {"role": "assistant", "content": "Red and blue."},
        {"role": "user", "content": "Which is first?"},
    ]
    api.chat.completions.create(model=MODEL, messages=messages)
    seen = server.engine.requests[0].messages
    assert [message.role for message in seen] == ["system", "user", "assistant", "user"]
    assert [image.pixels[0, 0].tolist() for image in seen[1].images] == [[255, 0, 0], [0, 0, 255]]
    assert seen[3].text == "Which is first?"


def test_a_stream_gives_pieces_and_at_the_end_usage(api: openai.OpenAI) -> None:
    stream = api.chat.completions.create(
        model=MODEL, messages=asked("red"), stream=True, stream_options={"include_usage": True}
    )
    chunks = list(stream)
    pieces = [choice.delta.content or "" for chunk in chunks for choice in chunk.choices]
    assert "".join(pieces) == "A carton."
    assert chunks[0].choices[0].delta.role == "assistant"
    assert [chunk.choices[0].finish_reason for chunk in chunks if chunk.choices][-1] == "stop"
    assert chunks[-1].choices == []
    assert chunks[-1].usage is not None
    assert chunks[-1].usage.completion_tokens == 2
    assert len({chunk.id for chunk in chunks}) == 1


def test_a_stream_without_asking_has_no_usage(api: openai.OpenAI) -> None:
    chunks = list(api.chat.completions.create(model=MODEL, messages=asked("red"), stream=True))
    assert all(chunk.usage is None for chunk in chunks)


class Parcel(BaseModel):
    torn: bool
    side: str


def test_a_json_schema_forces_the_form_and_the_client_parses_it(server: Running, api: openai.OpenAI) -> None:
    server.engine.replies.append(Reply(['{"torn": true, ', '"side": "left"}']))
    completion = api.chat.completions.parse(model=MODEL, messages=asked("red"), response_format=Parcel)
    assert completion.choices[0].message.parsed == Parcel(torn=True, side="left")
    grammar = server.engine.requests[0].grammar
    assert grammar is not None
    assert json.loads(grammar.text)["required"] == ["torn", "side"]


def test_json_object_allows_any_object(server: Running, api: openai.OpenAI) -> None:
    api.chat.completions.create(model=MODEL, messages=asked(), response_format={"type": "json_object"})
    grammar = server.engine.requests[0].grammar
    assert grammar is not None
    assert json.loads(grammar.text) == {"type": "object"}


def test_sampling_reaches_the_engine(server: Running, api: openai.OpenAI) -> None:
    api.chat.completions.create(
        model=MODEL, messages=asked("red", detail="low"), temperature=0.5, top_p=0.8, seed=7,
        stop=["\n", "。"], presence_penalty=1.5, frequency_penalty=-1, max_completion_tokens=9, n=1, user="u",
        metadata={"a": "b"}, logprobs=False, tools=[],
        extra_body={"top_k": 20, "min_p": 0.1, "repetition_penalty": 1.1},
    )  # fmt: skip
    request = server.engine.requests[0]
    sampling = request.sampling
    assert (sampling.temperature, sampling.top_p, sampling.top_k, sampling.min_p) == (0.5, 0.8, 20, 0.1)
    assert (sampling.presence_penalty, sampling.frequency_penalty, sampling.repetition_penalty) == (
        1.5,
        -1,
        1.1,
    )
    assert (sampling.seed, sampling.stop, sampling.max_tokens) == (7, ("\n", "。"), 9)
    assert request.max_visual_tokens == 256


@pytest.mark.parametrize(
    ("options", "code", "param"),
    [
        ({"temperature": 3}, "bad_value", "temperature"),
        ({"max_tokens": 0}, "bad_value", "max_tokens"),
        ({"top_p": "x"}, "bad_value", "top_p"),
        ({"n": 2}, "unsupported_option", "n"),
        ({"logprobs": True}, "unsupported_option", "logprobs"),
        ({"extra_body": {"top_logprobs": 3}}, "unsupported_option", "top_logprobs"),
        ({"tools": [{"type": "function", "function": {"name": "f"}}]}, "unsupported_option", "tools"),
        ({"logit_bias": {"1": 2}}, "unsupported_option", "logit_bias"),
        ({"modalities": ["text", "audio"]}, "unsupported_option", "modalities"),
        ({"extra_body": {"temprature": 1}}, "unknown_field", "temprature"),
        ({"messages": []}, "bad_value", "messages"),
        (
            {"messages": [{"role": "tool", "content": "x", "tool_call_id": "1"}]},
            "bad_value",
            "messages.0.role",
        ),
        ({"messages": [{"role": "assistant", "content": "x"}]}, "bad_value", "messages"),
        (
            {"messages": [{"role": "user", "content": [{"type": "input_audio"}]}]},
            "bad_value",
            "messages.0.content",
        ),
        ({"messages": [{"role": "user", "content": " "}]}, "empty_query", None),
        ({"response_format": {"type": "xml"}}, "bad_value", "response_format"),
    ],
)
def test_what_means_nothing_here_is_refused_and_named(
    server: Running, api: openai.OpenAI, options: dict[str, Any], code: str, param: str | None
) -> None:
    with pytest.raises(openai.APIStatusError) as caught:
        api.chat.completions.create(**{"model": MODEL, "messages": asked("red"), **options})
    assert caught.value.code == code
    assert caught.value.type == "invalid_request_error"
    if param is not None:
        assert str(caught.value.param).startswith(param)
    assert not server.engine.requests


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("data:image/png;base64,AAAA", "not_a_picture"),
        ("data:image/png;base64,", "empty_file"),
        ("data:image/png;base64,@@@", "bad_value"),
        ("data:nonsense", "bad_value"),
        ("http://example.com/a.png", "urls_not_allowed"),
        ("file:///etc/passwd", "urls_not_allowed"),
    ],
)
def test_a_picture_that_is_none_is_refused(api: openai.OpenAI, url: str, code: str) -> None:
    content: list[Any] = [{"type": "image_url", "image_url": {"url": url}}, {"type": "text", "text": "q"}]
    with pytest.raises(openai.APIStatusError) as caught:
        api.chat.completions.create(model=MODEL, messages=[{"role": "user", "content": content}])
    assert caught.value.code == code


def test_too_many_pictures_in_all_messages_are_refused(tmp_path: Path) -> None:
    with serving(tmp_path, max_pictures=1) as server:
        body = {"messages": [*asked("red"), {"role": "assistant", "content": "a"}, *asked("blue")]}
        response = httpx.post(server.url + "/v1/chat/completions", json=body, trust_env=False)
        assert response.json()["error"]["code"] == "too_many_pictures"


def test_errors_are_raised_as_the_clients_own_kinds(server: Running, api: openai.OpenAI) -> None:
    with pytest.raises(openai.NotFoundError) as missing:
        api.chat.completions.create(model="gpt-4o", messages=asked("red"))
    assert missing.value.code == "unknown_model"
    server.engine.replies.append(Reply([], error=InputError("context_too_long", got=9, limit=4)))
    with pytest.raises(openai.APIStatusError) as long:
        api.chat.completions.create(model=MODEL, messages=asked("red"))
    assert long.value.code == "context_too_long"
    server.engine.state = "loading"
    with pytest.raises(openai.InternalServerError) as loading:
        api.chat.completions.create(model=MODEL, messages=asked("red"))
    assert loading.value.code == "engine_loading"


def test_the_key_is_the_clients_api_key(tmp_path: Path) -> None:
    with serving(tmp_path, api_key="right") as server, httpx.Client(trust_env=False) as http_client:
        wrong = openai.OpenAI(
            base_url=server.url + "/v1", api_key="wrong", max_retries=0, http_client=http_client
        )
        with pytest.raises(openai.AuthenticationError) as caught:
            wrong.models.list()
        assert caught.value.code == "unauthorized"
        right = openai.OpenAI(base_url=server.url + "/v1", api_key="right", http_client=http_client)
        assert [model.id for model in right.models.list()] == [MODEL]


def test_an_error_in_mid_stream_is_raised_by_the_client(server: Running, api: openai.OpenAI) -> None:
    server.engine.replies.append(Reply(["A "], error=EngineError("engine_crashed")))
    stream = api.chat.completions.create(model=MODEL, messages=asked("red"), stream=True)
    with pytest.raises(openai.APIError) as caught:
        list(stream)
    assert caught.value.code == "engine_crashed"


def test_leaving_a_stream_stops_the_answer(server: Running, api: openai.OpenAI) -> None:
    server.engine.replies.append(Reply(["A ", "never"], hold=threading.Event()))
    stream = api.chat.completions.create(model=MODEL, messages=asked("red"), stream=True)
    next(iter(stream))
    stream.close()
    wait_until(lambda: server.engine.cancelled)


def test_models_are_listed_and_found(api: openai.OpenAI) -> None:
    assert [model.id for model in api.models.list()] == [MODEL]
    assert api.models.retrieve(MODEL).id == MODEL
    with pytest.raises(openai.NotFoundError):
        api.models.retrieve("other")


def test_nothing_of_it_is_kept(server: Running, api: openai.OpenAI, client: httpx.Client) -> None:
    api.chat.completions.create(model=MODEL, messages=asked("red"))
    assert client.get("/api/v1/conversations").json() == {"conversations": []}


@pytest.mark.parametrize(
    ("content", "kind", "code"),
    [
        (b"{", "application/json", "bad_request"),
        (b"[]", "application/json", "bad_value"),
        (b"\xff", "application/json", "bad_request"),
        (b"[" * 100_000, "application/json", "bad_request"),
        (b"{}", "text/plain", "bad_request"),
    ],
)
def test_a_body_that_is_no_request_is_refused(
    client: httpx.Client, content: bytes, kind: str, code: str
) -> None:
    response = client.post("/v1/chat/completions", content=content, headers={"Content-Type": kind})
    assert response.json()["error"]["code"] == code
    assert set(response.json()["error"]) == {"message", "type", "param", "code"}


@given(st.binary(max_size=200), st.booleans())
def test_a_data_url_gives_the_bytes_back(data: bytes, padded: bool) -> None:
    text = base64.b64encode(data).decode()
    assert decode_data_url("data:image/png;base64," + (text if padded else text.rstrip("=")))[0] == data


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda some: st.lists(some, max_size=3) | st.dictionaries(st.text(max_size=8), some, max_size=3),
    max_leaves=10,
)
FIELDS = st.sampled_from(
    ["messages", "model", "stop", "response_format", "stream_options", "seed", "n", "stream"]
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
@given(st.dictionaries(FIELDS, JSON, max_size=4))
def test_whatever_a_body_holds_the_answer_is_an_error_of_ours(
    client: httpx.Client, body: dict[str, Any]
) -> None:
    try:
        content = json.dumps(body).encode()
    except UnicodeEncodeError:
        return
    headers = {"Content-Type": "application/json"}
    response = client.post("/v1/chat/completions", content=content, headers=headers)
    assert 400 <= response.status_code < 500
    assert response.json()["error"]["code"] in {
        "bad_value",
        "bad_request",
        "unknown_field",
        "unsupported_option",
    }
