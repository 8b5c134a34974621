"""Recipes through the whole pipeline with the built-in model, on drawn scenes."""

from __future__ import annotations

import dataclasses
import json
import uuid
from collections.abc import Iterator

import pytest

from jianwei.errors import InputError, JianweiError
from jianwei.pipeline import VisionModel
from jianwei.scenes.families import draw
from jianwei.types import JSON_ANSWER, ChatRequest, Chunk, ImagePart, Message, TextPart


@pytest.fixture(scope="module")
def model() -> Iterator[VisionModel]:
    model = VisionModel("builtin")
    yield model
    model.close()


def test_an_invoice_is_reported_with_sums_checked_and_places(model: VisionModel) -> None:
    image = draw("documents", 1, "test", "en").image
    answer = model.ask(image, "Do the sums add up?", recipe="invoice")
    report = answer.recipe
    assert report is not None
    assert report.data["total"] == "$3,034.26"
    assert [row["amount"] for row in report.data["lines"]] == ["$1,836.00", "$973.50"]
    assert [check.passed for check in report.checks if check.check == "sum"] == [True, True]
    assert "✓ Subtotal + Tax = $3,034.26" in answer.text
    total = next(finding for finding in report.findings if finding.key == "total")
    assert total.source == "ocr"
    assert total.boxes[0] in (answer.evidence.boxes or ())
    body = answer.to_dict()
    assert body["data"] == report.data
    assert body["recipe"]["name"] == "invoice"
    json.dumps(body)


def test_inspect_says_what_kind_it_is_first(model: VisionModel) -> None:
    answer = model.ask(
        draw("screens", 1, "test", "en").image, "Is anything wrong with this?", recipe="inspect"
    )
    assert answer.text.startswith("This picture is of the kind: Support reply")
    assert answer.recipe is not None
    assert answer.recipe.kind == "support"
    assert answer.recipe.data["kind"] == "support"
    assert answer.recipe.data["fields"]["total"] == "€31.00"
    assert answer.recipe.data["problems"] == []
    other = model.ask(draw("shapes", 0, "test", "zh").image, "这张图有什么问题吗？", recipe="inspect")
    assert other.recipe is not None
    assert other.recipe.kind is None
    assert "看不出这是哪一类图片" in other.text


def test_what_cannot_be_read_is_asked_of_the_model_and_marked(model: VisionModel) -> None:
    answer = model.ask(draw("cartons", 2, "test", "zh").image, "写一份破损报告", recipe="damage")
    assert answer.recipe is not None
    sources = {finding.key: finding.source for finding in answer.recipe.findings}
    assert sources["damaged"] == "model"
    assert sources["marks"] == "ocr"
    assert answer.recipe.data["marks"] == ["防潮"]
    assert "† 由内置小模型回答" in answer.text
    assert answer.usage.completion_tokens > 0
    assert answer.usage.cached_tokens > 0, "the picture is the same for every question"


def test_json_gives_the_data_alone(model: VisionModel) -> None:
    image = draw("screens", 1, "test", "en").image
    answer = model.ask(image, "", recipe="support", grammar=JSON_ANSWER)
    assert answer.recipe is not None
    assert json.loads(answer.text) == answer.recipe.data


def test_a_strong_model_answers_by_schema_and_what_was_read_completes_it(
    model: VisionModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(model, "card", dataclasses.replace(model.card, builtin=False))
    answer = model.ask(draw("screens", 1, "test", "en").image, "", recipe="support")
    report = answer.recipe
    assert report is not None
    assert set(report.data) >= {"subtotal", "shipping", "total", "threshold", "remaining", "goods"}
    assert answer.usage.completion_tokens > 20, "one answer as JSON"
    assert "†" not in answer.text


def test_an_unknown_recipe_is_an_error(model: VisionModel) -> None:
    with pytest.raises(InputError) as error:
        model.ask(draw("shapes", 0, "test", "zh").image, "?", recipe="nothing")
    assert error.value.code == "unknown_recipe"


def test_a_recipe_can_be_cancelled(model: VisionModel) -> None:
    image = draw("cartons", 3, "test", "zh").image
    message = Message("user", (ImagePart(image), TextPart("写一份破损报告")))
    request = ChatRequest(uuid.uuid4().hex, (message,), recipe="damage")
    ends: list[Chunk | JianweiError] = []
    model.submit(request, ends.append)
    model.cancel(request.id)
    while not ends:
        pass
    (end,) = ends
    assert isinstance(end, Chunk)
    assert end.completion is not None
    assert end.completion.finish_reason == "cancelled"
