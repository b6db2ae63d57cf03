"""Ports: whether the public one is free and who holds it, and free ones for inside."""

from __future__ import annotations

import errno
import os
import random
import socket
from pathlib import Path

from bot.errors import SettingsError

__all__ = ["check_public", "free_port", "holder"]

_INSIDE = range(20000, 32000)
"""Below Linux's ephemeral ports, so that no outgoing connection takes the port
of a child while that child is being restarted."""

_LISTEN = "0A"


def free_port(host: str = "127.0.0.1", *, other_than: int = 0) -> int:
    """A port on which nobody listens at this moment, and not the one already given out.

    Raises:
        SettingsError: none was found.
    """
    for port in random.sample(_INSIDE, 50):
        if port != other_than and _bind_error(host, port) is None:
            return port
    raise SettingsError("找不到空闲的本机端口")


def check_public(host: str, port: int) -> None:
    """Make sure that the public port can be listened on.

    Raises:
        SettingsError: it cannot; the message names the port, the variable to
            change and, where it can be found out, the process that holds it.
    """
    error = _bind_error(host, port)
    if error is None:
        return
    if error.errno == errno.EADDRINUSE:
        pid = holder(port)
        by = f"（进程 {pid}）" if pid else ""
        raise SettingsError(f"端口 {port} 已被占用{by}，请用 WENCE_PORT 换一个端口") from error
    if error.errno in (errno.EACCES, errno.EPERM):
        raise SettingsError(
            f"没有权限监听端口 {port}，请用 WENCE_PORT 换一个 1024 以上的端口"
        ) from error
    raise SettingsError(f"不能在 WENCE_HOST={host} 上监听：{error.strerror or error}") from error


def _bind_error(host: str, port: int) -> OSError | None:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        for family, kind, protocol, _, address in found:
            with socket.socket(family, kind, protocol) as listener:
                # As servers do: a connection in TIME_WAIT does not keep the port.
                listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                if family == socket.AF_INET6:
                    listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
                listener.bind(address)
                listener.listen(1)
    except OSError as error:
        return error
    return None


def holder(port: int) -> int | None:
    """The pid that listens on the port, where /proc lets us see it."""
    inodes = _listening(port)
    if not inodes:
        return None
    wanted = {f"socket:[{inode}]" for inode in inodes}
    for process in Path("/proc").iterdir():
        if not process.name.isdecimal():
            continue
        try:
            for descriptor in (process / "fd").iterdir():
                if os.readlink(descriptor) in wanted:
                    return int(process.name)
        except OSError:
            continue  # another user's, or gone meanwhile
    return None


def _listening(port: int) -> set[str]:
    inodes = set()
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        try:
            rows = Path(table).read_text("ascii").splitlines()[1:]
        except OSError:
            continue
        for row in rows:
            fields = row.split()
            if fields[3] == _LISTEN and int(fields[1].rsplit(":", 1)[1], 16) == port:
                inodes.add(fields[9])
    return inodes
