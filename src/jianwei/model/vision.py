"""The vision tower: patches of one picture -> visual tokens for the decoder, as one OpenVINO graph.

The graph is over a *list of patches with their positions*, not over a grid, in merge-group order (the four
patches of a 2x2 group are neighbours): so a patch group may be missing and the others keep their true places.

Follows ``modeling_qwen3_vl.py`` in transformers (``Qwen3VLVisionModel``).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import openvino as ov
from openvino import opset13 as op

from jianwei.model.configuration import VisionConfig
from jianwei.model.matrix import Matrix
from jianwei.model.ops import Node, graph, integers, layer_norm, linear, parameter, reshape, rotate
from jianwei.model.preprocess import PatchedImage
from jianwei.model.rope import vision_cos_sin, vision_position_embedding, vision_positions
from jianwei.model.runtime import Activations, Runtime, infer
from jianwei.model.weights import WeightFile

Floats = npt.NDArray[np.float32]

_ROPE_THETA = 10000.0
_MERGER_EPS = 1e-6
_KEPT_TABLES = 12 << 20
"""Bytes of position tables that are kept from one picture to the next: 512 tokens of the 2B model take 9 MB. Larger
ones are made anew, in a hundredth of the tower's time."""


@dataclass(frozen=True)
class VisualTokens:
    """What the decoder gets of one picture; f16 where arithmetic is bf16, else f32.

    Attributes:
        embeddings: ``[tokens, hidden]``.
        deepstack: ``[deepstack_layers, tokens, hidden]``: added after the decoder's first layers.
    """

    embeddings: npt.NDArray[np.floating[Any]]
    deepstack: npt.NDArray[np.floating[Any]]

    @property
    def n_bytes(self) -> int:
        """Bytes held."""
        return self.embeddings.nbytes + self.deepstack.nbytes


