"""The features of many texts at once: what :class:`Analyzer` finds, for a whole index.

All texts stand in one array of code points, a line break after each, and are folded,
looked through and counted there. Text by text this took most of the time of a start.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import chain

import numpy as np
import numpy.typing as npt

from bot.policies.query import Lexicon, folding
from bot.policies.search.analyzer import LATIN, Analyzer, sound
from bot.policies.search.bags import Bags, Numbers, Values, new_numbers, sorting

__all__ = ["bags_of"]

Codes = npt.NDArray[np.uint32]
Marks = npt.NDArray[np.bool_]

_BREAK, _BLANK = 0x0A, 0x20  # folding leaves no line break within a text
_HAN, _HAN_END = 0x3400, 0xA000
_ALL = 0x110000  # code points
_ENCODING = "utf-32-le", "surrogatepass"
_AT_ONCE = 1 << 13  # texts; the arrays over them take some hundred times their room


def bags_of(
    texts: Sequence[Sequence[str]],
    analyzer: Analyzer,
    weights: Sequence[float] = (1.0,),
    *,
    questions: bool = False,
) -> Bags:
    """The bags of texts, without words.

    Args:
        texts: each by its parts.
        analyzer: knows terms and fillers.
        weights: what a feature counts in each part; all texts have so many parts.
        questions: whether to leave fillers out.
    """
    numbers = new_numbers()
    fillers = analyzer.fillers if questions else None
    found: list[tuple[Numbers, Values, Numbers]] = []
    for begin in range(0, len(texts), _AT_ONCE):
        some = texts[begin : begin + _AT_ONCE]
        run = _Run(chain.from_iterable(some), analyzer.lexicon, fillers)
        parts, codes = run.features()
        rows, counts = parts // len(weights), np.asarray(weights, np.float32)[parts % len(weights)]
        codes, features, counts, sizes = _counted(codes, rows, counts, len(some))
        known = np.fromiter(map(numbers.__getitem__, run.names(codes)), np.int64, len(codes))
        found.append((known[features], counts, sizes))
    if not found:
        return Bags.of(())
    features, counts, sizes = (np.concatenate(part) for part in zip(*found, strict=True))
    return Bags(dict(numbers), features, counts, sizes)


def _counted(
    codes: Numbers, rows: Numbers, weights: Values, size: int
) -> tuple[Numbers, Numbers, Values, Numbers]:
    """Each code once a row.

    Returns:
        the codes in the order of first sight; for each entry its number among them, and
        its weights summed; how many entries each row has.
    """
    order = sorting(codes)
    codes, rows = codes[order], rows[order]
    fresh = np.diff(codes, prepend=-1) != 0
    # Equal codes stand in their order, so those of one row stand together.
    first = fresh | (np.diff(rows, prepend=-1) != 0)
    seen = order[fresh]
    ranks = np.empty(len(seen), np.int64)
    ranks[np.argsort(seen)] = np.arange(len(seen))
    features, counts, held = (np.zeros(len(order), kind) for kind in (np.int64, np.float32, bool))
    features[order] = ranks[np.cumsum(fresh) - 1]
    starts = np.flatnonzero(first)
    if len(starts):
        counts[order[starts]] = np.add.reduceat(weights[order], starts)
    held[order[starts]] = True
    sizes = np.bincount(rows[starts], minlength=size)
    return codes[fresh][np.argsort(seen)], features[held], counts[held], sizes


class _Run:
    """Texts in one run of code points, and the features that stand in them.

    Features are numbered: terms, letters and numbers as they come, then pairs of
    characters, then pairs of sounds.
    """

    def __init__(
        self, parts: Iterable[str], lexicon: Lexicon, fillers: re.Pattern[str] | None
    ) -> None:
        every = tuple(parts)
        lengths = np.fromiter(map(len, every), np.int64, len(every)) + 1
        self._count, self._part = len(every), np.repeat(np.arange(len(every)), lengths)
        raw = np.frombuffer("\n".join((*every, "")).encode(*_ENCODING), np.uint32)
        self._codes: Codes = _folded(raw)
        self._codes[np.cumsum(lengths) - 1] = _BREAK
        self._others = new_numbers()
        self._terms = self._find_terms(lexicon, fillers)
        self._latin = self._find_latin()
        self._find_characters()

    def _find_terms(
        self, lexicon: Lexicon, fillers: re.Pattern[str] | None
    ) -> tuple[Numbers, Numbers]:
        """Where terms stand, and their features; blanks out fillers, except within a term."""
        codes = self._codes
        text = _text(codes)
        found = list(lexicon.find_at(text, _starts(codes, lexicon.starts).tolist()))
        if fillers is not None:
            hidden = codes.copy()
            hidden[_covered([(start, end) for start, end, _ in found], len(codes))] = _BREAK
            # Every other piece is a filler.
            pieces = fillers.split(_text(hidden))
            lengths = np.fromiter(map(len, pieces), np.int64, len(pieces))
            codes[np.repeat(np.arange(len(pieces)) % 2 == 1, lengths)] = _BLANK
        at = np.fromiter((start for start, _, _ in found), np.int64, len(found))
        numbers = (self._others[f"t:{term}"] for _, _, term in found)
        return at, np.fromiter(numbers, np.int64, len(found))

    def _find_latin(self) -> tuple[Numbers, Numbers]:
        """Where letters and numbers stand, and their features."""
        # Of Chinese characters only those that end a run of others are looked at.
        other = ~_is_han(self._codes)
        kept = np.flatnonzero(other | np.append(True, other[:-1]))
        found = list(LATIN.finditer(_text(self._codes[kept])))
        at = kept[np.fromiter((match.start() for match in found), np.int64, len(found))]
        numbers = (self._others[f"l:{match[0]}"] for match in found)
        return at, np.fromiter(numbers, np.int64, len(found))

    def _find_characters(self) -> None:
        """Number the Chinese characters and their sounds; nought is for none."""
        han = np.where(_is_han(self._codes), self._codes, 0)
        used = np.zeros(_HAN_END, bool)
        used[han] = True
        used[0] = False
        characters = np.flatnonzero(used)
        self._characters = ["", *map(chr, characters.tolist())]
        heard = [sound(character) if character else "" for character in self._characters]
        sounds = {heard_as: number for number, heard_as in enumerate(dict.fromkeys(heard))}
        self._sounds = list(sounds)
        places = np.zeros(_HAN_END, np.int64)
        places[characters] = np.arange(1, len(characters) + 1)
        self._sound_of = np.fromiter(map(sounds.__getitem__, heard), np.int64, len(heard))
        self._here: Numbers = places[han]

    def features(self) -> tuple[Numbers, Numbers]:
        """All features one after another as they come in each part: (parts, numbers)."""
        here = self._here
        han = here > 0
        follows, before = np.append(han[1:], False), np.append(False, han[:-1])
        # A pair of characters, or one that stands alone.
        at = np.flatnonzero(han & (follows | ~before))
        one, two = here[at], here[at + 1]
        pairs = len(self._others) + one * len(self._characters) + two
        sounds = self._sound_of[one] * len(self._sounds) + self._sound_of[two]
        sounds += len(self._others) + len(self._characters) ** 2
        # The sounds of a pair come right after it; one that stands alone tells none.
        kept = np.stack((han[at], two > 0), axis=1).ravel()
        both = np.stack((pairs, sounds), axis=1).ravel()[kept]
        of_both = np.repeat(self._part[at], 2)[kept]
        kinds = [(self._part[places], numbers) for places, numbers in (self._terms, self._latin)]
        return _in_order([*kinds, (of_both, both)], self._count)

    def names(self, numbers: Numbers) -> list[str]:
        """Features by their numbers."""
        others, letters, sounds = list(self._others), self._characters, self._sounds
        pairs_from = len(others)
        sounds_from = pairs_from + len(letters) ** 2
        names = np.empty(len(numbers), object)
        kind = np.searchsorted([pairs_from, sounds_from], numbers, side="right")
        names[kind == 0] = [others[number] for number in numbers[kind == 0].tolist()]
        one, two = _apart(numbers[kind == 1] - pairs_from, len(letters))
        names[kind == 1] = [f"b:{letters[i]}{letters[j]}" for i, j in zip(one, two, strict=True)]
        one, two = _apart(numbers[kind == 2] - sounds_from, len(sounds))
        names[kind == 2] = [f"p:{sounds[i]} {sounds[j]}" for i, j in zip(one, two, strict=True)]
        found: list[str] = names.tolist()
        return found


def _apart(pairs: Numbers, base: int) -> tuple[list[int], list[int]]:
    one, two = np.divmod(pairs, base)
    return one.tolist(), two.tolist()


def _in_order(kinds: Sequence[tuple[Numbers, Numbers]], parts: int) -> tuple[Numbers, Numbers]:
    """Features of several kinds, each by part, joined so that a part's stand together."""
    sizes = [np.bincount(of, minlength=parts) for of, _ in kinds]
    whole = np.sum(sizes, axis=0)
    free = np.cumsum(whole) - whole
    found = np.empty(int(whole.sum()), np.int64)
    for (of, numbers), size in zip(kinds, sizes, strict=True):
        found[np.arange(len(of)) + (free - np.cumsum(size) + size)[of]] = numbers
        free += size
    return np.repeat(np.arange(parts), whole), found


