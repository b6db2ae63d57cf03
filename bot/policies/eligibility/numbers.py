"""The numbers that a person says: 三百来号, 4千万, 两个亿, 一成半, 8万6, 去年.

What is about so much (三百来号人) counts as it is said; a sum that is only hoped for, or
not reached, is none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from itertools import pairwise

from bot.policies.eligibility.facts import Fact
from bot.policies.query.numerals import NUMBER, parse_number

__all__ = ["Number", "fitting", "numbers_in", "years_in"]

# A number with what stands behind it; 多, 来 and 几 say that it is about so much.
_NUMBERS = re.compile(
    rf"(?P<percent>[百千万]分之(?P<share>(?>{NUMBER})))"
    # 检验费减一半 is no half of anything; 上半年 is a part of a year, and 大半年 no six months.
    r"|(?P<half>(?<![减免降补退返贴折省多大小少前后])(?<![减免降补退返贴折省][了到掉去])(?:一半|对半)(?![天路]))"
    r"|(?P<six>(?<![\d一二两三四五六七八九十上下前后这那大小多每])半年(?![前来内多里]|左右|[以之]))"
    rf"|(?P<number>(?>{NUMBER}))(?P<about>[多来几])?(?:(?<![万亿千])\s*)?"
    r"(?!(?!kw|kv|kg|km|rmb|usd|p(?:flops)?(?![a-z]))[a-vx-z])(?P<unit>"
    r"[万亿]?(?:美元|美金|usd|刀(?![具片模剪]))|w元?(?![a-z])|个多?亿|亿多?元?|万多?(?:元|块)?|千多?(?:元|块)|元|块钱?|rmb|"
    r"%|‰|个点|个百分点|成半?|"
    r"个月|个(?!税|人所得|体)|(?<!第)批|人|名|位|号人?|家|户|项|件|年|岁|台|辆|套|间|床|张|亩|平方?米?|吨|"
    r"pflops|p(?![a-z])|度|kwh|kw时|kw|kv|立方米?|方|公里|次|天|小时|倍|场|条)?"
)
_UNIT_WORDS = {
    "人": {"人", "名", "位", "号", "号人", "个", ""},
    "个": {"个", "项", "家", ""},
    "项": {"项", "个", "件", ""},
    "家": {"家", "个", "户", ""},
    "户": {"户", "家", "个", ""},
    "件": {"件", "项", "个", ""},
    "张": {"张", "个", "床", ""},
    "床": {"张", "个", "床", ""},
    "台": {"台", "辆", "套", "个", ""},
    "辆": {"辆", "台", ""},
    "次": {"次", "架次", ""},
    "个月": {"个月"},
    "年": {"年"},
    "美元": {"美元", "美金", "刀", "usd"},
    "岁": {"岁"},
    "平方米": {"平", "平米", "平方", "平方米"},
    "pflops": {"pflops", "p"},
    "千瓦": {"kw"},
    "千瓦时": {"度", "kwh", "kw时"},
    "立方米": {"立方米", "立方", "立", "方"},
}
_ONES = frozenset("个人名位家户台套件间床张")
_MONEY = re.compile(r"亿|万|元|块|rmb|千|^w")
_SIZES = (("亿", 10**8), ("万", 10**4), ("千", 1000), ("w", 10**4))
_COUNTED = frozenset("人个户家名位台辆套件项张吨度亩平次立方")
_PER = re.compile(r"(?:每人|人均|每个人?|每户|每家|一人|一个人[给补]?)$")
_BELOW = re.compile(r"(?:不到|不足|没到|没满|不满|未满|未到|差点|没(?:超?过|上|够|破|突破|达到?))$")
_HOPED = re.compile(r"[几数上]$|(?:给|奖|补|领|报销|返|退|拿|说|最高|封顶)[个到]?$")
# 七八个人 are not 78, nor 两三百万 a sum; figures spelled one by one (二五年) stand before no
# such unit.
_ROUGH = re.compile(
    r"(?P<low>[一二两三四五六七八])(?P<high>[二两三四五六七八九])(?![零〇一二两三四五六七八九年月届\d])"
    r"|(?P<low_year>一(?=两)|[三四五六七八])(?P<high_year>[两三四五六七八九])(?=年)"
    r"|(?<![一二两三四五六七八九])(?P<hundred>百)(?P<eighty>八十)"
)
# 院士一个没引来, but 招一个应届生补多少: one is the measure of what is asked for.
_ONE_EACH = re.compile(r"(?<![了过有就只才着])(?<![了过有就只才着][新全])$")
_EACH_ASKED = re.compile(
    r"[^，。,;；、\d了]{0,10}?(?:[补给奖贴返发领拿]|能有)"
    r"(?:[^，。,;；\d]{0,4}(?:多少|几|啥|什么|不|吗|没)|[^，。,;；]{0,8}?(?:[吗么]|[对是]不|是吧|对吧))"
)
# 应届生一人一千: a sum for each.
_EACH_SUM = re.compile(
    r"人?[给补发要花就得]?(?:\d{3,}|[\d一二两三四五六七八九十百千]*[\d一二两三四五六七八九十][百千万元块])"
)
# 一年托十个月: the year is that in which it was so.
_IN_A_YEAR = re.compile(r"(?<![了满过整干期有快够到在岗签约])$")
_PASSES = re.compile(r"(?![了多半整零期以左出吧呢的就才还没啦啊合建修盖完])[\u4e00-\u9fff]")
# 不高于5.5%就能返, 要满3年才给: what somebody takes for the rule is nothing of the firm.
_BOUND = re.compile(
    r"(?:不[高低大小少多]于|不超过?|不少|至少|最少|起码|大于|高于|低于|小于|少于|超过|达到?|满|够|到|要有?|得有?|必须|需要?)$"
)
_RULE = re.compile(
    r"[^，。,;；、\d]{0,6}?(?:才(?:[行给能算有可够]|符合)|就(?:[能给行有免]|可以|不用?交|算)|的(?:才?能|才))"
)
# 算力券最高50万吗: asked, not told.
_IS_IT = re.compile(r"[吗么](?:$|[，。,;；?？ ])")
# 标价680万，还没付钱: what is not yet paid is no payment; 没交过税 is another thing.
_UNPAID = re.compile(
    r"[^，。,;；\d]{0,4}[，, ]?(?:但是?|可是?|不过)?[钱款]?(?:还没有?|没|未|尚未)"
    r"(?:付|给钱|付钱|打款?|到账|到位|交|缴|花|投|买|发|放|放款|发放|批)(?:下来|出去|进来)?"
    r"(?=[了呢啊吧呀]?(?:$|[，。,;；!?？ ]))"
)
# 隔壁那厂子五百多号人: of somebody else.
_ANOTHER = re.compile(r"(?:隔壁|同行|别人|别家|别的厂|对门)[^，。,;；、 \d我俺咱]{0,6}$")
# 打算新招10个人: they are not there yet.
_TO_HIRE = re.compile(
    r"(?:打算|计划|准备|想)(?:今年|明年|下半年|再|新|多|去)*(?:招聘?|雇|聘|引进?|吸纳)[个到]?$"
)
# 入住率要多少，60%够吗: asked for the rule.
_HOW_MUCH = re.compile(
    r"(?:(?:[要得]达?到?|需要|要求)(?:多少|几)|(?:多少|几)[人个家万钱]*才)[^。\d]{0,6}$"
)
_ENOUGH = re.compile(r"[^，。\d]{0,3}(?:够|行|可以|中)(?:不[够行可中]|吗|么|不)")
_SHRUNK = re.compile(r"(?:[掉跌降缩]|下[滑降跌]|减少|少|负)[了的到]?(?:有|大概|差不多|将近)?$")
# 增长两倍 is two hundred in a hundred more, 是去年的两倍 one hundred.
_TIMES_MORE = re.compile(
    r"(?:(?:增长?|增加|涨|提高|上升)[了到]?|((?:[是达为]|相当于)[^，。,;；\d]{0,6}的))$"
)
_IN_WAN = re.compile(r"单位(?:都?[是为]|:)?万|(?<=[，, ])万元?(?=[，。,啊呀哈]|$)")
# Between two numbers it makes them a range: 20到30人, 30-50万.
_RANGE = re.compile(r"[多来]?(?:-|~|到|至|或者?|还是)(?:大概)?")
_MORE = re.compile("新增的用|多外送|增幅")
_GROWS = re.compile("增长|提升|提高")
_YEARS_AGO = {"今年": 0, "本年": 0, "去年": 1, "上年": 1, "前年": 2, "大前年": 3}
_YEAR = re.compile(
    r"(20\d\d)\s*年?|(?<!\d)(2\d)\s*年(?![前后来间内以])|(大前年|今年|本年|去年|上年|前年)"
    # 三年前, and 19年注册的: nineteen years would be told after the word.
    r"|(?P<ago>\d{1,2}|[一二两三四五六七八九十]{1,3})年(?:以|之)?前"
    r"|(?<![\d第了满])(?P<short>[019]\d)年(?=[就才刚]?(?:注册|成立|创[办立]|开[办张业的]|[办建买]|购|认定|投[运产]))"
)
_SMALL = 100  # what a bare number must be to count 元


@dataclass(frozen=True)
class Number:
    """A number of a folded text: where it stands, its value with its unit.

    A ``rough`` one (七八个, 百八十号) is the lower of the two that are said, a ``short`` one
    (不足20人) one less than what is not reached, and a ``down`` one a loss (掉了一成).
    """

    start: int
    end: int
    value: Decimal
    unit: str
    kind: str  # money, ratio, count; what has changed: level (a share now), change (a
    # ratio), points (of a share), more (of a sum or a count)
    rough: bool = False
    high: Decimal = Decimal(0)  # of a rough one the higher
    short: bool = False
    down: bool = False
    when: str = ""  # then, now or level (从…到…), of two told beside each other; whole of all parts

    @property
    def place(self) -> tuple[int, str]:
        """Where it stands and what it is: 12个 of 20 may be told as people and as a share."""
        return self.start, self.kind


def numbers_in(said: str) -> list[Number]:
    """The numbers of a folded text that tell something."""
    wan = _IN_WAN.search(said) is not None
    found = [
        number
        for match in _NUMBERS.finditer(said)
        if not _nothing_told(said, match) and (number := _number(said, match, wan)) is not None
    ]
    ranges = {
        one.start
        for first, second in pairwise(found)
        if first.unit in ("", second.unit) or first.kind == second.kind
        if _RANGE.fullmatch(said[first.end : second.start])
        for one in (first, second)
    }
    return [number for number in found if number.start not in ranges]


def _nothing_told(said: str, match: re.Match[str]) -> bool:
    """Whether a number is no number of the firm: hoped for, asked, the rule's, another's."""
    unit, number = match["unit"] or "", match["number"] or ""
    before, behind = said[max(0, match.start() - 14) : match.start()], said[match.end() :]
    if match["six"]:
        return False
    if number in ("一", "两") and not unit and not match["about"]:
        return True
    # 连物业费一块说: together.
    if number == "一" and unit == "块" and not match["about"]:
        return True
    # 几百万 is no number, and what is hoped for (给20万，奖几百万) is nothing of the firm.
    if re.fullmatch(r"[百千万亿零]+", number):
        return True
    money = _MONEY.search(unit) or (re.search("[万亿]", number) and not unit)
    if (money or not unit) and number and (_HOPED.search(before)):
        return True
    if _PER.search(before) and unit and not money:
        return True
    if (
        number == "一"
        and unit != "年"
        and not money
        and _ONE_EACH.search(before)
        and _EACH_ASKED.match(behind)
    ):
        return True
    if number in ("一", "1") and unit in _ONES and _EACH_SUM.match(behind):
        return True
    if number == "一" and unit == "年" and _IN_A_YEAR.search(before) and _PASSES.match(behind):
        return True
    if _BOUND.search(before) and _RULE.match(behind):
        return True
    return (
        _IS_IT.match(behind) is not None
        or _TO_HIRE.search(before) is not None
        or (_HOW_MUCH.search(before) is not None and _ENOUGH.match(behind) is not None)
        or _ANOTHER.search(before) is not None
        or _UNPAID.match(behind) is not None
    )


def _number(said: str, match: re.Match[str], wan: bool) -> Number | None:
    """A number with its kind; None where it is none after all, or only known not to be reached."""
    if match["half"]:
        return Number(*match.span(), Decimal("0.5"), "", "ratio")
    if match["six"]:
        return Number(*match.span(), Decimal(6), "个月", "count")
    before = said[max(0, match.start() - 8) : match.start()]
    written = match["share"] or match["number"] or ""
    low, high = _either(written, said[match.end() : match.end() + 1] or " ", match["unit"] or "")
    number, most = parse_number(low), parse_number(high)
    unit = match["unit"] or ""
    if number is None or most is None:
        return None
    rough = low != high
    # 不足20人 is fewer than 20; of a sum that is not reached nothing is sure.
    short = _BELOW.search(before) is not None
    written = match["number"] or ""
    if short and (_MONEY.search(unit) or re.search(r"[%‰万亿成]", unit + written)):
        return None
    value = Decimal(str(round(number - short, 4)))  # 2.3亿 is a hair less in binary
    top = Decimal(str(round(most, 4)))
    down = _SHRUNK.search(before) is not None
    if match["percent"] or unit in ("%", "‰", "个点", "个百分点", "成", "成半"):
        size = {"百分": 100, "千分": 1000, "万分": 10_000}.get(match[0][:2], 100)
        size = {"‰": 1000, "成": 10, "成半": 10}.get(unit, size)
        half = Decimal("0.5") if unit == "成半" else Decimal(0)
        share = (value + half) / size
        return None if rough else Number(*match.span(), share, unit, "ratio", down=down)
    if unit == "倍" and (more := _TIMES_MORE.search(before)) is not None:
        return Number(*match.span(), value - (more[1] is not None), unit, "ratio")
    if re.search(r"美元|美金|usd|刀", unit):
        value *= next((size for sign, size in _SIZES if unit.startswith(sign)), 1)
        return Number(*match.span(), value, "美元", "count")
    # 3万 and 4千万 alone are money; 3万平米 and 3万人 count something.
    large = re.search(r"[万亿]", written) is not None and not unit
    counted = said[match.end() : match.end() + 1] in _COUNTED
    if (_MONEY.search(unit) or large) and not (counted and not re.search(r"元|块", unit)):
        size = next((size for sign, size in _SIZES if sign in unit), 1)
        return Number(*match.span(), value * size, unit, "money", rough, top * size)
    if counted and unit:
        value *= next((size for sign, size in _SIZES if sign in unit), 1)
        unit = said[match.end()]
    elif not unit and (_PER.search(before) or said.startswith("每", match.end())):
        unit = "元"  # 一人一千, 八百一个
        return Number(*match.span(), value, unit, "money") if value >= _SMALL else None
    elif wan and not unit and not re.fullmatch(r"(?:19|20)\d\d", written):
        return Number(*match.span(), value * 10**4, "万", "money")
    return Number(*match.span(), value, unit, "count", rough, top, short)


def _either(written: str, behind: str, unit: str) -> tuple[str, str]:
    """The lower and the higher of two numbers that are said as one (七八, 两三百万)."""
    pair = _ROUGH.search(written + (unit or behind))
    if pair is None or pair.end() > len(written):
        return written, written
    head, tail = written[: pair.start()], written[pair.end() :]
    if pair["hundred"]:
        return head + "百" + tail, head + "一百八十" + tail
    low, high = pair["low"] or pair["low_year"], pair["high"] or pair["high_year"]
    return head + low + tail, head + high + tail


def fitting(number: Number, fact: Fact) -> Decimal | None:
    """The number as a value of a fact; None where its unit is of another kind.

    Seven or eight people are few either way, and 六七万 a month is below the line; whatever else
    is rough is no number to go on.
    """
    if number.rough and not (fact.roughly and number.high < fact.roughly):
        return None
    if number.kind == "more":
        kind = "money" if fact.type == "money" else "count"
        return fitting(replace(number, kind=kind), fact) if _MORE.search(fact.question) else None
    if number.when == "level" and _MORE.search(fact.question):
        return None
    if fact.type == "money":
        # 要交9000: a round enough number right beside the word is money.
        bare = number.kind == "count" and not number.unit and number.value >= _SMALL
        return number.value if number.kind == "money" or (bare and not number.short) else None
    if fact.type == "ratio":
        return _share(number, fact)
    if fact.unit == "个月" and number.kind == "count" and number.unit == "年":
        return number.value * 12
    # 满两年半 is two full years.
    if fact.unit == "年" and number.unit == "个月" and "几年了" in fact.question:
        return number.value // 12
    if number.kind != "count" or number.value != number.value.to_integral_value():
        return None
    unit = fact.unit.casefold()
    allowed = _UNIT_WORDS.get(unit, {unit, ""})
    return number.value if number.unit in allowed else None


def _grows(fact: Fact) -> bool:
    """Whether a ratio tells how much more there is than before."""
    return fact.type == "ratio" and _GROWS.search(fact.question) is not None


def _share(number: Number, fact: Fact) -> Decimal | None:
    points = "百分点" in fact.question
    if number.kind == "ratio":
        return -number.value if number.down and _grows(fact) else number.value
    if number.kind == "level":
        return None if points else number.value
    if number.kind in ("change", "points"):
        return number.value if _grows(fact) and (number.kind == "points") == points else None
    # 一个人没裁: of nobody the share is none.
    none = number.kind == "count" and not number.value and number.unit and not _grows(fact)
    return Decimal(0) if none else None


def years_in(said: str, today: date) -> Iterator[tuple[int, int, int]]:
    """The years of a folded text, 去年 among them: start, end, year."""
    for match in _YEAR.finditer(said):
        if match[1]:
            year = int(match[1])
        elif match["ago"]:
            year = today.year - int(parse_number(match["ago"]) or 0)
        elif match["short"]:
            year = (1900 if match["short"] > "8" else 2000) + int(match["short"])
        else:
            year = 2000 + int(match[2]) if match[2] else today.year - _YEARS_AGO[match[3]]
        yield match.start(), match.end(), year
