"""``wence eval cases``: messages that tell a firm's case, put to the running assistant."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import aiohttp
import yaml
from rich.console import Console
from rich.table import Table

from bot.cli.evaluation import EVALUATION, wilson
from bot.cli.stack import own_stack, send
from bot.settings import Settings

__all__ = ["right", "run"]

_VERDICTS = {
    "eligible": "符合",
    "ineligible": "不符合或已过期",
    "unknown": "还缺事实",
    "none": "没有条文管",
}


@dataclass(frozen=True)
class Told:
    """A case and what came back."""

    row: dict[str, Any]
    custom: dict[str, Any]
    text: str


def right(row: dict[str, Any], custom: dict[str, Any]) -> bool:
    """Whether a reply gives a right verdict, with the right amount, from a right clause.

    Of a case that lacks a fact, asking back about the right clause is right too; of one that
    no clause covers, whatever grants nothing and answers with no clause as if it did.
    """
    return any(_agrees(reading, custom) for reading in _readings(row))


def _readings(row: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield row
    for other in row.get("also", ()):
        yield {**row, **other}


def _agrees(wanted: dict[str, Any], custom: dict[str, Any]) -> bool:
    verdict = custom["verdict"]
    outcome = verdict["verdict"] if verdict else None
    if wanted["verdict"] == "none":
        return custom["type"] in {"text", "clarify"} or outcome in {"unknown", "ineligible"}
    cited = {clause["clause_id"] for clause in custom["clauses"]}
    if not cited & set(wanted["clauses"]):
        return False
    if wanted["verdict"] == "unknown" and custom["type"] == "clarify":
        return True
    if outcome != wanted["verdict"]:
        return False
    return outcome != "eligible" or bool(verdict["amount_yuan"] == wanted["amount"])


def run(settings: Settings, split: str, *, failures: bool = False) -> int:
    """Print the table; 0 whatever the figures."""
    rows: list[dict[str, Any]] = []
    for path in sorted((settings.root / EVALUATION / "cases").glob("*.yml")):
        content = yaml.safe_load(path.read_text("utf-8"))
        rows += [row for row in content["cases"] if split in ("all", row["split"])]
    console = Console(highlight=False)
    with console.status("正在启动并提问…"):
        told = asyncio.run(_ask_all(settings, rows))
    good, total = Counter[str](), Counter[str]()
    for case in told:
        total[case.row["verdict"]] += 1
        good[case.row["verdict"]] += right(case.row, case.custom)
    table = Table(title=f"一句话判断（{split}）", box=None)
    for title in ("应有的结论", "对", "数", "占比", "95% 区间"):
        table.add_column(title, justify="left" if title == "应有的结论" else "right")
    for key, name in (*_VERDICTS.items(), ("", "合计")):
        n = sum(total.values()) if not key else total[key]
        hit = sum(good.values()) if not key else good[key]
        low, high = wilson(hit, n)
        share = f"{hit / n:.3f}" if n else "-"
        table.add_row(name, str(hit), str(n), share, f"{low:.2f}–{high:.2f}")
    console.print(table)
    if failures:
        for case in told:
            if not right(case.row, case.custom):
                console.print(_said(case))
    return 0


def _said(case: Told) -> str:
    row, verdict = case.row, case.custom["verdict"]
    got = case.custom["type"]
    if verdict:
        programme = case.custom["programme"]["id"]
        missing = ",".join(verdict["missing_facts"])
        got = f"{programme} {verdict['verdict']} {verdict['amount_yuan']} 缺 {missing}"
    wanted = f"{row['verdict']} {row['amount']} {','.join(row['clauses'][:2])}"
    return f"✗ {row['id']} {row['text'][:60]}  要 {wanted}  得 {got}"


async def _ask_all(settings: Settings, rows: list[dict[str, Any]]) -> list[Told]:
    async with own_stack(settings) as address, aiohttp.ClientSession() as session:
        found = []
        for row in rows:
            sender = f"eval-{uuid4()}"
            replies = await send(session, address, sender, row["text"], settings.rest_token)
            text = "\n".join(reply["text"] for reply in replies)
            found.append(Told(row, replies[0]["custom"], text))
        return found
