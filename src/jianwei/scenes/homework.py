"""Homework: exercises worked by hand, numbered steps, a teacher's red ticks, crosses and score."""

# ruff: noqa: E501 - tables of wordings, one way a line
from __future__ import annotations

from random import Random
from unicodedata import normalize

from jianwei.scenes import camera, fonts, words
from jianwei.scenes.asking import Asker, Table, related, ways
from jianwei.scenes.board import Board
from jianwei.scenes.exercises import exercise
from jianwei.scenes.formulas import plain, ways_to_write
from jianwei.scenes.handwriting import INKS, RED_PENS, Hand, cross, tick
from jianwei.scenes.palette import Rgb
from jianwei.scenes.scene import Language, Question, Scene, Split
from jianwei.scenes.tabletop import photographed

_NUMBERING: dict[Split, dict[Language, tuple[str, ...]]] = {
    "train": {
        "zh": ("({})", "{})", "第{}步：", "（{}）", "{}.", "{}：", "第{}步", "[{}]", "【{}】", "第{}步)", "第{}行：", "#{}", "<{}>", "{}/", "S{}:", "解{}："),
        "en": ("({})", "{})", "Step {}:", "[{}]", "{}.", "{}:", "#{}", "Line {}:", "S{}:", "<{}>", "No. {}", "Part {}:", "Row {}", "L{}.", "{}/", "STEP {}"),
    },
    "test": {"zh": ("步骤{}：", "{}、"), "en": ("{} -", "step {}.")},
}  # fmt: skip
"""What stands before a step."""

_COUNTED: dict[Language, tuple[str, ...]] = {
    "zh": ("{}. ", "{}、", "第{}题 ", "第{}题：", "题{}：", "[{}] ", "练习{} ", "（{}）"),
    "en": ("{}. ", "{}) ", "Exercise {}: ", "Problem {}: ", "Q{}. ", "Ex. {} ", "Task {}: ", "({}) "),
}
"""What stands before an exercise where there are several, in training; in the test split the first of them."""

