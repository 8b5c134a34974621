"""Labels in a table: found as if each were tried by itself."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from jianwei.recipes.labels import Labels, after_label, labels_of

LABELS = (
    "合计",
    "合计金额",
    "Total",
    "Total due",
    "Tax",
    "税额",
    "应纳税额",
    "Date:",
    "Issued on",
    "No.",
    "",
)
PIECES = (*LABELS, "：", ":", " ", "(8%)", "¥42.40", "s", "x", "ＴＯＴＡＬ", "2026-01-02")
TEXTS = st.lists(st.sampled_from(PIECES), max_size=5).map("".join)


@given(TEXTS, st.integers(0, 8), st.sampled_from("xX合.1"), st.booleans())
def test_many_at_once_are_found_as_one_by_one(text: str, at: int, misread: str, fuzzy: bool) -> None:
    text = text[:at] + misread + text[at + 1 :] if at < len(text) else text
    found = {after.label: (after.colon, after.rest) for after in Labels(LABELS).at_start(text, fuzzy=fuzzy)}
    alone = {label: after_label(text, label, fuzzy=fuzzy) for label in LABELS}
    assert found == {label: after for label, after in alone.items() if after is not None}


def test_longer_labels_rank_first_and_the_first_of_equals_is_told() -> None:
    after = list(labels_of(("tax", "Total", "TAX", "Total due")).at_start("Total due: 3"))
    assert [(each.rank, each.label, each.colon, each.rest) for each in sorted(after)] == [
        (0, "Total due", True, "3"),
        (1, "Total", False, "due: 3"),
    ]
    assert next(labels_of(("tax", "TAX")).at_start("Tax 5")).label == "tax"


def test_one_character_of_a_longer_label_may_be_misread() -> None:
    labels = labels_of(("Total", "Tax"))
    assert labels.begin("Tota1: 5", colon=True)
    assert not labels.begin("Tota1: 5", fuzzy=False)
    assert not labels.begin("Tox: 5")
    assert not labels.begin("Totals 5")
    assert not labels.begin("Total 5", colon=True)
