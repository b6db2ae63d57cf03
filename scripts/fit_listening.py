"""The model that hears yes and no in words that nobody wrote down.

    .venv/bin/python scripts/fit_listening.py

Fits it on policies_kb/tellings.yml (cases told in people's own words, with what they tell),
the development half of tests/eval/hearing, and curated questions, which tell nothing;
writes policies_kb/listening.npz, and prints what it reaches on writers and programmes that
it did not see, where no known word told anything.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import yaml

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bot.cli.evaluation.scores import read_rows
from bot.policies.answer.wording import tells_a_case
from bot.policies.eligibility.listener import SIGNALS, Heeded, Listener
from bot.policies.eligibility.mentions import mentions
from bot.policies.eligibility.programme import Programme
from bot.policies.listening import OUTCOMES, Listening, wording_of
from bot.policies.loader import LISTENING, load
from bot.policies.model import Snapshot
from bot.policies.query import clean
from bot.settings import Settings

DAY = date(2026, 11, 22)
_BUCKETS = 4096  # of runs of characters
_QUESTIONS = 4  # curated questions of each clause that are put to its programme
_WRITTEN, _PLAIN = "tellings", "questions"


@dataclass(frozen=True)
class Sample:
    """A message put to a fact of a programme.

    Attributes:
        source: where the message is from.
        writer: who wrote it; those of one writer are never in two folds.
        text: the message, cleaned.
        heeded: what of it is compared with the fact.
        truth: what it tells, as a place in ``OUTCOMES``.
        told: whether a known word told it.
    """

    source: str
    writer: int
    text: str
    heeded: Heeded
    truth: int
    told: bool


def samples(snapshot: Snapshot, settings: Settings) -> Iterator[Sample]:
    """All messages with every yes-or-no fact of the programme they are put to."""
    listener = Listener(snapshot.facts.facts, snapshot.programmes.values())
    rows = yaml.safe_load((settings.root / "policies_kb/tellings.yml").read_text("utf-8"))
    for row in rows["tellings"]:
        programme = snapshot.programmes[row["programme"]]
        facts = row.get("facts", {})
        yield from _put(snapshot, listener, programme, row["text"], facts, row["writer"])
    using: dict[str, Programme] = {}
    for programme in snapshot.programmes.values():
        for fact in programme.facts:
            using.setdefault(fact, programme)
    for row in read_rows(settings, "hearing", "sentences", "dev"):
        if row["fact"] in using:
            told = {row["fact"]: row.get("value")}
            yield from _put(
                snapshot, listener, using[row["fact"]], row["text"], told, -1, "hearing"
            )
    for index, (clause, questions) in enumerate(sorted(snapshot.questions.items())):
        for key in snapshot.programmes_of.get(clause, ())[:1]:
            for question in questions[:_QUESTIONS]:
                plain = snapshot.programmes[key]
                yield from _put(snapshot, listener, plain, question, {}, index % 7, _PLAIN)


def _put(
    snapshot: Snapshot,
    listener: Listener,
    programme: Programme,
    text: str,
    facts: dict[str, Any],
    writer: int,
    source: str = _WRITTEN,
) -> Iterator[Sample]:
    book, text = snapshot.facts.facts, clean(text)
    own = [book[key] for key in programme.facts]
    heard = {mention.fact: mention.value for mention in mentions(text, own, DAY)}
    for fact in own:
        if fact.type != "boolean" or (source == _PLAIN and fact.id in heard):
            continue
        truth = OUTCOMES.index(facts.get(fact.id))
        heeded = listener.heed(text, fact, programme, heard)
        yield Sample(source, writer, text, heeded, truth, fact.id in heard)


def fit(rows: list[Sample]) -> Listening:
    """The model of some samples."""
    signals = np.array([[row.heeded.signals[name] for name in SIGNALS] for row in rows], np.float32)
    worded = np.stack([wording_of(row.heeded.part, row.text, _BUCKETS) for row in rows])
    truth = np.array([row.truth for row in rows])
    return Listening.fit(SIGNALS, signals, worded, truth, len(OUTCOMES))


def main() -> None:
    """Fit, print and write."""
    settings = Settings.load()
    knowledge = settings.root / "policies_kb"
    rows = list(samples(load(knowledge), settings))
    likely = np.zeros((len(rows), len(OUTCOMES)))
    for writer in sorted({row.writer for row in rows if row.writer >= 0}):
        model = fit([row for row in rows if row.writer != writer])
        for i, row in enumerate(rows):
            if row.writer == writer:
                likely[i] = model.shares(row.heeded.signals, row.heeded.part, row.text)
    for source in (_WRITTEN, _PLAIN):
        _report(source, rows, likely)
    fit(rows).save(knowledge / LISTENING)


def _report(source: str, rows: list[Sample], likely: npt.NDArray[np.float64]) -> None:
    open_ = [
        i
        for i, row in enumerate(rows)
        if row.source == source and not row.told and tells_a_case(row.text)
    ]
    truth = np.array([rows[i].truth for i in open_])
    none, yes, no = ((truth == outcome).sum() for outcome in range(len(OUTCOMES)))
    print(f"{source}, facts of which no word tells: {yes} yes, {no} no, {none} not told")
    for least in (0.5, 0.6, 0.7, 0.8, 0.9):
        said = []
        for outcome, name in ((1, "yes"), (2, "no")):
            taken = likely[open_, outcome] >= least
            right = (taken & (truth == outcome)).sum()
            said.append(f"{name} {right} right, {taken.sum() - right} wrong")
        print(f"  from {least}: {'; '.join(said)}")


if __name__ == "__main__":
    main()
