"""BM25 over counted features (Robertson & Zaragoza, Foundations and Trends in IR, 2009)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

__all__ = ["BM25", "Scores"]

Scores = npt.NDArray[np.float32]


class BM25:
    """An inverted index whose postings hold ready-made contributions.

    Args:
        texts: the features of each text with their counts.
        weights: weight by feature prefix (``w``, ``b``, ``t``).
        k1: how soon repeats stop counting.
        b: how much long texts are held back, 0 to 1.
        groups: which texts belong together. A word is rare when few groups hold it:
            one that stands in all twenty questions of one clause says much.
    """

    def __init__(
        self,
        texts: Sequence[Mapping[str, float]],
        weights: Mapping[str, float],
        k1: float,
        b: float,
        groups: Sequence[int] | None = None,
    ) -> None:
        self.size = len(texts)
        group_of = np.arange(self.size) if groups is None else np.asarray(groups, dtype=np.int64)
        self._total = len(np.unique(group_of))
        self._weights = dict(weights)
        # A feature's number is its place in the vocabulary, in the order of first sight.
        self._numbers: dict[str, int] = {}
        numbers: list[int] = []
        counts: list[float] = []
        sizes: list[int] = []
        for text in texts:
            sizes.append(len(text))
            counts.extend(text.values())
            numbers.extend(self._numbers.setdefault(f, len(self._numbers)) for f in text)
        features = np.array(numbers, dtype=np.int64)
        tf = np.array(counts, dtype=np.float32)
        places = np.repeat(np.arange(self.size), sizes)
        lengths = np.bincount(places, tf, self.size).astype(np.float32)
        mean = float(lengths.mean()) if self.size else 1.0
        held_back = k1 * (1 - b + b * lengths / max(mean, 1.0))
        known = len(self._numbers)
        pairs = np.unique(features * max(self.size, 1) + group_of[places])
        frequency = np.bincount(pairs // max(self.size, 1), minlength=known)
        kinds = np.array([self._weights.get(f[0], 1.0) for f in self._numbers], dtype=np.float64)
        self._idf = self._idf_of(frequency) * kinds
        contributions = self._idf[features] * tf * (k1 + 1) / (tf + held_back[places])
        order = np.argsort(features, kind="stable")
        self._places = places[order].astype(np.int32)
        self._contributions = contributions[order].astype(np.float32)
        self._starts = np.searchsorted(features[order], np.arange(known + 1))
        self._unknown_idf = float(self._idf_of(np.zeros(1))[0])

    def _idf_of(self, frequency: npt.NDArray[np.generic]) -> npt.NDArray[np.float64]:
        held = frequency.astype(np.float64)
        return np.log(1 + (self._total - held + 0.5) / (held + 0.5))

    def knows(self, feature: str) -> bool:
        """Whether any text holds the feature."""
        return feature in self._numbers

    def weight(self, feature: str) -> float:
        """How much a feature says: its idf times its kind's weight; high for an unknown one."""
        number = self._numbers.get(feature)
        if number is not None:
            return float(self._idf[number])
        return self._unknown_idf * self._weights.get(feature[0], 1.0)

    def scores(self, features: Mapping[str, float]) -> Scores:
        """The score of every text for a question's features; shape (size,)."""
        scores = np.zeros(self.size, dtype=np.float32)
        for feature in features:
            number = self._numbers.get(feature)
            if number is not None:
                held = slice(self._starts[number], self._starts[number + 1])
                scores[self._places[held]] += self._contributions[held]
        return scores

    def ceiling(self, features: Mapping[str, float]) -> float:
        """What a text that held every feature once at mean length would score."""
        return sum(self.weight(feature) for feature in features) or 1.0
