from __future__ import annotations

import json
from pathlib import Path

import pytest
from cli_fakes import Jianwei
from oracle import Asked, Refusal, oracle


def test_a_server_is_judged_from_the_command_line(jianwei: Jianwei, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JIANWEI_API_KEY", "from the environment")
    with oracle(lambda _: "Yes.") as server:
        words = ("--endpoint", server.url, "--families", "shapes", "--quick", "--language", "en", "--json")
        ended = jianwei("eval", *words, "--model", "named")
    assert ended.code == 0
    rows = {row["name"]: row for row in json.loads(ended.out.splitlines()[-1])["rows"]}
    assert rows["no answer came"]["value"] == 0
    assert {asked.body["model"] for asked in server.asked} == {"named"}
    assert {asked.authorization for asked in server.asked} == {"Bearer from the environment"}
    assert all(asked.text.isascii() for asked in server.asked)


def test_both_languages_are_the_default_and_may_be_said(jianwei: Jianwei) -> None:
    with oracle(lambda _: "Yes.") as server:
        assert (
            jianwei(
                "eval", "--endpoint", server.url, "--families", "shapes", "--quick", "--language", "both"
            ).code
            == 0
        )
    assert {asked.text.isascii() for asked in server.asked} == {True, False}


def test_a_folder_is_judged_by_its_own_question_file(jianwei: Jianwei, photo: Path) -> None:
    line = {"file": photo.name, "question": "Colour?", "expected": "grey", "match": "text"}
    (photo.parent / "questions.jsonl").write_text(json.dumps(line), encoding="utf-8")
    with oracle(lambda _: "Grey.") as server:
        ended = jianwei("eval", "--folder", str(photo.parent), "--endpoint", server.url, "--out", "out")
    assert ended.code == 0
    assert "folder text" in ended.out
    assert "100.0%" in ended.out
    assert sorted(path.name for path in Path("out").iterdir()) == ["eval.csv", "eval.json", "eval.svg"]


@pytest.mark.parametrize(("language", "words"), [("en", "Line 2"), ("zh", "第 2 行")])
def test_a_bad_question_file_is_one_line_without_a_traceback(
    jianwei: Jianwei, photo: Path, language: str, words: str
) -> None:
    file = photo.parent / "q.jsonl"
    file.write_text("\n{", encoding="utf-8")
    ended = jianwei("eval", "--folder", str(photo.parent), "--questions", str(file), "--language", language)
    assert ended.code == 3
    assert words in ended.err
    assert "[bad_questions]" in ended.err
    assert "Traceback" not in ended.err


def test_a_server_that_breaks_off_is_one_line_without_a_traceback(jianwei: Jianwei) -> None:
    def answer(_: Asked) -> str:
        raise Refusal(0)

    with oracle(answer) as server:
        ended = jianwei("eval", "--endpoint", server.url, "--families", "shapes", "--quick")
    assert ended.code == 1
    assert "[endpoint_unreachable]" in ended.err
    assert "Traceback" not in ended.err


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("--families", "forms,ghosts"), 3, "“ghosts”"),
        (("--scenes", "0"), 2, "--scenes"),
        (("--split", "dev"), 2, "--split"),
        (("--language", "fr"), 2, "--language"),
        (("--endpoint", "nowhere"), 3, "http://"),
        (("--endpoint", ""), 3, "http://"),
        (("--endpoint", "http://127.0.0.1:9", "--no-ocr"), 2, "--no-ocr"),
        (("--api-key", "k"), 2, "--endpoint"),
        (("--questions", "q.jsonl"), 2, "--folder"),
        (("--folder", ".", "--seed", "1"), 2, "--seed"),
        (("--folder", ".", "--quick"), 2, "--quick"),
        (("--folder", "no such folder"), 3, "no such folder"),
        (("--model", "ghost"), 2, "ghost"),
    ],
)
def test_wrong_words_are_refused_before_anything_is_loaded(
    jianwei: Jianwei, words: tuple[str, ...], code: int, said: str
) -> None:
    ended = jianwei("eval", *words)
    assert (ended.code, ended.out) == (code, "")
    assert said in ended.err
