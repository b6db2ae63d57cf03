"""Rasa's tracker in a database of its own, with one record for each turn.

Configured by the environment, since ``endpoints.yml`` is the same everywhere:
``WENCE_TRACKER_URL`` (``sqlite:///…`` or ``postgresql://…``) and, for
PostgreSQL, ``WENCE_TRACKER_SCHEMA`` (default ``rasa``; made where missing).

A turn's record is written in the transaction that writes the turn's events,
so the two exist together or not at all; its primary key makes a second Rasa
that worked the same turn fail instead of counting it twice.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import sqlalchemy as sa
import ujson
from rasa.core.tracker_store import SQLTrackerStore
from rasa.shared.core.events import BotUttered, Event, SessionStarted, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from sqlalchemy.orm import sessionmaker

from bot.rasa.replies import Reply, reply_of

__all__ = [
    "ConcurrentTurnError",
    "SilentTurnError",
    "TurnRecord",
    "WenceTrackerStore",
    "turn_records",
]

DEFAULT_URL = "sqlite:///var/wence.rasa.db"
BUSY_TIMEOUT_MS = 10_000
# Held while the tables are made, so that two Rasas may start at once.
ADVISORY_LOCK = 0x57454E4345

metadata = sa.MetaData()
turn_records = sa.Table(
    "turn_records",
    metadata,
    sa.Column("turn_id", sa.String(128), primary_key=True),
    sa.Column("sender_id", sa.String(255), nullable=False, index=True),
    sa.Column("replies", sa.Text, nullable=False),
    sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
)


class ConcurrentTurnError(Exception):
    """The conversation was written to by another process while this turn was worked."""


class SilentTurnError(Exception):
    """A turn ended without a reply, so an action failed: it must not be recorded.

    Rasa logs the exception of an action and goes on as if the action had said
    nothing; a person would get silence and a repeat would repeat it.
    """


@dataclass(frozen=True)
class TurnRecord:
    """A turn that was worked: its conversation and what was answered."""

    turn_id: str
    sender_id: str
    replies: list[Reply]


class WenceTrackerStore(SQLTrackerStore):
    """Rasa's SQL tracker store on our database, with a record for each turn."""

    def __init__(self, domain: Any = None, event_broker: Any = None, **kwargs: Any) -> None:
        """Open the database named by the environment and make what is missing in it.

        Raises:
            ValueError: a variable is malformed; the message names it.
            sqlalchemy.exc.SQLAlchemyError: the database cannot be used.
        """
        # Rasa's factory passes the endpoint's url as host; ours comes from the environment.
        kwargs.pop("host", None)
        self.engine = open_engine(os.environ.get("WENCE_TRACKER_URL") or DEFAULT_URL)
        create_tables(self.engine, self.Base.metadata, metadata)
        self.sessionmaker = sessionmaker(bind=self.engine)
        # Past SQLTrackerStore: its constructor would open an engine of its own.
        super(SQLTrackerStore, self).__init__(domain, event_broker, **kwargs)
        self._events = self.SQLEvent.__table__

    def recorded(self, turn_id: str) -> TurnRecord | None:
        """The record of a turn, or None if it was never finished."""
        query = sa.select(turn_records.c.sender_id, turn_records.c.replies).where(
            turn_records.c.turn_id == turn_id
        )
        with self.engine.connect() as connection:
            row = connection.execute(query).first()
        return None if row is None else TurnRecord(turn_id, row[0], json.loads(row[1]))

    def forget(self, sender_id: str) -> int:
        """Delete the events and the turn records of a conversation; the number of events."""
        with self.engine.begin() as connection:
            deleted = connection.execute(
                self._events.delete().where(self._events.c.sender_id == sender_id)
            )
            connection.execute(turn_records.delete().where(turn_records.c.sender_id == sender_id))
            return int(deleted.rowcount)

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Store what is new in a tracker, and the records of its turns, or nothing.

        Raises:
            ConcurrentTurnError: the conversation has changed since the tracker was read.
            SilentTurnError: a turn ended without any reply.
            sqlalchemy.exc.SQLAlchemyError: the database refused; an IntegrityError
                where another process has recorded the turn.
        """
        await self.stream_events(tracker)
        with self.engine.begin() as connection:
            events = self._new_events(connection, tracker)
            if events:
                rows = [self._row(tracker.sender_id, event) for event in events]
                connection.execute(self._events.insert(), rows)
            for turn_id, replies in turns_in(events):
                if not replies:
                    raise SilentTurnError(f"turn {turn_id} ended without a reply")
                record = {
                    "turn_id": turn_id,
                    "sender_id": tracker.sender_id,
                    "replies": json.dumps(replies, ensure_ascii=False),
                    "created_at": datetime.now(timezone.utc),
                }
                connection.execute(turn_records.insert(), record)
        # Saved a second time, it is counted as Rasa counts: a session may have begun in it.
        tracker.stored_events = None

    @staticmethod
    def _row(sender_id: str, event: Event) -> dict[str, Any]:
        """An event as Rasa's own store writes it."""
        data = event.as_dict()
        return {
            "sender_id": sender_id,
            "type_name": event.type_name,
            "timestamp": data.get("timestamp"),
            "intent_name": data.get("parse_data", {}).get("intent", {}).get("name"),
            "action_name": data.get("name"),
            "data": json.dumps(data),
        }

    async def _retrieve(
        self, sender_id: str, fetch_events_from_all_sessions: bool
    ) -> DialogueStateTracker | None:
        # Plain statements: Rasa's own way through the ORM costs twice the time.
        query = sa.select(self._events.c.data).where(
            self._of(sender_id, all_sessions=fetch_events_from_all_sessions)
        )
        with self.engine.connect() as connection:
            rows = connection.execute(query.order_by(self._events.c.id)).scalars().all()
        if not rows or not self.domain:
            return None
        events = [ujson.loads(row) for row in rows]
        tracker = DialogueStateTracker.from_dict(sender_id, events, self.domain.slots)
        tracker.stored_events = len(tracker.events)
        return tracker

    def _of(self, sender_id: str, *, all_sessions: bool) -> Any:
        """The condition for a conversation's events, by default of its last session."""
        table = self._events.c
        if all_sessions:
            return table.sender_id == sender_id
        start = (
            sa.select(sa.func.max(table.timestamp))
            .where(table.sender_id == sender_id, table.type_name == SessionStarted.type_name)
            .scalar_subquery()
        )
        in_session = sa.or_(table.timestamp >= start, start.is_(None))
        return sa.and_(table.sender_id == sender_id, in_session)

    def _new_events(self, connection: Any, tracker: Any) -> list[Event]:
        """The events of a tracker that are not stored yet.

        Rasa takes what lies beyond the number of events now stored for the
        session, so whatever another process has stored meanwhile would silently
        push out events of this turn. Here that is an error.

        Raises:
            ConcurrentTurnError: the conversation has changed since it was read.
        """
        query = sa.select(sa.func.count()).where(self._of(tracker.sender_id, all_sessions=False))
        stored = connection.execute(query).scalar()
        known = getattr(tracker, "stored_events", 0)
        if known is not None and stored != known:
            raise ConcurrentTurnError(f"{stored} events stored meanwhile")
        return list(tracker.events)[stored:]


