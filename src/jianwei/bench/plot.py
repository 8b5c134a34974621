"""One picture of a comparison: a bar a row, how many times better ours is than the peer, as SVG."""

from __future__ import annotations

import math
from collections.abc import Sequence
from xml.sax.saxutils import escape

from jianwei.bench.measure import Row
from jianwei.bench.table import Language

_WIDTH = 860
_LABEL = 430
_ROW = 30
_TOP = 46
_BOTTOM = 34

_TITLES = {
    "en": "Times better than llama.cpp on the same CPU (line: lowest to highest pair)",
    "zh": "同一 CPU 上相对 llama.cpp 的倍数（横线：各对中最低到最高）",
}

_STYLE = (
    "text{font:13px system-ui,sans-serif;fill:#1b1f24}.title{font-weight:600}.value{font-weight:600}"
    ".ahead{fill:#2f7d5b}.behind{fill:#b3543f}.spread{stroke:#1b1f24;stroke-width:2}"
    ".one{stroke:#6b7280;stroke-dasharray:4 3}rect.paper{fill:#fff}"
    "@media(prefers-color-scheme:dark){text{fill:#e6e8eb}.spread{stroke:#e6e8eb}rect.paper{fill:#16181c}}"
)


def as_svg(rows: Sequence[Row], language: Language) -> str:
    """Bars for the rows that have a ratio; green from 1 on."""
    shown = [(row, ratio) for row in rows if (ratio := row.ratio) is not None]
    most = max([1.0, *(ratio.high for _, ratio in shown)])
    scale = (_WIDTH - _LABEL - 70) / math.ceil(most)
    height = _TOP + _ROW * len(shown) + _BOTTOM
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" role="img">',
        f"<style>{_STYLE}</style>",
        f'<rect class="paper" width="{_WIDTH}" height="{height}"/>',
        f'<text class="title" x="12" y="24">{escape(_TITLES[language])}</text>',
    ]
    for number, (row, ratio) in enumerate(shown):
        top = _TOP + _ROW * number
        middle = top + _ROW / 2
        name = row.figure.title if language == "zh" else row.figure.name
        side = "ahead" if ratio.median >= 1 else "behind"
        low, high = _LABEL + ratio.low * scale, _LABEL + ratio.high * scale
        parts += [
            f'<text x="{_LABEL - 10}" y="{middle + 4:g}" text-anchor="end">{escape(name)}</text>',
            f'<rect class="{side}" x="{_LABEL}" y="{top + 5}" width="{ratio.median * scale:.1f}"'
            f' height="{_ROW - 10}"/>',
            f'<line class="spread" x1="{low:.1f}" x2="{high:.1f}" y1="{middle:g}" y2="{middle:g}"/>',
            f'<text class="value" x="{high + 8:.1f}" y="{middle + 4:g}">{ratio.median:.2f}</text>',
        ]
    one, bottom = _LABEL + scale, height - _BOTTOM + 4
    parts += [
        f'<line class="one" x1="{one:.1f}" x2="{one:.1f}" y1="{_TOP - 4}" y2="{bottom}"/>',
        f'<text x="{one:.1f}" y="{bottom + 16}" text-anchor="middle">1</text>',
        "</svg>",
    ]
    return "\n".join(parts) + "\n"
