"""What somebody does who was asked something: says yes, or no, does not know, asks back.

People answer in a thousand ways, most without a yes or a no (去年刚挂的牌, 还差一截呢, 这得翻账本).
A model weighs how an answer is worded, the question's own words taken as one sign, so that
what is learned of one question holds for all others, beside what the known words told.
``scripts/fit_replying.py`` makes the file.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Literal

import numpy as np

from bot.policies.classifier import bucket, runs_of
from bot.policies.query import normalise
from bot.policies.weighing import Floats, Weighing

__all__ = ["ACTS", "OWN", "Act", "Replying", "masked", "read_replying", "wording_of"]

Act = Literal["yes", "no", "unknown", "withheld", "question", "stop", "unclear", "other"]
ACTS: tuple[Act, ...] = (
    "yes",
    "no",
    "unknown",
    "withheld",
    "question",
    "stop",
    "unclear",
    "other",
)
"""What an answer may do, in the order of the model's shares.

``no`` is also 没有 to a question for a number or for one of several; ``other`` is the number or
the choice itself.
"""
OWN = "□"
"""Stands for words of the question."""
_LEAST = 2  # characters of words that are taken for the question's
_RUN, _END = 4, 3  # characters of the longest runs, of the whole and of its first and last part
_WHOLE, _PART = 3.0, 1.5  # how much the runs of each count in all
_MARKS = re.compile(r"[，。,;；！!？?\s、：:]+")


def masked(text: str, question: str) -> str:
    """An answer, normalised, with what stands in the question as well as one sign."""
    said, asked = normalise(text), normalise(question)
    found, place = [], 0
    while place < len(said):
        end = place
        while end < len(said) and said[place : end + 1] in asked:
            end += 1
        own = end - place >= _LEAST
        found.append(OWN if own else said[place])
        place = end if own else place + 1
    return "".join(found)


def _runs(text: str) -> Iterator[tuple[Iterable[str], float]]:
    parts = [part for part in _MARKS.split(text) if part] or [""]
    yield runs_of(text, range(1, _RUN + 1)), _WHOLE
    yield (f"<{run}" for run in runs_of(parts[0], range(1, _END + 1))), _PART
    yield (f">{run}" for run in runs_of(parts[-1], range(1, _END + 1))), _PART


def wording_of(text: str, question: str, buckets: int) -> Floats:
    """How an answer is worded; shape (buckets,)."""
    counts = np.zeros(buckets, np.float32)
    for runs, share in _runs(masked(text, question)):
        each = [bucket(run, buckets) for run in runs]
        np.add.at(counts, each, share / len(each) ** 0.5)
    return counts


class Replying(Weighing):
    """The fitted numbers; its outcomes are :data:`ACTS`."""

    def shares(self, signals: Mapping[str, float], text: str, question: str) -> dict[Act, float]:
        """How likely an answer does each, together one."""
        worded = wording_of(text, question, self.words.shape[1])
        return dict(zip(ACTS, self.weigh(signals, worded), strict=True))


def read_replying(path: Path) -> Replying:
    """A model as :meth:`Replying.save` wrote it.

    Raises:
        ValueError: the file is damaged or of another shape.
    """
    return Replying.read(path, len(ACTS))
