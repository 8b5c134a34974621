"""One picture of an evaluation: a bar a share, with its interval, as SVG."""

from __future__ import annotations

from collections.abc import Sequence
from xml.sax.saxutils import escape

from jianwei.errors import Language
from jianwei.evals.tally import Row

_WIDTH = 860
_LABEL = 340
_ROW = 24
_TOP = 46
_BOTTOM = 34
_SCALE = _WIDTH - _LABEL - 90

_TITLES = {
    "en": "{model}: right answers (line: 95% interval)",
    "zh": "{model}：回答正确的比例（横线：95% 区间）",
}

_STYLE = (
    "text{font:13px system-ui,sans-serif;fill:#1b1f24}.title{font-weight:600}.value{font-weight:600}"
    ".share{fill:#2f7d5b}.spread{stroke:#1b1f24;stroke-width:2}"
    ".grid{stroke:#6b7280;stroke-dasharray:4 3}rect.paper{fill:#fff}"
    "@media(prefers-color-scheme:dark){text{fill:#e6e8eb}.spread{stroke:#e6e8eb}rect.paper{fill:#16181c}}"
)


def as_svg(rows: Sequence[Row], model: str, language: Language) -> str:
    """Bars of the rows, which are all shares from 0 to 1, with lines at 0%, 50% and 100%."""
    height = _TOP + _ROW * len(rows) + _BOTTOM
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" role="img">',
        f"<style>{_STYLE}</style>",
        f'<rect class="paper" width="{_WIDTH}" height="{height}"/>',
        f'<text class="title" x="12" y="24">{escape(_TITLES[language].format(model=model))}</text>',
    ]
    for mark in (0.0, 0.5, 1.0):
        x, bottom = _LABEL + mark * _SCALE, height - _BOTTOM + 4
        parts += [
            f'<line class="grid" x1="{x:.1f}" x2="{x:.1f}" y1="{_TOP - 4}" y2="{bottom}"/>',
            f'<text x="{x:.1f}" y="{bottom + 16}" text-anchor="middle">{mark:.0%}</text>',
        ]
    for number, row in enumerate(rows):
        top = _TOP + _ROW * number
        middle = top + _ROW / 2
        name = row.title if language == "zh" else row.name
        low, high = _LABEL + row.low * _SCALE, _LABEL + row.high * _SCALE
        parts += [
            f'<text x="{_LABEL - 10}" y="{middle + 4:g}" text-anchor="end">{escape(name)}</text>',
            f'<rect class="share" x="{_LABEL}" y="{top + 4}" width="{row.value * _SCALE:.1f}" height="{_ROW - 8}"/>',
            f'<line class="spread" x1="{low:.1f}" x2="{high:.1f}" y1="{middle:g}" y2="{middle:g}"/>',
            f'<text class="value" x="{high + 8:.1f}" y="{middle + 4:g}">{row.value:.1%}</text>',
        ]
    return "\n".join([*parts, "</svg>"]) + "\n"
