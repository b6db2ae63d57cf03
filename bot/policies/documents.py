"""What the importer has made: documents with their clauses, copies; and the list of sources."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bot.policies.fields import Fields
from bot.policies.model import Clause, Copy, Document, Source
from bot.policies.yamlfile import Faults, Table, load_yaml

__all__ = ["read_copies", "read_documents", "read_sources"]

_ID = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_DOC_NO = re.compile(r"[\u4e00-\u9fff]+(?:〔20\d\d〕\d{1,4}号|公告20\d\d年第\d{1,4}号)")
_PLACE = re.compile(r"[a-z]{0,4}[1-9]\d*")
_SOURCE_KINDS = ("document", "compilation", "checklist")
_COPY_KINDS = ("same", "near", "within")


def read_sources(path: Path, faults: Faults) -> dict[str, Source]:
    """sources.yml: the texts as received."""
    fields = Fields(load_yaml(path, faults), path, faults, "")
    table = fields.take("sources", dict) or Table(1)
    fields.done()
    found: dict[str, Source] = {}
    for name, row in table.items():
        one = Fields(row, path, faults, name)
        kind, title, publisher = (one.take(key, str) for key in ("kind", "title", "publisher"))
        doc_no = one.take("doc_no", str, required=False) or ""
        published_on = one.day("published_on")
        one.done()
        if kind not in _SOURCE_KINDS:
            one.fault("kind", f"应为 {'、'.join(_SOURCE_KINDS)} 之一")
        elif title and publisher:
            found[name] = Source(name, kind, title, publisher, doc_no, published_on)
    return found


def read_documents(
    folder: Path, sources: Mapping[str, Source], faults: Faults
) -> dict[str, Document]:
    """All documents by id, in the order of the sources; each clause id stands once."""
    found: dict[str, Document] = {}
    places: dict[str, tuple[Path, int]] = {}
    for path in sorted(folder.glob("*.yml")):
        document = _document(path, sources, faults, places)
        if document is not None:
            found[document.id] = document
    if not found and not faults:
        faults.append("documents: 没有任何文件")
    # In the order of the sources; what is only listed comes last.
    return dict(sorted(found.items(), key=lambda item: _place(item[1])))


def _place(document: Document) -> tuple[str, int]:
    return min(((c.source, c.lines[0]) for c in document.clauses), default=("~", 0))


def _document(
    path: Path,
    sources: Mapping[str, Source],
    faults: Faults,
    places: dict[str, tuple[Path, int]],
) -> Document | None:
    fields = Fields(load_yaml(path, faults), path, faults, "")
    if not fields.ok:
        return None
    doc_id = fields.take("id", str)
    doc_no = fields.take("doc_no", str, required=False, empty=True) or ""
    title, issuer, issuer_from = (
        fields.take(key, str, required=False) for key in ("title", "issuer", "issuer_from")
    )
    scope, unit = fields.take("scope", str), fields.take("unit", str)
    issued_on = fields.day("issued_on")
    rows = fields.take("clauses", list) or []
    fields.done()
    if doc_id and not _ID.fullmatch(doc_id):
        fields.fault("id", "只能用小写字母、数字和短横线")
    if doc_id and path.stem != doc_id:
        fields.fault("id", f"应与文件名 {path.stem} 相同")
    if doc_no and not _DOC_NO.fullmatch(doc_no):
        fields.fault("doc_no", "文号应写成 晋政发〔2022〕14号，用六角括号、不留空格")
    if not doc_no and not title:
        fields.fault("title", "文号和标题至少要有一个")
    if (issuer is None) != (issuer_from is None):
        fields.fault("issuer_from", "发文机关和它的依据应同时有或同时没有")
    if not doc_id or not scope or not unit:
        return None
    clauses = []
    for index, row in enumerate(rows):
        one = Fields(row, path, faults, f"clauses[{index}]")
        clause = _clause(one, doc_id, unit, scope, sources)
        if clause is None:
            continue
        if clause.id in places:
            other, line = places[clause.id]
            one.fault("id", f"重复，已见于 {other.name} 第 {line} 行")
        places[clause.id] = (path, one.table.line_of("id"))
        clauses.append(clause)
    return Document(doc_id, doc_no, title, issuer, issuer_from, issued_on, scope, tuple(clauses))


def _clause(
    fields: Fields, doc_id: str, unit: str, scope: str, sources: Mapping[str, Source]
) -> Clause | None:
    clause_id, number = fields.take("id", str), fields.take("number", int)
    source = fields.take("source", str)
    part, section, subsection = (
        fields.take(key, str, required=False) for key in ("part", "section", "subsection")
    )
    text = fields.take("text", str)
    responsible = fields.take("responsible", list, required=False)
    lines = fields.take("lines", list)
    fields.done()
    if clause_id is None or number is None or text is None or source is None:
        return None
    document, _, place = clause_id.partition(".")
    if document != doc_id or not _PLACE.fullmatch(place) or not place.endswith(str(number)):
        fields.fault("id", f"应为 {doc_id}. 加编号 {number}")
    if source not in sources:
        fields.fault("source", f"sources.yml 中没有 {source}")
    if "\n" in text or text != text.strip():
        fields.fault("text", "条文应为一行，首尾不留空白")
    if not lines or len(lines) != 2 or not all(isinstance(n, int) for n in lines):
        fields.fault("lines", "应为 [起始行, 结束行]")
        lines = [0, 0]
    return Clause(
        id=clause_id,
        document_id=doc_id,
        source=source,
        number=number,
        unit="点" if part else unit,
        scope=scope,
        part=part,
        section=section,
        subsection=subsection,
        text=text,
        responsible=tuple(str(name) for name in responsible) if responsible else None,
        lines=(lines[0], lines[1]),
    )


def read_copies(
    path: Path, clauses: Mapping[str, Clause], faults: Faults
) -> dict[str, tuple[Copy, ...]]:
    """copies.yml: of each clause, the others that print the same measure."""
    fields = Fields(load_yaml(path, faults), path, faults, "")
    rows = fields.take("copies", list) or []
    fields.done()
    found: dict[str, list[Copy]] = defaultdict(list)
    for index, row in enumerate(rows):
        one = Fields(row, path, faults, f"copies[{index}]")
        pair, kind = one.take("clauses", list) or [], one.take("kind", str)
        differs = _figures(one.take("differs", list) or [])
        one.done()
        for clause_id in pair:
            if clause_id not in clauses:
                one.fault("clauses", f"没有 {clause_id} 这一条")
        if len(pair) != 2 or pair[0] == pair[1]:
            one.fault("clauses", "应为两条不同的条文")
        elif kind not in _COPY_KINDS:
            one.fault("kind", f"应为 {'、'.join(_COPY_KINDS)} 之一")
        else:
            first, second = pair
            found[first].append(Copy(second, kind, differs))
            found[second].append(Copy(first, kind, tuple((b, a) for a, b in differs)))
    return {key: tuple(copies) for key, copies in found.items()}


def _figures(rows: list[Any]) -> tuple[tuple[str, str], ...]:
    return tuple((str(row[0]), str(row[1])) for row in rows)
