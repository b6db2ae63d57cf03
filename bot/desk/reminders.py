"""What an operator must see to now: tickets that are due, call-backs whose time has come."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Literal

from aiohttp import web

from bot.api.http import Operation, json_response, read_query
from bot.api.models import NoQuery
from bot.clock import SHANGHAI
from bot.desk.access import Door
from bot.desk.schemas import ReminderList, ReminderRecord
from bot.desk.tickets import ticket_record
from bot.storage.desk_tickets import Ticket, TicketStore
from bot.storage.desk_users import DeskUser

__all__ = ["Reminders", "RemindersApi"]

_MOST = 100
_ERRORS = (400, 401, 403, 422)

Why = Literal["call", "overdue", "today"]


class Reminders:
    """Finds them for whoever owns the tickets.

    Args:
        tickets: the record.
        clock: the present, in UTC.
    """

    def __init__(self, tickets: TicketStore, clock: Callable[[], datetime]) -> None:
        self._tickets, self._clock = tickets, clock

    async def of(self, name: str) -> Sequence[tuple[Why, Ticket]]:
        """What the user of that name must see to, calls first, then what is longest overdue.

        Raises:
            StorageError: the database is away.
        """
        now = self._clock()
        today = now.astimezone(SHANGHAI).date()
        found = await self._tickets.pressing(name, today, now, _MOST)
        return sorted(((_why(one, today, now), one) for one in found), key=_urgency)


class RemindersApi:
    """The one route."""

    def __init__(self, reminders: Reminders, door: Door) -> None:
        self._reminders, self._door = reminders, door

    def operations(self) -> list[Operation]:
        """The route."""
        return [
            Operation(
                "GET",
                "/desk/api/reminders",
                self._door.guard(self.mine),
                "现在该办的工单",
                ReminderList,
                query=NoQuery,
                errors=_ERRORS,
            )
        ]

    async def mine(self, request: web.Request, user: DeskUser) -> web.Response:
        """What whoever asks must see to."""
        read_query(request, NoQuery)
        found = await self._reminders.of(user.name)
        items = [ReminderRecord(why=why, ticket=ticket_record(one)) for why, one in found]
        return json_response(ReminderList(items=items))


def _why(ticket: Ticket, today: date, now: datetime) -> Why:
    if ticket.call_at is not None and ticket.call_at <= now:
        return "call"
    return "overdue" if ticket.due_on is not None and ticket.due_on < today else "today"


def _urgency(reminder: tuple[Why, Ticket]) -> tuple[bool, datetime | date | None, str]:
    why, ticket = reminder
    return (why != "call", ticket.call_at if why == "call" else ticket.due_on, ticket.number)
