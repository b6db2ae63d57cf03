"""Child processes of the benchmark: started, asked until they answer, ended by pid."""

from __future__ import annotations

import contextlib
import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import psutil

from bot.supervisor.groups import LAUNCH

__all__ = [
    "MeasureError",
    "Meter",
    "answers",
    "free_port",
    "resident",
    "running",
    "say",
    "stop",
    "wait_until",
]

_GRACE = 20.0  # seconds between SIGTERM and SIGKILL; the supervisor itself needs up to 10
_POLL = 0.05  # seconds between two questions whether a process answers
_TAIL = 15


class Meter:
    """Processor time from its making on: of the labelled processes and of all others.

    Args:
        pids: the processes by label.
    """

    def __init__(self, pids: Mapping[str, Sequence[int]]) -> None:
        self._pids = pids
        self._started = time.monotonic()
        self._first, self._machine, self._own = self._used(), _busy(), time.process_time()

    def _used(self) -> dict[str, float]:
        times = {k: [psutil.Process(p).cpu_times() for p in v] for k, v in self._pids.items()}
        return {label: sum(t.user + t.system for t in row) for label, row in times.items()}

    def read(self) -> tuple[dict[str, float], float]:
        """Seconds of each label, and how many cores programs not measured kept busy."""
        used = {label: now - self._first[label] for label, now in self._used().items()}
        ours = sum(used.values()) + time.process_time() - self._own
        others = _busy() - self._machine - ours
        return used, max(0.0, others / (time.monotonic() - self._started))


def _busy() -> float:
    times = psutil.cpu_times()
    return float(sum(times) - times.idle - times.iowait - times.guest - times.guest_nice)


class MeasureError(Exception):
    """Something could not be measured; the message says what and why, in Chinese."""


def say(line: str) -> None:
    """One line of progress on stderr; stdout holds the table alone."""
    print(line, file=sys.stderr, flush=True)


def free_port() -> int:
    """A loopback port that nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@contextlib.contextmanager
def running(
    command: Sequence[str], log: Path, *, cwd: Path, env: Mapping[str, str]
) -> Iterator[subprocess.Popen[bytes]]:
    """A child with its output in a file, ended at the end of the block.

    It also dies with this process, however that ends (see
    :mod:`bot.supervisor.launch`); Ctrl-C in the terminal reaches only us.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as sink:
        process = subprocess.Popen(
            [sys.executable, "-I", "-S", str(LAUNCH), str(os.getpid()), *command],
            stdin=subprocess.DEVNULL,
            stdout=sink,
            stderr=sink,
            cwd=cwd,
            env=dict(env),
            start_new_session=True,
        )
    try:
        yield process
    finally:
        stop(process)


def stop(process: subprocess.Popen[bytes]) -> None:
    """End a process: SIGTERM, and SIGKILL if it takes too long."""
    if process.poll() is not None:
        return
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(_GRACE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def answers(port: int, path: str) -> bool:
    """Whether a GET gets a 200."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def wait_until(
    port: int, path: str, process: subprocess.Popen[bytes], log: Path, patience: float = 180.0
) -> None:
    """Wait until a GET gets a 200.

    Raises:
        MeasureError: the process ended, or took longer than ``patience`` seconds.
    """
    deadline = time.monotonic() + patience
    while not answers(port, path):
        code = process.poll()
        if code is not None or time.monotonic() > deadline:
            for line in log.read_text("utf-8", "replace").splitlines()[-_TAIL:]:
                say(f"  │ {line}")
            why = f"{patience:.0f} 秒内没有就绪" if code is None else f"提前退出（代码 {code}）"
            raise MeasureError(f"{log.stem}{why}")
        time.sleep(_POLL)


def resident(pids: Mapping[str, Sequence[int]]) -> dict[str, float]:
    """Resident memory (RSS) in MB by label; the processes of one label are added up."""
    return {
        label: sum(psutil.Process(pid).memory_info().rss for pid in group) / 1e6
        for label, group in pids.items()
    }
