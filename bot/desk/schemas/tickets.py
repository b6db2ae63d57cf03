"""Tickets."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import BaseModel, Field
from pydantic import StringConstraints as Constraints

from bot.api.models import plain
from bot.desk.schemas.common import Day, EventRecord, In, Lines, Moment, Name, Said

__all__ = [
    "ReminderList",
    "ReminderRecord",
    "TicketBody",
    "TicketChange",
    "TicketDetail",
    "TicketPage",
    "TicketQuery",
    "TicketRecord",
]


Kind = Literal["consult", "help", "complaint", "report", "suggestion"]
TicketOutcome = Literal["open", "answered", "call_back", "passed"]


class TicketBody(In):
    """A new ticket."""

    channel: Literal["phone", "web", "wecom", "aibot", "wechat", "rest"] = "phone"
    talk_id: plain(40) | None = None  # type: ignore[valid-type]
    kind: Kind = "consult"
    topic: Said
    answer: Lines = ""
    clauses: list[plain(100)] = Field(default_factory=list, max_length=50)  # type: ignore[valid-type]
    caller: Annotated[Lines, Constraints(max_length=200)] = ""
    outcome: TicketOutcome = "open"
    passed_to: Annotated[Lines, Constraints(max_length=200)] = ""
    due_on: Day | None = None
    call_at: Moment | None = None
    satisfaction: Annotated[int, Field(ge=1, le=5, strict=True)] | None = None
    closed: bool = False


class TicketChange(In):
    """What is changed of a ticket as it was at ``version``; absent fields stay."""

    version: Annotated[int, Field(ge=1, strict=True)]
    kind: Kind | None = None
    topic: Said | None = None
    answer: Lines | None = None
    clauses: list[plain(100)] | None = Field(None, max_length=50)  # type: ignore[valid-type]
    caller: Annotated[Lines, Constraints(max_length=200)] | None = None
    outcome: TicketOutcome | None = None
    passed_to: Annotated[Lines, Constraints(max_length=200)] | None = None
    due_on: Day | None = None
    call_at: Moment | None = None
    satisfaction: Annotated[int, Field(ge=1, le=5, strict=True)] | None = None
    owner: Name | None = None
    closed: bool | None = None


class TicketQuery(In):
    """Which tickets."""

    q: Annotated[str, Constraints(max_length=100)] = ""
    owner: Name | None = None
    kind: Kind | None = None
    outcome: TicketOutcome | None = None
    channel: str | None = Field(None, max_length=16)
    since: Day | None = None
    until: Day | None = None
    due_by: Day | None = None
    talk_id: str | None = Field(None, max_length=40)
    cursor: str | None = Field(None, max_length=20, pattern=r"^\d{8}-\d{5,}$")


class TicketRecord(BaseModel):
    """A ticket."""

    id: str
    number: str
    query_number: str
    version: int
    created_at: datetime
    updated_at: datetime
    closed_at: datetime | None
    channel: str
    talk_id: str | None
    kind: Kind
    topic: str
    answer: str
    clauses: list[str]
    caller: str
    outcome: TicketOutcome
    passed_to: str
    due_on: date | None
    call_at: datetime | None
    satisfaction: int | None
    owner: str


class TicketPage(BaseModel):
    """Tickets, the latest first."""

    items: list[TicketRecord]
    next_cursor: str | None


class TicketDetail(BaseModel):
    """A ticket with all that was done with it."""

    ticket: TicketRecord
    events: list[EventRecord]


class ReminderRecord(BaseModel):
    """A ticket that its owner must see to now, and why."""

    why: Literal["call", "overdue", "today"]
    ticket: TicketRecord


class ReminderList(BaseModel):
    """What somebody must see to now."""

    items: list[ReminderRecord]
