"""What a question is after, as far as its words tell before any model has read it."""

from __future__ import annotations

import re
from typing import NamedTuple

_QUOTED = re.compile(r"“([^”]+)”|\"([^\"]+)\"|「([^」]+)」|『([^』]+)』")
_WHERE = re.compile(
    r"在哪(?![个块栏条张行页]|一[个块栏条张行页部]|部)|哪里|哪儿|哪一处|何处|位置|什么地方|"
    r"\bwhere(?:['’]s| is| are| does| do| can| in| on| stands)\b|\b(?:spot|place|position|location)\b",
    re.IGNORECASE,
)
_IN_PICTURE = re.compile(
    r"(?:图片?|画面|照片)[中里上的]?(?:哪里|哪儿|哪一?处|何处|哪个(?:位置|地方)|什么(?:位置|地方))|"
    r"\b(?:which|what) (?:spot|place|position|part) (?:in|of|on) the (?:picture|image|photo)\b|"
    r"\b(?:which|what) spot\b|\bwhere (?:in|on) the (?:picture|image|photo)\b",
    re.IGNORECASE,
)
_MARK = re.compile(
    # 坐标轴 is an axis, 标注的价格 a price, 箱上的标记 a sign: no places are asked for.
    r"框出|框选|框住|圈(?:出|定)(?!的)|标出(?![的了价])|标注(?![的着了])|标记(?:出|一下|[“「『])|把.*标记|"
    r"定位|坐标(?!轴)|方框|边框|边界框|(?:找[出到]|指出|画出)(?:文字)?[“「『][^”」』]+[”」』](?:的?位置)?\W*$|"
    r"\b(?:bbox|bounding|coordinates?|rectangle)\b|\b(?:box|frame|outline) (?:around|round)\b|"
    # A box, a frame and a mark are also things: what is asked for is to make one.
    r"(?:^|[.!?:;,]\s*|\b(?:please|to|and|you|me|it)\s+)(?:box|mark|frame|locate|detect|point out|"
    r"outline(?! (?:the|this) (?:picture|photo|image|page|shelf)))\s+"
    r"(?:the|all|any|every|each|this|that|these|those|where|[\"“「『])|"
    r"\b(?:give|return|output|draw|put|provide|print|report)(?: me)?(?: the| a)?(?: \w+)? "
    r"(?:box|frame|outline)\b(?!['’])",
    re.IGNORECASE,
)
_BOXED = re.compile(
    r"bbox|框|圈|矩形|范围|区域|所[在处]|外接|包围|锁定|标示(?!的)|指明|指给|指一指|检测|定位|方位|"
    r"哪[块儿里]|哪个地方|位[置于]|"
    r"\b(?:(?<!on the )(?<!in the )(?<!of the )box(?:es)?(?! missing)|framed?|rectangle|corners?|bound(?:s|ed|aries)|"
    r"regions?|areas?|crop|cut out|(?:text )?locali[sz]\w*|ground(?:ing)?|spotting|encircle|locate|location|detection|"
    r"point (?:to|out|at)|pinpoint|finger on|lead me|zoom in|single out|select|highlight|outline|position|pixels?)\b",
    re.IGNORECASE,
)
_SOMEWHERE = re.compile(r"\bwhere(?:abouts)?\b", re.IGNORECASE)
_FOUND = re.compile(
    r"(?:找[到出]|寻找|标[出明]|指出)(?:文[字本]|字样|字串|这[几行]?个?字)?$|"
    r"(?:^|[.:,;?!]|\b(?:please|to|and|kindly|just|the|me|its?|their|you))\s*"
    r"(?:detect|spot|mark)(?: the)?(?: (?:text|words?|writing|line|string|phrase|lettering))?$",
    re.IGNORECASE,
)
"""What asks for a place right before a text."""
_WHETHER = re.compile(
    r"[吗么]|有没有|是否|能否找|能不能找|可否找|有无|不能|"
    r"(?:^|[.:,])\s*(?:is|are|was|were)\b|\b(?:missing|do(?:es)?|did|has|have|(?:can|could|would) (?:one|any\w*|you) "
    r"(?:detect|spot|find|see))\b",
    re.IGNORECASE,
)
_ELSE = re.compile(
    r"分区|[哪那]一?区(?!域)|归|板块|栏|标题|签|章|颜色|最|[左右上下偏](?:边|方|面|侧|看)|"
    r"\b(?:panels?|sections?|headings?|cards?|blocks?|meets?|numbers?|largest|smallest|sign\w*|stamp\w*|colou?rs?|"
    r"left|right|above|below|beneath|under)\b",
    re.IGNORECASE,
)
"""What asks for something else of a text than its place."""

