"""Mending what voice input and hurried typing got wrong: 带款 for 贷款, 承对 for 承兑.

Only towards words of the base: a pair of characters that no word explains and no clause
holds is read as the pair that sounds the same and stands in many clauses.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from itertools import pairwise
from typing import Any

from bot.policies.query import Analysis, Lexicon, normalise
from bot.policies.search.analyzer import sound, tone

__all__ = ["Spelling"]

_HAN_RUN = re.compile(r"[\u3400-\u9fff]{2,}")
_HAN = re.compile(r"[\u3400-\u9fff]{2,4}")
_CLAUSES = 3  # a pair is a word of the base if so many clauses hold it
# jieba counts; a rarer character hardly stands as a word by itself (款), a commoner one
# often does (说, 有, 想), and what two of those say together is no slip.
_RARE, _COMMON = 9_000, 30_000
# Words of every sentence: what differs in one of them is grammar.
_GRAMMAR = frozenset(
    "的了吗呢吧啊不我你他她它们是在有要能给把被也都还就才又这那哪啥咋个一二三两几多少上下里没去来到和跟与从厂店种"
)


class Spelling:
    """Mends questions towards the words of one knowledge base.

    Args:
        lexicon: the house terms.
        pairs: for each pair of characters in how many clauses it stands.
        named: names of places, which are right as they stand.
    """

    def __init__(
        self, lexicon: Lexicon, pairs: Mapping[str, int], named: Collection[str] = ()
    ) -> None:
        self._named = re.compile("|".join(map(re.escape, named))) if named else None
        self._pairs = pairs
        self._tokenizer: Any = lexicon.tokenizer()
        self._known: Mapping[str, int] = self._tokenizer.FREQ
        words = {pair: n for pair, n in pairs.items() if n >= _CLAUSES and self._known.get(pair)}
        forms = {normalise(form) for term in lexicon.terms for form in term.forms}
        words.update({form: _CLAUSES for form in forms if _HAN.fullmatch(form)})
        # A term's other forms may be miswritings: where they sound alike, its name is meant.
        names = {normalise(term.name) for term in lexicon.terms}
        self._by_sound: dict[tuple[str, ...], str] = {}
        for word in sorted(words, key=lambda word: (word in names, words[word], word)):
            self._by_sound[tuple(map(sound, word))] = word
        self._written = self._terms_written(lexicon)

    def _terms_written(self, lexicon: Lexicon) -> dict[str, str]:
        """For each miswriting among a term's forms how it is written: 稳港返还 is 稳岗返还."""
        written: dict[str, str] = {}
        for term in lexicon.terms:
            right: dict[tuple[str, ...], str] = {}
            for form in map(normalise, (term.name, *term.aliases)):
                if self._stands(form):
                    right.setdefault(tuple(map(sound, form)), form)
                elif word := right.get(tuple(map(sound, form))):
                    written[form] = word
        return written

    def _stands(self, word: str) -> bool:
        """Whether the clauses hold each pair of a word's characters."""
        return all(map(self._pairs.get, map("".join, pairwise(word))))

    def mend(self, analysis: Analysis) -> str:
        """The words of a question, normalised, with its slips mended; of the same length.

        What it names (a document number, a place) is right as it stands; a term is written as
        the clauses write it.
        """
        characters = list(analysis.normalised)
        taken = [False] * len(characters)
        for span in analysis.spans:
            taken[span.start : span.end] = [True] * (span.end - span.start)
            named = analysis.normalised[span.start : span.end]
            characters[span.start : span.end] = self._written.get(named, named)
        if self._named is not None:
            for match in self._named.finditer(analysis.normalised):
                taken[match.start() : match.end()] = [True] * len(match[0])
        for match in _HAN_RUN.finditer(analysis.normalised):
            for at, word in self._slips(match[0], taken[match.start() : match.end()]):
                place = match.start() + at
                characters[place : place + len(word)] = word
        return "".join(characters)

    def _slips(self, run: str, taken: list[bool]) -> Iterator[tuple[int, str]]:
        # Where jieba finds no word, each character stands alone.
        alone = [len(t) == 1 for t in self._tokenizer.cut(run, HMM=False) for _ in t]
        at = 0
        while at < len(run) - 1:
            for size in (4, 3, 2):
                typed = run[at : at + size]
                if len(typed) < size or any(taken[at : at + size]):
                    continue
                # 营收够了: what ends a word with the character before is no slip.
                if (
                    size == 2
                    and at
                    and not taken[at - 1]
                    and self._known.get(run[at - 1 : at + 1], 0) > 0
                ):
                    continue
                if word := self._meant(typed, alone[at : at + size]):
                    yield at, word
                    at += size
                    break
            else:
                at += 1

    def _meant(self, typed: str, alone: list[bool]) -> str | None:
        """The word that was meant, if what was typed is none itself."""
        if not (all(alone) if len(typed) == 2 else any(alone)) or self._pairs.get(typed):
            return None
        word = self._by_sound.get(tuple(map(sound, typed)))
        if word is None or word == typed:
            return None
        differing = {one for one, other in zip(typed, word, strict=True) if one != other}
        if len(typed) == 2:
            # Two characters are little to go by: they must sound the same to the tone.
            if any(tone(one) != tone(other) for one, other in zip(typed, word, strict=True)):
                return None
            often = min(self._known.get(character, 0) for character in typed)
            return word if often <= _RARE and not _GRAMMAR & {*typed} else None
        often = max(self._known.get(character, 0) for character in differing)
        few = len(differing) <= len(typed) // 2
        return word if few and often <= _COMMON and not _GRAMMAR & differing else None
