"""Which clauses print the same measure: exact copies, near ones, and one within another.

Found by their runs of characters (shingles), as near-duplicate pages are found
(Broder 1997); only the words count, not punctuation, widths or 责任单位.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Mapping, Sequence
from difflib import SequenceMatcher
from itertools import combinations
from typing import Any

__all__ = ["find_copies"]

_RUN = 5  # characters
_COMMON = 20  # a run in more clauses than this is a phrase of the trade, no sign of a copy
_SHARED = 20  # two clauses with fewer runs in common are no copies, however short
_NEAR = 0.8  # of all runs of both
_WITHIN = 0.8  # of the runs of the shorter
_RESPONSIBLE = re.compile(r"[（(](?:责任单位[:：].*|[^（）()]*(?:负责|牵头|配合)[）)]$)")
_FIGURE = re.compile(r"\d+(?:\.\d+)?(?:个?百分点|[%‰]|[万亿]+元?|元|倍|个月|[年月日天户人])?|.")


def find_copies(clauses: Mapping[str, Mapping[str, Any]]) -> list[dict[str, Any]]:
    """All pairs of clauses that print the same measure.

    Args:
        clauses: by id, each with its ``text``.

    Returns:
        one mapping a pair: ``clauses``, ``kind`` (``same`` words, ``near``, or
        ``within`` where one holds most of the other) and ``differs``, the figures in
        which they do not agree, as the first and as the second prints them.
    """
    words = {key: _words(str(clause["text"])) for key, clause in clauses.items()}
    runs = {key: _runs(text) for key, text in words.items()}
    order = {key: place for place, key in enumerate(clauses)}
    pairs: list[dict[str, Any]] = []
    for first, second in sorted(_candidates(runs), key=lambda pair: [order[key] for key in pair]):
        kind = _kind(words[first], words[second], runs[first], runs[second])
        if kind is not None:
            differs = _differing(str(clauses[first]["text"]), str(clauses[second]["text"]))
            pairs.append({"clauses": [first, second], "kind": kind, "differs": differs})
    return pairs


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", _RESPONSIBLE.sub("", text))


def _words(text: str) -> str:
    return re.sub(r"[\W_]", "", _plain(text))


def _runs(words: str) -> frozenset[str]:
    return frozenset(words[at : at + _RUN] for at in range(len(words) - _RUN + 1))


def _candidates(runs: Mapping[str, frozenset[str]]) -> set[tuple[str, str]]:
    holders: dict[str, list[str]] = defaultdict(list)
    for key, own in runs.items():
        for run in own:
            holders[run].append(key)
    found: set[tuple[str, str]] = set()
    for keys in holders.values():
        if len(keys) <= _COMMON:
            found.update(combinations(keys, 2))
    return found


def _kind(first: str, second: str, runs: frozenset[str], other: frozenset[str]) -> str | None:
    shared = len(runs & other)
    if shared < min(_SHARED, len(runs), len(other)) or not shared:
        return None
    if first == second:
        return "same"
    if shared / len(runs | other) >= _NEAR:
        return "near"
    return "within" if shared / min(len(runs), len(other)) >= _WITHIN else None


def _differing(first: str, second: str) -> list[list[str]]:
    """Figures that stand at the same place and are not the same."""
    mine, theirs = _tokens(first), _tokens(second)
    found: list[list[str]] = []
    for what, a, b, c, d in SequenceMatcher(None, mine, theirs, autojunk=False).get_opcodes():
        if what != "replace":
            continue
        here = [token for token in mine[a:b] if token[0].isdigit()]
        there = [token for token in theirs[c:d] if token[0].isdigit()]
        # Words of different length at one place are another wording, no other figure.
        if here and there and len(here) == len(there):
            found += [[x, y] for x, y in zip(here, there, strict=True) if x != y]
    return found


def _tokens(text: str) -> Sequence[str]:
    return [token for token in _FIGURE.findall(_plain(text)) if not re.fullmatch(r"[\W_]", token)]
