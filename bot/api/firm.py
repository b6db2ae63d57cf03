"""What is kept of a visitor's firm: to see, to correct, to delete; checked before it is kept."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from bot.knowledge import Knowledge
from bot.storage.profiles import ProfileStore

__all__ = ["FirmProfiles"]


class FirmProfiles:
    """Profiles by conversation's key, held to the closed list of facts."""

    def __init__(self, knowledge: Knowledge, store: ProfileStore) -> None:
        self._knowledge, self._store = knowledge, store

    async def read(self, key: str) -> Mapping[str, Any]:
        """The facts kept.

        Raises:
            StorageError: the database is away.
        """
        return await self._store.get(key)

    async def change(self, key: str, facts: Mapping[str, Any]) -> Mapping[str, Any]:
        """Put facts over those kept; null forgets one. All that are kept then.

        Raises:
            RequestError: 422 for a fact that is unknown or out of bounds; nothing is changed.
            StorageError: the database is away.
        """
        given = {name: value for name, value in facts.items() if value is not None}
        self._knowledge.current.snapshot.facts.read(given)
        kept = {
            name: value
            for name, value in {**await self._store.get(key), **facts}.items()
            if value is not None
        }
        await self._store.put(key, kept, datetime.now(UTC))
        return kept
