"""The way out of long-connection mode: frames on the one connection, each acknowledged.

Source: https://developer.work.weixin.qq.com/document/path/101463
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from bot.channels.aibot.messages import CHANNEL
from bot.channels.aibot.recent import Recent
from bot.channels.aibot.render import card_of, push_body, render, stream_body
from bot.channels.aibot.wire import BrokenError, NoAnswerError, NotSentError, Wire
from bot.channels.platform.sentence import Sentence
from bot.conversations.outlet import (
    Delivery,
    SendLaterError,
    SendRefusedError,
    SendUnknownError,
)
from bot.logs import get_logger

__all__ = ["PushOutlet"]

log = get_logger(__name__)

_STREAMS = 4096
_OPEN_FOR = 350.0  # seconds after the message; the platform ends a stream at 360
_A_MINUTE = 28  # the platform drops what is over 30, without a word
# Codes seen in public code; the platform publishes no list.
_NO_STREAM = {846605, 846608}  # unknown req_id; the stream is over
_OVER = 846608
_NOT_SUBSCRIBED = 846609
_BUSY = {-1, 45009, 45033}


@dataclass
class _Stream:
    req_id: str
    opened_at: float
    begun: bool = False
    finished: bool = False
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)


class PushOutlet:
    """Pushes answers: as the stream of the message they answer, else as messages of their own.

    A part whose outcome is unknown is pushed again. Into the same stream that is harmless,
    for it states the whole content; as a message of its own it may arrive twice.

    Args:
        clock: seconds since 1970.
        patience: seconds to wait for an acknowledgement.

    Attributes:
        wire: the connection; None in a process that does not hold it.
    """

    channel = CHANNEL
    window = timedelta(days=1)
    hold = 0.0

    def __init__(
        self,
        sentence: Sentence,
        clock: Callable[[], float] = time.time,
        patience: float = 10.0,
    ) -> None:
        self._sentence, self._clock, self._patience = sentence, clock, patience
        self._streams: Recent[_Stream] = Recent(_STREAMS)
        self.wire: Wire | None = None

    def parts(
        self, replies: Sequence[Mapping[str, Any]], address: Mapping[str, Any]
    ) -> list[dict[str, Any]]:
        """All replies of a turn as one part, if they fit."""
        return render(replies, address, self._sentence)

    def ready(self) -> bool:
        """Whether this process holds the connection."""
        return self.wire is not None

    async def working(self, turn_id: str, address: Mapping[str, Any]) -> None:
        """Open the stream of a turn whose answer takes longer; in vain is no harm."""
        await self._show(turn_id, address, "input.late", finish=False)

    async def end(self, turn_id: str, address: Mapping[str, Any], key: str) -> None:
        """End the stream of a turn without its answer, if it was opened."""
        stream = self._stream(turn_id, address)
        if stream is not None and stream.begun:
            await self._show(turn_id, address, key, finish=True)

    async def send(self, delivery: Delivery) -> None:
        """Push one part and wait for its acknowledgement.

        Raises:
            SendLaterError, SendRefusedError, SendUnknownError: it did not or may not
                have arrived.
        """
        if delivery.sent_in_minute >= _A_MINUTE:
            raise SendLaterError("too_many_a_minute", 20)
        if not await self._into_stream(delivery):
            body = push_body(_part(delivery), delivery.id, delivery.turn_id, self._sentence)
            _check(await self._call("aibot_send_msg", _to(delivery.address) | body, None))

    async def _into_stream(self, delivery: Delivery) -> bool:
        """Whether the part is now what its turn's stream shows."""
        if delivery.turn_id is None:
            return False
        stream = self._stream(delivery.turn_id, delivery.address)
        if stream is None:
            return False
        async with stream.lock:
            if stream.finished:
                return False
            part = _part(delivery)
            card = (
                card_of(part, f"t-{delivery.turn_id}", self._sentence) if "card" in part else None
            )
            body = stream_body(delivery.turn_id, True, part["content"], delivery.turn_id, card)
            errcode = await self._call("aibot_respond_msg", body, stream.req_id)
            if errcode not in _NO_STREAM:
                _check(errcode)
            stream.finished = True
        if errcode == _OVER and delivery.uncertain:
            # Within its time a stream is over only if it was ended: the first try arrived.
            log.info("aibot_reply_had_arrived", part_id=delivery.id)
            return True
        return errcode == 0

    async def _show(
        self, turn_id: str, address: Mapping[str, Any], key: str, *, finish: bool
    ) -> None:
        stream = self._stream(turn_id, address)
        if stream is None:
            return
        async with stream.lock:
            if stream.finished:
                return
            body = stream_body(turn_id, finish, self._sentence(key), turn_id)
            stream.begun = True
            try:
                errcode = await self._call("aibot_respond_msg", body, stream.req_id)
            except (SendLaterError, SendUnknownError) as error:
                log.info("aibot_stream_not_shown", turn_id=turn_id, reason=error.reason)
                return
            stream.finished = finish or errcode in _NO_STREAM

    def _stream(self, turn_id: str, address: Mapping[str, Any]) -> _Stream | None:
        """The stream of a turn while it can be shown; a press on a card has none."""
        stream = self._streams.get(turn_id)
        if stream is None:
            req_id = address.get("req_id")
            if not req_id:
                return None
            stream = _Stream(req_id, address.get("at", 0))
            self._streams.put(turn_id, stream)
        return stream if self._clock() - stream.opened_at < _OPEN_FOR else None

    async def _call(self, cmd: str, body: Mapping[str, Any], req_id: str | None) -> int:
        wire = self.wire
        if wire is None:
            raise SendLaterError("not_connected")
        try:
            errcode = await wire.call(cmd, body, req_id, self._patience)
        except NotSentError:
            raise SendLaterError("not_connected") from None
        except BrokenError:
            raise SendUnknownError("broken_off") from None
        except NoAnswerError:
            # Later acknowledgements of the same req_id could not be told from this one's.
            await wire.close()
            raise SendUnknownError("no_answer") from None
        if errcode == _NOT_SUBSCRIBED:
            await wire.close()
            raise SendLaterError("not_subscribed")
        return errcode


def _part(delivery: Delivery) -> Mapping[str, Any]:
    """The part; its second try without the card, whose task_id may be used up by the first."""
    part = delivery.part
    return {"content": part["plain"]} if delivery.uncertain and "card" in part else part


def _check(errcode: int) -> None:
    """Raise what an errcode other than 0 means."""
    if errcode in _BUSY:
        raise SendLaterError(f"errcode_{errcode}", 30 if errcode != -1 else None)
    if errcode != 0:
        raise SendRefusedError(f"errcode_{errcode}")


def _to(address: Mapping[str, Any]) -> dict[str, Any]:
    if address.get("chattype") == "group":
        return {"chatid": address["chatid"], "chat_type": 2}
    return {"chatid": address["userid"], "chat_type": 1}
