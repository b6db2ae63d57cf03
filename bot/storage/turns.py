"""Turns: the record of every message taken and of what was answered.

A turn is taken (``received``) in one transaction that also numbers it within its
conversation; later it becomes ``answered`` or ``failed``. A recorded answer is
never changed.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, cast
from uuid import uuid4

from sqlalchemy import Row, Select, Table, delete, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import ConflictError, NotFoundError
from bot.storage.engine import Database
from bot.storage.records import Counts, State, Taken, Turn, check_id, check_json, check_text
from bot.storage.tables import ConversationRow, TurnRow

__all__ = ["Counts", "State", "Taken", "Turn", "TurnStore"]


_TURNS = cast(Table, TurnRow.__table__)
_CONVERSATIONS = cast(Table, ConversationRow.__table__)


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
    ) -> Taken:
        """Record a message as the next turn of its conversation, in one transaction.

        A message known by its ``message_id`` (or its ``turn_id``) in this
        conversation is not recorded again: the existing turn comes back, flagged.

        Raises:
            ConflictError: the id is known with another text or conversation.
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
            conversation_id, seq = await self._lock_conversation(
                session, conversation_key, channel, received_at
            )
            known = await _find_known(session, conversation_id, turn_id, message_id)
            if known is not None:
                if known.conversation_key != conversation_key or known.text != text:
                    raise ConflictError("这个消息编号已经用于另一条内容不同的消息")
                return Taken(known, known=True)
            turn = Turn(
                turn_id=turn_id,
                conversation_key=conversation_key,
                channel=channel,
                seq=seq,
                message_id=message_id,
                state="received",
                text=text,
                replies=None,
                kb_version=None,
                as_of=as_of,
                attempts=1,
                error=None,
                received_at=received_at.astimezone(UTC),
                answered_at=None,
            )
            values = {
                "id": turn_id,
                "conversation_id": conversation_id,
                "seq": seq,
                "message_id": message_id,
                "state": turn.state,
                "text": text,
                "as_of": as_of,
                "attempts": turn.attempts,
                "received_at": received_at,
            }
            await session.execute(_TURNS.insert(), values)
            await session.execute(
                _CONVERSATIONS.update().where(_CONVERSATIONS.c.id == conversation_id),
                {"next_seq": seq + 1, "updated_at": received_at},
            )
            return Taken(turn, known=False)

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
    ) -> Turn:
        """Record the answer. Where one is recorded already, that one stays and comes back.

        An answer that arrives after the turn was given up (``failed``) still counts.

        Raises:
            NotFoundError: there is no such turn.
            ValueError: the replies are no JSON, or hold NUL or a lone surrogate.
        """
        replies = list(replies)
        check_json(replies)
        return await self._change(
            turn_id,
            ("received", "failed"),
            state="answered",
            replies=replies,
            kb_version=kb_version,
            answered_at=answered_at,
            error=None,
        )

    async def fail(self, turn_id: str, code: str) -> Turn:
        """Give a ``received`` turn up for the reason ``code``; any other stays as it is.

        Raises:
            NotFoundError: there is no such turn.
        """
        check_id(code)
        return await self._change(turn_id, ("received",), state="failed", error=code)

    async def reopen(self, turn_id: str) -> Turn:
        """Make a ``failed`` turn ``received`` again, one attempt more; any other stays.

        Raises:
            NotFoundError: there is no such turn.
        """
        return await self._change(
            turn_id, ("failed",), state="received", error=None, attempts=_TURNS.c.attempts + 1
        )

    async def unfinished(self, max_age: timedelta, *, now: datetime | None = None) -> list[Turn]:
        """The turns still ``received``, in order of arrival.

        Within a conversation the order is that of ``seq``, whatever the clock did.

        Args:
            max_age: older ones are left out: nobody waits for their answer any more.
            now: the instant that age is counted from; default the present.
        """
        since = (now or datetime.now(UTC)) - max_age
        arrival = func.max(_TURNS.c.received_at).over(
            partition_by=_TURNS.c.conversation_id, order_by=_TURNS.c.seq
        )
        query = (
            _select()
            .where(_TURNS.c.state == "received", _TURNS.c.received_at >= since)
            .order_by(arrival, _TURNS.c.conversation_id, _TURNS.c.seq)
        )
        async with self._database.session() as session:
            return [_turn(row) for row in (await session.execute(query)).all()]

    async def history(
        self, conversation_key: str, limit: int, before_seq: int | None = None
    ) -> list[Turn]:
        """The last ``limit`` turns of a conversation (before ``before_seq``), oldest first.

        An unknown conversation has none.
        """
        query = _select().where(_CONVERSATIONS.c.key == conversation_key)
        if before_seq is not None:
            query = query.where(_TURNS.c.seq < before_seq)
        query = query.order_by(_TURNS.c.seq.desc()).limit(limit)
        async with self._database.session() as session:
            rows = (await session.execute(query)).all()
        return [_turn(row) for row in reversed(rows)]

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
    ) -> tuple[str, int]:
        """The conversation's id and next number; its row stays locked until the commit."""
        upsert = sqlite.insert if self._database.dialect == "sqlite" else postgresql.insert
        statement = upsert(_CONVERSATIONS).values(
            id=str(uuid4()), key=key, channel=channel, created_at=now, updated_at=now, next_seq=1
        )
        # An update that changes nothing, for it locks the row and returns it.
        statement = statement.on_conflict_do_update(
            index_elements=[_CONVERSATIONS.c.key], set_={"key": statement.excluded.key}
        )
        found = await session.execute(
            statement.returning(_CONVERSATIONS.c.id, _CONVERSATIONS.c.next_seq)
        )
        conversation_id, seq = found.one()
        return conversation_id, seq

    async def _change(self, turn_id: str, states: tuple[State, ...], **values: Any) -> Turn:
        """Change a turn that is in one of ``states``; whatever is recorded afterwards."""
        async with self._database.begin() as session:
            await session.execute(
                _TURNS.update()
                .where(_TURNS.c.id == turn_id, _TURNS.c.state.in_(states))
                .values(**values)
            )
            return await _require(session, turn_id)


def _select() -> Select[Any]:
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
        row = (await session.execute(_select().where(condition))).one_or_none()
        if row is not None:
            return _turn(row)
    return None


async def _require(session: AsyncSession, turn_id: str) -> Turn:
    row = (await session.execute(_select().where(_TURNS.c.id == turn_id))).one_or_none()
    if row is None:
        raise NotFoundError("没有这一轮问答的记录")
    return _turn(row)


def _turn(row: Row[Any]) -> Turn:
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
    )
