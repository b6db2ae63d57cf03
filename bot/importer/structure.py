"""Prose into front, headings, clauses and closing; numbering and counts checked."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from bot.errors import KnowledgeError
from bot.importer.joining import join
from bot.importer.lines import Line, bare
from bot.importer.recipes import LEVELS, Recipe

__all__ = ["LABEL_MARKS", "Block", "read_blocks"]

# What may stand between a clause's number and its text.
LABEL_MARKS = ".．"
# A decimal at the start of a line (1.6升) is no label.
_LABEL = re.compile(rf"(?P<number>\d{{1,4}})\s*[{LABEL_MARKS}](?!\d)\s*(?P<rest>.*)")
_DIGITS = "零一二三四五六七八九"


@dataclass
class Block:
    """A run of lines that belong together.

    Attributes:
        kind: ``front``, ``heading``, ``clause`` or ``closing``.
        first, last: its lines in the source, from 1.
        pieces: its printed lines; of a clause without the number label.
        number: of a clause, its number; None otherwise.
        headings: of a clause, the headings it stands under, by level.
    """

    kind: str
    first: int
    last: int
    pieces: list[str]
    number: int | None = None
    headings: dict[str, str] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """The block as one line."""
        return join(self.pieces)

    def append(self, line: Line) -> None:
        """Take in the next line."""
        self.pieces.append(line.text)
        self.last = line.number


@dataclass
class _Claim:
    """A number of clauses that a heading promises, and those found so far."""

    level: str
    heading: str
    line: int
    promised: int
    found: int = 0


def read_blocks(lines: Sequence[Line], recipe: Recipe, file: str) -> list[Block]:
    """All blocks of a source in order; every line belongs to exactly one.

    Args:
        lines: the prose, without furniture.
        recipe: what is particular to the source.
        file: the source's name, for messages.

    Raises:
        KnowledgeError: a block of the front is missing, a heading is out of order or
            followed by neither heading nor clause, the numbering of the clauses is
            not continuous, there is no clause, or a heading's count is wrong; each
            fault with file and line.
    """
    reader = _Reader(recipe, file)
    for line in lines:
        reader.take(line)
    reader.finish()
    if reader.faults:
        raise KnowledgeError(reader.faults)
    return reader.blocks


class _Reader:
    def __init__(self, recipe: Recipe, file: str) -> None:
        self.recipe, self.file = recipe, file
        self.patterns = {level: re.compile(text) for level, text in recipe.headings.items()}
        self.blocks: list[Block] = []
        self.faults: list[str] = []
        self.front_seen = 0
        self.clauses = 0
        self.headings: dict[str, str] = {}
        self.ordinals: dict[str, int] = {}
        self.claims: list[_Claim] = []

    def take(self, line: Line) -> None:
        current = self.blocks[-1] if self.blocks else None
        if current is not None and current.kind == "closing":
            current.append(line)
        elif heading := self._heading_of(line):
            self._heading(line, *heading)
        elif label := _LABEL.fullmatch(line.text):
            self._clause(line, int(label["number"]), label["rest"])
        elif self._opens_closing(line):
            self.blocks.append(Block("closing", line.number, line.number, [line.text]))
        elif current is None or current.kind == "front":
            self._front(line, current)
        elif current.kind == "heading":
            self._fault(line.number, f"标题“{current.text}”之后应为条文或下一级标题")
        else:
            current.append(line)

    def finish(self) -> None:
        if not self.clauses:
            self._fault(1, "没有找到任何条文")
        self._close_claims(0)
        if self.blocks and self.blocks[-1].kind == "heading":
            self._fault(self.blocks[-1].first, f"标题“{self.blocks[-1].text}”之下没有条文")
        closed = any(block.kind == "closing" for block in self.blocks)
        if self.recipe.closing is not None and not closed:
            self._fault(1, f"没有找到以“{self.recipe.closing}”开头的结尾")

    def _front(self, line: Line, current: Block | None) -> None:
        expected = self.recipe.front[self.front_seen : self.front_seen + 1]
        if expected and bare(line.text).startswith(expected[0]):
            self.front_seen += 1
            self.blocks.append(Block("front", line.number, line.number, [line.text]))
        elif current is None:
            self._fault(line.number, "首行与登记的文前内容不符")
            self.blocks.append(Block("front", line.number, line.number, [line.text]))
        else:
            current.append(line)

    def _leave_front(self, line: Line) -> None:
        for missing in self.recipe.front[self.front_seen :]:
            self._fault(line.number, f"在此之前没有找到以“{missing}”开头的文前内容")
        self.front_seen = len(self.recipe.front)

    def _heading_of(self, line: Line) -> tuple[str, re.Match[str]] | None:
        text = bare(line.text)
        for level in LEVELS:
            pattern = self.patterns.get(level)
            if pattern is not None and (match := pattern.fullmatch(text)):
                return level, match
        return None

    def _heading(self, line: Line, level: str, match: re.Match[str]) -> None:
        self._leave_front(line)
        depth = LEVELS.index(level)
        self._close_claims(depth)
        for inner in LEVELS[depth:]:
            self.headings.pop(inner, None)
        for inner in LEVELS[depth + 1 :]:
            self.ordinals.pop(inner, None)
        groups = match.groupdict()
        if groups.get("ordinal"):
            found, expected = _ordinal(groups["ordinal"]), self.ordinals.get(level, 0) + 1
            if found != expected:
                self._fault(line.number, f"标题序号应为第 {expected}，实为“{groups['ordinal']}”")
            self.ordinals[level] = found
        block = Block("heading", line.number, line.number, [line.text])
        self.blocks.append(block)
        self.headings[level] = block.text
        if groups.get("count"):
            self.claims.append(_Claim(level, block.text, line.number, int(groups["count"])))

    def _clause(self, line: Line, number: int, rest: str) -> None:
        self._leave_front(line)
        expected = self.clauses + 1
        if number != expected:
            self._fault(line.number, f"条文编号应为 {expected}，实为 {number}")
        self.clauses = number
        for claim in self.claims:
            claim.found += 1
        self.blocks.append(
            Block("clause", line.number, line.number, [rest], number, dict(self.headings))
        )

    def _opens_closing(self, line: Line) -> bool:
        closing = self.recipe.closing
        return closing is not None and self.clauses > 0 and bare(line.text).startswith(closing)

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
