"""What a firm needs next: where, when, with what, how long, and when the money comes.

Each is a stretch of the clause in its own words. The documents say little of it, and
the patterns are narrow on purpose: what they do not find is said not to be stated.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from bot.policies.model import Phrases
from bot.policies.query import normalise

__all__ = ["NEEDS", "NO_GUIDE", "needs_answered", "needs_asked", "needs_of", "needs_said"]

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
NO_GUIDE: Mapping[str, str] = MappingProxyType({})
"""That of a programme which states nothing of the way, or of no programme."""

# How each is asked for by itself.
_ASKED = {
    "where": re.compile(
        r"(?:怎么|咋|如何)个?(?:申请|申报|办|报|领|弄|走|交)|"
        r"[在到去上往跑]哪[里儿个]?(?:[办报领交申弄]|$|[，。,?？ ])|哪[里儿][办报领交]|"
        r"流程|手续|步骤|渠道|窗口|网上|线上|平台|入口|自己(?:去)?(?:申请|申报|报)|"
        r"(?:主动|用|要|自动)(?:申请|申报)"
    ),
    "when": re.compile(
        r"截止|(?:什么|啥|甚|多会儿?)时?候?.{0,3}(?:申报|申请|报名|开始报|能报|让报|交)|申报(?:期|时间)|"
        r"几月.{0,4}(?:报|申请|前)|(?:一年|每年|一季度)报几|报几[次回]|晚不晚|来得及|赶得上"
    ),
    "bring": re.compile(
        r"材料|资料|带(?:啥|什|甚|哪|点)|准备(?:啥|什|甚|哪)|[交填](?:啥|什|甚|哪)|要(?:啥|什么|甚)(?:证|手续|东西)|清单"
    ),
    "takes": re.compile(
        r"(?:多久|多长时间|几天|多少天|几个月)[^，,。]{0,3}(?:办|批|审|下证|出结果|有结果|回复|能好)|"
        r"(?:办|批|审)[^，,。]{0,4}(?:多久|多长|几天|多少天)"
    ),
    "paid": re.compile(
        r"到账|兑付|拨付|(?:多久|多长时间|几天|啥时候?|什么时候|多会|几月|哪天)[^，,。]{0,6}(?:给钱|发|打|下来|拨|到手|拿到|领到|兑)|"
        r"钱[^，,。]{0,6}(?:下来|到手|打[给到过]|拨)"
    ),
}
# … and what an intent asks for where no words do.
_OF_INTENT = {
    "ask_how_to_apply": ("where",),
    "ask_materials": ("bring",),
    "ask_deadline": ("when",),
}
# The elements of a programme's guide that tell the same.
_GUIDE = {
    "where": ("apply_via", "procedure"),
    "when": ("deadline",),
    "bring": ("materials",),
    "takes": ("time_limit",),
    "paid": ("payment",),
}


def needs_asked(text: str, meant: str) -> tuple[str, ...]:
    """Which of :data:`NEEDS` a message asks for; mostly none.

    Args:
        text: the message.
        meant: the intent that was understood; it counts where no words ask for one.
    """
    said = normalise(text)
    found = tuple(name for name, words in _ASKED.items() if words.search(said))
    return found or _OF_INTENT.get(meant, ())


def needs_of(clause: str, measure: str, guide: Mapping[str, str] = NO_GUIDE) -> dict[str, str]:
    """The clause's own words for each of :data:`NEEDS`; what it does not state is left out.

    Args:
        clause: the whole text.
        measure: the part that the answer speaks of; only that is read.
        guide: the stated elements of its programme's guide, read by people; they go first.
    """
    found = {}
    for name, patterns in _COMPILED.items():
        stretches = (
            match[0].strip() for pattern in patterns for match in pattern.finditer(measure)
        )
        # A measure may be what is left of a clause: only what stands in the clause is its words.
        words = (w for w in stretches if w in clause and not _PLANS.search(w))
        told = [guide[key] for key in _GUIDE[name] if key in guide]
        first = "；".join(dict.fromkeys(told)) or next((w for w in words if len(w) <= _LONGEST), "")
        if first:
            found[name] = first
    return found


def needs_answered(
    asked: Sequence[str], found: Mapping[str, str], whom: str, phrases: Phrases, *, of_whom: bool
) -> list[str]:
    """What was asked of the way: lines with the clause's words, one for all it does not state.

    Args:
        asked: some of :data:`NEEDS`.
        found: what is stated, as :func:`needs_of` tells.
        whom: the line that says whom to ask; it goes along where anything is not stated.
        phrases: the sentences.
        of_whom: whether that is asked for; it then goes first.
    """
    told = [
        phrases("needs.stated", name=phrases(f"needs.{name}"), words=found[name])
        for name in asked
        if name in found
    ]
    missing = [phrases(f"needs.{name}") for name in asked if name not in found]
    silent = [phrases("needs.silent", names="、".join(missing))] if missing else []
    if of_whom:
        return [whom, *told, *silent]
    return [*told, *silent, *([whom] if silent else ())]


def needs_said(found: Mapping[str, str], phrases: Phrases) -> list[str]:
    """A line for each thing that is stated, and one that names all that is not."""
    lines = [
        phrases("needs.stated", name=phrases(f"needs.{name}"), words=words)
        for name, words in found.items()
    ]
    missing = [phrases(f"needs.{name}") for name in NEEDS if name not in found]
    if missing:
        lines.append(phrases("needs.missing", names="、".join(missing)))
    return lines
