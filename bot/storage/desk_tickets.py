"""Tickets: what was asked, what was answered, and who sees to the rest."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, cast
from uuid import uuid4

from sqlalchemy import Row, Select, Table, func, or_, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.clock import SHANGHAI
from bot.errors import ConflictError, NotFoundError
from bot.storage.desk_tables import TicketEventRow, TicketRow
from bot.storage.engine import Database, tell
from bot.storage.records import check_json

__all__ = [
    "REMOVED",
    "Ticket",
    "TicketEvent",
    "TicketFilter",
    "TicketStore",
    "add_ticket",
    "blank_tickets",
]

REMOVED = "（内容已删除）"
"""The topic of a ticket whose person asked to be forgotten, or whose time is over."""

_TICKETS = cast(Table, TicketRow.__table__)
_EVENTS = cast(Table, TicketEventRow.__table__)
_NUMBERS_LOCK = 0x7469636B6574  # "ticket": any number, the same for every process
_BLANK: Mapping[str, Any] = {
    "kind": "consult",
    "topic": "",
    "answer": "",
    "clauses": [],
    "caller": "",
    "outcome": "open",
    "passed_to": "",
    "due_on": None,
    "satisfaction": None,
    "conversation_id": None,
    "call_at": None,
}


@dataclass(frozen=True, slots=True)
class Ticket:
    """A call or chat on record; see :class:`TicketRow`."""

    id: str
    number: str
    query_number: str
    version: int
    created_at: datetime
    updated_at: datetime
    closed_at: datetime | None
    channel: str
    conversation_id: str | None
    kind: str
    topic: str
    answer: str
    clauses: list[str]
    caller: str
    outcome: str
    passed_to: str
    due_on: date | None
    satisfaction: int | None
    owner: str
    call_at: datetime | None


@dataclass(frozen=True, slots=True)
class TicketEvent:
    """What was done with a ticket."""

    at: datetime
    who: str
    what: str
    text: str


@dataclass(frozen=True)
class TicketFilter:
    """Which tickets; None and empty ask for all.

    Attributes:
        words: in the topic, the answer, the number or the query number.
        since, until: first and last day of creation, in Shanghai.
        due_by: still open and due on that day or before.
    """

    words: str = ""
    owner: str | None = None
    kind: str | None = None
    outcome: str | None = None
    channel: str | None = None
    since: date | None = None
    until: date | None = None
    due_by: date | None = None
    conversation_id: str | None = None


async def blank_tickets(session: AsyncSession, which: Any) -> int:
    """Take out of tickets what a person said and left; their number, kind and outcome stay.

    Args:
        which: the condition on the tickets.
    """
    of_these = select(_TICKETS.c.id).where(which)
    await session.execute(_EVENTS.update().where(_EVENTS.c.ticket_id.in_(of_these)).values(text=""))
    result = await session.execute(
        _TICKETS.update()
        .where(which)
        .values(conversation_id=None, caller="", topic=REMOVED, answer="")
    )
    return int(getattr(result, "rowcount", 0) or 0)


class TicketStore:
    """The tickets of one database. Safe to use from many tasks and processes at once.

    Every method raises :class:`~bot.errors.StorageError` where the database is away.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    async def purge(self, before: datetime) -> int:
        """Blank the tickets that were closed before an instant; their number."""
        old = (_TICKETS.c.closed_at < before) & (_TICKETS.c.topic != REMOVED)
        async with self._database.begin() as session:
            return await blank_tickets(session, old)

    async def add(
        self, owner: str, channel: str, values: Mapping[str, Any], now: datetime
    ) -> Ticket:
        """A new ticket, numbered within its day; see :func:`add_ticket`."""
        async with self._database.begin() as session:
            return await add_ticket(session, self._database.dialect, owner, channel, values, now)

    async def get(self, ticket_id: str) -> Ticket:
        """One ticket.

        Raises:
            NotFoundError: there is none of that id.
        """
        async with self._database.session() as session:
            return await _require(session, ticket_id)

    async def events(self, ticket_id: str) -> list[TicketEvent]:
        """What was done with it, in order."""
        query = select(_EVENTS).where(_EVENTS.c.ticket_id == ticket_id)
        async with self._database.session() as session:
            rows = (await session.execute(query.order_by(_EVENTS.c.at, _EVENTS.c.id))).all()
        return [TicketEvent(row.at, row.who, row.what, row.text) for row in rows]

    async def change(
        self, ticket_id: str, version: int, who: str, values: Mapping[str, Any], now: datetime
    ) -> Ticket:
        """Set fields of a ticket as it was at ``version``.

        Raises:
            NotFoundError: there is none of that id.
            ConflictError: somebody else has changed it meanwhile.
        """
        check_json([value for value in values.values() if not isinstance(value, date)])
        async with self._database.begin() as session:
            before = await _require(session, ticket_id)
            changed = {key: value for key, value in values.items() if getattr(before, key) != value}
            done = await session.execute(
                update(_TICKETS)
                .where(_TICKETS.c.id == ticket_id, _TICKETS.c.version == version)
                .values(**changed, version=version + 1, updated_at=now)
            )
            if not getattr(done, "rowcount", 0):
                raise ConflictError("这张工单刚被别人改过，请刷新后再改")
            await _record(session, ticket_id, who, "changed", "、".join(sorted(changed)), now)
            tell(session, "tickets", ticket_id)
            return await _require(session, ticket_id)

    async def note(self, ticket_id: str, who: str, words: str, now: datetime) -> None:
        """Add a note.

        Raises:
            NotFoundError: there is none of that id.
        """
        check_json(words)
        async with self._database.begin() as session:
            await _require(session, ticket_id)
            await _record(session, ticket_id, who, "note", words, now)

    async def find(
        self, wanted: TicketFilter, limit: int, before: str | None = None
    ) -> list[Ticket]:
        """Tickets by number, the latest first; those below the number ``before``."""
        query = _where(select(_TICKETS), wanted).order_by(_TICKETS.c.number.desc()).limit(limit)
        if before is not None:
            query = query.where(_TICKETS.c.number < before)
        async with self._database.session() as session:
            return [_ticket(row) for row in (await session.execute(query)).all()]

    async def pressing(self, owner: str, today: date, now: datetime, limit: int) -> list[Ticket]:
        """Open tickets of somebody that are due by a day or whose call-back's time has come."""
        columns = _TICKETS.c
        query = (
            select(_TICKETS)
            .where(
                columns.owner == owner,
                columns.closed_at.is_(None),
                or_(columns.due_on <= today, columns.call_at <= now),
            )
            .order_by(columns.number)
            .limit(limit)
        )
        async with self._database.session() as session:
            return [_ticket(row) for row in (await session.execute(query)).all()]


