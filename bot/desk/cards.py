"""What an operator says to a caller: one card a programme or clause, nothing but its own words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from bot.policies.answer.compose import status_sentence
from bot.policies.answer.places import place_of
from bot.policies.answer.point import point
from bot.policies.answer.reply import cautions_of
from bot.policies.answer.verdicts import fact_record
from bot.policies.eligibility.amounts import facts_of
from bot.policies.eligibility.conditions import comparisons
from bot.policies.eligibility.facts import Told
from bot.policies.eligibility.judge import Verdict, judge_programme
from bot.policies.eligibility.programme import GUIDE, Programme, Words
from bot.policies.eligibility.telling import judgement_of, tell
from bot.policies.model import PROVINCE, Authority, Clause, Snapshot
from bot.policies.search import Hit, Search

__all__ = ["clause_card", "deciding", "judged", "programme_card"]

_QUESTIONS = 2  # that decide
_BAD_NEWS = ("expired", "repealed", "not_yet")


def judged(programme: Programme, told: Told, day: date, snapshot: Snapshot) -> Verdict:
    """The verdict on a programme."""
    return judge_programme(programme, told, day, snapshot.facts, snapshot.repealed(programme))


def programme_card(
    programme: Programme, told: Told, day: date, snapshot: Snapshot, score: float
) -> dict[str, Any]:
    """The card of a programme, judged for the caller as far as the facts are known."""
    phrases = snapshot.phrases
    verdict = judged(programme, told, day, snapshot)
    principal = snapshot.clauses[programme.references[0]]
    words = _amount_words(verdict)
    quoted = snapshot.clauses[words.clause] if words else principal
    said = phrases("desk.said.amount", words=words.words) if words else phrases("desk.said.none")
    place = place_of(quoted, snapshot)
    say = phrases(f"desk.say.{verdict.status}", name=programme.title, place=place, said=said)
    guide = programme.guide or {}
    return {
        "id": programme.id,
        "kind": "programme",
        "name": programme.name,
        "say": say,
        "status": verdict.status,
        "warning": _warning(verdict, principal, snapshot),
        "scope": programme.region.name,
        "authority": _name(programme.authority, snapshot),
        "amount_text": tell(verdict, snapshot).amount,
        "deciding": deciding(verdict, snapshot),
        "place": place,
        "doc_no": snapshot.document_of(quoted).doc_no,
        "clause_id": quoted.id,
        "text": quoted.text,
        "never": _never(verdict, principal, snapshot),
        "transfer": _transfer(programme.authority, principal, snapshot),
        "conditions": [c.words for c in verdict.conditions if c.id not in ("validity", "scope")],
        "guide": {phrases(f"guide.{key}"): _words(guide.get(key)) for key in GUIDE},
        "clause_ids": list(programme.references),
        "score": round(score, 4),
    }


def clause_card(
    hit: Hit, weights: Mapping[str, float], search: Search, day: date
) -> dict[str, Any]:
    """The card of a clause that belongs to no programme."""
    snapshot, clause, judgement = search.snapshot, hit.clause, hit.judgement
    phrases, place = snapshot.phrases, place_of(clause, snapshot)
    quoted = point(hit, weights, "ask_policy", search).rstrip("。")
    abroad = clause.scope != PROVINCE
    never = [phrases("desk.never.sure")]
    if judgement.status in (*_BAD_NEWS, "not_stated"):
        never.append(phrases(f"desk.never.{judgement.status}"))
    if abroad:
        never.append(phrases("desk.never.scope", region=clause.scope))
    return {
        "id": clause.id,
        "kind": "clause",
        "name": clause.caption,
        "say": phrases(f"desk.say_clause.{judgement.status}", place=place, words=quoted),
        "status": judgement.status,
        "warning": status_sentence(judgement.status, judgement.span, hit.document, phrases, day),
        "scope": clause.scope if abroad else phrases("answer.province"),
        "authority": "、".join(clause.responsible or ()) or (hit.document.issuer or ""),
        "amount_text": "",
        "deciding": [],
        "place": place,
        "doc_no": hit.document.doc_no,
        "clause_id": clause.id,
        "text": clause.text,
        "never": never + cautions_of(clause, snapshot),
        "transfer": _transfer(None, clause, snapshot),
        "conditions": [],
        "guide": {},
        "clause_ids": [clause.id],
        "score": round(hit.score, 4),
    }


def deciding(verdict: Verdict, snapshot: Snapshot) -> list[dict[str, Any]]:
    """The questions that decide most, each with the words of the source that ask for it."""
    rows = []
    for key in verdict.missing[:_QUESTIONS]:
        why = _why(verdict.programme, key, snapshot)
        rows.append({**fact_record(snapshot.facts.facts[key]), "why": why})
    return rows


def _why(programme: Programme, fact: str, snapshot: Snapshot) -> str:
    if programme.region.fact == fact:
        return snapshot.phrases("interview.why_scope", region=programme.region.name).rstrip("，")
    for test in comparisons(programme.conditions):
        if test.fact == fact and test.words:
            return snapshot.phrases("interview.why", words=test.words).rstrip("，")
    if fact in facts_of(programme.amount.value):
        return snapshot.phrases("interview.why_amount").rstrip("，")
    return ""


def _amount_words(verdict: Verdict) -> Words | None:
    """The source's words for the amount, of its last day where the programme is over."""
    ends = verdict.programme.period.ends
    over = verdict.status == "expired" and ends is not None
    return verdict.programme.amount.said(ends if over and ends else verdict.as_of)


