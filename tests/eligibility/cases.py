"""YAML cases of programmes: reading, running, and what a set of them must hold."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml

from bot.policies.eligibility.conditions import All, Comparison, Parameter, comparisons
from bot.policies.eligibility.facts import FactBook
from bot.policies.eligibility.judge import Verdict, judge_programme
from bot.policies.eligibility.programme import Programme

KEYS = {"name", "as_of", "with", "without", "verdict"}
EXPECTED = {"verdict", "amount", "kind", "fails", "missing", "status", "working"}


@dataclass(frozen=True)
class Case:
    """One case: what is told on which day, and what must come out."""

    programme: str
    name: str
    as_of: date
    facts: Mapping[str, Any]
    expected: Mapping[str, Any]


def read_cases(path: Path) -> list[Case]:
    """The cases of one file.

    Raises:
        ValueError: a key is unknown or lacking.
    """
    content = yaml.safe_load(path.read_text("utf-8"))
    if set(content) - {"programme", "base", "cases"}:
        raise ValueError(f"{path.name}: 未知的键 {set(content) - {'programme', 'base', 'cases'}}")
    if content["programme"] != path.stem:
        raise ValueError(f"{path.name}: programme 应与文件名相同")
    found = []
    for row in content["cases"]:
        if set(row) - KEYS - EXPECTED or not {"name", "as_of", "verdict"} <= set(row):
            raise ValueError(f"{path.name}: {row.get('name')}: 键有误 {set(row) - KEYS - EXPECTED}")
        needed = {"eligible": "amount", "ineligible": "fails", "unknown": "missing"}
        if needed[row["verdict"]] not in row:
            raise ValueError(f"{path.name}: {row['name']}: 缺少 {needed[row['verdict']]}")
        facts = {**content.get("base", {}), **row.get("with", {})}
        for fact in row.get("without", ()):
            del facts[fact]
        expected = {k: v for k, v in row.items() if k in EXPECTED}
        day = date.fromisoformat(row["as_of"])
        found.append(Case(content["programme"], row["name"], day, facts, expected))
    if len({case.name for case in found}) < len(found):
        raise ValueError(f"{path.name}: 用例名称有重复")
    return found


def run(case: Case, programme: Programme, book: FactBook, repealed: bool) -> Verdict:
    """The verdict of a case."""
    return judge_programme(programme, book.read(case.facts), case.as_of, book, repealed)


def differences(case: Case, verdict: Verdict) -> Iterator[str]:
    """Where a verdict is not what the case expects."""
    told: dict[str, Any] = {
        "verdict": verdict.outcome,
        "status": verdict.status,
        "kind": verdict.amount.kind,
        "working": verdict.amount.working,
        "fails": {gap.condition for gap in verdict.gaps},
        "missing": set(verdict.missing),
        "amount": verdict.amount.yuan,
    }
    for key, wanted in case.expected.items():
        if key in ("fails", "missing"):
            wanted = set(wanted)
        if key == "amount" and wanted is not None:
            wanted = Decimal(str(wanted))
        if told[key] != wanted:
            yield f"{key}: 应为 {wanted!r}，得到 {told[key]!r}"


def lacking(programme: Programme, cases: list[Case], book: FactBook) -> Iterator[str]:
    """What a programme's cases must hold and do not."""
    verdicts = {case.expected["verdict"] for case in cases}
    closed = programme.period.ends is None or programme.period.ends >= programme.period.starts
    if closed and "eligible" not in verdicts:
        yield "没有一个符合的用例"
    if (
        programme.facts
        and "unknown" not in verdicts
        and (programme.conditions or programme.region.fact)
    ):
        yield "没有一个缺少事实的用例"
    alone = {
        case.expected["fails"][0] for case in cases if len(case.expected.get("fails", ())) == 1
    }
    conditions = programme.conditions
    parts = conditions.parts if isinstance(conditions, All) else (conditions,) if conditions else ()
    for part in parts:
        if isinstance(part, Comparison) and part.id not in alone:
            yield f"没有只差条件 {part.id} 的用例"
    if programme.region.fact and "scope" not in alone:
        yield "没有不在适用地区的用例"
    days = {case.as_of for case in cases}
    for day in _changes(programme):
        for near in (day - timedelta(1), day):
            if near not in days:
                yield f"没有 {near} 的用例（{day} 有变化）"
    if programme.period.ends and max(days) <= programme.period.ends:
        yield "没有过期之后的用例"
    for test in comparisons(conditions):
        target = test.operand
        if test.operator in ("gte", "lte") and not isinstance(target, (Parameter, tuple, date)):
            at = any(
                case.facts.get(test.fact) is not None
                and book.facts[test.fact].value(case.facts[test.fact]) == target
                for case in cases
            )
            if not at:
                yield f"没有 {test.fact} 恰好等于 {target} 的用例"


def _changes(programme: Programme) -> set[date]:
    """The days on which something changes: figures after the first, and the day after the end."""
    days = {
        figure.since
        for history in programme.parameters.values()
        for figure in history.values
        if figure.since > programme.period.starts
    }
    if programme.period.stated:
        days.add(programme.period.starts)
    if programme.period.ends is not None:
        days.add(programme.period.ends + timedelta(1))
    return days


__all__ = ["Case", "differences", "lacking", "read_cases", "run"]
