"""``wence eval understanding``: intents and entities of the questions, as the model hears them."""

from __future__ import annotations

import json
import os
import re
import subprocess
import tempfile
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from bot.cli.evaluation.scores import Scores, add_share, read_rows
from bot.settings import Settings
from bot.supervisor.plan import RASA_VARIABLES, model_in_use, rasa_python

__all__ = ["Read", "matched", "parsed", "run"]

_NAMES = {
    "document_number": "文号",
    "article": "条号",
    "year": "年份",
    "date": "日期",
    "money": "金额",
    "count": "数量",
    "ratio": "比率",
    "term": "专业用语",
}
_CLOSE = 1e-4  # relative; a sum is told in 万 or 亿
_THEN = 2026  # the year in which the messages were written; 去年 is counted from it
_RELATIVE = {"大前年": -3, "前年": -2, "去年": -1, "今年": 0, "明年": 1, "后年": 2}
_CONFUSED = 12  # pairs of intents shown

Entity = Sequence[Any]


@dataclass(frozen=True)
class Read:
    """A message with what its readers wrote and what the model made of it."""

    row: Mapping[str, Any]
    found: Mapping[str, Any]

    @property
    def exact(self) -> bool:
        """Whether the intent is the one the readers put first."""
        return bool(self.found["intent"] == self.row["intent"])

    @property
    def sensible(self) -> bool:
        """Whether it is one that a reader held as right."""
        return self.exact or self.found["intent"] in self.row["also"]


def run(settings: Settings, split: str, failures: bool) -> int:
    """Print the tables; 1 where a figure is beyond its floor."""
    console, scores = Console(highlight=False), Scores(settings, "understanding", split)
    texts = {row["id"]: row["text"] for row in read_rows(settings, "questions", "questions", split)}
    marked = read_rows(settings, "understanding", "messages", split)
    rows = [{**row, "text": texts[row["id"]]} for row in marked]
    with console.status("正在读问题…"):
        found = parsed(settings, [row["text"] for row in rows])
    read = [Read(row, one) for row, one in zip(rows, found, strict=True)]
    _intents(console, scores, read, split)
    _entities(console, scores, read, failures)
    return scores.settle(console)


def parsed(settings: Settings, texts: Sequence[str]) -> list[dict[str, Any]]:
    """What the newest model makes of some messages, in Rasa's own interpreter.

    Returns:
        Of each its ``intent``, the ``confidence`` in it, and its ``entities``.
    """
    python, model = rasa_python(settings), model_in_use(settings)
    with tempfile.TemporaryDirectory() as folder:
        asked, told = Path(folder) / "messages.json", Path(folder) / "found.json"
        asked.write_text(json.dumps(texts, ensure_ascii=False), "utf-8")
        command = [str(python), "-m", "bot.rasa.understand", str(model), str(asked), str(told)]
        environment = {**os.environ, **RASA_VARIABLES, "LOG_LEVEL": "ERROR"}
        subprocess.run(command, cwd=settings.root, env=environment, check=True, capture_output=True)
        found: list[dict[str, Any]] = json.loads(told.read_text("utf-8"))
    return found


def _intents(console: Console, scores: Scores, read: Sequence[Read], split: str) -> None:
    table = Table(title=f"意图（{split}）", box=None)
    for title in ("算对的", "对", "句", "占比", "95% 区间"):
        table.add_column(title, justify="left" if title == "算对的" else "right")
    for key, name, right in (
        ("intent", "与读者首选一致", sum(one.exact for one in read)),
        ("intent_sensible", "读者认为也对", sum(one.sensible for one in read)),
    ):
        add_share(table, name, right, len(read))
        scores.least(key, right, len(read))
    console.print(table)
    mixed = Counter(
        (one.row["intent"], one.found["intent"]) for one in read if not one.sensible
    ).most_common(_CONFUSED)
    told = "，".join(f"{meant}→{heard} {count}" for (meant, heard), count in mixed)
    console.print(f"最常混淆（应为→听成）：{told}")


def _entities(console: Console, scores: Scores, read: Sequence[Read], failures: bool) -> None:
    right, told, heard = Counter[str](), Counter[str](), Counter[str]()
    for one in read:
        wanted, got = one.row["entities"], one.found["entities"]
        told.update(kind for kind, *_ in wanted)
        heard.update(kind for kind, *_ in got)
        pairs = matched(wanted, got)
        right.update(kind for kind, *_ in pairs)
        if failures:
            missed = [entity for entity in wanted if entity not in pairs]
            if missed:
                console.print(f"✗ {one.row['text']}  漏 {missed}  得 {got}")
    table = Table(title="实体", box=None)
    for title in ("种类", "听出", "文中有", "占比", "95% 区间", "共听到"):
        table.add_column(title, justify="left" if title == "种类" else "right")
    for key, name in _NAMES.items():
        if told[key]:
            add_share(table, name, right[key], told[key], heard[key])
            scores.least(f"entity_{key}", right[key], told[key])
    console.print(table)


def matched(wanted: Iterable[Entity], got: Iterable[Entity]) -> list[Entity]:
    """Those wanted entities that were found, with their kind and value; each once."""
    left, pairs = list(got), []
    for entity in wanted:
        twin = next((one for one in left if _same(entity, one)), None)
        if twin is not None:
            left.remove(twin)
            pairs.append(entity)
    return pairs


def _same(wanted: Entity, got: Entity) -> bool:
    kind, _, value = wanted
    if got[0] != kind:
        return False
    if kind == "term":
        return bool(got[2] == value)
    if kind in ("document_number", "date"):
        one, other = ([int(n) % 100 for n in re.findall(r"\d+", str(v))] for v in (got[2], value))
        return one == other
    if got[2] in _RELATIVE:
        return bool(_THEN + _RELATIVE[got[2]] == value)
    try:
        return abs(float(got[2]) - float(value)) <= _CLOSE * max(1.0, abs(float(value)))
    except ValueError:
        return False
