# ruff: noqa: E501 - tables of wordings, one way a line
"""Pages of one to three charts and tables: titles, axes with units, values, trends, which is largest."""

from __future__ import annotations

from itertools import combinations
from random import Random

from PIL import Image as Picture

from jianwei.scenes import camera, chart_figures, fonts, palette
from jianwei.scenes.asking import Asker, Table, related, ways
from jianwei.scenes.board import Board
from jianwei.scenes.chart_drawing import KINDS, chart_label, draw_chart
from jianwei.scenes.chart_figures import Chart, ChartKind
from jianwei.scenes.palette import Rgb
from jianwei.scenes.scene import Box, Language, Question, Scene, Split
from jianwei.scenes.tabletop import photographed

ASKS: Table = {
    "value": (
        ways("{0}{1}[是多少|的值是多少|的数值是多少]？;{0}{1}[对应|]的[数|数值][是|为][几|多少]？;{0}{1}有多少？", "{0}{1}一项达到多少？;{0}{1}标示的数量？"),
        ways("What is the value [of|for] {1}{0}?;How [much|high] is {1}{0}?;What [number|figure] does {1} have{0}?", "Which figure belongs to {1}{0}?;At what level stands {1}{0}?"),
    ),
    "cell": (
        ways("{0}{1}[在|的|]{2}[是多少|的数值是多少|的值]？;{0}{1}那行{2}[那|]列[写的|]是多少？", "{0}行{1}、列{2}交叉处的数？;{0}{1}对应{2}填了几？"),
        ways("What is the {2} [value|figure] [of|for] {1}{0}?;What [stands|is] in the cell of row {1} and column {2}{0}?", "Which number is where {1} meets {2}{0}?;Under {2}, what has {1}{0}?"),
    ),
    "largest": (
        ways("{}[哪个|哪一个|哪一项]最[大|高|多]？;{}[最大|最高]的是[哪个|哪一项|什么]？", "{}居首位的是谁？;{}排名第一的一项？"),
        ways("Which [is the largest|is the highest|has the most]{}?;What is the [largest|highest] [one|category]{}?", "Which one ranks first{}?;What comes out on top{}?"),
    ),
    "smallest": (
        ways("{}[哪个|哪一个|哪一项]最[小|低|少]？;{}[最小|最低]的是[哪个|哪一项|什么]？", "{}垫底的是谁？;{}排名末位的一项？"),
        ways("Which [is the smallest|is the lowest|has the least]{}?;What is the [smallest|lowest] [one|category]{}?", "Which one ranks last{}?;What comes out at the bottom{}?"),
    ),
    "trend": (
        ways("{}[趋势|走势]是[上升、下降还是平稳|什么]？;{}[总体|整体|][是|]上升、下降还是平稳？;{}折线[怎么变化|在上升还是下降]？", "{}曲线的走向？;{}大体上怎样变动：上升、下降、平稳？"),
        ways("What is the trend{}: up, down or flat?;Does the line go up, down or stay flat{}?;[Is|Does] the [trend|curve]{} [up, down or flat|rise or fall]?", "In which direction runs the curve{}: up, down, flat?;How do the figures develop{}: up, down or flat?"),
    ),
    "chart_title": (
        ways("[这个|这张|][图|图表][的标题|的名字][是什么|叫什么|]？;[标题|图名]是什么？", "图表题名写的什么？;此图讲的题目？"),
        ways("What is the [title|name] of the [chart|figure]?;What is the chart called?", "Which heading has the figure?;Under what title is the data shown?"),
    ),
    "axis": (
        ways("{}数值轴[表示什么|是什么|的名称是什么]？;{}[数值坐标轴|数值轴]上标的是什么[量|]？", "{}轴上量的是哪种量？;{}刻度衡量的是什么？"),
        ways("What does the value axis{} [show|measure]?;What is the name of the value axis{}?", "Which quantity is plotted{}?;What do the ticks{} stand for?"),
    ),
    "unit": (
        ways("{}[单位|数值的单位]是什么？;{}用的什么单位？;{}数[值|据]以什么为单位？", "{}计量单位？;{}按哪种单位计？"),
        ways("What is the unit{}?;Which unit [is used|do the values have]{}?;In what unit are the [values|figures]{}?", "By which unit is it counted{}?;What are the numbers measured in{}?"),
    ),
    "charts": (
        ways("[这页|图中|一共]有几[个|张]图表？;[有|][多少|几]个图表？;[数一数|]图表[一共|]有几个？", "图和表合计几幅？;页面摆了几幅图表？"),
        ways("How many charts [are there|are on the page]?;Count the charts and tables.", "What is the number of figures on the page?;How many diagrams does it hold?"),
    ),
    "chart_kind": (
        ways("“{}”是[什么|哪种]图？;“{}”用的是[哪种|什么][图表|图]？", "“{}”以何种图呈现？;“{}”属于哪类图？"),
        ways('What kind of chart is "{}"?;[Which|What] type of chart shows "{}"?', 'In which form is "{}" shown?;How is "{}" plotted?'),
    ),
    "relation": (
        ways("“{0}”在“{1}”的[上方还是下方|什么方向|上下左右哪边]？;“{0}”[位于|]“{1}”的哪[边|一边]？", "以“{1}”为参照，“{0}”处在哪个方位？;“{0}”相对“{1}”摆在何处？"),
        ways('On which side of "{1}" is "{0}": left, right, above or below?;Is "{0}" left, right, above or below "{1}"?', 'Seen from "{1}", where stands "{0}": left, right, above, below?;How does "{0}" lie to "{1}": left, right, above, below?'),
    ),
    "colour": (
        ways("{0}{1}是什么颜色？;{0}{1}[用|是][什么|哪种]颜色[表示|画的]？;代表{1}的颜色是什么{0}？", "{0}{1}涂成哪种色？;{0}给{1}配的色？"),
        ways("What colou[r|r] is {1}{0}?;Which colour [stands for|shows] {1}{0}?", "Of what colour is the mark for {1}{0}?;In which tint is {1} drawn{0}?"),
    ),
    "difference": (
        ways("{0}{1}比{2}多多少？;{0}{1}和{2}[相差|差]多少？", "{0}{1}超出{2}几何？;{0}{1}减{2}得多少？"),
        ways("How much more is {1} than {2}{0}?;What is the difference between {1} and {2}{0}?", "By how much does {1} exceed {2}{0}?;What remains of {1} less {2}{0}?"),
    ),
}  # fmt: skip

