"""Draws business papers: two layouts of each kind, one for training and one for the test split."""

from __future__ import annotations

from random import Random

from PIL import Image as Picture

from jianwei.scenes import fonts, records
from jianwei.scenes.board import Board
from jianwei.scenes.handwriting import INKS, Hand, signature
from jianwei.scenes.palette import Rgb
from jianwei.scenes.records import Record, Signer
from jianwei.scenes.scene import A4_CM, Box, Language, Split
from jianwei.scenes.stamps import stamp

_HEADS: dict[Split, dict[Language, tuple[str, str, str, str]]] = {
    "train": {"zh": ("名称", "数量", "单价", "金额"), "en": ("Item", "Qty", "Price", "Amount")},
    "test": {"zh": ("货品", "件数", "每件", "共计"), "en": ("Description", "Units", "Each", "Sum")},
}
_CLAUSES: dict[Language, tuple[str, ...]] = {
    "zh": ("第{}条 ", "第{}条：", "{}. ", "（{}）", "§{} ", "条款{} "),
    "en": ("{}. ", "({}) ", "§{} ", "Article {} ", "{}) ", "Section {}: "),
}
"""How the clauses of a contract are counted, in training; the test split has its own way."""
_COLUMNS = (0.0, 0.52, 0.74, 1.0)
"""Where the columns of a table of goods stand, as shares of its width; all but the first are aligned right."""


