"""From settings to a running stack and back to nothing."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime

import aiohttp

from bot.errors import SettingsError
from bot.settings import Settings
from bot.supervisor.child import Child, GaveUpError, Pace
from bot.supervisor.groups import Groups
from bot.supervisor.logfile import LogFile
from bot.supervisor.plan import Plan, make_plan
from bot.supervisor.ports import check_public, free_port
from bot.supervisor.state import State, claim, started_ticks, write_state

__all__ = ["supervise"]

Announce = Callable[[str], None]
Greet = Callable[[], Awaitable[None]]

PORT_TRIES = 5
"""Asked this often, 0.2 s apart: children of a supervisor that was killed just
now hold the port a moment longer."""


async def supervise(
    settings: Settings,
    *,
    announce: Announce,
    signals: bool = True,
    pace: Pace | None = None,
    plan: Callable[[Settings], Plan] = make_plan,
    when_ready: Callable[[Settings], Awaitable[None]] | None = None,
) -> int:
    """Start everything, keep it running, stop it at SIGINT, SIGTERM or SIGHUP.

    To be awaited in the main thread: the kernel ties the children's lives to
    the thread that started them. Cancelled, it stops its children and passes the
    cancellation on.

    Args:
        settings: as read.
        announce: takes one Chinese line for each event.
        signals: whether to handle the signals; False where the caller does
            and cancels instead.
        pace: all times.
        plan: decides what is started.
        when_ready: called once, when everything answers; with the port that is used.

    Returns:
        The exit code: 0 stopped on request, 1 a child cannot be kept alive, 2 a
        setting, a port or a file is at fault.
    """
    pace = pace or Pace()
    announce = _unfailing(announce)
    stop, hurry = asyncio.Event(), asyncio.Event()
    try:
        with claim(settings.var_dir), _signals(stop, hurry, announce, signals):
            if settings.port == 0:
                settings = replace(settings, port=free_port())
            await _check_port(settings)
            greet = None if when_ready is None else lambda: when_ready(settings)
            return await _run(settings, plan(settings), announce, pace, stop, hurry, greet)
    except SettingsError as error:
        announce(str(error))
        return 2
    except GaveUpError as error:
        announce(str(error))
        return error.code
    except OSError as error:
        announce(f"无法启动：{error.filename or ''} {error.strerror or error}".replace("  ", " "))
        return 1


def _unfailing(announce: Announce) -> Announce:
    """A terminal or pipe that is gone must not bring the stack down."""

    def tell(line: str) -> None:
        with contextlib.suppress(OSError):
            announce(line)

    return tell


async def _check_port(settings: Settings) -> None:
    for _ in range(PORT_TRIES - 1):
        with contextlib.suppress(SettingsError):
            return check_public(settings.host, settings.port)
        await asyncio.sleep(0.2)
    check_public(settings.host, settings.port)


@contextlib.contextmanager
def _signals(
    stop: asyncio.Event, hurry: asyncio.Event, announce: Announce, wanted: bool
) -> Iterator[None]:
    """The first signal asks for an orderly end, the second for an end at once."""
    if not wanted:
        yield
        return

    def on_signal() -> None:
        if stop.is_set():
            hurry.set()
        else:
            announce("正在停止 …（再按一次 Ctrl-C 立即结束）")
            stop.set()

    loop = asyncio.get_running_loop()
    numbers = [signal.SIGINT, signal.SIGTERM]
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # nohup
        numbers.append(signal.SIGHUP)
    for number in numbers:
        loop.add_signal_handler(number, on_signal)
    try:
        yield
    finally:
        for number in numbers:
            loop.remove_signal_handler(number)


async def _run(
    settings: Settings,
    plan: Plan,
    announce: Announce,
    pace: Pace,
    stop: asyncio.Event,
    hurry: asyncio.Event,
    greet: Greet | None,
) -> int:
    pid = os.getpid()
    state = State(
        pid=pid,
        ticks=started_ticks(pid) or 0,
        address=plan.address,
        rasa_url=plan.rasa_url,
        actions_url=plan.actions_url,
        started_at=datetime.now(UTC).isoformat(timespec="seconds"),
    )
    children: list[Child] = []

    def changed() -> None:
        pids = {child.part.name: child.pid for child in children if child.pid}
        with contextlib.suppress(OSError):  # a full disk; the stack itself still runs
            write_state(settings.var_dir, replace(state, children=pids))

    groups = Groups()
    try:
        # No proxy: all that is asked is on this machine.
        async with aiohttp.ClientSession(trust_env=False) as session:
            for part in plan.parts:
                log = LogFile(settings.var_dir / "log" / f"{part.name}.log")
                children.append(
                    Child(part, log, settings.root, groups, session, announce, changed, pace)
                )
            titles = " 和".join(child.part.title for child in reversed(children))
            announce(f"正在启动 {titles} …")
            try:
                await _keep_all(children, plan.address, announce, stop, greet)
            finally:
                await _stop_all(children, pace, hurry)
    finally:
        groups.close()
    announce("已停止")
    return 0


async def _keep_all(
    children: Sequence[Child],
    address: str,
    announce: Announce,
    stop: asyncio.Event,
    greet: Greet | None,
) -> None:
    """Until asked to stop.

    Raises:
        GaveUpError: a child cannot be kept alive.
    """
    tasks = [asyncio.create_task(child.keep()) for child in children]
    stopped = asyncio.create_task(stop.wait())
    greeting = asyncio.create_task(_greet(children, address, announce, greet))
    try:
        done, _ = await asyncio.wait([stopped, *tasks], return_when=asyncio.FIRST_COMPLETED)
        for task in done - {stopped}:
            task.result()
    finally:
        for task in (stopped, greeting, *tasks):
            task.cancel()
        await asyncio.gather(stopped, greeting, *tasks, return_exceptions=True)


async def _greet(
    children: Sequence[Child], address: str, announce: Announce, greet: Greet | None
) -> None:
    started = time.monotonic()
    for child in children:
        await child.ready.wait()
    announce(f"问策已就绪：{address}（用时 {time.monotonic() - started:.0f} 秒，按 Ctrl-C 停止）")
    if greet is not None:
        await greet()


async def _stop_all(children: Sequence[Child], pace: Pace, hurry: asyncio.Event) -> None:
    """Stop the children one after the other, all within the time of grace."""
    clock = asyncio.get_running_loop().time
    begun = clock()
    hurried = asyncio.create_task(hurry.wait())
    try:
        endings = []
        for child in children:
            child.terminate()
            endings.append(asyncio.create_task(child.gone()))
            await _until(endings[-1], hurried, begun + pace.drain - clock())
        for ending in endings:
            await _until(ending, hurried, begun + pace.grace - clock())
    finally:
        hurried.cancel()
        for child in children:
            child.kill()
        await asyncio.gather(*(child.gone() for child in children))


async def _until(ending: asyncio.Task[None], hurried: asyncio.Task[bool], seconds: float) -> None:
    both: list[asyncio.Task[None] | asyncio.Task[bool]] = [ending, hurried]
    await asyncio.wait(both, timeout=max(seconds, 0), return_when=asyncio.FIRST_COMPLETED)
