"""Options that several commands share.

Functions, called inside annotations: typer evaluates those when it builds a command, in the language of that
moment.
"""

from __future__ import annotations

from typing import Any

import typer

from jianwei.cli.text import tr


def model() -> Any:
    """``--model NAME|FILE``."""
    return typer.Option(
        "--model",
        "-m",
        metavar=tr("NAME|FILE", "名称|文件"),
        autocompletion=complete_model,
        help=tr(
            "Model: a name (see `jianwei models`), a language GGUF, or a folder with a GGUF pair.",
            "模型：名称（见 `jianwei models`）、语言模型 GGUF 文件，或含一对 GGUF 的文件夹。",
        ),
    )


def mmproj() -> Any:
    """``--mmproj FILE``."""
    return typer.Option(
        "--mmproj",
        metavar=tr("FILE", "文件"),
        help=tr(
            "Vision GGUF, when it is not beside the language GGUF.",
            "视觉 GGUF 文件（不在语言模型旁边时指定）。",
        ),
    )


def language() -> Any:
    """``--language``; read in ``app`` before anything is said."""
    return typer.Option(
        "--language",
        metavar="zh|en",
        help=tr("Language of messages; by default the system's.", "消息的语言；默认跟随系统。"),
    )


def max_tokens() -> Any:
    """``--max-tokens N``."""
    return typer.Option(
        "--max-tokens",
        metavar="N",
        min=1,
        help=tr("At most so many tokens of answer (1024).", "回答的词元上限（1024）。"),
    )


def temperature() -> Any:
    """``--temperature T``."""
    return typer.Option(
        "--temperature",
        metavar="T",
        min=0.0,
        max=2.0,
        help=tr("0: always the likeliest word; higher: more variety.", "0：总取最可能的词；越大越多样。"),
    )


def ocr() -> Any:
    """``--ocr auto|on|off``."""
    return typer.Option(
        "--ocr",
        metavar="auto|on|off",
        help=tr(
            "Give the model the lines that OCR reads in the pictures; auto: where the model wants them.",
            "把 OCR 从图片中读到的文字交给模型；auto：由模型决定。",
        ),
    )


def visual_tokens() -> Any:
    """``--max-visual-tokens N``."""
    return typer.Option(
        "--max-visual-tokens",
        metavar="N",
        min=4,
        help=tr(
            "Tokens one picture may take (32x32 pixels each): more shows finer detail, fewer is faster.",
            "一张图片最多占多少个词元（每个 32x32 像素）：多则更清晰，少则更快。",
        ),
    )


def region() -> Any:
    """``--region X1,Y1,X2,Y2``."""
    return typer.Option(
        "--region",
        metavar="X1,Y1,X2,Y2",
        help=tr(
            "What the question is about, in pixels or all within 0..1; six and more numbers are a polygon; several "
            "joined by ;  and 2: before one means the second picture.",
            "问题所指的区域，像素或 0..1 的相对值；六个及以上的数为多边形；多个区域以 ; 分隔；前缀 2: 表示第二张图片。",
        ),
    )


def pages() -> Any:
    """``--pages 1-3,7``."""
    return typer.Option(
        "--pages",
        metavar="1-3,7",
        help=tr(
            "Of every PDF and video, which pages or key frames; all by default.",
            "每个 PDF 和视频取哪些页或关键画面；默认全部。",
        ),
    )


def boxes() -> Any:
    """``--boxes``."""
    return typer.Option(
        "--boxes",
        help=tr(
            "Say on stderr where that is of which the answer speaks, in pixels.",
            "在 stderr 输出回答所涉及内容在图中的位置（像素）。",
        ),
    )


def heatmap() -> Any:
    """``--heatmap FILE``."""
    return typer.Option(
        "--heatmap",
        metavar=tr("FILE.png", "文件.png"),
        help=tr(
            "Draw where the model looked (and the boxes, with --boxes) over the picture; several pictures get -2, -3.",
            "把模型注视的位置（及 --boxes 的框）画在图片上；多张图片时文件名加 -2、-3。",
        ),
    )


