"""Conversations become token ids, positions and the places where the loss is taken: on answers alone.

Many questions are asked about one picture, so that its evidence is read once for all of them. Each stands right
behind the evidence, as if it were the only one; a few go on in turns, so that a second question is known too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from jianwei.model.preprocess import PatchedImage
from jianwei.model.tokenizer import Tokenizer
from jianwei.scenes.scene import Question

ROW = 112
"""Tokens of a row at least: shorter questions share one."""

_INVENTING = 1.5
"""How much more it costs to answer what cannot be told from the picture than to be wrong otherwise."""
_WHOLE = 1.5
"""The same for what is told of a whole scene: there is one such answer among a dozen short ones."""

BEGUN = "begun"
"""Kind of a question whose answer goes on behind what is learnt."""

_COSTS = {"absent": _INVENTING, BEGUN: _WHOLE, "json": _WHOLE}


@dataclass(frozen=True)
class Answer:
    """Where an answer with its end mark lies in its chain, and what kind of question it answers."""

    start: int
    stop: int
    kind: str


@dataclass
class Chain:
    """Questions in turn behind the beginning."""

    ids: list[int] = field(default_factory=list)
    answers: list[Answer] = field(default_factory=list)


@dataclass
class Conversation:
    """A beginning, and chains of questions that do not know of each other."""

    beginning: list[int]
    chains: list[Chain]
    patched: PatchedImage | None = None

    @property
    def length(self) -> int:
        """Tokens in all, without padding."""
        return len(self.beginning) + sum(len(chain.ids) for chain in self.chains)


def conversation(
    tokenizer: Tokenizer,
    evidence: str,
    chains: Sequence[Sequence[Question]],
    patched: PatchedImage | None = None,
) -> Conversation:
    """The prompts as ``jianwei.model.chat_template.render`` writes them, with the answers."""
    special = tokenizer.special
    begun = [special["<|im_start|>"], *tokenizer.encode("user\n")]
    if patched is not None:
        begun.append(special["<|vision_start|>"])
        begun += [special["<|image_pad|>"]] * patched.n_tokens
        begun.append(special["<|vision_end|>"])
    begun += tokenizer.encode(evidence)
    return Conversation(begun, [_chain(tokenizer, questions) for questions in chains], patched)


def _chain(tokenizer: Tokenizer, questions: Sequence[Question]) -> Chain:
    special = tokenizer.special
    chain = Chain()
    ids = chain.ids
    for turn, question in enumerate(questions):
        if turn:
            ids += tokenizer.encode("\n")
            ids.append(special["<|im_start|>"])
            ids += tokenizer.encode("user\n")
        ids += tokenizer.encode(question.text)
        ids.append(special["<|im_end|>"])
        ids += tokenizer.encode("\n")
        ids.append(special["<|im_start|>"])
        ids += tokenizer.encode("assistant\n")
        start = len(ids)
        ids += tokenizer.encode(question.answer)
        if question.kind != BEGUN:
            ids.append(special["<|im_end|>"])
        chain.answers.append(Answer(start, len(ids), question.kind))
    return chain


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
    """Arrays of one conversation: its beginning, then rows of equal width (see ``rows.attend``).

    ``own`` is the mask inside the rows, true where a token sees another. ``where`` marks the places whose next token
    belongs to an answer, ``targets`` are those tokens in order, ``weights`` their weights in the loss, and ``spans``
    tell which run of targets is which answer.
    """

    ids: npt.NDArray[np.int64]
    positions: npt.NDArray[np.int64]
    own: npt.NDArray[np.bool_]
    where: npt.NDArray[np.bool_]
    targets: npt.NDArray[np.int64]
    weights: npt.NDArray[np.float32]
    spans: list[tuple[int, int, str]]
    patches: npt.NDArray[np.float32] | None
    grids: npt.NDArray[np.int64] | None


def collate(item: Conversation, tokenizer: Tokenizer) -> Batch:
    """One conversation as arrays; its chains share rows where they fit."""
    pad, image_pad = tokenizer.special["<|endoftext|>"], tokenizer.special["<|image_pad|>"]
    packed = _packed(item.chains)
    width, begun = max(sum(len(chain.ids) for chain in row) for row in packed), len(item.beginning)
    ids = np.full((len(packed), width), pad, np.int64)
    places = np.zeros((3, len(packed), width), np.int64)
    whose = np.full((len(packed), width), -1, np.int64)
    where = np.zeros((len(packed), width), np.bool_)
    targets: list[int] = []
    weights: list[float] = []
    spans: list[tuple[int, int, str]] = []
    before = positions(item.beginning, item.patched, image_pad)
    for number, row in enumerate(packed):
        at = 0
        for i, chain in enumerate(row):
            part = slice(at, at + len(chain.ids))
            ids[number, part], whose[number, part] = chain.ids, i
            places[:, number, part] = before[0, -1] + 1 + np.arange(len(chain.ids))
            for answer in chain.answers:
                length = answer.stop - answer.start
                where[number, at + answer.start - 1 : at + answer.stop - 1] = True
                spans.append((len(targets), len(targets) + length, answer.kind))
                targets += chain.ids[answer.start : answer.stop]
                # A long answer counts for more than a short one, but not by its length.
                cost = _COSTS.get(answer.kind, 1.0)
                weights += [cost * length**-0.5] * length
            at += len(chain.ids)
    own = (whose[:, :, None] == whose[:, None, :]) & np.tri(width, dtype=np.bool_)
    return Batch(
        np.concatenate([item.beginning, ids.ravel()])[None],
        np.concatenate([before, places.reshape(3, -1)], 1)[:, None],
        own[:, None],
        np.concatenate([np.zeros(begun, np.bool_), where.ravel()])[None],
        np.array(targets, np.int64),
        np.array(weights, np.float32),
        spans,
        None if item.patched is None else item.patched.patches,
        None if item.patched is None else np.array([item.patched.grid], np.int64),
    )


def _packed(chains: Sequence[Chain]) -> list[list[Chain]]:
    """Chains in rows, the longest first, each into the first row that has room."""
    width = max(ROW, *(len(chain.ids) for chain in chains))
    rows: list[tuple[int, list[Chain]]] = []
    for chain in sorted(chains, key=lambda chain: -len(chain.ids)):
        for i, (room, row) in enumerate(rows):
            if len(chain.ids) <= room:
                rows[i] = room - len(chain.ids), [*row, chain]
                break
        else:
            rows.append((width - len(chain.ids), [chain]))
    return [row for _, row in rows]
