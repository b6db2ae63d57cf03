"""Status at a date: by measure, at the edges, and never better than what is stated."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.policies.model import Clause, Document, Repeal, Snapshot, Span
from bot.policies.validity import judge, measures, status_of

UNTIL = date(2022, 12, 31)


def clause(text: str, *spans: Span) -> Clause:
    return Clause(
        id="d.1",
        document_id="d",
        source="000",
        number=1,
        unit="条",
        scope="province",
        part=None,
        section=None,
        subsection=None,
        text=text,
        responsible=None,
        lines=(1, 1),
        validity=spans,
    )


def document(*clauses: Clause, repealed: str | None = None) -> Document:
    repeal = Repeal(repealed, "标题") if repealed else None
    return Document("d", "", "t", "i", "front", None, "province", clauses, repeal)


SPAN = Span(None, date(2022, 6, 1), UNTIL, "2022年6月起至年底")


@pytest.mark.parametrize(
    ("span", "day", "status"),
    [
        (SPAN, date(2022, 5, 31), "not_yet"),
        (SPAN, date(2022, 6, 1), "in_force"),
        (SPAN, UNTIL, "in_force"),
        (SPAN, date(2023, 1, 1), "expired"),
        (Span(None, date(2022, 6, 1), None, "起"), date(2026, 1, 1), "not_stated"),
        (Span(None, date(2022, 6, 1), None, "起"), date(2022, 1, 1), "not_yet"),
        (Span(None, None, UNTIL, "至"), date(2000, 1, 1), "in_force"),
        (None, date(2026, 1, 1), "not_stated"),
    ],
)
def test_status_follows_the_stated_period(span: Span | None, day: date, status: str) -> None:
    assert status_of(span, document(), day) == status


@given(st.dates())
def test_a_repeal_holds_whatever_the_period(day: date) -> None:
    assert status_of(SPAN, document(repealed="已废止"), day) == "repealed"
    assert status_of(None, document(repealed="已废止"), day) == "repealed"


def shares(word: str) -> Callable[[str], float]:
    return lambda words: float(word in words)


TWO = clause(
    "加大稳岗力度。稳岗返还提高。扩岗补助执行至2022年12月31日。",
    Span("扩岗补助执行至2022年12月31日。", None, UNTIL, "执行至2022年12月31日"),
)


def test_the_measure_asked_about_decides() -> None:
    after = date(2026, 1, 1)
    assert judge(TWO, document(TWO), after, shares("扩岗补助")).status == "expired"
    about_rest = judge(TWO, document(TWO), after, shares("稳岗返还"))
    assert about_rest.status == "not_stated"
    assert [status for status, _ in about_rest.others] == ["expired"]


def test_a_clause_asked_for_alone_does_not_look_better_than_its_worst_measure() -> None:
    assert judge(TWO, document(TWO), date(2026, 1, 1)).status == "expired"
    assert judge(TWO, document(TWO), UNTIL).status == "in_force"


def test_measures_cover_the_clause_without_overlap(snapshot: Snapshot) -> None:
    for item in snapshot.clauses.values():
        parts = measures(item)
        assert sum(len(part.text) for part in parts) == len(item.text), item.id


@given(st.dates(min_value=date(2020, 1, 1), max_value=date(2030, 1, 1)), st.text(max_size=8))
def test_nothing_is_in_force_without_a_stated_end(day: date, word: str) -> None:
    judgement = judge(TWO, document(TWO), day, shares(word) if word else None)
    if judgement.status == "in_force":
        assert judgement.span is not None
        assert judgement.span.ends is not None
        assert judgement.span.ends >= day