def enhance() -> Any:
    """``--enhance off|auto|on``."""
    return typer.Option(
        "--enhance",
        metavar="off|auto|on",
        help=tr(
            "Mend bad photos first (dark, faint, blurred, askew); auto only where that helps.",
            "先修复质量差的照片（过暗、对比度低、模糊、倾斜）；auto 仅在有帮助时处理。",
        ),
    )


def scale() -> Any:
    """``--scale a4|dpi:N|mm_per_px:X|ref:"LABEL"=WxH``."""
    return typer.Option(
        "--scale",
        metavar="a4|dpi:N|mm_per_px:X|ref:...",
        help=tr(
            "Measure in cm: by an A4 sheet in the picture, by DPI, by mm a pixel, or by a thing of known size "
            '(ref:"card"=8.6x5.4 cm).',
            '以厘米测量：按图中的 A4 纸、DPI、每像素毫米数，或已知尺寸的参照物（ref:"银行卡"=8.6x5.4 cm）。',
        ),
    )


def detail() -> Any:
    """``--detail low|auto|high|N``."""
    return typer.Option(
        "--detail",
        metavar="low|auto|high|N",
        help=tr(
            "How finely to look: auto goes by the picture and the question, and takes a second look at a part of the "
            "picture where that helps; a number is the budget of a picture, as --max-visual-tokens.",
            "观看的精细程度：auto 依图片和问题而定，并在有帮助时再细看图片的一部分；"
            "数字为一张图片的词元上限，同 --max-visual-tokens。",
        ),
    )


def prune() -> Any:
    """``--prune auto|off|exact|N``."""
    return typer.Option(
        "--prune",
        metavar="auto|off|exact|N",
        help=tr(
            "Leave out parts of pictures that repeat their neighbours: exactly, or also where they differ by up to "
            "N of 255; auto: exactly, in drawn pages and screens only.",
            "略去图片中与相邻部分重复的区域：exact 为完全相同，N 为相差不超过 N（满值 255）；"
            "auto 仅对绘制的页面和屏幕截图精确略去。",
        ),
    )


def answer_format() -> Any:
    """``--format report|markdown|csv|latex|html-table``."""
    return typer.Option(
        "--format",
        metavar="report|markdown|csv|latex|html-table",
        help=tr("Form of a written answer.", "回答的书写格式。"),
    )


def recipe() -> Any:
    """``--recipe NAME``."""
    return typer.Option(
        "--recipe",
        metavar=tr("NAME", "名称"),
        autocompletion=complete_recipe,
        help=tr(
            "Look, check and report by a recipe (see `jianwei recipes`); the question may then be left out.",
            "按配方查看、核对并写出报告（见 `jianwei recipes`）；此时可以不写问题。",
        ),
    )


def allow_url() -> Any:
    """``--allow-url``."""
    return typer.Option(
        "--allow-url", help=tr("Fetch pictures from http(s) addresses.", "允许从 http(s) 网址读取图片。")
    )


def stats() -> Any:
    """``--stats``."""
    return typer.Option(
        "--stats",
        help=tr("Print seconds and tokens of each step to stderr.", "在 stderr 输出每一步的秒数和词元数。"),
    )


def complete_model(incomplete: str) -> list[tuple[str, str]]:
    """Names of the catalogue, and of fast layouts that were made, that begin as typed."""
    from jianwei.cli.settings import load_settings
    from jianwei.hub import status
    from jianwei.hub.catalogue import FAST

    found = status(load_settings())
    names = [(item.entry.name, item.entry.title) for item in found]
    names += [(item.entry.name + FAST, item.entry.title) for item in found if item.fast]
    return [(name, title) for name, title in names if name.startswith(incomplete)]


def complete_recipe(incomplete: str) -> list[tuple[str, str]]:
    """Names of recipes that begin as typed."""
    from jianwei.recipes.library import all_recipes

    found, _ = all_recipes()
    return [(recipe.name, tr(*recipe.title)) for recipe in found if recipe.name.startswith(incomplete)]
