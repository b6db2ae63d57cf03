"""What the desk shares: notices, canned replies, reports of wrong records, proposed questions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast
from uuid import uuid4

from sqlalchemy import Row, Table, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite

from bot.errors import ConflictError, NotFoundError
from bot.storage.desk_tables import (
    DeskCannedRow,
    DeskCorrectionRow,
    DeskNoticeRow,
    DeskProposalRow,
)
from bot.storage.engine import Database, tell
from bot.storage.records import check_text

__all__ = ["Board", "Canned", "Correction", "Notice", "Proposal"]

_CANNED = cast(Table, DeskCannedRow.__table__)
_NOTICES = cast(Table, DeskNoticeRow.__table__)
_CORRECTIONS = cast(Table, DeskCorrectionRow.__table__)
_PROPOSALS = cast(Table, DeskProposalRow.__table__)


@dataclass(frozen=True, slots=True)
class Notice:
    """An urgent notice, shown until it is over."""

    id: str
    text: str
    until: datetime
    who: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Canned:
    """A reply kept ready."""

    id: str
    title: str
    text: str
    who: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Correction:
    """A report that a clause or programme is recorded wrongly."""

    id: str
    subject: str
    text: str
    state: str
    who: str
    at: datetime
    settled_by: str | None
    settled_at: datetime | None


@dataclass(frozen=True, slots=True)
class Proposal:
    """A question proposed for a clause."""

    id: str
    clause_id: str
    question: str
    state: str
    who: str
    at: datetime
    settled_by: str | None
    settled_at: datetime | None


class Board:
    """The shared lists of one database. Safe to use from many tasks and processes at once.

    Every method raises :class:`~bot.errors.StorageError` where the database is away.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    async def notices(self, now: datetime) -> list[Notice]:
        """The notices that are not over, the latest first."""
        query = select(_NOTICES).where(_NOTICES.c.until > now).order_by(_NOTICES.c.at.desc())
        return [Notice(**_values(row, Notice)) for row in await self._rows(query)]

    async def add_notice(self, who: str, words: str, until: datetime, now: datetime) -> None:
        """Pin a notice."""
        await self._add(_NOTICES, {"text": words, "until": until, "who": who, "at": now})

    async def end_notice(self, notice_id: str, now: datetime) -> None:
        """Take a notice down.

        Raises:
            NotFoundError: there is none of that id.
        """
        await self._set(_NOTICES, notice_id, until=now)

    async def canned(self) -> list[Canned]:
        """The canned replies, by title."""
        rows = await self._rows(select(_CANNED).order_by(_CANNED.c.title, _CANNED.c.id))
        return [Canned(**_values(row, Canned)) for row in rows]

    async def add_canned(self, who: str, title: str, words: str, now: datetime) -> None:
        """Keep a reply ready."""
        await self._add(_CANNED, {"title": title, "text": words, "who": who, "at": now})

    async def remove_canned(self, canned_id: str) -> None:
        """Drop a canned reply; one that is gone stays gone."""
        async with self._database.begin() as session:
            await session.execute(delete(_CANNED).where(_CANNED.c.id == canned_id))
            tell(session, "board", canned_id)

    async def corrections(self) -> list[Correction]:
        """Reports of wrong records, open ones first, the latest first."""
        columns = _CORRECTIONS.c
        query = select(_CORRECTIONS).order_by((columns.state != "open"), columns.at.desc())
        return [Correction(**_values(row, Correction)) for row in await self._rows(query)]

    async def report(self, who: str, subject: str, words: str, now: datetime) -> None:
        """Report a wrong record."""
        row = {"subject": subject, "text": words, "state": "open", "who": who, "at": now}
        await self._add(_CORRECTIONS, row)

    async def settle_correction(
        self, correction_id: str, accepted: bool, who: str, now: datetime
    ) -> None:
        """Accept or decline a report.

        Raises:
            NotFoundError, ConflictError: there is none, or it is settled.
        """
        await self._settle(_CORRECTIONS, correction_id, accepted, who, now)

    async def proposals(self, state: str | None = None) -> list[Proposal]:
        """Proposed questions, in the order they came."""
        query = select(_PROPOSALS).order_by(_PROPOSALS.c.at, _PROPOSALS.c.id)
        if state is not None:
            query = query.where(_PROPOSALS.c.state == state)
        return [Proposal(**_values(row, Proposal)) for row in await self._rows(query)]

    async def propose(self, who: str, clause_id: str, question: str, now: datetime) -> None:
        """Propose a question for a clause.

        Raises:
            ConflictError: it was proposed before.
        """
        check_text(question)
        insert = sqlite.insert if self._database.dialect == "sqlite" else postgresql.insert
        row = {
            "id": str(uuid4()),
            "clause_id": clause_id,
            "question": question,
            "state": "open",
            "who": who,
            "at": now,
        }
        statement = insert(_PROPOSALS).values(row).on_conflict_do_nothing()
        async with self._database.begin() as session:
            if await session.scalar(statement.returning(_PROPOSALS.c.id)) is None:
                raise ConflictError("这个问句已经提议过了")
            tell(session, "board", str(row["id"]))

    async def settle_proposal(
        self, proposal_id: str, accepted: bool, who: str, now: datetime
    ) -> None:
        """Accept or decline a proposal.

        Raises:
            NotFoundError, ConflictError: there is none, or it is settled.
        """
        await self._settle(_PROPOSALS, proposal_id, accepted, who, now)

    async def written(self, proposal_ids: list[str]) -> None:
        """Mark accepted proposals as written to the files."""
        async with self._database.begin() as session:
            await session.execute(
                update(_PROPOSALS)
                .where(_PROPOSALS.c.id.in_(proposal_ids), _PROPOSALS.c.state == "accepted")
                .values(state="written")
            )

    async def _rows(self, query: Any) -> list[Row[Any]]:
        async with self._database.session() as session:
            return list((await session.execute(query)).all())

    async def _add(self, table: Table, row: dict[str, Any]) -> None:
        for value in row.values():
            if isinstance(value, str):
                check_text(value)
        async with self._database.begin() as session:
            await session.execute(table.insert(), {"id": str(uuid4()), **row})
            tell(session, "board", table.name)

    async def _set(self, table: Table, row_id: str, **values: Any) -> None:
        async with self._database.begin() as session:
            done = await session.execute(update(table).where(table.c.id == row_id).values(**values))
            if not getattr(done, "rowcount", 0):
                raise NotFoundError("没有这一条")
            tell(session, "board", row_id)

    async def _settle(
        self, table: Table, row_id: str, accepted: bool, who: str, now: datetime
    ) -> None:
        state = "accepted" if accepted else "declined"
        async with self._database.begin() as session:
            done = await session.execute(
                update(table)
                .where(table.c.id == row_id, table.c.state == "open")
                .values(state=state, settled_by=who, settled_at=now)
            )
            if getattr(done, "rowcount", 0):
                tell(session, "board", row_id)
                return
            known = await session.scalar(select(table.c.id).where(table.c.id == row_id))
        if known is None:
            raise NotFoundError("没有这一条")
        raise ConflictError("这一条已经处理过了")


def _values(row: Row[Any], record: type) -> dict[str, Any]:
    return {name: getattr(row, name) for name in record.__slots__}  # type: ignore[attr-defined]
