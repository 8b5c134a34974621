"""From questions to the files: a server that tells the truth, one that lies, and the built-in model."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from random import Random
from xml.etree import ElementTree

import numpy as np
import PIL.Image
import pytest
from oracle import Asked, Refusal, oracle

from jianwei.config import Settings
from jianwei.errors import EngineError, InputError
from jianwei.evals.main import Server, run
from jianwei.evals.scenes_task import Plan, subjects
from jianwei.evals.tally import GROUPS
from jianwei.scenes import fonts, shapes
from jianwei.scenes.families import FAMILIES
from jianwei.scenes.scene import REFUSALS, Language, Scale, Scene, Split

PLAN = Plan(("shapes", "cartons", "shelves"), scenes=4)
ROUNDS = 2


def knowing(plan: Plan = PLAN) -> Callable[[Asked], str]:
    """Answers with the truth; a question with its form is known by its first line."""
    asked_later = replace(plan, scenes=ROUNDS, seed=plan.seed + plan.scenes)
    truth = {
        (subject.image.digest, question.text): question.answer
        for part in (plan, asked_later)
        for subject, questions in subjects(part)
        for question in questions
    }
    return lambda asked: truth[asked.image.digest, asked.text.splitlines()[0]]


def rows_of(out: str) -> dict[str, dict[str, float]]:
    rows = json.loads(out.splitlines()[-1])["rows"]
    assert all(set(row) == {"name", "value", "n", "low", "high"} for row in rows)
    assert len({row["name"] for row in rows}) == len(rows)
    return {row["name"]: row for row in rows}


def count_questions() -> int:
    return sum(len(questions) for _, questions in subjects(PLAN))


def test_the_truth_scores_1_everywhere(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    with oracle(knowing()) as server:
        code = run(
            Settings(language="en"),
            plan=PLAN,
            server=Server(server.url),
            rounds=ROUNDS,
            out=tmp_path / "out",
            as_json_line=True,
        )
    assert code == 0
    out = capsys.readouterr().out
    rows = rows_of(out)
    assert len(server.asked) == count_questions() + ROUNDS * len(PLAN.families)
    zero = {"answerable refused", "no answer came", "fields and texts, character error rate"}
    shares = {name: row for name, row in rows.items() if not re.search("seconds|MB", name)}
    assert len(shares) > 20
    for name, row in shares.items():
        assert row["value"] == (0 if name in zero else 1), name
        assert 0 <= row["low"] <= row["value"] <= row["high"] <= 1
    assert rows["no answer came"]["n"] == count_questions()
    assert rows["fields and texts"]["n"] == sum(
        question.match == "text" for _, questions in subjects(PLAN) for question in questions
    )
    assert rows[f"anonymous memory after {ROUNDS} rounds, MB"]["value"] > 10
    assert rows["seconds per answer"]["value"] > 0
    table = out.splitlines()
    assert any("shapes count" in line and "100.0%" in line for line in table)

    written = json.loads((tmp_path / "out/eval.json").read_text(encoding="utf-8"))
    assert {row["name"] for row in written["rows"]} == set(rows)
    assert written["about"]["model"] == "oracle"
    assert written["about"]["families"] == list(PLAN.families)
    with (tmp_path / "out/eval.csv").open(encoding="utf-8", newline="") as file:
        lines = list(csv.DictReader(file))
    assert len(lines) == count_questions()
    assert {line["right"] for line in lines} == {"1"}
    root = ElementTree.fromstring((tmp_path / "out/eval.svg").read_text(encoding="utf-8"))
    svg = "{http://www.w3.org/2000/svg}"
    names = [text.text for text in root.findall(f"{svg}text[@text-anchor='end']")]
    groups = {name for name, _ in GROUPS.values()}
    assert names == [
        name
        for name in rows
        if name.startswith(PLAN.families) or name.removesuffix(", zh").removesuffix(", en") in groups
    ]
    assert len(root.findall(f"{svg}rect[@class='share']")) == len(names)


@pytest.mark.parametrize("hands", [(), (Path("Hand.ttf"),)])
def test_homework_in_print_is_said_to_be_so(
    hands: tuple[Path, ...],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(
        fonts, "names", lambda language, split: {"print": [], "hand": [each.name for each in hands]}
    )
    plan = Plan(("homework",), scenes=1, languages=("en",))
    with oracle(knowing(plan)) as server:
        run(Settings(language="en"), plan=plan, server=Server(server.url), rounds=1, out=tmp_path)
    assert ("drawn in print" in capsys.readouterr().out) is (not hands)
    about = json.loads((tmp_path / "eval.json").read_text(encoding="utf-8"))["about"]
    assert about["fonts"]["en"]["hand"] == [each.name for each in hands]


def test_whole_scenes_are_asked_for_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    plan = Plan(("homework",), scenes=2)
    with oracle(knowing(plan)) as server:
        run(Settings(language="en"), plan=plan, server=Server(server.url), rounds=1, as_json_line=True)
    rows = rows_of(capsys.readouterr().out)
    for name in ("valid JSON", "JSON values, F1", "JSON objects, F1"):
        assert (rows[name]["value"], rows[name]["n"]) == (1, 2)


def test_where_a_scene_has_a_scale_places_are_off_by_cm(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def draw(rng: Random, split: Split, language: Language) -> Scene:
        return replace(shapes.draw(rng, split, language), scale=Scale(21 / 256))

    monkeypatch.setitem(FAMILIES, "sheet", draw)
    plan = Plan(("sheet",), scenes=6)
    corner = '[{"bbox_2d": [0, 0, 10, 10], "label": "corner"}]'
    for answer, least, most in ((knowing(plan), 0.0, 0.0), (lambda _: corner, 3.0, 30.0)):
        with oracle(answer) as server:
            run(Settings(language="en"), plan=plan, server=Server(server.url), rounds=1, as_json_line=True)
        rows = rows_of(capsys.readouterr().out)
        assert least <= rows["location error, cm"]["value"] <= most
        assert rows["location error, cm"]["n"] == rows["box IoU at least 0.5"]["n"] > 0


def test_refusing_everything_is_right_only_where_nothing_can_be_told(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with oracle(lambda _: REFUSALS["zh"]) as server:
        assert (
            run(Settings(language="en"), plan=PLAN, server=Server(server.url), rounds=1, as_json_line=True)
            == 0
        )
    rows = rows_of(capsys.readouterr().out)
    assert rows["answerable refused"]["value"] == 1
    assert rows["unanswerable recognised"]["value"] == 1
    assert rows["fields and texts"]["value"] == 0
    assert rows["colour, shape, count up to 5, side, damage"]["value"] == 0


def test_wrong_words_are_wrong(capsys: pytest.CaptureFixture[str]) -> None:
    with oracle(lambda _: "qqq") as server:
        assert (
            run(Settings(language="zh"), plan=PLAN, server=Server(server.url), rounds=1, as_json_line=True)
            == 0
        )
    out = capsys.readouterr().out
    rows = rows_of(out)
    assert "95% 区间" in out
    assert all(row["value"] == 0 for name, row in rows.items() if name.startswith(PLAN.families))
    assert rows["answerable refused"]["value"] == 0
    assert rows["fields and texts, character error rate"]["value"] > 0.95


def test_failed_answers_are_wrong_and_their_reason_is_shown(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    truth, number = knowing(), iter(range(10_000))

    def answer(asked: Asked) -> str:
        if next(number) % 2:
            raise Refusal(503, "too busy")
        return truth(asked)

    with oracle(answer) as server:
        code = run(
            Settings(language="en"),
            plan=PLAN,
            server=Server(server.url),
            rounds=1,
            out=tmp_path,
            as_json_line=True,
        )
    assert code == 0
    out = capsys.readouterr().out
    failed = count_questions() // 2
    assert f"{failed} x HTTP 503: too busy" in out
    assert rows_of(out)["no answer came"]["value"] == pytest.approx(failed / count_questions(), abs=1e-4)
    with (tmp_path / "eval.csv").open(encoding="utf-8", newline="") as file:
        lines = list(csv.DictReader(file))
    assert all(line["right"] != line["failure"].startswith("HTTP 503") for line in lines)
    assert sum(line["right"] == "0" for line in lines) == failed


def test_a_server_that_never_answers_ends_with_1(capsys: pytest.CaptureFixture[str]) -> None:
    def answer(_: Asked) -> str:
        raise Refusal(500)

    with oracle(answer) as server:
        assert (
            run(Settings(language="en"), plan=Plan(("shapes",), 1), server=Server(server.url), rounds=1) == 1
        )
    assert "HTTP 500" in capsys.readouterr().out


def test_a_server_that_goes_away_ends_the_run_with_a_clear_error() -> None:
    truth, number = knowing(), iter(range(10_000))

    def answer(asked: Asked) -> str:
        if next(number) > 5:
            raise Refusal(0)
        return truth(asked)

    with oracle(answer) as server, pytest.raises(EngineError) as caught:
        run(Settings(), plan=PLAN, server=Server(server.url))
    assert caught.value.code == "endpoint_unreachable"
    assert len(server.asked) == 9


def test_a_folder_of_ones_own(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    PIL.Image.fromarray(np.zeros((40, 60, 3), np.uint8)).save(tmp_path / "a.png")
    lines = [
        {"file": "a.png", "question": "Total?", "expected": "9.50", "match": "text"},
        {"file": "a.png", "question": "How many?", "expected": 3, "match": "number"},
    ]
    file = tmp_path / "questions.jsonl"
    file.write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    with oracle(lambda _: "Total: 9.50") as server:
        code = run(
            Settings(language="en"), questions=(tmp_path, file), server=Server(server.url), as_json_line=True
        )
    assert code == 0
    rows = rows_of(capsys.readouterr().out)
    assert (rows["folder text"]["value"], rows["folder number"]["value"]) == (1, 0)
    assert not [name for name in rows if "memory" in name]


def test_an_output_folder_that_cannot_be_is_refused_first(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError) as caught:
        run(Settings(), plan=PLAN, out=tmp_path / "file")
    assert caught.value.code == "bad_value"


def test_equal_plans_ask_the_same_and_seeds_go_on_from_each_other() -> None:
    def asked(plan: Plan) -> list[tuple[str, str]]:
        return [(subject.image.digest, q.text) for subject, questions in subjects(plan) for q in questions]

    both = asked(Plan(("shapes",), 2, seed=3))
    assert both == asked(Plan(("shapes",), 1, seed=3)) + asked(Plan(("shapes",), 1, seed=4))
    languages = [subject.language for subject, _ in subjects(Plan(("shapes",), 3, languages=("zh", "en")))]
    assert languages == ["zh", "en", "zh"]


def test_only_the_kinds_that_are_wanted_are_asked_for() -> None:
    everything = list(subjects(Plan(("homework", "shapes"), 2)))
    some = list(subjects(Plan(("homework", "shapes"), 2, kinds=("json", "step"))))
    assert {question.kind for _, questions in some for question in questions} == {"json", "step"}
    wanted = [[one for one in questions if one.kind in ("json", "step")] for _, questions in everything]
    assert [list(questions) for _, questions in some] == [questions for questions in wanted if questions]


def test_kinds_that_no_question_has_are_named_with_those_that_there_are() -> None:
    with pytest.raises(InputError, match=r"jsn.*colour.*shape") as caught:
        run(Settings(language="en"), plan=Plan(("shapes",), 2, kinds=("jsn",)))
    assert caught.value.code == "bad_value"


@pytest.mark.parametrize("ocr", [True, False])
def test_the_built_in_model_is_judged_by_its_own_pipeline(
    capsys: pytest.CaptureFixture[str], ocr: bool
) -> None:
    plan = Plan(("forms", "shapes"), scenes=2)
    assert run(Settings(language="en", threads=2), plan=plan, ocr=ocr, rounds=2, as_json_line=True) == 0
    rows = rows_of(capsys.readouterr().out)
    total = sum(len(questions) for _, questions in subjects(plan))
    kinds = {name: row for name, row in rows.items() if name.startswith(plan.families)}
    assert sum(row["n"] for row in kinds.values()) == total
    for row in kinds.values():
        assert 0 <= row["low"] <= row["value"] <= row["high"] <= 1
    assert (rows["no answer came"]["value"], rows["no answer came"]["n"]) == (0, total)
    assert 0 < rows["seconds per answer"]["value"] < 60
    assert 50 < rows["anonymous memory after 2 rounds, MB"]["value"] < 20_000
