"""Claiming and working, over and over, with a bound on what is under way."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, Generic, TypeVar

from bot.errors import StorageError
from bot.logs import get_logger
from bot.storage.bus import Bus

__all__ = ["Pump"]

log = get_logger(__name__)
T = TypeVar("T")

_LOOK = 1.0  # seconds between two looks, should a word have been lost


class Pump(Generic[T]):
    """Works what there is of a topic, in this process.

    Args:
        topic: the word of the bus that something of it waits.
        slots: how much may be under way at once.
        claim: takes at most so many pieces for this process.
        work: works one piece; raises nothing.
    """

    def __init__(
        self,
        bus: Bus,
        topic: str,
        slots: int,
        claim: Callable[[int], Awaitable[list[T]]],
        work: Callable[[T], Coroutine[Any, Any, None]],
    ) -> None:
        self._bus, self._topic, self._slots = bus, topic, slots
        self._claim, self._work = claim, work
        self._tasks: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Claim and work until cancelled; what is under way is cancelled then."""
        try:
            with self._bus.watch(self._topic) as news:
                while True:
                    news.clear()
                    if not await self._start_some():
                        await _wait(news, _LOOK)
        finally:
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _start_some(self) -> bool:
        """Whether there may be more to claim at once."""
        free = self._slots - len(self._tasks)
        if not free:
            return False
        try:
            claimed = await self._claim(free)
        except StorageError as error:
            log.warning("nothing_claimed", topic=self._topic, cause=str(error))
            return False
        for piece in claimed:
            task = asyncio.create_task(self._work(piece))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        return len(claimed) == free


async def _wait(news: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(news.wait(), seconds)
    except TimeoutError:
        return
