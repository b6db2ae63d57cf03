"""What the curated questions say of a new one: kernel ridge regression over the nearest.

Each curated question is a known answer: it belongs to one group of clauses. How near two
questions are, by words and by meaning, is the kernel; the regression weighs the nearest
ones so that ten that say the same do not count ten times, and one that stands alone
counts in full (Saunders, Gammerman & Vovk, ICML 1998; solved over the neighbourhood as
Bottou & Vapnik, Neural Computation 1992, do). Nothing is trained beforehand: an edited
question counts from the next index on.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from bot.policies.search.bags import Bags, sorting
from bot.policies.search.encoder import Vectors
from bot.policies.search.table import Best, Postings, Table

__all__ = ["Asked", "Told"]

Column = npt.NDArray[np.float64]
_FEW = 20  # questions that hold a feature; up to so many, their pairs are fewer than products


@dataclass(frozen=True)
class Told:
    """What the curated questions tell of a new one.

    Attributes:
        share: for each group how much of the question is its own, about 0 to 1; shape
            (groups,).
        words: for each group the nearness in words (cosine) of its closest question.
        meaning: the same in meaning; zeros where no vector was given.
    """

    share: Column
    words: Column
    meaning: Column


class Asked:
    """Curated questions with their groups.

    Args:
        texts: the features of each question.
        owners: the group of each.
        groups: how many groups there are.
        kinds: weight by feature prefix.
        numbers: ``lexical_neighbours``, ``full_neighbours``, ``ridge``, ``words_spread``,
            ``meaning_spread``.
        vectors: unit vectors of the questions, shape (questions, size), or None.
    """

    def __init__(
        self,
        texts: Bags | Sequence[Iterable[str]],
        owners: Sequence[int],
        groups: int,
        kinds: Mapping[str, float],
        numbers: Mapping[str, float],
        vectors: Vectors | None = None,
    ) -> None:
        self._owners = np.asarray(owners, dtype=np.int64)
        self._best = Best(self._owners, groups)
        self._numbers = numbers
        self._vectors = vectors
        if not isinstance(texts, Bags):
            texts = Bags.of([dict.fromkeys(text, 1.0) for text in texts])
        self._table = table = Table(texts, kinds, owners)
        weights = table.rarity[table.features]
        lengths = np.sqrt(np.bincount(table.rows, weights**2, table.size))
        self._units = (weights / np.maximum(lengths, 1e-9)[table.rows]).astype(np.float32)
        self._postings = Postings(table, self._units)
        self._ends = np.cumsum(table.sizes)

    def tell(self, features: Iterable[str], vector: Vectors | None = None) -> Told:
        """What the questions tell.

        Args:
            features: those of the new question.
            vector: its unit vector; None goes by words alone.
        """
        words = self._words(features)
        meaning = None if vector is None or self._vectors is None else self._vectors @ vector
        none = np.zeros(self._best.groups)
        if not words.any() and meaning is None:
            return Told(none, none, none)
        near = self._kernel(words, meaning)
        mode = "lexical" if meaning is None else "full"
        count = min(int(self._numbers[f"{mode}_neighbours"]), len(near))
        rows = np.argpartition(-near, count - 1)[:count]
        among = None
        if meaning is not None and self._vectors is not None:
            among = self._vectors[rows] @ self._vectors[rows].T
        kernel = self._kernel(self._words_among(rows), among)
        kernel[np.diag_indices(count)] += self._numbers["ridge"]
        parts = np.linalg.solve(kernel, near[rows])
        share = np.bincount(self._owners[rows], parts, self._best.groups)
        return Told(
            share, self._best.of(words), none if meaning is None else self._best.of(meaning)
        )

    def _kernel(
        self, words: npt.NDArray[np.floating], meaning: npt.NDArray[np.floating] | None
    ) -> Column:
        exponent = (words - 1) / self._numbers["words_spread"]
        if meaning is not None:
            exponent = exponent + (meaning - 1) / self._numbers["meaning_spread"]
        kernel: Column = np.exp(exponent).astype(np.float64)
        return kernel

    def _words(self, features: Iterable[str]) -> npt.NDArray[np.float32]:
        """The cosine in words with every question."""
        weights = {feature: self._table.weight(feature) for feature in features}
        length = np.sqrt(sum(weight**2 for weight in weights.values())) or 1.0
        numbered = ((self._table.number(f), weight / length) for f, weight in weights.items())
        return self._postings.sum((number, w) for number, w in numbered if number is not None)

    def _words_among(self, rows: npt.NDArray[np.int64]) -> npt.NDArray[np.float32]:
        """The cosines in words among some questions; shape (rows, rows)."""
        sizes = self._table.sizes[rows]
        first = np.repeat(self._ends[rows] - np.cumsum(sizes), sizes)
        entries = first + np.arange(sizes.sum())
        features = self._table.features[entries]
        by_feature = sorting(features)
        fresh = np.diff(features[by_feature], prepend=-1) != 0
        starts = np.flatnonzero(fresh)
        held = np.diff(starts, append=len(features))
        places = np.empty_like(features)
        places[by_feature] = np.cumsum(fresh) - 1
        whose, units = np.repeat(np.arange(len(rows)), sizes), self._units[entries]
        # What only one of them holds, most of it, brings no two together; what many hold
        # is multiplied as a matrix, and what few hold pair by pair, for it is sparse.
        common = held > _FEW
        dense = np.zeros((len(rows), int(common.sum())), dtype=np.float32)
        kept = common[places]
        dense[whose[kept], (np.cumsum(common) - 1)[places[kept]]] = units[kept]
        among: npt.NDArray[np.float32] = dense @ dense.T
        pairs, products = [], []
        for count in range(2, _FEW + 1):
            own = by_feature[starts[held == count][:, None] + np.arange(count)]
            pairs.append((whose[own][:, :, None] * len(rows) + whose[own][:, None, :]).ravel())
            products.append((units[own][:, :, None] * units[own][:, None, :]).ravel())
        size = len(rows) ** 2
        sums = np.bincount(np.concatenate(pairs), np.concatenate(products), size)
        among += sums.reshape(among.shape).astype(np.float32)
        among[np.diag_indices(len(rows))] = 1.0
        return among
