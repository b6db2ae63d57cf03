"""What takes back a word that would tell a fact: it is denied, asked, hoped for, or only named.

Every function looks at a folded message around the word, from ``start`` to ``end``.
"""

from __future__ import annotations

import re

__all__ = [
    "asserted",
    "by_a_rule",
    "denied",
    "denied_before",
    "heard_of",
    "of_another",
    "only_named",
    "parted",
    "taken_back",
]

_NEGATION = re.compile(
    # 是不是还有, 有没有 and 不是说给扣么 ask.
    r"(?!(?<=[是能要算会])不|(?<=有)没|不是[说都有还])(?:不是|没有|还没|并非|不算|不属于|没|未|非(?!遗|公|煤|常)|不|无(?!人|线|锡|烟))"
    r"(?!拖|欠|耽|误|断|停|钱|现金|办法)[^，。,;；、 的]{0,3}$"
    r"|(?:不在|不属于|没用[到在]|没一?个)[^，。,;； ]{0,7}$"
)
# 学徒制我们没搞过，就是普通师傅带: what is denied between two parts parts them.
_AGAINST = re.compile(
    r"(?<!从来)(?<!以前)(?<!之前)[没未](?![收还回用])|(?<![是够算属能])不(?:是|在|属|算|管|培|做|搞|涉|沾)"
)
# Speech puts the subject first: 准备金制度没建立, 特级还没拿到, 补偿报上去给刷下来了.
_FAILED = (
    r"(?<!从来)(?<!以前)(?<!之前)(?<!原来)(?<![从有])(?:没|未)(?:有|能|人)?(?:给|让)?[我俺咱]?们?(?:啥|一个)?(?:评|建|批|认|签|办|改|用|沾|选|搞|弄|去过|"
    # 老铸造厂，没进开发区: what was not entered is another thing
    r"[入进](?=$|[，。,;；、 ]|[去来成了上过到]|名单|目录|库|榜|围)|"
    r"参[加与]|挂[牌上]|达|满|够|设|买|立|轮|通过|下来|承担|上[榜线去过来得]|上(?=$|[，。,;；、])|独立|自主|"
    r"雇|做[出过到成]?|拿[到上下](?!钱|奖|补|一分)|(?:啥|什么|怎么)?受?影响)"
    r"|(?<![是够算属能])不(?:够|挨|涉及|沾|粘|搭界|属于?|算(?!数)|(?<!以前不)(?<!原来不)是(?!说|有|还|都|吗|么))|一[个家]?(?:也|都)?没"
    r"|[没无]有?(?:啥|什么|一?点|半点|一毛钱|任何|半毛钱)*(?:关系|关联|瓜葛|联系)|无关|两码事|不搭"
    r"|(?<![是够算属能])不在(?=$|[，。,;；、 ]|里|内|名单|目录|其中)"
    r"|刷了?下来|(?:打|被退|给退)了?回来|差(?:得)?[老还]?(?:远|十万八千里|一大?截)|还在[审走报排申等]"
    r"|(?<!还)在(?:走流程|审着|审核|报批|公示期|排队|等批)"
)
_AFTERWARDS = re.compile(
    rf"[^，。,;；、 ]{{0,10}}?(?:{_FAILED})"
    # 应届生一个都没有, folded
    r"|[^，。,;；、 \d]{0,5}?0个[也都]?没"
    # 高企没有 专精特新也没有; but 综改区有几万块奖没 asks
    r"|[^，。,;；、 \d有能给拿领算奖补]{0,5}?(?:也|都|还)?没有?(?=[，。,;；、！ ]|也|都|$)"
)
# 专精特新报上去了，没评上: what the next words take back is not told, nor denied for certain.
# What is denied after it by a name of its own is another thing (综改区的，专精特新没评上).
_GOES_ON = (
    r"(?:但是?|可是?|不过|结果|最后|后来|一直|也|都|还|就|又|给?人家|到现在|到头来|现在|目前|上[面头]|"
    r"[省市县区]里|[去今]年|上个?月|这[次回]|那[次回]|证书?|牌子|批文|名单)"
)
_TAKEN_BACK = re.compile(
    rf"[^。;；！!？?]{{0,10}}?[，,、 ]{_GOES_ON}{{0,3}}(?!不(?:是|属|在))(?:{_FAILED})"
)
_ASKED = re.compile(r"(?:算不算|是不是|属不属于|有没有|是否)[^，。,;；、]{0,4}$")
# 这算首次创业吗; but 算战新的 tells it.
_RECKONED = re.compile(r"(?<![汇核结清预打总就不])算[^，。,;；、]{0,4}$")
_TO_BE_SAID = re.compile(r"[^，。,;；、 ]{0,8}(?:吗|不(?!过|是)|么|没|[?？])")
# What is only named, planned, wanted or somebody else's is nothing of the firm.
_NAMED = re.compile(
    r"(?:听说|据说|想问|打听|问问|问一下|那个|说的|继续算|接着算|准备|打算|计划|考虑|争取|想去?)[有是能的]?$"
    r"|(?:必须|非得|需要|得先?|要先?)$"
    r"|(?:跟|比(?!赛)|像(?![我俺咱])|不如|[他她]们?|人家|隔壁|别人|同行|同学|朋友)"
    r"[^，。,;；、 ]{0,5}$"
)
# 打算明年冲一下国家绿色数据中心, 想弄那个示范项目: what is planned is not so yet.
_PLANNED = re.compile(
    r"(?:打算|准备(?!金|材料|好)|计划(?!内)|争取|(?<!不)想(?:去|要|再)?(?:弄|搞|做|建|报|评|冲|申|上|转|办|开|拿|引|投))"
    r"[^，。,;；、 ]{0,8}$"
)
# 房东是国企, 给大公司供货, 大公司欠我钱: told of somebody else.
_ANOTHER = re.compile(
    r"(?:房东|客户|甲方|对方|业主方?|下家|上家|总包|买家|买方|供应商|租的|"
    r"投了家?|投的是|拉着|委托|毕业出去|(?<![归属划交])给|卖给|租了?|跟|[替帮])"
    r"[^，。,;；、 我俺咱]{0,4}$"
)
_DOES = re.compile(
    r"(?:老是|总是|一直|都|也)?(?:欠|拖|压着|不给|用承兑|糊弄|的(?:房|门面|店面|铺|单|订单|活|厂房|业务))"
)
# 能享受研发费用加计扣除吗: the name of what is to be had.
_TO_HAVE = re.compile(r"(?:享受|申请|申报|领)(?![了过到上])[^，。,;；、 ]{0,10}$")
# 还算首次创业不, 要是大企业吗: asked with its last word.
_TAGGED = re.compile(r"(?:不|没|吗|么)[?？]?(?=$|[，。,;；、 ])")
# 工商让我转成公司: somebody else wishes it.
_URGED = re.compile(r"(?:让|叫|劝|催|要求|建议|动员)[我俺咱]们?[^，。,;；、 ]{0,8}$")
_HEARD_OF = re.compile(r"(?:听说|据说|想问|打听|问问|问一下)[^，。,;；、 ]{0,3}$")
# 按中试基地能给补几成: what would be by a rule, not what is.
_BY = re.compile(r"(?:按照?|照着?|参照|比照)(?:省[里级]?的?|国家级?的?|人家的?)?$")
_WOULD = re.compile(
    r"的?(?:标准|政策|规定|条件|那[个条种样]|这[个条种])"
    r"|[^，。,;；、 ]{0,3}(?:能|可以|给|补|奖|贴|减|返)"
)
_THAT = re.compile(
    r"(?:这个|那个|这笔|那笔|这项|那项)(?!事|月|季|年)|(?:以后)?才[能给有算]|的话|一样"
)
# 新三板挂牌奖励: the name of a measure, where nothing says that it has come about.
_TITLE = re.compile(
    r"的?(?:奖励|奖补|补贴|补助|政策|优惠|贴息|保费补贴|减免|退税|加计扣除|资助|那个?(?:钱|奖|补))"
)
# 个体户转公司现在给补钱吗: what is asked about at the very beginning has not been told.
_TOPIC = re.compile(
    r"(?:现在|目前|今年|还|到底|究竟)*(?:给|有|能|补|奖|拿|领|报)[^，。,;；]{0,8}(?:吗|不|没|多少|啥|什么|几|呢)"
    r"|(?:怎么|咋|如何|流程|需要|要啥|要带)"
)
_OPENING = 3  # characters before a topic (请问, 那)
_DONE = re.compile(r"[了过上到成评获批拿刚已被有]")
# 上党不是专业镇么，我们不是高企吗: who asks so says that it is. 不是说给扣么 and 是不是高企吗 ask.
_RHETORICAL = re.compile(
    r"(?<![是说要再只])不是(?=[^说都有还也只])([^，。,;；、？?！! ]{2,12}?)(?:吗|么|嘛)"
    r"(?=[，。,;；、？?！! ]|$)"
)
_PLANS_REACH = 12  # characters that are looked at for a plan
_SHORTLY, _BEFORE = 6, 8  # characters that are looked at before a word


