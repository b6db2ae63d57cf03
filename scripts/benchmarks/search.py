"""The search alone, in a process of its own on one core.

Run as a module it measures one size of the knowledge base and prints JSON::

    python -m benchmarks.search FACTOR
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import time
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from benchmarks.load import percentile
from benchmarks.processes import MeasureError, running, say
from benchmarks.stacks import DAY
from bot.policies.loader import load
from bot.policies.model import Clause, Document, Snapshot
from bot.policies.search import Search

__all__ = ["FACTORS", "enlarge", "measure", "questions"]

FACTORS = (1, 10, 100)
"""Sizes of the knowledge base, in copies of the one there is."""

_CHANGED = 0.3  # share of words changed in a copy
_PASSES = 3


def questions(root: Path) -> list[str]:
    """The questions of the evaluation set, in order of file and line."""
    return [
        row["text"]
        for path in sorted((root / "tests" / "eval").glob("*.yml"))
        for row in yaml.safe_load(path.read_text("utf-8"))["questions"]
    ]


def enlarge(snapshot: Snapshot, factor: int) -> Snapshot:
    """The snapshot with ``factor - 1`` copies of every document, clause and question.

    In a copy three words in ten are others: half of them words from elsewhere in
    the base, half new ones, so that the vocabulary grows as it would. The same
    factor always gives the same base.
    """
    if factor == 1:
        return snapshot
    chance = random.Random(factor)
    cut = snapshot.lexicon.tokenizer().lcut
    texts = {clause.id: cut(clause.text) for clause in snapshot.clauses.values()}
    asked = {key: [cut(text) for text in rows] for key, rows in snapshot.questions.items()}
    words: list[str] = sorted({word for row in texts.values() for word in row if len(word) > 1})
    characters = sorted({c for word in words for c in word if "\u4e00" <= c <= "\u9fff"})

    def other(word: str) -> str:
        if len(word) < 2 or not "\u4e00" <= word[0] <= "\u9fff" or chance.random() > _CHANGED:
            return word
        if chance.random() < 0.5:
            return chance.choice(words)
        return "".join(chance.choices(characters, k=len(word)))

    documents: dict[str, Document] = dict(snapshot.documents)
    clauses: dict[str, Clause] = dict(snapshot.clauses)
    curated = dict(snapshot.questions)
    for copy in range(1, factor):
        for document in snapshot.documents.values():
            name = f"{document.id}-copy{copy}"
            made = tuple(
                replace(
                    clause,
                    id=f"{name}.{clause.number}",
                    document_id=name,
                    text="".join(map(other, texts[clause.id])),
                    validity=(),
                    notes=(),
                )
                for clause in document.clauses
            )
            documents[name] = replace(
                document, id=name, doc_no=f"晋基准〔2022〕{copy}号", clauses=made
            )
            for clause, original in zip(made, document.clauses, strict=True):
                clauses[clause.id] = clause
                rows = asked.get(original.id, ())
                curated[clause.id] = tuple("".join(map(other, row)) for row in rows)
    return replace(snapshot, documents=documents, clauses=clauses, questions=curated)


def measure(root: Path, folder: Path, factor: int) -> dict[str, Any]:
    """One size, in a process of its own.

    Returns:
        ``factor``, ``clauses``, ``questions``, ``index_s`` (building the index),
        ``first_ms`` (the first query), ``p50_ms``, ``p95_ms``, ``rss_mb``.

    Raises:
        MeasureError: the process failed.
    """
    return {"factor": factor, **_child(root, folder, factor)}


def _child(root: Path, folder: Path, factor: int) -> dict[str, Any]:
    output, scripts = folder / f"检索{factor}倍.log", Path(__file__).resolve().parent.parent
    output.unlink(missing_ok=True)
    command = [sys.executable, "-m", "benchmarks.search", str(factor)]
    paths = os.pathsep.join([str(scripts), str(root)])
    one = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    environment = {**os.environ, **one, "PYTHONPATH": paths}
    with running(command, output, cwd=root, env=environment) as process:
        try:
            code = process.wait(600)
        except subprocess.TimeoutExpired:
            code = -1
    lines = output.read_text("utf-8", "replace").splitlines()
    if code != 0:
        for line in lines[-10:]:
            say(f"  │ {line}")
        raise MeasureError(f"检索（{factor} 倍）测量失败（代码 {code}）")
    result: dict[str, Any] = json.loads(lines[-1])
    return result


def _measure_here(root: Path, factor: int) -> dict[str, Any]:
    import psutil

    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    snapshot = enlarge(load(root / "policies_kb"), factor)
    asked, day = questions(root), date.fromisoformat(DAY)
    before = psutil.Process().memory_info().rss
    started = time.perf_counter()
    search = Search(snapshot)
    index_s = time.perf_counter() - started
    times = []
    for _ in range(1 + _PASSES):
        for text in asked:
            started = time.perf_counter()
            search.find(text, day)
            times.append((time.perf_counter() - started) * 1000)
    settled = times[len(asked) :]
    return {
        "clauses": len(snapshot.clauses),
        "questions": sum(map(len, snapshot.questions.values())),
        "index_s": index_s,
        "rss_mb": (psutil.Process().memory_info().rss - before) / 1e6,
        "first_ms": times[0],
        "p50_ms": percentile(settled, 0.5),
        "p95_ms": percentile(settled, 0.95),
    }


if __name__ == "__main__":
    found = _measure_here(Path.cwd(), int(sys.argv[1]))
    print(json.dumps(found))
