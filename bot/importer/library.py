"""Sources into issuing documents, each source's layout beside them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bot.errors import KnowledgeError
from bot.importer.accounting import account
from bot.importer.joining import join
from bot.importer.lines import Furniture, bare, cut_lines, split_lines, take_furniture, take_strays
from bot.importer.recipes import SOURCES, Issue, Source
from bot.importer.responsible import responsible_of
from bot.importer.structure import DOC_NO, Block, read_blocks
from bot.importer.tables import Code, Corrections, read_codes, read_corrections

__all__ = ["CHECKLIST", "Library", "import_all", "normalise_doc_no"]

# Points under which the checklist prints no 文号 belong to the checklist itself.
CHECKLIST = Issue("hqzc-2025", "", "2021-2025年惠企政策点清单", "山西省民营经济发展局")

_ROW = re.compile(rf"(?P<title>.*)(?P<doc_no>{DOC_NO}|无)")
_DOC_NO = re.compile(
    r"(?P<code>.+?)(?:〔(?P<year>20\d\d)〕|(?P<bare_year>20\d\d)年第)(?P<number>\d+)号"
)


@dataclass
class Library:
    """Everything made from the sources.

    Attributes:
        documents: by id; keys in the order in which they are written.
        layouts: by source: ``source``, ``order`` (what stands where, clauses by id) and
            ``furniture``.
    """

    documents: dict[str, dict[str, Any]] = field(default_factory=dict)
    layouts: dict[str, dict[str, Any]] = field(default_factory=dict)

    @property
    def clauses(self) -> dict[str, dict[str, Any]]:
        """All clauses by id."""
        return {c["id"]: c for d in self.documents.values() for c in d["clauses"]}


def import_all(root: Path, sources: Sequence[Source] = SOURCES) -> Library:
    """Read all sources of a knowledge base.

    Each clause holds ``text`` as issued: complete, on one line, without its number
    label (``8.`` becomes ``number: 8``), without page numbers, running headers, hard
    line breaks and layout blanks. ``lines`` are its first and last line in the source,
    from 1. What is no clause stands in the source's layout.

    Args:
        root: the folder policies_kb.
        sources: what is particular to each source.

    Raises:
        KnowledgeError: a source cannot be read, or anything in it is not as declared;
            each fault names file and line.
    """
    maker = _Maker(read_codes(root), read_corrections(root))
    faults: list[str] = []
    texts: dict[str, str] = {}
    for source in sources:
        file = f"sources/{source.name}.txt"
        try:
            texts[source.name] = text = _read(root / file, file)
            lines, strays = take_strays(split_lines(text), source.strays, file)
            prose, furniture = take_furniture(lines, source.running_headers, file)
            blocks = read_blocks(cut_lines(prose, source.cuts, file), source, file)
            maker.take(source, blocks, furniture, strays, file)
        except KnowledgeError as error:
            faults += error.faults
    if not faults:
        maker.lend_headings(sources)
        maker.check_corrections(sources)
    if faults := faults + maker.faults:
        raise KnowledgeError(faults)
    library = maker.library
    clauses = library.clauses
    for name, text in texts.items():
        faults += [
            f"sources/{name}.txt: {d}" for d in account(text, library.layouts[name], clauses)
        ]
    if faults:
        raise KnowledgeError(faults)
    return library


def normalise_doc_no(text: str) -> str:
    """文号 with full-width tortoise-shell brackets and no blanks.

    ``晋政办发[2022]34 号`` becomes ``晋政办发〔2022〕34号``.
    """
    return re.sub(r"[\[［【〔(（](20\d+)[\]］】〕)）]", r"〔\1〕", bare(text))


def _read(path: Path, file: str) -> str:
    try:
        return path.read_bytes().decode("utf-8")
    except OSError as error:
        raise KnowledgeError([f"{file}:1: 无法读取（{error.strerror}）"]) from error
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise KnowledgeError([f"{file}:{line}: 不是 UTF-8 文本"]) from error


class _Maker:
    """Collects documents over all sources: one can be printed in several."""

    def __init__(self, codes: Mapping[str, Code], corrections: Corrections) -> None:
        self.codes, self.corrections = codes, corrections
        self.issuers = sorted(
            {code.issuer for code in codes.values() if code.issuer} | _JOINT, key=len, reverse=True
        )
        self.library = Library()
        self.faults: list[str] = []
        self.corrected: set[tuple[str, int]] = set()

    def take(
        self,
        source: Source,
        blocks: Sequence[Block],
        furniture: Iterable[Furniture],
        strays: Iterable[Furniture],
        file: str,
    ) -> None:
        """Take in one source."""
        self._check_fronts(source, blocks, file)
        # The tables first: the points' documents take their titles from them.
        rows = [block for block in blocks if block.kind == "row"]
        for row in rows:
            self._row(source, row, file)
        order = [self._entry(source, block, file) for block in blocks]
        self.library.layouts[source.name] = {
            "source": source.name,
            "order": order,
            "furniture": [
                {"kind": kind, "lines": [item.first, item.last], "text": item.text}
                for kind, items in (("furniture", furniture), ("stray", strays))
                for item in items
            ],
        }

    def check_corrections(self, sources: Sequence[Source]) -> None:
        """Every correction of the sources read must have met a row or a point."""
        names = {source.name for source in sources}
        places = {*self.corrections.doc_nos, *self.corrections.rows} - self.corrected
        self.faults += [
            f"sources/{name}.txt:{line}: 更正表所指的这一行既不是表格的行，也不是政策点"
            for name, line in sorted(places)
            if name in names
        ]

    def lend_headings(self, sources: Sequence[Source]) -> None:
        """Give clauses whose copy has lost its headings those of the other copy."""
        for book in (book for source in sources for book in source.books if book.headings_from):
            assert book.issue is not None
            clauses = {c["id"]: c for c in self.library.documents[book.issue.id]["clauses"]}
            for number in range(1, (book.count or 0) + 1):
                lender = clauses.get(f"{book.issue.id}.{book.headings_from}{number}")
                borrower = clauses.get(f"{book.issue.id}.{book.mark}{number}")
                if lender is None or borrower is None:
                    self.faults.append(f"“{book.opens}”第 {number} 条没有可借用标题的另一份")
                else:
                    borrower |= {key: lender[key] for key in ("section", "subsection")}

    def _entry(self, source: Source, block: Block, file: str) -> dict[str, Any]:
        if block.kind != "clause":
            label = f"{block.label} " if block.label else ""
            return {
                "kind": block.kind,
                "lines": [block.first, block.last],
                "text": label + block.text,
            }
        document = self._document_of(source, block, file)
        clause = {
            "id": f"{document['id']}.{block.book.mark}{block.number}",
            "source": source.name,
            "number": block.number,
            "part": block.book.part,
            "section": block.headings.get("section"),
            "subsection": block.headings.get("subsection"),
            "text": block.text,
            "responsible": responsible_of(block.text),
            "lines": [block.first, block.last],
        }
        document["clauses"].append(clause)
        return {"clause": clause["id"], "label": block.label}

    def _document_of(self, source: Source, block: Block, file: str) -> dict[str, Any]:
        if block.book.issue is not None:
            unit = "部分" if block.book.holds == "sections" else "条"
            return self._issued(block.book.issue, unit)
        if block.doc_no is None:
            return self._issued(CHECKLIST)
        return self._numbered(self._doc_no(source, block, block.doc_no, file), None, file, block)

    def _doc_no(self, source: Source, block: Block, printed: str, file: str) -> str:
        """The 文号 that is read where one is printed."""
        doc_no = normalise_doc_no(printed)
        self.corrected.add((source.name, block.first))
        wrong, read = self.corrections.doc_nos.get((source.name, block.first), (None, ""))
        if wrong is None:
            return doc_no
        if bare(printed) != wrong:
            self.faults.append(
                f"{file}:{block.first}: 更正表所称的文号“{wrong}”与原文“{printed}”不符"
            )
        return read

    def _row(self, source: Source, block: Block, file: str) -> None:
        text = bare(block.text)
        self.corrected.add((source.name, block.first))
        wrong, title, printed = self.corrections.rows.get(
            (source.name, block.first), (None, "", "")
        )
        if wrong is not None and wrong != text:
            self.faults.append(f"{file}:{block.first}: 更正表所称的“{wrong}”与原文“{text}”不符")
        elif wrong is None:
            if not (match := _ROW.fullmatch(text)):
                self.faults.append(f"{file}:{block.first}: 表格这一行没有文号：“{text}”")
                return
            title, printed = match["title"], match["doc_no"]
        title = title.translate(_RADICALS)
        if printed == "无":
            issue = Issue(f"wh-{block.book.mark}{block.number}", "", title, "")
            self._add(issue, *self._title_issuer(title, None), "province")
        else:
            self._numbered(self._doc_no(source, block, printed, file), title, file, block)

    def _issued(self, issue: Issue, unit: str = "条") -> dict[str, Any]:
        """The document of a book; it says of itself who issued it, and when."""
        known = self.library.documents.get(issue.id)
        if known is None:
            basis = "compilation" if issue.elsewhere else "front" if issue.doc_no else "checklist"
            match = _DOC_NO.match(issue.doc_no)
            code = self.codes.get(match["code"]) if match else None
            if match and code is None:
                self.faults.append(f"issuers.yml:1: issuers: 没有文号“{issue.doc_no}”的代字")
            scope = code.scope if code else "province"
            return self._add(issue, issue.issuer, basis, scope, unit)
        return known

    def _numbered(self, doc_no: str, title: str | None, file: str, block: Block) -> dict[str, Any]:
        """The document of a 文号 that a point or a table names."""
        match = _DOC_NO.fullmatch(doc_no)
        code = self.codes.get(match["code"]) if match else None
        if match is None or code is None:
            self.faults.append(f"{file}:{block.first}: issuers.yml 没有文号“{doc_no}”的代字")
            code, key = Code("unknown", None, "province"), "unknown"
        else:
            key = f"{code.slug}-{match['year'] or match['bare_year']}-{match['number']}"
        known = self.library.documents.get(key)
        if known is None:
            issuer, basis = self._title_issuer(title, code.issuer)
            return self._add(Issue(key, doc_no, title or "", ""), issuer, basis, code.scope)
        if title and not known["title"]:
            known["title"] = title
        return known

    def _add(
        self, issue: Issue, issuer: str | None, basis: str | None, scope: str, unit: str = "条"
    ) -> dict[str, Any]:
        document: dict[str, Any] = {
            "id": issue.id,
            "doc_no": issue.doc_no,
            "title": issue.title or None,
            "issuer": issuer,
            "issuer_from": basis,
            "issued_on": issue.issued_on,
            "scope": scope,
            "unit": unit,
            "clauses": [],
        }
        self.library.documents[issue.id] = document
        return document

    def _title_issuer(
        self, title: str | None, by_code: str | None
    ) -> tuple[str | None, str | None]:
        """Who issued a document: the bodies its title begins with, else its code's."""
        named: list[str] = []
        rest = title or ""
        while name := next((n for n in self.issuers if rest.startswith(n)), None):
            named.append(name)
            rest = rest.removeprefix(name).lstrip("、")
        if named and not rest.startswith("落实"):
            return "、".join(named), "title"
        return by_code, "doc_no" if by_code else None

    def _check_fronts(self, source: Source, blocks: Sequence[Block], file: str) -> None:
        """A document's particulars must be printed before its first clause."""
        for book in source.books:
            if book.issue is None:
                continue
            front = [b for b in blocks if b.book is book and b.kind == "front"]
            printed = normalise_doc_no(join(piece for b in front for piece in b.pieces))
            wanted = {"文号": book.issue.doc_no, "标题": book.issue.title}
            if not book.issue.elsewhere and not book.mark:
                wanted["发文机关"] = book.issue.issuer
                if book.issue.issued_on is not None:
                    year, month, day = (int(part) for part in book.issue.issued_on.split("-"))
                    wanted["印发日期"] = f"{year}年{month}月{day}日"
            self.faults += [
                f"{file}:{front[-1].last}: 到此为止的文前内容中没有{name}“{words}”"
                for name, words in wanted.items()
                if words not in printed
            ]


# Bodies that only issue together with others, as the titles print them.
_JOINT = {
    "中共山西省委",
    "中共山西省委办公厅",
    "山西省人民政府",
    "山西省人民政府办公厅",
    "国家知识产权局",
    "中国人民银行山西省分行",
    "中国人民银行原中心支行",
    "山西银保监局",
    "山西省律师协会",
    "山西省乡村振兴局",
    "山西省科技厅",
    "山西省应急管理厅",
    "山西转型综改示范区管委会",
    "山西省促进中小企业发展工作领导小组办公室",
    "山西省农业农村厅办公室",
    "国家税务总局山西省税务局",
}
# The text layer has some characters as radicals (U+2F2D for 山); a title is read as written.
_RADICALS = str.maketrans("⼭⽀⾦⾏", "山支金行")
