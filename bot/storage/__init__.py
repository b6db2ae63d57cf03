"""What WenCe keeps: engine, tables, migrations, turns, backup and restore."""