_TRENDS: dict[Language, dict[str, str]] = {
    "zh": {"up": "上升", "down": "下降", "flat": "平稳"},
    "en": {"up": "up", "down": "down", "flat": "flat"},
}
_SIDES: dict[Language, dict[str, str]] = {
    "zh": {"left": "左边", "right": "右边", "above": "上方", "below": "下方"},
    "en": {"left": "left", "right": "right", "above": "above", "below": "below"},
}
_STRANGERS: dict[Language, tuple[str, ...]] = {
    "zh": ("第五季度", "海外部", "火星店", "伦敦", "税率", "总经理"),
    "en": ("Q5", "Overseas", "Mars store", "Tokyo", "Tax rate", "Chairman"),
}


def draw(rng: Random, split: Split, language: Language, size: int = 1000) -> Scene:
    """A page of charts, as a screenshot or a photo; its longer side has about ``size`` pixels."""
    items = _charts(rng, split, language)
    width, height, areas = _layout(rng, len(items), size)
    paper: Rgb = rng.choice(((255, 255, 255), (252, 252, 250), (250, 251, 254)))
    board = Board(Picture.new("RGB", (width, height), paper))
    face = fonts.pick(rng, language, split)
    for item, area in zip(items, areas, strict=True):
        draw_chart(rng, split, language, board, face, item, area)
    if rng.random() < 0.4:
        photographed(rng, split, board, rng.uniform(0.2, 0.8))
    image = camera.photograph(rng, board.canvas, rng.choice((0.0, 0.5)))
    questions = _ask(rng, split, language, board, items, areas)
    return Scene("charts", image, language, tuple(board.texts), tuple(board.objects), questions)


def _charts(rng: Random, split: Split, language: Language) -> list[Chart]:
    kinds: tuple[ChartKind, ...] = ("bar", "line", "pie", "table")
    items: list[Chart] = []
    wanted = rng.choice((1, 1, 2, 2, 3))
    while len(items) < wanted:
        item = chart_figures.chart(rng, split, language, rng.choice(kinds))
        if all(item.title not in other.title and other.title not in item.title for other in items):
            items.append(item)
    return items


def _layout(rng: Random, count: int, size: int) -> tuple[int, int, list[Box]]:
    """Width and height of the page and an area for each chart: in a row, in a column, or two and one."""
    gap = 0.03 * size
    if count == 1:
        high = size * rng.uniform(0.62, 0.78)
        return size, round(high), [(gap, gap, size - gap, high - gap)]
    if count == 2 and rng.random() < 0.5:
        high, half = size * rng.uniform(0.42, 0.5), size / 2
        return (
            size,
            round(high),
            [(gap, gap, half - gap / 2, high - gap), (half + gap / 2, gap, size - gap, high - gap)],
        )
    if count == 3 and rng.random() < 0.5:
        high, half = size * rng.uniform(0.72, 0.85), size / 2
        upper = [
            (gap, gap, half - gap / 2, high / 2 - gap / 2),
            (half + gap / 2, gap, size - gap, high / 2 - gap / 2),
        ]
        return size, round(high), [*upper, (gap, high / 2 + gap / 2, size - gap, high - gap)]
    wide = size * (rng.uniform(0.68, 0.8) if count == 2 else rng.uniform(0.52, 0.6))
    step = (size - gap) / count
    return round(wide), size, [(gap, gap + i * step, wide - gap, i * step + step) for i in range(count)]


