"""Places outside the province: whether a question is about one, or only comes by it."""

from __future__ import annotations

import re
from collections.abc import Sequence

__all__ = ["place_asked_about"]

# 从浙江过来, 去上海参展, 北京客户: somebody's way, not whose policy is meant.
_BEFORE = r"[从由自在去到往向上飞发给跟和与学像用卖被]"
_AFTER = r"那边[出来请过]|过?来|搬|迁|请|引|挖|人|客户|老板|朋友|总部|商会|教授|专家|团队|之家|百强"


def place_asked_about(text: str, elsewhere: Sequence[str], home: Sequence[str]) -> str | None:
    """The place outside the province that a question is about, or None.

    Args:
        text: the question, normalised.
        elsewhere: names of places outside.
        home: names and words for the province (山西, 老家); a question that holds one is
            about here.
    """
    if any(name in text for name in home):
        return None
    # Longest first: 内蒙古 is one name, not 内蒙 and a 古 behind it.
    name = "|".join(sorted(map(re.escape, elsewhere), key=len, reverse=True))
    for match in re.finditer(rf"(?:{name})(?:[、和跟]?(?:{name}))*", text):
        passing = re.search(rf"{_BEFORE}$", text[: match.start()]) or re.match(
            _AFTER, text[match.end() :]
        )
        if not passing:
            found = re.match(name, match[0])
            return found[0] if found else None
    return None
