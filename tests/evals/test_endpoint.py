"""A server as it may be: good, without a list of models, without forms, refusing, slow, or gone."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from random import Random

import numpy as np
import pytest
from oracle import Asked, Refusal, oracle

from jianwei.errors import EngineError, InputError
from jianwei.evals.asking import AnswerFailed
from jianwei.evals.endpoint import CONNECTION_ERRORS, Endpoint
from jianwei.types import Image

PICTURE = Image(np.random.default_rng(0).integers(0, 256, (40, 60, 3), dtype=np.uint8))
SCHEMA = '{"type": "object"}'


def ask(endpoint: Endpoint, schema: str | None = None) -> str:
    return endpoint.answer(PICTURE, "What is it?", max_tokens=9, schema=schema)


def raising(status: int, words: str = "") -> Callable[[Asked], str]:
    def answer(_: Asked) -> str:
        raise Refusal(status, words)

    return answer


def test_the_picture_arrives_pixel_for_pixel_with_a_greedy_request() -> None:
    with oracle(lambda asked: asked.text.upper()) as server:
        endpoint = Endpoint(server.url, api_key="secret")
        assert ask(endpoint) == "WHAT IS IT?"
    (asked,) = server.asked
    assert asked.image.digest == PICTURE.digest
    assert asked.authorization == "Bearer secret"
    assert (asked.body["model"], asked.body["temperature"], asked.body["max_tokens"]) == ("oracle", 0, 9)
    assert "response_format" not in asked.body


@pytest.mark.parametrize("path", ["", "/", "/v1", "/v1/", "/v1/chat/completions"])
def test_the_address_may_be_written_in_every_usual_way(path: str) -> None:
    with oracle(lambda _: "yes") as server:
        endpoint = Endpoint(server.url + path)
        assert str(endpoint.url) == server.url + "/v1"
        assert ask(endpoint) == "yes"


@pytest.mark.parametrize(
    "address", ["", "localhost:5000", "ftp://x/v1", "http://", "https://[::1", "http://\0"]
)
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(InputError) as caught:
        Endpoint(address)
    assert caught.value.code == "bad_value"


def test_the_model_is_the_named_one_or_the_first_listed_or_left_to_the_server() -> None:
    with oracle(lambda _: "yes", models=("one", "two")) as server:
        assert Endpoint(server.url).name == "one"
        assert Endpoint(server.url, model="two").name == "two"
        assert not Endpoint(server.url).knows_forms
        assert Endpoint(server.url, model="builtin").knows_forms
    with oracle(lambda _: "yes", models=()) as server:
        endpoint = Endpoint(server.url)
        assert endpoint.name == "default"
        assert ask(endpoint) == "yes"


def test_a_form_is_asked_for_and_done_without_where_the_server_has_none() -> None:
    def formless(asked: Asked) -> str:
        if "response_format" in asked.body:
            raise Refusal(400, "response_format is not supported")
        return "{}"

    with oracle(formless) as server:
        endpoint = Endpoint(server.url)
        assert ask(endpoint, SCHEMA) == "{}"
        assert ask(endpoint, SCHEMA) == "{}"
    forms = [asked.body.get("response_format") for asked in server.asked]
    assert forms[0] is not None
    assert forms[0]["json_schema"]["schema"] == json.loads(SCHEMA)
    assert forms[1:] == [None, None]


def test_an_error_of_the_server_fails_one_answer_with_its_words() -> None:
    with oracle(raising(500, "the model fell over.")) as server:
        endpoint = Endpoint(server.url)
        for _ in range(CONNECTION_ERRORS + 2):
            with pytest.raises(AnswerFailed, match="HTTP 500: the model fell over"):
                ask(endpoint)


@pytest.mark.parametrize("status", [401, 403, 404])
def test_what_every_question_would_meet_ends_the_run(status: int) -> None:
    with oracle(raising(status, "not for you")) as server:
        endpoint = Endpoint(server.url)
        with pytest.raises(EngineError) as caught:
            ask(endpoint)
    assert caught.value.code == "endpoint_unreachable"
    assert "not for you" in caught.value.text("en")


def test_several_broken_connections_in_a_row_end_the_run() -> None:
    broken = iter([True, True, False, *[True] * CONNECTION_ERRORS])

    def answer(_: Asked) -> str:
        if next(broken):
            raise Refusal(0)
        return "yes"

    with oracle(answer) as server:
        endpoint = Endpoint(server.url)
        for _ in range(2):
            with pytest.raises(AnswerFailed, match="broke off"):
                ask(endpoint)
        assert ask(endpoint) == "yes"
        for _ in range(CONNECTION_ERRORS - 1):
            with pytest.raises(AnswerFailed):
                ask(endpoint)
        with pytest.raises(EngineError) as caught:
            ask(endpoint)
    assert caught.value.code == "endpoint_unreachable"
    assert "连接中断" in caught.value.text("zh")


def test_nobody_there_is_said_before_the_first_question() -> None:
    with oracle(lambda _: "yes") as server:
        pass
    with pytest.raises(EngineError, match="no connection"):
        Endpoint(server.url)


def test_a_slow_answer_fails_in_time() -> None:
    done = threading.Event()

    def slow(_: Asked) -> str:
        done.wait(10)
        return "too late"

    with oracle(slow) as server:
        endpoint = Endpoint(server.url, timeout=0.2)
        with pytest.raises(AnswerFailed, match="no answer in time"):
            ask(endpoint)
        done.set()


@pytest.mark.parametrize("content", [None, 3, []])
def test_an_answer_without_words_is_empty(content: object) -> None:
    with oracle(lambda _: content) as server:
        assert ask(Endpoint(server.url)) == ""


def test_words_in_parts_are_joined() -> None:
    with oracle(lambda _: [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]) as server:
        assert ask(Endpoint(server.url)) == "ab"


def test_memory_is_that_of_the_listening_process() -> None:
    with oracle(lambda _: "yes") as server:
        endpoint = Endpoint(server.url)
        # What earlier tests used may be given back between the two looks, so there are several.
        for _ in range(20):
            before = endpoint.memory()
            held = Random(0).randbytes(64 << 20)
            after = endpoint.memory()
            assert before is not None
            assert after is not None
            assert len(held) == 64 << 20
            del held
            if after - before > 32 << 20:
                return
            time.sleep(0.5)
    pytest.fail("64 MB were held and never seen")
