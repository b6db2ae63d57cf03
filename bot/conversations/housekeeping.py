"""Once an hour: what was kept for as long as was promised is removed."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

from bot.errors import StorageError
from bot.logs import get_logger
from bot.storage.purge import Purge

__all__ = ["Housekeeping"]

log = get_logger(__name__)

_HOUR = 3600.0
_REPEATS = timedelta(hours=1)  # no platform repeats a message for longer
_SECURITY = timedelta(days=200)  # records of security are to be kept for six months at least


class Housekeeping:
    """Removes bodies, traces of the forgotten and old security records.

    Args:
        keep: how long bodies are kept.
        others: called with the same instant: what else holds bodies, Rasa's tracker first.
    """

    def __init__(
        self,
        purge: Purge,
        keep: timedelta,
        others: list[Callable[[datetime], Awaitable[int]]],
    ) -> None:
        self._purge, self._keep, self._others = purge, keep, others

    async def run(self) -> None:
        """Clean for ever; cancel to end."""
        while True:
            try:
                await self.clean(datetime.now(UTC))
            except StorageError as error:
                log.warning("not_cleaned", cause=str(error))
            await asyncio.sleep(_HOUR)

    async def clean(self, now: datetime) -> None:
        """Remove what is too old at an instant.

        Raises:
            StorageError: a database is away; the next hour finishes it.
        """
        removed = await self._purge.bodies(now - self._keep)
        forgotten = await self._purge.forgotten(now - _REPEATS)
        await self._purge.audit(now - max(_SECURITY, self._keep))
        for other in self._others:
            removed += await other(now - self._keep)
        if removed or forgotten:
            log.info("cleaned", removed=removed, forgotten=forgotten)
