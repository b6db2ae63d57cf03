"""What the supervisor's figures and the list to learn from are counted over."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Table, delete, select
from sqlalchemy.dialects import postgresql, sqlite

from bot.storage.desk_tables import FeedbackRow, TicketRow
from bot.storage.engine import Database
from bot.storage.records import check_text
from bot.storage.tables import AuditRow, ConversationRow, OutboxRow, TurnRow

__all__ = ["Asked", "Figures", "Written"]

_TURNS = cast(Table, TurnRow.__table__)
_CONVERSATIONS = cast(Table, ConversationRow.__table__)
_OUTBOX = cast(Table, OutboxRow.__table__)
_FEEDBACK = cast(Table, FeedbackRow.__table__)
_TICKETS = cast(Table, TicketRow.__table__)
_AUDIT = cast(Table, AuditRow.__table__)
_MOST = 50_000
"""Turns looked at in one go, the latest."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A question and what became of it.

    Attributes:
        replies: as recorded; empty where a person had the conversation.
        feedback: ``up``, ``down`` or None.
    """

    turn_id: str
    conversation_id: str
    channel: str
    text: str
    state: str
    replies: list[dict[str, Any]]
    feedback: str | None
    received_at: datetime
    answered_at: datetime | None


@dataclass(frozen=True, slots=True)
class Written:
    """A ticket, as far as it is counted."""

    channel: str
    kind: str
    outcome: str
    satisfaction: int | None
    created_at: datetime
    closed_at: datetime | None


class Figures:
    """Counts over one database.

    Every method raises :class:`~bot.errors.StorageError` where the database is away.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    async def asked(self, since: datetime, until: datetime) -> list[Asked]:
        """The questions of a period, the latest first."""
        query = (
            select(
                _TURNS.c.id,
                _TURNS.c.conversation_id,
                _CONVERSATIONS.c.channel,
                _TURNS.c.text,
                _TURNS.c.state,
                _TURNS.c.replies,
                _FEEDBACK.c.value,
                _TURNS.c.received_at,
                _TURNS.c.answered_at,
            )
            .join(_CONVERSATIONS, _CONVERSATIONS.c.id == _TURNS.c.conversation_id)
            .outerjoin(_FEEDBACK, _FEEDBACK.c.turn_id == _TURNS.c.id)
            .where(
                _TURNS.c.received_at >= since,
                _TURNS.c.received_at < until,
                _TURNS.c.kind == "text",
            )
            .order_by(_TURNS.c.received_at.desc())
            .limit(_MOST)
        )
        async with self._database.session() as session:
            rows = (await session.execute(query)).all()
        return [
            Asked(row[0], row[1], row[2], row[3], row[4], row[5] or [], *row[6:]) for row in rows
        ]

    async def tickets(self, since: datetime, until: datetime) -> list[Written]:
        """The tickets of a period."""
        columns = [_TICKETS.c[name] for name in Written.__slots__]
        query = select(*columns).where(
            _TICKETS.c.created_at >= since, _TICKETS.c.created_at < until
        )
        async with self._database.session() as session:
            return [Written(*row) for row in (await session.execute(query.limit(_MOST))).all()]

    async def done(
        self, what: Sequence[str], since: datetime, until: datetime
    ) -> list[tuple[datetime, str, dict[str, Any]]]:
        """When what was done in a period, by the audit log."""
        query = select(_AUDIT.c.at, _AUDIT.c.what, _AUDIT.c.detail).where(
            _AUDIT.c.what.in_(what), _AUDIT.c.at >= since, _AUDIT.c.at < until
        )
        async with self._database.session() as session:
            rows = (await session.execute(query.limit(_MOST))).all()
        return [(row[0], row[1], row[2]) for row in rows]

    async def keep_feedback(
        self, key: str, turn_id: str, value: str, reason: str, now: datetime
    ) -> bool:
        """Keep what a person thinks of a turn; ``cancelled`` takes it back.

        False where the turn is not one of the conversation of that key.
        """
        check_text(reason)
        own = (
            select(_TURNS.c.id)
            .join(_CONVERSATIONS, _CONVERSATIONS.c.id == _TURNS.c.conversation_id)
            .where(_TURNS.c.id == turn_id, _CONVERSATIONS.c.key == key)
        )
        async with self._database.begin() as session:
            if await session.scalar(own) is None:
                return False
            if value == "cancelled":
                await session.execute(delete(_FEEDBACK).where(_FEEDBACK.c.turn_id == turn_id))
                return True
            insert = sqlite.insert if self._database.dialect == "sqlite" else postgresql.insert
            values = {"value": value, "reason": reason, "at": now}
            statement = insert(_FEEDBACK).values(turn_id=turn_id, **values)
            await session.execute(
                statement.on_conflict_do_update(index_elements=[_FEEDBACK.c.turn_id], set_=values)
            )
            return True

    async def turn_at(self, key: str, position: int) -> str | None:
        """The turn that an entry of a conversation answers; None where it answers none."""
        query = (
            select(_OUTBOX.c.turn_id)
            .join(_CONVERSATIONS, _CONVERSATIONS.c.id == _OUTBOX.c.conversation_id)
            .where(_CONVERSATIONS.c.key == key, _OUTBOX.c.position == position)
        )
        async with self._database.session() as session:
            return cast("str | None", await session.scalar(query))
