"""A supervised stack of fake children, in this process or in one of its own."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from bot.settings import Settings
from bot.supervisor.child import Pace
from bot.supervisor.core import supervise
from bot.supervisor.plan import Part, Plan
from bot.supervisor.ports import free_port
from bot.supervisor.state import started_ticks

FAKE = Path(__file__).with_name("fake_child.py")

QUICK = Pace(first=0.02, longest=0.1, healthy=60, poll=0.02, slow=30, drain=0.5, grace=1.0)
"""The real order of events, without the waits."""

PATIENCE = 20.0
"""Seconds before a test that waits for something gives up."""


def make_settings(folder: Path, **changes: str) -> Settings:
    """Settings over a folder of the test's own."""
    environ = {
        "WENCE_PORT": str(free_port()),
        "WENCE_VAR_DIR": str(folder / "var"),
        **changes,
    }
    return Settings.load(environ, env_file=folder / "none.env")


def fake_part(folder: Path, name: str, port: int, *options: str) -> Part:
    """A part of the plan that runs the fake child."""
    command = (sys.executable, "-I", "-S", str(FAKE), str(port), *options)
    environment = {**os.environ, "PIDS": str(folder / f"{name}.pids")}
    return Part(name, name, command, environment, f"http://127.0.0.1:{port}/")


def pids(folder: Path, name: str) -> list[int]:
    """The pids of all lives of a child so far."""
    try:
        return [int(line) for line in (folder / f"{name}.pids").read_text().split()]
    except FileNotFoundError:
        return []


def alive(pid: int) -> bool:
    """Whether the process runs; one that is dead and not yet buried does not."""
    return started_ticks(pid) is not None


async def eventually(condition: Callable[[], bool]) -> None:
    """Wait until the condition holds; fail after a good while."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, "the condition never came true"
        await asyncio.sleep(0.01)


@dataclass
class Stack:
    """Runs the supervisor as a task.

    Attributes:
        folder: the test's own.
        options: of each fake child, by name; started in this order's reverse.
    """

    folder: Path
    options: dict[str, tuple[str, ...]] = field(default_factory=lambda: {"service": (), "rasa": ()})
    pace: Pace = QUICK
    signals: bool = False

    def __post_init__(self) -> None:
        self.lines: list[str] = []
        self.settings = make_settings(self.folder)

    def plan(self, settings: Settings) -> Plan:
        parts = []
        for name, options in self.options.items():
            port = settings.port if name == "service" else free_port(other_than=settings.port)
            parts.append(fake_part(self.folder, name, port, *options))
        return Plan(tuple(parts), settings.address, "http://rasa", "http://actions")

    async def __aenter__(self) -> Stack:
        self.task = asyncio.create_task(
            supervise(
                self.settings,
                announce=self.lines.append,
                signals=self.signals,
                pace=self.pace,
                plan=self.plan,
            )
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        self.task.cancel()
        await asyncio.gather(self.task, return_exceptions=True)

    async def ended(self) -> int:
        """The exit code; fails where the supervisor does not end."""
        async with asyncio.timeout(PATIENCE):
            return await self.task

    def said(self, words: str) -> bool:
        return any(words in line for line in self.lines)

    async def until_said(self, words: str) -> None:
        await eventually(lambda: self.said(words) or self.task.done())
        assert self.said(words), self.lines

    def pids(self, name: str) -> list[int]:
        return pids(self.folder, name)

    def all_pids(self) -> list[int]:
        return [pid for name in self.options for pid in self.pids(name)]
