"""Whether a message leaves what was spoken of: a logistic model of signals and wording.

The signals compare what the search finds for the message alone with the subject; the
wording (runs of one to three characters, hashed) tells what the signals cannot in three
characters: 那税呢 names a matter, 那条件呢 does not. ``scripts/fit_thread.py`` makes the file.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import exp
from pathlib import Path

import numpy as np
import numpy.typing as npt

from bot.policies.arrays import read_model, write_model
from bot.policies.classifier import bucket, runs_of
from bot.policies.query import normalise

__all__ = ["Leaving", "read_leaving", "wording_of"]

_RUN = 3  # characters of the longest runs

Floats = npt.NDArray[np.float64]


def wording_of(text: str, buckets: int) -> Floats:
    """A message by its runs of characters, of length one; shape (buckets,)."""
    runs = runs_of(normalise(text), range(1, _RUN + 1))
    counts = np.zeros(buckets)
    counts[[bucket(run, buckets) for run in runs]] = 1.0
    whole: Floats = counts / np.sqrt(counts.sum())
    return whole


@dataclass(frozen=True, eq=False, repr=False)
class Leaving:
    """The fitted numbers.

    Attributes:
        names: of the signals.
        slopes: of each signal.
        words: of each bucket of runs.
        intercept: one number; shape (1,).
    """

    names: npt.NDArray[np.str_]
    slopes: Floats
    words: Floats
    intercept: Floats

    def likelihood(self, signals: Mapping[str, float], text: str) -> float:
        """How likely a message leaves the subject, 0 to 1."""
        told = np.array([signals[name] for name in self.names.tolist()])
        logit = float(self.slopes @ told + self.words @ wording_of(text, len(self.words)))
        return 1 / (1 + exp(-logit - float(self.intercept[0])))

    def save(self, path: Path) -> None:
        """Write the file, whole or not at all."""
        write_model(path, self)


def read_leaving(path: Path) -> Leaving:
    """A model as :meth:`Leaving.save` wrote it.

    Raises:
        ValueError: the file is damaged or of another shape.
    """
    found = read_model(path, Leaving)
    if found.names.shape != found.slopes.shape or found.intercept.shape != (1,):
        raise ValueError(f"{path.name}: names, slopes and intercept do not fit")
    return found
