"""A source text as lines: what is blank, what the page printed, what is prose.

The sources are the text layer of PDF files. Every printed line is a line, mostly
with an empty line after it; page numbers and running headers fall between the
lines of a clause, at times with one character a line. A form feed or a blank at
the start of a line marks a new page and is no more than a blank.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from bot.errors import KnowledgeError

__all__ = [
    "Furniture",
    "Line",
    "bare",
    "cut_lines",
    "is_blank",
    "split_lines",
    "take_furniture",
    "take_strays",
]

# U+FEFF and U+200B are invisible, but Python does not count them as space.
_INVISIBLE = frozenset("\ufeff\u200b")
_LONE_NUMBER = re.compile(r"\d{1,4}")
_DASHED_NUMBER = re.compile(r"[-－—–]\s*(\d{1,4})\s*[-－—–]")
# A page number stands off from the prose by at least this many empty lines.
_GAP = 2


@dataclass(frozen=True)
class Line:
    """A line that is not blank.

    Attributes:
        number: its place in the file, from 1.
        text: what is printed, without blanks at either end.
        gap: empty lines directly before it.
    """

    number: int
    text: str
    gap: int


@dataclass(frozen=True)
class Furniture:
    """What the page printed between the prose: a page number or a running header.

    Attributes:
        first, last: its lines, from 1.
        text: its characters without blanks.
    """

    first: int
    last: int
    text: str


def is_blank(character: str) -> bool:
    """Whether a character prints nothing: space, tab, form feed, ideographic space …"""
    return character.isspace() or character in _INVISIBLE


def bare(text: str) -> str:
    """A text without any blank."""
    return "".join(character for character in text if not is_blank(character))


def split_lines(source: str) -> list[Line]:
    """The lines of a source that print something.

    Only a line feed ends a line: ``str.splitlines`` would also break at form feeds
    and give other line numbers than an editor shows.
    """
    found: list[Line] = []
    gap = 0
    for number, raw in enumerate(source.split("\n"), start=1):
        if not bare(raw):
            gap += 1
            continue
        start = next(i for i, character in enumerate(raw) if not is_blank(character))
        end = next(i for i in range(len(raw), 0, -1) if not is_blank(raw[i - 1]))
        found.append(Line(number, raw[start:end], gap))
        gap = 0
    return found


def take_strays(
    lines: Sequence[Line], strays: Mapping[int, str], file: str
) -> tuple[list[Line], list[Furniture]]:
    """Take out words of another text that the layout has pasted into a line.

    Raises:
        KnowledgeError: a line does not hold the words declared for it.
    """
    missing = dict(strays)
    kept: list[Line] = []
    taken: list[Furniture] = []
    for line in lines:
        words = strays.get(line.number)
        if words is None or words not in line.text:
            kept.append(line)
            continue
        missing.pop(line.number)
        if rest := line.text.replace(words, "", 1).strip():
            kept.append(replace(line, text=rest))
        taken.append(Furniture(line.number, line.number, bare(words)))
    if missing:
        raise KnowledgeError([f"{file}:{n}: 没有登记的错排文字“{w}”" for n, w in missing.items()])
    return kept, taken


def cut_lines(lines: Sequence[Line], cuts: Mapping[int, str], file: str) -> list[Line]:
    """Cut lines in whose middle something else begins, before the declared words.

    Raises:
        KnowledgeError: a line does not hold the words declared for it.
    """
    missing = dict(cuts)
    parts: list[Line] = []
    for line in lines:
        at = line.text.find(cuts[line.number]) if line.number in cuts else -1
        if at < 0:
            parts.append(line)
            continue
        missing.pop(line.number)
        parts += [replace(line, text=line.text[:at]), Line(line.number, line.text[at:], 0)]
    if missing:
        raise KnowledgeError([f"{file}:{n}: 没有登记的断开处“{w}”" for n, w in missing.items()])
    return parts


def take_furniture(
    lines: Sequence[Line], running_headers: frozenset[str], file: str
) -> tuple[list[Line], list[Furniture]]:
    """Part the prose from page numbers and running headers.

    A page number is ``- 1 -``, a number alone on a line that stands off by two empty
    lines or more, or such a number with one character a line. Page numbers ascend. A
    running header is one of those declared, on one line or one character a line.

    Args:
        lines: the lines of the source.
        running_headers: the headers the recipe declares, without blanks.
        file: the source's name, for messages.

    Returns:
        the lines of prose, and the furniture, both in order.

    Raises:
        KnowledgeError: a lone number that may be prose, a column of characters that
            is no declared header, or a page number out of order; with file and line.
    """
    prose: list[Line] = []
    furniture: list[Furniture] = []
    faults: list[str] = []
    page = 0
    for group in _columns(lines):
        first, last = group[0], group[-1]
        text = bare("".join(line.text for line in group))
        number = _page_number(group, text)
        if text in running_headers:
            furniture.append(Furniture(first.number, last.number, text))
        elif number is None:
            if len(group) > 1:
                faults.append(f"{file}:{first.number}: 一字一行的“{text}”不是已登记的页眉或页码")
            elif _LONE_NUMBER.fullmatch(text):
                faults.append(f"{file}:{first.number}: 单独成行的“{text}”无法判断是页码还是正文")
            prose.extend(group)
        else:
            if number <= page:
                faults.append(f"{file}:{first.number}: 页码 {number} 没有大于前一个页码 {page}")
            page = number
            furniture.append(Furniture(first.number, last.number, text))
    if faults:
        raise KnowledgeError(faults)
    return prose, furniture


def _columns(lines: Sequence[Line]) -> Iterator[list[Line]]:
    """Neighbouring lines of one character each as one group; any other line alone."""
    column: list[Line] = []
    for line in lines:
        if len(line.text) == 1:
            # The number of a page may follow the header's column at a distance.
            if column and (line.gap >= _GAP or line.text.isdigit() != column[-1].text.isdigit()):
                yield column
                column = []
            column.append(line)
            continue
        if column:
            yield column
            column = []
        yield [line]
    if column:
        yield column


def _page_number(group: Sequence[Line], text: str) -> int | None:
    if len(group) == 1 and (dashed := _DASHED_NUMBER.fullmatch(group[0].text)):
        return int(dashed[1])
    if not _LONE_NUMBER.fullmatch(text):
        return None
    stands_off = len(group) > 1 or group[0].gap >= _GAP
    return int(text) if stands_off else None
