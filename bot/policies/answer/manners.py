"""What people do with the conversation itself: urge, begin anew, go back, ask of private life."""

from __future__ import annotations

import re

from bot.policies.query import holds, normalise

__all__ = [
    "after_going_back",
    "asks_the_way",
    "at_home",
    "begins_anew",
    "counts_it_in",
    "drops",
    "of_firms_like_it",
    "of_private_life",
    "of_several",
    "of_which_kind",
    "resumes",
    "urges",
    "wants_a_sum",
    "wants_anything",
    "wants_the_outcome",
]

_BRIEF = 16  # characters; a longer message says what it is about
_ASIDE = 26  # characters of a question in passing
# 你别老问了, 到底能不能, 给个准话: the verdict is wanted now, whatever is still open.
_URGES = re.compile(
    r"(?:别|不要|不用|甭)(?:老|再|一直|光|总)?(?:这么)?(?:问|啰嗦|绕弯?|废话)"
    r"|(?:直接|干脆|痛快)[^，,。]{0,3}(?:说|告诉|讲|给|回答)|给个?(?:准话|痛快|结果|结论|说法|准信)"
    r"|到底[^，,。]{0,4}(?:能|行|给|够|算|可以|符合)|说(?:个)?(?:结果|结论)"
)
# 能拿不, 那我们够不够, 这样符合吗; but not 可以, 符合, 行: those answer a question.
_WHETHER = re.compile(
    r"(?:那|所以|那么|照这样)?(?:[我俺咱]们?|你看|你说)?(?:家|厂里?|公司|这(?:种|个)?(?:情况|样)?的?)?"
    r"(?:算|到底|究竟|是不是)*"
    r"(?:(?:能不能|可不可以|够不够|行不行|符不符合|给不给)(?:拿|享受|领|申请|申报|报|办|条件|格)?(?:到|上|着)?"
    r"|(?:能|可以|够|符合)(?:拿|享受|领|申请|申报|报|办|条件|格|资格)?(?:到|上|着|得)?[吗不没么]+)"
    r"[呢啊呀]?[?？。!！]*"
)
# 哪几个能同时拿, 一共能拿多少, 就按这些列一下: what all that was told comes to.
_OUTCOME = re.compile(
    r"哪[个几些][^，,。]{0,6}(?:最|同时|一起|都能|先|值得|划算|能拿|能报|合适|适合|有戏|把握)"
    r"|最(?:多|高|划算|合适|值得|有把握|容易|好拿)[^，,。]{0,6}(?:哪|多少|是)"
    r"|(?:一共|总共|合计|合起来|加一?起来?|加一?块|满打满算)[^，,。]{0,8}(?:多少|几[十百千万]|能[拿领得有])"
    r"|(?:按|照|根据|就)(?:着)?(?:这|我说|我报|刚才|上面|前面)[^，,。]{0,8}(?:列|看|说|算|给|查|筛|挑)"
    r"|^那?(?:还|再)有(?:吗|没有?|呢|别的|其他|啥|什么)|列(?:出来|一列|一下|一?遍|个单|个表|给我|列)"
)
# 这些加一起: of all that was listed, not of the one looked at.
_SEVERAL = re.compile(r"这些|那些|哪几|全部|所有|上面(?:的|几)|单子")
_LIKE_US = re.compile(r"[我俺咱]们?(?:家|店|厂|公司|单位)?(?:这种|这样|这类|这号|这行|这个行业)")
# 加上这个又多哪几样: what is told now is to be counted in.
_MORE_OF_IT = re.compile(
    r"(?:又|再|还能?|能)看?看?多(?:出|了)?来?[^，,。]{0,2}(?:哪|啥|什么|几[样个项])"
)
# 贷款那条去掉吧, 人数别记了.
_ALL = re.compile(
    r"信息|资料|情况|说[过的]|全|所有|都|一切|对话|聊|记录|档案|数据|内容|东西|隐私|我(?:们)?(?:的|$|了|吧)"
)
_DROPS = re.compile(
    r"(?:那|这)?(?:条|项|个|句)?[^，,。]{0,2}(?:去掉|删(?:了|掉|除)|划掉|抹(?:了|掉))|(?:别|不要|甭)记了?"
)
# 最多能拿多少: a sum is wanted, not the list alone.
_SUM = re.compile(r"加|一共|总共|合计|合起来|同时|一[起块]|最多|都能|全拿|多少")
# 有甚补贴了, 人家都领钱了我咋没有: help of any kind is wanted, and nothing is named.
_HELP = re.compile(r"补[贴助]|钱|政策|优惠|扶持|奖励?|好处|支持|福利|领|享受|沾")
_NAMELESS = re.compile(
    r"[我俺咱你他][们家]?|人家|别人|大家|这[种样类号些个]|那[些个]|小?(?:店|厂|公司|企业|单位|老板|个体户?|买卖|生意)(?:家|里)?"
    r"|补[贴助]|政策|优惠|扶持|奖励?|好处|支持|福利|项目|享受|钱|申[请报领]|资格|条件"
    r"|有没有|没有|什么|哪[些个]|多少|怎么|为[啥什]么?|听说|据说|政府|国家|公家|上头|省[里上]|市里|咱?山西"
    r"|现在|今年|最近|目前|真的?|假的?|一[下点些]|可以|能[不]?|帮忙?|看看|查查?|告诉|说说|介绍|了解|想要?|请问|你好|您好|那个"
    r"|[有没啥甚咋都点些领拿报给弄要到的地得了吗呢么呀啊嘛吧哦呗嘞不就也还是在查问列下跟和与对个]"
)
# 补贴, 优惠政策: a word to choose by, that asks for nothing yet.
_BARE_WORD = re.compile(
    r"(?:惠企|补[贴助]|政策|优惠|扶持|奖励|支持|福利|好处|项目|资金|钱)+[呢吧吗]?"
)
# 那服务业呢; 不对，我们是服务业的: of which kind the measure spoken of is meant.
_KIND = re.compile(
    r"(?:不对|不是|错了|说错了)?[，,。 ]*那?(?:么)?(?:[我俺咱]们?|公司|企业)?(?:是|属于|算)?"
    r"(?P<kind>[^，,。;；、 我是那呢的]{2,6}?)(?:的|类的?|企业|公司|方面的?)?呢?[?？。]*"
)
_ANEW = re.compile(
    r"再(?:问|咨询|打听|请教)(?:您|你)?(?:一|个|下|句)|还有(?:个|一?件)?(?:事|问题)(?:[，, ]|$)"
    r"|另外(?:问|想|再|咨询)|换个(?:问题|话题|事)|[问说](?:个|点|件)(?:别的|题外)|顺便(?:再)?问"
)
_HOME = re.compile(
    r"(?:那|那么|好[吧的]?[，, ]?|噢|哦)*(?:你们?|咱们?|我们|在)?"
    r"(?:山西省?|本省|咱省|省里|这边|这里|这儿|你这)(?:这边|这里|本地|自己|省)?"
    r"(?:[呢的有给是能也同]|多少|啥|什么|怎么).{0,8}"
)
_GOES_BACK = re.compile(
    r"^.{0,6}?(?:回到|说回|回来说|回过头)[^，,。;； ]{0,16}[，,。;； ]+(?=.{3})"
    r"|^那?(?:刚才|刚刚|前面|之前|先前|上面)(?:[你咱]?们?)?(?:说的?|问的?|讲的?|提的?)?(?:那|这)?(?:个|项|条)"
)
# 去哪办, 怎么申请, 那要钱不: nothing is named, so it is the matter spoken of.
_WAY = re.compile(
    r"(?:那|那么|这个?|它|该|得|要|我们?|俺们?|具体|一般|都|是)*"
    r"(?:(?:去|在|到|上|往|找)?哪(?:里|儿|个)?(?:地方|部门|单位|窗口|科室)?(?:去|能|可以)?"
    r"|(?:怎么|咋|咋么|如何|怎样)(?:个)?(?:去|来|才能|样)?)"
    r"(?:办理?|申请|申报|报|领取?|拿|弄|交|递|登记)(?:手续|材料|钱|它|这个)?(?:法|下来)?[啊呀呢了的嘞]*[?？。]*"
    r"|(?:那|这个?|办这个?)?(?:要|用|需要|得|收)(?:不要|不用|不)?(?:交|花|掏)?(?:钱|费用?|手续费)(?:不|吗|么|啊|嘛)+[?？]*"
)
_RESUMES = re.compile(r"(?:接着|继续|再接着)(?:往下)?(?:算|判断|问我|来)")
# Matters of private life and of other offices, which no policy for firms is about.
_PRIVATE = re.compile(
    r"离婚|闹离|结婚|彩礼|相亲|怀孕|生孩子|坐月子|产假|生育津贴|[二三]胎|上学|转学|学区|高考|考研|"
    r"上(?:幼儿园|小学|初中|高中)|低保|扣了?\d*分|住院|"
    r"移民|签证|护照|驾照|驾驶证|违章|限[号行]|车牌|摇号|天气|下雨|下雪|股票|炒股|彩票|房贷|车贷|"
    r"公积金.{0,3}[提取]|[提取].{0,3}公积金|养老金|退休金|失业金|医保报销|看病|挂号|买房子|"
    r"社保断缴|断缴.{0,3}社保|工伤认定|劳动仲裁|仲裁|讨薪|拖?欠.{0,3}工资|工资.{0,4}拖?欠|打官司|"
    r"机票|火车票|高铁票|修路|路修|邻居|菜价|油价|金价"
)