def asserted(said: str) -> str:
    """A message with what it asserts by asking (不是专业镇么) said straight (是专业镇)."""
    return _RHETORICAL.sub(r"是\1", said)


def denied_before(said: str, start: int, reach: int = _SHORTLY) -> bool:
    """Whether the words before deny it (不是, 没有, 还没)."""
    return _NEGATION.search(said[max(0, start - reach) : start]) is not None


def denied(said: str, start: int, end: int) -> bool:
    """Whether the words before or after deny it (科技险没买, 给刷下来了)."""
    return denied_before(said, start, _BEFORE) or _AFTERWARDS.match(said[end:]) is not None


def heard_of(said: str, start: int) -> bool:
    """Whether what begins here is only heard of or asked about (听说科技园)."""
    return _HEARD_OF.search(said[max(0, start - _SHORTLY) : start]) is not None


def by_a_rule(said: str, start: int, end: int) -> bool:
    """Whether what stands here is only what somebody would be treated as (按中试基地能给几成)."""
    before = said[max(0, start - _BEFORE) : start]
    return _BY.search(before) is not None and _WOULD.match(said[end:]) is not None


def taken_back(said: str, end: int) -> bool:
    """Whether the next words leave it open (报上去了，没批下来)."""
    return _TAKEN_BACK.match(said[end:]) is not None


