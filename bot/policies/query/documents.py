"""Document numbers (文号) as the sources print them and as people type them."""

from __future__ import annotations

import re
from dataclasses import dataclass

__all__ = ["DOCUMENT_NUMBER", "DocumentNumber", "parse_document_number"]

# Heads of issuing bodies: 晋… is the province's, the others are national ministries'.
# A closed list, so that a word before the number ("根据晋政发…") is no part of it.
# Their heads end in the kind of paper: 人社厅发, not 人社的条子.
_KIND = "发函规字文办令通综"
_NATIONAL = "国|财|税总|发改|工信|人社|银|商|科"
_HEAD = rf"(?:晋(?:(?!晋)[\u4e00-\u9fff]){{1,7}}?|(?:{_NATIONAL})[\u4e00-\u9fff]{{0,4}}?[{_KIND}])"
_OPEN, _CLOSE = r"[〔\[【(<{（［]", r"[〕\]】)>}）］]"
DOCUMENT_NUMBER = re.compile(
    rf"(?P<head>{_HEAD})?\s*"
    rf"(?:{_OPEN}\s*(?P<year>(?:19|20)\d\d)\s*年?\s*{_CLOSE}|(?P<year2>(?:19|20)\d\d)(?P<said>年|\s)?\s*(?:第|的)?"
    r"|(?<!\d)(?P<year3>2\d)年\s*(?:第|的)?)?\s*"
    r"(?P<number>\d{1,4})\s*号(?P<paper>文件?)?"
)


@dataclass(frozen=True)
class DocumentNumber:
    """A 文号, perhaps incomplete: ``None`` stands for what the person did not say."""

    head: str | None
    year: int | None
    number: int

    @property
    def canonical(self) -> str:
        """Full-width brackets, no spaces; ``*`` for an unknown part."""
        return f"{self.head or '*'}〔{self.year or '*'}〕{self.number}号"

    @property
    def complete(self) -> bool:
        """Whether head, year and number are all known."""
        return self.head is not None and self.year is not None

    def matches(self, doc_no: str) -> bool:
        """Whether a document's complete number agrees with every part that is known."""
        other = parse_document_number(doc_no)
        return (
            other is not None
            and other.number == self.number
            and self.year in (None, other.year)
            and self.head in (None, other.head)
        )


def from_match(match: re.Match[str]) -> DocumentNumber | None:
    """The number that a match of :data:`DOCUMENT_NUMBER` stands for.

    A bare ``5号`` is no document number (a date, a road, a door): it needs a
    head, a year (文旅2023年20号, 22年39号) or the word 文.
    """
    year = match["year"] or match["year2"] or (match["year3"] and f"20{match['year3']}")
    dated = match["year"] or match["said"] or match["year3"]
    if not (match["head"] or dated or match["paper"]):
        return None
    return DocumentNumber(match["head"], int(year) if year else None, int(match["number"]))


def parse_document_number(text: str) -> DocumentNumber | None:
    """The first document number in a text, or None.

    >>> parse_document_number("晋政发[2022] 14 号").canonical
    '晋政发〔2022〕14号'
    """
    for match in DOCUMENT_NUMBER.finditer(text):
        number = from_match(match)
        if number is not None:
            return number
    return None
