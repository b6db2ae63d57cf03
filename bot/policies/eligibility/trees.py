"""Reading conditions and amounts: YAML trees with a closed vocabulary into typed ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from bot.policies.eligibility.amounts import (
    Choose,
    Combine,
    Expression,
    FactValue,
    Number,
    Tiers,
    Uplift,
    When,
)
from bot.policies.eligibility.conditions import (
    OPERATORS,
    All,
    Any_,
    Comparison,
    Condition,
    Not,
    Parameter,
)
from bot.policies.eligibility.facts import Fact, FactError, Value
from bot.policies.fields import Fields

__all__ = ["Reader"]

_COMBINE = ("sum", "times", "least", "most", "minus", "divide")
# Numbers that need no source: nothing, the whole, the months of a quarter and of a year.
_PLAIN = (0, 1, 3, 12)
_UNITS = {"money": "CNY", "ratio": "ratio"}


class Reader:
    """Reads the trees of one programme, or of the derivations.

    Args:
        facts: the closed list.
        parameters: the names that a tree may use.
        source: the clause a test stands in where it names none itself.
    """

    def __init__(
        self, facts: Mapping[str, Fact], parameters: Sequence[str] = (), source: str = ""
    ) -> None:
        self._facts, self._parameters, self._source = facts, frozenset(parameters), source

    def condition(self, tree: Any, fields: Fields, where: str) -> Condition | None:
        """A condition; None (and a fault) where it is none."""
        one = Fields(tree, fields.path, fields.faults, where)
        if not one.ok:
            return None
        for name, build in (("all", All), ("any", Any_)):
            if name in one.table:
                rows = one.take(name, list) or []
                one.done()
                parts = [
                    self.condition(row, fields, f"{where}.{name}[{i}]")
                    for i, row in enumerate(rows)
                ]
                if not rows:
                    one.fault(name, "不能为空")
                return build(tuple(part for part in parts if part is not None))
        if "not" in one.table:
            inner = self.condition(one.take("not", dict), fields, f"{where}.not")
            one.done()
            return Not(inner) if inner is not None else None
        return self._test(one)

    def _test(self, one: Fields) -> Comparison | None:
        name, words = one.take("fact", str), one.take("words", str, required=False)
        key, clause = one.take("id", str, required=False), one.take("clause", str, required=False)
        used = [operator for operator in OPERATORS if operator in one.table]
        fact = self._facts.get(name or "")
        if fact is None:
            one.fault("fact", f"facts.yml 中没有 {name}")
        if len(used) != 1:
            one.fault("fact", f"恰好要有一个比较：{'、'.join(OPERATORS)}")
            return None
        operand = one.take(used[0], object)
        one.done()
        if fact is None:
            return None
        if used[0] not in ("eq", "ne", "in") and fact.type in ("boolean", "choice"):
            one.fault(used[0], f"{fact.name}不能比大小")
        target = self._operand(operand, fact, used[0], one)
        if target is None:
            return None
        clause = clause or self._source
        return Comparison(
            key or f"{fact.id}_{used[0]}", fact.id, used[0], target, words or "", clause
        )

    def _operand(
        self, operand: Any, fact: Fact, operator: str, one: Fields
    ) -> Value | tuple[Value, ...] | Parameter | None:
        if isinstance(operand, dict):
            inner = Fields(operand, one.path, one.faults, f"{one.where}.{operator}")
            return self._parameter(inner.take("param", str), inner)
        try:
            if operator == "in":
                if not isinstance(operand, list) or not operand:
                    one.fault(operator, "应为列表")
                    return None
                return tuple(fact.value(item) for item in operand)
            return fact.value(operand)
        except FactError as error:
            one.fault(operator, error.message)
            return None

    def _parameter(self, name: str | None, fields: Fields) -> Parameter | None:
        if name not in self._parameters:
            fields.fault("param", f"没有参数 {name}")
            return None
        return Parameter(name)

    def expression(self, tree: Any, fields: Fields, where: str) -> Expression | None:
        """An amount; None (and a fault) where it is none."""
        if isinstance(tree, str):
            inner = Fields(fields.table, fields.path, fields.faults, where)
            return self._parameter(tree, inner)
        if isinstance(tree, int) and not isinstance(tree, bool):
            if tree not in _PLAIN:
                fields.fault("value", f"{where}：{tree} 应写成有出处的参数")
            return Number(Decimal(tree))
        one = Fields(tree, fields.path, fields.faults, where)
        if not one.ok:
            return None
        built = self._node(one)
        one.done()
        return built

    def _node(self, one: Fields) -> Expression | None:
        def below(key: str, tree: Any) -> Expression | None:
            return self.expression(tree, one, f"{one.where}.{key}")

        for name in _COMBINE:
            if name in one.table:
                rows = one.take(name, list) or []
                parts = tuple(p for i, row in enumerate(rows) if (p := below(f"{name}[{i}]", row)))
                if len(rows) < 2 or (name == "divide" and len(rows) != 2):
                    one.fault(name, "至少要有两项")
                    return None
                return Combine(name, parts)  # type: ignore[arg-type]
        if "fact" in one.table:
            return self._fact(one.take("fact", str), one)
        if "when" in one.table:
            condition = self.condition(one.take("when", dict), one, f"{one.where}.when")
            then = below("then", one.take("then", object))
            other = below("else", one.take("else", object)) if "else" in one.table else None
            if condition is None or then is None:
                return None
            return When(condition, then, other or Number(Decimal(0)))
        if "uplift" in one.table:
            two = Fields(one.take("uplift", dict), one.path, one.faults, f"{one.where}.uplift")
            base, share = (
                below("base", two.take("base", object)),
                below("share", two.take("share", object)),
            )
            tree = two.take("when", dict, required=False)
            condition = self.condition(tree, two, f"{two.where}.when") if tree else None
            two.done()
            return Uplift(base, share, condition) if base and share else None
        if "tiers" in one.table:
            return self._tiers(one)
        if "choose" in one.table:
            return self._choose(one)
        one.fault("-", "不认识的运算")
        return None

    def _fact(self, name: str | None, one: Fields) -> FactValue | None:
        fact = self._facts.get(name or "")
        if fact is None or fact.type not in ("integer", "money", "ratio"):
            one.fault("fact", f"{name} 不是数字类的事实")
            return None
        return FactValue(fact.id, _UNITS.get(fact.type, fact.unit))

    def _tiers(self, one: Fields) -> Tiers | None:
        two = Fields(one.take("tiers", dict), one.path, one.faults, f"{one.where}.tiers")
        by = self.expression(two.take("by", object), one, f"{two.where}.by")
        rows = two.take("steps", list) or []
        two.done()
        steps: list[tuple[Expression, Expression]] = []
        for i, row in enumerate(rows):
            step = Fields(row, one.path, one.faults, f"{two.where}.steps[{i}]")
            start = self.expression(step.take("from", object), step, f"{step.where}.from")
            value = self.expression(step.take("value", object), step, f"{step.where}.value")
            step.done()
            if start is not None and value is not None:
                steps.append((start, value))
        return Tiers(by, tuple(steps)) if by is not None else None

    def _choose(self, one: Fields) -> Choose | None:
        two = Fields(one.take("choose", dict), one.path, one.faults, f"{one.where}.choose")
        fact = self._facts.get(two.take("fact", str) or "")
        rows = two.take("values", dict) or {}
        two.done()
        if fact is None or fact.type not in ("choice", "boolean"):
            two.fault("fact", "应为选项类的事实")
            return None
        values: dict[str, Expression] = {}
        for key, tree in rows.items():
            if key not in {choice.id for choice in fact.choices}:
                two.fault("values", f"{fact.name}没有选项 {key}")
            value = self.expression(tree, two, f"{two.where}.{key}")
            if value is not None:
                values[key] = value
        return Choose(fact.id, values)
