"""How an answer goes out in callback mode: as a stream that the platform polls.

The first response opens the stream, each poll asks for its whole content, and the one that
ends it carries the answer's part of the outbox. A stream's id holds the turn's id and the
time, so that any process can answer any poll from the database.
Source: https://developer.work.weixin.qq.com/document/path/101031
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack
from typing import Any, Protocol

from bot.channels.aibot.recent import Recent
from bot.channels.aibot.render import LIMIT, card_of, render, stream_body
from bot.channels.platform.sentence import Sentence
from bot.channels.rendering import size
from bot.conversations import Conversations
from bot.errors import NotFoundError, StorageError
from bot.logs import get_logger
from bot.storage.records import Entry, Turn

__all__ = ["LATE", "Streams", "Write", "silence_of", "stream_id_of"]

log = get_logger(__name__)

LATE = 300.0
"""Seconds after which a stream is ended without its answer; the platform ends it at 360."""
_WAIT = 0.8  # seconds that a response is kept back for the answer
_LONGEST = 3600.0  # seconds; then the reply address is worthless
_TASKS = 256
_FINISHED = 512
_BACK = 40  # entries before a turn that are searched for parts that wait
_OPEN = ("pending", "sending", "waiting")
_ID = re.compile(r"([0-9A-Za-z-]{1,64})@([0-9]{1,12})")


class Write(Protocol):
    """Writes a response with this body to the platform; raises where it cannot."""

    async def __call__(self, body: Mapping[str, Any]) -> None:
        """Write it."""


def stream_id_of(turn: Turn) -> str:
    """The id of a turn's stream; the same at every delivery of the message."""
    return f"{turn.turn_id}@{int(turn.received_at.timestamp())}"


class Streams:
    """Answers of one process to opening callbacks and polls.

    Args:
        clock: seconds since 1970.
        wait: seconds that a response is kept back for the answer.
    """

    def __init__(
        self,
        conversations: Conversations,
        sentence: Sentence,
        clock: Callable[[], float] = time.time,
        wait: float = _WAIT,
    ) -> None:
        self._conversations, self._sentence = conversations, sentence
        self._clock, self._wait = clock, wait
        self._finished: Recent[Mapping[str, Any]] = Recent(_FINISHED)
        self._tasks: set[asyncio.Task[None]] = set()

    async def close(self) -> None:
        """Stop waiting for late answers; the outbox sends them in its own time."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def answer(self, key: str, stream_id: str, write: Write) -> None:
        """Write the present state of a stream.

        Args:
            key: of the conversation that asks; a stream of another is not shown.
        """
        finished = self._finished.get(f"{key} {stream_id}")
        if finished is not None:
            await write(finished)
            return
        parsed = _ID.fullmatch(stream_id)
        if parsed is None:
            await write(self._end(stream_id, "aibot.gone"))
            return
        turn_id, age = parsed[1], self._clock() - int(parsed[2])
        try:
            turn = await self._conversations.answered(turn_id, self._wait)
            if turn is not None and turn.conversation_key != key:
                raise NotFoundError(turn_id)
            if turn is None or not await self._carry(turn, stream_id, write):
                await write(self._unfinished(key, turn_id, stream_id, age))
        except NotFoundError:
            await write(self._end(stream_id, "aibot.gone"))
        except StorageError:
            await write(self._unfinished(key, turn_id, stream_id, age))

    def send_when_answered(self, key: str, turn_id: str) -> None:
        """Have a turn's answer sent actively as soon as it is there: no stream waits for it.

        Should this process die before, the outbox does it when its hold is over.
        """
        if len(self._tasks) >= _TASKS:
            log.warning("aibot_late_answers_many", waiting=len(self._tasks))
            return
        task = asyncio.create_task(self._release_when_answered(key, turn_id))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _unfinished(self, key: str, turn_id: str, stream_id: str, age: float) -> dict[str, Any]:
        if age < LATE:
            return stream_body(stream_id, False, self._sentence("input.late"), turn_id)
        log.warning("aibot_stream_late", turn_id=turn_id)
        self.send_when_answered(key, turn_id)
        body = self._end(stream_id, "aibot.late")
        self._finished.put(f"{key} {stream_id}", body)
        return body

    def _end(self, stream_id: str, key: str) -> dict[str, Any]:
        return stream_body(stream_id, True, self._sentence(key), None)

    async def _carry(self, turn: Turn, stream_id: str, write: Write) -> bool:
        """End the stream with the answer; False where something else must go first."""
        parts = render(turn.replies or [], turn.address, self._sentence)
        if not parts:
            await write(self._end(stream_id, silence_of(turn)))
            return True
        async with AsyncExitStack() as stack:
            delivery = await stack.enter_async_context(
                self._conversations.carry(turn.conversation_key, turn.turn_id)
            )
            entries = await self._entries(turn)
            if delivery is None and any(_is_of(entry, turn) for entry in entries):
                return False
            part = parts[0] if delivery is None else delivery.part
            card = card_of(part, f"t-{turn.turn_id}", self._sentence) if "card" in part else None
            content = part["content"]
            if delivery is not None:
                content += await self._overdue(turn, entries, LIMIT - size(content))
            body = stream_body(stream_id, True, content, turn.turn_id, card)
            self._finished.put(f"{turn.conversation_key} {stream_id}", body)
            await write(body)
        if len(parts) > 1:
            self.send_when_answered(turn.conversation_key, turn.turn_id)
        return True

    async def _entries(self, turn: Turn) -> list[Entry]:
        """The parts around a turn that are still open."""
        found = await self._conversations.entries(
            turn.conversation_key, max(0, turn.position - _BACK), 2 * _BACK
        )
        return [entry for entry in found if entry.part is not None and entry.state in _OPEN]

    async def _overdue(self, turn: Turn, entries: list[Entry], room: int) -> str:
        """Older answers that waited for the person to write again, as text to be added."""
        text = ""
        for entry in entries:
            if entry.state != "waiting" or entry.position > turn.position or entry.part is None:
                continue
            if size(text + self._earlier(entry.part)) > room:
                break
            async with self._conversations.carry(turn.conversation_key, None) as delivery:
                if delivery is None:
                    break
                text += self._earlier(delivery.part)
        return text

    def _earlier(self, part: Mapping[str, Any]) -> str:
        return f"\n\n{self._sentence('aibot.earlier')}\n{part.get('plain', part['content'])}"

    async def _release_when_answered(self, key: str, turn_id: str) -> None:
        try:
            turn = await self._conversations.answered(turn_id, _LONGEST)
            if turn is not None:
                await self._conversations.release(key, turn_id)
        except (NotFoundError, StorageError) as error:
            log.warning("aibot_answer_not_released", turn_id=turn_id, cause=str(error))


def _is_of(entry: Entry, turn: Turn) -> bool:
    return entry.turn_id == turn.turn_id


def silence_of(turn: Turn) -> str:
    """What to say where nothing was answered: a person has the conversation, or it was no text."""
    if turn.state == "failed":
        return "input.failed"
    return "aibot.with_person" if turn.kind == "text" else "input.no_words"
