"""``wence eval``: the project's own questions, put to the running assistant.

Every question goes through the real entry point (HTTP, Rasa, action, search), one
conversation each. The search alone is measured beside plain BM25 over the clauses.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import aiohttp
import numpy as np
from rich.console import Console
from rich.table import Table

from bot.cli.evaluation.retrieval import plain_bm25
from bot.cli.evaluation.scores import ANSWERS, Scores, Talk, add_share, read_rows, wilson
from bot.cli.stack import own_stack
from bot.knowledge import VECTORS, encoder_of
from bot.policies.loader import load
from bot.policies.query import analyse
from bot.policies.search import Search
from bot.settings import Settings

__all__ = ["run"]


@dataclass(frozen=True)
class Asked:
    """A question of the set and what came back."""

    row: dict[str, Any]
    kind: str
    clauses: tuple[str, ...]
    text: str


def run(settings: Settings, split: str, failures: bool) -> int:
    """Print the tables; 1 where a figure is beyond its floor."""
    questions, refusals = (
        read_rows(settings, "questions", key, split) for key in ("questions", "refusals")
    )
    console = Console(highlight=False)
    with console.status("正在启动并提问…"):
        answered, refused, talk = asyncio.run(_ask_all(settings, questions, refusals))
    scores = Scores(settings, "questions", split)
    _steps(console, settings, questions, scores)
    table = Table(title=f"评测（{split}）", box=None)
    for title in ("项目", "数", "共", "占比", "95% 区间"):
        table.add_column(title, justify="left" if title == "项目" else "right")
    right = [asked for asked in answered if _right(asked)]
    for key, name, count in (
        ("right", "作答：条文和数字都对", len(right)),
        ("shown", "作答，或所列第一项：条文和数字都对", sum(map(_shown, answered))),
        ("offered", "作答或给出的选项里有对的", sum(map(_offered_right, answered))),
    ):
        add_share(table, name, count, len(answered))
        scores.least(key, count, len(answered))
    for key, name, wrong, total in (
        (
            "silent",
            "该答而没答",
            sum(not (one.clauses or _passed(one)) for one in answered),
            len(answered),
        ),
        ("stretched", "不该答而答了", sum(one.kind in ANSWERS for one in refused), len(refused)),
    ):
        add_share(table, name, wrong, total)
        scores.most(key, wrong)
    console.print(table)
    talk.told(console, scores)
    for name, pick in _GROUPS:
        _by_group(console, name, answered, pick)
    if failures:
        for asked in answered:
            if not _right(asked):
                said = ",".join(asked.clauses) or "-"
                right_ids = ",".join(asked.row["clauses"])
                console.print(f"✗ {asked.row['text']}  要 {right_ids}  得 {asked.kind} {said}")
        for asked in refused:
            if asked.kind in ANSWERS:
                console.print(f"✗ 不该答：{asked.row['text']}  得 {','.join(asked.clauses)}")
    return scores.settle(console)


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


def _passed(asked: Asked) -> bool:
    """Whether nothing was answered where the clauses there are do not settle the matter."""
    return "silence" in asked.row and asked.kind == "text"


def _right(asked: Asked) -> bool:
    return _passed(asked) or (asked.kind in ANSWERS and _shown(asked))


def _shown(asked: Asked) -> bool:
    """Whether what is told first, be it offered or listed, is right, with its figures."""
    first = bool(asked.clauses) and asked.clauses[0] in asked.row["clauses"]
    told = first and all(figure in asked.text for figure in asked.row["figures"])
    return _passed(asked) or told


def _offered_right(asked: Asked) -> bool:
    return _passed(asked) or any(clause in asked.row["clauses"] for clause in asked.clauses)


@dataclass(frozen=True)
class Step:
    """One line of the ablation table: what the search may use."""

    name: str
    curated: bool = True
    learned: bool = True  # whether the classifier counts
    semantic: bool = True
    mended: bool = True
    nearest: bool = False  # by the closest curated question instead of the regression


_STEPS = (
    Step("字对、字音、专业用语", curated=False, learned=False, semantic=False, mended=False),
    Step("＋整理的问句", learned=False, semantic=False, mended=False),
    Step("＋学到的字词", semantic=False, mended=False),
    Step("语义模型，只看最近的问句", learned=False, mended=False, nearest=True),
    Step("整理的问句＋语义模型", learned=False, mended=False),
    Step("三样合起来", mended=False),
    Step("＋改错字"),
    Step("只按字词（键入时）", semantic=False),
)


# The steps whose figures are held to floors.
_HELD = {"＋改错字": "search", "只按字词（键入时）": "lexical"}


def _steps(
    console: Console, settings: Settings, rows: list[dict[str, Any]], scores: Scores
) -> None:
    """The ablation table: plain BM25, then what is added; the gain over BM25.

    Copies of a clause count as one, for every method alike.
    """
    root = settings.root / "policies_kb"
    snapshot = load(root)
    encoder = encoder_of(root) if settings.encoder else None
    table = Table(title="检索逐步", box=None)
    for title in ("方法", "@1", "95% 区间", "@5", "95% 区间", "MRR@10", "比 BM25 @1", "毫秒/问"):
        table.add_column(title, justify="left" if title == "方法" else "right")
    full, bare = (
        Search(snapshot, encoder=encoder, vectors=root / VECTORS, use_questions=curated)
        for curated in (True, False)
    )
    groups = full.index.group_of
    places = {
        clause.id: int(group) for clause, group in zip(full.index.clauses, groups, strict=True)
    }
    base: float | None = None

    def measure(name: str, ask: Callable[[str], Any]) -> None:
        nonlocal base
        started = time.perf_counter()
        ranks = []
        for row in rows:
            order = dict.fromkeys(groups[np.argsort(-ask(row["text"]), kind="stable")].tolist())
            right = {places[key] for key in row["clauses"]}
            ranks.append(next(i for i, group in enumerate(order) if group in right))
        took = (time.perf_counter() - started) * 1000 / max(len(rows), 1)
        cells = []
        for k in (1, 5):
            hit = sum(rank < k for rank in ranks)
            low, high = wilson(hit, len(ranks))
            cells += [f"{hit / len(ranks):.3f}", f"{low:.2f}–{high:.2f}"]
            if name in _HELD:
                scores.least(f"{_HELD[name]}_at_{k}", hit, len(ranks))
        mrr = sum(1 / (rank + 1) for rank in ranks if rank < 10) / len(ranks)
        at_one = sum(rank == 0 for rank in ranks) / len(ranks)
        base = at_one if base is None else base
        table.add_row(name, *cells, f"{mrr:.3f}", f"{at_one - base:+.3f}", f"{took:.1f}")

    texts = {clause.id: clause.text for clause in snapshot.clauses.values()}
    measure("BM25（词、字对）", plain_bm25(texts, "wlb"))
    measure("BM25（只用词）", plain_bm25(texts, "wl"))
    measure("BM25（只用字对）", plain_bm25(texts, "lb"))
    for step in _STEPS:
        if step.semantic and encoder is None:
            continue
        search = full if step.curated else bare
        measure(step.name, partial(_by_step, search, step))
    console.print(table)


def _by_step(search: Search, step: Step, text: str) -> Any:
    analysis = search.read(text) if step.mended else analyse(text, search.snapshot.lexicon)
    evidence = search.evidence(analysis, "full" if step.semantic else "lexical")
    if not step.learned:
        evidence = replace(evidence, learned=np.zeros_like(evidence.learned))
    if step.nearest:
        return evidence.near()[search.index.group_of]
    return search.score(evidence)


async def _ask_all(
    settings: Settings, questions: list[dict[str, Any]], refusals: list[dict[str, Any]]
) -> tuple[list[Asked], list[Asked], Talk]:
    async with own_stack(settings) as address, aiohttp.ClientSession() as session:
        talk = Talk(session, address, settings)

        async def ask(row: dict[str, Any]) -> Asked:
            ((*replies,),) = await talk.hold([row["text"]])
            custom = replies[0]["custom"]
            clauses = tuple(clause["clause_id"] for clause in custom["clauses"])
            return Asked(row, custom["type"], clauses, "\n".join(r["text"] for r in replies))

        return [await ask(row) for row in questions], [await ask(row) for row in refusals], talk
