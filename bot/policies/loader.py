"""policies_kb, read strictly into an immutable snapshot.

Unknown keys, duplicate keys, dangling ids, unquoted dates, wrong brackets and
empty texts are faults; each names file, line and key. Nothing is skipped
silently: a knowledge base with any fault is not loaded.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from bot.errors import KnowledgeError
from bot.policies.annotations import read_annotations, read_document_annotations
from bot.policies.asking import read_asking
from bot.policies.authorities import read_authorities, renamed_cautions
from bot.policies.classifier import read_classifier
from bot.policies.documents import read_copies, read_documents, read_sources
from bot.policies.eligibility.checks import programme_faults, shared_faults
from bot.policies.eligibility.coverage import Exemption, grants_figures, read_exemptions
from bot.policies.eligibility.facts import FactBook
from bot.policies.eligibility.programme import Programme
from bot.policies.eligibility.reader import read_facts, read_programmes, read_regions
from bot.policies.leaving import read_leaving
from bot.policies.listening import read_listening
from bot.policies.model import Clause, Copy, Document, Note, Snapshot
from bot.policies.replying import read_replying
from bot.policies.vocabulary import (
    read_glossary,
    read_phrases,
    read_questions,
    read_tuning,
    read_unrelated,
)
from bot.policies.yamlfile import Faults

__all__ = ["ASKING", "CLASSIFIER", "check", "data_files", "data_version", "load"]

# What was learned from the curated questions, by ``wence kb learn``.
CLASSIFIER = Path("classifier.npz")
ASKING = Path("asking.npz")
LEAVING = Path("leaving.npz")
LISTENING = Path("listening.npz")
REPLYING = Path("replying.npz")
_Learned = TypeVar("_Learned")
# The texts as received, and what only the importer reads: nothing is answered from them.
_NOT_DATA = frozenset({"sources", "layouts"})


def data_files(root: Path) -> list[Path]:
    """All data files of a knowledge base, sorted; the sources as received are not among them."""
    return sorted(
        path
        for path in (*root.rglob("*.yml"), root / CLASSIFIER, root / ASKING)
        if path.is_file() and not _NOT_DATA & {*path.relative_to(root).parts}
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
    sources = read_sources(root / "sources.yml", faults)
    authorities = read_authorities(root / "authorities.yml", faults)
    documents = read_documents(root / "documents", sources, faults)
    in_order = sorted(
        (clause for document in documents.values() for clause in document.clauses),
        key=lambda clause: (clause.source, clause.lines),
    )
    clauses = {clause.id: clause for clause in in_order}
    annotations = root / "annotations"
    read_document_annotations(annotations / "documents.yml", documents, faults)
    read_annotations(annotations, documents, clauses, phrases, faults)
    copies = read_copies(root / "copies.yml", clauses, faults)
    questions: dict[str, tuple[str, ...]] = {}
    for path in sorted((root / "questions").glob("*.yml")):
        read_questions(path, clauses, questions, faults)
    unrelated: list[str] = []
    for path in sorted((root / "unrelated").glob("*.yml")):
        unrelated += read_unrelated(path, faults)
    book = read_facts(root / "facts.yml", root / "words.yml", faults)
    regions = read_regions(root / "regions.yml", book, faults)
    programmes = read_programmes(root / "programmes", book, regions, authorities, phrases, faults)
    _check_programmes(root, programmes, clauses, documents, book, faults)
    resting = _resting(programmes)
    exempt = read_exemptions(root / "exemptions.yml", clauses, faults)
    _check_coverage(root / "exemptions.yml", clauses, resting, exempt, faults)
    classifier = _learned(root / CLASSIFIER, read_classifier, faults)
    asking = _learned(root / ASKING, read_asking, faults)
    leaving = _learned(root / LEAVING, read_leaving, faults)
    listening = _learned(root / LISTENING, read_listening, faults)
    replying = _learned(root / REPLYING, read_replying, faults)
    if faults or lexicon is None or phrases is None or tuning is None:
        return None, faults
    by_name = {name: a for a in authorities.values() for name in a.as_printed}
    for key, clause in clauses.items():
        found = renamed_cautions(clause, documents[clause.document_id], by_name, phrases)
        clauses[key] = replace(clause, cautions=(*clause.cautions, *found))
    snapshot = Snapshot(
        version=version,
        documents={key: _with(document, clauses) for key, document in documents.items()},
        clauses=clauses,
        sources=sources,
        copies=copies,
        disputes=_disputes(clauses, copies),
        authorities=authorities,
        questions=questions,
        unrelated=tuple(unrelated),
        lexicon=lexicon,
        phrases=phrases,
        tuning=tuning,
        facts=book,
        programmes=programmes,
        programmes_of=resting,
        exempt=exempt,
        classifier=classifier,
        asking=asking,
        leaving=leaving,
        listening=listening,
        replying=replying,
    )
    return snapshot, faults


def _learned(path: Path, read: Callable[[Path], _Learned], faults: Faults) -> _Learned | None:
    """What was learned, where there is its file."""
    try:
        return read(path) if path.is_file() else None
    except ValueError as error:
        faults.append(str(error))
        return None


def _resting(programmes: Mapping[str, Programme]) -> dict[str, tuple[str, ...]]:
    """Of each clause the programmes that rest on it; those of which it is the principal first."""
    found: dict[str, list[str]] = defaultdict(list)
    for programme in programmes.values():
        for clause_id in programme.references:
            found[clause_id].append(programme.id)
    return {
        clause_id: tuple(sorted(ids, key=lambda key: programmes[key].references.index(clause_id)))
        for clause_id, ids in found.items()
    }


def _check_programmes(
    root: Path,
    programmes: Mapping[str, Programme],
    clauses: Mapping[str, Clause],
    documents: Mapping[str, Document],
    book: FactBook,
    faults: Faults,
) -> None:
    paths = {
        key: root / "programmes" / (p.authority or "unnamed") / f"{key}.yml"
        for key, p in programmes.items()
    }
    for programme in programmes.values():
        for key, message in programme_faults(programme, clauses, documents, book):
            faults.add(paths[programme.id], 1, key, message)
    for key, message in shared_faults(programmes, book):
        faults.add(paths.get(key, root / "facts.yml"), 1, key, message)


def _check_coverage(
    path: Path,
    clauses: Mapping[str, Clause],
    resting: Mapping[str, tuple[str, ...]],
    exempt: Mapping[str, Exemption],
    faults: Faults,
) -> None:
    """Every clause that grants a figure belongs to a programme or is exempt, never both."""
    for clause in clauses.values():
        if clause.id in exempt and clause.id in resting:
            faults.add(path, 1, clause.id, f"已在事项 {resting[clause.id][0]} 中")
        elif grants_figures(clause) and clause.id not in exempt and clause.id not in resting:
            faults.add(path, 1, clause.id, "写有给予的数额，却不属于任何事项，也没有说明理由")


def _disputes(
    clauses: Mapping[str, Clause], copies: Mapping[str, tuple[Copy, ...]]
) -> dict[str, tuple[tuple[str, Note], ...]]:
    """Conflicts seen from the other side, where that side does not tell them itself.

    What two copies of one clause say against it is said once.
    """
    found: dict[str, list[tuple[str, Note]]] = defaultdict(list)
    for clause in clauses.values():
        alike = {clause.id, *(copy.clause_id for copy in copies.get(clause.id, ()))}
        for note in clause.notes:
            for other in note.other if note.kind == "conflict" else ():
                told = {key for mine in clauses[other].notes for key in mine.other}
                told |= {key for key, _ in found[other]}
                if not alike & told:
                    found[other].append((clause.id, note))
    return {key: tuple(rows) for key, rows in found.items() if rows}


def _with(document: Document, clauses: dict[str, Clause]) -> Document:
    """A document with its clauses as they have been annotated."""
    return replace(document, clauses=tuple(clauses[clause.id] for clause in document.clauses))
