# ruff: noqa: E501 - tables of wordings, one way a line
"""Invoices, receipts and contracts, scanned or photographed: totals, parties, signatures that are there or not, stamps."""

from __future__ import annotations

from random import Random

from jianwei.scenes import camera, records
from jianwei.scenes.asking import YES_NO, Asker, Table, related, ways
from jianwei.scenes.document_pages import Page
from jianwei.scenes.records import Record
from jianwei.scenes.scene import Language, Question, Scale, Scene, Split
from jianwei.scenes.tabletop import a4_scale, photographed

ASKS: Table = {
    "total": (
        ways("[总额|总金额|总价|一共]是多少[钱|]？;[一共|总共|合计]多少[钱|]？;[最终|最后]的金额[是多少|]？", "全部加起来的数额？;这份单据的总数写的多少？"),
        ways("What is the total [amount|sum|price]?;How much is it [in all|altogether]?;What does it [come|add up] to?", "Which overall sum is stated?;What figure is it all together?"),
    ),
    "tax": (
        ways("[税|税额|税金][是|]多少[钱|]？;[交了|收了]多少税？", "其中的税款数目？;税的部分是几元？"),
        ways("How much [is the tax|tax is there]?;What is the tax [amount|]?", "Which sum goes to taxes?;What was added as tax?"),
    ),
    "date": (
        ways("[单据|文件|上面][的|]日期是[哪天|什么|多少]？;[哪天|什么时候][开的|签发的]？", "落款是几月几日？;写明的日子？"),
        ways("What is the date [of the document|]?;When was it [issued|made out|dated]?", "Which day is stated?;On which day was it drawn up?"),
    ),
    "number": (
        ways("[单号|编号|单据编号|号码]是[多少|什么]？;这[份|张][单据|文件]的编号[是|]？", "凭证的号是多少？;识别码写的什么？"),
        ways("What is the [number|document number|ID] [of this document|]?;Which number does the document have?", "Under what code is it filed?;What is its identifying code?"),
    ),
    "seller": (
        ways("[卖方|销售方|供货方|商家]是[谁|哪家]？;[哪家|谁]卖的？", "货是由谁供的？;出货的单位叫什么？"),
        ways("Who is the [seller|vendor|supplier]?;Who sells the goods?", "Which firm provides the goods?;By whom are the goods sold?"),
    ),
    "buyer": (
        ways("[买方|购买方|付款方|客户]是[谁|哪家]？;[谁|哪家]买的？", "货是谁要的？;付钱的单位叫什么？"),
        ways("Who is the [buyer|customer|purchaser]?;Who buys the goods?", "Which firm gets the goods?;By whom are the goods bought?"),
    ),
    "amount": (
        ways("{}[一共|这一行|]多少钱？;{}的金额是多少？;{}[合计|小计]多少？", "{}那行算得几元？;{}花去多少？"),
        ways("What is the amount [for|of] {}?;How much [is|are] the {} [in all|together]?", "Which sum stands in the line of {}?;What do the {} cost as a whole?"),
    ),
    "quantity": (
        ways("{}[买了|有]多少[件|个|]？;{}的数量是[多少|几]？", "{}一行数量填的几？;{}要了几份？"),
        ways("How many {} [are there|were bought|are listed]?;What is the quantity of {}?", "Which count stands in the line of {}?;In what number were {} taken?"),
    ),
    "clause": (
        ways("第{}条[写的是什么|是什么内容|怎么约定]？;[读|念]一下第{}条。", "条款{}是怎样规定的？;抄写条款{}。"),
        ways("What does clause {} say?;Read clause {}.", "How does point {} run?;Copy out point {}."),
    ),
    "signature": (
        ways("“{}”[一栏|处|]签[字|名]了吗？;“{}”是[不是|否]空白[的|]？;“{}”[那里|处]有人签吗？", "有没有人在“{}”落笔？;“{}”后面还空着吗？"),
        ways('Is the field "{}" [signed|blank]?;Has anybody signed at "{}"?;Is "{}" [empty|filled in]?', 'Did someone put a name at "{}"?;Was "{}" left without a name?'),
    ),
    "sign_date": (
        ways("“{}”旁[边|]的日期填[了吗|写了没有]？;“{}”[右边|旁边]的日期是空白的吗？", "“{}”后的日子写上没有？;“{}”那行落日期了吗？"),
        ways('Is the date beside "{}" [filled in|blank]?;Has a date been written next to "{}"?', 'Did the person at "{}" note the day?;Was the day at "{}" left out?'),
    ),
    "stamp": (
        ways("[有没有|有无][盖章|印章|公章]？;[盖章|盖了章]了吗？;[图中|上面]有[印章|红章]吗？", "能否见到圆形红印？;是否用过印？"),
        ways("Is there a stamp?;Has it been stamped?;Does the [paper|document] [have|carry|bear] a stamp?", "Can a round red seal be seen?;Was a seal put on it?"),
    ),
    "caption": (
        ways("[印章|章]上[写的是|是]什么[章|字]？;盖的是什么章？", "红印中间的字样？;那枚印属于哪一类？"),
        ways("What does the stamp say [in its middle|in the middle|]?;Which word is inside the stamp?", "Which caption has the seal?;What is the seal's inner word?"),
    ),
    "diameter": (
        ways("这[是|]一张A4纸，印章直径[大约|约|]几厘米？;以A4纸为准，印章[有|]多少厘米宽？", "按A4纸推算，圆印的宽度合几厘米？;纸为A4，量一量印的直径（厘米）。"),
        ways("This is an A4 sheet. How many cm wide is the stamp?;Taking the sheet as A4, what is the diameter of the stamp in cm?", "Judging by the A4 page, how broad is the seal in centimetres?;The page is A4: give the seal's width in cm."),
    ),
    "kind": (
        ways("这是[什么|哪种][单据|文件]？;[这张|这份][东西|纸]是发票、收据还是合同？", "它属于发票、收据、合同里的哪类？;文书类别是？"),
        ways("What kind of document is [this|it]?;Is this an invoice, a receipt or a contract?", "Of which sort is the paper: invoice, receipt or contract?;Which type of paper is shown?"),
    ),
    "title": (
        ways("[标题|抬头|题目]是什么？;[单据|文件]的标题[写的|]是什么？", "顶端大字是什么？;文书名称？"),
        ways("What is the [title|heading] [of the document|]?;What is the document called?", "Which words head the page?;Under what name does the paper go?"),
    ),
}  # fmt: skip

