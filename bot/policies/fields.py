"""Reading the keys of one YAML table: missing, mistyped and unknown ones are faults."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Any

from bot.policies.yamlfile import Faults, Table

__all__ = ["Fields"]

DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


class Fields:
    """One table of a file.

    Args:
        table: what the file holds there; anything but a table is a fault.
        path, where: the file and the place in it, for messages.
        faults: where faults go.
    """

    def __init__(self, table: Any, path: Path, faults: Faults, where: str) -> None:
        self.ok = isinstance(table, Table)
        self.table = table if isinstance(table, Table) else Table(1)
        self.path, self.faults, self.where = path, faults, where
        self.known: set[str] = set()
        if not self.ok:
            faults.add(path, 1, where or "-", "应为键值对照")

    def fault(self, key: str, message: str) -> None:
        """Record that a key is wrong."""
        place = f"{self.where}.{key}" if self.where else key
        self.faults.add(self.path, self.table.line_of(key), place, message)

    def take(self, key: str, kind: type, *, required: bool = True, empty: bool = False) -> Any:
        """The value of a key, None (and a fault where required) if it is absent or wrong.

        An empty text is wrong unless ``empty`` allows it.
        """
        self.known.add(key)
        if key not in self.table:
            if required and self.ok:
                self.fault(key, "缺少此键")
            return None
        value: Any = self.table[key]
        if value is None and not required:
            return None
        if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
            self.fault(key, f"类型有误，应为 {KINDS[kind]}")
            return None
        if isinstance(value, str) and not value.strip() and not empty:
            self.fault(key, "不能为空")
            return None
        return value

    def day(self, key: str) -> date | None:
        """The date under a key, written YYYY-MM-DD in quotes; None where absent or wrong."""
        text = self.take(key, str, required=False)
        if text is None:
            return None
        try:
            if not DATE.fullmatch(text):
                raise ValueError
            return date.fromisoformat(text)
        except ValueError:
            self.fault(key, "日期应写成 YYYY-MM-DD")
            return None

    def done(self) -> None:
        """Report every key that nobody asked for."""
        for key in self.table:
            if key not in self.known:
                self.fault(key, "未知的键")


KINDS: dict[type, str] = {
    str: "文本",
    int: "整数",
    list: "列表",
    dict: "键值对照",
    bool: "true 或 false",
}
