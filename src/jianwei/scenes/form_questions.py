"""Questions about forms: fields, prices, rows, places, what is there and what is not.

Every answer is printed on the form that is asked about. Of each list of wordings the last one is kept for
the test split.
"""

from __future__ import annotations

import json
from random import Random

from jianwei.scenes import fields, words
from jianwei.scenes.fields import FIELDS
from jianwei.scenes.forms import LOOSE, TITLES, Cell, Entry, Form, anything
from jianwei.scenes.scene import REFUSALS, Language, Question, Split, named
from jianwei.scenes.wording import chosen

_ROW_ASKS: dict[Language, dict[str, tuple[str, ...]]] = {
    "zh": {
        "first": (
            "首行是什么？",
            "最上面一行写了什么？",
            "顶部的字是什么？",
            "抬头写的什么？",
            "开头写的什么？",
            "第一行？",
            "第一行文字是什么",
            "第一行写的是什么？",
            "最上面写着什么？",
            "标题是什么？",
            "最上面一行是什么字？",
            "顶部写了什么？",
        ),
        "last": (
            "末尾写了什么？",
            "结尾是什么？",
            "最下面一行是什么字？",
            "底下写了什么？",
            "最后写着什么？",
            "最后一行？",
            "末行是什么？",
            "最后一行写的是什么？",
            "最下面写着什么？",
            "最底下一行是什么？",
            "底部写了什么？",
        ),
        "right": ("“{}”右边写的是什么？", "{}后面写的是什么？", "{}的右侧是什么字？"),
        "below": ("“{}”下面一行写的是什么？", "{}下方写着什么？", "{}的下面是什么字？"),
        "present": (
            "图上写没写“{}”？",
            "是否出现“{}”？",
            "上面有{}吗？",
            "有{}这几个字吗？",
            "图里写着{}吗？",
            "图里有没有“{}”？",
            "图中有“{}”这几个字吗？",
            "能看到“{}”吗？",
            "有没有写{}？",
        ),
        "where": ("“{}”在哪里？", "请框出“{}”。", "{}在图中什么位置？用坐标回答。", "定位“{}”。"),
        "read": (
            "读一下图中的字。",
            "图中写了什么？",
            "有哪些文字？",
            "上面写的什么？",
            "文字内容是什么？",
            "把图上的字写出来。",
            "都写了些什么？",
            "图里有什么字？",
            "读出图中所有文字。",
            "图上写了什么？",
            "识别图片中的文字。",
            "请把文字都读出来。",
            "提取全部文字。",
        ),
        "describe": (
            "描述这张图片。",
            "这张图里有什么？",
            "图片内容是什么？",
            "简单描述一下这张图。",
            "这是什么图？",
        ),
    },
    "en": {
        "first": (
            "What is on the first line?",
            "Read the first line.",
            "What does the top say?",
            "What does it begin with?",
            "Give the heading.",
            "What does the first line say?",
            "What is written at the top?",
            "What is the title?",
            "What's the top line?",
        ),
        "last": (
            "What is on the last line?",
            "Read the last line.",
            "What does the bottom say?",
            "What does it end with?",
            "What does the last line say?",
            "What is written at the bottom?",
            "What's the bottom line?",
        ),
        "right": (
            'What is written to the right of "{}"?',
            "What comes after {}?",
            "What text is right of {}?",
        ),
        "below": ('What is written below "{}"?', "What is under {}?", "What line comes below {}?"),
        "present": (
            "Is there the text {}?",
            "Is the word {} there?",
            "Does {} appear?",
            "Is {} printed?",
            'Is "{}" written in the picture?',
            'Can you see the text "{}"?',
            "Does it say {}?",
            'Does the picture contain "{}"?',
        ),
        "where": (
            'Where is "{}"?',
            'Give the box of "{}".',
            'Locate "{}".',
            "Where in the picture is {}? Answer with coordinates.",
        ),
        "read": (
            "What is written here?",
            "Give me all the text.",
            "Read it out.",
            "What are the words?",
            "Read the text in the image.",
            "What text is in the picture?",
            "Read all the text.",
            "What does it say?",
            "Transcribe the picture.",
            "Read everything.",
        ),
        "describe": (
            "Describe this picture.",
            "What is in this picture?",
            "What does the image show?",
            "Describe the image briefly.",
        ),
    },
}

