"""Which clauses the words of a message speak for, as learned from the curated questions.

A linear classifier over a bag of hashed features in a small space, as fastText has it
(Joulin, Grave, Bojanowski & Mikolov, EACL 2017): it sees what a comparison with single
questions cannot, which words tell a clause from its neighbours. It needs nothing but
NumPy and a fraction of a millisecond. ``wence kb learn`` makes the file; whatever is
edited since counts through the rest of the search.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from zlib import crc32

import numpy as np
import numpy.typing as npt

from bot.policies.arrays import check_shapes, read_model, write_model

__all__ = ["NOTHING", "Classifier", "bucket", "read_classifier", "runs_of", "shares_of"]

# The class of messages that no clause answers.
NOTHING = ""

Floats = npt.NDArray[np.float32]


def runs_of(text: str, lengths: Iterable[int]) -> set[str]:
    """The runs of characters of some lengths in a text, its ends marked."""
    said = f"^{text}$"
    return {said[i : i + n] for n in lengths for i in range(len(said) - n + 1)}


def bucket(feature: str, buckets: int) -> int:
    """The place of a feature among ``buckets``; the same on every machine."""
    return crc32(feature.encode()) % buckets


def shares_of(logits: Floats) -> Floats:
    """What each of some classes is likely to be, together one."""
    shares = np.exp(logits - np.max(logits))
    whole: Floats = shares / np.sum(shares)
    return whole


@dataclass(frozen=True, eq=False, repr=False)
class Classifier:
    """The learned numbers.

    Attributes:
        classes: for each class the id of the first clause of its group, or ``NOTHING``.
        rarity: how much a feature of each bucket counts; shape (buckets,).
        places: where each bucket lies, eight bits a number; shape (buckets, size).
        scales: what each row of ``places`` is multiplied with; shape (buckets,).
        weights, bias: of each class; shapes (classes, size) and (classes,).
    """

    classes: npt.NDArray[np.str_]
    rarity: Floats
    places: npt.NDArray[np.int8]
    scales: Floats
    weights: Floats
    bias: Floats

    def shares(self, features: Iterable[str]) -> Floats:
        """How likely each class is; shape (classes,), together one.

        Args:
            features: those of a message, each once.
        """
        size = len(self.rarity)
        rows = np.fromiter((bucket(feature, size) for feature in features), np.int64)
        counts = self.rarity[rows]
        counts = counts / max(float(np.linalg.norm(counts)), 1e-6)
        place = (counts * self.scales[rows]) @ self.places[rows].astype(np.float32)
        return shares_of(self.weights @ place + self.bias)

    def save(self, path: Path) -> None:
        """Write the file, whole or not at all."""
        write_model(path, self)


def read_classifier(path: Path) -> Classifier:
    """A classifier as :meth:`Classifier.save` wrote it.

    Raises:
        ValueError: the file is damaged or of another shape.
    """
    found = read_model(path, Classifier)
    buckets, size = found.places.shape if found.places.ndim == 2 else (-1, -1)
    count = len(found.classes)
    right = {"rarity": (buckets,), "scales": (buckets,), "weights": (count, size), "bias": (count,)}
    check_shapes(path, found, right)
    return found