ASKS: Table = {
    "step": (
        ways("{}第{}步写的是什么？;{}第{}步[是什么|的内容是什么|怎么写的]？;[读|念]一下{}第{}步。;学生在{}第{}步写了什么？", "{}的步骤{}列了什么？;抄出{}步骤{}。"),
        ways("What is written in step {1}{0}?;Read step {1}{0}.;What does step {1}{0} say?", "Copy out step number {1}{0}.;Which line is step number {1}{0}?"),
    ),
    "formula": (
        ways("把{}第{}步[写成|转成|转写为]LaTeX。;{}第{}步的[公式|算式|式子]是什么？用LaTeX回答。", "{}的步骤{}用LaTeX怎么表示？;请以LaTeX誊写{}步骤{}。"),
        ways("[Write|Give|Transcribe] step {1}{0} [as|in] LaTeX.;What is the formula in step {1}{0}? Use LaTeX.", "Render step number {1}{0} in LaTeX.;LaTeX for step number {1}{0}, please."),
    ),
    "final": (
        ways("{}[最后|最终]的答案是[多少|什么]？;{}[算出来|解出来]等于多少？;学生{}得出的[结果|答案]是[什么|多少]？", "{}得数写的几？;{}的末步得到了什么数？"),
        ways("What is the final answer{}?;What [result|answer] did the student get{}?;What does the work end with{}?", "Which number comes out{}?;What did the pupil arrive at{}?"),
    ),
    "crosses": (
        ways("[老师|卷面上|图中]打了几个[红叉|叉]？;有[几个|多少个][红叉|叉号]？;[数一数|]红叉有几个？", "被画叉的地方有几处？;叉的个数？"),
        ways("How many [red crosses|crosses] are there?;Count the [red crosses|crosses].;How many crosses did the teacher [draw|make]?", "What is the number of X marks in red?;In how many spots is there a red X?"),
    ),
    "ticks": (
        ways("[老师|卷面上|图中]打了几个[红勾|对勾|勾]？;有[几个|多少个][红勾|对勾]？", "被画勾的地方有几处？;勾的个数？"),
        ways("How many [red ticks|ticks|check marks] are there?;Count the [red ticks|ticks].", "What is the number of tick marks in red?;In how many spots is there a red tick?"),
    ),
    "marked_wrong": (
        ways("{}哪一步[被打了叉|错了|被老师判错]？;老师在{}第几步打了叉？;{}第几步[错了|做错了|是错的]？", "{}红叉画在哪个步骤旁？;批改认为{}哪步不对？"),
        ways("Which step{} is marked wrong?;At which step{} is the cross?;Which step{} did the teacher mark as wrong?", "Beside which step number{} stands the red X?;Which step number{} was rejected?"),
    ),
    "score": (
        ways("[得了|考了|打了]多少分？;[分数|得分|成绩][是多少|是几]？;老师给了多少分？", "卷面红笔批了几分？;这份作业的分值写的几？"),
        ways("What is the score?;How many points did [it|the student] get?;What [grade|mark] did the teacher give?", "Which number is the mark in red?;What was it graded?"),
    ),
    "task": (
        ways("{}题目是什么？;{}的题目[写了什么|怎么写的]？;读一下{}题目。", "{}要求做什么？;抄出{}题干。"),
        ways("What is the task{}?;Read the problem{}.;What is asked of the student{}?", "Copy out the problem statement{}.;What does the exercise ask{}?"),
    ),
    "name": (
        ways("[这是谁的作业|学生叫什么|姓名是什么]？;[谁写的|谁做的]？", "作业的主人是谁？;署的什么名字？"),
        ways("[Whose homework is this|What is the student's name|Who wrote it]?", "Which pupil does the sheet belong to?;Which name is on the sheet?"),
    ),
    "class": (
        ways("[哪个班|什么班级|班级是什么]？;[学生|他]在[几班|哪个班]？", "班级一栏填了什么？"),
        ways("[Which class is it|What class is the student in]?;What is the class?", "Which class is filled in?"),
    ),
    "date": (
        ways("[作业|]日期是[什么|哪天]？;哪天写的？", "落的日期是几号？"),
        ways("What is the date?;When was it written?", "Which day is noted on the sheet?"),
    ),
    "teacher": (
        ways("[老师|批改人]叫什么？;谁批改的？", "批阅者是谁？"),
        ways("[Who graded it|What is the teacher's name]?", "Which teacher corrected the sheet?"),
    ),
}  # fmt: skip


def draw(rng: Random, split: Split, language: Language, size: int = 960) -> Scene:
    """A sheet of homework; its longer side has about ``size`` pixels."""
    sheet = _Sheet(rng, split, language, size)
    sheet.write()
    board = sheet.board
    if rng.random() < 0.75:
        photographed(rng, split, board, rng.uniform(0.2, 1.0))
    image = camera.photograph(rng, board.canvas, 0.6)
    return Scene(
        "homework", image, language, tuple(board.texts), tuple(board.objects), _ask(rng, split, sheet)
    )


