"""What the words of a message tell of its matter: what they ask of it, what they tell of a firm."""

from __future__ import annotations

import re

from bot.policies.query import holds, normalise

__all__ = [
    "asked_about",
    "asks",
    "asks_of_now",
    "asks_of_then",
    "asks_on",
    "asks_whether",
    "aspects",
    "calls_for",
    "elliptic",
    "hopes",
    "hopes_for_money",
    "introduces",
    "leans",
    "names_a_matter",
    "names_an_owner",
    "names_whom",
    "plans",
    "speaks_of_itself",
    "tells_a_case",
    "wants_a_grant",
]

_SHORT = 20  # characters; a longer message names what it is about
_LEANS = re.compile(
    r"呢|^(?:那|这|它|也|还)|[，。？?,；](?:那|它)|同样|刚才|前面|上面|也[跟是能]|你说的"
)
# 省市县三级能不能都拿, 这钱自己申请吗: what is to be had is left unsaid.
_ELLIPTIC = re.compile(
    r"[这那](?:个|笔|项)?钱|到账|打[给到]|(?:评|认定|选|办|批|升|过|转)[上下过成定]?(?:来|了|以后|之后)*[^，,。]{0,2}[给有奖补]|(?:按|分).{1,6}[给算发]|[给补领拿返贴退]多少|"
    r"[给拿领报补返贴发退减免](?:吗|不|没|了|么|呢|吧|上|到)*[?？。!！]?$|的?(?:也|都)?算不(?:算)?[?？。!！]?$"
)
_ALONE = 24  # characters; a longer message says what it is about
_ASKS = re.compile(
    r"[?？]|吗|么$|么(?=[\s，,。])|呢$|怎么|咋|多少|哪一?[里儿个些家年月天条]|[到去在上找归]哪|(?:过期|失效|作废|有效|截止)了?没|多久|(?<!没)(?<!没有)(?<!没[评弄搞拿得办]过)(?<!没[评弄搞拿得办])(?:什么|啥|甚)|为何|为什么|谁|百分之几|几[号月年个步次家点档万千成毛厘天趟回层]|是几|几$|多[大长高远宽厚重](?![概数都])|最[多少高]|"
    r"([\u4e00-\u9fff]{1,2})[不没]\1|[能会可够算行用要给有是让]不[能会可够算行用要给有是让]|有没|是不是|行不|是吧|对吧|还有效|"
    r"归.{0,4}管|电话|原文|下一页|[不没]$|还是.{1,8}$|(?:是|按)[^，。,]{1,10}还是|列[一个出]|发我|找谁|说说|讲讲|告诉我|想(?:问|咨询|打听)|联系方式|解释|介绍|[说讲查看列算]一?下|详细|"
    # 两个能都办不 一个150万; but 还没, and 不，我们是工业
    r"(?<=[\u4e00-\u9fff])(?<![还都也是从并可])[不没](?=[ ，,。；;！!])|请(?:给|发|列|说|告)"
)
# What names a matter, whatever else is told.
_MATTER = re.compile(
    r"补贴|补助|奖励?|贷款|(?<!含)税|费|政策|减免|免[征收租]|返还|租金|贴息|保险|认定|申报|扶持|优惠|券|基金|标准"
)
_CALLS_FOR = re.compile(
    r"(?:补贴|补助|奖励?|奖补|贷款|政策|减免|返还|贴息|扶持|优惠|券|基金|租金|退税|免税|减税)[呢吧]?$"
)
# What a message without a subject of its own asks of the clause before, where Rasa did not tell.
_ABOUT = (
    ("ask_document", re.compile(r"原文|全文|文件|文号|第几条|出处")),
    ("ask_department", re.compile(r"谁管|找谁|哪个(?:部门|单位|局|口)|归哪|电话|联系方式|主管")),
    (
        "ask_how_to_apply",
        re.compile(
            r"怎么|咋|流程|手续|材料|哪[里儿]|[在到去上]哪(?![年月天一])|报一回|申请|窗口|平台|网上"
        ),
    ),
    (
        "ask_validity",
        re.compile(r"有效|作废|过期|失效|到什么时候|到啥时候|到几|哪年|截止|期限|还发|开始了|几年"),
    ),
    ("ask_conditions", re.compile(r"条件|要求|门槛|资格|算不算|要不要|得先|才行|必须")),
    ("ask_amount", re.compile(r"多少|几[个点万千成步]|百分之几|比例|标准|上限|封顶|额度|分几")),
)
# 管不管报, 管用吗: nobody asks who is in charge.
_NOT_WHOM = re.compile(r"管不管|管用|保管|不管|尽管|只管|[给补奖发打拨返领](?:到|给|进)?(?:谁|哪)")
_WHOM = re.compile(r"谁|哪|部门|单位|[局厅委口管找归]|中心|电话|联系|负责|窗口")
_WHETHER = re.compile(
    r"(?:那|这|个|它|到底|究竟|你们|政府|国家|上[头面]|省里|钱|也|还|真){0,4}"
    r"(?:管不管|给不给|报不报|补不补|奖不奖|发不发|管用不|管报不)(?:报|给|补|用|钱|的)?[吗呢啊呀不?？。]*"
)
# What may be asked of one matter in one message (补贴多少钱，怎么申请，找谁).
_ASPECTS = (
    (
        "ask_amount",
        re.compile(
            r"多少(?:钱|补|奖|呢|$|[,，。；;?？ ])|百分之几|[给补奖贴返减]多少|几个?点|几万|几成|"
            r"额度|比例|封顶|上限"
        ),
    ),
    ("ask_conditions", re.compile(r"条件|要求|门槛|资格|啥样的企业|什么样的|够[不格]")),
    (
        "ask_how_to_apply",
        re.compile(
            r"(?:怎么|咋|如何)(?:个)?(?:申请|申报|办|领|报|弄|拿|走)|流程|手续|材料|"
            r"[在去到上]哪[里儿]?(?:申请|申报|办|领|报|弄|交)|窗口|网上(?:能|可以)"
        ),
    ),
    (
        "ask_department",
        re.compile(
            r"找谁|谁管|归谁|归哪|哪个?(?:部门|单位|局|口|科)|电话|联系(?:方式|谁)|主管|问谁"
        ),
    ),
    (
        "ask_validity",
        re.compile(r"有效|过期|作废|作数|到(?:什么|啥)时候|到哪年|期限|截止|现在还有"),
    ),
    ("ask_document", re.compile(r"原文|文号|哪份文件|[什啥]么?文件|出处|依据")),
)
_GRANT = re.compile(
    r"多少(?![年天家户人条])|几[万成]|奖|补[贴助]|[给能]补|贴息|给[不多点啥钱什]|(?<!价)钱|好处|实惠|"
    r"[我俺咱]们?(?:想|打算|准备)(?!问|咨|了解|知道)"
)
# What is hoped for in so many words; a loan, a permit or a service is none of it.
_MONEY_HOPED = re.compile(
    r"奖|补[贴助]|[给能]补|返还|报销|资助|几成|贴息|[领给][^，。,;； ]{0,2}钱"
)
_HOW_MUCH = re.compile(r"多少(?![年天家户人条])|几[个成点万千百块]")
# … and what is wanted instead of a grant.
_ELSE = re.compile(
    r"怎么|咋|流程|材料|谁|哪[里儿个]|电话|条件|要求|原文|文件|过期|有效|什么时候|啥时候"
)
_OPEN = frozenset({"ask_policy", "nlu_fallback", "out_of_scope"})
_OF_ONE = re.compile(r"[我俺咱]|\d+[多来几]?(?:个|号|名|人|万|亿|%)|(?:19|20)\d\d")
_NOW = re.compile(
    r"现在|如今|目前|眼下|今年|今儿|这会儿|还(?:在)?[有能给减免发补贴报搞算作管执享][^，,。？?]{0,8}[不没吗么]"
)
_THEN = re.compile(
    r"为止|到期|过期|截止|当时|那会|以前|到(?:多会|啥时|什么时|哪年)|\d\d年|[去前]年"
)
# Somebody speaks of a firm of their own, and asks what it comes to.
_OWN = re.compile(
    r"我|俺|咱|本人|来电人|客户|老板|厂里|厂子|公司|店里|自家|企业[，,是有去今]"
    # 给县医院盖门诊楼的，…: who somebody is, said first
    r"|^[^，,。;；?？ ]{3,20}(?:的|的个体户|作坊|馆子?|小店)[，, ]"
)
# 12个, 2.3亿; 一个人 counts nobody.
_COUNTS = re.compile(
    r"(?:[\d二两三四五六七八九十百]|一(?=[百千万亿十]))[\d一二两三四五六七八九十百.]*"
    r"(?:多|来|几)?(?:个|号|名|人|千|万|亿|w|%|元|块|年)"
)
# Something that has happened to somebody.
_HAPPENED = re.compile(
    r"去年|前年|今年|刚|上个?月|已经|头一[回次]|[了过](?=[，。,;； \d]|$)"
    r"|手[里头上](?!续)有|[新才][买购开办建盖](?=[了的个台辆一两二三四五])"
)
# 想转成公司; but who 想问问, 想享受 or 没想过 plans nothing.
_PLANS = re.compile(
    r"(?<![没不都就])想(?!问|咨|打听|了解|知道|看看|按|过|都|拿|领|享|沾|报|申|要|请|晚|不通|着|让)"
    r"|打算|(?<!有)准备(?!金|材料|好了)|考虑|计划(?!内|书|单)"
)
_HOPES = re.compile(
    r"给不给|给多少|多少|能[不拿领报享申补退减免贴]|可[不以]|有没有|有吗|有戏|几[万千百成个折]|"
    r"能否|可否|是否|咨询|想问|[拿领补奖退减免贴]不|算不算|行不行|够不够|符合|资格|吗|呢|不$|没$"
)
# 那能拿30万是吧: it hopes for just what was judged.
_TO_BE_HAD = re.compile(
    r"能不?能?(?:拿|领|给|报|得|享受)|[拿领给得]多少|够不够|符不符合|算不算(?:符合|数)"
)
_TOLD = 12  # characters; fewer tell no case


