"""What was written by hand about the clauses stands on the clauses' own words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from bot.policies.loader import load
from bot.policies.model import PROVINCE, Clause, Snapshot, Span
from bot.policies.validity import judge, measures, status_of
from bot.settings import project_root

ROOT = project_root() / "policies_kb"
DAY = date(2026, 11, 21)


@pytest.fixture(scope="module")
def snapshot() -> Snapshot:
    return load(ROOT)


def spans(snapshot: Snapshot) -> Iterator[tuple[Clause, Span]]:
    for clause in snapshot.clauses.values():
        for span in clause.validity:
            yield clause, span


def periods(snapshot: Snapshot, clause_id: str) -> list[tuple[str | None, str | None]]:
    return [
        (s.starts.isoformat() if s.starts else None, s.ends.isoformat() if s.ends else None)
        for s in snapshot.clauses[clause_id].validity
    ]


def test_quoted_words_stand_once_in_the_clause(snapshot: Snapshot) -> None:
    for clause, span in spans(snapshot):
        for words in (span.governs, span.stated_by):
            assert words is None or clause.text.count(words) == 1, (clause.id, words)
    for clause in snapshot.clauses.values():
        for note in clause.notes:
            assert note.quote in clause.text, (clause.id, note.quote)
            # A reading never repeats the misprint it corrects.
            assert note.kind != "misprint" or note.reading != note.quote, clause.id


def test_governed_words_do_not_overlap(snapshot: Snapshot) -> None:
    for clause in snapshot.clauses.values():
        taken: set[int] = set()
        whole = [span for span in clause.validity if span.governs is None]
        assert len(whole) <= 1, clause.id
        for span in clause.validity:
            if span.governs is None:
                continue
            start = clause.text.index(span.governs)
            place = set(range(start, start + len(span.governs)))
            assert not place & taken, clause.id
            taken |= place


def test_the_year_of_a_period_is_printed_or_is_the_year_of_issue(snapshot: Snapshot) -> None:
    elsewhere = set()
    for clause, span in spans(snapshot):
        last = span.ends or span.starts
        assert last is not None
        year = snapshot.document_of(clause).year
        of_issue = any(word in span.stated_by for word in ("今年", "本年度", "年底")) and (
            last.year == year
        )
        if str(last.year) not in span.stated_by and not of_issue:
            elsewhere.add((clause.id, span.stated_by))
    # 十四五 is 2021 to 2025; 2030年前 ends with 2029; the last is dated by its quarters.
    assert {words for _, words in elsewhere} <= {
        "“十四五”期间",
        "2030年前",
    } | {words for _, words in elsewhere if "家庭服务业" in words}


def test_three_measures_with_two_ends_in_one_clause(snapshot: Snapshot) -> None:
    """晋政办发〔2023〕56号第27条."""
    assert periods(snapshot, "jzbf-2023-56.27") == [
        ("2023-05-01", "2024-12-31"),
        (None, "2023-12-31"),
        (None, "2023-12-31"),
    ]


def test_a_date_that_limits_only_a_rate(snapshot: Snapshot) -> None:
    clause = snapshot.clauses["jzbf-2023-56.25"]
    (span,) = clause.validity
    assert span.governs is not None
    assert "增值税" in span.governs
    assert "个人所得税" not in span.governs
    document = snapshot.document_of(clause)
    said = {status_of(part.span, document, DAY) for part in measures(clause)}
    assert said == {"in_force", "not_stated"}


def test_both_copies_of_a_document_state_the_same_periods(snapshot: Snapshot) -> None:
    for number in range(1, 71):
        own, copy = (f"jzbf-2022-34.{mark}{number}" for mark in ("", "hb"))
        assert periods(snapshot, own) == periods(snapshot, copy), number
    assert periods(snapshot, "jzbf-2023-56.25") == periods(snapshot, "jzbf-2023-56.cs221")


def test_how_much_is_stated(snapshot: Snapshot) -> None:
    found = list(spans(snapshot))
    assert len(found) == 87
    running = {clause.id for clause, span in found if span.ends and span.ends >= DAY}
    assert running == {"jzbf-2023-56.25", "jzbf-2023-56.cs221", "jzbf-2023-50.sc16"}


def test_a_repeal_reaches_every_point_of_its_document(snapshot: Snapshot) -> None:
    repealed = [d for d in snapshot.documents.values() if d.repealed is not None]
    assert [document.doc_no for document in repealed] == ["晋文旅发〔2023〕20号"]
    (document,) = repealed
    marked = [clause for clause in document.clauses if "已废止" in clause.text]
    assert 0 < len(marked) < len(document.clauses), "one point does not say so itself"
    for clause in document.clauses:
        assert judge(clause, document, DAY).status == "repealed"


@pytest.mark.parametrize(
    ("clause_id", "quote"),
    [
        ("jzbf-2022-34.46", "1梄1"),
        ("jzbf-2022-7.8", "担保费率低于15%"),
        ("jzf-2022-14.17", "超超低排放改造"),
        ("jzf-2022-14.29", "持续深化非常规天然气增储上产。持续深化非常规天然气增储上产。"),
        ("jzsgf-2023-3.cs48", "省级"),
        ("jzf-2021-26.9", "服务and便利"),
    ],
)
def test_known_misprints_are_recorded(snapshot: Snapshot, clause_id: str, quote: str) -> None:
    notes = [n for n in snapshot.clauses[clause_id].notes if n.kind == "misprint"]
    assert any(quote in note.quote for note in notes)


def test_the_two_prints_of_the_risk_compensation_contradict_each_other(
    snapshot: Snapshot,
) -> None:
    (note,) = [n for n in snapshot.clauses["jf-2021-67.cs186"].notes if n.kind == "conflict"]
    assert set(note.other) >= {"jf-2021-67.36", "jzbf-2022-7.8"}
    assert note.reading is None, "which of the two is right is not told as a fact"
    assert "jf-2021-67.36" in snapshot.disputes


def test_conflicts_name_other_clauses_and_are_told_once(snapshot: Snapshot) -> None:
    for clause in snapshot.clauses.values():
        for note in clause.notes:
            if note.kind == "conflict":
                assert note.other, clause.id
                assert clause.id not in note.other
    for rows in snapshot.disputes.values():
        sources = [other for other, _ in rows]
        assert len(sources) == len(set(sources))


def test_scopes(snapshot: Snapshot) -> None:
    counts = Counter(clause.scope for clause in snapshot.clauses.values())
    assert set(counts) == {PROVINCE, "山西转型综合改革示范区", "晋创谷", "大同"}
    zone = [d for d in snapshot.documents.values() if d.doc_no.startswith("晋综")]
    assert sum(len(document.clauses) for document in zone) == 51
    for document in zone:
        for clause in document.clauses:
            assert clause.scope == "山西转型综合改革示范区"


def test_renamed_bodies_carry_a_caution(snapshot: Snapshot) -> None:
    for clause in snapshot.clauses.values():
        if "山西银保监局" in (clause.responsible or ()):
            (told,) = [
                c for c in clause.cautions if c.id == "renamed_banking_insurance_regulator_shanxi"
            ]
            assert "2023年7月20日" in told.text
            assert "国家金融监督管理总局山西监管局" in told.text
            return
    pytest.fail("no clause names 山西银保监局")


def test_every_body_printed_as_responsible_is_known(snapshot: Snapshot) -> None:
    known = {form for body in snapshot.authorities.values() for form in body.as_printed}
    names = {name for clause in snapshot.clauses.values() for name in clause.responsible or ()}
    unknown = {name for name in names if name not in known}
    assert {name for name in unknown if not name.endswith("等有关部门")} == set()


def test_every_file_says_who_has_checked_it() -> None:
    files = [p for p in sorted((ROOT / "annotations").glob("*.yml")) if p.stem != "documents"]
    assert len(files) == 14
    for path in files:
        assert 'verified_on: "20' in path.read_text("utf-8"), path.name


def test_the_folder_holds_nothing_else() -> None:
    assert {path.suffix for path in Path(ROOT / "annotations").iterdir()} == {".yml"}
