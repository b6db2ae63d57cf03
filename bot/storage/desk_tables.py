"""The declarative tables of the hotline desk: people, sessions, tickets and what they share."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import (
    JSON,
    Boolean,
    CheckConstraint,
    Date,
    ForeignKey,
    Index,
    Integer,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from bot.storage.columns import UtcDateTime
from bot.storage.tables import VOLATILE, Base

__all__ = [
    "DeskAttemptRow",
    "DeskCannedRow",
    "DeskCorrectionRow",
    "DeskIdentityRow",
    "DeskLinkRow",
    "DeskNoteRow",
    "DeskNoticeRow",
    "DeskProposalRow",
    "DeskSessionRow",
    "DeskUserRow",
    "FeedbackRow",
    "TicketEventRow",
    "TicketRow",
]


class DeskUserRow(Base):
    """Somebody who works at the desk.

    ``name`` signs in, ``display`` is what a visitor sees. ``password`` is an argon2 hash,
    None until the person has set one. ``totp`` is the shared secret of the second factor in
    base32; ``totp_step`` the latest time step that was used, so that no code counts twice.
    ``seen_at`` is renewed while a desk is open; ``free`` says whether chats may be offered.
    """

    __tablename__ = "desk_users"
    __table_args__ = (
        UniqueConstraint("name"),
        CheckConstraint(
            "role IN ('operator', 'supervisor', 'editor', 'administrator')", name="role"
        ),
    )

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    display: Mapped[str] = mapped_column(Text)
    role: Mapped[str] = mapped_column(String(16))
    password: Mapped[str | None] = mapped_column(Text)
    totp: Mapped[str | None] = mapped_column(Text)
    totp_step: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    active: Mapped[bool] = mapped_column(Boolean)
    free: Mapped[bool] = mapped_column(Boolean)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    seen_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class DeskIdentityRow(Base):
    """Somebody whom an identity provider knows. ``id`` is a hash of issuer and subject.

    ``called`` is the name there, for an administrator to recognise. Not ``linked``: the name
    of ``user_id`` was asked for by somebody of whom nobody has said that it is theirs.
    """

    __tablename__ = "desk_identities"
    __table_args__ = (Index("ix_desk_identities_user_id", "user_id"),)

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[str] = mapped_column(
        String(36), ForeignKey("desk_users.id", ondelete="CASCADE")
    )
    called: Mapped[str] = mapped_column(Text)
    linked: Mapped[bool] = mapped_column(Boolean)
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class DeskSessionRow(Base):
    """A sign-in. ``id`` is a keyed hash of the cookie, which itself is stored nowhere.

    ``stage`` is ``code`` or ``enrol`` while the second factor is outstanding, else ``open``.
    """

    __tablename__ = "desk_sessions"
    __table_args__ = (
        CheckConstraint("stage IN ('code', 'enrol', 'open')", name="stage"),
        Index("ix_desk_sessions_user_id", "user_id"),
        {"info": {VOLATILE: True}},
    )

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[str] = mapped_column(
        String(36), ForeignKey("desk_users.id", ondelete="CASCADE")
    )
    stage: Mapped[str] = mapped_column(String(8))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)


class DeskLinkRow(Base):
    """A link that sets a password once. ``id`` is a keyed hash of its token."""

    __tablename__ = "desk_links"
    __table_args__ = ({"info": {VOLATILE: True}},)

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[str] = mapped_column(
        String(36), ForeignKey("desk_users.id", ondelete="CASCADE")
    )
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)


class DeskAttemptRow(Base):
    """Failed sign-ins by name, whether or not there is such a user."""

    __tablename__ = "desk_attempts"
    __table_args__ = ({"info": {VOLATILE: True}},)

    name: Mapped[str] = mapped_column(Text, primary_key=True)
    failures: Mapped[int] = mapped_column(Integer)
    until: Mapped[datetime] = mapped_column(UtcDateTime)
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class TicketRow(Base):
    """A call or chat on record. ``owner`` is a user's name and never empty (首问负责).

    ``query_number`` lets the caller ask how it stands without naming themselves; ``caller``
    holds what they chose to leave. ``version`` grows with each change. ``due_on`` is the last
    day, ``call_at`` the moment at which the caller is to be called back.
    """

    __tablename__ = "tickets"
    __table_args__ = (
        UniqueConstraint("number"),
        UniqueConstraint("query_number"),
        CheckConstraint("length(owner) > 0", name="owner"),
        CheckConstraint(
            "kind IN ('consult', 'help', 'complaint', 'report', 'suggestion')", name="kind"
        ),
        CheckConstraint("outcome IN ('open', 'answered', 'call_back', 'passed')", name="outcome"),
        CheckConstraint("satisfaction BETWEEN 1 AND 5", name="satisfaction"),
        Index("ix_tickets_created_at", "created_at"),
        Index("ix_tickets_owner", "owner"),
        Index("ix_tickets_conversation_id", "conversation_id"),
        Index(
            "ix_tickets_due_on",
            "due_on",
            sqlite_where=text("closed_at IS NULL"),
            postgresql_where=text("closed_at IS NULL"),
        ),
    )

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    number: Mapped[str] = mapped_column(String(20))
    query_number: Mapped[str] = mapped_column(String(20))
    version: Mapped[int] = mapped_column(Integer)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    channel: Mapped[str] = mapped_column(String(16))
    conversation_id: Mapped[str | None] = mapped_column(
        String(36), ForeignKey("conversations.id", ondelete="SET NULL")
    )
    kind: Mapped[str] = mapped_column(String(16))
    topic: Mapped[str] = mapped_column(Text)
    answer: Mapped[str] = mapped_column(Text)
    clauses: Mapped[list[str]] = mapped_column(JSON)
    caller: Mapped[str] = mapped_column(Text)
    outcome: Mapped[str] = mapped_column(String(16))
    passed_to: Mapped[str] = mapped_column(Text)
    due_on: Mapped[date | None] = mapped_column(Date)
    satisfaction: Mapped[int | None] = mapped_column(Integer)
    owner: Mapped[str] = mapped_column(Text)
    call_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class TicketEventRow(Base):
    """What was done with a ticket; ``text`` is a note or names the fields that changed."""

    __tablename__ = "ticket_events"
    __table_args__ = (Index("ix_ticket_events_ticket_id_at", "ticket_id", "at"),)

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    ticket_id: Mapped[str] = mapped_column(String(36), ForeignKey("tickets.id", ondelete="CASCADE"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    who: Mapped[str] = mapped_column(Text)
    what: Mapped[str] = mapped_column(String(16))
    text: Mapped[str] = mapped_column(Text)


class DeskNoteRow(Base):
    """A private note on a conversation; gone with it."""

    __tablename__ = "desk_notes"
    __table_args__ = (Index("ix_desk_notes_conversation_id_at", "conversation_id", "at"),)

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    conversation_id: Mapped[str] = mapped_column(
        String(36), ForeignKey("conversations.id", ondelete="CASCADE")
    )
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    who: Mapped[str] = mapped_column(Text)
    text: Mapped[str] = mapped_column(Text)


class DeskCannedRow(Base):
    """A reply kept ready for all operators."""

    __tablename__ = "desk_canned"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    title: Mapped[str] = mapped_column(Text)
    text: Mapped[str] = mapped_column(Text)
    who: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class DeskNoticeRow(Base):
    """An urgent notice, pinned above the search until it is over."""

    __tablename__ = "desk_notices"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    text: Mapped[str] = mapped_column(Text)
    until: Mapped[datetime] = mapped_column(UtcDateTime)
    who: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class DeskCorrectionRow(Base):
    """A report that a record is wrong (纠错); ``subject`` is a clause's or programme's id."""

    __tablename__ = "desk_corrections"
    __table_args__ = (CheckConstraint("state IN ('open', 'accepted', 'declined')", name="state"),)

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    subject: Mapped[str] = mapped_column(Text)
    text: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(16))
    who: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    settled_by: Mapped[str | None] = mapped_column(Text)
    settled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class DeskProposalRow(Base):
    """A question that somebody proposes to add to a clause."""

    __tablename__ = "desk_proposals"
    __table_args__ = (
        UniqueConstraint("clause_id", "question"),
        CheckConstraint("state IN ('open', 'accepted', 'declined', 'written')", name="state"),
    )

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    clause_id: Mapped[str] = mapped_column(Text)
    question: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(16))
    who: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    settled_by: Mapped[str | None] = mapped_column(Text)
    settled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class FeedbackRow(Base):
    """What a person thinks of an answer; the latest word counts."""

    __tablename__ = "feedback"
    __table_args__ = (
        CheckConstraint("value IN ('up', 'down')", name="value"),
        Index("ix_feedback_at", "at"),
    )

    turn_id: Mapped[str] = mapped_column(
        Text, ForeignKey("turns.id", ondelete="CASCADE"), primary_key=True
    )
    value: Mapped[str] = mapped_column(String(8))
    reason: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
