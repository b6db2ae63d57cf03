"""Taking away what was kept long enough: bodies, quiet conversations, old records."""

from __future__ import annotations

from datetime import datetime
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy import Table, delete, null, select

from bot.storage.engine import Database
from bot.storage.tables import AuditRow, ConversationRow, OutboxRow, ProfileRow, TurnRow
from bot.storage.tracker import open_tracker, reflect, tracker_file_exists
from bot.storage.turns import FORGOTTEN

__all__ = ["Purge", "purge_tracker"]

_CONVERSATIONS = cast(Table, ConversationRow.__table__)
_TURNS = cast(Table, TurnRow.__table__)
_OUTBOX = cast(Table, OutboxRow.__table__)
_PROFILES = cast(Table, ProfileRow.__table__)
_AUDIT = cast(Table, AuditRow.__table__)


class Purge:
    """What may go from one database.

    Every method raises :class:`~bot.errors.StorageError` where the database is away.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    async def bodies(self, before: datetime) -> int:
        """Remove what was said before an instant; the number of conversations and turns.

        A conversation that has been quiet since goes whole, with what was kept of the
        firm; of one that lives on, old turns stay as numbers, without words.
        """
        quiet = select(_CONVERSATIONS.c.key).where(_CONVERSATIONS.c.updated_at < before)
        old = (
            _TURNS.update()
            .where(_TURNS.c.received_at < before, _TURNS.c.state != "received", _TURNS.c.text != "")
            .values(text="", replies=null(), address=null())
        )
        said = (
            _OUTBOX.update()
            .where(_OUTBOX.c.created_at < before, _OUTBOX.c.state.in_(("sent", "parked")))
            .values(part={}, address={})
        )
        async with self._database.begin() as session:
            await session.execute(delete(_PROFILES).where(_PROFILES.c.updated_at < before))
            await session.execute(delete(_PROFILES).where(_PROFILES.c.owner.in_(quiet)))
            gone = await session.execute(
                delete(_CONVERSATIONS).where(_CONVERSATIONS.c.updated_at < before)
            )
            blanked = await session.execute(old)
            await session.execute(said)
            return _rows(gone) + _rows(blanked)

    async def forgotten(self, before: datetime) -> int:
        """Remove the traces of conversations that asked to be forgotten; their number.

        Until then they keep a repeat of the message from being taken for a new one.
        """
        other = select(_TURNS.c.id).where(
            _TURNS.c.conversation_id == _CONVERSATIONS.c.id, _TURNS.c.kind != FORGOTTEN
        )
        any_turn = select(_TURNS.c.id).where(_TURNS.c.conversation_id == _CONVERSATIONS.c.id)
        open_part = select(_OUTBOX.c.id).where(
            _OUTBOX.c.conversation_id == _CONVERSATIONS.c.id,
            _OUTBOX.c.state.in_(("pending", "sending", "waiting")),
        )
        statement = delete(_CONVERSATIONS).where(
            _CONVERSATIONS.c.updated_at < before,
            any_turn.exists(),
            ~other.exists(),
            ~open_part.exists(),
        )
        async with self._database.begin() as session:
            return _rows(await session.execute(statement))

    async def audit(self, before: datetime) -> int:
        """Remove records of what concerns security; their number."""
        async with self._database.begin() as session:
            return _rows(await session.execute(delete(_AUDIT).where(_AUDIT.c.at < before)))


async def purge_tracker(url: str, schema: str | None, before: datetime) -> int:
    """Remove what Rasa remembers from before an instant; the number of its events.

    Raises:
        StorageError: the tracker's database is away.
    """
    if not tracker_file_exists(url):
        return 0
    database = await open_tracker(url)
    try:
        async with database.begin() as session:
            connection = await session.connection()
            in_schema = schema if database.dialect == "postgresql" else None
            tables = await reflect(connection, in_schema)
            removed = 0
            if "events" in tables:
                events = tables["events"]
                gone = await connection.execute(
                    delete(events).where(events.c.timestamp < before.timestamp())
                )
                removed = _rows(gone)
            if "turn_records" in tables:
                records = tables["turn_records"]
                at = sa.type_coerce(records.c.created_at, sa.DateTime(timezone=True))
                await connection.execute(delete(records).where(at < before))
            return removed
    finally:
        await database.close()


def _rows(result: Any) -> int:
    return int(getattr(result, "rowcount", 0) or 0)