class _Sheet:
    """One sheet: what is worked on it, by whose hand, and what the teacher added."""

    def __init__(self, rng: Random, split: Split, language: Language, size: int) -> None:
        self._rng, self._split = rng, split
        self.language: Language = language
        self.sums = [exercise(rng, split, language) for _ in range(rng.choice((1, 1, 2, 2, 3)))]
        lines = 3.4 + sum(1.3 + len(done.steps) for done in self.sums)
        self._line = size / lines
        self._width = round(size * min(1.0, rng.uniform(0.95, 1.1) * max(0.62, 7.2 / lines)))
        self._text = min(0.62 * self._line, self._width / 17)
        self._left, self._right = 0.07 * self._width, 0.78 * self._width
        self._counted = rng.choice(_COUNTED[language]) if split == "train" else _COUNTED[language][0]
        # Nobody counts exercises and steps alike.
        counted = normalize("NFKC", self._counted).strip()
        ways = [way for way in _NUMBERING[split][language] if normalize("NFKC", way) != counted]
        self._numbering = rng.choice(ways)
        self.board = Board(camera.background(rng, split, self._width, size))
        face = fonts.pick(rng, language, split, by_hand=True)
        self._hand = Hand(face, rng.choice(INKS), rng.uniform(0.25, 1.0))
        face = fonts.pick(rng, language, split, by_hand=True)
        self._red = Hand(face, rng.choice(RED_PENS), rng.uniform(0.4, 1.0))
        self.header: dict[str, str] = {}
        self.labels: dict[str, str] = {}
        """What stands before each value of the header."""
        self.score = ""
        self.beside: list[tuple[int, int]] = []
        """For every mark: which of the board's things it is, and beside which of its texts it stands."""

    def write(self) -> None:
        """Puts everything on the board, from the top."""
        rng, line = self._rng, self._line
        self._rule_paper()
        self._write_header()
        if rng.random() < 0.6:
            self._write_score()
        y = 2.2 * line
        for number, done in enumerate(self.sums, 1):
            prefix = self._counted.format(number) if len(self.sums) > 1 else ""
            room = 0.9 * self._width - self._left
            self._hand.write(rng, self.board, prefix + done.task, self._left, y, self._text, room)
            y += 1.15 * line
            for step, said in enumerate(done.steps, 1):
                text = f"{self._numbering.format(step)} {said}"
                left = self._left + 0.6 * self._text
                self._hand.write(rng, self.board, text, left, y, self._text, self._right - left)
                if step == done.slip or rng.random() < 0.65:
                    self._mark(y, wrong=step == done.slip)
                y += line
            y += 0.15 * line

    def _rule_paper(self) -> None:
        """Lines or nothing in training; squares, or lines with a red margin, in the test split."""
        rng, board, line = self._rng, self.board, self._line
        width, height = board.size
        pale: Rgb = rng.choice(((188, 208, 228), (205, 205, 205), (198, 220, 204)))
        thick = max(1, round(height / 700))
        training = self._split == "train"
        if training and rng.random() < 0.3:
            return
        step = line if training or rng.random() < 0.5 else line / 2
        y = 1.15 * line
        while y < height:
            board.pen.line((0, y, width, y), fill=pale, width=thick)
            y += step
        x = 0.05 * width
        if step < line:
            while x < width:
                board.pen.line((x, 0, x, height), fill=pale, width=thick)
                x += step
        elif not training:
            board.pen.line((x, 0, x, height), fill=(226, 150, 150), width=thick)

    def _write_header(self) -> None:
        """Name, class and date, as many of them as the pupil wrote."""
        rng, chinese, text = self._rng, self.language == "zh", self._text
        grade = (
            f"{rng.choice('一二三四五六')}({rng.randint(1, 9)})班"
            if chinese
            else f"{rng.randint(1, 9)}{rng.choice('ABCD')}"
        )
        month = rng.choice(("Mar", "May", "Jun", "Sep", "Oct", "Nov"))
        day = f"{rng.randint(1, 12)}月{rng.randint(1, 28)}日" if chinese else f"{month} {rng.randint(1, 28)}"
        said = {"name": words.person(rng, self.language), "class": grade, "date": day}
        labels = ("姓名：", "班级：", "日期：") if chinese else ("Name: ", "Class: ", "Date: ")
        x, y = self._left, (0.35 if self._split == "train" else 0.25) * self._line
        longest = max(
            self._hand.face.at(text).getlength(label + said[key])
            for key, label in zip(said, labels, strict=True)
        )
        size = text * min(0.85, 0.27 * self._width / longest)
        for (key, value), label in zip(said.items(), labels, strict=True):
            if rng.random() < 0.3:
                continue
            self.header[key], self.labels[key] = value, label
            box = self._hand.write(rng, self.board, label + value, x, y, size, 0.27 * self._width)
            x = box[2] + 0.9 * text
            if self._split == "test" and len(self.header) == 2:
                x, y = self._left, y + 0.85 * self._line

    def _write_score(self) -> None:
        """The teacher's points at the top right: underlined in training, ringed in the test split."""
        rng, board, red = self._rng, self.board, self._red
        slips = sum(done.slip > 0 for done in self.sums)
        self.score = str(100 if slips == 0 else max(0, 100 - rng.randint(8, 30) * slips))
        size = 1.3 * self._text
        x, y = self._width - 2.6 * size, (1.15 if self._split == "train" else 0.9) * self._line
        box = red.write(rng, board, self.score, x, y, size)
        pen = max(2, round(size / 14))
        if self._split == "train":
            for low in (0.1, 0.24):
                start, end = box[3] + low * size, box[3] + (low + rng.uniform(-0.04, 0.04)) * size
                board.pen.line((box[0], start, box[2], end), fill=red.ink, width=pen)
        else:
            ring = (box[0] - 0.35 * size, box[1] - 0.3 * size, box[2] + 0.35 * size, box[3] + 0.3 * size)
            board.pen.ellipse(ring, outline=red.ink, width=pen)

    def _mark(self, y: float, *, wrong: bool) -> None:
        """The teacher's tick or cross beside the step written last."""
        rng, board = self._rng, self.board
        size = rng.uniform(0.8, 1.05) * self._text
        x = max(board.texts[-1].box[2] + 0.8 * size, rng.uniform(0.62, 0.8) * self._width)
        x = min(x, self._width - 1.7 * size)
        self.beside.append((len(board.objects), len(board.texts) - 1))
        chinese = self.language == "zh"
        if wrong:
            board.add(
                "红叉" if chinese else "red cross",
                cross(rng, board, x, y, size, self._red.ink),
                "cross",
                "red",
            )
        else:
            board.add(
                "红勾" if chinese else "red tick", tick(rng, board, x, y, size, self._red.ink), "tick", "red"
            )


