"""What people call the fields of forms, by the field's key: names that go into any frame of ``wording.about_label``.

Written like ``kind_words`` and, like those, for training alone; ``field_phrases`` has whole questions.
"""

# ruff: noqa: E501 - tables of words, one field a line
from __future__ import annotations

from jianwei.scenes.kind_words import split_names
from jianwei.scenes.scene import Language

_TABLE: dict[str, tuple[str, str]] = {
    "total": ("[总|合计|全部|应付|实付|最终|最后|整单|账单|消费]的?[金额|价钱|数额|款项|费用|钱数|价格|总额];[全部|一共|总共|合计]要?[多少钱|付多少|花多少|多少元];[结账|买单|付款]的?[金额|总数|钱]"
        ";[结算|交易|支付|付款|订单|合同|票面]的?[总额|总价|金额|总金额|款额];[最后|最终|实际|总共][要付|应付|支付|付出|花掉]的?[钱|金额|款项|总额]", "[total|full|final|overall|whole|complete|entire|end] [sum|amount|price|cost|bill|charge|payment|figure|total];[sum|amount] [due|to pay|payable|owed|of the bill|of everything|charged];[grand total|bottom line|total to pay|money due|bill|total money]"
        ";[total|grand total|overall|final|whole|entire|payable|outstanding|gross|all-in|ultimate|end] [amount|sum|cost|charge|price|bill|figure|balance|payment];[amount|sum|money|price|balance|payment] [due|owed|owing|payable|to be paid|to settle|in total|in all|altogether|with everything|including tax|at the bottom]"
        ";what [everything|it all|the whole bill|the lot|the purchase|the order] [costs|comes to|amounts to|adds up to|totals|makes];what [one|the customer|the buyer] [owes in all|must pay|has to pay|paid in total|ends up paying]"),
    "subtotal": ("[小计|商品总价|货品金额|货款|商品价格合计|未加运费的金额|商品金额合计|税前金额]"
        ";[商品|货物|产品|各项|物品]的?[小计|合计|总额];[税前|未税|不含税|未计运费|未扣优惠]的?[金额|合计|总额|小计|价格]", "[subtotal|sub-total|items total|sum of the goods|goods total|amount before extras|pre-tax amount|net amount|price of all items]"
        ";[subtotal|sub total|net sum|net total|net price|goods value|merchandise total|items sum|interim total|pre-tax sum|pre-tax total|taxable amount|base amount];[amount|sum|total|price|value] [before tax|without tax|excluding tax|before shipping|before fees|without delivery|before extras|of the goods alone|of the items alone|of the products|of all articles]"
        ";what [the goods|the items|the products|the articles] [cost alone|come to|cost before tax|add up to|cost without extras]"),
    "tax": ("[税|税金|税款|税额|税费|增值税|所含税额|税收|应缴税]"
        ";[应缴|应交|包含|代收|加收]的?[税|税款|税额|税金];[销售|消费|增值]税", "[tax|tax amount|VAT|sales tax|GST|taxes|amount of tax|tax charge|tax part]"
        ";[tax|VAT|GST|sales tax|value added tax|levy|duty|state tax] [amount|sum|charged|due|payable|added|included|figure|share|part|money];[amount|sum|share|money] [of tax|in tax|of VAT|for tax|taken as tax|paid as tax];how much [tax|VAT|sales tax] [is charged|is included|is due|was added|was paid|it contains]"),
    "discount": ("[优惠|折扣|减免|立减|满减|折让|抵扣|省下|便宜]的?[金额|钱|数额|多少钱|]"
        ";[优惠|折扣|减免|抵扣|让利|扣减|补贴]了?的?[金额|数额|钱数|部分|总额];[少付|省下|减掉|便宜]了?的?[钱|金额|数目]", "[discount|reduction|savings|saving|rebate|money off|price cut|deduction|amount off|coupon value|markdown|money saved]"
        ";[discount|reduction|saving|rebate|coupon|voucher|price cut|promotion|deduction|markdown|allowance|concession|bargain] [amount|sum|value|given|granted|applied|total|in money|received];[amount|sum|money] [saved|taken off|deducted|knocked off|off|reduced|subtracted|cut|subtracted by the coupon]"
        ";how much [was saved|is saved|was taken off|is taken off|was deducted|cheaper it got|one saves|the customer saves|the coupon takes off]"),
    "shipping": ("[运费|配送费|快递费|邮费|送货费|运输费|物流费|邮寄费|派送费用]"
        ";[寄送|配送|送货|运输|快递|派件|邮寄|发货][费|费用|的钱|的花费|收费]", "[shipping|delivery|freight|postage|courier|transport|mailing] [fee|cost|costs|charge|price|]"
        ";[shipping|delivery|freight|postage|courier|transport|mailing|dispatch|carriage|sending|parcel|handling|posting|haulage] [fee|fees|cost|costs|charge|charges|price|rate|amount|expense|expenses];[cost|fee|price|charge|money] [of|for] [shipping|delivery|sending it|posting it|the courier|transport|dispatch|carriage|bringing it|having it delivered]"
        ";what [shipping|delivery|sending it|postage|transport|the courier] [costs|comes to|is charged at]"),
    "packing": ("[打包费|包装费|餐盒费|打包盒的钱|包装的费用|包装盒费|袋子钱]"
        ";[包装|打包|餐盒|袋子|盒子][费|费用|收费|的钱]", "[packing|packaging|box|wrapping|takeaway box|bag] [fee|charge|cost|price]"
        ";[packing|packaging|box|bag|wrapping|container|takeaway box|carton|gift wrap|boxing|bagging] [fee|charge|cost|price|costs|amount];[cost|fee|price|charge|money] [of|for] [packing|the packaging|the box|the bag|wrapping it|the container]"),
    "deposit": ("[押金|定金|保证金|预付款|订金|预付金额|抵押金]"
        ";[预付|押|定|订|保证][金|款];[先付|押着|预先支付]的?[钱|金额]", "[deposit|security deposit|down payment|advance payment|prepayment|amount held|guarantee sum]"
        ";[deposit|security deposit|down payment|advance|advance payment|prepayment|earnest money|security|caution money|refundable amount|bond|retainer] [amount|sum|paid|required|held|taken|to pay|];[amount|sum|money] [paid in advance|held as security|put down|paid up front|left as a deposit|kept as security]"),
    "change": ("[找零|找回的钱|找的零钱|找补|找钱|退回零钱|应找]"
        ";[找|退|补]给?[顾客|客人|我]的?[钱|零钱|现金|金额]", "[change|change due|change given|money returned|cash back|coins back|money back|returned amount]"
        ";[change|money back|cash back|small change|coins|returned cash|change money|balance returned] [given|due|returned|amount|to return|handed back|];[amount|sum|money|cash] [given back|handed back|returned|paid back|to give back] [to the customer|to the buyer|]"),
    "cash": ("[现金|收到的钱|实收|收款金额|付的现金|顾客付款|收了多少|付款现金]"
        ";[顾客|客人]?[付|交|给|递]的?[现金|钱|现钞]", "[cash|cash paid|cash given|amount tendered|money received|cash received|cash handed over|amount received|payment received]"
        ";[cash|money|notes|cash amount|amount|bank notes] [handed over|given|received|tendered|taken|paid in|put down|laid down|collected] [by the customer|at the till|];what [the customer|the buyer] [gave in cash|handed over|tendered|paid in cash]"),
    "balance": ("[余额|剩余金额|卡上余额|账户余额|剩下的钱|卡里的钱|结余|可用余额]"
        ";[卡|账户|账上|钱包]里?[剩余|剩下|还有]的?[金额|钱|余额]", "[balance|remaining balance|account balance|money left|card balance|remaining amount|funds left|available balance]"
        ";[remaining|available|current|account|card|wallet|leftover|closing|credit|unspent] [balance|amount|money|credit|funds|sum];[money|amount|credit|funds|sum] [left|remaining|available|still there|on the card|on the account|in the wallet|that remains|not yet spent]"),
    "unit_price": ("[单价|单个价格|售价|每件价格|标价|零售价|一件的价格|卖价|现价]"
        ";[单件|每件|一个|一份|每个|单品]的?[价格|价钱|售价|卖价|单价]", "[unit price|price each|price per piece|selling price|retail price|item price|price of one|current price|tag price]"
        ";[unit|single|piece|retail|selling|sale|item|current|marked|tag|shelf|sticker|offer|asking|today's|shop|quoted] [price|cost|rate];[price|cost|charge|rate] [each|apiece|per unit|per item|per piece|for one|of a single piece|of one item|to pay for one|asked|on the tag];what [one piece|one|a single one|it|one unit] [costs|sells for|goes for|is sold at]"),
    "old_price": ("[原价|原来的价格|市场价|划线价|打折前价格|优惠前价格|旧价|之前的价格|折前价]"
        ";[打折|降价|优惠|促销|调价][前|之前|以前]的?[价格|价钱|售价|标价]", "[original price|old price|former price|list price|regular price|price before|normal price|price before discount|crossed-out price|earlier price]"
        ";[original|old|former|previous|earlier|initial|regular|normal|usual|list|crossed-out|struck-through|full|undiscounted|pre-sale|first|recommended|standard] [price|cost|selling price|retail price];[price|cost] [before the discount|before the reduction|before the sale|it used to be|it had earlier|crossed out|struck through|without discount|of former times]"
        ";what it [used to cost|cost before|once cost|cost originally|cost earlier]"),
    "quantity": ("[数量|件数|个数|总件数|总数|数目|份数|几件|一共几件|购买数量]"
        ";[商品|货物|物品|东西]的?[总数|总量|件数|数量|个数];[共|总共|一共][几件|多少件|几个|多少个|几样]", "[quantity|count|number of items|number of pieces|pieces|item count|qty|amount of items|how many items|unit count]"
        ";[number|count|quantity|amount|total number|total count|tally] [of pieces|of units|of articles|of items|of goods|of products|of things|bought|ordered|in all|of all items|];how many [pieces|units|articles|items|goods|things|products] [there are|were bought|were ordered|are listed|it has|in all]"),
    "order": ("[订单|下单|单子|定单][号|编号|号码|编码|代码|ID];[订单号|单号|订单编号|订单号码]"
        ";[下单|购物|交易|此单|本单]的?[编号|单号|号码|流水号]", "[order|purchase] [number|no|no.|ID|code|reference|id];[number|id|reference] of the order"
        ";[order|purchase|booking|transaction|sales order|reservation] [number|no|no.|ID|code|reference|identifier|serial|#|ref];[number|ID|code|reference|identifier] [of|for|given to] [the order|this order|the purchase|your order]"),
    "invoice": ("[发票|票据|票面|税票][号|号码|编号|代码|编码]"
        ";[发票|票据|税票]上?的?[号码|编号|票号|流水号|代码]", "[invoice|bill] [number|no|no.|ID|code|reference];[number|id|reference] of the [invoice|bill]"
        ";[invoice|bill|tax invoice|VAT invoice|billing] [number|no|no.|ID|code|reference|identifier|serial|ref|#];[number|ID|code|reference] [of|on|for] the [invoice|bill|tax invoice]"),
    "tracking": ("[快递|运单|物流|包裹|货运|寄件][单号|编号|号码|号|追踪号|查询号|跟踪号]"
        ";[查|查询|跟踪|追踪][快递|物流|包裹|货物]用?的?[单号|号码|编号]", "[tracking|waybill|parcel|shipment|consignment|package|courier] [number|no|no.|code|ID|id|reference]"
        ";[tracking|waybill|parcel|shipment|consignment|package|courier|air waybill|delivery note|dispatch|track and trace|shipping] [number|no|no.|code|ID|reference|identifier|id];[number|code] [to track it|to trace the parcel|of the waybill|of the shipment|for tracking|of the parcel|for following the parcel]"),
    "serial": ("[序列号|机器编号|出厂编号|机身编号|SN码|序号|机身号码|设备编号|产品序列号]"
        ";[机身|设备|产品|机器|仪器]上?的?[序列号|序号|编号|SN|出厂号]", "[serial number|serial no|serial|S/N|device number|machine number|serial code|unit serial]"
        ";[serial|device|machine|unit|equipment|appliance|manufacturing|factory|body] [serial number|serial code|serial no.|serial|number];[SN|S/N|serial no.|serial code|serial of the device|number of the device|number engraved]"),
    "model": ("[型号|规格型号|机型|产品型号|设备型号|款式型号|是什么型号]"
        ";[产品|设备|机器|商品|仪器]的?[型号|机型|款式|规格型号|款号]", "[model|model number|model name|type|type number|product model|device model|version|model code]"
        ";[model|type|version|variant|make and model|series|product model|machine type|device type] [number|name|code|designation|no.|of the device|of the machine|of the product|]"),
    "batch": ("[批号|批次|生产批次|批次号|生产批号|批次编号]"
        ";[生产|产品|出厂|货物]的?[批号|批次|批次号|批次编号]", "[batch|lot|production batch|production lot] [number|no|no.|code|id|]"
        ";[batch|lot|production|manufacturing|production run|charge|series] [number of production|lot number|batch number|lot code|batch code|lot no.|batch no.];[lot|batch] [it comes from|it belongs to|it was made in|identifier|reference]"),
    "pickup": ("[取件码|取餐码|取货码|提货码|取餐号|取件号|领取码|取货号|自提码]"
        ";[取件|取货|取餐|提货|领取|自提|开柜]用?的?[码|号码|密码|口令|凭码]", "[pickup|pick-up|collection|locker|take-out] [code|number|no.|PIN|id]"
        ";[pickup|pick-up|collection|collecting|locker|parcel locker|retrieval|takeaway|claim|handover] [code|number|no.|PIN|pin|password|key|token];[code|number|PIN] [to collect it|to pick it up|for the locker|for collecting|to open the locker|needed for pickup|for picking up the meal]"),
    "coupon_code": ("[优惠码|兑换码|验证码|折扣码|券码|促销码|优惠券代码]"
        ";[输入|填写|使用]的?[优惠码|券码|折扣码|兑换码|口令]", "[promo code|coupon code|voucher code|discount code|redeem code|promotion code|verification code|code to enter]"
        ";[promo|coupon|voucher|discount|redeem|redemption|promotion|promotional|gift|offer|reduction|savings] [code|key|word|PIN];[code|word] [for the discount|to enter|to type in|to redeem|that gives the discount|of the voucher|of the coupon|to use at checkout]"),
    "date": ("[日期|年月日|日子|开票日|下单日期|单据日期|哪天|签署日期|哪一天|购买日期|消费日期|是几号]"
        ";[单据|票据|文件|纸|单子]上的?[日期|年月日|日子];[开具|签发|购买|办理|出具]的?[日期|那天|日子]", "[date|day|date on it|date of issue|day of issue|issue date|purchase date|calendar date|date given|transaction date|document date]"
        ";[issue|issuing|purchase|transaction|document|sale|printed|billing|calendar|order|signing|stated] [date|day];[date|day] [printed|given|stated|shown|written|of the sale|of the purchase|of the document|of the transaction|on the paper|on the slip|it bears|it was issued|it was written|it happened];when it was [issued|written|dated|made out|bought|printed|drawn up|signed]"),
    "time": ("[时间|几点|时刻|下单时间|交易时间|打印时间|具体时间|钟点|什么时候]"
        ";[下单|交易|打印|付款|购买|成交]的?[时刻|钟点|具体时间|几点几分]", "[time|clock time|time of day|hour|time stamp|timestamp|order time|time printed|exact time|moment]"
        ";[order|transaction|printing|sale|purchase|payment|clock|exact|stated|printed] [time|hour|clock time|time stamp];[time|hour|moment|minute] [of day|of the order|of the sale|of the purchase|of printing|printed|given|stated|shown|it happened|of the payment];at what [time|hour|o'clock] it was [ordered|bought|printed|paid|done|sold]"),
    "made": ("[生产|制造|出厂|做出来|产出][日期|时间|日|的日子]"
        ";[产品|商品|货]?[制造|生产|出厂|加工|包装]于?的?[日期|时间|哪天|年月日]", "[production|manufacture|manufacturing|making|mfg] [date|day];date [made|of manufacture|of production|it was made|it was produced]"
        ";[production|manufacture|manufacturing|making|packing|factory|packaging|mfg|mfd|assembly] [date|day];[date|day] [of making|of manufacturing|of packing|made|produced|packed|it was packed|it left the factory|it was manufactured];when it was [made|produced|manufactured|packed|built|assembled]"),
    "expires": ("[保质期至|有效期|到期日|过期日|失效日|最晚食用日期|到期时间|有效期截止|过期时间|截止有效期|何时过期|什么时候过期]"
        ";[有效|使用|食用|保质|保存]的?[截止日期|最后期限|终止日期|最后一天|期限]", "[expiry|expiration|best before|use-by|end|valid-until|sell-by] [date|day];[day it expires|end of validity|last day of use|when it goes bad|when it expires|date it is good until]"
        ";[expiry|expiration|best-before|use-by|sell-by|end|validity|final|last|lapse|shelf-life|consume-by] [date|day];[date|day] [of expiry|it expires|it runs out|it ends|it goes bad|it lapses|until which it is valid|until which it is good|up to which it can be used];when it [expires|runs out|goes off|goes bad|ends|lapses|is no longer valid|must be used by|spoils]"
        ";until when it [is valid|is good|can be used|can be eaten|lasts|holds]"),
    "due": ("[截止|付款|缴费|还款|最后|到期|最晚][日期|期限|时间|日|付款日]"
        ";[付款|缴费|还款|交费|提交]的?[截止日期|最后期限|最后一天|最晚日期]", "[due date|payment date|deadline|last day to pay|payment deadline|pay-by date|latest payment day|final date|cut-off date]"
        ";[due|payment|pay-by|settlement|final|last payment|cut-off|latest|closing] [date|day|deadline];[deadline|last day|latest date|last date|time limit] [for payment|to pay|for paying|to settle|to submit|for settling the bill];when [payment is due|it must be paid|it falls due|it is due|one has to pay|the money is due];by when [payment is due|it must be paid|one must pay|the bill must be settled]"),
    "hours": ("[营业|开放|开门|上班|服务][时间|时段|钟点|几点到几点]"
        ";[店|商店|门店|商家|柜台]?[营业|开门|开放|服务|办公]的?[时间段|时间|起止时间]", "[opening hours|business hours|open hours|hours|opening times|hours of business|working hours|shop hours|when it is open]"
        ";[opening|business|open|working|shop|store|service|office|trading|visiting|operating] [hours|times|time];[hours|times] [of opening|of business|it is open|they are open|of operation|of service|of work];when [it is open|they are open|the shop opens and closes|it opens and closes|one can come|the store is open]"),
    "departure": ("[出发|发车|起飞|开车|启程|登机][时间|时刻|几点|的时间]"
        ";[列车|飞机|车|航班|船]?[出发|开车|起飞|发车|离站|启程]的?[时间|时刻|钟点]", "[departure|boarding|leaving|take-off|start] [time|hour|];[when it leaves|when it departs|time it leaves|time of departure]"
        ";[departure|departing|boarding|leaving|take-off|takeoff|start|starting|setting-off] [time|hour|clock time];[time|hour] [of departure|of leaving|of take-off|of the start|it sets off|it leaves|it starts|the train leaves|the plane leaves|the bus leaves];when [it departs|it leaves|it sets off|it takes off|it starts|the train goes|the flight leaves|the journey begins]"),
    "seat": ("[座位|座号|座位号|席位|位子|坐哪里|位置号|几排几座]"
        ";[乘客|观众|票]?的?[座位|席位|座位号|座号|位置]", "[seat|seat number|seat no|place number|assigned seat|seating|seat reserved|where to sit]"
        ";[seat|place|chair|berth|row and seat|assigned seat|reserved seat|booked seat|seating] [number|no.|assigned|reserved|booked|on the ticket|];[where|in which seat|on which seat|in what place] [one sits|the passenger sits|the guest sits|to sit]"),
    "table": ("[桌号|台号|餐桌号|桌子编号|几号桌|哪一桌|桌位]"
        ";[用餐|就餐|客人|点餐]的?[桌号|桌子|台号|餐桌]", "[table|table number|table no|dining table|which table|number of the table]"
        ";[table|desk|dining table|restaurant table|board] [number|no.|no|code|assigned|of the guests|];[at which table|which table|what table] [they sit|the guests sit|they eat|the meal goes to|is served|was ordered for]"),
    "phone": ("[电话|手机|联系电话|电话号码|手机号码|联系方式|服务电话|热线|号码|客服热线|拨打电话]"
        ";[联系|咨询|拨打|客服|订餐|售后|商家]的?[电话|电话号码|号码|手机号]", "[phone|telephone|contact|mobile|hotline|call|cell|service] [number|no|no.|line|];[number to call|phone|tel|phone contact|number to ring]"
        ";[phone|telephone|contact|mobile|hotline|cell|cell phone|service|call|customer service|dial|landline|support|tel] [number|no.|digits|line|];[number|line] [to call|to dial|to ring|to phone|for calls|of the phone|for contact|under which they can be reached]"),
    "mail": ("[邮箱|电子邮件|邮件地址|电邮|邮箱地址|email|E-mail]"
        ";[联系|发送|接收]的?[邮箱|电子邮箱|邮件地址|电邮]", "[email|e-mail|mail|email contact|electronic mail|mailbox] [address|];[address to write to|where to email]"
        ";[email|e-mail|mail|electronic mail|contact email|support email|inbox|mailbox] [address|contact|account|];[address|where] to [email|write an email to|send emails to|mail|send a message]"),
    "address": ("[地址|住址|所在地|收货地址|店址|位置地址|在什么地方|详细地址|送货地址|地点]"
        ";[店铺|商家|收货|送货|公司|门店|住所]的?[地址|所在地|位置|地点|详细地址]", "[address|street address|location|postal address|shop address|delivery address|place|street|full address|where it is located]"
        ";[street|postal|full|shop|store|delivery|home|mailing|office|shipping|business|exact|written] [address|location];[address|location|place|street and number|whereabouts] [of the shop|of the company|to deliver to|given|stated|where it is|of the place|it goes to|printed];where [it is|it is located|it is situated|the shop is|it is to be found|to go|to find it|they are located]"),
    "receiver": ("[收件人|收货人|联系人|姓名|客户姓名|收件人姓名|收货人名字|名字]"
        ";[收货|收件|取货|签收|订货|联系]的?[人|那个人|人名|人的姓名]", "[name|recipient|receiver|addressee|customer|contact person|name of the person|recipient's name|customer's name|person it goes to]"
        ";[recipient|receiver|addressee|customer|consignee|contact person|person|client|name] [named|of the parcel|name|given|to receive it|it is meant for|it is addressed to|];who [gets it|receives it|it is for|it is addressed to|it goes to|is to receive it|takes delivery|it is sent to|picks it up]"),
    "cashier": ("[收银员|操作员|服务员|经办人|开票人|收款员|店员|营业员|收银人]"
        ";[收银|收款|开单|服务|接待|操作]的?[人|员工|店员|人员]", "[cashier|clerk|server|operator|waiter|attendant|staff member|cashier's name|person at the till|employee]"
        ";[cashier|clerk|server|operator|waiter|waitress|attendant|salesperson|shop assistant|teller|staff member|employee|person at the till|person in charge] [name|named|on duty|who served|who took the money|who rang it up|];who [served|took the payment|rang it up|handled the sale|was at the till|operated the till|made out the bill|issued it]"),
    "buyer": ("[买方|购买方|买家|客户|付款方|购货单位|购方|甲方|顾客名称|客户名称]"
        ";[购买|采购|付款|订货|被开票]的?[公司|单位|人|一方|企业]", "[buyer|customer|purchaser|client|billed party|party A|buyer's name|name of the buyer|buying company]"
        ";[buyer|customer|purchaser|client|payer|buying firm|paying company|purchasing company|billed company|ordering party|acquirer] [name|named|company|party|on it|];[company|firm|party|person] [that|which] [buys|bought it|pays|is billed|ordered it|purchased it];who [bought it|is the buyer|is billed|pays for it|purchased it|ordered it|is the customer|is charged]"),
    "seller": ("[卖方|销售方|商家|店铺|卖家|供应商|收款方|店名|乙方|商户|商店|销货单位]"
        ";[销售|卖货|供货|收款|开票]的?[公司|单位|商家|店|一方|企业]", "[seller|vendor|shop|store|merchant|supplier|party B|shop name|store name|seller's name|name of the shop|selling company|retailer]"
        ";[seller|vendor|shop|store|merchant|supplier|retailer|dealer|trader|provider|outlet|business|issuer|payee|company] [name|named|at the top|that sold it|selling it|in question|];[company|firm|shop|store|business|place|merchant] [that|which] [sells it|sold it|issued it|supplied it|gets the money|made the sale];who [sold it|sells it|is the seller|issued it|supplied it|gets the money|is the vendor|provides it]"),
    "product": ("[商品|产品|货品|品名|物品|东西][名称|名|的名字|叫什么|]"
        ";[所卖|所买|购买|出售]的?[商品|东西|产品|物品][名称|名|]", "[product|item|article|goods|product name|item name|name of the product|name of the item|thing sold|merchandise]"
        ";[product|item|article|goods|ware|commodity|merchandise|thing] [name|title|sold|bought|offered|called|described|in question|];[name|title|designation|description] of the [product|item|article|goods|thing sold|merchandise|ware];what [is sold|is being sold|was bought|is offered|the product is|the item is called|the product is called|the thing is]"),
    "origin": ("[产地|原产地|生产地|出产地|来源地|产自哪里|生产国|哪里产的]"
        ";[商品|产品|货物]的?[产地|原产地|来源地|生产地|出产地]", "[origin|country of origin|place of origin|where it is made|where it comes from|made in which country|country|provenance|source country]"
        ";[country|place|land|region|state|province|area] [of origin|of production|of manufacture|it is from|it comes from|where it was made|where it is grown|that made it|of provenance];[origin|provenance|source|birthplace|home] [of the product|of the goods|stated|given|];where it [was made|is made|comes from|is from|was produced|was grown|originates]"),
    "brand": ("[品牌|牌子|商标|什么牌|厂牌|品牌名]"
        ";[商品|产品|东西]的?[品牌|牌子|商标|牌号]", "[brand|brand name|make|trade mark|label of the maker|maker|trade name]"
        ";[brand|make|trademark|trade name|label|brand label|maker's|manufacturer's] [name|mark|of the product|shown|printed|];what [brand|make|label|trademark] [it is|it bears|it carries|it belongs to|the product is]"),
    "colour_field": ("[颜色|色彩|色号|颜色分类|什么色|款色]"
        ";[商品|款式|所选|下单]的?[颜色|色彩|色号|款色]", "[colour|color|colour chosen|color option|shade|colour variant|color name]"
        ";[colour|color|shade|tint|hue|colourway|finish] [chosen|selected|ordered|given|stated|of the product|of the item|option|variant|name];in what [colour|color|shade] it [is|comes|was ordered|was chosen]"),
    "weight": ("[重量|净重|毛重|净含量|分量|多重|质量|几克|多少公斤|含量]"
        ";[商品|货物|包裹|产品]的?[重量|净重|毛重|分量|净含量]", "[weight|net weight|gross weight|mass|contents|net contents|how heavy|heaviness|weight stated]"
        ";[weight|net weight|gross weight|mass|heaviness|net mass|filling weight|content weight|load] [given|stated|printed|of the product|of the parcel|of the item|of the goods|in grams or kilos|];how [heavy it is|much it weighs|many grams it has|many kilos it weighs|many grams are inside];what it [weighs|weighs in all]"),
    "size": ("[尺寸|大小|规格|外形尺寸|长宽高|多大|体积尺寸]"
        ";[商品|产品|物品|箱子]的?[尺寸|大小|规格|长宽高|外形尺寸]", "[size|dimensions|measurements|format|measure|length and width|how big|proportions]"
        ";[size|dimensions|measurements|format|extent|length, width and height|outer size|outer dimensions|product size|measure] [given|stated|printed|of the product|of the item|of the parcel|];how [big it is|large it is|long and wide it is|wide and tall it is|it measures]"),
    "rate": ("[税率|折扣率|利率|百分比|比率|费率|比例]"
        ";[适用|征收|计算|打折]的?[税率|比率|百分比|费率|折扣率]", "[rate|tax rate|percentage|interest rate|percent|rate charged|per cent rate]"
        ";[tax|interest|percentage|discount|VAT|charge|percent] [rate|level|figure|percentage|rate applied|rate used|rate in percent];[percentage|per cent figure|rate] [charged|applied|stated|given|used|levied];how many [percent|per cent] [it is|are charged|apply|are taken]"),
    "account": ("[账号|银行账号|卡号|银行卡号|账户号|帐号|账户号码|收款账号]"
        ";[收款|付款|银行|转账|汇款]的?[账号|账户|卡号|账户号码]", "[account|card|bank account|bank card] [number|no|no.|];[number of the account|card digits|account]"
        ";[account|card|bank account|bank card|debit card|credit card|giro|payment account|receiving account] [number|no.|digits|ID|code|reference];[number|digits] of the [account|bank account|card|bank card];[account|card] [to pay into|used|to transfer to|the money goes to|number given]"),
    "bank": ("[开户行|开户银行|银行|银行名称|哪家银行|什么银行]"
        ";[账户|收款|开户|存款]的?[银行|行|支行]", "[bank|bank name|name of the bank|banking house|which bank|bank used]"
        ";[bank|bank branch|banking house|credit institution|savings bank|financial institution] [name|named|used|that holds the account|of the account|where the account is|];[at which|with which|what|which] bank [the account is held|the account is|they keep the account|the money goes to]"),
    "tax_id": ("[税号|纳税人识别号|纳税识别号|税务登记号|纳税人编号|税务号]"
        ";[企业|公司|单位|纳税人]的?[税号|税务号|识别号|税务登记号]", "[tax ID|tax number|VAT number|tax id|tax registration|taxpayer number|VAT ID|tax code]"
        ";[tax|VAT|taxpayer|fiscal|tax payer|tax office|tax registration|GST] [ID|number|no.|code|identification number|identification|registration number|reference];[number|code] [with the tax office|for tax purposes|of tax registration|of the taxpayer]"),
    "payment": ("[支付方式|付款方式|怎么付的|结算方式|付款渠道|支付渠道|用什么付款|支付手段|付款途径]"
        ";[付款|支付|结账|买单|付钱|结算]的?[方法|方式|途径|渠道|手段|工具]", "[payment method|method of payment|way of paying|payment type|payment|how it was paid|means of payment|pay method|paid with]"
        ";[payment|paying|pay|settlement|tender|checkout] [method|type|mode|means|way|channel|form|option|instrument];[method|mode|way|means|form|kind|manner|type] of [payment|paying|settlement|settling the bill];how [it was settled|payment was made|the bill was paid|they paid|one paid|the customer paid|the money was paid|it was paid for];by what means [it was paid|they paid|the bill was settled]"),
    "status": ("[状态|订单状态|进度|物流状态|当前状态|订单进度|处理状态|订单情况]"
        ";[订单|物流|包裹|处理|发货]的?[状态|进展|进度|情况|现状]", "[status|order status|state|progress|current status|state of the order|current state|stage]"
        ";[order|delivery|shipment|parcel|current|present|processing|shipping|payment] [status|state|stage|progress|situation|condition];[state|status|stage|progress|situation] of the [order|delivery|parcel|shipment|matter|process];how far [the order is|it has got|the parcel is|things are|it is along]"),
    "carrier": ("[快递公司|物流公司|承运商|承运方|快递商|送货公司|哪家快递|什么快递]"
        ";[承运|送货|配送|派件|运输]的?[公司|快递|商家|单位|物流]", "[carrier|courier|shipping company|delivery company|courier company|delivery service|shipper|parcel service|who delivers]"
        ";[carrier|courier|shipping|delivery|parcel|transport|freight|forwarding|logistics|postal] [company|firm|service|name|provider|business|used|];who [delivers it|ships it|carries it|transports it|brings it|sends it|handles the delivery|takes the parcel]"),
    "storage": ("[贮存条件|储存方法|保存方法|存放方式|保存条件|储藏方法|保管方法|怎么保存]"
        ";[产品|食品|商品]?的?[存放|储存|保存|贮藏|保管]的?[要求|条件|方式|方法|环境]", "[storage|storage conditions|storing instructions|storage advice|how to store it|how to keep it|storage method|keeping instructions]"
        ";[storage|storing|keeping|conservation|preservation] [conditions|instructions|advice|method|requirements|directions|note|hint|temperature and place];how [it should be stored|it must be stored|to keep it|it is to be kept|it must be kept|to preserve it|to store the product];where [to keep it|to store it|it should be kept|it must be stored]"),
    "shelf_life": ("[保质期|保存期|保质时间|可存放多久|保存多久|质保时间|能放多久]"
        ";[可以|能]?[保存|存放|保质|储存]的?[时长|时间|期限|天数|月数]", "[shelf life|storage life|keeping time|time it keeps|how long it keeps|durability|how long it lasts]"
        ";[shelf|storage|keeping|product|useful] [life|period|time|duration|span];how long it [keeps|lasts|stays fresh|can be stored|can be kept|remains good|is good for|will keep];[time|period|months|duration] it [keeps|can be kept|stays good|lasts|stays fresh]"),
    "points": ("[积分|会员积分|获得积分|积分数|分数|本次积分|积分余额|可用积分]"
        ";[会员|账户|本单|消费|奖励]的?[积分|积分数|点数|分值]", "[points|points earned|bonus points|reward points|loyalty points|points balance|member points|points collected]"
        ";[bonus|reward|loyalty|member|club|collected|earned|credit|customer card] [points|point balance|points total|score];[number|total|balance|sum] of [points|bonus points|reward points|loyalty points];how many [points|bonus points|reward points] [there are|were earned|were collected|the member has|one gets|were credited]"),
    "remark": ("[备注|留言|说明|附注|备注内容|附言|买家留言|备注信息|特别说明]"
        ";[顾客|买家|客户|下单|订单]的?[备注|留言|附言|要求|说明]", "[note|remark|comment|remarks|comments|message|notes|special request|annotation|note left]"
        ";[note|remark|comment|message|special request|annotation|instruction|memo|side note|special instruction|wish] [left|added|given|written|of the customer|by the customer|for the seller|from the buyer|on the order];what [was noted|was remarked|the customer asked for|the customer wrote|is noted|was added as a note|the note says|the comment says|the remark says]"),
    "flight": ("[航班|航班号|车次|班次|列车号|车次号|航班编号|火车号]"
        ";[乘坐|搭乘|所乘]的?[航班|车次|班次|列车][号|号码|]", "[flight|train|flight number|train number|flight no|train no|flight code|number of the flight]"
        ";[flight|train|plane|service|connection|railway|journey|rail] [number|no.|code|designation|ID|taken|on the ticket];[which|what] [flight|train|plane] [it is|is booked|one takes|the ticket is for|the passenger takes]"),
    "gate": ("[登机口|检票口|登机门|闸口|口号|几号口|登机口号]"
        ";[登机|检票|上车|乘车|候车]的?[口|门|入口|口号]", "[gate|boarding gate|gate number|departure gate|gate no|which gate|ticket gate]"
        ";[gate|boarding gate|departure gate|ticket gate] [number|no.|to go to|of departure|for boarding|];[at|through|from] which gate [one boards|to board|boarding is|passengers board|the flight leaves]"),
    "room": ("[房号|房间号|房间|客房号|几号房|哪间房|房间号码]"
        ";[入住|客人|预订|酒店]的?[房间|房号|客房|房间号]", "[room|room number|room no|hotel room|which room|number of the room]"
        ";[room|hotel room|guest room|chamber|bedroom|suite] [number|no.|assigned|booked|given|on the card|of the guest|];[in which room|which room|what room] [the guest stays|one stays|they live|is booked|was given|the guest sleeps]"),
    "student": ("[学号|工号|编号|会员号|证件号|学生编号|员工编号|会员编号|ID号]"
        ";[学生|会员|员工|学员|持卡人]的?[编号|学号|工号|证号|会员号]", "[ID|student ID|member number|ID number|staff number|membership number|identification number|student number|personal number]"
        ";[student|member|membership|staff|pupil|employee|identification|personal|card holder|badge|registration] [number|no.|ID|ID number|code|id number];[number|ID|code] of the [student|member|employee|holder|card holder]"),
    "author": ("[作者|编者|主编|写作者|著者|作者姓名|谁写的]"
        ";[书|文章|作品|这本书]的?[作者|编者|撰写人|写作者|著者]", "[author|writer|editor|author's name|written by|by whom|name of the author|book's author]"
        ";[author|writer|editor|novelist|compiler|creator|book writer|originator] [name|named|of the book|of the text|of the work|on the cover|];who [wrote it|wrote the book|authored it|is the author|is the writer|edited it|composed it|penned it]"),
    "isbn": ("[书号|条码|条形码|商品编码|商品条码|货号|ISBN|条码号|编码]"
        ";[商品|产品|书]的?[条码|货号|编码|条形码号|书号]", "[ISBN|barcode|item number|article number|product code|SKU|bar code|item code|book number]"
        ";[barcode|bar code|item|article|product|stock|book|goods|ISBN|SKU|EAN] [number|no.|code|digits|ID];[number|digits|code] [under the barcode|of the barcode|of the article|of the item|of the book|of the product]"),
    "temperature": ("[温度|体温|室温|气温|多少度|几度|温度值|测得温度]"
        ";[显示|测量|测到|读出]的?[温度|度数|气温|体温]", "[temperature|temp|degrees|how warm|how hot|temperature reading|measured temperature|reading in degrees]"
        ";[temperature|heat|warmth|thermometer|degree] [reading|value|shown|measured|displayed|level|figure];how [many degrees it is|warm it is|hot it is|cold it is|high the temperature is];what [the thermometer says|the thermometer shows|temperature it has|temperature was measured]"),
    "voltage": ("[电压|额定电压|输入电压|供电电压|多少伏|伏数|工作电压]"
        ";[设备|电器|适用|所需]的?[电压|伏数|供电电压|额定电压]", "[voltage|volts|rated voltage|input voltage|supply voltage|mains voltage|operating voltage]"
        ";[rated|input|supply|mains|operating|working|nominal|line|electric] [voltage|volts|tension];[voltage|volts|number of volts] [needed|required|stated|it runs on|on the plate|of the device];how many volts [it needs|it takes|it runs on|it has|are required]"),
    "power": ("[功率|额定功率|瓦数|多少瓦|耗电功率|用电功率|输出功率]"
        ";[设备|电器|机器]的?[功率|瓦数|耗电功率|额定功率]", "[power|wattage|watts|rated power|power rating|power consumption|output power|power draw]"
        ";[rated|electric|electrical|nominal|maximum|input|consumed] [power|wattage|watts];[power|wattage|number of watts] [needed|stated|drawn|it uses|it consumes|on the plate|of the device|of the machine];how many watts [it has|it uses|it draws|it needs|it consumes];how [powerful it is|strong it is|much power it draws]"),
}  # fmt: skip


def field_names(key: str, language: Language) -> tuple[str, ...]:
    """Patterns of names for the field of that key; none for fields without."""
    found = _TABLE.get(key)
    return split_names(found[0 if language == "zh" else 1]) if found else ()
