"""Which item of an offer a message names: 第二个, 2, 最后一个, or its title."""

from __future__ import annotations

import re

from bot.policies.answer.context import Context
from bot.policies.answer.items import caption_of, gives
from bot.policies.model import Snapshot
from bot.policies.query import normalise, parse_document_number, parse_number

__all__ = ["ordinal", "picked"]

_ORDINAL = re.compile(
    r"第\s*([一二三四五六七八九十两\d]{1,3})\s*(?:[个项条种款]|(?=$|[\s，。,.！!？?吧呢啊的]))"
    r"|^\s*(?:选|要|看)?\s*([一二三四五六七八九十\d]{1,2})\s*$"
)
_LAST = re.compile(r"最后(?:一|那)?个|末(?:一|尾)")


def ordinal(text: str, count: int) -> int | None:
    """The place that a message names, from 0; of ``count`` items 最后一个 is the last."""
    normalised = normalise(text)
    if _LAST.search(normalised):
        return count - 1
    match = _ORDINAL.search(normalised)
    number = parse_number(match[1] or match[2]) if match else None
    return int(number) - 1 if number and number >= 1 else None


def picked(text: str, context: Context, snapshot: Snapshot) -> int | None:
    """Which item of the last offer a message names, by ordinal or by its title."""
    if not context.offered or parse_document_number(normalise(text)) is not None:
        return None
    for index, key in enumerate(context.offered):
        clause, programme = snapshot.clauses.get(key), snapshot.programmes.get(key)
        names = [programme.name] if programme else []
        if clause:
            names += [caption_of(clause), *gives(clause, snapshot, {})]
        if any(normalise(text) == normalise(name) for name in names):
            return index
    named = ordinal(text, len(context.offered))
    return named if named is not None and named < len(context.offered) else None
