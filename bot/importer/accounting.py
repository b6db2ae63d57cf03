"""Proof that the knowledge base holds its sources: every character, once, in order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.importer.lines import bare

__all__ = ["account"]

_SHOWN = 20  # characters of a text that a message quotes


@dataclass(frozen=True)
class _Piece:
    name: str
    first: int
    last: int
    text: str


def account(
    source_text: str, layout: Mapping[str, Any], clauses: Mapping[str, Mapping[str, Any]]
) -> list[str]:
    """Compare a source with what was made from it.

    The clauses with their labels and all matter, one after the other as the layout
    lists them, must give every character of the source that is not blank, exactly
    once, on the lines they name. Furniture is taken out first, since it stands within
    clauses.

    Args:
        source_text: the whole source.
        layout: the source's layout: ``order`` and ``furniture``.
        clauses: all clauses by id; those of the source must all stand in the layout.

    Returns:
        the differences, a sentence each; empty where there is none.
    """
    lines = [bare(line) for line in source_text.split("\n")]
    differences = _furniture(lines, layout["furniture"])
    listed = [entry["clause"] for entry in layout["order"] if "clause" in entry]
    differences += [f"{one} 在排列中出现不止一次" for one in sorted(_repeated(listed))]
    differences += [
        f"{clause['id']} 没有列入排列"
        for clause in clauses.values()
        if clause["source"] == layout["source"] and clause["id"] not in {*listed}
    ]
    pieces: list[_Piece] = []
    for entry in layout["order"]:
        if "clause" not in entry:
            first, last = entry["lines"]
            pieces.append(_Piece(entry["kind"], first, last, bare(entry["text"])))
        elif (clause := clauses.get(entry["clause"])) is None:
            differences.append(f"没有条文 {entry['clause']}")
        else:
            text = entry["label"] + bare(clause["text"])
            first, last = clause["lines"]
            pieces.append(_Piece(entry["clause"], first, last, text))
    return differences + _Walk(lines).all(pieces)


def _repeated(items: Sequence[str]) -> set[str]:
    return {item for item, times in Counter(items).items() if times > 1}


def _furniture(lines: list[str], furniture: Sequence[Mapping[str, Any]]) -> list[str]:
    """Blank out the furniture's lines in place; what is wrong with it."""
    differences: list[str] = []
    for entry in furniture:
        first, last = entry["lines"]
        text = bare(entry["text"])
        if not 1 <= first <= last <= len(lines):
            differences.append(f"第 {first}—{last} 行：原文没有这些行")
            continue
        printed = "".join(lines[first - 1 : last])
        if entry["kind"] == "stray" and text in printed:
            lines[first - 1] = printed.replace(text, "", 1)
            continue
        if printed != text:
            differences.append(
                f"第 {first} 行：页面附文应为“{_short(printed)}”，实为“{_short(text)}”"
            )
        lines[first - 1 : last] = [""] * (last - first + 1)
    return differences


class _Walk:
    """One pass over the source's characters."""

    def __init__(self, lines: Sequence[str]) -> None:
        self.text = "".join(lines)
        self.line_of = [number for number, line in enumerate(lines, 1) for _ in line]
        self.at = 0
        self.differences: list[str] = []

    def all(self, pieces: Sequence[_Piece]) -> list[str]:
        for piece in pieces:
            self._skip_to(piece.first)
            self._compare(piece)
        self._skip_to(None)
        return self.differences

    def _skip_to(self, line: int | None) -> None:
        """Report what lies before a line (None: the end) and no piece has claimed."""
        start = self.at
        while self.at < len(self.text) and (line is None or self.line_of[self.at] < line):
            self.at += 1
        if self.at > start:
            self._differ(start, f"“{_short(self.text[start : self.at])}”没有计入任何条文或附文")

    def _compare(self, piece: _Piece) -> None:
        start, end = self.at, self.at + len(piece.text)
        printed = self.text[start:end]
        if printed != piece.text:
            offset = next(
                (
                    i
                    for i, pair in enumerate(zip(printed, piece.text, strict=False))
                    if len({*pair}) > 1
                ),
                min(len(printed), len(piece.text)),
            )
            self._differ(
                start + offset,
                f"{piece.name}：原文为“{_short(printed[offset:])}”，"
                f"文件为“{_short(piece.text[offset:])}”",
            )
            # Go on behind the lines the piece names, so that one fault is told once.
            while self.at < len(self.text) and self.line_of[self.at] <= piece.last:
                self.at += 1
            return
        self.at = end
        if end == start:
            return
        first, last = self.line_of[start], self.line_of[end - 1]
        if (first, last) != (piece.first, piece.last):
            self._differ(
                start,
                f"{piece.name}实在第 {first}—{last} 行，文件称第 {piece.first}—{piece.last} 行",
            )

    def _differ(self, at: int, message: str) -> None:
        line = self.line_of[at] if at < len(self.text) else (self.line_of or [0])[-1]
        self.differences.append(f"第 {line} 行：{message}")


def _short(text: str, length: int = _SHOWN) -> str:
    return text if len(text) <= length else f"{text[:length]}…"
