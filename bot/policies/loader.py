"""policies_kb, read strictly into an immutable snapshot.

Unknown keys, duplicate keys, dangling ids, unquoted dates, wrong brackets and
empty texts are faults; each names file, line and key. Nothing is skipped
silently: a knowledge base with any fault is not loaded.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

from bot.errors import KnowledgeError
from bot.policies.fields import Fields
from bot.policies.model import Caution, Clause, Document, Note, Phrases, Snapshot, Span
from bot.policies.vocabulary import read_glossary, read_phrases, read_questions, read_tuning
from bot.policies.yamlfile import Faults, load_yaml

__all__ = ["check", "data_files", "data_version", "load"]

_Item = TypeVar("_Item")
_ID = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_DOC_NO = re.compile(r"[\u4e00-\u9fff]+〔20\d\d〕\d{1,4}号")


def data_files(root: Path) -> list[Path]:
    """All data files of a knowledge base, sorted; the sources as received are not among them."""
    return sorted(
        path
        for path in root.rglob("*.yml")
        if path.is_file() and "sources" not in path.relative_to(root).parts
    )


def data_version(root: Path) -> str:
    """A hash over the names and bytes of all data files."""
    digest = hashlib.sha256()
    for path in data_files(root):
        digest.update(f"{path.relative_to(root).as_posix()}\0".encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:12]


def load(root: Path) -> Snapshot:
    """Read a whole knowledge base.

    Args:
        root: the folder policies_kb.

    Raises:
        KnowledgeError: it holds a fault; the error lists all of them.
    """
    snapshot, faults = _read(root)
    if faults or snapshot is None:
        raise KnowledgeError(list(faults))
    return snapshot


def check(root: Path) -> list[str]:
    """All faults of a knowledge base; empty where it is sound."""
    return list(_read(root)[1])


def _read(root: Path) -> tuple[Snapshot | None, Faults]:
    faults = Faults()
    if not root.is_dir():
        faults.append(f"{root.name}: 目录不存在")
        return None, faults
    version = data_version(root)
    lexicon = read_glossary(root / "glossary.yml", faults)
    phrases = read_phrases(root / "phrases.yml", faults)
    tuning = read_tuning(root / "search.yml", faults)
    documents: dict[str, Document] = {}
    places: dict[str, tuple[Path, int]] = {}
    for path in sorted((root / "documents").glob("*.yml")):
        document = _document(path, faults, places)
        if document is None:
            continue
        if document.id in documents:
            faults.add(path, 1, "id", f"文件编号 {document.id} 重复")
        documents[document.id] = document
    if not documents and not faults:
        faults.append("documents: 没有任何文件")
    for path in sorted((root / "annotations").glob("*.yml")):
        _annotate(path, documents, phrases, faults)
    clauses = {clause.id: clause for doc in documents.values() for clause in doc.clauses}
    questions: dict[str, tuple[str, ...]] = {}
    for path in sorted((root / "questions").glob("*.yml")):
        read_questions(path, clauses, questions, faults)
    if faults or lexicon is None or phrases is None or tuning is None:
        return None, faults
    return (
        Snapshot(version, documents, clauses, questions, lexicon, phrases, tuning),
        faults,
    )


def _document(path: Path, faults: Faults, places: dict[str, tuple[Path, int]]) -> Document | None:
    fields = Fields(load_yaml(path, faults), path, faults, "")
    if not fields.ok:
        return None
    doc_id, title, issuer = (fields.take(key, str) for key in ("id", "title", "issuer"))
    doc_no = fields.take("doc_no", str, required=False) or ""
    source, scope = fields.take("source", str), fields.take("scope", str)
    issued_on = fields.day("issued_on")
    repealed = fields.take("repealed", str, required=False)
    rows = fields.take("clauses", list) or []
    fields.take("matter", list, required=False)
    fields.take("parts", list, required=False)
    fields.done()
    if doc_id and not _ID.fullmatch(doc_id):
        fields.fault("id", "只能用小写字母、数字和短横线")
    if doc_id and path.stem != doc_id:
        fields.fault("id", f"应与文件名 {path.stem} 相同")
    if doc_no and not _DOC_NO.fullmatch(doc_no):
        fields.fault("doc_no", "文号应写成 晋政发〔2022〕14号，用六角括号、不留空格")
    clauses = [
        clause
        for index, row in enumerate(rows)
        if (clause := _clause(row, index, doc_id or "", path, faults, places)) is not None
    ]
    if not doc_id or not title or not issuer:
        return None
    return Document(
        doc_id,
        doc_no,
        title,
        issuer,
        issued_on,
        source or "",
        scope or "",
        tuple(clauses),
        repealed,
    )


def _clause(
    row: Any,
    index: int,
    doc_id: str,
    path: Path,
    faults: Faults,
    places: dict[str, tuple[Path, int]],
) -> Clause | None:
    fields = Fields(row, path, faults, f"clauses[{index}]")
    clause_id, number = fields.take("id", str), fields.take("number", int)
    part, section, subsection = (
        fields.take(key, str, required=False) for key in ("part", "section", "subsection")
    )
    text = fields.take("text", str)
    responsible = fields.take("responsible", list, required=False)
    lines = fields.take("lines", list)
    fields.done()
    if clause_id is None or number is None or text is None:
        return None
    if clause_id != f"{doc_id}.{number}":
        fields.fault("id", f"应为 {doc_id}.{number}")
    if clause_id in places:
        other, line = places[clause_id]
        fields.fault("id", f"重复，已见于 {other.name} 第 {line} 行")
    places[clause_id] = (path, fields.table.line_of("id"))
    if "\n" in text or text != text.strip():
        fields.fault("text", "条文应为一行，首尾不留空白")
    if not lines or len(lines) != 2 or not all(isinstance(n, int) for n in lines):
        fields.fault("lines", "应为 [起始行, 结束行]")
        lines = [0, 0]
    return Clause(
        clause_id,
        doc_id,
        number,
        part,
        section,
        subsection,
        text,
        tuple(str(name) for name in responsible) if responsible else None,
        (lines[0], lines[1]),
    )


def _annotate(
    path: Path, documents: dict[str, Document], phrases: Phrases | None, faults: Faults
) -> None:
    fields = Fields(load_yaml(path, faults), path, faults, "")
    doc_id = fields.take("document", str)
    table = fields.take("clauses", dict)
    fields.done()
    if doc_id not in documents:
        if doc_id:
            fields.fault("document", f"没有文件 {doc_id}")
        return
    document = documents[doc_id]
    by_id = {clause.id: clause for clause in document.clauses}
    for clause_id, row in (table or {}).items():
        clause = by_id.get(clause_id)
        if clause is None:
            faults.add(path, table.line_of(clause_id), clause_id, "没有这一条")
            continue
        by_id[clause_id] = _annotated(clause, row, path, phrases, faults)
    documents[doc_id] = replace(document, clauses=tuple(by_id.values()))


def _annotated(
    clause: Clause, row: Any, path: Path, phrases: Phrases | None, faults: Faults
) -> Clause:
    fields = Fields(row, path, faults, clause.id)
    validity = _each(fields, "validity", clause, _span)
    notes = _each(fields, "notes", clause, _note)
    cautions = []
    for key in fields.take("cautions", list, required=False) or []:
        if phrases is not None and f"cautions.{key}" in phrases:
            cautions.append(Caution(str(key), phrases(f"cautions.{key}")))
        else:
            fields.fault("cautions", f"phrases.yml 中没有 cautions.{key}")
    internal = fields.take("internal", bool, required=False) or False
    fields.day("verified_on")
    fields.done()
    return replace(
        clause,
        validity=tuple(validity),
        notes=tuple(notes),
        cautions=tuple(cautions),
        internal=internal,
    )


def _each(
    fields: Fields, key: str, clause: Clause, build: Callable[[Fields, Clause], _Item | None]
) -> list[_Item]:
    rows = fields.take(key, list, required=False) or []
    built = (
        build(Fields(row, fields.path, fields.faults, f"{fields.where}.{key}[{i}]"), clause)
        for i, row in enumerate(rows)
    )
    return [item for item in built if item is not None]


def _span(fields: Fields, clause: Clause) -> Span | None:
    governs = fields.take("governs", str, required=False)
    stated_by = fields.take("stated_by", str)
    starts, ends = fields.day("from"), fields.day("until")
    fields.done()
    if governs is not None and governs not in clause.text:
        fields.fault("governs", "不是本条原文")
    if stated_by is not None and stated_by not in clause.text:
        fields.fault("stated_by", "不是本条原文")
    if starts is None and ends is None:
        fields.fault("until", "起止日期至少要有一个")
    if starts and ends and starts > ends:
        fields.fault("until", "结束早于开始")
    return Span(governs, starts, ends, stated_by) if stated_by else None


def _note(fields: Fields, clause: Clause) -> Note | None:
    kind, quote, why = (fields.take(key, str) for key in ("kind", "quote", "why"))
    reading = fields.take("reading", str, required=False)
    fields.done()
    if kind is not None and kind not in {"misprint", "reading", "conflict"}:
        fields.fault("kind", "应为 misprint、reading 或 conflict")
    if quote is not None and quote not in clause.text:
        fields.fault("quote", "不是本条原文")
    return Note(kind, quote, reading, why) if kind and quote and why else None
