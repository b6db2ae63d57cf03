"""The tables of the hotline desk.

Revision: 0004.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bot.storage.columns import UtcDateTime

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_TABLES = (
    "desk_users",
    "desk_sessions",
    "desk_links",
    "desk_attempts",
    "tickets",
    "ticket_events",
    "desk_notes",
    "desk_canned",
    "desk_notices",
    "desk_corrections",
    "desk_proposals",
    "feedback",
)


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "desk_users",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("display", sa.Text, nullable=False),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("password", sa.Text),
        sa.Column("totp", sa.Text),
        sa.Column("totp_step", sa.Integer, nullable=False, server_default=sa.text("0")),
        sa.Column("active", sa.Boolean, nullable=False),
        sa.Column("free", sa.Boolean, nullable=False),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.Column("seen_at", UtcDateTime),
        sa.PrimaryKeyConstraint("id", name="pk_desk_users"),
        sa.CheckConstraint(
            "role IN ('operator', 'supervisor', 'editor', 'administrator')",
            name=op.f("ck_desk_users_role"),
        ),
        sa.UniqueConstraint("name", name="uq_desk_users_name"),
    )
    op.create_table(
        "desk_sessions",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("user_id", sa.String(36), nullable=False),
        sa.Column("stage", sa.String(8), nullable=False),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.Column("seen_at", UtcDateTime, nullable=False),
        sa.Column("expires_at", UtcDateTime, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_desk_sessions"),
        sa.CheckConstraint(
            "stage IN ('code', 'enrol', 'open')", name=op.f("ck_desk_sessions_stage")
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["desk_users.id"], name="fk_desk_sessions_user_id", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_desk_sessions_user_id", "desk_sessions", ["user_id"])
    op.create_table(
        "desk_links",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("user_id", sa.String(36), nullable=False),
        sa.Column("expires_at", UtcDateTime, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_desk_links"),
        sa.ForeignKeyConstraint(
            ["user_id"], ["desk_users.id"], name="fk_desk_links_user_id", ondelete="CASCADE"
        ),
    )
    op.create_table(
        "desk_attempts",
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("until", UtcDateTime, nullable=False),
        sa.Column("at", UtcDateTime, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_desk_attempts"),
    )
    op.create_table(
        "tickets",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("number", sa.String(20), nullable=False),
        sa.Column("query_number", sa.String(20), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.Column("updated_at", UtcDateTime, nullable=False),
        sa.Column("closed_at", UtcDateTime),
        sa.Column("channel", sa.String(16), nullable=False),
        sa.Column("conversation_id", sa.String(36)),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("topic", sa.Text, nullable=False),
        sa.Column("answer", sa.Text, nullable=False),
        sa.Column("clauses", sa.JSON, nullable=False),
        sa.Column("caller", sa.Text, nullable=False),
        sa.Column("outcome", sa.String(16), nullable=False),
        sa.Column("passed_to", sa.Text, nullable=False),
        sa.Column("due_on", sa.Date),
        sa.Column("satisfaction", sa.Integer),
        sa.Column("owner", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_tickets"),
        sa.CheckConstraint(
            "kind IN ('consult', 'help', 'complaint', 'report', 'suggestion')",
            name=op.f("ck_tickets_kind"),
        ),
        sa.CheckConstraint(
            "outcome IN ('open', 'answered', 'call_back', 'passed')",
            name=op.f("ck_tickets_outcome"),
        ),
        sa.CheckConstraint("length(owner) > 0", name=op.f("ck_tickets_owner")),
        sa.CheckConstraint("satisfaction BETWEEN 1 AND 5", name=op.f("ck_tickets_satisfaction")),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversations.id"],
            name="fk_tickets_conversation_id",
            ondelete="SET NULL",
        ),
        sa.UniqueConstraint("number", name="uq_tickets_number"),
        sa.UniqueConstraint("query_number", name="uq_tickets_query_number"),
    )
    op.create_index("ix_tickets_conversation_id", "tickets", ["conversation_id"])
    op.create_index("ix_tickets_created_at", "tickets", ["created_at"])
    op.create_index(
        "ix_tickets_due_on",
        "tickets",
        ["due_on"],
        sqlite_where=sa.text("closed_at IS NULL"),
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.create_index("ix_tickets_owner", "tickets", ["owner"])
    op.create_table(
        "ticket_events",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("ticket_id", sa.String(36), nullable=False),
        sa.Column("at", UtcDateTime, nullable=False),
        sa.Column("who", sa.Text, nullable=False),
        sa.Column("what", sa.String(16), nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_ticket_events"),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["tickets.id"], name="fk_ticket_events_ticket_id", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_ticket_events_ticket_id_at", "ticket_events", ["ticket_id", "at"])
    op.create_table(
        "desk_notes",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("conversation_id", sa.String(36), nullable=False),
        sa.Column("at", UtcDateTime, nullable=False),
        sa.Column("who", sa.Text, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_desk_notes"),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversations.id"],
            name="fk_desk_notes_conversation_id",
            ondelete="CASCADE",
        ),
    )
    op.create_index("ix_desk_notes_conversation_id_at", "desk_notes", ["conversation_id", "at"])
    op.create_table(
        "desk_canned",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("who", sa.Text, nullable=False),
        sa.Column("at", UtcDateTime, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_desk_canned"),
    )
    op.create_table(
        "desk_notices",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("until", UtcDateTime, nullable=False),
        sa.Column("who", sa.Text, nullable=False),
        sa.Column("at", UtcDateTime, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_desk_notices"),
    )
    op.create_table(
        "desk_corrections",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("who", sa.Text, nullable=False),
        sa.Column("at", UtcDateTime, nullable=False),
        sa.Column("settled_by", sa.Text),
        sa.Column("settled_at", UtcDateTime),
        sa.PrimaryKeyConstraint("id", name="pk_desk_corrections"),
        sa.CheckConstraint(
            "state IN ('open', 'accepted', 'declined')", name=op.f("ck_desk_corrections_state")
        ),
    )
    op.create_table(
        "desk_proposals",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("clause_id", sa.Text, nullable=False),
        sa.Column("question", sa.Text, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("who", sa.Text, nullable=False),
        sa.Column("at", UtcDateTime, nullable=False),
        sa.Column("settled_by", sa.Text),
        sa.Column("settled_at", UtcDateTime),
        sa.PrimaryKeyConstraint("id", name="pk_desk_proposals"),
        sa.CheckConstraint(
            "state IN ('open', 'accepted', 'declined', 'written')",
            name=op.f("ck_desk_proposals_state"),
        ),
        sa.UniqueConstraint("clause_id", "question", name="uq_desk_proposals_clause_id_question"),
    )
    op.create_table(
        "feedback",
        sa.Column("turn_id", sa.Text, nullable=False),
        sa.Column("value", sa.String(8), nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("at", UtcDateTime, nullable=False),
        sa.PrimaryKeyConstraint("turn_id", name="pk_feedback"),
        sa.CheckConstraint("value IN ('up', 'down')", name=op.f("ck_feedback_value")),
        sa.ForeignKeyConstraint(
            ["turn_id"], ["turns.id"], name="fk_feedback_turn_id", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_feedback_at", "feedback", ["at"])


def downgrade() -> None:
    """Remove the tables with all they hold."""
    for table in reversed(_TABLES):
        op.drop_table(table)