async def add_ticket(
    session: AsyncSession,
    dialect: str,
    owner: str,
    channel: str,
    values: Mapping[str, Any],
    now: datetime,
) -> Ticket:
    """A new ticket within somebody's transaction, with the event that made it.

    Args:
        owner: the user who answers for it; a ticket is never without one.
        values: fields of :class:`Ticket`; what is left out is blank.
    """
    check_json([value for value in values.values() if not isinstance(value, date)])
    if dialect == "postgresql":
        await session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _NUMBERS_LOCK})
    day = f"{now.astimezone(SHANGHAI):%Y%m%d}"
    last = await session.scalar(
        select(func.max(_TICKETS.c.number)).where(_TICKETS.c.number.startswith(f"{day}-"))
    )
    number = int(last.rpartition("-")[2]) + 1 if last else 1
    row = {
        **_BLANK,
        **values,
        "id": str(uuid4()),
        "number": f"{day}-{number:05}",
        "query_number": f"{secrets.randbelow(10**10):010}",
        "version": 1,
        "created_at": now,
        "updated_at": now,
        "channel": channel,
        "owner": owner,
    }
    await session.execute(_TICKETS.insert(), row)
    await _record(session, str(row["id"]), owner, "created", "", now)
    tell(session, "tickets", str(row["id"]))
    return await _require(session, str(row["id"]))


def _where(query: Select[Any], wanted: TicketFilter) -> Select[Any]:
    columns = _TICKETS.c
    if wanted.words:
        fields = (columns.topic, columns.answer, columns.number, columns.query_number)
        query = query.where(or_(*(f.icontains(wanted.words, autoescape=True) for f in fields)))
    for name in ("owner", "kind", "outcome", "channel", "conversation_id"):
        value = getattr(wanted, name)
        if value is not None:
            query = query.where(columns[name] == value)
    if wanted.since is not None:
        query = query.where(columns.number >= f"{wanted.since:%Y%m%d}")
    if wanted.until is not None:
        query = query.where(columns.number < f"{wanted.until:%Y%m%d}~")
    if wanted.due_by is not None:
        query = query.where(columns.due_on <= wanted.due_by, columns.closed_at.is_(None))
    return query


async def _record(
    session: AsyncSession, ticket_id: str, who: str, what: str, words: str, now: datetime
) -> None:
    row = {
        "id": str(uuid4()),
        "ticket_id": ticket_id,
        "at": now,
        "who": who,
        "what": what,
        "text": words,
    }
    await session.execute(_EVENTS.insert(), row)


async def _require(session: AsyncSession, ticket_id: str) -> Ticket:
    row = (await session.execute(select(_TICKETS).where(_TICKETS.c.id == ticket_id))).one_or_none()
    if row is None:
        raise NotFoundError("没有这张工单")
    return _ticket(row)


def _ticket(row: Row[Any]) -> Ticket:
    return Ticket(**{name: getattr(row, name) for name in Ticket.__slots__})
