"""Draws the example pictures of the page: ``python scripts/examples.py`` writes ``server/static/examples``.

Each is drawn at twice its size and made smaller, which gives smooth edges. Needs a Chinese font (fonts-noto-cjk).
"""

from __future__ import annotations

from pathlib import Path
from random import Random

from PIL import Image, ImageDraw, ImageFilter, ImageFont

STATIC = Path(__file__).resolve().parent.parent / "src" / "jianwei" / "server" / "static"
FONTS = Path("/usr/share/fonts/opentype/noto")
SIZE = (720, 480)
TWICE = 2
INK = (38, 38, 42)
Fill = str | tuple[int, int, int]
"""A colour by name or by its red, green and blue."""


def font(size: float, bold: bool = False) -> ImageFont.FreeTypeFont:
    """Noto Sans in its simplified Chinese shapes; ``size`` in pixels of the finished picture."""
    name = "NotoSansCJK-Bold.ttc" if bold else "NotoSansCJK-Regular.ttc"
    return ImageFont.truetype(str(FONTS / name), size * TWICE, index=2)


class Sheet:
    """A picture in the making; all lengths are in pixels of the finished one."""

    def __init__(self, top: tuple[int, int, int], bottom: tuple[int, int, int]) -> None:
        ramp = Image.linear_gradient("L").resize((SIZE[0] * TWICE, SIZE[1] * TWICE))
        self.image = Image.composite(
            Image.new("RGB", ramp.size, bottom), Image.new("RGB", ramp.size, top), ramp
        )
        self.pen = ImageDraw.Draw(self.image)

    def shadow(self, box: tuple[float, float, float, float], soft: float = 12, dark: int = 90) -> None:
        """Let what comes next in ``box`` throw a shadow."""
        mask = Image.new("L", self.image.size)
        ImageDraw.Draw(mask).rectangle([value * TWICE for value in box], fill=dark)
        mask = mask.filter(ImageFilter.GaussianBlur(soft * TWICE))
        self.image.paste((40, 34, 30), (0, 4 * TWICE), mask)

    def box(self, box: tuple[float, float, float, float], fill: Fill, round_: float = 0) -> None:
        """A filled rectangle."""
        self.pen.rounded_rectangle([value * TWICE for value in box], round_ * TWICE, fill=fill)

    def shape(self, points: list[tuple[float, float]], fill: Fill) -> None:
        """A filled polygon."""
        self.pen.polygon([(x * TWICE, y * TWICE) for x, y in points], fill=fill)

    def text(
        self,
        x: float,
        y: float,
        words: str,
        size: float,
        fill: Fill = INK,
        anchor: str = "la",
        bold: bool = False,
    ) -> None:
        """Words at a point; ``anchor`` as in Pillow."""
        self.pen.text((x * TWICE, y * TWICE), words, fill=fill, font=font(size, bold), anchor=anchor)

    def save(self, name: str) -> None:
        """Write it, smaller."""
        target = STATIC / "examples" / f"{name}.webp"
        target.parent.mkdir(exist_ok=True)
        self.image.resize(SIZE, Image.Resampling.LANCZOS).save(target, quality=84, method=6)


RECEIPTS = {
    "zh": (
        "购物小票",
        [("订单编号", "A2031-0457"), ("日期", "2026-03-14"), ("蓝莓", "¥29.90"), ("牛奶", "¥12.50")],
        ("合计", "¥42.40"),
        "电话：010-8321 4567",
    ),
    "en": (
        "Receipt",
        [("Order No.", "A2031-0457"), ("Date", "2026-03-14"), ("Blueberries", "$4.90"), ("Milk", "$2.50")],
        ("Total", "$7.40"),
        "Phone: 010-8321 4567",
    ),
}


def receipt(language: str) -> None:
    """A receipt on a wooden table."""
    sheet = Sheet((214, 196, 172), (190, 168, 140))
    for y in range(0, SIZE[1], 60):
        sheet.box((0, y, SIZE[0], y + 1), (178, 156, 128))
    paper = (150, 24, 570, 456)
    sheet.shadow(paper)
    sheet.box(paper, (252, 251, 247))
    title, rows, (label, total), phone = RECEIPTS[language]
    sheet.text(360, 46, title, 32, anchor="ma", bold=True)
    y = 112
    for name, value in rows:
        sheet.text(190, y, name, 24)
        sheet.text(530, y, value, 24, anchor="ra")
        y += 46
    for x in range(190, 530, 12):
        sheet.box((x, y + 4, x + 6, y + 5.5), (150, 150, 150))
    sheet.text(190, y + 20, label, 28, bold=True)
    sheet.text(530, y + 20, total, 28, anchor="ra", bold=True)
    sheet.text(190, y + 78, phone, 22)
    sheet.save(f"receipt.{language}")


SHELVES = {
    "zh": ("今日价格", [("蓝莓", "¥29.90/盒"), ("牛奶", "¥12.50/瓶"), ("面包", "¥8.80/袋")]),
    "en": ("Prices today", [("Blueberries", "$4.90"), ("Milk", "$2.50"), ("Bread", "$1.80")]),
}


