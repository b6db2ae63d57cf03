"""What several sums come to together, and which of two is the larger, worked out before the eyes.

Only what the clauses state as fixed sums or as caps is counted; what hangs on the firm is not.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from bot.policies.eligibility.amounts import (
    Choose,
    Combine,
    Expression,
    Number,
    Tiers,
    Uplift,
    When,
    quantity,
)
from bot.policies.eligibility.conditions import Parameter
from bot.policies.eligibility.judge import Verdict
from bot.policies.eligibility.programme import Programme
from bot.policies.model import Phrases
from bot.policies.query import holds

__all__ = ["adds_up", "asks_which_is_more", "most_of", "together_said"]

_ADDS_UP = re.compile(
    r"一共|总共|合计|共计|加起来|加在?一[起块]|全[都部](?:拿|领|算)|都(?:拿|领|算|加)(?:到|上|满)|"
    r"(?:一起|一块|同时)(?:能|可以?|最多)?[拿领得有][^，,。]{0,3}(?:多少|几)"
)
_WHICH_IS_MORE = re.compile(
    r"哪[个项种家头边][^，,。]{0,4}(?:[多高大]|划算|合适|合算|实惠)|谁[^，,。]{0,2}[多高]"
)
# A measure that pays at one step and at the next: 按照…三个节点，分别给予…奖励.
_STEPS = re.compile(r"分阶段|节点|各阶段|分步")
# 每人, 每张床: how many there are is the firm's.
_OF_ONE_FIRM = frozenset({"", "一次性", "每年", "每年度"})


def adds_up(text: str) -> bool:
    """Whether a message asks what there is in all (一共能拿多少, 加起来多少)."""
    return holds(_ADDS_UP, text)


def asks_which_is_more(text: str) -> bool:
    """Whether a message asks which of two gives more (哪个多, 哪个划算)."""
    return holds(_WHICH_IS_MORE, text)


def most_of(programme: Programme, day: date, phrases: Phrases) -> str:
    """What one programme comes to in all, as a line; empty where that is no sum of its figures."""
    most = None if programme.period.over(day) else _most(programme, day)
    if most is None or "＝" not in most.worked:
        return ""
    key = "sums.steps" if _by_steps(programme, day) else "sums.most"
    return phrases(key, name=programme.title, working=most.worked)


@dataclass(frozen=True)
class _Sum:
    """A sum of money and how it is reached (10万元＋10万元)."""

    value: Decimal
    working: str

    @property
    def worked(self) -> str:
        """With what it comes to, where it is reached by more than one figure."""
        plain = self.working == _said(self.value)
        return self.working if plain else f"{self.working}＝{_said(self.value)}"


def _most(programme: Programme, day: date) -> _Sum | None:
    """The most that one firm gets, all conditions met; None where its own figures decide."""
    rule = programme.amount
    if rule.value is None or rule.kind == "rate" or rule.per not in _OF_ONE_FIRM:
        return None
    if _by_steps(programme, day) and isinstance(rule.value, Choose):
        return _sum_of(rule.value.values.values(), programme, day)
    return _greatest(rule.value, programme, day)


def _by_steps(programme: Programme, day: date) -> bool:
    """Whether a measure pays at one step and again at the next."""
    said = programme.amount.said(day)
    steps = said is not None and _STEPS.search(said.words) is not None
    return steps and isinstance(programme.amount.value, Choose)


def _greatest(expression: Expression, programme: Programme, day: date) -> _Sum | None:
    match expression:
        case Parameter(name):
            value = programme.figures(day).get(name)
            money = value is not None and programme.units[name] == "CNY"
            return _Sum(value, _said(value)) if money and value is not None else None
        case Combine("sum", parts):
            return _sum_of(parts, programme, day)
        case Combine("least", parts):
            # What the firm's own figures would give is cut here.
            found = [one for part in parts if (one := _greatest(part, programme, day))]
            return min(found, key=_value, default=None)
        case When(_, then, otherwise):
            return _largest((then, otherwise), programme, day)
        case Choose(_, values):
            return _largest(tuple(values.values()), programme, day)
        case Tiers(_, steps):
            return _largest(tuple(value for _, value in steps), programme, day)
        case Uplift(base, Parameter(name), _):
            first, share = _greatest(base, programme, day), programme.figures(day).get(name)
            if first is None or share is None:
                return None
            inner = f"（{first.working}）" if "＋" in first.working else first.working
            raised = first.value * (1 + share)
            return _Sum(raised, f"{inner}×（1＋{quantity(share, 'ratio')}）")
    return None


def _value(one: _Sum) -> Decimal:
    return one.value


def _largest(parts: Sequence[Expression], programme: Programme, day: date) -> _Sum | None:
    """The largest of several, none of which may hang on the firm's figures."""
    rest = [part for part in parts if not isinstance(part, Number)]
    found = [one for part in rest if (one := _greatest(part, programme, day))]
    return max(found, key=_value) if found and len(found) == len(rest) else None


def _sum_of(parts: Iterable[Expression], programme: Programme, day: date) -> _Sum | None:
    found = [_greatest(part, programme, day) for part in parts]
    known = [one for one in found if one is not None]
    if len(known) < len(found):
        return None
    total = sum((one.value for one in known), Decimal(0))
    return _Sum(total, "＋".join(one.working for one in known))


def together_said(
    text: str, verdicts: Sequence[Verdict], phrases: Phrases, *, excluded: bool
) -> list[str]:
    """What two verdicts come to together, or which of them is more, where that is asked.

    Args:
        text: the message.
        verdicts: two, as they are set side by side.
        phrases: the sentences.
        excluded: whether a clause says that both may not be had.
    """
    adds, more = adds_up(text) and not excluded, asks_which_is_more(text)
    if not (adds or more):
        return []
    over = any(verdict.outcome == "ineligible" for verdict in verdicts)
    known = [found for verdict in verdicts if (found := _due(verdict))]
    if len(known) < len(verdicts) or over:
        return [phrases("sums.open")]
    lines = []
    low, high = sorted(known, key=_value)
    if more and low.value == high.value:
        lines.append(phrases("sums.same", value=_said(low.value)))
    elif more:
        name = verdicts[known.index(high)].programme.title
        less = f"（{low.working}）" if "＋" in low.working else low.working
        working = f"{high.working}－{less}＝{_said(high.value - low.value)}"
        lines.append(phrases("sums.more", name=name, working=working))
    if adds:
        total = f"{'＋'.join(one.working for one in known)}＝{_said(low.value + high.value)}"
        lines.append(phrases("sums.total", working=total))
    return lines


def _due(verdict: Verdict) -> _Sum | None:
    """What a firm is told by a verdict, or, while it is open, the most there is."""
    amount = verdict.amount
    if amount.yuan is not None and not amount.more:
        return _Sum(amount.yuan, amount.working.partition("＝")[0] or _said(amount.yuan))
    return _most(verdict.programme, verdict.as_of)


def _said(value: Decimal) -> str:
    return quantity(value, "CNY")
