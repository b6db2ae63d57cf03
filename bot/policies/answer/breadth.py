"""Whether a message asks of one matter, of two side by side, of several, or of all there is."""

from __future__ import annotations

import re

from bot.policies.answer.wording import names_an_owner, tells_a_case
from bot.policies.query import holds, normalise

__all__ = [
    "asks_at_large",
    "asks_for_current",
    "asks_for_others",
    "at_large",
    "city_asked",
    "compares",
    "lists_policies",
    "wants_a_list",
]

_SHORT = 20  # characters; a longer message names what it is about
_ALONE = 24  # characters; a longer message says what it is about
_IN_FULL = r"列[一出个表]|列举|清单|汇总|所有|全部|一览|盘点|方面的"
# Words that ask for several; without them a long message tells a case, whatever Rasa took it for.
_SEVERAL = re.compile(
    r"哪些|哪几|有[啥甚](?!用|区别|说法|要求|条件)|有什么(?!用|区别|说法|要求|条件)|都有|都给|都是[啥什]|[啥什]么政策|啥政策"
    rf"|{_IN_FULL}|几[条项种]|相关的?政策|政策大全"
)
_KINDS_OF_HELP = (
    r"(?:政策|文件|补[贴助]|奖|优惠|扶持|支持|措施|好处|减免|贷款|待遇|福利"
    r"|能[拿领报享沾占]|可以[拿领享])"
)
_OF_POLICIES = re.compile(
    rf"{_KINDS_OF_HELP}.{{0,6}}(?:哪些|哪几|有[啥甚]|有什么|是[啥什]|都有)"
    rf"|(?:哪些|哪几[个项条种]?|有[啥甚]|有什么|都有|[啥什]么).{{0,6}}{_KINDS_OF_HELP}"
    rf"|{_IN_FULL}|大全"
)
# These ask for more of the same, but in the midst of a case (还有没有戏) they do not.
_MORE = re.compile(r"还有|其他|其它")
_CASE = 24  # characters; a longer message with those words alone tells a case
_NAME = 14  # characters; so few may well be the name of a field (养老服务政策)
_BESIDE = re.compile(
    r"哪[个种]|区别|差别|差在|不同|一样|一起|同时|一块|叠|冲突|划算|相?比|两[个种者头]|俩|都[能可]|还是|或者"
)
_AND = re.compile(r"[跟和与同]|、|20\d\d|\d\d年|前后|每年|历年|往年|以前")
_COMPARES = re.compile(
    r"[跟和与](?:前面|刚才|上一?个|那个).{0,6}(?:一起|同时|比|哪个)|[这那]?(?:两个|俩).{0,4}(?:一起|同时|哪个)"
)
# 股改和上市加起来多少; 哪个划算, of the two spoken of. In a told case they compare nothing.
_SUMS = re.compile(
    r"^那?(?:这?[两俩]个?)?哪[个种]更?[^，,。]{0,2}(?:划算|合适|合算|实惠|多|高)"
    r"|.{2}[跟和与加].{2,24}(?:一共|总共|合计|加起来|加在?一?[起块]|哪[个种]更?[多高]|(?:一起|同时)[能可]?以?[拿领].{0,3}多少)"
)
# 有啥能报的, 哪些适合我们: no matter of its own is named.
_AT_LARGE = re.compile(
    r"(?:哪些|哪几|什么|[啥甚]).{0,8}(?:能|可以|适合|享受|申请|报|领|政策|补贴|补助|优惠|扶持|支持|好处|奖|项目)"
    r"|(?:能|可以|够得?着).{0,5}(?:享受?|申请|报|领|拿|沾|弄).{0,5}(?:哪|什么|[啥甚])"
    r"|列.{0,4}(?:能|可以|适合|够)|[给帮][我俺咱].{0,3}[列挑排].{0,8}(?:能|适合|够|沾)"
    r"|看看.{0,8}(?:能|适合|够)|适合我|适合[俺咱]|帮[我俺][看查匹算筛]|匹配|对口"
)
# … and nothing else is asked: 能享受啥, 有什么补贴，拿多少; but not 有个啥券能抵.
_ALL_THERE_IS = re.compile(
    r"(?:(?:能|可以?)(?:够|享受|拿|领|申请|申报|报|沾|得)(?:到|着)?(?:哪些|什么|[啥甚])"
    r"|(?:有|是)(?:哪些|什么|[啥甚])|哪些|什么|[啥甚])"
    r"(?:政策|补[贴助]|优惠|奖励?|扶持|好处|支持|项目|钱)?(?:[能可][^，,。？?]{1,4})?"
    r"(?:[，, ]?(?:能)?[拿给领有]?多少钱?)?[呢吗吧啊不]?[?？。！!]*$"
    r"|看看.{0,6}能(?:享受|拿|领|申请)"
)
_OTHERS = re.compile(
    r"还有(?:没有?)?(?:别的|其[他它]的?|哪些|啥|什么)|(?:别|其[他它])的(?:[^，,。]{0,6})(?:吗|没|不|有|呢)"
    r"|(?:现在|目前|今年|眼下)[^，,。]{0,4}(?:还有(?!效)|有没有|能用|有啥|有什么|能享受)"
    r"|还有(?:没有?)?(?:能用|能申请|能领)"
)
# 行 这个记下了 还有别的没 …: by itself, whatever is said around it.
_OTHERS_ALONE = re.compile(
    r"(?:^|[，,。;；!！?？\s])(?:那)?还有(?:没有?)?(?:别的|其[他它]的)(?:吗|没有?|不|么)?"
    r"(?=$|[，,。;；!！?？\s])"
)
# 过期了 现在还能用的呢, 今年有新的没, 那今年就没有了: of what is over, what there is today.
_CURRENT = re.compile(
    r"(?:现在|目前|今年|眼下|如今|二六年|20?26年?)[^，,。？?]{0,8}(?:能用|管用|有没有|还有没|还有(?:新|啥|什么|能)|有啥|有什么|新的|(?:就|还|都)?没(?:有)?了|的呢)"
    r"|(?:有没有|还有|出)(?:没|没有|了)?(?:出)?(?:啥|什么)?新的(?!一)|过期的?(?:就|都)?(?:别|不要|甭|不用)|没过期的|还(?:管用|能用|作数|有效)的"
)
# 大同有什么补贴, 那晋城有没有: a place and nothing else.
_OF_A_CITY = re.compile(
    r"(?:那|那么|请问)?(?:我们|在)?(.{2,5}?)(?:这边|那边|自己|本地|当地|里)?(?:的?呢|(?:还|都)?"
    r"(?:有没有|有什么|有[啥甚]|有哪些)(?:政策|补[贴助]|优惠|奖励?|扶持|好处)?|(?:还)?有吗|给不给)[呢吗?？。]*"
)


