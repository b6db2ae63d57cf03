"""Turns: the record of every message taken and of what was answered.

A turn is taken (``received``) in one transaction that also numbers it within its
conversation; later it becomes ``answered`` or ``failed``. A recorded answer is
never changed. Who works which turn is settled in :mod:`bot.storage.inbox`, what is
still to be delivered in :mod:`bot.storage.outbox`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any, cast
from uuid import uuid4

from sqlalchemy import Row, Select, Table, delete, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import ConflictError, NotFoundError, OverloadedError
from bot.storage.engine import Database, tell
from bot.storage.outbox import Part, add_parts
from bot.storage.records import Counts, State, Taken, Turn, check_id, check_json, check_text
from bot.storage.tables import ConversationRow, OutboxRow, TurnRow

__all__ = ["FORGOTTEN", "Counts", "State", "Taken", "Turn", "TurnStore"]

FORGOTTEN = "forgotten"
"""The kind of a turn that asked to be forgotten: nothing of it is kept but that it was."""

_TURNS = cast(Table, TurnRow.__table__)
_CONVERSATIONS = cast(Table, ConversationRow.__table__)
_OUTBOX = cast(Table, OutboxRow.__table__)


class TurnStore:
    """The turns of one database. Safe to use from many tasks and processes at once.

    Every method raises :class:`~bot.errors.StorageError` where the database is away.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    async def take(
        self,
        conversation_key: str,
        channel: str,
        text: str,
        message_id: str | None,
        turn_id: str,
        received_at: datetime,
        as_of: date | None = None,
        *,
        kind: str = "text",
        address: Mapping[str, Any] | None = None,
        most_waiting: int | None = None,
    ) -> Taken:
        """Record a message as the next turn of its conversation, in one transaction.

        A message known by its ``message_id`` (or its ``turn_id``) in this
        conversation is not recorded again: the existing turn comes back, flagged.

        Args:
            address: how the person is reached from now on; None leaves it as it was.
            most_waiting: at most so many messages of the conversation may wait.

        Raises:
            ConflictError: the id is known with another text or conversation.
            OverloadedError: too many wait already; nothing is recorded.
            ValueError: a value holds NUL or a lone surrogate, an id is empty or
                longer than 512 characters, or ``received_at`` has no time zone.
        """
        for value in (conversation_key, channel, turn_id, message_id):
            if value is not None:
                check_id(value)
        check_text(text)
        if received_at.tzinfo is None:
            raise ValueError("received_at has no time zone")
        async with self._database.begin() as session:
            conversation = await self._lock_conversation(
                session, conversation_key, channel, received_at
            )
            known = await _find_known(session, conversation.id, turn_id, message_id)
            if known is not None:
                same = known.text == text or known.kind == FORGOTTEN
                if known.conversation_key != conversation_key or not same:
                    raise ConflictError("这个消息编号已经用于另一条内容不同的消息")
                return Taken(known, known=True)
            if most_waiting is not None:
                await _check_room(session, conversation.id, most_waiting)
            turn = Turn(
                turn_id=turn_id,
                conversation_key=conversation_key,
                channel=channel,
                seq=conversation.next_seq,
                position=conversation.next_position,
                message_id=message_id,
                state="received",
                kind=kind,
                text=text,
                replies=None,
                kb_version=None,
                as_of=as_of,
                attempts=1,
                error=None,
                received_at=received_at.astimezone(UTC),
                answered_at=None,
                address=dict(address or {}),
            )
            values = {
                "id": turn_id,
                "conversation_id": conversation.id,
                "seq": turn.seq,
                "position": turn.position,
                "message_id": message_id,
                "state": turn.state,
                "kind": kind,
                "address": None if address is None else dict(address),
                "text": text,
                "as_of": as_of,
                "attempts": turn.attempts,
                "received_at": received_at,
            }
            await session.execute(_TURNS.insert(), values)
            changes = {
                "next_seq": turn.seq + 1,
                "next_position": turn.position + 1,
                "updated_at": received_at,
                "heard_at": received_at,
                "pending_at": conversation.pending_at or received_at,
            }
            if address is not None:
                changes["address"] = dict(address)
            await session.execute(
                _CONVERSATIONS.update().where(_CONVERSATIONS.c.id == conversation.id), changes
            )
            await _person_is_there(session, conversation.id, conversation_key, received_at)
            tell(session, "turns", conversation_key)
            tell(session, "entries", conversation_key)
            return Taken(turn, known=False)

    async def knows(self, conversation_key: str, message_id: str) -> bool:
        """Whether a message of that id was taken in that conversation."""
        query = (
            select(_TURNS.c.id)
            .join(_CONVERSATIONS, _CONVERSATIONS.c.id == _TURNS.c.conversation_id)
            .where(_CONVERSATIONS.c.key == conversation_key, _TURNS.c.message_id == message_id)
        )
        async with self._database.session() as session:
            return await session.scalar(query) is not None

    async def get(self, turn_id: str) -> Turn:
        """The turn of that id.

        Raises:
            NotFoundError: there is none.
        """
        async with self._database.session() as session:
            return await _require(session, turn_id)

    async def answer(
        self,
        turn_id: str,
        replies: Sequence[dict[str, Any]],
        kb_version: str | None,
        answered_at: datetime,
        *,
        parts: Sequence[Part] = (),
        error: str | None = None,
    ) -> Turn:
        """Record the answer. Where one is recorded already, that one stays and comes back.

        An answer that arrives after the turn was given up (``failed``) still counts. The
        parts to be delivered are stored in the same transaction, and the conversation
        is free for its next message.

        Args:
            parts: what the outbox is to hold, in order.
            error: a code, where the answer only says that there is none.

        Raises:
            NotFoundError: there is no such turn.
            ValueError: the replies are no JSON, or hold NUL or a lone surrogate.
        """
        replies = list(replies)
        check_json(replies)
        async with self._database.begin() as session:
            turn = await _lock(session, turn_id)
            if turn.state == "answered":
                await _release(session, turn)
                return turn
            change = _TURNS.update().where(_TURNS.c.id == turn_id)
            await session.execute(
                change.values(
                    state="answered",
                    replies=replies,
                    kb_version=kb_version,
                    answered_at=answered_at,
                    error=error,
                )
            )
            await add_parts(session, turn.conversation_key, turn_id, "bot", parts, answered_at)
            await _release(session, turn)
            return await _require(session, turn_id)

    async def fail(self, turn_id: str, code: str) -> Turn:
        """Give a ``received`` turn up for the reason ``code``; any other stays as it is.

        The conversation is free for its next message.

        Raises:
            NotFoundError: there is no such turn.
        """
        check_id(code)
        async with self._database.begin() as session:
            turn = await _lock(session, turn_id)
            if turn.state == "received":
                change = _TURNS.update().where(_TURNS.c.id == turn_id)
                await session.execute(change.values(state="failed", error=code))
            await _release(session, turn)
            return await _require(session, turn_id)

    async def reopen(self, turn_id: str) -> Turn:
        """Make a ``failed`` turn ``received`` again, one attempt more; any other stays.

        Raises:
            NotFoundError: there is no such turn.
        """
        async with self._database.begin() as session:
            turn = await _lock(session, turn_id)
            if turn.state == "failed":
                change = _TURNS.update().where(_TURNS.c.id == turn_id)
                await session.execute(
                    change.values(state="received", error=None, attempts=_TURNS.c.attempts + 1)
                )
                await session.execute(_pending(turn.conversation_key))
                tell(session, "turns", turn.conversation_key)
            return await _require(session, turn_id)

    async def history(
        self, conversation_key: str, limit: int, before_seq: int | None = None
    ) -> list[Turn]:
        """The last ``limit`` turns of a conversation (before ``before_seq``), oldest first.

        An unknown conversation has none.
        """
        query = select_turns().where(_CONVERSATIONS.c.key == conversation_key)
        if before_seq is not None:
            query = query.where(_TURNS.c.seq < before_seq)
        query = query.order_by(_TURNS.c.seq.desc()).limit(limit)
        async with self._database.session() as session:
            rows = (await session.execute(query)).all()
        return [turn_of(row) for row in reversed(rows)]

    async def forget(
        self,
        turn_id: str,
        replies: Sequence[dict[str, Any]],
        parts: Sequence[Part],
        now: datetime,
    ) -> None:
        """Erase all of a conversation but the fact that it was erased.

        What remains is the turn that asked for it, without its words, so that a repeat of
        its message is known, and the answer, which is still to be delivered.

        Raises:
            NotFoundError: there is no such turn.
        """
        async with self._database.begin() as session:
            turn = await _lock(session, turn_id)
            conversation = _conversation_of(turn_id)
            for table in (_OUTBOX, _TURNS):
                others = delete(table).where(table.c.conversation_id == conversation)
                await session.execute(
                    others if table is _OUTBOX else others.where(table.c.id != turn_id)
                )
            await session.execute(
                _TURNS.update()
                .where(_TURNS.c.id == turn_id)
                .values(
                    state="answered",
                    kind=FORGOTTEN,
                    text="",
                    replies=list(replies),
                    answered_at=now,
                    error=None,
                )
            )
            await add_parts(session, turn.conversation_key, turn_id, "bot", parts, now)
            await _release(session, turn)

    async def delete_conversation(self, key: str) -> int:
        """Erase a conversation with all its turns; the number of turns erased."""
        async with self._database.begin() as session:
            # Locked first, as take() does, so that no turn slips in between.
            found = await session.scalar(
                select(_CONVERSATIONS.c.id).where(_CONVERSATIONS.c.key == key).with_for_update()
            )
            if found is None:
                return 0
            turns = await session.scalar(
                select(func.count()).select_from(_TURNS).where(_TURNS.c.conversation_id == found)
            )
            await session.execute(delete(_CONVERSATIONS).where(_CONVERSATIONS.c.id == found))
            return turns or 0

    async def counts(self) -> Counts:
        """How many conversations there are, and turns in each state."""
        async with self._database.session() as session:
            conversations = await session.scalar(select(func.count()).select_from(_CONVERSATIONS))
            by_state = select(_TURNS.c.state, func.count()).group_by(_TURNS.c.state)
            states = {state: number for state, number in await session.execute(by_state)}
        return Counts(
            conversations=conversations or 0,
            received=states.get("received", 0),
            answered=states.get("answered", 0),
            failed=states.get("failed", 0),
        )

    async def _lock_conversation(
        self, session: AsyncSession, key: str, channel: str, now: datetime
    ) -> Row[Any]:
        """What is known of the conversation; its row stays locked until the commit."""
        upsert = sqlite.insert if self._database.dialect == "sqlite" else postgresql.insert
        statement = upsert(_CONVERSATIONS).values(
            id=str(uuid4()), key=key, channel=channel, created_at=now, updated_at=now, next_seq=1
        )
        # An update that changes nothing, for it locks the row and returns it.
        statement = statement.on_conflict_do_update(
            index_elements=[_CONVERSATIONS.c.key], set_={"key": statement.excluded.key}
        )
        found = await session.execute(
            statement.returning(
                _CONVERSATIONS.c.id,
                _CONVERSATIONS.c.next_seq,
                _CONVERSATIONS.c.next_position,
                _CONVERSATIONS.c.pending_at,
            )
        )
        return found.one()


