"""The thread of a conversation: what a short message leaves unsaid is what was spoken of before."""

from __future__ import annotations

import re
from datetime import date

from bot.policies.answer.context import Context
from bot.policies.answer.lists import LISTED
from bot.policies.query import normalise
from bot.policies.search import Outcome, Search

__all__ = [
    "FEW",
    "asked_about",
    "asks",
    "asks_on",
    "in_context",
    "leans",
    "leaves",
    "names_a_matter",
]

FEW = 2
"""Words that a question may name and still be about the clause before."""
_SHORT = 20  # characters; a longer message names what it is about
_BRIEF = 8  # characters; so brief a question asks of what was spoken of
_LEANS = re.compile(r"呢|^(?:那|这|它|也|还)|同样|刚才|前面|上面|也[跟是能]|你说的")
_ASKS = re.compile(
    r"[?？]|吗|呢$|怎么|咋|多少|哪[里儿个些家]|什么|啥|甚|为何|为什么|谁|几[号月年个步次家点档万千成]|最[多少高]|"
    r"[能会可够算行用要给有是让]不[能会可够算行用要给有是让]|有没|是不是|行不|是吧|对吧|还有效|"
    r"归.{0,4}管|电话|原文|下一页|[不没]$|还是.{1,8}$|列[一个出]|发我|找谁|说说|讲讲|联系方式|解释|介绍|[说讲查看列算]一?下|详细"
)
_LEAVES = re.compile(
    r"^(?:那?就?算了|不问了|不用[问了]|取消|停|退出|拉倒|改天|不答了|结束|不需要了|没空了?)"
    r"|先(?:这样|放着|放一放|撤|不[说问弄看管聊])|不想[问答弄]了|不[弄搞聊问]了|[等回]头再|"
    r"(?:下次|以后|改天|明天|完了)再(?:说|问|聊|弄)|等等再|去问(?:老板|会计|领导)"
)
# What names a matter, whatever else is told.
_MATTER = re.compile(
    r"补贴|补助|奖励?|贷款|税|费|政策|减免|免[征收租]|返还|租金|贴息|保险|认定|申报|扶持|优惠|券|基金|标准"
)
# What a message without a subject of its own asks of the clause before, where Rasa did not tell.
_ABOUT = (
    ("ask_document", re.compile(r"原文|全文|文件|文号|第几条|出处")),
    ("ask_department", re.compile(r"谁管|找谁|哪个(?:部门|单位|局|口)|归哪|电话|联系方式|主管")),
    (
        "ask_how_to_apply",
        re.compile(r"怎么|咋|流程|手续|材料|哪[里儿]|在哪|报一回|申请|窗口|平台|网上"),
    ),
    (
        "ask_validity",
        re.compile(r"有效|作废|到什么时候|到啥时候|到几|哪年|截止|期限|还发|开始了|几年"),
    ),
    ("ask_conditions", re.compile(r"条件|要求|门槛|资格|算不算|要不要|得先|才行|必须")),
    ("ask_amount", re.compile(r"多少|几[个点万千成步]|比例|标准|上限|封顶|额度|分几")),
)


def asks(text: str) -> bool:
    """Whether a message asks something; one that does not tells."""
    return _ASKS.search(normalise(text)) is not None


def leaves(text: str) -> bool:
    """Whether a message leaves the matter (先放着，我回去问老板)."""
    said = normalise(text)
    return len(said) <= _SHORT and not asks(text) and _LEAVES.search(said) is not None


def names_a_matter(text: str) -> bool:
    """Whether a message names something that policies give or ask for."""
    return _MATTER.search(normalise(text)) is not None


def leans(text: str) -> bool:
    """Whether a message is worded as going on from something (那大型企业呢, 附加税也跟着减)."""
    return _LEANS.search(normalise(text)) is not None


def asked_about(text: str, intent: str) -> str:
    """What a message without a subject asks of the one before, as an intent."""
    said = normalise(text)
    return next((name for name, words in _ABOUT if words.search(said)), intent)


def asks_on(text: str) -> str | None:
    """The intent of a short question that names no matter of its own (我该找谁去报)."""
    said = normalise(text)
    if len(said) > _SHORT or names_a_matter(text) or not asks(text):
        return None
    return asked_about(text, "") or None


def in_context(
    search: Search, outcome: Outcome, text: str, context: Context, as_of: date
) -> tuple[Outcome, str]:
    """What a message finds, taken with the subject before where it leans on that.

    It leans on it where it is short and finds nothing for certain by itself, or is worded
    as going on; and where what both find together holds its words, or is the clause that
    was spoken of.

    Returns:
        What is to be answered from, and the question that it answers.
    """
    alone = (outcome, text)
    said = normalise(text)
    clause_id = context.clause_id
    if (
        not context.subject
        or clause_id is None
        or len(said) > _SHORT
        or outcome.named
        or outcome.vague
    ):
        return alone
    together = f"{context.subject}，{text}"
    joint = search.find(together, as_of, LISTED)
    if joint.decision == "nothing" or not joint.hits:
        return alone
    top = joint.hits[0].clause
    named = search.subject(outcome.weights)
    words = normalise(top.text)
    holds = all(feature[2:] in words for feature in named)
    if outcome.decision == "answer":
        going_on = leans(text) and holds and joint.decision == "answer"
        return (joint, together) if going_on else alone
    brief = len(said) <= _BRIEF and asks_on(text) is not None
    same = top.id == clause_id and (leans(text) or brief or not named)
    return (joint, together) if holds or same else alone
