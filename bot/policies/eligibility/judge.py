"""From a programme, what is known of a firm and a day to a verdict. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Literal

from bot.policies.eligibility.amounts import Figure, evaluate, quantity
from bot.policies.eligibility.conditions import (
    All,
    Any_,
    Comparison,
    Condition,
    Not,
    Parameters,
    comparisons,
    truth,
)
from bot.policies.eligibility.facts import Fact, FactBook, Told, Value
from bot.policies.eligibility.programme import AmountKind, Programme
from bot.policies.model import Snapshot
from bot.policies.validity import Status

__all__ = [
    "Amount",
    "Checked",
    "Gap",
    "Outcome",
    "Verdict",
    "judge_programme",
    "standing",
    "status_at",
]

Outcome = Literal["eligible", "ineligible", "unknown"]


@dataclass(frozen=True)
class Checked:
    """One condition and its result; ``counts`` is False for one that nothing hangs on."""

    id: str
    words: str
    result: bool | None
    clause: str
    counts: bool = True


@dataclass(frozen=True)
class Gap:
    """What would have to change.

    Attributes:
        condition: the condition's id; ``scope`` and ``validity`` among them.
        words: the source's words.
        fact: the fact concerned; None for the period.
        lacking: of a number, by how much; else None.
        unit: of that number.
        changeable: whether a firm can still bring it about.
    """

    condition: str
    words: str
    fact: str | None = None
    lacking: Decimal | None = None
    unit: str = ""
    more: bool = True
    changeable: bool = False


@dataclass(frozen=True)
class Amount:
    """How much on that day.

    Attributes:
        yuan: 元; only where the verdict is eligible and nothing is lacking. Of a ceiling,
            the most there can be.
        kind: exact, ceiling, rate or none.
        working: 30万元×（1＋30%）＝39万元.
        possible: 元 that it would be if all conditions held; for ranking, never said as due.
        missing: facts that only the amount needs; where there is a sum all the same, it is
            what is sure without them, and ``more`` what it may come to, or,
            ``added``, what comes on top.
        used: the parameters it rests on.
    """

    yuan: Decimal | None
    kind: AmountKind
    working: str = ""
    possible: Decimal | None = None
    missing: tuple[str, ...] = ()
    used: tuple[str, ...] = ()
    more: str = ""
    added: bool = False


@dataclass(frozen=True)
class Verdict:
    """What the source says of a firm, as far as it is known."""

    programme: Programme
    as_of: date
    outcome: Outcome
    status: Status
    conditions: tuple[Checked, ...]
    missing: tuple[str, ...]
    amount: Amount
    gaps: tuple[Gap, ...]


def status_at(programme: Programme, day: date, repealed: bool) -> Status:
    """The status of a programme on a day; silence about an end is never good news."""
    if repealed:
        return "repealed"
    if programme.period.over(day):
        return "expired"
    if day < programme.period.starts:
        return "not_yet"
    return "not_stated" if programme.period.ends is None else "in_force"


def standing(programme: Programme, snapshot: Snapshot, day: date) -> Status:
    """The status of a programme of the knowledge base on a day."""
    return status_at(programme, day, snapshot.repealed(programme))


def judge_programme(
    programme: Programme, told: Told, day: date, book: FactBook, repealed: bool = False
) -> Verdict:
    """Judge one programme.

    Args:
        programme: what is judged.
        told: what is known, completed by :meth:`FactBook.complete`.
        day: the day of judgement.
        book: the facts, for their names and what can be changed.
        repealed: whether the document of its principal clause is repealed.
    """
    status = status_at(programme, day, repealed)
    # Of what is over, what it was is told: with the figures of its last day.
    over = status == "expired" and programme.period.ends is not None
    figures = programme.figures(programme.period.ends if over else day)  # type: ignore[arg-type]
    scope = _scope(programme, told)
    held = truth(programme.conditions, told, figures) if programme.conditions else True
    open_ = status in {"in_force", "not_stated"}
    outcome: Outcome
    if not open_ or scope is False or held is False:
        outcome = "ineligible"
    elif scope is None or held is None:
        outcome = "unknown"
    else:
        outcome = "eligible"
    amount = _amount(programme, told, figures, outcome)
    checked = tuple(_checked(programme, told, figures, scope, status))
    gaps = (
        tuple(_gaps(programme, told, figures, book, scope, open_))
        if outcome == "ineligible"
        else ()
    )
    missing = _missing(programme, told, figures, book, scope) if outcome == "unknown" else ()
    if outcome != "ineligible":
        missing = tuple(dict.fromkeys((*missing, *amount.missing)))
    return Verdict(programme, day, outcome, status, checked, missing, amount, gaps)


def _scope(programme: Programme, told: Told) -> bool | None:
    region = programme.region
    if region.fact is None:
        return True
    value = told.get(region.fact)
    return None if value is None else value == region.value


def _amount(programme: Programme, told: Told, figures: Parameters, outcome: Outcome) -> Amount:
    rule = programme.amount
    if rule.value is None or rule.kind == "none":
        return Amount(None, rule.kind if outcome != "ineligible" else "none")
    figure = evaluate(rule.value, told, figures, programme.units)
    money = figure.value if figure.unit == "CNY" else None
    kind: AmountKind = rule.kind if outcome != "ineligible" else "none"
    working = _working(figure)
    if outcome != "eligible":
        return Amount(None, kind, working, money, figure.missing, figure.used)
    return Amount(
        money, kind, working, money, figure.missing, figure.used, figure.more, figure.added
    )


def _working(figure: Figure) -> str:
    if figure.value is None:
        return ""
    result = quantity(figure.value, figure.unit)
    return result if figure.working in ("", result) else f"{figure.working}＝{result}"


def _checked(
    programme: Programme, told: Told, figures: Parameters, scope: bool | None, status: Status
) -> Iterator[Checked]:
    principal = programme.references[0]
    yield Checked("validity", _PERIOD[status], status in {"in_force", "not_stated"}, principal)
    yield Checked("scope", programme.region.name, scope, principal)
    needed = set(_needed(programme.conditions, told, figures))
    for test in comparisons(programme.conditions):
        yield Checked(
            test.id, test.words, truth(test, told, figures), test.clause, test.id in needed
        )


_PERIOD: Mapping[Status, str] = {
    "in_force": "在文件载明的期限内",
    "not_stated": "文件未载明有效期",
    "expired": "已过文件载明的期限",
    "not_yet": "还没有开始",
    "repealed": "文件已废止",
}


def _needed(condition: Condition | None, told: Told, figures: Parameters) -> Iterator[str]:
    """The ids of the tests that the result still hangs on, or hung on."""
    match condition:
        case None:
            return
        case Comparison():
            yield condition.id
        case Any_(parts) if any(truth(part, told, figures) is True for part in parts):
            for part in parts:
                if truth(part, told, figures) is True:
                    yield from _needed(part, told, figures)
        case All(parts) | Any_(parts):
            for part in parts:
                yield from _needed(part, told, figures)
        case Not(part):
            yield from _needed(part, told, figures)


def _gaps(
    programme: Programme,
    told: Told,
    figures: Parameters,
    book: FactBook,
    scope: bool | None,
    open_: bool,
) -> Iterator[Gap]:
    if not open_:
        yield Gap("validity", "")
    if scope is False:
        yield Gap("scope", programme.region.name, programme.region.fact)
    if programme.conditions is not None:
        yield from _failed(programme.conditions, True, told, figures, book)


def _failed(
    condition: Condition,
    wanted: bool,
    told: Told,
    figures: Parameters,
    book: FactBook,
) -> Iterator[Gap]:
    """What keeps a condition from having the wanted value."""
    if truth(condition, told, figures) is not (not wanted):
        return
    match condition:
        case Comparison():
            yield _gap(condition, wanted, told, figures, book.facts[condition.fact])
        case All(parts) | Any_(parts):
            ways = [[*_failed(part, wanted, told, figures, book)] for part in parts]
            if isinstance(condition, Any_) and wanted:
                # A way that wants all that one in reach wants, and more, is none to be told of.
                needs = [{gap.fact for gap in way} for way in ways]
                near = [
                    need
                    for way, need in zip(ways, needs, strict=True)
                    if all(gap.changeable for gap in way)
                ]
                ways = [
                    way
                    for way, need in zip(ways, needs, strict=True)
                    if not any(one < need for one in near)
                ]
            for way in ways:
                yield from way
        case Not(part):
            yield from _failed(part, not wanted, told, figures, book)


def _gap(
    test: Comparison,
    wanted: bool,
    told: Told,
    figures: Parameters,
    fact: Fact,
) -> Gap:
    value, target = told[test.fact], test.target(figures)
    numeric = isinstance(value, int | Decimal) and not isinstance(value, bool)
    if not numeric or not isinstance(target, int | Decimal) or test.operator in {"eq", "ne"}:
        return Gap(test.id, test.words, test.fact, changeable=fact.changeable)
    more = (test.operator in {"gte", "gt"}) is wanted
    lacking = abs(Decimal(target) - Decimal(value))  # type: ignore[arg-type]
    if lacking == 0:  # "more than" was meant
        if fact.type != "integer":
            return Gap(test.id, test.words, test.fact, changeable=fact.changeable)
        lacking = Decimal(1)
    return Gap(test.id, test.words, test.fact, lacking, fact.measure, more, fact.changeable)


def _missing(
    programme: Programme, told: Told, figures: Parameters, book: FactBook, scope: bool | None
) -> tuple[str, ...]:
    """The facts that would help, those first whose answers decide most."""
    first = (programme.region.fact,) if scope is None and programme.region.fact else ()
    asked = list(_open(programme.conditions, told, figures))
    shares = {fact: _decided(programme.conditions, fact, told, figures, book) for fact in asked}
    rest = sorted(dict.fromkeys(asked), key=lambda fact: -shares[fact])
    return tuple(dict.fromkeys((*first, *rest)))


def _open(condition: Condition | None, told: Told, figures: Parameters) -> Iterator[str]:
    """The unknown facts in those branches that are still undecided."""
    if condition is None or truth(condition, told, figures) is not None:
        return
    match condition:
        case Comparison():
            if condition.fact not in told:
                yield condition.fact
        case All(parts) | Any_(parts):
            for part in parts:
                yield from _open(part, told, figures)
        case Not(part):
            yield from _open(part, told, figures)


def _decided(
    condition: Condition | None, fact: str, told: Told, figures: Parameters, book: FactBook
) -> float:
    """The share of a fact's telling answers after which the condition is decided."""
    if condition is None:
        return 0
    answers = _answers(book.facts[fact], condition, figures)
    known = dict(told)
    decided = 0
    for answer in answers:
        known[fact] = answer
        decided += truth(condition, known, figures) is not None
    return decided / len(answers) if answers else 0


def _answers(fact: Fact, condition: Condition, figures: Parameters) -> Sequence[Value]:
    """Answers that a fact's tests tell apart."""
    if fact.type == "boolean":
        return (True, False)
    if fact.type == "choice":
        return tuple(choice.id for choice in fact.choices)
    found: list[Value] = []
    for test in comparisons(condition):
        target = test.target(figures) if test.fact == fact.id else None
        if isinstance(target, date):
            found += [target - timedelta(1), target, target + timedelta(1)]
        elif isinstance(target, int | Decimal):
            found += [target - 1, target, target + 1]
        elif isinstance(target, tuple):
            found += [*target]
    return found
