"""Backup: a logical dump of both databases and the settings, while all runs on.

Each database is read in one transaction, so its tables agree with one another;
between the service's and the tracker's there may be the turn of a moment.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
from collections.abc import Iterable
from contextlib import AsyncExitStack
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal

import sqlalchemy as sa
from alembic.runtime.migration import MigrationContext
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.errors import StorageError
from bot.storage.archive import SETTINGS, Manifest, Member, TableDump, describe_file, pack
from bot.storage.engine import Database
from bot.storage.migrate import head_revision
from bot.storage.restore import Restored, restore
from bot.storage.rows import describe_columns, describe_indexes, encode_row
from bot.storage.tables import VOLATILE, Base
from bot.storage.tracker import open_tracker, reflect, tracker_file_exists

__all__ = ["Manifest", "Restored", "backup", "restore"]

_ROWS_AT_A_TIME = 500


async def backup(
    database: Database,
    tracker_url: str | None,
    tracker_schema: str | None,
    settings_file: Path | None,
    out: Path,
    made_at: datetime,
) -> Manifest:
    """Write everything to ``out``, a ``.tar.gz`` of mode 0600.

    The file appears under its name only when it is complete; an older one of that
    name is replaced then. Memory stays constant; disk space beside ``out`` is
    needed for the rows uncompressed.

    Args:
        tracker_url: where Rasa's tracker lives; None leaves it out.
        tracker_schema: its PostgreSQL schema; without meaning on SQLite.
        settings_file: the ``.env`` file; left out where None or not there.
        made_at: the instant written into the manifest.

    Raises:
        StorageError: a database is away or not at this code's revision, or the
            file cannot be written.
        SettingsError: ``tracker_url`` is malformed.
    """
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(prefix=f".{out.name}.", dir=out.parent) as name:
            folder = Path(name)
            dump = _Dump(folder)
            revision = await dump.ours(database)
            tracker: Literal["included", "absent", "left_out"] = "left_out"
            if tracker_url is not None:
                tracker = await dump.tracker(tracker_url, tracker_schema)
            await asyncio.to_thread(dump.settings, settings_file)
            manifest = Manifest(
                made_at=made_at,
                revision=revision,
                tracker=tracker,
                tables=tuple(dump.tables),
                members=tuple(dump.members),
            )
            await asyncio.to_thread(_finish, manifest, dump.files, folder / "archive", out)
            return manifest
    except OSError as error:
        raise StorageError(f"无法写入备份文件 {out}：{error.strerror}") from error


class _Dump:
    """Collects the members of one backup in a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.tables: list[TableDump] = []
        self.members: list[Member] = []
        self.files: dict[str, Path] = {}

    async def ours(self, database: Database) -> str:
        """Dump our tables; the revision they are at."""
        async with database.snapshot() as session:
            connection = await session.connection()
            revision = await connection.run_sync(
                lambda sync: MigrationContext.configure(sync).get_current_revision()
            )
            head = await head_revision()
            if revision is None:  # never started: nothing to keep, and nothing to refuse
                return head
            if revision != head:
                raise StorageError(
                    f"数据库的结构版本是 {revision}，本程序需要 {head}：请先启动一次"
                )
            lasting = [t for t in Base.metadata.sorted_tables if not t.info.get(VOLATILE)]
            await self._all(connection, "wence", lasting)
        return revision

    async def tracker(self, url: str, schema: str | None) -> Literal["included", "absent"]:
        """Dump the tracker's tables; ``absent`` where there are none."""
        if not tracker_file_exists(url):
            return "absent"
        async with AsyncExitStack() as stack:
            database = await open_tracker(url)
            stack.push_async_callback(database.close)
            session = await stack.enter_async_context(database.snapshot())
            connection = await session.connection()
            in_schema = schema if database.dialect == "postgresql" else None
            tables = await reflect(connection, in_schema)
            await self._all(connection, "tracker", tables.values())
        return "included" if tables else "absent"

    def settings(self, file: Path | None) -> None:
        """Copy the settings file, where there is one."""
        if file is not None and file.is_file():
            copy = self._folder / "settings"
            shutil.copyfile(file, copy)
            self._keep(SETTINGS, copy)

    async def _all(
        self,
        connection: AsyncConnection,
        store: Literal["wence", "tracker"],
        tables: Iterable[sa.Table],
    ) -> None:
        for table in tables:
            path = self._folder / f"{store}-{table.name}"
            rows = await _write_rows(connection, table, path)
            dump = TableDump(
                store=store,
                name=table.name,
                rows=rows,
                columns=describe_columns(table),
                indexes=describe_indexes(table),
            )
            self.tables.append(dump)
            await asyncio.to_thread(self._keep, dump.member, path)

    def _keep(self, name: str, path: Path) -> None:
        self.files[name] = path
        self.members.append(describe_file(name, path))


async def _write_rows(connection: AsyncConnection, table: sa.Table, path: Path) -> int:
    query = sa.select(table).order_by(*table.primary_key.columns)
    names = table.columns.keys()
    rows = 0
    with path.open("xb") as file:
        result = await connection.stream(query, execution_options={"yield_per": _ROWS_AT_A_TIME})
        async for chunk in result.partitions():
            rows += len(chunk)
            await asyncio.to_thread(file.writelines, [_line(names, row) for row in chunk])
    return rows


def _line(names: list[str], row: sa.Row[Any]) -> bytes:
    encoded = encode_row(dict(zip(names, row, strict=True)))
    return json.dumps(encoded, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def _finish(manifest: Manifest, files: dict[str, Path], temporary: Path, out: Path) -> None:
    pack(manifest, files, temporary)
    os.replace(temporary, out)
    folder = os.open(out.parent, os.O_RDONLY)
    try:
        os.fsync(folder)  # the new name, too, survives a power cut
    finally:
        os.close(folder)
