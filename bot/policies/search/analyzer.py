"""Text into features: words, character pairs, their sounds, and the terms of the house.

Features are strings with a prefix: ``w:`` a word, ``b:`` a character pair, ``p:`` the
sound of a pair, ``t:`` a glossary term under whichever of its names.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

from pypinyin import lazy_pinyin

from bot.policies.query import Lexicon, normalise

__all__ = ["Analyzer", "FeatureCache"]

_HAN_RUN = re.compile(r"[\u3400-\u9fff]+")
_LATIN = re.compile(r"[a-z][a-z0-9&+.-]*|\d+(?:\.\d+)?%?")
_VERSION = "4"  # raise when features change, so that cached ones are not used


# Sounds that many speakers, and so voice input, do not tell apart.
_BLURRED = (("zh", "z"), ("ch", "c"), ("sh", "s"), ("ng", "n"))


class Analyzer:
    """Turns a text into counted features.

    Args:
        lexicon: the house terms, which jieba then keeps whole.
        fillers: words left out of questions (not of clauses).
    """

    def __init__(self, lexicon: Lexicon, fillers: Iterable[str] = ()) -> None:
        self._lexicon = lexicon
        self._tokenizer: Any = None
        ordered = sorted(map(normalise, fillers), key=lambda word: (-len(word), word))
        self._fillers = re.compile("|".join(map(re.escape, ordered))) if ordered else None

    @property
    def fingerprint(self) -> str:
        """A hash of all that decides the features of a text that is no question."""
        return hashlib.sha256(f"{_VERSION}:{self._lexicon.fingerprint}".encode()).hexdigest()[:16]

    def features(self, text: str) -> Counter[str]:
        """The counted features of a clause or a curated question."""
        return self._count(normalise(text))

    def question(self, text: str) -> Counter[str]:
        """The counted features of a question: terms first, then what is left without fillers."""
        normalised = normalise(text)
        if self._fillers is None:
            return self._count(normalised)
        kept, position, parts = list(self._lexicon.find(normalised)), 0, []
        for start, end, _ in kept:  # a filler inside a term stays
            parts.append(self._fillers.sub(" ", normalised[position:start]))
            parts.append(normalised[start:end])
            position = end
        parts.append(self._fillers.sub(" ", normalised[position:]))
        return self._count("".join(parts))

    def _count(self, normalised: str) -> Counter[str]:
        if self._tokenizer is None:  # half a second; not before it is needed
            self._tokenizer = self._lexicon.tokenizer()
        counts: Counter[str] = Counter()
        for run in _HAN_RUN.findall(normalised):
            counts.update(f"b:{run[i : i + 2]}" for i in range(len(run) - 1))
            counts.update(
                f"w:{word}" for word in self._tokenizer.cut_for_search(run) if len(word) > 1
            )
            if len(run) == 1:
                counts[f"w:{run}"] += 1
            sounds = [_sound(character) for character in run]
            counts.update(f"p:{one} {two}" for one, two in pairwise(sounds))
        counts.update(f"w:{word}" for word in _LATIN.findall(normalised))
        counts.update(f"t:{term}" for _, _, term in self._lexicon.find(normalised))
        return counts


@cache
def _sound(character: str) -> str:
    # One character at a time: which of its sounds a word would choose matters less here
    # than the seconds that looking up words takes.
    sound = lazy_pinyin(character)[0]
    for exact, blurred in _BLURRED:
        sound = sound.replace(exact, blurred)
    return sound


class FeatureCache:
    """Features of clauses and questions on disk, keyed by the hash of their text.

    An edited clause is analysed anew, and only that one. A missing, damaged or
    foreign file is the same as an empty one; it is replaced when something new
    was computed.
    """

    def __init__(self, path: Path | None, analyzer: Analyzer) -> None:
        self._path, self._analyzer = path, analyzer
        self._known: dict[str, dict[str, int]] = {}
        self._used: dict[str, dict[str, int]] = {}
        self.computed = 0
        if path is not None:
            try:
                stored = json.loads(path.read_text("utf-8"))
                if stored["fingerprint"] == analyzer.fingerprint:
                    self._known = stored["features"]
            except (OSError, ValueError, KeyError, TypeError):
                self._known = {}

    def features(self, text: str) -> Mapping[str, int]:
        """The features of a text, from the file or computed."""
        key = hashlib.sha256(text.encode()).hexdigest()[:20]
        if key not in self._used:
            found = self._known.get(key)
            if found is None:
                found = dict(self._analyzer.features(text))
                self.computed += 1
            self._used[key] = found
        return self._used[key]

    def save(self) -> None:
        """Write what was used, if anything was computed or has become useless."""
        if self._path is None or (not self.computed and len(self._used) == len(self._known)):
            return
        document = {"fingerprint": self._analyzer.fingerprint, "features": self._used}
        temporary = self._path.with_suffix(f".{os.getpid()}.tmp")
        # A cache that cannot be written costs time at the next start, nothing else.
        with contextlib.suppress(OSError):
            self._path.parent.mkdir(parents=True, exist_ok=True)
            temporary.write_text(json.dumps(document, ensure_ascii=False), "utf-8")
            temporary.replace(self._path)
