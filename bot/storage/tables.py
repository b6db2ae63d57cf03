"""The declarative tables of the service.

Rasa's tracker is not here: it has its own SQLite file or PostgreSQL schema and
creates its own tables.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    JSON,
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

__all__ = ["Base", "ConversationRow", "ProfileRow", "TurnRow"]


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

    ``key`` is ``<channel>:<sender>``; ``next_seq`` is the number that the
    conversation's next turn will get, starting at 1.
    """

    __tablename__ = "conversations"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    key: Mapped[str] = mapped_column(Text, unique=True)
    channel: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)
    next_seq: Mapped[int] = mapped_column(Integer)


class TurnRow(Base):
    """One message and what was answered to it.

    ``message_id`` is the channel's idempotency key; rows without one never
    collide, since NULLs are distinct in a unique constraint.
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