_PRICE_ASKS: dict[Language, tuple[str, ...]] = {
    "zh": (
        "{}多少钱？",
        "{}的价格是多少？",
        "{}卖多少钱？",
        "{}的价钱？",
        "{}怎么卖？",
        "请问{}多少钱",
        "{}要花多少钱？",
    ),
    "en": (
        "How much is the {}?",
        "What is the price of {}?",
        "How much does {} cost?",
        "Price of {}?",
        "What does {} cost?",
        "How much for {}?",
    ),
}
_COUNT_ASKS: dict[Language, tuple[str, ...]] = {
    "zh": ("{}买了几件？", "{}的数量是多少？", "买了多少{}？", "{}有几份？"),
    "en": (
        "How many {} were bought?",
        "What is the quantity of {}?",
        "How many {}?",
        "What number of {} is listed?",
    ),
}
YES: dict[Language, str] = {"zh": "有。", "en": "Yes."}
NO: dict[Language, str] = {"zh": "没有。", "en": "No."}


def box_answer(cell: Cell, form: Form) -> str:
    """The place of a piece of print as the model says it: Qwen3-VL's JSON with 0 to 1000 on each axis."""
    left, top, right, bottom = cell.box
    numbers = (left / form.width, top / form.height, right / form.width, bottom / form.height)
    box = [min(1000, max(0, round(1000 * number))) for number in numbers]
    return json.dumps([{"label": cell.text, "bbox_2d": box}], ensure_ascii=False, separators=(",", ":"))


def ask(
    rng: Random,
    form: Form,
    split: Split,
    count: int,
    *,
    language: Language | None = None,
    boxes: bool = True,
) -> list[Question]:
    """About ``count`` different questions about the form, of all kinds, absent things among them.

    Args:
        rng: source of chance.
        form: what is printed.
        split: whose wordings to use.
        count: how many questions at most.
        language: of the questions; the form's when not given.
        boxes: whether to ask where a text is, too.
    """
    speak: Language = language or form.language
    found: list[Question] = []
    entries = list(form.entries)
    rng.shuffle(entries)
    for entry in entries[: max(1, round(count * 0.6))]:
        question = _ask_entry(rng, entry, form, split, speak)
        if question:
            found.append(question)
    kinds = ["absent", "row", "row", "present", "where", "read", "describe", "absent", "row"]
    rng.shuffle(kinds)
    if not boxes:
        kinds.remove("where")
    for kind in kinds:
        if len(found) >= count:
            break
        question = _MAKERS[kind](rng, form, split, speak)
        if question:
            found.append(question)
    rng.shuffle(found)
    return found[:count]


def _wording(rng: Random, kind: str, language: Language, split: Split) -> str:
    return chosen(rng, _ROW_ASKS[language][kind], language, split, kind)


def _ask_entry(rng: Random, entry: Entry, form: Form, split: Split, language: Language) -> Question | None:
    if entry.kind in ("price", "count"):
        options = (_PRICE_ASKS if entry.kind == "price" else _COUNT_ASKS)[language]
        text = chosen(rng, options, language, split, entry.kind).format(entry.label)
        return Question(text, entry.told(language), entry.kind, "text", value=entry.value)
    same = [other for other in form.entries if other.field is entry.field and other.field is not None]
    by_meaning = (
        entry.field is not None and len(same) == 1 and (rng.random() < 0.45 or language != form.language)
    )
    if by_meaning and entry.field is not None:
        # "How much is it?" would be ambiguous beside a list of prices.
        vague = entry.field.key in ("unit_price", "product") and any(e.kind == "price" for e in form.entries)
        text = None if vague else fields.asks_by_meaning(rng, entry.field, language, split)
        if text is None and language != form.language:
            text = fields.asks_by_label(rng, rng.choice(entry.field.labels[language]), language, split)
        if text is not None:
            return Question(text, entry.told(language), "field", "text", value=entry.value)
    if sum(entry.label in cell.text for cell in form.cells) > 1:
        return None
    text = fields.asks_by_label(rng, entry.label, language, split)
    return Question(text, entry.told(language), "field", "text", value=entry.value)


def _absent(rng: Random, form: Form, split: Split, language: Language) -> Question | None:
    printed = " ".join(cell.text for cell in form.cells).lower()
    style = rng.random()
    if style < 0.6:
        there = {entry.field.key for entry in form.entries if entry.field}
        missing = [
            known
            for known in FIELDS
            if known.key not in there
            and not any(label.lower() in printed for labels in known.labels.values() for label in labels)
        ]
        # Prices of goods answer "how much"; a title may answer "which paper".
        if any(entry.kind != "field" for entry in form.entries):
            missing = [
                known
                for known in missing
                if known.value is not words.money and known.key not in ("quantity", "product")
            ]
        missing = [known for known in missing if not _near(known.key, there)]
        if not missing:
            return None
        known = rng.choice(missing)
        text = fields.asks_by_meaning(rng, known, language, split) if rng.random() < 0.5 else None
        text = text or fields.asks_by_label(rng, rng.choice(known.labels[language]), language, split)
    elif style < 0.8:
        label = words.random_hanzi(rng, 2, 5) if language == "zh" else words.random_letters(rng, 4, 9)
        text = fields.asks_by_label(rng, label, language, split)
    else:
        name = words.goods(rng, language)
        if name.lower() in printed:
            return None
        text = chosen(rng, _PRICE_ASKS[language], language, split, "price").format(name)
    return Question(text, REFUSALS[language], "absent", "none")


