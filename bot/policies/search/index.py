"""What speaks for each clause: its words, its curated questions, and their meanings.

An index over one snapshot, without any judgement: :class:`Index` gives the
:class:`Evidence` for a question, the engine weighs it and decides. Clauses that print
the same measure are one group and share their evidence.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from bot.policies.model import Clause, Snapshot
from bot.policies.search.analyzer import FeatureCache
from bot.policies.search.bm25 import BM25
from bot.policies.search.encoder import Encoder, Vectors
from bot.policies.search.vectors import VectorStore

__all__ = ["Column", "Evidence", "Index", "encode_all", "group_copies"]

Column = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Evidence:
    """What speaks for each group of clauses; every column has shape (groups,).

    Attributes:
        text, question: share of the question's weight that the clause's own words hold,
            and those of its closest curated question, about 0 to 1.
        near_text, near_question, near_second: nearness in meaning (cosine after
            centring) of the clause, and of its two closest curated questions; zeros
            where no encoder is at work.
    """

    text: Column
    question: Column
    near_text: Column
    near_question: Column
    near_second: Column


class Index:
    """Lexical and semantic indexes over the clauses and curated questions.

    Args:
        snapshot: the knowledge base.
        features: the features of texts, cached.
        encoder: the sentence encoder, or None.
        vectors: stored vectors of that encoder.
        use_questions: whether curated questions count (off for comparisons).
    """

    def __init__(
        self,
        snapshot: Snapshot,
        features: FeatureCache,
        encoder: Encoder | None = None,
        vectors: VectorStore | None = None,
        *,
        use_questions: bool = True,
    ) -> None:
        self.clauses = tuple(snapshot.clauses.values())
        groups = group_copies(snapshot)
        # Groups are numbered in the order of their first clauses.
        firsts, numbered = np.unique(groups, return_inverse=True)
        self.group_of: npt.NDArray[np.int64] = numbered.astype(np.int64)
        self.size = len(firsts)
        numbers = snapshot.tuning.numbers
        weights = {
            name[0]: numbers[f"{name}_weight"] for name in ("word", "bigram", "pinyin", "term")
        }
        k1, b = numbers["k1"], numbers["b"]
        headline = int(numbers["headline_weight"]) - 1
        self.texts = BM25(
            [_of_clause(clause, features, headline) for clause in self.clauses], weights, k1, b
        )
        rows = [
            (int(self.group_of[index]), question)
            for index, clause in enumerate(self.clauses)
            for question in (snapshot.questions.get(clause.id, ()) if use_questions else ())
        ]
        self._owner = np.array([group for group, _ in rows], dtype=np.int64)
        self.questions = BM25(
            [features.features(text) for _, text in rows], weights, k1, b, self._owner.tolist()
        )
        self._encoder = encoder
        if encoder is not None:
            empty = VectorStore(None, encoder.name, encoder.size)
            store = vectors if vectors is not None else empty
            passages = store.all("passage", [c.text for c in self.clauses], encoder.passages)
            asked = store.all("query", [text for _, text in rows], encoder.queries)
            self._text_centre = passages.mean(axis=0)
            self._centre = asked.mean(axis=0) if rows else self._text_centre
            self._passages = _unit(passages - self._text_centre)
            self._asked = _unit(asked - self._centre)

    @property
    def semantic(self) -> bool:
        """Whether an encoder is at work."""
        return self._encoder is not None

    def knows(self, feature: str) -> bool:
        """Whether any clause or curated question holds a feature."""
        return self.texts.knows(feature) or self.questions.knows(feature)

    def evidence(
        self, weights: Mapping[str, float], question: str, *, semantic: bool = True
    ) -> Evidence:
        """What speaks for each group.

        Args:
            weights: the question's features with how much each says.
            question: its words, for the encoder.
            semantic: whether to ask the encoder, where there is one.
        """
        text = self._best(self.texts.scores(weights) / self.texts.ceiling(weights), self.group_of)
        asked = self._best(
            self.questions.scores(weights) / self.questions.ceiling(weights), self._owner
        )
        none = np.zeros(self.size)
        if self._encoder is None or not semantic or not question.strip():
            return Evidence(text, asked, none, none, none)
        vector = self._encoder.queries([question])[0]
        near_text = self._best(self._passages @ _unit(vector - self._text_centre), self.group_of)
        nearness = self._asked @ _unit(vector - self._centre)
        first, second = self._best_two(nearness)
        return Evidence(text, asked, near_text, first, second)

    def _best(self, scores: npt.NDArray[np.floating], owners: npt.NDArray[np.int64]) -> Column:
        best = np.zeros(self.size)
        np.maximum.at(best, owners, scores)
        return best

    def _best_two(self, nearness: npt.NDArray[np.floating]) -> tuple[Column, Column]:
        """The nearest and the second nearest question of each group."""
        first, second = np.zeros(self.size), np.zeros(self.size)
        order = np.argsort(nearness, kind="stable")
        owners = self._owner[order]
        # Written in ascending order, the last one that stays is the nearest.
        first[owners] = np.maximum(nearness[order], 0)
        last = np.zeros(self.size, dtype=np.int64)
        last[owners] = order
        rest = np.ones(len(nearness), dtype=bool)
        rest[last[np.unique(self._owner)]] = False
        kept = order[rest[order]]
        second[self._owner[kept]] = np.maximum(nearness[kept], 0)
        return first, second


def encode_all(snapshot: Snapshot, encoder: Encoder, store: VectorStore) -> None:
    """Have a store hold the vectors of all clauses and curated questions."""
    store.all("passage", [c.text for c in snapshot.clauses.values()], encoder.passages)
    asked = [question for rows in snapshot.questions.values() for question in rows]
    store.all("query", asked, encoder.queries)


def group_copies(snapshot: Snapshot) -> npt.NDArray[np.int64]:
    """For each clause the place of the first of those that print the same measure."""
    clauses = tuple(snapshot.clauses.values())
    places = {clause.id: index for index, clause in enumerate(clauses)}
    first = list(range(len(clauses)))

    def root(index: int) -> int:
        while first[index] != index:
            index = first[index]
        return index

    def join(one: int, other: int) -> None:
        first[max(root(one), root(other))] = min(root(one), root(other))

    for clause_id, copies in snapshot.copies.items():
        for copy in copies:
            if copy.kind != "within":
                join(places[clause_id], places[copy.clause_id])
    # A document that is printed twice has each of its numbers once.
    numbers: dict[tuple[str, int], int] = {}
    for index, clause in enumerate(clauses):
        if clause.part is None:
            join(numbers.setdefault((clause.document_id, clause.number), index), index)
    return np.array([root(index) for index in range(len(first))], dtype=np.int64)


def _of_clause(clause: Clause, features: FeatureCache, headline: int) -> Mapping[str, float]:
    counts: Counter[str] = Counter(features.features(clause.text))
    for feature, count in features.features(clause.headline).items():
        counts[feature] += headline * count
    return counts


def _unit(vectors: Vectors) -> Vectors:
    lengths = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return (vectors / np.maximum(lengths, 1e-9)).astype(np.float32)