def _side(one: Box, other: Box) -> str:
    """Where the first area lies, seen from the second; they do not overlap."""
    if one[3] <= other[1] + 1:
        return "above"
    if one[1] >= other[3] - 1:
        return "below"
    return "left" if one[0] < other[0] else "right"


def _ask(
    rng: Random, split: Split, language: Language, board: Board, items: list[Chart], areas: list[Box]
) -> tuple[Question, ...]:
    asker = Asker(rng, split, language, "charts", ASKS)
    for item in items:
        _ask_chart(rng, asker, item, _within(item, len(items), language), language)
    if len(items) == 1:
        asker.add("chart_title", items[0].title, "text")
    asker.add("count", str(len(items)), "number", way="charts")
    item = rng.choice(items)
    kinds = tuple(KINDS[language].values())
    asker.add("chart_kind", KINDS[language][item.kind], "choice", item.title, choices=kinds)
    relations: list[str] = []
    for one, other in combinations(range(len(items)), 2):
        side = _side(areas[one], areas[other])
        relations.append(
            related(chart_label(items[one], language), chart_label(items[other], language), side, language)
        )
    if len(items) > 1:
        one, other = rng.sample(range(len(items)), 2)
        side = _SIDES[language][_side(areas[one], areas[other])]
        asker.add(
            "relation",
            side,
            "choice",
            items[one].title,
            items[other].title,
            choices=tuple(_SIDES[language].values()),
        )
    asker.places(board)
    asker.present(board, _STRANGERS[language])
    asker.whole(board, relations)
    return asker.shuffled()


def _within(item: Chart, count: int, language: Language) -> str:
    """Which chart is meant, where there are several."""
    if count == 1:
        return ""
    return f"“{item.title}”中" if language == "zh" else f' in "{item.title}"'


def _ask_chart(rng: Random, asker: Asker, item: Chart, within: str, language: Language) -> None:
    names = item.names
    unit_label = "单位" if language == "zh" else "Unit"
    printed_by_name = any(stranger in names for stranger in _STRANGERS[language])
    stranger = rng.choice(_STRANGERS[language])
    if not printed_by_name:
        if item.kind == "table":
            asker.absent("cell", within, stranger, item.columns[0])
        else:
            asker.absent("value", within, stranger)
    if item.kind == "table":
        row, column = rng.randrange(len(names)), rng.randrange(len(item.columns))
        value = str(item.values[row][column])
        asker.named("cell", names[row], value, "number", within, names[row], item.columns[column])
        asker.named("unit", unit_label, item.unit, "text", within)
        return
    series = item.series
    end = chart_figures.nice_ceiling(max(series) * 1.04)[0]
    tolerance = 0.0 if item.printed else 0.03 * end
    i = rng.randrange(len(names))
    asker.named("value", names[i], str(series[i]), "number", within, names[i], tolerance=tolerance)
    if item.kind != "line":
        asker.add("largest", names[series.index(max(series))], "choice", within, choices=names)
        asker.add("smallest", names[series.index(min(series))], "choice", within, choices=names)
        large, small = (f(range(len(names)), key=lambda j: series[j]) for f in (max, min))
        gap = str(series[large] - series[small])
        asker.add("difference", gap, "number", within, names[large], names[small], tolerance=2 * tolerance)
    if item.trend is not None:
        answer = _TRENDS[language][item.trend]
        asker.add("trend", answer, "choice", within, choices=tuple(_TRENDS[language].values()))
    if item.kind != "pie":
        asker.add("axis", item.measure, "text", within, accepted=_axis_names(item))
        asker.named("unit", unit_label, item.unit, "text", within)
    if len(set(item.colours)) == len(names):
        tints = tuple(palette.colour_word(name, language) for name in palette.COLOURS)
        answer = palette.colour_word(item.colours[i], language)
        asker.add("colour", answer, "choice", within, names[i], choices=tints)


def _axis_names(item: Chart) -> tuple[str, ...]:
    """The name of the value axis with its unit, as it may be printed."""
    return f"{item.measure}（{item.unit}）", f"{item.measure} / {item.unit}"
