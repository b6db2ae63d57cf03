"""``wence eval answers``: what people answer to a question about their firm, and what is heard."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from rich.console import Console
from rich.table import Table

from bot.cli.evaluation.scores import Scores, add_share, read_rows, same_value
from bot.cli.evaluation.understanding import parsed
from bot.knowledge import VECTORS, encoder_of
from bot.policies.answer.context import Context, Interview
from bot.policies.answer.dialogue import Assistant
from bot.policies.answer.leading import LEAVING, left_to_rules
from bot.policies.eligibility.facts import FactError, Value
from bot.policies.loader import load
from bot.policies.model import Snapshot
from bot.policies.search import Search
from bot.settings import Settings

__all__ = ["Taken", "run", "take"]

_DAY = date(2026, 11, 23)  # the day the answers were written; 去年 is counted from it
_KINDS = {
    "value": "答了",
    "unknown": "不清楚",
    "withheld": "不方便说",
    "question": "反问",
    "stop": "不想答下去",
    "unclear": "没说定",
}
_OPEN = {"interview.not_known": "unknown", "interview.not_told": "withheld"}


@dataclass(frozen=True)
class Taken:
    """An answer of the set and what it was taken for.

    Attributes:
        row: the answer, with what it tells as its readers see it.
        kind: one of the kinds of the set; ``unclear`` also of what was not understood.
        value: the fact as the firm's profile then holds it; None where nothing was told.
    """

    row: Mapping[str, Any]
    kind: str
    value: Value | None

    @property
    def right(self) -> bool:
        """Whether it is what was answered; of a question it is enough that nothing was heard."""
        if self.row["kind"] == "value":
            return self.kind == "value" and same_value(self.value, self.row["value"])
        if self.row["kind"] in ("question", "unclear"):
            return self.kind in ("question", "unclear")
        return self.kind == str(self.row["kind"])

    @property
    def harmful(self) -> bool:
        """Whether the firm now counts as something that it did not say."""
        return self.kind == "value" and not self.right


def take(
    rows: Sequence[Mapping[str, Any]], read: Sequence[Mapping[str, Any]], assistant: Assistant
) -> list[Taken]:
    """What is taken from each answer, in an interview that waits for its fact.

    Args:
        rows: ``fact``, ``programme`` and ``text`` of each.
        read: the ``intent`` of each text, and the ``confidence`` in it.
        assistant: who asks.
    """
    snapshot, found = assistant.search.snapshot, []
    for row, one in zip(rows, read, strict=True):
        if left_to_rules(row["text"], one["intent"], one["confidence"]):
            found.append(Taken(row, "stop" if one["intent"] in LEAVING else "question", None))
            continue
        programme = snapshot.programmes[row["programme"]]
        begun = Interview(programme.id, programme.name, asked=(row["fact"],))
        before = Context(programme.references[0], programme=programme.id, interview=begun)
        reply, after = assistant.leading.listen(row["text"], one["intent"], before, _DAY)
        told = (after.facts or {}).get(row["fact"])
        value = None if told is None else _value(snapshot, row["fact"], told)
        kind = "question" if reply is not None else _kind(snapshot, row["fact"], after.interview)
        found.append(Taken(row, kind if value is None else "value", value))
    return found


def _value(snapshot: Snapshot, fact: str, told: object) -> Value | None:
    try:
        return snapshot.facts.facts[fact].value(told)
    except FactError:
        return None


def _kind(snapshot: Snapshot, fact: str, interview: Interview | None) -> str:
    if interview is None:
        return "stop"
    if fact in interview.open:
        for key, kind in _OPEN.items():
            if interview.prefix.startswith(snapshot.phrases(key)):
                return kind
    return "stop" if interview.ended == "cancelled" else "unclear"


def run(settings: Settings, split: str, failures: bool) -> int:
    """Print the table; 1 where a figure is beyond its floor."""
    console, scores = Console(highlight=False), Scores(settings, "answers", split)
    rows = read_rows(settings, "answers", "answers", split)
    root = settings.root / "policies_kb"
    with console.status("正在听回答…"):
        read = parsed(settings, [row["text"] for row in rows])
        search = Search(load(root), encoder=encoder_of(root), vectors=root / VECTORS)
        taken = take(rows, read, Assistant(search))
    table = Table(title=f"听懂对提问的回答（{split}）", box=None)
    for title in ("回答的是", "听对", "条", "占比", "95% 区间", "听成别的情况"):
        table.add_column(title, justify="left" if title == "回答的是" else "right")
    for key, name in (*_KINDS.items(), ("", "合计")):
        chosen = [one for one in taken if key in ("", one.row["kind"])]
        right, harmful = sum(one.right for one in chosen), sum(one.harmful for one in chosen)
        add_share(table, name, right, len(chosen), harmful)
        scores.least(key or "right", right, len(chosen))
        if not key:
            scores.most("misheard", harmful)
    console.print(table)
    if failures:
        for one in taken:
            if not one.right:
                console.print(_said(one))
    return scores.settle(console)


def _said(one: Taken) -> str:
    wanted, got = (
        f"{kind} {value}" if kind == "value" else kind
        for kind, value in ((one.row["kind"], one.row.get("value")), (one.kind, one.value))
    )
    return f"✗ {one.row['fact']} {one.row['text']}  说的是 {wanted}  得 {got}"
