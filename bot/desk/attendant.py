"""When a person is asked for: the queue, or, with nobody there, a message on a ticket."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, Protocol

from bot.clock import SHANGHAI
from bot.desk.hours import Hours
from bot.errors import NotFoundError, WenceError
from bot.knowledge import Knowledge
from bot.logs import get_logger
from bot.storage.desk_queue import DeskQueue, Talk
from bot.storage.records import Entry, Turn

__all__ = ["PRESENT", "Attendant", "Talks", "said"]

log = get_logger(__name__)

PRESENT = timedelta(seconds=90)
"""Since when somebody must have been seen to count as there."""
_GONE = timedelta(minutes=3)  # unseen for so long, a user's conversations go to others
_PATIENCE = timedelta(minutes=10)  # of a person who waits
_LOOK = 10.0  # seconds between two looks
_TOPIC = 200  # characters of a message that become a ticket's topic

Replies = list[dict[str, Any]]


class Talks(Protocol):
    """What the desk needs of the conversations; :class:`bot.conversations.Conversations` has it."""

    async def entries(self, key: str, after: int = 0, limit: int = 200) -> list[Entry]:
        """What was said after a position."""

    async def say(self, key: str, author: str, replies: Sequence[Mapping[str, Any]]) -> int:
        """Say something in a conversation; the position of it."""


def said(text: str) -> Replies:
    """A sentence as a reply."""
    return [{"text": text, "buttons": [], "custom": {"type": "handoff"}}]


class Attendant:
    """Receives those who ask for a person.

    Args:
        queue: who waits and who has whom.
        talks: the conversations.
        knowledge: for the sentences.
        clock: the present, in UTC.
        hours: when there is service; None: whenever somebody is there.
        deliver: whether a channel can be answered later.
    """

    def __init__(
        self,
        queue: DeskQueue,
        talks: Talks,
        knowledge: Knowledge,
        clock: Callable[[], datetime],
        hours: Hours | None = None,
        deliver: Callable[[str], bool] = lambda channel: channel != "rest",
    ) -> None:
        self._queue, self._talks, self._knowledge = queue, talks, knowledge
        self._clock, self._hours, self._deliver = clock, hours, deliver

    async def handover(self, turn: Turn, replies: Replies) -> Replies:
        """What a person gets who asks for somebody: a place in the queue, or a ticket.

        The bot's own words stay where nobody could ever answer.
        """
        if not self._deliver(turn.channel):
            return replies
        before = await self._queue.line_up(turn.conversation_key, self._clock())
        if before is None:
            return replies
        if await self._somebody():
            log.info("person_asked_for", channel=turn.channel, before=before)
            words = self._phrase("waiting", before=before) if before else self._phrase("next")
            return self._shaped(replies, words)
        taken = await self._leave_message(await self._queue.find(turn.conversation_key))
        return self._shaped(replies, taken) if taken is not None else replies

    async def run(self) -> None:
        """See to those who wait too long and to those whose operator is gone, until cancelled."""
        while True:
            try:
                await self.look()
            except WenceError as error:
                log.warning("queue_unattended", cause=str(error))
            await asyncio.sleep(_LOOK)

    async def look(self) -> None:
        """One look at the queue.

        Raises:
            StorageError: the database is away.
        """
        now = self._clock()
        for talk in await self._queue.release_absent(now - _GONE, now):
            log.info("talk_released", talk=talk.id)
            await self._say(talk, self._phrase("queued"))
        somebody = await self._somebody()
        for talk in await self._queue.talks():
            since = talk.waiting_since
            if since is not None and (not somebody or now - since > _PATIENCE):
                words = await self._leave_message(talk)
                if words is not None:
                    await self._say(talk, words)

    async def forget(self, key: str) -> None:
        """Delete what the desk keeps of a person."""
        await self._queue.forget(key)

    async def _somebody(self) -> bool:
        now = self._clock()
        if self._hours is not None and not self._hours.open_at(now):
            return False
        return bool(await self._queue.present(now - PRESENT))

    async def _leave_message(self, talk: Talk) -> str | None:
        """Open a ticket in place of the waiting; the words for it, or None where none is due."""
        owner, now = await self._queue.on_duty(), self._clock()
        if owner is None:
            await self._queue.stop_waiting(talk)
            return self._phrase("no_desk")
        values = {"topic": talk.last[:_TOPIC], "outcome": "call_back", "due_on": _tomorrow(now)}
        ticket = await self._queue.leave_message(talk, owner, values, now)
        if ticket is None:
            return None
        log.info("message_taken", talk=talk.id, ticket=ticket.number)
        closed = self._hours is not None and not self._hours.open_at(now)
        return self._phrase(
            "closed" if closed else "nobody",
            number=ticket.number,
            query=ticket.query_number,
            hours=self._hours or "",
        )

    async def _say(self, talk: Talk, words: str) -> None:
        try:
            await self._talks.say(talk.key, "bot", said(words))
        except NotFoundError:
            log.info("talk_gone", talk=talk.id)

    def _phrase(self, key: str, **values: object) -> str:
        return self._knowledge.current.snapshot.phrases(f"desk.talk.{key}", **values)

    @staticmethod
    def _shaped(replies: Replies, words: str) -> Replies:
        """The bot's own reply with other words: every key of the contract stays."""
        return [{**replies[0], "text": words, "buttons": []}]


def _tomorrow(now: datetime) -> date:
    return now.astimezone(SHANGHAI).date() + timedelta(days=1)
