from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from cli_fakes import Answer, FakeModel, Jianwei, json_answer

from jianwei.config import Settings
from jianwei.errors import EngineError, ModelFileError
from jianwei.types import JSON_ANSWER


def test_answer_is_on_stdout_and_nothing_else(jianwei: Jianwei, model: FakeModel, photo: Path) -> None:
    ended = jianwei("ask", str(photo), "What is it?")
    assert (ended.code, ended.out, ended.err) == (0, "A carton.\n", "")
    assert model.closed


def test_pictures_come_before_the_question_in_their_order(
    jianwei: Jianwei, model: FakeModel, photo: Path, tmp_path: Path
) -> None:
    second = tmp_path / "second.png"
    second.write_bytes(photo.read_bytes())
    assert jianwei("ask", str(photo), str(second), "What has changed?").code == 0
    (message,) = model.requests[0].messages
    assert [image.name for image in message.images] == ["photo.png", "second.png"]
    assert message.text == "What has changed?"


def test_options_reach_the_request(jianwei: Jianwei, model: FakeModel, photo: Path) -> None:
    sampling = ["--max-tokens", "7", "--temperature", "0.5", "--seed", "3"]
    pictures = ["--ocr", "off", "--detail", "64", "--prune", "4"]
    assert jianwei("ask", str(photo), "q", *sampling, *pictures).code == 0
    request = model.requests[0]
    assert (request.sampling.max_tokens, request.sampling.temperature, request.sampling.seed) == (7, 0.5, 3)
    assert (request.ocr, request.max_visual_tokens, request.grammar) == ("off", 64, None)
    assert request.prune == 4


def test_picture_from_standard_input(
    jianwei: Jianwei, model: FakeModel, photo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(photo.read_bytes())))
    assert jianwei("ask", "-", "What is it?").code == 0
    (image,) = model.requests[0].messages[0].images
    assert (image.width, image.height) == (64, 48)


def test_standard_input_twice_is_wrong_usage(jianwei: Jianwei, model: FakeModel) -> None:
    ended = jianwei("ask", "-", "-", "What is it?")
    assert ended.code == 2
    assert "[usage]" in ended.err


def test_address_needs_allow_url(jianwei: Jianwei, model: FakeModel) -> None:
    ended = jianwei("ask", "https://example.org/a.png", "What is it?")
    assert ended.code == 3
    assert "[urls_not_allowed]" in ended.err
    assert not model.requests


def test_json_is_whole_and_has_the_three_keys(jianwei: Jianwei, model: FakeModel, photo: Path) -> None:
    value = {"objects": ["货架"], "texts": ["¥29.9/盒"], "spatial_relations": ["价签在左上角"]}
    model.answers = [json_answer(value)]
    ended = jianwei("ask", str(photo), "列出商品", "--json")
    assert ended.code == 0
    assert json.loads(ended.out) == value
    assert "货架" in ended.out
    assert model.requests[0].grammar == JSON_ANSWER


def test_json_that_was_cut_off_is_an_error_and_prints_nothing(
    jianwei: Jianwei, model: FakeModel, photo: Path
) -> None:
    model.answers = [Answer(['{"objects": ["a'], finish_reason="length")]
    ended = jianwei("ask", str(photo), "q", "--json")
    assert (ended.code, ended.out) == (1, "")
    assert "[answer_cut_off]" in ended.err
    assert "--max-tokens" in ended.err


def test_schema_file_becomes_the_grammar(
    jianwei: Jianwei, model: FakeModel, photo: Path, tmp_path: Path
) -> None:
    schema = tmp_path / "schema.json"
    schema.write_text('{"type": "object"}', encoding="utf-8-sig")
    model.answers = [json_answer({})]
    assert jianwei("ask", str(photo), "q", "--schema", str(schema)).code == 0
    grammar = model.requests[0].grammar
    assert grammar is not None
    assert json.loads(grammar.text) == {"type": "object"}


