"""Leases: which process may do what only one may do at a time, and until when."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, cast

from sqlalchemy import ColumnElement, DateTime, Table, delete, func, literal, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from bot.storage.columns import UtcDateTime
from bot.storage.engine import Database
from bot.storage.records import check_id
from bot.storage.tables import LeaseRow

__all__ = ["LeaseStore", "instant"]

_LEASES = cast(Table, LeaseRow.__table__)


def instant(database: Database, seconds: float = 0.0) -> ColumnElement[Any]:
    """Now and some seconds, by the one clock that all processes share.

    That is the server's on PostgreSQL, whose clients' clocks may differ, and this
    machine's on SQLite, whose processes all run here.
    """
    delta = timedelta(seconds=seconds)
    if database.dialect == "postgresql":
        # Not now(): that is when the transaction began, before it waited for a lock.
        return func.clock_timestamp(type_=DateTime(timezone=True)) + delta
    return literal(datetime.now(UTC) + delta, UtcDateTime())


class LeaseStore:
    """The leases of one database. Safe to use from many tasks and processes at once.

    A holder is a name that nobody else uses. Every method raises
    :class:`~bot.errors.StorageError` where the database is away.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    async def acquire(self, name: str, holder: str, seconds: float) -> bool:
        """Take a lease that is free or has run out; one's own is extended.

        Returns:
            Whether ``holder`` has it now, for ``seconds``.

        Raises:
            ValueError: a name is empty or too long.
        """
        check_id(name)
        check_id(holder)
        upsert = sqlite.insert if self._database.dialect == "sqlite" else postgresql.insert
        statement = upsert(_LEASES).values(
            name=name, holder=holder, until=instant(self._database, seconds)
        )
        statement = statement.on_conflict_do_update(
            index_elements=[_LEASES.c.name],
            set_={"holder": statement.excluded.holder, "until": statement.excluded.until},
            where=or_(_LEASES.c.holder == holder, _LEASES.c.until <= instant(self._database)),
        )
        async with self._database.begin() as session:
            found = await session.execute(statement.returning(_LEASES.c.holder))
            return found.one_or_none() is not None

    async def renew(self, name: str, holder: str, seconds: float) -> bool:
        """Extend a lease that ``holder`` still has; whether it did."""
        statement = (
            update(_LEASES)
            .where(
                _LEASES.c.name == name,
                _LEASES.c.holder == holder,
                _LEASES.c.until > instant(self._database),
            )
            .values(until=instant(self._database, seconds))
        )
        async with self._database.begin() as session:
            result = await session.execute(statement)
            return bool(getattr(result, "rowcount", 0))

    async def release(self, name: str, holder: str) -> None:
        """Give a lease back; that of another stays."""
        statement = delete(_LEASES).where(_LEASES.c.name == name, _LEASES.c.holder == holder)
        async with self._database.begin() as session:
            await session.execute(statement)

    async def lapsed(self, prefix: str) -> dict[str, str]:
        """The leases whose names begin so and that have run out, each with its last holder."""
        query = select(_LEASES.c.name, _LEASES.c.holder).where(
            _LEASES.c.name.startswith(prefix, autoescape=True),
            _LEASES.c.until <= instant(self._database),
        )
        async with self._database.session() as session:
            return {name: holder for name, holder in await session.execute(query)}

    async def clear(self, names: Sequence[str]) -> None:
        """Forget leases that have run out; one that was renewed meanwhile stays."""
        statement = delete(_LEASES).where(
            _LEASES.c.name.in_(names), _LEASES.c.until <= instant(self._database)
        )
        async with self._database.begin() as session:
            await session.execute(statement)
