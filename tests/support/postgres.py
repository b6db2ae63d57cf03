"""A throw-away PostgreSQL for tests: real server, own folder, gone afterwards."""

from __future__ import annotations

import ctypes
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import pytest

__all__ = [
    "Cluster",
    "free_port",
    "postgres",
    "postgres_cluster",
    "postgres_missing",
    "require_postgres",
]

_START_SECONDS = 60.0
_TOOLS = ("initdb", "postgres", "psql")
_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "shared_buffers": "32MB",
    "max_connections": "200",
    "log_min_messages": "fatal",
}


@dataclass
class Cluster:
    """A running server; every database is made empty and is the caller's alone."""

    port: int
    password: str
    psql: Path
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def create_database(self) -> str:
        """Make an empty UTF-8 database; its ``postgresql://`` URL, password included."""
        name = f"wence_{next(self._numbers)}"
        self._run(f"CREATE DATABASE {name} TEMPLATE template0")
        return f"postgresql://wence:{self.password}@127.0.0.1:{self.port}/{name}"

    def drop(self, url: str) -> None:
        """Remove a database made here, whoever is still connected."""
        self._run(f"DROP DATABASE {url.rpartition('/')[2]} WITH (FORCE)")

    def _run(self, statement: str) -> None:
        environment = {"PGPASSWORD": self.password, "PATH": os.environ.get("PATH", "")}
        address = ["-h", "127.0.0.1", "-p", str(self.port), "-U", "wence", "-d", "postgres"]
        options = ["-X", "-q", "-v", "ON_ERROR_STOP=1"]
        subprocess.run(
            [self.psql, *options, *address, "-c", statement],
            env=environment,
            check=True,
            capture_output=True,
            timeout=60,
        )


def postgres_missing() -> str | None:
    """Why no PostgreSQL can be started here; None where it can."""
    if _bin_dir() is None:
        return "PostgreSQL 15 or later is not installed (initdb, postgres, psql)"
    if os.geteuid() == 0 and _unprivileged() is None:
        return "PostgreSQL refuses to run as root and there is no user 'postgres'"
    return None


def require_postgres() -> None:
    """Skip the test where there is no PostgreSQL; under CI=true fail it instead."""
    reason = postgres_missing()
    if reason is not None:
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)


@contextmanager
def postgres_cluster() -> Iterator[Cluster]:
    """Start a server on a free port of 127.0.0.1; stop and remove it afterwards.

    Should this process be killed outright, the kernel stops the server too.

    Raises:
        RuntimeError: it cannot be started; the message holds the server's own words.
    """
    bin_dir = _bin_dir()
    reason = postgres_missing()
    if bin_dir is None or reason is not None:
        raise RuntimeError(reason)
    folder = Path(tempfile.mkdtemp(prefix="wence-postgres-"))
    try:
        password = secrets.token_urlsafe(12)
        password_file = folder / "password"
        password_file.write_text(password)
        user = _unprivileged() if os.geteuid() == 0 else None
        if user is not None:
            for path in (folder, password_file):
                os.chown(path, user.pw_uid, user.pw_gid)
        _init(bin_dir, folder, user)
        process, port = _start(bin_dir, folder, user)
        try:
            yield Cluster(port, password, bin_dir / "psql")
        finally:
            _stop(process)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Cluster]:
    """One server for the whole test run."""
    require_postgres()
    with postgres_cluster() as cluster:
        yield cluster


def _bin_dir() -> Path | None:
    found = shutil.which("initdb")
    installed = Path("/usr/lib/postgresql").glob("[0-9]*/bin")
    newest_first = sorted(installed, key=lambda path: int(path.parent.name), reverse=True)
    for folder in ([Path(found).resolve().parent] if found else []) + newest_first:
        if all((folder / tool).is_file() for tool in _TOOLS):
            return folder
    return None


def _unprivileged() -> pwd.struct_passwd | None:
    try:
        return pwd.getpwnam("postgres")
    except KeyError:
        return None


def _as_user(user: pwd.struct_passwd | None) -> dict[str, Any]:
    """Arguments for subprocess: another user where we are root, a neutral environment."""
    arguments: dict[str, Any] = {"env": {"PATH": os.environ.get("PATH", ""), "LC_ALL": "C"}}
    if user is not None:
        arguments |= {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
    return arguments


def _init(bin_dir: Path, folder: Path, user: pwd.struct_passwd | None) -> None:
    options = ["-U", "wence", "-A", "scram-sha-256", "-E", "UTF8", "--locale=C", "--no-sync"]
    done = subprocess.run(
        [bin_dir / "initdb", *options, f"--pwfile={folder / 'password'}", "-D", folder / "data"],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        **_as_user(user),
    )
    if done.returncode != 0:
        raise RuntimeError(f"initdb failed: {done.stderr}")


def _start(
    bin_dir: Path, folder: Path, user: pwd.struct_passwd | None
) -> tuple[subprocess.Popen[bytes], int]:
    log = folder / "log"
    # The free port may be taken by another before the server has it: try again.
    for _attempt in range(5):
        port = free_port()
        settings = [f"--{name}={value}" for name, value in (_SETTINGS | {"port": port}).items()]
        with log.open("wb") as output:
            process = subprocess.Popen(
                [bin_dir / "postgres", "-D", folder / "data", *settings],
                cwd=folder,
                stdout=output,
                stderr=output,
                preexec_fn=_die_with_parent,
                # Ctrl-C is for pytest; the server is stopped in good order by us.
                start_new_session=True,
                **_as_user(user),
            )
        if _accepts(process, port, folder):
            return process, port
        _stop(process)
    raise RuntimeError(f"PostgreSQL did not start: {log.read_text(errors='replace')}")


def _accepts(process: subprocess.Popen[bytes], port: int, folder: Path) -> bool:
    """Wait until the server says so in its pid file; False where it gave up."""
    status = folder / "data" / "postmaster.pid"
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        lines = status.read_text().splitlines() if status.exists() else []
        if len(lines) >= 8 and lines[3] == str(port) and lines[7].strip() == "ready":
            return True
        time.sleep(0.05)
    return False


def _stop(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        process.send_signal(signal.SIGINT)  # "fast": ends sessions, leaves no child
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGQUIT)
            process.wait(20)


def free_port() -> int:
    """A TCP port of 127.0.0.1 that nobody listens on at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _die_with_parent() -> None:
    pr_set_pdeathsig = 1
    ctypes.CDLL(None).prctl(pr_set_pdeathsig, signal.SIGQUIT)
