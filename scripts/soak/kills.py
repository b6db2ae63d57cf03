"""Messages without end, and processes killed under them."""

from __future__ import annotations

import asyncio
import contextlib
import random
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from soak.ledger import Account, Books, audit
from soak.stream import Stream
from soak.victims import PostgresVictim, StackVictim
from tests.platforms.wecom import WeCom

__all__ = ["Effort", "Outcome", "run_kills"]

_SAY = Callable[[str], None]


@dataclass(frozen=True)
class Effort:
    """How much is done to it.

    Attributes:
        rate: messages a second.
        drain: seconds after the last message within which all must have arrived.
    """

    messages: int
    people: int
    kills: int
    rate: float
    drain: float
    seed: int


@dataclass
class Outcome:
    """What a run came to.

    Attributes:
        killed: when and what.
        seconds: of the stream; ``drained`` of what was left after it, None where it never was.
    """

    account: Account
    killed: list[tuple[float, str]] = field(default_factory=list)
    seconds: float = 0.0
    drained: float | None = None

    @property
    def kills(self) -> Counter[str]:
        """How often what was killed."""
        return Counter(name for _, name in self.killed)


async def run_kills(
    folder: Path, effort: Effort, postgres: PostgresVictim | None = None, say: _SAY = lambda _: None
) -> Outcome:
    """Send the messages, kill, wait until all has arrived, and take account.

    Args:
        postgres: the database, to be killed too; a SQLite file in the folder without it.
    """
    async with WeCom() as platform:
        environ = platform.account.settings(platform.url)
        database = f"sqlite:///{folder / 'wence.db'}"
        if postgres is not None:
            database = environ["WENCE_DATABASE_URL"] = postgres.url
        victim = StackVictim(folder, environ)
        await asyncio.to_thread(victim.start)
        try:
            platform.callback = f"{victim.address}/wecom/callback"
            stream = Stream(platform, effort.people, effort.messages, effort.rate, effort.seed)
            outcome = Outcome(Account())
            started = time.monotonic()
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(stream.run())
                tasks.create_task(_kill(effort, stream, victim, postgres, outcome, say))
            outcome.seconds = time.monotonic() - started
            books = Books(database)
            outcome.drained = await _drain(books, effort.drain)
            outcome.account = await audit(stream, books, [at for at, _ in outcome.killed])
            return outcome
        finally:
            await asyncio.to_thread(victim.stop)


async def _kill(
    effort: Effort,
    stream: Stream,
    victim: StackVictim,
    postgres: PostgresVictim | None,
    outcome: Outcome,
    say: _SAY,
) -> None:
    choice = random.Random(effort.seed + 1)
    names = ["service", "rasa", "supervisor"] + (["postgresql"] if postgres is not None else [])
    order = [names[number % len(names)] for number in range(effort.kills)]
    choice.shuffle(order)
    total = effort.messages
    moments = sorted(choice.uniform(0.05, 0.9) * total for _ in order)
    for name, moment in zip(order, moments, strict=True):
        while stream.finished < moment:
            await asyncio.sleep(0.02)
        await asyncio.to_thread(victim.stack.wait_ready)
        await asyncio.sleep(choice.uniform(0.0, 0.5))
        outcome.killed.append((time.monotonic(), name))
        say(f"{stream.finished:>5} messages sent: SIGKILL to {name}")
        if name == "postgresql" and postgres is not None:
            await asyncio.to_thread(postgres.kill)
        else:
            await asyncio.to_thread(victim.kill, name)


async def _drain(books: Books, seconds: float) -> float | None:
    """Wait until nothing is open any longer; how long that took."""
    started = time.monotonic()
    while time.monotonic() - started < seconds:
        with contextlib.suppress(OSError):
            if await books.still_open() == 0:
                return time.monotonic() - started
        await asyncio.sleep(0.25)
    return None
