"""What this machine can do with Jianwei, what is broken, and the way out. All is measured, nothing guessed.

Each check is on its own: one that cannot be carried out on an odd machine says so, and the others go on.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from jianwei.doctor import hardware, software
from jianwei.doctor.check import Check, Finding, Status
from jianwei.errors import Phrase

if TYPE_CHECKING:
    from jianwei.config import Settings

__all__ = ["Check", "Status", "diagnose"]


def diagnose(settings: Settings, *, thorough: bool = False) -> list[Check]:
    """Examine this machine and this installation; takes a few seconds.

    Args:
        settings: which model, where models lie, which port.
        thorough: also read every fetched model through and compare its SHA-256 (seconds a gigabyte).
    """
    checks: list[tuple[str, Phrase, Callable[[Settings], Finding]]] = [
        ("python", Phrase("Python", "Python"), software.python),
        ("cpu", Phrase("Processor", "处理器"), hardware.cpu),
        ("memory", Phrase("Memory", "内存"), hardware.memory),
        ("disk", Phrase("Disk", "磁盘"), hardware.disk),
        ("home", Phrase("Data folder", "数据文件夹"), hardware.home),
        ("shared_memory", Phrase("Shared memory", "共享内存"), hardware.shared_memory),
        ("port", Phrase("Port", "端口"), hardware.port),
        ("openvino", Phrase("OpenVINO", "OpenVINO"), software.openvino),
        ("ocr", Phrase("Text recognition", "文字识别"), software.ocr),
        ("pictures", Phrase("Picture formats", "图片格式"), software.pictures),
        ("builtin_model", Phrase("Built-in model", "内置模型"), software.builtin_model),
        ("models", Phrase("Fetched models", "已下载的模型"), lambda s: software.fetched_models(s, thorough)),
        ("model", Phrase("Chosen model", "所选模型"), software.chosen_model),
    ]
    return [_carry_out(name, title, check, settings) for name, title, check in checks]


def _carry_out(name: str, title: Phrase, check: Callable[[Settings], Finding], settings: Settings) -> Check:
    try:
        found = check(settings)
    except Exception as error:  # whatever is odd here must not hide what the other checks find
        kind = type(error).__name__
        found = Finding("warn", Phrase(f"It could not be examined ({kind}).", f"无法检查（{kind}）。"))
    return Check(name, title, found.status, found.sentence, found.fix, found.data)
