"""What is particular to each source: the only place that names a document.

Everything else in this package is the same for all sources. A source is read as a
row of books: a document, a 篇 of the checklist, a preface or a table. A new source
needs one more :class:`Source` here and its text in ``policies_kb/sources``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

__all__ = ["LEVELS", "SOURCES", "Book", "Issue", "Source"]

# Headings from the outermost to the innermost; the names are keys of a clause.
LEVELS = ("part", "section", "subsection")

_ORDINAL = "(?P<ordinal>[一二三四五六七八九十]+)"
_SECTION = {"section": rf"{_ORDINAL}、[^。]+"}


@dataclass(frozen=True)
class Issue:
    """An issuing document as its own pages name it.

    Attributes:
        id: the document's id.
        doc_no: 文号, full-width brackets, no blanks.
        title, issuer: as printed; each is looked for in the book's front unless
            ``elsewhere`` names it.
        issued_on: ``YYYY-MM-DD``; the front must print it; None where it does not.
        elsewhere: what the front does not print (``issuer``), and is taken from the
            compilation's own preface.
    """

    id: str
    doc_no: str
    title: str
    issuer: str
    issued_on: str | None = None
    elsewhere: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Book:
    """A run of a source that is read in one way.

    Attributes:
        opens: its whole first line, without blanks.
        holds: what it is made of: ``clauses`` that carry a number (``8.``),
            ``sections`` without numbers of their own, each from a heading to the next,
            ``points`` that carry a number and may end with the 文号 they come from,
            ``rows`` of a table of documents (number, title, 文号), or ``nothing``.
        issue: the document that the clauses belong to; None for points and tables.
        mark: what stands before the number in an id, where a document is printed in
            several places: ``hb5``.
        part: of points, the 篇 they stand in.
        front: the opening words (without blanks) of each block before the first
            heading or clause, in order, after ``opens``.
        headings: for each level the book has, a pattern of the whole heading line
            without blanks. A group ``ordinal`` (一, 二 …) is checked for continuity, a
            group ``count`` against the clauses found below.
        headings_from: the mark of another copy of the document whose headings its
            clauses take, by number; this copy has lost them.
        prose: opening words of paragraphs that stand under a heading and are no clause.
        closing: opening words of what follows the last clause; None where there is none.
        misnumbered: numbers printed in error: true number → printed number.
        count: how many clauses, points or rows it holds; checked.
    """

    opens: str
    holds: Literal["clauses", "sections", "points", "rows", "nothing"]
    issue: Issue | None = None
    mark: str = ""
    part: str | None = None
    front: tuple[str, ...] = ()
    headings: Mapping[str, str] = field(default_factory=dict)
    headings_from: str | None = None
    prose: tuple[str, ...] = ()
    closing: str | None = None
    misnumbered: Mapping[int, int] = field(default_factory=dict)
    count: int | None = None


@dataclass(frozen=True)
class Source:
    """A text as received.

    Attributes:
        name: ``000`` for ``sources/000.txt``.
        books: in the order of the text.
        running_headers: headers repeated on the pages, without blanks.
        cuts: lines in whose middle something else begins: line number → the words.
        strays: words of another text that the page layout has pasted into a line:
            line number → the words.
    """

    name: str
    books: tuple[Book, ...]
    running_headers: frozenset[str] = frozenset()
    cuts: Mapping[int, str] = field(default_factory=dict)
    strays: Mapping[int, str] = field(default_factory=dict)


_STABILITY = Issue(
    id="jzf-2022-14",
    doc_no="晋政发〔2022〕14号",
    # As the notice names it; the page above the clauses prints 措施的行动计划.
    title="山西省扎实推进稳住经济一揽子政策措施行动计划",
    issuer="山西省人民政府",
    issued_on="2022-06-01",
)
_INDUSTRY = Issue(
    id="jzbf-2022-34",
    doc_no="晋政办发〔2022〕34号",
    title="山西省促进工业经济平稳增长行动方案",
    issuer="山西省人民政府办公厅",
    issued_on="2022-04-14",
)
_RECOVERY = Issue(
    id="jzbf-2023-56",
    doc_no="晋政办发〔2023〕56号",
    title="山西省全力稳增长推动经济持续回升向好的若干措施",
    issuer="山西省人民政府办公厅",
    issued_on="2023-09-15",
)


def _compiled(
    opens: str, doc: str, doc_no: str, issuer: str, preamble: str, count: int, **rest: object
) -> Book:
    """A document of the compilation: title, 文号, one paragraph, then its clauses."""
    options: dict[str, object] = {
        "holds": "clauses",
        "issue": Issue(doc, doc_no, opens, issuer, elsewhere=frozenset({"issuer"})),
        "front": (doc_no[:6], preamble),
        "headings": _SECTION,
        "count": count,
    }
    return Book(opens, **(options | rest))  # type: ignore[arg-type]


_PARTY_AND_PROVINCE = "中共山西省委、山西省人民政府"
_OFFICE = "山西省人民政府办公厅"

_COMPILATION = (
    Book("山西省商务厅", "nothing"),
    _compiled(
        "关于实施市场主体倍增工程的意见",
        "jf-2021-67",
        "晋发〔2021〕67号",
        _PARTY_AND_PROVINCE,
        "为深入贯彻",
        48,
    ),
    _compiled(
        "关于强化市场主体倍增要素服务保障的若干措施（试行）",
        "jzbf-2022-7",
        "晋政办发〔2022〕7号",
        _OFFICE,
        "为提升",
        78,
    ),
    _compiled(
        "山西省促进服务业领域困难行业恢复发展的若干措施",
        "jzbf-2022-33",
        "晋政办发〔2022〕33号",
        _OFFICE,
        "为认真",
        61,
    ),
    _compiled(
        "山西省推进服务业提质增效2022年行动计划",
        "jzbf-2022-35",
        "晋政办发〔2022〕35号",
        _OFFICE,
        "为深入",
        66,
        # Subsections run on over the sections: （八）is the first of 四.
        headings={
            **_SECTION,
            "subsection": r"[（(](?P<running>[一二三四五六七八九十]+)[）)][^。]{3,30}",
        },
        prose=("以习近平",),
        misnumbered={14: 15},
    ),
    _compiled(
        "加大纾困帮扶力度支持中小企业平稳健康发展若干措施",
        "jzbf-2022-30",
        "晋政办发〔2022〕30号",
        _OFFICE,
        "为深入",
        35,
    ),
    Book(
        "山西省促进工业经济平稳增长行动方案",
        "clauses",
        issue=_INDUSTRY,
        mark="hb",
        front=("晋政办发", "工业是"),
        headings=_SECTION,
        closing="各有关部门要把",
        count=70,
    ),
    _compiled(
        "关于进一步做好重点领域利用外资工作的实施意见",
        "jzf-2021-26",
        "晋政发〔2021〕26号",
        "山西省人民政府",
        "为贯彻",
        10,
        holds="sections",
        closing="各市、各部门要围绕",
    ),
    _compiled(
        "支持商务领域市场主体倍增实施方案",
        "jsz-2022-56",
        "晋商综〔2022〕56号",
        "山西省商务厅",
        "为深入",
        25,
    ),
    _compiled(
        "关于支持个体工商户倍增质升的若干措施",
        "jsjf-2022-33",
        "晋市监发〔2022〕33号",
        "山西省市场监督管理局",
        "为深入",
        24,
        closing="省直各有关部门、各市",
    ),
)


def _points(part: str, mark: str, count: int) -> Book:
    return Book(
        f"惠企政策点清单（{part}）",
        "points",
        part=part,
        mark=mark,
        headings={
            "section": rf"{_ORDINAL}、[^，。；]{{2,12}}",
            "subsection": r"（(?P<ordinal>[一二三])）市场(?:准入|优化|退出)",
        },
        count=count,
    )


_CHECKLIST = (
    Book("前言", "nothing"),
    _points("市场建设篇", "sc", 193),
    _points("人才支持篇", "rc", 40),
    _points("财税金融篇", "cs", 232),
    _points("创新支持篇", "cx", 85),
    _points("权益保护篇", "qy", 63),
    _points("要素保障篇", "ys", 126),
    Book("2021年——2025年山西省委省政府惠", "rows", front=("序号",), mark="a", count=63),
    Book("2021年——2025年山西各厅局惠企政", "rows", front=("序号",), mark="b", count=107),
)

SOURCES: tuple[Source, ...] = (
    Source(
        "000",
        (
            Book(
                "山西省人民政府",
                "clauses",
                issue=_STABILITY,
                front=(
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
                headings={"section": rf"{_ORDINAL}、.+（(?P<count>\d+)条）"},
                count=46,
            ),
        ),
    ),
    Source(
        "001",
        (
            Book(
                "山西省人民政府办公厅",
                "clauses",
                issue=_INDUSTRY,
                front=(
                    "关于印发",
                    "晋政办发",
                    "各市、县人民政府",
                    "《山西省促进",
                    "山西省人民政府办公厅",
                    "2022年4月14日",
                    "山西省促进",
                    "工业是",
                ),
                headings_from="hb",
                closing="各有关部",
                count=70,
            ),
        ),
        cuts={710: "各有关部"},
    ),
    Source("002", _COMPILATION),
    Source(
        "003",
        (
            Book(
                "山西省人民政府办公厅",
                "clauses",
                issue=_RECOVERY,
                front=(
                    "关于印发",
                    "晋政办发",
                    "各市、县人民政府",
                    "《山西省全力",
                    "山西省人民政府办公厅",
                    "2023年9月15日",
                    "山西省全力",
                    "为深入贯彻",
                ),
                headings=_SECTION,
                count=40,
            ),
        ),
    ),
    Source(
        "004",
        _CHECKLIST,
        running_headers=frozenset({"山西省民营经济发展局"}),
        strays={
            # The first character of a running header of which the text layer has no more.
            2285: "山",
            # Another document's title and its number in a law database, in 有偿使用手续.
            7852: "山西",
            7854: "省财政厅、国家税务总局山西省税务局关于明确免征土地增值税政策",
            7856: "执行标准的公告(FBM-CLI.12.8441925)",
        },
    ),
)
