"""Where on a large picture there is something as fine as small print, without reading it.

OCR makes large pictures smaller before it looks at them (its longest side is 2000 pixels), and loses print of a dozen
pixels there. What is left of such print is that it is rough where its surroundings are smooth.
"""

from __future__ import annotations

import cv2
import numpy as np

from jianwei.evidence.quality import brightness
from jianwei.types import Image, Region

WORKING_SIDE = 4096
"""Pixels of the longer side at which roughness is looked for: print of a dozen pixels is still rough there."""

BLOCK = 32
"""Pixels on each side of a block whose roughness is one value."""

_ROUGH = 6.0
"""Times the usual roughness of the picture's blocks from which on a block is taken for print."""

_LEAST = 1.5
"""Mean steps of brightness from pixel to pixel that print has at least."""

_GAP = 3
"""Blocks between two lines or columns that still belong together."""

MOST_PART = 0.6
"""Of each side: what is spread over more than that is no place."""


def find_fine_print(image: Image, picture: int = 0) -> Region | None:
    """The largest rough place of a smooth picture; None: it has none, or is rough all over.

    Args:
        image: the original.
        picture: which picture of the conversation it is, counted from 0.
    """
    grey = brightness(image)
    shrink = min(1.0, WORKING_SIDE / max(image.width, image.height))
    if shrink < 1:
        grey = cv2.resize(grey, None, fx=shrink, fy=shrink, interpolation=cv2.INTER_AREA).astype(np.float32)
    steps = np.abs(cv2.Laplacian(grey, cv2.CV_32F))
    size = max(1, grey.shape[1] // BLOCK), max(1, grey.shape[0] // BLOCK)
    rough = cv2.resize(steps, size, interpolation=cv2.INTER_AREA)
    marked = (rough > max(_LEAST, _ROUGH * float(np.median(rough)))).astype(np.uint8)
    joined = cv2.morphologyEx(marked, cv2.MORPH_CLOSE, np.ones((2 * _GAP + 1, 2 * _GAP + 1), np.uint8))
    count, labels = cv2.connectedComponents(joined, connectivity=8)
    if count < 2:
        return None
    # The place with the most of it: a spot of dirt is rough too.
    weights = np.bincount(labels.ravel(), (rough * marked).ravel(), minlength=count)
    rows, columns = np.nonzero(labels == 1 + int(weights[1:].argmax()))
    x1, x2 = max(0, columns.min() - 1) / size[0], min(size[0], columns.max() + 2) / size[0]
    y1, y2 = max(0, rows.min() - 1) / size[1], min(size[1], rows.max() + 2) / size[1]
    if max(x2 - x1, y2 - y1) > MOST_PART:
        return None
    corners = (
        (float(x1 * image.width), float(y1 * image.height)),
        (float(x2 * image.width), float(y2 * image.height)),
    )
    return Region(corners, picture)