@pytest.mark.parametrize("content", [b"", b"{", b"[1]", b"\xff\xfe", b"[" * 100_000])
def test_bad_schema_file_is_bad_input(
    jianwei: Jianwei, model: FakeModel, photo: Path, tmp_path: Path, content: bytes
) -> None:
    schema = tmp_path / "schema.json"
    schema.write_bytes(content)
    ended = jianwei("ask", str(photo), "q", "--schema", str(schema))
    assert ended.code == 3
    assert "[bad_schema]" in ended.err


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["missing.png", "q"], "file_not_found"),
        (["empty.png", "q"], "empty_file"),
        (["text.png", "q"], "not_a_picture"),
        ([".", "q"], "file_unreadable"),
        (["photo.png", "  "], "empty_query"),
        (["photo.png"] * 17 + ["q"], "too_many_pictures"),
        (["photo.png", "q", "--schema", "missing.json"], "file_not_found"),
    ],
)
def test_bad_input_is_one_line_with_its_code_and_exit_3(
    jianwei: Jianwei, model: FakeModel, photo: Path, words: list[str], code: str
) -> None:
    (photo.parent / "empty.png").write_bytes(b"")
    (photo.parent / "text.png").write_text("hello")
    ended = jianwei("ask", *words)
    assert (ended.code, ended.out) == (3, "")
    assert ended.err.count("\n") == 1
    assert f"[{code}]" in ended.err


@pytest.mark.parametrize(
    "words",
    [
        ["ask"],
        ["ask", "photo.png"],
        ["ask", "photo.png", "q", "--nonsense"],
        ["ask", "photo.png", "q", "--max-tokens", "0"],
        ["ask", "photo.png", "q", "--max-tokens", "many"],
        ["ask", "photo.png", "q", "--ocr", "maybe"],
        ["ask", "photo.png", "q", "--model"],
        ["nonsense"],
        ["models", "nonsense"],
    ],
)
@pytest.mark.parametrize("language", ["en", "zh"])
def test_wrong_usage_is_one_line_that_names_the_help(
    jianwei: Jianwei, monkeypatch: pytest.MonkeyPatch, words: list[str], language: str
) -> None:
    monkeypatch.setenv("JIANWEI_LANGUAGE", language)
    ended = jianwei(*words)
    assert (ended.code, ended.out) == (2, "")
    assert ended.err.count("\n") == 1
    assert "--help`" in ended.err
    assert ended.err.startswith("错误：" if language == "zh" else "Error: ")


def test_failure_of_the_engine_is_exit_1(jianwei: Jianwei, model: FakeModel, photo: Path) -> None:
    model.answers = [Answer(["Half"], error=EngineError("engine_crashed"))]
    ended = jianwei("ask", str(photo), "q")
    assert ended.code == 1
    assert ended.out.startswith("Half")
    assert "[engine_crashed]" in ended.err
    assert model.closed


