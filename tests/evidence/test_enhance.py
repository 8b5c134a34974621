"""Mending photos: what is measured, what is mended, that the way back is exact, and that good ones stay."""

from __future__ import annotations

import json
from random import Random

import numpy as np
import pytest

from jianwei.evals import enhance_task
from jianwei.evals.enhance_task import COPIES, rows_read, true_rows
from jianwei.evidence.enhance import Mended, enhance, faults_of
from jianwei.evidence.mend import GEOMETRY, TONE, mend
from jianwei.evidence.ocr import OcrReader
from jianwei.evidence.quality import Quality, measure
from jianwei.scenes import families
from jianwei.scenes.scene import Scene
from jianwei.types import Image


@pytest.fixture(scope="module")
def reader() -> OcrReader:
    return OcrReader(threads=1)


@pytest.fixture(scope="module")
def scene() -> Scene:
    return families.draw("forms", 516, "test", "zh")


def copy(scene: Scene, kind: str, seed: int = 0) -> Image:
    return Image(np.ascontiguousarray(COPIES[kind](Random(f"{kind} {seed}"), scene.image.pixels)))


def spoilt(scene: Scene, kind: str, reader: OcrReader) -> Image:
    """The first copy of which OCR reads less than 70% of the rows."""
    enough = 0.7 * len(true_rows(scene.texts))
    copies = (copy(scene, kind, seed) for seed in range(20))
    return next(one for one in copies if rows_read(reader.read(one), scene.texts) < enough)


def auto(image: Image, reader: OcrReader) -> Mended:
    return enhance(image, "auto", reader.read, reader.turned)


def test_a_good_picture_is_left_as_it_is(scene: Scene, reader: OcrReader) -> None:
    mended = auto(scene.image, reader)
    assert mended.image is scene.image
    assert mended.did == ()
    assert mended.way.is_identity
    assert mended.said("en") == "The picture is good; nothing was changed."
    assert mended.said("zh") == "图片质量良好；未作处理。"


def test_a_white_page_with_little_print_is_not_said_to_be_faint() -> None:
    page = np.full((800, 1000, 3), 250, np.uint8)
    page[100:120, 100:220:4] = 30
    line = [((95.0, 96.0), (225.0, 96.0), (225.0, 124.0), (95.0, 124.0))]
    assert "low_contrast" in faults_of(measure(Image(page), []))
    assert "low_contrast" not in faults_of(measure(Image(page), line))
    assert "low_contrast" in faults_of(measure(Image((230 + page // 20).astype(np.uint8)), line))


@pytest.mark.parametrize(
    ("kind", "fault", "step"),
    [
        ("dark", "dark", "stretch"),
        ("low_contrast", "low_contrast", "stretch"),
        ("blurred", "blurred", "sharpen"),
    ],
)
def test_a_bad_copy_is_known_and_read_better(
    scene: Scene, reader: OcrReader, kind: str, fault: str, step: str
) -> None:
    image = spoilt(scene, kind, reader)
    mended = auto(image, reader)
    assert fault in faults_of(mended.found)
    assert step in mended.did or (kind == "blurred" and "deblur" in mended.did)
    before, after = (rows_read(reader.read(one), scene.texts) for one in (image, mended.image))
    assert after > before
    assert mended.said("en").split("; ")[1].startswith("done: ")


@pytest.mark.parametrize("degrees", [0, 90, 180, 270])
def test_lines_of_text_tell_which_way_is_up(scene: Scene, reader: OcrReader, degrees: int) -> None:
    turned = Image(np.ascontiguousarray(np.rot90(scene.image.pixels, -degrees // 90)))
    assert reader.turned(turned) == degrees
    mended = auto(turned, reader)
    assert mended.did == ((f"turn{360 - degrees}",) if degrees else ())
    assert rows_read(reader.read(mended.image), scene.texts) == rows_read(
        reader.read(scene.image), scene.texts
    )


def test_a_picture_without_text_stands_upright(reader: OcrReader) -> None:
    assert reader.turned(Image(np.full((200, 300, 3), 180, np.uint8))) == 0


def test_places_in_a_mended_picture_are_those_of_the_original(scene: Scene, reader: OcrReader) -> None:
    """A page photographed askew: lines read in the mended picture map back to where they are read in the photo."""
    image = copy(scene, "askew", 516)
    mended = auto(image, reader)
    assert "straighten" in mended.did
    seen = {line.text: line.box for line in reader.read(image)}
    compared = 0
    for line in reader.read(mended.image):
        if line.text in seen and len(line.text) > 3:
            compared += 1
            points = mended.way.backward(line.quad)
            x, y = points.mean(0)
            left, top, right, bottom = seen[line.text]
            assert (x, y) == pytest.approx(((left + right) / 2, (top + bottom) / 2), abs=12)
    assert compared >= 2


@pytest.mark.parametrize("name", [*TONE, *GEOMETRY])
def test_the_same_mends_give_the_same_picture_again(scene: Scene, name: str) -> None:
    """A mended picture is not kept but made anew, from values that went through JSON."""
    image = copy(scene, "askew", 3)
    found = measure(image, [((10, 10), (110, 20), (109, 30), (9, 20))])
    again = Quality(**json.loads(json.dumps(found.to_dict())))
    one, way = mend(image, found, (name,))
    other, _ = mend(image, again, (name,))
    assert one.digest == other.digest
    assert way.made == (one.width, one.height)


def test_auto_keeps_nothing_that_is_read_worse(scene: Scene) -> None:
    """A reader that likes no change keeps the original, however bad it is."""
    dark = copy(scene, "dark")
    real = OcrReader(threads=1)
    lines = real.read(scene.image)
    mended = enhance(dark, "auto", lambda image: lines if image is dark else [], lambda _: 0)
    assert mended.did == ()
    assert mended.image is dark
    assert "stretch" in enhance(dark, "on", lambda image: lines if image is dark else [], lambda _: 0).did


def test_skew_and_blur_are_measured(scene: Scene) -> None:
    level = [((0.0, 0.0), (100.0, 5.0), (99.0, 25.0), (-1.0, 20.0))]
    found = measure(scene.image, level)
    assert found.skew == pytest.approx(2.86, abs=0.01)
    assert found.text_height == pytest.approx(20, abs=0.1)
    assert found.blur < 1.2 < measure(copy(scene, "blurred"), []).blur


def test_the_figures_of_a_few_scenes_are_sound(reader: OcrReader) -> None:
    tallies = enhance_task.run(1, seed=520, reader=reader)
    assert set(tallies) == set(COPIES)
    off, with_auto = tallies["good"].shares
    assert abs(with_auto - off) <= 0.5
    bad = [tallies[kind].shares for kind in COPIES if kind != "good"]
    assert sum(after - before for before, after in bad) / len(bad) >= 15
