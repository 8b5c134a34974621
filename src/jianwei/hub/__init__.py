"""Where models come from: the catalogue, what is here, and the download. Knows files, not what is in them."""

from __future__ import annotations

from jianwei.hub.catalogue import (
    CATALOGUE,
    CatalogueEntry,
    ModelFile,
    ModelPaths,
    ModelStatus,
    installed,
    resolve,
    status,
)
from jianwei.hub.download import Progress, ProgressCallback, Source, pull

__all__ = [
    "CATALOGUE",
    "CatalogueEntry",
    "ModelFile",
    "ModelPaths",
    "ModelStatus",
    "Progress",
    "ProgressCallback",
    "Source",
    "installed",
    "pull",
    "resolve",
    "status",
]
