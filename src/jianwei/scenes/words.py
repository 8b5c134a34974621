"""Names, goods, places, codes and numbers for the text of scenes, and characters drawn at random.

Random hanzi come from all of GB2312, so that a model that learns to copy meets every character.
"""

# ruff: noqa: E501 - tables of words, one meaning a line
from __future__ import annotations

import string
from functools import lru_cache
from random import Random

from jianwei.scenes.scene import Language

GOODS: dict[Language, tuple[str, ...]] = {
    "zh": ("苹果", "香蕉", "蓝莓", "草莓", "西瓜", "葡萄", "橙子", "柠檬", "牛奶", "酸奶", "面包", "鸡蛋", "大米", "面粉", "食用油", "酱油", "白糖", "食盐", "矿泉水", "可乐", "橙汁", "绿茶", "咖啡", "啤酒", "饼干", "薯片", "巧克力", "方便面", "火腿肠", "豆腐", "猪肉", "牛肉", "鸡翅", "三文鱼", "虾仁", "土豆", "番茄", "黄瓜", "胡萝卜", "洋葱", "大白菜", "香菇", "洗发水", "沐浴露", "牙膏", "牙刷", "毛巾", "卫生纸", "抽纸", "洗衣液", "垃圾袋", "电池", "充电器", "数据线", "耳机", "鼠标", "键盘", "U盘", "笔记本", "签字笔", "订书机", "打印纸", "文件夹", "胶带", "剪刀", "台灯", "保温杯", "雨伞", "背包", "运动鞋", "T恤", "牛仔裤", "袜子", "帽子", "手套", "拿铁", "美式咖啡", "珍珠奶茶", "鸡腿堡", "薯条", "炸鸡", "牛肉面", "宫保鸡丁", "鱼香肉丝", "米饭", "扬州炒饭", "酸辣汤", "小笼包", "豆浆", "油条", "玫瑰花", "多肉盆栽", "猫粮", "狗粮", "口罩", "创可贴", "维生素C", "感冒灵", "体温计", "儿童积木", "拼图", "跳绳", "羽毛球"),
    "en": (
        "Apple", "Banana", "Blueberries", "Strawberry", "Orange Juice", "Milk", "Yogurt", "Bread", "Eggs", "Rice", "Olive Oil",
        "Soy Sauce", "Sugar", "Salt", "Water", "Cola", "Green Tea", "Coffee", "Latte", "Beer", "Cookies", "Chips", "Chocolate",
        "Noodles", "Tofu", "Pork", "Beef", "Chicken Wings", "Salmon", "Potato", "Tomato", "Cucumber", "Carrot", "Onion",
        "Shampoo", "Toothpaste", "Toothbrush", "Towel", "Tissue", "Detergent", "Batteries", "Charger", "USB Cable",
        "Headphones", "Mouse", "Keyboard", "Notebook", "Gel Pen", "Stapler", "Copy Paper", "Tape", "Scissors", "Desk Lamp",
        "Umbrella", "Backpack", "T-Shirt", "Jeans", "Socks", "Cap", "Gloves", "Burger", "French Fries", "Pizza", "Salad",
        "Soup", "Sandwich", "Cat Food", "Dog Food", "Face Mask", "Vitamin C", "Puzzle", "Flower Pot", "Honey", "Butter",
    ),
}  # fmt: skip

UNITS: dict[Language, tuple[str, ...]] = {
    "zh": (
        "盒",
        "瓶",
        "袋",
        "包",
        "个",
        "斤",
        "kg",
        "千克",
        "500g",
        "份",
        "杯",
        "支",
        "双",
        "件",
        "箱",
        "罐",
        "条",
        "提",
    ),
    "en": ("each", "box", "kg", "lb", "pack", "bottle", "bag", "500g", "pc", "can", "dozen"),
}

_SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段"
_GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉兰建国文志海晓红梅鹏宇浩子轩梓涵欣怡佳琪思雨晨博睿天佑雪婷俊凯一诺"
_FIRST = [
    "James",
    "Mary",
    "John",
    "Linda",
    "Robert",
    "Emma",
    "David",
    "Sarah",
    "Michael",
    "Anna",
    "Peter",
    "Laura",
    "Tom",
    "Alice",
    "Kevin",
    "Grace",
    "Frank",
    "Helen",
    "Brian",
    "Julia",
    "Oscar",
    "Nina",
]
_LAST = [
    "Smith",
    "Johnson",
    "Brown",
    "Taylor",
    "Miller",
    "Davis",
    "Wilson",
    "Moore",
    "Clark",
    "Lewis",
    "Walker",
    "Hall",
    "Young",
    "King",
    "Wright",
    "Green",
    "Baker",
    "Adams",
    "Nelson",
    "Carter",
]
_CITIES = [
    "北京",
    "上海",
    "广州",
    "深圳",
    "杭州",
    "南京",
    "成都",
    "武汉",
    "西安",
    "苏州",
    "天津",
    "重庆",
    "长沙",
    "青岛",
    "宁波",
    "郑州",
    "合肥",
    "福州",
    "厦门",
    "昆明",
    "大连",
    "沈阳",
    "哈尔滨",
    "济南",
    "无锡",
]
_ROADS = [
    "人民",
    "中山",
    "解放",
    "建设",
    "和平",
    "新华",
    "文化",
    "长江",
    "黄河",
    "学府",
    "科技",
    "滨江",
    "朝阳",
    "幸福",
    "光明",
    "胜利",
    "东风",
    "青年",
    "花园",
    "桃园",
]
_TRADES = [
    "贸易",
    "科技",
    "食品",
    "物流",
    "电子",
    "餐饮",
    "百货",
    "医药",
    "文具",
    "服饰",
    "建材",
    "家具",
    "生物",
    "网络",
    "传媒",
    "纺织",
    "机械",
    "化工",
]
_CITIES_EN = [
    "London",
    "Boston",
    "Seattle",
    "Austin",
    "Denver",
    "Dublin",
    "Sydney",
    "Toronto",
    "Oxford",
    "Chicago",
    "Dallas",
    "Leeds",
    "Perth",
    "Miami",
]
_STREETS = [
    "Main St",
    "Oak Ave",
    "Park Rd",
    "High St",
    "Maple Dr",
    "Lake View",
    "King St",
    "Elm St",
    "2nd Ave",
    "Hill Rd",
]
_TRADES_EN = [
    "Trading",
    "Foods",
    "Tech",
    "Supplies",
    "Logistics",
    "Market",
    "Books",
    "Coffee",
    "Hardware",
    "Pharmacy",
    "Studio",
    "Motors",
]


@lru_cache(maxsize=1)
def hanzi() -> str:
    """All 6763 hanzi of GB2312, in the order of the standard."""
    found: list[str] = []
    for row in range(0xB0, 0xF8):
        for cell in range(0xA1, 0xFF):
            try:
                found.append(bytes((row, cell)).decode("gb2312"))
            except UnicodeDecodeError:  # five unassigned cells at the end of row 55
                continue
    return "".join(found)


def random_hanzi(rng: Random, least: int, most: int) -> str:
    """A row of hanzi without meaning: three in ten from the whole standard, the others from its common half."""
    common = hanzi()[:3755]
    pool = hanzi() if rng.random() < 0.6 else common
    return "".join(rng.choice(pool) for _ in range(rng.randint(least, most)))


def random_letters(rng: Random, least: int, most: int) -> str:
    """A made-up Latin word that can be said aloud, in one of three cases."""
    vowels, consonants = "aeiou", "bcdfghjklmnpqrstvwxyz"
    word = "".join(rng.choice(vowels if i % 2 else consonants) for i in range(rng.randint(least, most)))
    return rng.choice((word, word.capitalize(), word.upper()))


def code(rng: Random) -> str:
    """An order number, serial number or tracking code."""
    style = rng.randrange(5)
    if style == 0:
        return digits(rng, rng.randint(6, 18))
    if style == 1:
        return "".join(rng.choice(string.ascii_uppercase) for _ in range(rng.randint(1, 3))) + digits(
            rng, rng.randint(4, 12)
        )
    if style == 2:
        return f"{rng.randint(2019, 2030)}{rng.randint(1, 12):02}{rng.randint(1, 28):02}{digits(rng, 4)}"
    if style == 3:
        head = "".join(rng.choice(string.ascii_uppercase) for _ in range(2))
        return f"{head}-{rng.randint(2019, 2030)}-{digits(rng, rng.randint(3, 5))}"
    return "".join(rng.choice(string.ascii_uppercase + string.digits) for _ in range(rng.randint(5, 12)))


def digits(rng: Random, count: int) -> str:
    """``count`` digits, the first not zero."""
    return str(rng.randint(1, 9)) + "".join(rng.choice(string.digits) for _ in range(count - 1))


