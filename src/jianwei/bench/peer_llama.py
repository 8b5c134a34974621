"""The peer: llama.cpp with its multimodal library (mtmd), through llama-cpp-python's ctypes bindings.

Run as a process (see ``worker``). It gets what it is good at: flash attention, a batch as large as the
prompt, and a KV cache that is kept between two questions on one picture, as ``llama-server`` keeps it.
"""

from __future__ import annotations

import ctypes
import importlib
import importlib.util
import time
from typing import Any

from jianwei.bench.pictures import Pixels, draw
from jianwei.bench.worker import (
    FIRST_QUESTION,
    SECOND_QUESTION,
    random_tokens,
)

_CONTEXT = 4096
_BATCH = 2048
MICRO_BATCH = 512
_MOST_VISUAL_TOKENS = 4096
_FLASH_ATTENTION = 1
_IMAGE_CHUNK = 1


def missing_reason() -> str | None:
    """Why the peer cannot run here, or None if it can."""
    if importlib.util.find_spec("llama_cpp") is None:
        return "llama-cpp-python is not installed (pip install 'jianwei[bench]')"
    return None


class LlamaPeer:
    """A loaded model pair.

    Attributes:
        llama: the bindings.
        model: the language model as the bindings know it.
    """

    def __init__(self, language: str, vision: str, threads: int) -> None:
        # Imported by name: the bindings are an optional extra and carry no types.
        self.llama: Any = importlib.import_module("llama_cpp")
        self._mtmd: Any = importlib.import_module("llama_cpp.mtmd_cpp")
        llama, mtmd = self.llama, self._mtmd
        self._silent = llama.llama_log_callback(_say_nothing)  # kept: C calls it for ever
        llama.llama_log_set(self._silent, None)
        mtmd.mtmd_log_set(self._silent, None)
        mtmd.mtmd_helper_log_set(self._silent, None)
        llama.llama_backend_init()

        params = llama.llama_model_default_params()
        params.n_gpu_layers = 0
        self.model: Any = llama.llama_model_load_from_file(language.encode(), params)
        if not self.model:
            raise RuntimeError(f"llama.cpp cannot load {language}")
        self._threads = threads
        self._context = llama.llama_init_from_model(self.model, self.settings())
        self._memory = llama.llama_get_memory(self._context)
        self._sampler = llama.llama_sampler_init_greedy()

        options = mtmd.mtmd_context_params_default()
        options.use_gpu, options.warmup, options.print_timings = False, False, False
        options.n_threads, options.flash_attn_type = threads, _FLASH_ATTENTION
        options.image_max_tokens = _MOST_VISUAL_TOKENS
        self._tower = mtmd.mtmd_init_from_file(vision.encode(), self.model, options)
        if not self._tower:
            raise RuntimeError(f"llama.cpp cannot load {vision}")
        self._asked: tuple[int, int, str] | None = None
        self._after_picture = 0
        self._drawn: dict[tuple[str, int, int], Pixels] = {}

    def settings(self) -> Any:
        """Of a context: flash attention, batches as large as a prompt."""
        settings = self.llama.llama_context_default_params()
        settings.n_ctx, settings.n_batch, settings.n_ubatch = _CONTEXT, _BATCH, MICRO_BATCH
        settings.n_threads = settings.n_threads_batch = self._threads
        settings.flash_attn_type = _FLASH_ATTENTION
        return settings

    def encode(self, side: int, seed: int) -> tuple[float, int]:
        """Seconds of the vision tower on a new picture, and its visual tokens."""
        for chunk in self.chunks(side, seed, "photo", FIRST_QUESTION):
            if self._mtmd.mtmd_input_chunk_get_type(chunk) == _IMAGE_CHUNK:
                start = time.perf_counter()
                check(self._mtmd.mtmd_encode_chunk(self._tower, chunk), "encode")
                seconds = time.perf_counter() - start
                return seconds, int(self._mtmd.mtmd_input_chunk_get_n_tokens(chunk))
        raise RuntimeError("the prompt has no picture")

    def prefill(self, count: int, seed: int) -> float:
        """Seconds to compute a prompt of so many tokens from nothing, up to its first token."""
        self.forget()
        tokens = random_tokens(count, seed)
        start = time.perf_counter()
        self.decode_tokens(tokens)
        self._sample()
        return time.perf_counter() - start

    def decode(self, context: int, steps: int, seed: int) -> float:
        """Seconds per token of one sequence that has ``context`` tokens already; greedy."""
        self.forget()
        self.decode_tokens(random_tokens(context, seed))
        token = self._sample()
        start = time.perf_counter()
        for _ in range(steps):
            self.decode_tokens([token])
            token = self._sample()
        return (time.perf_counter() - start) / steps

    def first_question(self, side: int, seed: int, kind: str = "photo") -> float:
        """Seconds from a new picture and a question to the first token of the answer."""
        self.forget()
        draw(kind, side, seed)  # remembered: drawing is no part of the answer
        start = time.perf_counter()
        self.evaluate(self.chunks(side, seed, kind, FIRST_QUESTION), 0)
        self._sample()
        seconds = time.perf_counter() - start
        self._asked = (side, seed, kind)
        return seconds

    def second_question(self, side: int, seed: int, kind: str = "photo") -> float:
        """Seconds to the first token of another question on the picture: its part of the KV cache is kept."""
        if self._asked != (side, seed, kind):
            self.first_question(side, seed, kind)
        start = time.perf_counter()
        chunks = self.chunks(side, seed, kind, SECOND_QUESTION)
        at = next(
            i for i, chunk in enumerate(chunks) if self._mtmd.mtmd_input_chunk_get_type(chunk) == _IMAGE_CHUNK
        )
        self.cut(self._after_picture)
        self.evaluate(chunks[at + 1 :], self._after_picture)
        self._sample()
        return time.perf_counter() - start

    def draw(self, kind: str, side: int, seed: int) -> None:
        """Have a picture ready: drawing is no part of an answer."""
        self._drawn[kind, side, seed] = draw(kind, side, seed)

    def say(self, count: int) -> None:
        """So many tokens of an answer after the prompt that was evaluated last; greedy."""
        token = self._sample()
        for _ in range(count - 1):
            self.decode_tokens([token])
            token = self._sample()

    def cut(self, position: int) -> None:
        """Drop what the KV cache holds from a position on."""
        self.llama.llama_memory_seq_rm(self._memory, 0, position, -1)

    def forget(self) -> None:
        """Empty the KV cache."""
        self.llama.llama_memory_clear(self._memory, True)
        self._asked = None

    def decode_tokens(self, tokens: list[int]) -> None:
        """Add tokens to the sequence."""
        array = (self.llama.llama_token * len(tokens))(*tokens)
        batch = self.llama.llama_batch_get_one(array, len(tokens))
        check(self.llama.llama_decode(self._context, batch), "decode")

    def _sample(self) -> int:
        return int(self.llama.llama_sampler_sample(self._sampler, self._context, -1))

    def chunks(self, side: int, seed: int, kind: str, question: str, instruction: str = "") -> list[Any]:
        """The prompt in pieces of text and picture, the picture cut into patches; a system message if instructed."""
        mtmd = self._mtmd
        drawn = self._drawn.pop((kind, side, seed), None)
        pixels = (draw(kind, side, seed) if drawn is None else drawn).tobytes()
        bitmap = mtmd.mtmd_bitmap_init(side, side, (ctypes.c_uint8 * len(pixels)).from_buffer_copy(pixels))
        prompt = mtmd.mtmd_input_text()
        marker = mtmd.mtmd_default_marker().decode()
        system = f"<|im_start|>system\n{instruction}<|im_end|>\n" if instruction else ""
        text = f"{system}<|im_start|>user\n{marker}{question}<|im_end|>\n<|im_start|>assistant\n".encode()
        prompt.text, prompt.add_special, prompt.parse_special = text, True, True
        if hasattr(prompt, "text_len"):
            prompt.text_len = len(text)
        pieces = mtmd.mtmd_input_chunks_init()
        bitmaps = ctypes.cast((ctypes.c_void_p * 1)(bitmap), ctypes.POINTER(ctypes.c_void_p))
        check(mtmd.mtmd_tokenize(self._tower, pieces, ctypes.byref(prompt), bitmaps, 1), "tokenize")
        mtmd.mtmd_bitmap_free(bitmap)
        self._release()
        self._pieces = pieces
        return [mtmd.mtmd_input_chunks_get(pieces, i) for i in range(mtmd.mtmd_input_chunks_size(pieces))]

    def _release(self) -> None:
        """Free the last prompt's pieces; those of the newest one are in use."""
        last = getattr(self, "_pieces", None)
        if last is not None:
            self._mtmd.mtmd_input_chunks_free(last)

    def evaluate(self, chunks: list[Any], position: int) -> int:
        """Encode and decode pieces one after another; logits only of the last token. The position after them."""
        end = self.llama.llama_pos(position)
        for i, chunk in enumerate(chunks):
            last = i == len(chunks) - 1
            start = end.value
            check(
                self._mtmd.mtmd_helper_eval_chunk_single(
                    self._tower, self._context, chunk, start, 0, _BATCH, last, ctypes.byref(end)
                ),
                "evaluate",
            )
            if self._mtmd.mtmd_input_chunk_get_type(chunk) == _IMAGE_CHUNK:
                self._after_picture = end.value
        return int(end.value)


def _say_nothing(*_: object) -> None:
    return


def check(status: int, step: str) -> None:
    """Raises ``RuntimeError`` if llama.cpp says that a step failed."""
    if status != 0:
        raise RuntimeError(f"llama.cpp: {step} failed with {status}")
