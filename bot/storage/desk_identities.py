"""Whom an identity provider knows, and which user of the desk that is."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Row, Table, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import NotFoundError
from bot.storage.desk_tables import DeskIdentityRow, DeskSessionRow, DeskUserRow
from bot.storage.desk_users import Role, fresh_user
from bot.storage.engine import Database
from bot.storage.records import check_id

__all__ = ["Identity", "IdentityStore", "identity_id"]

_IDENTITIES = cast(Table, DeskIdentityRow.__table__)
_USERS = cast(Table, DeskUserRow.__table__)
_SESSIONS = cast(Table, DeskSessionRow.__table__)


@dataclass(frozen=True, slots=True)
class Identity:
    """Somebody as the provider knows them; see :class:`DeskIdentityRow`."""

    id: str
    user_id: str
    called: str
    linked: bool
    at: datetime


def identity_id(issuer: str, subject: str) -> str:
    """The id of an identity: the same for the same issuer and subject."""
    return hashlib.sha256(f"{issuer}\n{subject}".encode("utf-8", "replace")).hexdigest()


class IdentityStore:
    """The identities of one database. Safe to use from many tasks and processes at once.

    Every method raises :class:`~bot.errors.StorageError` where the database is away.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    async def find(self, key: str) -> Identity | None:
        """The identity of that id, if it was here before."""
        async with self._database.session() as session:
            query = select(_IDENTITIES).where(_IDENTITIES.c.id == key)
            row = (await session.execute(query)).one_or_none()
        return None if row is None else _identity(row)

    async def receive(
        self, key: str, called: str, name: str, display: str, role: Role, now: datetime
    ) -> tuple[Identity, bool]:
        """An identity that comes for the first time, and whether a user was made for it.

        Where the name is somebody's already, nobody is taken over: the identity is kept as
        a request (not linked), which an administrator settles.
        """
        for value in (called, name, display):
            check_id(value)
        insert = sqlite.insert if self._database.dialect == "sqlite" else postgresql.insert
        user = fresh_user(name, display, role, now)
        async with self._database.begin() as session:
            added = insert(_USERS).values(user).on_conflict_do_nothing().returning(_USERS.c.id)
            new = await session.scalar(added) is not None
            owner = await session.scalar(select(_USERS.c.id).where(_USERS.c.name == name))
            row = {"id": key, "user_id": owner, "called": called, "linked": new, "at": now}
            # Of two requests at once the other may have been first: what it wrote holds.
            await session.execute(insert(_IDENTITIES).values(row).on_conflict_do_nothing())
            query = select(_IDENTITIES).where(_IDENTITIES.c.id == key)
            return _identity((await session.execute(query)).one()), new

    async def all(self) -> list[Identity]:
        """Every identity, the oldest first."""
        query = select(_IDENTITIES).order_by(_IDENTITIES.c.at, _IDENTITIES.c.id)
        async with self._database.session() as session:
            return [_identity(row) for row in (await session.execute(query)).all()]

    async def link(self, key: str, user_id: str) -> Identity:
        """Let an identity that asked for it be that user.

        Raises:
            NotFoundError: it did not ask to be that user.
        """
        statement = (
            update(_IDENTITIES)
            .where(_IDENTITIES.c.id == key, _IDENTITIES.c.user_id == user_id)
            .values(linked=True)
            .returning(_IDENTITIES)
        )
        async with self._database.begin() as session:
            return await self._settle(session, statement)

    async def part(self, key: str, user_id: str) -> Identity:
        """Refuse a request, or end a link; the user is then signed out everywhere.

        Raises:
            NotFoundError: the user has no such identity.
        """
        statement = (
            delete(_IDENTITIES)
            .where(_IDENTITIES.c.id == key, _IDENTITIES.c.user_id == user_id)
            .returning(_IDENTITIES)
        )
        async with self._database.begin() as session:
            gone = await self._settle(session, statement)
            if gone.linked:
                await session.execute(delete(_SESSIONS).where(_SESSIONS.c.user_id == user_id))
        return gone

    @staticmethod
    async def _settle(session: AsyncSession, statement: Any) -> Identity:
        row = (await session.execute(statement)).one_or_none()
        if row is None:
            raise NotFoundError("没有这个单位帐号，请刷新后再试")
        return _identity(row)


def _identity(row: Row[Any]) -> Identity:
    return Identity(row.id, row.user_id, row.called, row.linked, row.at)
