"""bot.storage.engine: URLs, files, transactions."""

from __future__ import annotations

import asyncio
import stat
from pathlib import Path

import pytest
from sqlalchemy import text

from bot.errors import SettingsError, StorageError
from bot.storage.engine import Database, open_database, sqlite_path
from tests.support.postgres import free_port


async def test_answers(empty_database: Database, database_url: str) -> None:
    await empty_database.ping()
    assert empty_database.dialect == database_url.partition(":")[0]


async def test_commits_and_rolls_back(empty_database: Database) -> None:
    async with empty_database.begin() as session:
        await session.execute(text("CREATE TABLE t (x INTEGER)"))
        await session.execute(text("INSERT INTO t VALUES (1)"))
    with pytest.raises(RuntimeError, match="on purpose"):
        async with empty_database.begin() as session:
            await session.execute(text("INSERT INTO t VALUES (2)"))
            raise RuntimeError("on purpose")
    async with empty_database.session() as session:
        assert (await session.scalars(text("SELECT x FROM t"))).all() == [1]


async def test_a_snapshot_does_not_move(empty_database: Database) -> None:
    async with empty_database.begin() as session:
        await session.execute(text("CREATE TABLE t (x INTEGER)"))
    async with empty_database.snapshot() as reader:
        assert await reader.scalar(text("SELECT count(*) FROM t")) == 0
        async with empty_database.begin() as session:
            await session.execute(text("INSERT INTO t VALUES (1)"))
        assert await reader.scalar(text("SELECT count(*) FROM t")) == 0
    async with empty_database.session() as session:
        assert await session.scalar(text("SELECT count(*) FROM t")) == 1


async def test_a_refused_statement_is_a_storage_error(empty_database: Database) -> None:
    with pytest.raises(StorageError) as caught:
        async with empty_database.session() as session:
            await session.execute(text("SELECT * FROM no_such_table"))
    assert "no_such_table" not in str(caught.value)
    assert caught.value.__cause__ is not None


async def test_the_callers_own_errors_pass_unchanged(empty_database: Database) -> None:
    with pytest.raises(FileNotFoundError):
        async with empty_database.session():
            raise FileNotFoundError("mine")


async def test_writers_of_two_pools_wait_for_each_other(
    empty_database: Database, database_url: str
) -> None:
    other = await open_database(database_url)
    async with empty_database.begin() as session:
        await session.execute(text("CREATE TABLE t (x INTEGER)"))
        await session.execute(text("INSERT INTO t VALUES (0)"))

    async def add_one(database: Database) -> None:
        async with database.begin() as session:
            lock = " FOR UPDATE" if database.dialect == "postgresql" else ""
            found = await session.scalar(text("SELECT x FROM t" + lock))
            await asyncio.sleep(0)
            await session.execute(text("UPDATE t SET x = :x"), {"x": found + 1})

    try:
        await asyncio.gather(*(add_one(d) for d in (empty_database, other) for _ in range(15)))
        async with other.session() as session:
            assert await session.scalar(text("SELECT x FROM t")) == 30
    finally:
        await other.close()


async def test_sqlite_file_is_private_and_in_wal_mode(tmp_path: Path) -> None:
    path = tmp_path / "new" / "folder" / "wence.db"
    database = await open_database(f"sqlite:///{path}")
    try:
        async with database.begin() as session:
            await session.execute(text("CREATE TABLE t (x INTEGER)"))
            settings = {
                name: await session.scalar(text(f"PRAGMA {name}"))
                for name in ("journal_mode", "busy_timeout", "foreign_keys", "synchronous")
            }
        assert settings == {
            "journal_mode": "wal",
            "busy_timeout": 5000,
            "foreign_keys": 1,
            "synchronous": 1,
        }
        for file in path.parent.iterdir():
            assert stat.S_IMODE(file.stat().st_mode) == 0o600, file
    finally:
        await database.close()


async def test_an_existing_file_is_made_private(tmp_path: Path) -> None:
    path = tmp_path / "wence.db"
    path.touch(0o644)
    await (await open_database(f"sqlite:///{path}")).close()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize(
    "url",
    [
        "",
        "nonsense",
        "mysql://u:hunter2@h/d",
        "sqlite+aiosqlite:///x.db",
        "postgresql+psycopg://u:hunter2@h/d",
        "sqlite://",
        "sqlite:///:memory:",
        "sqlite:///file:x?uri=true",
        "sqlite://u:hunter2@h/x.db",
        "postgresql://u:hunter2@h",
        "postgresql://u:hunter2@h:port/d",
        "postgresql://u:hunter2@h/d?nosuch=hunter2",
    ],
)
async def test_a_bad_url_names_the_setting_and_hides_the_password(url: str) -> None:
    with pytest.raises(SettingsError) as caught:
        await open_database(url)
    assert "WENCE_DATABASE_URL" in str(caught.value)
    assert "hunter2" not in str(caught.value)
    assert "\n" not in str(caught.value)
    assert caught.value.__cause__ is None


async def test_a_folder_in_place_of_the_file(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="WENCE_DATABASE_URL"):
        await open_database(f"sqlite:///{tmp_path}")


async def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    path = tmp_path / "wence.db"
    path.write_text("not a database, only text " * 100)
    with pytest.raises(SettingsError, match="WENCE_DATABASE_URL"):
        await open_database(f"sqlite:///{path}")


async def test_a_server_that_is_away() -> None:
    database = await open_database(f"postgresql://u:hunter2@127.0.0.1:{free_port()}/d")
    with pytest.raises(StorageError) as caught:
        await database.ping()
    assert "hunter2" not in str(caught.value)
    await database.close()


async def test_a_wrong_password(request: pytest.FixtureRequest) -> None:
    cluster = request.getfixturevalue("postgres")
    database = await open_database(f"postgresql://wence:wrong@127.0.0.1:{cluster.port}/postgres")
    with pytest.raises(StorageError):
        await database.ping()
    await database.close()


async def test_a_server_that_came_back(postgres_url: str) -> None:
    """Connections that died in the pool are noticed and replaced (pool_pre_ping)."""
    database, killer = await open_database(postgres_url), await open_database(postgres_url)
    await database.ping()
    async with killer.begin() as session:
        await session.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        )
    await database.ping()
    await database.close()
    await killer.close()


async def test_sqlite_path(tmp_path: Path) -> None:
    assert sqlite_path(f"sqlite:///{tmp_path}/a.db") == tmp_path / "a.db"
    assert sqlite_path("postgresql://u@h/d") is None
