"""The best set of programmes where some exclude each other: found exactly, by branch and bound.

Two programmes that may not be had together are joined by an edge; the best set is the
heaviest one without an edge inside (maximum weight independent set). Programmes that
exclude nothing are taken as they are; each group that hangs together is small, and is
searched completely but for what a bound rules out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from bot.policies.eligibility.judge import Verdict
from bot.policies.eligibility.programme import Words

__all__ = ["Combination", "LeftOut", "best_combination", "heaviest"]


@dataclass(frozen=True)
class LeftOut:
    """A programme that is not part of the best set, for the sake of which, and by which words."""

    programme: str
    instead: str
    words: Words


@dataclass(frozen=True)
class Combination:
    """The best set.

    Attributes:
        total: 元; exact sums only, ceilings and open ones count nothing.
        programmes: ids of all that can be had together.
        parts: the sum of each that has one.
        left_out: the others.
    """

    total: Decimal
    programmes: tuple[str, ...]
    parts: Mapping[str, Decimal]
    left_out: tuple[LeftOut, ...]


def best_combination(verdicts: Sequence[Verdict]) -> Combination:
    """The set of eligible programmes with the greatest sure sum."""
    by_id = {verdict.programme.id: verdict for verdict in verdicts}
    worth = {
        key: v.amount.yuan if v.amount.kind == "exact" and v.amount.yuan else Decimal(0)
        for key, v in by_id.items()
    }
    edges: dict[str, dict[str, Words]] = {key: {} for key in by_id}
    for key, verdict in by_id.items():
        for exclusion in verdict.programme.excludes:
            for other in exclusion.programmes:
                if other in by_id and other != key:
                    edges[key][other] = edges[other][key] = exclusion.words
    chosen: set[str] = set()
    for group in _groups(edges):
        chosen |= heaviest(group, worth, edges)
    left_out = [
        LeftOut(key, *next((o, words) for o, words in edges[key].items() if o in chosen))
        for key in by_id
        if key not in chosen
    ]
    parts = {key: worth[key] for key in by_id if key in chosen and worth[key]}
    total = sum(parts.values(), Decimal(0))
    return Combination(total, tuple(k for k in by_id if k in chosen), parts, tuple(left_out))


def _groups(edges: Mapping[str, Mapping[str, object]]) -> list[list[str]]:
    """The parts that hang together, in the order given."""
    seen: set[str] = set()
    groups: list[list[str]] = []
    for start in edges:
        if start in seen:
            continue
        group, waiting = [], [start]
        seen.add(start)
        while waiting:
            key = waiting.pop()
            group.append(key)
            for other in edges[key]:
                if other not in seen:
                    seen.add(other)
                    waiting.append(other)
        groups.append(group)
    return groups


def heaviest(
    group: Sequence[str],
    worth: Mapping[str, Decimal],
    edges: Mapping[str, Mapping[str, object]],
) -> set[str]:
    """The heaviest subset of a group in which nothing excludes anything; of equals, the largest.

    What is left to decide bounds each branch, so that nothing better is missed.
    """
    order = sorted(group, key=lambda key: (-worth[key], len(edges[key]), key))
    rest = [Decimal(0)] * (len(order) + 1)
    for i in range(len(order) - 1, -1, -1):
        rest[i] = rest[i + 1] + worth[order[i]]
    best: tuple[Decimal, int, tuple[str, ...]] = (Decimal(-1), 0, ())

    def search(i: int, chosen: tuple[str, ...], sum_: Decimal) -> None:
        nonlocal best
        reach = (sum_ + rest[i], len(chosen) + len(order) - i)
        if reach <= best[:2]:
            return
        if i == len(order):
            best = (sum_, len(chosen), chosen)
            return
        key = order[i]
        if not any(other in edges[key] for other in chosen):
            search(i + 1, (*chosen, key), sum_ + worth[key])
        search(i + 1, chosen, sum_)

    search(0, (), Decimal(0))
    return set(best[2])