async def _check_room(session: AsyncSession, conversation_id: str, most: int) -> None:
    waiting = await session.scalar(
        select(func.count())
        .select_from(_TURNS)
        .where(_TURNS.c.conversation_id == conversation_id, _TURNS.c.state == "received")
    )
    if (waiting or 0) >= most:
        raise OverloadedError("前面的消息还在处理")


async def _person_is_there(
    session: AsyncSession, conversation_id: str, key: str, now: datetime
) -> None:
    """What waited for the person to write may be tried again: they have."""
    woken = await session.execute(
        _OUTBOX.update()
        .where(_OUTBOX.c.conversation_id == conversation_id, _OUTBOX.c.state == "waiting")
        .values(state="pending", due_at=now)
    )
    if getattr(woken, "rowcount", 0):
        tell(session, "outbox", key)


async def _lock(session: AsyncSession, turn_id: str) -> Turn:
    """The turn, with its conversation locked: the order in which everybody locks."""
    turn = await _require(session, turn_id)
    await session.execute(
        select(_CONVERSATIONS.c.id)
        .where(_CONVERSATIONS.c.key == turn.conversation_key)
        .with_for_update()
    )
    return await _require(session, turn_id)


def _conversation_of(turn_id: str) -> Any:
    return select(_TURNS.c.conversation_id).where(_TURNS.c.id == turn_id).scalar_subquery()


