"""The numbers and years that a message tells as facts, each by the words that stand nearest."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import lru_cache

from bot.policies.eligibility.facts import Fact, FactError, Value
from bot.policies.eligibility.numbers import Number, fitting, numbers_in, years_in
from bot.policies.eligibility.reckoned import in_all, per_one, reckoned
from bot.policies.eligibility.spots import spots

__all__ = ["told_numbers"]

_DIGIT = re.compile(r"[\d一二两三四五六七八九十]")
_BREAK = re.compile(r"[，。,;；！!？?\n]")
# 评估费6万 is one part of what a loan costs; 费用一共6万 is the whole.
_PART = re.compile(r"(?:利息|评估费|担保费)$")
# 去年产值12亿，前年8亿，头一回过10亿，平时一季20万: the year before, the line that was crossed and
# what is usual are not meant.
_OLDER = re.compile(
    r"(?:前年|平时|平常|往常)[^，。,;；、 \d]{0,8}$"
    r"|(?:第一次|首次|头一?[回次])(?:超?过|突破|迈过|跨过|达到?|上)了?$"
)
# 22届, 500强, 三甲, 五险一金, 刚毕业的6月, 一个礼拜: what counts neither people nor money.
_NO_COUNT = re.compile(r"[届强甲险竿月](?!薪|租|均)|礼拜|星期|钟头")
# 听说三十万以内不交税, 新招的要占5%: what the rule says is nothing of the firm.
_OF_THE_RULE = re.compile(
    r"(?:听说|据说|规定|说是|文件[上里]?[写说]的?)[^，。,;；！!？?我俺咱]{0,12}$|(?:要|得|须)(?:占|满|达|够)到?$"
)
# 晋创谷的，12个人。 做法兰的厂，35人，: who introduces a firm counts its people without a word.
# 我们一共二十个人 and 我们公司五个人 count ``all`` of them and nobody else, whatever is asked.
_INTRODUCED = re.compile(
    r"(?P<all>(?:[我俺咱]们?|公司|企业|厂里?|店里?|单位|私营的?|民营的?)[^。；;\d]{0,10}"
    r"(?:一共|总共|拢共|统共)(?:就|才|有)?"
    r"|(?:^|[，,。;； ])(?:[我俺咱]们?)?(?:这个?|家)?小?(?:公司|企业|厂子?里?|店里?|单位)[，,、 ]?"
    r"(?:现在|目前|眼下)?(?:也?就|才|只有?|有|拢共)*)$"
    r"|(?:^|[的厂店]|公司|企业|单位|作坊)[，,、 ]?(?:一共|总共|拢共|现在|就|才)?$"
)
_PEOPLE = re.compile(
    r"[\d一二两三四五六七八九十百千]+(?:个|名|口|号)?人(?:左右)?(?=[，。,;；、！!？? ]|$)"
)
_STAFF = "staff"
# 利息每月三千 is no year's interest, 房租一年六万 no month's rent.
_A_MONTH = re.compile(r"(?:[每一](?:个)?月|月均|按月)[^，。,;；\d]{0,5}$")
_A_YEAR = re.compile(
    r"(?:[每一]年|全年|(?<![半两])年(?=租|房租)|[每一]个?季度?)[^，。,;；\d]{0,5}$"
)
_OF_A_MONTH = re.compile(r"每个?月|一个月|月(?:租|销)")
# 计划投500万 has not been spent.
_PLANNED = re.compile(
    r"(?:(?:打算|计划|准备(?!金)|想)[^，。,;；、 \d的]{0,5}|能[到上过做干][到出个]?|奔着)$"
)
_DONE = re.compile("花了|付了|支付|实际|缴了|到账|上一?年")
_LAST_YEAR = re.compile("上一?年")
_YEARLY = re.compile("年度|一年")
# 上半年营收800万 is no year's.
_PART_OF_YEAR = re.compile(
    r"(?:[上下]半年|[一二三四1-4]季度|这半年|前[几\d]个月)[^，。,;；\d]{0,8}$"
)
_AGREED = re.compile(r"(?:合同|标价|报价|总价|签|定)[了的是总价额]*$")
_PAID = re.compile(r"(?:付|到账|打)(?:了|过来|过去|出去|的)?(?:是|有|才|就)?$")
# 单台, 每个月, 这一户: the fact is itself of each.
_OF_EACH = re.compile(r"单|每|人次|一户|一笔")
# Words after which only a sum can stand.
_IN_UNITS = re.compile(
    r"(?:营收|收入|营业额|流水|产值|销售额|贷款|贷|借|资金|资产|利润|利息|费用?|投资额?|赚|挣|砸|掏|花)"
    r"(?:了|的是|是|有|到|大概|差不多|去|进去|总共|一共|:)*$"
)
_CLOSES = re.compile(r"[吧啊呢了来左的]*(?:$|[，。,;；!?？ ])")
_RISEN = re.compile("[提涨增升]|[多加高挪爬拉冒]了|高出|上去|往上")
_DIFFERENCE = re.compile(
    r"[比较](?:去|上|前|往)年[^，。,;；\d]{0,6}[多涨增高少降减跌][^，。,;；\d]{0,4}$"
)
_ADDED = re.compile("新增|多[外送]|增幅|增加")
_FEW_OF_THEM = 10
_LOST = re.compile(r"(?:负的?|-|亏损?[了空掉着]?(?:有|大概|差不多|将近)?)$")
_LARGE = 10_000  # 元: what a bare number must be of what is always large
_REACH = 14  # characters between a word and its number
_BESIDE = 3  # … and one without a unit

Told = tuple[Fact, Value, str]


@dataclass(frozen=True)
class _Candidate:
    """A number near a word of a fact; ``far`` counts a break and what stands behind as far."""

    far: int
    fact: Fact
    number: Number
    value: Decimal
    word: str

    @property
    def rank(self) -> tuple[int, int]:
        return self.far, -len(self.word)


def told_numbers(said: str, facts: Iterable[Fact], today: date) -> Iterator[Told]:
    """Facts with the numbers that a folded message tells of them, and the numbers' words.

    A number goes to the fact whose words stand nearest to it, if its unit is of that
    fact's kind; of two sums for one fact neither is the whole, unless they add up.
    """
    counted = []
    for fact in facts:
        if fact.unit == "年" and fact.least is not None and fact.least > 1000:
            yield from _year(said, fact, today)
        else:
            counted.append(fact)
    near = _exact(_of_last_year(list(_near(said, counted)), said))
    taken: dict[str, _Candidate] = {}
    values: dict[str, Value] = {}
    used: set[tuple[int, str]] = set()
    for one in sorted(near, key=lambda one: one.rank):
        fact = one.fact
        if fact.id in taken or one.number.place in used:
            continue
        value = _checked(fact, one.value)
        if value is not None:
            taken[fact.id], values[fact.id] = one, value
            used.add(one.number.place)
    for fact in counted:
        first = taken.get(fact.id)
        if first is None:
            continue
        # 房产税3万 土地税2万: two sums for one fact are neither of them the whole.
        sums = {
            one.number.start: one.value
            for one in near
            if one.fact is fact and fact.type == "money" and one.far <= _BESIDE
            if one.number.place not in used or one.number.start == first.number.start
        }
        whole: Value | None = values[fact.id]
        if len(sums) > 1:
            whole = _checked(fact, _added(list(sums.values()))) if fact.additive else None
        elif fact.additive and _PART.search(first.word):
            whole = None
        if whole is not None:
            yield fact, whole, said[first.number.start : first.number.end]


def _near(said: str, facts: Iterable[Fact]) -> Iterator[_Candidate]:
    """The numbers that stand near words of facts of their kind."""
    numbers = _counted(said)
    introduced = [_introduced(said, number) for number in numbers]
    for fact in facts:
        placed = spots(said, fact.said, fact.unless) if numbers else []
        for number, firm in zip(numbers, introduced, strict=True):
            if fact.id != _STAFF and firm and firm["all"]:
                continue
            if fact.id == _STAFF and firm:
                value = fitting(number, fact)
                if value is not None:
                    yield _Candidate(_REACH, fact, number, value, "")
            for start, end, solid in placed:
                gap = number.start - end if end <= number.start else start - number.end
                if gap > _REACH:
                    continue
                meant = _meant(said, number, fact, (start, end, solid), numbers)
                value = None if meant is None else fitting(meant, fact)
                if meant is None or value is None:
                    continue
                bare = fact.type == "money" and meant.kind != "money"
                if bare and gap > _BESIDE:
                    continue
                # 营收四千五 leaves out 万; answered to a question, the unit is asked for.
                if bare and fact.large and value < _LARGE:
                    continue
                # What counts something stands before it (12个应届生), a sum after its name.
                behind = start >= number.end and number.kind != "count"
                if behind and gap == 0 and not _DIGIT.search(said[end : end + 6]):
                    behind = False  # 9万利息
                between = said[min(end, number.end) : max(start, number.start)]
                far = max(gap, 0) + (6 if _BREAK.search(between) else 0) + (8 if behind else 0)
                yield _Candidate(far, fact, meant, value, said[start:end])


# A message is heard for one programme after another.
@lru_cache(maxsize=8)
def _counted(said: str) -> tuple[Number, ...]:
    """The numbers of a folded message that count people, money or a share of the firm's."""
    return tuple(
        n
        for n in reckoned(said, numbers_in(said))
        if not _NO_COUNT.match(said, n.end) and not _OF_THE_RULE.search(said[: n.start])
    )


