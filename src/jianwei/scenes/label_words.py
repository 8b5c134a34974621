"""What papers and screens print before their values: more labels for training than the templates of a family have.

A model that has met two labels for the sum of an invoice knows those two; met with thirty, it looks for what they have
in common. Labels of the test split are left out here, whatever these lists say.
"""

# ruff: noqa: E501 - tables of words, one kind a line
from __future__ import annotations

from typing import TypeVar

from jianwei.scenes.scene import Language, Split

_LABELS: dict[str, dict[str, tuple[str, str]]] = {
    "documents": {
        "number": ("单号|单据编号|发票号码|发票号|合同编号|收据编号|票号|凭证编号|文件编号|合同号|序号|票据号码|编码|单据号|收据号|单据代码|文号|订单号", "Number|Doc. No.|Invoice No.|Receipt No.|Contract No.|Invoice Number|Document ID|ID|Serial No.|Ref. No.|File No.|Receipt Number|Bill No.|Doc ID|Invoice #|Our ref.|Paper No.|Code"),
        "date": ("签订日期|开具日期|填写日期|出具日期|单据日期|票据日期|合同日期|交易日期|开单日期|制单日期|订立日期|时间|开票时间", "Invoice Date|Date of issue|Document Date|Issued|Contract Date|Receipt Date|Signed on|Dated|Billing Date|Date issued|Day|Transaction Date"),
        "seller": ("销货方|供货方|卖家|商家|供应商|收款单位|供方|店铺|销售单位|收款方|开票方|销方名称|商户名称|出售方|店名|供货单位", "Vendor|Supplier|Merchant|Sold by|Shop|Store|Payee|Issued by|Provider|Company|Seller name|Party B|Supplied by|Seller Co."),
        "buyer": ("购货方|买家|客户|付款方|采购方|需方|购买单位|购方名称|客户名称|付款单位|购货单位|收票方|订货方|顾客", "Customer|Purchaser|Client|Sold To|Billed To|Payer|Buyer name|Party A|Invoice To|Customer Name|Ordered by|For"),
        "cashier": ("收款员|收款人|营业员|经手人|操作员|店员|开票人|经办人", "Clerk|Server|Served by|Operator|Staff|Till operator|Issued by"),
        "payment": ("支付方式|结算方式|付款|支付|收款方式|付款渠道|结账方式", "Payment|Payment method|Method|Paid with|Pay type|Paid via|Tender"),
        "subtotal": ("金额小计|货品小计|不含税金额|商品合计|税前金额|未税金额|金额|商品金额", "Sub-total|Sub total|Net|Net amount|Items|Before tax|Sum of items|Net total"),
        "tax": ("税金|税费|增值税|税款|增值税额|税", "VAT|Sales tax|GST|Tax amount|VAT amount|Taxes"),
        "total": ("合计|总金额|应付总额|总价|合计金额|总额|应付金额|实付金额|金额总计|应收合计|共计|应付|总计金额|最终金额|含税总价", "Grand total|Total due|Total amount|TOTAL|Sum|Total to pay|Total price|To pay|Invoice total|Final total|Amount payable|Total sum|Overall total|Sum total"),
        "signer": ("签名|签章|签署|代表签字", "Sign here|Signed|Sign"),
    },
    "screens": {
        "subtotal": ("商品总额|商品合计|小计|商品总价|货品金额|商品价格|商品总计|购物金额|商品费用", "Sub-total|Item subtotal|Merchandise|Product total|Items subtotal|Sum of items|Cart subtotal"),
        "shipping": ("快递费|运送费|物流费|送货费|运输费|派送费|邮寄费|寄送费用|快递运费|基础运费", "Delivery charge|Shipping cost|Shipping charge|Freight|Courier fee|Delivery cost|Shipping & handling|Carriage|Transport fee"),
        "discount": ("优惠金额|已优惠|折扣|活动优惠|满减|共减|优惠抵扣|促销优惠|会员优惠|红包抵扣", "You save|Coupon discount|Money off|Reduction|Member discount|Voucher|Saved"),
        "total": ("实付款|总计|应付|订单金额|实付金额|总金额|需付款|付款金额|实际支付|应付总额|总价|待支付|合计金额|订单总额|共计", "Grand total|To pay|Amount due|Total to pay|You pay|Total due|TOTAL|Payable|Final price|Total amount|Total price|Amount to pay"),
        "pack": ("打包费|包装袋|餐盒费|包材费|礼盒包装费", "Packing fee|Bag fee|Wrapping|Box fee|Packing|Packaging fee"),
        "to": ("收货地址|收件地址|收件信息|配送地址|寄送至|收货人信息|收货方|联系人", "Delivery to|Shipping address|Deliver to|Delivery info|Contact|Receiver|Where to"),
        "goods": ("商品信息|购买商品|订单商品|我的商品|所选商品|商品|商品列表|货品清单|购买清单|商品详情", "Items|Products|Your cart|Order items|Shopping cart|Goods list|My items|In your cart|Your products|Bag|Selected items"),
        "fees": ("金额明细|账单|付款明细|费用|订单金额明细|结算明细|金额|账单明细|价格|支付明细|费用清单", "Summary|Cost summary|Bill details|Price breakdown|Costs|Bill|Payment summary|Charges|Amount details|Fees|Price summary|Your bill"),
        "ship": ("物流|物流信息|送货|配送信息|发货|发货方式|送货方式|送达|快递信息|配送服务", "Delivery|Shipping method|Shipment|Dispatch|Delivery method|Courier|How we ship|Shipping info|Delivery info|Transport"),
        "coupon": ("我的优惠券|红包|代金券|促销|卡券|优惠信息|可用优惠券|促销活动|折扣券", "Coupon|Offers|Discounts|Vouchers|Promo codes|Deals|My coupons|Offer|Available coupons"),
        "pay": ("支付方式|支付信息|付款信息|结算方式|付款选项|支付渠道", "Pay with|Payment options|How to pay|Paying|Payment info|Pay by|Billing"),
        "order": ("订单|下单信息|订单概况|订单资料|交易信息|交易详情|单据信息|订单内容", "Your order|About this order|Order data|Order overview|Order record|Transaction|Purchase info"),
    },
}  # fmt: skip
_LISTS: dict[str, tuple[str, str]] = {
    "invoice": ("发票|增值税发票|增值税专用发票|普通发票|商品销售发票|货物发票|服务发票|机打发票|通用发票|销货发票|开票凭证|发票联", "Invoice|TAX INVOICE|VAT Invoice|Tax Invoice|Bill|Service Invoice|INVOICE NOTE|Customer Invoice|Invoice for goods|Sales Bill|Trade Invoice"),
    "receipt": ("小票|收款收据|销售小票|收银小票|购物收据|收据单|付款收据|商品小票|交易小票|销售单|购物凭据", "Receipt|Cash Receipt|Payment Receipt|Store Receipt|Till Receipt|Shop Receipt|RECEIPT OF SALE|Receipt for payment|Official Receipt|Customer Receipt"),
    "contract": ("合同|销售合同|购销合同|供应合同|商品购销合同|货物采购合同|供需合同|合作协议|购货合同|采购协议|供货协议|商品供应合同", "Contract|Sales Contract|AGREEMENT|Supply Contract|Purchase Agreement|CONTRACT OF SALE|Sales Agreement|Delivery Contract|Trade Agreement|Supply of goods agreement|Contract for goods"),
    "button": ("付款|确认付款|立即支付|支付订单|结算|去结算|立即下单|确认支付|确认订单|提交|下单|马上付款|确认并付款|立即结算|现在购买|完成支付|去下单|确认购买|提交并付款", "Pay|Checkout|Order now|Submit order|Go to checkout|Buy|Pay for order|Complete order|Order|Proceed|Finish order|Submit|Confirm order|Pay and order|Complete purchase|Check out now|Buy it now|Send order|Proceed to checkout|Make payment"),
    "free": ("满{}元包邮|全场满{}元免运费|满{}免邮费|购满{}元包邮|单笔满{}元免配送费|买满{}元免运费|{}元起免运费|消费满{}元包邮|订单金额满{}元免运费|满{}元即可免运费|购物满{}元免快递费|{}元以上包邮", "Free shipping from {}|Free delivery over {}|Orders over {} ship free|Free shipping on orders above {}|Shipping is free from {}|Get free shipping at {}|No shipping fee over {}|Free delivery from {}|Buy for {} and shipping is free|We ship free above {}|Free postage for orders of {}|Delivery free over {}"),
    "coupon": ("满{0}元使用|订单满{0}元可用|消费满{0}元可用|仅满{0}元可使用|购物满{0}元可减{1}元|每满{0}元减{1}元|限满{0}元订单使用|满{0}元立减{1}元|须购满{0}元|实付满{0}元可用|金额满{0}元可用此券|满{0}元抵{1}元", "For orders above {0}|Minimum order {0}|Valid for orders over {0}|Spend {0} or more|{1} off when you spend {0}|Save {1} on orders of {0}|From {0}|Minimum spend: {0}|Orders of at least {0}|Use it on orders from {0}|Take {1} off purchases over {0}|Applies above {0}"),
    "expiry": ("保质期到|到期日|有效期|保质期|失效日期|截止日期|请于此日期前食用|限期使用|最佳食用期|有效日期", "Use by|Expires|Expiry|BB|Best by|Exp. date|Use before|Sell by|Good until|Expiry date|BBE|Best used by"),
}  # fmt: skip