def urges(text: str) -> bool:
    """Whether a message wants to hear now whether it is to be had (到底能不能拿)."""
    said = normalise(text).strip()
    if len(said) > _BRIEF:
        return False
    return _URGES.search(said) is not None or _WHETHER.fullmatch(said) is not None


def wants_the_outcome(text: str) -> bool:
    """Whether a message asks what all that was told comes to (一共能拿多少，列一下)."""
    return urges(text) or (len(text) <= _ASIDE and holds(_OUTCOME, text)) or counts_it_in(text)


def drops(text: str) -> bool:
    """Whether a message wants one thing left out that is kept (贷款那条去掉吧)."""
    return len(text) <= _BRIEF and holds(_DROPS, text) and not holds(_ALL, text)


def of_several(text: str) -> bool:
    """Whether a message speaks of all that was listed (这些加一起多少)."""
    return holds(_SEVERAL, text)


def counts_it_in(text: str) -> bool:
    """Whether a message asks what more there is with what it tells (加上这个又多哪几样)."""
    return holds(_MORE_OF_IT, text)


def wants_a_sum(text: str) -> bool:
    """Whether a message wants to know what several come to together."""
    return holds(_SUM, text)


def wants_anything(text: str) -> bool:
    """Whether a message hopes for help of any kind and names nothing (有甚补贴了)."""
    said = normalise(text)
    if len(said) > _ASIDE or not _HELP.search(said) or _BARE_WORD.fullmatch(said.strip()):
        return False
    return not re.sub(r"\W", "", _NAMELESS.sub("", said))


