"""What papers and screens say about themselves: labels as printed, the ways people ask for them, and values.

One ``Field`` is one meaning ("total", "phone"). Its labels and askings in both languages are listed together, so
that a question in English can be put to a Chinese receipt. Some askings belong to the test split alone.
"""

# ruff: noqa: E501 - tables of words, one meaning a line
from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from jianwei.scenes import phrases, wording, words
from jianwei.scenes.field_phrases import FIELD_PATTERNS
from jianwei.scenes.field_words import field_names
from jianwei.scenes.scene import Language, Split

Value = Callable[[Random, Language], str]


@dataclass(frozen=True)
class Field:
    """One meaning.

    Attributes:
        key: its name here.
        labels: how it is printed, by language; any of them may be asked for by its own words.
        asks: whole questions for it, by language; the last of three or more is kept for the test split.
        value: draws a value.
    """

    key: str
    labels: dict[Language, tuple[str, ...]]
    asks: dict[Language, tuple[str, ...]]
    value: Value


def _field(key: str, zh: str, en: str, value: Value, *asks: str) -> Field:
    def parts(text: str) -> tuple[str, ...]:
        return tuple(part.strip() for part in text.split("|") if part.strip())

    asks_zh, asks_en = asks or ("", "")
    return Field(key, {"zh": parts(zh), "en": parts(en)}, {"zh": parts(asks_zh), "en": parts(asks_en)}, value)


def _count(rng: Random, language: Language) -> str:
    number = rng.randint(1, 200)
    if rng.random() < 0.6:
        return str(number)
    return (
        f"{number}{rng.choice('件个箱盒份')}"
        if language == "zh"
        else f"{number} {rng.choice(('pcs', 'items', 'boxes'))}"
    )


def _percent(rng: Random, language: Language) -> str:
    return f"{rng.choice((rng.randint(1, 99), round(rng.random() * 30, 1)))}%"


def _weight(rng: Random, language: Language) -> str:
    number = rng.choice((str(rng.randint(1, 900)), f"{rng.random() * 50:.1f}", f"{rng.random() * 20:.2f}"))
    return number + rng.choice(
        ("kg", "g", " kg", "KG", "克", "千克") if language == "zh" else ("kg", "g", " kg", " lb", "KG")
    )


def _size(rng: Random, language: Language) -> str:
    sides = [str(rng.randint(5, 120)) for _ in range(3)]
    return rng.choice(("x", "×", "*")).join(sides) + rng.choice(("cm", "mm", ""))


def _choice(zh: str, en: str) -> Value:
    options: dict[Language, list[str]] = {"zh": zh.split(), "en": en.split("|")}
    return lambda rng, language: rng.choice(options[language])


def _datetime(rng: Random, language: Language) -> str:
    return (
        f"{words.date(rng, language)} {words.clock(rng)}" if rng.random() < 0.6 else words.date(rng, language)
    )


def _code(rng: Random, language: Language) -> str:
    return words.code(rng)


def _clock(rng: Random, language: Language) -> str:
    return words.clock(rng)


def _account(rng: Random, language: Language) -> str:
    number = words.digits(rng, rng.choice((16, 19, 12)))
    return " ".join(number[i : i + 4] for i in range(0, len(number), 4)) if rng.random() < 0.4 else number


def _mail(rng: Random, language: Language) -> str:
    name = words.random_letters(rng, 4, 8).lower()
    return f"{name}@{words.random_letters(rng, 4, 7).lower()}.{rng.choice(('com', 'cn', 'net', 'org'))}"


def _seat(rng: Random, language: Language) -> str:
    return f"{rng.randint(1, 30)}{rng.choice('ABCDEF')}"


