"""Instants that the database compares: one clock for all processes of one database."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import func, literal

from bot.storage.columns import UtcDateTime
from bot.storage.engine import Database

__all__ = ["moment"]


def moment(database: Database, after: timedelta = timedelta(0)) -> Any:
    """The present, or so long after it, as an SQL expression.

    On PostgreSQL it is the server's clock, which all processes share; with SQLite there
    is one machine, and its clock serves.
    """
    if database.dialect == "postgresql":
        return func.now() + after
    return literal(datetime.now(UTC) + after, UtcDateTime)
