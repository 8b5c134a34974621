"""Sayings: patterns that can be filled in, asked in training alone, and never a wording of the test split."""

from __future__ import annotations

import re
from random import Random

import pytest

from jianwei.scenes import cartons, charts, documents, homework, phrases, screens, shelves
from jianwei.scenes.asking import COMMON, Asker, Table
from jianwei.scenes.sayings import _table, sayings
from jianwei.scenes.scene import Language

TABLES: dict[str, Table] = {
    "documents": documents.ASKS,
    "screens": screens.ASKS,
    "shelves": shelves.ASKS,
    "cartons": cartons.ASKS,
    "homework": homework.ASKS,
    "charts": charts.ASKS,
    "common": COMMON,
}
LANGUAGES: list[Language] = ["zh", "en"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_patterns_are_whole_and_have_the_places_of_their_kind(language: Language) -> None:
    here = LANGUAGES.index(language)
    for family, kinds in _table(language).items():
        for kind, patterns in kinds.items():
            assert len(patterns) >= 25, (family, kind)
            ways = {**COMMON, **TABLES.get(family, {})}.get(kind)
            places = len(re.findall(r"\{\d?\}", ways[here].test[0])) if ways else None
            rng = Random(kind)
            for pattern in patterns:
                bare = re.sub(r"\[[^\[\]]*\]", "", pattern)
                assert not set("[];") & set(bare), pattern
                for _ in range(20):
                    said = phrases.expand(rng, pattern)
                    found = re.findall(r"\{\d?\}", said)
                    assert "{" not in re.sub(r"\{\d?\}", "", said)
                    assert places is None or len(found) == places, (family, kind, pattern)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_family_is_asked_in_them(language: Language) -> None:
    for family in TABLES:
        assert _table(language)[family], family
    assert sayings("documents", "where", language) == sayings("common", "where", language)
    assert sayings("documents", "no such kind", language) == ()


def test_a_wording_of_the_test_split_is_never_said(monkeypatch: pytest.MonkeyPatch) -> None:
    for family, table in TABLES.items():
        for kind, ways in table.items():
            for way, language in zip(ways, LANGUAGES, strict=True):
                patterns = sayings(family, kind, language)
                if patterns:
                    kept = {phrases._bare(text) for text in way.test}
                    rng = Random(kind)
                    said = {phrases._bare(phrases.one_of(rng, patterns, way.test)) for _ in range(300)}
                    assert not said & kept, (family, kind)


def test_training_asks_in_them_and_the_test_split_does_not() -> None:
    sums = {split: Asker(Random(1), split, "en", "documents", documents.ASKS) for split in ("train", "test")}
    words = {split: {asker.wording("total") for _ in range(300)} for split, asker in sums.items()}
    assert len(words["train"]) > 250
    assert len(words["test"]) < 20
