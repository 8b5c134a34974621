"""Ways to ask as people put them, written apart from the scenes and their test wordings; for training alone.

``sayings_zh.json`` and ``sayings_en.json`` hold patterns of ``phrases.expand`` by family and kind of question, with the
places to fill in that ``kind_phrases`` has there.
"""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files

from jianwei.scenes.scene import Language

SHARE = 0.5
"""Of the training questions that are put in these words, where there are some."""


def sayings(family: str, kind: str, language: Language) -> tuple[str, ...]:
    """Patterns for a kind of question of a family, else of every family; none where nobody has written any."""
    table = _table(language)
    return table.get(family, {}).get(kind) or table["common"].get(kind, ())


@cache
def _table(language: Language) -> dict[str, dict[str, tuple[str, ...]]]:
    text = files("jianwei.scenes").joinpath(f"sayings_{language}.json").read_text(encoding="utf-8")
    return {
        family: {kind: tuple(patterns) for kind, patterns in kinds.items()}
        for family, kinds in json.loads(text).items()
    }
