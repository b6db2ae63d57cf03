"""Stand-ins for what stands behind a channel: conversations that remember what they were told."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from bot.conversations.message import Inbound
from bot.conversations.outlet import Delivery
from bot.errors import ConflictError
from bot.storage.records import Taken, Turn

__all__ = ["FakeConversations", "delivery"]

NOON = datetime(2026, 11, 21, 4, 0, tzinfo=UTC)


def delivery(part: Mapping[str, Any], **changes: Any) -> Delivery:
    """A part on its first way to somebody, changed at will."""
    first = Delivery(
        id=str(uuid4()),
        conversation_key="wecom:zhangsan",
        turn_id=None,
        address={"touser": "zhangsan", "agentid": 1000002},
        part=part,
        attempts=1,
        uncertain=False,
        created_at=NOON,
        heard_at=NOON,
        sent_since_heard=0,
        sent_in_minute=0,
    )
    return dataclasses.replace(first, **changes)


class FakeConversations:
    """Takes messages as the real ones do, in memory, and answers when a test says so.

    Attributes:
        accepted: every message that was taken, without repeats.
        fault: raised by ``accept``, once for each in the list.
        pause: seconds that ``accept`` takes.
        open: parts that wait for delivery, by conversation, in order.
        carried: parts that a response carried.
        returned: parts that a response took and gave back.
    """

    def __init__(self) -> None:
        self.accepted: list[Inbound] = []
        self.fault: list[Exception] = []
        self.pause = 0.0
        self.open: dict[str, list[Delivery]] = {}
        self.carried: list[Mapping[str, Any]] = []
        self.returned: list[Mapping[str, Any]] = []
        self._turns: dict[tuple[str, str | None], tuple[Turn, Inbound]] = {}
        self._done: dict[str, asyncio.Event] = {}

    async def accept(self, message: Inbound) -> Taken:
        """Remember a message; the same id is known from then on."""
        await asyncio.sleep(self.pause)
        if self.fault:
            raise self.fault.pop(0)
        place = (message.key, message.message_id)
        if message.message_id is not None and place in self._turns:
            turn, first = self._turns[place]
            if first.text != message.text:
                raise ConflictError("这个消息编号已经用于另一条内容不同的消息")
            return Taken(turn, known=True)
        turn = Turn(
            turn_id=str(uuid4()),
            conversation_key=message.key,
            channel=message.channel,
            seq=len(self.accepted) + 1,
            message_id=message.message_id,
            state="received",
            text=message.text,
            replies=None,
            kb_version=None,
            as_of=None,
            attempts=1,
            error=None,
            received_at=NOON,
            answered_at=None,
        )
        self.accepted.append(message)
        self._turns[place] = (turn, message)
        self._done[turn.turn_id] = asyncio.Event()
        return Taken(turn, known=False)

    async def known(self, key: str, message_id: str) -> bool:
        """Whether that message was taken already."""
        return (key, message_id) in self._turns

    def turn_of(self, message: Inbound) -> Turn:
        """The turn of a message that was taken."""
        return self._turns[(message.key, message.message_id)][0]

    def answer(
        self, message: Inbound, replies: Sequence[dict[str, Any]], parts: Sequence[dict[str, Any]]
    ) -> Turn:
        """Answer a message: its turn is done, its parts wait for delivery."""
        turn, _ = self._turns[(message.key, message.message_id)]
        turn = dataclasses.replace(
            turn, state="answered", replies=list(replies), answered_at=NOON, kb_version="test"
        )
        self._turns[(message.key, message.message_id)] = (turn, message)
        self.open.setdefault(message.key, []).extend(
            delivery(
                part,
                conversation_key=message.key,
                turn_id=turn.turn_id,
                address=dict(message.address),
            )
            for part in parts
        )
        self._done[turn.turn_id].set()
        return turn

    async def answered(self, turn_id: str, seconds: float) -> Turn | None:
        """The turn once it is answered; None where that is not within the time."""
        try:
            await asyncio.wait_for(self._done[turn_id].wait(), seconds)
        except TimeoutError:
            return None
        return next(turn for turn, _ in self._turns.values() if turn.turn_id == turn_id)

    @asynccontextmanager
    async def carry(self, key: str, turn_id: str | None) -> AsyncIterator[Delivery | None]:
        """The next open part; carried when the block is left normally, else given back."""
        waiting = self.open.get(key, [])
        if not waiting or (turn_id is not None and waiting[0].turn_id != turn_id):
            yield None
            return
        part = waiting.pop(0)
        try:
            yield part
        except BaseException:
            waiting.insert(0, part)
            self.returned.append(part.part)
            raise
        self.carried.append(part.part)
