"""The search alone, in a process of its own on one core.

Run as a module it measures one size of the knowledge base and prints JSON::

    python -m benchmarks.search FACTOR lexical|full
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from benchmarks.load import percentile
from benchmarks.processes import MeasureError, running, say
from benchmarks.stacks import DAY
from bot.knowledge import VECTORS, encoder_of
from bot.policies.loader import load
from bot.policies.model import Clause, Document, Snapshot
from bot.policies.search import Encoder, Mode, Search
from bot.policies.search.encoder import Vectors
from bot.policies.search.vectors import VectorStore

__all__ = ["FACTORS", "MODES", "enlarge", "measure", "questions"]

FACTORS = (1, 10, 100)
"""Sizes of the knowledge base, in copies of the one there is."""

MODES: tuple[Mode, ...] = ("lexical", "full")

_CHANGED = 0.3  # share of words changed in a copy
_PASSES = 3


def questions(root: Path) -> list[str]:
    """The questions of the evaluation set, in order of file and line."""
    return [
        row["text"]
        for path in sorted((root / "tests" / "eval" / "questions").glob("*.yml"))
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


class _Perturbed:
    """The encoder; what it has no stored vector for is a stored one, perturbed.

    Encoding the texts of a hundred bases would take a day and tell nothing: a search
    costs the same whatever the vectors are.
    """

    def __init__(self, encoder: Encoder, stored: Vectors) -> None:
        self._encoder, self._stored = encoder, stored
        self.name, self.size = encoder.name, encoder.size
        self._chance = np.random.default_rng(1)

    def queries(self, texts: Sequence[str]) -> Vectors:
        """A single question is read in earnest, for its time."""
        return self._encoder.queries(texts) if len(texts) == 1 else self.passages(texts)

    def passages(self, texts: Sequence[str]) -> Vectors:
        """Perturbed vectors."""
        rows = self._stored[self._chance.integers(len(self._stored), size=len(texts))]
        noise = self._chance.standard_normal(rows.shape, dtype=np.float32)
        found: Vectors = rows + noise * np.float32(0.3 / self.size**0.5)
        found /= np.linalg.norm(found, axis=1, keepdims=True)
        return found


def measure(root: Path, folder: Path, factor: int, mode: Mode) -> dict[str, Any]:
    """One size and mode, in a process of its own.

    Returns:
        ``factor``, ``mode``, ``clauses``, ``questions``, ``index_s`` (building the index),
        ``first_ms`` (the first query), ``p50_ms``, ``p95_ms``, ``rss_mb``; in full mode
        also ``encoder_p50_ms``, the encoder's part.

    Raises:
        MeasureError: the process failed.
    """
    return {"factor": factor, "mode": mode, **_child(root, folder, factor, mode)}


def _child(root: Path, folder: Path, factor: int, mode: Mode) -> dict[str, Any]:
    output, scripts = folder / f"检索{factor}倍{mode}.log", Path(__file__).resolve().parent.parent
    output.unlink(missing_ok=True)
    command = [sys.executable, "-m", "benchmarks.search", str(factor), mode]
    paths = os.pathsep.join([str(scripts), str(root)])
    one = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    environment = {**os.environ, **one, "PYTHONPATH": paths}
    with running(command, output, cwd=root, env=environment) as process:
        try:
            code = process.wait(1800)
        except subprocess.TimeoutExpired:
            code = -1
    lines = output.read_text("utf-8", "replace").splitlines()
    if code != 0:
        for line in lines[-10:]:
            say(f"  │ {line}")
        raise MeasureError(f"检索（{factor} 倍，{mode}）测量失败（代码 {code}）")
    result: dict[str, Any] = json.loads(lines[-1])
    return result


def _measure_here(root: Path, factor: int, mode: Mode) -> dict[str, Any]:
    import psutil

    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    base = load(root / "policies_kb")
    snapshot = enlarge(base, factor)
    asked, day = questions(root), date.fromisoformat(DAY)
    encoder = None
    encoding: list[float] = []
    before = psutil.Process().memory_info().rss
    if mode == "full":
        found = encoder_of(root / "policies_kb")
        if found is None:
            raise MeasureError("没有语义模型")
        for text in asked[:100]:
            started = time.perf_counter()
            found.queries([text])
            encoding.append((time.perf_counter() - started) * 1000)
        store = VectorStore(root / "policies_kb" / VECTORS, found.name, found.size)
        texts = [clause.text for clause in base.clauses.values()]
        encoder = _Perturbed(found, store.all("passage", texts, found.passages))
    started = time.perf_counter()
    search = Search(snapshot, encoder=encoder, vectors=root / "policies_kb" / VECTORS)
    index_s = time.perf_counter() - started
    times = []
    for _ in range(1 + _PASSES):
        for text in asked:
            started = time.perf_counter()
            search.find(text, day, mode=mode)
            times.append((time.perf_counter() - started) * 1000)
    settled = times[len(asked) :]
    return {
        "clauses": len(snapshot.clauses),
        "questions": sum(map(len, snapshot.questions.values())) + len(snapshot.unrelated),
        "index_s": index_s,
        "rss_mb": (psutil.Process().memory_info().rss - before) / 1e6,
        "first_ms": times[0],
        "p50_ms": percentile(settled, 0.5),
        "p95_ms": percentile(settled, 0.95),
        **({"encoder_p50_ms": percentile(encoding, 0.5)} if encoding else {}),
    }


if __name__ == "__main__":
    wanted: Mode = "full" if sys.argv[2] == "full" else "lexical"
    print(json.dumps(_measure_here(Path.cwd(), int(sys.argv[1]), wanted)))
