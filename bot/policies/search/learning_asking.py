"""Learn how messages ask that some clause answers, and how those that none does.

A logistic regression with a ridge, by Adam (Kingma & Ba, ICLR 2015) over all messages at
once; some seconds, with NumPy alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt

from bot.policies.asking import Asking, rows_of
from bot.policies.model import Snapshot
from bot.policies.search.index import curated, programme_questions

__all__ = ["learn_asking", "regression"]

_BUCKETS = 1 << 14
_STEPS, _RATE, _RIDGE = 100, 0.05, 1.0

Column = npt.NDArray[np.float64]


def learn_asking(snapshot: Snapshot) -> Asking:
    """Learn from the questions of a knowledge base and its messages that no clause answers."""
    answered = [text for _, text in (*curated(snapshot), *programme_questions(snapshot))]
    return regression(answered, snapshot.unrelated)


def regression(answered: Sequence[str], unanswered: Sequence[str]) -> Asking:
    """Learn from messages that a clause answers and such that none does."""
    rows = _Rows(rows_of(text, _BUCKETS) for text in (*answered, *unanswered))
    truth = np.repeat([0.0, 1.0], [len(answered), len(unanswered)])
    # Few as they are, those that no clause answers count half as much as all others together.
    few = len(answered) / max(len(unanswered), 1) / 2
    counts = np.repeat([1.0, few], [len(answered), len(unanswered)])
    counts /= counts.sum()
    values = np.zeros(_BUCKETS + 1)
    mean, square = np.zeros_like(values), np.zeros_like(values)
    for step in range(1, _STEPS + 1):
        error = counts * (1 / (1 + np.exp(-rows.times(values[:-1]) - values[-1])) - truth)
        gradient = np.append(rows.back(error), error.sum())
        gradient[:-1] += _RIDGE / (len(answered) + len(unanswered)) * values[:-1]
        mean = 0.9 * mean + 0.1 * gradient
        square = 0.99 * square + 0.01 * gradient**2
        rate = _RATE * min(1.0, 2 * (1 - step / _STEPS) + 0.02)
        steady = np.sqrt(square / (1 - 0.99**step)) + 1e-8
        values -= rate * mean / (1 - 0.9**step) / steady
    return Asking(values[:-1].astype(np.float32), values[-1:].astype(np.float32))


class _Rows:
    """Messages as rows of a sparse matrix over the buckets, each of length one."""

    def __init__(self, texts: Iterable[Sequence[int]]) -> None:
        held = list(texts)
        sizes = np.fromiter(map(len, held), np.int64, len(held))
        self._count = len(held)
        self._at = np.repeat(np.arange(len(held)), sizes)
        self._columns = np.concatenate([np.array(row, dtype=np.int64) for row in held])
        self._values = 1 / np.sqrt(sizes)[self._at]

    def times(self, values: Column) -> Column:
        """The matrix times a column of the buckets."""
        return np.bincount(self._at, values[self._columns] * self._values, self._count)

    def back(self, values: Column) -> Column:
        """The transposed matrix times a column of the messages."""
        return np.bincount(self._columns, values[self._at] * self._values, _BUCKETS)
