"""A child's log: rotated by size when the child starts, read back when it dies."""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO

__all__ = ["LogFile"]

LARGEST = 10 * 1024 * 1024
KEPT = 3
_TAIL_BYTES = 16 * 1024


class LogFile:
    """One child's output.

    Args:
        path: the file; older ones beside it end in ``.1`` and ``.2``.
        largest: size in bytes from which it is rotated.
    """

    def __init__(self, path: Path, largest: int = LARGEST) -> None:
        self.path = path
        self._largest = largest
        self._start = 0

    def open(self) -> BinaryIO:
        """Open for one life of the child; what was written before is not its tail."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        if self.path.exists() and self.path.stat().st_size >= self._largest:
            self._rotate()
        sink = self.path.open("ab")
        self._start = sink.tell()
        return sink

    def _rotate(self) -> None:
        for number in range(KEPT - 1, 0, -1):
            older = self.path if number == 1 else self._numbered(number - 1)
            if older.exists():
                older.replace(self._numbered(number))

    def _numbered(self, number: int) -> Path:
        return self.path.with_name(f"{self.path.name}.{number}")

    def tail(self, lines: int) -> list[str]:
        """The last non-blank lines that this life of the child wrote."""
        try:
            with self.path.open("rb") as source:
                size = source.seek(0, 2)
                source.seek(max(self._start, size - _TAIL_BYTES))
                text = source.read().decode("utf-8", "replace")
        except OSError:
            return []
        return [line.rstrip() for line in text.splitlines() if line.strip()][-lines:]
