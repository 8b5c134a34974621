"""``detail=auto``: a second look at the part of a picture that a first, short pass looked at.

Taken once at most, and only where the first pass cannot have seen the detail: where a picture is shown with less
than half of its pixels, the model's heads are known to look at what an answer is about, and they looked at pixels
rather than at lines that OCR had read. A model that goes by such lines is shown the place of fine print where OCR has
read nothing at all.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from jianwei.answering.parts import Parts
from jianwei.answering.prepare import Prepared
from jianwei.answering.proof import attention_of
from jianwei.evidence.fine_print import find_fine_print
from jianwei.evidence.heat import LITTLE, PictureHeat, spread
from jianwei.types import Region, SamplingParams

FIRST_TOKENS = 16
"""Tokens of the first pass's answer: enough to come to what was asked for."""

LOST = 0.5
"""Detail counts as lost where less than this part of a picture's pixels is shown."""

LEAST_PART, MOST_PART = 0.25, 0.6
"""Of each side of the picture: what the second look shows at least, and at most."""

_WARM = 0.4
"""Cells with so much of the hottest one's attention belong to the attended place."""


def second_look(parts: Parts, request_id: str, prepared: Prepared) -> Region | None:
    """Where to look again; None where that would not help.

    Raises:
        JianweiError: the engine failed in the first pass.
    """
    coarse = [i for i in range(_count(prepared)) if _is_coarse(prepared, i)]
    if parts.card.wants_ocr:
        unread = set(coarse) - {reading.picture for reading in prepared.readings}
        places = (find_fine_print(prepared.showing.originals[i], i) for i in sorted(unread))
        found = next((place for place in places if place is not None), None)
        if found is not None:
            return found
    if not parts.heads.calibrated or not coarse:
        return None
    outcome = parts.run(request_id, prepared.segments, SamplingParams(max_tokens=FIRST_TOKENS))
    if outcome.attention is None:
        return None
    places = prepared.places(parts)
    weights = attention_of(parts, outcome.attention, places.n_tokens, places)
    heat = spread(weights, places, prepared.showing.originals)
    if heat.picture_share + heat.evidence_share < LITTLE:
        return None
    if heat.evidence_share > heat.picture_share:
        return None  # it goes by lines that were read at full resolution; a part would only lack the others
    hottest = max(heat.pictures, key=lambda picture: float(picture.values.sum(0).max()))
    return region_of(hottest) if _is_coarse(prepared, hottest.picture) else None


def region_of(heat: PictureHeat) -> Region:
    """The box around a map's warm cells, enlarged to a sensible part of the picture and shifted inside it."""
    grid = heat.values.sum(0)
    rows, columns = np.nonzero(grid >= _WARM * grid.max())
    x = _side(columns, grid.shape[1], heat.width)
    y = _side(rows, grid.shape[0], heat.height)
    return Region(((x[0], y[0]), (x[1], y[1])), heat.picture)


def _side(cells: npt.NDArray[np.intp], count: int, length: int) -> tuple[float, float]:
    """Begin and end, in pixels, of the cells with room around them."""
    begin, end = cells.min() / count, (cells.max() + 1) / count
    middle = float(np.mean(cells) + 0.5) / count if end - begin > MOST_PART else (begin + end) / 2
    part = min(MOST_PART, max(LEAST_PART, 1.5 * (end - begin)))
    start = min(max(0.0, middle - part / 2), 1.0 - part)
    return start * length, (start + part) * length


def _count(prepared: Prepared) -> int:
    return len(prepared.showing.originals)


def _is_coarse(prepared: Prepared, picture: int) -> bool:
    """Whether a picture is shown with much less than its own pixels."""
    original = prepared.showing.originals[picture]
    shown = prepared.shown_pixels.get(picture, 0)
    return 0 < shown < LOST * original.width * original.height
