"""The search: ranked clauses, and how sure it is that the first one is meant."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt

from bot.policies.model import PROVINCE, Clause, Document, Snapshot
from bot.policies.query import Analysis, analyse
from bot.policies.search.analyzer import Analyzer, FeatureCache
from bot.policies.search.bm25 import BM25, Scores
from bot.policies.validity import Judgement, judge

__all__ = ["Decision", "Hit", "Outcome", "Search"]

_BY_TEXT = 0.4

Decision = Literal["answer", "offer", "nothing"]


@dataclass(frozen=True)
class Hit:
    """A clause found.

    Attributes:
        score: the joined score, about 0 to 1.5; comparable within one search.
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
        named: the question names a document (文号) that is in the base.
        unknown_document: it names one that is not.
        vague: it holds nothing but words that name no measure.
        elsewhere: the place outside the province that it is about, or None.
        unplaced: it names an article (第8条) and no document.
    """

    analysis: Analysis
    weights: Mapping[str, float]
    hits: tuple[Hit, ...]
    confidence: float
    decision: Decision
    named: tuple[Document, ...] = ()
    unknown_document: str | None = None
    vague: bool = False
    elsewhere: str | None = None
    unplaced: bool = False


class Search:
    """An index over one snapshot; immutable, safe to use from several threads.

    Args:
        snapshot: the knowledge base.
        cache: file for computed features; None keeps nothing.
        use_questions: whether curated questions count (off for comparisons).
    """

    def __init__(
        self, snapshot: Snapshot, cache: Path | None = None, *, use_questions: bool = True
    ) -> None:
        self.snapshot = snapshot
        self._numbers = snapshot.tuning.numbers
        self._clauses = tuple(snapshot.clauses.values())
        self.analyzer = Analyzer(snapshot.lexicon, snapshot.tuning.fillers)
        self._vague = {
            feature for word in snapshot.tuning.vague for feature in self.analyzer.features(word)
        }
        features = FeatureCache(cache, self.analyzer)
        weights = {kind[0]: self._numbers[f"{kind}_weight"] for kind in ("word", "bigram", "term")}
        k1, b = self._numbers["k1"], self._numbers["b"]
        self._texts = BM25([self._of_clause(c, features) for c in self._clauses], weights, k1, b)
        rows = [
            (index, question)
            for index, clause in enumerate(self._clauses)
            for question in (snapshot.questions.get(clause.id, ()) if use_questions else ())
        ]
        self._owner = np.array([index for index, _ in rows], dtype=np.int64)
        self._questions = BM25(
            [features.features(text) for _, text in rows], weights, k1, b, self._owner.tolist()
        )
        features.save()
        self.computed = features.computed
        self._places = {clause.id: index for index, clause in enumerate(self._clauses)}
        self._groups = self._grouped()
        self._scopes = np.array([clause.scope for clause in self._clauses])
        self._zones = sorted({clause.scope for clause in self._clauses} - {PROVINCE})
        self._preference = [self._preferred(clause) for clause in self._clauses]
        self._sections = sorted({clause.part for clause in self._clauses if clause.part})
        self._parts: dict[str, frozenset[str]] = {}

    def _of_clause(self, clause: Clause, cache: FeatureCache) -> Mapping[str, float]:
        counts: Counter[str] = Counter(cache.features(clause.text))
        times = int(self._numbers["headline_weight"]) - 1
        for feature, count in cache.features(clause.headline).items():
            counts[feature] += times * count
        return counts

    def _grouped(self) -> npt.NDArray[np.int64]:
        """For each clause the first of those that print the same measure, itself included."""
        first = list(range(len(self._clauses)))

        def root(index: int) -> int:
            while first[index] != index:
                index = first[index]
            return index

        def join(one: int, other: int) -> None:
            first[max(root(one), root(other))] = min(root(one), root(other))

        for clause_id, copies in self.snapshot.copies.items():
            for copy in copies:
                if copy.kind != "within":
                    join(self._places[clause_id], self._places[copy.clause_id])
        # A document that is printed twice has each of its numbers once.
        numbers: dict[tuple[str, int], int] = {}
        for index, clause in enumerate(self._clauses):
            if clause.part is None:
                join(numbers.setdefault((clause.document_id, clause.number), index), index)
        return np.array([root(index) for index in range(len(first))], dtype=np.int64)

    def _preferred(self, clause: Clause) -> tuple[bool, int, int]:
        """Which of several copies is shown: no repealed one, the soundest, the fullest text."""
        faults = sum(note.kind != "reading" for note in clause.notes)
        kind = self.snapshot.sources[clause.source].kind
        rank = ("document", "compilation", "checklist").index(kind)
        return self.snapshot.document_of(clause).repealed is not None, faults, rank

    def _features_of(self, words: str) -> frozenset[str]:
        # Parts of clauses, read on demand; there are few and they never change.
        found = self._parts.get(words)
        if found is None:
            found = self._parts[words] = frozenset(self.analyzer.features(words))
        return found

    def likeness(self, words: str, features: Mapping[str, float]) -> float:
        """How much of a question's weight some words of a clause hold."""
        own = self._features_of(words)
        return sum(weight for feature, weight in features.items() if feature in own)

    def find(self, text: str, as_of: date, limit: int = 10, within: str | None = None) -> Outcome:
        """Search; of clauses that print the same measure, one is found.

        Args:
            text: the question as typed.
            as_of: the day by which validity is judged.
            limit: at most so many hits.
            within: the document that an article (第8条) belongs to where the question
                names none.
        """
        analysis = analyse(text, self.snapshot.lexicon)
        numbers = analysis.documents
        named = tuple(
            document
            for document in self.snapshot.documents.values()
            if document.doc_no and any(number.matches(document.doc_no) for number in numbers)
        )
        weights = self.weigh(analysis)
        if numbers and not named:
            return Outcome(
                analysis, weights, (), 0.0, "nothing", unknown_document=numbers[0].canonical
            )
        elsewhere = None if named else self._elsewhere(analysis.normalised)
        if elsewhere is not None:
            return Outcome(analysis, weights, (), 0.0, "nothing", elsewhere=elsewhere)
        articles = {int(value) for value in analysis.values("article")}
        if articles:
            found = self._by_article(analysis, weights, articles, named, within, as_of)
            if found is not None:
                return found
        texts, questions = self._texts.scores(weights), self._questions.scores(weights)
        scores = self._joined(texts, questions, weights)
        scores = scores * self._for_zone(analysis.normalised)
        if named:
            ids = {document.id for document in named}
            scores = np.where([c.document_id in ids for c in self._clauses], scores, 0.0)
        order = self._ranked(scores)[:limit]
        hits = tuple(self._hit(i, float(scores[i]), weights, as_of) for i in order)
        vague = bool(weights) and all(feature in self._vague for feature in weights)
        confidence = 0.0
        if hits:
            own = questions[self._groups[self._owner] == self._groups[order[0]]]
            # A clause is longer than a question and shares more words by chance.
            evidence = float(np.max(own)) if own.size else _BY_TEXT * float(texts[order[0]])
            confidence = self._confidence(scores, order, evidence, weights)
        if hits and named:
            # The document is certain; only the place in it is not.
            confidence = max(confidence, self._numbers["offer_from"])
        return Outcome(
            analysis,
            weights,
            hits,
            confidence,
            self._decide(confidence, vague and bool(hits)),
            named,
            vague=vague,
            unplaced=bool(articles),
        )

    def _for_zone(self, normalised: str) -> npt.NDArray[np.float64]:
        """What a score counts for by the clause's scope.

        A measure of a zone or city counts less, and more where the question names it.
        """
        zones = self.snapshot.tuning.zones
        weight = self._numbers["zone_weight"]
        factors = np.where(self._scopes == PROVINCE, 1.0, weight)
        for scope in self._zones:
            if any(name in normalised for name in (scope, *zones.get(scope, ()))):
                factors[self._scopes == scope] = 1 / weight
        return factors

    def _ranked(self, scores: npt.NDArray[np.float64]) -> list[int]:
        """Clauses with a score, best first; one for each group of copies."""
        best: dict[int, int] = {}
        for index in np.argsort(-scores, kind="stable"):
            if scores[index] <= 0:
                break
            group = int(self._groups[index])
            shown = best.setdefault(group, int(index))
            # What is said of one copy is said of all; the ranks of the copies decide.
            if self._preference[index] < self._preference[shown]:
                best[group] = int(index)
        return list(best.values())

    def _elsewhere(self, normalised: str) -> str | None:
        tuning = self.snapshot.tuning
        if any(place in normalised for place in tuning.home):
            return None
        return next((place for place in tuning.elsewhere if place in normalised), None)

    def weigh(self, analysis: Analysis) -> dict[str, float]:
        """The features of a question with how much each says."""
        question = self.analyzer.question(analysis.without("document_number", "article"))
        return {feature: self._texts.weight(feature) for feature in question}

    def subject(self, features: Mapping[str, float]) -> list[str]:
        """The words and terms of a question that name something (补贴 alone names nothing)."""
        return [f for f in features if f[0] in "wt" and len(f) > 3 and f not in self._vague]

    def hit(self, clause_id: str, features: Mapping[str, float], as_of: date) -> Hit | None:
        """A clause by its id, judged for a question's weighted features; None where none is."""
        index = self._places.get(clause_id)
        return None if index is None else self._hit(index, 1.0, features, as_of)

    def _joined(
        self, texts: Scores, questions: Scores, features: Mapping[str, float]
    ) -> npt.NDArray[np.float64]:
        """One score a clause from the scores of its text and of its questions."""
        share = texts / self._texts.ceiling(features)
        scores = self._numbers["text_weight"] * share.astype(np.float64)
        if self._owner.size:
            best = np.zeros(len(self._clauses))
            np.maximum.at(best, self._owner, questions / self._questions.ceiling(features))
            scores += self._numbers["question_weight"] * best
        # Copies share their questions and the best of their texts.
        groups = np.zeros(len(self._clauses))
        np.maximum.at(groups, self._groups, scores)
        return groups[self._groups]

    def _confidence(
        self,
        scores: npt.NDArray[np.float64],
        order: list[int],
        evidence: float,
        features: Mapping[str, float],
    ) -> float:
        """How sure it is that the first clause is meant: a logistic model of three features.

        The lead over the second, the share of the question's weight that the base
        knows at all, and how much the closest curated question (else the clause)
        has in common with it. docs/search.md tells how the slopes were found.
        """
        top = max(float(scores[order[0]]), 1e-9)
        second = float(scores[order[1]]) if len(order) > 1 else 0.0
        known = sum(
            weight
            for feature, weight in features.items()
            if self._texts.knows(feature) or self._questions.knows(feature)
        )
        numbers = self._numbers
        logit = (
            numbers["intercept"]
            + numbers["margin_slope"] * (top - second) / top
            + numbers["coverage_slope"] * known / self._texts.ceiling(features)
            + numbers["evidence_slope"] * math.log1p(evidence)
        )
        return 1 / (1 + math.exp(-logit))

    def _decide(self, confidence: float, vague: bool) -> Decision:
        if vague:
            return "offer"
        if confidence >= self._numbers["answer_from"]:
            return "answer"
        return "offer" if confidence >= self._numbers["offer_from"] else "nothing"

    def _hit(self, index: int, score: float, weights: Mapping[str, float], as_of: date) -> Hit:
        clause = self._clauses[index]
        document = self.snapshot.document_of(clause)
        judgement = judge(
            clause,
            document,
            as_of,
            (lambda words: self.likeness(words, weights)) if weights else None,
        )
        return Hit(clause, document, score, judgement)

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
        part = next((p for p in self._sections if p in analysis.normalised), None)
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
        hits = tuple(self._hit(index, 1.0, weights, as_of) for index in self._ranked(scores))
        decision: Decision = "nothing" if not hits else "answer" if len(hits) == 1 else "offer"
        return Outcome(analysis, weights, hits, 1.0 if hits else 0.0, decision, named)
