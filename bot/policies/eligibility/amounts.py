"""Amounts as data: a closed set of operations over parameters and facts, with the working.

No text is ever executed: an expression is a tree of the classes below, read from YAML by
:mod:`bot.policies.eligibility.reader`. Money is in 元 and exact (decimal).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import reduce
from operator import mul
from typing import Literal

from bot.policies.eligibility.conditions import (
    Condition,
    Known,
    Parameter,
    Parameters,
    comparisons,
    truth,
)

__all__ = [
    "Choose",
    "Combine",
    "Expression",
    "FactValue",
    "Figure",
    "Number",
    "Tiers",
    "Uplift",
    "When",
    "evaluate",
    "facts_of",
    "parameters_of",
    "quantity",
]


@dataclass(frozen=True)
class Number:
    """A plain number: 0, 1 or 12 – anything else is a parameter with a clause."""

    value: Decimal


@dataclass(frozen=True)
class FactValue:
    """The value of a numeric fact."""

    fact: str
    unit: str


@dataclass(frozen=True)
class Combine:
    """``sum``, ``times``, ``least`` (cap), ``most`` (就高), ``minus`` (not below 0), ``divide``."""

    operation: Literal["sum", "times", "least", "most", "minus", "divide"]
    parts: tuple[Expression, ...]


@dataclass(frozen=True)
class When:
    """One value where a condition holds, else another (0 where none is named)."""

    condition: Condition
    then: Expression
    otherwise: Expression


@dataclass(frozen=True)
class Uplift:
    """A base raised by a share where a condition holds: 30万元×（1＋30%）."""

    base: Expression
    share: Expression
    condition: Condition | None


@dataclass(frozen=True)
class Tiers:
    """The value of the highest step that ``by`` reaches; 0 below the first."""

    by: Expression
    steps: tuple[tuple[Expression, Expression], ...]


@dataclass(frozen=True)
class Choose:
    """A value for each value of a fact; 0 for one that is not named."""

    fact: str
    values: Mapping[str, Expression]


Expression = Number | FactValue | Parameter | Combine | When | Uplift | Tiers | Choose


@dataclass(frozen=True)
class Figure:
    """What an expression comes to.

    Attributes:
        value: None where a fact (``missing``) or a parameter of that day is lacking.
        working: how it was reached, for people: 30万元×（1＋30%）.
        unit: CNY, ratio, permille … or what is counted; empty for a plain number.
        missing: the facts that it lacks.
        more: what it would come to if those facts were as its uplifts want them; the value
            is then what is sure without them.
        added: whether ``more`` comes on top of that, as an item of a sum does.
        plain: whether the working is one figure, that needs no brackets.
        used: the parameters it rests on.
    """

    value: Decimal | None
    working: str = ""
    unit: str = ""
    missing: tuple[str, ...] = ()
    plain: bool = True
    used: tuple[str, ...] = ()
    more: str = ""
    added: bool = False


def quantity(value: Decimal, unit: str) -> str:
    """A number as people write it: 30万元, 2.3亿元, 15%, 1‰, 12人.

    >>> quantity(Decimal(390000), "CNY")
    '39万元'
    >>> quantity(Decimal("0.155"), "ratio")
    '15.5%'
    """
    match unit:
        case "CNY":
            for size, name in ((10**8, "亿元"), (10**4, "万元")):
                shown = value / size
                if value >= size and shown == round(shown, 4):
                    return f"{_plain(shown)}{name}"
            return f"{_plain(round(value, 2))}元"
        case "ratio":
            return f"{_plain(round(value * 100, 4))}%"
        case "permille":
            return f"{_plain(round(value * 1000, 4))}‰"
        case "points":
            return f"{_plain(round(value * 100, 4))}个百分点"
    return f"{_plain(round(value, 4))}{unit}"


def _plain(value: Decimal) -> str:
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def evaluate(
    expression: Expression,
    known: Known,
    parameters: Parameters,
    units: Mapping[str, str] | None = None,
) -> Figure:
    """What an expression comes to, with its working; unknown where a fact it needs is.

    Args:
        expression: the tree.
        known: what is known of the firm.
        parameters: the figures of the day, by name.
        units: units of the parameters, for the working.
    """
    units = units or {}

    def of(part: Expression) -> Figure:
        return evaluate(part, known, parameters, units)

    match expression:
        case Number(value):
            return Figure(value, _plain(value))
        case Parameter(name):
            figure = parameters.get(name)
            unit = units.get(name, "")
            said = quantity(figure, unit) if figure is not None else ""
            return Figure(figure, said, unit, used=(name,))
        case FactValue(fact, unit):
            told = known.get(fact)
            if told is None or isinstance(told, str):
                return Figure(None, unit=unit, missing=(fact,))
            number = Decimal(told)  # type: ignore[arg-type]
            return Figure(number, quantity(number, unit), unit)
        case Combine("sum", parts):
            return _combined("sum", [_bonus(part, known, parameters, of) for part in parts])
        case Combine(operation, parts):
            return _combined(operation, [of(part) for part in parts])
        case When(condition, then, otherwise):
            holds = truth(condition, known, parameters)
            if holds is None:
                return _undecided(condition, known, [of(then), of(otherwise)])
            return of(then if holds else otherwise)
        case Uplift(base, share, condition):
            holds = True if condition is None else truth(condition, known, parameters)
            raised = _raised(of(base), of(share))
            if holds is None and condition is not None:
                return _at_least(condition, known, of(base), raised)
            return raised if holds else of(base)
        case Tiers(by, steps):
            return _tier(of(by), [(of(start), value) for start, value in steps], of)
        case Choose(fact, values):
            told = known.get(fact)
            if told is None:
                return Figure(None, missing=(fact,))
            return of(values.get(str(told), Number(Decimal(0))))


def _at_least(condition: Condition, known: Known, sure: Figure, raised: Figure) -> Figure:
    """The base of an uplift is due whether or not the uplift is."""
    if sure.value is None or raised.value is None:
        return _undecided(condition, known, [sure, raised])
    missing = [test.fact for test in comparisons(condition) if test.fact not in known]
    more = f"{raised.working}＝{quantity(raised.value, raised.unit)}"
    return replace(sure, missing=tuple(dict.fromkeys(missing)), more=more, used=raised.used)


def _bonus(
    part: Expression, known: Known, parameters: Parameters, of: Callable[[Expression], Figure]
) -> Figure:
    """An item of a sum; one that is added only on a condition not known yet is nothing so far."""
    if not isinstance(part, When) or part.otherwise != Number(Decimal(0)):
        return of(part)
    then = of(part.then)
    if truth(part.condition, known, parameters) is not None or then.value is None:
        return of(part)
    nothing = Figure(Decimal(0), unit=then.unit)
    return replace(_at_least(part.condition, known, nothing, then), added=True, more=then.working)


def _undecided(condition: Condition, known: Known, branches: list[Figure]) -> Figure:
    """Both ways may come to the same; else the facts that would decide are missing."""
    first, second = branches
    if first.value is not None and first.value == second.value:
        return first
    asked = [test.fact for test in comparisons(condition) if test.fact not in known]
    missing = [*asked, *(key for branch in branches for key in branch.missing)]
    return Figure(None, unit=first.unit, missing=tuple(dict.fromkeys(missing)))


def _combined(operation: str, parts: list[Figure]) -> Figure:
    values = [part.value for part in parts]
    missing = tuple(dict.fromkeys(key for part in parts for key in part.missing))
    used = tuple(dict.fromkeys(name for part in parts for name in part.used))
    unit = next((p.unit for p in parts if p.unit == "CNY"), parts[0].unit)
    if operation == "divide":
        unit = "" if parts[0].unit != parts[1].unit else "ratio"
    if operation == "times" and Decimal(0) in values:
        return Figure(Decimal(0), quantity(Decimal(0), unit), unit, used=used)
    known = [value for value in values if value is not None]
    unsure = any(part.more for part in parts)
    undone = unsure and operation in ("minus", "divide")
    if len(known) < len(values) or undone or (operation == "divide" and values[1] == 0):
        return Figure(None, unit=unit, missing=missing, used=used)
    figure = _worked(operation, parts, known, unit, used)
    if not unsure:
        return figure
    more = "，".join(part.more for part in parts if part.more)
    added = all(part.added for part in parts if part.more)
    return replace(figure, missing=missing, more=more, added=added)


def _worked(
    operation: str, parts: list[Figure], known: list[Decimal], unit: str, used: tuple[str, ...]
) -> Figure:
    """The result of an operation on known values, with its working."""
    match operation:
        case "sum":
            told = [part for part in parts if part.value]
            working = "＋".join(part.working for part in told)
            return Figure(sum(known, Decimal(0)), working, unit, (), len(told) < 2, used)
        case "times":
            working = "×".join(p.working if p.plain else f"（{p.working}）" for p in parts)
            return Figure(reduce(mul, known), working, unit, (), len(parts) < 2, used)
        case "minus":
            value = max(Decimal(0), known[0] - sum(known[1:], Decimal(0)))
            working = "－".join(p.working if p.plain else f"（{p.working}）" for p in parts)
            return Figure(value, working, unit, (), False, used)
        case "divide":
            working = "÷".join(p.working if p.plain else f"（{p.working}）" for p in parts)
            return Figure(known[0] / known[1], working, unit, (), False, used)
    chosen = min(known) if operation == "least" else max(known)
    part = parts[known.index(chosen)]
    first = parts[0]
    if part is first or first.plain:
        return Figure(chosen, part.working, unit, (), part.plain, used)
    # What the sum would have been belongs to the working of a capped one.
    word = "超过上限，按上限" if operation == "least" else "不足下限，按下限"
    working = f"{first.working}＝{quantity(first.value or Decimal(0), unit)}，{word}{part.working}"
    return Figure(chosen, working, unit, (), False, used)


def _raised(base: Figure, share: Figure) -> Figure:
    missing = tuple(dict.fromkeys((*base.missing, *share.missing)))
    used = tuple(dict.fromkeys((*base.used, *share.used)))
    if base.value is None or share.value is None:
        return Figure(None, unit=base.unit, missing=missing, used=used)
    working = base.working if base.plain else f"（{base.working}）"
    working = f"{working}×（1＋{share.working}）"
    return Figure(base.value * (1 + share.value), working, base.unit, (), False, used)


def _tier(by: Figure, steps: list[tuple[Figure, Expression]], of: object) -> Figure:
    assert callable(of)
    if by.value is None:
        return Figure(None, missing=by.missing)
    reached = [
        (start.value, value)
        for start, value in steps
        if start.value is not None and start.value <= by.value
    ]
    if not reached:
        return Figure(Decimal(0), quantity(Decimal(0), "CNY"), "CNY")
    figure = of(max(reached, key=lambda step: step[0])[1])
    assert isinstance(figure, Figure)
    return figure


def _parts(expression: Expression) -> Iterator[Expression | Condition]:
    match expression:
        case Combine(_, parts):
            yield from parts
        case When(condition, then, otherwise):
            yield from (condition, then, otherwise)
        case Uplift(base, share, condition):
            yield from (base, share)
            if condition is not None:
                yield condition
        case Tiers(by, steps):
            yield by
            for step in steps:
                yield from step
        case Choose(_, values):
            yield from values.values()


def facts_of(expression: Expression | None) -> tuple[str, ...]:
    """The facts an expression can need, in order."""
    return tuple(dict.fromkeys(_facts(expression)))


def _facts(expression: Expression | Condition | None) -> Iterator[str]:
    match expression:
        case None | Number() | Parameter():
            return
        case FactValue(fact, _):
            yield fact
        case Choose(fact, _):
            yield fact
            for part in _parts(expression):
                yield from _facts(part)
        case Combine() | When() | Uplift() | Tiers():
            for part in _parts(expression):
                yield from _facts(part)
        case _:
            yield from (test.fact for test in comparisons(expression))


def parameters_of(expression: Expression | None) -> tuple[str, ...]:
    """The parameters an expression names, in order."""
    return tuple(dict.fromkeys(_names(expression)))


def _names(expression: Expression | Condition | None) -> Iterator[str]:
    match expression:
        case None | Number() | FactValue():
            return
        case Parameter(name):
            yield name
        case Combine() | When() | Uplift() | Tiers() | Choose():
            for part in _parts(expression):
                yield from _names(part)
        case _:
            for test in comparisons(expression):
                if isinstance(test.operand, Parameter):
                    yield test.operand.name
