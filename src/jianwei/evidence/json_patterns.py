"""Patterns of texts as they stand in JSON, for the forms of answers (``Grammar`` of kind ``regex``)."""

from __future__ import annotations

import json
import re

CHARACTER = r'(?:[^"\\\x00-\x1f]|\\["\\/])'
"""One of a string, in which JSON has no control characters as they are."""


def in_json(text: str) -> str:
    """A pattern of a text between the quotes of a string."""
    return re.escape(json.dumps(text, ensure_ascii=False)[1:-1])
