"""Normalising what people type, one character for one character."""

from __future__ import annotations

import unicodedata

__all__ = ["clean", "is_word", "normalise"]

# A full-width slash stays: a text that begins with a plain slash is a command to Rasa.
_KEPT = {0xFF0F: "／"}
_WIDTH = {code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)}
_BLANKS = {code: " " for code in (0x09, 0x0A, 0x0B, 0x0C, 0x0D, 0xA0, 0x2028, 0x2029, 0x3000)}
_QUOTES = {ord(c): '"' for c in "“”„‟″"} | {ord(c): "'" for c in "‘’‚‛′"}
_DASHES = {ord(c): "-" for c in "‐‑‒–—―−"}
_TABLE = _WIDTH | _BLANKS | _QUOTES | _DASHES | _KEPT
_LOWER = {code: chr(code + 32) for code in range(ord("A"), ord("Z") + 1)}


def normalise(text: str) -> str:
    """Fold width, case, quotes, dashes and blanks, keeping the length.

    Offsets into the result are offsets into ``text``: entities found in the one
    can be marked in the other. Letters beyond ASCII keep their case, since
    lower-casing some of them changes the length.
    """
    return text.translate(_TABLE).translate(_LOWER)


def clean(text: str) -> str:
    """A message fit to be stored and understood.

    Control characters, surrogates and private-use characters are removed
    (line breaks and tabs become blanks), runs of blanks are joined.
    """
    kept = []
    for char in text:
        if char in "\t\n\r\v\f\u2028\u2029":
            kept.append(" ")
        elif unicodedata.category(char) not in {"Cc", "Cs", "Co", "Cn"}:
            kept.append(char)
    return " ".join("".join(kept).split())


def is_word(text: str) -> bool:
    """Whether a text holds any letter or digit at all (an emoji or ``???`` does not)."""
    return any(unicodedata.category(char)[0] in "LN" for char in text)
