"""A message as it tells of the firm: without what it only asks, quotes, mocks or says of people.

Facts are heard by their words. Words that ask what something means (这算重大项目吗), quote a
figure back (你这三百不对路), wonder (啥二手车啊) or tell how old somebody is (都四十了) tell
nothing of the firm, and 哪来的两年 says that there are none.
"""

from __future__ import annotations

import re

from bot.policies.answer.turnabout import ASKS_WHAT

__all__ = ["asserted"]

_N = r"[\d一二两三四五六七八九十百千.]+"
_END = r"(?=[，,。;；!！?？\s]|$)"
# 会计问：客户是运城的食品厂: somebody speaks for a firm that is not their own.
_SPEAKS_FOR = re.compile(
    r"会计|代账|代理记账|事务所|咨询公司|[替帮]客户|客户(?:问|想问|咨询|[：:])"
)
_CLIENT = re.compile(r"(?:有个|一个|我的?|我们的?)?客户(?=[是在做开搞])")
_MEANING = re.compile(
    r"(?:(?:啥|什么|甚|哪个)(?:叫|是|算)(?:个|做)?|(?:这|那|我们?|俺们?)*(?:算不算|算是不是|算)(?=[^，,。;；!！?？\s]{2,14}(?:吗|么|啊|呀|不)(?:[，,。;；!！?？\s]|$)))"
    r"[^，,。;；!！?？\s]{2,14}"
    r"|[^，,。;；!！?？\s]{2,10}(?:是|算)(?:个|一个)?(?:啥|什么|甚)(?:东西|意思|玩意儿?)?[呀啊呢]?(?=[，,。;；!！?？\s]|$)"
    # 不知道算不算大模型研发, 算不算大型展会: nobody knows yet.
    rf"|(?:不知道?|不晓得|不清楚|也?说不准)?(?:[这那]个?|我们?|俺们?)*算不算(?:是)?[^，,。;；!！?？\s]{{2,14}}{_END}"
)
# 他都四十了, 老师傅们四五十岁: years of age are no people.
_AGE = re.compile(
    r"(?:(?:[我你他她它俺]们?|师傅们?|年纪|年龄|人家)也?)?(?:都|已经|快)(?:是|有)?"
    rf"[二三四五六七]十(?:[来多几]|[一二三四五六七八九])?(?:[三四五六七]十)?[来多几]?(?:岁|了){_END}"
    r"|[\d一二三四五六七八九十]+(?:[来多几]个?)?(?:周岁|岁)(?!以[上下内]|及|的老)(?:数|了)?"
)
# 你这三百不对路, 前头那180万: a figure that the reply told.
_QUOTED = re.compile(
    rf"你(?:们)?(?:刚才?|上面|前面)?(?:这|那|说的?(?:[这那])?|[给算写]的)(?:一?个|笔)?{_N}(?:万|亿)?(?:元|块钱?|个点|%)?(?![个名位人家台张户])"
    rf"|(?:前头|刚才|前面|上面|开头)(?:说的?)?[这那](?:一?个|笔)?{_N}(?:万|亿|元|块|个点|%)+(?:元|块钱?)?"
)
# 哪来的两年, 水泥哪能是战略新兴: there are none, it is none.
_NONE = re.compile(
    r"哪(?:里|儿)?来的|(?<![在去到找上])哪(?:里|儿)?有(?:啥|什么|甚)?(?!卖|办|申|补|政策|谁|一个)(?=[^？?吗么]*$)"
)
_NOT = re.compile(
    r"(?:哪|咋|怎么)(?:里|儿)?(?:能|会|可能|就)?(?:算)?是"
    r"(?=[^，,。 ？?吗么些个]{2})(?![^，,。 ]*[？?吗么])"
)
# 不是九十个人 是年纪; 哪来的三百人: a number that is turned down.
_NO_NUMBER = re.compile(
    rf"(?:不是|没有?|哪(?:里|儿)?来的?|哪(?:里|儿)?有){_N}(?:多|来|几)?(?:个人|人|名|位|个|万|亿|元|家|台|张|户|床)+"
)
# 啥二手车啊 我卖挂面的: what the reply spoke of, and nobody else.
_WONDERS = re.compile(
    rf"(?:^|(?<=[，,。;；!！ ]))(?:啥|什么|甚)(?!{ASKS_WHAT})"
    r"[^，,。;；!！?？ ]{2,8}[啊呀嘛?？]*[，,。;；!！ ]+(?=我|俺|咱|跟)"
)
# 跟飞机有啥关系: it has none.
_UNRELATED = re.compile(r"(?<=[^，,。;；!！?？ 没])(?:有啥|有什么|有甚|啥)(?=关系|相干|关联)")


def asserted(text: str) -> str:
    """What a message says of the firm, in its own words.

    That of an accountant about a client is put as the client would say it.

    Args:
        text: the message, cleaned.
    """
    told = _MEANING.sub("", text)
    for pattern in (_WONDERS, _AGE, _QUOTED, _NO_NUMBER):
        told = pattern.sub("", told)
    told = _UNRELATED.sub("没有", _NOT.sub("不是", _NONE.sub("没有", told)))
    return _CLIENT.sub("公司", told) if _SPEAKS_FOR.search(told) else told
