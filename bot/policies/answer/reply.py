"""What leaves the domain: a reply in plain words beside its structured form."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bot.policies.answer.context import Context
from bot.policies.answer.places import figures_apart, place_of
from bot.policies.eligibility.programme import Programme
from bot.policies.model import Clause, Snapshot
from bot.policies.search import Hit
from bot.policies.validity import Judgement

__all__ = ["Context", "Reply", "beside", "cautions_of", "clause_record", "make_reply"]


_SHARED = 8  # characters in a row: by so many two quotations speak of the same


@dataclass(frozen=True)
class Reply:
    """One reply.

    Attributes:
        text: the whole answer in plain words.
        custom: the structured form, as the contract lays it down.
        context: what to remember for the next turn.
    """

    text: str
    custom: dict[str, Any]
    context: Context

    @property
    def buttons(self) -> list[dict[str, str]]:
        """The quick replies in the shape of Rasa's buttons."""
        return list(self.custom["quick_replies"])


def cautions_of(
    clause: Clause, snapshot: Snapshot, quotes: Sequence[str] | None = None
) -> list[str]:
    """Plain sentences that go with a clause: cautions, then doubts about its text.

    The reading of a misprint is said to be a guess, never as what the source says.

    Args:
        clause: it.
        snapshot: the knowledge base.
        quotes: the words of the clause that matter; None for all. Doubts about others are
            left out.
    """
    phrases = snapshot.phrases
    doubts = []
    for note in clause.notes:
        if quotes is not None and not any(_overlap(note.quote, words) for words in quotes):
            continue
        if note.kind == "conflict":
            doubts.append(phrases("answer.conflict", quote=note.quote, why=note.why))
        elif note.kind == "misprint":
            key = "answer.note_reading" if note.reading else "answer.note"
            doubts.append(phrases(key, quote=note.quote, why=note.why, reading=note.reading))
    doubts += [
        phrases("answer.disputed", place=place_of(snapshot.clauses[other], snapshot), why=note.why)
        for other, note in snapshot.disputes.get(clause.id, ())
    ]
    return [caution.text for caution in clause.cautions] + doubts + figures_apart(clause, snapshot)


def _overlap(one: str, other: str) -> bool:
    """Whether two quotations of a clause have words in common."""
    shorter, longer = sorted((one, other), key=len)
    size = min(_SHARED, len(shorter))
    return any(shorter[at : at + size] in longer for at in range(len(shorter) - size + 1))


def beside(clause: Clause, snapshot: Snapshot) -> list[str]:
    """The other clauses whose figures the cautions of a clause tell, by id."""
    found: list[str] = []
    for note in clause.notes:
        found += note.other if note.kind != "reading" else ()
    for other, note in snapshot.disputes.get(clause.id, ()):
        found += [other, *note.other]
    found += [copy.clause_id for copy in snapshot.copies.get(clause.id, ()) if copy.differs]
    return [key for key in dict.fromkeys(found) if key != clause.id]


def clause_record(clause: Clause, judgement: Judgement, snapshot: Snapshot) -> dict[str, Any]:
    """A clause as it stands in ``custom.clauses``, in search results and with a verdict."""
    span, document = judgement.span, snapshot.document_of(clause)
    return {
        "clause_id": clause.id,
        "doc_no": document.doc_no,
        "doc_title": document.title,
        "locator": clause.locator,
        "text": clause.text,
        "status": judgement.status,
        "valid_until": span.ends.isoformat() if span and span.ends else None,
        "scope": clause.scope,
        "cautions": cautions_of(clause, snapshot),
        "also_in": [copy.clause_id for copy in snapshot.copies.get(clause.id, ())],
        "programme_ids": list(snapshot.programmes_of.get(clause.id, ())),
    }


def make_reply(
    snapshot: Snapshot,
    kind: str,
    text: str,
    context: Context,
    hits: Sequence[Hit] = (),
    quick_replies: Sequence[dict[str, str]] = (),
    programme: Programme | None = None,
) -> Reply:
    """A reply with a ``custom`` that holds every key of the contract."""
    custom = {
        "type": kind,
        "kb_version": snapshot.version,
        "clauses": [clause_record(hit.clause, hit.judgement, snapshot) for hit in hits],
        "programme": {"id": programme.id, "name": programme.name} if programme else None,
        "verdict": None,
        "quick_replies": list(quick_replies),
    }
    return Reply(text, custom, context)
