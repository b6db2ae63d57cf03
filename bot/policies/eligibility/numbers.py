"""The numbers that a person says: 三百来号, 4千万, 两个亿, 一成半, 8万6, 去年.

What is about so much (三百来号人) counts as it is said; a sum that is only hoped for, or
not reached, is none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from bot.policies.eligibility.facts import Fact
from bot.policies.query.numerals import NUMBER, parse_number
from bot.policies.query.text import normalise

__all__ = ["Number", "fitting", "folded", "numbers_in", "years_in"]

# A number with what stands behind it; 多, 来 and 几 say that it is about so much.
_NUMBERS = re.compile(
    rf"(?P<percent>百分之(?P<share>(?>{NUMBER})))|(?P<number>(?>{NUMBER}))(?P<about>[多来几])?(?:(?<![万亿千])\s*)?"
    r"(?!(?!kw|kv|kg|km|rmb|usd|p(?:flops)?(?![a-z]))[a-vx-z])(?P<unit>"
    r"[万亿]?(?:美元|美金|usd)|w元?(?![a-z])|个多?亿|亿多?元?|万多?(?:元|块)?|千多?(?:元|块)|元|块钱?|rmb|"
    r"%|‰|个点|个百分点|成半?|"
    r"个月|个(?!税|人所得|体)|人|名|位|号人?|家|户|项|件|年|岁|台|辆|套|间|床|张|亩|平方?米?|吨|"
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
_MONEY = re.compile(r"亿|万|元|块|rmb|千|^w")
_SIZES = (("亿", 10**8), ("万", 10**4), ("千", 1000), ("w", 10**4))
_COUNTED = frozenset("人个户家名位台辆套件项张吨度亩平次立方")
_PER = re.compile(r"(?:每人|人均|每个人?|每户|每家|一人|一个人[给补]?)$")
_BELOW = re.compile(r"(?:不到|不足|没到|没满|不满|未满|未到|差点)$")
_HOPED = re.compile(r"[几数上]$|(?:给|奖|补|领|报销|返|退|拿|说|最高|封顶)[个到]?$")
# 一万五一年 is 一万五 a year; 一点五 and 8万6 are written otherwise than they are counted.
_HALF = re.compile(r"(\d+|[一二两三四五六七八九])年半(?!前)")
_NOBODY = re.compile(r"一个(人|员工|职工)?(?:也|都)没")
_TENTHS = re.compile(r"([一二两三四五六七八九\d])成([一二三四五六七八九\d])")
# 二零二一年 is written out figure by figure.
_SPELLED = re.compile(r"二[零〇][零〇一二三四五六七八九]{2}")
_ONE_MORE = re.compile(
    r"(?<=[万千百][一二三四五六七八九])一(?=[年个月次天人])|(?<=[万亿])一(?=[年天]|个月)"
)
# 七八个人 are not 78; figures spelled one by one (二五年) stand before no such unit.
_ROUGH = re.compile(
    r"([一二两三四五六七八])([二三四五六七八九])(?=[个号名位人家户台]|$)|(?<![一二两三四五六七八九])百(?=八十)"
)
_POINT = re.compile(r"([零一二三四五六七八九十]+)点([零一二三四五六七八九]+)(?!钟)")
_SHORT = re.compile(r"(?<![\d.])(\d+)([万千亿])(\d)千?(?![\d.万千百亿个人户家名台件项])")
_SLANG = (
    ("(?<=[过超])亿", "1亿"),
    ("(?<=[过超])百亿", "100亿"),
    ("(?<=[过超])千万", "1000万"),
    ("俩(?=[百千万亿个])", "两"),
    ("仨(?=[百千万亿个])", "三"),
    # 雇了俩, but not 我们俩 and 两口子俩
    ("(?<![们咱他她你我口妻弟妹])俩(?!口)", "2个"),
    ("(?<![们咱他她你我])仨", "3个"),
    (r"翻了?一[番翻]|翻了?一?倍", "涨100%"),
    ("半个亿", "0.5亿"),
    (r"(?<=[\d百千万])个(?=w|kw|p(?![a-z]))", ""),
)
# 160千瓦 is no 160千; the length stays.
_KILO = (("千瓦", "kw"), ("千伏", "kv"), ("千克", "kg"), ("千米", "km"))
_YEARS_AGO = {"今年": 0, "本年": 0, "去年": 1, "上年": 1, "前年": 2, "大前年": 3}
_YEAR = re.compile(
    r"(20\d\d)\s*年?|(?<!\d)(2\d)\s*年(?![前后来间内以])|(大前年|今年|本年|去年|上年|前年)"
)
_FEW = 10  # people


@dataclass(frozen=True)
class Number:
    """A number of a folded text: where it stands, its value with its unit.

    A ``rough`` one (七八个, 百八十号) is the lower of the two that are said.
    """

    start: int
    end: int
    value: Decimal
    unit: str
    kind: str  # money, ratio, count
    rough: bool = False


def folded(text: str) -> str:
    """Normalised, with numbers as they are counted: 8万6 is 8.6万, 一点五 is 1.5."""
    said = normalise(text)
    for word, sign in _KILO:
        said = said.replace(word, sign)
    for word, sign in _SLANG:
        said = re.sub(word, sign, said)
    said = _SPELLED.sub(lambda match: f"{int(parse_number(match[0]) or 0)}", said)
    said = _ONE_MORE.sub("每", said)
    said = _HALF.sub(lambda match: f"{int((parse_number(match[1]) or 0) * 12) + 6}个月", said)
    said = _NOBODY.sub(r"0个\1没", said)
    said = _TENTHS.sub(
        lambda match: "".join(str(int(parse_number(digit) or 0)) for digit in match.groups()) + "%",
        said,
    )
    said = _POINT.sub(_arabic, said)
    return _SHORT.sub(lambda match: f"{match[1]}.{match[3]}{match[2]}", said)


def _arabic(match: re.Match[str]) -> str:
    whole = parse_number(match[1])
    digits = "".join(str(int(parse_number(digit) or 0)) for digit in match[2])
    return match[0] if whole is None else f"{int(whole)}.{digits}"


def _figures(match: re.Match[str]) -> str:
    """The figures of a number as they stand."""
    return match["number"] or ""


def numbers_in(said: str) -> list[Number]:
    """The numbers of a folded text that tell something."""
    found: list[Number] = []
    for match in _NUMBERS.finditer(said):
        written = match["share"] or match["number"] or ""
        pair = _ROUGH.search(said, match.start(), match.end() + 1)
        rough = pair is not None and pair.start() < match.end()
        number = parse_number(_ROUGH.sub(lambda two: two[1] or "", written) if rough else written)
        unit = match["unit"] or ""
        if number is None or (match["number"] in ("一", "两") and not unit and not match["about"]):
            continue
        # 几百万 is no number, and what is hoped for (给20万，奖几百万) is nothing of the firm.
        before = said[max(0, match.start() - 4) : match.start()]
        hoped = _MONEY.search(unit) or not unit
        if re.fullmatch(r"[百千万亿零]+", match["number"] or "") or (
            hoped and _HOPED.search(before)
        ):
            continue
        if _PER.search(before) and not _MONEY.search(unit):
            continue
        # 不足20人 is fewer than 20; of a sum that is not reached nothing is sure.
        short = _BELOW.search(before) is not None
        if short and (_MONEY.search(unit) or re.search(r"[%‰万亿成]", unit + _figures(match))):
            continue
        number -= short
        value = Decimal(str(round(number, 4)))  # 2.3亿 is a hair less in binary
        if match["percent"] or unit in ("%", "‰", "个点", "个百分点", "成", "成半"):
            size = {"‰": 1000, "成": 10, "成半": 10}.get(unit, 100)
            half = Decimal("0.5") if unit == "成半" else Decimal(0)
            found.append(Number(match.start(), match.end(), (value + half) / size, unit, "ratio"))
            continue
        written = _figures(match)
        if re.search(r"美元|美金|usd", unit):
            value *= next((size for sign, size in _SIZES if unit.startswith(sign)), 1)
            found.append(Number(match.start(), match.end(), value, "美元", "count"))
            continue
        # 3万 and 4千万 alone are money; 3万平米 and 3万人 count something.
        large = re.search(r"[万亿]", written) is not None and not unit
        counted = said[match.end() : match.end() + 1] in _COUNTED
        if (_MONEY.search(unit) or large) and not (counted and not re.search(r"元|块", unit)):
            value *= next((size for sign, size in _SIZES if sign in unit), 1)
            found.append(Number(*match.span(), value, unit, "money", rough))
        elif counted and unit:
            value *= next((size for sign, size in _SIZES if sign in unit), 1)
            found.append(Number(*match.span(), value, said[match.end()], "count", rough))
        else:
            found.append(Number(*match.span(), value, unit, "count", rough))
    return [number for number in found if not (number.rough and number.kind != "count")]


def fitting(number: Number, fact: Fact) -> Decimal | None:
    """The number as a value of a fact; None where its unit is of another kind.

    Seven or eight people are few either way; whatever else is rough is no number to go on.
    """
    if number.rough and not (fact.id == "staff" and number.value < _FEW):
        return None
    if fact.type == "money":
        # 要交9000: a round enough number right beside the word is money.
        bare = number.kind == "count" and not number.unit and number.value >= 100
        return number.value if number.kind == "money" or bare else None
    if fact.type == "ratio":
        return number.value if number.kind == "ratio" else None
    if fact.unit == "个月" and number.kind == "count" and number.unit == "年":
        return number.value * 12
    if number.kind != "count" or number.value != number.value.to_integral_value():
        return None
    unit = fact.unit.casefold()
    allowed = _UNIT_WORDS.get(unit, {unit, ""})
    return number.value if number.unit in allowed else None


def years_in(said: str, today: date) -> Iterator[tuple[int, int, int]]:
    """The years of a folded text, 去年 among them: start, end, year."""
    for match in _YEAR.finditer(said):
        if match[1]:
            year = int(match[1])
        else:
            year = 2000 + int(match[2]) if match[2] else today.year - _YEARS_AGO[match[3]]
        yield match.start(), match.end(), year
