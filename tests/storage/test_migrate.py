"""bot.storage.migrate: the migrations make what the tables declare."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, inspect, text

from bot.errors import StorageError
from bot.storage.engine import Database, open_database
from bot.storage.migrate import (
    current_revision,
    differences,
    head_revision,
    known_revisions,
    upgrade,
)
from bot.storage.tables import Base

ROOT = Path(__file__).resolve().parents[2]
START = """
import asyncio, sys
from bot.storage.engine import open_database
from bot.storage.migrate import upgrade
async def main():
    database = await open_database(sys.argv[1])
    print(await upgrade(database))
    await database.close()
asyncio.run(main())
"""


async def test_an_empty_database_is_brought_up(empty_database: Database) -> None:
    assert await current_revision(empty_database) is None
    head = await head_revision()
    assert await upgrade(empty_database) == head
    assert await current_revision(empty_database) == head
    assert head in await known_revisions()


async def test_migrations_and_tables_agree(database: Database) -> None:
    assert await differences(database) == []


async def test_a_difference_would_be_seen(database: Database) -> None:
    async with database.begin() as session:
        await session.execute(text("ALTER TABLE turns ADD COLUMN stray INTEGER"))
    (found,) = await differences(database)
    assert found[0] == "remove_column" and found[3].name == "stray"


async def test_migrations_and_tables_agree_on_what_alembic_does_not_compare(
    database: Database,
) -> None:
    """Checks, keys and foreign keys by name and content, against create_all."""

    def describe(connection: Connection) -> dict[str, Any]:
        found: dict[str, Any] = {}
        inspector = inspect(connection)
        for table in Base.metadata.tables:
            checks = inspector.get_check_constraints(table)
            found[table] = (
                sorted((check["name"] or "", check["sqltext"]) for check in checks),
                inspector.get_pk_constraint(table),
                inspector.get_foreign_keys(table),
                sorted(
                    (str(index["name"]), index["column_names"], bool(index["unique"]))
                    for index in inspector.get_indexes(table)
                ),
            )
        return found

    async with database.begin() as session:
        connection = await session.connection()
        migrated = await connection.run_sync(describe)
        await connection.run_sync(Base.metadata.drop_all)
        await connection.run_sync(Base.metadata.create_all)
        declared = await connection.run_sync(describe)
    assert migrated == declared
    assert len(migrated["turns"][0]) == 3


async def test_strangers_in_the_database_are_left_alone(database: Database) -> None:
    async with database.begin() as session:
        await session.execute(text("CREATE TABLE events (id INTEGER)"))
        if database.dialect == "postgresql":
            await session.execute(text("CREATE SCHEMA rasa"))
            await session.execute(text("CREATE TABLE rasa.turns (id INTEGER)"))
    assert await differences(database) == []
    await upgrade(database)
    async with database.session() as session:
        assert await session.scalar(text("SELECT count(*) FROM events")) == 0


async def test_many_starts_in_one_process(empty_database: Database, database_url: str) -> None:
    others = [await open_database(database_url) for _ in range(4)]
    try:
        done = await asyncio.gather(*(upgrade(d) for d in [empty_database, *others]))
        assert set(done) == {await head_revision()}
        assert await differences(empty_database) == []
    finally:
        for other in others:
            await other.close()


async def test_several_processes_start_at_once(database_url: str) -> None:
    processes = [
        await asyncio.create_subprocess_exec(
            sys.executable,
            "-c",
            START,
            database_url,
            cwd=ROOT,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        for _ in range(3)
    ]
    outcomes = [await process.communicate() for process in processes]
    head = await head_revision()
    assert outcomes == [(f"{head}\n".encode(), b"")] * 3


async def test_a_database_newer_than_the_code(database: Database) -> None:
    async with database.begin() as session:
        await session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StorageError, match="9999"):
        await upgrade(database)
    assert await current_revision(database) == "9999"


async def test_a_fault_half_way_changes_nothing(empty_database: Database) -> None:
    async with empty_database.begin() as session:
        # In the way of the second table that the first migration makes.
        await session.execute(text("CREATE TABLE turns (x INTEGER)"))
    with pytest.raises(StorageError):
        await upgrade(empty_database)
    assert await current_revision(empty_database) is None
    async with empty_database.session() as session:
        connection = await session.connection()
        tables = await connection.run_sync(lambda sync: inspect(sync).get_table_names())
    assert tables == ["turns"]
