"""Attention of many questions about one beginning: each sees the beginning and itself, none sees the others.

A conversation about a picture is one beginning (picture and evidence) and rows of questions of equal length. So every
question is learnt as it is asked in life, right behind the evidence, while the evidence is computed once for
all of them; and few scores are computed that a mask would throw away. Plain products are used, for on a CPU the
way back through PyTorch's own attention takes twice the time at the lengths of these conversations.
"""

from __future__ import annotations

import torch
from transformers import AttentionInterface

NAME = "jianwei_rows"
NAME_OF_ALL = "jianwei_all"


@torch.compiler.disable
def attend(
    module: torch.nn.Module,
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    attention_mask: torch.Tensor,
    scaling: float,
    **_: object,
) -> tuple[torch.Tensor, None]:
    """An attention function of ``transformers`` for one conversation.

    Args:
        module: the layer's attention; not used.
        query: ``[1, heads, length, size]``, the beginning first, then the rows one after the other.
        key: ``[1, groups, length, size]``.
        value: like ``key``.
        attention_mask: ``[rows, 1, width, width]``, 0 where a token of a row sees one of the same row, else -inf.
        scaling: of the scores.

    Returns:
        ``[1, length, heads, size]``, and no weights.
    """
    rows, _, width, _ = attention_mask.shape
    groups, size = key.shape[1], key.shape[3]
    share = query.shape[1] // groups
    begun = query.shape[2] - rows * width
    asked = query[0] * scaling
    start = _causal(asked[:, :begun], key[0, :, :begun], value[0, :, :begun])
    asked = asked[:, begun:]
    # To the beginning: one product a group of heads, nothing is masked.
    before = asked.reshape(groups, share * rows * width, size) @ key[0, :, :begun].transpose(1, 2)
    # Inside the rows.
    inside = asked.reshape(groups, share, rows, width, size).transpose(1, 2)
    inside = inside.reshape(groups * rows, share * width, size)
    keys = key[0, :, begun:].reshape(groups * rows, width, size)
    values = value[0, :, begun:].reshape(groups * rows, width, size)
    own = (inside @ keys.transpose(1, 2)).reshape(groups, rows, share, width, width) + attention_mask
    # One softmax over both.
    before = before.reshape(groups, share, rows, width, begun)
    both = torch.softmax(torch.cat([before, own.transpose(1, 2)], -1), -1)
    before, own = both[..., :begun], both[..., begun:].transpose(1, 2)
    seen = before.reshape(groups, share * rows * width, begun) @ value[0, :, :begun]
    near = own.reshape(groups * rows, share * width, width) @ values
    near = near.reshape(groups, rows, share, width, size).transpose(1, 2)
    found = seen.reshape(groups, share, rows, width, size) + near
    found = found.reshape(1, groups * share, rows * width, size)
    return torch.cat([start[None], found], 2).transpose(1, 2), None


_BLOCK = 128
"""Queries of the beginning that are looked at together, over no more keys than they see."""


def _causal(query: torch.Tensor, key: torch.Tensor, value: torch.Tensor) -> torch.Tensor:
    """What each of ``query [heads, length, size]`` finds in the tokens up to its own."""
    heads, length, size = query.shape
    groups = key.shape[0]
    never = torch.full((_BLOCK, _BLOCK), -torch.inf, dtype=query.dtype, device=query.device).triu(1)
    found = []
    for first in range(0, length, _BLOCK):
        last = min(length, first + _BLOCK)
        part = query[:, first:last].reshape(groups, -1, size)
        scores = (part @ key[:, :last].transpose(1, 2)).reshape(groups, heads // groups, last - first, last)
        if first:
            scores = torch.cat(
                [scores[..., :first], scores[..., first:] + never[: last - first, : last - first]], -1
            )
        else:
            scores = scores + never[:last, :last]
        chosen = torch.softmax(scores, -1).reshape(groups, -1, last) @ value[:, :last]
        found.append(chosen.reshape(heads, last - first, size))
    return torch.cat(found, 1)


@torch.compiler.disable
def attend_all(
    module: torch.nn.Module,
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    attention_mask: torch.Tensor | None,
    scaling: float,
    **_: object,
) -> tuple[torch.Tensor, None]:
    """Plain attention of every token to every token of a picture; arguments and result as for ``attend``."""
    scores = (query * scaling) @ key.transpose(2, 3)
    return (torch.softmax(scores, -1) @ value).transpose(1, 2), None


AttentionInterface.register(NAME, attend)
AttentionInterface.register(NAME_OF_ALL, attend_all)
