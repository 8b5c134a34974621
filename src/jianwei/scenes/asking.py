"""What the families have in common when they ask: wordings of the two splits, places, the whole scene as JSON.

``Ways`` keeps the wordings of training and test apart; both are patterns of ``phrases.expand``.
"""

# ruff: noqa: E501 - tables of wordings, one way a line
from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from jianwei.scenes import fields, kind_phrases, kind_words, phrases
from jianwei.scenes.board import Board
from jianwei.scenes.scene import REFUSALS, Box, Language, Match, Question, Split, named
from jianwei.scenes.wording import about_label, courteous, said


@dataclass(frozen=True)
class Ways:
    """The ways to ask for one thing: patterns for training, and others for the test split alone."""

    train: tuple[str, ...]
    test: tuple[str, ...]


Table = dict[str, tuple[Ways, Ways]]
"""What is asked for to the ways to ask for it in Chinese and English."""


def ways(train: str, test: str) -> Ways:
    """Ways from two lists of patterns, parted by ``;``."""
    return Ways(*(tuple(part.strip() for part in text.split(";")) for text in (train, test)))


YES_NO: dict[Language, tuple[str, str]] = {"zh": ("有。", "没有。"), "en": ("Yes.", "No.")}
"""Whether something is there."""

COMMON: Table = {
    "where": (
        ways("“{}”[在哪|在哪里|在哪儿|在什么位置]？;[请|]框出“{}”。;定位“{}”。;“{}”的[位置|坐标][是什么|]？", "把“{}”标出来。;“{}”在画面哪一处？"),
        ways('Where is "{}"?;[Find|Box|Mark] "{}".;[Give|Return] the [box|coordinates] of "{}".', 'Put a rectangle around "{}".;In which spot is "{}"?'),
    ),
    "where_object": (
        ways("{}[在哪|在哪里|在什么位置]？;[请|]框出{}。;定位{}。;{}的[位置|坐标][是什么|]？", "把{}标出来。;{}在画面哪一处？"),
        ways("Where is the {}?;[Find|Box|Mark] the {}.;[Give|Return] the [box|coordinates] of the {}.", "Put a rectangle around the {}.;In which spot is the {}?"),
    ),
    "present": (
        ways("[图中|图里|图上|][有没有|有没有写|是否写着]“{}”？;能[看到|找到]“{}”吗？;[这里|上面]写[着|了]“{}”吗？", "“{}”出现过吗？;找得着“{}”这些字吗？"),
        ways('[Is|Can you see] "{}" [in the picture|here|on it]?;Does it [say|contain|show] "{}"?', 'Has "{}" been written anywhere?;Is "{}" among the words?'),
    ),
    "json": (
        ways("[用|请用|以]JSON[描述|输出|给出][这张图|图中内容|整张图]。;[输出|给出][图中|图里]的物体、文字和空间关系[，用JSON|（JSON）]。;[把|请把][这张图|图片]整理成JSON。", "把整幅画面写成JSON：objects、texts、spatial_relations。;请以JSON汇总此图。"),
        ways("[Describe|Give|Output] [this picture|the whole picture|the image] as JSON.;[List|Give] the objects, texts and spatial relations [as|in] JSON.;[Turn|Put] the [picture|image] into JSON.", "Write the entire scene as JSON: objects, texts, spatial_relations.;Summarise this image in JSON form."),
    ),
}  # fmt: skip
"""Wordings that every family uses."""

_MORE = 0.65
"""Share of the training questions that are put in the many wordings of ``kind_phrases``."""
_NAMES = 0.4
"""Share of the training questions that name what they ask for, in any frame (``kind_words``)."""

JSON_LIMIT = 900
"""Characters of the longest whole scene that is asked for: more would not fit into an answer."""


