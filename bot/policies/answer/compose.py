"""The words of an answer: status first where it is bad news, then the point, then the source."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from datetime import date

from bot.policies.answer.definitions import Definition
from bot.policies.answer.needs import (
    NO_GUIDE,
    OF_THE_MEASURE,
    needs_answered,
    needs_of,
    needs_said,
)
from bot.policies.answer.places import cite, elsewhere, issuer_said
from bot.policies.answer.point import names_an_amount, point, states_a_ceiling
from bot.policies.answer.reply import cautions_of
from bot.policies.model import PROVINCE, Document, Phrases, Span
from bot.policies.search import Hit, Search
from bot.policies.validity import Status

__all__ = [
    "BAD_NEWS",
    "OF_THE_WAY",
    "answer_text",
    "chinese_date",
    "definition_text",
    "next_questions",
    "others_said",
    "points_of",
    "status_sentence",
    "whom_of",
]

BAD_NEWS = frozenset({"expired", "repealed", "not_yet"})
"""Statuses that are said in the first sentence."""
OF_THE_WAY = frozenset({"ask_how_to_apply", "ask_department"})
"""What is asked of the way to a measure, not of the measure."""
_THIS_YEAR = re.compile(r"今年|当年|年内")
# What can be asked next, and the intent that it has.
_NEXT = {
    "validity": "ask_validity",
    "department": "ask_department",
    "apply": "ask_how_to_apply",
}


def chinese_date(day: date) -> str:
    """2026年11月21日."""
    return f"{day.year}年{day.month}月{day.day}日"


def status_sentence(
    status: Status,
    span: Span | None,
    document: Document,
    phrases: Phrases,
    as_of: date,
    *,
    said: bool = False,
) -> str:
    """How the status of a measure is told, with the words that state it.

    ``said``: that it is over, repealed or not yet begun has been said just before.
    """
    if status == "not_stated":
        if document.year is None:
            return phrases("status.not_stated.opening_no_year")
        years = as_of.year - document.year
        age = phrases("status.not_stated.age", years=years) if years > 0 else ""
        return phrases("status.not_stated.opening", year=document.year, age=age)
    words = span.stated_by if span else ""
    if status == "repealed" and document.repealed is not None:
        words = document.repealed.words
    form = "after" if said and status != "in_force" else "opening"
    sentence = phrases(f"status.{status}.{form}", words=words, as_of=chinese_date(as_of))
    if document.year is not None and _THIS_YEAR.search(words):
        sentence += phrases("status.this_year", year=document.year)
    return sentence


def answer_text(
    hit: Hit,
    features: Mapping[str, float],
    asked: Sequence[str],
    search: Search,
    as_of: date,
    figures: Sequence[str] = (),
    meant: Sequence[str] = (),
    wanted: Sequence[str] = (),
    guide: Mapping[str, str] = NO_GUIDE,
    given: str = "",
    others_called: Collection[str] = (),
) -> str:
    """The whole answer, a line for each thing said; ``figures`` are those of its programme.

    ``meant`` are the words that the programme which is meant rests on, ``wanted`` what of
    :data:`~bot.policies.answer.needs.NEEDS` is asked for by name: that is answered first,
    by the programme's ``guide`` where there is one. ``given`` are the words for what the
    programme gives, ``others_called`` the names of the clause's other measures.

    A measure that is over, repealed or not yet begun is said to be so in the first
    sentence, and so is one that holds in a zone only. Then the point, for each thing that
    is ``asked``; status on the day; scope; source; what a firm needs next; doubts; the
    clause's whole text; what can be asked next.
    """
    clause, document, judgement = hit.clause, hit.document, hit.judgement
    phrases = search.snapshot.phrases
    status = status_sentence(judgement.status, judgement.span, document, phrases, as_of)
    others = others_said(hit, phrases)
    if not features and others and judgement.status != "repealed":
        # Asked for by its number: no one measure is meant, so none stands for all.
        status, others = phrases("answer.several", list=_periods(hit, phrases)), None
    points = points_of(hit, features, asked, search, meant, given)
    status_first = judgement.status in BAD_NEWS or asked[0] == "ask_validity"
    abroad = clause.scope != PROVINCE
    found = needs_of(clause.text, judgement.measure, guide, wanted, meant, others_called)
    whom, needs = whom_of(hit, phrases), needs_said(found, phrases)
    of_whom = "ask_department" in asked
    way = needs_answered(wanted, found, whom, phrases, of_whom=of_whom)

    lines: list[str | None] = []
    # Nobody elsewhere may take it for theirs: said before anything else.
    lines.append(phrases("answer.scope_other", scope=clause.scope) if abroad else None)
    lines.append(status if status_first else None)
    of_the_measure = not set(wanted).isdisjoint(OF_THE_MEASURE)
    lines += way if asked[0] in OF_THE_WAY or of_the_measure else []
    if "ask_amount" in asked and not any(map(names_an_amount, points)):
        lines.append(phrases("answer.amount_missing"))
    lines += [phrases("answer.quote", quote=words.rstrip("。")) for words in points]
    lines.append(phrases("answer.ceiling") if any(map(states_a_ceiling, points)) else None)
    lines += figures
    lines += [line for line in way if line not in lines]
    lines.append(status if not status_first else None)
    lines.append(others)
    lines.append(phrases("answer.scope_province") if not abroad else None)
    lines.append(cite(clause, search.snapshot))
    lines += elsewhere(clause, search.snapshot)
    lines += [line for line in (whom, *needs) if line not in lines]
    lines += [phrases("answer.caution", text=text) for text in cautions_of(clause, search.snapshot)]
    lines.append(phrases("answer.whole", text=clause.text) if points != [clause.text] else None)
    lines.append(phrases("answer.reminder"))
    lines.append(_next_said(asked, phrases))
    return "\n".join(line for line in lines if line)


def points_of(
    hit: Hit,
    features: Mapping[str, float],
    asked: Sequence[str],
    search: Search,
    meant: Sequence[str],
    given: str = "",
) -> list[str]:
    """The clause's own words for each thing asked, in its order; none within another."""
    found = dict.fromkeys(point(hit, features, intent, search, meant, given) for intent in asked)
    apart = [
        words for words in found if not any(words in other for other in found.keys() - {words})
    ]
    return sorted(apart, key=hit.clause.text.find)


