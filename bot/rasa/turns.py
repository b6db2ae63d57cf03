"""Turns: one at a time in each conversation, and each only once.

A turn that is asked again while it runs joins the running one; asked again
later, also after a restart, it gets the replies that were recorded.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from rasa.core.channels.channel import UserMessage
from sqlalchemy.exc import IntegrityError

from bot.rasa.replies import Reply, TurnOutput
from bot.rasa.tracker_store import ConcurrentTurnError, TurnRecord, WenceTrackerStore

__all__ = ["ConflictingTurnError", "Outcome", "Turn", "Turns", "no_command"]

logger = logging.getLogger(__name__)

Handler = Callable[[UserMessage], Awaitable[Any]]


class ConflictingTurnError(Exception):
    """A turn_id came with a conversation or message other than its first."""


@dataclass(frozen=True)
class Turn:
    """What the service asks: one message of one conversation.

    Attributes:
        turn_id: the service's id; it counts once.
        conversation: ``<channel>:<sender>``.
        message: the person's words.
        metadata: kept with the user's message, ``turn_id`` added.
    """

    turn_id: str
    conversation: str
    message: str
    metadata: dict[str, Any]

    @property
    def channel(self) -> str:
        """The channel the person is on, for the record; ``turn`` where not said."""
        return self.metadata.get("channel") or "turn"


@dataclass(frozen=True)
class Outcome:
    """What came of a turn: its replies and whether they were already recorded."""

    replies: list[Reply]
    replayed: bool


def no_command(text: str) -> str:
    """The text with a slash at its beginning made full-width.

    Rasa takes a message that begins with ``/`` (blanks before it aside) for an
    intent and believes it; what a person types must never get there. The
    normaliser keeps the full-width slash as it is.
    """
    blanks = len(text) - len(text.lstrip())
    if text.startswith("/", blanks):
        return text[:blanks] + "／" + text[blanks + 1 :]
    return text


class Turns:
    """The turns that are running in this process.

    Rasa has a lock for each conversation too, but a waiter looks at it once a
    second and its ticket runs out; so the waiting is done here, first come,
    first served, and Rasa's lock is always free.
    """

    def __init__(self, handle: Handler) -> None:
        """Args:
        handle: gives a message to Rasa and returns when its turn is saved.
        """
        self._handle = handle
        self._running: dict[str, tuple[Turn, asyncio.Task[Outcome]]] = {}
        self._locks: dict[str, tuple[asyncio.Lock, int]] = {}

    async def work(self, turn: Turn, store: WenceTrackerStore) -> Outcome:
        """Work a turn, join it or repeat what is recorded of it.

        A caller that goes away (its task is cancelled) does not cancel the turn.

        Raises:
            ConflictingTurnError: the turn_id belongs to another conversation or message.
            Exception: whatever the turn raised; nothing of it is recorded then.
        """
        running = self._running.get(turn.turn_id)
        if running is None:
            task = asyncio.ensure_future(self._once(turn, store))
            self._running[turn.turn_id] = (turn, task)
            task.add_done_callback(lambda done: self._finished(turn, done))
            return await asyncio.shield(task)
        first, task = running
        if (first.conversation, first.message) != (turn.conversation, turn.message):
            raise ConflictingTurnError(turn.turn_id)
        outcome = await asyncio.shield(task)
        return Outcome(outcome.replies, replayed=True)

    async def forget(self, conversation: str, store: WenceTrackerStore) -> int:
        """Delete a conversation, between two turns; the number of its events."""
        async with self._alone(conversation):
            return store.forget(conversation)

    def _finished(self, turn: Turn, task: asyncio.Task[Outcome]) -> None:
        self._running.pop(turn.turn_id, None)
        error = None if task.cancelled() else task.exception()
        # The type only: an exception's words may repeat the message.
        if error is not None:
            logger.error("turn_failed turn_id=%s error=%s", turn.turn_id, type(error).__name__)

    async def _once(self, turn: Turn, store: WenceTrackerStore) -> Outcome:
        async with self._alone(turn.conversation):
            record = store.recorded(turn.turn_id)
            if record is not None:
                return _repeat(turn, record)
            output = TurnOutput()
            message = UserMessage(
                text=no_command(turn.message),
                output_channel=output,
                sender_id=turn.conversation,
                input_channel=turn.channel,
                message_id=turn.turn_id,
                metadata={**turn.metadata, "turn_id": turn.turn_id},
            )
            try:
                await self._handle(message)
            except (ConcurrentTurnError, IntegrityError):
                # Another Rasa worked the same turn meanwhile: its record counts.
                record = store.recorded(turn.turn_id)
                if record is None:
                    raise
                return _repeat(turn, record)
            return Outcome(output.replies, replayed=False)

    @asynccontextmanager
    async def _alone(self, conversation: str) -> Any:
        lock, users = self._locks.get(conversation) or (asyncio.Lock(), 0)
        self._locks[conversation] = (lock, users + 1)
        try:
            async with lock:
                yield
        finally:
            lock, users = self._locks[conversation]
            if users == 1:
                del self._locks[conversation]
            else:
                self._locks[conversation] = (lock, users - 1)


def _repeat(turn: Turn, record: TurnRecord) -> Outcome:
    if record.sender_id != turn.conversation:
        raise ConflictingTurnError(turn.turn_id)
    return Outcome(record.replies, replayed=True)
