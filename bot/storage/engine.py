"""The engine: one URL in, one :class:`Database` out.

``sqlite:///path`` is served by aiosqlite, ``postgresql://…`` by asyncpg; the
URL names no driver. Outside :mod:`bot.storage` nobody sees SQLAlchemy's errors:
they leave :meth:`Database.session` and :meth:`Database.begin` as
:class:`~bot.errors.StorageError` with the cause chained.
"""

from __future__ import annotations

import asyncio
import json
import os
import sqlite3
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, closing, contextmanager, nullcontext
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, event, make_url, text
from sqlalchemy.exc import ArgumentError, DataError, DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine

from bot.errors import SettingsError, StorageError
from bot.storage.bus import CHANNEL, Bus, Word

__all__ = ["Database", "open_database", "sqlite_path", "tell"]

BUSY_TIMEOUT_MS = 5000
CONNECT_TIMEOUT_S = 10
_WRITES = "wence_writes"
_WORDS = "wence_words"
_POSTGRES_QUERY = {"sslmode": "ssl", "ssl": "ssl", "host": "host", "port": "port"}


class Database:
    """A pool of connections to one database; made by :func:`open_database`.

    Attributes:
        dialect: ``"sqlite"`` or ``"postgresql"``.
        engine: the SQLAlchemy engine, for the modules of :mod:`bot.storage` only.
        bus: who waits for changes; see :func:`tell`.
    """

    def __init__(self, engine: AsyncEngine) -> None:
        self.engine = engine
        self.dialect: str = engine.dialect.name
        self.bus = Bus()
        self._writer = engine.execution_options(**{_WRITES: True})
        # SQLite's own wait for the write lock is unfair: under many writers one
        # may starve. Writers of this process therefore queue here, in order.
        self._turnstile = asyncio.Lock() if self.dialect == "sqlite" else None

    @asynccontextmanager
    async def session(self) -> AsyncIterator[AsyncSession]:
        """A read transaction, rolled back at the end.

        Raises:
            StorageError: the database is away or refused a statement.
        """
        async with _session(self.engine) as session:
            yield session

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[AsyncSession]:
        """A read transaction in which every statement sees the same state.

        Raises:
            StorageError: the database is away or refused a statement.
        """
        engine = self.engine
        if self.dialect == "postgresql":
            engine = engine.execution_options(
                isolation_level="REPEATABLE READ", postgresql_readonly=True
            )
        async with _session(engine) as session:
            yield session

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[AsyncSession]:
        """A write transaction: committed at the end, rolled back on any error.

        On SQLite it takes the write lock at once (``BEGIN IMMEDIATE``), so that a
        second writer waits instead of failing half-way. Not to be nested.

        Raises:
            StorageError: the database is away, busy for too long or refused a statement.
        """
        async with self._turnstile or nullcontext(), _session(self._writer) as session:
            yield session
            words: dict[Word, None] = session.info.get(_WORDS, {})
            if words and self.dialect == "postgresql":
                # Within the transaction: the others hear of it when it is committed, or never.
                for word in words:
                    notify = text("SELECT pg_notify(:channel, :payload)")
                    await session.execute(notify, {"channel": CHANNEL, "payload": _dump_json(word)})
            await session.commit()
        for word in words:
            self.bus.publish(word)

    async def ping(self) -> None:
        """Ask the database for a sign of life.

        Raises:
            StorageError: there was none.
        """
        async with self.session() as session:
            await session.execute(text("SELECT 1"))

    async def close(self) -> None:
        """Close every connection; the object is of no use afterwards."""
        await self.engine.dispose()


def tell(session: AsyncSession, topic: str, key: str) -> None:
    """Have the watchers of a topic and key woken when this transaction is committed."""
    session.info.setdefault(_WORDS, {})[topic, key] = None


async def open_database(
    url: str, *, variable: str = "WENCE_DATABASE_URL", wal: bool = True
) -> Database:
    """Open the database at ``url``.

    A SQLite file and its folder are made where absent (mode 0600, since it holds
    what people wrote). PostgreSQL is not contacted yet: whether it answers is
    for :meth:`Database.ping` to say, so a service may start before its database.

    Args:
        url: ``sqlite:///path`` or ``postgresql://user:password@host:port/name``.
        variable: the setting that the URL came from, for error messages.
        wal: switch a SQLite file to write-ahead logging.

    Raises:
        SettingsError: the URL is malformed, unsupported, or its file cannot be
            used; names ``variable``, never shows the URL's password.
    """
    parsed = _parse(url, variable)
    if parsed.drivername == "sqlite":
        path = Path(parsed.database or "").absolute()
        try:
            await asyncio.to_thread(_prepare_file, path, wal)
        except (OSError, sqlite3.Error) as error:
            raise SettingsError(
                f"设置 {variable} 有误：无法使用数据库文件 {path}（{error}）"
            ) from error
        return Database(_sqlite_engine(path))
    return Database(_postgres_engine(parsed, variable))


