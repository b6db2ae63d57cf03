"""Whether a message asks as those do that some clause answers, told by its wording.

The search looks at what a message is about, and leaves out the words by which it asks
(怎么, 多少钱, 找谁). Those words tell much: 印花税按季还是按次 is about a tax that clauses
speak of and asks for what none states. A linear model over hashed runs of one to three
characters, learned from the curated questions and from the messages that no clause
answers. ``wence kb learn`` makes the file.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from pathlib import Path

import numpy as np
import numpy.typing as npt

from bot.policies.arrays import check_shapes, read_model, write_model
from bot.policies.classifier import bucket, runs_of
from bot.policies.query import normalise

__all__ = ["Asking", "read_asking", "rows_of"]

_RUN = 3  # characters of the longest runs

Floats = npt.NDArray[np.float32]


def rows_of(text: str, buckets: int) -> list[int]:
    """The places of a message's runs of characters among ``buckets``, each once."""
    runs = runs_of(normalise(text), range(1, _RUN + 1))
    return sorted({bucket(run, buckets) for run in runs})


@dataclass(frozen=True, eq=False, repr=False)
class Asking:
    """The learned numbers.

    Attributes:
        words: what each bucket of runs speaks for; shape (buckets,).
        intercept: one number; shape (1,).
    """

    words: Floats
    intercept: Floats

    def unanswered(self, text: str) -> float:
        """The log odds that no clause answers a message so worded."""
        rows = rows_of(text, len(self.words))
        said = float(self.words[rows].sum()) / sqrt(len(rows))
        return said + float(self.intercept[0])

    def save(self, path: Path) -> None:
        """Write the file, whole or not at all."""
        write_model(path, self)


def read_asking(path: Path) -> Asking:
    """A model as :meth:`Asking.save` wrote it.

    Raises:
        ValueError: the file is damaged or of another shape.
    """
    found = read_model(path, Asking)
    check_shapes(path, found, {"words": (found.words.size,), "intercept": (1,)})
    return found
