"""``var/run/wence.json``: where the running stack is; and the lock that there is one only."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

from bot.errors import SettingsError

__all__ = ["State", "claim", "read_state", "started_ticks", "write_state"]


@dataclass(frozen=True)
class State:
    """What a running supervisor tells about itself.

    Attributes:
        pid: the supervisor.
        ticks: when it started, in clock ticks since boot: tells it from
            another process that was given the same pid later.
        address: the public URL.
        rasa_url: where Rasa listens.
        actions_url: where the custom actions are served.
        started_at: ISO 8601, UTC.
        children: the name of each child and its pid.
    """

    pid: int
    ticks: int
    address: str
    rasa_url: str
    actions_url: str
    started_at: str
    children: Mapping[str, int] = field(default_factory=dict)


def started_ticks(pid: int) -> int | None:
    """When the process started, in clock ticks since boot; None where it is gone."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text("utf-8", "replace")
    except OSError:
        return None
    fields = stat.rsplit(")", 1)[1].split()
    return None if fields[0] in ("Z", "X") else int(fields[19])


def _path(var_dir: Path) -> Path:
    return var_dir / "run" / "wence.json"


def read_state(var_dir: Path) -> State | None:
    """The stack running over this folder, or None; what a dead one left is ignored."""
    try:
        state = State(**json.loads(_path(var_dir).read_text("utf-8")))
        alive = started_ticks(state.pid) == state.ticks
    except (OSError, ValueError, TypeError):
        return None
    return state if alive else None


def write_state(var_dir: Path, state: State) -> None:
    """Write the file, readable by its owner only, all of it or none."""
    path = _path(var_dir)
    part = path.with_suffix(".part")
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(asdict(state), file, ensure_ascii=False)
    part.replace(path)


@contextlib.contextmanager
def claim(var_dir: Path) -> Iterator[None]:
    """Hold this folder for one supervisor; its state file is removed at the end.

    Raises:
        SettingsError: another supervisor holds it, or it cannot be written to.
    """
    folder = var_dir / "run"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(folder / "wence.lock", os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise SettingsError(f"不能写入 WENCE_VAR_DIR={var_dir}：{error.strerror}") from error
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            state = read_state(var_dir)
            which = f"（进程 {state.pid}，{state.address}）" if state else ""
            raise SettingsError(f"问策已在运行{which}，不能对同一数据目录再启动一次") from error
        _path(var_dir).unlink(missing_ok=True)
        try:
            yield
        finally:
            _path(var_dir).unlink(missing_ok=True)
    finally:
        os.close(descriptor)