def sqlite_path(url: str, *, variable: str = "WENCE_DATABASE_URL") -> Path | None:
    """The file that a ``sqlite:///`` URL names; None for PostgreSQL.

    Raises:
        SettingsError: the URL is malformed or unsupported.
    """
    parsed = _parse(url, variable)
    return Path(parsed.database or "").absolute() if parsed.drivername == "sqlite" else None


def _parse(url: str, variable: str) -> URL:
    def fault(reason: str) -> SettingsError:
        return SettingsError(f"设置 {variable} 有误：{reason}")

    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        # The library's message may repeat the URL, password included.
        raise fault("应为 sqlite:///路径 或 postgresql://用户:密码@主机:端口/库名") from None
    if parsed.drivername not in {"sqlite", "postgresql"}:
        raise fault("应以 sqlite:/// 或 postgresql:// 开头，不写驱动名")
    if not parsed.database:
        raise fault("没有写明数据库文件或库名")
    if parsed.drivername == "sqlite":
        if parsed.host or parsed.username or parsed.query:
            raise fault("SQLite 只能写成 sqlite:///路径")
        if parsed.database == ":memory:" or parsed.database.startswith("file:"):
            raise fault("SQLite 须是文件，不支持内存数据库")
        if "\0" in parsed.database:
            raise fault("路径含有空字符")
    return parsed


def _prepare_file(path: Path, wal: bool) -> None:
    """Make folder and file with the right mode and set the journal mode, which is kept in it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        # Only ever opened when absent: closing a second descriptor of a file would
        # drop the locks that SQLite in this process holds on it.
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    except FileExistsError:
        if path.stat().st_mode & 0o077:
            path.chmod(0o600)
    if wal:
        with closing(sqlite3.connect(path, timeout=BUSY_TIMEOUT_MS / 1000)) as connection:
            _switch_to_wal(connection)


def _switch_to_wal(connection: sqlite3.Connection) -> None:
    # When several processes switch a new file at once, SQLite answers some of them
    # "locked" without waiting: its busy timeout does not cover this step.
    deadline = time.monotonic() + BUSY_TIMEOUT_MS / 1000
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL").fetchone()
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
        time.sleep(0.02)


def _sqlite_engine(path: Path) -> AsyncEngine:
    engine = create_async_engine(
        URL.create("sqlite+aiosqlite", database=str(path)),
        json_serializer=_dump_json,
        hide_parameters=True,  # an error's text must not repeat what a person wrote
    )

    @event.listens_for(engine.sync_engine, "connect")
    def set_up(connection: Any, _record: object) -> None:
        # The driver's own habit of opening transactions is switched off: it starts
        # them late and never for a SELECT. The "begin" event below does it.
        connection.isolation_level = None
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
        cursor.execute("PRAGMA foreign_keys = ON")
        cursor.execute("PRAGMA synchronous = NORMAL")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get(_WRITES, False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def _postgres_engine(url: URL, variable: str) -> AsyncEngine:
    query: dict[str, Any] = {}
    for name, value in url.query.items():
        if name not in _POSTGRES_QUERY or not isinstance(value, str):
            raise SettingsError(f"设置 {variable} 有误：不支持参数 {name}")
        query[_POSTGRES_QUERY[name]] = value
    connect_args: Mapping[str, Any] = {
        "timeout": CONNECT_TIMEOUT_S,
        "server_settings": {"application_name": "wence"},
    }
    return create_async_engine(
        url.set(drivername="postgresql+asyncpg", query=query),
        pool_pre_ping=True,
        pool_size=10,
        max_overflow=10,
        json_serializer=_dump_json,
        hide_parameters=True,
        connect_args=dict(connect_args),
    )


def _dump_json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


@asynccontextmanager
async def _session(engine: AsyncEngine) -> AsyncIterator[AsyncSession]:
    with _as_storage_error():
        async with AsyncSession(engine, expire_on_commit=False) as session:
            try:
                await session.connection()
            except OSError as error:  # refused, unknown host, timed out
                raise StorageError("数据库暂时连接不上") from error
            yield session


@contextmanager
def _as_storage_error() -> Iterator[None]:
    try:
        yield
    except PoolTimeoutError as error:
        raise StorageError("数据库繁忙，请稍后再试") from error
    except (DataError, IntegrityError) as error:
        raise StorageError("数据库没有接受这些数据") from error
    except DBAPIError as error:
        raise StorageError("数据库暂时不可用") from error
