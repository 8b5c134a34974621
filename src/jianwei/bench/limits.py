"""What this machine can do at best: the bounds beside which the figures stand.

Reading memory bounds decode (every weight is read for every token); arithmetic bounds the vision tower and
prefill.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import openvino as ov
from openvino import opset13 as op

from jianwei.model.ops import graph

_READ_BYTES = 256 << 20
"""For each thread: far more than any cache holds."""

_SIDE = 3072
"""Of the square matrices multiplied: large enough that memory does not matter."""

_TRIES = 4


@dataclass(frozen=True)
class Limits:
    """Best of several tries.

    Attributes:
        read: GB/s (10**9 bytes) read from memory by all threads together.
        multiply: GFLOP/s of a matrix product, by arithmetic (``bf16`` only where the CPU has it, ``f32``).
    """

    read: float
    multiply: dict[str, float]


def measure_limits(threads: int) -> Limits:
    """Measure in about three seconds, with so many threads."""
    capable = "BF16" in ov.Core().get_property("CPU", "OPTIMIZATION_CAPABILITIES")
    kinds = ("bf16", "f32") if capable else ("f32",)
    return Limits(read_bandwidth(threads), {kind: multiply_peak(kind, threads) for kind in kinds})


def read_bandwidth(threads: int, n_bytes: int = _READ_BYTES) -> float:
    """GB/s at which ``threads`` threads read ``n_bytes`` each, one exclusive-or a word."""
    arrays = [np.ones(n_bytes // 8, np.int64) for _ in range(threads)]
    with ThreadPoolExecutor(threads) as pool:
        seconds = _best(lambda: list(pool.map(np.bitwise_xor.reduce, arrays)))
    return threads * n_bytes / seconds / 1e9


def multiply_peak(kind: str, threads: int, side: int = _SIDE) -> float:
    """GFLOP/s of a product of two square matrices in OpenVINO, a multiplication and an addition being two."""
    x = op.parameter([side, side], np.float32)
    weights = op.constant(np.full((side, side), 1 / side, np.float32))
    model = graph([op.matmul(x, weights, False, True)], [x])
    settings = {"INFERENCE_NUM_THREADS": threads, "INFERENCE_PRECISION_HINT": kind}
    request = ov.Core().compile_model(model, "CPU", settings).create_infer_request()
    request.set_input_tensor(ov.Tensor(np.ones((side, side), np.float32)))
    return 2 * side**3 / _best(request.infer) / 1e9


def _best(work: Callable[[], object]) -> float:
    """Seconds of the quickest of several tries, after one that does not count."""
    work()
    seconds: list[float] = []
    for _ in range(_TRIES):
        start = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - start)
    return min(seconds)
