"""A verdict as the contract's record: what ``/eligibility``, ``/match`` and ``custom`` give."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from bot.policies.answer.places import place_of
from bot.policies.answer.reply import clause_record
from bot.policies.eligibility.facts import Fact
from bot.policies.eligibility.judge import Verdict, judge_programme
from bot.policies.eligibility.programme import Programme
from bot.policies.eligibility.telling import Told, judgement_of, tell
from bot.policies.matching import Combination
from bot.policies.model import Snapshot
from bot.policies.search import Hit

__all__ = [
    "combination_record",
    "fact_record",
    "hit_of",
    "number",
    "programme_record",
    "verdict_record",
    "yuan",
]


def yuan(value: Decimal | None) -> int | float | None:
    """Money as JSON has it: whole 元 as an integer, else to the 分."""
    if value is None:
        return None
    return int(value) if value == value.to_integral_value() else float(round(value, 2))


def hit_of(clause_id: str, verdict: Verdict, snapshot: Snapshot) -> Hit:
    """A clause as a verdict cites it, judged for the programme's own measure."""
    clause = snapshot.clauses[clause_id]
    return Hit(clause, snapshot.document_of(clause), 1.0, judgement_of(clause, verdict, snapshot))


def verdict_record(
    verdict: Verdict, snapshot: Snapshot, told: Told | None = None
) -> dict[str, Any]:
    """The eligibility shape of the contract; ``told`` is what is said of it, if known."""
    told = told or tell(verdict, snapshot)
    clauses = [snapshot.clauses[key] for key in told.clauses]
    return {
        "verdict": verdict.outcome,
        "amount_yuan": yuan(verdict.amount.yuan),
        "amount_kind": verdict.amount.kind,
        "amount_text": told.amount,
        "working": verdict.amount.working if verdict.outcome == "eligible" else "",
        "gaps": list(told.gaps),
        "alternatives": [
            {
                "doc_no": snapshot.document_of(snapshot.clauses[words.clause]).doc_no,
                "clause_id": words.clause,
                "place": place_of(snapshot.clauses[words.clause], snapshot),
                "amount_text": words.words,
                "why": why,
            }
            for words, why in told.alternatives
        ],
        "conditions": [
            {
                "id": checked.id,
                "text": checked.words,
                "result": checked.result,
                "clause_id": checked.clause,
            }
            for checked in verdict.conditions
        ],
        "missing_facts": list(verdict.missing),
        "status": verdict.status,
        "clauses": [
            clause_record(clause, judgement_of(clause, verdict, snapshot), snapshot)
            for clause in clauses
        ],
    }


def combination_record(combination: Combination, snapshot: Snapshot) -> dict[str, Any]:
    """The best combination of the contract."""
    return {
        "total_yuan": yuan(combination.total),
        "programme_ids": list(combination.programmes),
        "parts": {key: yuan(value) for key, value in combination.parts.items()},
        "left_out": [
            {
                "programme_id": left.programme,
                "why": snapshot.phrases(
                    "verdict.left_out",
                    instead=snapshot.programmes[left.instead].name,
                    words=left.words.words,
                ),
            }
            for left in combination.left_out
        ],
    }


def fact_record(fact: Fact) -> dict[str, Any]:
    """A fact that may be given."""
    return {
        "id": fact.id,
        "type": fact.type,
        "unit": fact.unit or {"money": "元"}.get(fact.type, ""),
        "name": fact.name,
        "question": fact.question,
        "choices": [{"id": choice.id, "name": choice.name} for choice in fact.choices],
        "least": yuan(fact.least) if fact.type in _NUMBERS else None,
        "most": yuan(fact.most) if fact.type in _NUMBERS else None,
    }


def programme_record(programme: Programme, day: date, snapshot: Snapshot) -> dict[str, Any]:
    """A programme with everything known of it, its status judged on a day."""
    nothing = snapshot.facts.complete({})
    verdict = judge_programme(programme, nothing, day, snapshot.facts, snapshot.repealed(programme))
    record = verdict_record(verdict, snapshot)
    said = programme.amount.said(day)
    period = programme.period
    return {
        "id": programme.id,
        "name": programme.name,
        "aliases": list(programme.aliases),
        "kind": programme.kind,
        "authority": programme.authority,
        "region": programme.region.id,
        "status": verdict.status,
        "valid_from": period.starts if period.stated else None,
        "valid_until": period.ends,
        "clause_ids": list(programme.references),
        "parameters": [
            {
                "name": name,
                "description": history.description,
                "unit": history.unit,
                "values": [
                    {
                        "since": figure.since,
                        "value": None if figure.value is None else number(figure.value),
                        "clause_id": figure.clause or None,
                    }
                    for figure in history.values
                ],
            }
            for name, history in programme.parameters.items()
        ],
        "conditions": record["conditions"],
        "amount_kind": programme.amount.kind,
        "amount_text": said.words if said else "",
        "per": programme.amount.per,
        "facts": list(programme.facts),
        "excludes": [key for one in programme.excludes for key in one.programmes],
        "alternatives": record["alternatives"],
        "guide": {
            name: {"words": words.words, "clause_id": words.clause} if words else None
            for name, words in (programme.guide or {}).items()
        },
        "not_modelled": list(programme.not_modelled),
        "cautions": list(programme.cautions),
    }


_NUMBERS = frozenset({"integer", "money", "ratio"})


def number(value: Decimal) -> int | float:
    """A number as JSON has it."""
    return int(value) if value == value.to_integral_value() else float(value)
