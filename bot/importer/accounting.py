"""Proof that a document holds its source: every character, once, in order."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.importer.lines import bare
from bot.importer.structure import LABEL_MARKS

__all__ = ["account"]

_SHOWN = 20  # characters of a text that a message quotes
_LABEL = re.compile(rf"(\d+)[{LABEL_MARKS}]")


@dataclass(frozen=True)
class _Piece:
    name: str
    first: int
    last: int
    text: str
    number: int | None = None


def account(source_text: str, document: Mapping[str, Any]) -> list[str]:
    """Compare a document with the source it was made from.

    The clauses with their labels and all matter, laid out in the order of their lines,
    must give every character of the source that is not blank, exactly once, on the
    lines they name. Furniture is taken out first, since it stands within clauses.

    Args:
        source_text: the whole source.
        document: as made by :func:`bot.importer.import_source` or read from its YAML.

    Returns:
        the differences, a sentence each; empty where there is none.
    """
    lines = [bare(line) for line in source_text.split("\n")]
    differences = _furniture(lines, document)
    return differences + _Walk(lines).all(_pieces(document))


def _furniture(lines: list[str], document: Mapping[str, Any]) -> list[str]:
    """Blank out the furniture's lines in place; what is wrong with it."""
    differences: list[str] = []
    for entry in document["matter"]:
        if entry["kind"] != "furniture":
            continue
        first, last = entry["lines"]
        if not 1 <= first <= last <= len(lines):
            differences.append(f"第 {first}—{last} 行：原文没有这些行")
            continue
        printed = "".join(lines[first - 1 : last])
        if printed != bare(entry["text"]):
            differences.append(
                f"第 {first} 行：页面附文应为“{_short(printed)}”，实为“{_short(entry['text'])}”"
            )
        lines[first - 1 : last] = [""] * (last - first + 1)
    return differences


def _pieces(document: Mapping[str, Any]) -> list[_Piece]:
    pieces = [
        _Piece(entry["kind"], entry["lines"][0], entry["lines"][1], bare(entry["text"]))
        for entry in document["matter"]
        if entry["kind"] != "furniture"
    ]
    for clause in document["clauses"]:
        (first, last), number = clause["lines"], clause["number"]
        pieces.append(_Piece(f"第{number}条", first, last, bare(clause["text"]), number))
    return sorted(pieces, key=lambda piece: piece.first)


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
            printed_from = self.at
            self._label(piece)
            self._compare(piece, printed_from)
        self._skip_to(None)
        return self.differences

    def _skip_to(self, line: int | None) -> None:
        """Report what lies before a line (None: the end) and no piece has claimed."""
        start = self.at
        while self.at < len(self.text) and (line is None or self.line_of[self.at] < line):
            self.at += 1
        if self.at > start:
            self._differ(start, f"“{_short(self.text[start : self.at])}”没有计入任何条文或附文")

    def _label(self, piece: _Piece) -> None:
        if piece.number is None:
            return
        # int() also reads full-width digits, which some sources print.
        if (label := _LABEL.match(self.text, self.at)) and int(label[1]) == piece.number:
            self.at = label.end()
        else:
            found = _short(self.text[self.at :], 6)
            self._differ(self.at, f"{piece.name}之前应为其编号，原文为“{found}”")

    def _compare(self, piece: _Piece, printed_from: int) -> None:
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
        if end == printed_from:
            return
        first, last = self.line_of[printed_from], self.line_of[end - 1]
        if (first, last) != (piece.first, piece.last):
            self._differ(
                printed_from,
                f"{piece.name}实在第 {first}—{last} 行，文件称第 {piece.first}—{piece.last} 行",
            )

    def _differ(self, at: int, message: str) -> None:
        line = self.line_of[at] if at < len(self.text) else (self.line_of or [0])[-1]
        self.differences.append(f"第 {line} 行：{message}")


def _short(text: str, length: int = _SHOWN) -> str:
    return text if len(text) <= length else f"{text[:length]}…"
