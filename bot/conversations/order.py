"""One at a time within a conversation, in order of arrival, with a bound on who waits."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bot.errors import OverloadedError

__all__ = ["InOrder"]


class InOrder:
    """A queue a key. ``asyncio.Lock`` wakes waiters in the order in which they came.

    Args:
        waiting: at most so many may wait behind the one that is worked.
    """

    def __init__(self, waiting: int) -> None:
        self._waiting = waiting
        self._locks: dict[str, tuple[asyncio.Lock, int]] = {}

    @asynccontextmanager
    async def turn(self, key: str) -> AsyncIterator[None]:
        """Hold the key's place.

        Raises:
            OverloadedError: too many wait already.
        """
        lock, holders = self._locks.get(key, (None, 0))
        if lock is None:
            lock = asyncio.Lock()
        if holders > self._waiting:
            raise OverloadedError("前面的消息还在处理")
        self._locks[key] = (lock, holders + 1)
        try:
            async with lock:
                yield
        finally:
            lock, holders = self._locks[key]
            if holders == 1:
                del self._locks[key]
            else:
                self._locks[key] = (lock, holders - 1)
