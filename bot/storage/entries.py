"""A conversation's log: what a person wrote and what was said to them, in one order."""

from __future__ import annotations

from typing import Any, cast

from sqlalchemy import JSON, Row, Table, null, select, type_coerce, union_all
from sqlalchemy import Text as SqlText
from sqlalchemy import literal as sql_literal

from bot.storage.engine import Database
from bot.storage.records import ConversationState, Entry
from bot.storage.tables import ConversationRow, OutboxRow, TurnRow

__all__ = ["EntryStore"]

_CONVERSATIONS = cast(Table, ConversationRow.__table__)
_TURNS = cast(Table, TurnRow.__table__)
_OUTBOX = cast(Table, OutboxRow.__table__)


class EntryStore:
    """The logs of one database.

    Every method raises :class:`~bot.errors.StorageError` where the database is away.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    async def after(self, key: str, position: int, limit: int) -> list[Entry]:
        """The first entries after a position, oldest first; none of an unknown conversation."""
        of_key = select(_CONVERSATIONS.c.id).where(_CONVERSATIONS.c.key == key).scalar_subquery()
        said = select(
            _TURNS.c.position,
            sql_literal("person", SqlText).label("author"),
            _TURNS.c.received_at.label("at"),
            _TURNS.c.text,
            type_coerce(null(), JSON).label("part"),
            _TURNS.c.id.label("turn_id"),
            _TURNS.c.message_id,
            _TURNS.c.kind,
            _TURNS.c.state,
        ).where(_TURNS.c.conversation_id == of_key, _TURNS.c.position > position)
        answered = select(
            _OUTBOX.c.position,
            _OUTBOX.c.author,
            _OUTBOX.c.created_at.label("at"),
            sql_literal("", SqlText).label("text"),
            _OUTBOX.c.part,
            _OUTBOX.c.turn_id,
            type_coerce(null(), SqlText).label("message_id"),
            sql_literal("part", SqlText).label("kind"),
            _OUTBOX.c.state,
        ).where(_OUTBOX.c.conversation_id == of_key, _OUTBOX.c.position > position)
        both = union_all(said, answered).subquery()
        query = select(both).order_by(both.c.position).limit(limit)
        async with self._database.session() as session:
            return [_entry(row) for row in (await session.execute(query)).all()]

    async def state(self, key: str) -> ConversationState | None:
        """How a conversation stands; None where there is none."""
        query = select(_CONVERSATIONS).where(_CONVERSATIONS.c.key == key)
        async with self._database.session() as session:
            row = (await session.execute(query)).one_or_none()
        if row is None:
            return None
        return ConversationState(
            key=row.key,
            channel=row.channel,
            position=row.next_position - 1,
            holder=row.holder,
            waiting_since=row.waiting_since,
            heard_at=row.heard_at,
            address=row.address or {},
        )


def _entry(row: Row[Any]) -> Entry:
    return Entry(
        position=row.position,
        author=row.author,
        at=row.at,
        text=row.text,
        part=row.part,
        turn_id=row.turn_id,
        message_id=row.message_id,
        kind=row.kind,
        state=row.state,
    )
