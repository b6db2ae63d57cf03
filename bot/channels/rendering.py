"""Replies as plain text: lengths in bytes, long answers cut where one takes breath, choices."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from typing import Any

__all__ = ["shorten", "size", "split", "with_choices"]

# Where a text may be cut, best first; each matches up to and with the last character kept.
_PARAGRAPH = re.compile(r"\n")
_SENTENCE = re.compile(r"[。！？!?；;…][”’」』）)】》]*|\n")
_BREATH = re.compile(r"[，、：,:](?!\d)|\s")
_ZWJ = "\u200d"


def size(text: str) -> int:
    """The length that platforms count: bytes of UTF-8."""
    return len(text.encode())


def split(text: str, limit: int) -> list[str]:
    """A text as pieces of at most ``limit`` bytes of UTF-8, in order, nothing left out.

    A cut is made after a paragraph where that fills half of the room, else after a
    sentence, else after a comma or blank; where there is none of them, between
    characters, but not within a number, a Latin word or a composed character. Only the
    blanks at a cut are dropped. An empty text has no pieces.

    Raises:
        ValueError: the limit is below 16 bytes, too little for a composed character.
    """
    if limit < 16:
        raise ValueError("limit is too small")
    rest, pieces = text.strip(), []
    while size(rest) > limit:
        cut = _cut(rest, limit)
        pieces.append(rest[:cut].rstrip())
        rest = rest[cut:].lstrip()
    return [*pieces, rest] if rest else pieces


def _cut(text: str, limit: int) -> int:
    """How many characters the first piece takes."""
    window = text.encode()[:limit].decode(errors="ignore")
    for pattern, least in ((_PARAGRAPH, 1 / 2), (_SENTENCE, 1 / 4), (_BREATH, 1 / 4)):
        ends = [match.end() for match in pattern.finditer(window)]
        # A mark at the very end may go on beyond it (。” or 1,000).
        while ends and ends[-1] == len(window) and not _may_part(text, ends[-1]):
            ends.pop()
        if ends and ends[-1] >= len(window) * least:
            return ends[-1]
    cut = len(window)
    while cut > len(window) // 2 and not _may_part(text, cut):
        cut -= 1
    return cut if _may_part(text, cut) else len(window)


def _may_part(text: str, cut: int) -> bool:
    before, after = text[cut - 1], text[cut]
    if unicodedata.combining(after) or "\ufe00" <= after <= "\ufe0f" or _ZWJ in (before, after):
        return False
    if after in "，。！？；：、”’」』）】》…%％‰":
        return False
    return not (_joined(before) and _joined(after))


def _joined(character: str) -> bool:
    """Of a number or a Latin word, which are not to be torn."""
    return character.isascii() and (character.isalnum() or character in ".,-_/%+@:")


def shorten(text: str, characters: int) -> str:
    """A text in one line of at most so many characters; what was left out shows as ``…``."""
    line = " ".join(text.split())
    return line if len(line) <= characters else line[: characters - 1].rstrip() + "…"


def with_choices(
    text: str, buttons: Sequence[Mapping[str, Any]], line: Callable[[int, str], str]
) -> str:
    """A text with its buttons as lines below it, for where buttons cannot be shown.

    An answer often names its choices itself, as a numbered list or in a sentence; those
    that it names are not said again.

    Args:
        text: the answer.
        buttons: each with ``title`` and ``payload``.
        line: makes the line of a choice from its number (from 1) and title, such as
            “回复1：社保补贴”.
    """
    missing = [
        line(number, str(button["title"]))
        for number, button in enumerate(buttons, 1)
        if not _named(text, number, str(button["title"]))
    ]
    return "\n".join([text, *missing])


def _named(text: str, number: int, title: str) -> bool:
    listed = re.search(rf"^{number}[.、．]", text, re.MULTILINE) is not None
    # One character (是, 否) stands in nearly every text without being offered there.
    return listed or (len(title) > 1 and title in text)
