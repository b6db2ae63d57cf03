"""What a conversation remembers from one turn to the next, as values that JSON can hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

__all__ = ["Context", "Interview", "Topic"]

Ended = Literal["", "done", "cancelled"]


@dataclass(frozen=True)
class Interview:
    """An interview under way, or just ended.

    Attributes:
        programme: what it is about, by id.
        subject: the message that began it.
        asked: the facts asked for, in order; the last is the one that is waited for.
        open: those that stayed open: not known, or not told.
        misses: answers in a row that were not understood.
        ended: why it is over; empty while it goes on.
        prefix: what is said before the next question.
    """

    programme: str
    subject: str = ""
    asked: tuple[str, ...] = ()
    open: tuple[str, ...] = ()
    misses: int = 0
    ended: Ended = ""
    prefix: str = ""

    def record(self) -> dict[str, Any]:
        """As JSON, for a slot."""
        return {**asdict(self), "asked": list(self.asked), "open": list(self.open)}

    @staticmethod
    def of(record: Mapping[str, Any] | None) -> Interview | None:
        """From a slot; None where there is none."""
        if not record:
            return None
        values = {**record, "asked": tuple(record["asked"]), "open": tuple(record["open"])}
        return Interview(**values)


@dataclass(frozen=True)
class Topic:
    """Something that was spoken of: its clause, its programme if any, and the question."""

    clause_id: str
    programme: str | None
    subject: str


@dataclass(frozen=True)
class Context:
    """What a conversation remembers between turns.

    Attributes:
        clause_id: the clause last answered with.
        offered: the clauses or programmes last offered, in the order shown.
        misses: how many turns in a row found nothing.
        subject: the question that led to that clause; it tells which of the
            clause's measures a follow-up is about.
        query: the question that the last list answers; empty where there was none.
        page: which page of that list was shown last, from 0.
        programme: the programme last spoken of.
        facts: what the firm has told, as JSON has it; of a reply, None leaves it as it was.
        interview: the questions under way.
        talked: what was spoken of, the latest last.
        document: the document last named as a whole, by id; an article alone is one of it.
        said: what was said last, as ``repeating.gist`` marks it.
    """

    clause_id: str | None = None
    offered: tuple[str, ...] = ()
    misses: int = 0
    subject: str = ""
    query: str = ""
    page: int = 0
    programme: str | None = None
    facts: Mapping[str, Any] | None = None
    interview: Interview | None = None
    talked: tuple[Topic, ...] = ()
    document: str | None = None
    said: str = ""