def asks(text: str) -> bool:
    """Whether a message asks something; one that does not tells."""
    return holds(_ASKS, text)


def names_a_matter(text: str) -> bool:
    """Whether a message names something that policies give or ask for."""
    return holds(_MATTER, text)


def calls_for(text: str) -> bool:
    """Whether a message ends in the name of a measure, as a search word does (稳岗返还)."""
    return holds(_CALLS_FOR, text)


def leans(text: str) -> bool:
    """Whether a message is worded as going on from something (那大型企业呢, 附加税也跟着减)."""
    return holds(_LEANS, text)


def elliptic(text: str) -> bool:
    """Whether a message asks for something to be had and leaves unsaid what (那能给多少)."""
    return len(text) <= _ALONE and not names_a_matter(text) and holds(_ELLIPTIC, text)


def asked_about(text: str, intent: str) -> str:
    """What a message without a subject asks of the one before, as an intent."""
    said = normalise(text)
    return next((name for name, words in _ABOUT if words.search(said)), intent)


def aspects(text: str, intent: str) -> tuple[str, ...]:
    """What a message asks of one matter, as intents in its order; at least ``intent``."""
    said = normalise(text)
    found = sorted((m.start(), name) for name, words in _ASPECTS if (m := words.search(said)))
    return tuple(name for _, name in found) if len(found) > 1 else (intent,)


