"""Whether this CPU runs the vision tower faster with 8-bit or with float activations: tried once, kept on disk.

Weights stay as the file has them. Where they are quantized, OpenVINO can round activations to 8 bits in groups and
multiply integers, or unpack weights to the arithmetic's floats as it goes. Which is faster depends on the processor:
with VNNI alone the first, with matrix units for bf16 (AMX) often the second, and that is the finer one too.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import math
import os
import time
import uuid
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import openvino as ov

from jianwei.machine import read_cpu
from jianwei.model.configuration import VisionConfig
from jianwei.model.matrix import Matrix
from jianwei.model.runtime import Activations, Runtime, infer
from jianwei.model.vision import matrix_names, tower_graph
from jianwei.model.weights import WeightFile

WAYS: tuple[Activations, ...] = ("int8", "float")

_PATCHES = 1024
"""Of the picture that is tried: 512x512 pixels."""

_ROUNDS = 4
_WORTH_IT = 20_000_000
"""Weights of one layer and the merger below which a tower is quick either way, and nothing is tried."""

_FINER = 0.97
"""8 bits must take less than this part of the floats' time: at equal speed the finer way is taken."""


def choose_activations(
    file: WeightFile, config: VisionConfig, runtime: Runtime, remembered: Path
) -> Activations:
    """The faster way for this tower on this machine.

    Args:
        file: of the tower.
        config: its shape.
        runtime: threads and arithmetic.
        remembered: JSON file of what was found before; what cannot be read or written there is tried anew.
    """
    one_layer = replace(config, layers=1, deepstack=())
    names = matrix_names(one_layer)
    if sum(math.prod(file.shape(name)) for name in names) < _WORTH_IT:
        return "int8"
    key = _key(file, config, runtime)
    known = _read(remembered)
    found = known.get(key, {}).get("activations")
    for way in WAYS:
        if found == way:
            return way
    matrices = {name: file.matrix(name, runtime.floats) for name in names}
    if any(matrix.scales is None for matrix in matrices.values()):
        return "int8"  # floats as they are: there is nothing to choose
    seconds = _try(file, one_layer, matrices, runtime)
    runtime.release()
    chosen: Activations = "int8" if seconds["int8"] < _FINER * seconds["float"] else "float"
    rounded = {name: round(value, 4) for name, value in seconds.items()}
    _write(remembered, {**known, key: {"activations": chosen, "cpu": read_cpu().model, "seconds": rounded}})
    return chosen


def _try(
    file: WeightFile, config: VisionConfig, matrices: dict[str, Matrix], runtime: Runtime
) -> dict[Activations, float]:
    """Least seconds of each way, taken in turn."""
    head_dim = config.hidden // config.heads
    inputs = {
        "patches": np.random.default_rng(0).standard_normal(
            (_PATCHES, 6 * config.patch**2), dtype=np.float32
        ),
        "positions": np.zeros((_PATCHES, config.hidden), np.float32),
        "cos": np.ones((_PATCHES, head_dim), np.float32),
        "sin": np.zeros((_PATCHES, head_dim), np.float32),
    }
    requests: dict[Activations, ov.InferRequest] = {}
    for way in WAYS:
        compiled = runtime.compile(
            tower_graph(file, config, matrices), runtime.products_of(way, matrices.values())
        )
        requests[way] = compiled.create_infer_request()
        infer(requests[way], inputs)  # packs the weights
    seconds: dict[Activations, float] = dict.fromkeys(WAYS, float("inf"))
    for _ in range(_ROUNDS):
        for way, request in requests.items():
            start = time.perf_counter()
            infer(request, inputs)
            seconds[way] = min(seconds[way], time.perf_counter() - start)
    return seconds


def _key(file: WeightFile, config: VisionConfig, runtime: Runtime) -> str:
    """Names the machine, the library and the shape: with any of them another way may be the faster one."""
    cpu = read_cpu()
    parts = (
        cpu.model,
        sorted(cpu.features or ()),
        runtime.threads,
        runtime.precision,
        ov.get_version(),
        (config.hidden, config.heads, config.feed_forward, config.out_hidden),
        file.stored_as("v.blk.0.ffn_up.weight"),
    )
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:16]


def _read(path: Path) -> dict[str, dict[str, Any]]:
    try:
        known = json.loads(path.read_text(encoding="utf-8"))
        return {key: value for key, value in known.items() if isinstance(value, dict)}
    except (OSError, ValueError, AttributeError):
        return {}


def _write(path: Path, known: dict[str, dict[str, Any]]) -> None:
    """Whole or not at all; where nothing can be written, the next start tries again."""
    temporary = path.with_name(f"{path.name}.{uuid.uuid4().hex}")
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary.write_text(json.dumps(known, indent=1, ensure_ascii=False), encoding="utf-8")
        os.replace(temporary, path)
