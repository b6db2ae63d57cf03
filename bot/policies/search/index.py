"""What speaks for each clause: its words, its curated questions, and their meanings.

An index over one snapshot, without any judgement: :class:`Index` gives the
:class:`Evidence` for a question, the engine weighs it and decides. Clauses that print
the same measure are one group and share their evidence.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from bot.policies.model import Snapshot
from bot.policies.search.analyzer import Analyzer
from bot.policies.search.asked import Asked
from bot.policies.search.bm25 import BM25
from bot.policies.search.encoder import Encoder, Vectors
from bot.policies.search.reading import bags_of
from bot.policies.search.table import Best
from bot.policies.search.vectors import VectorStore

__all__ = [
    "Column",
    "Evidence",
    "Index",
    "curated",
    "encode_all",
    "group_copies",
    "programme_questions",
]

Column = npt.NDArray[np.float64]
_RECENT = 32  # messages whose nearness to the programmes is kept


@dataclass(frozen=True)
class Evidence:
    """What speaks for each group of clauses; every column has shape (groups,).

    Attributes:
        text: share of the question's weight that the clause's own words hold, about 0 to 1.
        near_text: nearness in meaning (cosine after centring) of the clause; zeros where no
            encoder is at work.
        asked: how much of the question is the group's own, as the curated questions tell.
        words, meaning: nearness of its closest curated question.
        unrelated: how much of the question is none of the groups'.
        near_unrelated: nearness of the closest message that no clause answers, in meaning, or
            in words where no encoder is at work.
        learned: how likely its words make each group, as the classifier has learned; zeros
            where there is none.
        vector: the question's meaning, centred; None where no encoder is at work.
    """

    text: Column
    near_text: Column
    asked: Column
    words: Column
    meaning: Column
    unrelated: float
    near_unrelated: float
    learned: Column
    vector: Vectors | None = None

    def near(self) -> Column:
        """How near each group comes in all ways together, whatever else comes near as well."""
        return self.text + self.words + self.near_text + self.meaning


class Index:
    """Lexical and semantic indexes over the clauses and curated questions.

    Args:
        snapshot: the knowledge base.
        analyzer: turns texts into features.
        encoder: the sentence encoder, or None.
        vectors: stored vectors of that encoder.
        use_questions: whether curated questions count (off for comparisons).
    """

    def __init__(
        self,
        snapshot: Snapshot,
        analyzer: Analyzer,
        encoder: Encoder | None = None,
        vectors: VectorStore | None = None,
        *,
        use_questions: bool = True,
    ) -> None:
        self._analyzer = analyzer
        self.clauses = tuple(snapshot.clauses.values())
        groups = group_copies(snapshot)
        # Groups are numbered in the order of their first clauses.
        firsts, numbered = np.unique(groups, return_inverse=True)
        self.group_of: npt.NDArray[np.int64] = numbered.astype(np.int64)
        self.size = len(firsts)
        self.best = Best(self.group_of, self.size)
        numbers = snapshot.tuning.numbers
        kinds = {
            name[0]: numbers[f"{name}_weight"] for name in ("latin", "bigram", "pinyin", "term")
        }
        headline = int(numbers["headline_weight"]) - 1
        self.texts = BM25(
            bags_of([(c.text, c.headline) for c in self.clauses], analyzer, (1, headline)),
            kinds,
            numbers["k1"],
            numbers["b"],
        )
        owners = {c.id: int(g) for c, g in zip(self.clauses, self.group_of, strict=True)}
        # One more group: what belongs to none.
        rows = [(owners[key], text) for key, text in curated(snapshot)] if use_questions else []
        rows += [(self.size, text) for text in snapshot.unrelated] if use_questions else []
        named = list(programme_questions(snapshot) if use_questions else ())
        self._classifier = snapshot.classifier if use_questions else None
        if self._classifier is not None:
            # That of no clause, and one whose clause is no longer there, belong to none.
            classes = (owners.get(key, self.size) for key in self._classifier.classes.tolist())
            self._classes = np.fromiter(classes, np.int64)
        # Their texts stand together, so each programme is a run of rows.
        keys = [key for key, _ in named]
        self._programme_ids = tuple(dict.fromkeys(keys))
        self._programme_starts = [i for i, (a, b) in enumerate(pairwise(("", *keys))) if a != b]
        self._encoder = encoder
        # One message asks for this more than once.
        self._near = lru_cache(maxsize=_RECENT)(self._nearest)
        asked_vectors: Vectors | None = None
        if encoder is not None:
            empty = VectorStore(None, encoder.name, encoder.size)
            store = vectors if vectors is not None else empty
            passages = store.all("passage", [c.text for c in self.clauses], encoder.passages)
            asked = store.all("query", [text for _, text in rows], encoder.queries)
            self._text_centre = passages.mean(axis=0)
            self._centre = asked.mean(axis=0) if rows else self._text_centre
            self._passages = _unit(np.subtract(passages, self._text_centre, out=passages))
            asked_vectors = _unit(np.subtract(asked, self._centre, out=asked))
            told = store.all("query", [text for _, text in named], encoder.queries)
            self._programme_vectors = _unit(told - self._centre)
        self._asked = Asked(
            bags_of([(text,) for _, text in rows], analyzer, questions=True),
            [group for group, _ in rows],
            self.size + 1,
            kinds,
            numbers,
            asked_vectors,
        )

    @property
    def semantic(self) -> bool:
        """Whether an encoder is at work."""
        return self._encoder is not None

    def evidence(
        self, weights: Mapping[str, float], question: str, *, semantic: bool = True
    ) -> Evidence:
        """What speaks for each group.

        Args:
            weights: the question's features with how much each says.
            question: its words, for the encoder and the classifier.
            semantic: whether to ask the encoder, where there is one.
        """
        text = self.best.of(self.texts.scores(weights) / self.texts.ceiling(weights))
        near_text = np.zeros(self.size)
        vector: Vectors | None = None
        if self._encoder is not None and semantic and question.strip():
            plain = self._encoder.queries([question])[0]
            near_text = self.best.of(self._passages @ _unit(plain - self._text_centre))
            vector = _unit(plain - self._centre)
        told = self._asked.tell((f for f in weights if f[0] != "w"), vector)
        return Evidence(
            text,
            near_text,
            told.share[:-1],
            told.words[:-1],
            told.meaning[:-1],
            float(told.share[-1]),
            float((told.words if vector is None else told.meaning)[-1]),
            self._learned(weights, question),
            vector,
        )

    def _learned(self, weights: Mapping[str, float], question: str) -> Column:
        """How likely each group is by the question's words."""
        if self._classifier is None or not weights:
            return np.zeros(self.size)
        shares = self._classifier.shares((*weights, *self._analyzer.singles(question)))
        return np.bincount(self._classes, shares, self.size + 1)[:-1]

    def programmes_near(self, vector: Vectors | None) -> Mapping[str, float]:
        """For each programme the cosine of its nearest question; none without an encoder."""
        return {} if vector is None else self._near(vector.tobytes())

    def _nearest(self, vector: bytes) -> Mapping[str, float]:
        near = self._programme_vectors @ np.frombuffer(vector, np.float32)
        if not self._programme_ids:
            return {}
        best = np.maximum.reduceat(near, self._programme_starts)
        return dict(zip(self._programme_ids, best.tolist(), strict=True))


def curated(snapshot: Snapshot) -> Iterator[tuple[str, str]]:
    """The curated questions, each with its clause."""
    for key in snapshot.clauses:
        for question in snapshot.questions.get(key, ()):
            yield key, question


def programme_questions(snapshot: Snapshot) -> Iterator[tuple[str, str]]:
    """The names and questions of programmes, each with its programme's id."""
    for programme in snapshot.programmes.values():
        for text in (programme.name, *programme.questions):
            yield programme.id, text


def encode_all(snapshot: Snapshot, encoder: Encoder, store: VectorStore) -> None:
    """Have a store hold the vectors of all clauses and curated questions."""
    store.all("passage", [c.text for c in snapshot.clauses.values()], encoder.passages)
    asked = [question for _, question in curated(snapshot)]
    named = [text for _, text in programme_questions(snapshot)]
    store.all("query", [*asked, *snapshot.unrelated, *named], encoder.queries)


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


def _unit(vectors: Vectors) -> Vectors:
    """Vectors of length one, in the place of those given."""
    vectors /= np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), 1e-9)
    return vectors
