"""The language model: Qwen3 layers with M-RoPE, DeepStack and paged attention, as one OpenVINO graph.

One call of :meth:`Decoder.step` takes new tokens of any number of sequences (chunks of prompts and single
decoded tokens alike), writes their keys and values into KV blocks, and gives logits for the rows asked. It knows
no prompts and no scheduling: which tokens, at which positions, with which blocks, is the engine's business.

Follows ``modeling_qwen3_vl.py`` in transformers, function by function.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
import openvino as ov
from openvino import opset13 as op

from jianwei.config import KV_BLOCK_TOKENS
from jianwei.model.configuration import DecoderConfig
from jianwei.model.kv_memory import KvMemory
from jianwei.model.matrix import Matrix
from jianwei.model.ops import Node, graph, linear, parameter, products, reshape, rms_norm, rotate
from jianwei.model.paged_attention import (
    BatchInputs,
    batch_inputs,
    cache_inputs,
    paged_attention,
    stored_keys,
)
from jianwei.model.rope import text_cos_sin
from jianwei.model.runtime import Runtime, infer
from jianwei.model.shortlist import likeliest
from jianwei.model.weights import INT4, SHORTLIST, WeightFile

Floats = npt.NDArray[np.float32]
Int32 = npt.NDArray[np.int32]
KvPrecision = Literal["u8", "u4", "bf16", "f32"]
Head = Literal["auto", "file", "int4"]
"""The output layer: as the file has it, or in 4 bits and made exact where it matters (:meth:`Decoder.sharpen`)."""

_LARGE_HEAD = 1 << 26
"""Weights of an output layer that is held in 4 bits where nothing is said: reading it is a good part of a step."""

_LAYER_MATRICES = ("attn_q", "attn_k", "attn_v", "attn_output", "ffn_gate", "ffn_up", "ffn_down")


@dataclass(frozen=True)
class Batch:
    """New tokens of one step, sequence after sequence.

    Attributes:
        embeddings: ``[T, hidden]``.
        positions: ``[3, T]``, M-RoPE's t, h, w.
        deepstack: ``[deepstack_layers, T, hidden]``, zero where a token is no picture's; None: no pictures.
        past_lens: ``[sequences]``: tokens of each sequence already in its blocks.
        new_lens: ``[sequences]``: tokens of each sequence in this batch; they add up to T.
        tables: block tables, one a sequence, long enough for past and new tokens.
        logit_rows: rows of the batch (0..T-1) whose logits are wanted.
    """

    embeddings: Floats
    positions: npt.NDArray[np.int64]
    deepstack: Floats | None
    past_lens: list[int]
    new_lens: list[int]
    tables: list[list[int]]
    logit_rows: list[int]


class Decoder:
    """A compiled language model and its pool of KV blocks.

    Attributes:
        config: its shape.
        kv: the blocks' memory.
        identity: decoders of equal identity put the same into blocks for the same tokens.
    """

    def __init__(
        self,
        file: WeightFile,
        config: DecoderConfig,
        runtime: Runtime,
        kv_precision: KvPrecision = "u8",
        kv_bytes: int = 512 << 20,
        attention_layers: Sequence[int] = (),
        head: Head = "file",
    ) -> None:
        """Build, compile and warm up.

        Args:
            file: the language model's GGUF; the embedding table stays mapped.
            config: its shape.
            runtime: threads and arithmetic.
            kv_precision: how keys and values are kept.
            kv_bytes: budget of the pool; it holds at least one block.
            attention_layers: layers whose queries and keys can be asked for (:meth:`queries`, :meth:`keys`).
            head: how the output layer is held; auto: in 4 bits where it is large.
        """
        self.config = config
        if head == "auto":
            head = "int4" if config.vocab * config.hidden >= _LARGE_HEAD else "file"
        self.head: Head = head
        self.attention_layers = tuple(attention_layers)
        self._file = file
        if {kv_precision, runtime.precision} == {"bf16", "f32"}:
            kv_precision = runtime.precision  # the plugin has no attention between the two
        # The graph computes on these arrays' own memory until the plugin has packed them, at the warm-up.
        head_name = _head_name(file)
        if head == "int4":
            head_name = SHORTLIST if SHORTLIST in file else head_name + INT4
        matrices = file.matrices(_matrix_names(config, head_name), runtime.floats)
        model = _graph(
            file, config, matrices, matrices[head_name], self.attention_layers, states=head == "int4"
        )
        self._runtime = runtime
        properties = runtime.products_of("int8", matrices.values())
        properties["KV_CACHE_PRECISION"] = kv_precision
        self._compiled = runtime.compile(model, properties, layers=config.layers)
        self._request = self._compiled.create_infer_request()
        self.kv = KvMemory(map(self._compiled.input, self._cache_names()), kv_bytes)
        for name, tensor in self.kv.tensors.items():
            self._request.set_tensor(name, tensor)
        self.identity = f"{file.fingerprint};{runtime.precision};{kv_precision};{ov.get_version()}"
        self._warm_up()
        self._still_read = runtime.still_read(matrices)
        del matrices
        runtime.release()

    def embed(self, ids: npt.NDArray[np.int64]) -> Floats:
        """Input embeddings of tokens: ``[len(ids), hidden]``, dequantized from the mapped file."""
        return self._file.rows("token_embd.weight", ids)

    def step(self, batch: Batch) -> Floats:
        """Run the batch; logits ``[len(logit_rows), vocab]``, valid until the next step. See :meth:`sharpen` too."""
        config, request = self.config, self._request
        cos, sin = text_cos_sin(batch.positions, config.head_dim, config.rope_sections, config.rope_theta)
        n_tokens = len(batch.embeddings)
        deepstack = batch.deepstack
        if deepstack is None:
            deepstack = np.zeros((config.deepstack_layers, n_tokens, config.hidden), np.float32)
        lengths = [past + new for past, new in zip(batch.past_lens, batch.new_lens, strict=True)]
        used = [
            table[: -(-length // KV_BLOCK_TOKENS)]
            for table, length in zip(batch.tables, lengths, strict=True)
        ]
        inputs: dict[str, npt.NDArray[np.generic]] = {
            "embeddings": batch.embeddings,
            "cos": cos[:, None],
            "sin": sin[:, None],
            "past_lens": _int32(batch.past_lens),
            "subsequence_begins": _begins(batch.new_lens),
            "block_indices": np.concatenate([_int32(table) for table in used]),
            "block_indices_begins": _begins([len(table) for table in used]),
            "max_context_len": np.array(max(lengths), np.int32),
            "logit_rows": _int32(batch.logit_rows),
        }
        if config.deepstack_layers:
            inputs["deepstack"] = deepstack
        infer(request, inputs)
        return request.get_output_tensor(0).data

    def sharpen(self, logits: Floats, row: int, allowed: npt.NDArray[np.bool_] | None = None) -> None:
        """Compute the logits of the likeliest tokens once more, from the weights as the file has them.

        For an output layer that is rounded to 4 bits: it reads half the bytes of one of 8, and finds the tokens that
        come into question; which of them is the likeliest, the file's own few rows say.

        Args:
            logits: ``[vocab]``: a row of the last step, changed in place.
            row: which one.
            allowed: ``[<= vocab]``: the tokens that may be chosen; None: all.
        """
        if self.head == "file":
            return
        ids = likeliest(logits, allowed)
        state = self._request.get_output_tensor(1 + len(self.attention_layers)).data[row]
        logits[ids] = self._file.rows(_head_name(self._file), ids) @ state

    def rest(self) -> None:
        """Give back the memory of activations, for a time without steps; the last step's logits are gone then."""
        self._runtime.release_activations(self._compiled)

    def queries(self) -> Floats:
        """Queries of the last step's logit rows: ``[attention_layers, rows, heads, head_dim]``, a copy.

        After rotation: their products with :meth:`keys`, over the root of ``head_dim``, are the logits of
        attention.
        """
        outputs = [self._request.get_output_tensor(1 + i).data for i in range(len(self.attention_layers))]
        if not outputs:
            return np.zeros((0, 0, self.config.heads, self.config.head_dim), np.float32)
        return np.stack(outputs).reshape(len(outputs), -1, self.config.heads, self.config.head_dim)

    def keys(self, table: list[int], length: int) -> Floats:
        """Keys of a sequence's first ``length`` tokens: ``[attention_layers, length, kv_heads, head_dim]``.

        Read from the KV blocks, so also for tokens that an earlier request has computed.
        """
        caches = [self.kv.tensors[f"key_cache.{layer}"] for layer in self.attention_layers]
        return np.stack([stored_keys(cache, table, length) for cache in caches])

    def _cache_names(self) -> list[str]:
        return [f"{kind}_cache.{i}" for i in range(self.config.layers) for kind in ("key", "value")]

    def _warm_up(self) -> None:
        """Run each kind of step once: the plugin packs its weights at the first inference."""
        for n_tokens in (KV_BLOCK_TOKENS, 1):
            self.step(
                Batch(
                    embeddings=np.zeros((n_tokens, self.config.hidden), np.float32),
                    positions=np.tile(np.arange(n_tokens), (3, 1)),
                    deepstack=None,
                    past_lens=[0],
                    new_lens=[n_tokens],
                    tables=[[0]],
                    logit_rows=[n_tokens - 1],
                )
            )


