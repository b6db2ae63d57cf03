"""What people have read in the clauses: periods, faults of the source, cautions, scope."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

from bot.policies.fields import Fields
from bot.policies.model import Caution, Clause, Document, Note, Phrases, Repeal, Span
from bot.policies.yamlfile import Faults, Table, load_yaml

__all__ = ["read_annotations", "read_document_annotations"]

_Item = TypeVar("_Item")
_DOCUMENTS = "documents.yml"


def read_document_annotations(path: Path, documents: dict[str, Document], faults: Faults) -> None:
    """annotations/documents.yml: repeals of whole documents, doubts about their numbers.

    The documents are replaced in place.
    """
    fields = Fields(load_yaml(path, faults), path, faults, "")
    table = fields.take("documents", dict) or Table(1)
    fields.done()
    for doc_id, row in table.items():
        one = Fields(row, path, faults, doc_id)
        repealed = one.take("repealed", dict, required=False)
        notes = one.take("notes", list, required=False) or []
        one.done()
        document = documents.get(doc_id)
        if document is None:
            faults.add(path, table.line_of(doc_id), doc_id, "没有这份文件")
            continue
        if not all(isinstance(note, str) and note for note in notes):
            one.fault("notes", "每一条都应为文本")
        repeal = None
        if repealed is not None:
            two = Fields(repealed, path, faults, f"{doc_id}.repealed")
            words, stated_in = two.take("words", str), two.take("stated_in", str)
            two.done()
            repeal = Repeal(words, stated_in) if words and stated_in else None
            printed = [document.title or "", *(clause.text for clause in document.clauses)]
            if repeal and not any(repeal.words in text for text in printed):
                two.fault("words", "文件标题和条文中都没有这几个字")
        documents[doc_id] = replace(document, repealed=repeal, notes=tuple(map(str, notes)))


def read_annotations(
    folder: Path,
    documents: Mapping[str, Document],
    clauses: dict[str, Clause],
    phrases: Phrases | None,
    faults: Faults,
) -> None:
    """All other files of annotations/; the clauses are replaced in place.

    Each file says which clauses it covers and on which day a second reader has compared
    them with the source; every clause must be covered by exactly one.
    """
    covered: dict[str, Path] = {}
    for path in sorted(folder.glob("*.yml")):
        if path.name == _DOCUMENTS:
            continue
        fields = Fields(load_yaml(path, faults), path, faults, "")
        if not fields.ok:
            continue
        within = _covered(fields, clauses)
        if fields.day("verified_on") is None:
            fields.fault("verified_on", "还没有第二个人对照原文核对")
        table = fields.take("clauses", dict, required=False) or Table(1)
        fields.done()
        for clause_id in within:
            if clause_id in covered:
                fields.fault("covers", f"{clause_id} 已由 {covered[clause_id].name} 标注")
            covered[clause_id] = path
        for clause_id, row in table.items():
            if clause_id not in within:
                missing = "不在 covers 所说的范围内" if clause_id in clauses else "没有这一条"
                faults.add(path, table.line_of(clause_id), clause_id, missing)
            else:
                one = Fields(row, path, faults, clause_id)
                clauses[clause_id] = _annotated(clauses[clause_id], one, clauses, phrases)
    missing_ids = [clause_id for clause_id in clauses if clause_id not in covered]
    for doc_id in dict.fromkeys(clauses[clause_id].document_id for clause_id in missing_ids):
        own = [clause_id for clause_id in missing_ids if clauses[clause_id].document_id == doc_id]
        path = folder.parent / "documents" / f"{doc_id}.yml"
        faults.add(path, 1, own[0], f"{len(own)} 条没有任何标注文件覆盖")


def _covered(fields: Fields, clauses: Mapping[str, Clause]) -> set[str]:
    """The clauses that a file's ``covers`` names: a source, or documents or a part of it."""
    one = Fields(fields.take("covers", dict), fields.path, fields.faults, "covers")
    source = one.take("source", str)
    part = one.take("part", str, required=False)
    names = one.take("documents", list, required=False)
    numbers = one.take("numbers", list, required=False)
    one.done()
    if numbers is not None and (len(numbers) != 2 or not all(isinstance(n, int) for n in numbers)):
        one.fault("numbers", "应为 [起, 止]")
        numbers = None
    first, last = numbers or (0, 10**9)
    found = {
        clause.id
        for clause in clauses.values()
        if clause.source == source
        and part in (None, clause.part)
        and (names is None or clause.document_id in names)
        and first <= clause.number <= last
    }
    if not found and one.ok:
        fields.fault("covers", "没有任何一条符合这个范围")
    return found


def _annotated(
    clause: Clause, fields: Fields, clauses: Mapping[str, Clause], phrases: Phrases | None
) -> Clause:
    validity = _each(fields, "validity", clause, _span)
    notes = _each(fields, "notes", clause, lambda one, of: _note(one, of, clauses))
    cautions = []
    for key in fields.take("cautions", list, required=False) or []:
        if phrases is not None and f"cautions.{key}" in phrases:
            cautions.append(Caution(str(key), phrases(f"cautions.{key}")))
        else:
            fields.fault("cautions", f"phrases.yml 中没有 cautions.{key}")
    internal = fields.take("internal", bool, required=False) or False
    scope = fields.take("scope", str, required=False) or clause.scope
    fields.done()
    return replace(
        clause,
        scope=scope,
        validity=tuple(validity),
        notes=tuple(notes),
        cautions=tuple(cautions),
        internal=internal,
    )


def _each(
    fields: Fields, key: str, clause: Clause, build: Callable[[Fields, Clause], _Item | None]
) -> list[_Item]:
    rows: list[Any] = fields.take(key, list, required=False) or []
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


def _note(fields: Fields, clause: Clause, clauses: Mapping[str, Clause]) -> Note | None:
    kind, quote, why = (fields.take(key, str) for key in ("kind", "quote", "why"))
    reading = fields.take("reading", str, required=False)
    other = fields.take("other", list, required=False) or []
    fields.done()
    if kind is not None and kind not in {"misprint", "reading", "conflict"}:
        fields.fault("kind", "应为 misprint、reading 或 conflict")
    if quote is not None and quote not in clause.text:
        fields.fault("quote", "不是本条原文")
    for clause_id in other:
        if clause_id not in clauses:
            fields.fault("other", f"没有 {clause_id} 这一条")
    if not (kind and quote and why):
        return None
    return Note(kind, quote, reading, why, tuple(map(str, other)))
