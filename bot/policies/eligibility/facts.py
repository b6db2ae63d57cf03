"""Facts: the closed list of what may be known of a firm, and what follows from what.

Nothing outside the list is ever asked or judged by. A fact that is derived from
others must not contradict what has been told: that is an error, never a choice.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal

from bot.errors import RequestError

if TYPE_CHECKING:
    from bot.policies.eligibility.amounts import Expression
    from bot.policies.eligibility.conditions import Condition

__all__ = ["Choice", "Derivation", "Fact", "FactBook", "FactError", "FactType", "Told", "Value"]

FactType = Literal["boolean", "integer", "money", "ratio", "date", "choice"]
Value = bool | int | Decimal | date | str
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
# A ratio is told rounded; so far a told and a derived one may lie apart.
_TOLERANCE = Decimal("0.001")


class FactError(RequestError):
    """A fact that was given is unknown, of the wrong kind, out of range, or contradicts another."""

    def __init__(self, code: str, message: str, fact_id: str) -> None:
        super().__init__(422, code, message, f"facts.{fact_id}")


@dataclass(frozen=True)
class Choice:
    """One value of a choice: its id, its name, and how people say it."""

    id: str
    name: str
    said: tuple[str, ...] = ()


@dataclass(frozen=True)
class Fact:
    """One thing that may be known of a firm.

    Attributes:
        id: stable name.
        type: boolean, integer, money (元), ratio (0.15 is 15 %), date or choice.
        unit: what an integer counts; empty for other types.
        name: short, for 还缺….
        question: how it is asked, one plain question.
        least, most: the allowed range of a number, both inclusive.
        choices: of a choice, its values.
        affirm, deny: words by which a message tells a boolean.
        said: words beside which a message tells a number or a date.
        unless: names that hold such a word and tell nothing of the firm (中小企业).
        changeable: whether a firm could still bring it about (招人), or it is as it is
            (行业): only what can be changed makes a programme "just missed".
        additive: whether it may be told in parts that add up (房产税2万，印花税1700).
        large: of a sum, whether it is always so large that a bare number below 10,000 beside its
            words (营收三千二) leaves out 万, and is not heard as so many 元.
        roughly: below this two numbers said as one (七八个, 六七万) are heard, as the lower: which
            of them it is decides nothing there.
        general: whether it describes a firm whatever it asks for (行业, 人数, 高企), and is
            heard at any time.
    """

    id: str
    type: FactType
    name: str
    question: str
    unit: str = ""
    least: Decimal | None = Decimal(0)
    most: Decimal | None = None
    choices: tuple[Choice, ...] = ()
    affirm: tuple[str, ...] = ()
    deny: tuple[str, ...] = ()
    said: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()
    changeable: bool = False
    general: bool = False
    additive: bool = False
    large: bool = False
    roughly: Decimal | None = None

    @property
    def measure(self) -> str:
        """The unit that its numbers are told in: CNY, ratio, or what it counts."""
        return {"money": "CNY", "ratio": "ratio"}.get(self.type, self.unit)

    def value(self, given: Any) -> Value:
        """A value as JSON or YAML gives it, checked.

        Raises:
            FactError: it is of the wrong kind or out of range.
        """
        if self.type == "boolean":
            if not isinstance(given, bool):
                raise self._error("应为 true 或 false")
            return given
        if self.type == "choice":
            if not isinstance(given, str) or given not in {choice.id for choice in self.choices}:
                raise self._error(f"应为其中之一：{'、'.join(c.id for c in self.choices)}")
            return given
        if self.type == "date":
            if not isinstance(given, str) or not _DATE.fullmatch(given):
                raise self._error("应为 YYYY-MM-DD 形式的日期")
            try:
                return date.fromisoformat(given)
            except ValueError:
                raise self._error("没有这一天") from None
        return self._number(given)

    def _number(self, given: Any) -> Value:
        if isinstance(given, bool) or not isinstance(given, int | float | Decimal):
            raise self._error("应为数字")
        number = given if isinstance(given, Decimal) else Decimal(str(given))
        if not number.is_finite():
            raise self._error("应为数字")
        if self.type == "integer" and number != number.to_integral_value():
            raise self._error("应为整数")
        if self.least is not None and number < self.least:
            raise self._error(f"不能小于 {self.least}")
        if self.most is not None and number > self.most:
            raise self._error(f"不能大于 {self.most}")
        return int(number) if self.type == "integer" else number

    def choice_name(self, value: str) -> str:
        """The name of one of its values."""
        return next(choice.name for choice in self.choices if choice.id == value)

    def _error(self, message: str) -> FactError:
        return FactError("bad_fact", f"{self.name}：{message}", self.id)


@dataclass(frozen=True)
class Derivation:
    """What follows from other facts.

    Attributes:
        fact: the fact that follows.
        value: the value it then has; None where ``equals`` computes it.
        when: the condition under which it follows; None where it always does.
        equals: an expression over facts.
        words, clause: where the source says so; empty where it is plain arithmetic.
    """

    fact: str
    value: Value | None = None
    when: Condition | None = None
    equals: Expression | None = None
    words: str = ""
    clause: str = ""

    @property
    def asks(self) -> tuple[str, ...]:
        """The facts it follows from."""
        from bot.policies.eligibility.amounts import facts_of
        from bot.policies.eligibility.conditions import comparisons

        return (*(test.fact for test in comparisons(self.when)), *facts_of(self.equals))


class Told(Mapping[str, Value]):
    """What is known of a firm: what was told, and what follows from it. Immutable."""

    def __init__(self, values: Mapping[str, Value], derived: frozenset[str] = frozenset()) -> None:
        self._values = dict(values)
        self.derived = derived

    def __getitem__(self, key: str) -> Value:
        return self._values[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)


@dataclass(frozen=True)
class FactBook:
    """The closed list, in the order of facts.yml, and the derivations."""

    facts: Mapping[str, Fact]
    derivations: tuple[Derivation, ...] = ()
    _limit: int = field(default=8, repr=False)

    def read(self, given: Mapping[str, Any]) -> Told:
        """Facts as a caller gives them; null stands for not known.

        Raises:
            FactError: unknown, malformed, out of range or contradictory; it names the fact.
        """
        values: dict[str, Value] = {}
        for key, value in given.items():
            fact = self.facts.get(key)
            if fact is None:
                raise FactError("unknown_fact", "没有这个事实", key)
            if value is not None:
                values[key] = fact.value(value)
        return self.complete(values)

    def complete(self, values: Mapping[str, Value]) -> Told:
        """With all that follows.

        Raises:
            FactError: what follows contradicts what was told.
        """
        known, derived = dict(values), set[str]()
        for _ in range(self._limit):  # a chain of derivations is short
            found = False
            for rule in self.derivations:
                value = self._follows(rule, known)
                if value is None:
                    continue
                if rule.fact not in known:
                    known[rule.fact] = value
                    derived.add(rule.fact)
                    found = True
                elif not _same(known[rule.fact], value):
                    raise FactError("contradiction", self._against(rule), rule.fact)
            if not found:
                break
        return Told(known, frozenset(derived))

    def _follows(self, rule: Derivation, known: Mapping[str, Value]) -> Value | None:
        from bot.policies.eligibility.amounts import evaluate
        from bot.policies.eligibility.conditions import truth

        if rule.when is not None and truth(rule.when, known, {}) is not True:
            return None
        if rule.equals is None:
            return rule.value
        computed = evaluate(rule.equals, known, {}).value
        if computed is None or self.facts[rule.fact].type != "integer":
            return computed
        return int(computed)

    def _against(self, rule: Derivation) -> str:
        said = f"（依据：“{rule.words}”）" if rule.words else ""
        return f"{self.facts[rule.fact].name}与其他事实矛盾{said}"


def _same(one: Value, other: Value) -> bool:
    if isinstance(one, Decimal) and isinstance(other, Decimal):
        return abs(one - other) <= _TOLERANCE * max(Decimal(1), abs(one))
    return one == other
