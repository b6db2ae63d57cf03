"""``wence eval hearing``: sentences by which a firm tells a fact, and what is heard in them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from rich.console import Console
from rich.table import Table

from bot.cli.evaluation.scores import Scores, add_share, read_rows, same_value
from bot.policies.eligibility.facts import Fact, FactBook, Value
from bot.policies.eligibility.mentions import mentions
from bot.policies.loader import load
from bot.settings import Settings

__all__ = ["Heard", "hear", "run"]

_DAY = date(2026, 11, 22)  # the day the sentences were written; 去年 is counted from it
_KINDS = {
    "yes": "是",
    "no": "否",
    "choice": "选项",
    "integer": "数目",
    "money": "金额",
    "ratio": "比率",
    "date": "日期",
}


@dataclass(frozen=True)
class Heard:
    """A sentence of the set and what was heard in it; None where nothing was."""

    row: dict[str, Any]
    kind: str
    value: Value | None

    @property
    def right(self) -> bool:
        """Whether it is what was told."""
        return same_value(self.value, self.row["value"])


def hear(rows: Sequence[dict[str, Any]], book: FactBook) -> list[Heard]:
    """What is heard in each sentence of the fact that it tells."""
    found = []
    for row in rows:
        fact = book.facts[row["fact"]]
        heard = mentions(row["text"], [fact], _DAY)
        found.append(Heard(row, _kind(fact, row["value"]), heard[0].value if heard else None))
    return found


def _kind(fact: Fact, value: object) -> str:
    if fact.type == "boolean":
        return "yes" if value else "no"
    return fact.type


def run(settings: Settings, split: str, failures: bool) -> int:
    """Print the table; 1 where a figure is beyond its floor."""
    console, scores = Console(highlight=False), Scores(settings, "hearing", split)
    book = load(settings.root / "policies_kb").facts
    heard = hear(read_rows(settings, "hearing", "sentences", split), book)
    table = Table(title=f"听懂企业自述（{split}）", box=None)
    for title in ("说的是", "听对", "句", "占比", "95% 区间", "听错"):
        table.add_column(title, justify="left" if title == "说的是" else "right")
    right, total, wrong = Counter[str](), Counter[str](), Counter[str]()
    for one in heard:
        total[one.kind] += 1
        right[one.kind] += one.right
        wrong[one.kind] += one.value is not None and not one.right
    for key, name in _KINDS.items():
        if total[key]:
            add_share(table, name, right[key], total[key], wrong[key])
            scores.least(key, right[key], total[key])
            scores.most(f"{key}_wrong", wrong[key])
    console.print(table)
    if failures:
        for one in heard:
            if not one.right:
                told, got = one.row["value"], "没听到" if one.value is None else one.value
                console.print(f"✗ {one.row['fact']} {one.row['text']}  说的是 {told}  得 {got}")
    return scores.settle(console)