def _ask(rng: Random, split: Split, sheet: _Sheet) -> tuple[Question, ...]:
    language, sums = sheet.language, sheet.sums
    asker = Asker(rng, split, language, "homework", ASKS)

    def of(number: int) -> str:
        if len(sums) == 1:
            return ""
        return f"第{number}题" if language == "zh" else f" of exercise {number}"

    number = rng.randint(1, len(sums))
    done = sums[number - 1]
    step = rng.randint(1, len(done.steps))
    latex = done.steps[step - 1]
    asker.add("step", plain(latex), "text", of(number), str(step), accepted=ways_to_write(latex))
    step = rng.randint(1, len(done.steps))
    latex = done.steps[step - 1]
    asker.add("formula", latex, "text", of(number), str(step), accepted=ways_to_write(latex))
    # The number, or all of the last line, or what it says without its sign: "=64 km/h" is 64 and 64 km/h.
    last = done.steps[-1]
    said = [way for text in (done.answer, last, last.lstrip("=")) for way in ways_to_write(text)]
    asker.add("final", plain(done.answer), "text", of(number), accepted=tuple(dict.fromkeys(said)))
    asker.add("task", plain(done.task), "text", of(number), accepted=ways_to_write(done.task))
    counts = tuple(str(n) for n in range(16))
    for kind, way in (("cross", "crosses"), ("tick", "ticks")):
        found = sum(item.kind == kind for item in sheet.board.objects)
        asker.add("count", str(found), "number", way=way, choices=counts)
    wrong = [i for i, worked in enumerate(sums, 1) if worked.slip]
    if wrong:
        number = rng.choice(wrong)
        asker.add("marked_wrong", str(sums[number - 1].slip), "number", of(number))
    if sheet.score:
        asker.add("score", sheet.score, "number")
    for key, value in sheet.header.items():
        asker.named("field", sheet.labels[key], value, "text", way=key)
    missing = [key for key in ("name", "class", "date") if key not in sheet.header]
    asker.absent(rng.choice([*missing, "teacher", *([] if sheet.score else ["score"])]))
    asker.absent("step", of(number), str(len(sums[number - 1].steps) + rng.randint(1, 3)))
    asker.places(sheet.board)
    things, texts = sheet.board.objects, sheet.board.texts
    asker.whole(
        sheet.board,
        [related(things[mark].label, texts[text].text, "right", language) for mark, text in sheet.beside],
    )
    return asker.shuffled()
