"""What must hold of the evaluator whatever the programme and whatever the firm."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.policies.eligibility.amounts import Choose as ChooseAmount
from bot.policies.eligibility.amounts import (
    Combine,
    Expression,
    FactValue,
    Number,
    Tiers,
    Uplift,
    When,
    evaluate,
)
from bot.policies.eligibility.conditions import (
    All,
    Any_,
    Comparison,
    Condition,
    Not,
    Parameter,
    truth,
)
from bot.policies.eligibility.facts import Fact, FactBook, FactError, Told, Value
from bot.policies.eligibility.judge import judge_programme
from bot.policies.eligibility.programme import (
    AmountRule,
    DatedFigure,
    ParameterHistory,
    Period,
    Programme,
    Region,
)
from bot.policies.matching.combination import heaviest
from bot.policies.model import Snapshot

DAY = date(2024, 6, 30)
FACTS = {
    "a": Fact("a", "boolean", "甲", "甲？", changeable=True),
    "b": Fact("b", "boolean", "乙", "乙？"),
    "n": Fact("n", "integer", "人数", "几人？", unit="人", changeable=True),
    "m": Fact("m", "money", "金额", "多少钱？"),
}
BOOK = FactBook(FACTS)
FIGURES = {"low": Decimal(10), "cap": Decimal(500), "rate": Decimal("0.3")}
UNITS = {"low": "人", "cap": "CNY", "rate": "ratio"}
SLOW = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

values = st.fixed_dictionaries(
    {},
    optional={
        "a": st.booleans(),
        "b": st.booleans(),
        "n": st.integers(0, 40),
        "m": st.integers(0, 2000).map(Decimal),
    },
)
leaves = st.one_of(
    st.builds(Comparison, st.just("a"), st.just("a"), st.just("eq"), st.booleans()),
    st.builds(Comparison, st.just("b"), st.just("b"), st.just("ne"), st.booleans()),
    st.builds(
        Comparison, st.just("n"), st.just("n"), st.sampled_from(["gte", "gt", "lt", "lte"]),
        st.one_of(st.integers(0, 40), st.just(Parameter("low"))),
    ),
)  # fmt: skip
conditions: st.SearchStrategy[Condition] = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=3).map(lambda parts: All(tuple(parts))),
        st.lists(inner, min_size=1, max_size=3).map(lambda parts: Any_(tuple(parts))),
        inner.map(Not),
    ),
    max_leaves=6,
)
money: st.SearchStrategy[Expression] = st.recursive(
    st.one_of(
        st.just(Parameter("cap")),
        st.just(FactValue("m", "CNY")),
        st.just(Combine("times", (Parameter("cap"), FactValue("n", "人")))),
        st.just(Combine("times", (FactValue("m", "CNY"), Parameter("rate")))),
    ),
    lambda inner: st.one_of(
        st.tuples(inner, inner).map(lambda parts: Combine("sum", parts)),
        st.tuples(inner, inner).map(lambda parts: Combine("least", parts)),
        st.tuples(inner, inner).map(lambda parts: Combine("most", parts)),
        st.tuples(inner, inner).map(lambda parts: Combine("minus", parts)),
        st.builds(When, leaves, inner, inner),
        st.builds(Uplift, inner, st.just(Parameter("rate")), st.one_of(st.none(), leaves)),
        inner.map(
            lambda part: Tiers(
                FactValue("n", "人"),
                ((Number(Decimal(0)), part), (Parameter("low"), Parameter("cap"))),
            )
        ),
        inner.map(lambda part: ChooseAmount("a", {"True": part})),
    ),
    max_leaves=5,
)


def programme(condition: Condition | None, amount: Expression) -> Programme:
    histories = {
        name: ParameterHistory(name, UNITS[name], (DatedFigure(date(2020, 1, 1), value, "x"),))
        for name, value in FIGURES.items()
    }
    return Programme(
        id="p", name="某奖励", aliases=(), kind="award", authority=None,
        region=Region("province", "全省", "province"), references=("x",),
        period=Period(date(2020, 1, 1), None, False), parameters=histories,
        conditions=condition, amount=AmountRule("exact", amount, ()),
    )  # fmt: skip


@SLOW
@given(conditions, values, values)
def test_another_fact_never_turns_what_is_decided(
    condition: Condition, known: dict[str, Value], more: dict[str, Value]
) -> None:
    before = truth(condition, known, FIGURES)
    after = truth(condition, {**more, **known}, FIGURES)
    assert before is None or after is before


@SLOW
@given(conditions, money, values, values)
def test_another_fact_never_turns_a_verdict_or_a_sum(
    condition: Condition, amount: Expression, known: dict[str, Value], more: dict[str, Value]
) -> None:
    one = judge_programme(programme(condition, amount), Told(known), DAY, BOOK)
    two = judge_programme(programme(condition, amount), Told({**more, **known}), DAY, BOOK)
    if one.outcome != "unknown":
        assert two.outcome == one.outcome
    if one.amount.yuan is not None and not one.amount.missing:
        assert two.amount.yuan == one.amount.yuan


@SLOW
@given(money, values, values)
def test_what_is_sure_never_shrinks(
    amount: Expression, known: dict[str, Value], more: dict[str, Value]
) -> None:
    one = evaluate(amount, known, FIGURES, UNITS)
    two = evaluate(amount, {**more, **known}, FIGURES, UNITS)
    if one.value is not None:
        assert two.value is not None
        assert two.value >= one.value


@SLOW
@given(conditions, money, values)
def test_unknown_names_what_is_missing_and_nothing_that_is_told(
    condition: Condition, amount: Expression, known: dict[str, Value]
) -> None:
    verdict = judge_programme(programme(condition, amount), Told(known), DAY, BOOK)
    assert not {*verdict.missing} & {*known}
    if verdict.outcome == "unknown":
        assert verdict.missing
        assert verdict.amount.yuan is None
    if verdict.outcome == "ineligible":
        assert verdict.gaps
        assert verdict.amount.yuan is None


@SLOW
@given(money, values)
def test_amounts_are_never_negative_and_caps_hold(
    amount: Expression, known: dict[str, Value]
) -> None:
    figure = evaluate(amount, known, FIGURES, UNITS)
    capped = evaluate(Combine("least", (amount, Parameter("cap"))), known, FIGURES, UNITS)
    assert figure.value is None or figure.value >= 0
    assert capped.value is None or capped.value <= FIGURES["cap"]
    assert figure.value is not None or figure.missing
    assert bool(figure.more) == (figure.value is not None and bool(figure.missing))


@SLOW
@given(conditions, money, values, st.randoms())
def test_the_order_of_facts_does_not_matter(
    condition: Condition, amount: Expression, known: dict[str, Value], chance: Any
) -> None:
    rows = list(known.items())
    chance.shuffle(rows)
    one = judge_programme(programme(condition, amount), Told(known), DAY, BOOK)
    two = judge_programme(programme(condition, amount), Told(dict(rows)), DAY, BOOK)
    assert one == two


@SLOW
@given(st.data())
def test_the_real_programmes_keep_the_same_promises(snapshot: Snapshot, data: Any) -> None:
    book = snapshot.facts
    chosen = snapshot.programmes[data.draw(st.sampled_from(sorted(snapshot.programmes)))]
    day = data.draw(st.dates(date(2021, 1, 1), date(2027, 12, 31)))
    told: dict[str, Any] = {}
    for key in data.draw(st.permutations(chosen.facts)):
        if data.draw(st.booleans()):
            told[key] = data.draw(_answers(book.facts[key]))
    fewer = {key: told[key] for key in list(told)[: len(told) // 2]}
    try:
        all_of_it = book.read(told)
        some = book.read(fewer)
    except FactError as error:
        assert error.code == "contradiction"
        return
    one = judge_programme(chosen, some, day, book)
    two = judge_programme(chosen, all_of_it, day, book)
    if one.outcome != "unknown":
        assert two.outcome == one.outcome
    if one.amount.yuan is not None:
        assert two.amount.yuan is not None
        assert two.amount.yuan >= one.amount.yuan
    for verdict in (one, two):
        assert verdict.amount.yuan is None or verdict.amount.yuan >= 0
        assert verdict.status in {"in_force", "not_stated"} or verdict.outcome == "ineligible"
    before = judge_programme(chosen, some, chosen.period.starts - timedelta(1), book)
    assert before.outcome == "ineligible"


def _answers(fact: Fact) -> st.SearchStrategy[Any]:
    if fact.type == "boolean":
        return st.booleans()
    if fact.type == "choice":
        return st.sampled_from([choice.id for choice in fact.choices])
    if fact.type == "date":
        return st.dates(date(2020, 1, 1), date(2026, 12, 31)).map(date.isoformat)
    if fact.type == "ratio":
        return st.integers(0, 100).map(lambda share: share / 100)
    least = int(fact.least or 0)
    most = int(fact.most) if fact.most is not None else 10**9
    return st.integers(least, min(most, 10**9))


@pytest.mark.parametrize("told", [{"n": 3.5}, {"n": -1}, {"a": 1}, {"m": True}, {"x": 1}])
def test_what_is_no_value_of_a_fact_is_refused_and_named(told: dict[str, Any]) -> None:
    with pytest.raises(FactError) as caught:
        BOOK.read(told)
    assert caught.value.field == f"facts.{next(iter(told))}"
    assert caught.value.status == 422


@SLOW
@given(
    st.lists(st.integers(0, 100), min_size=1, max_size=9),
    st.sets(st.tuples(st.integers(0, 8), st.integers(0, 8)), max_size=14),
)
def test_the_best_combination_is_the_best(worths: list[int], pairs: set[tuple[int, int]]) -> None:
    keys = [str(i) for i in range(len(worths))]
    worth = dict(zip(keys, map(Decimal, worths), strict=True))
    edges: dict[str, dict[str, bool]] = {key: {} for key in keys}
    for one, two in pairs:
        if one != two and max(one, two) < len(keys):
            edges[str(one)][str(two)] = edges[str(two)][str(one)] = True
    best = Decimal(-1)
    for bits in range(2 ** len(keys)):
        subset = [key for i, key in enumerate(keys) if bits >> i & 1]
        if not any(other in edges[key] for key in subset for other in subset):
            best = max(best, sum((worth[key] for key in subset), Decimal(0)))
    found = heaviest(keys, worth, edges)
    assert sum((worth[key] for key in found), Decimal(0)) == best
    assert not any(other in edges[key] for key in found for other in found)