def turns_in(events: Iterable[Event]) -> list[tuple[str, list[Reply]]]:
    """The turns among new events: (turn_id, replies), in order."""
    turns: list[tuple[str, list[Reply]]] = []
    current: list[Reply] | None = None
    for event in events:
        if isinstance(event, UserUttered):
            turn_id = (event.metadata or {}).get("turn_id")
            current = []
            if turn_id:
                turns.append((turn_id, current))
        elif isinstance(event, BotUttered) and current is not None:
            current.append(reply_of(event.text, event.data))
    return turns


def open_engine(url: str) -> sa.engine.Engine:
    """An engine for the tracker's database.

    SQLite: write-ahead log and a busy timeout; the file's folder is made.
    PostgreSQL: every connection sees the tracker's schema only.

    Raises:
        ValueError: the URL or the schema's name is malformed.
    """
    if url.startswith("sqlite:///"):
        path = Path(url[len("sqlite:///") :])
        path.parent.mkdir(parents=True, exist_ok=True)
        # A pool: by default every statement would open the file anew.
        engine = sa.create_engine(
            f"sqlite:///{path}",
            connect_args={"check_same_thread": False},
            poolclass=sa.pool.QueuePool,
        )
        sa.event.listen(engine, "connect", _sqlite_pragmas)
        return engine
    if url.startswith("postgresql://"):
        options = f"-csearch_path={_schema()}"
        return sa.create_engine(url, connect_args={"options": options}, pool_pre_ping=True)
    raise ValueError("WENCE_TRACKER_URL must begin with sqlite:/// or postgresql://")


def create_tables(engine: sa.engine.Engine, *tables: sa.MetaData) -> None:
    """Make the schema (PostgreSQL) and the tables that are missing, in one transaction."""
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(sa.text(f"SELECT pg_advisory_xact_lock({ADVISORY_LOCK})"))
            connection.execute(sa.text(f'CREATE SCHEMA IF NOT EXISTS "{_schema()}"'))
        for each in tables:
            each.create_all(connection)


def _schema() -> str:
    schema = os.environ.get("WENCE_TRACKER_SCHEMA") or "rasa"
    if not re.fullmatch(r"[a-z_][a-z0-9_]{0,62}", schema):
        raise ValueError("WENCE_TRACKER_SCHEMA must be a plain lower-case name")
    return schema


def _sqlite_pragmas(connection: Any, _record: Any) -> None:
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
    cursor.execute("PRAGMA journal_mode = WAL")
    # As our own database: a power cut may take the last turns, a killed process none.
    cursor.execute("PRAGMA synchronous = NORMAL")
    cursor.close()
