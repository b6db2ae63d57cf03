"""Callback mode of the WeCom AI bot: ``/wecom/aibot/callback``.

Sources: https://developer.work.weixin.qq.com/document/path/101033 (the envelope in JSON)
and https://developer.work.weixin.qq.com/document/path/100719 (the messages).
"""

from __future__ import annotations

import json
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from aiohttp import web
from prometheus_client import CollectorRegistry

from bot.api.http import json_response
from bot.channels.aibot.feedback import OnFeedback, pass_on
from bot.channels.aibot.messages import (
    CHANNEL,
    Click,
    Entered,
    Feedback,
    MalformedError,
    Message,
    Poll,
    read,
)
from bot.channels.aibot.render import stream_body, updated_card
from bot.channels.aibot.streams import Streams, stream_id_of
from bot.channels.aibot.taking import take
from bot.channels.platform.callback import PlatformCallback
from bot.channels.platform.crypto import MessageCipher
from bot.channels.platform.request import (
    check_window,
    opening,
    read_body,
    read_echo,
    read_parameters,
)
from bot.channels.platform.sentence import Sentence
from bot.conversations import Conversations
from bot.conversations.message import Inbound
from bot.errors import RequestError
from bot.logs import get_logger

__all__ = ["PATH", "AibotCallback"]

log = get_logger(__name__)

PATH = "/wecom/aibot/callback"
_Reply = Callable[[Mapping[str, Any] | None], Awaitable[web.StreamResponse]]


class AibotCallback(PlatformCallback):
    """The routes of callback mode.

    A message whose id is known is answered again without work, however old the request;
    everything else must be of the present by its signed timestamp.

    Args:
        cipher: with an empty receive id.
        streams: how answers go out.
        on_feedback: told when a person judged an answer.
    """

    def __init__(
        self,
        conversations: Conversations,
        cipher: MessageCipher,
        streams: Streams,
        sentence: Sentence,
        registry: CollectorRegistry,
        window: float,
        on_feedback: OnFeedback,
        clock: Callable[[], float] = time.time,
    ) -> None:
        super().__init__(CHANNEL, PATH, conversations, sentence, registry, window, clock)
        self._cipher, self._streams, self._on_feedback = cipher, streams, on_feedback

    async def close(self) -> None:
        """Stop what runs beside the requests."""
        await self._streams.close()

    async def verify(self, request: web.Request) -> web.Response:
        """Prove to the platform that token and key are ours.

        Raises:
            RequestError: 400 malformed, 403 refused, 429 refused often.
        """
        return read_echo(request, CHANNEL, self._cipher, self._limiter, self._clock())

    async def receive(self, request: web.Request) -> web.StreamResponse:
        """Take one callback and answer it within a second or so.

        Raises:
            RequestError: 400 malformed, 403 refused, 413 too large, 429 refused often.
        """
        encrypted = _encrypted(await read_body(request))
        signature, timestamp, nonce = read_parameters(
            request, "msg_signature", "timestamp", "nonce"
        )
        body = _object(self._open(request, signature, timestamp, nonce, encrypted))
        now = self._clock()
        self._offset.note(signature, timestamp, now)

        async def reply(said: Mapping[str, Any] | None) -> web.StreamResponse:
            """Write the response here and now: a part that it carries must be on its way."""
            response = self._sealed(said, nonce)
            await response.prepare(request)
            await response.write_eof()
            return response

        try:
            told = read(body, int(now))
        except MalformedError:
            log.warning("aibot_callback_malformed")
            raise RequestError(400, "malformed", "请求内容有误") from None
        if isinstance(told, Message | Click):
            await self._check_age(told.inbound, timestamp, now)
        else:
            check_window(timestamp, now, self._window, self._offset.seconds(now))
        self._count(type(told).__name__.lower())
        match told:
            case Message(inbound):
                return await self._take(inbound, reply)
            case Click():
                return await self._press(told, reply)
            case Poll(key, stream_id):
                return await self._stream(key, stream_id, reply)
            case Entered():
                welcome = {"msgtype": "text", "text": {"content": self._sentence("input.enter")}}
                return await reply(welcome)
            case Feedback():
                await pass_on(told, self._on_feedback, self._sentence)
            case _:
                log.info("aibot_callback_ignored", told=type(told).__name__)
        return await reply(None)

    async def _take(self, inbound: Inbound, reply: _Reply) -> web.StreamResponse:
        turn, refused = await take(self._conversations, inbound)
        if turn is not None:
            return await self._stream(inbound.key, stream_id_of(turn), reply)
        if refused is None:
            return await reply(None)
        # The platform would not come back with it; the person must know.
        said = stream_body(f"refused-{int(self._clock())}", True, self._sentence(refused), None)
        return await reply(said)

    async def _press(self, click: Click, reply: _Reply) -> web.StreamResponse:
        """The card shows the choice at once; the answer follows as a message of its own."""
        turn, refused = await take(self._conversations, click.inbound)
        if turn is not None:
            self._streams.send_when_answered(click.inbound.key, turn.turn_id)
        heading = refused or "aibot.chosen"
        said = self._sentence(heading, title=click.title)
        return await reply(updated_card(said, click.title, click.task_id, click.userid))

    async def _stream(self, key: str, stream_id: str, reply: _Reply) -> web.StreamResponse:
        written: list[web.StreamResponse] = []

        async def write(body: Mapping[str, Any]) -> None:
            # Once: where the database goes away after the response has gone out, that stays.
            if not written:
                written.append(await reply(body))

        await self._streams.answer(key, stream_id, write)
        return written[-1]

    def _open(
        self, request: web.Request, signature: str, timestamp: str, nonce: str, encrypted: str
    ) -> str:
        with opening(request, "aibot", self._limiter, self._clock()):
            self._cipher.check(signature, timestamp, nonce, encrypted)
            return self._cipher.decrypt(encrypted)

    def _sealed(self, said: Mapping[str, Any] | None, nonce: str) -> web.Response:
        """The envelope around a reply; an empty body where there is none."""
        if said is None:
            return web.Response()
        timestamp = int(self._clock())
        encrypted = self._cipher.encrypt(json.dumps(said, ensure_ascii=False))
        return json_response(
            {
                "encrypt": encrypted,
                "msgsignature": self._cipher.sign(str(timestamp), nonce, encrypted),
                "timestamp": timestamp,
                "nonce": nonce,
            }
        )


def _encrypted(body: bytes) -> str:
    try:
        encrypted = json.loads(body.decode("utf-8-sig"))["encrypt"]
    except (ValueError, KeyError, TypeError, RecursionError):
        encrypted = None
    if not isinstance(encrypted, str):
        raise RequestError(400, "malformed", "请求内容有误")
    return encrypted


def _object(text: str) -> dict[str, Any]:
    try:
        body = json.loads(text)
    except (ValueError, RecursionError):
        body = None
    if not isinstance(body, dict):
        raise RequestError(400, "malformed", "请求内容有误")
    return body
