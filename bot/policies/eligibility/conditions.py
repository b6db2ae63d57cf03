"""Conditions over facts: a closed vocabulary, judged true, false or unknown (Kleene's logic).

``all``, ``any`` and ``not`` join tests; a test compares one fact with a value or with a
dated parameter. Unknown stays unknown until a fact decides it; it is never guessed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from operator import eq, ge, gt, le, lt, ne
from typing import Any

from bot.policies.eligibility.facts import Value

__all__ = [
    "OPERATORS",
    "All",
    "Any_",
    "Comparison",
    "Condition",
    "Not",
    "Parameter",
    "comparisons",
    "truth",
]

Known = Mapping[str, Value]
Parameters = Mapping[str, Decimal]

_COMPARE = {"eq": eq, "ne": ne, "gte": ge, "lte": le, "gt": gt, "lt": lt}
OPERATORS = (*_COMPARE, "in")


@dataclass(frozen=True)
class Parameter:
    """A dated figure of a programme, by name."""

    name: str


@dataclass(frozen=True)
class Comparison:
    """One comparison.

    Attributes:
        id: its name within the programme.
        fact: the fact that is compared.
        operator: one of :data:`OPERATORS`.
        operand: a value, values (``in``) or a parameter.
        words: the source's words for it.
        clause: where they stand.
    """

    id: str
    fact: str
    operator: str
    operand: Value | tuple[Value, ...] | Parameter
    words: str = ""
    clause: str = ""

    def target(self, parameters: Parameters) -> Any:
        """What the fact is compared with; None where a parameter has no value that day."""
        if isinstance(self.operand, Parameter):
            return parameters.get(self.operand.name)
        return self.operand


@dataclass(frozen=True)
class All:
    """True where every part is."""

    parts: tuple[Condition, ...]


@dataclass(frozen=True)
class Any_:
    """True where one part is."""

    parts: tuple[Condition, ...]


@dataclass(frozen=True)
class Not:
    """True where its part is false."""

    part: Condition


Condition = All | Any_ | Not | Comparison


def truth(condition: Condition, known: Known, parameters: Parameters) -> bool | None:
    """True, False, or None where what is known does not decide it."""
    match condition:
        case Comparison():
            value, target = known.get(condition.fact), condition.target(parameters)
            if value is None or target is None:
                return None
            if condition.operator == "in":
                return value in target
            return bool(_COMPARE[condition.operator](value, target))
        case All(parts):
            results = [truth(part, known, parameters) for part in parts]
            return False if False in results else None if None in results else True
        case Any_(parts):
            results = [truth(part, known, parameters) for part in parts]
            return True if True in results else None if None in results else False
        case Not(part):
            result = truth(part, known, parameters)
            return None if result is None else not result


def comparisons(condition: Condition | None) -> Iterator[Comparison]:
    """All comparisons, in order."""
    match condition:
        case None:
            return
        case Comparison():
            yield condition
        case All(parts) | Any_(parts):
            for part in parts:
                yield from comparisons(part)
        case Not(part):
            yield from comparisons(part)