FIELDS: tuple[Field, ...] = (
    _field("total", "合计|总计|总金额|总价|应付|应付金额|实付|实付款|实付金额|共计|合计金额|应收金额|价税合计", "Total|TOTAL|Grand Total|Total Due|Amount Due|Total Amount|Balance Due", words.money,
           "一共多少钱？|总共多少钱？|总价是多少？|总额是多少？|总金额是多少？|一共花了多少钱？|总计多少？|要付多少钱？|合计多少钱？|这张单子总共多少钱？|总共花了多少？", "How much is it in total?|What is the total?|What's the total price?|How much was paid?|What is the total amount?|How much is the bill?|How much did it cost altogether?"),
    _field("subtotal", "小计|商品金额|商品总额|货款", "Subtotal|SUBTOTAL|Sub Total|Items Total", words.money),
    _field("tax", "税额|税费|增值税|税金", "Tax|VAT|Sales Tax|GST", words.money, "税是多少？|交了多少税？|税费多少？", "How much is the tax?|What is the tax?|How much tax was charged?"),
    _field("discount", "优惠|折扣|优惠金额|已优惠|优惠券|满减", "Discount|You Saved|Coupon|Savings", words.money, "优惠了多少钱？|便宜了多少？|折扣是多少？|省了多少钱？", "How much is the discount?|What is the discount?|How much was saved?"),
    _field("shipping", "运费|配送费|快递费|邮费", "Shipping|Delivery Fee|Freight|Postage", words.money, "运费多少？|运费是多少钱？|配送要多少钱？", "How much is shipping?|What is the delivery fee?|What does delivery cost?"),
    _field("packing", "打包费|包装费|餐盒费", "Packing Fee|Packaging", words.money),
    _field("deposit", "押金|定金|保证金", "Deposit|Security Deposit", words.money, "押金是多少？|要交多少押金？|押金多少钱？", "How much is the deposit?|What is the deposit?|What deposit is required?"),
    _field("change", "找零|找赎", "Change|CHANGE", words.money, "找了多少钱？|找零多少？|找回多少钱？", "How much change was given?|What is the change?|How much change?"),
    _field("cash", "现金|收款|实收", "Cash|CASH|Tendered|Paid", words.money),
    _field("balance", "余额|账户余额|卡内余额", "Balance|Account Balance", words.money, "余额是多少？|还剩多少钱？|卡里还有多少钱？", "What is the balance?|How much is left?|How much money remains?"),
    _field("unit_price", "单价|价格|售价|零售价|会员价|现价", "Price|Unit Price|Sale Price|Member Price", words.money, "价格是多少？|多少钱？|卖多少钱？|价钱是多少？", "What is the price?|How much is it?|How much does it cost?|What does it sell for?"),
    _field("old_price", "原价|市场价|划线价", "Was|List Price|Regular Price", words.money, "原来多少钱？|原价是多少？|打折前多少钱？", "What was the price before?|What is the regular price?|What was the old price?"),
    _field("quantity", "数量|件数|总数|总件数|份数", "Quantity|Qty|QTY|Items|Pieces", _count, "一共几件？|数量是多少？|有多少件？|买了几件？", "What is the quantity?|How many items are there?|How many pieces?|How many were bought?"),
    _field("order", "订单号|订单编号|单号|订单", "Order No.|Order Number|Order ID|Order #|Order", _code, "订单号是多少？|订单编号是什么？|单号多少？|订单的编号是多少？", "What is the order number?|What's the order ID?|Which order is this?|What number does the order have?"),
    _field("invoice", "发票号码|发票号|发票代码", "Invoice No.|Invoice Number|Invoice #|Invoice", _code, "发票号是多少？|发票号码是什么？|发票的号码是多少？", "What is the invoice number?|What's the invoice no.?|Which number is on the invoice?"),
    _field("tracking", "快递单号|运单号|物流单号|运单编号", "Tracking No.|Tracking Number|Waybill No.", _code, "快递单号是多少？|运单号多少？|快递的单号是什么？", "What is the tracking number?|What's the waybill number?|Which tracking number is printed?"),
    _field("serial", "序列号|机身号|SN|出厂编号", "Serial No.|S/N|SN|Serial Number", _code, "序列号是什么？|机器编号是多少？|序列号写的是什么？", "What is the serial number?|What's the S/N?|Which serial number is shown?"),
    _field("model", "型号|规格型号|产品型号", "Model|Model No.|Type", _code, "型号是什么？|是什么型号？|产品是哪个型号？", "Which model is it?|What is the model?|What's the model number?"),
    _field("batch", "批号|生产批号|批次", "Batch|Lot No.|LOT|Batch No.", _code),
    _field("pickup", "取件码|取餐号|提货码|取餐码", "Pickup Code|Pick-up No.|Collection Code", _code, "取件码是多少？|取餐号是多少？|提货码多少？", "What is the pickup code?|What's the collection code?|Which pickup code?"),
    _field("coupon_code", "优惠码|兑换码|验证码", "Promo Code|Code|Coupon Code", _code),
    _field("date", "日期|开票日期|订单日期|签订日期|交易日期", "Date|Invoice Date|Order Date|DATE|Issue Date", words.date, "日期是什么？|是哪一天的？|什么日期？|是哪天开的？|写的是几月几号？", "What is the date?|When was it issued?|What date is it?|Which day is it from?"),
    _field("time", "时间|下单时间|交易时间|打印时间|创建时间", "Time|Order Time|Date/Time|Printed", _datetime, "什么时候下的单？|时间是什么？|是什么时间？", "When was it ordered?|What is the time?|At what time was it?"),
    _field("made", "生产日期|制造日期", "Mfg Date|MFD|Production Date|Made On", words.date, "什么时候生产的？|生产日期是哪天？|是哪天生产的？", "When was it made?|What is the production date?|When was it produced?"),
    _field("expires", "保质期至|有效期至|到期日|失效日期|限用日期", "Best Before|Expiry Date|EXP|Use By|Valid Until", words.date, "什么时候过期？|保质期到哪天？|有效期到什么时候？|哪天到期？", "When does it expire?|What is the best-before date?|Until when is it valid?|When is it out of date?"),
    _field("due", "截止日期|付款期限|还款日|最后期限", "Due Date|Payment Due|Deadline", words.date, "截止到哪天？|什么时候截止？|最晚哪天？", "When is it due?|What is the due date?|What's the deadline?"),
    _field("hours", "营业时间|开放时间", "Opening Hours|Hours|Open", lambda rng, language: f"{rng.randint(6, 11):02}:{rng.choice(('00', '30'))}-{rng.randint(17, 23)}:{rng.choice(('00', '30'))}", "几点开门？|营业到几点？|什么时间营业？", "What are the opening hours?|When is it open?|When do they open?"),
    _field("departure", "出发|发车时间|起飞时间|开车时间", "Departure|Departs|Boarding Time", _clock, "几点出发？|几点发车？|什么时候开？", "When does it leave?|What is the departure time?|When does it depart?"),
    _field("seat", "座位|座位号|座号", "Seat|SEAT|Seat No.", _seat, "座位是哪个？|坐哪里？|座位号多少？", "Which seat is it?|What is the seat number?|Where do I sit?"),
    _field("table", "桌号|台号", "Table|Table No.", lambda rng, language: rng.choice((str(rng.randint(1, 99)), f"{rng.choice('ABC')}{rng.randint(1, 30):02}")), "几号桌？|桌号是多少？|是哪一桌？", "Which table is it?|What is the table number?|What table?"),
    _field("phone", "电话|联系电话|手机|手机号|服务热线|客服电话|联系方式", "Phone|Tel|TEL|Telephone|Mobile|Hotline", words.phone, "电话是多少？|电话号码是多少？|手机号是多少？|怎么打电话联系？|联系电话多少？|该打哪个电话？", "What is the phone number?|What's the telephone number?|Which number can I call?|What number should I ring?"),
    _field("mail", "邮箱|电子邮箱", "Email|E-mail|Mail", _mail, "邮箱是什么？|电子邮件地址是什么？|邮箱地址是多少？", "What is the email address?|What's the e-mail?|Which email is given?"),
    _field("address", "地址|收货地址|店铺地址|单位地址", "Address|Ship To|Location|Deliver To", words.address, "地址是哪里？|地址在哪？|寄到哪里？|送到什么地方？", "What is the address?|Where is it delivered?|What's the address?|To which address does it go?"),
    _field("receiver", "收货人|收件人|姓名|联系人", "Name|Recipient|Customer|Attn", words.person, "收件人是谁？|是谁的？|叫什么名字？|收货的人是谁？", "Who is the recipient?|What is the name?|Who is it for?|Who receives it?"),
    _field("cashier", "收银员|操作员|服务员|开票人", "Cashier|Server|Clerk|Served by", words.person, "收银员是谁？|谁收的银？|谁服务的？", "Who was the cashier?|Who is the clerk?|Who served?"),
    _field("buyer", "购买方|购方名称|甲方|买方|客户名称", "Buyer|Bill To|Party A|Customer Name", words.company, "买方是谁？|购买方是哪家？|甲方是谁？|是谁买的？", "Who is the buyer?|Who is billed?|Who bought it?"),
    _field("seller", "销售方|销方名称|乙方|卖方|商家|店名|收款方", "Seller|Vendor|Party B|Merchant|Store|Supplier", words.company, "卖方是谁？|是哪家店？|商家叫什么？|销售方是哪家？|哪家公司卖的？", "Who is the seller?|Which store is it?|What is the merchant?|Which company sold it?"),
    _field("product", "品名|商品名称|商品|产品名称|货品", "Product|Item|Description|Product Name", words.goods, "是什么商品？|产品叫什么？|品名是什么？|卖的是什么？|商品名是什么？", "What is the product?|What is it called?|What is the product name?|Which article is it?"),
    _field("origin", "产地|原产地", "Origin|Made in|Country", _choice("山东 新疆 云南 海南 中国 日本 智利 泰国 广西 浙江 四川 美国", "China|Japan|USA|Chile|Thailand|Spain|Italy|Peru"), "哪里产的？|产地是哪里？|是什么地方产的？", "Where is it from?|What is the origin?|Where was it grown?"),
    _field("brand", "品牌|牌子", "Brand", lambda rng, language: words.random_hanzi(rng, 2, 4) if language == "zh" else words.random_letters(rng, 4, 8), "什么牌子？|品牌是什么？|是哪个牌子的？", "Which brand is it?|What is the brand?|What brand?"),
    _field("colour_field", "颜色|颜色分类", "Color|Colour", _choice("红色 黑色 白色 藏青 米白 浅灰 天蓝 墨绿", "Red|Black|White|Navy|Beige|Grey"), "", ""),
    _field("weight", "净重|重量|毛重|净含量", "Net Weight|Weight|Net Wt|Gross Weight", _weight, "多重？|重量是多少？|净含量是多少？|有多重？", "How heavy is it?|What is the weight?|What does it weigh?"),
    _field("size", "尺寸|外形尺寸|规格", "Size|Dimensions", _size, "尺寸是多少？|多大？|规格是什么？|大小是多少？", "What is the size?|What are the dimensions?|How large is it?"),
    _field("rate", "税率|折扣率|利率", "Rate|Tax Rate|Interest Rate", _percent),
    _field("account", "账号|银行账号|卡号", "Account No.|Card No.|Account", _account, "账号是多少？|卡号是多少？|银行账号是什么？", "What is the account number?|What's the card number?|Which account is it?"),
    _field("bank", "开户行|开户银行", "Bank|Bank Name", _choice("中国银行 工商银行 建设银行 农业银行 招商银行 交通银行", "City Bank|National Bank|First Bank|Union Bank"), "哪家银行？|开户行是哪里？|是什么银行的？", "Which bank is it?|What is the bank?|What bank is used?"),
    _field("tax_id", "纳税人识别号|税号", "Tax ID|VAT No.|ABN", _code, "税号是多少？|纳税人识别号是什么？|税号写的是什么？", "What is the tax ID?|What's the VAT number?|Which tax number?"),
    _field("payment", "支付方式|付款方式", "Payment|Payment Method|Paid by", _choice("微信支付 支付宝 现金 银行卡 信用卡 花呗 云闪付", "Cash|Credit Card|Visa|MasterCard|PayPal|Apple Pay"), "怎么付的款？|用什么支付的？|付款方式是什么？|是用什么付的钱？", "How was it paid?|What is the payment method?|Which way was it paid?"),
    _field("status", "状态|订单状态|物流状态", "Status|Order Status", _choice("已发货 已签收 待付款 待发货 运输中 已完成 已取消 派送中", "Shipped|Delivered|Pending|Cancelled|Completed|In Transit"), "现在什么状态？|订单状态是什么？|到哪一步了？", "What is the status?|What's the order status?|How far is the order?"),
    _field("carrier", "快递公司|承运商|物流公司", "Carrier|Courier|Ship Via", _choice("顺丰速运 中通快递 圆通速递 韵达快递 京东物流 邮政EMS", "DHL|UPS|FedEx|EMS|USPS"), "哪家快递？|用的什么快递？|是哪个快递送的？", "Which carrier is it?|Who delivers it?|What courier is used?"),
    _field("storage", "贮存条件|储存方法|保存方式", "Storage|Store", _choice("阴凉干燥处 冷藏保存 常温避光 冷冻保存 0-4℃冷藏", "Keep cool and dry|Keep refrigerated|Keep frozen|Room temperature"), "怎么保存？|应该怎么储存？|放在哪里保存？", "How should it be stored?|What is the storage advice?|How do I keep it?"),
    _field("shelf_life", "保质期", "Shelf Life", _choice("12个月 6个月 18个月 30天 7天 24个月 2年 45天", "12 months|6 months|30 days|2 years|18 months"), "保质期多久？|能放多久？|保质期是多长时间？", "How long does it keep?|What is the shelf life?|How long is it good for?"),
    _field("points", "积分|本次积分|可用积分", "Points|Points Earned", lambda rng, language: str(rng.randint(1, 9999)), "积分是多少？|有多少积分？|得了多少积分？", "How many points are there?|What are the points?|How many points were earned?"),
    _field("remark", "备注|留言|买家留言", "Note|Remark|Comments", _choice("不要辣 放门口 尽快发货 少冰 多放葱 周末送 请开发票 到前台", "No onions|Leave at door|Less ice|Call first|Gift wrap"), "备注写了什么？|有什么要求？|留言说了什么？", "What does the note say?|What is the remark?|Is there a note, and what does it say?"),
    _field("flight", "航班|航班号|车次", "Flight|Flight No.|Train", lambda rng, language: rng.choice(("CA", "MU", "G", "D", "CZ", "K")) + words.digits(rng, rng.choice((2, 3, 4))), "哪个航班？|车次是多少？|是哪趟车？", "Which flight is it?|What is the flight number?|What train is it?"),
    _field("gate", "登机口|检票口", "Gate|Boarding Gate", lambda rng, language: rng.choice("ABCD") + str(rng.randint(1, 60)), "在哪个登机口？|检票口是哪个？|从哪里登机？", "Which gate is it?|What is the gate?|Where do I board?"),
    _field("room", "房号|房间号", "Room|Room No.", lambda rng, language: str(rng.randint(101, 2999)), "几号房？|房间号是多少？|住哪个房间？", "Which room is it?|What is the room number?|What room?"),
    _field("student", "学号|工号|编号|会员号", "ID|Student ID|Member No.|No.", _code, "编号是多少？|学号是多少？|号码是什么？", "What is the ID?|What's the member number?|Which number is it?"),
    _field("author", "作者|主编|编者", "Author|By", words.person, "作者是谁？|谁写的？|是谁编的？", "Who is the author?|Who wrote it?|By whom is it?"),
    _field("isbn", "书号|条码|条形码|商品编码", "ISBN|Barcode|SKU|Item No.", _code, "条码是多少？|商品编码是什么？|条形码的数字是什么？", "What is the barcode number?|What's the SKU?|What number is under the barcode?"),
    _field("temperature", "温度|体温|室温", "Temperature|Temp", lambda rng, language: f"{rng.random() * 60 - 10:.1f}{rng.choice(('℃', '°C', '度')) if language == 'zh' else '°C'}", "温度是多少？|多少度？|现在几度？", "What is the temperature?|How warm is it?|How many degrees is it?"),
    _field("voltage", "电压|额定电压|输入", "Voltage|Input|Rated Voltage", lambda rng, language: f"{rng.choice((5, 9, 12, 24, 110, 220, 380))}V", "电压是多少？|额定电压多少？|用多少伏的电？", "What is the voltage?|What's the input voltage?|How many volts?"),
    _field("power", "功率|额定功率", "Power|Rated Power", lambda rng, language: f"{rng.randint(5, 3000)}W", "功率多大？|功率是多少？|是多少瓦的？", "What is the power?|How many watts is it?|What is its wattage?"),
)  # fmt: skip

