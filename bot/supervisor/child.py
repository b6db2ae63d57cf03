"""One child: started, asked until it is ready, restarted when it dies."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import aiohttp

from bot.supervisor.groups import Groups, signal_group
from bot.supervisor.logfile import LogFile
from bot.supervisor.plan import Part

__all__ = ["Backoff", "Child", "GaveUpError", "Pace"]

SETTINGS_FAULT = 2
"""Exit code of a child whose settings no restart will mend."""

SHOWN_LINES = 10
SHOWN_CHARACTERS = 300


@dataclass(frozen=True)
class Pace:
    """All times of the supervisor, in seconds.

    Attributes:
        first: wait before the first restart; doubled at each further one.
        longest: the longest wait.
        healthy: ready for this long, a child begins again at ``first``.
        poll: between two questions whether a child is ready.
        slow: a child not ready after this long is spoken of, again and again.
        drain: the service has this long to finish before Rasa is stopped too.
        grace: between SIGTERM and SIGKILL.
        attempts: deaths in a row, before ever being ready, that end everything.
    """

    first: float = 0.5
    longest: float = 30.0
    healthy: float = 60.0
    poll: float = 0.2
    slow: float = 60.0
    drain: float = 6.0
    grace: float = 10.0
    attempts: int = 5


class Backoff:
    """How long to wait before the next start.

    Args:
        pace: the times.
    """

    def __init__(self, pace: Pace) -> None:
        self._pace = pace
        self._deaths = 0

    def next_delay(self, healthy: float) -> float:
        """The wait after one more death.

        Args:
            healthy: how long the child had been ready before it died, in seconds.
        """
        if healthy >= self._pace.healthy:
            self._deaths = 0
        # The exponent is bounded because a float's is.
        delay: float = self._pace.first * 2 ** min(self._deaths, 32)
        self._deaths += 1
        return min(delay, self._pace.longest)


class GaveUpError(Exception):
    """A child cannot be kept alive.

    Attributes:
        code: exit code for the supervisor.
    """

    def __init__(self, message: str, code: int) -> None:
        super().__init__(message)
        self.code = code


class Child:
    """Keeps one part of the plan running.

    Args:
        part: what to run.
        log: where its output goes.
        root: its working directory.
        groups: ties its processes' lives to ours.
        session: for the question whether it is ready.
        announce: takes one line for a person.
        changed: called when its process is another.
        pace: the times.
    """

    def __init__(
        self,
        part: Part,
        log: LogFile,
        root: Path,
        groups: Groups,
        session: aiohttp.ClientSession,
        announce: Callable[[str], None],
        changed: Callable[[], None],
        pace: Pace,
    ) -> None:
        self.part = part
        # Chinese and Latin letters stand a blank apart.
        self._title = f"{part.title} " if part.title.isascii() else part.title
        self.ready = asyncio.Event()
        self._log = log
        self._root = root
        self._groups = groups
        self._session = session
        self._announce = announce
        self._changed = changed
        self._pace = pace
        self._process: asyncio.subprocess.Process | None = None
        self._ready_since: float | None = None
        self._ever_ready = False

    @property
    def pid(self) -> int | None:
        """The pid of the process, where there is one."""
        return None if self._process is None else self._process.pid

    async def keep(self) -> None:
        """Run the child for ever.

        Raises:
            GaveUpError: its settings are at fault, or it never gets ready.
        """
        backoff = Backoff(self._pace)
        deaths = 0
        while True:
            code = await self._live()
            healthy = 0.0 if self._ready_since is None else time.monotonic() - self._ready_since
            deaths = 0 if self._ever_ready else deaths + 1
            title, how = self._title, _how(code)
            if code == SETTINGS_FAULT:
                last = self._log.tail(1)
                raise GaveUpError(last[0] if last else f"{title}{how}", SETTINGS_FAULT)
            if code >= 0:  # what was killed had no last words of its own
                for line in self._log.tail(SHOWN_LINES):
                    self._announce(f"  │ {line[:SHOWN_CHARACTERS]}")
            if deaths >= self._pace.attempts:
                where = f"，详见 {self._log.path}"
                raise GaveUpError(f"{title}连续 {deaths} 次启动失败（{how}）{where}", 1)
            delay = backoff.next_delay(healthy)
            self._announce(f"{title}{how}，{delay:g} 秒后重启（日志 {self._log.path}）")
            await asyncio.sleep(delay)

    async def _live(self) -> int:
        """One life, from start to exit code (negative: the signal)."""
        self._ready_since = None
        with self._log.open() as sink:
            process = await asyncio.create_subprocess_exec(
                *self._groups.wrap(self.part.command),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=sink,
                stderr=sink,
                cwd=self._root,
                env=dict(self.part.environment),
                # Ctrl-C in the terminal reaches the supervisor alone.
                start_new_session=True,
            )
        self._process = process
        self._groups.add(process.pid)
        self._changed()
        watch = asyncio.create_task(self._watch())
        try:
            return await process.wait()
        finally:
            watch.cancel()
            await asyncio.gather(watch, return_exceptions=True)
            self.ready.clear()
            if process.returncode is not None:
                self._gone(process)

    async def _watch(self) -> None:
        """Ask until the child is ready; say so when it took a restart or long."""
        started = told = time.monotonic()
        while not await self._answers():
            await asyncio.sleep(self._pace.poll)
            if time.monotonic() - told >= self._pace.slow:
                told = time.monotonic()
                waited = f"{told - started:.0f} 秒"
                self._announce(
                    f"{self._title}启动 {waited}仍未就绪，继续等待（日志 {self._log.path}）"
                )
        self._ready_since = time.monotonic()
        if self._ever_ready:
            self._announce(f"{self._title}已恢复（用时 {self._ready_since - started:.1f} 秒）")
        self._ever_ready = True
        self.ready.set()

    async def _answers(self) -> bool:
        timeout = aiohttp.ClientTimeout(total=5)
        try:
            async with self._session.get(
                self.part.health, headers=self.part.headers, timeout=timeout
            ) as response:
                return response.status == 200
        except (aiohttp.ClientError, TimeoutError, OSError):
            return False

    def _gone(self, process: asyncio.subprocess.Process) -> None:
        self._groups.sweep(process.pid)
        if self._process is process:
            self._process = None

    def terminate(self) -> None:
        """Ask the child and what it started to end."""
        if self._process is not None:
            signal_group(self._process.pid, signal.SIGTERM)

    def kill(self) -> None:
        """End the child and what it started, at once."""
        if self._process is not None:
            signal_group(self._process.pid, signal.SIGKILL)

    async def gone(self) -> None:
        """Wait until the process has ended; to be called when :meth:`keep` no longer runs."""
        if (process := self._process) is not None:
            with contextlib.suppress(ProcessLookupError):
                await process.wait()
            self._gone(process)


def _how(code: int) -> str:
    if code < 0:
        try:
            return f"被信号 {signal.Signals(-code).name} 终止"
        except ValueError:
            return f"被信号 {-code} 终止"
    return f"意外退出（代码 {code}）"
