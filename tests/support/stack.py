"""The real stack for tests: `wence run` on free ports, with data of its own."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

from bot.settings import project_root
from tests.support.postgres import free_port

__all__ = ["TODAY", "Stack", "alive", "running_stack"]

TODAY = "2026-11-21"
_PATIENCE = 120.0  # seconds; a start takes about ten


class Stack:
    """A running stack, spoken to over HTTP only."""

    def __init__(self, var_dir: Path, process: subprocess.Popen[str], port: int) -> None:
        self.var_dir, self.process, self.port = var_dir, process, port
        self.address = f"http://127.0.0.1:{port}"

    def get(self, path: str) -> tuple[int, Any]:
        """Status and JSON body of a GET."""
        return self._open(urllib.request.Request(self.address + path))

    def send(self, sender: str, message: str, message_id: str | None = None) -> tuple[int, Any]:
        """Status and JSON body of one message over the REST channel."""
        body: dict[str, Any] = {"sender": sender, "message": message}
        if message_id is not None:
            body["metadata"] = {"message_id": message_id}
        data = json.dumps(body).encode()
        request = urllib.request.Request(
            f"{self.address}/webhooks/rest/webhook",
            data=data,
            headers={"Content-Type": "application/json"},
        )
        return self._open(request)

    def ask(self, message: str, sender: str | None = None) -> dict[str, Any]:
        """The one reply to a message; a sender of its own unless one is given."""
        status, body = self.send(sender or f"t-{uuid4()}", message)
        assert status == 200, body
        (reply,) = body
        return dict(reply)

    @staticmethod
    def _open(request: urllib.request.Request) -> tuple[int, Any]:
        try:
            with urllib.request.urlopen(request, timeout=60) as response:
                return response.status, json.load(response)
        except urllib.error.HTTPError as error:
            with error:
                return error.code, json.load(error)

    def state(self) -> dict[str, Any]:
        """What the supervisor says of itself."""
        return dict(json.loads((self.var_dir / "run" / "wence.json").read_text("utf-8")))

    def pids(self) -> dict[str, int]:
        """Pids of the children by name."""
        return {name: int(pid) for name, pid in self.state()["children"].items()}

    def wait_ready(self, ready: bool = True) -> None:
        """Until /readyz says so."""
        deadline = time.monotonic() + _PATIENCE
        while time.monotonic() < deadline:
            try:
                status, _ = self.get("/readyz")
            except OSError:
                status = 0
            if (status == 200) is ready:
                return
            if self.process.poll() is not None:
                raise AssertionError(f"the stack ended: {self.log()}")
            time.sleep(0.2)
        raise AssertionError(f"never ready={ready}: {self.log()}")

    def log(self) -> str:
        """The last lines of all logs."""
        parts = []
        for path in sorted((self.var_dir / "log").glob("*.log")):
            parts.append(f"{path.name}: {path.read_text('utf-8', 'replace')[-1500:]}")
        return "\n".join(parts)

    def rows(self, query: str, *values: object, tracker: bool = False) -> list[tuple[Any, ...]]:
        """Rows of the SQLite database (of Rasa's tracker with ``tracker``)."""
        name = "wence.rasa.db" if tracker else "wence.db"
        with contextlib.closing(sqlite3.connect(self.var_dir / name)) as connection:
            return connection.execute(query, values).fetchall()


@contextlib.contextmanager
def running_stack(var_dir: Path, **environ: str) -> Iterator[Stack]:
    """Starts a stack, waits until it is ready, and leaves nothing behind."""
    port = free_port()
    environment = {
        key: value for key, value in os.environ.items() if not key.startswith("WENCE_")
    } | {
        "WENCE_PORT": str(port),
        "WENCE_VAR_DIR": str(var_dir),
        "WENCE_TODAY": TODAY,
        **environ,
    }
    command = [str(Path(sys.executable).parent / "wence"), "run"]
    process = subprocess.Popen(
        command,
        cwd=project_root(),
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    stack = Stack(var_dir, process, port)
    pids: dict[str, int] = {}
    try:
        stack.wait_ready()
        yield stack
    finally:
        with contextlib.suppress(OSError, ValueError, KeyError):
            pids = stack.pids()
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        try:
            process.communicate(timeout=30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
        for pid in pids.values():
            if alive(pid):
                os.kill(pid, signal.SIGKILL)


def alive(pid: int) -> bool:
    """Whether a process runs (a zombie does not)."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text("utf-8")
    except OSError:
        return False
    return stat.rsplit(")", 1)[1].split()[0] != "Z"
