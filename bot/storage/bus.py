"""Who waits for what: a change in the database wakes those whom it concerns.

Within a process a commit sets the events of the watchers; between processes
PostgreSQL carries the word (``LISTEN``/``NOTIFY``). A word can get lost with a
connection, so a watcher looks into the database from time to time all the same.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import asyncpg
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

__all__ = ["CHANNEL", "Bus", "Word"]

CHANNEL = "wence"
"""The name that PostgreSQL's processes listen on."""
_LONGEST_PAUSE = 5.0  # seconds between two tries to listen again

Word = tuple[str, str]
"""A topic and the key of what changed: ``("entries", "wecom:zhang")``."""


class Bus:
    """Watchers of one database within this process."""

    def __init__(self) -> None:
        self._watchers: dict[tuple[str, str | None], set[asyncio.Event]] = {}

    @contextmanager
    def watch(self, topic: str, key: str | None = None) -> Iterator[asyncio.Event]:
        """An event that is set at each change; the watcher clears it, then looks.

        Args:
            topic: ``turns`` (a message waits), ``outbox`` (a part waits), ``answered``
                (key: turn), ``entries`` and ``queue`` (key: conversation).
            key: None for every key of the topic.
        """
        event = asyncio.Event()
        self._watchers.setdefault((topic, key), set()).add(event)
        try:
            yield event
        finally:
            watchers = self._watchers[topic, key]
            watchers.discard(event)
            if not watchers:
                del self._watchers[topic, key]

    def publish(self, word: Word) -> None:
        """Wake those who watch the key and those who watch the whole topic."""
        topic, key = word
        for place in ((topic, key), (topic, None)):
            for event in self._watchers.get(place, ()):
                event.set()

    def wake_all(self) -> None:
        """Wake everybody: words may have been missed."""
        for events in self._watchers.values():
            for event in events:
                event.set()

    async def listen(self, engine: AsyncEngine) -> None:
        """Pass on what other processes commit; runs until it is cancelled.

        On SQLite there are no other processes, and nothing to do.
        """
        if engine.dialect.name != "postgresql":
            return
        pause = 0.1
        while True:
            try:
                await self._listen_once(engine)
                pause = 0.1
            except (SQLAlchemyError, OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
                pause = min(pause * 2, _LONGEST_PAUSE)
            await asyncio.sleep(pause)

    async def _listen_once(self, engine: AsyncEngine) -> None:
        """Listen until the connection breaks."""
        lost = asyncio.Event()

        def hear(_connection: object, _pid: int, _channel: str, payload: str) -> None:
            topic, key = json.loads(payload)
            self.publish((topic, key))

        async with engine.connect() as connection:
            raw: Any = (await connection.get_raw_connection()).driver_connection
            raw.add_termination_listener(lambda _connection: lost.set())
            await raw.add_listener(CHANNEL, hear)
            self.wake_all()
            try:
                await lost.wait()
            finally:
                await connection.invalidate()
