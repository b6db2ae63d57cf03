"""What must be true between a programme and its clauses: every word and figure has its place."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from decimal import Decimal

from bot.policies.eligibility.amounts import (
    Choose,
    Combine,
    Expression,
    Number,
    Tiers,
    Uplift,
    When,
    parameters_of,
)
from bot.policies.eligibility.conditions import Parameter, comparisons
from bot.policies.eligibility.facts import FactBook
from bot.policies.eligibility.figures import stands_in
from bot.policies.eligibility.programme import Programme, Words
from bot.policies.model import Clause, Document

__all__ = ["programme_faults", "shared_faults"]

_CAP = re.compile(r"最高|最多|不超过|不高于|上限|封顶|以内")
_UNIT_OF_FACT = {"money": "CNY", "ratio": "ratio"}


def programme_faults(
    programme: Programme,
    clauses: Mapping[str, Clause],
    documents: Mapping[str, Document],
    book: FactBook,
) -> Iterator[tuple[str, str]]:
    """Faults of one programme as (key, message)."""
    for key in programme.references:
        if key not in clauses:
            yield "references", f"没有 {key} 这一条"
    known = [key for key in programme.references if key in clauses]
    if len(known) < len(programme.references):
        return
    yield from _words(programme, clauses, documents)
    yield from _figures(programme, clauses, book)
    yield from _dates(programme, clauses)
    yield from _amount(programme)
    principal = clauses[programme.references[0]]
    if principal.scope != programme.region.scope:
        yield "region", f"{principal.id} 适用于 {principal.scope}"


def _words(
    programme: Programme, clauses: Mapping[str, Clause], documents: Mapping[str, Document]
) -> Iterator[tuple[str, str]]:
    said: list[tuple[str, Words]] = [
        (f"conditions.{test.id}", Words(test.words, test.clause))
        for test in comparisons(programme.conditions)
    ]
    said += [("amount.words", dated.words) for dated in programme.amount.words]
    said += [("excludes", exclusion.words) for exclusion in programme.excludes]
    said += [("alternatives", other.words) for other in programme.alternatives]
    said += [(f"guide.{k}", w) for k, w in (programme.guide or {}).items() if w is not None]
    for key, words in said:
        clause = clauses.get(words.clause)
        if clause is None:
            yield key, f"没有 {words.clause} 这一条"
        elif not words.words:
            yield key, "缺少 words：这个条件在原文里是怎么说的"
        elif not any(words.words in text for text in _printed(clause, documents)):
            yield key, f"{words.clause} 中没有这几个字：{words.words}"
        elif words.clause not in programme.references and key not in ("alternatives", "excludes"):
            yield key, f"{words.clause} 不在 references 中"
    ids = [test.id for test in comparisons(programme.conditions)]
    for key in {key for key in ids if ids.count(key) > 1}:
        yield "conditions", f"{key} 重复"


def _printed(clause: Clause, documents: Mapping[str, Document]) -> list[str]:
    """Where the words of a condition may stand: the clause, its headings, its document's title."""
    title = documents[clause.document_id].title
    return [t for t in (clause.text, clause.section, clause.subsection, clause.part, title) if t]


def _readable(clause: Clause) -> str:
    """The text with the readings of its misprints behind it."""
    return " ".join([clause.text, *(note.reading for note in clause.notes if note.reading)])


def _figures(
    programme: Programme, clauses: Mapping[str, Clause], book: FactBook
) -> Iterator[tuple[str, str]]:
    for name, history in programme.parameters.items():
        for figure in history.values:
            key = f"parameters.{name}.{figure.since}"
            if figure.value is None:
                continue
            if figure.clause not in clauses:
                yield key, f"没有 {figure.clause} 这一条"
            elif figure.clause not in programme.references:
                yield key, f"{figure.clause} 不在 references 中"
            elif not stands_in(figure.value, history.unit, _readable(clauses[figure.clause])):
                yield key, f"{figure.clause} 中没有 {figure.value} {history.unit}"
    for test in comparisons(programme.conditions):
        fact, operand = book.facts[test.fact], test.operand
        unit = _UNIT_OF_FACT.get(fact.type, fact.unit)
        for value in operand if isinstance(operand, tuple) else (operand,):
            number = isinstance(value, int | Decimal) and not isinstance(value, bool)
            if number and value and test.clause in clauses:
                text = _readable(clauses[test.clause])
                if not stands_in(Decimal(value), unit, text):  # type: ignore[arg-type]
                    yield f"conditions.{test.id}", f"{test.clause} 中没有 {value} {unit}"


def _dates(programme: Programme, clauses: Mapping[str, Clause]) -> Iterator[tuple[str, str]]:
    ends = {span.ends for key in programme.references for span in clauses[key].validity}
    until = programme.period.ends
    if until is not None and until not in ends:
        yield "validity.until", f"所引条文没有载明 {until} 到期"
    principal = clauses[programme.references[0]]
    whole = [span for span in principal.validity if span.governs is None and span.ends]
    if until is None and whole and len(programme.references) == 1:
        yield "validity.until", f"{principal.id} 载明 {whole[0].ends} 到期"
    if (
        programme.period.stated
        and until is None
        and not any(span.starts for key in programme.references for span in clauses[key].validity)
    ):
        yield "validity.stated", "所引条文没有载明起止"


def _amount(programme: Programme) -> Iterator[tuple[str, str]]:
    rule = programme.amount
    capped = any(_CAP.search(dated.words.words) for dated in rule.words)
    if capped and rule.kind == "exact" and not (rule.value and _has_cap(rule.value)):
        yield "amount.kind", "原文说的是上限，不能当作确定的金额"
    if rule.kind == "none" and rule.value is not None:
        yield "amount.value", "没有金额的事项不该有算式"
    if rule.kind == "exact" and rule.value is None:
        yield "amount.value", "缺少算式"
    used = {*parameters_of(rule.value)}
    used |= {
        test.operand.name
        for test in comparisons(programme.conditions)
        if isinstance(test.operand, Parameter)
    }
    for name in programme.parameters:
        if name not in used:
            yield f"parameters.{name}", "没有用到"


def _has_cap(expression: Expression) -> bool:
    match expression:
        case Combine(operation, parts):
            return operation == "least" or any(map(_has_cap, parts))
        case When(_, then, otherwise):
            return _has_cap(then) or _has_cap(otherwise)
        case Uplift(base, share, _):
            return _has_cap(base) or _has_cap(share)
        case Tiers(_, steps):
            return any(_has_cap(value) for _, value in steps)
        case Choose(_, values):
            return any(map(_has_cap, values.values()))
        case Number():
            return False
    return False


def shared_faults(programmes: Mapping[str, Programme], book: FactBook) -> Iterator[tuple[str, str]]:
    """Faults between programmes, as (programme or fact, message): names shared, facts unused."""
    by_name: dict[str, list[str]] = defaultdict(list)
    for programme in programmes.values():
        for name in {programme.name, *programme.aliases}:
            by_name[name].append(programme.id)
    for name, owners in by_name.items():
        if len(owners) > 1:
            yield owners[-1], f"名称“{name}”与 {'、'.join(owners[:-1])} 相同"
    used = {fact for programme in programmes.values() for fact in programme.facts}
    for rule in book.derivations:
        used.add(rule.fact)
        used |= {*rule.asks}
    for fact in book.facts.values():
        if programmes and fact.id not in used and fact.type != "choice":
            yield fact.id, "没有事项用到这个事实"
