"""10 000 mixed strings for tokenizers: the same on every machine and Python, made from one seed."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Sequence

COUNT = 10_000
SEED = 20240607

CHINESE = (
    "的一是在不了有和人这中大为上个国我以要他时来用们生到作地于出就分对成会可主发年动同工也能下过子说"
    "产种面而方后多定行学法所民得经十三之进着等部度家电力里如水化高自二理起小物现实加量都两体制机当使"
    "点从业本去把性好应开它合还因由其些然前外天政四日那社义事平形相全表间样与关各重新线内数正心反你明"
    "看原又么利比或但质气第向道命此变条只没结解问意建月公无系军很情者最立代想已通并提直题党程展五果料"
    "象员革位入常文总次品式活设及管特件长求老头基资边流路级少图山统接知较将组见计别她手角期根论运农指"
    "几九区强放决西被干做必战先回则任取据处队南给色光门即保治北造百规热领七海口东导器压志世金增争济阶"
    "油思术极交受联什认六共权收证改清己美再采转更单风切打白教速花带安场身车例真务具万每目至达走积示议"
    "声报斗完类八离华名确才科张信马节话米整空元况今集温传土许步群广石记需段研界拉林律叫且究观越织装影"
    "算低持音众书布复容儿须际商非验连断深难近矿千周委素技备半办青省列习响约支般史感劳便团往酸历市克何"
    "除消构府称太准精值号率族维划选标写存候毛亲快效斯院查江型眼王按格养易置派层片始却专状育厂京识适属"
    "圆包火住调满县局照参红细引听该铁价严纸箱破损价签蓝莓盒发票货架"
)
ENGLISH = """
the quick brown fox jumps over a lazy dog where is damage on this box what does label say total
amount invoice receipt price per unit Describe the picture in an engineering report I'll don't
can't we've he's they're I'D IT'S we'RE antidisestablishmentarianism internationalization naïve
café résumé Zürich Ångström JSON HTTP URL OpenVINO Qwen3 README.md x86_64 3.14 1e-5 0xFF
2024-06-07 12:34:56 user@example.com https://example.org/a?b=c&d=%20e
""".split()  # noqa: SIM905
CODE = (
    "def f(x):\n    return x ** 2\n",
    "for (int i = 0; i < n; ++i) {\n\ta[i] += b[i];\n}\n",
    "SELECT * FROM t WHERE id = 'x';",
    '<div class="a b">\n  <p>text</p>\n</div>',
    '{"objects": ["货架"], "texts": ["¥29.9/盒"]}',
    "if __name__ == '__main__':\r\n\tmain()\r\n",
    "#include <stdio.h>\n\n\n/* comment */",
    "$ git commit -m 'fix: 修复' && echo done",
    "\\frac{a}{b} + \\sum_{i=1}^{n} x_i^2",
    "| a | b |\n|---|---|\n| 1 | 2 |\n",
)
# fmt: off
EMOJI = (
    "😀", "👍🏽", "👨‍👩‍👧‍👦", "🏳️‍🌈", "🇨🇳", "🇺🇳", "❤️", "1️⃣", "🦙", "🚀", "✅", "☕", "🀄", "👩🏿‍💻", "🫠",
)
SPACES = (
    " ", "  ", "   ", "\t", "\n", "\n\n", "\r\n", "\r", " \n", "\n ", "\u3000", "\u00a0", "\u2009", "\v",
    "\f",
    "\u2028", "\u200b", "\ufeff", "\x1c", "\x85",
)
PUNCTUATION = (
    "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"
    "，。、；：？！“”‘’（）《》【】…—·￥〜～•→←≤≥±×÷°℃㎡①②③½¼²³µΩ€£₿"
)
OTHER_SCRIPTS = (
    "नमस्ते दुनिया", "สวัสดีชาวโลก", "កាន់តែពិសេសអាច", "مرحبا بالعالم", "שלום עולם", "こんにちは世界", "カタカナ",
    "안녕하세요 세계", "Привет, мир", "Γειά σου Κόσμε", "Xin chào thế giới", "İstanbul'da ğüşıöç", "བོད་སྐད",
    "ଓଡ଼ିଆ", "ქართული", "አማርኛ", "۱۲۳۴۵", "१२३", "Ⅷ ⅻ", "ﬁ ﬂ ﬃ", "ſtraße ẞ", "ǅ ǈ", "𝒳𝔸𝟘", "𠮷野家", "㍿ ㎏",
)
COMBINING = (
    "e\u0301", "A\u030a", "o\u0302\u0323", "\u1100\u1161\u11a8", "n\u0303", "か\u3099", "\u212b", "\u2126",
    "q\u0307\u0323", "\u0958", "\uf900", "\u0344", "\u1e9b\u0323",
)
"""Sequences that NFC changes, or that only look as if it did."""
CONTROL_TOKENS = (
    "<|endoftext|>", "<|im_start|>", "<|im_end|>", "<|object_ref_start|>", "<|object_ref_end|>",
    "<|box_start|>", "<|box_end|>", "<|quad_start|>", "<|quad_end|>", "<|vision_start|>", "<|vision_end|>",
    "<|vision_pad|>", "<|image_pad|>", "<|video_pad|>", "<|fim_prefix|>", "<|fim_middle|>", "<|fim_suffix|>",
    "<|fim_pad|>", "<|repo_name|>", "<|file_sep|>", "[PAD151669]", "[PAD151935]",
)
WORDS_WITH_AN_ID = (
    "<tool_call>", "</tool_call>", "<tool_response>", "</tool_response>", "<think>", "</think>",
)
# fmt: on


class _Dice:
    """Draws from ``random()`` only: the one method whose numbers are promised to stay the same."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed).random

    def below(self, limit: int) -> int:
        return int(self._random() * limit)

    def between(self, least: int, most: int) -> int:
        return least + self.below(most - least + 1)

    def pick(self, choices: Sequence[str]) -> str:
        return choices[self.below(len(choices))]

    def chance(self, share: float) -> bool:
        return self._random() < share


