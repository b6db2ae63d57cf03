"""Profiles: what a firm has told of itself, kept between conversations until it is forgotten."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Table, delete, select
from sqlalchemy.dialects import postgresql, sqlite

from bot.storage.engine import Database
from bot.storage.records import check_id, check_json
from bot.storage.tables import ProfileRow

__all__ = ["ProfileStore"]

_PROFILES = cast(Table, ProfileRow.__table__)


class ProfileStore:
    """The profiles of one database. Safe to use from many tasks and processes at once.

    Every method raises :class:`~bot.errors.StorageError` where the database is away.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, owner: str) -> dict[str, Any]:
        """The facts that an owner has told, by id; none where there is no profile.

        Args:
            owner: a conversation's key, ``<channel>:<sender>``.
        """
        query = select(_PROFILES.c.facts).where(_PROFILES.c.owner == owner)
        async with self._database.session() as session:
            return dict(await session.scalar(query) or {})

    async def put(self, owner: str, facts: Mapping[str, Any], now: datetime) -> None:
        """Keep these facts in place of all that was kept; none removes the profile.

        Raises:
            ValueError: a value is no JSON, or the owner is empty or too long.
        """
        check_id(owner)
        if not facts:
            await self.delete(owner)
            return
        check_json([dict(facts)])
        upsert = sqlite.insert if self._database.dialect == "sqlite" else postgresql.insert
        statement = upsert(_PROFILES).values(owner=owner, facts=dict(facts), updated_at=now)
        statement = statement.on_conflict_do_update(
            index_elements=[_PROFILES.c.owner],
            set_={
                "facts": statement.excluded.facts,
                "updated_at": statement.excluded.updated_at,
            },
        )
        async with self._database.begin() as session:
            await session.execute(statement)

    async def delete(self, owner: str) -> bool:
        """Forget an owner; whether there was a profile."""
        async with self._database.begin() as session:
            result = await session.execute(delete(_PROFILES).where(_PROFILES.c.owner == owner))
            return bool(getattr(result, "rowcount", 0))
