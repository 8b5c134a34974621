"""Makes what ``tests/model/test_preprocess.py`` compares with: patches by ``transformers``' processor.

    python tests/reference/preprocess/make_preprocess_reference.py [--check]

Needs ``transformers`` (5.x), ``torch`` and Pillow. The reference is ``Qwen2VLImageProcessorPil``, which
Qwen3-VL uses with patches of 16 pixels. ``--check`` compares with what is there instead of writing it.

``patches.npz`` holds, for each picture of ``pictures.py``, the patches of the first frame as one byte a
value: an index into ``values``, the 256 float32 numbers that the processor makes of the 256 pixel values; and
the SHA-256 of the float32 patches of the large pictures.
"""

from __future__ import annotations

import argparse
import hashlib
import sys
from pathlib import Path

import numpy as np
import transformers
from PIL import Image
from transformers.models.qwen2_vl.image_processing_pil_qwen2_vl import Qwen2VLImageProcessorPil

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))

from pictures import CASES, LARGE_CASES, MAX_TOKENS, MIN_TOKENS, draw  # noqa: E402


def processor(min_tokens: int, max_tokens: int) -> Qwen2VLImageProcessorPil:
    """The processor as Qwen3-VL's ``preprocessor_config.json`` sets it up, with this budget."""
    return Qwen2VLImageProcessorPil(
        size={"shortest_edge": min_tokens * 1024, "longest_edge": max_tokens * 1024},
        patch_size=16,
        temporal_patch_size=2,
        merge_size=2,
        image_mean=[0.5, 0.5, 0.5],
        image_std=[0.5, 0.5, 0.5],
    )


def run(reference: Qwen2VLImageProcessorPil, pixels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Patches ``[n, 1536]`` float32 and the grid ``(t, h, w)``."""
    result = reference(images=[Image.fromarray(pixels)], return_tensors="np")
    return result["pixel_values"], result["image_grid_thw"][0]


def main() -> None:
    """Computes, then writes or compares."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args()

    small = processor(MIN_TOKENS, MAX_TOKENS)
    every_value = np.arange(256, dtype=np.uint8).repeat(16).reshape(64, 64, 1).repeat(3, axis=2)
    values = np.unique(run(small, every_value)[0])
    arrays: dict[str, np.ndarray] = {"values": values}
    for width, height in CASES:
        patches, grid = run(small, draw(width, height))
        frames = patches.reshape(-1, 3, 2, 16, 16)
        if not np.array_equal(frames[:, :, 0], frames[:, :, 1]):
            sys.exit("the two frames of a still picture differ")
        index = np.searchsorted(values, frames[:, :, 0])
        if not np.array_equal(values[index], frames[:, :, 0]):
            sys.exit("a value that no pixel has")
        arrays[f"grid_{width}x{height}"] = grid
        arrays[f"patches_{width}x{height}"] = index.astype(np.uint8)
    large = processor(64, 16384)
    for width, height in LARGE_CASES:
        patches, grid = run(large, draw(width, height))
        arrays[f"grid_{width}x{height}"] = grid
        arrays[f"sha256_{width}x{height}"] = np.frombuffer(
            hashlib.sha256(patches.tobytes()).digest(), np.uint8
        )
    print(f"transformers {transformers.__version__}, {len(values)} values, {len(arrays)} arrays")
    target = HERE / "patches.npz"
    if options.check:
        with np.load(target) as known:
            same = set(known) == set(arrays) and all(np.array_equal(known[k], arrays[k]) for k in arrays)
        sys.exit(0 if same else "the reference differs")
    np.savez_compressed(target, **arrays)


if __name__ == "__main__":
    main()
