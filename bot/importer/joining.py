"""Hard line breaks and layout blanks out of a text, and nothing else.

Chinese prose has no blanks: those of the sources were put there by the layout,
between digits and characters (``超过 100万元``) or at the start of a page. A blank
stays only between two words of ASCII letters or digits (``LPR 5G``).
"""

from __future__ import annotations

from collections.abc import Iterable

from bot.importer.lines import is_blank

__all__ = ["join"]


def join(pieces: Iterable[str]) -> str:
    """One line out of the lines of a text.

    A line break inside a number (``1`` / ``00``) is the layout's and is closed up;
    two numbers never follow each other in prose without a mark or a word between.

    Args:
        pieces: the printed lines, in order.
    """
    joined = ""
    for piece in pieces:
        line = _close_up(piece)
        broken_number = joined[-1:].isdigit() and line[:1].isdigit()
        apart = _is_word(joined[-1:]) and _is_word(line[:1]) and not broken_number
        joined += f" {line}" if apart else line
    return joined


def _close_up(line: str) -> str:
    kept: list[str] = []
    after_blank = False
    for character in line:
        if is_blank(character):
            after_blank = True
            continue
        if after_blank and kept and _is_word(kept[-1]) and _is_word(character):
            kept.append(" ")
        kept.append(character)
        after_blank = False
    return "".join(kept)


def _is_word(character: str) -> bool:
    return character.isascii() and character.isalnum()
