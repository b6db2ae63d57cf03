"""Domain records as the HTTP interface and the exports give them."""

from __future__ import annotations

from datetime import date
from typing import Any

from bot.api.models import (
    ClauseRecord,
    CopyRecord,
    DocumentRecord,
    FigureApart,
    FoundClause,
    SourceNote,
    ValiditySpan,
)
from bot.policies.answer import clause_record
from bot.policies.answer.reply import cautions_of
from bot.policies.model import Clause, Document, Snapshot
from bot.policies.search import Hit
from bot.policies.validity import judge, status_of

__all__ = ["document_record", "export_row", "found_clause", "full_clause"]


def found_clause(hit: Hit, snapshot: Snapshot) -> FoundClause:
    """A clause in search results."""
    return FoundClause(
        **clause_record(hit.clause, hit.judgement, snapshot), score=round(hit.score, 4)
    )


def full_clause(clause: Clause, snapshot: Snapshot, as_of: date) -> ClauseRecord:
    """A clause with everything known of it, judged on a day."""
    document = snapshot.document_of(clause)
    judgement = judge(clause, document, as_of)
    span = judgement.span
    return ClauseRecord(
        id=clause.id,
        document_id=document.id,
        doc_no=document.doc_no,
        doc_title=document.title,
        issuer=document.issuer,
        issued_on=document.issued_on,
        source=clause.source,
        lines=clause.lines,
        part=clause.part,
        section=clause.section,
        subsection=clause.subsection,
        number=clause.number,
        locator=clause.locator,
        text=clause.text,
        responsible=list(clause.responsible) if clause.responsible else None,
        scope=clause.scope,
        status=judgement.status,
        valid_from=span.starts if span else None,
        valid_until=span.ends if span else None,
        validity=[
            ValiditySpan(
                governs=span.governs,
                valid_from=span.starts,
                valid_until=span.ends,
                stated_by=span.stated_by,
                status=status_of(span, document, as_of),
            )
            for span in clause.validity
        ],
        notes=[
            SourceNote(
                kind=n.kind, quote=n.quote, reading=n.reading, why=n.why, other=list(n.other)
            )
            for n in clause.notes
        ],
        copies=[
            CopyRecord(
                clause_id=copy.clause_id,
                kind=copy.kind,
                differs=[FigureApart(here=here, there=there) for here, there in copy.differs],
            )
            for copy in snapshot.copies.get(clause.id, ())
        ],
        cautions=cautions_of(clause, snapshot),
        internal=clause.internal,
        programme_ids=list(snapshot.programmes_of.get(clause.id, ())),
    )


def document_record(document: Document) -> DocumentRecord:
    """A document with the ids of its clauses."""
    return DocumentRecord(
        id=document.id,
        doc_no=document.doc_no,
        title=document.title,
        issuer=document.issuer,
        issuer_from=document.issuer_from,
        issued_on=document.issued_on,
        year=document.year,
        sources=list(document.sources),
        scope=document.scope,
        repealed=document.repealed.words if document.repealed else None,
        notes=list(document.notes),
        clause_count=len(document.clauses),
        clause_ids=[clause.id for clause in document.clauses],
    )


_EXPORTED = (
    "id",
    "doc_no",
    "doc_title",
    "source",
    "part",
    "section",
    "subsection",
    "number",
    "text",
    "responsible",
    "status",
    "valid_from",
    "valid_until",
)


def export_row(clause: Clause, snapshot: Snapshot, as_of: date) -> dict[str, Any]:
    """A clause as ``wence kb export`` writes it: the contract's keys, in its order."""
    record = full_clause(clause, snapshot, as_of).model_dump(mode="json")
    return {key: record[key] for key in _EXPORTED}
