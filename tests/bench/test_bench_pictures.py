from __future__ import annotations

import numpy as np
import pytest

from jianwei.bench.pictures import KINDS, draw
from jianwei.media.kind import is_drawn
from jianwei.model.preprocess import PreprocessConfig, patch_image
from jianwei.types import Image

KEPT = {"page": (0.5, 0.65), "dense": (0.85, 1.0), "screen": (0.3, 0.5), "photo": (1.0, 1.0)}
"""Parts of a picture of 1024 pixels that are not plain."""


@pytest.mark.parametrize("kind", KINDS)
def test_pictures_are_as_plain_as_what_they_stand_for(kind: str) -> None:
    image = Image(draw(kind, 1024, 3))
    kept = patch_image(image, PreprocessConfig(), tolerance=0).n_tokens / 1024
    assert KEPT[kind][0] <= kept <= KEPT[kind][1]
    assert is_drawn(image) == (kind != "photo")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("side", [256, 512])
def test_equal_seeds_give_equal_pictures_and_others_do_not(kind: str, side: int) -> None:
    first, other = draw(kind, side, 1), draw(kind, side, 2)
    draw.cache_clear()
    assert first.shape == (side, side, 3)
    assert np.array_equal(first, draw(kind, side, 1))
    assert not np.array_equal(first, other)


def test_an_unknown_kind_is_refused() -> None:
    with pytest.raises(ValueError, match="no kind"):
        draw("film", 256, 0)
