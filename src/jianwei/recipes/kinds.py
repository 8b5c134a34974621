"""What kind of picture it is: which recipe's words stand in it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from jianwei.recipes.page import Page
from jianwei.recipes.recipe import Recipe

LEAST = 1.0
"""Weight of words from which a kind is believed."""


@dataclass(frozen=True)
class Kind:
    """A kind of picture: its recipe, and the words by which it was known."""

    recipe: Recipe
    words: tuple[str, ...]


def kind_of(recipes: Sequence[Recipe], pages: Sequence[Page]) -> Kind | None:
    """The recipe of whose words most are there, each counted once; None where hardly any are."""
    best: tuple[float, Kind] | None = None
    for recipe in recipes:
        words: list[str] = []
        weight = 0.0
        for pattern in recipe.words:
            hits = [
                match[0].strip()
                for page in pages
                for cell in page.cells
                if (match := re.search(pattern, cell.text))
            ]
            distinct = list(dict.fromkeys(hits))
            # The second word of one pattern says less than the first, the tenth next to nothing.
            weight += sum(1 / (1 + place) for place in range(len(distinct)))
            words += distinct
        if weight >= LEAST and (best is None or weight > best[0]):
            best = weight, Kind(recipe, tuple(dict.fromkeys(words))[:4])
    return best[1] if best else None
