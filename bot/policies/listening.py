"""Whether a message tells a fact in words that nobody wrote down: a model of three outcomes.

It weighs how much the part of a message that comes nearest to a fact has in common with
what is known of the fact, and how that part is worded (runs of characters, hashed): 没上去,
不沾边 and 黄了 deny whatever they stand beside. ``scripts/fit_listening.py`` makes the file.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from bot.policies.arrays import check_shapes, read_model, write_model
from bot.policies.classifier import bucket, runs_of, shares_of
from bot.policies.query import normalise

__all__ = ["OUTCOMES", "Listening", "read_listening", "wording_of"]

OUTCOMES: tuple[bool | None, ...] = (None, True, False)
"""What a message may tell of a fact, in the order of the model's shares: nothing, yes, no."""
_RUN = 3  # characters of the longest runs of the part
_PART, _WHOLE = 3.0, 0.2  # how much a part's wording counts in all, and each pair of the rest

Floats = npt.NDArray[np.float32]


def wording_of(part: str, text: str, buckets: int) -> Floats:
    """How a part of a message and the whole are worded; shape (buckets,)."""
    counts = np.zeros(buckets, np.float32)
    runs = runs_of(normalise(part), range(1, _RUN + 1))
    for run in runs:
        counts[bucket(run, buckets)] += _PART / len(runs) ** 0.5
    for pair in runs_of(normalise(text), (2,)):
        counts[bucket(f"~{pair}", buckets)] += _WHOLE
    return counts


@dataclass(frozen=True, eq=False, repr=False)
class Listening:
    """The fitted numbers.

    Attributes:
        names: of the signals.
        slopes: of each signal; shape (outcomes, signals).
        words: of each bucket of runs, eight bits a number; shape (outcomes, buckets).
        scales: what each row of ``words`` is multiplied with; shape (outcomes,).
        intercepts: shape (outcomes,).
    """

    names: npt.NDArray[np.str_]
    slopes: Floats
    words: npt.NDArray[np.int8]
    scales: Floats
    intercepts: Floats

    def shares(self, signals: Mapping[str, float], part: str, text: str) -> list[float]:
        """How likely each of :data:`OUTCOMES` is, together one."""
        told = np.array([signals[name] for name in self.names.tolist()], np.float32)
        worded = self.words @ wording_of(part, text, self.words.shape[1]) * self.scales
        shares: list[float] = shares_of(self.slopes @ told + worded + self.intercepts).tolist()
        return shares

    def save(self, path: Path) -> None:
        """Write the file, whole or not at all."""
        write_model(path, self)


def read_listening(path: Path) -> Listening:
    """A model as :meth:`Listening.save` wrote it.

    Raises:
        ValueError: the file is damaged or of another shape.
    """
    found, count = read_model(path, Listening), len(OUTCOMES)
    right = {"slopes": (count, len(found.names)), "scales": (count,), "intercepts": (count,)}
    check_shapes(path, found, right)
    if found.words.ndim != 2 or len(found.words) != count:
        raise ValueError(f"{path.name}: words is of another shape")
    return found
