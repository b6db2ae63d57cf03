"""The outbox: parts of replies, stored with the turn and kept until the platform has them.

Within a conversation parts leave in order: only the first that is open can be claimed.
A part is ``pending``, claimed it is ``sending``, then ``sent``; ``waiting`` is for the
person's next message, ``parked`` is given up, with the reason. A part that was
``sending`` when its process died may have arrived: it is claimed again, marked uncertain.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, cast
from uuid import uuid4

from sqlalchemy import Row, Select, Table, and_, func, or_, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import NotFoundError
from bot.storage.engine import Database, tell
from bot.storage.moments import moment
from bot.storage.records import Open, check_json
from bot.storage.tables import ConversationRow, OutboxRow, TurnRow

__all__ = ["OutboxStore", "Part", "add_parts"]

_OUTBOX = cast(Table, OutboxRow.__table__)
_CONVERSATIONS = cast(Table, ConversationRow.__table__)
_TURNS = cast(Table, TurnRow.__table__)

_OPEN = ("pending", "sending", "waiting")
_LEASE = 90.0  # seconds; a send takes far less
# Due later than the longest pause, an hour, only if the clock was set back meanwhile; so
# with a claim that lasts longer than any.
_FAR = timedelta(minutes=70)
_LATELY = 40  # parts looked at for the platforms' rates and quotas


@dataclass(frozen=True)
class Part:
    """What one call to a platform carries, on its way into the outbox.

    Attributes:
        part: in the platform's own words.
        hold: seconds to keep it back, so that a waiting request can carry it.
        kept: it is delivered by being kept: its reader comes and fetches it.
        id: makes storing it twice the same as once; None for a new one.
    """

    part: Mapping[str, Any]
    hold: float = 0.0
    kept: bool = False
    id: str | None = None


async def add_parts(
    session: AsyncSession,
    key: str,
    turn_id: str | None,
    author: str,
    parts: Sequence[Part],
    now: datetime,
) -> int:
    """Store parts at the end of a conversation, within a transaction; the last position.

    Raises:
        NotFoundError: there is no such conversation.
        ValueError: a part is no JSON.
    """
    row = (
        await session.execute(
            select(_CONVERSATIONS.c.id, _CONVERSATIONS.c.address, _CONVERSATIONS.c.next_position)
            .where(_CONVERSATIONS.c.key == key)
            .with_for_update()
        )
    ).one_or_none()
    if row is None:
        raise NotFoundError("没有这个对话")
    position: int = row.next_position
    address = row.address or {}
    if turn_id is not None:
        of_turn = select(_TURNS.c.address).where(_TURNS.c.id == turn_id)
        address = await session.scalar(of_turn) or address
    for part in parts:
        check_json([dict(part.part)])
        values = {
            "id": part.id or str(uuid4()),
            "conversation_id": row.id,
            "position": position,
            "turn_id": turn_id,
            "author": author,
            "address": address,
            "part": dict(part.part),
            "state": "sent" if part.kept else "pending",
            "attempts": 0,
            "due_at": now + timedelta(seconds=part.hold),
            "uncertain": False,
            "via": "kept" if part.kept else None,
            "created_at": now,
            "sent_at": now if part.kept else None,
        }
        upsert = sqlite.insert if _dialect(session) == "sqlite" else postgresql.insert
        await session.execute(
            upsert(_OUTBOX).values(**values).on_conflict_do_nothing(index_elements=["id"])
        )
        position += 1
    if parts:
        await session.execute(
            _CONVERSATIONS.update()
            .where(_CONVERSATIONS.c.id == row.id)
            .values(next_position=position)
        )
        tell(session, "outbox", key)
        tell(session, "entries", key)
    return position - 1


class OutboxStore:
    """The outbox of one database, as one process sees it.

    Every method raises :class:`~bot.errors.StorageError` where the database is away.

    Args:
        owner: names this process in what it claims; no other ever has that name.
    """

    def __init__(self, database: Database, owner: str) -> None:
        self._database, self._owner = database, owner

    async def add(
        self, key: str, turn_id: str | None, author: str, parts: Sequence[Part], now: datetime
    ) -> int:
        """Store parts at the end of a conversation; the position of the last.

        Raises:
            NotFoundError: there is no such conversation.
        """
        async with self._database.begin() as session:
            return await add_parts(session, key, turn_id, author, parts, now)

    async def claim(self, channels: Sequence[str], limit: int) -> list[Open]:
        """Claim parts that are due, at most one a conversation, longest due first.

        Args:
            channels: those that this process can send on now.
        """
        if not channels:
            return []
        now, far = moment(self._database), moment(self._database, _FAR)
        due = and_(
            _OUTBOX.c.state == "pending", or_(_OUTBOX.c.due_at <= now, _OUTBOX.c.due_at > far)
        )
        until = _OUTBOX.c.claimed_until
        bogus = moment(self._database, timedelta(seconds=2 * _LEASE))
        orphaned = and_(_OUTBOX.c.state == "sending", or_(until < now, until > bogus))
        query = (
            select(_OUTBOX.c.id)
            .join(_CONVERSATIONS, _CONVERSATIONS.c.id == _OUTBOX.c.conversation_id)
            .where(
                _CONVERSATIONS.c.channel.in_(channels),
                or_(due, orphaned),
                ~_earlier_open(_OPEN),
            )
            .order_by(_OUTBOX.c.due_at)
            .limit(limit)
            .with_for_update(of=_OUTBOX, skip_locked=True)
        )
        async with self._database.begin() as session:
            ids = list((await session.scalars(query)).all())
            return await self._take(session, ids) if ids else []

    async def carry(self, key: str, turn_id: str | None) -> Open | None:
        """Claim the next open part of a conversation whether it is due or not.

        Args:
            turn_id: only a part of this turn, which may then overtake parts that wait
                for the person; None for whatever comes first.
        """
        conversation = (
            select(_CONVERSATIONS.c.id).where(_CONVERSATIONS.c.key == key).scalar_subquery()
        )
        before = _OPEN if turn_id is None else ("pending", "sending")
        query = select(_OUTBOX.c.id).where(
            _OUTBOX.c.conversation_id == conversation,
            _OUTBOX.c.state.in_(("pending", "waiting")),
            ~_earlier_open(before),
        )
        if turn_id is not None:
            query = query.where(_OUTBOX.c.turn_id == turn_id)
        query = query.order_by(_OUTBOX.c.position).limit(1).with_for_update(skip_locked=True)
        async with self._database.begin() as session:
            ids = list((await session.scalars(query)).all())
            return (await self._take(session, ids))[0] if ids else None

    async def sent(self, part: Open, via: str, now: datetime) -> None:
        """The platform has it."""
        await self._settle(part, state="sent", via=via, sent_at=now, error=None)

    async def later(self, part: Open, reason: str, seconds: float, *, uncertain: bool) -> None:
        """Try again after so many seconds; ``uncertain`` where it may have arrived."""
        due = moment(self._database, timedelta(seconds=seconds))
        await self._settle(
            part, state="pending", due_at=due, error=reason, uncertain=part.uncertain or uncertain
        )

    async def wait(self, part: Open, reason: str) -> None:
        """Keep it, and what follows it, until the person writes next.

        Where they have written since it was claimed it may go at once.
        """
        async with self._database.begin() as session:
            conversation = (
                await session.execute(
                    select(_CONVERSATIONS.c.id, _CONVERSATIONS.c.heard_at)
                    .where(_CONVERSATIONS.c.key == part.conversation_key)
                    .with_for_update()
                )
            ).one_or_none()
            if conversation is None:
                return
            written = conversation.heard_at != part.heard_at
            await session.execute(
                _OUTBOX.update()
                .where(self._is_mine(part))
                .values(
                    state="pending" if written else "waiting",
                    error=reason,
                    claimed_by=None,
                    claimed_until=None,
                )
            )
            if not written:
                await session.execute(
                    _OUTBOX.update()
                    .where(
                        _OUTBOX.c.conversation_id == conversation.id,
                        _OUTBOX.c.state == "pending",
                    )
                    .values(state="waiting", error=reason)
                )
            tell(session, "outbox", part.conversation_key)

    async def park(self, part: Open, reason: str) -> None:
        """Give it up for this reason."""
        await self._settle(part, state="parked", error=reason)

    async def release(self, owners: Sequence[str]) -> int:
        """Free what dead processes had claimed; how many parts were on their way.

        Whether they arrived nobody knows.
        """
        async with self._database.begin() as session:
            result = await session.execute(
                _OUTBOX.update()
                .where(_OUTBOX.c.state == "sending", _OUTBOX.c.claimed_by.in_(owners))
                .values(state="pending", uncertain=True, claimed_by=None, claimed_until=None)
            )
            return int(getattr(result, "rowcount", 0) or 0)

    async def counts(self) -> dict[str, int]:
        """How many parts are in each state."""
        query = select(_OUTBOX.c.state, func.count()).group_by(_OUTBOX.c.state)
        async with self._database.session() as session:
            return {state: number for state, number in await session.execute(query)}

    async def undelivered(self) -> dict[str, int]:
        """How many parts are in each open state, and how many of them are ``uncertain``.

        Of all processes; few rows, found without a scan.
        """
        query = (
            select(_OUTBOX.c.state, _OUTBOX.c.uncertain, func.count())
            .where(_OUTBOX.c.state.in_(_OPEN))
            .group_by(_OUTBOX.c.state, _OUTBOX.c.uncertain)
        )
        figures = dict.fromkeys((*_OPEN, "uncertain"), 0)
        async with self._database.session() as session:
            for state, uncertain, number in await session.execute(query):
                figures[state] += number
                figures["uncertain"] += number if uncertain else 0
        return figures

    async def _take(self, session: AsyncSession, ids: Sequence[str]) -> list[Open]:
        await session.execute(
            _OUTBOX.update()
            .where(_OUTBOX.c.id.in_(ids))
            .values(
                # On its way when its process died: it may have arrived.
                uncertain=or_(_OUTBOX.c.uncertain, _OUTBOX.c.state == "sending"),
                state="sending",
                attempts=_OUTBOX.c.attempts + 1,
                claimed_by=self._owner,
                claimed_until=moment(self._database, timedelta(seconds=_LEASE)),
            )
        )
        rows = (await session.execute(_select().where(_OUTBOX.c.id.in_(ids)))).all()
        order = {key: place for place, key in enumerate(ids)}
        rows = sorted(rows, key=lambda row: order[row.id])
        return [_open(row, await _lately(session, row.conversation_id)) for row in rows]

    async def _settle(self, part: Open, **values: Any) -> None:
        """Record how a claimed part ended, unless another process has it by now."""
        async with self._database.begin() as session:
            await session.execute(
                _OUTBOX.update()
                .where(self._is_mine(part))
                .values(claimed_by=None, claimed_until=None, **values)
            )
            tell(session, "outbox", part.conversation_key)

    def _is_mine(self, part: Open) -> Any:
        return and_(
            _OUTBOX.c.id == part.id,
            _OUTBOX.c.state == "sending",
            _OUTBOX.c.claimed_by == self._owner,
        )


def _dialect(session: AsyncSession) -> str:
    return session.get_bind().dialect.name


def _earlier_open(states: Sequence[str]) -> Any:
    before = _OUTBOX.alias("before")
    return (
        select(before.c.id)
        .where(
            before.c.conversation_id == _OUTBOX.c.conversation_id,
            before.c.position < _OUTBOX.c.position,
            before.c.state.in_(states),
        )
        .exists()
    )


def _select() -> Select[Any]:
    return select(
        _OUTBOX, _CONVERSATIONS.c.key, _CONVERSATIONS.c.channel, _CONVERSATIONS.c.heard_at
    ).join_from(_OUTBOX, _CONVERSATIONS, _CONVERSATIONS.c.id == _OUTBOX.c.conversation_id)


async def _lately(session: AsyncSession, conversation_id: str) -> list[datetime]:
    """When the latest parts of a conversation were sent actively."""
    query = (
        select(_OUTBOX.c.sent_at)
        .where(
            _OUTBOX.c.conversation_id == conversation_id,
            _OUTBOX.c.state == "sent",
            _OUTBOX.c.via == "active",
        )
        .order_by(_OUTBOX.c.position.desc())
        .limit(_LATELY)
    )
    return [at for at in (await session.scalars(query)).all() if at is not None]


def _open(row: Row[Any], sent: Sequence[datetime]) -> Open:
    lately = datetime.now(UTC) - timedelta(minutes=1)
    return Open(
        id=row.id,
        conversation_key=row.key,
        channel=row.channel,
        turn_id=row.turn_id,
        address=row.address,
        part=row.part,
        attempts=row.attempts,
        uncertain=row.uncertain,
        created_at=row.created_at,
        heard_at=row.heard_at,
        sent_since_heard=sum(row.heard_at is None or at >= row.heard_at for at in sent),
        sent_in_minute=sum(at >= lately for at in sent),
    )
