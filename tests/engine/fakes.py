"""A language model that can be checked by hand: it remembers tokens in KV blocks and hashes what it finds there.

Every token's identity and position is written into the block and slot that the engine names, and the next token
is a hash of everything that the block table leads to. So one wrong block, position or order changes the answer.
"""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from jianwei.config import KV_BLOCK_TOKENS
from jianwei.engine.engine import Engine
from jianwei.engine.grammar import GrammarState
from jianwei.engine.sequence import EngineRequest, EngineResult
from jianwei.errors import JianweiError
from jianwei.model.chat_template import Segment, TextSegment, VisionSegment
from jianwei.model.configuration import DecoderConfig
from jianwei.model.decoder import Batch
from jianwei.model.preprocess import PatchedImage
from jianwei.model.rope import mrope_positions
from jianwei.model.vision import VisualTokens
from jianwei.types import Priority, SamplingParams

VOCAB = 50
EOS = 0
CONFIG = DecoderConfig(
    layers=1,
    hidden=2,
    heads=1,
    kv_heads=1,
    head_dim=2,
    feed_forward=2,
    vocab=VOCAB,
    eps=1e-6,
    rope_theta=1e4,
    rope_sections=(1, 0, 0),
    deepstack_layers=1,
    context_length=4096,
)


Context = list[tuple[float, ...]]
"""Identity, t, h and w of each token so far."""


def next_token(context: Context) -> int:
    """The token that follows (identity, t, h, w) tuples; never the end token."""
    digest = hashlib.sha256(repr(context).encode()).digest()
    return 1 + int.from_bytes(digest[:4], "big") % (VOCAB - 1)


class HashBlocks:
    """Stands in for ``model.kv_memory.KvMemory``."""

    def __init__(self, memory: np.ndarray) -> None:
        self.n_blocks = len(memory)
        self.given_back: list[int] = []
        self._memory = memory

    def read(self, block: int) -> np.ndarray:
        return np.frombuffer(self._memory[block].tobytes(), np.uint8)

    def write(self, block: int, held: np.ndarray) -> None:
        self._memory[block] = np.frombuffer(held.tobytes()).reshape(self._memory[block].shape)

    def give_back(self, blocks: Iterable[int]) -> None:
        self.given_back = list(blocks)
        self._memory[self.given_back] = 0.0


