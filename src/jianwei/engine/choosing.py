"""From logits to tokens: how far one step takes a sequence."""

from __future__ import annotations

import itertools
from collections import deque
from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from jianwei.engine.sampler import TokenMask, log_probability
from jianwei.engine.scheduler import Scheduler
from jianwei.engine.sequence import Sequence
from jianwei.types import FinishReason

Floats = npt.NDArray[np.float32]
Sharpen = Callable[[Floats, int, TokenMask | None], None]


class Chooser:
    """Adds tokens to sequences until one is there whose successor takes another step."""

    def __init__(
        self, scheduler: Scheduler, eos_ids: frozenset[int], limits: tuple[int, int], sharpen: Sharpen
    ) -> None:
        """Remember what ends an answer.

        Args:
            scheduler: told of guesses that were right: their keys and values are there.
            eos_ids: tokens that end an answer.
            limits: tokens that one sequence may have: of the model's context, and in KV blocks.
            sharpen: makes a row's logits exact where it matters (``Decoder.sharpen``).
        """
        self._sharpen = sharpen
        self._scheduler = scheduler
        self._eos_ids = eos_ids
        self._context, self._kv_tokens = limits

    def choose(
        self,
        sequence: Sequence,
        draft: tuple[int, ...],
        logits: Floats,
        queries: Floats | None,
        first_row: int,
    ) -> tuple[int, FinishReason | None]:
        """Add the next tokens of a sequence.

        One is chosen after its last token, and one more after each guess that is what was chosen. What its grammar
        forces is added without logits, unless its attention is asked for: then every token needs the row that
        predicts it, and forced tokens come as guesses. An answer that is there already (``EngineRequest.said``) is
        gone through the same way, and ends with its last token.

        Args:
            sequence: computed up to its last token.
            draft: the guesses that were computed after it.
            logits: ``[1 + guesses, vocab]``: after its last token and after each guess.
            queries: ``[layers, 1 + guesses, heads, head_dim]`` of the same rows where its attention is asked for.
            first_row: which row of the step the first of these is.

        Returns:
            How many guesses were right, and why the answer ends if it does.

        Raises:
            InputError: the grammar cannot be followed any further.
            ValueError: see :meth:`Sampler.sample`.
        """
        grammar, sampler, said = sequence.request.grammar, sequence.sampler, sequence.request.said
        forced: deque[int] = deque()
        accepted = 0
        for row in itertools.count():
            is_computed = row == accepted  # this row's logits are those after all that has been chosen
            if not is_computed and (not forced or queries is not None):
                break
            if is_computed and queries is not None:
                sequence.queries.append(queries[:, row].copy())
            if forced:
                token = forced.popleft()
                sampler.skip()
                sequence.forced_tokens += 1
            elif said:
                token = said[sequence.generated]
                self._sharpen(logits[row], first_row + row, None)
                sequence.said_logprobs.append(log_probability(logits[row], token))
            else:
                allowed = grammar.mask() if grammar else None
                self._sharpen(logits[row], first_row + row, allowed)
                token = sampler.sample(logits[row], allowed)
            if token in self._eos_ids and not said:
                return accepted, "stop"
            sampler.accept(token)
            if grammar:
                grammar.accept(token)
            sequence.ids.append(token)
            if is_computed and row < len(draft) and draft[row] == token:
                accepted += 1
                self._scheduler.computed(sequence, 1)
            stop = sequence.request.on_token(token)
            if stop or (grammar and grammar.is_complete) or sequence.generated == len(said) > 0:
                return accepted, "stop"
            if (
                sequence.generated >= sequence.request.sampling.max_tokens
                or len(sequence.ids) >= self._context
                or sequence.kept_tokens >= self._kv_tokens
            ):
                return accepted, "length"
            if grammar and not forced and self._scheduler.drafts:
                forced.extend(grammar.forced_tokens())
        return accepted, None
