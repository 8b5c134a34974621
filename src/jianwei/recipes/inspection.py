"""The words of ``inspect``: what kind of picture it is and why, and whether anything is wrong with it."""

from __future__ import annotations

from collections.abc import Sequence

from jianwei.errors import Language
from jianwei.recipes.kinds import Kind
from jianwei.recipes.page import Page
from jianwei.recipes.recipe import in_language
from jianwei.types import Enhanced, RecipeCheck

MAX_LINES = 12
"""Lines of a picture of no known kind that are told."""


def verdict(
    kind: Kind | None, checks: Sequence[RecipeCheck], enhanced: Sequence[Enhanced], language: Language
) -> str:
    """The first paragraphs: the kind, then the problems, then the photo's own faults."""
    zh = language == "zh"
    wrong = [check.said for check in checks if check.passed is False]
    if kind is None:
        said = (
            "看不出这是哪一类图片，只能说出图中的文字。"
            if zh
            else "The kind of this picture could not be told; here is what is written in it."
        )
    else:
        title = in_language(kind.recipe.title, language)
        said = f"这张图是：{title}" if zh else f"This picture is of the kind: {title}"
        if kind.words:
            quoted = ("、" if zh else ", ").join(f"“{word}”" for word in kind.words)
            said += f"（图中有 {quoted}）" if zh else f" (it says {quoted})"
        said += "。" if zh else "."
    parts = [said]
    if wrong:
        head = f"**发现 {len(wrong)} 处需要注意：**" if zh else f"**{_things(len(wrong))} attention:**"
        parts.append("\n".join([head, "", *(f"- {each}" for each in wrong)]))
    elif kind is not None:
        passed = sum(check.passed is True for check in checks)
        if passed:
            parts.append(
                f"核对了 {passed} 项，没有发现问题。"
                if zh
                else f"Checked: {passed}. Nothing is wrong with that."
            )
        else:
            parts.append(
                "没有可以核对的内容，所以不能说它没有问题。"
                if zh
                else "Nothing in it could be checked, so it cannot be said to be right."
            )
    parts += [each.said for each in enhanced if each.did]
    return "\n\n".join(parts)


def other_report(pages: Sequence[Page], language: Language) -> str:
    """What is written in a picture of no known kind."""
    lines = [" ".join(cell.text for cell in row) for page in pages for row in page.rows]
    if not lines:
        return "图中没有读到文字。" if language == "zh" else "No text was read in it."
    more = len(lines) - MAX_LINES
    said = [f"> {line}" for line in lines[:MAX_LINES]]
    if more > 0:
        said.append(f"> …（另有 {more} 行）" if language == "zh" else f"> … (and {more} more lines)")
    return "\n".join(said)


def _things(count: int) -> str:
    return "One thing needs" if count == 1 else f"{count} things need"