def names_whom(text: str) -> bool:
    """Whether a message asks who is in charge, or may (管不管报 asks whether there is any)."""
    return _WHOM.search(_NOT_WHOM.sub("", normalise(text))) is not None


def asks_whether(text: str) -> bool:
    """Whether a message asks only whether there is anything to be had (到底给不给)."""
    return _WHETHER.fullmatch(normalise(text).strip()) is not None


def asks_on(text: str) -> str | None:
    """The intent of a short question that names no matter of its own (我该找谁去报)."""
    if len(text) > _SHORT or names_a_matter(text) or not asks(text):
        return None
    return asked_about(text, "") or None


def wants_a_grant(text: str, intent: str) -> bool:
    """Whether a message asks how much there is, or whether there is anything to be had."""
    if holds(_HOW_MUCH, text) and not holds(_ELSE, text):
        return True
    if intent == "ask_amount":
        return holds(_GRANT, text) or holds(_HOW_MUCH, text)
    return intent in _OPEN and holds(_GRANT, text) and not holds(_ELSE, text)


def hopes_for_money(text: str) -> bool:
    """Whether a message hopes for a grant by its name (能奖多少, 补几成)."""
    return holds(_MONEY_HOPED, text)


def hopes(text: str) -> bool:
    """Whether a message asks whether, or how much, somebody is to have (那能拿30万是吧)."""
    return holds(_TO_BE_HAD, text)


def introduces(text: str) -> bool:
    """Whether a message speaks of one firm, not of a kind of firms (高新技术企业有哪些政策)."""
    return holds(_OF_ONE, text)


def plans(text: str) -> bool:
    """Whether a message speaks of what somebody means to do (想转成公司)."""
    return holds(_PLANS, text)


def asks_of_then(text: str) -> bool:
    """Whether a message asks how something was, or when it ended (到多会儿为止)."""
    return holds(_THEN, text)


def asks_of_now(text: str) -> bool:
    """Whether a message asks how something is today (六税两费现在还减半不)."""
    return holds(_NOW, text) and not asks_of_then(text)


def tells_a_case(text: str) -> bool:
    """Whether a message tells of a firm of its own and hopes for something."""
    said = normalise(text)
    own = _OWN.search(said) or _COUNTS.search(said)
    hopes = _HOPES.search(said) is not None or (len(said) > _ALONE and asks(text))
    return len(said) >= _TOLD and own is not None and hopes


def names_an_owner(text: str) -> bool:
    """Whether a message names a firm, or people, as somebody's own (我们厂, 客户)."""
    return holds(_OWN, text)


def speaks_of_itself(text: str) -> bool:
    """Whether a message speaks of something that is so, and not of a matter in general."""
    said = normalise(text)
    return any(pattern.search(said) for pattern in (_OWN, _COUNTS, _HAPPENED))
