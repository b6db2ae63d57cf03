"""The records of the knowledge base, immutable once loaded."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, Literal

from bot.policies.asking import Asking
from bot.policies.classifier import Classifier
from bot.policies.leaving import Leaving
from bot.policies.listening import Listening
from bot.policies.query import Lexicon
from bot.policies.replying import Replying

if TYPE_CHECKING:
    from bot.policies.eligibility.coverage import Exemption
    from bot.policies.eligibility.facts import FactBook
    from bot.policies.eligibility.programme import Programme

__all__ = [
    "PROVINCE",
    "Authority",
    "Caution",
    "Clause",
    "Copy",
    "Document",
    "Note",
    "Phrases",
    "Renaming",
    "Repeal",
    "Snapshot",
    "Source",
    "Span",
    "Tuning",
]

# The scope of what holds in the whole province; any other scope names a zone or a city.
PROVINCE = "province"


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
        other: of a conflict, the clauses that say otherwise.
    """

    kind: str
    quote: str
    reading: str | None
    why: str
    other: tuple[str, ...] = ()


@dataclass(frozen=True)
class Caution:
    """A plain sentence that goes with an answer (national rules may have moved …)."""

    id: str
    text: str


@dataclass(frozen=True)
class Copy:
    """Another clause that prints the same measure.

    Attributes:
        clause_id: the other clause.
        kind: ``same`` words, ``near`` the same, or ``within`` where one of the two
            holds most of the other.
        differs: figures in which they do not agree, as here and as there.
    """

    clause_id: str
    kind: Literal["same", "near", "within"]
    differs: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Clause:
    """One clause (条), verbatim.

    Attributes:
        id: ``<document id>.<number>``; safe in a URL. Where a document is printed in
            several places a mark stands before the number: ``jf-2021-67.cs186``.
        source: the text it was read from, ``004``.
        number: its place in that source; of a point, within its 篇.
        unit: what the document calls its clauses: 条, 部分; 点 in the checklist.
        scope: :data:`PROVINCE`, a zone or a city.
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
    source: str
    number: int
    unit: str
    scope: str
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
    def caption(self) -> str:
        """The headline, short enough for a list."""
        headline = self.headline
        return headline if len(headline) <= _CAPTION else f"{headline[: _CAPTION - 1]}…"

    @property
    def locator(self) -> str:
        """How a person cites the place: 第8条, or 财税金融篇第186点 of the checklist."""
        return f"{self.part or ''}第{self.number}{self.unit}"


@dataclass(frozen=True)
class Document:
    """An issuing document (文件).

    Attributes:
        id: stable name; safe in a URL.
        doc_no: 文号 with full-width brackets, no spaces; empty where there is none.
        title: as printed; None where no source prints it.
        issuer: as printed, or as its 文号 says; None where neither does.
        issuer_from: where that was read: ``front`` of the document, ``compilation``,
            ``title``, ``doc_no`` or, of points without a 文号, ``checklist``.
        issued_on: date of issue; None where not stated.
        scope: :data:`PROVINCE`, a zone or a city.
        clauses: those that the sources print; none of a document that is only listed.
        repealed: that the whole document is repealed, or None.
        notes: doubts about the document itself: its number, its title.
    """

    id: str
    doc_no: str
    title: str | None
    issuer: str | None
    issuer_from: str | None
    issued_on: date | None
    scope: str
    clauses: tuple[Clause, ...]
    repealed: Repeal | None = None
    notes: tuple[str, ...] = ()

    @property
    def year(self) -> int | None:
        """The year of issue, as the date or the 文号 says; None where neither does."""
        if self.issued_on is not None:
            return self.issued_on.year
        match = _YEAR.search(self.doc_no)
        return int(match[0]) if match else None

    @property
    def sources(self) -> tuple[str, ...]:
        """The texts that its clauses were read from."""
        return tuple(dict.fromkeys(clause.source for clause in self.clauses))


@dataclass(frozen=True)
class Repeal:
    """A stated repeal of a whole document.

    Attributes:
        words: the words that state it.
        stated_in: where they stand, for people.
    """

    words: str
    stated_in: str


@dataclass(frozen=True)
class Source:
    """A text as received, that clauses were read from.

    Attributes:
        name: ``004``.
        kind: the document itself, a compilation of documents, or a checklist of points.
        title, publisher: for people.
        doc_no: its own 文号; empty where it has none or is the document itself.
        published_on: None where not stated.
    """

    name: str
    kind: Literal["document", "compilation", "checklist"]
    title: str
    publisher: str
    doc_no: str = ""
    published_on: date | None = None


@dataclass(frozen=True)
class Renaming:
    """What became of a body after the documents were issued.

    Attributes:
        to: the body that has its duties now.
        on: when, as exactly as the source says: 2024, 2024-02, 2023-07-20.
        how: renamed, merged, duties_moved or abolished.
        source: where that can be read.
        sure: whether that source was found; False where it is only common knowledge.
    """

    to: str
    on: str
    how: str
    source: str
    sure: bool


@dataclass(frozen=True)
class Authority:
    """A body that the sources name.

    Attributes:
        id: stable name.
        name: in full, as at the time of the documents.
        as_printed: every form the sources print.
        renamed: None where it still goes by that name.
        phone: its enquiry number, or None.
        collective: no single body (各市人民政府, 省直有关部门).
    """

    id: str
    name: str
    as_printed: tuple[str, ...]
    renamed: Renaming | None = None
    phone: str | None = None
    collective: bool = False


_CAPTION = 36  # characters
_YEAR = re.compile(r"20\d\d")


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
        zones: for a scope narrower than the province, the words that name it.
    """

    numbers: Mapping[str, float]
    fillers: tuple[str, ...]
    vague: tuple[str, ...]
    elsewhere: tuple[str, ...]
    home: tuple[str, ...]
    zones: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class Snapshot:
    """The whole knowledge base at one moment.

    Attributes:
        version: a hash of everything in it; equal content has an equal version.
        documents: by id.
        clauses: by id, in order.
        sources: the texts they were read from, by name.
        copies: of a clause, the others that print the same measure.
        disputes: of a clause, the notes of other clauses that say it gives another
            figure, each with the id of its clause.
        authorities: the bodies that the sources name, by id.
        questions: curated questions, by clause id.
        unrelated: messages that no clause answers.
        lexicon: the house terms.
        phrases: the sentences of the domain.
        tuning: what the search is tuned by.
        facts: the closed list of what may be asked of a firm.
        programmes: what a firm asks about, by id.
        programmes_of: of a clause, the ids of the programmes that rest on it.
        exempt: clauses with figures that rightly belong to no programme.
        classifier: what was learned from the curated questions; None where nothing was.
        asking: what tells whether a message asks as those do that some clause answers, or
            None.
        leaving: what tells whether a message leaves the subject spoken of, or None.
        listening: what tells whether a message says yes or no to a fact in words that are
            not written down, or None.
        replying: what tells what somebody does who was asked something, or None.
    """

    version: str
    documents: Mapping[str, Document]
    clauses: Mapping[str, Clause]
    sources: Mapping[str, Source]
    copies: Mapping[str, tuple[Copy, ...]]
    disputes: Mapping[str, tuple[tuple[str, Note], ...]]
    authorities: Mapping[str, Authority]
    questions: Mapping[str, tuple[str, ...]]
    unrelated: tuple[str, ...]
    lexicon: Lexicon
    phrases: Phrases
    tuning: Tuning
    facts: FactBook
    programmes: Mapping[str, Programme]
    programmes_of: Mapping[str, tuple[str, ...]]
    exempt: Mapping[str, Exemption]
    classifier: Classifier | None = None
    asking: Asking | None = None
    leaving: Leaving | None = None
    listening: Listening | None = None
    replying: Replying | None = None

    def document_of(self, clause: Clause) -> Document:
        """The document a clause stands in."""
        return self.documents[clause.document_id]

    def repealed(self, programme: Programme) -> bool:
        """Whether the document of a programme's principal clause is repealed."""
        return self.document_of(self.clauses[programme.references[0]]).repealed is not None
