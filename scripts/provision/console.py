"""What a person sees during set-up, and the running of long commands."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from pathlib import Path
from typing import Mapping, Sequence

__all__ = ["SetupError", "diagnose", "run", "say"]

TAIL_LINES = 20
FRAMES = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"

_CAUSES = (
    (
        re.compile(r"No space left on device|ENOSPC|Disk quota exceeded", re.I),
        "磁盘空间不足，请清理后重试（约需 3 GB）",
    ),
    (
        re.compile(
            r"dns error|name resolution|failed to lookup|Could not resolve|No address associated"
            r"|Network is unreachable|Connection refused|ConnectTimeout|timed out"
            r"|NewConnectionError|error sending request|tunnel error|client error \(Connect\)"
            r"|No matching distribution found for uv",
            re.I,
        ),
        "连不上软件包源，请检查网络或代理设置后重试",
    ),
    (
        re.compile(r"hash mismatch|HASHES (ARE REQUIRED|DO NOT MATCH)", re.I),
        "下载的软件包与锁定的哈希不符，已停止安装",
    ),
    (
        re.compile(r"Permission denied|Read-only file system", re.I),
        "没有写入权限，请检查目录的所有者",
    ),
    (
        re.compile(r"MemoryError|Cannot allocate memory", re.I),
        "内存不足，请关闭其他程序后重试",
    ),
)


class SetupError(Exception):
    """A step cannot be done; the message is one Chinese line for a person.

    Args:
        message: the line.
        tail: last lines of the step's output, shown below the message.
        log: the file that holds the whole output.
    """

    def __init__(self, message: str, tail: Sequence[str] = (), log: Path | None = None) -> None:
        super().__init__(message)
        self.tail = list(tail)
        self.log = log


def say(line: str) -> None:
    """Print one line for a person; on stderr, so that stdout stays the program's own."""
    print(line, file=sys.stderr, flush=True)


def diagnose(output: str) -> str | None:
    """The likely cause of a failure, from the output of the command that failed."""
    for pattern, cause in _CAUSES:
        if pattern.search(output):
            return cause
    return None


def run(
    title: str,
    command: Sequence[str],
    log: Path,
    *,
    cwd: Path,
    env: Mapping[str, str] | None = None,
    keep_open: Sequence[int] = (),
) -> None:
    """Run a long command with its output in a file and one line of progress.

    Args:
        title: what is being done, in Chinese.
        command: program and arguments.
        log: file the output is appended to.
        cwd: working directory.
        env: the whole environment; default this process's.
        keep_open: descriptors the command inherits (the set-up's lock, so that
            an orphaned command still holds it).

    Raises:
        SetupError: the command failed; carries the end of its output.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as sink:
        sink.write(("\n$ " + " ".join(command) + "\n").encode())
        sink.flush()
        start = sink.tell()
        process = subprocess.Popen(
            list(command),
            stdin=subprocess.DEVNULL,
            stdout=sink,
            stderr=subprocess.STDOUT,
            cwd=str(cwd),
            env=None if env is None else dict(env),
            pass_fds=tuple(keep_open),
        )
        try:
            _watch(title, process)
        except BaseException:
            process.terminate()
            process.wait()
            raise
    if process.returncode:
        with log.open("rb") as source:
            source.seek(start)
            output = source.read().decode("utf-8", "replace")
        message = title + "失败"
        cause = diagnose(output)
        if cause:
            message += "：" + cause
        raise SetupError(message, output.rstrip().splitlines()[-TAIL_LINES:], log)


def _watch(title: str, process: subprocess.Popen[bytes]) -> None:
    """Wait for the process; a spinner on a terminal, a line at each end elsewhere."""
    started = time.monotonic()
    live = sys.stderr.isatty() and os.environ.get("TERM") != "dumb"
    if not live:
        say(title + " …")
    turn = 0
    while True:
        try:
            process.wait(0.1)
            break
        except subprocess.TimeoutExpired:
            if live:
                elapsed = int(time.monotonic() - started)
                frame = FRAMES[turn % len(FRAMES)]
                sys.stderr.write("\r\x1b[K%s %s（%d 秒）" % (frame, title, elapsed))
                sys.stderr.flush()
                turn += 1
    seconds = time.monotonic() - started
    if live:
        sys.stderr.write("\r\x1b[K")
    if process.returncode == 0:
        say("✓ %s（%.1f 秒）" % (title, seconds))
