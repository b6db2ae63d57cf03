"""Bags of features as arrays: of many texts, each feature once a text, with its count."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
import numpy.typing as npt

__all__ = ["Bags", "Numbers", "Values", "new_numbers", "sorting"]

Numbers = npt.NDArray[np.int64]
Values = npt.NDArray[np.float32]

_PLACES = 32  # bits for a place beside what stands there


@dataclass(frozen=True, eq=False)
class Bags:
    """The features of texts, numbered in the order of first sight.

    Attributes:
        numbers: the number of each feature.
        features: one entry for each feature of each text, by text and first sight.
        counts: how often it stands there; the shape of ``features``.
        sizes: how many entries each text has; shape (texts,).
    """

    numbers: Mapping[str, int]
    features: Numbers
    counts: Values
    sizes: Numbers

    @classmethod
    def of(cls, texts: Sequence[Mapping[str, float]]) -> Bags:
        """The bags of texts whose features are counted already."""
        numbers = new_numbers()
        every = chain.from_iterable(map(numbers.__getitem__, text) for text in texts)
        features = np.fromiter(every, np.int64)
        counts = np.fromiter(chain.from_iterable(text.values() for text in texts), np.float32)
        return cls(dict(numbers), features, counts, np.fromiter(map(len, texts), np.int64))


def new_numbers() -> defaultdict[str, int]:
    """Gives each new feature the next number."""
    numbers: defaultdict[str, int] = defaultdict()
    numbers.default_factory = numbers.__len__
    return numbers


def sorting(values: Numbers) -> Numbers:
    """The places of numbers from the least to the greatest, equal ones in their order.

    Args:
        values: from nought, below 2³¹; fewer than 2³² of them.
    """
    # Each with its place in one number: NumPy sorts these several times faster than it
    # sorts places by what stands there.
    return np.sort(values << _PLACES | np.arange(len(values))) & ((1 << _PLACES) - 1)
