"""What an evaluation came to: shares with their intervals, written down and held to floors."""

from __future__ import annotations

import json
import math
import re
import time
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import uuid4

import aiohttp
import numpy as np
import yaml
from rich.console import Console
from rich.table import Table

from bot.cli.stack import send
from bot.policies.answer.context import Context
from bot.policies.answer.reply import Reply
from bot.policies.answer.truth import faults_of
from bot.policies.eligibility.facts import Value
from bot.policies.eligibility.numbers import numbers_in, years_in
from bot.policies.eligibility.spoken import folded
from bot.settings import Settings

__all__ = [
    "ANSWERS",
    "EVALUATION",
    "Scores",
    "Talk",
    "add_share",
    "read_rows",
    "same_value",
    "wilson",
]

EVALUATION = Path("tests") / "eval"
ANSWERS = frozenset({"policy_answer", "eligibility_result"})
"""Types of replies that answer with a clause."""
_CLOSE = Decimal("0.0001")  # relative; a sum is told in 万 or 亿
# What a reply may break, and how that is called.
_LAW = {
    "figure": "没有依据的数字",
    "promise": "许诺",
    "working": "没写出算法",
    "cap": "上限没说成上限",
    "status": "过期没说过期",
    "scope": "没说只在一地有效",
}


def wilson(right: int, total: int) -> tuple[float, float]:
    """The 95 % confidence interval of a share (Wilson, 1927)."""
    if total == 0:
        return 0.0, 1.0
    z, share = 1.96, right / total
    middle = (share + z * z / (2 * total)) / (1 + z * z / total)
    half = z * math.sqrt(share * (1 - share) / total + z * z / (4 * total * total))
    half /= 1 + z * z / total
    return middle - half, middle + half


def add_share(table: Table, name: str, right: int, total: int, *more: int) -> None:
    """A line of a table: how many of how many, the share, its interval, and what else."""
    low, high = wilson(right, total)
    share = f"{right / total:.3f}" if total else "-"
    interval = f"{low:.2f}–{high:.2f}"
    table.add_row(name, str(right), str(total), share, interval, *map(str, more))


def read_rows(settings: Settings, folder: str, key: str, split: str) -> list[dict[str, Any]]:
    """The rows of a split, from all files of a folder of ``tests/eval``."""
    rows: list[dict[str, Any]] = []
    for path in sorted((settings.root / EVALUATION / folder).glob("*.yml")):
        content = yaml.safe_load(path.read_text("utf-8"))
        rows += [row for row in content.get(key, ()) if split in ("all", row["split"])]
    return rows


def same_value(value: Value | None, told: object) -> bool:
    """Whether what was heard of a fact is what a row of a set says was told."""
    if value is None or isinstance(value, bool | str):
        return value == told
    if isinstance(value, date):
        return value.isoformat() == str(told)
    amount = Decimal(str(told))
    return abs(Decimal(value) - amount) <= _CLOSE * max(Decimal(1), abs(amount))


# What the person told, as it was understood; whether that is right, `hearing` and `cases` tell.
_RESTATED = re.compile(r"^按您说的判断.*$", re.M)


def _in_figures(said: str, today: date) -> str:
    """The numbers and years that a person said, as a reply writes them: 八万六 is 86000."""
    text = folded(said)
    found = numbers_in(text)
    numbers = [f"{n.value.normalize():f} {n.value * 100:f}%" for n in found]
    # Parts of a sum (房产税2万，印花税1700) may be told together.
    money = [n.value for n in found if n.kind == "money" or (not n.unit and n.value >= 100)]
    sums = {sum(money[i:j]) for i in range(len(money)) for j in range(i + 1, len(money) + 1)}
    years = [f"{year}年" for _, _, year in years_in(text, today)]
    return " ".join([*numbers, *(f"{value:f}元" for value in sums), *years])


