"""What the socket and the polling interface do alike: say, look, wait."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Any, Protocol

from bot.channels.web.models import ChatEntry, ChatPage, ChatReply, ChatState, Said, SayBody
from bot.channels.web.visitors import Visitor
from bot.conversations.limits import Rate
from bot.conversations.message import Inbound
from bot.errors import OverloadedError, RequestError

__all__ = ["Chat", "Entry", "State", "Talks"]

_PAGE = 200  # entries at most in one answer
_LOOK = 20.0  # seconds after which a watcher looks though nothing woke it


class Entry(Protocol):
    """One line of a conversation's log, as the core gives it."""

    @property
    def position(self) -> int: ...
    @property
    def author(self) -> str: ...
    @property
    def at(self) -> datetime: ...
    @property
    def text(self) -> str: ...
    @property
    def part(self) -> dict[str, Any] | None: ...
    @property
    def message_id(self) -> str | None: ...


class State(Protocol):
    """How a conversation stands, as the core gives it."""

    @property
    def position(self) -> int: ...
    @property
    def holder(self) -> str | None: ...
    @property
    def waiting_since(self) -> datetime | None: ...


class _Turn(Protocol):
    @property
    def position(self) -> int: ...


class _Taken(Protocol):
    @property
    def turn(self) -> _Turn: ...


class Talks(Protocol):
    """What the web chat needs of :class:`bot.conversations.Conversations`."""

    async def accept(self, message: Inbound) -> _Taken:
        """Keep a message; it is answered in its own time."""

    async def entries(self, key: str, after: int = 0, limit: int = 200) -> Sequence[Entry]:
        """The log after a position, in order."""

    def watch(self, key: str) -> AbstractContextManager[asyncio.Event]:
        """An event that is set whenever there is something new."""

    async def state(self, key: str) -> State | None:
        """How it stands; None where there is no such conversation."""


PlaceOf = Callable[[str], Awaitable[int | None]]
NameOf = Callable[[str], Awaitable[str]]


async def no_place(key: str) -> int | None:
    """Where nobody counts the queue."""
    return None


async def same_name(holder: str) -> str:
    """Where nobody knows who signs in by a name."""
    return holder


class Chat:
    """Visitors' conversations, bounded in how fast anybody may write.

    Args:
        talks: the conversations.
        place_of: the place of a conversation in the queue for a person, from 1.
        name_of: what an operator is called, from the name they sign in by.
    """

    def __init__(
        self, talks: Talks, place_of: PlaceOf = no_place, name_of: NameOf = same_name
    ) -> None:
        self._talks, self._place_of, self._name_of = talks, place_of, name_of
        self._each, self._all = Rate(8, 3.0), Rate(400, 0.02)
        self._closing = asyncio.Event()

    async def say(self, visitor: Visitor, said: SayBody) -> Said:
        """Take a message; the same id is taken once.

        Raises:
            ConflictError, OverloadedError, StorageError: see ``Conversations.accept``.
        """
        if not self._each.take(visitor.id) or not self._all.take(""):
            raise OverloadedError("发得太快了，请过几秒再发")
        if not said.text.strip():
            raise RequestError(422, "invalid", "不能为空", "text")
        inbound = Inbound("web", visitor.id, said.text, message_id=said.id)
        taken = await self._talks.accept(inbound)
        return Said(id=said.id, position=taken.turn.position)

    async def page(self, visitor: Visitor, after: int) -> ChatPage:
        """What is new after a position, and how the conversation stands.

        A conversation that was deleted starts anew: its ``position`` is then
        below ``after``.
        """
        state = await self._talks.state(visitor.key)
        last = state.position if state is not None else 0
        start = after if after <= last else 0
        found = await self._talks.entries(visitor.key, start, _PAGE)
        entries = [_entry(entry) for entry in found]
        waiting = state is not None and state.waiting_since is not None
        holder = state.holder if state is not None else None
        return ChatPage(
            entries=entries,
            position=entries[-1].position if entries else start,
            state=ChatState(
                holder=await self._name_of(holder) if holder is not None else None,
                waiting=waiting,
                place=await self._place_of(visitor.key) if waiting else None,
            ),
        )

    async def changes(self, visitor: Visitor) -> AsyncIterator[None]:
        """Yields at once and whenever there may be something new, until :meth:`close`."""
        with self._talks.watch(visitor.key) as event:
            while not self._closing.is_set():
                event.clear()
                yield
                await self._either(event, _LOOK)

    async def wait(self, visitor: Visitor, after: int, seconds: float) -> ChatPage:
        """The page, as soon as it holds anything, or after so many seconds."""
        with self._talks.watch(visitor.key) as event:
            deadline = asyncio.get_running_loop().time() + seconds
            while True:
                event.clear()
                page = await self.page(visitor, after)
                left = deadline - asyncio.get_running_loop().time()
                if page.entries or page.position < after or left <= 0 or self._closing.is_set():
                    return page
                await self._either(event, left)

    async def _either(self, event: asyncio.Event, seconds: float) -> None:
        waits = [asyncio.ensure_future(one.wait()) for one in (event, self._closing)]
        try:
            await asyncio.wait(waits, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for one in waits:
                one.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await one

    def close(self) -> None:
        """Wake all that wait, so that they end."""
        self._closing.set()


def _entry(entry: Entry) -> ChatEntry:
    return ChatEntry(
        position=entry.position,
        author=entry.author,
        at=entry.at,
        text=entry.text,
        # What is kept for this channel is the reply itself.
        reply=None if entry.part is None else ChatReply.model_validate(entry.part),
        message_id=entry.message_id,
    )
