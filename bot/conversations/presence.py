"""Which processes are alive, so that what a dead one had claimed is worked by another.

A process claims under a name that no other ever has, and keeps a lease under it. When it
is killed the lease lapses after some seconds; whoever notices frees its claims. Names of
hosts and ports would not do: two containers may share both.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from uuid import uuid4

from bot.errors import StorageError
from bot.logs import get_logger
from bot.storage.leases import LeaseStore

__all__ = ["Presence"]

log = get_logger(__name__)

_PREFIX = "process:"
_LIFE = 8.0  # seconds for which a process counts as alive without a sign of life
_BEAT = 2.0  # seconds between two signs
_STEADY = 3  # signs in a row after which one's own view of the others is fit to judge by

Free = Callable[[Sequence[str]], Awaitable[int]]
"""Frees what processes of these names had claimed; how much it was."""


class Presence:
    """This process among the others of one database.

    Args:
        place: where it runs, for whoever reads the rows.
        free: called with the names of dead processes.

    Attributes:
        name: what it claims under.
    """

    def __init__(self, leases: LeaseStore, place: str, free: Free) -> None:
        self.name = f"{place}:{uuid4().hex}"
        self._leases, self._free = leases, free
        self._signs = 0

    async def enter(self) -> None:
        """Give the first sign of life.

        Raises:
            StorageError: the database is away.
        """
        await self._leases.acquire(_PREFIX + self.name, self.name, _LIFE)

    async def run(self) -> None:
        """Stay alive and look for the dead, until cancelled."""
        while True:
            await asyncio.sleep(_BEAT)
            try:
                await self.enter()
                # After the database was away everybody's lease has lapsed; they are to have
                # the time to renew it.
                self._signs += 1
                if self._signs >= _STEADY:
                    await self._bury()
            except StorageError as error:
                self._signs = 0
                log.warning("no_sign_of_life", cause=str(error))

    async def leave(self) -> None:
        """Give back what is claimed: others need not wait until the lease has lapsed."""
        try:
            await self._free([self.name])
            await self._leases.release(_PREFIX + self.name, self.name)
        except StorageError as error:
            log.warning("claims_not_given_back", cause=str(error))

    async def _bury(self) -> None:
        dead = await self._leases.lapsed(_PREFIX)
        if dead:
            freed = await self._free(list(dead.values()))
            await self._leases.clear(list(dead))
            log.warning("dead_process_found", processes=len(dead), freed=freed)
