"""The peer's process (see ``worker``): the same commands as ``ours``."""

from __future__ import annotations

from typing import Any

from jianwei.bench.peer_llama import LlamaPeer
from jianwei.bench.peer_many import decode_together, photo_batch, rounds
from jianwei.bench.worker import actions_of, anonymous_megabytes, serve


class _Actions:
    """The commands of ``worker``; the same as those of ``ours``."""

    def __init__(self) -> None:
        self._peer: LlamaPeer | None = None

    @property
    def peer(self) -> LlamaPeer:
        if self._peer is None:
            raise RuntimeError("nothing is loaded")
        return self._peer

    def load(self, language: str, vision: str, threads: int) -> dict[str, Any]:
        self._peer = LlamaPeer(language, vision, threads)
        return {}

    def vision(self, side: int, seed: int) -> dict[str, Any]:
        seconds, tokens = self.peer.encode(side, seed)
        return {"seconds": seconds, "tokens": tokens}

    def prefill(self, tokens: int, seed: int) -> dict[str, Any]:
        return {"seconds": self.peer.prefill(tokens, seed)}

    def decode(self, context: int, steps: int, seed: int) -> dict[str, Any]:
        return {"seconds": self.peer.decode(context, steps, seed)}

    def first_question(self, side: int, seed: int, kind: str = "photo") -> dict[str, Any]:
        return {"seconds": self.peer.first_question(side, seed, kind)}

    def second_question(self, side: int, seed: int, kind: str = "photo") -> dict[str, Any]:
        return {"seconds": self.peer.second_question(side, seed, kind)}

    def together(self, sequences: int, context: int, steps: int, seed: int) -> dict[str, Any]:
        return {"rate": decode_together(self.peer, sequences, context, steps, seed)}

    def batch(self, count: int, side: int, answer: int, seed: int) -> dict[str, Any]:
        return {"rate": photo_batch(self.peer, count, side, answer, seed)}

    def rounds(self, count: int, side: int, answer: int, seed: int) -> dict[str, Any]:
        steady, most = rounds(self.peer, count, side, answer, seed)
        return {"steady": steady, "most": most}

    def memory(self) -> dict[str, Any]:
        return {"megabytes": anonymous_megabytes()}


if __name__ == "__main__":
    serve(actions_of(_Actions()))
