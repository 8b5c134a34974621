"""Conversations become token ids, positions and the places where the loss is taken: on answers alone.

Several questions are asked about one picture in turn, so that its evidence is read once for all of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from jianwei.model.preprocess import PatchedImage
from jianwei.model.tokenizer import Tokenizer
from jianwei.scenes.scene import Question


@dataclass(frozen=True)
class Answer:
    """Where an answer with its end mark lies in a conversation, and what kind of question it answers."""

    start: int
    stop: int
    kind: str


@dataclass
class Conversation:
    """One training sequence."""

    ids: list[int] = field(default_factory=list)
    answers: list[Answer] = field(default_factory=list)
    patched: PatchedImage | None = None


def conversation(
    tokenizer: Tokenizer, evidence: str, questions: Sequence[Question], patched: PatchedImage | None = None
) -> Conversation:
    """The prompt as ``jianwei.model.chat_template.render`` writes it, with the answers."""
    special = tokenizer.special
    result = Conversation(patched=patched)
    ids = result.ids
    for turn, question in enumerate(questions):
        ids.append(special["<|im_start|>"])
        head = "user\n"
        if turn == 0 and patched is not None:
            ids += tokenizer.encode(head)
            ids.append(special["<|vision_start|>"])
            ids += [special["<|image_pad|>"]] * patched.n_tokens
            ids.append(special["<|vision_end|>"])
            head = ""
        ids += tokenizer.encode(f"{head}{evidence if turn == 0 else ''}{question.text}")
        ids.append(special["<|im_end|>"])
        ids += tokenizer.encode("\n")
        ids.append(special["<|im_start|>"])
        ids += tokenizer.encode("assistant\n")
        start = len(ids)
        ids += tokenizer.encode(question.answer)
        ids.append(special["<|im_end|>"])
        result.answers.append(Answer(start, len(ids), question.kind))
        ids += tokenizer.encode("\n")
    return result


def positions(ids: Sequence[int], patched: PatchedImage | None, image_pad: int) -> npt.NDArray[np.int64]:
    """M-RoPE positions ``[3, length]``: a picture's tokens count rows and columns, the text goes on after both."""
    length = len(ids)
    if patched is None:
        return np.broadcast_to(np.arange(length), (3, length)).copy()
    first = list(ids).index(image_pad)
    rows, columns = patched.grid[1] // 2, patched.grid[2] // 2
    count = rows * columns
    result = np.empty((3, length), np.int64)
    result[:, :first] = np.arange(first)
    result[0, first : first + count] = first
    result[1, first : first + count] = first + np.repeat(np.arange(rows), columns)
    result[2, first : first + count] = first + np.tile(np.arange(columns), rows)
    result[:, first + count :] = first + max(rows, columns) + np.arange(length - first - count)
    return result


@dataclass(frozen=True, eq=False)
class Batch:
    """Arrays of several conversations, padded on the right.

    ``where`` marks the places whose next token belongs to an answer, ``targets`` are those tokens in order, and
    ``spans`` tell which run of targets is which answer.
    """

    ids: npt.NDArray[np.int64]
    positions: npt.NDArray[np.int64]
    where: npt.NDArray[np.bool_]
    targets: npt.NDArray[np.int64]
    spans: list[tuple[int, int, str]]
    patches: npt.NDArray[np.float32] | None
    grids: npt.NDArray[np.int64] | None


def collate(conversations: Sequence[Conversation], tokenizer: Tokenizer) -> Batch:
    """One batch of conversations of about equal length."""
    pad, image_pad = tokenizer.special["<|endoftext|>"], tokenizer.special["<|image_pad|>"]
    length = max(len(item.ids) for item in conversations)
    shape = (len(conversations), length)
    ids = np.full(shape, pad, np.int64)
    places = np.zeros((3, *shape), np.int64)
    where = np.zeros(shape, np.bool_)
    targets: list[int] = []
    spans: list[tuple[int, int, str]] = []
    for row, item in enumerate(conversations):
        ids[row, : len(item.ids)] = item.ids
        places[:, row, : len(item.ids)] = positions(item.ids, item.patched, image_pad)
        for answer in item.answers:
            where[row, answer.start - 1 : answer.stop - 1] = True
            spans.append((len(targets), len(targets) + answer.stop - answer.start, answer.kind))
            targets += item.ids[answer.start : answer.stop]
    pictures = [item.patched for item in conversations if item.patched is not None]
    return Batch(
        ids,
        places,
        where,
        np.array(targets, np.int64),
        spans,
        np.concatenate([picture.patches for picture in pictures]) if pictures else None,
        np.array([picture.grid for picture in pictures], np.int64) if pictures else None,
    )
