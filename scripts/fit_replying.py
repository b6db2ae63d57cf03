"""The model that tells what somebody does who was asked something.

    .venv/bin/python scripts/fit_replying.py

Fits it on policies_kb/replies.yml (answers to the questions of facts.yml in people's own words, and
what is said beside any question), on plain yeses and noes and on questions of data/nlu, and on
sentences of the development half of tests/eval/hearing that tell something else; writes
policies_kb/replying.npz, and prints what it reaches on writers, and so on facts, that it did
not see.
"""

from __future__ import annotations

import re
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
from bot.policies.eligibility.answers import read_answer
from bot.policies.eligibility.facts import Fact
from bot.policies.eligibility.listener import Listener
from bot.policies.eligibility.replies import SIGNALS, signals_of
from bot.policies.loader import REPLYING, load
from bot.policies.query import clean
from bot.policies.replying import ACTS, Act, Replying, wording_of
from bot.settings import Settings

DAY = date(2026, 11, 23)
KNOWLEDGE = Path(__file__).resolve().parents[1] / "policies_kb"
_BUCKETS = 8192  # of runs of characters
_INTENTS: dict[str, Act] = {
    "affirm": "yes",
    "deny": "no",
    "dont_know": "unknown",
    "wont_say": "withheld",
    "cancel": "stop",
    **dict.fromkeys(
        (
            "ask_amount",
            "ask_conditions",
            "ask_deadline",
            "ask_definition",
            "ask_department",
            "ask_how_to_apply",
            "ask_materials",
            "ask_validity",
            "compare",
        ),
        "question",
    ),
}
_MARKED = re.compile(r"\[([^\]]+)\][({][^)}]*[)}]")  # an entity in an example
_SOME = 8  # of the questions that the intents hold, so many are passed over for one
_OFTEN = 4  # times that a plain yes or no is put, each to another question
_EVERY = 10  # of the sentences that tell something else, so many are passed over for one
_FOLDS = 8  # writers
_LEAST = (0.5, 0.6, 0.7, 0.8)  # likelihoods for which what is right and wrong is printed


@dataclass(frozen=True)
class Sample:
    """An answer: who wrote it, what was asked for, and what it does."""

    writer: int
    text: str
    fact: Fact
    signals: dict[str, float]
    act: Act


def act_of(row: dict[str, Any], fact: Fact) -> Act:
    """What an answer does, by its label."""
    kind: Act = row["kind"] if row["kind"] != "value" else "other"
    if kind != "other":
        return kind
    if fact.type == "boolean":
        return "yes" if row["value"] else "no"
    return "no" if row["value"] in (0, "none") else "other"


def _plain(folder: Path) -> Iterator[tuple[str, Act]]:
    """The plain ways to answer, and what is asked back, as the intents have them."""
    for path in sorted(folder.glob("*.yml")):
        for row in yaml.safe_load(path.read_text("utf-8")).get("nlu") or ():
            act = _INTENTS.get(row.get("intent", ""))
            if act is not None:
                lines = row["examples"].splitlines()[:: _SOME if act == "question" else 1]
                for text in (_MARKED.sub(r"\1", line.removeprefix("- ")) for line in lines):
                    # What is plainest is said to any question.
                    yield from ((text, act),) * (_OFTEN if act in ("yes", "no") else 1)


def samples(settings: Settings) -> list[Sample]:
    """All written answers, and what is said beside any question."""
    snapshot = load(KNOWLEDGE)
    facts = snapshot.facts.facts
    listener = Listener(facts, snapshot.programmes.values())
    written = yaml.safe_load((KNOWLEDGE / "replies.yml").read_text("utf-8"))
    put = [
        (row["writer"], row["text"], facts[row["fact"]], act_of(row, facts[row["fact"]]))
        for row in written["replies"]
    ]
    # Put to questions that they do not answer: those for what is particular to a measure.
    particular = [
        fact
        for fact in dict.fromkeys(one for _, _, one, _ in put)
        if fact.type == "boolean" and not fact.general
    ]
    for index, (text, act) in enumerate(_plain(settings.root / "data" / "nlu")):
        put.append((index % _FOLDS + 1, text, particular[index % len(particular)], act))
    told = read_rows(settings, "hearing", "sentences", "dev")[::_EVERY]
    for index, text in enumerate([*written["beside"], *(row["text"] for row in told)]):
        put.append((index % _FOLDS + 1, text, particular[index % len(particular)], "unclear"))
    found = []
    for writer, said, fact, act in put:
        text = clean(said)
        signals = signals_of(text, fact, read_answer(text, fact, DAY), DAY, listener)
        found.append(Sample(writer, text, fact, signals, act))
    return found


def fit(rows: list[Sample]) -> Replying:
    """The model of some samples."""
    signals = np.array([[row.signals[name] for name in SIGNALS] for row in rows], np.float32)
    worded = np.stack([wording_of(row.text, row.fact.question, _BUCKETS) for row in rows])
    truth = np.array([ACTS.index(row.act) for row in rows])
    return Replying.fit(SIGNALS, signals, worded, truth, len(ACTS))


def main() -> None:
    """Fit, print and write."""
    rows = samples(Settings.load())
    likely = np.zeros((len(rows), len(ACTS)))
    for writer in sorted({row.writer for row in rows}):
        model = fit([row for row in rows if row.writer != writer])
        for i, row in enumerate(rows):
            if row.writer == writer:
                likely[i] = [*model.shares(row.signals, row.text, row.fact.question).values()]
    _report(np.array([ACTS.index(row.act) for row in rows]), likely)
    fit(rows).save(KNOWLEDGE / REPLYING)


def _report(truth: npt.NDArray[np.int64], likely: npt.NDArray[np.float64]) -> None:
    print(f"{(likely.argmax(axis=1) == truth).mean():.3f} of {len(truth)} answers told rightly")
    for place, act in enumerate(ACTS):
        said = []
        for least in _LEAST:
            taken = likely[:, place] >= least
            right = int((taken & (truth == place)).sum())
            said.append(f"from {least}: {right} right, {int(taken.sum()) - right} wrong")
        print(f"{act}, {(truth == place).sum()}: {'; '.join(said)}")


if __name__ == "__main__":
    main()
