"""Who may use the desk: users, their sessions and links, and the count of failed sign-ins."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal, cast
from uuid import uuid4

from sqlalchemy import ColumnElement, Row, Table, delete, func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from bot.errors import ConflictError, NotFoundError
from bot.storage.desk_tables import DeskAttemptRow, DeskLinkRow, DeskSessionRow, DeskUserRow
from bot.storage.engine import Database, tell
from bot.storage.records import check_id

__all__ = ["ROLES", "DeskUser", "DeskUserStore", "Role", "Session", "Stage", "fresh_user"]

Role = Literal["operator", "supervisor", "editor", "administrator"]
ROLES: tuple[Role, ...] = ("operator", "supervisor", "editor", "administrator")
Stage = Literal["code", "enrol", "open"]
"""How far a sign-in has come: a code is asked for, the second factor is yet to be set up, done."""

_USERS = cast(Table, DeskUserRow.__table__)
_SESSIONS = cast(Table, DeskSessionRow.__table__)
_LINKS = cast(Table, DeskLinkRow.__table__)
_ATTEMPTS = cast(Table, DeskAttemptRow.__table__)
_STALE = timedelta(days=1)  # failures older than this are forgotten


@dataclass(frozen=True, slots=True)
class DeskUser:
    """Somebody who works at the desk; see :class:`DeskUserRow`."""

    id: str
    name: str
    display: str
    role: Role
    password: str | None
    totp: str | None
    totp_step: int
    active: bool
    free: bool
    seen_at: datetime | None


@dataclass(frozen=True, slots=True)
class Session:
    """A sign-in and whose it is."""

    id: str
    stage: Stage
    seen_at: datetime
    user: DeskUser


def fresh_user(name: str, display: str, role: Role, now: datetime) -> dict[str, Any]:
    """The row of somebody new, who has no password and is not at the desk yet."""
    return {
        "id": str(uuid4()),
        "name": name,
        "display": display,
        "role": role,
        "active": True,
        "free": False,
        "created_at": now,
    }


class DeskUserStore:
    """The people of one database. Safe to use from many tasks and processes at once.

    Every method raises :class:`~bot.errors.StorageError` where the database is away.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, name: str, display: str, role: Role, now: datetime) -> DeskUser:
        """A new user without a password.

        Raises:
            ConflictError: the name is taken.
        """
        for value in (name, display):
            check_id(value)
        insert = sqlite.insert if self._database.dialect == "sqlite" else postgresql.insert
        values = fresh_user(name, display, role, now)
        statement = insert(_USERS).values(values).on_conflict_do_nothing().returning(_USERS.c.id)
        async with self._database.begin() as session:
            if await session.scalar(statement) is None:
                raise ConflictError("这个用户名已经有了")
        return await self.by_name(name)

    async def by_name(self, name: str) -> DeskUser:
        """The user who signs in by that name.

        Raises:
            NotFoundError: there is none.
        """
        return await self._one(_USERS.c.name == name)

    async def get(self, user_id: str) -> DeskUser:
        """The user of an id.

        Raises:
            NotFoundError: there is none.
        """
        return await self._one(_USERS.c.id == user_id)

    async def _one(self, which: ColumnElement[bool]) -> DeskUser:
        async with self._database.session() as session:
            row = (await session.execute(select(_USERS).where(which))).one_or_none()
        if row is None:
            raise NotFoundError("没有这个用户")
        return _user(row)

    async def all(self) -> list[DeskUser]:
        """Every user, by name."""
        async with self._database.session() as session:
            rows = (await session.execute(select(_USERS).order_by(_USERS.c.name))).all()
        return [_user(row) for row in rows]

    async def change(self, user_id: str, **values: Any) -> None:
        """Set columns of a user; one that is made inactive is signed out everywhere.

        Raises:
            NotFoundError: there is no such user.
        """
        async with self._database.begin() as session:
            done = await session.execute(
                update(_USERS).where(_USERS.c.id == user_id).values(**values)
            )
            if not getattr(done, "rowcount", 0):
                raise NotFoundError("没有这个用户")
            if values.get("active") is False or "password" in values or "role" in values:
                await session.execute(delete(_SESSIONS).where(_SESSIONS.c.user_id == user_id))
            tell(session, "queue", "")

    async def use_step(self, user_id: str, step: int) -> bool:
        """Mark a time step of the second factor as used; False where it or a later one was."""
        async with self._database.begin() as session:
            done = await session.execute(
                update(_USERS)
                .where(_USERS.c.id == user_id, _USERS.c.totp_step < step)
                .values(totp_step=step)
            )
            return bool(getattr(done, "rowcount", 0))

    async def administrators(self) -> int:
        """How many active administrators there are."""
        query = select(func.count()).where(_USERS.c.role == "administrator", _USERS.c.active)
        async with self._database.session() as session:
            return await session.scalar(query) or 0

    async def open_session(
        self, key: str, user_id: str, stage: Stage, now: datetime, life: timedelta
    ) -> None:
        """Record a sign-in; those that have run out are swept away."""
        async with self._database.begin() as session:
            await session.execute(delete(_SESSIONS).where(_SESSIONS.c.expires_at <= now))
            await session.execute(
                _SESSIONS.insert(),
                {
                    "id": key,
                    "user_id": user_id,
                    "stage": stage,
                    "created_at": now,
                    "seen_at": now,
                    "expires_at": now + life,
                },
            )

    async def session(self, key: str, now: datetime, idle: timedelta) -> Session | None:
        """The sign-in of that key, if it still holds and its user is active."""
        query = (
            select(_USERS, _SESSIONS.c.stage, _SESSIONS.c.seen_at.label("session_seen"))
            .join(_SESSIONS, _SESSIONS.c.user_id == _USERS.c.id)
            .where(
                _SESSIONS.c.id == key,
                _SESSIONS.c.expires_at > now,
                _SESSIONS.c.seen_at > now - idle,
                _USERS.c.active,
            )
        )
        async with self._database.session() as session:
            row = (await session.execute(query)).one_or_none()
        if row is None:
            return None
        return Session(key, cast(Stage, row.stage), row.session_seen, _user(row))

    async def touch_session(self, key: str, now: datetime) -> None:
        """A session is in use."""
        async with self._database.begin() as session:
            await session.execute(
                update(_SESSIONS).where(_SESSIONS.c.id == key).values(seen_at=now)
            )

    async def touch(self, user_id: str, now: datetime) -> None:
        """Somebody has the desk open."""
        async with self._database.begin() as session:
            await session.execute(update(_USERS).where(_USERS.c.id == user_id).values(seen_at=now))

    async def close_session(self, key: str) -> None:
        """End a sign-in."""
        async with self._database.begin() as session:
            await session.execute(delete(_SESSIONS).where(_SESSIONS.c.id == key))

    async def add_link(self, key: str, user_id: str, until: datetime, now: datetime) -> None:
        """Record a link that sets a password; it takes the place of any other of the user."""
        async with self._database.begin() as session:
            await session.execute(
                delete(_LINKS).where((_LINKS.c.user_id == user_id) | (_LINKS.c.expires_at <= now))
            )
            await session.execute(
                _LINKS.insert(), {"id": key, "user_id": user_id, "expires_at": until}
            )

    async def use_link(self, key: str, password: str, now: datetime) -> DeskUser | None:
        """Set a password by a link, which is then spent; None where the link is not good.

        Of two uses at the same moment one succeeds.
        """
        async with self._database.begin() as session:
            spent = delete(_LINKS).where(_LINKS.c.id == key, _LINKS.c.expires_at > now)
            user_id = await session.scalar(spent.returning(_LINKS.c.user_id))
            if user_id is None:
                return None
            await session.execute(
                update(_USERS).where(_USERS.c.id == user_id).values(password=password)
            )
            await session.execute(delete(_SESSIONS).where(_SESSIONS.c.user_id == user_id))
            row = (await session.execute(select(_USERS).where(_USERS.c.id == user_id))).one()
        return _user(row)

    async def locked_until(self, name: str, now: datetime) -> datetime | None:
        """Until when no sign-in by that name is tried; None where it may be."""
        query = select(_ATTEMPTS.c.until).where(_ATTEMPTS.c.name == name, _ATTEMPTS.c.until > now)
        async with self._database.session() as session:
            return cast("datetime | None", await session.scalar(query))

    async def failed(self, name: str, now: datetime) -> int:
        """Count a failure; how many there are by now. Known and unknown names count alike."""
        insert = sqlite.insert if self._database.dialect == "sqlite" else postgresql.insert
        statement = insert(_ATTEMPTS).values(name=name, failures=1, until=now, at=now)
        statement = statement.on_conflict_do_update(
            index_elements=[_ATTEMPTS.c.name],
            set_={"failures": _ATTEMPTS.c.failures + 1, "at": now},
        )
        async with self._database.begin() as session:
            await session.execute(delete(_ATTEMPTS).where(_ATTEMPTS.c.at < now - _STALE))
            return cast(int, await session.scalar(statement.returning(_ATTEMPTS.c.failures)))

    async def lock(self, name: str, until: datetime) -> None:
        """Try no sign-in by that name for a while."""
        async with self._database.begin() as session:
            await session.execute(
                update(_ATTEMPTS).where(_ATTEMPTS.c.name == name).values(until=until)
            )

    async def clear_failures(self, name: str) -> None:
        """Forget the failures after a success."""
        async with self._database.begin() as session:
            await session.execute(delete(_ATTEMPTS).where(_ATTEMPTS.c.name == name))


def _user(row: Row[Any]) -> DeskUser:
    return DeskUser(
        id=row.id,
        name=row.name,
        display=row.display,
        role=cast(Role, row.role),
        password=row.password,
        totp=row.totp,
        totp_step=row.totp_step,
        active=row.active,
        free=row.free,
        seen_at=row.seen_at,
    )
