"""Colours and shapes by name, in both languages, and how they are drawn."""

from __future__ import annotations

from random import Random

from jianwei.scenes.scene import Language

Rgb = tuple[int, int, int]

COLOURS: dict[str, tuple[Rgb, str, str]] = {
    "red": ((214, 40, 40), "红色", "red"),
    "orange": ((245, 135, 25), "橙色", "orange"),
    "yellow": ((245, 215, 40), "黄色", "yellow"),
    "green": ((40, 150, 70), "绿色", "green"),
    "blue": ((35, 90, 205), "蓝色", "blue"),
    "purple": ((135, 50, 165), "紫色", "purple"),
    "pink": ((245, 145, 185), "粉色", "pink"),
    "brown": ((130, 80, 40), "棕色", "brown"),
    "black": ((25, 25, 28), "黑色", "black"),
    "grey": ((140, 140, 142), "灰色", "grey"),
    "white": ((250, 250, 248), "白色", "white"),
}
"""Name to a middle value, and its word in Chinese and English."""


def colour_word(colour: str, language: Language) -> str:
    """The colour's word."""
    _, chinese, english = COLOURS[colour]
    return chinese if language == "zh" else english


def shade(rng: Random, colour: str, spread: int = 14) -> Rgb:
    """A colour near the named one, as lamps and cameras make it."""
    red, green, blue = COLOURS[colour][0]
    light = rng.randint(-spread, spread)

    def near(value: int) -> int:
        return min(255, max(0, value + light + rng.randint(-spread // 2, spread // 2)))

    return near(red), near(green), near(blue)
