"""Numbers that follow from several told: 8个加5个, 每台30万 8台, 20人里12个, 从3000万到4500万.

What is told in parts of one series is added, what is told of each is multiplied, a part of a
whole is its share, and what was before with what is now tells by how much it has grown. The
arithmetic is nobody's guess; where the parts do not fit each other nothing is reckoned.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from decimal import Decimal
from itertools import pairwise

from bot.policies.eligibility.numbers import Number

__all__ = ["in_all", "per_one", "reckoned"]

_PEOPLE = frozenset(("人", "名", "位", "号", "号人", "个", ""))
_PLUS = re.compile(r"[，, ]?(?:加上?|再加上?|外加|\+)(?:[一二三四]季度|[上下]半年|后来|新来)?的?")
_TIMES = re.compile(r"[，, ]?(?:×|\*|x|乘以?)[，, ]?")
# Parts that make a whole: two or more of one line, in any order, each told once.
_SERIES = (
    ("上半年", "下半年"),
    ("[一1]期", "[二2]期", "[三3]期"),
    ("一季度", "二季度", "三季度", "四季度"),
    ("头一?批|第一批", "后一?批|第二批", "第三批"),
    ("男[的工生]?", "女[的工生]?"),
    ("托班|乳儿班", "小班", "中班", "大班"),
)
_WHOLE = frozenset((0, 2, 4))  # series of which all parts must be told
_LABEL = r"[^，。,;；、\d一二两三四五六七八九十]{0,6}$"
_EACH = re.compile(
    r"(?:每|一|1)(台|套|个|人|批|家|户|间|张|辆|件|座|名|位|次|趟|场)(?!月)"
    r"(?P<noun>[^，。,;；\d的里]{0,4}?)(?:有|是|大?约|大概|给|花了?|交|要价?|价|得|才|就|都)*$"
)
_SAME = {"人": "人名位个", "名": "人名位个", "位": "人名位个"}
_AMONG = re.compile(
    r"[\u4e00-\u9fff]{0,6}?(?:里头?|里面|里边|当中|中间|之中|中|其中)[，, ]?[^，。,;；\d]{0,6}"
)
_FROM = re.compile(r"[从由][^，。,;；\d]{0,6}$")
_TO = re.compile(
    r"[^。;；]{0,6}?(?:[涨增提升干做变跌降掉扩冲长搞弄卖爬滑]|发展|增长|提高|上升)[^。;；，]{0,2}?[到成为至]了?(?:现在|今年)?的?"
)
_BEFORE = re.compile(r"(?:去年同期|上年同期|去年|上年|前年|头年)[^，。,;；\d]{0,8}$")
_ONCE = re.compile(r"(?:本来|原来|以前|之前|早先)[^，。,;；\d]{0,8}$")
_NOW = re.compile(r"[^。\d]{0,6}?(?:今年|去年|本月|这个?月|当月|现在)[^，。,;；\d]{0,8}")
_TENFOLD = 10  # what is further apart than this is of another unit
_EXACT = Decimal("0.0001")


def reckoned(said: str, numbers: Sequence[Number]) -> list[Number]:
    """The numbers of a folded text with those that follow, without those that are only parts."""
    found = sorted(_changed(said, numbers), key=lambda one: one.start)
    found = _series(said, found)
    found = list(_added(said, found))
    found += list(_shares(said, found))
    return found


def per_one(said: str, number: Number) -> re.Match[str] | None:
    """What a number is told for each of, if it is: 每台30万, 一人三千."""
    return _EACH.search(said[: number.start])


def in_all(said: str, number: Number, numbers: Iterable[Number]) -> Number | None:
    """A number told of each, times how many there are; None where that is not told once."""
    each = per_one(said, number)
    if each is None:
        return None
    unit, noun = each[1], each["noun"]
    many = []
    for one in numbers:
        if one.kind != "count" or one.value <= 1 or one.start == number.start:
            continue
        behind = said[one.end : one.end + len(noun)]
        if one.unit in _SAME.get(unit, unit) and one.unit and (not noun or behind == noun):
            many.append(one.value)
    if len(many) != 1:
        return None
    return replace(number, value=number.value * many[0])


def _alike(one: Number, other: Number) -> bool:
    if one.kind != other.kind or one.kind not in ("count", "money") or one.rough or other.rough:
        return False
    both = {one.unit, other.unit}
    return one.kind == "money" or len(both) == 1 or both <= _PEOPLE


def _sum(parts: Sequence[Number]) -> Number:
    first, last = parts[0], parts[-1]
    unit = next((one.unit for one in parts if one.unit), "")
    value = sum((one.value for one in parts), Decimal(0))
    return replace(first, end=last.end, value=value, unit=unit, when="whole")


def _added(said: str, numbers: Sequence[Number]) -> Iterator[Number]:
    """With 12个加3个 as 15个 and 120kw×20个 as 2400kw."""
    waiting: Number | None = None
    for one in numbers:
        if waiting is None:
            waiting = one
            continue
        between = said[waiting.end : one.start]
        if _alike(waiting, one) and _PLUS.fullmatch(between):
            waiting = _sum((waiting, one))
        elif one.kind == "count" and _TIMES.fullmatch(between):
            waiting = replace(waiting, end=one.end, value=waiting.value * one.value)
        else:
            yield waiting
            waiting = one
    if waiting is not None:
        yield waiting


def _series(said: str, numbers: list[Number]) -> list[Number]:
    """With the parts of a series as their sum (上半年8个下半年5个)."""
    for place, labels in enumerate(_SERIES):
        parts: dict[str, Number] = {}
        for one in numbers:
            for label in labels:
                if re.search(f"(?:{label}){_LABEL}", said[: one.start]):
                    if label in parts:
                        return numbers
                    parts[label] = one
        told = sorted(parts.values(), key=lambda one: one.start)
        if len(told) < 2 or (place in _WHOLE and len(told) < len(labels)):
            continue
        if all(_alike(a, b) for a, b in pairwise(told)):
            return sorted(
                [*(one for one in numbers if one not in told), _sum(told)],
                key=lambda one: one.start,
            )
    return numbers


def _shares(said: str, numbers: Sequence[Number]) -> Iterator[Number]:
    """20个工人里头12个: six in ten."""
    for whole, part in pairwise(numbers):
        between = said[whole.end : part.start]
        if not (_alike(whole, part) and whole.kind == "count" and _AMONG.fullmatch(between)):
            continue
        if 0 <= part.value <= whole.value and whole.value:
            share = (part.value / whole.value).quantize(_EXACT)
            yield Number(part.start, part.end, share, "", "ratio")


def _changed(said: str, numbers: Sequence[Number]) -> Iterator[Number]:
    """With what has become of a number as its growth; what it was before is left out."""
    skip: set[int] = set()
    for first, second in pairwise(numbers):
        before, between = said[: first.start], said[first.end : second.start]
        moved = _FROM.search(before) and _TO.fullmatch(between)
        years = _BEFORE.search(before) and _NOW.fullmatch(between)
        once = _ONCE.search(before) and _NOW.fullmatch(between)
        if not (moved or years or once) or first.start in skip or not first.value:
            continue
        then = _of_one_unit(first, second)
        if then is None:
            continue
        skip |= {first.start, second.start}
        if once:  # over how many years is not said
            yield then
            continue
        grown = then.value - first.value
        if first.kind == "ratio":
            if moved:
                yield replace(then, kind="level")
                yield Number(first.start, second.end, grown, "", "points")
            else:
                yield from (replace(first, when="then"), replace(then, when="now"))
            continue
        yield Number(first.start, second.end, grown, then.unit, "more")
        if moved or "去年" in between:
            yield replace(then, when="level")
        else:
            yield from (replace(first, when="then"), replace(then, when="now"))
        if grown >= -first.value:
            change = (grown / first.value).quantize(_EXACT)
            yield Number(first.start, second.end, change, "", "change")
    yield from (one for one in numbers if one.start not in skip)


def _of_one_unit(first: Number, second: Number) -> Number | None:
    """The second of two numbers in the unit of the first: 从三千万干到四千五."""
    if first.kind == second.kind and (first.unit == second.unit or first.kind != "count"):
        return second
    bare = second.kind == "count" and not second.unit and first.kind == "money"
    if not bare:
        return second if _alike(first, second) else None
    for size in (1, 10**4, 10**8):
        value = second.value * size
        if first.value / _TENFOLD < value < first.value * _TENFOLD:
            return replace(second, value=value, unit=first.unit, kind="money")
    return None