class Asker:
    """Collects the questions about one scene, in its language and in the wordings of its split."""

    def __init__(self, rng: Random, split: Split, language: Language, family: str, table: Table) -> None:
        """An asker without questions yet; ``table`` has the wordings of the family."""
        self._family = family
        self._rng = rng
        self._split: Split = split
        self._language: Language = language
        self._table = {**COMMON, **table}
        self.questions: list[Question] = []

    def wording(self, kind: str, *about: str) -> str:
        """One way to ask for ``kind``, filled in with what it is about."""
        rng, language = self._rng, self._language
        way = self._table[kind][0 if language == "zh" else 1]
        as_said = said(rng, self._family, kind, language, way.test) if self._split == "train" else None
        if as_said is not None:
            return as_said.format(*about)
        if self._split == "train" and rng.random() < _NAMES:
            text = named_in_frame(rng, self._family, kind, language, way.test)
            if text is not None:
                return text.format(*about)
        more = kind_phrases.patterns(self._family, kind, language) if self._split == "train" else ()
        if more and rng.random() < _MORE:
            text = phrases.one_of(rng, more, way.test) + phrases.end(rng, language)
        else:
            text = phrases.expand(rng, rng.choice(way.train if self._split == "train" else way.test))
        return courteous(rng, text, language, self._split).format(*about)

    def add(
        self,
        kind: str,
        answer: str,
        match: Match,
        *about: str,
        way: str = "",
        choices: tuple[str, ...] = (),
        value: str = "",
        tolerance: float = 0.0,
        accepted: tuple[str, ...] = (),
    ) -> None:
        """Asks for ``kind``; ``way`` names the wording where it is not that of the kind."""
        text = self.wording(way or kind, *about)
        self.questions.append(Question(text, answer, kind, match, choices, value, tolerance, accepted))

    def named(
        self,
        kind: str,
        label: str,
        value: str,
        match: Match,
        *about: str,
        way: str = "",
        tolerance: float = 0.0,
        accepted: tuple[str, ...] = (),
    ) -> None:
        """Asks for a value that stands beside a label: the answer names the label too, and the value alone is right."""
        answer = named(label, value, self._language)
        self.add(kind, answer, match, *about, way=way, value=value, tolerance=tolerance, accepted=accepted)

    def field(self, label: str, value: str) -> None:
        """Asks for a value by the label that is printed before it."""
        text = fields.asks_by_label(self._rng, label, self._language, self._split)
        answer = named(label, value, self._language)
        self.questions.append(Question(text, answer, "field", "text", value=value))

    def no_field(self, label: str) -> None:
        """Asks for a value by a label that is nowhere."""
        text = fields.asks_by_label(self._rng, label, self._language, self._split)
        self.questions.append(Question(text, REFUSALS[self._language], "absent", "none"))

    def absent(self, way: str, *about: str) -> None:
        """Asks for what the picture does not show."""
        text = self.wording(way, *about)
        self.questions.append(Question(text, REFUSALS[self._language], "absent", "none"))

    def places(self, board: Board) -> None:
        """Where one text is, and where one thing is, among those that are there once."""
        texts = [text.text for text in board.texts]
        once = [t for t in board.texts if sum(t.text in other for other in texts) == 1 and len(t.text) < 40]
        if once:
            text = self._rng.choice(once)
            self.add("where", box_answer(text.text, text.box, board.size), "box", text.text)
        labels = [item.label for item in board.objects]
        alone = [item for item in board.objects if labels.count(item.label) == 1]
        if alone:
            item = self._rng.choice(alone)
            self.add("where_object", box_answer(item.label, item.box, board.size), "box", item.label)

    def present(self, board: Board, strangers: Sequence[str]) -> None:
        """Whether a text is there: one that is, or one of ``strangers``, if it is not."""
        yes, no = YES_NO[self._language]
        printed = " ".join(text.text for text in board.texts)
        text = self._rng.choice([self._rng.choice(board.texts).text, self._rng.choice(strangers)])
        self.add("present", yes if text in printed else no, "choice", text, choices=(yes, no))

    def whole(self, board: Board, relations: Sequence[str]) -> None:
        """The whole scene as JSON, unless it is too long for an answer."""
        answer = scene_json(board, relations)
        if len(answer) <= JSON_LIMIT:
            self.add("json", answer, "json")

    def shuffled(self) -> tuple[Question, ...]:
        """All questions in random order."""
        self._rng.shuffle(self.questions)
        return tuple(self.questions)


_WHOLE = {
    *("what", "how", "who", "when", "is", "are", "was", "does", "do", "did", "has", "have", "can", "could"),
    *("at", "in", "on", "under", "by", "from"),
}
"""First words of English names that are questions by themselves."""


def named_in_frame(
    rng: Random, family: str, kind: str, language: Language, kept: tuple[str, ...]
) -> str | None:
    """A training question that names ``kind`` by a word of ``kind_words``, or ``None`` where that has none.

    ``kept`` are the wordings of the test split, never given here.
    """
    names = kind_words.names(family, kind, language)
    if not names:
        return None
    name = phrases.one_of(rng, names, kept)
    if language == "en" and name.split()[0].lower() in _WHOLE and rng.random() < 0.75:
        return courteous(rng, name + phrases.end(rng, language), language, "train")
    return about_label(rng, name, language, "train")


def scene_json(board: Board, relations: Sequence[str]) -> str:
    """All things, texts and relations of a scene in the form of ``types.JSON_ANSWER``."""
    truth = {
        "objects": [item.label for item in board.objects],
        "texts": [text.text for text in board.texts],
        "spatial_relations": list(relations),
    }
    return json.dumps(truth, ensure_ascii=False, separators=(",", ":"))


def box_answer(label: str, box: Box, size: tuple[int, int]) -> str:
    """A place in Qwen3-VL's JSON, 0 to 1000 on each axis of a picture of ``size``."""
    edges = (box[0] / size[0], box[1] / size[1], box[2] / size[0], box[3] / size[1])
    numbers = [min(1000, max(0, round(1000 * edge))) for edge in edges]
    return json.dumps([{"label": label, "bbox_2d": numbers}], ensure_ascii=False, separators=(",", ":"))


def related(one: str, other: str, side: str, language: Language) -> str:
    """A spatial relation in words; ``side`` is left, right, above or below."""
    chinese = {"left": "左边", "right": "右边", "above": "上方", "below": "下方"}[side]
    if language == "zh":
        return f"{one}在{other}的{chinese}"
    return f"{one} is {side} of {other}" if side in ("left", "right") else f"{one} is {side} {other}"
