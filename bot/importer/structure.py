"""Prose into front, headings, clauses and closing; numbering and counts checked."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from bot.errors import KnowledgeError
from bot.importer.joining import join
from bot.importer.lines import Line, bare
from bot.importer.recipes import LEVELS, Book, Source

__all__ = ["DOC_NO", "Block", "read_blocks"]

# What may stand between a clause's number and its text: a full stop, also full-width.
_LABEL = re.compile(r"(?P<label>(?P<number>\d{1,4})\s*[.．])\s*(?P<rest>.*)")
_ENDS = tuple("。）)；;号")
_DIGITS = "零一二三四五六七八九"

# 文号 without blanks, in any of the bracket styles of the sources.
DOC_NO = (
    r"晋[\u4e00-\u9fff]{1,11}[〔\[（(]20\d+[〕\]）)]\d+号"
    r"|国家税务总局[\u4e00-\u9fff]+公告20\d\d年第\d+号"
)
_DOC_NO = re.compile(DOC_NO)


@dataclass
class Block:
    """A run of lines that belong together.

    Attributes:
        kind: ``front``, ``heading``, ``prose`` (a paragraph that is no clause),
            ``clause``, ``doc_no`` (the 文号 under a point), ``row`` or ``closing``.
        book: the book it stands in.
        first, last: its lines in the source, from 1.
        pieces: its printed lines; of a clause and a row without the label.
        number: of a clause or row, its number; None otherwise.
        label: of a clause or row, the label as printed, without blanks: ``8.``.
        headings: of a clause, the headings it stands under, by level.
        doc_no: of a point, the 文号 printed under it; None where there is none.
    """

    kind: str
    book: Book
    first: int
    last: int
    pieces: list[str]
    number: int | None = None
    label: str = ""
    headings: dict[str, str] = field(default_factory=dict)
    doc_no: str | None = None

    @property
    def text(self) -> str:
        """The block as one line."""
        return join(self.pieces)

    def append(self, line: Line) -> None:
        """Take in the next line."""
        self.pieces.append(line.text)
        self.last = line.number


def read_blocks(lines: Sequence[Line], source: Source, file: str) -> list[Block]:
    """All blocks of a source in order; every line belongs to exactly one.

    Args:
        lines: the prose, without furniture.
        source: what is particular to the source.
        file: the source's name, for messages.

    Raises:
        KnowledgeError: a book does not begin, a block of a front is missing, a heading
            is out of order or followed by neither heading nor clause, a numbering is
            not continuous, or a count is wrong; each fault with file and line.
    """
    blocks: list[Block] = []
    faults: list[str] = []
    openings = [book.opens for book in source.books]
    reader: _Reader | None = None
    at = 0
    for line in lines:
        if at < len(openings) and bare(line.text) == openings[at]:
            if reader is not None:
                reader.finish()
            reader = _Reader(source.books[at], file, blocks, faults)
            reader.open(line)
            at += 1
        elif reader is None:
            faults.append(f"{file}:{line.number}: 首行与登记的文前内容不符")
            break
        else:
            reader.take(line)
    if reader is not None:
        reader.finish()
    last = lines[-1].number if lines else 1
    faults += [f"{file}:{last}: 没有找到以“{opens}”开头的部分" for opens in openings[at:]]
    if faults:
        raise KnowledgeError(faults)
    return blocks


@dataclass
class _Claim:
    """A number of clauses that a heading promises, and those found so far."""

    level: str
    heading: str
    line: int
    promised: int
    found: int = 0


class _Reader:
    """Reads one book."""

    def __init__(self, book: Book, file: str, blocks: list[Block], faults: list[str]) -> None:
        self.book, self.file, self.blocks, self.faults = book, file, blocks, faults
        self.patterns = {level: re.compile(text) for level, text in book.headings.items()}
        self.front_seen = 0
        self.numbered = 0
        self.headings: dict[str, str] = {}
        self.ordinals: dict[str, int] = {}
        self.claims: list[_Claim] = []
        self.line = 1

    @property
    def current(self) -> Block:
        return self.blocks[-1]

    def open(self, line: Line) -> None:
        self._add("heading" if self.book.holds == "points" else "front", line, line.text)

    def take(self, line: Line) -> None:
        self.line = line.number
        if self.book.holds == "nothing" or self.current.kind == "closing":
            self._plain(line)
        elif heading := self._heading_of(line):
            self._heading(line, *heading)
        elif label := self._label_of(line):
            self._numbered(line, label)
        elif self._opens_closing(line):
            self._add("closing", line, line.text)
        elif self._is_doc_no(line):
            self.current.doc_no = bare(line.text)
            self._add("doc_no", line, line.text)
        elif self.current.kind == "front":
            self._front(line)
        elif self.current.kind == "heading":
            self._below_heading(line)
        elif self.current.kind == "doc_no":
            self._fault(line.number, f"文号“{self.current.text}”之后应为下一条或标题")
        else:
            self.current.append(line)

    def finish(self) -> None:
        self._leave_front(self.line)
        self._close_claims(0)
        if self.current.kind == "heading":
            self._fault(self.current.first, f"标题“{self.current.text}”之下没有条文")
        if self.book.closing is not None and self.current.kind != "closing":
            self._fault(self.line, f"没有找到以“{self.book.closing}”开头的结尾")
        if self.book.count is not None and self.numbered != self.book.count:
            self._fault(
                self.line, f"“{self.book.opens}”应有 {self.book.count} 条，实为 {self.numbered} 条"
            )

    def _add(self, kind: str, line: Line, text: str) -> Block:
        block = Block(kind, self.book, line.number, line.number, [text])
        self.blocks.append(block)
        return block

    def _plain(self, line: Line) -> None:
        """A preface or what follows the last clause: a paragraph ends with its full stop."""
        if self.current.pieces[-1].endswith(("。", "：")) and self.book.holds == "nothing":
            self._add("front", line, line.text)
        else:
            self.current.append(line)

    def _front(self, line: Line) -> None:
        expected = self.book.front[self.front_seen : self.front_seen + 1]
        if expected and bare(line.text).startswith(expected[0]):
            self.front_seen += 1
            self._add("front", line, line.text)
        else:
            self.current.append(line)

    def _leave_front(self, line: int) -> None:
        for missing in self.book.front[self.front_seen :]:
            self._fault(line, f"在此之前没有找到以“{missing}”开头的文前内容")
        self.front_seen = len(self.book.front)

    def _heading_of(self, line: Line) -> tuple[str, re.Match[str]] | None:
        text = bare(line.text)
        if self.current.kind == "clause" and not self._closed():
            return None
        for level in LEVELS:
            pattern = self.patterns.get(level)
            if pattern is not None and (match := pattern.fullmatch(text)):
                return level, match
        return None

    def _closed(self) -> bool:
        """Whether the clause before ends as a clause does."""
        return self.current.doc_no is not None or self.current.pieces[-1].endswith(_ENDS)

    def _heading(self, line: Line, level: str, match: re.Match[str]) -> None:
        self._leave_front(line.number)
        depth = LEVELS.index(level)
        self._close_claims(depth)
        for inner in LEVELS[depth:]:
            self.headings.pop(inner, None)
        groups = match.groupdict()
        if "running" not in groups:
            for inner in LEVELS[depth + 1 :]:
                if "running" not in self.patterns.get(inner, _LABEL).groupindex:
                    self.ordinals.pop(inner, None)
        ordinal = groups.get("ordinal") or groups.get("running")
        if ordinal:
            found, expected = _ordinal(ordinal), self.ordinals.get(level, 0) + 1
            if found != expected:
                self._fault(line.number, f"标题序号应为第 {expected}，实为“{ordinal}”")
            self.ordinals[level] = found
        block = self._add("heading", line, line.text)
        self.headings[level] = block.text
        if groups.get("count"):
            self.claims.append(_Claim(level, block.text, line.number, int(groups["count"])))

    def _below_heading(self, line: Line) -> None:
        if self.book.holds == "sections":
            self._count(self.ordinals["section"])
            self._clause(line, line.text, "")
        elif bare(line.text).startswith(self.book.prose or ("\0",)):
            self._add("prose", line, line.text)
        else:
            self._fault(line.number, f"标题“{self.current.text}”之后应为条文或下一级标题")

    def _label_of(self, line: Line) -> re.Match[str] | None:
        """The label at the start of a line, or None.

        A number and a full stop before a digit is a decimal (``1.6升``), unless it is
        the very number that is due and the clause before has ended (``27.400万元``).
        """
        if self.book.holds == "sections" or not (label := _LABEL.fullmatch(line.text)):
            return None
        if not label["rest"][:1].isdigit():
            return label
        due = int(label["number"]) == self._printed(self.numbered + 1)
        return label if due and (self.current.kind != "clause" or self._closed()) else None

    def _printed(self, number: int) -> int:
        return self.book.misnumbered.get(number, number)

    def _numbered(self, line: Line, label: re.Match[str]) -> None:
        self._leave_front(line.number)
        due = self.numbered + 1
        if int(label["number"]) != self._printed(due):
            self._fault(
                line.number, f"条文编号应为 {self._printed(due)}，实为 {int(label['number'])}"
            )
        self._count(due)
        if self.book.holds == "rows":
            block = self._add("row", line, label["rest"])
            block.number, block.label = due, bare(label["label"])
        else:
            self._clause(line, label["rest"], bare(label["label"]))

    def _count(self, number: int) -> None:
        self.numbered = number
        for claim in self.claims:
            claim.found += 1

    def _clause(self, line: Line, text: str, label: str) -> None:
        block = self._add("clause", line, text)
        block.number, block.label, block.headings = self.numbered, label, dict(self.headings)

    def _opens_closing(self, line: Line) -> bool:
        closing = self.book.closing
        return closing is not None and self.numbered > 0 and bare(line.text).startswith(closing)

    def _is_doc_no(self, line: Line) -> bool:
        return (
            self.book.holds == "points"
            and self.current.kind == "clause"
            and _DOC_NO.fullmatch(bare(line.text)) is not None
        )

    def _close_claims(self, depth: int) -> None:
        for claim in [c for c in self.claims if LEVELS.index(c.level) >= depth]:
            self.claims.remove(claim)
            if claim.found != claim.promised:
                self._fault(
                    claim.line,
                    f"标题“{claim.heading}”称有 {claim.promised} 条，实为 {claim.found} 条",
                )

    def _fault(self, line: int, message: str) -> None:
        self.faults.append(f"{self.file}:{line}: {message}")


def _ordinal(text: str) -> int:
    """一 to 九十九 as a number; 0 where the text is no such numeral."""
    if not re.fullmatch(r"[一二三四五六七八九]?十?[一二三四五六七八九]?", text) or not text:
        return 0
    tens, ten, ones = text.rpartition("十")
    if not ten:
        return _DIGITS.index(text) if len(text) == 1 else 0
    return (_DIGITS.index(tens) if tens else 1) * 10 + (_DIGITS.index(ones) if ones else 0)
