"""What a firm needs next: where, when, with what, how long, and when the money comes.

Each is a stretch of the clause in its own words. The documents say little of it, and
the patterns are narrow on purpose: what they do not find is said not to be stated. How often
a measure gives, from when it counts and to whom it goes is told only where it is asked for.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from types import MappingProxyType

from bot.policies.model import Phrases
from bot.policies.query import normalise

__all__ = [
    "NEEDS",
    "NO_GUIDE",
    "OF_THE_MEASURE",
    "needs_answered",
    "needs_asked",
    "needs_of",
    "needs_said",
    "of_the_measure",
]

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
        rf"{_NOT_END}*(?:当场(?:作出|发证|办)|即时办结|[半一]日办?结|立等可取|[\d.一半两]+天办){_NOT_END}*",
    ),
    "paid": (
        rf"{_NOT_END}*(?:{_DAYS}|{_NUMBER}个月)(?:以?内|之内)?{_NOT_END}{{0,10}}(?:拨付|到账|兑付|发放){_NOT_END}*",
        rf"{_NOT_END}*先?预拨{_NOT_END}*资金{_NOT_END}*",
    ),
}
# … and what is told only where it is asked for.
_OF_THE_MEASURE: dict[str, tuple[str, ...]] = {
    "often": (
        rf"{_NOT_END}*(?:一次性|(?:仅|只|可)[^，。；,;]{{0,4}}一次|每个?(?:自然)?年度?|按年度?|逐年|年度|连续{_NUMBER}年|"
        rf"分{_NUMBER}年|{_NUMBER}年(?:以?内|期)|每(?:个)?季度?|按季|每个?月|按月|每场次?|每人?次)"
        rf"(?![^，。；,;]{{0,4}}申报){_NOT_END}*",
        rf"{_NOT_END}*当年{_NOT_END}*",
    ),
    "since": (
        rf"{_NOT_END}*(?:自|从){_NOT_END}{{1,24}}(?:之?日|月|年|后)?(?:起|开始|至){_NOT_END}*",
        rf"{_NOT_END}*20\d\d年(?:\d+月)?(?:\d+日)?(?:以来|以后|后|起|至|到|—|-){_NOT_END}*",
        rf"{_NOT_END}*(?:当年|上一?年度?|次年|以{_NOT_END}{{2,16}}为准){_NOT_END}*",
    ),
    "to_whom": (
        r"(?<![针面相应绝反])对[^。；;]{6,110}?(?=[，,]?(?:省财政|再|分别|一次性)?(?:给予|予以|发放|奖励|补贴|补助|返还|支持|免[收征]|减[免征半按]|按))",
        rf"(?:给予|发放给|奖励|补给|返还给|拨付给){_NOT_END}{{0,10}}(?:企业|个人|团队|机构|单位|采购方|工商户|平台){_NOT_END}*",
        rf"向{_NOT_END}{{2,30}}(?=发放|拨付|兑付)",
        rf"{_NOT_END}{{2,20}}(?:企业|单位|机构|工商户)(?=按{_NOT_END}{{1,40}}返还)",
    ),
}
_COMPILED = {
    name: tuple(map(re.compile, rows)) for name, rows in (_PATTERNS | _OF_THE_MEASURE).items()
}
_SENTENCE = re.compile(r"[^。；;]+[。；;]?")
# What every clause says somehow: where no words for it are found the clause is quoted, not
# called silent.
_SAID_SOMEHOW = frozenset({"to_whom"})
_LONGEST = 120  # characters quoted
_SHORT = 14  # characters of a message that names nothing
_TELLING = 30  # characters; a longer one tells a case

NEEDS = tuple(_PATTERNS)
OF_THE_MEASURE = tuple(_OF_THE_MEASURE)
"""What is asked of the measure itself: told where it is asked for by name, and only then."""
NO_GUIDE: Mapping[str, str] = MappingProxyType({})
"""That of a programme which states nothing of the way, or of no programme."""

_PARTY = r"(?:个人|企业|公司|员工|职工|工人|本人|老板|学生|单位|厂里|团队|银行|房东)"
# How each is asked for by itself.
_ASKED = {
    "where": re.compile(
        r"(?:怎么|咋|如何)个?(?:申请|申报|办|报|领|弄|走|交)|"
        r"[在到去上往跑]哪[里儿个]?(?:[办报领交申弄]|$|[，。,?？ ])|哪[里儿][办报领交]|"
        r"流程|手续|步骤|渠道|窗口|(?:网上|线上)(?!的?(?:算|也|培训|课|卖|销|店|学))|平台|入口|自己(?:去)?(?:申请|申报|报)|"
        r"(?:主动|用|要|自动)(?:申请|申报)"
    ),
    "when": re.compile(
        r"截止|(?:什么|啥|甚|多会儿?)时?候?.{0,3}(?:申报|申请|报名|开始报|能报|让报|交)|申报(?:期|时间)|"
        r"几月.{0,4}(?:报|申请|前)|(?:一年|每年|一季度)报几|报几[次回]|晚不晚|来得及|赶得上"
    ),
    "bring": re.compile(
        r"(?<![极原新钢建包属子合陶硅碳辅主])材料(?!厂|企|行|加工|生产|产业|费)|资料|带(?:啥|什|甚|哪|点)|准备(?:啥|什|甚|哪)|[交填](?:啥|什|甚|哪)|要(?:啥|什么|甚)(?:证|手续|东西)|清单"
    ),
    "takes": re.compile(
        r"(?:多久|多长时间|几天|多少天|几个月)[^，,。]{0,3}(?:办|批|审|下证|出结果|有结果|回复|能好)|"
        r"(?:办|批|审)[^，,。]{0,4}(?:多久|多长|几天|多少天)|"
        r"(?:几天|多久|多长时间|多少天)能?(?:拿|领)[^，,。]{0,6}[照证]|"
        r"(?:要|得|需要?|用)(?:多久|多长时间|几天|多少天|几个工作日)(?=$|[，,。?？ 吗呢啊])|"
        r"当天[^，,。]{0,4}[办拿下批领出]|立等可取|当场[^，,。]{0,4}[办拿领]"
    ),
    "paid": re.compile(
        r"到账|兑付|拨付|(?:多久|多长时间|几天|啥时候?|什么时候|多会|几月|哪天)[^，,。]{0,6}(?:给钱|发|打|下来|拨|到手|(?:拿到|领到)(?![^，,。]{0,4}[照证批])|兑)|"
        r"钱[^，,。]{0,6}(?:下来|到手|打[给到过]|拨)"
    ),
    "often": re.compile(
        r"(?:每|年)年(?:度|都|还|就|能|可以|给|发|有|补|奖|领|拿|是)?[^，,。]{0,4}(?:[吗么不没]|还是)|一年一[次回]|"
        r"(?:就|只|光|是|算|给|发|奖|补|领|拿|能|还是)(?:这|给|发|奖|补|领|拿|能)*一(?:次(?!性)|回|锤子)|"
        r"(?:一年|每年)(?:能|可以|给|补|报|参加|申请|领|享受){0,3}几[次回]|"
        r"一次性(?:的|给|发|拨)?(?:[吗么不没]|还是)|[给补发领拿](?:得?上?)几[年次回]|"
        r"(?:明年|来年|下一?年|第二年)(?:还|能|可以|接着){0,2}[再也][^，,。]{0,2}[能领拿给补奖报享]"
    ),
    "since": re.compile(
        r"(?:从|打)?(?:什么|啥|甚|多会儿?)(?:时候|会儿|年头)?(?:开始|起|以后)"
        r"(?![^，,。]{0,3}(?:申请|申报|报|办|受理|接))|"
        r"(?:从|打)(?:哪|几)[一]?(?:天|年|月|号|日)?(?:开始|起|算|以后)|起算|"
        r"(?:按|算|看)(?:哪|几)(?:一)?年(?:的|度)"
    ),
    "to_whom": re.compile(
        r"(?:给|补|奖|发|打|拨|返|退|领)(?:到|给|进|的是)?(?:谁|哪[个家些方])"
        rf"|(?:给|补|奖|发|打|拨|返|归|算|领)[^，,。]{{0,3}}{_PARTY}[^，,。]{{0,2}}还是"
        rf"|{_PARTY}(?:的|领|拿|得)?还是(?:给|发|补|奖|归|算)?(?:我们)?{_PARTY}"
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
    "often": (),
    "since": (),
    "to_whom": (),
}


def needs_asked(text: str, meant: str) -> tuple[str, ...]:
    """Which of :data:`NEEDS` a message asks for; mostly none.

    Args:
        text: the message.
        meant: the intent that was understood; it counts where no words ask for one.
    """
    said = normalise(text)
    # A long message tells a case; what it says of years and times is its own.
    names = _ASKED if len(said) <= _TELLING else NEEDS
    found = tuple(name for name in names if _ASKED[name].search(said))
    return found or _OF_INTENT.get(meant, ())


def of_the_measure(text: str) -> bool:
    """Whether a short message asks how often a measure gives, or since when (就给一次吗).

    It names no measure, so it is that spoken of.
    """
    said = normalise(text)
    return len(said) <= _SHORT and any(_ASKED[name].search(said) for name in OF_THE_MEASURE)


def needs_of(
    clause: str,
    measure: str,
    guide: Mapping[str, str] = NO_GUIDE,
    asked: Sequence[str] = (),
    meant: Sequence[str] = (),
    others: Collection[str] = (),
) -> dict[str, str]:
    """The clause's own words for each of :data:`NEEDS`; what it does not state is left out.

    Args:
        clause: the whole text.
        measure: the part that the answer speaks of; only that is read.
        guide: the stated elements of its programme's guide, read by people; they go first.
        asked: what is asked for by name; of :data:`OF_THE_MEASURE` nothing else is looked for.
        meant: the words that the programme spoken of rests on; how often it gives stands in
            them, and in a clause of several programmes nowhere else.
        others: the names of the clause's other measures: what names one tells nothing of this
            (以“免申即享”模式实施稳岗返还, where training is asked about).
    """
    found = {}
    for name in (*NEEDS, *(name for name in OF_THE_MEASURE if name in asked)):
        texts = [words for words in meant if words in clause] if name in OF_THE_MEASURE else []
        if name in _SAID_SOMEHOW:  # it stands before the words that a programme rests on
            texts = [
                match[0]
                for match in _SENTENCE.finditer(clause)
                if any(words in match[0] or match[0].strip("。；;") in words for words in texts)
            ]
        stretches = (
            match[0].strip()
            for pattern in _COMPILED[name]
            for text in texts or (measure,)
            for match in pattern.finditer(text)
        )
        # A measure may be what is left of a clause: only what stands in the clause is its words.
        words = (
            w
            for w in stretches
            if w in clause and not _PLANS.search(w) and not any(other in w for other in others)
        )
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
    missing = [
        phrases(f"needs.{name}")
        for name in asked
        if name not in found and name not in _SAID_SOMEHOW
    ]
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
