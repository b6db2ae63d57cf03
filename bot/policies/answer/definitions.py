"""What a term means: the glossary's definition, said only with the clause that gives it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from bot.policies.model import Clause, Snapshot
from bot.policies.query import Analysis, normalise

__all__ = ["Definition", "definitions", "meaning_asked", "term_asked"]

_BLANKS = re.compile(r"\s+")
# 啥叫规上呀, 那个1比1是啥意思: within a conversation, beside whatever else is said.
_MEANING = re.compile(
    r"(?:啥|什么|甚)(?:叫|是|算)(?:个|做|作)?(?P<after>[^，,。;；!！?？\s]{2,10}?)[啊呀呢嘛]?(?=$|[，,。;；!！?？\s])"
    r"|(?:^|[，,。;；!！?？\s])(?:那|就是|你说的)*(?:个|条|句)?(?P<before>[^，,。;；!！?？\s]{2,10}?)(?:是|到底是|又是)"
    r"(?:个)?(?:啥|什么|甚)(?:意思|东西|玩意儿?|概念)?[啊呀呢]?(?=$|[，,。;；!！?？\s])"
)
_NO_WORD = re.compile(r"[这那我你他它]|时候|规定|条件|情况|原因|政策|多少|流程|标准")


@dataclass(frozen=True)
class Definition:
    """A definition in a source's words.

    Attributes:
        term: the term's name.
        words: the definition, as it stands in the clause.
        clause_id: the clause that holds it.
    """

    term: str
    words: str
    clause_id: str


def definitions(snapshot: Snapshot) -> Mapping[str, Definition]:
    """Definitions by term id; one that no clause holds is left out.

    Of several clauses that hold it, one that is not repealed is taken, and a document's
    own text before a compilation's.
    """
    wanted = {
        term.id: (term.name, term.definition, _folded(term.definition))
        for term in snapshot.lexicon.terms
        if term.definition
    }
    if not wanted:
        return {}
    texts = sorted(
        ((clause, _folded(clause.text)) for clause in snapshot.clauses.values()),
        key=lambda row: _rank(row[0], snapshot),
    )
    found = {}
    for term_id, (name, words, folded) in wanted.items():
        clause = next((clause for clause, text in texts if folded in text), None)
        if clause is not None:
            found[term_id] = Definition(name, _as_printed(words, clause.text), clause.id)
    return found


def term_asked(analysis: Analysis, known: Mapping[str, Definition]) -> str | None:
    """The id of the term that a question asks about: one that is defined before others."""
    terms = [str(value) for value in analysis.values("term")]
    return next((term for term in terms if term in known), terms[0] if terms else None)


def meaning_asked(text: str) -> str:
    """The word whose meaning a message asks for (啥叫规上呀); mostly none."""
    match = _MEANING.search(normalise(text))
    word = (match["after"] or match["before"] or "") if match else ""
    return "" if _NO_WORD.search(word) else word


def _folded(text: str) -> str:
    return _BLANKS.sub("", normalise(text))


def _as_printed(words: str, text: str) -> str:
    # The glossary may differ in blanks and width; what is quoted is the clause's own.
    places = [i for i, char in enumerate(text) if not char.isspace()]
    start = _folded(text).index(_folded(words))
    return text[places[start] : places[start + len(_folded(words)) - 1] + 1]


def _rank(clause: Clause, snapshot: Snapshot) -> tuple[bool, int]:
    kinds = ("document", "compilation", "checklist")
    kind = snapshot.sources[clause.source].kind
    return snapshot.document_of(clause).repealed is not None, kinds.index(kind)
