"""Where models come from: the catalogue, what is here, and the download. Knows files, not what is in them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

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

if TYPE_CHECKING:
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


def __getattr__(name: str) -> Any:
    """Load the download, and with it the HTTP client, only when someone asks for it: no answer needs it."""
    if name in __all__:
        from jianwei.hub import download

        return getattr(download, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
