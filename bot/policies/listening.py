"""Whether a message tells a fact in words that nobody wrote down: a model of three outcomes.

It weighs how much the part of a message that comes nearest to a fact has in common with
what is known of the fact, and how that part is worded (runs of characters, hashed): 没上去,
不沾边 and 黄了 deny whatever they stand beside. ``scripts/fit_listening.py`` makes the file.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from bot.policies.classifier import bucket, runs_of
from bot.policies.query import normalise
from bot.policies.weighing import Floats, Weighing

__all__ = ["OUTCOMES", "Listening", "read_listening", "wording_of"]

OUTCOMES: tuple[bool | None, ...] = (None, True, False)
"""What a message may tell of a fact, in the order of the model's shares: nothing, yes, no."""
_RUN = 3  # characters of the longest runs of the part
_PART, _WHOLE = 3.0, 0.2  # how much a part's wording counts in all, and each pair of the rest


def wording_of(part: str, text: str, buckets: int) -> Floats:
    """How a part of a message and the whole are worded; shape (buckets,)."""
    counts = np.zeros(buckets, np.float32)
    runs = runs_of(normalise(part), range(1, _RUN + 1))
    for run in runs:
        counts[bucket(run, buckets)] += _PART / len(runs) ** 0.5
    for pair in runs_of(normalise(text), (2,)):
        counts[bucket(f"~{pair}", buckets)] += _WHOLE
    return counts


class Listening(Weighing):
    """The fitted numbers; its outcomes are :data:`OUTCOMES`."""

    def shares(self, signals: Mapping[str, float], part: str, text: str) -> list[float]:
        """How likely each of :data:`OUTCOMES` is, together one."""
        return self.weigh(signals, wording_of(part, text, self.words.shape[1]))


def read_listening(path: Path) -> Listening:
    """A model as :meth:`Listening.save` wrote it.

    Raises:
        ValueError: the file is damaged or of another shape.
    """
    return Listening.read(path, len(OUTCOMES))
