"""What a firm needs next: where, when, with what, how long, and when the money comes.

Each is a stretch of the clause in its own words. The documents say little of it, and
the patterns are narrow on purpose: what they do not find is said not to be stated.
"""

from __future__ import annotations

import re

from bot.policies.model import Phrases

__all__ = ["NEEDS", "needs_of", "needs_said"]

_NOT_END = r"[^，。；,;]"
_NUMBER = r"(?:\d+(?:\.\d+)?|[一两二三四五六七八九十半]+)"
_DAYS = rf"{_NUMBER}个?(?:工作日|自然日|日|天|小时)"

# Of the administration's own plans (推动各级…), not of what a firm does.
_PLANS = re.compile(
    r"推动|推广|推进|推行.*清单|指导|督促|各级各部门|类政策|应当采用|加大|探索|试点"
)

# What is asked, in the order it is said, and the stretches that answer it.
_PATTERNS: dict[str, tuple[str, ...]] = {
    "where": (
        rf"{_NOT_END}*免申即享{_NOT_END}*",
        rf"{_NOT_END}*向(?!社会|市场){_NOT_END}{{2,25}}?(?:申请|申报|提出){_NOT_END}*",
        rf"{_NOT_END}*(?:通过|登录|依托){_NOT_END}+(?:平台|热线|系统|小程序|大厅|窗口|网站?)"
        rf"{_NOT_END}{{0,10}}(?:申请|申报|办理|受理|接受){_NOT_END}*",
    ),
    "when": (
        rf"{_NOT_END}*(?:申报|申请|受理)(?:时间|截止|期限){_NOT_END}*\d{_NOT_END}*",
        rf"{_NOT_END}*(?:月\d+日|月底|季度末|年底)前[，,]?{_NOT_END}*(?:申请|申报){_NOT_END}*",
        rf"{_NOT_END}*申报期{_NOT_END}*",
    ),
    "bring": (
        rf"{_NOT_END}*(?:报送|提交|提供|携带)(?:以下|下列)(?:资料|材料)[^。]*",
        rf"{_NOT_END}*(?:提交|填写){_NOT_END}{{0,12}}(?:一套材料|申请表|申请材料){_NOT_END}*",
        rf"{_NOT_END}*(?:不再|(?<!个)免于|无需|不需){_NOT_END}{{0,8}}(?:提交|提供){_NOT_END}+",
        rf"{_NOT_END}*[可须需应]凭{_NOT_END}{{2,30}}",
        rf"(?<![\u4e00-\u9fff])持{_NOT_END}{{2,20}}证书{_NOT_END}*",
    ),
    "takes": (
        rf"{_NOT_END}*{_DAYS}(?:以?内|之内)?{_NOT_END}{{0,10}}(?:办结|办妥|回复|答复){_NOT_END}*",
        rf"{_NOT_END}*(?:时间|时限){_NOT_END}{{0,8}}(?:压缩|压减|缩短)(?:至|到|为){_NOT_END}*日内",
        rf"{_NOT_END}*(?:工作)?日内(?:完成|予以){_NOT_END}*",
        rf"{_NOT_END}*(?:当场(?:作出|发证|办)|即时办结){_NOT_END}*",
    ),
    "paid": (
        rf"{_NOT_END}*(?:{_DAYS}|{_NUMBER}个月)(?:以?内|之内)?{_NOT_END}{{0,10}}(?:拨付|到账|兑付|发放){_NOT_END}*",
        rf"{_NOT_END}*先?预拨{_NOT_END}*资金{_NOT_END}*",
    ),
}
_COMPILED = {name: tuple(map(re.compile, rows)) for name, rows in _PATTERNS.items()}
_LONGEST = 120  # characters quoted

NEEDS = tuple(_PATTERNS)


def needs_of(clause: str, measure: str) -> dict[str, str]:
    """The clause's own words for each of :data:`NEEDS`; what it does not state is left out.

    Args:
        clause: the whole text.
        measure: the part that the answer speaks of; only that is read.
    """
    found = {}
    for name, patterns in _COMPILED.items():
        stretches = (
            match[0].strip() for pattern in patterns for match in pattern.finditer(measure)
        )
        # A measure may be what is left of a clause: only what stands in the clause is its words.
        words = (w for w in stretches if w in clause and not _PLANS.search(w))
        first = next((w for w in words if len(w) <= _LONGEST), None)
        if first is not None:
            found[name] = first
    return found


def needs_said(clause: str, measure: str, phrases: Phrases) -> list[str]:
    """A line for each thing that the clause states, and one that names all that it does not."""
    found = needs_of(clause, measure)
    lines = [
        phrases("needs.stated", name=phrases(f"needs.{name}"), words=words)
        for name, words in found.items()
    ]
    missing = [phrases(f"needs.{name}") for name in NEEDS if name not in found]
    if missing:
        lines.append(phrases("needs.missing", names="、".join(missing)))
    return lines
