"""Where the words of words.yml stand in a folded message."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache

from bot.policies.eligibility.denial import denied_before, heard_of, parted
from bot.policies.eligibility.spoken import folded

__all__ = ["spots"]

_APART = 20  # characters between parts of words that belong together (首次 高企)
_NEAR = 5  # characters before a part that may deny it


def _places(word: str, said: str) -> Iterator[tuple[int, int]]:
    """Where a word stands; what it has taken is not taken again."""
    start = said.find(word) if word else -1
    while start >= 0:
        yield start, start + len(word)
        start = said.find(word, start + len(word))


@lru_cache(maxsize=8)
def _pairs(said: str) -> frozenset[str]:
    """The single characters and the pairs of a message."""
    return frozenset(said).union(said[i : i + 2] for i in range(len(said) - 1))


# The words of the facts are the same in every message; few of them begin as anything in it.
@lru_cache(maxsize=4_096)
def _beginning(words: tuple[str, ...], parts: int | None) -> dict[str, tuple[int, ...]]:
    """By the first two characters, or one, of their first ``parts`` the places of words."""
    found: dict[str, list[int]] = {}
    for index, word in enumerate(words):
        for part in _parts(word)[:parts]:
            for alternative in part:
                found.setdefault(alternative[:2], []).append(index)
    return {key: tuple(places) for key, places in found.items()}


def _likely(said: str, words: Iterable[str], parts: int | None = 1) -> list[str]:
    """The words of which one of the first ``parts`` may stand in a message, in their order."""
    known = tuple(words)
    places = _beginning(known, parts)
    held = places.keys() & _pairs(said)
    return [known[i] for i in sorted({i for key in held for i in places[key]})]


@lru_cache(maxsize=131_072)
def _parts(word: str) -> tuple[tuple[str, ...], ...]:
    """The parts of a word, each with its alternatives: 外省|外地 迁|搬."""
    return tuple(tuple(map(folded, part.split("|"))) for part in word.split())


def _any_place(alternatives: Iterable[str], said: str) -> Iterator[tuple[int, int]]:
    for word in alternatives:
        if word in said:
            yield from _places(word, said)


def spots(
    said: str, words: Iterable[str], unless: Iterable[str] = ()
) -> list[tuple[int, int, bool]]:
    """Where some words stand; of words with a space inside, all parts near each other.

    A part may be one of several (外省|外地 迁|搬). The third of each tells whether they stand in
    one piece.

    What lies within words of ``unless`` does not count: 中小企业 is the name of a group, and
    tells nothing of the 小企业 that asks. Nor does a part that is denied (名单还没出来).
    """
    names = [
        span
        for name in _likely(said, unless, None)
        for part in _parts(name)
        for span in _any_place(part, said)
    ]
    found: list[tuple[int, int, bool]] = []
    for word in _likely(said, words):
        first, *others = _parts(word)
        for start, end in _any_place(first, said):
            if any(a <= start and end <= b for a, b in names):
                continue
            for other in others:
                near = [
                    (a, b)
                    for a, b in _any_place(other, said)
                    if b >= start - _APART
                    and a <= end + _APART
                    and (b <= start or a >= end)
                    and not denied_before(said, a, _NEAR)
                    and not heard_of(said, a)
                    and not parted(said[end:a] or said[b:start])
                ]
                if not near:
                    break
                a, b = min(near, key=lambda spot: max(start - spot[1], spot[0] - end))
                # 托育中心，不是幼儿园: the part that stands last is denied.
                if b <= start and denied_before(said, start, _NEAR):
                    break
                start, end = min(start, a), max(end, b)
            else:
                found.append((start, end, not others))
    return found
