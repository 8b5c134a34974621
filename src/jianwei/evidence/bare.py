"""Questions for nothing but a name on the page: "what is the order number?" where ``Order number`` stands there."""

from __future__ import annotations

import re
from collections.abc import Iterable

from jianwei.evidence.intent import quoted
from jianwei.evidence.plain import spaced

_WORDS_ZH = re.compile(
    r"请|劳驾|麻烦|您好|你好|帮忙?|给|我|你|能|可以|可否|不能|想|要|知道|告诉|一下|一眼|看|瞧|读|念|说|查|找|抄|报|问|出来?|"
    r"[这此那本该]|[图照]片?|画面|页面|[单纸票表]子?|单据|票据|[上中里下]面?|[张个份页一项栏行处条]|之|是|的|为|写|填|印|标|登记|记录|显示|"
    r"到底|究竟|具体|什么|多少|几|啥|哪个?|何|内容|数值|值|信息|呢|呀|啊|吧|哦|了|着|得|在|有|来|后|边|[\s，。？！、：；,.?!:;~～—“”‘’-]"
)
_WORDS_EN = re.compile(
    r"a|an|and|answer|at|by|can|could|do|document|does|entry|exactly|field|find|for|form|"
    r"from|give|given|have|hello|here|hi|i|id|image|in|indicated|is|it|its|kindly|know|"
    r"label|let|like|line|listed|look|looking|me|need|now|of|ok|okay|on|our|out|page|"
    r"paper|photo|picture|please|pls|printed|put|question|read|receipt|row|s|say|says|"
    r"screen|see|sheet|show|shown|shows|stand|stands|stated|tell|text|that|the|their|there|"
    r"this|to|up|value|want|what|whats|which|will|with|would|write|written|you|your|d"
)
_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)?")


def is_bare(question: str, names: Iterable[str]) -> bool:
    """Whether nothing but one of the names is asked for: without it only words are left that any question may have.

    Args:
        question: in Chinese or English.
        names: as the page has them, in one width and case, with single spaces (``plain.spaced``).
    """
    said = spaced(question)
    if quoted(question):
        return False  # where a text stands, or whether
    # How much of an article there is, is another question.
    meant = [name for name in names if name in said and not re.search(rf"[多少几]\s*{re.escape(name)}", said)]
    return any(_is_empty(said.replace(name, " ", 1)) for name in meant)


def _is_empty(words: str) -> bool:
    if not all(_WORDS_EN.fullmatch(word) for word in _WORD.findall(words) if word.isascii()):
        return False
    return not _WORDS_ZH.sub("", re.sub(r"[\x00-\x7f]", "", words))
