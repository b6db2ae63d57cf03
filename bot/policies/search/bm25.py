"""BM25 over counted features (Robertson & Zaragoza, Foundations and Trends in IR, 2009)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from bot.policies.search.bags import Bags
from bot.policies.search.table import Postings, Table

__all__ = ["BM25", "Scores"]

Scores = npt.NDArray[np.float32]


class BM25:
    """An inverted index whose postings hold ready-made contributions.

    Args:
        texts: the features of each text with their counts.
        kinds: weight by feature prefix (``w``, ``b``, ``t`` …).
        k1: how soon repeats stop counting.
        b: how much long texts are held back, 0 to 1.
    """

    def __init__(
        self,
        texts: Bags | Sequence[Mapping[str, float]],
        kinds: Mapping[str, float],
        k1: float,
        b: float,
    ) -> None:
        self._table = table = Table(texts, kinds)
        lengths = np.bincount(table.rows, table.counts, table.size)
        mean = float(lengths.mean()) if table.size else 1.0
        held_back = k1 * (1 - b + b * lengths / max(mean, 1.0))
        saturated = table.counts * (k1 + 1) / (table.counts + held_back[table.rows])
        contributions = table.rarity[table.features] * saturated
        self._postings = Postings(table, contributions.astype(np.float32))

    def weight(self, feature: str) -> float:
        """How much a feature says; high for one that no text holds."""
        return self._table.weight(feature)

    def held(self, kind: str) -> dict[str, int]:
        """For each feature of a kind, without its prefix, how many texts hold it."""
        return self._table.held(kind)

    def scores(self, features: Mapping[str, float]) -> Scores:
        """The score of every text for a question's features; shape (size,)."""
        numbers = (self._table.number(feature) for feature in features)
        return self._postings.sum((number, 1.0) for number in numbers if number is not None)

    def ceiling(self, features: Mapping[str, float]) -> float:
        """What a text that held every feature once at mean length would score."""
        return sum(self.weight(feature) for feature in features) or 1.0