def _int32(values: list[int]) -> Int32:
    return np.array(values, np.int32)


def _begins(lengths: list[int]) -> Int32:
    """``[0, a, a + b, ...]`` of lengths ``[a, b, ...]``."""
    return np.cumsum([0, *lengths], dtype=np.int32)


def _head_name(file: WeightFile) -> str:
    """The output layer's matrix; a tied one is the embedding table."""
    return "output.weight" if "output.weight" in file else "token_embd.weight"


def _matrix_names(config: DecoderConfig, head: str) -> list[str]:
    """Every matrix of the graph."""
    layers = [f"blk.{layer}.{name}.weight" for layer in range(config.layers) for name in _LAYER_MATRICES]
    return [head, *layers]  # the largest first: it takes longest to unpack


def _graph(
    file: WeightFile,
    config: DecoderConfig,
    matrices: dict[str, Matrix],
    head: Matrix,
    attention_layers: Sequence[int],
    *,
    states: bool,
) -> ov.Model:
    """The whole model: embeddings, cos, sin, DeepStack features and batch inputs -> logits.

    Beside the logits come the queries of ``attention_layers``, of the same rows, and with ``states`` what the
    logits are made from, ``[rows, hidden]``.
    """
    embeddings = parameter("embeddings", [-1, config.hidden], np.float32)
    cos = parameter("cos", [-1, 1, config.head_dim], np.float32)
    sin = parameter("sin", [-1, 1, config.head_dim], np.float32)
    logit_rows = parameter("logit_rows", [-1], np.int32)
    batch = batch_inputs()
    inputs = [embeddings, cos, sin, logit_rows, *batch]
    deepstack: list[Node] = []
    zero = op.constant(np.int64(0))
    if config.deepstack_layers:
        features = parameter("deepstack", [config.deepstack_layers, -1, config.hidden], np.float32)
        inputs.append(features)
        deepstack = [
            op.squeeze(part, zero) for part in op.split(features, zero, config.deepstack_layers).outputs()
        ]

    queries: dict[int, Node] = {}
    x = embeddings
    for layer in range(config.layers):
        caches = cache_inputs(layer)
        inputs += caches
        block = _Layer(file, config, matrices, layer)
        y, q = block.attention(x, cos, sin, caches, batch)
        if layer in attention_layers:
            queries[layer] = op.gather(q, logit_rows, zero)
        x = op.add(x, y)
        x = op.add(x, block.feed_forward(x))
        if layer < config.deepstack_layers:
            x = op.add(x, deepstack[layer])
    x = op.gather(x, logit_rows, zero)
    x = rms_norm(x, file.floats("output_norm.weight"), config.eps)
    outputs = [linear(x, head), *(queries[layer] for layer in attention_layers)]
    return graph([*outputs, x] if states else outputs, inputs)


