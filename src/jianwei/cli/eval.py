"""``jianwei eval``: how often a model is right."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from jianwei.cli import options
from jianwei.cli.help import Command
from jianwei.cli.output import CommandError
from jianwei.cli.settings import load_settings
from jianwei.cli.text import tr
from jianwei.errors import InputError, Phrase

if TYPE_CHECKING:
    from jianwei.evals.scenes_task import Plan

SCENES = 20
QUICK_SCENES = 2


def register(app: typer.Typer) -> None:
    """Add the command to ``app``."""
    app.command(
        "eval",
        cls=Command,
        help=tr(
            "Measure how often a model is right: on drawn scenes whose truth is known, or on your own pictures "
            "with --folder. The model runs here (--model), or behind any OpenAI-compatible server (--endpoint).\n\n"
            "What each figure means: docs/evaluation.md. Ends with 1 if no question was answered.",
            "测量模型回答正确的比例：用已知真相的绘制场景，或用 --folder 指定您自己的图片。"
            "模型可在本机运行（--model），也可以是任何兼容 OpenAI 的服务（--endpoint）。\n\n"
            "各项数字的含义见 docs/evaluation.md。若没有任何问题得到回答，则退出码为 1。",
        ),
        epilog=tr(
            "jianwei eval --quick\n"
            "jianwei eval --model qwen3-vl-2b --families forms,shapes --scenes 100 --out eval-out\n"
            "jianwei eval --endpoint http://127.0.0.1:8080/v1 --json\n"
            "jianwei eval --folder photos --questions photos/questions.jsonl",
            "jianwei eval --quick\n"
            "jianwei eval --model qwen3-vl-2b --families forms,shapes --scenes 100 --out eval-out\n"
            "jianwei eval --endpoint http://127.0.0.1:8080/v1 --json\n"
            "jianwei eval --folder 照片 --questions 照片/questions.jsonl",
        ),
    )(evaluate)


def evaluate(
    *,
    model: Annotated[str | None, options.model()] = None,
    mmproj: Annotated[Path | None, options.mmproj()] = None,
    endpoint: Annotated[
        str | None,
        typer.Option(
            "--endpoint",
            metavar="URL",
            help=tr(
                "Ask this OpenAI-compatible server instead; --model is then the name it knows (its first one).",
                "改为向此兼容 OpenAI 的服务提问；此时 --model 是它的模型名（默认取其第一个）。",
            ),
        ),
    ] = None,
    api_key: Annotated[
        str | None,
        typer.Option(
            "--api-key",
            metavar=tr("KEY", "密钥"),
            help=tr(
                "Key for the endpoint. Others on this machine see flags: JIANWEI_API_KEY is safer.",
                "服务的密钥。本机其他用户能看到命令行参数，用 JIANWEI_API_KEY 更安全。",
            ),
        ),
    ] = None,
    timeout: Annotated[
        float,
        typer.Option(
            "--timeout",
            metavar=tr("SECONDS", "秒"),
            min=1.0,
            help=tr(
                "How long the endpoint may take for one answer (120).", "服务回答一个问题的时限（120）。"
            ),
        ),
    ] = 120.0,
    families: Annotated[
        str | None,
        typer.Option(
            "--families",
            metavar=tr("NAME,NAME", "名称,名称"),
            help=tr("Families of scenes (all).", "场景类别（全部）。"),
        ),
    ] = None,
    kinds: Annotated[
        str | None,
        typer.Option(
            "--kinds",
            metavar=tr("NAME,NAME", "名称,名称"),
            help=tr(
                "Kinds of questions, as eval.csv names them: field, json (all).",
                "问题类型，即 eval.csv 中的 kind：field、json（全部）。",
            ),
        ),
    ] = None,
    scenes: Annotated[
        int | None,
        typer.Option(
            "--scenes",
            metavar="N",
            min=1,
            help=tr(
                f"Scenes of each family ({SCENES}; {QUICK_SCENES} with --quick).",
                f"每个类别的场景数（{SCENES}；--quick 时为 {QUICK_SCENES}）。",
            ),
        ),
    ] = None,
    split: Annotated[
        Literal["test", "train"] | None,
        typer.Option(
            "--split",
            metavar="test|train",
            help=tr(
                "Templates, fonts, backgrounds and wordings that no training has seen (test), or those it has.",
                "训练从未见过的模板、字体、背景和问法（test，默认），或训练用过的（train）。",
            ),
        ),
    ] = None,
    seed: Annotated[
        int | None,
        typer.Option(
            "--seed",
            metavar="N",
            min=0,
            help=tr("Number of the first scene (0).", "第一个场景的编号（0）。"),
        ),
    ] = None,
    language: Annotated[
        Literal["zh", "en", "both"] | None,
        typer.Option(
            "--language",
            metavar="zh|en|both",
            help=tr(
                "Language of the scenes (both), and of messages.", "场景的语言（默认 both），也是消息的语言。"
            ),
        ),
    ] = None,
    no_ocr: Annotated[
        bool,
        typer.Option(
            "--no-ocr",
            help=tr(
                "Never give the model what OCR reads in the pictures.",
                "不把 OCR 从图片中读到的文字交给模型。",
            ),
        ),
    ] = False,
    folder: Annotated[
        Path | None,
        typer.Option(
            "--folder",
            metavar=tr("FOLDER", "文件夹"),
            help=tr("Your own pictures, instead of scenes.", "用您自己的图片代替场景。"),
        ),
    ] = None,
    questions: Annotated[
        Path | None,
        typer.Option(
            "--questions",
            metavar=tr("FILE", "文件"),
            help=tr(
                "A JSON object a line: file, question, expected, match (FOLDER/questions.jsonl).",
                "每行一个 JSON 对象：file、question、expected、match（默认 文件夹/questions.jsonl）。",
            ),
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            metavar=tr("FOLDER", "文件夹"),
            help=tr(
                "Folder for eval.json, eval.csv (every answer) and eval.svg.",
                "eval.json、eval.csv（每个回答）和 eval.svg 的输出文件夹。",
            ),
        ),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help=tr("End with one JSON line.", "最后输出一行 JSON。"))
    ] = False,
    quick: Annotated[
        bool,
        typer.Option("--quick", help=tr("Few scenes, short test of memory.", "少量场景，简短的内存测试。")),
    ] = False,
) -> None:
    """Check everything that can be checked, then ask."""
    settings = load_settings(
        model=None if endpoint is not None else model,
        mmproj=mmproj,
        api_key=api_key,
        language=None if language == "both" else language,
    )
    _refuse(
        {
            "--families": families,
            "--kinds": kinds,
            "--scenes": scenes,
            "--split": split,
            "--seed": seed,
            "--quick": quick or None,
        }
        if folder is not None
        else {"--questions": questions},
        tr("it is for scenes, not for --folder", "它用于场景，不能与 --folder 同用")
        if folder is not None
        else tr("it goes with --folder", "它须与 --folder 同用"),
    )
    if endpoint is not None:
        _refuse(
            {"--no-ocr": no_ocr or None, "--mmproj": mmproj},
            tr("the server decides that", "这由服务决定"),
        )
    else:
        _refuse({"--api-key": api_key}, tr("it goes with --endpoint", "它须与 --endpoint 同用"))

    from jianwei.evals import memory
    from jianwei.evals.main import Server, run

    code = run(
        settings,
        plan=None
        if folder is not None
        else _plan(families, kinds, scenes, split, seed, language, quick=quick),
        questions=(folder, questions or folder / "questions.jsonl") if folder is not None else None,
        server=Server(endpoint, model, settings.api_key, timeout) if endpoint is not None else None,
        ocr=not no_ocr,
        rounds=memory.QUICK_ROUNDS if quick else memory.ROUNDS,
        out=out,
        as_json_line=as_json,
    )
    raise typer.Exit(code)


def _plan(
    families: str | None,
    kinds: str | None,
    scenes: int | None,
    split: Literal["test", "train"] | None,
    seed: int | None,
    language: Literal["zh", "en", "both"] | None,
    *,
    quick: bool,
) -> Plan:
    """The scenes that the flags name.

    Raises:
        InputError: there is no such family.
    """
    from jianwei.evals.scenes_task import Plan
    from jianwei.scenes.families import FAMILIES

    names = _listed(families) if families is not None else tuple(FAMILIES)
    for name in names:
        if name not in FAMILIES:
            there = Phrase(f"there are {', '.join(FAMILIES)}", f"可选 {'、'.join(FAMILIES)}")
            raise InputError("bad_value", name="--families", got=name, reason=there)
    return Plan(
        families=tuple(dict.fromkeys(names)),
        scenes=scenes or (QUICK_SCENES if quick else SCENES),
        split=split or "test",
        seed=seed or 0,
        languages=("zh", "en") if language in (None, "both") else (language,),
        kinds=_listed(kinds) if kinds is not None else None,
    )


def _listed(names: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in names.split(","))


def _refuse(given: dict[str, object], reason: str) -> None:
    """Refuse flags that mean nothing beside the others; None: not given."""
    for flag, value in given.items():
        if value is not None:
            raise CommandError(
                "usage",
                tr(f"{flag} cannot be used here: {reason}.", f"此处不能使用 {flag}：{reason}。"),
                tr("See `jianwei eval --help`.", "见 `jianwei eval --help`。"),
            )
