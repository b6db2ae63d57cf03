"""Access tokens of the platforms, kept where all processes find them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import cast

from sqlalchemy import Table, select
from sqlalchemy.dialects import postgresql, sqlite

from bot.storage.engine import Database
from bot.storage.leases import instant
from bot.storage.records import check_id
from bot.storage.tables import TokenRow

__all__ = ["StoredToken", "TokenStore"]

_TOKENS = cast(Table, TokenRow.__table__)


@dataclass(frozen=True)
class StoredToken:
    """A token as it was found.

    Attributes:
        value: the secret itself.
        lifetime: seconds between its being fetched and its end.
        left: seconds until its end, by the database's clock; may be negative.
    """

    value: str = field(repr=False)
    lifetime: float
    left: float


class TokenStore:
    """The tokens of one database. Safe to use from many tasks and processes at once.

    Every method raises :class:`~bot.errors.StorageError` where the database is away.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, name: str) -> StoredToken | None:
        """The token of that name, run out or not; None where there is none."""
        query = select(
            _TOKENS.c.value,
            _TOKENS.c.fetched_at,
            _TOKENS.c.expires_at,
            instant(self._database).label("now"),
        ).where(_TOKENS.c.name == name)
        async with self._database.session() as session:
            row = (await session.execute(query)).one_or_none()
        if row is None:
            return None
        return StoredToken(
            value=row.value,
            lifetime=(row.expires_at - row.fetched_at).total_seconds(),
            left=(row.expires_at - row.now).total_seconds(),
        )

    async def put(self, name: str, value: str, lifetime: float) -> None:
        """Keep a token that was fetched now and ends after ``lifetime`` seconds.

        Raises:
            ValueError: the name is empty or too long.
        """
        check_id(name)
        upsert = sqlite.insert if self._database.dialect == "sqlite" else postgresql.insert
        statement = upsert(_TOKENS).values(
            name=name,
            value=value,
            fetched_at=instant(self._database),
            expires_at=instant(self._database, lifetime),
        )
        statement = statement.on_conflict_do_update(
            index_elements=[_TOKENS.c.name],
            set_={
                column: statement.excluded[column]
                for column in ("value", "fetched_at", "expires_at")
            },
        )
        async with self._database.begin() as session:
            await session.execute(statement)