def of_firms_like_it(text: str) -> bool:
    """Whether a message asks for a firm like its own (像我们这样的物流企业)."""
    return holds(_LIKE_US, text)


def begins_anew(text: str) -> bool:
    """Whether a message says that it turns to something else (谢谢，再问一个)."""
    return holds(_ANEW, text)


def at_home(text: str) -> bool:
    """Whether a message asks the same of the province itself (山西的呢)."""
    said = normalise(text).strip()
    return len(said) <= _BRIEF and _HOME.fullmatch(said) is not None


def after_going_back(text: str) -> str:
    """What a message asks beside going back to something (回到稳岗那个，哪天到账)."""
    said = normalise(text)
    match = _GOES_BACK.search(said)
    return said[match.end() :].strip() if match else ""


def asks_the_way(text: str) -> bool:
    """Whether a message asks how or where and names nothing (去哪办, 怎么申请)."""
    return _WAY.fullmatch(normalise(text).strip()) is not None


def of_which_kind(text: str) -> str:
    """The kind that a short message puts before the measure spoken of; empty for none."""
    match = _KIND.fullmatch(normalise(text).strip())
    return match["kind"] if match else ""


def resumes(text: str) -> bool:
    """Whether a message takes up questions that were broken off (之前那个还能接着算吗)."""
    return len(text) <= _ASIDE and holds(_RESUMES, text)


def of_private_life(text: str) -> bool:
    """Whether a message asks of private life or another office (老婆闹离婚咋办)."""
    return len(text) <= _ASIDE and holds(_PRIVATE, text)
