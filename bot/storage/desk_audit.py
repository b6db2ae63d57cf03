"""The audit log: who did or saw what at the desk, and when."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast
from uuid import uuid4

from sqlalchemy import Table, select

from bot.storage.engine import Database
from bot.storage.tables import AuditRow

__all__ = ["AuditEntry", "AuditLog"]

_AUDIT = cast(Table, AuditRow.__table__)


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One line of the log."""

    at: datetime
    who: str
    what: str
    detail: dict[str, Any]


class AuditLog:
    """What concerns security, in order of time; never a body or a secret.

    Every method raises :class:`~bot.errors.StorageError` where the database is away.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    async def write(
        self, who: str, what: str, now: datetime, detail: Mapping[str, Any] | None = None
    ) -> None:
        """Record what ``who`` did: ``what`` in snake_case, ``detail`` ids and outcomes."""
        row = {
            "id": str(uuid4()),
            "at": now,
            "who": who,
            "what": what,
            "detail": {**(detail or {})},
        }
        async with self._database.begin() as session:
            await session.execute(_AUDIT.insert(), row)

    async def latest(self, limit: int, before: datetime | None = None) -> list[AuditEntry]:
        """The latest lines, newest first."""
        query = select(_AUDIT).order_by(_AUDIT.c.at.desc(), _AUDIT.c.id).limit(limit)
        if before is not None:
            query = query.where(_AUDIT.c.at < before)
        async with self._database.session() as session:
            rows = (await session.execute(query)).all()
        return [AuditEntry(row.at, row.who, row.what, row.detail) for row in rows]