def wants_a_list(text: str) -> bool:
    """Whether a message may ask for several (养老服务政策, 有哪些)."""
    if len(text) <= _NAME or holds(_SEVERAL, text):
        return True
    return len(text) <= _CASE and holds(_MORE, text)


def lists_policies(text: str) -> bool:
    """Whether what a message wants listed is policies (有哪些补贴), not parts of one (哪几个税)."""
    return len(text) <= _NAME or holds(_OF_POLICIES, text)


def compares(text: str, meant: str) -> bool:
    """Whether a message sets two things side by side (跟前面那个能一起拿吗).

    Where Rasa took it for such (``meant``), it must be short or hold a word that compares.
    """
    brief = len(text) <= _ALONE and not names_an_owner(text)
    if brief and holds(_SUMS, text):
        return True
    if meant != "compare":
        return holds(_COMPARES, text)
    own = names_an_owner(text) or len(text) > 2 * _ALONE
    if len(text) > _ALONE and own and tells_a_case(text):
        return holds(_COMPARES, text)
    return (len(text) <= _SHORT and holds(_AND, text)) or holds(_BESIDE, text)


def at_large(text: str) -> bool:
    """Whether a message asks for what there is and names no matter of its own."""
    return holds(_AT_LARGE, text)


def asks_at_large(text: str) -> bool:
    """Whether a message ends in asking for all there is, and for nothing else."""
    return at_large(text) and holds(_ALL_THERE_IS, text)


def asks_for_others(text: str) -> bool:
    """Whether a short message asks for what else there is (那现在还有能用的吗)."""
    return holds(_OTHERS, text) and (len(text) <= _SHORT or holds(_OTHERS_ALONE, text))


def asks_for_current(text: str) -> bool:
    """Whether a message asks what there is today in place of what is over."""
    return holds(_CURRENT, text)


def city_asked(text: str) -> str | None:
    """The place of a message that asks what there is in it and names nothing else."""
    match = _OF_A_CITY.fullmatch(normalise(text).strip())
    return match[1] if match else None
