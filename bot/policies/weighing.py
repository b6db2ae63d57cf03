"""A logistic model of several outcomes over named signals and hashed wording.

What a message has in common with what is known is a signal; how it is worded are runs of
characters, hashed into buckets. The numbers of the wording are kept in eight bits.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
import numpy.typing as npt

from bot.policies.arrays import check_shapes, read_model, write_model
from bot.policies.classifier import shares_of

__all__ = ["Floats", "Weighing"]

_STEPS, _RATE = 300, 0.05  # of Adam
_PENALTY = 1.0  # of the squared slopes

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, eq=False, repr=False)
class Weighing:
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

    def weigh(self, signals: Mapping[str, float], worded: Floats) -> list[float]:
        """How likely each outcome is, together one.

        Args:
            signals: by name.
            worded: how often each bucket of runs is met; shape (buckets,).
        """
        told = np.array([signals[name] for name in self.names.tolist()], np.float32)
        said = self.words @ worded * self.scales
        shares: list[float] = shares_of(self.slopes @ told + said + self.intercepts).tolist()
        return shares

    def save(self, path: Path) -> None:
        """Write the file, whole or not at all."""
        write_model(path, self)

    @classmethod
    def read(cls, path: Path, outcomes: int) -> Self:
        """A model as :meth:`save` wrote it.

        Raises:
            ValueError: the file is damaged or of another shape.
        """
        found = read_model(path, cls)
        right = {
            "slopes": (outcomes, len(found.names)),
            "scales": (outcomes,),
            "intercepts": (outcomes,),
        }
        check_shapes(path, found, right)
        if found.words.ndim != 2 or len(found.words) != outcomes:
            raise ValueError(f"{path.name}: words is of another shape")
        return found

    @classmethod
    def fit(
        cls,
        names: tuple[str, ...],
        signals: Floats,
        worded: Floats,
        truth: npt.NDArray[np.int64],
        outcomes: int,
    ) -> Self:
        """A multinomial regression with a quadratic penalty, by Adam on all rows.

        Args:
            names: of the signals.
            signals: shape (rows, signals).
            worded: shape (rows, buckets).
            truth: the outcome of each row, by number.
            outcomes: how many there are.
        """
        rows, count = len(truth), len(names)
        table = np.hstack([signals, worded, np.ones((rows, 1))]).astype(np.float32)
        wanted = np.eye(outcomes, dtype=np.float32)[truth]
        slopes = np.zeros((outcomes, table.shape[1]), np.float32)
        mean, spread = np.zeros_like(slopes), np.zeros_like(slopes)
        penalty = np.full(table.shape[1], _PENALTY, np.float32)
        penalty[-1] = 0.0
        for step in range(1, _STEPS + 1):
            logits = table @ slopes.T
            likely = np.exp(logits - logits.max(axis=1, keepdims=True))
            likely /= likely.sum(axis=1, keepdims=True)
            gradient = (likely - wanted).T @ table + penalty * slopes
            mean = (0.9 * mean + 0.1 * gradient).astype(np.float32)
            spread = (0.999 * spread + 0.001 * gradient**2).astype(np.float32)
            right = np.sqrt(spread / (1 - 0.999**step)) + 1e-8
            slopes -= _RATE * (1 - step / _STEPS) * (mean / (1 - 0.9**step)) / right
        words = slopes[:, count:-1]
        scales = (np.abs(words).max(axis=1) / 127 + 1e-9).astype(np.float32)
        packed = np.rint(words / scales[:, None]).astype(np.int8)
        return cls(np.array(names), slopes[:, :count], packed, scales, slopes[:, -1])