def parted(between: str) -> bool:
    """Whether what stands between two parts of a word keeps them from telling one thing."""
    return _AGAINST.search(between) is not None


def of_another(said: str, start: int, end: int) -> bool:
    """Whether it is said of somebody else than the firm (房东是国企, 大公司欠我货款)."""
    before = said[max(0, start - _BEFORE) : start]
    return _ANOTHER.search(before) is not None or _DOES.match(said[end:]) is not None


def only_named(said: str, start: int, end: int) -> bool:
    """Whether it is asked, hoped for, heard of, somebody else's or a mere title."""
    before, behind = said[max(0, start - _BEFORE) : start], said[end:]
    if _ASKED.search(before) and not re.search(r"[是有]$", before[:-1] or ""):
        return True
    if _PLANNED.search(said[max(0, start - _PLANS_REACH) : start]):
        return True
    if _RECKONED.search(before) and _TO_BE_SAID.match(behind):
        return True
    # 那个攻关奖, 听说有攻关奖: the subject is named, nothing is told.
    if _NAMED.search(before) or _TO_HAVE.search(before) or _URGED.search(before):
        return True
    if _THAT.match(behind) or _TAGGED.match(behind):
        return True
    if start <= _OPENING and _TOPIC.match(behind):
        return True
    told = said[max(0, start - _SHORTLY) : end]
    return _TITLE.match(behind) is not None and not _DONE.search(told)
