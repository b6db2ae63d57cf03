"""The declarative tables of the service.

Rasa's tracker is not here: it has its own SQLite file or PostgreSQL schema and
creates its own tables.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    CheckConstraint,
    Date,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from bot.storage.columns import UtcDateTime

__all__ = [
    "VOLATILE",
    "AuditRow",
    "Base",
    "ConversationRow",
    "LeaseRow",
    "OutboxRow",
    "ProfileRow",
    "TokenRow",
    "TurnRow",
]

VOLATILE = "volatile"
"""Marks a table whose rows are worth nothing tomorrow: no backup holds them."""


class Base(DeclarativeBase):
    """Root of the tables; constraint names are derived so that migrations can name them."""

    metadata = MetaData(
        naming_convention={
            "pk": "pk_%(table_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        }
    )


class ConversationRow(Base):
    """One person on one channel.

    ``key`` is ``<channel>:<sender>``. ``next_seq`` is the number that the
    conversation's next turn will get, ``next_position`` the place of the next entry,
    be it a message or a part of a reply; both start at 1. ``address`` is what the
    channel needs to reach the person, as it was with the latest message.

    ``pending_at`` is when the oldest message that waits came, or None; the process that
    works it says so in ``claimed_by`` until ``claimed_until``. ``holder`` is the operator
    who has the conversation, ``waiting_since`` is set while it waits for one.
    """

    __tablename__ = "conversations"
    __table_args__ = (
        # What waits: few rows, in order of arrival, found without a scan.
        Index(
            "ix_conversations_pending",
            "pending_at",
            sqlite_where=text("pending_at IS NOT NULL"),
            postgresql_where=text("pending_at IS NOT NULL"),
        ),
        Index(
            "ix_conversations_waiting",
            "waiting_since",
            sqlite_where=text("waiting_since IS NOT NULL"),
            postgresql_where=text("waiting_since IS NOT NULL"),
        ),
    )

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    key: Mapped[str] = mapped_column(Text, unique=True)
    channel: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)
    next_seq: Mapped[int] = mapped_column(Integer)
    next_position: Mapped[int] = mapped_column(Integer, server_default=text("1"))
    address: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    heard_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    pending_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    claimed_by: Mapped[str | None] = mapped_column(Text)
    claimed_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    holder: Mapped[str | None] = mapped_column(Text)
    waiting_since: Mapped[datetime | None] = mapped_column(UtcDateTime)


class TurnRow(Base):
    """One message and what was answered to it.

    ``message_id`` is the channel's idempotency key; rows without one never
    collide, since NULLs are distinct in a unique constraint. ``kind`` says what came
    (``text``, ``voice``, ``subscribe``…); ``position`` is the place among the
    conversation's entries; ``address`` is where this message's answer goes.
    """

    __tablename__ = "turns"
    __table_args__ = (
        UniqueConstraint("conversation_id", "seq"),
        UniqueConstraint("conversation_id", "message_id"),
        CheckConstraint("state IN ('received', 'answered', 'failed')", name="state"),
        CheckConstraint("seq >= 1", name="seq"),
        CheckConstraint("attempts >= 1", name="attempts"),
        # What a start must take up again: few rows, found without a scan.
        Index(
            "ix_turns_unfinished",
            "received_at",
            sqlite_where=text("state = 'received'"),
            postgresql_where=text("state = 'received'"),
        ),
    )

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    conversation_id: Mapped[str] = mapped_column(
        String(36), ForeignKey("conversations.id", ondelete="CASCADE")
    )
    seq: Mapped[int] = mapped_column(Integer)
    message_id: Mapped[str | None] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(16))
    kind: Mapped[str] = mapped_column(String(16), server_default=text("'text'"))
    position: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    address: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    text: Mapped[str] = mapped_column(Text)
    replies: Mapped[list[dict[str, Any]] | None] = mapped_column(JSON(none_as_null=True))
    kb_version: Mapped[str | None] = mapped_column(Text)
    as_of: Mapped[date | None] = mapped_column(Date)
    attempts: Mapped[int] = mapped_column(Integer)
    error: Mapped[str | None] = mapped_column(Text)
    received_at: Mapped[datetime] = mapped_column(UtcDateTime)
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class ProfileRow(Base):
    """What a firm has told of itself, so that nothing is asked twice.

    ``owner`` is the conversation's key (``<channel>:<sender>``); ``facts`` maps ids of
    facts.yml to values as ``POST /api/v1/eligibility`` takes them.
    """

    __tablename__ = "profiles"

    owner: Mapped[str] = mapped_column(Text, primary_key=True)
    facts: Mapped[dict[str, Any]] = mapped_column(JSON)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)


class OutboxRow(Base):
    """One part of a reply: what one call to the platform carries.

    ``author`` is ``bot`` or an operator's name. ``part`` is ready to be sent, in the
    platform's own words; ``address`` is where to. ``due_at`` is when it may be tried
    (next); ``uncertain`` says that an earlier try may have arrived.
    """

    __tablename__ = "outbox"
    __table_args__ = (
        UniqueConstraint("conversation_id", "position"),
        CheckConstraint(
            "state IN ('pending', 'sending', 'sent', 'waiting', 'parked')", name="state"
        ),
        Index("ix_outbox_turn_id", "turn_id"),
        # What is still to go, few rows; in order within each conversation.
        Index(
            "ix_outbox_open",
            "conversation_id",
            "position",
            sqlite_where=text("state IN ('pending', 'sending', 'waiting')"),
            postgresql_where=text("state IN ('pending', 'sending', 'waiting')"),
        ),
    )

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    conversation_id: Mapped[str] = mapped_column(
        String(36), ForeignKey("conversations.id", ondelete="CASCADE")
    )
    position: Mapped[int] = mapped_column(Integer)
    turn_id: Mapped[str | None] = mapped_column(Text)
    author: Mapped[str] = mapped_column(Text)
    address: Mapped[dict[str, Any]] = mapped_column(JSON)
    part: Mapped[dict[str, Any]] = mapped_column(JSON)
    state: Mapped[str] = mapped_column(String(16))
    attempts: Mapped[int] = mapped_column(Integer)
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    claimed_by: Mapped[str | None] = mapped_column(Text)
    claimed_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    uncertain: Mapped[bool] = mapped_column(Boolean)
    via: Mapped[str | None] = mapped_column(String(16))
    error: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class TokenRow(Base):
    """An access token of a platform, shared by all processes; worth nothing in a backup."""

    __tablename__ = "tokens"
    __table_args__ = ({"info": {VOLATILE: True}},)

    name: Mapped[str] = mapped_column(Text, primary_key=True)
    value: Mapped[str] = mapped_column(Text)
    fetched_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)


class LeaseRow(Base):
    """Who does what only one process may do, and until when."""

    __tablename__ = "leases"
    __table_args__ = ({"info": {VOLATILE: True}},)

    name: Mapped[str] = mapped_column(Text, primary_key=True)
    holder: Mapped[str] = mapped_column(Text)
    until: Mapped[datetime] = mapped_column(UtcDateTime)


class AuditRow(Base):
    """What concerns security: who did or tried what, and when; never a body or a secret."""

    __tablename__ = "audit"
    __table_args__ = (Index("ix_audit_at", "at"),)

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    who: Mapped[str] = mapped_column(Text)
    what: Mapped[str] = mapped_column(Text)
    detail: Mapped[dict[str, Any]] = mapped_column(JSON)
