"""How OpenVINO is run: threads, arithmetic, compilation, and giving memory back afterwards."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterable, Mapping
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import openvino as ov

from jianwei.machine import give_back_freed, read_cpu
from jianwei.model.matrix import GROUP, WIDE_GROUP, Matrix

Arithmetic = Literal["bf16", "f32"]
Activations = Literal["int8", "float"]
"""What products with quantized weights make of their inputs: 8 bits in groups, or nothing."""


_KEPT_PRIMITIVES = 64
"""Compiled kernels that oneDNN keeps, of all graphs of a process.

Every length of prompt and every size of picture has kernels of its own. oneDNN would keep the last 1024 and each
graph of OpenVINO the last 5000, which grows by 0.5 to 1.5 MB a picture for hundreds of pictures. With these two
limits memory is flat after some twenty-five.
"""

_KEPT_KERNELS = 8
"""Kernels that a graph keeps for each of its layers. With 32 memory grew for two hundred pictures."""

_FEWEST_KERNELS = 64
"""Kernels that a graph of few layers keeps: those of some four shapes, so that decoding always finds its own."""


def physical_cores() -> int:
    """CPU cores this process may use, at least one."""
    affinity = getattr(os, "sched_getaffinity", None)
    allowed = len(affinity(0)) if affinity else (os.cpu_count() or 1)
    import psutil

    return max(1, min(allowed, psutil.cpu_count(logical=False) or allowed))


def infer(request: ov.InferRequest, inputs: Mapping[str, npt.NDArray[Any]]) -> None:
    """Run a request on arrays by input name; their memory is used in place, and must not change meanwhile."""
    held = {name: np.asarray(array, order="C") for name, array in inputs.items()}
    for name, array in held.items():
        # OpenVINO does not keep the array alive: `held` does, until the inference is over.
        request.set_tensor(name, ov.Tensor(array, shared_memory=True))
    request.infer()


class Runtime:
    """One OpenVINO core with the settings that all graphs of a process share."""

    def __init__(self, threads: int = 0, precision: Literal["auto", "bf16", "f32"] = "auto") -> None:
        """Choose threads (0: all physical cores allowed) and arithmetic (auto: bf16 where the CPU has it)."""
        os.environ.setdefault("ONEDNN_PRIMITIVE_CACHE_CAPACITY", str(_KEPT_PRIMITIVES))
        self.core = ov.Core()
        self.threads = threads or physical_cores()
        self._has_bf16 = "BF16" in self.core.get_property("CPU", "OPTIMIZATION_CAPABILITIES")
        features = read_cpu().features or frozenset()
        self.quantizes_activations = "avx512_vnni" in features
        """Whether products with quantized weights are known to be integer ones here."""
        self.precision: Arithmetic = (
            "bf16" if precision == "bf16" or (precision == "auto" and self._has_bf16) else "f32"
        )

    @property
    def floats(self) -> Literal["f16", "f32"]:
        """How matrices that are stored as floats are held: exactly where arithmetic is exact."""
        return "f32" if self.precision == "f32" else "f16"

    @staticmethod
    def products_of(activations: Activations, matrices: Iterable[Matrix] = ()) -> dict[str, Any]:
        """The properties of a graph whose products with these matrices take their inputs so."""
        # Activations are quantized in groups of the weights' own size: larger is slower, and coarser.
        wide = any(m.scales is not None and m.group == WIDE_GROUP < m.cols for m in matrices)
        group = WIDE_GROUP if wide else GROUP
        return {"DYNAMIC_QUANTIZATION_GROUP_SIZE": group if activations == "int8" else 0}

    def still_read(self, matrices: Mapping[str, Matrix]) -> list[Matrix]:
        """The matrices whose arrays graphs go on reading after the first inference: they must be kept.

        In bf16 the plugin packs every weight at the first inference. In f32 it packs again, from the same arrays,
        when inputs of another size call for another layout: float weights always, and quantized ones where
        activations stay floats because the CPU has no VNNI. ``tests/model/test_weights_released.py`` and
        ``test_ops.py`` overwrite what this gives free.
        """
        if self.precision == "bf16" and self._has_bf16:
            return []
        return [m for m in matrices.values() if m.scales is None or not self.quantizes_activations]

    def compile(
        self, model: ov.Model, properties: dict[str, Any] | None = None, *, layers: int = 24
    ) -> ov.CompiledModel:
        """Compile a graph of so many layers for the CPU."""
        return self.core.compile_model(
            model,
            "CPU",
            {
                "INFERENCE_NUM_THREADS": self.threads,
                "PERFORMANCE_HINT": "LATENCY",
                "INFERENCE_PRECISION_HINT": self.precision,
                **self.products_of("int8"),
                "CPU_RUNTIME_CACHE_CAPACITY": str(max(_FEWEST_KERNELS, _KEPT_KERNELS * layers)),
                **(properties or {}),
            },
        )

    def release(self) -> None:
        """Drop garbage, and give freed memory back to the system: after loading."""
        gc.collect()
        give_back_freed()

    @staticmethod
    def release_activations(model: ov.CompiledModel) -> None:
        """Give back what the last inference computed in; the next one takes it again. None may be running."""
        model.release_memory()
        give_back_freed()