def _starts(codes: Codes, starts: Iterable[str]) -> Numbers:
    """Where one of some pairs of characters stands."""
    pairs = np.array([(ord(pair[0]), ord(pair[1])) for pair in starts if len(pair) > 1], np.uint32)
    if not len(pairs):
        return np.zeros(0, np.int64)
    may = [np.zeros(_ALL, bool) for _ in range(2)]
    for column, table in zip(pairs.T, may, strict=True):
        table[column] = True
    at = np.flatnonzero(may[0][codes[:-1]] & may[1][codes[1:]])
    wanted = pairs[:, 0].astype(np.int64) * _ALL + pairs[:, 1]
    return at[np.isin(codes[at].astype(np.int64) * _ALL + codes[at + 1], wanted)]


def _covered(spans: Sequence[tuple[int, int]], size: int) -> Marks:
    """What lies within spans that do not overlap; shape (size,)."""
    edges = np.array(spans, np.int64).reshape(-1, 2)
    steps = np.zeros(size + 1, np.int8)
    steps[edges[:, 0]] += 1
    steps[edges[:, 1]] -= 1
    return np.cumsum(steps[:-1], dtype=np.int8) > 0


def _folded(codes: Codes) -> Codes:
    table = np.arange(_ALL, dtype=np.uint32)
    folds = folding()
    table[list(folds)] = [ord(to) for to in folds.values()]
    return table[codes]


def _is_han(codes: Codes) -> Marks:
    return (codes >= _HAN) & (codes < _HAN_END)


def _text(codes: Codes) -> str:
    return codes.tobytes().decode(*_ENCODING)
