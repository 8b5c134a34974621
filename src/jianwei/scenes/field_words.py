"""What people call the fields of forms, by the field's key: names that go into any frame of ``wording.about_label``.

Written like ``kind_words`` and, like those, for training alone; ``field_phrases`` has whole questions.
"""

# ruff: noqa: E501 - tables of words, one field a line
from __future__ import annotations

from jianwei.scenes.kind_words import split_names
from jianwei.scenes.scene import Language

_TABLE: dict[str, tuple[str, str]] = {
    "total": ("[总|合计|全部|应付|实付|最终|最后|整单|账单|消费]的?[金额|价钱|数额|款项|费用|钱数|价格|总额];[全部|一共|总共|合计]要?[多少钱|付多少|花多少|多少元];[结账|买单|付款]的?[金额|总数|钱]", "[total|full|final|overall|whole|complete|entire|end] [sum|amount|price|cost|bill|charge|payment|figure|total];[sum|amount] [due|to pay|payable|owed|of the bill|of everything|charged];[grand total|bottom line|total to pay|money due|bill|total money]"),
    "subtotal": ("[小计|商品总价|货品金额|货款|商品价格合计|未加运费的金额|商品金额合计|税前金额]", "[subtotal|sub-total|items total|sum of the goods|goods total|amount before extras|pre-tax amount|net amount|price of all items]"),
    "tax": ("[税|税金|税款|税额|税费|增值税|所含税额|税收|应缴税]", "[tax|tax amount|VAT|sales tax|GST|taxes|amount of tax|tax charge|tax part]"),
    "discount": ("[优惠|折扣|减免|立减|满减|折让|抵扣|省下|便宜]的?[金额|钱|数额|多少钱|]", "[discount|reduction|savings|saving|rebate|money off|price cut|deduction|amount off|coupon value|markdown|money saved]"),
    "shipping": ("[运费|配送费|快递费|邮费|送货费|运输费|物流费|邮寄费|派送费用]", "[shipping|delivery|freight|postage|courier|transport|mailing] [fee|cost|costs|charge|price|]"),
    "packing": ("[打包费|包装费|餐盒费|打包盒的钱|包装的费用|包装盒费|袋子钱]", "[packing|packaging|box|wrapping|takeaway box|bag] [fee|charge|cost|price]"),
    "deposit": ("[押金|定金|保证金|预付款|订金|预付金额|抵押金]", "[deposit|security deposit|down payment|advance payment|prepayment|amount held|guarantee sum]"),
    "change": ("[找零|找回的钱|找的零钱|找补|找钱|退回零钱|应找]", "[change|change due|change given|money returned|cash back|coins back|money back|returned amount]"),
    "cash": ("[现金|收到的钱|实收|收款金额|付的现金|顾客付款|收了多少|付款现金]", "[cash|cash paid|cash given|amount tendered|money received|cash received|cash handed over|amount received|payment received]"),
    "balance": ("[余额|剩余金额|卡上余额|账户余额|剩下的钱|卡里的钱|结余|可用余额]", "[balance|remaining balance|account balance|money left|card balance|remaining amount|funds left|available balance]"),
    "unit_price": ("[单价|单个价格|售价|每件价格|标价|零售价|一件的价格|卖价|现价]", "[unit price|price each|price per piece|selling price|retail price|item price|price of one|current price|tag price]"),
    "old_price": ("[原价|原来的价格|市场价|划线价|打折前价格|优惠前价格|旧价|之前的价格|折前价]", "[original price|old price|former price|list price|regular price|price before|normal price|price before discount|crossed-out price|earlier price]"),
    "quantity": ("[数量|件数|个数|总件数|总数|数目|份数|几件|一共几件|购买数量]", "[quantity|count|number of items|number of pieces|pieces|item count|qty|amount of items|how many items|unit count]"),
    "order": ("[订单|下单|单子|定单][号|编号|号码|编码|代码|ID];[订单号|单号|订单编号|订单号码]", "[order|purchase] [number|no|no.|ID|code|reference|id];[number|id|reference] of the order"),
    "invoice": ("[发票|票据|票面|税票][号|号码|编号|代码|编码]", "[invoice|bill] [number|no|no.|ID|code|reference];[number|id|reference] of the [invoice|bill]"),
    "tracking": ("[快递|运单|物流|包裹|货运|寄件][单号|编号|号码|号|追踪号|查询号|跟踪号]", "[tracking|waybill|parcel|shipment|consignment|package|courier] [number|no|no.|code|ID|id|reference]"),
    "serial": ("[序列号|机器编号|出厂编号|机身编号|SN码|序号|机身号码|设备编号|产品序列号]", "[serial number|serial no|serial|S/N|device number|machine number|serial code|unit serial]"),
    "model": ("[型号|规格型号|机型|产品型号|设备型号|款式型号|是什么型号]", "[model|model number|model name|type|type number|product model|device model|version|model code]"),
    "batch": ("[批号|批次|生产批次|批次号|生产批号|批次编号]", "[batch|lot|production batch|production lot] [number|no|no.|code|id|]"),
    "pickup": ("[取件码|取餐码|取货码|提货码|取餐号|取件号|领取码|取货号|自提码]", "[pickup|pick-up|collection|locker|take-out] [code|number|no.|PIN|id]"),
    "coupon_code": ("[优惠码|兑换码|验证码|折扣码|券码|促销码|优惠券代码]", "[promo code|coupon code|voucher code|discount code|redeem code|promotion code|verification code|code to enter]"),
    "date": ("[日期|年月日|日子|开票日|下单日期|单据日期|哪天|签署日期|哪一天|购买日期|消费日期|是几号]", "[date|day|date on it|date of issue|day of issue|issue date|purchase date|calendar date|date given|transaction date|document date]"),
    "time": ("[时间|几点|时刻|下单时间|交易时间|打印时间|具体时间|钟点|什么时候]", "[time|clock time|time of day|hour|time stamp|timestamp|order time|time printed|exact time|moment]"),
    "made": ("[生产|制造|出厂|做出来|产出][日期|时间|日|的日子]", "[production|manufacture|manufacturing|making|mfg] [date|day];date [made|of manufacture|of production|it was made|it was produced]"),
    "expires": ("[保质期至|有效期|到期日|过期日|失效日|最晚食用日期|到期时间|有效期截止|过期时间|截止有效期|何时过期|什么时候过期]", "[expiry|expiration|best before|use-by|end|valid-until|sell-by] [date|day];[day it expires|end of validity|last day of use|when it goes bad|when it expires|date it is good until]"),
    "due": ("[截止|付款|缴费|还款|最后|到期|最晚][日期|期限|时间|日|付款日]", "[due date|payment date|deadline|last day to pay|payment deadline|pay-by date|latest payment day|final date|cut-off date]"),
    "hours": ("[营业|开放|开门|上班|服务][时间|时段|钟点|几点到几点]", "[opening hours|business hours|open hours|hours|opening times|hours of business|working hours|shop hours|when it is open]"),
    "departure": ("[出发|发车|起飞|开车|启程|登机][时间|时刻|几点|的时间]", "[departure|boarding|leaving|take-off|start] [time|hour|];[when it leaves|when it departs|time it leaves|time of departure]"),
    "seat": ("[座位|座号|座位号|席位|位子|坐哪里|位置号|几排几座]", "[seat|seat number|seat no|place number|assigned seat|seating|seat reserved|where to sit]"),
    "table": ("[桌号|台号|餐桌号|桌子编号|几号桌|哪一桌|桌位]", "[table|table number|table no|dining table|which table|number of the table]"),
    "phone": ("[电话|手机|联系电话|电话号码|手机号码|联系方式|服务电话|热线|号码|客服热线|拨打电话]", "[phone|telephone|contact|mobile|hotline|call|cell|service] [number|no|no.|line|];[number to call|phone|tel|phone contact|number to ring]"),
    "mail": ("[邮箱|电子邮件|邮件地址|电邮|邮箱地址|email|E-mail]", "[email|e-mail|mail|email contact|electronic mail|mailbox] [address|];[address to write to|where to email]"),
    "address": ("[地址|住址|所在地|收货地址|店址|位置地址|在什么地方|详细地址|送货地址|地点]", "[address|street address|location|postal address|shop address|delivery address|place|street|full address|where it is located]"),
    "receiver": ("[收件人|收货人|联系人|姓名|客户姓名|收件人姓名|收货人名字|名字]", "[name|recipient|receiver|addressee|customer|contact person|name of the person|recipient's name|customer's name|person it goes to]"),
    "cashier": ("[收银员|操作员|服务员|经办人|开票人|收款员|店员|营业员|收银人]", "[cashier|clerk|server|operator|waiter|attendant|staff member|cashier's name|person at the till|employee]"),
    "buyer": ("[买方|购买方|买家|客户|付款方|购货单位|购方|甲方|顾客名称|客户名称]", "[buyer|customer|purchaser|client|billed party|party A|buyer's name|name of the buyer|buying company]"),
    "seller": ("[卖方|销售方|商家|店铺|卖家|供应商|收款方|店名|乙方|商户|商店|销货单位]", "[seller|vendor|shop|store|merchant|supplier|party B|shop name|store name|seller's name|name of the shop|selling company|retailer]"),
    "product": ("[商品|产品|货品|品名|物品|东西][名称|名|的名字|叫什么|]", "[product|item|article|goods|product name|item name|name of the product|name of the item|thing sold|merchandise]"),
    "origin": ("[产地|原产地|生产地|出产地|来源地|产自哪里|生产国|哪里产的]", "[origin|country of origin|place of origin|where it is made|where it comes from|made in which country|country|provenance|source country]"),
    "brand": ("[品牌|牌子|商标|什么牌|厂牌|品牌名]", "[brand|brand name|make|trade mark|label of the maker|maker|trade name]"),
    "colour_field": ("[颜色|色彩|色号|颜色分类|什么色|款色]", "[colour|color|colour chosen|color option|shade|colour variant|color name]"),
    "weight": ("[重量|净重|毛重|净含量|分量|多重|质量|几克|多少公斤|含量]", "[weight|net weight|gross weight|mass|contents|net contents|how heavy|heaviness|weight stated]"),
    "size": ("[尺寸|大小|规格|外形尺寸|长宽高|多大|体积尺寸]", "[size|dimensions|measurements|format|measure|length and width|how big|proportions]"),
    "rate": ("[税率|折扣率|利率|百分比|比率|费率|比例]", "[rate|tax rate|percentage|interest rate|percent|rate charged|per cent rate]"),
    "account": ("[账号|银行账号|卡号|银行卡号|账户号|帐号|账户号码|收款账号]", "[account|card|bank account|bank card] [number|no|no.|];[number of the account|card digits|account]"),
    "bank": ("[开户行|开户银行|银行|银行名称|哪家银行|什么银行]", "[bank|bank name|name of the bank|banking house|which bank|bank used]"),
    "tax_id": ("[税号|纳税人识别号|纳税识别号|税务登记号|纳税人编号|税务号]", "[tax ID|tax number|VAT number|tax id|tax registration|taxpayer number|VAT ID|tax code]"),
    "payment": ("[支付方式|付款方式|怎么付的|结算方式|付款渠道|支付渠道|用什么付款|支付手段|付款途径]", "[payment method|method of payment|way of paying|payment type|payment|how it was paid|means of payment|pay method|paid with]"),
    "status": ("[状态|订单状态|进度|物流状态|当前状态|订单进度|处理状态|订单情况]", "[status|order status|state|progress|current status|state of the order|current state|stage]"),
    "carrier": ("[快递公司|物流公司|承运商|承运方|快递商|送货公司|哪家快递|什么快递]", "[carrier|courier|shipping company|delivery company|courier company|delivery service|shipper|parcel service|who delivers]"),
    "storage": ("[贮存条件|储存方法|保存方法|存放方式|保存条件|储藏方法|保管方法|怎么保存]", "[storage|storage conditions|storing instructions|storage advice|how to store it|how to keep it|storage method|keeping instructions]"),
    "shelf_life": ("[保质期|保存期|保质时间|可存放多久|保存多久|质保时间|能放多久]", "[shelf life|storage life|keeping time|time it keeps|how long it keeps|durability|how long it lasts]"),
    "points": ("[积分|会员积分|获得积分|积分数|分数|本次积分|积分余额|可用积分]", "[points|points earned|bonus points|reward points|loyalty points|points balance|member points|points collected]"),
    "remark": ("[备注|留言|说明|附注|备注内容|附言|买家留言|备注信息|特别说明]", "[note|remark|comment|remarks|comments|message|notes|special request|annotation|note left]"),
    "flight": ("[航班|航班号|车次|班次|列车号|车次号|航班编号|火车号]", "[flight|train|flight number|train number|flight no|train no|flight code|number of the flight]"),
    "gate": ("[登机口|检票口|登机门|闸口|口号|几号口|登机口号]", "[gate|boarding gate|gate number|departure gate|gate no|which gate|ticket gate]"),
    "room": ("[房号|房间号|房间|客房号|几号房|哪间房|房间号码]", "[room|room number|room no|hotel room|which room|number of the room]"),
    "student": ("[学号|工号|编号|会员号|证件号|学生编号|员工编号|会员编号|ID号]", "[ID|student ID|member number|ID number|staff number|membership number|identification number|student number|personal number]"),
    "author": ("[作者|编者|主编|写作者|著者|作者姓名|谁写的]", "[author|writer|editor|author's name|written by|by whom|name of the author|book's author]"),
    "isbn": ("[书号|条码|条形码|商品编码|商品条码|货号|ISBN|条码号|编码]", "[ISBN|barcode|item number|article number|product code|SKU|bar code|item code|book number]"),
    "temperature": ("[温度|体温|室温|气温|多少度|几度|温度值|测得温度]", "[temperature|temp|degrees|how warm|how hot|temperature reading|measured temperature|reading in degrees]"),
    "voltage": ("[电压|额定电压|输入电压|供电电压|多少伏|伏数|工作电压]", "[voltage|volts|rated voltage|input voltage|supply voltage|mains voltage|operating voltage]"),
    "power": ("[功率|额定功率|瓦数|多少瓦|耗电功率|用电功率|输出功率]", "[power|wattage|watts|rated power|power rating|power consumption|output power|power draw]"),
}  # fmt: skip


def field_names(key: str, language: Language) -> tuple[str, ...]:
    """Patterns of names for the field of that key; none for fields without."""
    found = _TABLE.get(key)
    return split_names(found[0 if language == "zh" else 1]) if found else ()
