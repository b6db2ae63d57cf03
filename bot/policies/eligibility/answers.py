"""The answer to one question about a firm: 是的, 三百来号人, 去年, 第二个, 不清楚, 不方便说.

What cannot be read for certain is no answer; it is asked again, never guessed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

from bot.policies.eligibility.facts import Fact, FactError, Value
from bot.policies.eligibility.mentions import mentions
from bot.policies.eligibility.numbers import fitting, numbers_in, years_in
from bot.policies.eligibility.spoken import folded
from bot.policies.query.numerals import parse_number

__all__ = [
    "Answer",
    "looks_asked",
    "none_of",
    "read_answer",
    "rough_sides",
    "says_unknown",
    "will_not_say",
]

Kind = Literal["value", "unknown", "withheld", "unit"]

_FILLERS = re.compile(
    r"^(?:嗯+|呃+|额+|哦+|噢|啊+|哎+|唉|那个|这个|就是说?|应该|好像|可能|大概|我想想|我看看|"
    r"其实|反正|[我俺咱]们?(?:公司|厂里?|这边|这儿|单位|企业)|[我俺咱]们?|公司|企业|单位|"
    r"目前|现在|(?:当然|肯定|确实|已经|绝对|真的|压根|本来)(?=[不没未])|[，。,.、！!~ ])+"
)
# 会计不在, 行业是批发 and 能源企业 begin with no yes.
_YES = re.compile(
    r"(?:是(?!不是|否)|对(?![不了方外口])|有(?!没有|限|关|点)|算(?![不了力法])|属于|符合|满足|达到|够(?!不)|"
    r"会(?![不计展议员])|可以|能(?![不源力耗])|当然|没错|没问题|没毛病|无疑|非常|不仅|不光|确实|肯定|"
    r"已经|必须的|yes|y$|ok|行(?![不业政])|好的|嗯|恩|中$|都[是有]|签了|交了|办了|参加了|做了|批了|过了|"
    r"拿了|评上了)"
)
_NO = re.compile(
    r"(?:不是|没有|[不没未无否](?:的|呢|啊|呀|了)*$|还没|[木莫]有|冇|没得|no$|n$|都不|都没|从来没|哪有|"
    r"不(?:算|属于?|在|符合|够|满足|会|能|可以|行|对$|达标)|没(?:办|批|过|签|交|评|拿|做|参加|弄|达到))"
)
# 没裁员 is a no where the question speaks of that.
_NOT_SO = re.compile(r"(?:不|没有?|未|非|无)(.{1,6})$")
_ASKS = re.compile(
    r"[?？吗谁]|是不是|有没有|算不算|怎么|咋|多少|上限|封顶|能不能|行不行|哪[里儿个些]|什么|啥|甚|为何|凭|"
    r"几[号月点年次回遍]|还是|(?:有|能|行|可以|要|用|给).{0,6}[不没]$"
)
_UNKNOWN = re.compile(
    r"不(?:太|大|是很|怎么)?(?:清楚|知道|晓得|确定|了解|记得)|不(?:太|大)?懂|说不[准好上清定]|没数|拿不准|"
    r"记不[清得]|忘了|得问|要问|问[一下]*(?:会计|财务|老板)|没(?:细)?算过|搞不[清懂]|没统计|没注意|"
    r"不好[判说]|无法确定|没谱|弄不清|不一定|没准|不见得|未必"
)
_WITHHELD = re.compile(
    r"不(?:太)?方便(?:说|透露|讲|提供)?|不便(?:说|透露|讲)?|(?:保密|机密|隐私)(?![设计产技资])|"
    r"不想(?:说|讲|透露|告诉)|不能(?:说|透露|讲)|(?:能|可以)不(?:能)?(?:说|讲|填)|"
    r"不愿意?(?:说|讲|透露)|不告诉|不说(?:行|可以)|商业秘密|别问|没必要说"
)
_NONE = re.compile(r"^(?:没有?|无|木有|零|一个?(?:也|都)没有?|(?:没有?|未|无)(.{1,4}))$")
_NOTHING = re.compile(
    r"(?:什么)?(?:都|全|还)?(?:没有?|不是|无)(?:评|认定?|拿|获|得|过)?[上到过]?[的了啊呢]*"
)
_DENIED = re.compile(r"(?:不是|不属于?|不算|不做|没有?|非)[^，。,;；]{0,3}$")
_FIRST = re.compile(r"头一?[回次]|第一回|首次|初次|第一次")
_PAUSE = re.compile(r"[，。,.！!；; ]")
_PLAIN_YES = re.compile(r"(?:嗯|对|是|有|行|好|没错|算|可以|符合|满足)+[的啊呀了哦]*")
_PLAIN_NO = re.compile(r"(?:不在|没在|不|没|不是|没有|否|无|还没)+[有的啊呀了哦嘛]*")
_ORDINAL = re.compile(r"^第?([一二三四五六七八九十\d]{1,2})(?:个|项|种|类|档)?$")
_BARE = re.compile(r"^(?:大概|大约|约|差不多)?(\d+(?:\.\d+)?)(?:左右|吧|上下)?$")
# 七八个, 几十人, 3-5%, 不到300: about so much, but on neither side of a line for certain.
_ROUGH = re.compile(
    r"几[十百千万亿]|[一二三四五六七八九两][一二三四五六七八九](?=[十百千万亿个人名家台%年])|"
    r"(?<![一二三四五六七八九\d])百八十|"
    r"\d\s*[-~—到至]\s*\d|[万亿千]不到|(?:快|将近|接近)[\d一二两三四五六七八九十]"
)
_FEW = re.compile(r"(?<![十百千万\d几])[一二三四五六七八九两][一二三四五六七八九](?=[个人号名位])")
_NOT_QUITE = re.compile(r"([\d一二两三四五六七八九十百]+)([人个名家台年月]?)不到$")
_ONES = "零一二三四五六七八九"
_BETWEEN = re.compile(
    "([一二三四五六七八])([二三四五六七八九])(?=[十百千万亿个人名号家台户来多件张间])"
)
_FALLS = re.compile(r"降|下滑|减少|负|跌|-\s*\d")
_MONEY_UNIT = re.compile(r"元|块|万|亿|w")
# 行 今天太冷了: said to what was said before; what comes after it counts.
_FAINT_YES = re.compile(r"(?:行|好|好的|好吧|嗯+|恩|ok|可以|当然|收到|知道了|明白了?)[了啊呀哦吧]?")
# Of a yes or no these say nothing more: 是的我们一直都是, 没有没有, 有，去年刚办的.
_HOLLOW = re.compile(
    r"[我俺咱]们?|[这那][个些]?|真|的|了|啊|呀|哦|吧|呢|嘛|哈|哇|啦|都|也|就|还|很|太|一直|全部?|确实|肯定|刚|早|已经?|"
    r"(?:大?前|去|今)年|上个?月|年初|年底|年前|以前|之前|目前|现在|从来|根本|暂时|"
    r"[\d一二两三四五六七八九十百千万多几年月天号日]|[个项次回]|"
    r"是|有|不|没|算|对|过|上|到|好|办|批|签|交|评|拿|做|参加|弄|达|行|可以|能|会|符合|满足|属于|够|嗯|在|要"
)
# What every question holds; sharing it with one says nothing.
_COMMON = frozenset(
    "是有没不的了在企业公司我你您们吗人个和及或与年月日上下中大小会能可以到为属于等所"
)
# 算小型吧, 小的: a name and nothing else.
_BARE_NAME = re.compile(r"^(?:就?是|算|属于)+|(?:企业|的|吧|呀|啊|呢|了)+$")
_NAME = 4  # characters
_LONG = 14  # characters; a longer message answers yes or no only with its first words
_YUAN = 10_000  # a bare sum below may have been meant in 万元 …
_PLAINLY = 1_000  # … and one said in words (三千五) below this, unless sums are always large
_MILES = re.compile(r"([\d一二两三四五六七八九十百]+)里(?:地|路)")  # half a kilometre each


@dataclass(frozen=True)
class Answer:
    """What an answer comes to.

    Attributes:
        kind: ``value``; ``unknown`` (不清楚); ``withheld`` (不方便说); ``unit``: a bare number
            of which it is not plain whether 元 or 万元 is meant.
        value: of a ``value``, as the fact has it; of a ``unit``, the bare number.
        most: of a rough number (七八万) the greatest that it may be; ``value`` is the least.
    """

    kind: Kind
    value: Value | None = None
    most: Value | None = None


def rough_sides(text: str) -> tuple[str, str] | None:
    """A message with a rough number (十二三个, 四五十万) at its least and at its most.

    None where it holds none, or more than one number may be meant.
    """
    said = folded(text)
    found = list(_BETWEEN.finditer(said))
    if len(found) != 1:
        return None
    match, (first, last) = found[0], (_ONES.index(found[0][1]), _ONES.index(found[0][2]))
    if last != first + 1:
        return None
    before, after = said[: match.start()], said[match.end() :]
    return f"{before}{match[1]}{after}", f"{before}{match[2]}{after}"


def looks_asked(text: str) -> bool:
    """Whether a message holds words or marks of a question."""
    return _ASKS.search(folded(text)) is not None


def says_unknown(text: str) -> bool:
    """Whether a message says that something is not known (不清楚，得问会计)."""
    return _UNKNOWN.search(folded(text)) is not None


def will_not_say(text: str) -> bool:
    """Whether a message declines to tell (不方便说)."""
    return _WITHHELD.search(folded(text)) is not None


def read_answer(text: str, fact: Fact, today: date, *, alone: bool = True) -> Answer | None:
    """What a message answers to the question about a fact.

    Args:
        text: the message.
        fact: what was asked for.
        today: what 去年 is counted from.
        alone: whether it tells nothing else; of one that does (不是战新), a yes or no
            must stand by itself to be the answer.

    Returns:
        None where it is no answer to that question.
    """
    said = folded(text).strip()
    if _WITHHELD.search(said):
        return Answer("withheld")
    told = [mention for mention in mentions(text, [fact], today) if mention.fact == fact.id]
    doubt = _UNKNOWN.search(said)
    # 不知道有没有再贷款: what is not known is named after it.
    if doubt and not any(mention.words in said[: doubt.start()] for mention in told):
        return Answer("unknown")
    plain = _FILLERS.sub("", said).strip(" ，。,.！!~、；;")
    found: Value | None
    if fact.type == "boolean":
        found = _yes_or_no(said, fact, told[0].value if told else None, alone)
    elif fact.type == "choice":
        found = told[0].value if told and not _ASKS.search(plain) else _choice(plain, fact)
    else:
        number = _number(said, plain, fact, today, told[0].value if told else None)
        if isinstance(number, Answer):
            return number
        found = number
    return None if found is None else Answer("value", found)


def _yes_or_no(said: str, fact: Fact, told: Value | None, alone: bool) -> Value | None:
    asks = _ASKS.search(said) is not None
    if told is not None and not (asks and len(said) <= _LONG):
        return told
    if asks:
        return None
    question = _FIRST.sub("第一次", folded(fact.question))
    # 嗯 is a filler in 嗯那个是的, and a yes in 嗯，头一回.
    named = _one_of_those(_FILLERS.sub("", said), question)
    if named is not None and alone:
        return named
    for part in (_FILLERS.sub("", said), said):
        pieces = [piece for piece in _PAUSE.split(part.strip(" ，。,.！!~、；;")) if piece]
        while len(pieces) > 1 and _FAINT_YES.fullmatch(pieces[0]):
            pieces.pop(0)
        first = pieces[0] if pieces else ""
        if not first or len(first) > _LONG:
            continue
        if not alone:
            return _plainly(first)
        # 没有，第一次: what comes after says it in the question's own words.
        second = _FIRST.sub("第一次", pieces[1]) if len(pieces) > 1 else ""
        if _PLAIN_NO.fullmatch(first) and len(second) > 1 and second in question:
            return True
        # 是我哥的房子 and 没有签合同 speak of something else than what was asked.
        if not _speaks_of(first, question):
            continue
        if _YES.match(first) and first.startswith(("没", "无", "非", "不")):
            return True
        other = _NOT_SO.match(first)
        if _NO.match(first) or (other is not None and other[1] in question):
            return False
        # The question's own words are a yes (第一次升规吗: 头一回).
        if _YES.match(first) or _FIRST.sub("第一次", first).rstrip("嘛呀啊呢吧") in question:
            return True
    return None


def _one_of_those(words: str, question: str) -> bool | None:
    """Whether an answer names one of what a question lists (中型、小型或微型吗: 小的)."""
    listed, _, others = question.partition("不是")
    name = _BARE_NAME.sub("", words.strip(" ，。,.！!~"))
    if not (0 < len(name) <= _NAME) or name in _COMMON - {"大", "中", "小"}:
        return None
    if "、" not in listed and "或" not in listed:
        return None
    if name in others:
        return False
    return True if name in listed else None


def _speaks_of(words: str, question: str) -> bool:
    """Whether an answer says nothing beside its yes or no, or speaks of what was asked."""
    marker = _NO.match(words) or _YES.match(words)
    rest = _HOLLOW.sub("", words[marker.end() :] if marker else words)
    shared = {sign for sign in _FIRST.sub("第一次", words) if sign in question} - _COMMON
    # 是女的 says something, 还没认 and 对头 do not.
    hollow = not rest or (len(rest) == 1 and not words.endswith("的"))
    return hollow or bool(shared)


def _plainly(words: str) -> bool | None:
    """A yes or no that says nothing else."""
    if _PLAIN_NO.fullmatch(words):
        return False
    return True if _PLAIN_YES.fullmatch(words) else None


def _choice(plain: str, fact: Fact) -> Value | None:
    if _ASKS.search(plain):
        return None
    named = [
        choice.id
        for choice in fact.choices
        if (name := folded(choice.name)) in plain and not _DENIED.search(plain.partition(name)[0])
    ]
    names = {choice.id: folded(choice.name) for choice in fact.choices}
    # 未达到 holds 达到: the longer name is meant.
    named = [
        key
        for key in named
        if not any(names[key] != names[o] and names[key] in names[o] for o in named)
    ]
    if len(named) == 1:
        return named[0]
    # 软件 names 软件和信息技术 where no other choice holds the word.
    if 2 <= len(plain) <= 6:
        holding = [choice.id for choice in fact.choices if plain in folded(choice.name)]
        if len(holding) == 1:
            return holding[0]
    match = _ORDINAL.match(plain)
    number = parse_number(match[1]) if match else None
    if number and 1 <= number <= len(fact.choices):
        return fact.choices[int(number) - 1].id
    # 都没有 is the choice that says so.
    if _NOTHING.fullmatch(plain):
        return none_of(fact, others=plain.startswith("都不"))
    return None


def none_of(fact: Fact, *, others: bool = False) -> str | None:
    """The one choice of a fact that says that none of the others holds.

    Args:
        fact: what was asked for.
        others: whether 其他 says so too.
    """
    words = "没有|都不|不是|未|无" + ("|其他" if others else "")
    none = [choice.id for choice in fact.choices if re.search(words, choice.name)]
    return none[0] if len(none) == 1 else None


def _number(
    said: str, plain: str, fact: Fact, today: date, told: Value | None
) -> Value | Answer | None:
    said = _NOT_QUITE.sub(r"不到\1\2", said)
    # Seven or eight people are few either way; 二三十人 may be on both sides of a line.
    few = fact.id == "staff" and _FEW.search(said)
    if _roughly(said, fact) and not few:
        return None
    if _FALLS.search(said) and re.search("增|提升|利润", fact.name):
        return None
    miles = _MILES.search(said) if fact.unit == "公里" else None
    if miles is not None:
        number = parse_number(miles[1])
        return None if number is None else _checked(fact, Decimal(number) / 2)
    if told is not None:
        return told
    if _ASKS.search(plain):
        return None
    if fact.unit == "年" and fact.least is not None and fact.least > 1000:
        years = {year for _, _, year in years_in(said, today)}
        return _checked(fact, Decimal(years.pop())) if len(years) == 1 else None
    none = _NONE.match(plain)
    if none is not None and (none[1] is None or none[1] in folded(fact.question)):
        return _checked(fact, Decimal(0))
    bare = _BARE.match(plain)
    if bare is not None:
        return _bare(Decimal(bare[1]), fact)
    values = {v for v in (fitting(number, fact) for number in numbers_in(said)) if v is not None}
    # 三千二 may well be 三千二百万 where sums are always large; of a rent it is so many 元.
    least = _YUAN if fact.large else _PLAINLY
    small = fact.type == "money" and len(values) == 1 and 0 < min(values) < least
    if small and not _MONEY_UNIT.search(said):
        return Answer("unit", min(values))
    return _checked(fact, values.pop()) if len(values) == 1 else None


def _roughly(said: str, fact: Fact) -> bool:
    """Whether the number that is meant is only about so much (二三十万; not 三千，店里五六个人)."""
    rough = [match.span() for match in _ROUGH.finditer(said)]
    meant = [n for n in numbers_in(said) if fitting(n, fact) is not None]
    if not rough or fact.type != "money" or not meant:
        return bool(rough)
    return any(start <= n.end + 1 and n.start - 1 <= end for start, end in rough for n in meant)


def _bare(number: Decimal, fact: Fact) -> Value | Answer | None:
    """A number alone; of a small sum the unit is asked for."""
    if fact.type == "money":
        return _checked(fact, number) if number >= _YUAN or not number else Answer("unit", number)
    if fact.type == "ratio":
        return _checked(fact, number if number < 1 else number / 100)
    return _checked(fact, number)


def _checked(fact: Fact, number: Decimal) -> Value | None:
    try:
        if fact.type == "integer":
            return fact.value(int(number)) if number == number.to_integral_value() else None
        return fact.value(number)
    except FactError:
        return None
