"""What waits, who works it, and what is still to be delivered.

Revision: 0003.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

from bot.storage.columns import UtcDateTime

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_PENDING, _WAITING = sa.text("pending_at IS NOT NULL"), sa.text("waiting_since IS NOT NULL")
_OPEN = sa.text("state IN ('pending', 'sending', 'waiting')")


def _of_conversations() -> tuple[sa.Column[Any], ...]:
    return (
        sa.Column("next_position", sa.Integer, nullable=False, server_default=sa.text("1")),
        sa.Column("address", sa.JSON),
        sa.Column("heard_at", UtcDateTime),
        sa.Column("pending_at", UtcDateTime),
        sa.Column("claimed_by", sa.Text),
        sa.Column("claimed_until", UtcDateTime),
        sa.Column("holder", sa.Text),
        sa.Column("waiting_since", UtcDateTime),
    )


def _of_turns() -> tuple[sa.Column[Any], ...]:
    return (
        sa.Column("kind", sa.String(16), nullable=False, server_default=sa.text("'text'")),
        sa.Column("position", sa.Integer, nullable=False, server_default=sa.text("0")),
        sa.Column("address", sa.JSON),
    )


def upgrade() -> None:
    """Add the columns, number what is there, and make the tables."""
    for table, columns in (("conversations", _of_conversations()), ("turns", _of_turns())):
        for added in columns:
            op.add_column(table, added)
    op.execute("UPDATE turns SET position = seq")
    op.execute("UPDATE conversations SET next_position = next_seq, heard_at = updated_at")
    op.execute(
        "UPDATE conversations SET pending_at = (SELECT min(received_at) FROM turns"
        " WHERE turns.conversation_id = conversations.id AND turns.state = 'received')"
    )
    for name, column, where in (
        ("ix_conversations_pending", "pending_at", _PENDING),
        ("ix_conversations_waiting", "waiting_since", _WAITING),
    ):
        op.create_index(name, "conversations", [column], sqlite_where=where, postgresql_where=where)
    op.create_table(
        "outbox",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("conversation_id", sa.String(36), nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("turn_id", sa.Text),
        sa.Column("author", sa.Text, nullable=False),
        sa.Column("address", sa.JSON, nullable=False),
        sa.Column("part", sa.JSON, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("due_at", UtcDateTime, nullable=False),
        sa.Column("claimed_by", sa.Text),
        sa.Column("claimed_until", UtcDateTime),
        sa.Column("uncertain", sa.Boolean, nullable=False),
        sa.Column("via", sa.String(16)),
        sa.Column("error", sa.Text),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.Column("sent_at", UtcDateTime),
        sa.PrimaryKeyConstraint("id", name="pk_outbox"),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversations.id"],
            name="fk_outbox_conversation_id",
            ondelete="CASCADE",
        ),
        sa.UniqueConstraint(
            "conversation_id", "position", name="uq_outbox_conversation_id_position"
        ),
        sa.CheckConstraint(
            "state IN ('pending', 'sending', 'sent', 'waiting', 'parked')",
            name=op.f("ck_outbox_state"),
        ),
    )
    op.create_index("ix_outbox_turn_id", "outbox", ["turn_id"])
    op.create_index(
        "ix_outbox_open",
        "outbox",
        ["conversation_id", "position"],
        sqlite_where=_OPEN,
        postgresql_where=_OPEN,
    )
    op.create_table(
        "tokens",
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("value", sa.Text, nullable=False),
        sa.Column("fetched_at", UtcDateTime, nullable=False),
        sa.Column("expires_at", UtcDateTime, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_tokens"),
    )
    op.create_table(
        "leases",
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("holder", sa.Text, nullable=False),
        sa.Column("until", UtcDateTime, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_leases"),
    )
    op.create_table(
        "audit",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("at", UtcDateTime, nullable=False),
        sa.Column("who", sa.Text, nullable=False),
        sa.Column("what", sa.Text, nullable=False),
        sa.Column("detail", sa.JSON, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_audit"),
    )
    op.create_index("ix_audit_at", "audit", ["at"])


def downgrade() -> None:
    """Remove the tables and columns with all they hold."""
    for table in ("audit", "leases", "tokens", "outbox"):
        op.drop_table(table)
    op.drop_index("ix_conversations_waiting", "conversations")
    op.drop_index("ix_conversations_pending", "conversations")
    for column in _of_turns():
        op.drop_column("turns", column.name)
    for column in reversed(_of_conversations()):
        op.drop_column("conversations", column.name)
