"""``jianwei calibrate``: find the attention heads whose heat map shows where an answer comes from."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from jianwei.cli import options
from jianwei.cli.help import Command
from jianwei.cli.output import CommandError, busy, say, write
from jianwei.cli.settings import load_settings
from jianwei.cli.text import columns, tr

if TYPE_CHECKING:
    from jianwei.evals.attention_cases import CaseKind
    from jianwei.evals.attention_task import Found, Measure
    from jianwei.evidence.attention import Heads
    from jianwei.pipeline import VisionModel

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
                "Also blur what the map shows, and see how much less likely right answers become (five times as long).",
                "另将热力图所示处模糊，看正确回答的概率下降多少（耗时约五倍）。",
            ),
        ),
    ] = False,
    kind: Annotated[
        Literal["text", "pixels"] | None,
        typer.Option(
            "--kind",
            metavar="text|pixels",
            help=tr(
                "Only the heads for printed text, with what OCR read, or only those for pixels alone (both).",
                "只处理印刷文字（附 OCR 结果）的注意力头，或只处理仅凭像素的注意力头（默认两者）。",
            ),
        ),
    ] = None,
    language: Annotated[Literal["zh", "en"] | None, options.language()] = None,
) -> None:
    """Load the model with all its heads, ask, choose, write, judge."""
    settings = load_settings(model=model, mmproj=mmproj, language=language)
    from jianwei.evals import attention_task
    from jianwei.evidence.attention import HEADS_FILE, read_heads
    from jianwei.pipeline import VisionModel

    kinds: tuple[CaseKind, ...] = ("text", "pixels") if kind is None else (kind,)
    with busy(tr(f"Loading the model “{settings.model}” …", f"正在加载模型“{settings.model}”……")):
        loaded = VisionModel(settings=settings, heads="all")
    try:
        shape = loaded.decoder.config
        heads = read_heads(loaded.language_file, shape.layers, shape.heads)
        if not dry_run:
            for each in kinds:
                with busy(tr("Asking about scenes …", "正在就场景提问……")):
                    found = attention_task.calibrate(loaded, each, scenes)
                heads = _with(heads, each, found)
            target = loaded.language_file.with_name(HEADS_FILE)
            target.write_text(heads.to_json(loaded.language_file.name), encoding="utf-8")
            say(tr(f"written: {target}", f"已写入 {target}"))
        for each in kinds:
            _judge(loaded, heads, each, test_scenes, deletion)
    finally:
        loaded.close()


def _with(heads: Heads, kind: CaseKind, found: Found) -> Heads:
    """The heads with what was found in place of those for this kind.

    Raises:
        CommandError: nothing was found for text, so that there is nothing to keep.
    """
    names = {"text": tr("printed text", "印刷文字"), "pixels": tr("pixels", "像素")}
    say(tr(f"{names[kind]}: {found.answers} right answers", f"{names[kind]}：{found.answers} 个正确回答"))
    if kind == "pixels":
        return replace(heads, pixels=found.heads, pixel_score=found.score if found.heads else None)
    if not found.heads:
        raise CommandError(
            "not_calibrated",
            tr("The model answered none of the scenes' questions rightly.", "模型没有答对任何一个场景问题。"),
            tr("Try more scenes with --scenes.", "请用 --scenes 增加场景数。"),
            1,
        )
    return replace(heads, chosen=found.heads, calibrated=True, score=found.score)


def _judge(model: VisionModel, heads: Heads, kind: CaseKind, scenes: int, deletion: bool) -> None:
    """Print how good the map is on scenes of the test split."""
    from jianwei.evals import attention_task
    from jianwei.evals.deletion import evaluate_deletion

    chosen = heads.pixels or heads.chosen if kind == "pixels" else heads.chosen
    names = ", ".join(f"{head.layer}.{head.head}" for head in chosen)
    title = {"text": tr("Printed text", "印刷文字"), "pixels": tr("Pixels alone", "仅凭像素")}[kind]
    write(tr(f"{title}. Heads (layer.head): {names}\n", f"{title}。注意力头（层.头）：{names}\n"))
    if not scenes:
        return
    with busy(tr("Judging on test scenes …", "正在用测试集场景评估……")):
        measures, asked = attention_task.evaluate(model, heads, kind, scenes)
    _print(measures, asked)
    if not deletion:
        return
    with busy(tr("Blurring and asking again …", "正在模糊并重新提问……")):
        done = evaluate_deletion(model, heads, kind, scenes)
    rows = (
        (
            tr(
                "hottest 10% blurred costs more log-probability than random 10%",
                "模糊最热的 10% 比模糊随机的 10% 损失更多对数概率",
            ),
            done.more,
        ),
        (tr("right answers lost, hottest 10% blurred", "模糊最热的 10% 后丢失的正确回答"), done.lost_hottest),
        (
            tr("right answers lost, random 10% blurred", "模糊随机的 10% 后丢失的正确回答"),
            done.lost_at_random,
        ),
    )
    for name, (hits, n, share, low, high) in rows:
        write(f"{name}: {share:.0%} ({hits}/{n}, {low:.0%}–{high:.0%})\n")


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
            tr("95%", "95%"),
        )
    ]
    for measure in measures:
        low, high = measure.interval
        least, most = measure.energy_interval
        rows.append(
            (
                tr(*measure.name),
                str(len(measure.hits)),
                f"{measure.pointing:.0%}",
                f"{low:.0%}–{high:.0%}",
                f"{measure.energy:.1f}",
                f"{least:.1f}–{most:.1f}",
            )
        )
    for line in columns(rows):
        write(line + "\n")