class Page:
    """One sheet, drawn as it is made.

    Attributes:
        board: the sheet with its truth.
        record: what it says.
        a4: whether the sheet is A4.
        stamp_cm: diameter of the stamp on an A4 sheet.
    """

    def __init__(self, rng: Random, split: Split, language: Language, record: Record, size: int) -> None:
        """Draws the whole sheet, ``size`` pixels high."""
        self._rng = rng
        self._split: Split = split
        self._language: Language = language
        self.record = record
        self.a4 = record.kind != "receipt"
        lines = 9.5 + 1.25 * len(record.facts) + (1.9 if split == "test" else 1.2) * len(record.lines)
        lines += 1.3 * len(record.sums) + 2.6 * len(record.signers) + (3 if record.stamp else 0)
        width = round(size * (A4_CM[0] / A4_CM[1] if self.a4 else max(0.36, min(0.8, 13.5 / lines))))
        paper: Rgb = rng.choice(((252, 252, 250), (247, 244, 236), (244, 247, 250), (255, 255, 255)))
        self.board = Board(Picture.new("RGB", (width, size), paper))
        self._size = width / rng.uniform(27, 34) if self.a4 else min(width / 19, size / lines / 1.12)
        self._ink: Rgb = rng.choice(((24, 24, 28), (40, 40, 46), (20, 30, 60)))
        self._face = fonts.pick(rng, language, split)
        self._left, self._right = (0.1 if self.a4 else 0.07) * width, (0.9 if self.a4 else 0.93) * width
        self._y = (0.06 if self.a4 else 0.03) * size
        self._pen = Hand(fonts.pick(rng, language, split, by_hand=True), rng.choice(INKS), 0.7)
        self.stamp_cm = rng.uniform(3.4, 5.2)
        if record.kind == "invoice":
            self._invoice()
        elif record.kind == "receipt":
            self._receipt()
        else:
            self._contract()
        if record.stamp:
            self._stamp()

    def _write(
        self, text: str, x: float, *, scale: float = 1.0, align: str = "left", room: float = 0.0
    ) -> Box:
        size = scale * self._size
        side = "right" if align == "right" else "middle" if align == "middle" else "left"
        left = room or (self._right - x if side == "left" else self._right - self._left)
        return self.board.write(text, x, self._y, self._face, size, self._ink, align=side, room=left)

    def _down(self, lines: float = 1.55) -> None:
        self._y += lines * self._size

    def _rule(self, *, dashed: bool = False) -> None:
        thick = max(1, round(self._size / 14))
        if dashed:
            self.board.dashed(self._left, self._right, self._y, 0.4 * self._size, self._ink)
        else:
            self.board.pen.line((self._left, self._y, self._right, self._y), fill=self._ink, width=thick)

    def _title(self) -> None:
        """In the middle in training; at the left, in the test split."""
        if self._split == "train":
            self._write(self.record.title, (self._left + self._right) / 2, scale=1.7, align="middle")
        else:
            self._write(self.record.title, self._left, scale=1.8)
        self._down(3.0)

    def _fact(self, label: str, value: str, x: float, room: float) -> None:
        colon = "：" if self._language == "zh" else ":"
        box = self._write(label + colon, x, room=0.45 * room)
        self._write(value, box[2] + 0.4 * self._size, room=room - (box[2] - x) - 0.5 * self._size)

    def _facts(self, *, columns: int) -> None:
        """Labels with values, one below the other or side by side."""
        wide = (self._right - self._left) / columns
        for i, (label, value) in enumerate(self.record.facts.values()):
            self._fact(label, value, self._left + (i % columns) * wide, wide - self._size)
            if i % columns == columns - 1 or i == len(self.record.facts) - 1:
                self._down(1.6)

    def _invoice(self) -> None:
        """Rules above and below the goods and sums at the right; in the test split a grid."""
        self._title()
        self._facts(columns=1 if self._split == "train" else 2)
        self._down(0.8)
        top = self._y
        grid = self._split == "test"
        rows = [_HEADS[self._split][self._language]]
        rows += [
            (line.name, str(line.count), self.record.money(line.cents), self.record.money(line.amount))
            for line in self.record.lines
        ]
        pad = 0.4 * self._size
        edges: list[float] = []
        for i, row in enumerate(rows):
            if grid or i < 2:
                self._rule()
            edges.append(self._y)
            self._down(0.35)
            for share, text in zip(_COLUMNS, row, strict=True):
                wide = self._right - self._left - 2 * pad
                x, room = self._left + pad + share * wide, 0.38 * wide if share == 0 else 0.21 * wide
                self._write(text, x, align="left" if share == 0 else "right", room=room)
            self._down(1.45)
        self._rule()
        if grid:
            thick = max(1, round(self._size / 14))
            wide = self._right - self._left - 2 * pad
            for x in (0.0, 0.4, 0.54, 0.77, 1.0):
                at = self._left + x * (wide + 2 * pad)
                self.board.pen.line((at, top, at, self._y), fill=self._ink, width=thick)
        self._down(0.6)
        self._sums()
        self._down(1.6)
        for signer in self.record.signers:
            self._signer(signer)

    def _sums(self) -> None:
        for key, (label, value) in self.record.sums.items():
            scale = 1.15 if key == "total" else 1.0
            self._write(
                label, self._left + (0.45 if self.a4 else 0.0) * (self._right - self._left), scale=scale
            )
            self._write(value, self._right, scale=scale, align="right")
            self._down(1.65)

    def _receipt(self) -> None:
        """Name and amount on one row in training, mostly; in the test split the count and the price below the name."""
        self._title()
        self._facts(columns=1)
        self._down(0.3)
        self._rule(dashed=True)
        self._down(0.4)
        money = self.record.money
        style = "priced"
        if self._split == "train":
            style = self._rng.choice(("beside", "beside", "joined", "below", "before"))
        for line in self.record.lines:
            wide = self._right - self._left
            if style == "below":
                self._write(line.name, self._left)
                self._down(1.3)
                self._write(f"x{line.count}", self._left + self._size)
                self._write(money(line.amount), self._right, align="right")
            elif style in ("joined", "before"):
                said = f"{line.name} ×{line.count}" if style == "joined" else f"{line.count} {line.name}"
                self._write(said, self._left, room=0.62 * wide)
                self._write(money(line.amount), self._right, align="right", room=0.32 * wide)
            elif style == "beside":
                self._write(line.name, self._left, room=0.5 * wide)
                self._write(f"x{line.count}", self._left + 0.66 * wide, align="right", room=0.14 * wide)
                self._write(money(line.amount), self._right, align="right", room=0.32 * wide)
            else:
                self._write(line.name, self._left)
                self._down(1.3)
                self._write(f"{line.count} × {money(line.cents)}", self._left + self._size)
                self._write(money(line.amount), self._right, align="right")
            self._down(1.5)
        self._rule(dashed=True)
        self._down(0.4)
        self._sums()
        self._down(0.6)
        for signer in self.record.signers:
            self._signer(signer)

    def _contract(self) -> None:
        """Parties, numbered clauses, and places to sign side by side; in the test split below each other."""
        self._title()
        self._facts(columns=1 if self._split == "train" else 2)
        self._down(1.2)
        mark = self._rng.choice(_CLAUSES[self._language]) if self._split == "train" else ""
        for number, clause in enumerate(self.record.clauses, 1):
            if self._language == "zh":
                self._write(f"{(mark or '{}、').format(number)}{clause}。", self._left)
            else:
                self._write(f"{(mark or 'Clause {}: ').format(number)}{clause}.", self._left)
            self._down(2.1)
        self._down(2.5)
        for signer in self.record.signers:
            self._signer(signer)

    def _signer(self, signer: Signer) -> None:
        """The label, a line to sign on, signed or not, and a date that may be blank."""
        board, size = self.board, self._size
        wide = self._right - self._left
        colon = "：" if self._language == "zh" else ":"
        self._down(0.8)
        box = self._write(signer.label + colon, self._left, room=0.3 * wide)
        start, end = box[2] + 0.4 * size, self._left + 0.6 * wide
        floor = self._y + 1.1 * size
        thick = max(1, round(size / 16))
        board.pen.line((start, floor, end, floor), fill=self._ink, width=thick)
        field = (start, self._y - 0.9 * size, end, floor + 0.3 * size)
        zh = self._language == "zh"
        board.add(f"{signer.label}栏" if zh else f"{signer.label} field", field, "signature_field")
        if signer.signed:
            left = start + self._rng.uniform(0.02, 0.2) * (end - start)
            room = (left, field[1], min(end, left + 6 * size), floor + 0.15 * size)
            board.add(
                "签名" if zh else "signature", signature(self._rng, board, room, self._pen.ink), "signature"
            )
        label = records.date_label(self._split, self._language) + colon
        x = self._left + 0.63 * wide
        box = self._write(label, x, room=0.2 * wide)
        start = box[2] + 0.3 * size
        board.pen.line((start, floor, self._right, floor), fill=self._ink, width=thick)
        if signer.date:
            self._pen.write(
                self._rng, board, signer.date, start + 0.1 * size, self._y, 0.95 * size, self._right - start
            )
        self._down(2.4)

    def _stamp(self) -> None:
        """Somewhere in the lower part, where stamps are put, away from what is signed."""
        rng, board = self._rng, self.board
        width, height = board.size
        radius = self.stamp_cm / 2 / A4_CM[0] * width if self.a4 else 0.16 * width
        low = min(self._y + 0.3 * self._size + radius, height - radius - 2)
        y = rng.uniform(low, height - radius - 2) if low < height - radius - 2 else height - radius - 2
        if self.a4:
            y = min(y, low + 2 * radius)
        x = rng.uniform(self._left + radius, self._right - radius)
        box = stamp(rng, board, x, y, radius, self._face, self.record.firm, self.record.stamp)
        board.add("红色印章" if self._language == "zh" else "red stamp", box, "stamp", "red")
