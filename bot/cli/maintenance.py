"""``wence settings``, ``backup`` and ``restore``."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bot.settings import Settings
from bot.storage import backup as archive
from bot.storage.engine import open_database
from bot.supervisor.state import claim

__all__ = ["backup", "restore", "show_settings"]


def show_settings(settings: Settings) -> int:
    """Every setting with its source; secrets masked."""
    table = Table(box=None, pad_edge=False)
    for title in ("设置", "值", "来源", "说明"):
        table.add_column(title, overflow="fold")
    for row in settings.show():
        table.add_row(*row)
    Console(highlight=False, soft_wrap=False).print(table)
    return 0


def backup(settings: Settings, file: Path | None) -> int:
    """Write the database, Rasa's tracker and the settings file into one archive."""
    made_at = datetime.now(UTC)
    out = file or settings.var_dir / "backups" / f"wence-{made_at:%Y%m%d-%H%M%S}.tar.gz"
    manifest = asyncio.run(_backup(settings, out, made_at))
    rows = sum(manifest.rows.values())
    print(f"已备份到 {out}（{rows} 行）。其中含对话内容和设置，请妥善保管。")
    return 0


async def _backup(settings: Settings, out: Path, made_at: datetime) -> archive.Manifest:
    database = await open_database(settings.database_url)
    try:
        return await archive.backup(
            database,
            settings.tracker_url,
            settings.tracker_schema,
            settings.root / ".env",
            out,
            made_at,
        )
    finally:
        await database.close()


def restore(settings: Settings, file: Path, *, replace: bool) -> int:
    """Bring an archive back; what is there is saved first where it is to be replaced.

    Refused while a stack runs over the same data.
    """
    with claim(settings.var_dir):
        if replace:
            backup(settings, None)
        restored = asyncio.run(_restore(settings, file, replace))
    print(f"已由 {file} 恢复。")
    if restored.settings is not None:
        print(f"设置文件已写到 {restored.settings}。")
    return 0


async def _restore(settings: Settings, file: Path, replace: bool) -> archive.Restored:
    database = await open_database(settings.database_url)
    try:
        return await archive.restore(
            database,
            settings.tracker_url,
            settings.tracker_schema,
            settings.root / ".env",
            file,
            replace=replace,
        )
    finally:
        await database.close()
