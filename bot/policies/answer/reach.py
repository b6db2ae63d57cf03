"""Where what is found holds, against where the firm is.

Who said that it is not in the zone is not offered what holds there only, unless it asks for
that by name.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import replace

from bot.policies.query import holds, normalise
from bot.policies.search import Outcome

__all__ = ["asks_on_top", "asks_outside", "within_reach"]

_NEAR = 0.7  # of the first one's score, for what may be answered in its place
# 市里另外给不, 县里有没有配套: on top of what the province gives.
_ON_TOP = re.compile(
    r"(?:(?:我们?|俺们?|咱们?)?(?:市|县|区|地方|当地|本地)(?:里头?|上|级|财政|政府)|当地|地方上"
    r"|[\u4e00-\u9fff]{2,3}?(?:市|县|区))(?:里|上|头|这边)?"
    r"(?:自己|也|还|另外|再|单独|又|是不是|会不会|有没有|给不给|能不能){0,3}"
    r"(?:(?:另外|另|再|自己|单独|还|额外)(?:给|有|补|奖|配|出|发)|配套|给不给|出不出|有没有(?:另外|配套|自己)|配不配|(?:给|配|补|奖)(?:点|些)?(?:不|没|吗|么))"
)
_ZONE = re.compile(r"综改|示范区|高新|开发区|园区|地区|景区|社区|小区")
# 那省里头没有么, 我们这种能有么: of what the zone's measure is not for.
_OUTSIDE = re.compile(
    r"省里|省上|全省|省级|别的地方|其他地方|别处|区外|(?:我|俺|咱)们?这(?:种|样|边|类|号)|那我们"
)


def within_reach(
    outcome: Outcome, barred: Collection[str], text: str, zones: Mapping[str, Collection[str]]
) -> Outcome:
    """What a search found, without what holds only where the firm is not.

    Args:
        outcome: what was found.
        barred: scopes in which the firm is known not to be.
        text: the message; a zone that it asks for by name stays.
        zones: the words by which each zone is meant.
    """
    said = normalise(text)
    wanted = {scope for scope in barred if any(w in said for w in (scope, *zones.get(scope, ())))}
    wanted = set() if "不在" in said or "不是" in said else wanted
    hits = tuple(hit for hit in outcome.hits if hit.clause.scope not in {*barred} - wanted)
    if outcome.named or not hits or hits == outcome.hits:
        return outcome
    decision = outcome.decision
    if decision == "answer" and hits[0] is not outcome.hits[0]:
        near = hits[0].score >= _NEAR * outcome.hits[0].score
        decision = "answer" if near else "offer"
    return replace(outcome, hits=hits, decision=decision)


def asks_on_top(text: str) -> bool:
    """Whether a message asks if a city or county gives more (市里另外给不).

    A zone (综改区, 高新区) is no county: what it gives may be held.
    """
    match = _ON_TOP.search(normalise(text))
    return match is not None and _ZONE.search(match[0]) is None


def asks_outside(text: str) -> bool:
    """Whether a message asks for what there is outside a zone (那省里头没有么)."""
    return holds(_OUTSIDE, text)
