"""A programme (事项): what a firm asks about, resting on clauses of one or several documents."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Literal

from bot.policies.eligibility.amounts import Expression, facts_of
from bot.policies.eligibility.conditions import Condition, comparisons

__all__ = [
    "GUIDE",
    "KINDS",
    "WHY_ELSEWHERE",
    "Alternative",
    "AmountKind",
    "AmountRule",
    "DatedFigure",
    "DatedWords",
    "Exclusion",
    "ParameterHistory",
    "Period",
    "Programme",
    "Region",
    "Words",
]

# 类别, and how each is called.
KINDS: Mapping[str, str] = {
    "award": "奖励",
    "subsidy": "补贴补助",
    "tax_relief": "税收优惠",
    "fee_relief": "减免缓缴费用",
    "interest_subsidy": "贷款贴息",
    "guarantee": "融资担保",
    "loan": "贷款",
    "insurance": "保险",
    "land": "用地用房",
    "power": "用电用能",
    "recognition": "认定",
    "service": "服务便利",
}
# The elements of a guide (办事指南), in the order they are told.
GUIDE = ("apply_via", "materials", "procedure", "deadline", "time_limit", "payment")
# Why another document gives another figure.
WHY_ELSEWHERE = ("misprint", "zone", "target_group", "replaced", "unresolved")

AmountKind = Literal["exact", "ceiling", "rate", "none"]


@dataclass(frozen=True)
class Words:
    """Words of a clause, verbatim."""

    words: str
    clause: str


@dataclass(frozen=True)
class DatedFigure:
    """A figure from a day on; None where it ended."""

    since: date
    value: Decimal | None
    clause: str


@dataclass(frozen=True)
class ParameterHistory:
    """A figure of the law through time.

    Attributes:
        description: what it is.
        unit: CNY, ratio, permille, points, or what it counts (人, 个月).
        values: in order of time.
    """

    description: str
    unit: str
    values: tuple[DatedFigure, ...]

    def at(self, day: date) -> DatedFigure | None:
        """The figure of a day; None before the first and after an end."""
        index = bisect_right(self.values, day, key=lambda figure: figure.since)
        figure = self.values[index - 1] if index else None
        return figure if figure is not None and figure.value is not None else None


@dataclass(frozen=True)
class DatedWords:
    """The source's words for an amount, from a day on."""

    since: date
    words: Words


@dataclass(frozen=True)
class AmountRule:
    """How much.

    Attributes:
        kind: exact; ceiling (最高不超过, selected or scored); rate (of a sum that only the
            authority can tell); none (no money, or no figure in the source).
        value: the computation; None where the source gives no figure to compute.
        words: the source's words for it.
        per: 一次性, 每年, 每人每月 …; empty where the source does not say.
        why: of a ceiling, why the sum is not fixed.
    """

    kind: AmountKind
    value: Expression | None
    words: tuple[DatedWords, ...]
    per: str = ""
    why: str = ""

    def said(self, day: date) -> Words | None:
        """The source's words of a day; the first before it."""
        index = bisect_right(self.words, day, key=lambda words: words.since)
        return self.words[max(0, index - 1)].words if self.words else None


@dataclass(frozen=True)
class Period:
    """Of a programme: first and last day; ``stated`` where the source states them.

    A start that is not stated is the day or the year of issue.
    """

    starts: date
    ends: date | None
    stated: bool

    def over(self, day: date) -> bool:
        """Whether a day lies behind the last one."""
        return self.ends is not None and self.ends < day


@dataclass(frozen=True)
class Region:
    """Where a programme holds: the whole province, or where a fact says so."""

    id: str
    name: str
    scope: str
    fact: str | None = None
    value: bool | str | None = None


@dataclass(frozen=True)
class Exclusion:
    """Programmes that may not be had together (不重复享受, 就高不就低)."""

    programmes: tuple[str, ...]
    words: Words


@dataclass(frozen=True)
class Alternative:
    """Another clause that gives another figure for what looks the same, and why."""

    words: Words
    why: str
    note: str


_FIGURE = re.compile(r"\d|[一二两三四五六七八九十百]+[万成倍]|[减折]半")
_INNER = str.maketrans("“”", "‘’")


@dataclass(frozen=True)
class Programme:
    """One programme.

    Attributes:
        id, name, aliases: names; ``kind`` one of :data:`KINDS`.
        authority: id in authorities.yml; None where the source names nobody.
        region: where it holds.
        references: ids of its clauses, the principal one first.
        period: from when to when.
        parameters: dated figures by name.
        conditions: None where the source names none.
        amount: how much.
        excludes: what may not be had beside it.
        alternatives: other figures for the same.
        guide: how it is applied for, each element in the source's words, or None.
        not_modelled: what the clause says that is not judged here, for people.
        questions: how people ask for it; they tell the programmes of a clause apart.
        cautions: plain sentences that go with it.
        review: in what its two readers differed, and how that was settled.
        verified_on: when the second reader compared it with its clauses.
    """

    id: str
    name: str
    aliases: tuple[str, ...]
    kind: str
    authority: str | None
    region: Region
    references: tuple[str, ...]
    period: Period
    parameters: Mapping[str, ParameterHistory]
    conditions: Condition | None
    amount: AmountRule
    excludes: tuple[Exclusion, ...] = ()
    alternatives: tuple[Alternative, ...] = ()
    guide: Mapping[str, Words | None] | None = None
    not_modelled: tuple[str, ...] = ()
    questions: tuple[str, ...] = ()
    cautions: tuple[str, ...] = ()
    review: tuple[str, ...] = ()
    verified_on: date | None = None

    @property
    def states_a_sum(self) -> bool:
        """Whether its clauses say how much, be it in figures that contradict each other."""
        said = "".join(dated.words.words for dated in self.amount.words)
        return self.amount.kind != "none" or bool(_FIGURE.search(said))

    @cached_property
    def quotes(self) -> tuple[str, ...]:
        """The words of its clauses that it rests on."""
        conditions = (one.words for one in comparisons(self.conditions))
        amounts = (dated.words.words for dated in self.amount.words)
        return tuple(dict.fromkeys((*conditions, *amounts)))

    @property
    def title(self) -> str:
        """The name as it stands between quotation marks: ‘小升规’ within “…”."""
        return self.name.translate(_INNER)

    @cached_property
    def words(self) -> str:
        """All the words it is asked for by: names, aliases, questions."""
        return "。".join((self.name, *self.aliases, *self.questions))

    def figures(self, day: date) -> dict[str, Decimal]:
        """The parameters in force on a day."""
        found = {name: history.at(day) for name, history in self.parameters.items()}
        return {name: f.value for name, f in found.items() if f is not None and f.value is not None}

    def clauses_at(self, day: date) -> tuple[str, ...]:
        """The clauses that the figures of a day stand in."""
        found = (history.at(day) for history in self.parameters.values())
        return tuple(dict.fromkeys(figure.clause for figure in found if figure is not None))

    @cached_property
    def units(self) -> dict[str, str]:
        """The unit of each parameter."""
        return {name: history.unit for name, history in self.parameters.items()}

    @cached_property
    def facts(self) -> tuple[str, ...]:
        """The facts it can ask for: scope, then conditions, then what the amount needs."""
        scope = (self.region.fact,) if self.region.fact else ()
        asked = (*scope, *(test.fact for test in comparisons(self.conditions)))
        return tuple(dict.fromkeys((*asked, *facts_of(self.amount.value))))
