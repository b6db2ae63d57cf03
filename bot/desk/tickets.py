"""Routes of the record: tickets, their notes, and their export."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from aiohttp import web

from bot.api.http import Operation, json_response, read_json, read_query
from bot.api.models import NoQuery
from bot.clock import SHANGHAI
from bot.desk.access import Door
from bot.desk.masking import mask_numbers, write_csv
from bot.desk.schemas import (
    Done,
    EventRecord,
    NoteBody,
    TicketBody,
    TicketChange,
    TicketDetail,
    TicketPage,
    TicketQuery,
    TicketRecord,
)
from bot.errors import NotFoundError, RequestError
from bot.knowledge import Knowledge
from bot.storage.desk_audit import AuditLog
from bot.storage.desk_queue import DeskQueue
from bot.storage.desk_tickets import Ticket, TicketFilter, TicketStore
from bot.storage.desk_users import DeskUser, DeskUserStore

__all__ = ["TicketsApi", "ticket_record"]

_PAGE = 50
_EXPORTED = 5000
_ERRORS = (400, 401, 403, 404, 409, 413, 422)
_COLUMNS = (
    "number",
    "created_at",
    "closed_at",
    "channel",
    "kind",
    "topic",
    "answer",
    "clauses",
    "outcome",
    "passed_to",
    "due_on",
    "call_at",
    "satisfaction",
    "owner",
)


class TicketsApi:
    """Whoever records a call owns its ticket until somebody else takes it: 首问负责."""

    def __init__(
        self,
        tickets: TicketStore,
        queue: DeskQueue,
        users: DeskUserStore,
        audit: AuditLog,
        door: Door,
        knowledge: Knowledge,
        clock: Callable[[], datetime],
    ) -> None:
        self._tickets, self._queue, self._users = tickets, queue, users
        self._audit, self._door, self._knowledge, self._clock = audit, door, knowledge, clock

    def operations(self) -> list[Operation]:
        """The routes."""
        guard = self._door.guard

        def route(method: str, tail: str, handler: Any, summary: str, **more: Any) -> Operation:
            path = {"id": "工单编号"} if "{id}" in tail else {}
            return Operation(
                method,
                f"/desk/api/tickets{tail}",
                handler,
                summary,
                errors=_ERRORS,
                path_parameters=path,
                **more,
            )

        return [
            route("GET", "", guard(self.find), "工单列表", response=TicketPage, query=TicketQuery),
            route("POST", "", guard(self.add), "新工单", response=TicketRecord, body=TicketBody),
            route(
                "GET",
                ".csv",
                guard(self.export, "supervisor", "administrator"),
                "导出工单（号码已遮盖）",
                response={"type": "string"},
                query=TicketQuery,
                content_type="text/csv",
            ),
            route(
                "GET", "/{id}", guard(self.one), "一张工单", response=TicketDetail, query=NoQuery
            ),
            route(
                "POST",
                "/{id}",
                guard(self.change),
                "修改工单",
                response=TicketRecord,
                body=TicketChange,
            ),
            route("POST", "/{id}/note", guard(self.note), "加备注", response=Done, body=NoteBody),
        ]

    async def find(self, request: web.Request, user: DeskUser) -> web.Response:
        """A page of tickets."""
        query = read_query(request, TicketQuery)
        found = await self._tickets.find(_filter(query), _PAGE + 1, query.cursor)
        page = found[:_PAGE]
        cursor = page[-1].number if len(found) > _PAGE else None
        return json_response(TicketPage(items=[ticket_record(t) for t in page], next_cursor=cursor))

    async def one(self, request: web.Request, user: DeskUser) -> web.Response:
        """A ticket with its history."""
        read_query(request, NoQuery)
        ticket = await self._tickets.get(request.match_info["id"])
        await self._write(user, "ticket_seen", ticket)
        events = await self._tickets.events(ticket.id)
        return json_response(
            TicketDetail(
                ticket=ticket_record(ticket),
                events=[EventRecord(at=e.at, who=e.who, what=e.what, text=e.text) for e in events],
            )
        )

    async def add(self, request: web.Request, user: DeskUser) -> web.Response:
        """Record a call or chat; whoever does so owns it."""
        body = await read_json(request, TicketBody)
        self._check_clauses(body.clauses)
        values = body.model_dump(exclude={"channel", "talk_id", "closed"})
        channel = body.channel
        if body.talk_id is not None:
            talk = await self._queue.talk(body.talk_id)
            values["conversation_id"] = talk.id
            channel = talk.channel  # type: ignore[assignment]
        now = self._clock()
        if body.closed:
            values["closed_at"] = now
        ticket = await self._tickets.add(user.name, channel, values, now)
        await self._write(user, "ticket_added", ticket)
        return json_response(ticket_record(ticket))

    async def change(self, request: web.Request, user: DeskUser) -> web.Response:
        """Change a ticket; a new owner must be somebody who can act on it."""
        body = await read_json(request, TicketChange)
        self._check_clauses(body.clauses or [])
        given = body.model_fields_set - {"version", "closed"}
        # Only what may be empty can be set to nothing.
        values = {
            key: value
            for key in given
            if (value := getattr(body, key)) is not None
            or key in {"due_on", "call_at", "satisfaction"}
        }
        if "owner" in values and not await self._can_own(values["owner"]):
            raise RequestError(422, "no_such_owner", "工单只能转给在用的用户", "owner")
        now = self._clock()
        if body.closed is not None:
            values["closed_at"] = now if body.closed else None
        ticket_id = request.match_info["id"]
        ticket = await self._tickets.change(ticket_id, body.version, user.name, values, now)
        await self._write(user, "ticket_changed", ticket, fields=sorted(values))
        return json_response(ticket_record(ticket))

    async def note(self, request: web.Request, user: DeskUser) -> web.Response:
        """Add a note to a ticket."""
        body = await read_json(request, NoteBody)
        await self._tickets.note(request.match_info["id"], user.name, body.text, self._clock())
        return json_response(Done())

    async def export(self, request: web.Request, user: DeskUser) -> web.Response:
        """Tickets as a table: who called is left out, numbers in the words are masked."""
        query = read_query(request, TicketQuery)
        found = await self._tickets.find(_filter(query), _EXPORTED, query.cursor)
        asked = query.model_dump(mode="json", exclude_none=True, exclude={"q"})
        await self._audit.write(
            user.name, "tickets_exported", self._clock(), {"count": len(found), "filter": asked}
        )
        phrases = self._knowledge.current.snapshot.phrases
        header = [phrases(f"desk.column.{name}") for name in _COLUMNS]
        rows = ([_cell(ticket, name, phrases) for name in _COLUMNS] for ticket in found)
        return web.Response(
            body=write_csv(header, rows),
            content_type="text/csv",
            charset="utf-8",
            headers={"Content-Disposition": 'attachment; filename="tickets.csv"'},
        )

    def _check_clauses(self, clauses: list[str]) -> None:
        known = self._knowledge.current.snapshot.clauses
        if any(key not in known for key in clauses):
            raise NotFoundError("没有这一条")

    async def _can_own(self, name: str) -> bool:
        return any(user.name == name and user.active for user in await self._users.all())

    async def _write(self, user: DeskUser, what: str, ticket: Ticket, **detail: object) -> None:
        await self._audit.write(user.name, what, self._clock(), {"ticket": ticket.number, **detail})


def _filter(query: TicketQuery) -> TicketFilter:
    return TicketFilter(
        words=query.q.strip(),
        owner=query.owner,
        kind=query.kind,
        outcome=query.outcome,
        channel=query.channel,
        since=query.since,
        until=query.until,
        due_by=query.due_by,
        conversation_id=query.talk_id,
    )


def ticket_record(ticket: Ticket) -> TicketRecord:
    """A ticket as the page gets it."""
    values = {
        name: getattr(ticket, name) for name in TicketRecord.model_fields if name != "talk_id"
    }
    return TicketRecord(**values, talk_id=ticket.conversation_id)


def _cell(ticket: Ticket, name: str, phrases: Any) -> object:
    value = getattr(ticket, name)
    if isinstance(value, datetime):
        return f"{value.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"
    if name in {"kind", "outcome", "channel"}:
        key = f"desk.{name}.{value}"
        return phrases(key) if key in phrases else value
    if isinstance(value, list):
        return " ".join(value)
    return mask_numbers(value) if name in {"topic", "answer", "passed_to"} else value