_LOOKS = re.compile(
    # A colour's own name asks for none: how many red ticks (红色的勾) are there?
    r"(?<![红橙黄绿蓝紫粉棕黑灰白特角货出成])色|形状|什么形|\b(?:colou?r(?:s|ed)?|tint(?:s|ed)?|hues?|shade[sd]?|painted|shape[sd]?)\b",
    re.IGNORECASE,
)
_COUNT = re.compile(
    r"(?:几|多少)(?!个大?字)[个处只张根条枚种件道]|[个数]数|数一数|数量|"
    r"\bhow many\b|"
    r"\b(?:count|number) of\b(?! th(?:e|is) (?:document|sheet|paper|page|form|invoice|receipt|contract|order)\b)|"
    r"\bcount (?:the|all|every|how)\b",
    re.IGNORECASE,
)

_SCALE = re.compile(
    r"单位|计量|[轴刻]|按什么计|衡量|度量|量[词纲度]|统计的?(?:内容|指标|数据|是|量)|比较的?[是量]|[展显]示的是|"
    r"\b(?:units?|ax[ei]s|ticks?|scale|measured?|plotted|(?:counted|given|expressed|stated|quoted) in|"
    r"(?:figures|values|numbers|data) (?:in|count)|dimension|yardstick|chart (?:represents|stands for|shows))\b",
    re.IGNORECASE,
)
_UNIT = re.compile(
    r"单位|(?:以|按|用|拿|论)(?:的是)?(?:什么|哪|啥|何).{0,4}(?:[计量算数]|为准)|什么计|度量用|量[词纲度]|"
    r"计量|[论以照](?:什么|啥|何).{0,2}卖|每(?:什么|啥)|一什么|按[件个盒斤].*[按还]|怎么计价|[卖算]法|一份价|对应的规格|"
    r"\b(?:units?|(?:measured|counted|given|expressed|stated|quoted) in(?! [\"“])|"
    r"(?:what|which) (?:measure|quantity(?!.*\b(?:ax[ei]s|plotted|shown|drawn|charted|counted|along)\b))|dimension|"
    r"yardstick|kind of measure|(?:figures|values|numbers|data) (?:in(?! [\"“])|count)|measure (?:of|in)|"
    r"per (?:what|which)|sold (?:per|by)|by what(?! (?:date|day|title|label|name))|is for how much|"
    r"by (?:the )?(?:piece|weight|box)|"
    r"per (?:box|pack|kilo)\b.* or|how much of)\b",
    re.IGNORECASE,
)
_MOST = re.compile(
    r"最[大高多长]|第一|居首|首位|领先|冠军|"
    r"\b(?:most|largest|highest|biggest|greatest|first|top|maximum|leads?|leading|tallest|longest)\b",
    re.IGNORECASE,
)
_LEAST = re.compile(
    r"最[小低少短末]|末位|垫底|倒数|\b(?:least|smallest|lowest|fewest|last|bottom|minimum|shortest)\b",
    re.IGNORECASE,
)
_RANK = re.compile(r"排[名在]|\b(?:ranks?|ranked)\b", re.IGNORECASE)
_SIDE = re.compile(
    r"[左右]|[上下](?:方|面|边|层|还是)|哪一?[边侧头]|哪个?方[向位]|方位|何处|哪里|何方|"
    r"\b(?:left|right|above|below|beneath|under|underneath|over|higher|lower|upper|side|direction|way|place)\b|"
    r"\bwhere (?:is|are|does|stands|lies)\b|\b(?:relative|respect) to\b|\bbefore or after\b",
    re.IGNORECASE,
)
_HEADING = re.compile(
    r"标题|板块|面板|区块|分区|[哪那]一?[块栏部个](?:分|标|板|区|里|下)?|归[在属到]|属于|"
    r"\b(?:headings?|panels?|sections?|cards?|blocks?|groups?|which part|belongs?|listed under|filed)\b",
    re.IGNORECASE,
)
_STAMP = re.compile(
    r"印[章戳记鉴]|[盖公图私]章|盖印|[红用圆]过?印|\b(?:stamp(?:s|ed)?|seal(?:s|ed)?)\b", re.IGNORECASE
)
_BUTTON = re.compile(
    r"按钮|按键|[那个]键|点[哪击按]|可[点按]|\b(?:buttons?|tap(?:ped)?|press(?:ed)?|click(?:ed)?|push(?:ed)?)\b",
    re.IGNORECASE,
)
_QUANTITY = re.compile(r"(?:几|多少)[份瓶盒袋包杯]|[件份]数|\b(?:how often|quantity|pieces)\b", re.IGNORECASE)
"""Beside what ``_COUNT`` has: goods are counted by their packages."""
_SORTS = re.compile(
    r"[几多少][种款样]|[种款]数|品种|种类|不同的|"
    r"\b(?:distinct|different|sorts?|kinds?|types?|(?:how many|number of) (?:articles|items|products|goods|lines))\b",
    re.IGNORECASE,
)
_PART = re.compile(
    r"哪(?![种类样])|何处|什么(?:位置|地方|部位)|部位|位置|方位|"
    r"\b(?:where(?:abouts)?|location|located|position|spot|place|corner|area|region|"
    r"(?:which|what) (?:part|side|end|edge))\b",
    re.IGNORECASE,
)
_YES_OR_NO = re.compile(
    r"吗|是否|是不是|有没有|[对好]不|没有?\W*$|"
    r"(?:^|[.,:!?] ?)\s*(?:is|are|was|were|does|do|did|has|have)\b|\b(?:whether|right or wrong)\b",
    re.IGNORECASE,
)
_AND_WHAT = re.compile(
    r"(?:[吗没]|(?:有没有|是否)[^?？,，]*)[?？,，].*(?:什么|多少|[啥几])|\?.*\bwhat\b", re.IGNORECASE
)
_ALL = re.compile("json", re.IGNORECASE)
_DAMAGE = re.compile(
    r"[破损坏伤裂瘪凹撕磕]|瑕疵|缺陷|完好|怎么了|(?:什么|有|没)问题|洞|"
    r"\b(?:damag\w+|torn|tears?|ripped|dent\w*|harm\w*|crushed|(?:un)?broken|intact|unhurt|defect\w*|flaw\w*|"
    r"wreck\w*|holes?|wrong with|what happened)\b",
    re.IGNORECASE,
)


