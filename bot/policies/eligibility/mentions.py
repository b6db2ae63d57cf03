"""The facts that a message tells of a firm: 三百来号人, 营收4千万, 去年刚认定.

Only what the words of words.yml bear out is taken; of two readings neither is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from bot.policies.eligibility.denial import (
    asserted,
    by_a_rule,
    denied,
    denied_before,
    of_another,
    only_named,
    taken_back,
)
from bot.policies.eligibility.facts import Fact, Value
from bot.policies.eligibility.spoken import folded
from bot.policies.eligibility.spots import spots
from bot.policies.eligibility.told_numbers import told_numbers

__all__ = ["Mention", "mentions"]

_OTHERS = re.compile(r"(?:跟|比|像(?![我俺咱])|不如|他们|人家|隔壁|别人|同行)[^，。,;；、 ]{0,5}$")
_ONCE = re.compile(r"(?:以前|原来|之前|过去|早先|早年)[^，。,;；、 ]{0,3}$")
# 去太原办点事, 盂县到阳泉那条路: a place that is only passed through.
_PASSING = re.compile(r"(?<![搬迁设落引来])(?:去(?!年)|(?<![户开])到|从|往|离)趟?$")
_TOWARDS = re.compile(r"到|那条路")
# 到晋中注册了公司
_SETTLED = re.compile(r"[^，。,;；、 ]{0,3}(?:注册|投|建|设|开|落户|办厂|拿地|买地|安家)")
_PLACE = "city"
_EITHER = frozenset(("是不", "有没", "能不", "算不", "要不"))


@dataclass(frozen=True)
class Mention:
    """A fact that a message tells, and the words that tell it."""

    fact: str
    value: Value
    words: str


def mentions(text: str, facts: Iterable[Fact], today: date) -> list[Mention]:
    """What a message tells of some facts.

    Args:
        text: the message.
        facts: those that matter; others are not looked for.
        today: what 今年 and 去年 are counted from.
    """
    said = asserted(folded(text))
    facts = list(facts)
    found: list[Mention] = []
    for fact in facts:
        if fact.type == "boolean":
            found += _boolean(said, fact)
        elif fact.type == "choice":
            found += _choice(said, fact)
    counted = [fact for fact in facts if fact.type in ("integer", "money", "ratio")]
    told = told_numbers(said, counted, today)
    return [*found, *(Mention(fact.id, value, words) for fact, value, words in told)]


def _passed(said: str, start: int, end: int) -> bool:
    """Whether a place is only gone to or passed through."""
    if _TOWARDS.match(said[end:]) is not None:
        return True
    gone = _PASSING.search(said[max(0, start - 3) : start]) is not None
    return gone and _SETTLED.match(said[end:]) is None


def _boolean(said: str, fact: Fact) -> Iterator[Mention]:
    affirmed = spots(said, fact.affirm, fact.unless)
    # 不是战新 holds 战新, 没逾期过 holds 逾期过: the longer words say what is meant.
    refused = [
        (start, end)
        for start, end, _ in spots(said, fact.deny, fact.unless)
        if not any(
            solid and a <= start and end <= b and b - a > end - start for a, b, solid in affirmed
        )
        # 是不是战新 and 有没有补贴 say nothing, nor does 我不是国企.
        and said[max(0, start - 1) : start + 1] not in _EITHER
        and not (fact.general and (denied_before(said, start) or of_another(said, start, end)))
    ]
    results: dict[bool, tuple[int, int]] = {}
    if refused:
        results[False] = refused[0]
    for start, end, solid in affirmed:
        if solid and any(a <= start and end <= b and b - a > end - start for a, b, _ in affirmed):
            continue
        if any(a < end and start < b for a, b in refused):
            continue
        # 不在综改区 … 综改区那个贴息: the noun alone takes nothing back.
        if any(said[start:end] in said[a:b] for a, b in refused):
            continue
        if by_a_rule(said, start, end):
            continue
        if only_named(said, start, end) or (fact.general and of_another(said, start, end)):
            continue
        against = denied(said, start, end)
        if not against and taken_back(said, end):
            continue
        results.setdefault(not against, (start, end))
    if len(results) == 1:
        value, (start, end) = next(iter(results.items()))
        yield Mention(fact.id, value, said[start:end])


def _only_named(said: str, start: int, end: int) -> bool:
    """Whether a choice is only named; 知识产权贷 may be part of 知识产权贷款那个贴息."""
    return any(only_named(said, start, end + size) for size in (0, 1) if end + size <= len(said))


def _choice(said: str, fact: Fact) -> Iterator[Mention]:
    placed = [
        (start, end, choice.id)
        for choice in fact.choices
        for start, end, _ in spots(said, choice.said, fact.unless)
        if not denied_before(said, start)
        and not by_a_rule(said, start, end)
        and not _OTHERS.search(said[max(0, start - 8) : start])
        and not _ONCE.search(said[max(0, start - 6) : start])
        and not (fact.id == _PLACE and _passed(said, start, end))
        and not (fact.general and of_another(said, start, end))
    ]
    # 个体工商户 holds 工商: what lies within a longer word is none.
    outer = [
        spot
        for spot in placed
        if not any(
            a <= spot[0] and spot[1] <= b and b - a > spot[1] - spot[0] for a, b, _ in placed
        )
    ]
    values = {value for _, _, value in outer}
    if len(values) > 1:
        # 拿厂房抵押的，知识产权质押那个贴息能领不: what is only named is not theirs.
        outer = [spot for spot in outer if not _only_named(said, *spot[:2])]
        values = {value for _, _, value in outer}
    if len(values) == 1:
        start, end, value = outer[0]
        yield Mention(fact.id, value, said[start:end])
