"""The records of the knowledge base, immutable once loaded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from bot.policies.query import Lexicon

__all__ = ["Caution", "Clause", "Document", "Note", "Phrases", "Snapshot", "Span", "Tuning"]


@dataclass(frozen=True)
class Span:
    """A stated period of validity of one measure.

    Attributes:
        governs: the clause's words for the measure; None for the whole clause.
        starts, ends: first and last day, both inclusive; None where not stated.
        stated_by: the clause's words that state the period.
    """

    governs: str | None
    starts: date | None
    ends: date | None
    stated_by: str


@dataclass(frozen=True)
class Note:
    """A fault or a doubtful reading of the source, kept beside its text.

    Attributes:
        kind: misprint, reading or conflict.
        quote: the words concerned.
        reading: the reading the project takes, or None.
        why: the reason.
    """

    kind: str
    quote: str
    reading: str | None
    why: str


@dataclass(frozen=True)
class Caution:
    """A plain sentence that goes with an answer (national rules may have moved …)."""

    id: str
    text: str


@dataclass(frozen=True)
class Clause:
    """One clause (条), verbatim.

    Attributes:
        id: ``<document id>.<number>``; safe in a URL.
        number: its place in the source it was read from.
        part, section, subsection: headings as printed; None where absent.
        text: as issued, complete, one line, without its number label.
        responsible: 责任单位 as printed; None where the clause prints none.
        lines: first and last line of the source, from 1.
        validity: stated periods, by measure; empty where the text states none.
        notes, cautions: see :class:`Note`, :class:`Caution`.
        internal: only about the administration itself; nothing a firm could ask.
    """

    id: str
    document_id: str
    number: int
    part: str | None
    section: str | None
    subsection: str | None
    text: str
    responsible: tuple[str, ...] | None
    lines: tuple[int, int]
    validity: tuple[Span, ...] = ()
    notes: tuple[Note, ...] = ()
    cautions: tuple[Caution, ...] = ()
    internal: bool = False

    @property
    def headline(self) -> str:
        """The first sentence, which names the measure."""
        return self.text.split("。", 1)[0].rstrip("。") if "。" in self.text else self.text

    @property
    def locator(self) -> str:
        """How a person cites the place within the document: 第8条."""
        return f"第{self.number}条"


@dataclass(frozen=True)
class Document:
    """An issuing document (文件).

    Attributes:
        id: stable name; safe in a URL.
        doc_no: 文号 with full-width brackets, no spaces; empty where there is none.
        title, issuer: as printed.
        issued_on: date of issue; None where not stated.
        source: the seed's name without its hash, ``000``.
        scope: ``province``, a zone or a city.
        repealed: the words that state a repeal of the whole document, or None.
    """

    id: str
    doc_no: str
    title: str
    issuer: str
    issued_on: date | None
    source: str
    scope: str
    clauses: tuple[Clause, ...]
    repealed: str | None = None


class Phrases:
    """The sentences of the domain, from phrases.yml.

    A phrase is found by its dotted key and filled with named values; a missing
    key is an error at load time for the keys the code uses, see
    :data:`bot.policies.loader.REQUIRED_PHRASES`.
    """

    def __init__(self, tree: Mapping[str, Any]) -> None:
        self._flat = dict(_flatten(tree, ""))

    def __call__(self, key: str, /, **values: object) -> str:
        """The sentence for a key.

        Raises:
            KeyError: there is no such phrase, or a value it needs was not given.
        """
        return self._flat[key].format(**values)

    def raw(self, key: str) -> str:
        """The sentence as written, unfilled."""
        return self._flat[key]

    def __contains__(self, key: str) -> bool:
        return key in self._flat

    def keys(self) -> frozenset[str]:
        """All dotted keys."""
        return frozenset(self._flat)


def _flatten(tree: Mapping[str, Any], prefix: str) -> list[tuple[str, str]]:
    rows: list[tuple[str, str]] = []
    for key, value in tree.items():
        if isinstance(value, Mapping):
            rows += _flatten(value, f"{prefix}{key}.")
        else:
            rows.append((f"{prefix}{key}", str(value).strip()))
    return rows


@dataclass(frozen=True)
class Tuning:
    """What the search is tuned by, from search.yml.

    Attributes:
        numbers: weights, slopes and thresholds by name.
        fillers: words of a question that say nothing about its subject.
        vague: words that alone name no measure (补贴, 贷款): a choice is offered.
        elsewhere: names of places outside the province.
        home: names of places within it, and of the province.
    """

    numbers: Mapping[str, float]
    fillers: tuple[str, ...]
    vague: tuple[str, ...]
    elsewhere: tuple[str, ...]
    home: tuple[str, ...]


@dataclass(frozen=True)
class Snapshot:
    """The whole knowledge base at one moment.

    Attributes:
        version: a hash of everything in it; equal content has an equal version.
        documents: by id, in order of their source.
        clauses: by id, in order.
        questions: curated questions, by clause id.
        lexicon: the house terms.
        phrases: the sentences of the domain.
        tuning: what the search is tuned by.
    """

    version: str
    documents: Mapping[str, Document]
    clauses: Mapping[str, Clause]
    questions: Mapping[str, tuple[str, ...]]
    lexicon: Lexicon
    phrases: Phrases
    tuning: Tuning

    def document_of(self, clause: Clause) -> Document:
        """The document a clause stands in."""
        return self.documents[clause.document_id]