_BY_LABEL: dict[Language, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "zh": (
        ("{}是多少？", "{}是什么？", "请问{}？", "想看{}", "{}呢？", "告诉我{}是什么", "图中{}写了什么？", "我要{}", "帮我读一下{}", "查一下{}是多少。", "把{}读出来", "这上面的{}是什么？", "看看{}是多少", "{}多少", "找{}", "{}？", "{}", "图中的{}是什么？", "请告诉我{}。", "图片里{}是多少？", "{}写的是什么？", "帮我看一下{}", "请问{}是多少？", "{}是", "这张图里的{}是多少？", "请提取{}。", "图上{}一栏写的是什么？"),
        ("读出{}。", "我想知道{}是多少", "能看到{}吗？是什么？", "找一下{}的内容。"),
    ),
    "en": (
        ("What is the {}?", "{}?", "Show me the {}.", "And the {}?", "What does the {} say?", "Give me the {}.", "Do you know the {}?", "I want to know the {}.", "Please tell me the {}.", "What {} is shown?", "Find {}.", "the {} please", "{}", "What's the {}?", "Tell me the {}.", "What is {} in this picture?", "Read the {}.", "What does it say for {}?", "Please find the {}.", "Extract the {}.", "what is the {}", "What is the {} in the image?"),
        ("Can you see the {}?", "I need the {}.", "Which {} is printed?", "Look up the {} please."),
    ),
}  # fmt: skip


