"""Rasa's tracker, seen from outside: its tables are read as they are found.

Rasa makes them itself (``events``, and the turn channel's ``turn_records``), in a
SQLite file of its own or in a PostgreSQL schema of its own.
"""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.storage.engine import Database, open_database, sqlite_path

__all__ = ["TRACKER_TABLES", "open_tracker", "reflect", "tracker_file_exists"]

TRACKER_TABLES = ("events", "turn_records")
_VARIABLE = "WENCE_TRACKER_URL"


async def open_tracker(url: str) -> Database:
    """Open the tracker's database without changing how Rasa set it up.

    A SQLite file is made where there is none; see :func:`tracker_file_exists`.

    Raises:
        SettingsError: the URL is malformed or its file cannot be used.
    """
    return await open_database(url, variable=_VARIABLE, wal=False)


def tracker_file_exists(url: str) -> bool:
    """False where the URL names a SQLite file that is not there (or is empty)."""
    path = sqlite_path(url, variable=_VARIABLE)
    return path is None or (path.is_file() and path.stat().st_size > 0)


async def reflect(connection: AsyncConnection, schema: str | None) -> dict[str, sa.Table]:
    """Those of the tracker's tables that exist, by name."""

    def read(sync: sa.Connection) -> dict[str, sa.Table]:
        inspector = sa.inspect(sync)
        return {
            name: sa.Table(
                name, sa.MetaData(), schema=schema, autoload_with=sync, resolve_fks=False
            )
            for name in TRACKER_TABLES
            if inspector.has_table(name, schema=schema)
        }

    return await connection.run_sync(read)