class VisionTower:
    """A compiled vision tower.

    Attributes:
        config: its shape.
        identity: towers of equal identity make the same of a picture: embeddings on disk are told apart by it.
    """

    def __init__(
        self, file: WeightFile, config: VisionConfig, runtime: Runtime, activations: Activations = "int8"
    ) -> None:
        """Build, compile and warm up from the vision GGUF.

        Args:
            file: of the tower.
            config: its shape.
            runtime: threads and arithmetic.
            activations: of products with quantized weights (``activations.choose_activations``).
        """
        self.config = config
        self.identity = f"{file.fingerprint};{runtime.precision};{activations}"
        # Half the memory for a picture that is kept, and finer than what bf16 arithmetic left of it.
        self._kept_as = np.float32 if runtime.precision == "f32" else np.float16
        self._table = file.floats("v.position_embd.weight")
        # The graph computes on these arrays' own memory until the plugin has packed them, at the warm-up.
        matrices = file.matrices(matrix_names(config), runtime.floats)
        self._runtime = runtime
        graph_ = tower_graph(file, config, matrices)
        products = runtime.products_of(activations, matrices.values())
        self._compiled = runtime.compile(graph_, products, layers=config.layers)
        self._request = self._compiled.create_infer_request()
        side = config.merge
        self._grid = (side, side)
        self._grid_tables = self._tables_of(side, side)
        self._infer(np.zeros((side * side, _patch_values(config)), np.float32), *self._grid_tables)
        self._still_read = runtime.still_read(matrices)
        del matrices
        runtime.release()

    def encode(self, picture: PatchedImage) -> VisualTokens:
        """Run the tower on one picture (or pair of frames): on those of its patches that are there.

        Its activations (0.3 GB for 1024 tokens of the 2B model) are given back: that costs 1 % of the time.
        """
        tokens = self._infer(picture.patches, *self._tables(picture))
        self._runtime.release_activations(self._compiled)
        return tokens

    def _tables(self, picture: PatchedImage) -> tuple[Floats, Floats, Floats]:
        """Position embeddings, cosines and sines of a picture's patches.

        Those of the last grid are kept: the photos of a batch and the frames of a video are of one size.
        """
        _, height, width = picture.grid
        tables = self._grid_tables
        if self._grid != (height, width):
            tables = self._tables_of(height, width)
            if sum(table.nbytes for table in tables) <= _KEPT_TABLES:
                self._grid, self._grid_tables = (height, width), tables
        if picture.kept is None:
            return tables
        unit = self.config.merge**2
        patches = (picture.kept[:, None] * unit + np.arange(unit)).ravel()
        embedding, cos, sin = (table[patches] for table in tables)
        return embedding, cos, sin

    def _tables_of(self, height: int, width: int) -> tuple[Floats, Floats, Floats]:
        config = self.config
        positions = vision_positions(height, width, config.merge)
        cos, sin = vision_cos_sin(positions, config.hidden // config.heads, _ROPE_THETA)
        return vision_position_embedding(self._table, height, width, config.merge), cos, sin

    def _infer(self, patches: Floats, embedding: Floats, cos: Floats, sin: Floats) -> VisualTokens:
        config = self.config
        inputs = {"patches": patches, "positions": embedding, "cos": cos, "sin": sin}
        infer(self._request, inputs)
        outputs = [
            self._request.get_output_tensor(i).data.astype(self._kept_as)
            for i in range(1 + len(config.deepstack))
        ]
        deepstack = (
            np.stack(outputs[1:]) if config.deepstack else np.zeros((0, *outputs[0].shape), self._kept_as)
        )
        return VisualTokens(outputs[0], deepstack)


def _patch_values(config: VisionConfig) -> int:
    return 3 * 2 * config.patch * config.patch


def matrix_names(config: VisionConfig) -> list[str]:
    """The tensors of a tower that are products' weights."""
    names = [
        f"v.blk.{i}.{name}.weight"
        for i in range(config.layers)
        for name in ("attn_qkv", "attn_out", "ffn_up", "ffn_down")
    ]
    names += [f"v.deepstack.{i}.{name}.weight" for i in config.deepstack for name in ("fc1", "fc2")]
    return [*names, "mm.0.weight", "mm.2.weight"]


def tower_graph(file: WeightFile, config: VisionConfig, matrices: dict[str, Matrix]) -> ov.Model:
    """The tower's graph: ``patches``, ``positions``, ``cos``, ``sin`` -> tokens and DeepStack taps.

    It computes on the memory of ``matrices`` (each of :func:`matrix_names`) until the plugin has packed them.
    """
    return _Graph(file, config, matrices).build()


class _Graph:
    """Builds the tower's graph; one method a block of the paper's figure."""

    def __init__(self, file: WeightFile, config: VisionConfig, matrices: dict[str, Matrix]) -> None:
        self._file, self._config, self._matrices = file, config, matrices

    def build(self) -> ov.Model:
        """Patches, position embeddings, cos, sin -> merged tokens and one output a DeepStack tap."""
        config = self._config
        head_dim = config.hidden // config.heads
        patches = parameter("patches", [-1, _patch_values(config)], np.float32)
        positions = parameter("positions", [-1, config.hidden], np.float32)
        cos = parameter("cos", [-1, head_dim], np.float32)
        sin = parameter("sin", [-1, head_dim], np.float32)
        x = op.add(self._patch_embedding(patches), positions)
        taps: list[Node] = []
        for layer in range(config.layers):
            prefix = f"v.blk.{layer}."
            x = op.add(x, self._attention(self._norm(x, f"{prefix}ln1", config.eps), prefix, cos, sin))
            x = op.add(x, self._feed_forward(self._norm(x, f"{prefix}ln2", config.eps), prefix))
            if layer in config.deepstack:
                taps.append(self._deepstack_merger(x, f"v.deepstack.{layer}."))
        return graph([self._merger(x), *taps], [patches, positions, cos, sin])

    def _patch_embedding(self, patches: Node) -> Node:
        """The 3-D convolution over non-overlapping patches, as a product: ``[n, hidden]``.

        GGUF keeps its two frames' kernels apart; a patch is (channel, frame, row, column).
        """
        kernel = np.stack([self._file.floats(f"v.patch_embd.weight{part}") for part in ("", ".1")], axis=2)
        matrix = kernel.reshape(self._config.hidden, -1)
        y = op.matmul(patches, op.constant(matrix), False, True)
        return op.add(y, op.constant(self._file.floats("v.patch_embd.bias")))

    def _norm(self, x: Node, name: str, eps: float) -> Node:
        return layer_norm(x, self._file.floats(f"{name}.weight"), self._file.floats(f"{name}.bias"), eps)

    def _linear(self, x: Node, name: str) -> Node:
        return linear(x, self._matrices[f"{name}.weight"], self._file.floats(f"{name}.bias"))

    def _attention(self, x: Node, prefix: str, cos: Node, sin: Node) -> Node:
        """Full attention among the patches, with 2-D rotary embedding: ``[n, hidden]`` -> ``[n, hidden]``."""
        config = self._config
        head_dim = config.hidden // config.heads
        # One product for all three would have to be cut apart, which copies: 4 % of the time of a small picture.
        weights = self._matrices[f"{prefix}attn_qkv.weight"].cut(3)
        biases = np.split(self._file.floats(f"{prefix}attn_qkv.bias"), 3)
        q, k, v = (
            op.unsqueeze(
                op.transpose(reshape(linear(x, matrix, bias), -1, config.heads, head_dim), integers(1, 0, 2)),
                op.constant(np.int64(0)),
            )
            for matrix, bias in zip(weights, biases, strict=True)
        )
        y = op.scaled_dot_product_attention(rotate(q, cos, sin), rotate(k, cos, sin), v)
        y = op.transpose(op.squeeze(y, op.constant(np.int64(0))), integers(1, 0, 2))
        return self._linear(reshape(y, -1, config.hidden), f"{prefix}attn_out")

    def _feed_forward(self, x: Node, prefix: str) -> Node:
        return self._linear(op.gelu(self._linear(x, f"{prefix}ffn_up"), "tanh"), f"{prefix}ffn_down")

    def _merger(self, x: Node) -> Node:
        """Norm, join 2x2 neighbours, two layers: ``[n, hidden]`` -> ``[n / 4, out_hidden]``."""
        x = self._join(self._norm(x, "v.post_ln", self._config.eps))
        return self._linear(op.gelu(self._linear(x, "mm.0"), "erf"), "mm.2")

    def _deepstack_merger(self, x: Node, prefix: str) -> Node:
        """As :meth:`_merger`, but the norm comes after joining (``use_postshuffle_norm``)."""
        x = self._norm(self._join(x), f"{prefix}norm", _MERGER_EPS)
        return self._linear(op.gelu(self._linear(x, f"{prefix}fc1"), "erf"), f"{prefix}fc2")

    def _join(self, x: Node) -> Node:
        return reshape(x, -1, self._config.hidden * self._config.merge**2)