class HashDecoder:
    """Stands in for ``model.decoder.Decoder``."""

    config = CONFIG

    def __init__(self, n_blocks: int) -> None:
        self.memory = np.full((n_blocks, KV_BLOCK_TOKENS, 4), -7.0)
        self.kv = HashBlocks(self.memory)
        self.steps: list[list[int]] = []
        self.gate = threading.Semaphore(0)
        self.gated = False
        self.fail_next = False
        self.rested_after: list[int] = []
        self._lengths: list[int] = []

    def rest(self) -> None:
        """Notes after how many steps."""
        self.rested_after.append(len(self.steps))

    def queries(self) -> np.ndarray:
        """Each row's query tells how many tokens it sees."""
        return np.array(self._lengths, np.float32)[None, :, None, None] * np.ones((1, 1, 1, 2), np.float32)

    def keys(self, table: list[int], length: int) -> np.ndarray:
        """Each key is what the token's block holds."""
        return np.concatenate([self.memory[block] for block in table])[None, :length, None, :2].astype(
            np.float32
        )

    def sharpen(self, logits: np.ndarray, row: int, allowed: np.ndarray | None = None) -> None:
        """Its logits are exact."""

    def embed(self, ids: np.ndarray) -> np.ndarray:
        assert len(ids), "the mapped table gives no empty array"
        return np.stack([ids, np.zeros_like(ids)], axis=1).astype(np.float32)

    def follow(self, context: Context) -> np.ndarray:
        """Logits after (identity, t, h, w) tuples."""
        logits = np.zeros(VOCAB, np.float32)
        logits[next_token(context)] = 1.0
        return logits

    def step(self, batch: Batch) -> np.ndarray:
        if self.gated:
            self.gate.acquire()
        if self.fail_next:
            self.fail_next = False
            raise RuntimeError("the plugin threw")
        self.steps.append(list(batch.new_lens))
        logits = np.zeros((len(batch.logit_rows), self.config.vocab), np.float32)
        row, out = 0, 0
        self._lengths = []
        for past, new, table in zip(batch.past_lens, batch.new_lens, batch.tables, strict=True):
            for i in range(new):
                place = past + i
                extra = 0.0 if batch.deepstack is None else batch.deepstack[0, row + i, 0]
                self.memory[table[place // KV_BLOCK_TOKENS], place % KV_BLOCK_TOKENS] = (
                    batch.embeddings[row + i, 0] + extra,
                    *batch.positions[:, row + i],
                )
            for i in range(new):
                if row + i in batch.logit_rows:
                    context = np.concatenate([self.memory[block] for block in table])[: past + i + 1]
                    self._lengths.append(past + i + 1)
                    logits[out] = self.follow([tuple(map(float, entry)) for entry in context])
                    out += 1
            row += new
        return logits


class CopyDecoder(HashDecoder):
    """Likes to go on as its text has gone on before, where its last three tokens stood first, or its last one.

    How much it likes to, and everything else, is a hash of all that it sees.
    """

    def __init__(self, n_blocks: int, vocab: int = VOCAB) -> None:
        super().__init__(n_blocks)
        self.config = replace(CONFIG, vocab=vocab)

    def follow(self, context: Context) -> np.ndarray:
        """Random logits, the copied token's raised."""
        digest = hashlib.sha256(repr(context).encode()).digest()
        random = np.random.default_rng(int.from_bytes(digest[:8], "big"))
        logits = random.standard_normal(self.config.vocab).astype(np.float32)
        logits[EOS] = -9.0
        said = [int(identity) for identity, *_ in context]
        for length in (3, 1):
            places = [at for at in range(length, len(said)) if said[at - length : at] == said[-length:]]
            if places:
                logits[said[places[0]] % len(logits)] += random.choice([1.0, *[9.0] * 15])
                break
        return logits


class HashTower:
    """Stands in for ``model.vision.VisionTower``: a picture's tokens are made of its digest."""

    def __init__(self) -> None:
        self.encoded: list[str] = []
        self.fail_next = False
        self.gate = threading.Semaphore(0)
        self.gated = False

    def encode(self, picture: PatchedImage) -> VisualTokens:
        if self.gated:
            self.gate.acquire()
        if self.fail_next:
            self.fail_next = False
            raise RuntimeError("the plugin threw")
        self.encoded.append(picture.digest)
        values = visual_values(picture)
        embeddings = np.stack([values, np.zeros_like(values)], axis=1).astype(np.float32)
        return VisualTokens(embeddings, np.full((1, len(values), 2), 0.5, np.float32))


def visual_values(picture: PatchedImage) -> np.ndarray:
    return np.array(
        [1000 + int(picture.digest[:4], 16) * 16 + i for i in range(picture.n_tokens)], np.float32
    )


def picture(name: str, rows: int = 4, columns: int = 6) -> VisionSegment:
    """A picture segment of ``rows * columns`` visual tokens."""
    digest = hashlib.sha256(f"{name}{rows}x{columns}".encode()).hexdigest()
    n_tokens = rows * columns
    patched = PatchedImage(
        patches=np.zeros((4 * n_tokens, 1), np.float32),
        grid=(1, 2 * rows, 2 * columns),
        size=(32 * columns, 32 * rows),
        source_size=(32 * columns, 32 * rows),
        n_tokens=n_tokens,
        digest=digest,
    )
    return VisionSegment(patched, n_tokens)


def words(*ids: int) -> TextSegment:
    return TextSegment(tuple(ids))


def expected(segments: Sequence[Segment], n_tokens: int) -> list[int]:
    """What the model answers, computed without blocks, batches or caches."""
    context: Context = []
    layout: list[int | tuple[int, int, int]] = []
    identities: list[float] = []
    for segment in segments:
        if isinstance(segment, TextSegment):
            identities += [float(i) for i in segment.ids]
            layout.append(len(segment.ids))
        else:
            identities += [float(v) + 0.5 for v in visual_values(segment.patched)]
            _, height, width = segment.patched.grid
            layout.append((1, height // 2, width // 2))
    positions, following = mrope_positions(layout)
    context = [
        (identity, *map(float, place)) for identity, place in zip(identities, positions.T, strict=True)
    ]
    answer: list[int] = []
    for i in range(n_tokens):
        token = next_token(context)
        answer.append(token)
        context.append((float(token), *(float(following + i),) * 3))
    return answer


class Ask:
    """One request: collects its tokens, and waits for its end."""

    def __init__(
        self,
        engine: Engine,
        name: str,
        segments: Sequence[Segment],
        *,
        grammar: GrammarState | None = None,
        attention: bool = False,
        priority: Priority = "interactive",
        may_leave_out: frozenset[int] = frozenset(),
        said: tuple[int, ...] = (),
        **sampling: Any,
    ) -> None:
        self.tokens: list[int] = []
        self.outcome: EngineResult | JianweiError | None = None
        self.stop_after: int | None = None
        self.finished_at = 0.0
        self._done = threading.Event()
        wanted: dict[str, Any] = {"max_tokens": 8, **sampling}
        self.request = EngineRequest(
            name,
            list(segments),
            SamplingParams(**wanted),
            grammar,
            self._on_token,
            self._on_end,
            attention,
            priority,
            may_leave_out,
            said,
        )
        engine.submit(self.request)

    def _on_token(self, token: int) -> bool:
        self.tokens.append(token)
        return self.stop_after is not None and len(self.tokens) >= self.stop_after

    def _on_end(self, outcome: EngineResult | JianweiError) -> None:
        assert self.outcome is None, "on_end must be called once"
        self.finished_at = time.monotonic()
        self.outcome = outcome
        self._done.set()

    def wait(self) -> EngineResult:
        assert self._done.wait(20), "the engine did not end the request"
        assert isinstance(self.outcome, EngineResult), self.outcome
        return self.outcome

    def wait_error(self) -> JianweiError:
        assert self._done.wait(20), "the engine did not end the request"
        assert isinstance(self.outcome, JianweiError), self.outcome
        return self.outcome


class Bench:
    """An engine on fakes; ``options`` are the engine's."""

    def __init__(self, n_blocks: int = 64, **options: Any) -> None:
        self.decoder = HashDecoder(n_blocks)
        self.tower = HashTower()
        self.engine = Engine(self.decoder, self.tower, frozenset({EOS}), **options)

    def ask(self, name: str, *segments: Segment, **sampling: Any) -> Ask:
        return Ask(self.engine, name, segments, **sampling)
