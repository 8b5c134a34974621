# ruff: noqa: E501 - tables of words
"""Figures for charts: what was counted, in which unit, for whom, and how it went."""

from __future__ import annotations

import math
from dataclasses import dataclass
from random import Random
from typing import Literal

from jianwei.scenes import palette, words
from jianwei.scenes.scene import Language, Split

ChartKind = Literal["bar", "line", "pie", "table"]
Trend = Literal["up", "down", "flat"]


@dataclass(frozen=True)
class Chart:
    """What a chart shows.

    Attributes:
        kind: how it is drawn.
        title: above it.
        names: of the categories, or of the rows of a table.
        values: one for each name; of a table, one row for each name.
        columns: of a table: the names of its columns after the first.
        measure: what was measured ("Sales"): name of the value axis.
        unit: of the values.
        across: name of the category axis or of the first column.
        trend: of a line.
        colours: of the bars or slices, by name; one for a line.
        printed: whether each value stands beside its mark.
    """

    kind: ChartKind
    title: str
    names: tuple[str, ...]
    values: tuple[tuple[int, ...], ...]
    columns: tuple[str, ...]
    measure: str
    unit: str
    across: str
    trend: Trend | None
    colours: tuple[str, ...]
    printed: bool

    @property
    def series(self) -> tuple[int, ...]:
        """The values of a chart that is no table."""
        return tuple(row[0] for row in self.values)


_SUBJECTS: dict[Split, dict[Language, tuple[tuple[str, str, int], ...]]] = {
    "train": {
        "zh": (
            *(("销量", "件", 800), ("产量", "吨", 500), ("访问量", "次", 9000), ("气温", "℃", 40), ("人数", "人", 120), ("销售额", "万元", 300)),
            *(("利润", "万元", 500), ("订单量", "单", 2000), ("重量", "千克", 300), ("长度", "米", 200), ("面积", "平方米", 900), ("会员数", "位", 500)),
            *(("借阅量", "册", 300), ("客流量", "人次", 2000), ("里程", "公里", 800), ("学习时长", "小时", 40), ("速度", "千米/时", 120), ("身高", "厘米", 190)),
            *(("房价", "元/平方米", 9000), ("票房", "亿元", 60), ("通话", "分钟", 600), ("流量", "GB", 200), ("用水量", "吨", 90), ("湿度", "%RH", 90)),
            *(("播放量", "万次", 700), ("种植", "亩", 400), ("养殖", "头", 300), ("来电", "通", 250), ("包裹", "包", 900), ("缺勤", "天", 30), ("得票", "票", 800)),
            *(("成本", "千元", 600), ("体重", "公斤", 95), ("心率", "次/分", 180), ("降雪", "厘米", 60), ("印数", "本", 5000), ("车辆", "辆", 700), ("船只", "艘", 80)),
        ),
        "en": (
            *(("Sales", "units", 800), ("Output", "tons", 500), ("Visits", "times", 9000), ("Temperature", "°C", 40), ("Staff", "people", 120), ("Revenue", "k$", 300)),
            *(("Profit", "M$", 500), ("Orders", "pcs", 2000), ("Weight", "kg", 300), ("Length", "m", 200), ("Area", "sq m", 900), ("Members", "persons", 500)),
            *(("Loans", "books", 300), ("Guests", "heads", 2000), ("Distance", "km", 800), ("Study time", "hours", 40), ("Speed", "km/h", 120), ("Height", "cm", 190)),
            *(("House price", "$/sq m", 9000), ("Box office", "m EUR", 60), ("Calls", "minutes", 600), ("Traffic", "GB", 200), ("Water use", "litres", 90), ("Humidity", "%RH", 90)),
            *(("Plays", "thousands", 700), ("Crops", "acres", 400), ("Livestock", "head", 300), ("Parcels", "packs", 900), ("Absence", "days", 30), ("Votes", "ballots", 800)),
            *(("Cost", "k EUR", 600), ("Heart rate", "bpm", 180), ("Snow", "in", 60), ("Print run", "copies", 5000), ("Cars", "vehicles", 700), ("Ships", "vessels", 80)),
        ),
    },
    "test": {
        "zh": (("降雨量", "毫米", 260), ("库存", "箱", 1200), ("用电量", "度", 4000), ("投诉", "起", 90), ("运费", "元", 700)),
        "en": (("Rainfall", "mm", 260), ("Stock", "boxes", 1200), ("Power use", "kWh", 4000), ("Complaints", "cases", 90), ("Freight", "USD", 700)),
    },
}  # fmt: skip