T = TypeVar("T")
_Tables = dict[Split, dict[Language, T]]


def widened(family: str, tables: _Tables[dict[str, str]]) -> _Tables[dict[str, str]]:
    """A family's tables of labels (key to labels parted by ``|``), with more of them in the training split."""
    found: _Tables[dict[str, str]] = {"train": {}, "test": tables["test"]}
    for at, language in enumerate(("zh", "en")):
        kept, more = tables["test"][language], _LABELS[family]
        found["train"][language] = {
            key: "|".join(_joined(labels, more[key][at], kept[key].split("|"))) if key in more else labels
            for key, labels in tables["train"][language].items()
        }
    return found


def widened_list(name: str, tables: _Tables[tuple[str, ...]]) -> _Tables[tuple[str, ...]]:
    """The same for a table of titles or other texts."""
    found: _Tables[tuple[str, ...]] = {"train": {}, "test": tables["test"]}
    for at, language in enumerate(("zh", "en")):
        texts = "|".join(tables["train"][language])
        found["train"][language] = tuple(_joined(texts, _LISTS[name][at], tables["test"][language]))
    return found


def _joined(texts: str, more: str, kept: tuple[str, ...] | list[str]) -> list[str]:
    """Both lists without what is kept for the test split."""
    forbidden = {text.casefold() for text in kept}
    return [
        text
        for text in dict.fromkeys([*texts.split("|"), *more.split("|")])
        if text.casefold() not in forbidden
    ]
