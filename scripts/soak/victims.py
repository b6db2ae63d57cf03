"""The processes that are killed, and how they come back."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from bot.settings import project_root
from tests.support.postgres import Cluster, free_port
from tests.support.stack import TODAY, Stack, alive

__all__ = ["PostgresVictim", "StackVictim", "own_cluster"]

_PATIENCE = 60.0  # seconds for a process to be gone, or a server to be there


class StackVictim:
    """A stack that keeps its address and its data however often it is killed.

    Args:
        var_dir: its data.
        environ: settings beside port and folder.
    """

    def __init__(self, var_dir: Path, environ: dict[str, str]) -> None:
        self.var_dir, self.port = var_dir, free_port()
        own = {"WENCE_PORT": str(self.port), "WENCE_VAR_DIR": str(var_dir), "WENCE_TODAY": TODAY}
        clean = {key: value for key, value in os.environ.items() if not key.startswith("WENCE_")}
        self._environ = {**clean, **own, **environ}
        self.stack: Stack
        self.address = f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start it and wait until it is ready."""
        self.var_dir.mkdir(parents=True, exist_ok=True)
        with (self.var_dir / "run.out").open("ab") as output:
            process = subprocess.Popen(
                [str(Path(sys.executable).parent / "wence"), "run"],
                cwd=project_root(),
                env=self._environ,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                text=True,
            )
        self.stack = Stack(self.var_dir, process, self.port)
        self.stack.wait_ready()

    def kill(self, name: str) -> None:
        """SIGKILL to ``service``, ``rasa`` or ``supervisor``; the supervisor is started again."""
        if name != "supervisor":
            # Just after a kill the supervisor may still name the process that is gone.
            _until(lambda: self._killed(name), f"there is no {name} to kill")
            return
        children = list(self.stack.pids().values())
        self.stack.process.kill()
        self.stack.process.wait(_PATIENCE)
        deadline = time.monotonic() + _PATIENCE
        while any(alive(pid) for pid in children):
            if time.monotonic() > deadline:
                raise AssertionError("the supervisor's children outlived it")
            time.sleep(0.05)
        self.start()

    def _killed(self, name: str) -> bool:
        with contextlib.suppress(ProcessLookupError, KeyError):
            os.kill(self.stack.pids()[name], signal.SIGKILL)
            return True
        return False

    def stop(self) -> None:
        """Stop it in good order, and whatever is left of it for certain."""
        process = self.stack.process
        with contextlib.suppress(OSError, ValueError, KeyError):
            children = list(self.stack.pids().values())
            process.send_signal(signal.SIGTERM)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(30)
            for pid in children:
                if alive(pid):
                    os.kill(pid, signal.SIGKILL)
        if process.poll() is None:
            process.kill()
            process.wait(_PATIENCE)


class PostgresVictim:
    """A throw-away PostgreSQL that is killed outright and started again over its files."""

    def __init__(self, cluster: Cluster, url: str) -> None:
        self.url, self._port = url, cluster.port
        self._folder = Path()
        self._again: subprocess.Popen[bytes] | None = None

    async def prepare(self) -> None:
        """Have a commit mean that the system has it; find where the server lives."""
        import asyncpg

        connection = await asyncpg.connect(self.url)
        try:
            self._folder = Path(await connection.fetchval("SHOW data_directory"))
            name = self.url.rpartition("/")[2]
            # The tests' servers hold commits back for a moment; a kill would lose them.
            await connection.execute(f"ALTER DATABASE {name} SET synchronous_commit = on")
        finally:
            await connection.close()

    def kill(self) -> None:
        """SIGKILL to the server and all its processes, then start it again."""
        lock = self._folder / "postmaster.pid"
        pid = int(lock.read_text().splitlines()[0])
        status = Path(f"/proc/{pid}")
        command = (status / "cmdline").read_bytes().decode().strip("\0").split("\0")
        owner = status.stat()
        family = [pid, *_children(pid)]
        for member in family:
            with contextlib.suppress(ProcessLookupError):
                os.kill(member, signal.SIGKILL)
        _until(lambda: not any(alive(member) for member in family), "the server is still there")
        if self._again is not None:
            self._again.wait(_PATIENCE)
        # Until its parent has taken note, a killed process keeps its number, and the new
        # server would believe that the old one is there.
        lock.unlink(missing_ok=True)
        as_owner: dict[str, Any] = {}
        if os.geteuid() == 0:
            as_owner = {"user": owner.st_uid, "group": owner.st_gid, "extra_groups": []}
        self._again = subprocess.Popen(
            command,
            cwd=self._folder,
            env={"PATH": os.environ.get("PATH", ""), "LC_ALL": "C"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            **as_owner,
        )
        _until(lambda: _listens(self._port), "the server did not come back")

    def stop(self) -> None:
        """Stop the server that was started here, if any."""
        if self._again is not None and self._again.poll() is None:
            self._again.send_signal(signal.SIGQUIT)
            self._again.wait(_PATIENCE)


@contextlib.contextmanager
def own_cluster(cluster: Cluster) -> Iterator[PostgresVictim]:
    """A database in a server that may be killed."""
    victim = PostgresVictim(cluster, cluster.create_database())
    asyncio.run(victim.prepare())
    try:
        yield victim
    finally:
        victim.stop()


def _children(pid: int) -> list[int]:
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError, ValueError, IndexError):
            fields = path.read_text("utf-8", "replace").rsplit(")", 1)[1].split()
            if int(fields[1]) == pid:
                found.append(int(path.parent.name))
    return found


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _until(condition: Callable[[], bool], complaint: str) -> None:
    deadline = time.monotonic() + _PATIENCE
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(complaint)
        time.sleep(0.05)
