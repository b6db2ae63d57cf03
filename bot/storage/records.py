"""What the store hands out, and what it accepts."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from math import isfinite
from typing import Any, Literal

__all__ = [
    "ConversationState",
    "Counts",
    "Entry",
    "Open",
    "State",
    "Taken",
    "Turn",
    "Work",
    "check_id",
    "check_json",
    "check_text",
]

State = Literal["received", "answered", "failed"]
MAX_ID = 512
"""Longest key or id in characters; PostgreSQL's index entries end at 2,700 bytes."""


@dataclass(frozen=True, slots=True)
class Turn:
    """One message and its answer, as recorded.

    Attributes:
        turn_id: names the turn everywhere, also in Rasa.
        conversation_key: ``<channel>:<sender>``.
        seq: place among the conversation's turns, from 1, without gaps.
        position: place among the conversation's entries, replies counted too.
        kind: what came: ``text``, ``voice``, ``subscribe``…
        address: where the answer goes, in the channel's words.
        message_id: the channel's idempotency key, where it gave one.
        replies: what was answered; None until then.
        kb_version: the knowledge base that the answer rests on.
        as_of: the date that validity was judged by.
        attempts: how often it was begun, from 1; :meth:`TurnStore.reopen` adds one.
        error: why it failed, a code in snake_case.
        received_at, answered_at: instants in UTC.
    """

    turn_id: str
    conversation_key: str
    channel: str
    seq: int
    message_id: str | None
    state: State
    text: str
    replies: list[dict[str, Any]] | None
    kb_version: str | None
    as_of: date | None
    attempts: int
    error: str | None
    received_at: datetime
    answered_at: datetime | None
    kind: str = "text"
    position: int = 0
    address: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Work:
    """A turn that this process has claimed, with what is known of its conversation.

    Attributes:
        holder: the operator who has the conversation; the bot is silent then.
    """

    turn: Turn
    holder: str | None


@dataclass(frozen=True, slots=True)
class Open:
    """A part of a reply that this process has claimed for sending; see the outbox.

    Attributes:
        attempts: the number of this try, from 1.
        uncertain: an earlier try may have arrived.
        heard_at: when the person last wrote.
        sent_since_heard, sent_in_minute: parts sent actively since then, and lately.
    """

    id: str
    conversation_key: str
    channel: str
    turn_id: str | None
    address: dict[str, Any]
    part: dict[str, Any]
    attempts: int
    uncertain: bool
    created_at: datetime
    heard_at: datetime | None
    sent_since_heard: int
    sent_in_minute: int


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a conversation's log: what a person wrote, or a part of an answer.

    Attributes:
        position: its place; positions grow, gaps mean nothing.
        author: ``person``, ``bot`` or an operator's name.
        text: a person's words; empty for a part.
        part: what was sent, in the channel's own words; None for a person's words.
        state: of the turn or of the part.
    """

    position: int
    author: str
    at: datetime
    text: str
    part: dict[str, Any] | None
    turn_id: str | None
    message_id: str | None
    kind: str
    state: str


@dataclass(frozen=True, slots=True)
class ConversationState:
    """How a conversation stands.

    Attributes:
        position: of its latest entry, 0 where there is none.
        holder: the operator who has it.
        waiting_since: since when it waits for one.
        heard_at: when the person last wrote.
    """

    key: str
    channel: str
    position: int
    holder: str | None
    waiting_since: datetime | None
    heard_at: datetime | None
    address: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Taken:
    """The outcome of :meth:`TurnStore.take`; ``known`` when it was there already."""

    turn: Turn
    known: bool


@dataclass(frozen=True, slots=True)
class Counts:
    """Numbers of rows, for metrics."""

    conversations: int
    received: int
    answered: int
    failed: int


def check_text(value: str) -> None:
    """Refuse what PostgreSQL cannot store.

    Raises:
        ValueError: ``value`` holds NUL or a lone surrogate.
    """
    if "\0" in value:
        raise ValueError("text holds a NUL character")
    try:
        value.encode()
    except UnicodeEncodeError:
        raise ValueError("text holds a lone surrogate") from None


def check_json(value: object) -> None:
    """Refuse replies that are no JSON, or hold text that :func:`check_text` refuses.

    Raises:
        ValueError: says which.
    """
    if isinstance(value, str):
        check_text(value)
    elif isinstance(value, dict):
        for key, item in value.items():
            if not isinstance(key, str):
                raise ValueError("a key of a reply is no text")
            check_text(key)
            check_json(item)
    elif isinstance(value, list | tuple):
        for item in value:
            check_json(item)
    elif isinstance(value, float) and not isfinite(value):
        raise ValueError("a reply holds a number that JSON cannot express")
    elif not (value is None or isinstance(value, bool | int | float)):
        raise ValueError(f"a reply holds a {type(value).__name__}, which is no JSON")


def check_id(value: str) -> None:
    """Refuse an empty or overlong id, or one that :func:`check_text` refuses.

    Raises:
        ValueError: says which.
    """
    check_text(value)
    if not 1 <= len(value) <= MAX_ID:
        raise ValueError(f"an id has 1 to {MAX_ID} characters, not {len(value)}")