def amount(rng: Random) -> str:
    """A number as prices have them, without currency."""
    scale = rng.choice((10, 100, 100, 1000, 1000, 10000, 100000))
    value = rng.random() * scale
    style = rng.random()
    if style < 0.55:
        return f"{value:.2f}"
    if style < 0.7:
        return f"{value:,.2f}"
    if style < 0.85:
        return f"{value:.1f}"
    return str(1 + int(value))


def money(rng: Random, language: Language) -> str:
    """A price with its currency, as printed."""
    number = amount(rng)
    if language == "zh":
        return rng.choice((f"¥{number}", f"¥{number}", f"￥{number}", f"{number}元", number, f"¥ {number}"))
    return rng.choice(
        (f"${number}", f"${number}", f"£{number}", f"€{number}", f"{number}", f"USD {number}", f"¥{number}")
    )


def date(rng: Random, language: Language) -> str:
    """A day in one of the usual forms."""
    year, month, day = rng.randint(2018, 2031), rng.randint(1, 12), rng.randint(1, 28)
    forms = [f"{year}-{month:02}-{day:02}", f"{year}/{month:02}/{day:02}", f"{year}.{month:02}.{day:02}"]
    if language == "zh":
        forms += [f"{year}年{month}月{day}日", f"{year}年{month:02}月{day:02}日"]
    else:
        name = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"][month - 1]
        forms += [f"{name} {day}, {year}", f"{day} {name} {year}", f"{month:02}/{day:02}/{year}"]
    return rng.choice(forms)


def clock(rng: Random) -> str:
    """A time of day."""
    text = f"{rng.randint(0, 23):02}:{rng.randint(0, 59):02}"
    return text + (f":{rng.randint(0, 59):02}" if rng.random() < 0.4 else "")


def phone(rng: Random, language: Language) -> str:
    """A telephone number that could be, and belongs to nobody in particular."""
    if language == "zh":
        mobile = f"1{rng.choice('3578')}{digits(rng, 9)}"
        landline = f"0{rng.randint(10, 99)}-{digits(rng, 8)}"
        return rng.choice(
            (
                mobile,
                mobile,
                landline,
                f"400-{digits(rng, 3)}-{digits(rng, 4)}",
                f"{mobile[:3]} {mobile[3:7]} {mobile[7:]}",
            )
        )
    return rng.choice(
        (
            f"({digits(rng, 3)}) {digits(rng, 3)}-{digits(rng, 4)}",
            f"+{rng.randint(1, 99)} {digits(rng, 9)}",
            f"{digits(rng, 3)}-{digits(rng, 4)}",
            digits(rng, 10),
        )
    )


def person(rng: Random, language: Language) -> str:
    """A name."""
    if language == "zh":
        return rng.choice(_SURNAMES) + "".join(rng.choice(_GIVEN) for _ in range(rng.choice((1, 2, 2))))
    return f"{rng.choice(_FIRST)} {rng.choice(_LAST)}"


def company(rng: Random, language: Language) -> str:
    """A firm or a shop."""
    if language == "zh":
        style = rng.random()
        name = random_hanzi(rng, 2, 3)
        if style < 0.5:
            return f"{rng.choice(_CITIES)}{name}{rng.choice(_TRADES)}有限公司"
        return f"{name}{rng.choice(('超市', '便利店', '药房', '餐厅', '书店', '咖啡馆', '酒店', '火锅店', '服装店', '水果店'))}"
    return f"{random_letters(rng, 4, 8).capitalize()} {rng.choice(_TRADES_EN)}{rng.choice(('', ' Ltd', ' Inc.', ' Co.'))}"


def address(rng: Random, language: Language) -> str:
    """A street address."""
    if language == "zh":
        room = rng.choice(
            ("", f"{rng.randint(1, 30)}栋{rng.randint(101, 2804)}室", f"{rng.randint(1, 20)}层")
        )
        return f"{rng.choice(_CITIES)}市{rng.choice(_ROADS)}{rng.choice('路街')}{rng.randint(1, 999)}号{room}"
    return f"{rng.randint(1, 999)} {rng.choice(_STREETS)}, {rng.choice(_CITIES_EN)}"


def goods(rng: Random, language: Language) -> str:
    """An article for sale: a known one, or a made-up name so that none is learnt by heart."""
    known = rng.choice(GOODS[language])
    style = rng.random()
    if style < 0.6:
        return known
    if language == "zh":
        return random_hanzi(rng, 2, 4) if style < 0.75 else f"{random_hanzi(rng, 2, 2)}{known}"
    return f"{random_letters(rng, 4, 7).capitalize()} {known}"
