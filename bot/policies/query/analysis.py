"""What a message names: document numbers, articles, dates, sums, counts, ratios, terms."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from bot.policies.query.documents import DOCUMENT_NUMBER, DocumentNumber, from_match
from bot.policies.query.lexicon import Lexicon
from bot.policies.query.numerals import NUMBER, parse_number
from bot.policies.query.text import normalise

__all__ = ["Analysis", "Span", "analyse"]

Value = str | int | float


@dataclass(frozen=True)
class Span:
    """One thing named in a text.

    Attributes:
        start, end: offsets into the text as given.
        kind: document_number, article, year, date, money (元), count, ratio (0.15 for 15 %)
            or term.
        value: canonical text or number; for a term its id.
        text: the words themselves.
    """

    start: int
    end: int
    kind: str
    value: Value
    text: str


@dataclass(frozen=True)
class Analysis:
    """A message, read.

    Attributes:
        text: as given.
        normalised: the same length, folded.
        spans: in order, not overlapping.
    """

    text: str
    normalised: str
    spans: tuple[Span, ...]

    def values(self, kind: str) -> tuple[Value, ...]:
        """The values of all spans of one kind, in order, without repeats."""
        return tuple(dict.fromkeys(span.value for span in self.spans if span.kind == kind))

    @property
    def documents(self) -> tuple[DocumentNumber, ...]:
        """The document numbers named."""
        numbers = (
            from_match(match)
            for span in self.spans
            if span.kind == "document_number"
            and (match := DOCUMENT_NUMBER.match(normalise(span.text)))
        )
        return tuple(number for number in numbers if number is not None)

    def without(self, *kinds: str) -> str:
        """The normalised text with the spans of these kinds blanked out."""
        chars = list(self.normalised)
        for span in self.spans:
            if span.kind in kinds:
                chars[span.start : span.end] = " " * (span.end - span.start)
        return "".join(chars)


_YEAR = r"(?:20\d\d|[二2][零〇0][一二三1-3][零〇一二三四五六七八九\d])"
_DATE = re.compile(
    rf"({_YEAR})\s*(?:年|[-/.])\s*(\d{{1,2}}|[一二三四五六七八九十]{{1,2}})\s*(?:月份?|[-/.])"
    r"\s*(?:(\d{1,2}|[一二三四五六七八九十]{1,3})\s*[日号]?)?"
)
# A month, with a day or without, of a year that is not named.
_MONTH = re.compile(
    r"(?<![\d年个零一二三四五六七八九十])(1[0-2]|[1-9]|十[一二]?|[一二三四五六七八九])月(?!内)份?"
    r"(?:\s*(\d{1,2}|[一二三四五六七八九十]{1,3})\s*[日号])?"
)
_RELATIVE = re.compile(r"大前年|前年|去年|上一?年(?!度?末)|今年|本年|明年|后年")
_CALLED = {"上年": "去年", "上一年": "去年", "本年": "今年"}
_YEAR_ONLY = re.compile(
    rf"({_YEAR})\s*年?度?(?!\d)|(?<!\d)(2\d)\s*年(?!前|后|来|间|内|以)"
    r"|(?<![一二三四五六七八九十百千万])二([零一二三四五六])\s*年(?!前|后|来|间|内|以|多|的)"
)
_ARTICLE = re.compile(r"第\s*(\d{1,3}|[零〇一二三四五六七八九十百]{1,5})\s*(?:条|点|项|部分)")
# How people round: 三百来号人, 1300多万; the number said is the value.
_AROUND = r"(?:多|来|几|余)?"
_FOREIGN = r"(?!\s*(?:美|欧|港|日元|刀|usd))"
_MONEY = re.compile(
    rf"({NUMBER})\s*{_AROUND}\s*(?:元|(?<!一)块|块钱|圆|rmb)"
    rf"|({NUMBER})\s*{_AROUND}\s*(个?[万亿])(?![多来几余\d一二两三四五六七八九]|{_AROUND}(?:公里|平|[户家人名个条项张吨只头件]))"
    rf"{_FOREIGN}"
    rf"|({NUMBER}[万亿])([一二三四五六七八九\d])(?![\d万千百十.]){_FOREIGN}"
    rf"|({NUMBER}[万亿]){_AROUND}(?![户家人名个条项张吨只头件平公一二两三四五六七八九\d]){_FOREIGN}"
)
_COUNT = re.compile(
    rf"({NUMBER}|[半俩仨])\s*{_AROUND}\s*(?:个|号)?\s*"
    r"(?:人|户|家|名|员工|职工|台|辆|套|间|张|吨|亩|头|只|件|单|场|条|部|期|座|项|班|位|遍|回|岁|天|"
    r"口子|礼拜|公里|千瓦|平米?|平方|米|个月|(?<=[两俩仨半])月|年(?!前|初|底|末|度))"
    rf"|({NUMBER})\s*{_AROUND}\s*(?:个(?![万亿千百点])|号(?=人|员))"
)
# One of something is mostly said loosely (一家公司, 一年多少).
_LOOSE = re.compile(r"^一\s*(?!个人|人|岁)")
_PERCENT = re.compile(rf"({NUMBER})\s*(%|‰|个点)|([百千])分之\s*({NUMBER})")
_TENTHS = re.compile(
    r"([一二两三四五六七八九\d](?:\.\d)?)\s*成([半一二三四五六七八九\d])?(?![立功果本为交都])"
)
_HALF = re.compile(r"一半")


def analyse(text: str, lexicon: Lexicon) -> Analysis:
    """Read a message.

    Where two readings overlap the more specific kind wins: a document number
    before a year, a date before a year, a sum before a count; terms are only
    looked for in what is left.
    """
    normalised = normalise(text)
    taken = [False] * len(text)
    spans: list[Span] = []
    for kind, finder in _FINDERS:
        for start, end, value in finder(normalised):
            if not any(taken[start:end]):
                taken[start:end] = [True] * (end - start)
                spans.append(Span(start, end, kind, value, text[start:end]))
    for start, end, term in lexicon.find(normalised):
        if not any(taken[start:end]):
            spans.append(Span(start, end, "term", term, text[start:end]))
    return Analysis(text, normalised, tuple(sorted(spans, key=lambda span: span.start)))


Found = Iterator[tuple[int, int, Value]]


def _documents(text: str) -> Found:
    for match in DOCUMENT_NUMBER.finditer(text):
        number = from_match(match)
        if number is not None:
            yield match.start(), match.end(), number.canonical


def _articles(text: str) -> Found:
    for match in _ARTICLE.finditer(text):
        value = parse_number(match[1])
        if value is not None:
            yield match.start(), match.end(), int(value)


def _dates(text: str) -> Found:
    for match in _DATE.finditer(text):
        year, month = parse_number(match[1]), parse_number(match[2])
        day = parse_number(match[3]) if match[3] else None
        if year and month and 1 <= month <= 12 and (day is None or 1 <= day <= 31):
            value = f"{int(year):04d}-{int(month):02d}" + (f"-{int(day):02d}" if day else "")
            yield match.start(), match.end(), value
    for match in _MONTH.finditer(text):
        month, day = parse_number(match[1]), parse_number(match[2] or "零")
        if month and (not match[2] or (day and day <= 31)):
            value = f"{int(month):02d}" + (f"-{int(day):02d}" if day else "")
            yield match.start(), match.end(), value


def relative_years(text: str) -> Iterator[Span]:
    """Years told from the day of speaking (去年), by their word; which they are, the day tells."""
    for match in _RELATIVE.finditer(normalise(text)):
        value = _CALLED.get(match[0], match[0])
        yield Span(match.start(), match.end(), "year", value, text[match.start() : match.end()])


def _years(text: str) -> Found:
    for match in _YEAR_ONLY.finditer(text):
        value = 2000 + int(match[2] or 0) if not match[1] else parse_number(match[1])
        if match[3]:  # 二二年
            value = 2020 + (parse_number(match[3]) or 0)
        if value:
            yield match.start(), match.end(), int(value)


def _money(text: str) -> Found:
    for match in _MONEY.finditer(text):
        if match[4]:  # 1万2, 两万一
            unit = 10**4 if match[4][-1] == "万" else 10**8
            whole, rest = parse_number(match[4]), parse_number(match[5])
            value = None if whole is None or rest is None else whole + rest * unit / 10
        else:
            value = parse_number((match[1] or match[2] or match[6]) + (match[3] or ""))
        if value is not None:
            yield match.start(), match.end(), value


def _counts(text: str) -> Found:
    for match in _COUNT.finditer(text):
        said = match[1] or match[2]
        value = 0.5 if said == "半" else parse_number(said)
        if value is not None and not _LOOSE.match(match[0]):
            yield match.start(), match.end(), int(value) if value == int(value) else value


def _ratios(text: str) -> Found:
    for match in _PERCENT.finditer(text):
        value = parse_number(match[1] or match[4])
        if value is not None:
            thousandth = match[2] == "‰" or match[3] == "千"
            yield match.start(), match.end(), value / (1000 if thousandth else 100)
    for match in _TENTHS.finditer(text):
        value = parse_number(match[1])
        if value is not None:
            more = 5 if match[2] == "半" else parse_number(match[2] or "零")
            yield match.start(), match.end(), round((value + (more or 0) / 10) / 10, 4)
    for match in _HALF.finditer(text):
        yield match.start(), match.end(), 0.5


_FINDERS: tuple[tuple[str, Callable[[str], Found]], ...] = (
    ("document_number", _documents),
    ("article", _articles),
    ("date", _dates),
    ("year", _years),
    ("ratio", _ratios),
    ("money", _money),
    ("count", _counts),
)
