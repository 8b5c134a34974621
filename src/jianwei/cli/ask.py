"""``jianwei ask``: one question about one or several pictures."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from jianwei.cli import options
from jianwei.cli.answering import new_request, open_model, print_answer, print_stats, read_grammar
from jianwei.cli.evidence import print_evidence
from jianwei.cli.help import Command
from jianwei.cli.output import CommandError
from jianwei.cli.pictures import read_pictures
from jianwei.cli.settings import load_settings
from jianwei.cli.text import language as language_spoken
from jianwei.cli.text import tr
from jianwei.errors import InputError
from jianwei.evidence.regions import parse_regions
from jianwei.evidence.scale import parse_scale
from jianwei.evidence.showing import parse_detail
from jianwei.model.prune import parse_prune
from jianwei.recipes.library import find_recipe
from jianwei.recipes.recipe import in_language
from jianwei.types import (
    AnswerFormat,
    ChatRequest,
    Enhance,
    ImagePart,
    Message,
    SamplingParams,
    TextPart,
)


def register(app: typer.Typer) -> None:
    """Add the command to ``app``."""
    app.command(
        "ask",
        cls=Command,
        help=tr(
            "Ask a question about one or several pictures; the answer goes to standard output as it comes.",
            "就一张或多张图片提问，回答随生成输出到标准输出。",
        ),
        epilog=tr(
            'jianwei ask photo.jpg "Where is the box torn?"\n'
            'jianwei ask before.jpg after.jpg "What has changed?"\n'
            'jianwei ask shelf.jpg "List goods and prices" --json > shelf.json\n'
            'jianwei ask receipt.jpg "What is the total?" --boxes --heatmap looked.png\n'
            'jianwei ask page.png "Copy this table" --region 0,0.5,1,1 --format csv\n'
            "jianwei ask invoice.jpg --recipe invoice\n"
            'jianwei ask report.pdf "What is the total?" --pages 2-3\n'
            'scanimage --format=png | jianwei ask - "What is the invoice number?"',
            'jianwei ask photo.jpg "这张照片里的箱子哪里破了？"\n'
            'jianwei ask 前.jpg 后.jpg "有什么变化？"\n'
            'jianwei ask shelf.jpg "列出商品和价格" --json > shelf.json\n'
            'jianwei ask receipt.jpg "合计是多少？" --boxes --heatmap looked.png\n'
            'jianwei ask page.png "抄录这张表格" --region 0,0.5,1,1 --format csv\n'
            "jianwei ask invoice.jpg --recipe invoice\n"
            'jianwei ask report.pdf "合计是多少？" --pages 2-3\n'
            'scanimage --format=png | jianwei ask - "发票号码是多少？"',
        ),
    )(ask)


def ask(
    pictures: Annotated[
        list[str] | None,
        typer.Argument(
            metavar=tr("PICTURE...", "图片..."),
            help=tr(
                "Picture files, PDF files or videos; - reads one from standard input; with --allow-url also addresses.",
                "图片、PDF 或视频文件；- 表示从标准输入读取；加 --allow-url 后也可用网址。",
            ),
        ),
    ] = None,
    question: Annotated[
        str,
        typer.Argument(metavar=tr("QUESTION", "问题"), help=tr("What you want to know.", "您想了解的内容。")),
    ] = "",
    *,
    recipe: Annotated[str | None, options.recipe()] = None,
    as_json: Annotated[
        bool,
        typer.Option(
            "--json",
            help=tr(
                "Answer as JSON with the keys objects, texts, spatial_relations.",
                "以 JSON 回答，含 objects、texts、spatial_relations 三个键。",
            ),
        ),
    ] = False,
    schema: Annotated[
        Path | None,
        typer.Option(
            "--schema",
            metavar=tr("FILE", "文件"),
            help=tr("Answer as JSON that obeys this JSON schema.", "按此 JSON schema 以 JSON 回答。"),
        ),
    ] = None,
    pages: Annotated[str | None, options.pages()] = None,
    region: Annotated[str | None, options.region()] = None,
    boxes: Annotated[bool, options.boxes()] = False,
    heatmap: Annotated[Path | None, options.heatmap()] = None,
    answer_format: Annotated[AnswerFormat | None, options.answer_format()] = None,
    detail: Annotated[str | None, options.detail()] = None,
    enhance: Annotated[Enhance, options.enhance()] = "off",
    scale: Annotated[str | None, options.scale()] = None,
    prune: Annotated[str | None, options.prune()] = None,
    max_tokens: Annotated[int, options.max_tokens()] = 1024,
    temperature: Annotated[float, options.temperature()] = 0.0,
    seed: Annotated[
        int | None,
        typer.Option(
            "--seed",
            metavar="N",
            min=0,
            help=tr(
                "Equal seeds give equal answers (with --temperature).",
                "相同的种子给出相同的回答（配合 --temperature）。",
            ),
        ),
    ] = None,
    model: Annotated[str | None, options.model()] = None,
    mmproj: Annotated[Path | None, options.mmproj()] = None,
    ocr: Annotated[Literal["auto", "on", "off"], options.ocr()] = "auto",
    max_visual_tokens: Annotated[int | None, options.visual_tokens()] = None,
    allow_url: Annotated[bool, options.allow_url()] = False,
    stats: Annotated[bool, options.stats()] = False,
    language: Annotated[Literal["zh", "en"] | None, options.language()] = None,
) -> None:
    """Check everything that can be checked, then load the model and answer."""
    settings = load_settings(model=model, mmproj=mmproj, allow_url=allow_url or None, language=language)
    pictures, question = _words(pictures or [], question, recipe)
    grammar = read_grammar(as_json, schema)
    if recipe is not None:
        _check_recipe(schema, heatmap, answer_format)
    if grammar is not None and answer_format is not None:
        raise CommandError(
            "usage",
            tr("--format cannot go with --json or --schema.", "--format 不能与 --json 或 --schema 同用。"),
            tr("Leave one of them out.", "请去掉其中之一。"),
        )
    named_detail, budget = parse_detail(detail) if detail is not None else (None, None)
    images = read_pictures(pictures, settings, pages)
    message = Message("user", (*(ImagePart(image) for image in images), TextPart(question)))
    template = ChatRequest(
        id="",
        messages=(),
        sampling=SamplingParams(max_tokens=max_tokens, temperature=temperature, seed=seed),
        grammar=grammar,
        ocr=ocr,
        max_visual_tokens=max_visual_tokens if budget is None else budget,
        prune=parse_prune(prune) if prune is not None else None,
        regions=parse_regions(region, images) if region is not None else (),
        boxes=boxes,
        heatmap=heatmap is not None,
        format=answer_format,
        detail=named_detail,
        enhance=enhance,
        scale=parse_scale(scale) if scale is not None else None,
        recipe=recipe,
    )
    with open_model(settings) as session:
        completion = print_answer(session, new_request((message,), template))
        print_evidence(completion.evidence, images, heatmap)
        if stats:
            print_stats(completion, session.model.stats(), session.load_seconds)


def _words(pictures: list[str], question: str, recipe: str | None) -> tuple[list[str], str]:
    """Pictures and question; with a recipe the last word may be one more picture, and the recipe asks.

    Raises:
        InputError: ``empty_query``, ``unknown_recipe`` or ``bad_recipe``.
        CommandError: there is no picture.
    """
    if recipe is not None:
        asks = in_language(find_recipe(recipe).question, language_spoken())
        if question and (not pictures or Path(question).is_file()):
            pictures, question = [*pictures, question], ""
        question = question if question.strip() else asks
    if not pictures:
        raise CommandError(
            "usage",
            tr("PICTURE... or QUESTION is missing.", "缺少图片或问题。"),
            tr("See `jianwei ask --help`.", "见 `jianwei ask --help`。"),
        )
    if not question.strip():
        raise InputError("empty_query")
    return pictures, question


def _check_recipe(schema: Path | None, heatmap: Path | None, answer_format: AnswerFormat | None) -> None:
    """A recipe has a form and places of its own."""
    given = {
        "--schema": schema is not None,
        "--heatmap": heatmap is not None,
        "--format": answer_format not in (None, "report", "markdown"),
    }
    for flag, there in given.items():
        if there:
            raise CommandError(
                "usage",
                tr(f"{flag} cannot go with --recipe.", f"{flag} 不能与 --recipe 同用。"),
                tr("Leave one of them out.", "请去掉其中之一。"),
            )
