"""Conversations and their turns.

Revision: 0001, the first.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bot.storage.columns import UtcDateTime

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make both tables."""
    op.create_table(
        "conversations",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("channel", sa.Text, nullable=False),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.Column("updated_at", UtcDateTime, nullable=False),
        sa.Column("next_seq", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_conversations"),
        sa.UniqueConstraint("key", name="uq_conversations_key"),
    )
    op.create_table(
        "turns",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("conversation_id", sa.String(36), nullable=False),
        sa.Column("seq", sa.Integer, nullable=False),
        sa.Column("message_id", sa.Text),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("replies", sa.JSON),
        sa.Column("kb_version", sa.Text),
        sa.Column("as_of", sa.Date),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("error", sa.Text),
        sa.Column("received_at", UtcDateTime, nullable=False),
        sa.Column("answered_at", UtcDateTime),
        sa.PrimaryKeyConstraint("id", name="pk_turns"),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversations.id"],
            name="fk_turns_conversation_id",
            ondelete="CASCADE",
        ),
        sa.UniqueConstraint("conversation_id", "seq", name="uq_turns_conversation_id_seq"),
        sa.UniqueConstraint(
            "conversation_id", "message_id", name="uq_turns_conversation_id_message_id"
        ),
        sa.CheckConstraint(
            "state IN ('received', 'answered', 'failed')", name=op.f("ck_turns_state")
        ),
        sa.CheckConstraint("seq >= 1", name=op.f("ck_turns_seq")),
        sa.CheckConstraint("attempts >= 1", name=op.f("ck_turns_attempts")),
    )
    op.create_index(
        "ix_turns_unfinished",
        "turns",
        ["received_at"],
        sqlite_where=sa.text("state = 'received'"),
        postgresql_where=sa.text("state = 'received'"),
    )


def downgrade() -> None:
    """Remove both tables with all they hold."""
    op.drop_table("turns")
    op.drop_table("conversations")
