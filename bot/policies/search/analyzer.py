"""Text into features: words, character pairs, their sounds, and the terms of the house.

Features are strings with a prefix: ``w:`` a Chinese word, ``l:`` letters or a number,
``b:`` a character pair, ``p:`` the sound of a pair, ``t:`` a glossary term under
whichever of its names. The classifier knows two more: ``c:`` a character, ``s:`` its
sound.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from functools import cache
from itertools import chain
from typing import Any

from pypinyin import Style, lazy_pinyin

from bot.policies.query import Lexicon, normalise

__all__ = ["LATIN", "Analyzer", "sound", "sounding_like", "tone"]

_HAN_RUN = re.compile(r"[\u3400-\u9fff]+")
LATIN = re.compile(r"[a-z][a-z0-9&+.-]*|\d+(?:\.\d+)?%?")

# Sounds that many speakers, and so voice input, do not tell apart.
_BLURRED = (("zh", "z"), ("ch", "c"), ("sh", "s"), ("ng", "n"))


class Analyzer:
    """Turns a text into counted features.

    Args:
        lexicon: the house terms, which jieba then keeps whole.
        fillers: words left out of questions (not of clauses).

    Attributes:
        lexicon: as given.
        fillers: finds them, each as a group; None where there are none.
    """

    def __init__(self, lexicon: Lexicon, fillers: Iterable[str] = ()) -> None:
        self.lexicon = lexicon
        self._tokenizer: Any = None
        ordered = sorted(map(normalise, fillers), key=lambda word: (-len(word), word))
        every = "|".join(map(re.escape, ordered))
        self.fillers = re.compile(f"({every})") if ordered else None

    def features(self, text: str, *, words: bool = False) -> Counter[str]:
        """The counted features of a clause or a part of one.

        Args:
            text: the clause.
            words: whether to cut it into Chinese words as well. The index does without:
                beside character pairs they find nothing more and cost most of the time
                (docs/search.md).
        """
        normalised = normalise(text)
        terms = [term for _, _, term in self.lexicon.find(normalised)]
        return Counter(self._pieces(normalised, terms, words=words))

    def question(self, text: str, *, words: bool = False) -> Counter[str]:
        """The counted features of a question, without its fillers; ``words`` as above."""
        return Counter(self.question_pieces(text, words=words))

    def question_pieces(self, text: str, *, words: bool = False) -> list[str]:
        """The features of a question one after another, as often as they come."""
        normalised = normalise(text)
        terms, position, parts = [], 0, []
        for start, end, term in self.lexicon.find(normalised):  # a filler inside a term stays
            terms.append(term)
            parts += [self._unfilled(normalised[position:start]), normalised[start:end]]
            position = end
        parts.append(self._unfilled(normalised[position:]))
        return self._pieces("".join(parts), terms, words=words)

    def singles(self, text: str) -> list[str]:
        """The characters of a question and their sounds one by one, without its fillers."""
        found = "".join(_HAN_RUN.findall(self._unfilled(normalise(text))))
        return [feature for one in dict.fromkeys(found) for feature in _of_one(one)]

    def learned(self, text: str) -> list[str]:
        """All features of a question that the classifier knows, each once."""
        pieces = self.question_pieces(text, words=True)
        return list(dict.fromkeys((*pieces, *self.singles(text))))

    def _unfilled(self, normalised: str) -> str:
        return normalised if self.fillers is None else self.fillers.sub(" ", normalised)

    def _pieces(self, normalised: str, terms: Iterable[str], *, words: bool) -> list[str]:
        found = [f"t:{term}" for term in terms]
        found += [f"l:{word}" for word in LATIN.findall(normalised)]
        for run in _HAN_RUN.findall(normalised):
            if len(run) == 1:
                found.append(f"b:{run}")
                continue
            found += chain.from_iterable(map(_of_pair, run, run[1:]))
            if words:
                found += [f"w:{word}" for word in self._cut(run) if len(word) > 1]
        return found

    def _cut(self, run: str) -> Iterable[str]:
        if self._tokenizer is None:  # half a second; not before it is needed
            self._tokenizer = self.lexicon.tokenizer()
        words: Iterable[str] = self._tokenizer.cut_for_search(run)
        return words


@cache
def _of_one(one: str) -> tuple[str, str]:
    return f"c:{one}", f"s:{sound(one)}"


def _of_pair(one: str, two: str) -> tuple[str, str]:
    return f"b:{one}{two}", f"p:{sound(one)} {sound(two)}"


@cache
def tone(character: str) -> str:
    """How a character sounds exactly, with its tone."""
    return lazy_pinyin(character, style=Style.TONE3)[0]


@cache
def sound(character: str) -> str:
    """How a character sounds, as many speakers would say it."""
    # One character at a time: which of its sounds a word would choose matters less here
    # than the seconds that looking up words takes.
    sound = lazy_pinyin(character)[0]
    for exact, blurred in _BLURRED:
        sound = sound.replace(exact, blurred)
    return sound


def sounding_like(word: str, text: str) -> str:
    """The first piece of a text that sounds like a word (专力 for 专利); empty where none does."""
    heard, size = [*map(sound, word)], len(word)
    pieces = (text[at : at + size] for at in range(len(text) - size + 1))
    return next((piece for piece in pieces if [*map(sound, piece)] == heard), "")
