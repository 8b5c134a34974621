"""Many ways to put one question: courtesies around it, and frames around a label.

A model that knows questions from templates alone understands only those; so frames are put together from parts,
and some have characters without meaning, which leaves the label as the one thing to go by. The test split has
parts of its own.
"""

from __future__ import annotations

from random import Random

from jianwei.scenes import phrases, words
from jianwei.scenes.sayings import SHARE, sayings
from jianwei.scenes.scene import Language, Split

_BEFORE: dict[Language, dict[Split, tuple[str, ...]]] = {
    "zh": {
        "train": (
            *(
                "请问",
                "请问一下，",
                "帮我看看",
                "帮我看一下，",
                "告诉我",
                "请告诉我",
                "麻烦看下",
                "看一下",
                "看看",
                "找一下",
                "找到",
            ),
            *(
                "找出",
                "查一下",
                "查查",
                "查询",
                "请提取",
                "提取",
                "请给出",
                "给出",
                "写出",
                "说一下",
                "说出",
                "请读一下",
                "念一下",
                "请回答：",
            ),
            *(
                "想看",
                "想问",
                "要",
                "需要",
                "你好，",
                "我要",
                "帮忙找",
                "能告诉我",
                "可以告诉我",
                "识别",
                "请识别",
                "回答",
                "在图里找",
                "根据图片，",
            ),
        ),
        "test": ("读出", "我想知道", "劳驾，", "能不能说说", "从图上看，"),
    },
    "en": {
        "train": (
            *(
                "Please tell me",
                "Tell me",
                "Show me",
                "Give me",
                "Find",
                "Please find",
                "Read",
                "Extract",
                "I want",
                "I want to know",
            ),
            *(
                "Can you tell me",
                "Could you tell me",
                "Do you know",
                "Say",
                "State",
                "Look for",
                "Check",
                "Get",
                "Write down",
                "Please give",
            ),
            *(
                "What is",
                "What's",
                "what is",
                "whats",
                "What are",
                "Which is",
                "And what is",
                "So what is",
                "Hello, what is",
            ),
        ),
        "test": ("I need", "Look up", "Would you read out", "May I know", "Help me find"),
    },
}

_OF: dict[Language, dict[Split, tuple[str, ...]]] = {
    "zh": {
        "train": (
            "图中的",
            "图里的",
            "图片中的",
            "图片里",
            "这张图的",
            "这里的",
            "上面的",
            "照片里的",
            "这个",
            "单子上的",
            "它的",
            "图中",
            "图上的",
            "该",
        ),
        "test": ("画面上的", "纸上的", "照片中"),
    },
    "en": {
        "train": ("the", "the", "the", "this", "its", "their", "the printed", "that"),
        "test": ("the given", "the shown"),
    },
}

_AFTER: dict[Language, dict[Split, tuple[str, ...]]] = {
    "zh": {
        "train": (
            *(
                "是多少",
                "是什么",
                "是啥",
                "写的是什么",
                "写了什么",
                "写着什么",
                "为多少",
                "多少",
                "有多少",
                "呢",
                "是哪个",
                "是谁",
                "是几",
            ),
            *(
                "一栏",
                "一项",
                "这一栏写的什么",
                "显示什么",
                "显示的是多少",
                "的值",
                "的数值",
                "是多少啊",
                "怎么写",
                "具体是什么",
                "后面是什么",
                "对应的是什么",
            ),
        ),
        "test": ("的内容", "那一项是什么", "到底是多少", "填的是什么"),
    },
    "en": {
        "train": (
            "",
            "",
            "in this picture",
            "in the image",
            "here",
            "please",
            "on it",
            "shown here",
            "on the paper",
            "value",
            "field",
            "printed here",
        ),
        "test": ("on this sheet", "as printed", "for me"),
    },
}

_ENDS: dict[Language, tuple[str, ...]] = {
    "zh": ("", "？", "？", "?", "。", "：", "！"),
    "en": ("?", "?", "", ".", ":"),
}


def about_label(rng: Random, label: str, language: Language, split: Split) -> str:
    """A question that names a label by its own words, in a frame put together by chance."""
    before, of, after = (rng.choice(part[language][split]) for part in (_BEFORE, _OF, _AFTER))
    if split == "train" and rng.random() < 0.25:
        before, after = _meaningless(rng, language), _meaningless(rng, language)
    kept = [part if rng.random() < 0.6 else "" for part in (before, of, after)]
    marks = rng.choice(("{}", "{}", "{}", "{}", "“{}”" if language == "zh" else '"{}"'))
    parts = [kept[0], kept[1], marks.format(label), kept[2]]
    text = ("" if language == "zh" else " ").join(part for part in parts if part)
    return text + rng.choice(_ENDS[language])


_MEANT = {"price": ("shelves", "price"), "count": ("screens", "quantity")}
"""Whose sayings also ask for an intent of ``phrases``: a family and its kind of question."""


def chosen(rng: Random, options: tuple[str, ...], language: Language, split: Split, intent: str = "") -> str:
    """One of several wordings, the last of which is kept for the test split, with or without a courtesy.

    For training, wordings also come from the patterns of ``intent`` in ``phrases``, where it has some.
    """
    if split == "test":
        return courteous(rng, options[-1], language, split)
    as_said = said(rng, *_MEANT[intent], language, options[-1:]) if intent in _MEANT else None
    if as_said is not None:
        return as_said
    made = phrases.phrase(rng, intent, language, options[-1:]) if rng.random() < 0.65 else None
    return courteous(rng, made or rng.choice(options[:-1]), language, split)


def said(rng: Random, family: str, kind: str, language: Language, kept: tuple[str, ...]) -> str | None:
    """A training question as people put it; ``None`` at times, and where there are no sayings.

    ``kept`` are the wordings of the test split, never given here.
    """
    patterns = sayings(family, kind, language)
    if not patterns or rng.random() >= SHARE:
        return None
    return courteous(rng, phrases.one_of(rng, patterns, kept) + phrases.end(rng, language), language, "train")


def courteous(rng: Random, text: str, language: Language, split: Split) -> str:
    """A whole question, at times with a courtesy or a hint at the picture before it."""
    if rng.random() < 0.6:
        return text
    openings: dict[Language, dict[Split, tuple[str, ...]]] = {
        "zh": {
            "train": (
                "请问",
                "你好，",
                "请回答：",
                "看图回答：",
                "这张图里",
                "帮我看看",
                "麻烦问一下，",
                "根据图片，",
                "图中",
                "请看图，",
                "问题：",
            ),
            "test": ("劳驾，", "看一眼，", "照片上，"),
        },
        "en": {
            "train": (
                "Please: ",
                "Hello, ",
                "Question: ",
                "Look at the picture. ",
                "Tell me, ",
                "In this picture, ",
                "From the image: ",
                "Hi. ",
            ),
            "test": ("Kindly say: ", "Looking at it, ", "By the photo: "),
        },
    }
    if split == "train" and rng.random() < 0.2:
        opening = _meaningless(rng, language) + ("" if language == "zh" else " ")
    else:
        opening = rng.choice(openings[language][split])
    if language == "en" and not opening.endswith(". ") and rng.random() < 0.5:
        text = text[:1].lower() + text[1:]
    return opening + text


def _meaningless(rng: Random, language: Language) -> str:
    if language == "zh":
        return words.random_hanzi(rng, 1, 4)
    return " ".join(words.random_letters(rng, 2, 6) for _ in range(rng.randint(1, 3)))
