"""What comes in on the long connection, stored and answered."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine, Mapping
from typing import Any

from bot.channels.aibot.feedback import OnFeedback, pass_on
from bot.channels.aibot.messages import (
    Click,
    Entered,
    Feedback,
    MalformedError,
    Message,
    Replaced,
    read,
    readdressed,
)
from bot.channels.aibot.push import PushOutlet
from bot.channels.aibot.render import stream_body, updated_card
from bot.channels.aibot.streams import LATE, silence_of
from bot.channels.aibot.taking import take
from bot.channels.aibot.wire import BrokenError, NoAnswerError, NotSentError, Wire
from bot.channels.platform.sentence import Sentence
from bot.conversations import Conversations
from bot.conversations.message import Inbound
from bot.errors import NotFoundError, StorageError
from bot.logs import get_logger
from bot.storage.records import Turn

__all__ = ["Talk"]

log = get_logger(__name__)

_SOON = 1.0  # seconds in which an answer needs no word before it
_QUICK = 4.0  # seconds; the platform waits five for a welcome and for a card


class Talk:
    """Works callbacks: a message is stored, its stream watched until its answer is out.

    Args:
        clock: seconds since 1970.
        soon: seconds after which a person is shown that the message has come.
        late: seconds after which a stream is ended without its answer.
    """

    def __init__(
        self,
        conversations: Conversations,
        outlet: PushOutlet,
        sentence: Sentence,
        on_feedback: OnFeedback,
        clock: Callable[[], float] = time.time,
        soon: float = _SOON,
        late: float = LATE,
    ) -> None:
        self._conversations, self._outlet = conversations, outlet
        self._sentence, self._on_feedback = sentence, on_feedback
        self._clock, self._soon, self._late = clock, soon, late
        self._following: dict[str, asyncio.Task[None]] = {}
        self._others: set[asyncio.Task[None]] = set()

    async def close(self) -> None:
        """Stop what is under way; answers still come, by themselves."""
        tasks = [*self._following.values(), *self._others]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def is_replaced(self, frame: Mapping[str, Any]) -> bool:
        """Whether a frame says that another connection took over."""
        try:
            return isinstance(read(_body(frame), 0), Replaced)
        except MalformedError:
            return False

    async def take(self, wire: Wire, frame: Mapping[str, Any]) -> None:
        """Take one callback; returns when it is stored, not when it is answered."""
        req_id = _req_id(frame)
        try:
            told = read(_body(frame), int(self._clock()))
        except MalformedError:
            log.warning("aibot_callback_malformed")
            return
        match told:
            case Message(inbound):
                await self._take(wire, readdressed(inbound, req_id=req_id), req_id)
            case Click():
                await self._press(wire, told, req_id)
            case Entered():
                welcome = {"msgtype": "text", "text": {"content": self._sentence("input.enter")}}
                self._start(self._respond(wire, "aibot_respond_welcome_msg", welcome, req_id))
            case Feedback():
                await pass_on(told, self._on_feedback, self._sentence)
            case _:
                log.info("aibot_callback_ignored", told=type(told).__name__)

    async def _take(self, wire: Wire, inbound: Inbound, req_id: str) -> None:
        turn, refused = await take(self._conversations, inbound)
        if refused is not None:
            said = stream_body(f"refused-{req_id}", True, self._sentence(refused), None)
            self._start(self._respond(wire, "aibot_respond_msg", said, req_id))
        if turn is None or turn.state != "received" or turn.turn_id in self._following:
            return
        task = asyncio.create_task(self._follow(turn, inbound.address))
        self._following[turn.turn_id] = task
        task.add_done_callback(lambda _: self._following.pop(turn.turn_id, None))

    async def _press(self, wire: Wire, click: Click, req_id: str) -> None:
        """The card shows the choice at once; the answer follows as a message of its own.

        So the address holds no req_id: that of a press takes nothing but the card.
        """
        _, refused = await take(self._conversations, click.inbound)
        said = self._sentence(refused or "aibot.chosen", title=click.title)
        card = updated_card(said, click.title, click.task_id, click.userid)
        self._start(self._respond(wire, "aibot_respond_update_msg", card, req_id))

    async def _follow(self, turn: Turn, address: Mapping[str, Any]) -> None:
        """Show that the message has come, and end its stream in time if no answer does."""
        try:
            done = await self._conversations.answered(turn.turn_id, self._soon)
            if done is None:
                await self._outlet.working(turn.turn_id, address)
                done = await self._conversations.answered(turn.turn_id, self._late - self._soon)
            if done is None:
                log.warning("aibot_stream_late", turn_id=turn.turn_id)
                await self._outlet.end(turn.turn_id, address, "aibot.late")
            elif not done.replies:
                await self._outlet.end(turn.turn_id, address, silence_of(done))
        except (NotFoundError, StorageError) as error:
            log.warning("aibot_turn_not_followed", turn_id=turn.turn_id, cause=str(error))

    def _start(self, doing: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(doing)
        self._others.add(task)
        task.add_done_callback(self._others.discard)

    async def _respond(self, wire: Wire, cmd: str, body: Mapping[str, Any], req_id: str) -> None:
        """Answer a callback at once; there is no second try, its seconds are over by then."""
        try:
            errcode = await wire.call(cmd, body, req_id, _QUICK)
        except (NotSentError, BrokenError, NoAnswerError) as error:
            log.warning("aibot_not_responded", cmd=cmd, cause=type(error).__name__)
            return
        if errcode != 0:
            log.warning("aibot_not_responded", cmd=cmd, errcode=errcode)


def _body(frame: Mapping[str, Any]) -> Mapping[str, Any]:
    body = frame.get("body")
    if frame.get("cmd") not in ("aibot_msg_callback", "aibot_event_callback"):
        raise MalformedError("cmd")
    if not isinstance(body, Mapping):
        raise MalformedError("body")
    return body


def _req_id(frame: Mapping[str, Any]) -> str:
    headers = frame.get("headers")
    req_id = headers.get("req_id") if isinstance(headers, Mapping) else None
    return req_id if isinstance(req_id, str) and len(req_id) <= 512 else ""
