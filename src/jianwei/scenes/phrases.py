"""Patterns from which the training questions are made: thousands of ways to say one thing.

``[a|b|]`` stands for one of its alternatives, ``{}`` for what is asked about. The test split never draws from
here, and what a pattern gives is drawn again when it happens to be a wording of the test split.
"""

# ruff: noqa: E501 - tables of words, one pattern a line
from __future__ import annotations

import re
from random import Random

from jianwei.scenes.scene import Language

_CHOICE = re.compile(r"\[([^\[\]]*)\]")

_HERE_ZH = "[图上|图中|图里|图片里|图片中|这张图|照片里|画面里|这上面|单子上|纸上|这里||||]"
_SAID_ZH = "[写了什么|写的是什么|写着什么|写的什么|是什么|是啥|写的啥|印着什么|印了什么|有什么字|是什么字|是什么内容|的内容是什么|怎么写的|说的是什么|显示什么]"
_END_ZH = "[？|？|?||。|呢？|呀？]"
_END_EN = "[?|?|?|.||]"
_HERE_EN = "[| in the picture| in the image| here| on it| on the sheet| in this photo|]"

PATTERNS: dict[Language, dict[str, tuple[str, ...]]] = {
    "zh": {
        "first": (
            f"{_HERE_ZH}[最上面|最上方|最顶上|顶部|顶端|上方第一行|开头|抬头|最前面|最上头|第一行|首行|最上边|上面第一行|最开始][一行|那一行|那行|的一行|的那行|的字|的文字|的地方|处||||]{_SAID_ZH}{_END_ZH}",
            "[读|念|写出|告诉我|看看|说出|给出|我要|读一下|读出|提取|识别|抄一下][第一行|最上面一行|最上面那行字|开头的字|抬头|顶部的文字|标题|首行|最上方的内容|最顶上那行][|的内容|的文字][|。|吧|一下]",
            "[标题|题目|抬头|大标题|表头|页眉|名头][|写的|叫什么|是什么|是啥|写了什么|写着什么|怎么写][？|?||。]",
            "[这张图|这张纸|这个单子|这页|这份东西|图片|它]的[标题|题目|抬头|第一行|开头|顶部文字][叫什么|是什么|是啥|写了什么|写的什么][？|?|]",
            "[从|][什么|哪句话|哪几个字]开头[的|][？|?]",
        ),
        "last": (
            f"{_HERE_ZH}[最下面|最下方|最底下|底部|底端|末尾|结尾|最后|最后面|最下头|最后一行|末行|尾行|最下边|页脚|落款处][一行|那一行|那行|的一行|的那行|的字|的文字|的地方|处||||]{_SAID_ZH}{_END_ZH}",
            "[读|念|写出|告诉我|看看|说出|给出|我要|读一下|读出|提取|识别|抄一下][最后一行|最下面一行|最下面那行字|结尾的字|末尾|底部的文字|末行|最下方的内容|最底下那行][|的内容|的文字][|。|吧|一下]",
            "[这张图|这张纸|这个单子|这页|图片|它]的[最后一行|结尾|末尾|底部文字|最下面][是什么|是啥|写了什么|写的什么][？|?|]",
            "[用|以|][什么|哪句话|哪几个字]结尾[的|][？|?]",
        ),
        "right": (
            f"[“{{}}”|{{}}|{{}}][的|][右边|右侧|右面|后面|后边|右手边|旁边|后头|右方][|那里|的地方|那个|的字]{_SAID_ZH}{_END_ZH}",
            "[紧跟|跟|接|排]在[“{}”|{}][后面|右边|之后|右侧][的|的字|的文字|的内容]是[什么|啥|哪个][？|?|]",
            "[看看|找|读|读出|告诉我|请给出|说出]{}[右边|后面|右侧]的[字|内容|文字|东西][|。|是什么]",
        ),
        "below": (
            f"[“{{}}”|{{}}|{{}}][的|][下面|下方|底下|下边|下一行|下面一行|下头|正下方][|那行|那一行|的字]{_SAID_ZH}{_END_ZH}",
            "[紧跟|跟|接|排]在[“{}”|{}][下面|之下|下方][的|的字|的一行|的内容]是[什么|啥|哪个][？|?|]",
            "[看看|找|读|读出|告诉我|请给出|说出]{}[下面|下一行|底下]的[字|内容|文字|东西][|。|是什么]",
        ),
        "present": (
            f"{_HERE_ZH}[有没有|是否有|是不是有|有|是否写有|是不是写着|是否印着|写着|印着|出现了|出现|包含|是否包含|提到|有没有提到|写没写|印没印|能不能看到|是否能看到|看得到|找得到]{{}}[吗|这几个字吗|这些字吗|的字样吗|字样|这个词|这句话|][？|?|？]",
            "[“{}”|{}][在不在|是否在|有没有出现在|出现在|写在][图上|图里|图中|纸上|里面|上面][吗|][？|?|]",
            "[请|]检查[一下|][图中|图里|][是否|有没有]{}[|。|？]",
        ),
        "where": (
            f"{_HERE_ZH}[“{{}}”|{{}}][在哪|在哪里|在哪儿|在什么位置|的位置|的位置在哪|的坐标|的坐标是多少|位于哪里|在图中哪个位置]{_END_ZH}",
            "[请|帮我|麻烦|][框出|框选|圈出|标出|标注|指出|找到并框出|画出|给出|输出][“{}”|{}][|的位置|的坐标|的边框|的框|所在位置][|。|？]",
            "[用|以][坐标|方框|框|bbox][回答|表示|标出|给出][“{}”|{}][在哪|的位置|在哪里][？|。|]",
        ),
        "read": (
            f"{_HERE_ZH}[都|][写了什么|写了些什么|有哪些字|有什么字|有哪些文字|有什么文字|写着什么|印了什么|的文字是什么|的字都是什么|都有什么字|的文字有哪些|的全部内容是什么]{_END_ZH}",
            "[请|麻烦|帮我|给我|请你|]把[图上|图中|图里|图片里|这里|上面|纸上|][的|所有的|全部|全部的|][字|文字|文本|内容][都|全都|全部|原样|逐行|][读|写|念|列|打|抄|识别]出来[|。|吧]",
            "[请|麻烦|帮我|请你|][读出|识别|转写|抄写|列出|输出|念出|写出|读一读|认一下|识别出|OCR|读取|转录][图上|图中|图里|图片里|这张图|这里|][的|所有的|所有|全部的|][字|文字|文本|内容][|。|吧]",
            "[全文|全部内容|所有文字|文字全部|整张图的字|整页文字][是什么|写出来|列出来|读出来|给我|][|。|？]",
        ),
        "describe": (
            "[请|帮我|麻烦|][描述|说明|介绍|概括|总结|讲讲|说说|简述|形容][一下|][这张图|这张照片|图片|这张图片|图中内容|图里的内容|画面|照片][|的内容|里有什么][|。|？]",
            f"[这张图|这张照片|图片|画面|图|照片|这][上|里|中|里面|][有什么|有些什么|是什么|讲的什么|拍的是什么|是关于什么的|内容是什么|显示了什么|主要内容是什么]{_END_ZH}",
            "[看|看看|看一下|说说]这[是|张图是|张是][什么|啥|什么东西|什么内容][|。|？]",
        ),
        "price": (
            f"{_HERE_ZH}{{}}[多少钱|是多少钱|的价格|的价格是多少|的价格是什么|的售价|的售价是多少|的单价|卖多少|卖多少钱|怎么卖|什么价|什么价格|要多少钱|贵不贵，多少钱|标价多少|标的价是多少|花了多少钱|的金额是多少|的价钱|收多少钱|值多少钱]{_END_ZH}",
            "[买|买个|买一份|要买|一份|一个]{}[要|得|需要|][花|付|给|][多少钱|多少][？|?|]",
            "[看看|查|查一下|告诉我|请问|找|帮我看]{}[的价格|的价钱|多少钱|的售价|卖多少][|。|？]",
        ),
        "count": (
            f"{_HERE_ZH}{{}}[买了几个|买了多少|买了几份|有几件|有几个|的数量|的数量是几|的数量是什么|是几件|几件|几份|多少个|点了几份|要了几个|有多少|的个数|的件数]{_END_ZH}",
            "[买了|点了|要了|订了][几个|几件|几份|多少|多少个|多少件]{}[？|?|]",
        ),
        "label": (
            f"{_HERE_ZH}[的|]{{}}[是多少|是什么|是啥|写的是什么|写了什么|多少|是几|呢|为多少|的值|的值是多少|一栏写了什么|那栏是什么|那里写的什么|写的啥|一项是什么|对应什么|等于多少|栏|具体是多少|分别是什么|那行写了什么|后面写着什么]{_END_ZH}",
            "[请|麻烦|帮我|请帮我|劳驾|][找出|查出|读|读一下|读出来|看看|看一下|查一下|告诉我|提取|提取出|找|识别|给出|输出|返回|说一下|抄下|抄一下|写出|报一下][图中|图里的|这里的|单子上的|]{}[|的值|是多少|是什么|这一项|这一栏|的信息|的数据|一下][|。|吧|，谢谢]",
            "{}[=|：|:|？|?|是|||]",
            "[我想|想|我要|我需要|需要][看|查|知道|了解|确认|核对|问][|一下|下]{}[|是多少|是什么|的值][|。|？]",
            f"[这个|这张单的|它的|该|这份单据的]{{}}[是多少|是什么|多少|写的什么]{_END_ZH}",
            "把{}[告诉我|念给我听|读给我|找出来|写出来|提取出来|抄下来|发我][|。|吧]",
            f"{_HERE_ZH}[有|有没有|有无|写没写|印没印|给出了|写了|标了|找得到|找得着|认得出|看得清|写着|印着|提到]{{}}[吗|么|没有|没|][？|，|?|。][有的话|若有|如果有|要是有|那么|那|具体|后面|它|||][写的是什么|写着什么|是多少|是什么|是啥|内容是什么|念一下|读出来|告诉我|写了什么]{_END_ZH}",
        ),
    },
    "en": {
        "first": (
            f"[What|What text|Which words|What words] [is|are|stands|comes|appears] [at the very top|at the top|on top|on the first line|in the heading|in the first row|at the head|in the top line|on line one|first]{_HERE_EN}{_END_EN}",
            "[Read|Give|Tell me|Show|Write down|State|Extract|Copy|Say] [the first line|the top line|the heading|the title|the first row|the header|the uppermost line|line one|the topmost text][|, please| please| for me][.|]",
            "[What is|What's|what is|whats|Which is] the [title|heading|header|first line|topmost line|headline|uppermost text|first row]" + _END_EN,
            "[What does the|What do the] [first line|heading|header|title|uppermost line|first row|very top] [say|read|state|tell]" + _END_EN,
        ),
        "last": (
            f"[What|What text|Which words|What words] [is|are|stands|comes|appears] [at the very bottom|at the bottom|on the last line|in the footer|in the last row|at the foot|in the bottom line|at the end|last]{_HERE_EN}{_END_EN}",
            "[Read|Give|Tell me|Show|Write down|State|Extract|Copy|Say] [the last line|the bottom line|the footer|the last row|the final line|the lowest line|the ending|the text at the bottom][|, please| please| for me][.|]",
            "[What is|what is|whats|Which is] the [last line|footer|final line|lowest line|last row|closing line]" + _END_EN,
            "[What does the|What do the] [last line|footer|final line|lowest line|last row|very bottom|end] [say|read|state|tell]" + _END_EN,
        ),
        "right": (
            '[What is|What\'s|What stands|What appears|What comes|Which text is] [right of|to the right of|next to|beside|after|on the right of|behind|following] ["{}"|{}]' + _END_EN,
            '[Read|Tell me|Give] [what is|what comes|the text] [right of|to the right of|after|next to] ["{}"|{}][.|]',
        ),
        "below": (
            '[What is|What\'s|What stands|What appears|What comes|Which text is|Which line is] [below|under|beneath|underneath|right below|on the line after|directly under] ["{}"|{}]' + _END_EN,
            '[Read|Tell me|Give] [what is|what comes|the text|the line] [below|under|beneath] ["{}"|{}][.|]',
        ),
        "present": (
            '[Is|Are there|Is there] ["{}"|{}|the text "{}"|the words {}|the text {}] [anywhere|written|printed|visible|shown|in it|in the image|on the page|to be seen|mentioned|included]' + _END_EN,
            '[Do you see|Can you find|Can you read|Does it mention|Does it contain|Does the image show|Does the page say|Does it show|Does the text include|Is it written] ["{}"|{}]' + _HERE_EN + _END_EN,
            '[Check|See|Tell me] [whether|if] ["{}"|{}] [is there|appears|is written|is printed|occurs][.|]',
        ),
        "where": (
            '[Where is|Where\'s|Where do you see|Where can I find|At what place is] ["{}"|{}|the text {}|the words "{}"]' + _HERE_EN + _END_EN,
            '[Mark|Box|Point out|Show|Find and box|Outline|Frame|Give the coordinates of|Return the bounding box of|Output the bbox of|Detect|Draw a box around] ["{}"|{}][.|]',
        ),
        "read": (
            "[Read|Transcribe|Write down|List|Extract|Copy|Output|Recognize|Give me|Type out|OCR|Tell me|Show|Return] [all the text|all text|the text|the whole text|all the words|every word|all of it|the full text|every line|all lines|the words|all words][| in the image| in the picture| you see| line by line| here| on the page][.|| please]",
            "[What is|What's|What all is|Which words are|What text is|What words are] [written|printed|shown|in it|in the image|on the page|on the sheet|on this|in this photo]" + _END_EN,
            "[What does|What do] [the page|the image|the picture|the sheet|the text|this|the photo|it all] say" + _END_EN,
        ),
        "describe": (
            "[Describe|Summarize|Explain|Sum up|Tell me about|Outline|Caption] [the picture|this image|the image|it|this photo|the photo|what you see|the content][.|| briefly| in a sentence| for me]",
            "[What is|What's|What can be seen|What do we see] [this|in the photo|on it|in the image|this about|here|this image about|shown]" + _END_EN,
        ),
        "price": (
            "[How much is|How much are|How much does|What is the price of|What's the price of|What price has|Price for|The price of|What is the cost of|Tell me the price of|Find the price of|How much money is|How expensive is|What did we pay for|How much was] [the |one |a ||]{}[| cost| here]" + _END_EN,
            "{}[ price| cost|: how much|, price| - price please]" + _END_EN,
        ),
        "count": (
            "[How many|How many pieces of|How many units of|What quantity of|What amount of] {}[| were ordered| are there| are listed| did they buy| do I have| were purchased]" + _END_EN,
            "[What is the number of|Quantity of|Number of|Tell me the quantity of|Count of] {}" + _END_EN,
        ),
        "label": (
            "[What is|What's|what is|What was|Which is|What are|Tell me|Give me|Show me|Find|Read|Extract|Get|Return|State|Say|Print|I want|I would like|Please read|Please give|Please show|Could you give me|Could you read|Can you find|Do you see|And|Look for|Report|Output|Write down|Copy] [the |the |the |this |its |||]{}[| please|, please| here| on it| value| field| in the picture| shown| given| in the image| on the page| as written]" + _END_EN,
            "[What does|What did] [the |it say for |it show for |it give as |the paper say for |the label say for ]{}[| say| read| show]" + _END_EN,
            "[the ||]{}[:|=|?| is?| please|]",
            "[Is there|Is there|Does it have|Does it show|Does it give|Do you see|Can you find|Can you read|Does the paper have|Has it got] [a |an |the |any ||]{}[| here| on it| anywhere| in the picture][?|,|] [What is it|What does it say|If so, what is it|If there is, read it|And what is it|Read it out|What does it read|If so, tell me what it is|What stands there|Which one]" + _END_EN,
            "[What value|What entry|What text|Which value|What number] [does|is given for|is printed for|stands for|is next to|belongs to|is under] [the |]{}" + _END_EN,
        ),
    },
}  # fmt: skip


def expand(rng: Random, pattern: str) -> str:
    """One text of a pattern; ``{}`` stays."""
    return _CHOICE.sub(lambda found: rng.choice(found[1].split("|")), pattern)


def phrase(rng: Random, intent: str, language: Language, kept: tuple[str, ...] = ()) -> str | None:
    """A wording of ``intent``, or ``None`` where there are no patterns for it.

    Args:
        rng: source of chance.
        intent: key of ``PATTERNS``.
        language: of the wording.
        kept: wordings of the test split, never given here.
    """
    patterns = PATTERNS[language].get(intent)
    return one_of(rng, patterns, kept) if patterns else None


def one_of(rng: Random, patterns: tuple[str, ...], kept: tuple[str, ...]) -> str:
    """A text of one of ``patterns``, but none of the test split's wordings in ``kept``."""
    forbidden = {_bare(text) for text in kept}
    while True:
        text = expand(rng, rng.choice(patterns))
        if _bare(text) not in forbidden:
            return text


def end(rng: Random, language: Language) -> str:
    """A final mark, or none."""
    return expand(rng, _END_ZH if language == "zh" else _END_EN)


def _bare(text: str) -> str:
    return re.sub(r"[\s？?。.：:！“”\",，]", "", text).casefold()
