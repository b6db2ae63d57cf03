"""``wence eval bounds``: what lies near the bounds of the base, and on which side it was taken.

Firms name other places and speak of private matters on their way to a question of policy; who
is turned away then has nowhere to go. Who asks what the base cannot hold must not be answered.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import aiohttp
from rich.console import Console
from rich.table import Table

from bot.cli.evaluation.scores import ANSWERS, Scores, Talk, add_share, read_rows
from bot.cli.stack import own_stack
from bot.policies.loader import load
from bot.policies.model import Phrases
from bot.settings import Settings

__all__ = ["Put", "run"]

_INSIDE = {"here": "路过外地，问的是本省", "policy": "说到私事，问的是政策"}
_OUTSIDE = {"elsewhere": "问外地的政策", "beside": "不是政策能管的事"}
# Sentences that turn somebody away; each is told from its beginning.
_AWAY = ("nothing.elsewhere", "nothing.out_of_scope", "nothing.aside", "nothing.evasion")
_OPENING = 12  # characters of a sentence that tell which it is


@dataclass(frozen=True)
class Put:
    """A message of the set and the first reply to it."""

    row: Mapping[str, Any]
    reply: Mapping[str, Any]

    def right(self, phrases: Phrases) -> bool:
        """Whether it was answered or asked back where it should, and not where it should not."""
        if self.row["label"] in _OUTSIDE:
            return self.reply["custom"]["type"] not in ANSWERS
        said = str(self.reply["text"])
        # The place is named in the middle of one sentence, so its beginning has none.
        return not any(said.startswith(phrases(key, place="")[:_OPENING]) for key in _AWAY)


def run(settings: Settings, split: str, failures: bool) -> int:
    """Print the table; 1 where a figure is beyond its floor."""
    rows = read_rows(settings, "bounds", "messages", split)
    console, scores = Console(highlight=False), Scores(settings, "bounds", split)
    phrases = load(settings.root / "policies_kb").phrases
    with console.status("正在启动并提问…"):
        put, talk = asyncio.run(_ask_all(settings, rows))
    table = Table(title=f"收录范围内外（{split}）", box=None)
    for title in ("说的是", "没弄错", "条", "占比", "95% 区间"):
        table.add_column(title, justify="left" if title == "说的是" else "right")
    for key, name in (*_INSIDE.items(), *_OUTSIDE.items()):
        chosen = [one for one in put if one.row["label"] == key]
        right = sum(one.right(phrases) for one in chosen)
        add_share(table, name, right, len(chosen))
        scores.least(key, right, len(chosen))
    console.print(table)
    talk.told(console, scores)
    if failures:
        for one in put:
            if not one.right(phrases):
                said = one.reply["text"][:60].replace("\n", " ")
                console.print(f"✗ {one.row['label']} {one.row['text']}  得 {said}")
    return scores.settle(console)


async def _ask_all(settings: Settings, rows: list[dict[str, Any]]) -> tuple[list[Put], Talk]:
    async with own_stack(settings) as address, aiohttp.ClientSession() as session:
        talk, found = Talk(session, address, settings), []
        for row in rows:
            ((first, *_),) = await talk.hold([row["text"]])
            found.append(Put(row, first))
        return found, talk