_GROUPS: dict[Language, tuple[tuple[str, str, tuple[str, ...]], ...]] = {
    "zh": (
        ("部门", "各部门", ("研发部", "市场部", "财务部", "人事部", "客服部", "采购部", "生产部")),
        ("城市", "各城市", ("北京", "上海", "广州", "成都", "武汉", "西安", "南京", "青岛")),
        ("门店", "各门店", ("东门店", "西湖店", "南站店", "北苑店", "中心店", "大学店")),
    ),
    "en": (
        ("Team", "by team", ("Design", "Support", "Finance", "Legal", "Testing", "Research")),
        ("City", "by city", ("London", "Boston", "Sydney", "Dublin", "Toronto", "Oxford", "Miami")),
        ("Store", "by store", ("East", "West", "North", "South", "Central", "Airport")),
    ),
}
_TIMES: dict[Language, tuple[tuple[str, str, tuple[str, ...]], ...]] = {
    "zh": (
        ("月份", "月度", tuple(f"{month}月" for month in range(1, 13))),
        ("年份", "年度", tuple(str(year) for year in range(2014, 2026))),
        ("星期", "每日", ("周一", "周二", "周三", "周四", "周五", "周六", "周日")),
    ),
    "en": (
        (
            "Month",
            "by month",
            ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
        ),
        ("Year", "by year", tuple(str(year) for year in range(2014, 2026))),
        ("Day", "by day", ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")),
    ),
}
_TITLED: dict[Language, tuple[str, ...]] = {
    "zh": ("{how}{noun}", "{how}{noun}", "{how}{noun}统计图", "{noun}（{how}）", "{how}{noun}对比", "{how}{noun}一览", "图：{how}{noun}", "{noun}·{how}"),
    "en": ("{noun} {how}", "{noun} {how}", "{noun}, {how}", "{noun} ({how})", "Overview: {noun} {how}", "{noun} {how} compared", "Figure: {noun} {how}"),
}  # fmt: skip
"""How a title is put together in training: of what was counted, and for whom. In the test split as the first says."""
_SHARE: dict[Language, str] = {"zh": "占比", "en": "share"}
_COLOURS = ("red", "orange", "yellow", "green", "blue", "purple", "pink", "brown")


def chart(rng: Random, split: Split, language: Language, kind: ChartKind) -> Chart:
    """A chart of a kind with figures made up for it."""
    timed = kind == "line" or (kind != "pie" and rng.random() < 0.3)
    # Degrees are no share of anything and belong to no team.
    subjects = [
        subject for subject in _SUBJECTS[split][language] if timed or not subject[1].endswith(("℃", "°C"))
    ]
    measure, unit, most = rng.choice(subjects)
    across, how, pool = rng.choice((_TIMES if timed else _GROUPS)[language])
    if not timed and rng.random() < 0.3:
        across, how = ("商品", "各商品") if language == "zh" else ("Product", "by product")
        pool = tuple(
            dict.fromkeys(words.GOODS[language][i] for i in rng.sample(range(len(words.GOODS[language])), 7))
        )
    count = rng.randint(4, 7) if kind == "line" else rng.randint(3, 6)
    if timed:
        start = rng.randint(0, len(pool) - count)
        names = pool[start : start + count]
    else:
        names = tuple(rng.sample(pool, count))
    trend: Trend | None = None
    columns: tuple[str, ...] = ()
    if kind == "line":
        trend = rng.choice(("up", "down", "flat"))
        values = tuple((value,) for value in _trending(rng, trend, count, most))
    elif kind == "pie":
        unit = "%"
        values = tuple((value,) for value in _shares(rng, count))
    elif kind == "table":
        years = rng.randint(2016, 2022)
        columns = tuple(str(years + i) for i in range(rng.randint(2, 3)))
        if timed:
            columns = ("计划", "实际") if language == "zh" else ("Plan", "Actual")
        values = tuple(tuple(_value(rng, most) for _ in columns) for _ in names)
    else:
        values = tuple((value,) for value in _distinct(rng, count, most))
    noun = f"{measure}{_SHARE[language]}" if kind == "pie" and language == "zh" else measure
    noun = f"{measure} {_SHARE[language]}" if kind == "pie" and language == "en" else noun
    titled = rng.choice(_TITLED[language]) if split == "train" else _TITLED[language][0]
    title = titled.format(how=how, noun=noun)
    one = kind == "line" or (kind == "bar" and rng.random() < 0.4)
    colours = (rng.choice(_COLOURS),) * count if one else tuple(rng.sample(_COLOURS, count))
    printed = kind in ("pie", "table") or rng.random() < (0.4 if kind == "line" else 0.65)
    return Chart(kind, title, names, values, columns, measure, unit, across, trend, colours, printed)


def colour_of(item: Chart, index: int) -> palette.Rgb:
    """The colour of a bar or slice."""
    return palette.COLOURS[item.colours[index]][0]


def nice_ceiling(value: float) -> tuple[float, float]:
    """The end of an axis from 0 that holds ``value``, and the distance of its ticks: 1, 2 or 5 times a power of ten."""
    rough = value / 4
    power = 10 ** math.floor(math.log10(max(rough, 1e-9)))
    step = next(factor * power for factor in (1, 2, 5, 10) if factor * power >= rough)
    step = max(1.0, step)
    return math.ceil(value / step) * step, step


def _value(rng: Random, most: int) -> int:
    return max(1, round(most * rng.uniform(0.12, 1.0)))


def _distinct(rng: Random, count: int, most: int) -> list[int]:
    """Values of which the largest and the smallest can be told apart by eye."""
    while True:
        values = [_value(rng, most) for _ in range(count)]
        ordered = sorted(values)
        apart = 0.06 * most
        if ordered[-1] - ordered[-2] > apart and ordered[1] - ordered[0] > apart:
            return values


def _shares(rng: Random, count: int) -> list[int]:
    """Whole percents that add up to 100, none below 5; the largest and the smallest alone."""
    while True:
        cuts = sorted(rng.sample(range(1, 100), count - 1))
        values = [end - start for start, end in zip([0, *cuts], [*cuts, 100], strict=True)]
        ordered = sorted(values)
        if ordered[0] >= 5 and ordered[-1] - ordered[-2] >= 3 and ordered[1] - ordered[0] >= 2:
            return values


def _trending(rng: Random, trend: Trend, count: int, most: int) -> list[int]:
    if trend == "flat":
        level = most * rng.uniform(0.4, 0.9)
        return [round(level * (1 + rng.uniform(-0.02, 0.02))) for _ in range(count)]
    low, high = most * rng.uniform(0.15, 0.35), most * rng.uniform(0.7, 1.0)
    step = (high - low) / (count - 1)
    rising = [round(low + step * (i + rng.uniform(-0.3, 0.3))) for i in range(count)]
    return rising if trend == "up" else rising[::-1]
