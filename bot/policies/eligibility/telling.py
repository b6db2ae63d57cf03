"""A verdict in words: cautious ones, each figure from a clause or worked out from one."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_UP, Decimal

from bot.policies.eligibility.amounts import parameters_of, quantity
from bot.policies.eligibility.facts import Fact, Value
from bot.policies.eligibility.judge import Gap, Verdict
from bot.policies.eligibility.programme import Words
from bot.policies.model import Clause, Snapshot
from bot.policies.validity import Judgement, judge

__all__ = ["Told", "facts_heard", "facts_said", "judgement_of", "names_said", "tell"]


_TENTH = Decimal("0.001")  # a tenth of a hundredth


@dataclass(frozen=True)
class Told:
    """What is said of a verdict.

    Attributes:
        verdict: the sentence that opens.
        amount: how much, or what the source says of it.
        gaps: what would have to change, a sentence each.
        alternatives: other figures for the same: the place, the words, the reason.
        clauses: all clauses that something said rests on, the principal one first.
    """

    verdict: str
    amount: str
    gaps: tuple[str, ...]
    alternatives: tuple[tuple[Words, str], ...]
    clauses: tuple[str, ...]


def tell(verdict: Verdict, snapshot: Snapshot) -> Told:
    """Put a verdict into the sentences of phrases.yml."""
    programme = verdict.programme
    alternatives = tuple(
        (other.words, f"{snapshot.phrases(f'verdict.why.{other.why}')}{other.note}")
        for other in programme.alternatives
    )
    gaps = tuple(_gap(gap, verdict, snapshot) for gap in verdict.gaps)
    return Told(
        _verdict(verdict, snapshot),
        _amount(verdict, snapshot),
        gaps,
        alternatives,
        _clauses(verdict),
    )


def _verdict(verdict: Verdict, snapshot: Snapshot) -> str:
    phrases, name = snapshot.phrases, verdict.programme.title
    if verdict.status in {"expired", "not_yet", "repealed"}:
        return phrases(f"verdict.{verdict.status}", name=name)
    if verdict.outcome == "unknown":
        return phrases("verdict.unknown", name=name, facts=names_said(verdict.missing, snapshot))
    return phrases(f"verdict.{verdict.outcome}", name=name)


def names_said(facts: Sequence[str], snapshot: Snapshot) -> str:
    """Facts by their names, as a person reads them: “首次升规”、“属于战略性新兴产业”."""
    return "、".join(f"“{snapshot.facts.facts[fact].name}”" for fact in facts)


def _amount(verdict: Verdict, snapshot: Snapshot) -> str:
    phrases, amount, rule = snapshot.phrases, verdict.amount, verdict.programme.amount
    over = verdict.status == "expired" and verdict.programme.period.ends
    said = rule.said(verdict.programme.period.ends if over else verdict.as_of)  # type: ignore[arg-type]
    words = said.words if said else ""
    if verdict.status in {"expired", "repealed"}:
        return phrases("verdict.amount.was", words=words) if words else ""
    if verdict.outcome == "ineligible":
        return phrases("verdict.amount.not", words=words) if words else ""
    if verdict.outcome == "unknown":
        return (
            phrases("verdict.amount.if", words=words) if words else phrases("verdict.amount.none")
        )
    per = phrases("verdict.amount.per", per=rule.per) if rule.per else ""
    if amount.more and amount.yuan is not None and rule.kind != "ceiling":
        facts = names_said(amount.missing, snapshot)
        return phrases(
            f"verdict.amount.{'added' if amount.added else 'sure'}",
            working=amount.working,
            per=per,
            facts=facts,
            more=amount.more,
        )
    if amount.working and not amount.missing:
        if rule.kind == "ceiling":
            return phrases("verdict.amount.ceiling", working=amount.working, per=per, why=rule.why)
        if rule.kind == "exact" and amount.yuan is not None:
            return phrases("verdict.amount.exact", working=amount.working, per=per)
    if amount.missing:
        facts = names_said(amount.missing, snapshot)
        return phrases("verdict.amount.missing", words=words, facts=facts)
    if rule.kind == "ceiling":
        return phrases("verdict.amount.ceiling_words", words=words, why=rule.why)
    return phrases(f"verdict.amount.{'rate' if words else 'none'}", words=words)


def _gap(gap: Gap, verdict: Verdict, snapshot: Snapshot) -> str:
    phrases = snapshot.phrases
    if gap.condition == "validity":
        return phrases(f"verdict.gap.{verdict.status}")
    if gap.condition == "scope":
        return phrases("verdict.gap.scope", region=gap.words)
    if gap.lacking is None:
        return phrases("verdict.gap.change", words=gap.words)
    lacking = gap.lacking
    if gap.unit == "ratio":  # 6.6667% is nothing that anybody counts with
        lacking = lacking.quantize(_TENTH, ROUND_UP)
    said = quantity(lacking, gap.unit)
    if not gap.changeable:
        key = "short" if gap.more else "over"
    else:
        key = "more" if gap.more else "less"
    return phrases(f"verdict.gap.{key}", quantity=said, words=gap.words)


def _clauses(verdict: Verdict) -> tuple[str, ...]:
    """The clauses that what is said rests on."""
    programme, day = verdict.programme, verdict.as_of
    found = [programme.references[0], *(checked.clause for checked in verdict.conditions)]
    if verdict.status == "expired" and programme.period.ends:
        day = programme.period.ends
    said = programme.amount.said(day)
    found += [said.clause] if said else []
    for name in parameters_of(programme.amount.value):
        figure = programme.parameters[name].at(day)
        found += [figure.clause] if figure else []
    found += [other.words.clause for other in programme.alternatives]
    found += [exclusion.words.clause for exclusion in programme.excludes]
    found += [words.clause for words in (programme.guide or {}).values() if words is not None]
    return tuple(dict.fromkeys(found))


def judgement_of(clause: Clause, verdict: Verdict, snapshot: Snapshot) -> Judgement:
    """The status of that measure of a clause which the programme's words speak of."""
    programme = verdict.programme
    words = [dated.words.words for dated in programme.amount.words]
    words += [checked.words for checked in verdict.conditions]

    def likeness(text: str) -> float:
        return float(sum(len(part) for part in words if part and part in text))

    return judge(clause, snapshot.document_of(clause), verdict.as_of, likeness)


def facts_said(facts: Mapping[str, Value], snapshot: Snapshot) -> str:
    """What a firm has told, as a person reads it: 年营业收入：3200万元、在晋创谷：否."""
    parts = []
    for key, value in facts.items():
        fact = snapshot.facts.facts[key]
        parts.append(
            snapshot.phrases("interview.fact", name=fact.name, value=_value(fact, value, snapshot))
        )
    return "、".join(parts)


_DENIES = re.compile(r"[不没未无非否别]")


def facts_heard(heard: Mapping[str, Value], text: str, snapshot: Snapshot) -> str:
    """Of what was heard that which a message says itself, as a person reads it.

    Whoever keeps a restaurant is not told that it is no data firm.
    """
    denies = _DENIES.search(text) is not None
    said = {key: value for key, value in heard.items() if value is not False or denies}
    return facts_said(said or heard, snapshot)


def _value(fact: Fact, value: Value, snapshot: Snapshot) -> str:
    if isinstance(value, bool):
        return snapshot.phrases("interview.yes" if value else "interview.no")
    if fact.type == "choice":
        return fact.choice_name(str(value))
    if not isinstance(value, int | Decimal):
        return str(value)
    if fact.unit == "年" and (fact.least or 0) > 1000:
        return f"{value}年"
    return quantity(Decimal(value), fact.measure)
