"""One request inside the engine: its tokens, its positions, its blocks, and how far it has come."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from jianwei.config import KV_BLOCK_TOKENS
from jianwei.engine.draft import NO_GUESS, Drafter, Guess
from jianwei.engine.grammar import GrammarState
from jianwei.engine.prefix_cache import VISUAL, PictureSpan, block_keys
from jianwei.engine.sampler import Sampler
from jianwei.engine.visual_blocks import whole_blocks
from jianwei.errors import JianweiError
from jianwei.model.chat_template import Segment, TextSegment
from jianwei.model.preprocess import PatchedImage
from jianwei.model.rope import mrope_positions
from jianwei.model.vision import VisualTokens
from jianwei.types import FinishReason, Priority, SamplingParams


@dataclass(frozen=True, eq=False)
class AttentionRows:
    """Queries and keys of the layers that the decoder gives out (``Decoder.attention_layers``).

    Attributes:
        queries: ``[generated, layers, heads, head_dim]``: of the rows that predicted the answer's tokens.
        keys: ``[layers, tokens, kv_heads, head_dim]``: of the prompt and the answer, all but its last token.
    """

    queries: npt.NDArray[np.float32]
    keys: npt.NDArray[np.float32]


@dataclass(frozen=True)
class EngineResult:
    """How a request ended.

    Attributes:
        tokens: what was generated, without the token that ended it.
        finish_reason: why it ended.
        prompt_tokens, visual_tokens, pruned_tokens, cached_tokens: of the prompt; see ``types.Usage``.
        queue, vision, prefill, decode: seconds; see ``types.Timings``.
        vision_runs: pictures that went through the tower for this request.
        drafted_tokens, accepted_tokens, forced_tokens: see ``types.Usage``.
        attention: what the heat map is made from, where it was asked for.
        closing: tokens that make an answer cut off obey its grammar all the same; not the model's.
        said_logprobs: of each token that was to be said (``EngineRequest.said``), the logarithm of how likely the
            model would have said it.
    """

    tokens: list[int]
    finish_reason: FinishReason
    prompt_tokens: int
    visual_tokens: int
    pruned_tokens: int
    cached_tokens: int
    queue: float
    vision: float
    prefill: float
    decode: float
    vision_runs: int
    drafted_tokens: int = 0
    accepted_tokens: int = 0
    forced_tokens: int = 0
    attention: AttentionRows | None = None
    closing: tuple[int, ...] = ()
    said_logprobs: tuple[float, ...] = ()


@dataclass(frozen=True)
class EngineRequest:
    """What the engine is asked.

    Attributes:
        id: unique among requests in flight.
        segments: the prompt.
        sampling: how to choose tokens; ``stop`` strings are the caller's business (``on_token``).
        grammar: the form the answer must have, compiled.
        on_token: called with every token as it comes, from the engine's thread; True ends the answer.
        on_end: called once, with the result or the error.
        attention: whether the result shall have ``attention``.
        priority: whether somebody waits for it.
        may_leave_out: pictures of the prompt, counted from 0, of which blocks may be left out where the budget is
            too small for all: those of earlier turns that the question does not name.
        said: the answer itself, where it is there already: its tokens are said whatever the model would choose, and
            the result tells how likely each was. Not together with a grammar.
        guesses: whether tokens may be guessed (``draft``).
    """

    id: str
    segments: list[Segment]
    sampling: SamplingParams
    grammar: GrammarState | None
    on_token: Callable[[int], bool]
    on_end: Callable[[EngineResult | JianweiError], None]
    attention: bool = False
    priority: Priority = "interactive"
    may_leave_out: frozenset[int] = frozenset()
    said: tuple[int, ...] = ()
    guesses: bool = True


@dataclass
class Clock:
    """When things happened to a sequence, in seconds of ``time.perf_counter``."""

    submitted: float = field(default_factory=time.perf_counter)
    admitted: float = 0.0
    first_token: float = 0.0
    vision: float = 0.0


class Sequence:
    """State of one request; one thread owns it.

    Attributes:
        computed: tokens, from the first, that are done: their keys and values are in blocks, or left out.
        table: the blocks that hold them, in order.
        skip: blocks of the prompt that are to be left out.
        holes: those of them that ``computed`` has passed.
        ahead: blocks of the prompt beyond ``computed`` that are in the pool already, held until it comes there.
        look: queries of some rows, by which is told what the answer looked at.
        stored: blocks of the prompt that were found on disk, by their keys, until they are in the pool.
    """

    def __init__(self, request: EngineRequest, vocab: int) -> None:
        self.request = request
        self.clock = Clock()
        self.ids: list[int] = []
        self.spans: list[PictureSpan] = []
        self.patched: dict[str, PatchedImage] = {}
        self.visual: dict[str, VisualTokens] = {}
        self.pruned_tokens = 0
        self.awaited: set[str] = set()
        layout: list[int | tuple[int, int, int]] = []
        there: list[npt.NDArray[np.bool_]] = []
        for segment in request.segments:
            if isinstance(segment, TextSegment):
                self.ids += segment.ids
                layout.append(len(segment.ids))
                there.append(np.ones(len(segment.ids), bool))
            else:
                patched = segment.patched
                self.spans.append(PictureSpan(len(self.ids), segment.n_tokens, patched.digest))
                self.patched[patched.digest] = patched
                self.ids += [VISUAL] * segment.n_tokens
                layout.append((1, *patched.token_grid))
                there.append(patched.shown)
                self.pruned_tokens += patched.n_pruned
        self.prompt_tokens = len(self.ids)
        # What is left out of a picture leaves a gap: all other tokens stand where they would have stood.
        positions, self._next_position = mrope_positions(layout)
        self._positions = positions[:, np.concatenate(there)] if there else positions
        self.sampler = Sampler(request.sampling, vocab, [i for i in self.ids if i != VISUAL])
        self.table: list[int] = []
        self.skip: frozenset[int] = frozenset()
        self.holes: list[int] = []
        self.ahead: dict[int, int] = {}
        self.stored: dict[bytes, npt.NDArray[np.uint8]] = {}
        self.look: list[npt.NDArray[np.float32]] = []
        self.keys: list[bytes] = []
        self.published = 0
        self.computed = 0
        self.last_turn = 0
        self.cached_tokens = 0
        self.vision_runs = 0
        self.queries: list[npt.NDArray[np.float32]] = []
        self.drafted_tokens = 0
        self.accepted_tokens = 0
        self.forced_tokens = 0
        self.said_logprobs: list[float] = []
        self._drafter = Drafter()
        self._guessed = 0

    @property
    def id(self) -> str:
        """The request's id."""
        return self.request.id

    @property
    def priority(self) -> Priority:
        """Whether somebody waits for it."""
        return self.request.priority

    @property
    def generated(self) -> int:
        """Tokens generated so far."""
        return len(self.ids) - self.prompt_tokens

    @property
    def remaining(self) -> int:
        """Tokens whose keys and values are not in the cache yet."""
        return len(self.ids) - self.computed

    @property
    def decoding(self) -> bool:
        """Whether what the next step computes are tokens of the answer."""
        return self.generated > 0 and self.computed >= self.prompt_tokens

    @property
    def held(self) -> int:
        """Tokens whose keys and values are in the table's blocks."""
        return self.computed - len(self.holes) * KV_BLOCK_TOKENS

    @property
    def kept_tokens(self) -> int:
        """All its tokens but those left out."""
        return len(self.ids) - len(self.skip) * KV_BLOCK_TOKENS

    @property
    def run(self) -> int:
        """Tokens to compute before the next block that is known or left out, or the end."""
        block = self.computed // KV_BLOCK_TOKENS + 1
        stops = [b for b in (*self.ahead, *self.skip) if b >= block]
        return min(self.remaining, min(stops) * KV_BLOCK_TOKENS - self.computed) if stops else self.remaining

    @property
    def missing_blocks(self) -> int:
        """How many blocks the whole of it lacks."""
        total = -(-len(self.ids) // KV_BLOCK_TOKENS)
        return max(0, total - len(self.skip) - len(self.table) - len(self.ahead))

    def blocks_for(self, n_tokens: int) -> int:
        """How many blocks the table lacks for ``n_tokens`` more."""
        return max(0, -(-(self.held + n_tokens) // KV_BLOCK_TOKENS) - len(self.table))

    def spare_blocks(self) -> list[range]:
        """For each picture that may lose blocks, in order, the blocks that are its alone."""
        return [
            whole_blocks(self.spans[i]) for i in sorted(self.request.may_leave_out) if i < len(self.spans)
        ]

    def positions(self, start: int, end: int) -> npt.NDArray[np.int64]:
        """M-RoPE positions ``[3, end - start]`` of tokens of the prompt or after it."""
        n_prompt = self._positions.shape[1]
        prompt = self._positions[:, start : min(end, n_prompt)]
        if end <= n_prompt:
            return prompt
        after = np.arange(max(start, n_prompt), end) - n_prompt + self._next_position
        return np.concatenate([prompt, np.tile(after, (3, 1))], axis=1)

    def guess(self, most: int, tokens: int, expected: float, cost: Callable[[int], float]) -> Guess:
        """What may follow the tokens that are there, to be tried in the next step.

        Tokens that the grammar forces come first; where they are there already, none are left.

        Args:
            most: tokens guessed at most.
            tokens: that the step computes without this guess, of all sequences.
            expected: tokens that the step adds to answers without this guess, of all sequences.
            cost: of a step by its tokens.
        """
        grammar = self.request.grammar
        most = min(most, self.request.sampling.max_tokens - self.generated - 1)
        self._guessed = 0
        if most < 1:
            return NO_GUESS
        if self.request.said:
            said = self.request.said[self.generated : self.generated + most]
            return Guess(said, float(len(said)))
        forced = grammar.forced_tokens()[:most] if grammar else []
        if forced:
            return Guess(tuple(forced), float(len(forced)), len(forced))
        if not self.request.guesses:
            return NO_GUESS
        guess = self._drafter.guess(self.ids, most, tokens, expected, cost)
        if grammar and guess.tokens:
            allowed = grammar.count_allowed(guess.tokens[: guess.real])
            if allowed < guess.real:
                guess = Guess.filled(guess.tokens[:allowed], guess.gain, most)
        self._guessed = guess.real
        return guess

    def learn(self, accepted: int) -> None:
        """Note how many tokens of the last guess, which was tried, were right; a grammar's teach nothing."""
        accepted = min(accepted, self._guessed)  # what filled the step up may be right by chance
        if self._guessed:
            self._drafter.learn(self._guessed, accepted)
            self.drafted_tokens += self._guessed
            self.accepted_tokens += accepted

    def missing_pictures(self, end: int) -> list[PatchedImage]:
        """Pictures with tokens in ``computed..end`` whose embeddings are not at hand."""
        return [
            self.patched[span.digest]
            for span in self.spans
            if span.start < end
            and span.end > self.computed
            and span.digest not in self.visual
            and self._computes(max(span.start, self.computed), min(span.end, end))
        ]

    def _computes(self, start: int, end: int) -> bool:
        """Whether any of these tokens has to be computed."""
        blocks = range(start // KV_BLOCK_TOKENS, -(-end // KV_BLOCK_TOKENS))
        return any(block not in self.ahead and block not in self.skip for block in blocks)

    def update_keys(self) -> list[bytes]:
        """Keys of all full blocks of what is there by now."""
        self.keys = block_keys(np.array(self.ids, np.int64), self.spans, self.keys)
        return self.keys

    def result(
        self,
        reason: FinishReason,
        attention: AttentionRows | None = None,
        closing: tuple[int, ...] = (),
    ) -> EngineResult:
        """How it ended, counted from the marks of the clock."""
        now, clock = time.perf_counter(), self.clock
        admitted = clock.admitted or now
        first = clock.first_token or now
        return EngineResult(
            tokens=self.ids[self.prompt_tokens :],
            finish_reason=reason,
            prompt_tokens=self.prompt_tokens,
            visual_tokens=sum(span.n_tokens for span in self.spans),
            pruned_tokens=self.pruned_tokens,
            cached_tokens=self.cached_tokens,
            queue=admitted - clock.submitted,
            vision=clock.vision,
            prefill=max(0.0, first - admitted - clock.vision),
            decode=now - first,
            vision_runs=self.vision_runs,
            drafted_tokens=self.drafted_tokens,
            accepted_tokens=self.accepted_tokens,
            forced_tokens=self.forced_tokens,
            attention=attention,
            closing=closing,
            said_logprobs=tuple(self.said_logprobs),
        )