def _pending(key: str, **more: Any) -> Any:
    """Notes since when a conversation's oldest message waits."""
    oldest = (
        select(func.min(_TURNS.c.received_at))
        .where(_TURNS.c.conversation_id == _CONVERSATIONS.c.id, _TURNS.c.state == "received")
        .scalar_subquery()
    )
    return (
        _CONVERSATIONS.update().where(_CONVERSATIONS.c.key == key).values(pending_at=oldest, **more)
    )


async def _release(session: AsyncSession, turn: Turn) -> None:
    """Free a conversation for its next message and tell who waited for this one."""
    key = turn.conversation_key
    await session.execute(_pending(key, claimed_by=None, claimed_until=None))
    for topic, what in (("answered", turn.turn_id), ("entries", key), ("turns", key)):
        tell(session, topic, what)


def select_turns() -> Select[Any]:
    # Rows, not objects: nothing here needs the unit of work, which doubles the time.
    return select(_TURNS, _CONVERSATIONS.c.key, _CONVERSATIONS.c.channel).join_from(
        _TURNS, _CONVERSATIONS, _CONVERSATIONS.c.id == _TURNS.c.conversation_id
    )


async def _find_known(
    session: AsyncSession, conversation_id: str, turn_id: str, message_id: str | None
) -> Turn | None:
    conditions = [_TURNS.c.id == turn_id]
    if message_id is not None:
        same_message = (_TURNS.c.conversation_id == conversation_id) & (
            _TURNS.c.message_id == message_id
        )
        conditions.insert(0, same_message)
    for condition in conditions:
        row = (await session.execute(select_turns().where(condition))).one_or_none()
        if row is not None:
            return turn_of(row)
    return None


async def _require(session: AsyncSession, turn_id: str) -> Turn:
    row = (await session.execute(select_turns().where(_TURNS.c.id == turn_id))).one_or_none()
    if row is None:
        raise NotFoundError("没有这一轮问答的记录")
    return turn_of(row)


def turn_of(row: Row[Any]) -> Turn:
    return Turn(
        turn_id=row.id,
        conversation_key=row.key,
        channel=row.channel,
        seq=row.seq,
        message_id=row.message_id,
        state=cast(State, row.state),
        text=row.text,
        replies=row.replies,
        kb_version=row.kb_version,
        as_of=row.as_of,
        attempts=row.attempts,
        error=row.error,
        received_at=row.received_at,
        answered_at=row.answered_at,
        kind=row.kind,
        position=row.position,
        address=row.address or {},
    )
