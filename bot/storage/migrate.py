"""Migrations: bring a database to the structure that this code expects.

Alembic is configured here, in code; its scripts stand in ``migrations/versions``,
one a change, written by hand. Rasa's tracker tables are none of its business.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util.exc import CommandError
from sqlalchemy import Connection, text

from bot.errors import StorageError
from bot.storage.engine import Database
from bot.storage.tables import Base

__all__ = ["current_revision", "differences", "head_revision", "known_revisions", "upgrade"]

_ADVISORY_LOCK = 0x57656E4365  # "WenCe": any number, the same for every process


async def upgrade(database: Database) -> str:
    """Bring the database to the newest revision and return that.

    Everything happens in one transaction that other starting processes wait for:
    SQLite's write lock, on PostgreSQL an advisory lock. A fault changes nothing.

    Raises:
        StorageError: the database is away, or of a revision that this code does not know.
    """
    async with database.begin() as session:
        connection = await session.connection()
        if database.dialect == "postgresql":
            await connection.execute(
                text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ADVISORY_LOCK}
            )
        return await connection.run_sync(_upgrade)


async def current_revision(database: Database) -> str | None:
    """The revision the database is at; None where it was never migrated.

    Raises:
        StorageError: the database is away.
    """
    async with database.session() as session:
        connection = await session.connection()
        return await connection.run_sync(
            lambda sync: MigrationContext.configure(sync).get_current_revision()
        )


async def differences(database: Database) -> list[Any]:
    """What Alembic would have to change for the database to match the declarative tables."""

    def compare(connection: Connection) -> list[Any]:
        context = MigrationContext.configure(
            connection,
            opts={
                "compare_type": True,
                "compare_server_default": True,
                "include_name": _is_ours,
            },
        )
        return list(compare_metadata(context, Base.metadata))

    async with database.session() as session:
        connection = await session.connection()
        return await connection.run_sync(compare)


async def head_revision() -> str:
    """The newest revision that this code knows."""
    return await asyncio.to_thread(lambda: _scripts()[1].get_current_head() or "")


async def known_revisions() -> frozenset[str]:
    """Every revision that this code knows."""
    return await asyncio.to_thread(
        lambda: frozenset(script.revision for script in _scripts()[1].walk_revisions())
    )


def _scripts() -> tuple[Config, ScriptDirectory]:
    config = Config()
    folder = Path(__file__).resolve().parent / "migrations"
    # "%" is special to the parser behind Config.
    config.set_main_option("script_location", str(folder).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config, ScriptDirectory.from_config(config)


def _upgrade(connection: Connection) -> str:
    config, scripts = _scripts()
    head = scripts.get_current_head() or ""
    current = MigrationContext.configure(connection).get_current_revision()
    if current == head:
        return head
    with _unknown_revision(current):
        if current is not None:
            scripts.get_revision(current)

    def steps(revision: Any, _context: MigrationContext) -> Any:
        return scripts._upgrade_revs(head, revision)

    with EnvironmentContext(config, scripts, fn=steps, destination_rev=head) as environment:
        environment.configure(
            connection=connection,
            target_metadata=Base.metadata,
            include_name=_is_ours,
            # SQLite can: the driver's habit of committing before DDL is off (see engine).
            transactional_ddl=True,
        )
        environment.run_migrations()
    return head


@contextmanager
def _unknown_revision(current: str | None) -> Iterator[None]:
    try:
        yield
    except CommandError as error:
        raise StorageError(
            f"数据库的结构版本是 {current}，本程序不认识：它来自更新的版本，请先升级本程序"
        ) from error


def _is_ours(name: str | None, type_: str, _parents: object) -> bool:
    """Whether autogenerate looks at it: our own tables in the default schema only.

    Whoever shares the database (Rasa's tracker, a neighbour) keeps what is theirs.
    """
    if type_ == "schema":
        return name is None
    if type_ == "table":
        return name in Base.metadata.tables
    return True
