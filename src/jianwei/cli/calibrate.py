"""``jianwei calibrate``: find the attention heads whose heat map shows where an answer comes from."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from jianwei.cli import options
from jianwei.cli.help import Command
from jianwei.cli.output import CommandError, busy, say, write
from jianwei.cli.settings import load_settings
from jianwei.cli.text import columns, tr

if TYPE_CHECKING:
    from jianwei.evals.attention_task import Measure

SCENES = 40
TEST_SCENES = 40


def register(app: typer.Typer) -> None:
    """Add the command to ``app``."""
    app.command(
        "calibrate",
        cls=Command,
        help=tr(
            "Find the attention heads that look where the answer is, on drawn scenes, and keep them beside the "
            "model as heads.json: heat maps are made from them. Then judge their map on scenes of the test split.",
            "在绘制的场景上找出会注视答案所在位置的注意力头，并以 heads.json 保存在模型旁边，供热力图使用；"
            "随后在测试集场景上评估热力图。",
        ),
        epilog="jianwei calibrate\njianwei calibrate --model qwen3-vl-2b --scenes 20",
    )(calibrate)


def calibrate(
    *,
    model: Annotated[str | None, options.model()] = None,
    mmproj: Annotated[Path | None, options.mmproj()] = None,
    scenes: Annotated[
        int,
        typer.Option(
            "--scenes",
            metavar="N",
            min=1,
            help=tr(f"Scenes of the train split ({SCENES}).", f"训练集场景数（{SCENES}）。"),
        ),
    ] = SCENES,
    test_scenes: Annotated[
        int,
        typer.Option(
            "--test-scenes",
            metavar="N",
            min=0,
            help=tr(
                f"Scenes of the test split to judge by; 0: none ({TEST_SCENES}).",
                f"用于评估的测试集场景数；0 表示不评估（{TEST_SCENES}）。",
            ),
        ),
    ] = TEST_SCENES,
    dry_run: Annotated[
        bool,
        typer.Option(
            "--dry-run", help=tr("Judge the heads already kept; write nothing.", "只评估已保存的头，不写入。")
        ),
    ] = False,
    deletion: Annotated[
        bool,
        typer.Option(
            "--deletion",
            help=tr(
                "Also blur what the map shows, and see whether right answers are lost (three times as long).",
                "另将热力图所示处模糊，看正确回答是否丢失（耗时约三倍）。",
            ),
        ),
    ] = False,
    language: Annotated[Literal["zh", "en"] | None, options.language()] = None,
) -> None:
    """Load the model with all its heads, ask, choose, write, judge."""
    settings = load_settings(model=model, mmproj=mmproj, language=language)
    from jianwei.evals import attention_task
    from jianwei.evidence.attention import HEADS_FILE, read_heads
    from jianwei.pipeline import VisionModel

    with busy(tr(f"Loading the model “{settings.model}” …", f"正在加载模型“{settings.model}”……")):
        loaded = VisionModel(settings=settings, heads="all")
    try:
        shape = loaded.decoder.config
        if dry_run:
            heads = read_heads(loaded.language_file, shape.layers, shape.heads)
        else:
            with busy(tr("Asking about scenes …", "正在就场景提问……")):
                heads, n_right = attention_task.calibrate(loaded, scenes)
            if not heads.chosen:
                raise CommandError(
                    "not_calibrated",
                    tr(
                        "The model answered none of the scenes' questions rightly.",
                        "模型没有答对任何一个场景问题。",
                    ),
                    tr("Try more scenes with --scenes.", "请用 --scenes 增加场景数。"),
                    1,
                )
            target = loaded.language_file.with_name(HEADS_FILE)
            target.write_text(heads.to_json(loaded.language_file.name), encoding="utf-8")
            say(tr(f"{n_right} right answers; written: {target}", f"{n_right} 个正确回答；已写入 {target}"))
        names = ", ".join(f"{head.layer}.{head.head}" for head in heads.chosen)
        write(tr(f"Heads (layer.head): {names}\n", f"注意力头（层.头）：{names}\n"))
        if test_scenes:
            with busy(tr("Judging on test scenes …", "正在用测试集场景评估……")):
                measures, asked = attention_task.evaluate(loaded, heads, test_scenes)
            _print(measures, asked)
        if test_scenes and deletion:
            from jianwei.evals.deletion import evaluate_deletion

            with busy(tr("Blurring and asking again …", "正在模糊并重新提问……")):
                lost = evaluate_deletion(loaded, heads, test_scenes).rows()
            names = (
                tr("right answers lost, hottest 10% blurred", "模糊最热的 10% 后丢失的正确回答"),
                tr("right answers lost, random 10% blurred", "模糊随机的 10% 后丢失的正确回答"),
            )
            for name, (share, low, high) in zip(names, lost, strict=True):
                write(f"{name}: {share:.0%} ({low:.0%}–{high:.0%})\n")
    finally:
        loaded.close()


def _print(measures: list[Measure], asked: int) -> None:
    """The table of figures."""
    write(tr(f"{asked} questions about test scenes\n", f"共 {asked} 个测试集问题\n"))
    rows = [
        (
            tr("map of", "热力图"),
            tr("answers", "回答数"),
            tr("hottest point in the box", "最热点落在框内"),
            tr("95%", "95%"),
            tr("energy over uniform", "框内能量/均匀"),
        )
    ]
    for measure in measures:
        low, high = measure.interval
        rows.append(
            (
                tr(*measure.name),
                str(len(measure.hits)),
                f"{measure.pointing:.0%}",
                f"{low:.0%}–{high:.0%}",
                f"{measure.energy:.1f}",
            )
        )
    for line in columns(rows):
        write(line + "\n")
