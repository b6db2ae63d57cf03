"""Who waits for a person, who has whom, and the private notes on a conversation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast
from uuid import uuid4

from sqlalchemy import Row, Table, delete, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import ConflictError, NotFoundError
from bot.storage.desk_tables import DeskNoteRow, DeskUserRow, TicketRow
from bot.storage.desk_tickets import Ticket, add_ticket, blank_tickets
from bot.storage.engine import Database, tell
from bot.storage.records import check_text
from bot.storage.tables import ConversationRow, TurnRow

__all__ = ["DeskQueue", "Note", "Talk"]

_CONVERSATIONS = cast(Table, ConversationRow.__table__)
_TURNS = cast(Table, TurnRow.__table__)
_TICKETS = cast(Table, TicketRow.__table__)
_NOTES = cast(Table, DeskNoteRow.__table__)
_USERS = cast(Table, DeskUserRow.__table__)


@dataclass(frozen=True, slots=True)
class Talk:
    """A conversation as the desk sees it.

    Attributes:
        id: the conversation's, which tells nothing of the person.
        holder: name of the user who has it.
        last: the latest words of the person.
    """

    id: str
    key: str
    channel: str
    holder: str | None
    waiting_since: datetime | None
    heard_at: datetime | None
    last: str


@dataclass(frozen=True, slots=True)
class Note:
    """A private note."""

    at: datetime
    who: str
    text: str


class DeskQueue:
    """Conversations that wait for or are with a person.

    Every method raises :class:`~bot.errors.StorageError` where the database is away.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    async def talks(self) -> list[Talk]:
        """All that wait or are held; who waited longest first."""
        query = _select().where(
            or_(_CONVERSATIONS.c.waiting_since.is_not(None), _CONVERSATIONS.c.holder.is_not(None))
        )
        query = query.order_by(_CONVERSATIONS.c.waiting_since, _CONVERSATIONS.c.heard_at)
        async with self._database.session() as session:
            return [_talk(row) for row in (await session.execute(query)).all()]

    async def talk(self, talk_id: str) -> Talk:
        """One conversation.

        Raises:
            NotFoundError: there is none of that id.
        """
        async with self._database.session() as session:
            return await _require(session, talk_id)

    async def take(self, talk_id: str, name: str) -> Talk:
        """Give a waiting conversation to a user. Of several at the same moment one gets it.

        Raises:
            ConflictError: it waits no longer; somebody has it, or the person left.
            NotFoundError: there is none of that id.
        """
        columns = _CONVERSATIONS.c
        async with self._database.begin() as session:
            done = await session.execute(
                update(_CONVERSATIONS)
                .where(
                    columns.id == talk_id,
                    columns.waiting_since.is_not(None),
                    columns.holder.is_(None),
                )
                .values(holder=name, waiting_since=None)
            )
            talk = await _require(session, talk_id)
            if not getattr(done, "rowcount", 0):
                raise ConflictError("这个对话已经有人接了，或者不再等人工了")
            _woken(session, talk)
            return talk

    async def hand(
        self, talk_id: str, name: str, to: str | None, waiting_since: datetime | None
    ) -> Talk:
        """Let go of a conversation: to another user, to the queue, or (neither) to the bot.

        Raises:
            ConflictError: it is not with ``name``.
            NotFoundError: there is none of that id.
        """
        columns = _CONVERSATIONS.c
        async with self._database.begin() as session:
            done = await session.execute(
                update(_CONVERSATIONS)
                .where(columns.id == talk_id, columns.holder == name)
                .values(holder=to, waiting_since=waiting_since)
            )
            talk = await _require(session, talk_id)
            if not getattr(done, "rowcount", 0):
                raise ConflictError("这个对话不在您手上")
            _woken(session, talk)
            return talk

    async def line_up(self, key: str, now: datetime) -> int | None:
        """Have a conversation wait for a person; how many wait before it.

        None where somebody has it already. One that waits keeps its place.

        Raises:
            NotFoundError: there is no such conversation.
        """
        columns = _CONVERSATIONS.c
        async with self._database.begin() as session:
            await session.execute(
                update(_CONVERSATIONS)
                .where(
                    columns.key == key, columns.holder.is_(None), columns.waiting_since.is_(None)
                )
                .values(waiting_since=now)
            )
            talk = await _require(session, key=key)
            if talk.waiting_since is None:
                return None
            tell(session, "queue", key)
            before = select(func.count()).where(columns.waiting_since < talk.waiting_since)
            return await session.scalar(before) or 0

    async def place(self, key: str) -> int | None:
        """How many wait before a conversation that waits, itself counted; None if it does not."""
        columns = _CONVERSATIONS.c
        mine = select(columns.waiting_since).where(columns.key == key).scalar_subquery()
        query = select(func.count()).where(columns.waiting_since <= mine)
        async with self._database.session() as session:
            return (await session.scalar(query)) or None

    async def find(self, key: str) -> Talk:
        """The conversation of a key.

        Raises:
            NotFoundError: there is none.
        """
        async with self._database.session() as session:
            return await _require(session, key=key)

    async def forget(self, key: str) -> None:
        """Delete what the desk keeps of a person who asks to be forgotten.

        Tickets stay, as records that something was done, without what was said and left.
        """
        async with self._database.begin() as session:
            of_key = select(_CONVERSATIONS.c.id).where(_CONVERSATIONS.c.key == key)
            await session.execute(
                delete(_NOTES).where(_NOTES.c.conversation_id == of_key.scalar_subquery())
            )
            await blank_tickets(session, _TICKETS.c.conversation_id == of_key.scalar_subquery())
            await session.execute(
                update(_CONVERSATIONS)
                .where(_CONVERSATIONS.c.key == key)
                .values(holder=None, waiting_since=None)
            )
            tell(session, "queue", key)

    async def leave_message(
        self,
        talk: Talk,
        owner: str,
        values: Mapping[str, Any],
        now: datetime,
    ) -> Ticket | None:
        """End the waiting with a ticket, in one transaction.

        None where it waits no longer, or anew: somebody else, or another process, saw to it.
        """
        columns = _CONVERSATIONS.c
        async with self._database.begin() as session:
            done = await session.execute(
                update(_CONVERSATIONS)
                .where(
                    columns.id == talk.id,
                    columns.holder.is_(None),
                    columns.waiting_since == talk.waiting_since,
                )
                .values(waiting_since=None)
            )
            if not getattr(done, "rowcount", 0):
                return None
            _woken(session, talk)
            values = {**values, "conversation_id": talk.id}
            dialect = self._database.dialect
            return await add_ticket(session, dialect, owner, talk.channel, values, now)

    async def stop_waiting(self, talk: Talk) -> None:
        """End the waiting of a conversation that nobody can ever take."""
        columns = _CONVERSATIONS.c
        async with self._database.begin() as session:
            await session.execute(
                update(_CONVERSATIONS)
                .where(columns.id == talk.id, columns.holder.is_(None))
                .values(waiting_since=None)
            )
            _woken(session, talk)

    async def release_absent(self, unseen_since: datetime, now: datetime) -> list[Talk]:
        """Put back into the queue what is with users who are gone, and give it."""
        gone = select(_USERS.c.name).where(
            or_(_USERS.c.seen_at.is_(None), _USERS.c.seen_at < unseen_since)
        )
        columns = _CONVERSATIONS.c
        async with self._database.begin() as session:
            statement = (
                update(_CONVERSATIONS)
                .where(columns.holder.in_(gone))
                .values(holder=None, waiting_since=now)
            )
            ids = (await session.scalars(statement.returning(columns.id))).all()
            released = [await _require(session, talk_id) for talk_id in ids]
            for talk in released:
                _woken(session, talk)
            return released

    async def present(self, seen_since: datetime) -> list[str]:
        """The names of the users who can be offered a conversation."""
        query = select(_USERS.c.name).where(
            _USERS.c.active, _USERS.c.free, _USERS.c.seen_at >= seen_since
        )
        async with self._database.session() as session:
            return list((await session.scalars(query.order_by(_USERS.c.name))).all())

    async def on_duty(self) -> str | None:
        """Whose a message is that nobody was there for: a supervisor, else an administrator."""
        rank = {"supervisor": 0, "administrator": 1, "operator": 2, "editor": 3}
        query = select(_USERS.c.name, _USERS.c.role, _USERS.c.seen_at).where(_USERS.c.active)
        async with self._database.session() as session:
            rows = (await session.execute(query)).all()
        # Of equals the one who was here last.
        rows = sorted(rows, key=lambda row: row.name)
        rows = sorted(rows, key=lambda row: row.seen_at.timestamp() if row.seen_at else 0.0)[::-1]
        return min(rows, key=lambda row: rank[row.role]).name if rows else None

    async def notes(self, talk_id: str) -> list[Note]:
        """The private notes on a conversation, in order."""
        query = select(_NOTES).where(_NOTES.c.conversation_id == talk_id)
        async with self._database.session() as session:
            rows = (await session.execute(query.order_by(_NOTES.c.at, _NOTES.c.id))).all()
        return [Note(row.at, row.who, row.text) for row in rows]

    async def add_note(self, talk_id: str, who: str, words: str, now: datetime) -> None:
        """Add a private note.

        Raises:
            NotFoundError: there is no conversation of that id.
        """
        check_text(words)
        async with self._database.begin() as session:
            talk = await _require(session, talk_id)
            row = {
                "id": str(uuid4()),
                "conversation_id": talk_id,
                "at": now,
                "who": who,
                "text": words,
            }
            await session.execute(_NOTES.insert(), row)
            tell(session, "queue", talk.key)


def _woken(session: AsyncSession, talk: Talk) -> None:
    # Who looks at the conversation sees a new holder; messages that waited may be worked now.
    for topic in ("queue", "entries", "turns"):
        tell(session, topic, talk.key)


def _select() -> Any:
    latest = (
        select(_TURNS.c.text)
        .where(_TURNS.c.conversation_id == _CONVERSATIONS.c.id)
        .order_by(_TURNS.c.seq.desc())
        .limit(1)
        .correlate(_CONVERSATIONS)
        .scalar_subquery()
    )
    return select(_CONVERSATIONS, func.coalesce(latest, "").label("last"))


async def _require(session: AsyncSession, talk_id: str = "", *, key: str = "") -> Talk:
    columns = _CONVERSATIONS.c
    query = _select().where(columns.key == key if key else columns.id == talk_id)
    row = (await session.execute(query)).one_or_none()
    if row is None:
        raise NotFoundError("没有这个对话")
    return _talk(row)


def _talk(row: Row[Any]) -> Talk:
    return Talk(
        id=row.id,
        key=row.key,
        channel=row.channel,
        holder=row.holder,
        waiting_since=row.waiting_since,
        heard_at=row.heard_at,
        last=row.last,
    )