_KINDS: dict[Language, dict[str, str]] = {
    "zh": {"invoice": "发票", "receipt": "收据", "contract": "合同"},
    "en": {"invoice": "invoice", "receipt": "receipt", "contract": "contract"},
}

_STRANGERS: dict[Language, tuple[str, ...]] = {
    "zh": ("传真", "邮编", "开户行", "积分", "车牌号", "房间号", "网址", "保险费"),
    "en": ("Fax", "Zip code", "Bank name", "Points", "Plate number", "Room", "Website", "Insurance"),
}


def draw(rng: Random, split: Split, language: Language, size: int = 1000) -> Scene:
    """A business paper; its longer side has about ``size`` pixels. A4 sheets tell a scale."""
    said = records.record(rng, split, language)
    page = Page(rng, split, language, said, size)
    board = page.board
    width, height = board.size
    corners = ((0.0, 0.0), (float(width), 0.0), (float(width), float(height)), (0.0, float(height)))
    if rng.random() < 0.7:
        corners = photographed(rng, split, board, rng.uniform(0.2, 1.0))
    scale = a4_scale(corners) if page.a4 else None
    image = camera.photograph(rng, board.canvas, 0.6)
    questions = _ask(rng, split, language, page, scale)
    return Scene("documents", image, language, tuple(board.texts), tuple(board.objects), questions, scale)


def _ask(
    rng: Random, split: Split, language: Language, page: Page, scale: Scale | None
) -> tuple[Question, ...]:
    said, board, zh = page.record, page.board, language == "zh"
    asker = Asker(rng, split, language, "documents", ASKS)
    _ask_facts(rng, asker, said)
    blank, signed = ("空白。", "已签字。") if zh else ("It is blank.", "It is signed.")
    empty, filled = ("空白。", "已填写。") if zh else ("It is blank.", "It is filled in.")
    for signer in said.signers:
        answer = signed if signer.signed else blank
        asker.add("signature", answer, "choice", signer.label, choices=(blank, signed))
        answer = filled if signer.date else empty
        asker.add("sign_date", answer, "choice", signer.label, choices=(empty, filled))
    yes, no = YES_NO[language]
    asker.add("stamp", yes if said.stamp else no, "choice", choices=(yes, no))
    seal = next((item for item in board.objects if item.kind == "stamp"), None)
    relations: list[str] = []
    if seal is None:
        asker.absent("caption")
    else:
        asker.add("caption", said.stamp, "text")
        relations.append(related(seal.label, said.title, "below", language))
        if scale is not None:
            asker.add("diameter", f"{page.stamp_cm:.1f}", "number", tolerance=0.15 * page.stamp_cm)
    asker.add("kind", _KINDS[language][said.kind], "choice", choices=tuple(_KINDS[language].values()))
    asker.add("title", said.title, "text")
    asker.no_field(rng.choice(_STRANGERS[language]))
    asker.places(board)
    asker.present(board, _STRANGERS[language])
    asker.whole(board, relations)
    return asker.shuffled()


def _ask_facts(rng: Random, asker: Asker, said: Record) -> None:
    """Totals, dates, parties, lines and clauses, by meaning and by label; some that are not there."""
    labels = [label for label, _ in (*said.facts.values(), *said.sums.values())]
    for key, (label, value) in (*said.facts.items(), *said.sums.items()):
        if key in ASKS:
            asker.named(key, label, value, "text")
        elif sum(label in other for other in labels) == 1:
            asker.field(label, value)
    dated = any(signer.date for signer in said.signers) or any("20" in clause for clause in said.clauses)
    missing = [key for key in ("number", "date", "tax") if key not in said.facts and key not in said.sums]
    if dated and "date" in missing:
        missing.remove("date")
    if missing:
        asker.absent(rng.choice(missing))
    for line in rng.sample(said.lines, min(2, len(said.lines))):
        asker.named("amount", line.name, said.money(line.amount), "text", line.name)
        asker.named("quantity", line.name, str(line.count), "number", line.name)
    if said.clauses:
        number = rng.randint(1, len(said.clauses))
        asker.add("clause", said.clauses[number - 1], "text", str(number))
        asker.absent("clause", str(len(said.clauses) + rng.randint(1, 3)))
