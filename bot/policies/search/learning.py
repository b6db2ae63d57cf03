"""Teach the classifier which clauses a message is about.

Its examples are the curated questions, the messages that no clause answers, the names
and questions of programmes, and the clauses' own sentences. In every step some of a
message's features are hidden, so that none is relied on alone; the outcome is smoothed
(Szegedy et al., CVPR 2016). Adam (Kingma & Ba, ICLR 2015) is kept for the rows that a
batch touches only; about a minute, with NumPy alone.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
import numpy.typing as npt

from bot.policies.classifier import NOTHING, Classifier, Floats, bucket
from bot.policies.model import Snapshot
from bot.policies.search.analyzer import Analyzer
from bot.policies.search.index import curated, group_copies, programme_questions

__all__ = ["Course", "examples", "learn"]

_SENTENCE = re.compile(r"[。；;]")
_PART = re.compile(r"[，,]")
_SHORTEST, _LONGEST, _PART_FROM = 8, 120, 10  # characters of a sentence of a clause

Numbers = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Course:
    """How it is taught; the figures were chosen on the development half (docs/search.md).

    Attributes:
        buckets, size: of the table of features.
        epochs, batch, rate: how often, how many at once, how fast.
        hidden: share of a message's features that a step does not see.
        dropped: share of the numbers of a message's place that it does not see.
        smoothing: share of the outcome that is spread over all classes.
        seed: of the random choices.
    """

    buckets: int = 1 << 16
    size: int = 256
    epochs: int = 9
    batch: int = 256
    rate: float = 2e-3
    hidden: float = 0.5
    dropped: float = 0.3
    smoothing: float = 0.1
    seed: int = 0


def examples(snapshot: Snapshot) -> list[tuple[str, str]]:
    """Texts, each with the first clause of the group that it is about, or ``NOTHING``."""
    clauses = tuple(snapshot.clauses.values())
    groups = group_copies(snapshot).tolist()
    first = {clause.id: clauses[group].id for clause, group in zip(clauses, groups, strict=True)}
    found = [(first[key], text) for key, text in curated(snapshot)]
    found += [(NOTHING, message) for message in snapshot.unrelated]
    for key, text in programme_questions(snapshot):
        found.append((first[snapshot.programmes[key].references[0]], text))
    for clause in clauses:
        found += [(first[clause.id], sentence) for sentence in _sentences(clause.text)]
    return found


def _sentences(text: str) -> Iterator[str]:
    for sentence in _SENTENCE.split(text):
        if len(sentence) > _LONGEST:
            yield from (part for part in _PART.split(sentence) if len(part) >= _PART_FROM)
        elif len(sentence) >= _SHORTEST:
            yield sentence


class _Bags:
    """The features of many texts as places in a table, each weighed by its rarity."""

    def __init__(self, texts: Sequence[Sequence[int]], owners: Numbers, buckets: int) -> None:
        self.sizes: Numbers = np.fromiter(map(len, texts), np.int64, len(texts))
        self._starts = np.cumsum(self.sizes) - self.sizes
        self._flat = np.fromiter(chain.from_iterable(texts), np.int64)
        # Rare is what few classes hold, however often they say it.
        many = int(np.max(owners)) + 1
        pairs = np.unique(self._flat * many + np.repeat(owners, self.sizes))
        held = np.bincount(pairs // many, minlength=buckets)
        count = len(np.unique(owners))
        self.unseen = held == 0
        self.rarity: Floats = np.log(1 + (count - held + 0.5) / (held + 0.5)).astype(np.float32)

    def take(
        self, chosen: Numbers, hidden: float, random: np.random.Generator
    ) -> tuple[Numbers, Numbers, Floats]:
        """Of some texts the features left, which text each is of, and what it counts."""
        sizes = self.sizes[chosen]
        rows = np.repeat(np.arange(len(chosen)), sizes)
        within = np.arange(sizes.sum()) - np.repeat(np.cumsum(sizes) - sizes, sizes)
        features = self._flat[within + np.repeat(self._starts[chosen], sizes)]
        left = random.random(len(features)) >= hidden
        features, rows = features[left], rows[left]
        counts = self.rarity[features]
        lengths = np.sqrt(np.bincount(rows, counts**2, len(chosen)))
        counts = (counts / np.maximum(lengths, 1e-6)[rows]).astype(np.float32)
        return features, rows, counts


class _Adam:
    """Adam over one array; where rows are named, only they are touched."""

    def __init__(self, values: Floats) -> None:
        self.values, self._steps = values, 0
        self._mean, self._square = np.zeros_like(values), np.zeros_like(values)

    def step(self, gradient: Floats, rate: float, rows: Numbers | None = None) -> None:
        self._steps += 1
        at = slice(None) if rows is None else rows
        mean = self._mean[at] = 0.9 * self._mean[at] + 0.1 * gradient
        square = self._square[at] = 0.999 * self._square[at] + 0.001 * gradient**2
        mean, square = mean / (1 - 0.9**self._steps), square / (1 - 0.999**self._steps)
        self.values[at] -= rate * mean / (np.sqrt(square) + 1e-8)


def learn(
    snapshot: Snapshot,
    analyzer: Analyzer,
    course: Course | None = None,
    told: Callable[[int, float], None] = lambda epoch, loss: None,
) -> Classifier:
    """Teach a classifier from a knowledge base.

    Args:
        snapshot: the knowledge base.
        analyzer: turns texts into features.
        course: how; None for the figures in use.
        told: called after each epoch with its number and the mean loss in nats.
    """
    course = course or Course()
    rows = examples(snapshot)
    classes = sorted({key for key, _ in rows})
    numbers = {key: number for number, key in enumerate(classes)}
    owners = np.array([numbers[key] for key, _ in rows], dtype=np.int64)
    texts = [
        [bucket(feature, course.buckets) for feature in analyzer.learned(text)] for _, text in rows
    ]
    bags = _Bags(texts, owners, course.buckets)
    random = np.random.default_rng(course.seed)
    places = _Adam(random.normal(0, 0.05, (course.buckets, course.size)).astype(np.float32))
    limit = course.size**-0.5
    weights = _Adam(random.uniform(-limit, limit, (len(classes), course.size)).astype(np.float32))
    bias = _Adam(np.zeros(len(classes), np.float32))
    steps, step = course.epochs * -(-len(rows) // course.batch), 0
    for epoch in range(course.epochs):
        summed, order = 0.0, random.permutation(len(rows))
        for start in range(0, len(rows), course.batch):
            chosen = order[start : start + course.batch]
            rate = course.rate * _pace(step / steps)
            bag = bags.take(chosen, course.hidden, random)
            summed += _step(bag, owners[chosen], (places, weights, bias), rate, course, random)
            step += 1
        told(epoch + 1, summed / len(rows))
    # What no example holds says nothing.
    places.values[bags.unseen] = 0
    return _packed(np.array(classes), bags.rarity, places.values, weights.values, bias.values)


def _step(
    bag: tuple[Numbers, Numbers, Floats],
    owners: Numbers,
    model: tuple[_Adam, _Adam, _Adam],
    rate: float,
    course: Course,
    random: np.random.Generator,
) -> float:
    """One batch; the sum of its losses in nats."""
    features, rows, counts = bag
    places, weights, bias = model
    count = len(owners)
    held, first = np.unique(rows, return_index=True)
    seen = np.zeros((count, course.size), np.float32)
    if len(rows):
        seen[held] = np.add.reduceat(counts[:, None] * places.values[features], first)
    keep = (random.random(seen.shape) >= course.dropped).astype(np.float32) / (1 - course.dropped)
    kept: Floats = (seen * keep).astype(np.float32)
    logits = kept @ weights.values.T + bias.values
    logits -= logits.max(axis=1, keepdims=True)
    shares = np.exp(logits)
    shares /= shares.sum(axis=1, keepdims=True)
    wanted = np.full_like(shares, course.smoothing / shares.shape[1])
    wanted[np.arange(count), owners] += 1 - course.smoothing
    loss = -float((wanted * np.log(np.maximum(shares, 1e-12))).sum())
    error: Floats = ((shares - wanted) / count).astype(np.float32)
    back = (error @ weights.values) * keep
    # The gradient of each feature's row: what its messages ask of it, summed.
    order = np.argsort(features, kind="stable")
    touched, begins = np.unique(features[order], return_index=True)
    pulled = counts[order, None] * back[rows[order]]
    gradients: list[Floats] = [
        np.add.reduceat(pulled, begins) if len(pulled) else np.zeros((0, course.size), np.float32),
        error.T @ kept,
        error.sum(axis=0),
    ]
    length = float(np.sqrt(sum(float((gradient**2).sum()) for gradient in gradients)))
    for gradient, part, at in zip(gradients, model, (touched, None, None), strict=True):
        part.step(gradient / max(length, 1.0), rate, at)
    return loss


def _pace(done: float) -> float:
    """The share of the rate after a share of all steps: up for a third, then down."""
    if done < 0.3:
        return float(0.5 - 0.48 * np.cos(np.pi * done / 0.3))
    return float(0.5 + 0.5 * np.cos(np.pi * (done - 0.3) / 0.7))


def _packed(
    classes: npt.NDArray[np.str_], rarity: Floats, places: Floats, weights: Floats, bias: Floats
) -> Classifier:
    """The numbers as they are kept: places in eight bits, each row with its scale."""
    scales = np.maximum(np.abs(places).max(axis=1), 1e-9) / 127
    packed = np.rint(places / scales[:, None]).astype(np.int8)
    return Classifier(classes, rarity, packed, scales.astype(np.float32), weights, bias)
