"""``wence eval``: the project's own questions, put to the running assistant.

Every question goes through the real entry point (HTTP, Rasa, action, search), one
conversation each. The search alone is measured beside plain BM25 over the clauses.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import aiohttp
import numpy as np
import yaml
from rich.console import Console
from rich.table import Table

from bot.cli.retrieval import plain_bm25
from bot.cli.stack import own_stack, send
from bot.knowledge import VECTORS
from bot.policies.loader import load
from bot.policies.search import Search, open_encoder
from bot.settings import Settings

__all__ = ["run", "wilson"]

_EVALUATION = Path("tests") / "eval"


@dataclass(frozen=True)
class Asked:
    """A question of the set and what came back."""

    row: dict[str, Any]
    kind: str
    clauses: tuple[str, ...]
    text: str


def wilson(right: int, total: int) -> tuple[float, float]:
    """The 95 % confidence interval of a share (Wilson, 1927)."""
    if total == 0:
        return 0.0, 1.0
    z, share = 1.96, right / total
    middle = (share + z * z / (2 * total)) / (1 + z * z / total)
    half = z * math.sqrt(share * (1 - share) / total + z * z / (4 * total * total))
    half /= 1 + z * z / total
    return middle - half, middle + half


def run(settings: Settings, split: str, *, failures: bool = False) -> int:
    """Print the table; 0 whatever the figures."""
    rows: dict[str, list[dict[str, Any]]] = {"questions": [], "refusals": []}
    for path in sorted((settings.root / _EVALUATION).glob("*.yml")):
        content = yaml.safe_load(path.read_text("utf-8"))
        for key, wanted in rows.items():
            wanted += [r for r in content[key] if split in ("all", r["split"])]
    console = Console(highlight=False)
    with console.status("正在启动并提问…"):
        answered, refused = asyncio.run(_ask_all(settings, rows["questions"], rows["refusals"]))
    table = Table(title=f"评测（{split}）", box=None)
    for title in ("项目", "数", "占比", "95% 区间"):
        table.add_column(title, justify="left" if title == "项目" else "right")

    def add(name: str, right: int, total: int) -> None:
        low, high = wilson(right, total)
        share = f"{right / total:.3f}" if total else "-"
        table.add_row(name, f"{right}/{total}", share, f"{low:.2f}–{high:.2f}")

    _steps(console, settings, rows["questions"])
    right = [asked for asked in answered if _right(asked)]
    add("作答：条文和数字都对", len(right), len(answered))
    add("作答或给出的选项里有对的", sum(_offered_right(asked) for asked in answered), len(answered))
    add("该答而没答", sum(not asked.clauses for asked in answered), len(answered))
    add("不该答而答了", sum(a.kind == "policy_answer" for a in refused), len(refused))
    console.print(table)
    for name, pick in _GROUPS:
        _by_group(console, name, answered, pick)
    if failures:
        for asked in answered:
            if not _right(asked):
                said = ",".join(asked.clauses) or "-"
                right_ids = ",".join(asked.row["clauses"])
                console.print(f"✗ {asked.row['text']}  要 {right_ids}  得 {asked.kind} {said}")
        for asked in refused:
            if asked.kind == "policy_answer":
                console.print(f"✗ 不该答：{asked.row['text']}  得 {','.join(asked.clauses)}")
    return 0


_GROUPS: tuple[tuple[str, Callable[[dict[str, Any]], str]], ...] = (
    ("按问法", lambda row: str(row.get("style", "-"))),
)


def _by_group(
    console: Console, name: str, answered: list[Asked], pick: Callable[[dict[str, Any]], str]
) -> None:
    groups: dict[str, list[Asked]] = {}
    for asked in answered:
        groups.setdefault(pick(asked.row), []).append(asked)
    parts = [f"{key} {sum(map(_right, rows))}/{len(rows)}" for key, rows in sorted(groups.items())]
    console.print(f"{name}：" + "，".join(parts))


def _right(asked: Asked) -> bool:
    return (
        asked.kind == "policy_answer"
        and asked.clauses[0] in asked.row["clauses"]
        and all(figure in asked.text for figure in asked.row["figures"])
    )


def _offered_right(asked: Asked) -> bool:
    return any(clause in asked.row["clauses"] for clause in asked.clauses)


# The search step by step: what counts (the other weights are nought), whether curated
# questions and the encoder do.
_STEPS: tuple[tuple[str, frozenset[str], bool, bool], ...] = (
    ("词", frozenset({"word"}), False, False),
    ("＋字对", frozenset({"word", "bigram"}), False, False),
    ("＋字音、专业用语", frozenset({"word", "bigram", "pinyin", "term"}), False, False),
    ("＋整理的问句", frozenset({"word", "bigram", "pinyin", "term"}), True, False),
    ("＋语义模型", frozenset({"word", "bigram", "pinyin", "term"}), True, True),
)


def _steps(console: Console, settings: Settings, rows: list[dict[str, Any]]) -> None:
    """The ablation table: plain BM25, then one more thing a line; the gain over BM25."""
    root = settings.root / "policies_kb"
    snapshot = load(root)
    cache = settings.var_dir / "cache" / "features.json"
    encoder = open_encoder() if settings.encoder else None
    table = Table(title="检索逐步", box=None)
    for title in ("方法", "@1", "95% 区间", "@5", "95% 区间", "MRR@10", "比 BM25 @1", "毫秒/问"):
        table.add_column(title, justify="left" if title == "方法" else "right")
    texts = {clause.id: clause.text for clause in snapshot.clauses.values()}
    first: float | None = None

    def measure(name: str, ask: Callable[[str], list[str]]) -> None:
        nonlocal first
        started = time.perf_counter()
        ranks = []
        for row in rows:
            found = ask(row["text"])
            ranks.append(next((i for i, key in enumerate(found) if key in row["clauses"]), 999))
        took = (time.perf_counter() - started) * 1000 / max(len(rows), 1)
        shares = [sum(rank < k for rank in ranks) for k in (1, 5)]
        cells = []
        for right in shares:
            low, high = wilson(right, len(ranks))
            cells += [f"{right / len(ranks):.3f}", f"{low:.2f}–{high:.2f}"]
        mrr = sum(1 / (rank + 1) for rank in ranks if rank < 10) / len(ranks)
        at_one = shares[0] / len(ranks)
        first = at_one if first is None else first
        table.add_row(name, *cells, f"{mrr:.3f}", f"{at_one - first:+.3f}", f"{took:.1f}")

    plain, ids = plain_bm25(texts), list(texts)
    measure("BM25（词、字对）", lambda text: [ids[i] for i in np.argsort(-plain(text))[:10]])
    day = settings.as_of()
    for name, kinds, curated, semantic in _STEPS:
        if semantic and encoder is None:
            continue
        numbers = {
            key: 0.0
            if key
            in {f"{kind}_weight" for kind in ("word", "bigram", "pinyin", "term")}
            - {f"{kind}_weight" for kind in kinds}
            else value
            for key, value in snapshot.tuning.numbers.items()
        }
        search = Search(
            replace(snapshot, tuning=replace(snapshot.tuning, numbers=numbers)),
            cache,
            encoder=encoder if semantic else None,
            vectors=root / VECTORS,
            use_questions=curated,
        )
        measure(name, lambda text, s=search: [h.clause.id for h in s.find(text, day).hits])  # type: ignore[misc]
    console.print(table)


async def _ask_all(
    settings: Settings, questions: list[dict[str, Any]], refusals: list[dict[str, Any]]
) -> tuple[list[Asked], list[Asked]]:
    async with own_stack(settings) as address, aiohttp.ClientSession() as session:

        async def ask(row: dict[str, Any]) -> Asked:
            replies = await send(
                session, address, f"eval-{uuid4()}", row["text"], settings.rest_token
            )
            custom = replies[0]["custom"]
            clauses = tuple(clause["clause_id"] for clause in custom["clauses"])
            return Asked(row, custom["type"], clauses, "\n".join(r["text"] for r in replies))

        return [await ask(row) for row in questions], [await ask(row) for row in refusals]
