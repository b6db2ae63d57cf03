"""Restore: a backup becomes the contents of the databases, all of it or nothing.

The service and Rasa must not run meanwhile. The archive is verified completely
before anything is written; then both databases are written in one transaction
each, and committed one right after the other.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import DataError, IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.errors import StorageError
from bot.storage.archive import SETTINGS, Manifest, TableDump, Unpacked, unpack
from bot.storage.engine import Database, sqlite_path
from bot.storage.migrate import known_revisions, upgrade
from bot.storage.rows import build_table, decoder
from bot.storage.tables import VOLATILE, Base
from bot.storage.tracker import TRACKER_TABLES, open_tracker, reflect, tracker_file_exists

__all__ = ["Restored", "restore"]

_ROWS_AT_A_TIME = 500


@dataclass(frozen=True)
class Restored:
    """What a restore did.

    Attributes:
        manifest: what the archive held.
        settings: the file that the settings were written to: the settings file
            itself, or ``<name>.restored`` beside an existing one; None where the
            archive held none.
    """

    manifest: Manifest
    settings: Path | None


async def restore(
    database: Database,
    tracker_url: str | None,
    tracker_schema: str | None,
    settings_file: Path | None,
    archive: Path,
    *,
    replace: bool = False,
) -> Restored:
    """Read ``archive`` back; the databases may be of another kind than those it came from.

    An archive of an older revision is read by column: columns that came later
    take their default.

    Args:
        tracker_url: where Rasa's tracker shall live; None leaves it out.
        tracker_schema: its PostgreSQL schema, made where absent.
        settings_file: where the settings go, unless a file is there already.
        replace: erase what the databases hold; else they must be empty.

    Raises:
        StorageError: the archive is damaged, foreign or newer than the code, the
            databases hold data, or one of them is away. Nothing was changed then.
        SettingsError: ``tracker_url`` is malformed.
    """
    with TemporaryDirectory(prefix="wence-restore-") as name:
        unpacked = await asyncio.to_thread(unpack, archive, Path(name))
        await _check(unpacked.manifest)
        await upgrade(database)
        await _restore_databases(database, tracker_url, tracker_schema, unpacked, replace)
        written = None
        if settings_file is not None and unpacked.manifest.has_settings:
            written = await asyncio.to_thread(
                _restore_settings, unpacked.files[SETTINGS], settings_file
            )
    return Restored(unpacked.manifest, written)


async def _check(manifest: Manifest) -> None:
    if manifest.revision not in await known_revisions():
        raise StorageError(f"备份来自更新的版本（结构版本 {manifest.revision}），请先升级本程序")
    for dump in manifest.tables:
        known = Base.metadata.tables if dump.store == "wence" else TRACKER_TABLES
        if dump.name not in known:
            raise StorageError(f"备份里有本程序没有的表：{dump.name}")
        if dump.store == "wence":
            decoder(dump, Base.metadata.tables[dump.name])


async def _restore_databases(
    database: Database,
    tracker_url: str | None,
    tracker_schema: str | None,
    unpacked: Unpacked,
    replace: bool,
) -> None:
    manifest = unpacked.manifest
    tracked = [dump for dump in manifest.tables if dump.store == "tracker"]
    with_tracker = tracker_url is not None and manifest.tracker != "left_out"
    if tracker_url is None or not with_tracker:
        async with database.begin() as session:
            await _restore_ours(await session.connection(), unpacked, replace)
        return
    made_file = None if tracker_file_exists(tracker_url) else sqlite_path(tracker_url)
    if made_file is not None and not tracked:
        return await _restore_databases(database, None, None, unpacked, replace)
    try:
        async with AsyncExitStack() as stack:
            tracker = await open_tracker(tracker_url)
            stack.push_async_callback(tracker.close)
            session = await stack.enter_async_context(database.begin())
            await _restore_ours(await session.connection(), unpacked, replace)
            session = await stack.enter_async_context(tracker.begin())
            schema = tracker_schema if tracker.dialect == "postgresql" else None
            connection = await session.connection()
            await _restore_tracker(connection, schema, tracked, unpacked, replace)
    except BaseException:
        if made_file is not None:
            made_file.unlink(missing_ok=True)
        raise


async def _restore_ours(connection: AsyncConnection, unpacked: Unpacked, replace: bool) -> None:
    tables = Base.metadata.sorted_tables
    await _clear(connection, tables, replace)
    dumps = {dump.name: dump for dump in unpacked.manifest.tables if dump.store == "wence"}
    for table in tables:
        if table.name in dumps:
            dump = dumps[table.name]
            await _insert(connection, table, dump, unpacked.files[dump.member])


async def _restore_tracker(
    connection: AsyncConnection,
    schema: str | None,
    dumps: list[TableDump],
    unpacked: Unpacked,
    replace: bool,
) -> None:
    tables = await reflect(connection, schema)
    await _clear(connection, list(tables.values()), replace)
    if schema is not None and dumps:
        await connection.execute(sa.schema.CreateSchema(schema, if_not_exists=True))
    for dump in dumps:
        table = tables.get(dump.name)
        if table is None:
            metadata = sa.MetaData()
            table = build_table(dump, metadata, schema)
            await connection.run_sync(metadata.create_all)
        await _insert(connection, table, dump, unpacked.files[dump.member])
        if connection.dialect.name == "postgresql":
            await _advance_sequences(connection, table)


async def _clear(connection: AsyncConnection, tables: list[sa.Table], replace: bool) -> None:
    """Empty the tables; without ``replace`` they must be empty."""
    for table in reversed(tables):
        if replace or table.info.get(VOLATILE):
            await connection.execute(sa.delete(table))
        elif await connection.scalar(sa.select(sa.literal(1)).select_from(table).limit(1)):
            raise StorageError(f"数据库里已有数据（表 {table.name}）；确要覆盖，请加 --replace")


async def _insert(
    connection: AsyncConnection, table: sa.Table, dump: TableDump, path: Path
) -> None:
    decode = decoder(dump, table)
    rows = 0
    for chunk in _chunks(path, dump):
        rows += len(chunk)
        try:
            await connection.execute(sa.insert(table), [decode(row) for row in chunk])
        except (DataError, IntegrityError) as error:
            raise StorageError(f"备份里的表 {dump.name} 有一行不被数据库接受") from error
    if rows != dump.rows:
        raise StorageError(f"备份里的表 {dump.name} 应有 {dump.rows} 行，实有 {rows} 行")


def _chunks(path: Path, dump: TableDump) -> Iterator[list[Any]]:
    with path.open("rb") as file:
        while lines := list(islice(file, _ROWS_AT_A_TIME)):
            try:
                yield [json.loads(line) for line in lines]
            except (ValueError, RecursionError) as error:
                raise StorageError(f"备份里的表 {dump.name} 有一行不是 JSON") from error


async def _advance_sequences(connection: AsyncConnection, table: sa.Table) -> None:
    """Let PostgreSQL's own numbering go on after the highest number restored."""
    quoted = connection.dialect.identifier_preparer.format_table(table)
    for column in table.primary_key.columns:
        sequence = await connection.scalar(
            sa.text("SELECT pg_get_serial_sequence(:table, :column)"),
            {"table": quoted, "column": column.name},
        )
        highest = await connection.scalar(sa.select(sa.func.max(column))) if sequence else None
        if highest is not None:
            await connection.execute(
                sa.text("SELECT setval(CAST(:sequence AS regclass), :highest)"),
                {"sequence": sequence, "highest": highest},
            )


def _restore_settings(source: Path, target: Path) -> Path:
    """Put the settings in place, or beside a file that is there already."""
    if target.exists():
        target = target.with_name(f"{target.name}.restored")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(prefix=f".{target.name}.", dir=target.parent) as name:
            copy = Path(name) / "settings"
            shutil.copyfile(source, copy)
            copy.chmod(0o600)
            os.replace(copy, target)
    except OSError as error:
        raise StorageError(f"数据已恢复，但设置文件 {target} 无法写入：{error.strerror}") from error
    return target