_ALIKE = (
    {"total", "subtotal", "cash", "unit_price", "old_price", "balance"},
    {
        "order",
        "invoice",
        "tracking",
        "serial",
        "student",
        "isbn",
        "account",
        "tax_id",
        "pickup",
        "coupon_code",
        "batch",
        "model",
    },
    {"date", "time", "made", "expires", "due", "departure", "shelf_life"},
    {"receiver", "cashier", "buyer", "seller", "author"},
    {"weight", "size"},
    {"address", "origin", "storage"},
    {"product", "brand", "model"},
)
"""Meanings that people do not keep apart: when one is printed, asking for another may well be answered."""


def _near(key: str, there: set[str]) -> bool:
    return any(key in group and group & there for group in _ALIKE)


def _row_question(rng: Random, form: Form, split: Split, language: Language) -> Question | None:
    rows = form.rows
    kind = rng.choice(("first", "last", "right", "right", "below"))
    if kind in ("first", "last"):
        row = rows[0 if kind == "first" else -1]
        return Question(
            _wording(rng, kind, language, split), " ".join(cell.text for cell in row), "row", "text"
        )
    if kind == "right":
        pairs = [(row[i], row[i + 1]) for row in rows for i in range(len(row) - 1)]
    else:
        pairs = [
            (rows[i][0], rows[i + 1][0])
            for i in range(len(rows) - 1)
            if len(rows[i]) == 1 == len(rows[i + 1])
        ]
    pairs = [(a, b) for a, b in pairs if sum(cell.text == a.text for cell in form.cells) == 1]
    if not pairs:
        return None
    here, there = rng.choice(pairs)
    text = _wording(rng, kind, language, split).format(here.text)
    return Question(text, named(here.text, there.text, language), "row", "text", value=there.text)


def _present(rng: Random, form: Form, split: Split, language: Language) -> Question | None:
    printed = " ".join(cell.text for cell in form.cells)
    if rng.random() < 0.5:
        text = rng.choice(form.cells).text
        if language == "zh" and len(text) > 3 and rng.random() < 0.4:
            start = rng.randint(0, len(text) - 2)
            text = text[start : start + rng.randint(2, 4)].strip()
        answer = YES
    else:
        pool = (
            *LOOSE[form.language],
            *TITLES[form.language],
            words.goods(rng, form.language),
            anything(rng, form.language),
        )
        text = rng.choice(pool)
        answer = YES if text in printed else NO
    if not text:
        return None
    return Question(
        _wording(rng, "present", language, split).format(text),
        answer[language],
        "present",
        "choice",
        (YES[language], NO[language]),
    )


def _where(rng: Random, form: Form, split: Split, language: Language) -> Question | None:
    once = [cell for cell in form.cells if sum(cell.text in other.text for other in form.cells) == 1]
    if not once:
        return None
    cell = rng.choice(once)
    return Question(
        _wording(rng, "where", language, split).format(cell.text), box_answer(cell, form), "where", "box"
    )


def _read(rng: Random, form: Form, split: Split, language: Language) -> Question | None:
    text = "\n".join(" ".join(cell.text for cell in row) for row in form.rows)
    if len(text) > 160:
        return None
    return Question(_wording(rng, "read", language, split), text, "read", "lines")


def _describe(rng: Random, form: Form, split: Split, language: Language) -> Question | None:
    """What kind of paper it is, by its title or first lines: a short true sentence."""
    lines = [" ".join(cell.text for cell in row) for row in form.rows[:3]]
    if sum(map(len, lines)) > 70:
        lines = lines[:1]
    said = (
        "、".join(f"“{line}”" for line in lines)
        if language == "zh"
        else ", ".join(f'"{line}"' for line in lines)
    )
    more = len(form.rows) > len(lines)
    if language == "zh":
        answer = f"图中有文字{said}{'等' if more else ''}。"
    else:
        answer = f"The picture shows the text {said}{' and more' if more else ''}."
    return Question(_wording(rng, "describe", language, split), answer, "describe", "open")


_MAKERS = {
    "absent": _absent,
    "row": _row_question,
    "present": _present,
    "where": _where,
    "read": _read,
    "describe": _describe,
}
