# ruff: noqa: E501 - tables of wordings, one way a line
"""A carton as it comes from the courier: torn, dented or whole, where, how large, and which marks are printed on it."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from jianwei.scenes import camera
from jianwei.scenes.asking import YES_NO, Asker, Table, box_answer, related, ways
from jianwei.scenes.board import Board
from jianwei.scenes.carton_drawing import MARKS, PLACES, draw_carton, draw_damage, draw_marks, draw_sheet
from jianwei.scenes.scene import Box, Language, PlacedObject, Question, Scale, Scene, Split

DAMAGE: dict[str, tuple[str, str]] = {
    "tear": ("撕裂", "torn"),
    "dent": ("凹陷", "dented"),
    "none": ("没有破损", "not damaged"),
}
"""Kind to its word in Chinese and English."""

ASKS: Table = {
    "damaged": (
        ways("[箱子|纸箱]破了吗？;[纸箱|箱子]有没有破损？;包装有损坏吗？;这个[箱子|纸箱]完好吗？", "纸箱是否受损？;外箱有无损伤？"),
        ways("Is the [box|carton] damaged?;Is there any damage?;Is the [box|carton] intact?", "Has the package been damaged?;Did the parcel suffer harm?"),
    ),
    "damage_kind": (
        ways("[箱子|纸箱]是什么样的破损？;[纸箱|箱子]怎么了？;破损类型是什么？", "这个纸箱有什么问题？;损伤属于哪种？"),
        ways("What kind of damage is it?;What is wrong with the [box|carton]?;What happened to the [box|carton]?", "How is the box damaged?;Of what sort is the harm?"),
    ),
    "damage_place": (
        ways("哪里破了？;这张照片里的[箱子|纸箱]哪里破了？;破损在什么位置？", "箱子的哪个部位坏了？;损伤位于箱面何处？"),
        ways("Where is the damage?;Where is the [box|carton] damaged?", "Which part of the carton is damaged?;On what part of the front lies the harm?"),
    ),
    "where_object": (
        ways("[请|]框出破损处。;破损处的坐标是什么？;破损处在哪[里|]？", "定位破损。;把受损处圈定。"),
        ways("Give the box of the damage.;Locate the damage.;Box the damage.", "Mark the damage with coordinates.;Put a frame around the harmed spot."),
    ),
    "damage_share": (
        ways("破损[处|]的宽度[约|大约|]占箱子宽度的百分之几？;破损有箱[子|面]宽度的百分之多少？", "损伤横向跨度占箱宽多大比例（百分数）？;以箱宽为100，破损宽多少？"),
        ways("How wide is the damage in percent of the [box's|carton's] width?;What percentage of the [box's|carton's] width is damaged?", "Taking the box's width as 100, how broad is the damage?;What share of the front's width does the harm span, in percent?"),
    ),
    "damage_cm": (
        ways("以A4纸为[参照|准]，破损[处|]有多少厘米宽？;旁边是A4纸，破损宽[约|大约]几厘米？", "拿A4纸比一比，损伤横向几厘米？;按A4纸推算破损宽度（厘米）。"),
        ways("Taking the A4 sheet as scale, how many cm wide is the damage?;Beside it is an A4 sheet. What is the width of the damage in cm?", "Judging by the A4 page, how broad is the damage in centimetres?;By the A4 sheet's size, give the harm's width in cm."),
    ),
    "carton_cm": (
        ways("以A4纸为[参照|准]，箱子[有|]多少厘米宽？;对照A4纸，纸箱[的宽度|宽度]是几厘米？", "拿A4纸比一比，外箱横向几厘米？;按A4纸推算箱宽（厘米）。"),
        ways("Taking the A4 sheet as scale, how many cm wide is the [box|carton]?;Compared with the A4 sheet, what is the width of the [box|carton] in cm?", "Judging by the A4 page, how broad is the carton in centimetres?;By the A4 sheet's size, give the box's width in cm."),
    ),
    "no_scale": (
        ways("[箱子|纸箱]实际[有|]多少厘米宽？;破损[处|]实际[有|]几厘米？", "外箱真实宽度是几厘米？;损伤真实长度几厘米？"),
        ways("How many cm wide is the [box|carton] in reality?;How many centimetres long is the damage?", "What is the carton's true width in cm?;How long is the harm truly, in cm?"),
    ),
    "lining": (
        ways("[能|可以]看到内衬吗？;[破口|里面|破损处]有没有露出内衬？;内衬[露出来了|外露了]吗？", "气泡垫从破口现出来没有？;里层衬垫看得见吗？"),
        ways("Can the lining be seen?;Does the lining show [through the damage|]?;Is the [inner lining|lining] visible?", "Does bubble wrap peek out?;Is the padding inside laid bare?"),
    ),
    "mark": (
        ways("箱子上有“{}”标识吗？;有没有印{}？;纸箱上印了“{}”吗？", "能看到{}的标志吗？;“{}”的标记在不在？"),
        ways('Is the carton marked "{}"?;Does the box say {}?;Does the [box|carton] carry the mark "{}"?', 'Is "{}" printed on the box?;Can the sign "{}" be found on it?'),
    ),
    "missing": (
        ways("[箱子|纸箱]上[是不是|是否]缺少“{}”标识？;[箱子|纸箱]没印“{}”吗？;“{}”标识[缺了|缺失]吗？", "“{}”标记漏印了没有？;是不是少了“{}”？"),
        ways('Is the mark "{}" missing?;Does the [box|carton] lack "{}"?', 'Was "{}" left off the carton?;Is the box without "{}"?'),
    ),
    "marks": (
        ways("箱子上有什么标识？;纸箱上印了什么？", "上面有哪些标志？;箱面印着的字样？"),
        ways("What marks are on the [box|carton]?;What is printed on the [box|carton]?", "Which signs does the carton carry?;Which words does the box bear?"),
    ),
    "describe": (
        ways("描述这张图片。;描述纸箱的情况。;请描述图中的纸箱破损情况。;这张图里有什么？", "用工程报告格式描述纸箱破损情况。;报告这件包裹的外观。"),
        ways("Describe this picture.;Describe the carton.;What is in this picture?", "Report the state of the box.;Give a report on the parcel."),
    ),
    "receiver": (
        ways("[收件人|收货人]是谁？;[寄给谁的|谁的包裹]？", "包裹归谁？;面单写了谁的名字？"),
        ways("Who is the [recipient|addressee]?;To whom is it [sent|addressed]?", "Whose parcel is it?;Which name is on the label?"),
    ),
    "weight": (
        ways("[箱子|纸箱]有多重？;重量是多少？", "这件包裹几公斤？;分量多少？"),
        ways("How heavy is the [box|carton]?;What does the [box|carton] weigh?", "What is the parcel's mass?;How many kilos is it?"),
    ),
}  # fmt: skip


@dataclass(frozen=True)
class _Truth:
    """What there is to know about one carton; lengths in pixels."""

    kind: str
    place: str
    front: Box
    damage: PlacedObject | None
    lining: bool
    scale: Scale | None
    carton_cm: float


def draw(rng: Random, split: Split, language: Language, size: int = 320) -> Scene:
    """A carton seen from the front on some ground, in three of ten pictures with an A4 sheet beside it.

    ``size`` is about the longer side in pixels.
    """
    width, height = round(size * rng.uniform(0.9, 1.2)), round(size * rng.uniform(0.85, 1.1))
    board = Board(camera.background(rng, split, width, height, pale=rng.random() < 0.7))
    measured = rng.random() < 0.3
    front: Box = (
        width * rng.uniform(0.05 if measured else 0.08, 0.07 if measured else 0.18),
        height * rng.uniform(0.24, 0.34),
        width * (rng.uniform(0.58, 0.61) if measured else rng.uniform(0.8, 0.88)),
        height * rng.uniform(0.8, 0.94),
    )
    zh = language == "zh"
    draw_carton(rng, split, board, front)
    board.add("纸箱" if zh else "carton", front, "carton", "brown")
    carton_cm = rng.uniform(42, 62)
    scale = draw_sheet(rng, board, front, carton_cm) if measured else None
    kind = rng.choice(("tear", "tear", "dent", "dent", "none"))
    place = rng.choice(tuple(PLACES)) if kind != "none" else ""
    draw_marks(rng, split, language, board, front, place)
    damage, lining = None, None
    if scale is not None:
        xs, ys = [x for x, _ in scale.corners], [y for _, y in scale.corners]
        board.add("A4纸" if zh else "A4 sheet", (min(xs), min(ys), max(xs), max(ys)), "a4", "white")
    if kind != "none":
        box, lining = draw_damage(rng, board, front, kind, place)
        damage = board.add(("撕裂" if kind == "tear" else "凹陷") if zh else kind, box, kind)
        if lining is not None:
            board.add("内衬" if zh else "lining", lining, "lining", "white")
    image = camera.photograph(rng, board.canvas, 0.7)
    truth = _Truth(kind, place, front, damage, lining is not None, scale, carton_cm)
    questions = _ask(rng, split, language, board, truth)
    return Scene("cartons", image, language, tuple(board.texts), tuple(board.objects), questions, scale)


def _ask(rng: Random, split: Split, language: Language, board: Board, truth: _Truth) -> tuple[Question, ...]:
    asker = Asker(rng, split, language, "cartons", ASKS)
    here = 0 if language == "zh" else 1
    broken, whole = (
        ("有破损。", "没有破损。") if here == 0 else ("Yes, it is damaged.", "No, it is not damaged.")
    )
    damaged = truth.damage is not None
    asker.add("damaged", broken if damaged else whole, "choice", choices=(broken, whole))
    kinds = tuple(word[here] for word in DAMAGE.values())
    asker.add("damage_kind", DAMAGE[truth.kind][here], "choice", choices=kinds)
    places = tuple(word[here] for word in PLACES.values())
    if truth.damage is not None:
        asker.add("damage_place", PLACES[truth.place][here], "choice", choices=places)
        asker.add("where_object", box_answer(truth.damage.label, truth.damage.box, board.size), "box")
    else:
        asker.add("damage_place", whole, "choice", choices=(whole, *places))
    yes, no = YES_NO[language]
    if truth.kind == "tear":
        asker.add("lining", yes if truth.lining else no, "choice", choices=(yes, no))
    _ask_sizes(asker, truth)
    _ask_marks(rng, asker, board, language)
    asker.add("describe", _report(truth, [text.text for text in board.texts], here), "open")
    asker.absent(rng.choice(("receiver", "weight")))
    asker.whole(board, _relations(board, truth, language))
    return asker.shuffled()


def _ask_sizes(asker: Asker, truth: _Truth) -> None:
    """The size of the damage against the carton, and in cm where an A4 sheet tells the scale."""
    wide = truth.front[2] - truth.front[0]
    across = truth.damage.box[2] - truth.damage.box[0] if truth.damage else 0.0
    if across:
        asker.add("damage_share", f"{100 * across / wide:.0f}", "number", tolerance=6.0)
    if truth.scale is None:
        asker.absent("no_scale")
        return
    asker.add("carton_cm", f"{truth.carton_cm:.0f}", "number", tolerance=0.12 * truth.carton_cm)
    if across:
        size = across * truth.scale.cm_per_pixel
        asker.add("damage_cm", f"{size:.0f}", "number", tolerance=max(1.5, 0.2 * size))


def _ask_marks(rng: Random, asker: Asker, board: Board, language: Language) -> None:
    yes, no = YES_NO[language]
    printed = [text.text for text in board.texts]
    mark = rng.choice([rng.choice(MARKS[language]), *printed])
    asker.add("mark", yes if mark in printed else no, "choice", mark, choices=(yes, no))
    lacks, has = ("缺少。", "没有缺少。") if language == "zh" else ("Yes, it is missing.", "No, it is there.")
    mark = rng.choice([rng.choice(MARKS[language]), *printed])
    asker.add("mark", has if mark in printed else lacks, "choice", mark, way="missing", choices=(lacks, has))
    if printed:
        text = rng.choice(board.texts)
        asker.add("where", box_answer(text.text, text.box, board.size), "box", text.text)
    nothing = "没有标识。" if language == "zh" else "There are no marks."
    asker.add("marks", ("、" if language == "zh" else ", ").join(printed) or nothing, "text")


def _relations(board: Board, truth: _Truth, language: Language) -> list[str]:
    found: list[str] = []
    if truth.damage is not None:
        place = PLACES[truth.place][0 if language == "zh" else 1]
        carton = board.objects[0].label
        label = truth.damage.label
        found.append(
            f"{label}在{carton}的{place}"
            if language == "zh"
            else f"{label} is at the {place} of the {carton}"
        )
    sheet = next((item for item in board.objects if item.kind == "a4"), None)
    if sheet is not None:
        found.append(related(sheet.label, board.objects[0].label, "right", language))
    return found


def _report(truth: _Truth, marks: list[str], here: int) -> str:
    """What is wrong, where, and the marks: a short report."""
    kind, place = truth.kind, truth.place
    if here == 0:
        state = "纸箱没有破损" if kind == "none" else f"纸箱{PLACES[place][0]}有{DAMAGE[kind][0]}"
        state += "，露出内衬" if truth.lining else ""
        return f"{state}，{'标识：' + '、'.join(marks) if marks else '没有标识'}。"
    state = "The carton is not damaged"
    if kind != "none":
        state = f"The carton is {DAMAGE[kind][1]} at the {PLACES[place][1]}"
    state += ", the lining shows" if truth.lining else ""
    return f"{state}; {'marks: ' + ', '.join(marks) if marks else 'no marks'}."