def asks_by_label(rng: Random, label: str, language: Language, split: Split) -> str:
    """A question that names a label by its own words."""
    train, test = _BY_LABEL[language]
    label = label.rstrip(".#")
    if language == "en" and rng.random() < 0.5:
        label = label.lower()
    if rng.random() < 0.6:
        return wording.about_label(rng, label, language, split)
    made = phrases.phrase(rng, "label", language, test) if split == "train" and rng.random() < 0.7 else None
    return (made or rng.choice(train if split == "train" else test)).format(label)


_AS_SAID = ("total", "tax", "date", "seller", "buyer")
"""Fields that are asked for in one way on every paper, which the sayings of ``documents`` have."""


def asks_by_meaning(rng: Random, field: Field, language: Language, split: Split) -> str | None:
    """A question for the meaning in other words than the label's; ``None`` when there is none."""
    asks = field.asks[language]
    if split == "train" and field.key in _AS_SAID:
        as_said = wording.said(rng, "documents", field.key, language, asks[-1:])
        if as_said is not None:
            return as_said
    names = field_names(field.key, language) if split == "train" else ()
    if names and rng.random() < 0.35:
        name = phrases.one_of(rng, names, asks[-1:])
        return wording.about_label(rng, name, language, split)
    patterns = FIELD_PATTERNS[language].get(field.key, ())
    if split == "train" and patterns and rng.random() < 0.65:
        text = phrases.one_of(rng, patterns, asks[-1:]) + phrases.end(rng, language)
        return wording.courteous(rng, text, language, split)
    if len(asks) >= 3:
        asks = asks[:-1] if split == "train" else asks[-1:]
    return wording.courteous(rng, rng.choice(asks), language, split) if asks else None
