"""Stamps: what a finished step was made from, and the lock between two set-ups."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
from pathlib import Path
from typing import Any, Callable, Iterator

__all__ = ["digest", "locked", "read", "remove", "write"]


def digest(*parts: str | bytes | Path) -> str:
    """A hash over texts and the contents of files, in the order given.

    Every part is hashed with its length, so that no two lists of parts collide.

    Raises:
        FileNotFoundError: a path does not exist.
    """
    whole = hashlib.sha256()
    for part in parts:
        data = part.read_bytes() if isinstance(part, Path) else part
        if isinstance(data, str):
            data = data.encode()
        whole.update(b"%d:" % len(data))
        whole.update(data)
    return whole.hexdigest()


def read(stamp: Path) -> dict[str, Any] | None:
    """The stamp's record, or None where there is none or it is damaged."""
    try:
        record = json.loads(stamp.read_text("utf-8"))
    except (OSError, ValueError):
        return None
    return record if isinstance(record, dict) else None


def write(stamp: Path, record: dict[str, Any]) -> None:
    """Write the record so that a reader sees all of it or none."""
    part = stamp.with_name(stamp.name + ".part")
    part.write_text(json.dumps(record, ensure_ascii=False, indent=1) + "\n", "utf-8")
    os.replace(part, stamp)


def remove(stamp: Path) -> None:
    """Remove the stamp; done before a step changes anything it vouches for."""
    with contextlib.suppress(FileNotFoundError):
        stamp.unlink()


@contextlib.contextmanager
def locked(path: Path, on_wait: Callable[[], None]) -> Iterator[int]:
    """Hold the set-up's lock; one set-up of a clone at a time.

    Args:
        path: the lock file; made where absent, never removed.
        on_wait: called once when another process holds the lock.

    Yields:
        The lock's descriptor. A command that inherits it keeps the lock even
        if this process is killed.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(str(path), os.O_RDWR | os.O_CREAT, 0o644)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            on_wait()
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield descriptor
    finally:
        os.close(descriptor)
