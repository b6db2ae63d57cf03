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
        groups = range(self.size) if groups is None else groups
        self._total = len(set(groups))
        lengths = np.array([sum(text.values()) for text in texts], dtype=np.float32)
        mean = float(lengths.mean()) if self.size else 1.0
        held_back = k1 * (1 - b + b * lengths / max(mean, 1.0))
        rows: dict[str, tuple[list[int], list[float]]] = {}
        for index, text in enumerate(texts):
            for feature, count in text.items():
                places, counts = rows.setdefault(feature, ([], []))
                places.append(index)
                counts.append(count)
        self._weights = dict(weights)
        self._postings: dict[str, tuple[npt.NDArray[np.int32], Scores]] = {}
        self._idf: dict[str, float] = {}
        for feature, (places, counts) in rows.items():
            at = np.array(places, dtype=np.int32)
            tf = np.array(counts, dtype=np.float32)
            frequency = len({groups[place] for place in places})
            weight = self._idf_of(frequency) * self._weights.get(feature[0], 1.0)
            self._idf[feature] = weight
            contribution = weight * tf * (k1 + 1) / (tf + held_back[at])
            self._postings[feature] = (at, contribution.astype(np.float32))
        self._unknown_idf = self._idf_of(0)

    def _idf_of(self, frequency: int) -> float:
        return float(np.log(1 + (self._total - frequency + 0.5) / (frequency + 0.5)))

    def knows(self, feature: str) -> bool:
        """Whether any text holds the feature."""
        return feature in self._idf

    def weight(self, feature: str) -> float:
        """How much a feature says: its idf times its kind's weight; high for an unknown one."""
        known = self._idf.get(feature)
        if known is not None:
            return known
        return self._unknown_idf * self._weights.get(feature[0], 1.0)

    def scores(self, features: Mapping[str, float]) -> Scores:
        """The score of every text for a question's features; shape (size,)."""
        scores = np.zeros(self.size, dtype=np.float32)
        for feature in features:
            posting = self._postings.get(feature)
            if posting is not None:
                scores[posting[0]] += posting[1]
        return scores

    def ceiling(self, features: Mapping[str, float]) -> float:
        """What a text that held every feature once at mean length would score."""
        return sum(self.weight(feature) for feature in features) or 1.0
