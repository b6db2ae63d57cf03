"""Alembic's script folder; it is driven by :mod:`bot.storage.migrate`, in code."""
