"""Figures into one table and one file."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

from rich.console import Console
from rich.table import Table

__all__ = ["Report", "Row", "spread"]

_ABSENT = "—"


@dataclass(frozen=True)
class Row:
    """One line of the table.

    Attributes:
        group: heading it stands under.
        name: what was measured.
        ours, baseline: the figures as shown.
        ratio: ours beside the baseline, as shown.
        remark: what the baseline is, or whether a demand is met.
    """

    group: str
    name: str
    ours: str
    baseline: str = _ABSENT
    ratio: str = ""
    remark: str = ""


def spread(values: Sequence[float], form: str = ".0f") -> str:
    """The median, with the range in brackets where there are several values."""
    middle = f"{median(values):{form}}"
    if len(values) == 1:
        return middle
    return f"{middle} ({min(values):{form}}–{max(values):{form}})"


@dataclass
class Report:
    """What the benchmark found.

    Attributes:
        facts: the machine and what is compared with what.
        rows: the table.
        raw: every figure by group, rounds apart.
        notes: sentences below the table.
        failures: what could not be measured.
    """

    facts: dict[str, Any] = field(default_factory=dict)
    rows: list[Row] = field(default_factory=list)
    raw: dict[str, Any] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)

    def compare(
        self,
        group: str,
        name: str,
        figures: Mapping[str, Sequence[float]],
        *,
        form: str = ".0f",
        smaller_is_better: bool = True,
        remark: str = "",
    ) -> list[float]:
        """Add a line from the figures of each round, ``ours`` and, if measured, ``stock``.

        Returns:
            How many times better ours was in each round; empty without a baseline.
        """
        self.raw.setdefault(group, {})[name] = {k: list(v) for k, v in figures.items()}
        mine, theirs = figures["ours"], figures.get("stock", ())
        if not theirs:
            self.rows.append(Row(group, name, spread(mine, form), remark=remark))
            return []
        pairs = list(zip(mine, theirs, strict=True))
        better = [b / a if smaller_is_better else a / b for a, b in pairs]
        ratio = f"{spread(better, '.1f')}×"
        self.rows.append(Row(group, name, spread(mine, form), spread(theirs, form), ratio, remark))
        return better

    def print(self) -> None:
        """The table on stdout, never cut: a wide terminal or none is taken as it is."""
        console = Console(highlight=False)
        if not console.is_terminal:
            console = Console(highlight=False, width=132)
        table = Table(box=None, title="性能与内存：问策与对照", title_justify="left")
        for title in ("项目", "问策", "对照", "优于对照", "说明"):
            kind: Any = "left" if title in ("项目", "说明") else "right"
            table.add_column(title, justify=kind, overflow="fold", no_wrap=title != "说明")
        group = ""
        for row in self.rows:
            if row.group != group:
                group = row.group
                table.add_row(f"[bold]{group}[/]")
            table.add_row(f"  {row.name}", row.ours, row.baseline, row.ratio, row.remark)
        console.print(table)
        console.print()
        for note in self.notes:
            console.print(f"· {note}", soft_wrap=True)
        for failure in self.failures:
            console.print(f"✗ 未能测得：{failure}", soft_wrap=True, style="red")

    def write(self, path: Path) -> None:
        """Everything as JSON, the rounds apart."""
        path.parent.mkdir(parents=True, exist_ok=True)
        document = {
            "facts": self.facts,
            "table": [asdict(row) for row in self.rows],
            "rounds": self.raw,
            "notes": self.notes,
            "failures": self.failures,
        }
        path.write_text(json.dumps(document, ensure_ascii=False, indent=2) + "\n", "utf-8")
