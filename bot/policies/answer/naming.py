"""Which programmes a message calls by name, and which it cannot mean by a word of its own.

A longer name goes before a shorter one that stands inside it: 科小创新券 is not the 创新券 of
all small firms. Sister programmes of one clause differ in one word (首次 and 连续, 国家级 and
省级); who says the one does not mean the other.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache, lru_cache

from bot.policies.eligibility.programme import Programme
from bot.policies.query import normalise

__all__ = ["Names", "at_odds"]

_RECENT = 64  # messages whose names are kept
# Words that exclude each other, as one says them; who says both means neither alone.
_OPPOSED = tuple(
    (re.compile(one), re.compile(other))
    for one, other in (
        (
            r"首次|第一次|头一?[次回]|初次",
            r"再次|重新|连续|连着|复审|复评|二次|第二次|两次|三次|又一?次",
        ),
        (
            r"(?<!不是)(?<!不算)(?:新认定|新备案|新获批|新设立?|刚认定|刚备案)",
            r"存量|不(?:是|算)新|老的?(?=众创|孵化|实验室|基地|平台)|认定(?:好|了)(?:好|几|多)年|(?:开|建|办)了.{0,3}年",
        ),
        (r"国家级?|国字号|全国", r"省级|省里(?:认定|评)的?|省上(?:认定|评)"),
        (r"境内|[Aa]股|北交所|科创板|创业板|沪深", r"境外|海外|香港|港股|美股|国外"),
        (r"小微|小型|微型", r"大中型|大型|大企业"),
        # 超了5个人: nobody speaks of himself
        (r"(?<![\d一二三四五六七八九十百两几多来])个人|自然人|本人", r"企业|公司|单位|机构"),
    )
)


class Names:
    """The names of all programmes.

    Args:
        programmes: those that may be called.
    """

    def __init__(self, programmes: Iterable[Programme]) -> None:
        self._names = [
            (name, programme.id)
            for programme in programmes
            for name in dict.fromkeys(map(normalise, (programme.name, *programme.aliases)))
        ]
        self._read = lru_cache(maxsize=_RECENT)(self._found)

    def called(self, said: str) -> frozenset[str]:
        """The programmes that a normalised message calls by name, by id; a longer name wins."""
        return self._read(said)[0]

    def swallowed(self, said: str) -> frozenset[str]:
        """Those whose names stand in it only inside a longer one of another programme."""
        return self._read(said)[1]

    def _found(self, said: str) -> tuple[frozenset[str], frozenset[str]]:
        spans = [
            (match.start(), match.end(), key)
            for name, key in self._names
            if name in said
            for match in re.finditer(re.escape(name), said)
        ]
        own = {
            key
            for start, end, key in spans
            if not any(
                first <= start and end <= last and last - first > end - start and other != key
                for first, last, other in spans
            )
        }
        return frozenset(own), frozenset({key for _, _, key in spans} - own)


def at_odds(programme: Programme, said: str) -> bool:
    """Whether a message says the opposite of what a programme's names say (省级, 国家级)."""
    names = _names_of(programme)
    for pair in _OPPOSED:
        told = [side.search(said) is not None for side in pair]
        named = [side.search(names) is not None for side in pair]
        if sum(told) == 1 and sum(named) == 1 and told != named:
            return True
    return False


@cache
def _joined(names: tuple[str, ...]) -> str:
    return normalise("。".join(names))


def _names_of(programme: Programme) -> str:
    return _joined((programme.name, *programme.aliases))
