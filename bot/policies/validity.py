"""Is a measure in force on a day? Judged by what the text states, and by nothing else.

Validity belongs to a measure, not to a clause: one clause can hold three
measures with two ends. :func:`judge` finds the measure that a question is
about and judges that one.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Literal

from bot.policies.model import Clause, Document, Span

__all__ = ["Judgement", "Status", "judge", "measures", "status_of"]

Status = Literal["in_force", "expired", "repealed", "not_yet", "not_stated"]


@dataclass(frozen=True)
class Measure:
    """A part of a clause with one validity: its words, and the span (or None)."""

    text: str
    span: Span | None


@dataclass(frozen=True)
class Judgement:
    """The status of the measure that an answer speaks of.

    Attributes:
        status: one of the contract's five.
        span: the stated period it rests on; None where none is stated.
        measure: the measure's words; the whole clause where it holds only one.
        others: statuses and periods of the clause's other measures, in its order.
        every: statuses of all measures, in the order of the clause's spans.
    """

    status: Status
    span: Span | None
    measure: str
    others: tuple[tuple[Status, Span | None], ...] = ()
    every: tuple[tuple[Status, Span | None], ...] = ()


def status_of(span: Span | None, document: Document, as_of: date) -> Status:
    """The status of one measure: repeal first, then the stated period.

    No stated end, with or without a start that has passed, is ``not_stated``:
    silence is never taken for good news.
    """
    if document.repealed is not None:
        return "repealed"
    if span is None:
        return "not_stated"
    if span.ends is not None and span.ends < as_of:
        return "expired"
    if span.starts is not None and span.starts > as_of:
        return "not_yet"
    return "in_force" if span.ends is not None else "not_stated"


def measures(clause: Clause) -> tuple[Measure, ...]:
    """The clause cut into measures: one for each span, one for all that no span governs."""
    # A period stated for the whole clause governs what no narrower one does.
    rest_span = next((span for span in clause.validity if span.governs is None), None)
    rest = clause.text
    found: list[Measure] = []
    for span in clause.validity:
        if span.governs is not None:
            found.append(Measure(span.governs, span))
            rest = rest.replace(span.governs, "")
    if re.sub(r"\W", "", rest):
        found.append(Measure(rest, rest_span))
    return tuple(found)


def judge(
    clause: Clause,
    document: Document,
    as_of: date,
    likeness: Callable[[str], float] | None = None,
    *,
    headed: bool = True,
) -> Judgement:
    """The status of the measure that matches a question best.

    Args:
        clause, document: what is judged.
        as_of: the day of asking.
        likeness: how much some words have in common with the question; None (or
            nothing in common with any measure) means that the clause is asked for
            alone, and its least reassuring measure with a stated period stands for it.
        headed: whether the headline is left out of account; not where the words of the
            measure that is meant are known, since they may stand in it.
    """
    parts = measures(clause)
    judged = [(status_of(part.span, document, as_of), part) for part in parts]
    best = min(range(len(parts)), key=lambda i: _ALONE.index(judged[i][0]))
    if likeness is not None and len(parts) > 1:
        # The first sentence names the clause's measures together; what it shares
        # with a question does not tell them apart.
        headline = clause.headline if headed else ""
        common = [likeness(part.text.removeprefix(headline)) for part in parts]
        if max(common) > 0:
            # What no period governs must be clearly meant, or it would hide one.
            weighed = [
                value if part.span is not None else value * _UNDATED
                for value, part in zip(common, parts, strict=True)
            ]
            best = max(range(len(parts)), key=lambda i: (weighed[i], -len(parts[i].text)))
    status, part = judged[best]
    others = tuple((other, measure.span) for i, (other, measure) in enumerate(judged) if i != best)
    return Judgement(
        status,
        part.span,
        part.text,
        others,
        tuple((status, measure.span) for status, measure in judged),
    )


# A clause asked for alone is not to look better than its worst measure with a stated end.
_ALONE: tuple[Status, ...] = ("repealed", "expired", "not_yet", "in_force", "not_stated")
_UNDATED = 0.75
