"""How documents and places in them are cited, and where else the same is printed."""

from __future__ import annotations

import re
from collections.abc import Iterable

from bot.policies.model import Clause, Copy, Document, Phrases, Snapshot

__all__ = ["cite", "elsewhere", "figures_apart", "issuer_said", "name_of", "place_of"]

_COUNT_IN_HEADING = re.compile(r"（\d+条）$")
_SHOWN = 3  # other places that an answer names


def name_of(document: Document, phrases: Phrases) -> str:
    """晋政发〔2022〕14号《…》; what is missing of the two is said to be missing."""
    if not document.doc_no:
        return phrases("answer.document_unnumbered", title=document.title)
    if document.title is None:
        return phrases("answer.document_untitled", doc_no=document.doc_no)
    return phrases("answer.document", doc_no=document.doc_no, title=document.title)


def place_of(clause: Clause, snapshot: Snapshot) -> str:
    """A clause in few words, for lists: 晋政发〔2022〕14号第8条."""
    document = snapshot.document_of(clause)
    name = document.doc_no or f"《{document.title}》"
    within = clause.part is not None and document.doc_no
    key = "answer.place_within" if within else "answer.place"
    return snapshot.phrases(key, document=name, locator=clause.locator)


def cite(clause: Clause, snapshot: Snapshot) -> str:
    """The line of an answer that says where it stands, and in which text that was read."""
    phrases, document = snapshot.phrases, snapshot.document_of(clause)
    source = snapshot.sources[clause.source]
    heading = clause.section or clause.part
    section = ""
    # 第三部分 has its heading as its name; it is cited all the same, to be recognised.
    if heading is not None:
        section = phrases("answer.section", section=_COUNT_IN_HEADING.sub("", heading))
    values = {"locator": clause.locator, "section": section, "source": source.title}
    if source.kind == "document":
        return phrases("answer.source", document=name_of(document, phrases), **values)
    if not document.doc_no:
        return phrases("answer.source_unnumbered", **values)
    return phrases("answer.source_within", document=name_of(document, phrases), **values)


def issuer_said(document: Document, phrases: Phrases) -> str:
    """What is said where a clause prints no 责任单位: who issued it, and how that is known."""
    if document.issuer is None:
        return phrases("answer.responsible_unknown")
    key = {"doc_no": "by_number", "checklist": "checklist"}.get(
        document.issuer_from or "", "missing"
    )
    return phrases(f"answer.responsible_{key}", issuer=document.issuer)


def elsewhere(clause: Clause, snapshot: Snapshot) -> list[str]:
    """Sentences that name the other places where the measure is printed, later ones first."""
    own = snapshot.document_of(clause)
    groups: dict[str, list[Clause]] = {"later": [], "same_in": [], "part_of": []}
    for copy in snapshot.copies.get(clause.id, ()):
        other = snapshot.clauses[copy.clause_id]
        document = snapshot.document_of(other)
        if document.id == own.id:
            continue
        if own.year is not None and document.year is not None and document.year > own.year:
            groups["later"].append(other)
        else:
            groups["part_of" if copy.kind == "within" else "same_in"].append(other)
    return [
        snapshot.phrases(f"answer.{key}", list=_places(clauses, snapshot))
        for key, clauses in groups.items()
        if clauses
    ]


def _places(clauses: Iterable[Clause], snapshot: Snapshot) -> str:
    said = list(dict.fromkeys(place_of(clause, snapshot) for clause in clauses))
    return "、".join(said[:_SHOWN]) + ("等" if len(said) > _SHOWN else "")


def figures_apart(clause: Clause, snapshot: Snapshot) -> list[str]:
    """A sentence for each figure that another copy of the clause prints otherwise."""
    copies: tuple[Copy, ...] = snapshot.copies.get(clause.id, ())
    told = {other for note in clause.notes for other in note.other}
    told |= {other for other, _ in snapshot.disputes.get(clause.id, ())}
    return [
        snapshot.phrases(
            "answer.differs",
            here=here,
            there=there,
            place=place_of(snapshot.clauses[copy.clause_id], snapshot),
        )
        for copy in copies
        if copy.kind != "within" and copy.clause_id not in told
        for here, there in copy.differs
    ]
