"""What is held of a document that is named, where no clause of it is asked for."""

from __future__ import annotations

from bot.policies.answer.places import name_of
from bot.policies.model import Document, Snapshot

__all__ = ["document_card"]


def document_card(document: Document, snapshot: Snapshot, *, asked: bool = False) -> str:
    """A sentence about the document: its issuer, how much of it there is, whether it is repealed.

    Args:
        document: that which was named.
        snapshot: the knowledge base.
        asked: whether an article was named that it has not.
    """
    phrases = snapshot.phrases
    own = [clause for clause in document.clauses if clause.part is None]
    points = [clause for clause in document.clauses if clause.part is not None]
    values: dict[str, object] = {
        "document": name_of(document, phrases),
        "doc_no": document.doc_no,
        "issuer": document.issuer or phrases("document.issuer_unknown"),
        "count": len(own),
    }
    if own:
        key = "nothing.article_unknown" if asked else "document.card"
        values["unit"] = own[0].unit
    elif points:
        key = "nothing.article_excerpt" if asked else "document.card_excerpt"
        values["source"] = snapshot.sources[points[0].source].title
        values |= {"count": len(points), "example": points[0].caption}
    else:
        key = "document.card_listed"
    text = phrases(key, **values)
    if document.repealed is not None:
        text = phrases("document.repealed", words=document.repealed.words) + text
    return text
