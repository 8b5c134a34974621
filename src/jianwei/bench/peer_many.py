"""The peer, many at once: llama.cpp's parallel sequences, photos one after another, a long conversation.

Each gets its best case: sequences decode in one batch with a KV cache of their own each, the instruction before the
photos is computed once and kept, and a conversation goes on from its KV cache.
"""

from __future__ import annotations

import time
from typing import Any

from jianwei.bench.peer_llama import MICRO_BATCH, LlamaPeer, check
from jianwei.bench.watch import MemoryWatch
from jianwei.bench.worker import FIRST_QUESTION, INSTRUCTION, anonymous_megabytes, random_tokens

_FOLLOWING = 24
"""Tokens of a later question, with what stands around it."""


def decode_together(peer: LlamaPeer, sequences: int, context: int, steps: int, seed: int) -> float:
    """Tokens a second of so many sequences in all, each with a prompt of its own of ``context`` tokens."""
    llama = peer.llama
    each = -(-(context + steps + 1) // 256) * 256
    settings = peer.settings()
    settings.n_ctx, settings.n_seq_max, settings.kv_unified = sequences * each, sequences, False
    state = llama.llama_init_from_model(peer.model, settings)
    if not state:
        raise RuntimeError(f"llama.cpp has no context for {sequences} sequences")
    batch = llama.llama_batch_init(max(MICRO_BATCH, context), 0, 1)
    sampler = llama.llama_sampler_init_greedy()
    try:
        said: list[int] = []
        for sequence in range(sequences):
            tokens = random_tokens(context, 1000 * seed + sequence + 7)
            _fill(batch, [(token, place, sequence) for place, token in enumerate(tokens)], only_last=True)
            check(llama.llama_decode(state, batch), "decode")
            said.append(int(llama.llama_sampler_sample(sampler, state, context - 1)))
        start = time.perf_counter()
        for step in range(steps):
            _fill(batch, [(token, context + step, sequence) for sequence, token in enumerate(said)])
            check(llama.llama_decode(state, batch), "decode")
            said = [int(llama.llama_sampler_sample(sampler, state, row)) for row in range(sequences)]
        return sequences * steps / (time.perf_counter() - start)
    finally:
        llama.llama_sampler_free(sampler)
        llama.llama_batch_free(batch)
        llama.llama_free(state)


def photo_batch(peer: LlamaPeer, count: int, side: int, answer: int, seed: int) -> float:
    """Photos a minute, one after another; what stands before the photo stays in the KV cache."""
    peer.forget()
    for number in range(count):
        peer.draw("photo", side, 10_000 * (seed + 1) + number)
    after_instruction = 0
    start = time.perf_counter()
    for number in range(count):
        chunks = peer.chunks(side, 10_000 * (seed + 1) + number, "photo", FIRST_QUESTION, INSTRUCTION)
        if number:
            peer.cut(after_instruction)
        else:
            after_instruction = peer.evaluate(chunks[:1], 0)
        peer.evaluate(chunks[1:], after_instruction)
        peer.say(answer)
    return 60 * count / (time.perf_counter() - start)


def rounds(peer: LlamaPeer, count: int, side: int, answer: int, seed: int) -> tuple[float, float]:
    """MB of anonymous memory after so many rounds on one picture, and at most meanwhile."""
    with MemoryWatch() as watch:
        peer.first_question(side, seed)
        peer.say(answer)
        for number in range(1, count):
            peer.decode_tokens(random_tokens(_FOLLOWING, number))
            peer.say(answer)
    return anonymous_megabytes(), watch.most


def _fill(batch: Any, rows: list[tuple[int, int, int]], *, only_last: bool = False) -> None:
    """Put (token, position, sequence) into a batch; logits of every row, or of the last one."""
    batch.n_tokens = len(rows)
    for row, (token, place, sequence) in enumerate(rows):
        batch.token[row], batch.pos[row] = token, place
        batch.n_seq_id[row], batch.seq_id[row][0] = 1, sequence
        batch.logits[row] = not only_last or row == len(rows) - 1
