"""The words of an answer: status first where it is bad news, then the point, then the source."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date

from bot.policies.answer.places import cite, elsewhere, issuer_said
from bot.policies.answer.reply import cautions_of
from bot.policies.model import PROVINCE, Document, Phrases, Span
from bot.policies.search import Hit, Search
from bot.policies.validity import Status

__all__ = ["answer_text", "chinese_date", "point", "status_sentence"]

# Some sources print half-width punctuation.
_SENTENCE = re.compile(r"[^。；;]+[。；;]?")
_FIGURE = re.compile(r"\d")
_WAY = re.compile(r"申请|申报|免申即享|办理|受理|登记|向各市")
_AMOUNT = re.compile(r"\d+(?:\.\d+)?\s*(?:[万亿]?元|%|‰|个百分点|个月)|分级奖励|免收|免费|全额")
_ANY_FIGURE = ((_FIGURE, 1.5),)
_PREFERRED = {
    "ask_amount": ((_AMOUNT, 3.0), (_FIGURE, 1.2)),
    "ask_how_to_apply": ((_WAY, 2.0),),
}
_THIS_YEAR = re.compile(r"今年|当年|年内")
_SHORT = 130  # characters; a clause up to this length is quoted whole


def chinese_date(day: date) -> str:
    """2026年11月21日."""
    return f"{day.year}年{day.month}月{day.day}日"


def status_sentence(
    status: Status, span: Span | None, document: Document, phrases: Phrases, as_of: date
) -> str:
    """How the status of a measure is said, with the words that state it."""
    if status == "not_stated":
        if document.year is None:
            return phrases("status.not_stated.opening_no_year")
        years = as_of.year - document.year
        age = phrases("status.not_stated.age", years=years) if years > 0 else ""
        return phrases("status.not_stated.opening", year=document.year, age=age)
    words = span.stated_by if span else ""
    if status == "repealed" and document.repealed is not None:
        words = document.repealed.words
    said = phrases(f"status.{status}.opening", words=words, as_of=chinese_date(as_of))
    if document.year is not None and _THIS_YEAR.search(words):
        said += phrases("status.this_year", year=document.year)
    return said


def point(hit: Hit, features: Mapping[str, float], intent: str, search: Search) -> str:
    """The sentences of the clause that answer best; its own words, in its own order.

    Args:
        hit: the clause.
        features: the question's features with their weights.
        intent: what is asked; an application prefers sentences that say how, an
            amount those that name one, all else those with any figure.
        search: tells how much a sentence has in common with the question.
    """
    clause = hit.clause.text
    if len(clause) <= _SHORT:
        return clause
    sentences = [match[0].strip() for match in _SENTENCE.finditer(clause)]
    # What is quoted and what is judged must be one measure.
    allowed = [i for i, sentence in enumerate(sentences) if sentence in hit.judgement.measure]
    likeness = {
        i: search.likeness(sentences[i], features) for i in allowed or [*range(len(sentences))]
    }
    if intent == "ask_amount":
        # Whoever asks how much wants a sum, however much another sentence has in common.
        sums = {i: v for i, v in likeness.items() if v > 0 and _AMOUNT.search(sentences[i])}
        likeness = sums or likeness
    best, best_score = min(likeness), 0.0
    for index, score in likeness.items():
        for pattern, factor in _PREFERRED.get(intent, _ANY_FIGURE):
            score *= factor if pattern.search(sentences[index]) else 1
        if index == 0:
            score *= 0.7  # mostly a title; it is quoted together with what follows
        if score > best_score:
            best, best_score = index, score
    chosen = sentences[best]
    if best == 0 and 1 in allowed:
        chosen += sentences[1]
    return chosen.rstrip("；;")


def answer_text(
    hit: Hit, features: Mapping[str, float], intent: str, search: Search, as_of: date
) -> str:
    """The whole answer.

    A measure that is over, repealed or not yet begun is said to be so in the
    first sentence.
    """
    clause, document, judgement = hit.clause, hit.document, hit.judgement
    phrases = search.snapshot.phrases
    status = status_sentence(judgement.status, judgement.span, document, phrases, as_of)
    quoted = point(hit, features, intent, search)
    quote = phrases("answer.quote", quote=quoted.rstrip("。"))
    responsible = (
        phrases("answer.responsible", names="、".join(clause.responsible))
        if clause.responsible
        else issuer_said(document, phrases)
    )
    lines = []
    if intent == "ask_amount" and not _AMOUNT.search(quoted):
        lines.append(phrases("answer.amount_missing"))
    lines.append(quote)
    if intent == "ask_how_to_apply" and not _WAY.search(quoted):
        lines.append(phrases("answer.how_missing"))
    others = _others(hit, phrases)
    if not features and others and judgement.status != "repealed":
        # Asked for by its number: no one measure is meant, so none stands for all.
        status, others = phrases("answer.several", list=_periods(hit, phrases)), None
    first_status = judgement.status in {"expired", "repealed", "not_yet"}
    if intent == "ask_department":
        lines.insert(0, responsible)
    if first_status or intent == "ask_validity":
        lines.insert(0, status)
    else:
        lines.append(status)
    if others:
        lines.append(others)
    lines.append(cite(clause, search.snapshot))
    if clause.scope == PROVINCE:
        lines.append(phrases("answer.scope_province"))
    else:
        # Nobody elsewhere may take it for theirs: said before anything else.
        lines.insert(0, phrases("answer.scope_other", scope=clause.scope))
    lines += elsewhere(clause, search.snapshot)
    if intent != "ask_department":
        lines.append(responsible)
    lines += [phrases("answer.caution", text=text) for text in cautions_of(clause, search.snapshot)]
    if quoted != clause.text:
        lines.append(phrases("answer.whole", text=clause.text))
    lines.append(phrases("answer.reminder"))
    return "\n".join(lines)


def _others(hit: Hit, phrases: Phrases) -> str | None:
    said = [_period(status, span, phrases) for status, span in hit.judgement.others]
    return phrases("answer.other_measures", list="；".join(dict.fromkeys(said))) if said else None


def _periods(hit: Hit, phrases: Phrases) -> str:
    """Every measure of the clause with its period and status."""
    said = (_period(status, span, phrases) for status, span in hit.judgement.every)
    return "；".join(dict.fromkeys(said))


def _period(status: Status, span: Span | None, phrases: Phrases) -> str:
    if span is None or status == "not_stated":
        return phrases("answer.other_not_stated")
    badge = phrases(f"status.{status}.badge")
    return phrases("answer.other_stated", words=span.stated_by, badge=badge)
