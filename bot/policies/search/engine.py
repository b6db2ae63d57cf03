"""The search: ranked clauses, and how sure it is that the first one is meant."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import chain, pairwise
from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt

from bot.policies.model import PROVINCE, Clause, Document, Snapshot
from bot.policies.query import Analysis, analyse, normalise, place_asked_about
from bot.policies.search.analyzer import Analyzer
from bot.policies.search.encoder import Encoder, Vectors
from bot.policies.search.index import Column, Evidence, Index
from bot.policies.search.memo import Memo
from bot.policies.search.spelling import Spelling
from bot.policies.search.titles import Titled, Titles
from bot.policies.search.vectors import VectorStore
from bot.policies.validity import Judgement, judge

__all__ = ["Decision", "Hit", "Mode", "Outcome", "Search"]

Decision = Literal["answer", "offer", "nothing"]
# lexical: words and sounds only, at each key stroke; full: meaning too, where an encoder is.
Mode = Literal["lexical", "full"]
# 那省里呢: no measure of a zone is meant.
_PROVINCIAL = re.compile(r"省里|省上|省级财政|全省|省政府")
_RECENT = 32  # messages; what is kept of them is small and soon gone
_YEAR = re.compile(r"l:(?:19|20)\d\d$")
# 2012年注册的公司: the firm's year, not the document's.
_WITH_YEAR = re.compile(r"\d{4}")
_OWN_HISTORY = re.compile(r".{0,3}?(?:成立|注册|毕业|入职|建厂|建成|开业|开的|办的|买的|生人|出生)")


@dataclass(frozen=True)
class Hit:
    """A clause found.

    Attributes:
        score: the joined score; comparable within one search.
        judgement: status of the measure that matches the question best.
    """

    clause: Clause
    document: Document
    score: float
    judgement: Judgement


@dataclass(frozen=True)
class Outcome:
    """What a search came to.

    Attributes:
        analysis: the question, read.
        weights: its features with how much each says.
        hits: best first; empty where nothing shares a feature with the question.
        confidence: 0 to 1, that the first hit is what is meant.
        decision: answer with the first, offer the first few, or nothing fits.
        named: the question names a document (文号 or title) that is in the base.
        whole: it names one by its title and nothing in it.
        unknown_document: it names one that is not.
        vague: it holds nothing but words that name no measure.
        elsewhere: the place outside the province that it is about, or None.
        unplaced: it names an article (第8条) and no document.
        vector: its meaning, centred; None where no encoder was asked.
        signals: what confidence and decision were worked out from, by name; empty where
            they were not (a place by number, another province).
    """

    analysis: Analysis
    weights: Mapping[str, float]
    hits: tuple[Hit, ...]
    confidence: float
    decision: Decision
    named: tuple[Document, ...] = ()
    whole: bool = False
    unknown_document: str | None = None
    vague: bool = False
    elsewhere: str | None = None
    unplaced: bool = False
    vector: Vectors | None = None
    signals: Mapping[str, float] = field(default_factory=dict)

    @property
    def names_a_term(self) -> bool:
        """Whether the question names a term of the glossary."""
        return any(feature[0] == "t" for feature in self.weights)


# What tells that the first clause is meant, and what that any clause is.
SURE_OF = ("margin", "near", "unrelated", "learned")
FITS_BY = ("top", "near", "unrelated", "near_unrelated", "learned", "known", "wording")


class Search:
    """A search over one snapshot; immutable, safe to use from several threads.

    Args:
        snapshot: the knowledge base.
        encoder: the sentence encoder; None makes every search lexical.
        vectors: file of the encoder's stored vectors, or None.
        use_questions: whether curated questions count (off for comparisons).
    """

    def __init__(
        self,
        snapshot: Snapshot,
        *,
        encoder: Encoder | None = None,
        vectors: Path | None = None,
        use_questions: bool = True,
    ) -> None:
        self.snapshot = snapshot
        self._numbers = snapshot.tuning.numbers
        self.analyzer = Analyzer(snapshot.lexicon, snapshot.tuning.fillers)
        self._vague = {
            feature
            for word in snapshot.tuning.vague
            for feature in self.analyzer.features(word, words=True)
        }
        store = VectorStore(vectors, encoder.name, encoder.size) if encoder is not None else None
        self.index = Index(snapshot, self.analyzer, encoder, store, use_questions=use_questions)
        self.encoded = store.computed if store is not None else 0
        # Only what was computed is ever written; its vectors take room.
        self._store = store if self.encoded else None
        self._clauses = self.index.clauses
        self._places = {clause.id: index for index, clause in enumerate(self._clauses)}
        members: dict[int, list[int]] = {}
        for place, group in enumerate(self.index.group_of.tolist()):
            members.setdefault(group, []).append(place)
        self._members = members
        self._preference = [self._preferred(clause) for clause in self._clauses]
        self._scopes = np.array([clause.scope for clause in self._clauses])
        self._zones = sorted({clause.scope for clause in self._clauses} - {PROVINCE})
        self._years = np.array([snapshot.document_of(clause).year or 0 for clause in self._clauses])
        self._parts = sorted({clause.part for clause in self._clauses if clause.part})
        titles = tuple(snapshot.documents.values())
        self._titles = Titles(titles, self.analyzer, self._vague)
        tuning = snapshot.tuning
        cities = snapshot.facts.facts.get("city")
        counties = chain.from_iterable(c.said for c in cities.choices) if cities else ()
        self._home = (*tuning.home, *counties)
        places = (*self._home, *tuning.elsewhere, *chain.from_iterable(tuning.zones.values()))
        self._spelling = Spelling(snapshot.lexicon, self.index.texts.held("b"), places)
        self._words: dict[str, frozenset[str]] = {}
        # One turn reads and searches the same words more than once.
        self._readings = Memo(self._read, _RECENT)
        self._spoken = Memo(self._speaks, _RECENT)

    def evidence(self, analysis: Analysis, mode: Mode = "full") -> Evidence:
        """What speaks for each group of clauses, without any decision."""
        return self._spoken((analysis, mode))

    def _speaks(self, asked: tuple[Analysis, Mode]) -> Evidence:
        analysis, mode = asked
        question = analysis.without("document_number", "article")
        return self.index.evidence(self.weigh(analysis), question, semantic=mode == "full")

    def score(self, evidence: Evidence) -> Column:
        """The evidence for each clause, weighed; shape (clauses,)."""
        numbers = self._numbers
        mode: Mode = "lexical" if evidence.vector is None else "full"
        groups: Column = (
            # Steep: some words in common say little, a clause that holds them all says much.
            numbers["text_weight"] * evidence.text
            + numbers["full_text_weight"] * np.minimum(evidence.text, numbers["full_text"]) ** 7
            + numbers["near_text_weight"] * evidence.near_text
            + numbers["asked_weight"] * np.maximum(evidence.asked, 0)
            # The root: what is second likeliest shall still be seen.
            + numbers[f"{mode}_learned_weight"] * np.sqrt(evidence.learned)
        )
        return groups[self.index.group_of]

    def read(self, text: str) -> Analysis:
        """A question, its slips of spelling mended, with what it names."""
        return self._readings(text)

    def _read(self, text: str) -> Analysis:
        lexicon = self.snapshot.lexicon
        return analyse(self._spelling.mend(analyse(text, lexicon)), lexicon)

    def foresee(self, text: str) -> None:
        """Work out what a message means before it is searched for.

        The encoder takes longest of all; it can be at work while others read the message.
        """
        self.evidence(self.read(text))

    def save_vectors(self) -> None:
        """Write the vectors that were computed, if a file was named and any were."""
        if self._store is not None:
            self._store.save()

    @property
    def semantic(self) -> bool:
        """Whether meaning counts, or words alone."""
        return self.index.semantic

    def _preferred(self, clause: Clause) -> tuple[bool, int, int]:
        """Which of several copies is shown: no repealed one, the soundest, the fullest text."""
        faults = sum(note.kind != "reading" for note in clause.notes)
        kind = self.snapshot.sources[clause.source].kind
        rank = ("document", "compilation", "checklist").index(kind)
        return self.snapshot.document_of(clause).repealed is not None, faults, rank

    def likeness(self, words: str, features: Mapping[str, float]) -> float:
        """How much of a question's weight some words of a clause hold."""
        # Parts of clauses, read on demand; there are few and they never change.
        own = self._words.get(words)
        if own is None:
            own = self._words[words] = frozenset(self.analyzer.features(words, words=True))
        return sum(weight for feature, weight in features.items() if feature in own)

    def group(self, clause_id: str) -> int:
        """The number of the copies that a clause is one of."""
        return int(self.index.group_of[self._places[clause_id]])

    def find(
        self,
        text: str,
        as_of: date,
        limit: int = 10,
        within: str | None = None,
        mode: Mode = "full",
        *,
        broad: bool = False,
    ) -> Outcome:
        """Search; of clauses that print the same measure, one is found.

        Args:
            text: the question as typed.
            as_of: the day by which validity is judged.
            limit: at most so many hits.
            within: the document that an article (第8条) belongs to where the question
                names none.
            mode: whether meaning counts.
            broad: for a list: all that comes near, instead of what is most likely meant.
                The confidence is the same.
        """
        analysis = self.read(text)
        weights = self.weigh(analysis)
        named = self._numbered(analysis)
        titled: Titled | None = None
        if not analysis.documents:
            years = [int(year) for year in analysis.values("year")]
            titled = self._titles.find(analysis.normalised, weights, years)
            named = (titled.document,) if titled is not None else ()
        numbers = analysis.documents
        if numbers and not named:
            unknown = numbers[0].canonical
            return Outcome(analysis, weights, (), 0.0, "nothing", unknown_document=unknown)
        tuning = self.snapshot.tuning
        elsewhere = (
            None
            if named
            else place_asked_about(
                normalise(text), tuning.elsewhere, self._home, self.snapshot.lexicon
            )
        )
        if elsewhere is not None:
            return Outcome(analysis, weights, (), 0.0, "nothing", elsewhere=elsewhere)
        articles = {int(value) for value in analysis.values("article")}
        if articles:
            found = self._by_article(analysis, weights, articles, named, within, as_of)
            if found is not None:
                return found
        evidence = self.evidence(analysis, mode)
        used: Mode = "lexical" if evidence.vector is None else "full"
        # What has no word in common with the question is found by meaning alone, if near.
        near = evidence.meaning >= self._numbers["near_from"]
        allowed = (near | (evidence.text + evidence.words > 0))[self.index.group_of]
        if named:
            ids = {document.id for document in named}
            allowed &= np.array([clause.document_id in ids for clause in self._clauses])
        of_years = self._for_years(analysis)
        factors = self._for_zone(analysis.normalised) * of_years * allowed
        scores = self.score(evidence) * factors
        order = self._ranked(scores, max(limit, 2))
        shown, places = scores, order[:limit]
        if broad:
            shown = evidence.near()[self.index.group_of] * factors
            places = self._ranked(shown, limit)
        hits = tuple(self._hit(i, float(shown[i]), weights, as_of) for i in places)
        vague = bool(weights) and all(f in self._vague or _YEAR.match(f) for f in weights)
        # A year tells which clause is meant, not whether any is.
        signals: dict[str, float] = {}
        if order:
            signals = self._signals(scores / of_years[order[0]], order, evidence, used)
            asking = self.snapshot.asking
            signals["wording"] = asking.unanswered(analysis.normalised) if asking else 0.0
        confidence = self._likely(f"{used}_", SURE_OF, signals)
        # That a document is named is certain; only the place in it is not.
        fits = 1.0 if named else self._likely(f"{used}_fits_", FITS_BY, signals)
        decision = self._decide(confidence, fits, vague and bool(hits), used)
        return Outcome(
            analysis,
            weights,
            hits,
            confidence,
            decision,
            named,
            whole=titled is not None and titled.whole,
            vague=vague,
            unplaced=bool(articles),
            vector=evidence.vector,
            signals=signals,
        )

    def _numbered(self, analysis: Analysis) -> tuple[Document, ...]:
        """The documents that a question names by their 文号."""
        numbers = analysis.documents
        if not numbers:
            return ()
        return tuple(
            document
            for document in self.snapshot.documents.values()
            if document.doc_no and any(number.matches(document.doc_no) for number in numbers)
        )

    def _for_zone(self, normalised: str) -> npt.NDArray[np.float64]:
        """What a score counts for by the clause's scope.

        A measure of a zone or city counts less, and more where the question names it.
        """
        zones = self.snapshot.tuning.zones
        weight = self._numbers["zone_weight"]
        others = weight**4 if _PROVINCIAL.search(normalised) else weight
        factors = np.where(self._scopes == PROVINCE, 1.0, others)
        for scope in self._zones:
            if any(name in normalised for name in (scope, *zones.get(scope, ()))):
                factors[self._scopes == scope] = 1 / weight
        return factors

    def _for_years(self, analysis: Analysis) -> npt.NDArray[np.float64]:
        """What a score counts for by the years that a question names.

        A clause of another year's document counts less, hardly less where its words
        speak of that year.
        """
        years = {
            int(str(span.value)[:4])
            for span in analysis.spans
            if span.kind in ("year", "date")
            and _WITH_YEAR.match(str(span.value))
            and not _OWN_HISTORY.match(analysis.normalised, span.end)
        }
        of_year = np.isin(self._years, list(years))
        if not of_year.any():
            return np.ones(len(self._clauses))
        speaks = np.array([any(str(year) in c.text for year in years) for c in self._clauses])
        other, said = self._numbers["other_year_weight"], self._numbers["said_year_weight"]
        return np.where(of_year, 1.0, np.where(speaks, said, other))

    def _ranked(self, scores: npt.NDArray[np.float64], limit: int) -> list[int]:
        """The first clauses with a score, best first; one for each group of copies."""
        best = self.index.best.of(scores)
        first = np.argsort(-best, kind="stable")[:limit]
        # What is said of one copy is said of all; the ranks of the copies decide.
        return [
            min(
                (place for place in self._members[group] if scores[place] > 0),
                key=lambda place: (self._preference[place], -scores[place]),
            )
            for group in first.tolist()
            if best[group] > 0
        ]

    def weigh(self, analysis: Analysis) -> dict[str, float]:
        """The features of a question with how much each says."""
        text = analysis.without("document_number", "article")
        return {f: self._weight(f) for f in self.analyzer.question(text, words=True)}

    def _weight(self, feature: str) -> float:
        if feature[0] != "w":
            return self.index.texts.weight(feature)
        # The index holds no words: one is as rare as the rarest pair of its characters.
        return max(self.index.texts.weight(f"b:{one}{two}") for one, two in pairwise(feature[2:]))

    def subject(self, features: Mapping[str, float]) -> list[str]:
        """The words and terms of a question that name something (补贴 alone names nothing)."""
        return [f for f in features if f[0] in "wlt" and len(f) > 3 and f not in self._vague]

    def hit(
        self,
        clause_id: str,
        features: Mapping[str, float],
        as_of: date,
        meant: Sequence[str] = (),
    ) -> Hit | None:
        """A clause by its id, judged for a question's weighted features; None where none is.

        Of several measures, that is judged which holds the ``meant`` words; without such
        words the one that has most in common with the question.
        """
        index = self._places.get(clause_id)
        return None if index is None else self._hit(index, 1.0, features, as_of, meant)

    def _signals(
        self,
        scores: npt.NDArray[np.float64],
        order: list[int],
        evidence: Evidence,
        mode: Mode,
    ) -> dict[str, float]:
        """What tells whether any clause answers, and whether the first one does.

        Its lead over the second, its score, how near its closest curated question is, how
        much of the question belongs to no clause, how near the closest message that none
        answers is, how likely its words make the first, and how likely they make any.
        """
        top = max(float(scores[order[0]]), 1e-9)
        second = float(scores[order[1]]) if len(order) > 1 else 0.0
        group = int(self.index.group_of[order[0]])
        return {
            "margin": (top - second) / top,
            "top": top,
            "near": float((evidence.meaning if mode == "full" else evidence.words)[group]),
            "unrelated": evidence.unrelated,
            "near_unrelated": evidence.near_unrelated,
            "learned": math.sqrt(evidence.learned[group]),
            "known": float(evidence.learned.sum()),
        }

    def _likely(self, kind: str, names: Sequence[str], signals: Mapping[str, float]) -> float:
        """A logistic model of the signals; docs/search.md tells how its slopes were found."""
        if not signals:
            return 0.0
        numbers = self._numbers
        logit = numbers[f"{kind}intercept"] + sum(
            numbers[f"{kind}{name}_slope"] * signals[name] for name in names
        )
        return 1 / (1 + math.exp(-logit))

    def _decide(self, confidence: float, fits: float, vague: bool, mode: Mode) -> Decision:
        """Whether any clause fits decides first; which one it is after that."""
        numbers = self._numbers
        if vague:
            return "offer"
        if fits < numbers[f"{mode}_offer_from"]:
            return "nothing"
        sure = fits >= numbers[f"{mode}_fits_from"] and confidence >= numbers[f"{mode}_answer_from"]
        return "answer" if sure else "offer"

    def _hit(
        self,
        index: int,
        score: float,
        weights: Mapping[str, float],
        as_of: date,
        meant: Sequence[str] = (),
    ) -> Hit:
        clause = self._clauses[index]
        document = self.snapshot.document_of(clause)
        own = [words for words in meant if words in clause.text]

        def likeness(part: str) -> float:
            if own:
                return sum(len(words) for words in own if words in part)
            return self.likeness(part, weights)

        counts = likeness if own or weights else None
        judged = judge(clause, document, as_of, counts, headed=not own)
        return Hit(clause, document, score, judged)

    def _by_article(
        self,
        analysis: Analysis,
        weights: Mapping[str, float],
        articles: set[int],
        named: tuple[Document, ...],
        within: str | None,
        as_of: date,
    ) -> Outcome | None:
        """Clauses by their number: 第8条 of a document, 财税金融篇第186点 of the checklist.

        None where the question names neither a document nor a part.
        """
        part = next((p for p in self._parts if p in analysis.normalised), None)
        if not named and part is None and within is not None:
            named = (self.snapshot.documents[within],)
        if not named and part is None:
            return None
        ids = {document.id for document in named}
        indexes = [
            index
            for index, clause in enumerate(self._clauses)
            if clause.part == part
            and clause.number in articles
            and (not named or clause.document_id in ids)
        ]
        scores = np.zeros(len(self._clauses))
        scores[indexes] = 1.0
        hits = tuple(
            self._hit(index, 1.0, weights, as_of) for index in self._ranked(scores, len(scores))
        )
        decision: Decision = "nothing" if not hits else "answer" if len(hits) == 1 else "offer"
        return Outcome(analysis, weights, hits, 1.0 if hits else 0.0, decision, named)