def shelf(language: str) -> None:
    """Blueberries, milk and bread on a shelf, and a board with their prices."""
    sheet = Sheet((243, 240, 233), (226, 221, 211))
    sheet.shadow((0, 404, 720, 440), 10, 70)
    sheet.box((0, 404, 720, 480), (168, 134, 96))
    sheet.box((0, 404, 720, 410), (190, 156, 116))
    goods(sheet, 0, 104)
    sheet.shadow((388, 56, 684, 330), 10, 80)
    sheet.box((388, 56, 684, 330), (120, 92, 62), 8)
    sheet.box((398, 66, 674, 320), (38, 54, 50), 4)
    title, rows = SHELVES[language]
    sheet.text(536, 84, title, 28, (246, 242, 228), "ma", bold=True)
    for index, (name, price) in enumerate(rows):
        sheet.text(420, 150 + 52 * index, name, 24, (246, 242, 228))
        sheet.text(652, 150 + 52 * index, price, 24, (255, 222, 140), "ra")
    sheet.box((430, 330, 440, 404), (120, 92, 62))
    sheet.box((632, 330, 642, 404), (120, 92, 62))
    sheet.save(f"shelf.{language}")


def goods(sheet: Sheet, dx: float, dy: float) -> None:
    """A punnet of blueberries, a bottle of milk and a loaf, moved by so much."""
    rng = Random(5)
    sheet.shadow((30 + dx, 190 + dy, 150 + dx, 300 + dy), 8, 60)
    sheet.box((30 + dx, 200 + dy, 150 + dx, 300 + dy), (226, 232, 238), 10)
    for row in range(3):
        for column in range(3 + row % 2):
            x, y = 58 + dx + column * 32 - (row % 2) * 16, 278 + dy - row * 28
            tone = rng.randint(-8, 12)
            sheet.box((x - 15, y - 15, x + 15, y + 15), (58 + tone, 72 + tone, 138 + tone), 15)
            sheet.box((x - 6, y - 10, x + 1, y - 5), (104, 120, 184), 3)
    left, right = 176 + dx, 256 + dx
    sheet.shadow((left, 120 + dy, right, 300 + dy), 8, 60)
    sheet.box((left, 150 + dy, right, 300 + dy), (250, 250, 252), 4)
    sheet.shape(
        [(left, 152 + dy), (left + 18, 112 + dy), (right - 18, 112 + dy), (right, 152 + dy)], (234, 238, 244)
    )
    sheet.box((left + 18, 96 + dy, right - 18, 114 + dy), (58, 120, 196), 3)
    sheet.box((left, 196 + dy, right, 262 + dy), (58, 120, 196))
    wave = [(0, 262), (28, 240), (52, 256), (80, 236), (80, 264), (0, 264)]
    sheet.shape([(left + x, y + dy) for x, y in wave], (250, 250, 252))
    sheet.shadow((276 + dx, 220 + dy, 366 + dx, 300 + dy), 8, 60)
    sheet.box((276 + dx, 210 + dy, 366 + dx, 300 + dy), (206, 148, 84), 28)
    sheet.box((276 + dx, 250 + dy, 366 + dx, 300 + dy), (206, 148, 84), 8)
    for x in (300 + dx, 330 + dx):
        sheet.shape(
            [(x - 8, 222 + dy), (x + 6, 218 + dy), (x + 12, 252 + dy), (x, 256 + dy)], (232, 190, 132)
        )


PARCELS = {
    "zh": (["收件人：李静", "电话：138 0013 8000", "单号：SF1420567"], "小心轻放"),
    "en": (["Recipient: Jane Lee", "Phone: 020-5566 7788", "Order No.: SF1420567"], "FRAGILE"),
}


def parcel(language: str) -> None:
    """A carton with a label, and a tear at its right edge."""
    sheet = Sheet((205, 212, 216), (176, 184, 190))
    sheet.shadow((96, 110, 640, 440), 18, 110)
    sheet.shape([(96, 120), (150, 56), (586, 56), (640, 120)], (214, 176, 126))
    sheet.box((96, 120, 640, 440), (196, 155, 104))
    sheet.box((344, 56, 392, 120), (226, 204, 164))
    sheet.box((344, 120, 392, 176), (218, 194, 150))
    sheet.box((130, 200, 450, 370), (253, 253, 251), 4)
    lines, mark = PARCELS[language]
    for index, words in enumerate(lines):
        sheet.text(150, 216 + 50 * index, words, 24)
    sheet.text(600, 396, mark, 30, (150, 32, 28), "ra", bold=True)
    tear = [(640, 196), (598, 212), (560, 240), (586, 252), (548, 282), (590, 290), (612, 316), (640, 320)]
    sheet.shape(tear, (236, 216, 182))
    sheet.shape(
        [(x + (640 - x) * 0.18 if x < 640 else x, y + (258 - y) * 0.16) for x, y in tear], (72, 52, 34)
    )
    sheet.save(f"parcel.{language}")


if __name__ == "__main__":
    for each in ("zh", "en"):
        receipt(each)
        shelf(each)
        parcel(each)
