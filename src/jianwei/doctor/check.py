"""What a check says."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from jianwei.errors import Language, Phrase

Status = Literal["ok", "warn", "fail"]


@dataclass(frozen=True)
class Finding:
    """What one check found.

    Attributes:
        status: ``ok``; ``warn``: works, but something is slower or missing; ``fail``: will not work.
        sentence: what was found.
        fix: the way out; None if there is nothing to do.
        data: what was measured, as plain JSON values; sizes in bytes.
    """

    status: Status
    sentence: Phrase
    fix: Phrase | None = None
    data: dict[str, Any] = field(default_factory=dict[str, Any])


@dataclass(frozen=True)
class Check:
    """One thing examined: a stable ``name`` for machines, a ``title`` for people, and what was found."""

    name: str
    title: Phrase
    status: Status
    sentence: Phrase
    fix: Phrase | None = None
    data: dict[str, Any] = field(default_factory=dict[str, Any])

    def text(self, language: Language = "en") -> str:
        """What was found, in ``language``."""
        return self.sentence.zh if language == "zh" else self.sentence.en

    def way_out(self, language: Language = "en") -> str:
        """What to do about it, in ``language``; empty if nothing."""
        if self.fix is None:
            return ""
        return self.fix.zh if language == "zh" else self.fix.en

    def to_dict(self) -> dict[str, Any]:
        """As plain JSON values, in both languages."""
        return {
            "name": self.name,
            "status": self.status,
            "title": self.title._asdict(),
            "sentence": self.sentence._asdict(),
            "fix": None if self.fix is None else self.fix._asdict(),
            "data": self.data,
        }


def size_text(n_bytes: int) -> str:
    """``n_bytes`` for people; MB and GB are 2**20 and 2**30 bytes."""
    return f"{n_bytes / 2**30:.1f} GB" if n_bytes >= 2**30 else f"{n_bytes / 2**20:.0f} MB"
