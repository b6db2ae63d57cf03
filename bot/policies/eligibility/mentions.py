"""The facts that a message tells of a firm: 三百来号人, 营收4千万, 去年刚认定.

Only what the words of facts.yml bear out is taken; of two readings neither is. A number
goes to the fact whose words stand nearest to it, if its unit is of that fact's kind.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from bot.policies.eligibility.facts import Fact, FactError, Value
from bot.policies.query.numerals import NUMBER, parse_number
from bot.policies.query.text import normalise

__all__ = ["Mention", "mentions"]

_NEGATION = re.compile(
    r"(?:不是|没有|还没|并非|不算|不属于|没|未|非(?!遗|公|煤|常)|不|无(?!人|线|锡|烟))"
    r"[^，。,;；、 的]{0,3}$"
)
_ASKED = re.compile(
    r"(?:算不算|是不是|属不属于|有没有|(?<![汇核结清预打总就不])算|是否)[^，。,;；、]{0,4}$"
)
# Speech puts the subject first: 准备金制度没建立, 特级还没拿到.
_AFTERWARDS = re.compile(
    r"[^，。,;；、 \d]{0,5}?(?:"
    r"没有?(?:建|评上|批|通过|下来|认[下上定]|办[成下]|满|承担|弄成|拿到(?!钱|奖|补|一分))|"
    r"未(?:建|评|批|通过|满|认定)|不算(?!数)|不是)"
)
# What is only named, planned, wanted or somebody else's is nothing of the firm.
_NAMED = re.compile(
    r"(?:听说|据说|想问|打听|问问|问一下|那个|说的|准备|打算|计划|考虑|争取|想去?)[有是能的]?$"
    r"|(?:必须|非得|需要|得先?|要先?)$"
    r"|(?:跟|比|像|不如|他们|人家|隔壁|别人|同行)[^，。,;；、 ]{0,5}$"
)
_THAT = re.compile(
    r"(?:这个|那个|这笔|那笔|这项|那项)(?!事|月|季|年)|(?:以后)?才[能给有算]|的话|一样"
)
_OTHERS = re.compile(r"(?:跟|比|像|不如|他们|人家|隔壁|别人|同行)[^，。,;；、 ]{0,5}$")
_EITHER = frozenset(("是不", "有没", "能不", "算不", "要不"))
_BREAK = re.compile(r"[，。,;；！!？?\n]")
_REACH = 14  # characters between a word and its number
_BESIDE = 3  # … and one without a unit
_APART = 20  # characters between parts of words that belong together (首次 高企)
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
# 160千瓦 is no 160千; the length stays.
_PER = re.compile(r"(?:每人|人均|每个人?|每户|每家|一人|一个人[给补]?)$")
_BELOW = re.compile(r"(?:不到|不足|没到|没满|不满|未满|未到|差点)$")
_DIGIT = re.compile(r"[\d一二两三四五六七八九十]")
_HOPED = re.compile(r"[几数上]$|(?:给|奖|补|领|报销|返|退|拿|说|最高|封顶)[个到]?$")
# 一万五一年 is 一万五 a year; 一点五 and 8万6 are written otherwise than they are counted.
_HALF = re.compile(r"(\d+|[一二两三四五六七八九])年半(?!前)")
_NOBODY = re.compile(r"一个(人|员工|职工)?(?:也|都)没")
_TENTHS = re.compile(r"([一二三四五六七八九\d])成([一二三四五六七八九\d])")
_ONE_MORE = re.compile(r"(?<=[万千百][一二三四五六七八九])一(?=[年个月次天人])")
_POINT = re.compile(r"([零一二三四五六七八九十]+)点([零一二三四五六七八九]+)(?!钟)")
_SHORT = re.compile(r"(?<![\d.])(\d+)([万千亿])(\d)千?(?![\d.万千百亿个人户家名台件项])")
_SLANG = (
    ("(?<=[过超])亿", "1亿"),
    ("(?<=[过超])百亿", "100亿"),
    ("(?<=[过超])千万", "1000万"),
    ("俩(?=[百千万亿个])", "两"),
    ("仨", "三"),
    ("半个亿", "0.5亿"),
    (r"(?<=\d)个(?=w)", ""),
)
_KILO = (("千瓦", "kw"), ("千伏", "kv"), ("千克", "kg"), ("千米", "km"))
_YEARS_AGO = {"今年": 0, "本年": 0, "去年": 1, "上年": 1, "前年": 2, "大前年": 3}
_YEAR = re.compile(
    r"(20\d\d)\s*年?|(?<!\d)(2\d)\s*年(?![前后来间内以])|(大前年|今年|本年|去年|上年|前年)"
)


@dataclass(frozen=True)
class Mention:
    """A fact that a message tells, and the words that tell it."""

    fact: str
    value: Value
    words: str


@dataclass(frozen=True)
class _Number:
    start: int
    end: int
    value: Decimal
    unit: str
    kind: str  # money, ratio, count


def mentions(text: str, facts: Iterable[Fact], today: date) -> list[Mention]:
    """What a message tells of some facts.

    Args:
        text: the message.
        facts: those that matter; others are not looked for.
        today: what 今年 and 去年 are counted from.
    """
    said = _folded(text)
    facts = list(facts)
    found: list[Mention] = []
    for fact in facts:
        if fact.type == "boolean":
            found += _boolean(said, fact)
        elif fact.type == "choice":
            found += _choice(said, fact)
    found += _numbers(said, [f for f in facts if f.type in ("integer", "money", "ratio")], today)
    return found


def _folded(text: str) -> str:
    """Normalised, with numbers as they are counted: 8万6 is 8.6万, 一点五 is 1.5."""
    said = normalise(text)
    for word, sign in _KILO:
        said = said.replace(word, sign)
    for word, sign in _SLANG:
        said = re.sub(word, sign, said)
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


def _spots(
    said: str, words: Iterable[str], unless: Iterable[str] = ()
) -> list[tuple[int, int, bool]]:
    """Where some words stand; of words with a space inside, all parts near each other.

    The third of each tells whether they stand in one piece.

    What lies within words of ``unless`` does not count: 中小企业 is the name of a group, and
    tells nothing of the 小企业 that asks. Nor does a part that is denied (名单还没出来).
    """
    names = [
        match.span() for name in unless for match in re.finditer(re.escape(_folded(name)), said)
    ]
    found: list[tuple[int, int, bool]] = []
    for word in words:
        first, *others = (re.escape(part) for part in _folded(word).split())
        for match in re.finditer(first, said):
            start, end = match.span()
            if any(a <= start and end <= b for a, b in names):
                continue
            for other in others:
                near = [
                    m.span()
                    for m in re.finditer(other, said)
                    if m.end() >= start - _APART
                    and m.start() <= end + _APART
                    and (m.end() <= start or m.start() >= end)
                    and not _NEGATION.search(said[max(0, m.start() - 5) : m.start()])
                ]
                if not near:
                    break
                a, b = min(near, key=lambda spot: max(start - spot[1], spot[0] - end))
                start, end = min(start, a), max(end, b)
            else:
                found.append((start, end, not others))
    return found


def _boolean(said: str, fact: Fact) -> Iterator[Mention]:
    affirmed = _spots(said, fact.affirm, fact.unless)
    # 不是战新 holds 战新, 没逾期过 holds 逾期过: the longer words say what is meant.
    denied = [
        (start, end)
        for start, end, _ in _spots(said, fact.deny, fact.unless)
        if not any(
            solid and a <= start and end <= b and b - a > end - start for a, b, solid in affirmed
        )
        # 是不是战新 and 有没有补贴 say nothing.
        and said[max(0, start - 1) : start + 1] not in _EITHER
    ]
    results: dict[bool, tuple[int, int]] = {}
    if denied:
        results[False] = denied[0]
    for start, end, solid in affirmed:
        if solid and any(a <= start and end <= b and b - a > end - start for a, b, _ in affirmed):
            continue
        if any(a < end and start < b for a, b in denied):
            continue
        before = said[max(0, start - 8) : start]
        if _ASKED.search(before) and not re.search(r"[是有]$", before[:-1] or ""):
            continue
        # 不在综改区 … 综改区那个贴息: the noun alone takes nothing back.
        if any(said[start:end] in said[a:b] for a, b in denied):
            continue
        # 那个攻关奖, 听说有攻关奖: the subject is named, nothing is told.
        if _NAMED.search(said[max(0, start - 8) : start]) or _THAT.match(said[end:]):
            continue
        results.setdefault(
            not (_NEGATION.search(before) or _AFTERWARDS.match(said[end:])), (start, end)
        )
    if len(results) == 1:
        value, (start, end) = next(iter(results.items()))
        yield Mention(fact.id, value, said[start:end])


def _choice(said: str, fact: Fact) -> Iterator[Mention]:
    spots = [
        (start, end, choice.id)
        for choice in fact.choices
        for start, end, _ in _spots(said, choice.said, fact.unless)
        if not _NEGATION.search(said[max(0, start - 6) : start])
        and not _OTHERS.search(said[max(0, start - 8) : start])
    ]
    # 个体工商户 holds 工商: what lies within a longer word is none.
    outer = [
        spot
        for spot in spots
        if not any(a <= spot[0] and spot[1] <= b and b - a > spot[1] - spot[0] for a, b, _ in spots)
    ]
    values = {value for _, _, value in outer}
    if len(values) == 1:
        start, end, value = outer[0]
        yield Mention(fact.id, value, said[start:end])


def _figures(match: re.Match[str]) -> str:
    """The figures of a number as they stand."""
    return match["number"] or ""


def _read_numbers(said: str) -> list[_Number]:
    found: list[_Number] = []
    for match in _NUMBERS.finditer(said):
        number = parse_number(match["share"] or match["number"] or "")
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
            found.append(_Number(match.start(), match.end(), (value + half) / size, unit, "ratio"))
            continue
        written = _figures(match)
        if re.search(r"美元|美金|usd", unit):
            value *= next((size for sign, size in _SIZES if unit.startswith(sign)), 1)
            found.append(_Number(match.start(), match.end(), value, "美元", "count"))
            continue
        # 3万 and 4千万 alone are money; 3万平米 and 3万人 count something.
        large = re.search(r"[万亿]", written) is not None and not unit
        counted = said[match.end() : match.end() + 1] in _COUNTED
        if (_MONEY.search(unit) or large) and not (counted and not re.search(r"元|块", unit)):
            value *= next((size for sign, size in _SIZES if sign in unit), 1)
            found.append(_Number(match.start(), match.end(), value, unit, "money"))
        elif counted and unit:
            value *= next((size for sign, size in _SIZES if sign in unit), 1)
            found.append(_Number(match.start(), match.end(), value, said[match.end()], "count"))
        else:
            found.append(_Number(match.start(), match.end(), value, unit, "count"))
    return found


def _numbers(said: str, facts: list[Fact], today: date) -> Iterator[Mention]:
    numbers = _read_numbers(said)
    near: list[tuple[int, int, Fact, _Number, Decimal]] = []
    for fact in facts:
        if fact.unit == "年" and fact.least is not None and fact.least > 1000:
            yield from _year(said, fact, today)
            continue
        for number in numbers:
            value = _fitting(number, fact)
            if value is None:
                continue
            for start, end, _ in _spots(said, fact.said):
                gap = number.start - end if end <= number.start else start - number.end
                between = said[min(end, number.end) : max(start, number.start)]
                if gap < 0 and not (start < number.end and number.start < end):
                    continue
                bare = fact.type == "money" and number.kind != "money"
                if gap > (_BESIDE if bare else _REACH):
                    continue
                # What counts something stands before it (12个应届生), a sum after its name.
                behind = start >= number.end and number.kind != "count"
                if behind and gap == 0 and not _DIGIT.search(said[end : end + 6]):
                    behind = False  # 9万利息
                far = max(gap, 0) + (6 if _BREAK.search(between) else 0) + (8 if behind else 0)
                near.append((far, -(end - start), fact, number, value))
    taken: dict[str, Mention] = {}
    used: set[int] = set()
    for _, _, fact, number, value in sorted(near, key=lambda row: row[:2]):
        if fact.id in taken or number.start in used:
            continue
        try:
            checked = fact.value(int(value) if fact.type == "integer" else value)
        except FactError:
            continue
        taken[fact.id] = Mention(fact.id, checked, said[number.start : number.end])
        used.add(number.start)
    # 房产税3万 土地税2万: two sums for one fact are neither of them the whole.
    for far, _, fact, number, _ in near:
        if far <= _BESIDE and fact.type == "money" and number.start not in used:
            taken.pop(fact.id, None)
    yield from taken.values()


def _fitting(number: _Number, fact: Fact) -> Decimal | None:
    """The number as a value of a fact; None where its unit is of another kind."""
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


def _year(said: str, fact: Fact, today: date) -> Iterator[Mention]:
    """A year of an event: the one nearest to the fact's words."""
    found: list[tuple[int, int, str]] = []
    for match in _YEAR.finditer(said):
        year = (
            int(match[1])
            if match[1]
            else 2000 + int(match[2])
            if match[2]
            else today.year - _YEARS_AGO[match[3]]
        )
        for start, end, _ in _spots(said, fact.said):
            gap = match.start() - end if end <= match.start() else start - match.end()
            if 0 <= gap <= _REACH:
                found.append((gap, year, match[0]))
    years = {year for gap, year, _ in found if gap == min(g for g, *_ in found)}
    if len(years) == 1:
        gap, year, words = min(found)
        try:
            yield Mention(fact.id, fact.value(year), words)
        except FactError:
            return
