"""Counted features of many texts as arrays: which stands where, how often, how rare it is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import numpy.typing as npt

from bot.policies.search.bags import Bags, Numbers, Values, sorting

__all__ = ["Best", "Postings", "Table"]


class Table:
    """The features of texts, numbered in the order of first sight.

    Args:
        texts: the features of each text with their counts.
        kinds: weight by feature prefix (``w``, ``b``, ``t`` …).
        groups: which texts belong together. A feature is rare when few groups hold it:
            one that stands in all twenty questions of one clause says much.

    Attributes:
        rows, features, counts: one entry for each feature of each text, by text.
        size: how many texts.
        rarity: for each feature its inverse document frequency times its kind's weight.
    """

    def __init__(
        self,
        texts: Bags | Sequence[Mapping[str, float]],
        kinds: Mapping[str, float],
        groups: Sequence[int] | None = None,
    ) -> None:
        bags = texts if isinstance(texts, Bags) else Bags.of(texts)
        self.features, self.counts, self.sizes = bags.features, bags.counts, bags.sizes
        self.size = len(self.sizes)
        self.rows: Numbers = np.repeat(np.arange(self.size), self.sizes)
        self._kinds = dict(kinds)
        self._numbers = numbers = bags.numbers
        group_of = np.arange(self.size)
        if groups is not None:
            # Renumbered without gaps: a base of few questions may hold high groups.
            group_of = np.unique(np.asarray(groups, dtype=np.int64), return_inverse=True)[1]
        self._groups = len(np.unique(group_of))
        # How many groups hold each feature.
        pairs = np.sort(self.features * max(self._groups, 1) + group_of[self.rows])
        fresh = np.diff(pairs, prepend=-1) != 0
        self._held = np.bincount(pairs[fresh] // max(self._groups, 1), minlength=len(numbers))
        kind = np.array([self._kinds.get(f[0], 0.0) for f in numbers], dtype=np.float64)
        self.rarity: npt.NDArray[np.float64] = self._idf(self._held) * kind
        self._unknown = float(self._idf(np.zeros(1))[0])

    def _idf(self, held: npt.NDArray[np.generic]) -> npt.NDArray[np.float64]:
        frequency = held.astype(np.float64)
        return np.log(1 + (self._groups - frequency + 0.5) / (frequency + 0.5))

    def held(self, kind: str) -> dict[str, int]:
        """For each feature of a kind, without its prefix, how many groups hold it."""
        chosen = ((f[2:], n) for f, n in self._numbers.items() if f[0] == kind)
        return {feature: int(self._held[number]) for feature, number in chosen}

    def number(self, feature: str) -> int | None:
        """The number of a feature; None where no text holds it."""
        return self._numbers.get(feature)

    def weight(self, feature: str) -> float:
        """How much a feature says: its idf times its kind's weight; high for an unknown one."""
        number = self._numbers.get(feature)
        if number is not None:
            return float(self.rarity[number])
        return self._unknown * self._kinds.get(feature[0], 0.0)


class Postings:
    """For each feature the texts that hold it, with what it adds to their scores.

    Args:
        table: the features.
        contributions: for each entry of the table what it adds.
    """

    def __init__(self, table: Table, contributions: Values) -> None:
        order = sorting(table.features)
        self._size = table.size
        self._rows = table.rows[order].astype(np.int32)
        self._contributions = contributions[order].astype(np.float32)
        known = np.arange(len(table.rarity) + 1)
        self._starts = np.searchsorted(table.features[order], known).tolist()

    def sum(self, features: Iterable[tuple[int, float]]) -> Values:
        """The scores of all texts for numbered features with a factor each; shape (size,)."""
        scores = np.zeros(self._size, dtype=np.float32)
        for number, factor in features:
            held = slice(self._starts[number], self._starts[number + 1])
            # A text holds a feature once, so no place comes twice.
            scores[self._rows[held]] += factor * self._contributions[held]
        return scores


class Best:
    """The highest value of each group's texts.

    Args:
        owners: the group of each text.
        groups: how many groups there are; one without a text gets nought.
    """

    def __init__(self, owners: Numbers, groups: int) -> None:
        self.groups = groups
        self._order = np.argsort(owners, kind="stable")
        self._present, self._starts = np.unique(owners[self._order], return_index=True)

    def of(self, values: npt.NDArray[np.floating]) -> npt.NDArray[np.float64]:
        """The best of values, one for each text; shape (groups,), never below nought."""
        best = np.zeros(self.groups)
        if len(self._present):
            found = np.maximum.reduceat(values[self._order], self._starts)
            best[self._present] = np.maximum(found, 0)
        return best
