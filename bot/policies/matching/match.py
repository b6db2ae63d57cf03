"""What a firm has, may have and has just missed, from what it has told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

from bot.policies.eligibility.facts import Told
from bot.policies.eligibility.judge import Verdict, judge_programme
from bot.policies.matching.combination import Combination, best_combination
from bot.policies.model import Snapshot

__all__ = ["GROUPS", "Group", "Match", "Matched", "match"]

Group = Literal["has", "may_have", "just_missed", "expired"]
GROUPS: tuple[Group, ...] = ("has", "may_have", "just_missed", "expired")


@dataclass(frozen=True)
class Matched:
    """A programme that concerns a firm, and how."""

    group: Group
    verdict: Verdict


@dataclass(frozen=True)
class Match:
    """The programmes that concern a firm, in the order they are told, and the best of them."""

    results: tuple[Matched, ...]
    combination: Combination


def match(told: Told, day: date, snapshot: Snapshot) -> Match:
    """Judge all programmes for one firm.

    *has*: all conditions hold. *may_have*: something of what was told speaks for it, nothing
    against it, and the fact that decides is named. *just_missed*: one condition alone fails,
    and it is one that a firm can change. *expired*: it would have been had, were it not over.
    Programmes of which nothing is known, or that are plainly for others, are left out.
    """
    found: list[Matched] = []
    for programme in snapshot.programmes.values():
        # What has nothing to do with anything that was told is not worth judging.
        if programme.facts and not any(fact in told for fact in programme.facts):
            continue
        verdict = judge_programme(
            programme, told, day, snapshot.facts, snapshot.repealed(programme)
        )
        group = _group(verdict, told)
        if group is not None:
            found.append(Matched(group, verdict))
    found.sort(key=_order)
    had = [matched.verdict for matched in found if matched.group == "has"]
    return Match(tuple(found), best_combination(had))


def _group(verdict: Verdict, told: Told) -> Group | None:
    if verdict.outcome == "eligible":
        return "has"
    spoken = [c for c in verdict.conditions if c.id != "validity" and c.result is not None]
    if verdict.outcome == "unknown":
        for_it = any(checked.result for checked in spoken if checked.id != "scope")
        return "may_have" if for_it or len(verdict.missing) == 1 else None
    if any(gap.condition == "validity" for gap in verdict.gaps):
        others = [gap for gap in verdict.gaps if gap.condition != "validity"]
        known = all(c.result for c in verdict.conditions if c.id != "validity" and c.counts)
        return "expired" if not others and known and verdict.status != "not_yet" else None
    if len(verdict.gaps) != 1 or not verdict.gaps[0].changeable:
        return None
    gap = verdict.gaps[0]
    counted = [
        c for c in verdict.conditions if c.counts and c.id not in ("validity", gap.condition)
    ]
    return "just_missed" if all(checked.result for checked in counted) else None


def _order(matched: Matched) -> tuple[int, int, Decimal, str]:
    """By certainty, then by amount, the greatest first."""
    amount = matched.verdict.amount
    worth = amount.possible or Decimal(0)
    certain = 0 if matched.group != "may_have" else len(matched.verdict.missing)
    return GROUPS.index(matched.group), certain, -worth, matched.verdict.programme.id