def _warning(verdict: Verdict, principal: Clause, snapshot: Snapshot) -> str:
    """How the status is said; from the clause's own period where that tells the same."""
    phrases, judgement = snapshot.phrases, judgement_of(principal, verdict, snapshot)
    status, document = verdict.status, snapshot.document_of(principal)
    if status == "not_stated" or judgement.status == status:
        return status_sentence(status, judgement.span, document, phrases, verdict.as_of)
    if status in _BAD_NEWS:
        return phrases(f"verdict.{status}", name=verdict.programme.title)
    return phrases(f"status.{status}.badge")


def _never(verdict: Verdict, principal: Clause, snapshot: Snapshot) -> list[str]:
    """What must not be promised: each from the programme's own data."""
    phrases, programme, rule = snapshot.phrases, verdict.programme, verdict.programme.amount
    lines = [phrases("desk.never.sure")]
    if verdict.status in (*_BAD_NEWS, "not_stated"):
        lines.append(phrases(f"desk.never.{verdict.status}"))
    if rule.kind != "exact":
        lines.append(phrases(f"desk.never.{rule.kind}", why=rule.why))
    if programme.region.scope != PROVINCE:
        lines.append(phrases("desk.never.scope", region=programme.region.name))
    lines += [phrases("compare.not_both", words=each.words.words) for each in programme.excludes]
    lines += [
        phrases(
            "verdict.said.elsewhere",
            words=other.words.words,
            place=place_of(snapshot.clauses[other.words.clause], snapshot),
            why=f"{phrases(f'verdict.why.{other.why}')}{other.note}",
        )
        for other in programme.alternatives
    ]
    lines += [phrases("desk.never.not_modelled", text=text) for text in programme.not_modelled]
    return list(dict.fromkeys([*lines, *programme.cautions, *cautions_of(principal, snapshot)]))


def _transfer(authority: str | None, clause: Clause, snapshot: Snapshot) -> list[dict[str, str]]:
    """Where to pass a caller on to: the authority, then who the clause names, as called today."""
    found: dict[str, Authority] = {}
    if authority is not None and authority in snapshot.authorities:
        found[authority] = snapshot.authorities[authority]
    names = clause.responsible or ()
    for one in snapshot.authorities.values():
        if any(name in one.as_printed for name in names):
            found.setdefault(one.id, one)
    rows = [_passed_on(one, snapshot) for one in found.values()]
    return rows or [{"name": "", "phone": "", "said": snapshot.phrases("desk.transfer.unknown")}]


def _passed_on(one: Authority, snapshot: Snapshot) -> dict[str, str]:
    phrases, now = snapshot.phrases, one.renamed
    name = now.to if now is not None else one.name
    key = "phone" if one.phone else "no_phone"
    said = phrases(f"desk.transfer.{key}", name=name, phone=one.phone or "")
    if now is not None:
        said += phrases("desk.transfer.renamed", name=one.name)
    return {"name": name, "phone": one.phone or "", "said": said}


def _name(authority: str | None, snapshot: Snapshot) -> str:
    found: Sequence[Authority] = [a for a in snapshot.authorities.values() if a.id == authority]
    return found[0].name if found else ""


def _words(words: Words | None) -> str | None:
    return words.words if words is not None else None
