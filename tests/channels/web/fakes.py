"""Conversations that live in memory and answer as they are told."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

from bot.conversations.message import Inbound
from bot.errors import ConflictError, RequestError

__all__ = ["FakeProfiles", "FakeTalks", "Line", "Standing", "reply"]

Answer = Callable[[Inbound], Awaitable[Sequence[dict[str, Any]]]]


def reply(text: str, **custom: Any) -> dict[str, Any]:
    """A reply in the contract's shape."""
    whole = {"type": "text", "kb_version": "k1", "clauses": [], "programme": None}
    whole |= {"verdict": None, "quick_replies": []} | custom
    return {"text": text, "buttons": whole["quick_replies"], "custom": whole}


@dataclass
class Line:
    position: int
    author: str
    text: str
    part: dict[str, Any] | None = None
    message_id: str | None = None
    at: datetime = datetime(2026, 11, 21, 8, tzinfo=UTC)


@dataclass
class Standing:
    position: int = 0
    holder: str | None = None
    waiting_since: datetime | None = None


async def echo(message: Inbound) -> Sequence[dict[str, Any]]:
    return [reply(f"答：{message.text}")]


@dataclass
class FakeTalks:
    """What the core does, as far as a channel sees it."""

    answer: Answer = echo
    lines: dict[str, list[Line]] = field(default_factory=dict)
    standing: dict[str, Standing] = field(default_factory=dict)
    refuse: Exception | None = None

    def __post_init__(self) -> None:
        self._events: dict[str, set[asyncio.Event]] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def accept(self, message: Inbound) -> Any:
        if self.refuse is not None:
            raise self.refuse
        for line in self.lines.get(message.key, ()):
            if message.message_id is not None and line.message_id == message.message_id:
                if line.text != message.text:
                    raise ConflictError("这个编号的消息已有别的内容")
                return SimpleNamespace(turn=line, known=True)
        line = self.add(message.key, "person", message.text, None, message.message_id)
        task = asyncio.create_task(self._answer(message))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return SimpleNamespace(turn=line, known=False)

    async def _answer(self, message: Inbound) -> None:
        for one in await self.answer(message):
            if one["custom"].get("forget"):
                self.lines.pop(message.key, None)
                self.standing.pop(message.key, None)
            self.add(message.key, "bot", "", one)

    def add(
        self,
        key: str,
        author: str,
        text: str,
        given: dict[str, Any] | None = None,
        message_id: str | None = None,
    ) -> Line:
        """One more line, whoever says it."""
        state = self.standing.setdefault(key, Standing())
        state.position += 1
        line = Line(state.position, author, text, given, message_id)
        self.lines.setdefault(key, []).append(line)
        self.wake(key)
        return line

    def wake(self, key: str) -> None:
        for event in self._events.get(key, ()):
            event.set()

    async def entries(self, key: str, after: int = 0, limit: int = 200) -> Sequence[Line]:
        return [line for line in self.lines.get(key, ()) if line.position > after][:limit]

    async def state(self, key: str) -> Standing | None:
        return self.standing.get(key)

    @contextmanager
    def watch(self, key: str) -> Iterator[asyncio.Event]:
        event = asyncio.Event()
        self._events.setdefault(key, set()).add(event)
        try:
            yield event
        finally:
            self._events[key].discard(event)

    def watchers(self, key: str) -> int:
        return len(self._events.get(key, ()))


@dataclass
class FakeProfiles:
    """Facts by conversation; only ``city`` and ``staff_count`` are known facts."""

    kept: dict[str, dict[str, Any]] = field(default_factory=dict)

    async def read(self, key: str) -> Mapping[str, Any]:
        return self.kept.get(key, {})

    async def change(self, key: str, facts: Mapping[str, Any]) -> Mapping[str, Any]:
        for name in facts:
            if name not in {"city", "staff_count"}:
                raise RequestError(422, "unknown_fact", "没有这项情况", name)
        merged = {**self.kept.get(key, {}), **facts}
        self.kept[key] = {name: value for name, value in merged.items() if value is not None}
        return self.kept[key]
