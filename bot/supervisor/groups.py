"""The supervisor's hold on its children's process groups."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from pathlib import Path

__all__ = ["Groups", "signal_group"]

_HERE = Path(__file__).resolve().parent
LAUNCH = _HERE / "launch.py"
_REAPER = _HERE / "reaper.py"


def signal_group(group: int, number: signal.Signals) -> None:
    """Signal every process of the group; a group that is gone is no error."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, number)


class Groups:
    """Tells the reaper which groups live; see :mod:`bot.supervisor.reaper`."""

    def __init__(self) -> None:
        self._reaper = subprocess.Popen(
            [sys.executable, "-I", "-S", str(_REAPER)],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            bufsize=0,
        )

    @staticmethod
    def wrap(command: tuple[str, ...]) -> list[str]:
        """The command behind the launcher that ties its life to this process."""
        return [sys.executable, "-I", "-S", str(LAUNCH), str(os.getpid()), *command]

    def add(self, group: int) -> None:
        """A group has been started."""
        self._tell(f"+{group}\n")

    def sweep(self, group: int) -> None:
        """The group's leader has ended: kill the rest of it and forget it."""
        signal_group(group, signal.SIGKILL)
        self._tell(f"-{group}\n")

    def close(self) -> None:
        """End the reaper, which kills what is still on its list."""
        if self._reaper.stdin is not None:
            self._reaper.stdin.close()
        try:
            self._reaper.wait(2)
        except subprocess.TimeoutExpired:
            self._reaper.kill()
            self._reaper.wait()

    def _tell(self, line: str) -> None:
        # Somebody may have killed the reaper; the children still die with us.
        if self._reaper.stdin is not None:
            with contextlib.suppress(OSError):
                self._reaper.stdin.write(line.encode())
