"""The figures that stand in a text, each with its unit, so that no other is ever used."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from bot.policies.query import parse_number
from bot.policies.query.text import normalise

__all__ = ["figures_in", "stands_in"]

_NUMBER = r"\d+(?:,\d{3})*(?:\.\d+)?"
_CHINESE = r"[零一二两三四五六七八九十百千半]+"
_JOIN = r"\s*(?:、|-|—|–|~|～|至|到|或|和|及|以及|,|，|/|一(?=\d))+\s*"
# What may stand behind a number; the longest first. 元 in Chinese money is counted in 元.
_UNITS: tuple[tuple[str, str, Decimal], ...] = (
    ("万亿元", "CNY", Decimal(10) ** 12),
    ("亿元", "CNY", Decimal(10) ** 8),
    ("百万元", "CNY", Decimal(10) ** 6),
    ("万元", "CNY", Decimal(10) ** 4),
    ("千元", "CNY", Decimal(1000)),
    ("元", "CNY", Decimal(1)),
    ("亿", "plain", Decimal(10) ** 8),
    ("万", "plain", Decimal(10) ** 4),
    ("个百分点", "points", Decimal("0.01")),
    ("%", "ratio", Decimal("0.01")),
    ("‰", "permille", Decimal("0.001")),
    ("倍", "倍", Decimal(1)),
    ("成", "ratio", Decimal("0.1")),
    ("年", "年", Decimal(1)),
    ("周岁", "年", Decimal(1)),
    ("岁", "年", Decimal(1)),
    ("个月", "个月", Decimal(1)),
    ("月", "个月", Decimal(1)),
    ("个工作日", "天", Decimal(1)),
    ("天", "天", Decimal(1)),
    ("日", "天", Decimal(1)),
    ("", "plain", Decimal(1)),
)
_BY_NAME = {name: (unit, size) for name, unit, size in _UNITS}
_TAIL = "|".join(re.escape(name) for name, _, _ in _UNITS if name)
# Several numbers may share the unit that stands behind the last: 10、20、30万元.
_RUN = re.compile(rf"({_NUMBER}|{_CHINESE})((?:{_JOIN}(?:{_NUMBER}|{_CHINESE}))*)\s*({_TAIL}|)")
_PERCENT = re.compile(rf"(百|千)分之\s*({_NUMBER}|{_CHINESE})")
# Words that are a share.
_WHOLE = "全额|全部|免收|免征|免费|免除|减免|全免|零成本|零费用|零费率|不收取|免予|暂不|予以免|免租"
_SHARES = (
    (re.compile(r"减半|一半|半价|折半"), Decimal("0.5")),
    (re.compile(_WHOLE), Decimal(1)),
)
_FRACTIONS = re.compile(rf"({_CHINESE}|\d+)分之({_CHINESE}|\d+)|(\d+)/(\d+)")


def figures_in(text: str) -> Iterator[tuple[str, Decimal]]:
    """All figures of a text as (unit, value): ``("CNY", 300000)``, ``("ratio", 0.3)``.

    A number without a unit, or before a noun, is ``plain``. 全额 and 免收 are a share of 1,
    减半 one of 0.5; 半年 is six months as well as half a year.
    """
    text = normalise(text)
    for match in _RUN.finditer(text):
        numbers = [match[1], *re.findall(rf"{_NUMBER}|{_CHINESE}", match[2])]
        unit, size = _BY_NAME[match[3]]
        for number in numbers:
            value = _value(number)
            if value is None:
                continue
            # 500万 beside 1000万元 is money too,.
            yield ("scaled" if unit == "plain" and size > 1 else unit), value * size
            if unit == "年":
                yield "个月", value * 12
    for match in _PERCENT.finditer(text):
        value = _value(match[2])
        if value is not None:
            share = value / (100 if match[1] == "百" else 1000)
            yield ("ratio" if match[1] == "百" else "permille"), share
    for match in _FRACTIONS.finditer(text):
        below, above = _value(match[1] or match[4]), _value(match[2] or match[3])
        if below and above:
            yield "ratio", above / below
    for pattern, share in _SHARES:
        if pattern.search(text):
            yield "ratio", share


def _value(text: str) -> Decimal | None:
    if text == "半":
        return Decimal("0.5")
    if re.fullmatch(_NUMBER, text):
        return Decimal(text.replace(",", ""))
    number = parse_number(text)
    return None if number is None else Decimal(str(number))


def stands_in(value: Decimal, unit: str, text: str) -> bool:
    """Whether a text holds this figure, as one of the same unit.

    Money may be printed without 元 (1000万、500万元), and what is counted may stand before
    any noun; a share is one of %, 成, a fraction or a word (全额), or the rest to it: what is
    paid at 50 % is reduced by 50 %.
    """
    found = set(figures_in(text))
    units = {
        "CNY": ("CNY", "scaled"),
        "ratio": ("ratio",),
        "permille": ("permille",),
        "points": ("points", "ratio"),
        "年": ("年", "plain"),
        "个月": ("个月",),
        "天": ("天", "plain"),
        "日": ("天", "plain"),
        "倍": ("倍", "ratio"),
    }.get(unit, ("plain", "scaled"))
    return any(
        name in units and abs(figure - value) <= abs(value) * Decimal("0.0001")
        for name, figure in found
    )
