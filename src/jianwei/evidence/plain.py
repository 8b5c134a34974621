"""Text as it is compared: nobody minds its width, its case and its spaces."""

from __future__ import annotations

import unicodedata


def plain(text: str) -> str:
    """Text in one width and one case, without spaces."""
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())


def spaced(text: str) -> str:
    """Text in one width and one case, with single spaces between words."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())
