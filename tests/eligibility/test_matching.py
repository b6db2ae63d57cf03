"""What a firm has, may have and has just missed; and the best of what excludes each other."""

from __future__ import annotations

import dataclasses
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from bot.policies.eligibility.conditions import Parameter
from bot.policies.eligibility.judge import Amount, Verdict
from bot.policies.eligibility.programme import Exclusion, Words
from bot.policies.matching import best_combination, match
from bot.policies.model import Snapshot
from tests.eligibility.test_properties import programme

DAY = date(2026, 11, 21)


def verdict(key: str, yuan: int, *excluded: str, kind: Any = "exact") -> Verdict:
    excludes = (Exclusion(excluded, Words("不重复享受", "x")),) if excluded else ()
    own = dataclasses.replace(programme(None, Parameter("cap")), id=key, excludes=excludes)
    amount = Amount(Decimal(yuan), kind)
    return Verdict(own, DAY, "eligible", "not_stated", (), (), amount, ())


def test_the_greater_sum_wins_and_the_reason_is_told() -> None:
    best = best_combination([verdict("a", 10, "b"), verdict("b", 30), verdict("c", 5)])
    assert best.total == 35
    assert best.programmes == ("b", "c")
    assert [(left.programme, left.instead, left.words.words) for left in best.left_out] == [
        ("a", "b", "不重复享受")
    ]


def test_two_small_ones_can_beat_a_great_one() -> None:
    best = best_combination([verdict("a", 50, "b", "c"), verdict("b", 30), verdict("c", 25)])
    assert best.total == 55
    assert best.parts == {"b": 30, "c": 25}


def test_a_ceiling_is_no_sum() -> None:
    best = best_combination([verdict("a", 100, kind="ceiling"), verdict("b", 5)])
    assert best.total == 5
    assert best.programmes == ("a", "b")


def groups(snapshot: Snapshot, day: date = DAY, **facts: Any) -> dict[str, str]:
    found = match(snapshot.facts.read(facts), day, snapshot)
    return {m.verdict.programme.id: m.group for m in found.results}


def test_a_firm_that_told_nothing_is_told_nothing(snapshot: Snapshot) -> None:
    found = groups(snapshot)
    assert all(not snapshot.programmes[key].facts for key in found)


def test_has_and_may_have(snapshot: Snapshot) -> None:
    told = groups(snapshot, sector="industry", first_time_above_scale=True, strategic_emerging=True)
    assert told["small_to_scale_award"] == "has"
    assert groups(snapshot, sector="industry")["small_to_scale_award"] == "may_have"
    refused = groups(snapshot, sector="industry", first_time_above_scale=False,
                     turned_industrial_above_scale=False)  # fmt: skip
    assert "small_to_scale_award" not in refused


def test_what_is_over_is_kept_apart(snapshot: Snapshot) -> None:
    for matched in match(
        snapshot.facts.read({"manufacturing": True, "enterprise_size": "small"}), DAY, snapshot
    ).results:
        over = matched.verdict.status in {"expired", "repealed"}
        assert (matched.group == "expired") == over


@pytest.mark.parametrize("group", ["has", "may_have", "just_missed"])
def test_results_are_in_the_order_of_certainty(snapshot: Snapshot, group: str) -> None:
    told = {"sector": "industry", "first_time_above_scale": True, "staff": 40}
    found = match(snapshot.facts.read(told), DAY, snapshot).results
    order = ["has", "may_have", "just_missed", "expired"]
    assert [m.group for m in found] == sorted((m.group for m in found), key=order.index)
    rows = [m.verdict for m in found if m.group == group]
    worth = [v.amount.possible or Decimal(0) for v in rows]
    if group == "may_have":
        assert [len(v.missing) for v in rows] == sorted(len(v.missing) for v in rows)
    else:
        assert worth == sorted(worth, reverse=True)
    if group == "just_missed":
        assert all(len(v.gaps) == 1 and v.gaps[0].changeable for v in rows)
