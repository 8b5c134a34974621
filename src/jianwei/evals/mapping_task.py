"""How far a place is off after it went to the model and back, through every path that a picture takes.

A marker is drawn at a known place. What the model is shown of it is looked at in the very pixels that become patches:
an answer that names the marker there exactly, in the model's own numbers (``bbox_2d``, 0 to 1000), and attention that
lies on the one visual token that shows it, are brought back to the original, and their distance from the drawn place
is told in visual tokens (32 pixels at the size the model sees). The path alone can be wrong here, no model.
``python -m jianwei.evals.mapping_task [markers] [seed]`` prints the table.
"""

from __future__ import annotations

import json
import math
import sys
from dataclasses import dataclass, field
from random import Random

import numpy as np
from PIL import Image as Picture

from jianwei.evals.mapping_paths import PATHS, Point
from jianwei.evals.tally import resampled, wilson
from jianwei.evidence.boxes import parse_boxes
from jianwei.evidence.heat import hottest_point, spread
from jianwei.evidence.prompt import PictureTokens, Places
from jianwei.evidence.views import View
from jianwei.model.preprocess import PatchedImage, PreprocessConfig, patch_image
from jianwei.types import Image

MAX_TOKENS = 400
"""Visual tokens of a picture: fewer than it has pixels for, so that it is made smaller."""

_CLEAR = 96.0
"""How much more of red and blue than of green a pixel of the marker has at least."""


@dataclass
class Off:
    """How far places were off on one path, in visual tokens: ``(across, down)`` of each marker."""

    boxes: list[Point] = field(default_factory=list[Point])
    heat: list[Point] = field(default_factory=list[Point])
    unseen: int = 0
    """Markers that what is shown does not hold whole."""


def run(markers: int, seed: int = 0) -> dict[str, Off]:
    """Judge every path by so many markers."""
    found: dict[str, Off] = {}
    for name, path in PATHS.items():
        off = found[name] = Off()
        for number in range(seed, seed + markers):
            rng = Random(f"marker {name} {number}")
            view, original, true = path(rng)
            tolerance = 0 if name.startswith("pruned") else None
            patched = patch_image(view.image, PreprocessConfig(), MAX_TOKENS, tolerance)
            seen = _seen(view.image, patched)
            if seen is None:
                off.unseen += 1
                continue
            off.boxes.append(_in_tokens(view, patched, _from_numbers(view, patched, seen), true))
            off.heat.append(_in_tokens(view, patched, _from_attention(view, patched, seen, original), true))
    return found


def _seen(shown: Image, patched: PatchedImage) -> tuple[float, float, float, float] | None:
    """The marker's box in pixels as the model sees them; None: it is not whole in what is shown."""
    pixels = np.asarray(
        Picture.fromarray(shown.pixels).resize(patched.size, Picture.Resampling.BICUBIC), np.float32
    )
    strength = np.clip((pixels[..., 0] + pixels[..., 2]) / 2 - pixels[..., 1], 0, 255)
    strength[strength < _CLEAR] = 0.0
    if not strength.any():
        return None
    sides: list[float] = []
    for axis in (0, 1):
        profile = strength.max(axis)
        at = np.flatnonzero(profile)
        if at[0] == 0 or at[-1] == len(profile) - 1:
            return None
        total = strength.sum(axis)
        middle = float((total * (np.arange(len(total)) + 0.5)).sum() / total.sum())
        half = (at[-1] + 1 - at[0]) / 2
        sides += [middle - half, middle + half]
    return sides[0], sides[2], sides[1], sides[3]


def _from_numbers(view: View, patched: PatchedImage, seen: tuple[float, float, float, float]) -> Point:
    """The middle of the box that comes of the model's numbers."""
    width, height = patched.size
    numbers = [
        round(1000 * value / side) for value, side in zip(seen, (width, height, width, height), strict=True)
    ]
    (box,) = parse_boxes(json.dumps({"bbox_2d": numbers, "label": "marker"}), view)
    left, top, right, bottom = box.bbox
    return (left + right) / 2, (top + bottom) / 2


def _from_attention(
    view: View, patched: PatchedImage, seen: tuple[float, float, float, float], original: Image
) -> Point:
    """The hottest point of a map whose attention lies on the token that shows the marker's middle."""
    rows, columns = patched.token_grid
    tokens = PictureTokens(view, 0, rows, columns, patched.kept)
    column = int((seen[0] + seen[2]) / 2 / patched.size[0] * columns)
    row = int((seen[1] + seen[3]) / 2 / patched.size[1] * rows)
    weights = (tokens.cells == row * columns + column).astype(np.float32)[None]
    heat = spread(weights, Places((tokens,), (), weights.shape[1]), [original])
    return hottest_point(heat.pictures[0].values.sum(0), original.width, original.height)


def _in_tokens(view: View, patched: PatchedImage, got: Point, true: Point) -> Point:
    """How far apart two points of the original are in what the model sees, in visual tokens."""
    (x, y), (true_x, true_y) = view.view_points([got, true]).tolist()
    rows, columns = patched.token_grid
    return (x - true_x) / view.image.width * columns, (y - true_y) / view.image.height * rows


def rows(found: dict[str, Off]) -> list[str]:
    """The table: for each path, the largest error and the mean of each axis with its 95% interval, in tokens."""
    lines = [
        "| path | what | markers | largest | at most 1 token | mean across (95%) | mean down (95%) |",
        "| --- " * 7 + "|",
    ]
    for name, off in [*found.items(), ("all", _all(found))]:
        for what, errors in (("boxes", off.boxes), ("heat", off.heat)):
            far = [max(abs(x), abs(y)) for x, y in errors]
            hits = sum(value <= 1 for value in far)
            low, high = wilson(hits, len(far))
            means = [_mean([error[axis] for error in errors]) for axis in (0, 1)]
            lines.append(
                f"| {name} | {what} | {len(errors)} | {max(far, default=math.nan):.3f} | {hits / max(1, len(far)):.1%} "
                f"({low:.1%} to {high:.1%}) | {means[0]} | {means[1]} |"
            )
    return lines


def _all(found: dict[str, Off]) -> Off:
    every = list(found.values())
    return Off(
        [e for off in every for e in off.boxes],
        [e for off in every for e in off.heat],
        sum(o.unseen for o in every),
    )


def _mean(values: list[float]) -> str:
    low, high = resampled(values, lambda drawn: sum(drawn) / len(drawn), 500)
    return f"{sum(values) / max(1, len(values)):+.4f} ({low:+.4f} to {high:+.4f})"


def main(markers: int = 40, seed: int = 0) -> None:
    """Print the table."""
    found = run(markers, seed)
    print("\n".join(rows(found)))
    print(f"markers not whole in what is shown, not counted: {_all(found).unseen}")


if __name__ == "__main__":
    main(*(int(value) for value in sys.argv[1:]))
