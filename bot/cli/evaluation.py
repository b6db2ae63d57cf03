"""``wence eval``: the project's own questions, put to the running assistant.

Every question goes through the real entry point (HTTP, Rasa, action, search), one
conversation each. The search alone is measured beside plain BM25 over the clauses.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import aiohttp
import yaml
from rich.console import Console
from rich.table import Table

from bot.cli.stack import own_stack, send
from bot.knowledge import load_knowledge
from bot.policies.search import Search
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

    for method, curated in (("只用 BM25", False), ("检索（含问句）", True)):
        ranks = _ranks(settings, rows["questions"], use_questions=curated)
        for k in (1, 5):
            add(f"{method} @{k}", sum(rank < k for rank in ranks), len(ranks))
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


def _ranks(settings: Settings, rows: list[dict[str, Any]], *, use_questions: bool) -> list[int]:
    snapshot = load_knowledge(settings.root / "policies_kb", None).snapshot
    search = Search(snapshot, None, use_questions=use_questions)
    ranks = []
    for row in rows:
        found = [h.clause.id for h in search.find(row["text"], settings.as_of()).hits]
        ranks.append(next((i for i, c in enumerate(found) if c in row["clauses"]), 999))
    return ranks


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
