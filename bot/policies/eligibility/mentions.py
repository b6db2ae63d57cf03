"""The facts that a message tells of a firm: 三百来号人, 营收4千万, 去年刚认定.

Only what the words of facts.yml bear out is taken; of two readings neither is. A number
goes to the fact whose words stand nearest to it, if its unit is of that fact's kind.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache

from bot.policies.eligibility.facts import Fact, FactError, Value
from bot.policies.eligibility.numbers import Number, fitting, folded, numbers_in, years_in

__all__ = ["Mention", "mentions"]

_NEGATION = re.compile(
    r"(?:不是|没有|还没|并非|不算|不属于|没|未|非(?!遗|公|煤|常)|不|无(?!人|线|锡|烟))"
    r"[^，。,;；、 的]{0,3}$"
    r"|(?:不在|不属于|没用[到在]|没一?个)[^，。,;； ]{0,7}$"
)
# 学徒制我们没搞过，就是普通师傅带: what is denied between two parts parts them.
_AGAINST = re.compile(
    r"(?<!从来)(?<!以前)(?<!之前)[没未](?![收还回用])|(?<![是够算属能])不(?:是|在|属|算|管|培|做|搞|涉|沾)"
)
_ASKED = re.compile(
    r"(?:算不算|是不是|属不属于|有没有|(?<![汇核结清预打总就不])算|是否)[^，。,;；、]{0,4}$"
)
# Speech puts the subject first: 准备金制度没建立, 特级还没拿到, 补偿报上去给刷下来了.
_FAILED = (
    r"(?<!从来)(?<!以前)(?<!之前)(?<!原来)(?<!从)(?:没|未)(?:有|能|人)?(?:给|让)?[我俺咱]?们?(?:啥|一个)?(?:评|建|批|认|签|办|改|入|进|用|沾|选|搞|弄|去过|"
    r"参[加与]|挂[牌上]|达|满|够|设|买|立|轮|通过|下来|承担|上[榜线去过来得]|上(?=$|[，。,;；、])|独立|自主|"
    r"雇|做[出过到成]?|拿[到上下](?!钱|奖|补|一分)|(?:啥|什么|怎么)?受?影响)"
    r"|(?<![是够算属能])不(?:够|挨|涉及|沾|粘|搭界|属于?|在(?!乎|意)|算(?!数)|(?<!以前不)(?<!原来不)是)|一[个家]?(?:也|都)?没"
    r"|刷了?下来|(?:打|被退|给退)了?回来|差(?:得)?[老还]?(?:远|十万八千里|一大?截)|还在[审走报排申等]"
)
_AFTERWARDS = re.compile(
    rf"[^，。,;；、 ]{{0,10}}?(?:{_FAILED})"
    # 高企没有 专精特新也没有
    r"|[^，。,;；、 \d]{0,5}?(?:也|都|还)?没有?(?=[，。,;；、！ ]|也|都|$)"
)
# 专精特新报上去了，没评上: what the next words take back is not told, nor denied for certain.
_TAKEN_BACK = re.compile(rf"[^。;；！!？?]{{0,10}}?[，,、 ][^。;；！!？?，,]{{0,6}}?(?:{_FAILED})")
# What is only named, planned, wanted or somebody else's is nothing of the firm.
_NAMED = re.compile(
    r"(?:听说|据说|想问|打听|问问|问一下|那个|说的|准备|打算|计划|考虑|争取|想去?)[有是能的]?$"
    r"|(?:必须|非得|需要|得先?|要先?)$"
    r"|(?:跟|比|像|不如|[他她]们?|人家|隔壁|别人|同行|同学|朋友)[^，。,;；、 ]{0,5}$"
)
_THAT = re.compile(
    r"(?:这个|那个|这笔|那笔|这项|那项)(?!事|月|季|年)|(?:以后)?才[能给有算]|的话|一样"
)
# 新三板挂牌奖励: the name of a measure, where nothing says that it has come about.
_TITLE = re.compile(r"的?(?:奖励|奖补|补贴|补助|政策|优惠)")
# 个体户转公司现在给补钱吗: what is asked about at the very beginning has not been told.
_TOPIC = re.compile(
    r"(?:现在|目前|今年|还|到底|究竟)*(?:给|有|能|补|奖|拿|领|报)[^，。,;；]{0,8}(?:吗|不|没|多少|啥|什么|几|呢)"
    r"|(?:怎么|咋|如何|流程|需要|要啥|要带)"
)
_OPENING = 3  # characters before a topic (请问, 那)
_DONE = re.compile(r"[了过上到成评获批拿刚已被有]")
_OTHERS = re.compile(r"(?:跟|比|像|不如|他们|人家|隔壁|别人|同行)[^，。,;；、 ]{0,5}$")
_ONCE = re.compile(r"(?:以前|原来|之前|过去|早先|早年)[^，。,;；、 ]{0,3}$")
# 去太原办点事, 盂县到阳泉那条路: a place that is only passed through.
_PASSING = re.compile(r"(?<![搬迁设落引来])(?:去(?!年)|(?<!户)到|从|往|离)趟?$")
_TOWARDS = re.compile(r"到|那条路")
_EITHER = frozenset(("是不", "有没", "能不", "算不", "要不"))
_DIGIT = re.compile(r"[\d一二两三四五六七八九十]")
_BREAK = re.compile(r"[，。,;；！!？?\n]")
# 去年产值12亿，前年8亿，头一回过10亿: the year before and the line that was crossed are not meant.
# 评估费6万 is one part of what a loan costs; 费用一共6万 is the whole.
_PART = re.compile(r"(?:利息|评估费|担保费)$")
_OLDER = re.compile(
    r"前年[^，。,;；、 ]{0,8}$|(?:第一次|首次|头一?[回次])(?:超?过|突破|迈过|跨过|达到?|上)了?$"
)
_REACH = 14  # characters between a word and its number
_BESIDE = 3  # … and one without a unit
_APART = 20  # characters between parts of words that belong together (首次 高企)


@dataclass(frozen=True)
class Mention:
    """A fact that a message tells, and the words that tell it."""

    fact: str
    value: Value
    words: str


def mentions(text: str, facts: Iterable[Fact], today: date) -> list[Mention]:
    """What a message tells of some facts.

    Args:
        text: the message.
        facts: those that matter; others are not looked for.
        today: what 今年 and 去年 are counted from.
    """
    said = folded(text)
    facts = list(facts)
    found: list[Mention] = []
    for fact in facts:
        if fact.type == "boolean":
            found += _boolean(said, fact)
        elif fact.type == "choice":
            found += _choice(said, fact)
    found += _numbers(said, [f for f in facts if f.type in ("integer", "money", "ratio")], today)
    return found


# The words of the facts are the same in every message.
_folded = lru_cache(maxsize=65_536)(folded)


def _places(word: str, said: str) -> Iterator[tuple[int, int]]:
    """Where a word stands; what it has taken is not taken again."""
    start = said.find(word) if word else -1
    while start >= 0:
        yield start, start + len(word)
        start = said.find(word, start + len(word))


@lru_cache(maxsize=131_072)
def _parts(word: str) -> tuple[tuple[str, ...], ...]:
    """The parts of a word, each with its alternatives: 外省|外地 迁|搬."""
    return tuple(tuple(map(folded, part.split("|"))) for part in word.split())


def _any_place(alternatives: Iterable[str], said: str) -> Iterator[tuple[int, int]]:
    for word in alternatives:
        if word in said:
            yield from _places(word, said)


def _spots(
    said: str, words: Iterable[str], unless: Iterable[str] = ()
) -> list[tuple[int, int, bool]]:
    """Where some words stand; of words with a space inside, all parts near each other.

    A part may be one of several (外省|外地 迁|搬). The third of each tells whether they stand in
    one piece.

    What lies within words of ``unless`` does not count: 中小企业 is the name of a group, and
    tells nothing of the 小企业 that asks. Nor does a part that is denied (名单还没出来).
    """
    names = [span for name in unless for span in _places(_folded(name), said)]
    found: list[tuple[int, int, bool]] = []
    for word in words:
        first, *others = _parts(word)
        for start, end in _any_place(first, said):
            if any(a <= start and end <= b for a, b in names):
                continue
            for other in others:
                near = [
                    (a, b)
                    for a, b in _any_place(other, said)
                    if b >= start - _APART
                    and a <= end + _APART
                    and (b <= start or a >= end)
                    and not _NEGATION.search(said[max(0, a - 5) : a])
                    and not _AGAINST.search(said[end:a] or said[b:start])
                ]
                if not near:
                    break
                a, b = min(near, key=lambda spot: max(start - spot[1], spot[0] - end))
                # 托育中心，不是幼儿园: the part that stands last is denied.
                if b <= start and _NEGATION.search(said[max(0, start - 5) : start]):
                    break
                start, end = min(start, a), max(end, b)
            else:
                found.append((start, end, not others))
    return found


def _boolean(said: str, fact: Fact) -> Iterator[Mention]:
    affirmed = _spots(said, fact.affirm, fact.unless)
    # 不是战新 holds 战新, 没逾期过 holds 逾期过: the longer words say what is meant.
    denied = [
        (start, end)
        for start, end, _ in _spots(said, fact.deny, fact.unless)
        if not any(
            solid and a <= start and end <= b and b - a > end - start for a, b, solid in affirmed
        )
        # 是不是战新 and 有没有补贴 say nothing.
        and said[max(0, start - 1) : start + 1] not in _EITHER
    ]
    results: dict[bool, tuple[int, int]] = {}
    if denied:
        results[False] = denied[0]
    for start, end, solid in affirmed:
        if solid and any(a <= start and end <= b and b - a > end - start for a, b, _ in affirmed):
            continue
        if any(a < end and start < b for a, b in denied):
            continue
        before = said[max(0, start - 8) : start]
        if _ASKED.search(before) and not re.search(r"[是有]$", before[:-1] or ""):
            continue
        # 不在综改区 … 综改区那个贴息: the noun alone takes nothing back.
        if any(said[start:end] in said[a:b] for a, b in denied):
            continue
        # 那个攻关奖, 听说有攻关奖: the subject is named, nothing is told.
        if _NAMED.search(said[max(0, start - 8) : start]) or _THAT.match(said[end:]):
            continue
        if start <= _OPENING and _TOPIC.match(said[end:]):
            continue
        told = said[max(0, start - 6) : end]
        if _TITLE.match(said[end:]) and not _DONE.search(told):
            continue
        against = _NEGATION.search(before) or _AFTERWARDS.match(said[end:])
        if not against and _TAKEN_BACK.match(said[end:]):
            continue
        results.setdefault(not against, (start, end))
    if len(results) == 1:
        value, (start, end) = next(iter(results.items()))
        yield Mention(fact.id, value, said[start:end])


def _choice(said: str, fact: Fact) -> Iterator[Mention]:
    spots = [
        (start, end, choice.id)
        for choice in fact.choices
        for start, end, _ in _spots(said, choice.said, fact.unless)
        if not _NEGATION.search(said[max(0, start - 6) : start])
        and not _OTHERS.search(said[max(0, start - 8) : start])
        and not _ONCE.search(said[max(0, start - 6) : start])
        and not _PASSING.search(said[max(0, start - 3) : start])
        and not _TOWARDS.match(said[end:])
    ]
    # 个体工商户 holds 工商: what lies within a longer word is none.
    outer = [
        spot
        for spot in spots
        if not any(a <= spot[0] and spot[1] <= b and b - a > spot[1] - spot[0] for a, b, _ in spots)
    ]
    values = {value for _, _, value in outer}
    if len(values) == 1:
        start, end, value = outer[0]
        yield Mention(fact.id, value, said[start:end])


def _numbers(said: str, facts: list[Fact], today: date) -> Iterator[Mention]:
    # A minus makes it a slip, or a loss: nothing that can be counted on.
    numbers = [n for n in numbers_in(said) if said[n.start - 1 : n.start] not in ("负", "-")]
    near: list[Candidate] = []
    for fact in facts:
        if fact.unit == "年" and fact.least is not None and fact.least > 1000:
            yield from _year(said, fact, today)
            continue
        for number in numbers:
            value = fitting(number, fact)
            if value is None:
                continue
            for start, end, _ in _spots(said, fact.said):
                gap = number.start - end if end <= number.start else start - number.end
                between = said[min(end, number.end) : max(start, number.start)]
                if gap < 0 and not (start < number.end and number.start < end):
                    continue
                bare = fact.type == "money" and number.kind != "money"
                if gap > (_BESIDE if bare else _REACH):
                    continue
                # What counts something stands before it (12个应届生), a sum after its name.
                behind = start >= number.end and number.kind != "count"
                if behind and gap == 0 and not _DIGIT.search(said[end : end + 6]):
                    behind = False  # 9万利息
                far = max(gap, 0) + (6 if _BREAK.search(between) else 0) + (8 if behind else 0)
                near.append((far, -(end - start), fact, number, value, said[start:end]))
    near = _of_last_year(near, said)
    taken: dict[str, Mention] = {}
    used: set[int] = set()
    partial: set[str] = set()
    for _, _, fact, number, value, word in sorted(near, key=lambda row: row[:2]):
        if fact.id in taken or number.start in used:
            continue
        if fact.additive and _PART.search(word):
            partial.add(fact.id)
        try:
            checked = fact.value(int(value) if fact.type == "integer" else value)
        except FactError:
            continue
        taken[fact.id] = Mention(fact.id, checked, said[number.start : number.end])
        used.add(number.start)
    # 房产税3万 土地税2万: two sums for one fact are neither of them the whole.
    parts: dict[str, dict[int, Decimal]] = {}
    for far, _, fact, number, value, _ in near:
        first = taken.get(fact.id)
        if far <= _BESIDE and fact.type == "money" and first is not None:
            own = number.start not in used or said[number.start : number.end] == first.words
            if own:
                parts.setdefault(fact.id, {})[number.start] = value
    for fact in facts:
        sums = [*parts.get(fact.id, {}).values()]
        if len(sums) < 2:
            if fact.id in partial:
                taken.pop(fact.id, None)
            continue
        first = taken.pop(fact.id)
        if fact.additive:
            # 利息15万，担保3万，一共18万: the whole may be told beside its parts.
            whole = max(sums) if max(sums) * 2 == sum(sums) else sum(sums)
            taken[fact.id] = Mention(fact.id, fact.value(whole), first.words)
    yield from taken.values()


Candidate = tuple[int, int, Fact, Number, Decimal, str]


def _of_last_year(near: list[Candidate], said: str) -> list[Candidate]:
    """Of several numbers for one fact those of last year."""
    older = {row[3].start for row in near if _OLDER.search(said[: row[3].start])}
    fresh = {row[2].id for row in near if row[3].start not in older}
    return [row for row in near if row[3].start not in older or row[2].id not in fresh]


def _year(said: str, fact: Fact, today: date) -> Iterator[Mention]:
    """A year of an event: the one nearest to the fact's words."""
    found: list[tuple[int, int, str]] = []
    for first, last, year in years_in(said, today):
        for start, end, _ in _spots(said, fact.said):
            gap = first - end if end <= first else start - last
            if 0 <= gap <= _REACH:
                found.append((gap, year, said[first:last]))
    years = {year for gap, year, _ in found if gap == min(g for g, *_ in found)}
    if len(years) == 1:
        gap, year, words = min(found)
        try:
            yield Mention(fact.id, fact.value(year), words)
        except FactError:
            return