def _introduced(said: str, number: Number) -> re.Match[str] | None:
    """What introduces a firm before a number of people that stands alone."""
    if not _PEOPLE.match(said, number.start):
        return None
    return _INTRODUCED.search(said[: number.start])


def _meant(
    said: str, number: Number, fact: Fact, spot: tuple[int, int, bool], numbers: Sequence[Number]
) -> Number | None:
    """What a number means beside a word of a fact.

    What is told of each (每台30万) or of another stretch of time (一年六万 beside a month's
    rent) is multiplied or is nothing of that fact, unless the fact is of each itself.
    """
    before = said[max(0, number.start - 14) : number.start]
    start, end, solid = spot
    word = said[start:end]
    if _other_time(said, number, fact, before) or _only_agreed(said, number, fact, before, numbers):
        return None
    # A minus makes it a slip, or a loss: nothing that can be counted on.
    if _LOST.search(before) and not re.search("[亏损]", word):
        signed = fact.type == "ratio" and (fact.least is None or fact.least < 0)
        return replace(number, value=-abs(number.value), down=False) if signed else None
    # 本地配套率现在是35% tells not by how much it has risen.
    if number.kind == "ratio" and "百分点" in fact.question and not _RISEN.search(before):
        return None
    # 研发费用比去年多了30万 is by how much, not how much.
    differs = number.kind in ("money", "count") and _DIFFERENCE.search(before) is not None
    if differs and not _ADDED.search(fact.question):
        return None
    asked = fact.name + fact.question
    if fact.type == "money":
        monthly = _OF_A_MONTH.search(asked) is not None
        if monthly and _A_YEAR.search(before) and "月" not in word:
            return None
        if not monthly and _A_MONTH.search(before) and "月" not in word:
            return None
        # 营收210个: 万 is left out of what can be nothing but money.
        if _IN_UNITS.search(said[max(0, end - 3) : number.start]) and _ends(said, number):
            number = replace(number, value=number.value * 10**4, unit="万", kind="money")
    if number.kind not in ("money", "count") or _OF_EACH.search(asked):
        return number
    each = per_one(said, number)
    if each is None or (solid and start < each.end() and each.start() < end):
        return number
    every = said[each.start()] == "每"
    return in_all(said, number, numbers) or (None if every else number)


