"""What backs an answer: places, heat maps, steps, lengths, what a recipe found and checked.

Plain values, as those of ``types``, where everybody gets them from.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

Box = tuple[float, float, float, float]
"""Left, top, right, bottom in pixels of the original picture."""

FindingSource = Literal["model", "ocr", "picture", "computed"]
"""Who says what a recipe found: the model, a line that OCR read, pixels that code measured, or arithmetic."""


@dataclass(frozen=True)
class GroundedBox:
    """Where something is of which an answer speaks.

    Attributes:
        label: what it is, in the words of the answer or of the picture.
        bbox: in pixels of the original.
        picture: which picture of the conversation, counted from 0.
        source: who says so: the model, OCR that read the text there, or code that measured pixels.
    """

    label: str
    bbox: Box
    picture: int
    source: Literal["model", "ocr", "picture"]

    def to_dict(self) -> dict[str, Any]:
        """As plain JSON values; pixels to a tenth."""
        bbox = [round(value, 1) for value in self.bbox]
        return {"label": self.label, "bbox": bbox, "picture": self.picture, "source": self.source}


@dataclass(frozen=True)
class HeatGrid:
    """Attention over one picture.

    Attributes:
        picture: which picture of the conversation, counted from 0.
        width, height: of the original, in pixels.
        rows, columns: of the grid laid over the whole of it.
        values: ``rows * columns`` bytes, row after row; 255 is the hottest cell of all pictures.
        png: the picture with the map drawn over it, as a PNG file; empty: not asked for.
    """

    picture: int
    width: int
    height: int
    rows: int
    columns: int
    values: bytes
    png: bytes = b""

    @property
    def grid(self) -> npt.NDArray[np.uint8]:
        """The values as ``[rows, columns]``."""
        return np.frombuffer(self.values, np.uint8).reshape(self.rows, self.columns)


@dataclass(frozen=True)
class TokenHeat:
    """Attention of one piece of the answer: its text, and a grid for each picture (as the whole answer's)."""

    text: str
    maps: tuple[HeatGrid, ...]


@dataclass(frozen=True)
class HeatMap:
    """Where the model looked while it answered.

    Attributes:
        picture_share: part of the attention that went to the tokens of pictures, 0 to 1.
        evidence_share: part that went to lines that OCR had read; it counts for the places of those lines.
        note: what a reader should know, such as that little attention went to the pictures; None: nothing.
        maps: of the whole answer, one a picture.
        tokens: of each piece of the answer; their texts joined are the answer.
    """

    picture_share: float
    evidence_share: float
    note: str | None
    maps: tuple[HeatGrid, ...]
    tokens: tuple[TokenHeat, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """As plain JSON values, grids and pictures in base64."""

        def values(grid: HeatGrid) -> str:
            return base64.b64encode(grid.values).decode("ascii")

        def png(grid: HeatGrid) -> dict[str, str]:
            return {"png": base64.b64encode(grid.png).decode("ascii")} if grid.png else {}

        return {
            "picture_share": round(self.picture_share, 4),
            "evidence_share": round(self.evidence_share, 4),
            "note": self.note,
            "maps": [
                {
                    "picture": grid.picture,
                    "width": grid.width,
                    "height": grid.height,
                    "rows": grid.rows,
                    "columns": grid.columns,
                    "values": values(grid),
                    **png(grid),
                }
                for grid in self.maps
            ],
            "tokens": [
                {
                    "text": token.text,
                    "maps": [{"picture": grid.picture, "values": values(grid)} for grid in token.maps],
                }
                for token in self.tokens
            ],
        }


@dataclass(frozen=True)
class Enhanced:
    """What was found about a picture's quality, and what was done.

    Attributes:
        picture: which picture of the conversation, counted from 0.
        found: measures by name (``evidence.quality.Quality``).
        did: names of the mends (``evidence.mend``), in order; empty: none.
        said: both in words, in the user's language.
        bbox: the part of the picture that was mended, in pixels of the original; None: all of it.
    """

    picture: int
    found: dict[str, float]
    did: tuple[str, ...]
    said: str
    bbox: Box | None = None

    def to_dict(self) -> dict[str, Any]:
        """As plain JSON values."""
        told = {**vars(self), "did": list(self.did), "bbox": list(self.bbox) if self.bbox else None}
        return told if self.bbox else {name: value for name, value in told.items() if name != "bbox"}


@dataclass(frozen=True)
class Measure:
    """One length.

    Attributes:
        what: which length of what, in the user's language.
        value: in cm.
        error: in cm; 19 of 20 true lengths lie within it.
        bbox: around what was measured, in pixels of the original.
        picture: which picture of the conversation, counted from 0.
    """

    what: str
    value: float
    error: float
    bbox: Box
    picture: int

    def to_dict(self) -> dict[str, Any]:
        """As plain JSON values; pixels to a tenth."""
        return {**vars(self), "bbox": [round(value, 1) for value in self.bbox]}


@dataclass(frozen=True)
class Step:
    """Something done on the way to an answer.

    Attributes:
        step: ``look`` (a part of a picture shown to the model) or ``locate`` (the model asked for boxes).
        picture: which picture of the conversation, counted from 0.
        bbox: the part, in pixels of the original.
        tokens: visual tokens it took.
        seconds: how long it took, where that can be told apart.
    """

    step: Literal["look", "locate"]
    picture: int
    bbox: Box
    tokens: int
    seconds: float = 0.0

    def to_dict(self) -> dict[str, Any]:
        """As plain JSON values."""
        bbox = [round(value, 1) for value in self.bbox]
        seconds = round(self.seconds, 4)
        return {**vars(self), "bbox": bbox, "seconds": seconds}


@dataclass(frozen=True)
class Finding:
    """What a recipe found for one of its fields.

    Attributes:
        key: of the field, as in the data.
        label: what a person calls it, in the answer's language.
        value: as in the data; None: not found.
        source: who says so; None: not found.
        boxes: where it was read.
    """

    key: str
    label: str
    value: Any
    source: FindingSource | None
    boxes: tuple[GroundedBox, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """As plain JSON values; the value itself is in the data."""
        boxes = [box.to_dict() for box in self.boxes]
        return {"key": self.key, "label": self.label, "source": self.source, "boxes": boxes}


@dataclass(frozen=True)
class RecipeCheck:
    """What came of one check of a recipe.

    Attributes:
        check: which check.
        passed: None: it could not be made.
        said: what came of it, in the answer's language.
    """

    check: str
    passed: bool | None
    said: str

    def to_dict(self) -> dict[str, Any]:
        """As plain JSON values."""
        return vars(self).copy()


@dataclass(frozen=True)
class RecipeReport:
    """What came of a recipe.

    Attributes:
        recipe: its name.
        kind: the recipe that the picture's kind chose, where the recipe lets it choose.
        data: field to value, JSON values throughout.
        findings: who says each of them, and where it was read.
        checks: what code checked.
    """

    recipe: str
    kind: str | None
    data: dict[str, Any]
    findings: tuple[Finding, ...]
    checks: tuple[RecipeCheck, ...]

    def to_dict(self) -> dict[str, Any]:
        """As plain JSON values."""
        return {
            "name": self.recipe,
            "kind": self.kind,
            "findings": [finding.to_dict() for finding in self.findings],
            "checks": [check.to_dict() for check in self.checks],
        }


@dataclass(frozen=True)
class Evidence:
    """What backs an answer; each part is None where it was not asked for.

    Attributes:
        boxes: where that is of which the answer speaks.
        heatmap: where the model looked.
        steps: looks taken beside that at the whole pictures.
        relations: spatial relations worked out from boxes, and whether what the answer says of them agrees.
        enhance: what was found and mended, one a picture.
        measures: lengths in cm; empty where the picture does not tell the scale.
        scale: the kind of scale that they are by; None: there was none.
        links: of a JSON answer, for each entry of ``objects`` and ``texts`` the place of its box among ``boxes``.
    """

    boxes: tuple[GroundedBox, ...] | None = None
    heatmap: HeatMap | None = None
    steps: tuple[Step, ...] | None = None
    relations: tuple[dict[str, Any], ...] | None = None
    enhance: tuple[Enhanced, ...] | None = None
    measures: tuple[Measure, ...] | None = None
    scale: str | None = None
    links: dict[str, list[int | None]] | None = None

    def to_dict(self) -> dict[str, Any]:
        """The parts that are there, as plain JSON values."""
        parts: dict[str, Any] = {}
        if self.boxes is not None:
            parts["boxes"] = [box.to_dict() for box in self.boxes]
        if self.heatmap is not None:
            parts["heatmap"] = self.heatmap.to_dict()
        if self.steps is not None:
            parts["steps"] = [step.to_dict() for step in self.steps]
        if self.relations is not None:
            parts["relations"] = [dict(relation) for relation in self.relations]
        if self.links is not None:
            parts["links"] = self.links
        if self.enhance is not None:
            parts["enhance"] = [enhanced.to_dict() for enhanced in self.enhance]
        if self.measures is not None:
            parts["measures"] = [measure.to_dict() for measure in self.measures]
            parts["scale"] = self.scale
        return parts
