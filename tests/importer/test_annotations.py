"""What was written by hand about the clauses stands on the clauses' own words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

Row = dict[str, Any]


@pytest.fixture(scope="module")
def rows(source_path: Path) -> dict[str, Row]:
    path = source_path.parents[1] / "annotations" / "jzf-2022-14.yml"
    content = yaml.safe_load(path.read_text("utf-8"))
    assert content["document"] == "jzf-2022-14"
    return dict(content["clauses"])


@pytest.fixture
def texts(document: Row) -> dict[str, str]:
    return {clause["id"]: clause["text"] for clause in document["clauses"]}


def spans(rows: dict[str, Row]) -> Iterator[tuple[str, Row]]:
    for clause_id, row in rows.items():
        for span in row["validity"]:
            yield clause_id, span


def test_every_clause_has_an_entry_of_one_shape(
    rows: dict[str, Row], texts: dict[str, str]
) -> None:
    assert list(rows) == list(texts)
    for clause_id, row in rows.items():
        assert list(row) == ["validity", "notes", "cautions", "internal", "verified_on"], clause_id


def test_quoted_words_stand_once_in_the_clause(rows: dict[str, Row], texts: dict[str, str]) -> None:
    for clause_id, span in spans(rows):
        for words in (span["governs"], span["stated_by"]):
            assert words is None or texts[clause_id].count(words) == 1, (clause_id, words)
        assert span["stated_by"] in (span["governs"] or texts[clause_id]), clause_id
    for clause_id, row in rows.items():
        for note in row["notes"]:
            assert texts[clause_id].count(note["quote"]) == 1, (clause_id, note["quote"])
            assert note["kind"] in {"misprint", "reading"}
            assert note["why"]


def test_governed_words_do_not_overlap(rows: dict[str, Row], texts: dict[str, str]) -> None:
    for clause_id, row in rows.items():
        taken: set[int] = set()
        for span in row["validity"]:
            if span["governs"] is None:
                assert len(row["validity"]) == 1, clause_id
                continue
            start = texts[clause_id].index(span["governs"])
            place = set(range(start, start + len(span["governs"])))
            assert not place & taken, clause_id
            taken |= place


def test_periods(rows: dict[str, Row]) -> None:
    found = [
        (clause_id.removeprefix("jzf-2022-14."), span["from"], span["until"])
        for clause_id, span in spans(rows)
    ]
    year = ("2022-01-01", "2022-12-31")
    assert found == [
        ("7", None, "2022-12-31"),
        ("7", None, "2022-12-31"),
        ("8", *year),
        ("8", *year),
        ("8", None, "2022-12-31"),
        ("9", None, "2025-12-31"),
        ("9", None, "2025-12-31"),
        ("10", None, "2022-12-31"),
        ("34", *year),
        ("35", *year),
        ("36", *year),
        ("36", "2022-06-01", "2022-12-31"),
        ("37", "2022-06-01", "2022-12-31"),
        ("41", None, "2022-12-31"),
        ("42", None, "2022-12-31"),
    ]
    for _, begins, ends in found:
        assert date.fromisoformat(begins or "2022-01-01") < date.fromisoformat(ends)


def test_the_year_of_a_period_is_printed_or_is_the_year_of_issue(rows: dict[str, Row]) -> None:
    for clause_id, span in spans(rows):
        words = span["stated_by"]
        assert span["until"][:4] in words or "今年" in words, clause_id


def test_cautions_and_internal_clauses(rows: dict[str, Row]) -> None:
    cautions = Counter(key for row in rows.values() for key in row["cautions"])
    assert cautions == {
        "national_tax": 4,
        "national_social_insurance": 2,
        "national_finance": 4,
        "housing_fund": 2,
        "epidemic": 3,
    }
    internal = [clause_id for clause_id, row in rows.items() if row["internal"]]
    assert internal == ["jzf-2022-14.44", "jzf-2022-14.45", "jzf-2022-14.46"]


def test_suspected_misprints(rows: dict[str, Row]) -> None:
    found = {
        clause_id: (note["quote"], note["reading"])
        for clause_id, row in rows.items()
        for note in row["notes"]
        if note["kind"] == "misprint"
    }
    assert found == {
        "jzf-2022-14.1": (
            "一次性全额退还存量留抵退税政策范围",
            "一次性全额退还存量留抵税额政策范围",
        ),
        "jzf-2022-14.17": ("超超低排放改造", "超低排放改造"),
        "jzf-2022-14.29": (
            "持续深化非常规天然气增储上产。持续深化非常规天然气增储上产。",
            "持续深化非常规天然气增储上产。",
        ),
    }
