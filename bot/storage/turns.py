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

from sqlalchemy import Row, Select, delete, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import ConflictError, NotFoundError
from bot.storage.engine import Database
from bot.storage.records import Counts, State, Taken, Turn, check_id, check_json, check_text
from bot.storage.tables import ConversationRow, TurnRow

__all__ = ["Counts", "State", "Taken", "Turn", "TurnStore"]


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
            await session.execute(
                insert(TurnRow).values(
                    id=turn_id,
                    conversation_id=conversation_id,
                    seq=seq,
                    message_id=message_id,
                    state="received",
                    text=text,
                    as_of=as_of,
                    attempts=1,
                    received_at=received_at,
                )
            )
            await session.execute(
                update(ConversationRow)
                .where(ConversationRow.id == conversation_id)
                .values(next_seq=seq + 1, updated_at=received_at)
            )
            return Taken(await _require(session, turn_id), known=False)

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
            turn_id, ("failed",), state="received", error=None, attempts=TurnRow.attempts + 1
        )

    async def unfinished(self, max_age: timedelta, *, now: datetime | None = None) -> list[Turn]:
        """The turns still ``received``, in order of arrival.

        Within a conversation the order is that of ``seq``, whatever the clock did.

        Args:
            max_age: older ones are left out: nobody waits for their answer any more.
            now: the instant that age is counted from; default the present.
        """
        since = (now or datetime.now(UTC)) - max_age
        arrival = func.max(TurnRow.received_at).over(
            partition_by=TurnRow.conversation_id, order_by=TurnRow.seq
        )
        query = (
            _select()
            .where(TurnRow.state == "received", TurnRow.received_at >= since)
            .order_by(arrival, TurnRow.conversation_id, TurnRow.seq)
        )
        async with self._database.session() as session:
            return [_turn(row) for row in (await session.execute(query)).all()]

    async def history(
        self, conversation_key: str, limit: int, before_seq: int | None = None
    ) -> list[Turn]:
        """The last ``limit`` turns of a conversation (before ``before_seq``), oldest first.

        An unknown conversation has none.
        """
        query = _select().where(ConversationRow.key == conversation_key)
        if before_seq is not None:
            query = query.where(TurnRow.seq < before_seq)
        query = query.order_by(TurnRow.seq.desc()).limit(limit)
        async with self._database.session() as session:
            rows = (await session.execute(query)).all()
        return [_turn(row) for row in reversed(rows)]

    async def delete_conversation(self, key: str) -> int:
        """Erase a conversation with all its turns; the number of turns erased."""
        async with self._database.begin() as session:
            # Locked first, as take() does, so that no turn slips in between.
            found = await session.scalar(
                select(ConversationRow.id).where(ConversationRow.key == key).with_for_update()
            )
            if found is None:
                return 0
            turns = await session.scalar(
                select(func.count()).select_from(TurnRow).where(TurnRow.conversation_id == found)
            )
            await session.execute(delete(ConversationRow).where(ConversationRow.id == found))
            return turns or 0

    async def counts(self) -> Counts:
        """How many conversations there are, and turns in each state."""
        async with self._database.session() as session:
            conversations = await session.scalar(select(func.count()).select_from(ConversationRow))
            by_state = select(TurnRow.state, func.count()).group_by(TurnRow.state)
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
        statement = upsert(ConversationRow).values(
            id=str(uuid4()), key=key, channel=channel, created_at=now, updated_at=now, next_seq=1
        )
        # An update that changes nothing, for it locks the row and returns it.
        statement = statement.on_conflict_do_update(
            index_elements=[ConversationRow.key], set_={"key": statement.excluded.key}
        )
        found = await session.execute(
            statement.returning(ConversationRow.id, ConversationRow.next_seq)
        )
        conversation_id, seq = found.one()
        return conversation_id, seq

    async def _change(self, turn_id: str, states: tuple[State, ...], **values: Any) -> Turn:
        """Change a turn that is in one of ``states``; whatever is recorded afterwards."""
        async with self._database.begin() as session:
            await session.execute(
                update(TurnRow)
                .where(TurnRow.id == turn_id, TurnRow.state.in_(states))
                .values(**values)
                .execution_options(synchronize_session=False)
            )
            return await _require(session, turn_id)


def _select() -> Select[TurnRow, str, str]:
    return select(TurnRow, ConversationRow.key, ConversationRow.channel).join(
        ConversationRow, ConversationRow.id == TurnRow.conversation_id
    )


async def _find_known(
    session: AsyncSession, conversation_id: str, turn_id: str, message_id: str | None
) -> Turn | None:
    conditions = [TurnRow.id == turn_id]
    if message_id is not None:
        same_message = (TurnRow.conversation_id == conversation_id) & (
            TurnRow.message_id == message_id
        )
        conditions.insert(0, same_message)
    for condition in conditions:
        row = (await session.execute(_select().where(condition))).one_or_none()
        if row is not None:
            return _turn(row)
    return None


async def _require(session: AsyncSession, turn_id: str) -> Turn:
    row = (await session.execute(_select().where(TurnRow.id == turn_id))).one_or_none()
    if row is None:
        raise NotFoundError("没有这一轮问答的记录")
    return _turn(row)


def _turn(row: Row[TurnRow, str, str]) -> Turn:
    turn, key, channel = row
    return Turn(
        turn_id=turn.id,
        conversation_key=key,
        channel=channel,
        seq=turn.seq,
        message_id=turn.message_id,
        state=cast(State, turn.state),
        text=turn.text,
        replies=turn.replies,
        kb_version=turn.kb_version,
        as_of=turn.as_of,
        attempts=turn.attempts,
        error=turn.error,
        received_at=turn.received_at,
        answered_at=turn.answered_at,
    )
