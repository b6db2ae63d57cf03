"""What WenCe keeps: engine, tables, migrations, turns, backup and restore."""

from bot.storage import desk_tables as _desk_tables  # noqa: F401 (declares its tables)
