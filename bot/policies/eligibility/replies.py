"""The answer to one question about a firm, in whatever words it is given.

What known words tell (``answers.py``) and what the model of answers makes of the wording
(``bot/policies/replying.py``) are weighed together. What is not certain is asked again.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from bot.policies.eligibility.answers import Answer, looks_asked, none_of, read_answer
from bot.policies.eligibility.facts import Fact, FactError, Value
from bot.policies.eligibility.listener import ALIKE, Listener
from bot.policies.eligibility.mentions import mentions
from bot.policies.eligibility.numbers import numbers_in
from bot.policies.eligibility.spoken import folded
from bot.policies.replying import OWN, Act, Replying, masked

__all__ = ["SIGNALS", "Reading", "read_reply", "signals_of"]

SIGNALS = (
    "asks",
    "mark",
    "length",
    "own",
    "boolean",
    "choice",
    "number",
    "mentioned_yes",
    "mentioned_no",
    "mentioned",
    "silent",
    "unknown",
    "withheld",
    "unit",
    "read_yes",
    "read_no",
    "read",
    *ALIKE,
)
"""What the model weighs beside the wording."""
_ASIDE = 0.45  # likelihood from which no answer at all is taken for what it is; nothing is kept
_ENTITLES = 0.85  # likelihood from which a yes is taken
_LONG = 40  # characters; longer answers count as so long
_EITHER = re.compile(r"([\u4e00-\u9fff])[不没]\1|有没有|能不|(?:办|行|成|中|够|能)[不否没木]$")
# 工业，那归谁管 and 后面打算上北交所，分几步给 ask, 哪有那本事 does not.
_ASKS_LAST = re.compile(
    r"(?:(?:谁|哪(?!有)|怎么|咋|多少|几|什么|何)[^，。,;；\s]{0,5}|吗|不|(?:的|那[^，。]{1,6}|要是[^，。]{1,8})呢|"
    r"(?:了|有[^，。]{1,6})没有?)(?:$|[?？，。,;；\s])"
)
_PLANS = re.compile(r"打算|准备|商量|计划|考虑|琢磨|想着|将来|以后|后面|回头")
# 有的满了有的没满: neither.
_MIXED = re.compile(r"有的.{1,14}有的|一半.{1,8}一半|前头?.{1,14}后头?.{1,10}的")
_LOST = re.compile(r"没(?:有?太?)?(?:听|看|读|整|弄|搞)?(?:懂|明白)|绕口令|啥意思|什么意思|没get")
# 会计不在: whoever knows is not there.
_AWAY = re.compile(
    r"(?:会计|财务|出纳|老板|老总|经理|主任|厂长|管事的?|负责人|当家的?|经手人?的?)[^，。,;；]{0,4}"
    r"(?:不在|休假|请假|出去|出差|没上班|没来|坐月子|开会)"
)
_NUMERALS = str.maketrans("壹贰叁肆伍", "一二三四五")
_THREE = 3  # choices, of which one is in the middle
# 前一个, 中间那个, 最后那档
_PLACES = re.compile(
    r"(?P<first>头一?[个种类档项]|最?前[面头边]?那?一?[个种类档项])|(?P<middle>(?:中间|当中)的?那?一?[个种类档项]?)|"
    r"(?P<last>最后(?:那|一|那一)?[个种类档项]|后[面头边]?那?一?[个种类档项])"
)


@dataclass(frozen=True)
class Reading:
    """What an answer comes to.

    Attributes:
        answer: what it tells; None where nothing for certain.
        act: ``question`` or ``stop`` where it plainly is one; else None.
    """

    answer: Answer | None
    act: Act | None = None


def signals_of(
    text: str, fact: Fact, answer: Answer | None, today: date, listener: Listener
) -> dict[str, float]:
    """What tells an answer's act beside its wording, by the names of :data:`SIGNALS`.

    Args:
        text: the message.
        fact: what was asked for.
        answer: what the known words of an answer come to.
        today: what 去年 is counted from.
        listener: tells what it has in common with the fact.
    """
    told = next((m.value for m in mentions(text, [fact], today) if m.fact == fact.id), None)
    kind, value = (answer.kind, answer.value) if answer is not None else (None, None)
    flag = isinstance(value, bool)
    return {
        "asks": float(looks_asked(text)),
        "mark": float("?" in text or "？" in text),
        "length": min(len(text), _LONG) / _LONG * 2,
        "own": masked(text, fact.question).count(OWN) / 3,
        "boolean": float(fact.type == "boolean"),
        "choice": float(fact.type == "choice"),
        "number": float(fact.type not in ("boolean", "choice")),
        "mentioned_yes": float(told is True),
        "mentioned_no": float(told is False),
        "mentioned": float(told is not None and not isinstance(told, bool)),
        "silent": float(answer is None),
        "unknown": float(kind == "unknown"),
        "withheld": float(kind == "withheld"),
        "unit": float(kind == "unit"),
        "read_yes": float(flag and value is True),
        "read_no": float(flag and value is False),
        "read": float(kind == "value" and not flag),
        **listener.nearest(text, fact)[1],
    }


def read_reply(
    text: str,
    fact: Fact,
    today: date,
    model: Replying | None,
    least: float,
    listener: Listener,
    *,
    alone: bool = True,
) -> Reading:
    """What a message answers to the question about a fact.

    Args:
        text: the message.
        fact: what was asked for.
        today: what 去年 is counted from.
        model: tells what an answer does; without it known words alone tell.
        least: how likely it must be to do it.
        listener: tells what it has in common with the fact.
        alone: whether it tells nothing else.
    """
    known = read_answer(text, fact, today, alone=alone)
    if model is None:
        return Reading(known)
    # A yes or no that other facts stand beside is one as well; what is weighed is the whole.
    whole = known if alone else read_answer(text, fact, today)
    likely = model.shares(signals_of(text, fact, whole, today, listener), text, fact.question)
    act, said = max(likely, key=lambda one: likely[one]), folded(text)
    if act in ("question", "stop") and likely[act] >= _ASIDE:
        return Reading(None, act)
    if act in ("unknown", "withheld") and likely[act] >= _ASIDE:
        return Reading(Answer(act))
    if act != "question" and known is None and _AWAY.search(said):
        return Reading(Answer("unknown"))
    if _EITHER.search(text) and known is None:  # 社保才交了三个月够不够
        return Reading(None, "question")
    # Beside other facts, sums and a question a yes or no is told in known words or not at all.
    asks = _ASKS_LAST.search(text) is not None
    sums = any(n.kind == "money" and n.unit for n in numbers_in(said))
    doubtful = asks or sums or not alone
    if act == "yes":  # it is what entitles
        doubtful = doubtful or likely[act] < _ENTITLES or _PLANS.search(text) is not None
    if likely[act] < least or (act in ("yes", "no") and doubtful):
        act = "unclear"
    if _MIXED.search(said) or _LOST.search(said):
        return Reading(None)
    return Reading(_told(text, fact, act, known, likely, least))


def _told(
    text: str,
    fact: Fact,
    act: Act,
    known: Answer | None,
    likely: Mapping[Act, float],
    least: float,
) -> Answer | None:
    """What an answer that is one tells."""
    if fact.type == "boolean":
        return _flag(act, known, likely, least)
    if known is not None and known.kind in ("value", "unit"):
        return known
    if act == "no":
        none = _none(fact)
        return None if none is None else Answer("value", none)
    if act in ("yes", "other", "unclear") and fact.type == "choice":
        chosen = _chosen(text, fact)
        return None if chosen is None else Answer("value", chosen)
    return known


def _flag(
    act: Act, known: Answer | None, likely: Mapping[Act, float], least: float
) -> Answer | None:
    """A yes or no that is sure or that known words tell; none where these two disagree."""
    if known is None or not isinstance(known.value, bool):
        return Answer("value", act == "yes") if act in ("yes", "no") else known
    return None if likely["no" if known.value else "yes"] >= least else known


def _none(fact: Fact) -> Value | None:
    """What 没有 comes to: none of the choices, or no money and nobody."""
    if fact.type == "choice":
        return none_of(fact)
    try:
        return fact.value(0 if fact.type == "integer" else Decimal(0))
    except FactError:
        return None


def _chosen(text: str, fact: Fact) -> str | None:
    """The choice whose name an answer has most in common with, if any stands out."""
    said = folded(text).translate(_NUMERALS).replace("头等", "一等")
    names = {choice.id: _pairs(folded(choice.name)) for choice in fact.choices}
    held = {key: own & _pairs(said) for key, own in names.items()}
    # What every name holds tells none from another.
    alone = {
        key: {pair for pair in own if sum(pair in other for other in names.values()) == 1}
        for key, own in held.items()
    }
    first, *rest = sorted(alone, key=lambda key: len(alone[key]), reverse=True)
    clear = alone[first] and not any(alone[key] for key in rest)
    return first if clear else _placed(said, fact)


def _pairs(text: str) -> set[str]:
    return {text[i : i + 2] for i in range(len(text) - 1)}


def _placed(said: str, fact: Fact) -> str | None:
    """The choice that is named by its place (前一个, 中间那个, 最后那档)."""
    found = {match.lastgroup for match in _PLACES.finditer(said)}
    if len(found) != 1:
        return None
    place, count = found.pop(), len(fact.choices)
    if place == "middle":
        return fact.choices[1].id if count == _THREE else None
    return fact.choices[0 if place == "first" else -1].id