def test_model_that_cannot_be_loaded_is_exit_1(
    jianwei: Jianwei, photo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(settings: object) -> FakeModel:
        raise ModelFileError("model_not_here", name="qwen3-vl-2b")

    monkeypatch.setattr("jianwei.cli.answering.make_model", refuse)
    ended = jianwei("ask", str(photo), "q")
    assert ended.code == 1
    assert "jianwei pull qwen3-vl-2b" in ended.err


def test_unforeseen_error_is_a_line_and_a_traceback_only_when_debugging(
    jianwei: Jianwei, model: FakeModel, photo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model.answers = [Answer(error=ZeroDivisionError("x")), Answer(error=ZeroDivisionError("x"))]
    ended = jianwei("ask", str(photo), "q")
    assert ended.code == 1
    assert "[internal_error]" in ended.err
    assert "Traceback" not in ended.err
    monkeypatch.setenv("JIANWEI_DEBUG", "1")
    assert "Traceback" in jianwei("ask", str(photo), "q").err


def test_answer_cut_at_the_limit_says_so(jianwei: Jianwei, model: FakeModel, photo: Path) -> None:
    model.answers = [Answer(finish_reason="length")]
    ended = jianwei("ask", str(photo), "q")
    assert ended.code == 0
    assert ended.out == "A carton.\n"
    assert "--max-tokens" in ended.err


def test_control_characters_of_an_answer_do_not_reach_the_terminal(
    jianwei: Jianwei, model: FakeModel, photo: Path
) -> None:
    model.answers = [Answer(["a\x1b[2Jb\x9bc\tok\n", "\x07\u202fd"])]
    assert jianwei("ask", str(photo), "q").out == "a[2Jbc\tok\n\u202fd\n"


def test_stats_table_is_on_stderr_and_names_every_step(
    jianwei: Jianwei, model: FakeModel, photo: Path
) -> None:
    ended = jianwei("ask", str(photo), "q", "--stats")
    assert ended.out == "A carton.\n"
    lines = {line.split("  ")[0]: line.split() for line in ended.err.splitlines()}
    assert lines["prefill"] == ["prefill", "0.50", "300", "600"]
    assert lines["decode"] == ["decode", "2.00", "20", "10"]
    assert lines["vision tower (1)"][-2:] == ["256", "256"]
    assert {"load model", "prepare", "OCR", "queue", "first token after", "total"} <= lines.keys()
    assert "83 of 40 hold something, 43 shared; so far 44 evicted, 45 left out, 46 brought back" in ended.err


def test_settings_flags_win_over_environment_over_file(
    jianwei: Jianwei, photo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded: list[str] = []

    def note(settings: Settings) -> FakeModel:
        loaded.append(settings.model)
        return FakeModel()

    monkeypatch.setattr("jianwei.cli.answering.make_model", note)
    Path("jianwei.toml").write_text('model = "from-file"\n')
    jianwei("ask", str(photo), "q")
    monkeypatch.setenv("JIANWEI_MODEL", "from-environment")
    jianwei("ask", str(photo), "q")
    jianwei("ask", str(photo), "q", "--model", "from-flag")
    assert loaded == ["from-file", "from-environment", "from-flag"]


@pytest.mark.parametrize(
    ("variable", "value", "named"),
    [
        ("JIANWEI_KV_BUDGET", "3", "JIANWEI_KV_BUDGET"),
        ("JIANWEI_THREADS", "two", "JIANWEI_THREADS"),
        ("JIANWEI_PRECISION", "f64", "JIANWEI_PRECISION"),
    ],
)
def test_bad_setting_is_named_where_it_stands(
    jianwei: Jianwei,
    photo: Path,
    monkeypatch: pytest.MonkeyPatch,
    variable: str,
    value: str,
    named: str,
) -> None:
    monkeypatch.setenv(variable, value)
    ended = jianwei("ask", str(photo), "q")
    assert ended.code == 2
    assert named in ended.err
    assert value in ended.err
    assert ended.err.count("\n") == 1


@pytest.mark.parametrize("content", ["model = ", "kv_budget = 3\n", b"\xff"])
def test_bad_settings_file_is_wrong_usage(jianwei: Jianwei, photo: Path, content: str | bytes) -> None:
    Path("jianwei.toml").write_bytes(content if isinstance(content, bytes) else content.encode())
    ended = jianwei("ask", str(photo), "q")
    assert ended.code == 2
    assert ended.err.count("\n") == 1


PROGRAM = """
    import sys
    sys.path.insert(0, {tests!r})
    from cli_fakes import Answer, FakeModel
    from jianwei.cli import answering, main
    fake = FakeModel([Answer(["one ", "two ", "three "] * 200, seconds_between=0.05)])
    answering.make_model = lambda settings: fake
    code = main(["ask", "photo.png", "q"])
    print("early", fake.ended_early, "closed", fake.closed, file=sys.stderr)
    sys.exit(code)
"""


def _start(photo: Path) -> subprocess.Popen[bytes]:
    code = textwrap.dedent(PROGRAM).format(tests=str(Path(__file__).parent))
    return subprocess.Popen(
        [sys.executable, "-c", code],
        cwd=photo.parent,
        env=os.environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        # Whatever started the tests may have set it to be ignored, which children inherit.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),  # noqa: PLW1509
    )


def test_ctrl_c_cancels_the_answer_and_exits_130(photo: Path) -> None:
    with _start(photo) as process:
        assert process.stdout is not None
        assert process.stdout.read(8) == b"one two "
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=30)
    assert process.returncode == 130
    assert b"Stopped." in err
    assert b"early 1 closed True" in err
    assert b"Traceback" not in err


def test_answer_streams_through_a_pipe_that_may_close(photo: Path) -> None:
    with _start(photo) as process:
        assert process.stdout is not None
        assert process.stdout.read(4) == b"one "
        process.stdout.close()
        assert process.stderr is not None
        err = process.stderr.read()
        process.wait(timeout=30)
    assert b"Traceback" not in err
    assert b"early 1 closed True" in err
