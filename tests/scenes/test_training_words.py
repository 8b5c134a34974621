"""Words for training: many ways to say a thing, none of them one of the test split's."""

from __future__ import annotations

import re
from random import Random

import pytest

from jianwei.scenes import documents, fields, homework, orders, phrases, records, screens, shelves
from jianwei.scenes.field_words import field_names
from jianwei.scenes.kind_words import names
from jianwei.scenes.label_words import widened, widened_list
from jianwei.scenes.scene import Language, Split

LANGUAGES: tuple[Language, Language] = ("zh", "en")


def test_labels_of_the_test_split_never_come_to_training() -> None:
    tables: dict[Split, dict[Language, dict[str, str]]] = {
        "train": {"zh": {"total": "合计"}, "en": {"total": "Total"}},
        "test": {"zh": {"total": "总计|应付"}, "en": {"total": "GRAND TOTAL"}},
    }
    found = widened("documents", tables)
    assert found["test"] == tables["test"]
    chinese, english = (found["train"][language]["total"].split("|") for language in LANGUAGES)
    assert chinese[0] == "合计"
    assert len(chinese) > 10
    assert not {"总计", "应付"} & set(chinese)
    assert len(english) > 10
    assert "Grand total" not in english


def test_titles_of_the_test_split_never_come_to_training() -> None:
    tables: dict[Split, dict[Language, tuple[str, ...]]] = {
        "train": {"zh": ("收据",), "en": ("RECEIPT",)},
        "test": {"zh": ("小票",), "en": ("cash receipt",)},
    }
    found = widened_list("receipt", tables)
    assert found["train"]["zh"][0] == "收据"
    assert len(found["train"]["zh"]) > 5
    assert "小票" not in found["train"]["zh"]
    assert "Cash Receipt" not in found["train"]["en"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_drawn_orders_and_records_use_many_labels_in_training(language: Language) -> None:
    totals = {orders.order(Random(i), "train", language).labels["total"] for i in range(80)}
    assert len(totals) > 8
    kept = {orders.order(Random(i), "test", language).labels["total"] for i in range(80)}
    assert not totals & kept
    titles = {records.record(Random(i), "train", language).title for i in range(80)}
    assert len(titles) > 15
    assert not titles & {records.record(Random(i), "test", language).title for i in range(80)}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_name_is_whole_when_its_pattern_is_written_out(language: Language) -> None:
    rng = Random(1)
    tables = {
        "documents": documents.ASKS,
        "homework": homework.ASKS,
        "screens": screens.ASKS,
        "shelves": shelves.ASKS,
    }
    for family, table in tables.items():
        for kind in table:
            for pattern in names(family, kind, language):
                text = phrases.expand(rng, pattern).format("A", "B", "C")
                assert text.strip()
                assert not re.search(r"[\[\]|{}]", text), (family, kind, pattern)
    for field in fields.FIELDS:
        found = field_names(field.key, language)
        assert found, field.key
        for pattern in found:
            assert not re.search(r"[\[\]|{}?]", phrases.expand(rng, pattern)), (field.key, pattern)


@pytest.mark.parametrize("language", LANGUAGES)
def test_questions_of_the_test_split_are_never_asked_in_training(language: Language) -> None:
    def bare(text: str) -> str:
        return re.sub(r"[^\w]", "", text).casefold()

    trained = {
        bare(question.text)
        for i in range(60)
        for question in documents.draw(Random(i), "train", language, 300).questions
    }
    at = LANGUAGES.index(language)
    kept = {
        bare(text)
        for pair in documents.ASKS.values()
        for text in pair[at].test
        if "{" not in text and "[" not in text
    }
    assert kept
    assert not trained & kept
