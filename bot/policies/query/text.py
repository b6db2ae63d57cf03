"""Normalising what people type, one character for one character."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from pathlib import Path

__all__ = ["clean", "folding", "holds", "is_word", "normalise"]

# A full-width slash stays: a text that begins with a plain slash is a command to Rasa.
_KEPT = {0xFF0F: "／"}
_WIDTH = {code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)}
_BLANKS = {code: " " for code in (0x09, 0x0A, 0x0B, 0x0C, 0x0D, 0xA0, 0x2028, 0x2029, 0x3000)}
_QUOTES = {ord(c): '"' for c in "“”„‟″"} | {ord(c): "'" for c in "‘’‚‛′"}
_DASHES = {ord(c): "-" for c in "‐‑‒–—―−"}
_LOWER = {code: chr(code + 32) for code in range(ord("A"), ord("Z") + 1)}
# Made by scripts/make_traditional.py: lines of pairs, 穩稳 補补.
_TRADITIONAL = Path(__file__).with_name("traditional.txt")
# 稳 岗 返 还: at least three Han characters, each alone between blanks.
_SPACED = re.compile(r"(?<!\w)[\u3400-\u9fff](?: [\u3400-\u9fff]){2,}(?!\w)")


@lru_cache(maxsize=1)
def folding() -> dict[int, str]:
    """What :func:`normalise` makes of a character, by code point; not to be changed."""
    # Read at the first use; what is full-width is folded first and lower-cased then.
    folded = _WIDTH | _BLANKS | _QUOTES | _DASHES | _KEPT
    folded = _LOWER | {code: to.translate(_LOWER) for code, to in folded.items()}
    lines = _TRADITIONAL.read_text(encoding="utf-8").splitlines()
    pairs = [pair for line in lines if not line.startswith("#") for pair in line.split()]
    return {ord(pair[0]): pair[1] for pair in pairs} | folded


def normalise(text: str) -> str:
    """Fold width, case, quotes, dashes, blanks and traditional characters, keeping the length.

    Offsets into the result are offsets into ``text``: entities found in the one
    can be marked in the other. Letters beyond ASCII keep their case, since
    lower-casing some of them changes the length.
    """
    return text.translate(folding())


def holds(pattern: re.Pattern[str], text: str) -> bool:
    """Whether a pattern is found in a normalised text."""
    return pattern.search(normalise(text)) is not None


def clean(text: str) -> str:
    """A message fit to be stored and understood.

    Control characters, surrogates and private-use characters are removed
    (line breaks and tabs become blanks), runs of blanks are joined, and words typed
    with a blank after each character (稳 岗 返 还) are closed up; lists of words
    (设备 抵税 多少) stay.
    """
    kept = []
    for char in text:
        if char in "\t\n\r\v\f\u2028\u2029":
            kept.append(" ")
        elif unicodedata.category(char) not in {"Cc", "Cs", "Co", "Cn"}:
            kept.append(char)
    joined = " ".join("".join(kept).split())
    return _SPACED.sub(lambda match: match[0].replace(" ", ""), joined)


def is_word(text: str) -> bool:
    """Whether a text holds any letter or digit at all (an emoji or ``???`` does not)."""
    return any(unicodedata.category(char)[0] in "LN" for char in text)