class Talk:
    """Speaks with a running stack as people do; keeps what the replies broke, and how long.

    Args:
        session, address: where it is reached.
        settings: its token, and the day that 去年 is counted from.
    """

    def __init__(self, session: aiohttp.ClientSession, address: str, settings: Settings) -> None:
        self._session, self._address, self._token = session, address, settings.rest_token
        self._today = settings.as_of()
        self.faulty: list[tuple[str, str, tuple[str, ...]]] = []
        self.broken: Counter[str] = Counter()
        self.seconds: list[float] = []

    async def hold(self, messages: Iterable[str]) -> list[list[dict[str, Any]]]:
        """One conversation; the replies to each of its messages."""
        sender, said, heard = f"eval-{uuid4()}", "", []
        for message in messages:
            said = f"{said}\n{message}"
            begun = time.perf_counter()
            replies = await send(self._session, self._address, sender, message, self._token)
            self.seconds.append(time.perf_counter() - begun)
            for one in replies:
                # What left is looked at once more, as it arrived.
                reply = Reply(_RESTATED.sub("", one["text"]), one["custom"], Context())
                found = faults_of(reply, f"{said} {_in_figures(said, self._today)}")
                self.broken.update(found)
                self.faulty += [(message, one["text"], found)] if found else []
            heard.append(replies)
        return heard

    def told(self, console: Console, scores: Scores) -> None:
        """Print what was broken and the time of a turn, and count the former."""
        console.print(
            "守则："
            + "，".join(f"{name} {self.broken[code]}" for code, name in _LAW.items())
            + f"（{len(self.seconds)} 轮）"
        )
        for message, text, found in self.faulty:
            console.print(f"✗ {','.join(found)} {message} 得 {text[:200]!r}")
        scores.most("broken", self.broken.total())
        middle, slow = np.percentile(np.array(self.seconds or [0.0]) * 1000, (50, 95))
        console.print(f"一轮（经 HTTP，逐个）：p50 {middle:.0f} 毫秒，p95 {slow:.0f} 毫秒")


class Scores:
    """The figures of one part of the evaluation on one split.

    Args:
        settings: where floors stand and results are written.
        part: ``questions``, ``cases``, ``conversations`` or ``hearing``.
        split: ``dev``, ``test`` or ``all``.
    """

    def __init__(self, settings: Settings, part: str, split: str) -> None:
        self._part, self._split = part, split
        self._target = settings.var_dir / "eval" / f"{part}-{split}.json"
        path = settings.root / EVALUATION / "floors.yml"
        floors: dict[str, Any] = yaml.safe_load(path.read_text("utf-8"))
        self._floors: dict[str, float] = floors.get(split, {}).get(part, {})
        self._found: dict[str, dict[str, float]] = {}
        self._under: list[str] = []

    def least(self, name: str, right: int, total: int) -> None:
        """A share that must not fall under its floor."""
        share = right / total if total else 0.0
        self._found[name] = {"right": right, "total": total, "share": round(share, 4)}
        self._hold(name, share, share.__lt__, "低于")

    def most(self, name: str, count: float) -> None:
        """A number that must not rise above what the floors allow."""
        self._found[name] = {"count": count}
        self._hold(name, count, count.__gt__, "高于")

    def _hold(self, name: str, value: float, beyond: Callable[[float], bool], word: str) -> None:
        floor = self._floors.get(name)
        if floor is not None and beyond(floor):
            self._under.append(f"{self._part}.{name} {value:.3f} {word} {floor}")

    def settle(self, console: Console) -> int:
        """Write the figures down and name those beyond their floors; 1 if there are any."""
        self._target.parent.mkdir(parents=True, exist_ok=True)
        text = json.dumps(self._found, ensure_ascii=False, indent=1)
        self._target.write_text(f"{text}\n", "utf-8")
        console.print(f"结果写入 {self._target}")
        for line in self._under:
            console.print(f"✗ 低于底线：{line}")
        return 1 if self._under else 0
