"""What is particular to each source: the only place that names a document.

Everything else in this package is the same for all sources. A new document needs
one more :class:`Recipe` here and its text in ``policies_kb/sources``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

__all__ = ["LEVELS", "RECIPES", "Recipe"]

# Headings from the outermost to the innermost; the names are keys of a clause.
LEVELS = ("part", "section", "subsection")


@dataclass(frozen=True)
class Recipe:
    """How one source is read.

    Attributes:
        source: the source's name, ``000`` for ``sources/000.txt``.
        document: the document's id.
        doc_no: 文号, full-width brackets, no blanks; empty where there is none.
        title, issuer: as the source names them; both must stand in its front.
        issued_on: ``YYYY-MM-DD``; the front must print it; None where it does not.
        scope: ``province``, a zone or a city.
        front: the opening words (without blanks) of each block before the first
            heading or clause, in order; a block ends where the next begins.
        headings: for each level the document has, a pattern of the whole heading
            line without blanks. A group ``ordinal`` (一, 二 …) is checked for
            continuity, a group ``count`` against the clauses found below.
        running_headers: headers repeated on the pages, without blanks.
        closing: the opening words of what follows the last clause; None where the
            source ends with it.
    """

    source: str
    document: str
    doc_no: str
    title: str
    issuer: str
    issued_on: str | None
    scope: str
    front: tuple[str, ...]
    headings: Mapping[str, str] = field(default_factory=dict)
    running_headers: frozenset[str] = frozenset()
    closing: str | None = None


RECIPES: tuple[Recipe, ...] = (
    Recipe(
        source="000",
        document="jzf-2022-14",
        doc_no="晋政发〔2022〕14号",
        # As the notice names it; the page above the clauses prints 措施的行动计划.
        title="山西省扎实推进稳住经济一揽子政策措施行动计划",
        issuer="山西省人民政府",
        issued_on="2022-06-01",
        scope="province",
        front=(
            "山西省人民政府",
            "关于印发",
            "(晋政发",
            "各市、县人民政府",
            "现将",
            "山西省人民政府",
            "2022年6月1日",
            "（此件有删减）",
            "山西省扎实推进",
            "为深入贯彻",
        ),
        headings={
            "section": r"(?P<ordinal>[一二三四五六七八九十]+)、.+（(?P<count>\d+)条）",
        },
    ),
)
