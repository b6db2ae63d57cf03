"""Conversations that a person takes over."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, Field

from bot.api.models import plain
from bot.desk.schemas.common import EventRecord, In, Name, Said

__all__ = ["Accepted", "EntryList", "EntryRecord", "HandOver", "SayBody", "TalkList", "TalkRecord"]


class TalkRecord(BaseModel):
    """A conversation that waits for or is with a person."""

    id: str
    channel: str
    holder: str | None
    waiting_since: datetime | None
    heard_at: datetime | None
    last: str


class TalkList(BaseModel):
    """All of them; who waited longest first."""

    items: list[TalkRecord]


class EntryRecord(BaseModel):
    """One line of a conversation."""

    position: int
    author: str
    at: datetime
    text: str
    state: str
    understood: dict[str, Any] | None = Field(
        description="机器人的答复：类型、条款、事项；人说的话为 null"
    )


class EntryList(BaseModel):
    """A conversation's lines after a position, with its private notes."""

    talk: TalkRecord
    entries: list[EntryRecord]
    notes: list[EventRecord]


class Accepted(BaseModel):
    """The conversation that was accepted."""

    talk: TalkRecord


class SayBody(In):
    """An operator's words, with the clauses that go along."""

    text: Said
    clauses: list[plain(100)] = Field(default_factory=list, max_length=5)  # type: ignore[valid-type]


class HandOver(In):
    """Where a conversation goes: to a user, to the queue, or back to the bot."""

    to: Literal["user", "queue", "bot"]
    name: Name | None = None