def _digits(dice: _Dice) -> str:
    return "".join(dice.pick("0123456789") for _ in range(dice.between(1, 12)))


def _number(dice: _Dice) -> str:
    return (
        dice.pick(("¥", "$", "-", "", "#"))
        + _digits(dice)
        + dice.pick((".", ",", ":", "/", "%"))
        + _digits(dice)
    )


def _any_characters(dice: _Dice) -> str:
    """Any code points, assigned or not; no surrogates."""
    points: list[int] = []
    for _ in range(dice.between(1, 8)):
        top = (0x80, 0x800, 0x3000, 0x10000, 0x20000, 0x110000)[dice.below(6)]
        point = dice.below(top)
        points.append(point if not 0xD800 <= point < 0xE000 else 0xFFFD)
    return "".join(map(chr, points))


def _malformed(dice: _Dice) -> str:
    """UTF-8 with bytes missing, doubled or wrong, as ``errors="replace"`` reads it."""
    raw = bytearray("价签位于 blueberry 盒左上角 😀 2cm".encode())
    for _ in range(dice.between(1, 6)):
        raw[dice.below(len(raw))] = dice.below(256)
    start = dice.below(len(raw))
    return bytes(raw[start : start + dice.between(1, 30)]).decode("utf-8", errors="replace")


def _look_alike(dice: _Dice) -> str:
    """A control token's name, whole, cut, doubled, spaced or dressed up."""
    name = dice.pick(CONTROL_TOKENS)
    shape = dice.below(8)
    if shape == 0:
        return name[: dice.between(1, len(name))]
    if shape == 1:
        return name[dice.below(len(name)) :]
    if shape == 2:
        return name.replace("|", " |")
    if shape == 3:
        return name.replace("<", "<<").replace(">", ">>")
    if shape == 4:
        return name.upper()
    if shape == 5:
        return name.replace("|", "｜")
    return name


def _piece(dice: _Dice) -> str:
    kind = dice.below(16)
    if kind <= 2:
        return "".join(dice.pick(CHINESE) for _ in range(dice.between(1, 20)))
    if kind <= 5:
        return " ".join(dice.pick(ENGLISH) for _ in range(dice.between(1, 8)))
    if kind == 6:
        code = dice.pick(CODE)
        return code if dice.chance(0.5) else code[dice.below(len(code)) :]
    if kind == 7:
        return "".join(dice.pick(EMOJI) for _ in range(dice.between(1, 4)))
    if kind == 8:
        return _digits(dice) if dice.chance(0.5) else _number(dice)
    if kind == 9:
        return "".join(dice.pick(SPACES) for _ in range(dice.between(1, 5)))
    if kind == 10:
        return "".join(dice.pick(PUNCTUATION) for _ in range(dice.between(1, 6)))
    if kind == 11:
        return dice.pick(OTHER_SCRIPTS)
    if kind == 12:
        return _malformed(dice)
    if kind == 13:
        return _look_alike(dice)
    if kind == 14:
        return _any_characters(dice) if dice.chance(0.6) else dice.pick(COMBINING)
    if dice.chance(0.1):
        return dice.pick(WORDS_WITH_AN_ID)
    return dice.pick(PUNCTUATION + "aA字 \n0") * dice.between(2, 40)


def mixed_strings(count: int = COUNT, seed: int = SEED) -> list[str]:
    """Strings of one to eight pieces, glued with and without spaces."""
    dice = _Dice(seed)
    texts: list[str] = []
    for _ in range(count):
        text = ""
        for _ in range(dice.between(1, 8)):
            text += dice.pick(("", "", " ", "\n")) + _piece(dice)
        texts.append(text)
    return texts


def fingerprint(texts: Sequence[str]) -> str:
    """SHA-256 over all strings: says that they are the ones a reference was made for."""
    return hashlib.sha256("\0".join(texts).encode()).hexdigest()


def hash_ids(ids: Sequence[int]) -> int:
    """32 bits over the token ids of one string."""
    return int.from_bytes(hashlib.sha256(",".join(map(str, ids)).encode()).digest()[:4], "little")
