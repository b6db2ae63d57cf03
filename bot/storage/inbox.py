"""The inbox: which conversation is worked by which process.

A conversation with a message that waits is claimed whole, for so long as one turn may
take; so its messages are worked one at a time and in order, whichever process does it.
What a dead process had claimed is free when its time is over, or when its death is noticed.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, cast

from sqlalchemy import Table, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.storage.engine import Database
from bot.storage.moments import moment
from bot.storage.records import Work
from bot.storage.tables import ConversationRow, TurnRow
from bot.storage.turns import select_turns, turn_of

__all__ = ["InboxStore"]

_CONVERSATIONS = cast(Table, ConversationRow.__table__)
_TURNS = cast(Table, TurnRow.__table__)
_LATER = "later"  # claimed by nobody, not to be worked yet
_LONGEST_REST = timedelta(minutes=5)


class InboxStore:
    """The inbox of one database, as one process sees it.

    Every method raises :class:`~bot.errors.StorageError` where the database is away.

    Args:
        owner: names this process in what it claims; no other ever has that name.
        lease: how long a claim holds; longer than any turn takes.
    """

    def __init__(self, database: Database, owner: str, lease: timedelta) -> None:
        self._database, self._owner, self._lease = database, owner, lease

    async def claim(self, limit: int) -> list[Work]:
        """Claim conversations in which a message waits, longest waiting first.

        The first waiting turn of each; the claim ends with the turn
        (:meth:`TurnStore.answer`, :meth:`TurnStore.fail`) or :meth:`postpone`.
        """
        now = moment(self._database)
        # A time further off than any claim lasts was set by a clock that has since been set back.
        bogus = moment(self._database, max(self._lease, _LONGEST_REST) + timedelta(minutes=1))
        until = _CONVERSATIONS.c.claimed_until
        query = (
            select(_CONVERSATIONS.c.id)
            .where(
                _CONVERSATIONS.c.pending_at.is_not(None),
                or_(until.is_(None), until <= now, until > bogus),
            )
            .order_by(_CONVERSATIONS.c.pending_at)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        async with self._database.begin() as session:
            ids = list((await session.scalars(query)).all())
            return [work for key in ids if (work := await self._take(session, key))]

    async def postpone(self, work: Work, delay: timedelta) -> None:
        """Give the claim up; nobody works the conversation before ``delay`` is over."""
        until = moment(self._database, min(delay, _LONGEST_REST))
        async with self._database.begin() as session:
            await session.execute(
                _TURNS.update()
                .where(_TURNS.c.id == work.turn.turn_id, _TURNS.c.state == "received")
                .values(attempts=_TURNS.c.attempts + 1)
            )
            await session.execute(
                _CONVERSATIONS.update()
                .where(
                    _CONVERSATIONS.c.key == work.turn.conversation_key,
                    _CONVERSATIONS.c.claimed_by == self._owner,
                )
                .values(claimed_by=_LATER, claimed_until=until)
            )

    async def release(self, owners: Sequence[str]) -> int:
        """Free what dead processes had claimed; how many conversations."""
        async with self._database.begin() as session:
            result = await session.execute(
                _CONVERSATIONS.update()
                .where(_CONVERSATIONS.c.claimed_by.in_(owners))
                .values(claimed_by=None, claimed_until=None)
            )
            return int(getattr(result, "rowcount", 0) or 0)

    async def _take(self, session: AsyncSession, conversation_id: str) -> Work | None:
        first = (
            select_turns()
            .add_columns(_CONVERSATIONS.c.holder)
            .where(_TURNS.c.conversation_id == conversation_id, _TURNS.c.state == "received")
            .order_by(_TURNS.c.seq)
            .limit(1)
        )
        row = (await session.execute(first)).one_or_none()
        change: dict[str, Any] = {"pending_at": None}
        if row is not None:
            until = moment(self._database, self._lease)
            change = {"claimed_by": self._owner, "claimed_until": until}
        await session.execute(
            _CONVERSATIONS.update().where(_CONVERSATIONS.c.id == conversation_id).values(**change)
        )
        return None if row is None else Work(turn_of(row), row.holder)
