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
_YEAR_ONLY = re.compile(rf"({_YEAR})\s*年?度?(?!\d)|(?<!\d)(2\d)\s*年(?!前|后|来|间|内|以)")
_ARTICLE = re.compile(r"第\s*(\d{1,3}|[零〇一二三四五六七八九十百]{1,5})\s*(?:条|点|项|部分)")
_MONEY = re.compile(
    rf"({NUMBER})\s*(?:多|来|几)?\s*(?:元|块钱?|圆|rmb)|({NUMBER}[万亿])(?![户家人名个条项])"
)
_COUNT = re.compile(
    rf"({NUMBER})\s*(?:多|来|几)?\s*(?:个|号)?\s*(人|户|家|名|员工|职工|台|辆|套|间)"
)
_PERCENT = re.compile(rf"({NUMBER})\s*(%|‰)|百分之\s*({NUMBER})")
_TENTHS = re.compile(r"([一二两三四五六七八九\d](?:\.\d)?)\s*成(半)?(?![立功果本为交都])")


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


def _years(text: str) -> Found:
    for match in _YEAR_ONLY.finditer(text):
        value = parse_number(match[1]) if match[1] else 2000 + int(match[2])
        if value:
            yield match.start(), match.end(), int(value)


def _money(text: str) -> Found:
    for match in _MONEY.finditer(text):
        value = parse_number(match[1] or match[2])
        if value is not None:
            yield match.start(), match.end(), value


def _counts(text: str) -> Found:
    for match in _COUNT.finditer(text):
        value = parse_number(match[1])
        if value is not None:
            yield match.start(), match.end(), int(value)


def _ratios(text: str) -> Found:
    for match in _PERCENT.finditer(text):
        value = parse_number(match[1] or match[3])
        if value is not None:
            yield match.start(), match.end(), value / (1000 if match[2] == "‰" else 100)
    for match in _TENTHS.finditer(text):
        value = parse_number(match[1])
        if value is not None:
            yield match.start(), match.end(), (value + (0.5 if match[2] else 0)) / 10


_FINDERS: tuple[tuple[str, Callable[[str], Found]], ...] = (
    ("document_number", _documents),
    ("article", _articles),
    ("date", _dates),
    ("year", _years),
    ("ratio", _ratios),
    ("money", _money),
    ("count", _counts),
)
