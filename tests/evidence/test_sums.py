"""Rows that are the sum of those before them."""

from __future__ import annotations

import pytest

from jianwei.evidence.ocr import OcrLine
from jianwei.evidence.sums import larger_below, priced, sum_row


def rows(*texts: str) -> list[list[OcrLine]]:
    return [
        [OcrLine(piece, ((0, 0), (9, 0), (9, 9), (0, 9)), 0.9) for piece in text.split("|")] for text in texts
    ]


@pytest.mark.parametrize(
    ("page", "found"),
    [
        (("Tea|£3.10", "Milk|£2.00", "Total|£5.10"), "Total|£5.10"),
        (("Tea|£3.10", "Milk|£2.00", "Free over £5.10", "Tax(20%) £1.02", "Sum £6.12"), "Sum £6.12"),
        (("茶|¥3.10", "牛奶¥2.00", "满¥5.10", "合计¥5.10"), "合计¥5.10"),
        (("Tea|£3.10", "Milk|£2.00", "3 × £5.10"), ""),
        (("货款|¥51.00", "邮费|免费", "立减|-¥20.00", "实付：¥31.00"), "实付：¥31.00"),
        (("A|$1,000.00", "B|$500.00", "Net|$1,500.00", "VAT|$75.00", "Due|$1,575.00"), "Due|$1,575.00"),
        (("Tea|£3.00", "Milk|£2.00", "Total|£5.00", "Cash|£10.00", "Change|£5.00"), "Total|£5.00"),
        (("Tea ×1|£3.00", "Milk ×1|£2.00", "Eggs ×1|£5.00"), ""),  # goods, whatever they cost
        (("Tea|£3.00", "Same|£3.00"), ""),  # no sum of two
        (("Tea|£3.00", "Milk|£2.00", "Total|£6.00"), ""),
        (("免费|免费", "Free|free", "Nothing|£0.00"), ""),
        ((), ""),
    ],
)
def test_the_row_that_sums_up(page: tuple[str, ...], found: str) -> None:
    row = sum_row(rows(*page))
    assert "|".join(line.text for line in row or ()) == found


def test_the_larger_amount_below_a_sum_is_the_total() -> None:
    page = rows("A|$9.00", "Net|$15.00", "VAT|$0.75", "Due|$15.75", "Thanks")
    assert larger_below(page[1], page) is page[3]
    assert larger_below(page[3], page) is None


def test_labels_stand_right_before_their_amounts() -> None:
    page = rows(
        "Address|12 Elm St|Goods|£9.00", "Fee: free", "£3.00", "£4.00|Cash", "Tea|2|£3.10", "Tax £1.00"
    )
    found = ["|".join(line.text for line in row) for row in priced(page)]
    assert found == ["Goods|£9.00", "Fee: free", "2|£3.10", "Tax £1.00"]