def _other_time(said: str, number: Number, fact: Fact, before: str) -> bool:
    """Whether a number is of another time than the fact: planned, last year's, half a year's."""
    if _PLANNED.search(before) and _DONE.search(fact.question):
        return True
    last = _LAST_YEAR.search(fact.question) is not None
    if number.when in ("then", "now"):
        return (number.when == "now") == last
    yearly = fact.type == "money" and (last or _YEARLY.search(fact.question) is not None)
    return yearly and number.when != "whole" and _PART_OF_YEAR.search(before) is not None


def _only_agreed(
    said: str, number: Number, fact: Fact, before: str, numbers: Sequence[Number]
) -> bool:
    """Whether a sum is only that of the contract, where what was paid is told beside it."""
    if fact.type != "money" or not _DONE.search(fact.question) or not _AGREED.search(before):
        return False
    return any(
        one is not number and one.kind == "money" and _PAID.search(said[: one.start])
        for one in numbers
    )


def _ends(said: str, number: Number) -> bool:
    """Whether so many 个 are told of nothing that is named (210个)."""
    bare = number.kind == "count" and number.unit == "个" and number.value >= _FEW_OF_THEM
    return bare and _CLOSES.match(said, number.end) is not None


def _of_last_year(near: list[_Candidate], said: str) -> list[_Candidate]:
    """Of several numbers for one fact those of last year."""
    older = {one.number.start for one in near if _OLDER.search(said[: one.number.start])}
    fresh = {one.fact.id for one in near if one.number.start not in older}
    return [one for one in near if one.number.start not in older or one.fact.id not in fresh]


def _exact(near: list[_Candidate]) -> list[_Candidate]:
    """Without the rough numbers of facts that are told exactly too."""
    exact = {one.fact.id for one in near if not one.number.rough}
    return [one for one in near if not one.number.rough or one.fact.id not in exact]


def _added(sums: list[Decimal]) -> Decimal:
    """The sum of parts; 利息15万，担保3万，一共18万: the whole may be told beside them."""
    return max(sums) if max(sums) * 2 == sum(sums) else sum(sums, Decimal(0))


def _checked(fact: Fact, value: Decimal) -> Value | None:
    """A number as a value of a fact; None where it is out of its range."""
    try:
        return fact.value(int(value) if fact.type == "integer" else value)
    except FactError:
        return None


def _year(said: str, fact: Fact, today: date) -> Iterator[Told]:
    """A year of an event: the one nearest to the fact's words."""
    found: list[tuple[int, int, str]] = []
    for first, last, year in years_in(said, today):
        for start, end, _ in spots(said, fact.said, fact.unless):
            gap = first - end if end <= first else start - last
            if 0 <= gap <= _REACH:
                found.append((gap, year, said[first:last]))
    years = {year for gap, year, _ in found if gap == min(g for g, *_ in found)}
    if len(years) == 1:
        _, year, words = min(found)
        value = _checked(fact, Decimal(year))
        if value is not None:
            yield fact, value, words