class _Layer:
    """One transformer layer: norms from the file, matrices already unpacked."""

    def __init__(
        self, file: WeightFile, config: DecoderConfig, matrices: dict[str, Matrix], layer: int
    ) -> None:
        self._file, self._config, self._matrices, self._prefix = file, config, matrices, f"blk.{layer}."

    def _norm(self, x: Node, name: str) -> Node:
        weight = self._file.floats(f"{self._prefix}{name}.weight")
        return rms_norm(x, weight, self._config.eps)

    def _products(self, x: Node, *names: str) -> list[Node]:
        return products(x, [self._matrices[f"{self._prefix}{name}.weight"] for name in names])

    def attention(
        self, x: Node, cos: Node, sin: Node, caches: tuple[Node, Node], batch: BatchInputs
    ) -> tuple[Node, Node]:
        """Grouped-query attention with normed queries and keys: ``[T, hidden]`` -> ``[T, hidden]``.

        Beside it come the queries, ``[T, heads * head_dim]``.
        """
        config = self._config
        q_width, kv_width = config.heads * config.head_dim, config.kv_heads * config.head_dim
        q, k, v = self._products(self._norm(x, "attn_norm"), "attn_q", "attn_k", "attn_v")
        q = reshape(q, -1, config.heads, config.head_dim)
        k = reshape(k, -1, config.kv_heads, config.head_dim)
        q = rotate(self._norm(q, "attn_q_norm"), cos, sin)
        k = rotate(self._norm(k, "attn_k_norm"), cos, sin)
        q, k = reshape(q, -1, q_width), reshape(k, -1, kv_width)
        y = paged_attention(q, k, v, caches, batch, config.kv_heads, config.head_dim)
        (y,) = self._products(reshape(y, -1, q_width), "attn_output")
        return y, q

    def feed_forward(self, x: Node) -> Node:
        """SwiGLU (Shazeer 2020, arXiv 2002.05202): ``[T, hidden]`` -> ``[T, hidden]``."""
        gate, up = self._products(self._norm(x, "ffn_norm"), "ffn_gate", "ffn_up")
        (y,) = self._products(op.multiply(op.swish(gate), up), "ffn_down")
        return y
