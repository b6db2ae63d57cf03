"""Identities of an outside provider, and the moment of a call-back.

Revision: 0005.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bot.storage.columns import UtcDateTime

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table and the column."""
    op.create_table(
        "desk_identities",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("user_id", sa.String(36), nullable=False),
        sa.Column("called", sa.Text, nullable=False),
        sa.Column("linked", sa.Boolean, nullable=False),
        sa.Column("at", UtcDateTime, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_desk_identities"),
        sa.ForeignKeyConstraint(
            ["user_id"], ["desk_users.id"], name="fk_desk_identities_user_id", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_desk_identities_user_id", "desk_identities", ["user_id"])
    op.add_column("tickets", sa.Column("call_at", UtcDateTime))


def downgrade() -> None:
    """Remove them with what they hold."""
    op.drop_column("tickets", "call_at")
    op.drop_table("desk_identities")
