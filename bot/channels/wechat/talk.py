"""From a message to the one response: the answer itself, or a word that it comes later.

**Order.** A response carries the head of the conversation's outbox. The answer to a new
question may pass parts of older answers that wait for the person; those stay, in their
order, for whoever replies 1. Where the account can send customer-service messages, what
the response does not carry follows by itself; where it cannot, everything waits for 1.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Sequence
from dataclasses import replace
from typing import Any

from aiohttp import web

from bot.channels.platform.sentence import Sentence
from bot.channels.wechat.exchange import BrokenError, Exchange
from bot.channels.wechat.outlet import WechatOutlet, text_of
from bot.conversations import Conversations
from bot.conversations.message import Inbound
from bot.conversations.outlet import Delivery
from bot.errors import ConflictError, NotFoundError
from bot.logs import get_logger
from bot.storage.records import Entry

__all__ = ["Talk"]

log = get_logger(__name__)

_GO_ON = frozenset({"1", "１", "继续"})
_LATEST = 60  # entries of a conversation that are looked at
_TRIES = 15  # looks while parts that cannot be sent are being told to wait
_PAUSE = 0.1  # seconds between them
_MOST_WAITING = 512  # requests of this process that wait for an answer

Responding = Coroutine[Any, Any, web.StreamResponse]


class Talk:
    """What the channel says to a message.

    Args:
        conversations: where messages go and answers come from.
        outlet: knows whether customer-service messages can be sent.
        sentence: the sentences of phrases.yml.
    """

    def __init__(
        self, conversations: Conversations, outlet: WechatOutlet, sentence: Sentence
    ) -> None:
        self._conversations, self._outlet, self._sentence = conversations, outlet, sentence
        self._waiting = 0

    async def answer(self, message: Inbound, exchange: Exchange) -> web.StreamResponse:
        """Take a message and answer it as far as the platform's patience goes.

        Raises:
            OverloadedError, StorageError, TimeoutError: it was not taken.
        """
        async with asyncio.timeout(exchange.left_to_store()):
            latest = await self._asked_to_go_on(message)
        if latest:
            return await self._go_on(message, latest, exchange)
        turn_id = None
        try:
            async with asyncio.timeout(exchange.left_to_store()):
                taken = await self._conversations.accept(message)
            turn_id, known = taken.turn.turn_id, taken.known
        except ConflictError:
            known = True  # such as a 1 that was taken as "go on" before
        if message.kind == "unsubscribe" or (known and self._outlet.can_send):
            return exchange.nothing()
        return await _guarded(self._result(message.key, turn_id, exchange), exchange)

    async def _asked_to_go_on(self, message: Inbound) -> list[Entry]:
        """The latest entries, where the message is a new 1 and something waits; else none."""
        if message.kind != "text" or message.text.strip() not in _GO_ON:
            return []
        latest = await self._latest(message.key)
        if any(entry.message_id == message.message_id for entry in latest):
            return []
        promised = not self._outlet.can_send and _unanswered(latest)
        return latest if promised or _undelivered(latest) else []

    async def _go_on(
        self, message: Inbound, latest: Sequence[Entry], exchange: Exchange
    ) -> web.StreamResponse:
        """Carry the next part; it is claimed first, lest it be tried actively meanwhile."""
        asked = replace(message, kind="continue", text="")
        try:
            async with self._conversations.carry(message.key) as delivery:
                async with asyncio.timeout(exchange.left_to_store()):
                    taken = await self._conversations.accept(asked)
                if delivery is not None:
                    return await exchange.deliver(await self._words(delivery))
        except BrokenError:
            return _broken(exchange)
        if taken.known:
            return exchange.nothing()
        waited_for = _unanswered(latest)
        turn_id = waited_for[-1].turn_id if waited_for else None
        return await _guarded(self._rest(message.key, turn_id, exchange), exchange)

    async def _rest(self, key: str, turn_id: str | None, exchange: Exchange) -> web.StreamResponse:
        """What the person asked to see, once the turn that is worked is answered."""
        there = turn_id is None or await self._answered(turn_id, exchange)
        carried = await self._carry(key, None, exchange)
        if carried is None and not there:
            return exchange.say(self._sentence("wechat.still_searching"))
        return exchange.nothing() if carried is None else carried

    async def _result(
        self, key: str, turn_id: str | None, exchange: Exchange
    ) -> web.StreamResponse:
        """The answer of a turn, else the word that it comes later."""
        if turn_id is not None and not await self._answered(turn_id, exchange):
            if self._outlet.can_send:
                return exchange.nothing()
            return exchange.say(self._sentence("wechat.searching"))
        carried = await self._carry(key, turn_id, exchange)
        return exchange.nothing() if carried is None else carried

    async def _answered(self, turn_id: str, exchange: Exchange) -> bool:
        """Whether a turn is done while the platform waits."""
        seconds = exchange.left() if self._waiting < _MOST_WAITING else 0.0
        self._waiting += 1
        try:
            return await self._conversations.answered(turn_id, seconds) is not None
        except NotFoundError:
            return True  # forgotten at the person's request
        finally:
            self._waiting -= 1

    async def _carry(
        self, key: str, turn_id: str | None, exchange: Exchange
    ) -> web.StreamResponse | None:
        """A response with a part of that turn, or, where it may not go first, with the head.

        Once the person has written, older parts are tried anew; without the right to send
        they are back to waiting a moment later, and the new answer can pass them.
        """
        for left in reversed(range(_TRIES)):
            if exchange.late:
                return None
            async with self._conversations.carry(key, turn_id if left else None) as delivery:
                if delivery is not None:
                    return await exchange.deliver(await self._words(delivery))
            if self._outlet.can_send or not _undelivered(await self._latest(key)):
                return None
            await asyncio.sleep(_PAUSE)
        return None

    async def _words(self, delivery: Delivery) -> str:
        """A part's text; with the word that more follows, where that has to be asked for."""
        text = text_of(delivery.part)
        if self._outlet.can_send:
            return text
        latest = await self._latest(delivery.conversation_key)
        follows = [entry for entry in _undelivered(latest) if entry.state != "sending"]
        return self._outlet.with_notice(text) if follows or _unanswered(latest) else text

    async def _latest(self, key: str) -> list[Entry]:
        state = await self._conversations.state(key)
        if state is None:
            return []
        return await self._conversations.entries(key, max(0, state.position - _LATEST), _LATEST)


async def _guarded(responding: Responding, exchange: Exchange) -> web.StreamResponse:
    """The message is stored: whatever goes wrong from here on, its answer still comes."""
    try:
        return await responding
    except BrokenError:
        return _broken(exchange)
    except Exception as error:
        log.error("passive_reply_failed", channel="wechat", exc_info=error)
        return exchange.nothing() if exchange.begun is None else exchange.begun


def _broken(exchange: Exchange) -> web.StreamResponse:
    log.info("passive_reply_broken", channel="wechat")
    return exchange.nothing() if exchange.begun is None else exchange.begun


def _undelivered(latest: Sequence[Entry]) -> list[Entry]:
    open_states = ("pending", "sending", "waiting")
    return [entry for entry in latest if entry.part is not None and entry.state in open_states]


def _unanswered(latest: Sequence[Entry]) -> list[Entry]:
    """The messages whose answers are still being made."""
    return [
        entry
        for entry in latest
        if entry.author == "person" and entry.state == "received" and entry.kind != "continue"
    ]
