"""``wence eval conversations``: whole conversations put to the running assistant, turn by turn."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import aiohttp
from rich.console import Console
from rich.table import Table

from bot.cli.evaluation.scores import Scores, Talk, read_rows, wilson
from bot.cli.stack import own_stack
from bot.policies.loader import load
from bot.policies.model import Snapshot
from bot.settings import Settings

__all__ = ["faults", "kinds_of", "run"]

_CITING = frozenset({"answer", "verdict", "list", "offer", "compare"})
# What a reply of a type counts as; a verdict quotes the clause, so it answers as well.
_KINDS: Mapping[str, frozenset[str]] = {
    "policy_answer": frozenset({"answer"}),
    "eligibility_result": frozenset({"verdict", "answer"}),
    "eligibility_question": frozenset({"question"}),
    "policy_list": frozenset({"list", "offer"}),
    "handoff": frozenset({"person"}),
    "text": frozenset({"refuse", "talk", "profile"}),
}


# An answer that says, before it quotes anything, that the source does not state what was asked.
_NOT_STATED, _QUOTED = "没有写明", "按文件条件"


@dataclass(frozen=True)
class Turn:
    """A turn of the set and in what its replies were wrong."""

    row: dict[str, Any]
    replies: list[dict[str, Any]]
    faults: tuple[str, ...]


def kinds_of(reply: dict[str, Any]) -> frozenset[str]:
    """What a reply counts as."""
    custom = reply["custom"]
    if custom["type"] == "clarify":
        return frozenset({"offer", "question"} if custom["clauses"] else {"question", "refuse"})
    kinds = _KINDS.get(custom["type"], frozenset())
    if custom["type"] == "policy_answer" and len(custom["clauses"]) > 1:
        kinds |= {"compare"}
    if custom["type"] == "policy_answer" and _NOT_STATED in reply["text"].split(_QUOTED)[0]:
        kinds |= {"refuse"}
    if custom["type"] == "text" and "12345" in reply["text"]:
        kinds |= {"person"}
    return kinds


def faults(
    row: dict[str, Any], replies: Sequence[dict[str, Any]], snapshot: Snapshot
) -> tuple[str, ...]:
    """In what the replies to a turn are not right; none where they are.

    Of several replies (a verdict, then a question) one of an acceptable kind is enough; it
    must cite a right clause or a copy of one, if it cites.
    """
    found = []
    wanted = set(row["kinds"])
    fitting = [reply for reply in replies if kinds_of(reply) & wanted]
    if not fitting:
        found.append("kind")
    right = set(row["clauses"])
    for key in row["clauses"]:
        right |= {copy.clause_id for copy in snapshot.copies.get(key, ())}
    if right and fitting and not any(_cites(reply, wanted, right) for reply in fitting):
        found.append("clause")
    verdicts = [r["custom"]["verdict"] for r in replies if r["custom"]["verdict"]]
    if verdicts and "verdict" in row:
        if verdicts[0]["verdict"] != row["verdict"]:
            found.append("verdict")
        elif "amount" in row and verdicts[0]["amount_yuan"] != row["amount"]:
            found.append("amount")
    text = "\n".join(reply["text"] for reply in replies)
    if any(words not in text for words in row.get("says", ())):
        found.append("words")
    return tuple(found)


def _cites(reply: dict[str, Any], wanted: set[str], right: set[str]) -> bool:
    kinds = kinds_of(reply) & wanted
    if kinds - _CITING:
        return True
    return any(clause["clause_id"] in right for clause in reply["custom"]["clauses"])


def run(settings: Settings, split: str, failures: bool) -> int:
    """Print the table; 1 where a figure is beyond its floor."""
    rows = read_rows(settings, "conversations", "conversations", split)
    console = Console(highlight=False)
    snapshot = load(settings.root / "policies_kb")
    with console.status("正在启动并对话…"):
        held, talk = asyncio.run(_hold(settings, rows, snapshot))
    scores = Scores(settings, "conversations", split)
    table = Table(title=f"对话（{split}）", box=None)
    for title in ("行为", "整场对", "场", "占比", "95% 区间", "轮对", "轮", "占比"):
        table.add_column(title, justify="left" if title == "行为" else "right")
    groups = [*sorted({row["behaviour"] for row in rows}), ""]
    for group in groups:
        chosen = [turns for row, turns in held if group in ("", row["behaviour"])]
        whole = sum(not any(turn.faults for turn in turns) for turns in chosen)
        every = [turn for turns in chosen for turn in turns]
        good = sum(not turn.faults for turn in every)
        low, high = wilson(whole, len(chosen))
        table.add_row(
            group or "合计",
            *(str(whole), str(len(chosen)), f"{whole / max(len(chosen), 1):.3f}"),
            f"{low:.2f}–{high:.2f}",
            *(str(good), str(len(every)), f"{good / max(len(every), 1):.3f}"),
        )
        if not group:
            scores.least("whole", whole, len(chosen))
            scores.least("turns", good, len(every))
    console.print(table)
    every = [turn for _, turns in held for turn in turns]
    counted = Counter(fault for turn in every for fault in turn.faults)
    console.print("错处：" + "，".join(f"{name} {count}" for name, count in counted.most_common()))
    talk.told(console, scores)
    if failures:
        for row, turns in held:
            for turn in turns:
                if turn.faults:
                    console.print(_said(row, turn))
    return scores.settle(console)


def _said(row: dict[str, Any], turn: Turn) -> str:
    got = "；".join(
        f"{reply['custom']['type']} "
        f"{','.join(clause['clause_id'] for clause in reply['custom']['clauses'][:2])} "
        f"{reply['text'][:60]!r}"
        for reply in turn.replies
    )
    wanted = f"{','.join(turn.row['kinds'])} {','.join(turn.row['clauses'][:2])}"
    return f"✗ {row['id']} {','.join(turn.faults)} {turn.row['user']}  要 {wanted}  得 {got}"


async def _hold(
    settings: Settings, rows: list[dict[str, Any]], snapshot: Snapshot
) -> tuple[list[tuple[dict[str, Any], list[Turn]]], Talk]:
    async with own_stack(settings) as address, aiohttp.ClientSession() as session:
        talk, held = Talk(session, address, settings), []
        for row in rows:
            heard = await talk.hold(turn["user"] for turn in row["turns"])
            turns = [
                Turn(turn, replies, faults(turn, replies, snapshot))
                for turn, replies in zip(row["turns"], heard, strict=True)
            ]
            held.append((row, turns))
        return held, talk
