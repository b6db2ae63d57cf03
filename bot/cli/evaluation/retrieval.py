"""``wence eval retrieval``: the same search and encoder over any corpus, beside plain BM25."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.progress import track
from rich.table import Table

from bot.errors import WenceError
from bot.knowledge import encoder_of
from bot.policies.loader import load
from bot.policies.model import PROVINCE, Clause, Document, Snapshot
from bot.policies.query import Lexicon
from bot.policies.search import Search
from bot.policies.search.analyzer import Analyzer
from bot.policies.search.bm25 import BM25
from bot.settings import Settings

__all__ = ["CorpusError", "plain_bm25", "run"]

_DEEP = 10


class CorpusError(WenceError):
    """A corpus or its queries cannot be read; the message names file and line."""


def run(settings: Settings, corpus: Path, queries: Path, *, encoder: bool) -> int:
    """Print @1, @5, @10 and MRR@10 of the search and of plain BM25.

    Args:
        settings: where the knowledge base and the cache are.
        corpus: JSON lines ``{"id", "text"}``.
        queries: JSON lines ``{"question", "gold": [ids]}``.
        encoder: whether meaning counts.
    """
    try:
        texts = _texts(corpus)
        asked = _asked(queries, texts)
    except CorpusError as error:
        print(error, file=sys.stderr)
        return 1
    found = encoder_of(settings.root / "policies_kb") if encoder and settings.encoder else None
    if encoder and found is None:
        print("没有语义模型，只按字词检索", file=sys.stderr)
    search = Search(
        _snapshot(load(settings.root / "policies_kb"), texts),
        encoder=found,
        vectors=settings.var_dir / "cache" / "retrieval.npz",
        use_questions=False,
    )
    search.save_vectors()
    ids = list(texts)
    plain = plain_bm25(texts, "wlb")
    console = Console(highlight=False)
    ranks: dict[str, list[int]] = {"只用 BM25（字词、字对）": [], "问策检索": []}
    took: dict[str, float] = dict.fromkeys(ranks, 0.0)
    for question, gold in track(asked, "正在检索…", console=Console(stderr=True)):
        started = time.perf_counter()
        ranks["只用 BM25（字词、字对）"].append(_rank(plain(question), ids, gold))
        middle = time.perf_counter()
        ranks["问策检索"].append(
            _rank(search.score(search.evidence(search.read(question))), ids, gold)
        )
        took["只用 BM25（字词、字对）"] += middle - started
        took["问策检索"] += time.perf_counter() - middle
    title = f"{len(texts)} 篇，{len(asked)} 问" + ("" if found else "（不用语义模型）")
    table = Table(title=title, box=None)
    for name in ("方法", "@1", "@5", "@10", "MRR@10", "毫秒/问"):
        table.add_column(name, justify="left" if name == "方法" else "right")
    for name, places in ranks.items():
        cut = [f"{np.mean([place < k for place in places]):.3f}" for k in (1, 5, 10)]
        mrr = np.mean([1 / (place + 1) if place < _DEEP else 0.0 for place in places])
        table.add_row(name, *cut, f"{mrr:.3f}", f"{took[name] * 1000 / len(asked):.1f}")
    console.print(table)
    return 0


def _texts(path: Path) -> dict[str, str]:
    texts: dict[str, str] = {}
    for number, row in _rows(path, ("id", "text")):
        key = str(row["id"])
        if key in texts:
            raise CorpusError(f"{path.name}:{number}: 编号 {key} 重复")
        texts[key] = str(row["text"])
    if not texts:
        raise CorpusError(f"{path.name}: 没有内容")
    return texts


def _asked(path: Path, texts: Mapping[str, str]) -> list[tuple[str, set[str]]]:
    asked: list[tuple[str, set[str]]] = []
    for number, row in _rows(path, ("question", "gold")):
        gold = row["gold"]
        if not isinstance(gold, list) or not gold:
            raise CorpusError(f"{path.name}:{number}: gold 应当是编号的列表，至少一个")
        keys = {str(key) for key in gold}
        if unknown := keys - texts.keys():
            raise CorpusError(
                f"{path.name}:{number}: “{row['question']}”的答案 {min(unknown)} 不在语料里"
            )
        asked.append((str(row["question"]), keys))
    if not asked:
        raise CorpusError(f"{path.name}: 没有内容")
    return asked


def _rows(path: Path, keys: Sequence[str]) -> Iterator[tuple[int, dict[str, Any]]]:
    """The objects of a file of JSON lines, each with the number of its line."""
    try:
        # Other tools put a mark in front, and leave U+2028 within a text as it is.
        lines = path.read_text("utf-8-sig").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise CorpusError(f"{path.name}: 无法读取（{type(error).__name__}）") from error
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except ValueError as error:
            raise CorpusError(f"{path.name}:{number}: 不是 JSON") from error
        missing = [key for key in keys if not isinstance(row, dict) or row.get(key) is None]
        if missing:
            raise CorpusError(f"{path.name}:{number}: 缺少 {'、'.join(missing)}")
        yield number, row


def _snapshot(own: Snapshot, texts: dict[str, str]) -> Snapshot:
    """The corpus as a knowledge base: its texts as clauses, no questions, no glossary."""
    source = next(iter(own.sources))
    clauses = {
        key: Clause(
            id=key,
            document_id="corpus",
            source=source,
            number=number,
            unit="条",
            scope=PROVINCE,
            part=None,
            section=None,
            subsection=None,
            text=text,
            responsible=None,
            lines=(number, number),
        )
        for number, (key, text) in enumerate(texts.items(), 1)
    }
    document = Document("corpus", "", "语料", None, None, None, PROVINCE, tuple(clauses.values()))
    return replace(
        own,
        documents={"corpus": document},
        clauses=clauses,
        copies={},
        disputes={},
        questions={},
        unrelated=(),
        lexicon=Lexicon(()),
    )


def plain_bm25(texts: dict[str, str], kinds: str) -> Any:
    """Plain BM25: question → scores of the texts.

    Args:
        texts: by id.
        kinds: the kinds of features that count: words ``w``, letters ``l``, pairs ``b``.
    """
    analyzer = Analyzer(Lexicon(()))

    def features(text: str) -> dict[str, float]:
        return {f: n for f, n in analyzer.features(text, words=True).items() if f[0] in kinds}

    index = BM25([features(text) for text in texts.values()], dict.fromkeys(kinds, 1.0), 1.2, 0.75)
    return lambda question: index.scores(features(question))


def _rank(scores: Any, ids: Sequence[str], gold: set[str]) -> int:
    """The place of the first right text, from 0; beyond the depth it does not matter.

    What has nothing in common with the question is not found, wherever it stands.
    """
    order = np.argsort(-np.asarray(scores), kind="stable")[:_DEEP]
    found = (place for place, i in enumerate(order) if scores[i] > 0 and ids[i] in gold)
    return next(found, 10**6)
