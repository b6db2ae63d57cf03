"""What a person quotes when asking: the question itself, or what the question points at.

A quote is somebody's whole message, often one of our long answers. Put before the question
as it is, its words would outweigh it. So it is read only where the person's own words are
not enough: where there are none, it is the question; where they point at something ("这个
还有效吗"), the clause that an answer names, or a short quote, says at what.
"""

from __future__ import annotations

import re

__all__ = ["with_quote"]

_SHORT = 80  # characters; a longer quote is no name of a thing
# 晋政发〔2022〕14号《…》第35条, as the answers write where they have it from.
_PLACE = re.compile(
    r"[\u4e00-\u9fff]{1,12}〔[0-9]{4}〕[0-9]{1,5}号"
    r"(?:[^。；]{0,100}?第[0-9一二三四五六七八九十百]{1,6}[条点项])?"
)
_POINTS = re.compile("这|那|该|此|它|其中|上面|上述|前面|以上|引用")


def with_quote(text: str, quoted: str) -> str:
    """The question, with what it points at before it.

    Args:
        text: the person's own words, without mentions.
        quoted: the words of the message that they quoted; may be empty.
    """
    quoted = " ".join(quoted.split())
    if not text.strip():
        return quoted
    if not _POINTS.search(text) or quoted in text:
        return text
    place = _PLACE.search(quoted.partition("出处：")[2] or quoted)
    if place is not None:
        return f"{place[0]} {text}"
    return f"{quoted} {text}" if len(quoted) <= _SHORT else text
