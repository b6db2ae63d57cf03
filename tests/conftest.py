"""What several rooms test on: both databases, empty and migrated."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
import pytest_asyncio

from bot.storage.engine import Database, open_database
from bot.storage.migrate import upgrade
from tests.support.postgres import Cluster, postgres

__all__ = ["postgres"]

MakeUrl = Callable[[str], str]
OpenUrl = Callable[[str], Awaitable[Database]]


@pytest.fixture
def make_url(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[MakeUrl]:
    """Makes empty databases; ``make_url(dialect)`` is the URL of a new one."""
    made: list[tuple[Cluster, str]] = []

    def make(dialect: str) -> str:
        if dialect == "sqlite":
            folder = tmp_path / f"sqlite-{len(list(tmp_path.iterdir()))}"
            folder.mkdir()
            return f"sqlite:///{folder / 'wence.db'}"
        cluster: Cluster = request.getfixturevalue("postgres")
        made.append((cluster, cluster.create_database()))
        return made[-1][1]

    yield make
    for cluster, url in made:
        cluster.drop(url)


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, make_url: MakeUrl) -> str:
    """The URL of an empty database, once on SQLite and once on PostgreSQL."""
    return make_url(request.param)


@pytest.fixture
def postgres_url(make_url: MakeUrl) -> str:
    """The URL of an empty PostgreSQL database."""
    return make_url("postgresql")


@pytest_asyncio.fixture
async def open_url() -> AsyncIterator[OpenUrl]:
    """Opens databases and closes them afterwards."""
    async with AsyncExitStack() as stack:

        async def open_(url: str) -> Database:
            database = await open_database(url)
            stack.push_async_callback(database.close)
            return database

        yield open_


@pytest_asyncio.fixture
async def empty_database(database_url: str, open_url: OpenUrl) -> Database:
    """That database opened, without tables."""
    return await open_url(database_url)


@pytest_asyncio.fixture
async def database(empty_database: Database) -> Database:
    """That database with all migrations run."""
    await upgrade(empty_database)
    return empty_database