def definition_text(hit: Hit, definition: Definition, search: Search, as_of: date) -> str:
    """A term's definition: bad news first, the words, then status, scope, source and the clause."""
    phrases, judgement = search.snapshot.phrases, hit.judgement
    status = status_sentence(judgement.status, judgement.span, hit.document, phrases, as_of)
    bad_news = judgement.status in BAD_NEWS
    abroad = hit.clause.scope != PROVINCE
    words = hit.clause.text
    lines = [
        phrases("answer.scope_other", scope=hit.clause.scope) if abroad else "",
        status if bad_news else "",
        phrases("definition.stated", term=definition.term, words=definition.words.rstrip("。")),
        status if not bad_news else "",
        phrases("answer.scope_province") if not abroad else "",
        cite(hit.clause, search.snapshot),
        *elsewhere(hit.clause, search.snapshot),
        whom_of(hit, phrases),
        *(
            phrases("answer.caution", text=text)
            for text in cautions_of(hit.clause, search.snapshot)
        ),
        phrases("answer.whole", text=words) if definition.words != words else "",
        phrases("answer.reminder"),
        _next_said(("ask_definition",), phrases),
    ]
    return "\n".join(line for line in lines if line)


def _next_said(asked: Sequence[str], phrases: Phrases) -> str:
    names = [phrases(f"quick_reply.{name}.title") for name in next_questions(asked)]
    return phrases("answer.next", list="、".join(names))


def next_questions(asked: Sequence[str]) -> list[str]:
    """The quick replies that go with an answer: all but what was just asked."""
    return [name for name, intent in _NEXT.items() if intent not in asked]


def whom_of(hit: Hit, phrases: Phrases) -> str:
    """找谁: the bodies responsible, else who issued the document."""
    if hit.clause.responsible:
        return phrases("answer.responsible", names="、".join(hit.clause.responsible))
    return issuer_said(hit.document, phrases)


def others_said(hit: Hit, phrases: Phrases) -> str | None:
    """The periods of the clause's other measures; None where it has no other."""
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