def asks_for_place(question: str) -> bool:
    """Whether it asks where in the picture something stands: for its box, or where a text between quotes is.

    "Where" alone is not enough: where a shop lies is printed in the picture and no place in it; and where one text
    stands to another asks for a side.
    """
    if _MARK.search(question) or _IN_PICTURE.search(question):
        return True
    texts = quoted(question)
    if len(texts) != 1:
        return False
    if _WHERE.search(question):
        return True
    before = question[: texts[0].start].rstrip()
    around = f"{before} {question[texts[0].end :]}"
    if _ELSE.search(around):
        return False
    if _SOMEWHERE.search(around):
        return True
    return not _WHETHER.search(around) and bool(_BOXED.search(around) or _FOUND.search(before))


def asks_for_looks(question: str) -> bool:
    """Whether it asks for a colour or a shape."""
    return _LOOKS.search(question) is not None


def asks_for_count(question: str) -> bool:
    """Whether it asks how many there are of something."""
    return _COUNT.search(question) is not None


def asks_for_quantity(question: str) -> bool:
    """Whether it asks how much of an article there is, in other words than ``asks_for_count`` knows."""
    return _QUANTITY.search(question) is not None


def asks_for_scale(question: str) -> bool:
    """Whether it asks what is measured, or in which unit."""
    return _SCALE.search(question) is not None


def asks_for_unit(question: str) -> bool:
    """Whether it asks for the unit of what is measured, where it asks for a scale."""
    return _UNIT.search(question) is not None


def asks_for_extreme(question: str) -> tuple[bool, bool]:
    """Whether it may ask which one is largest, and whether which one is smallest."""
    most, least = _MOST.search(question) is not None, _LEAST.search(question) is not None
    ranked = not most and not least and _RANK.search(question) is not None
    return most or ranked, least or ranked


def asks_for_heading(question: str) -> bool:
    """Whether it asks in which part of a page something stands."""
    return _HEADING.search(question) is not None


def asks_for_button(question: str) -> bool:
    """Whether it asks for what can be pressed on a screen."""
    return _BUTTON.search(question) is not None


def asks_for_sorts(question: str) -> bool:
    """Whether it may ask how many different articles there are."""
    return _SORTS.search(question) is not None


def asks_for_part(question: str) -> bool:
    """Whether it asks at which part of a thing something is."""
    return _PART.search(question) is not None


def asks_for_all(question: str) -> bool:
    """Whether it asks for the whole picture as JSON."""
    return _ALL.search(question) is not None


def asks_for_side(question: str) -> bool:
    """Whether it may ask how two things lie to each other."""
    return _SIDE.search(question) is not None


def asks_for_stamp(question: str) -> bool:
    """Whether it asks for a stamp."""
    return _STAMP.search(question) is not None


def asks_for_damage(question: str) -> bool:
    """Whether it asks what is broken, or whether anything is."""
    return _DAMAGE.search(question) is not None


def asks_whether(question: str) -> bool:
    """Whether yes or no may be the answer: not where it goes on to ask what it is."""
    return _YES_OR_NO.search(question) is not None and not asks_and_what(question)


def asks_and_what(question: str) -> bool:
    """Whether it asks first whether something is there, and then what it is."""
    return _AND_WHAT.search(question) is not None


class Quotation(NamedTuple):
    """A text between quotation marks: with them it is ``question[start:end]``."""

    text: str
    start: int
    end: int


def quoted(question: str) -> list[Quotation]:
    """What stands between quotation marks, in order."""
    return [
        Quotation(next(filter(None, found.groups())), found.start(), found.end())
        for found in _QUOTED.finditer(question)
    ]
