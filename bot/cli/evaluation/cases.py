"""``wence eval cases``: messages that tell a firm's case, put to the running assistant."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import aiohttp
from rich.console import Console
from rich.table import Table

from bot.cli.evaluation.scores import Scores, Talk, add_share, read_rows
from bot.cli.stack import own_stack
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


def run(settings: Settings, split: str, failures: bool) -> int:
    """Print the table; 1 where a figure is beyond its floor."""
    rows = read_rows(settings, "cases", "cases", split)
    console = Console(highlight=False)
    with console.status("正在启动并提问…"):
        told, talk = asyncio.run(_ask_all(settings, rows))
    good, total = Counter[str](), Counter[str]()
    for case in told:
        total[case.row["verdict"]] += 1
        good[case.row["verdict"]] += right(case.row, case.custom)
    scores = Scores(settings, "cases", split)
    table = Table(title=f"一句话判断（{split}）", box=None)
    for title in ("应有的结论", "对", "数", "占比", "95% 区间"):
        table.add_column(title, justify="left" if title == "应有的结论" else "right")
    for key, name in (*_VERDICTS.items(), ("", "合计")):
        n = sum(total.values()) if not key else total[key]
        hit = sum(good.values()) if not key else good[key]
        add_share(table, name, hit, n)
        scores.least(key or "right", hit, n)
    console.print(table)
    wrong = sum(_wrongly_granted(case) for case in told)
    scores.most("wrongly_granted", wrong)
    console.print(f"不符合或还缺事实却说符合：{wrong}")
    talk.told(console, scores)
    if failures:
        for case in told:
            if not right(case.row, case.custom):
                console.print(_said(case))
    return scores.settle(console)


def _wrongly_granted(case: Told) -> bool:
    """Whether a firm is told that it fits where no right reading says so."""
    verdict = case.custom["verdict"]
    granted = verdict is not None and verdict["verdict"] == "eligible"
    return granted and all(one["verdict"] != "eligible" for one in _readings(case.row))


def _said(case: Told) -> str:
    row, verdict = case.row, case.custom["verdict"]
    got = case.custom["type"]
    if verdict:
        programme = case.custom["programme"]["id"]
        missing = ",".join(verdict["missing_facts"])
        got = f"{programme} {verdict['verdict']} {verdict['amount_yuan']} 缺 {missing}"
    wanted = f"{row['verdict']} {row['amount']} {','.join(row['clauses'][:2])}"
    return f"✗ {row['id']} {row['text'][:60]}  要 {wanted}  得 {got}"


async def _ask_all(settings: Settings, rows: list[dict[str, Any]]) -> tuple[list[Told], Talk]:
    async with own_stack(settings) as address, aiohttp.ClientSession() as session:
        talk, found = Talk(session, address, settings), []
        for row in rows:
            ((*replies,),) = await talk.hold([row["text"]])
            text = "\n".join(reply["text"] for reply in replies)
            found.append(Told(row, replies[0]["custom"], text))
        return found, talk
