"""What backs an answer, on the command line: boxes and notes as lines, heat maps as pictures."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from jianwei.cli.output import CommandError, say
from jianwei.cli.text import tr
from jianwei.types import Evidence, Image


def print_evidence(evidence: Evidence, images: Sequence[Image], heatmap: Path | None) -> None:
    """Say on standard error what was asked for, and write the overlays.

    Args:
        evidence: of the answer.
        images: the pictures that were asked about.
        heatmap: file of the first picture's overlay; None: no overlay.

    Raises:
        CommandError: an overlay cannot be written.
    """
    for step in evidence.steps or ():
        if step.step == "look":
            say(tr("looked at ", "细看区域：") + _place(step.bbox, step.picture, len(images)), "dim")
    for enhanced in evidence.enhance or ():
        say(enhanced.said, "dim")
    for measure in evidence.measures or ():
        place = _place(measure.bbox, measure.picture, len(images))
        say(f"{place}  {measure.what}: {measure.value:.2f} ± {measure.error:.2f} cm")
    for box in evidence.boxes or ():
        say(f"{_place(box.bbox, box.picture, len(images))}  {box.label}  ({box.source})")
    for relation in evidence.relations or ():
        if relation["agrees"] is False:
            say(tr(f"the boxes contradict: {relation['text']}", f"与位置框矛盾：{relation['text']}"))
    if heatmap is None:
        return
    found = evidence.heatmap
    if found is None:
        say(tr("There is no heat map for this answer.", "此回答没有热力图。"), "dim")
        return
    say(
        tr(
            f"attention: {found.picture_share:.0%} to the picture, {found.evidence_share:.0%} to text read in it",
            f"注意力：图片 {found.picture_share:.0%}，图中读到的文字 {found.evidence_share:.0%}",
        ),
        "dim",
    )
    if found.note:
        say(found.note)
    _write_overlays(evidence, images, heatmap)


def _place(bbox: Sequence[float], picture: int, n_pictures: int) -> str:
    """A box as ``--region`` takes it."""
    corners = ",".join(f"{value:.0f}" for value in bbox)
    return f"{picture + 1}:{corners}" if n_pictures > 1 else corners


def _write_overlays(evidence: Evidence, images: Sequence[Image], heatmap: Path) -> None:
    from PIL import Image as PillowImage

    from jianwei.evidence.overlay import overlay

    maps = evidence.heatmap.maps if evidence.heatmap else ()
    for grid in maps:
        boxes = [box for box in evidence.boxes or () if box.picture == grid.picture]
        name = heatmap.stem + (f"-{grid.picture + 1}" if grid.picture else "")
        target = heatmap.with_name(name + (heatmap.suffix or ".png"))
        drawn = PillowImage.fromarray(overlay(images[grid.picture], grid, boxes).pixels)
        try:
            drawn.save(target)
        except (OSError, ValueError) as error:
            raise CommandError(
                "file_unwritable",
                tr(f"“{target}” cannot be written.", f"无法写入“{target}”。"),
                tr("Name another file, ending with .png.", "请换一个以 .png 结尾的文件名。"),
                1,
            ) from error
