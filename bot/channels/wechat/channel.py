"""``/wechat/callback``: what the official account hears is checked, stored, and answered."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

from aiohttp import web
from prometheus_client import CollectorRegistry

from bot.channels.platform.callback import PlatformCallback
from bot.channels.platform.request import opening, plain_text, read_body
from bot.channels.platform.sentence import Sentence
from bot.channels.wechat.envelope import Envelope, Opened
from bot.channels.wechat.exchange import Exchange, Patience
from bot.channels.wechat.messages import read_message
from bot.channels.wechat.outlet import WechatOutlet
from bot.channels.wechat.talk import Talk
from bot.conversations import Conversations
from bot.conversations.message import Inbound
from bot.errors import OverloadedError, RequestError, SettingsError, StorageError
from bot.logs import get_logger
from bot.settings import Settings

__all__ = ["PATH", "WechatChannel"]

log = get_logger(__name__)

PATH = "/wechat/callback"


class WechatChannel(PlatformCallback):
    """``GET`` and ``POST /wechat/callback``.

    Args:
        conversations: where messages go.
        settings: token, app id, key, mode and window.
        outlet: knows whether customer-service messages can be sent.
        sentence: the sentences of phrases.yml.
        registry: where outcomes are counted.
        patience: how the platform's five seconds are used.
        clock: seconds since 1970.

    Raises:
        SettingsError: the channel is not configured.
    """

    def __init__(
        self,
        conversations: Conversations,
        settings: Settings,
        outlet: WechatOutlet,
        sentence: Sentence,
        registry: CollectorRegistry,
        patience: Patience = Patience(),  # noqa: B008 (frozen)
        clock: Callable[[], float] = time.time,
    ) -> None:
        if settings.wechat_token is None or settings.wechat_app_id is None:
            raise SettingsError("设置 WENCE_WECHAT_TOKEN 缺失：公众号没有设置")
        super().__init__(
            "wechat", PATH, conversations, sentence, registry, settings.clock_window, clock
        )
        self._envelope, self._patience = Envelope(settings), patience
        self._outlet = outlet
        self._talk = Talk(conversations, outlet, sentence)

    def _setup_fault(self) -> str | None:
        return self._outlet.fault()

    async def verify(self, request: web.Request) -> web.Response:
        """Show the platform that the URL is ours: what it sent, and nothing else."""
        with opening(request, "wechat", self._limiter, self._clock()):
            echo = self._envelope.echo(request.query)
        return plain_text(echo)

    async def receive(self, request: web.Request) -> web.StreamResponse:
        """Take a message or an event."""
        arrived, now = asyncio.get_running_loop().time(), self._clock()
        body = await read_body(request)
        with opening(request, "wechat", self._limiter, now):
            opened = self._envelope.open(request.query, body)
            message = read_message(opened.fields)
        self._offset.note(opened.signature, opened.timestamp, now)
        exchange = Exchange(request, self._envelope, opened, arrived, self._patience)
        if message is None:
            self._count("ignored")
            return exchange.nothing()
        return await self._taken(message, opened, exchange, now)

    async def _taken(
        self, message: Inbound, opened: Opened, exchange: Exchange, now: float
    ) -> web.StreamResponse:
        """From here on the platform gets an answer that it understands, or none at all."""
        try:
            await self._check_age(message, opened.timestamp, now)
            response = await self._talk.answer(message, exchange)
        except RequestError:
            raise
        except OverloadedError:
            return self._excuse(message, "overloaded", exchange)
        except (StorageError, TimeoutError) as error:
            if exchange.begun is not None:
                return exchange.begun
            return await self._not_stored(message, exchange, error)
        except Exception as error:
            log.error("callback_broke", channel="wechat", exc_info=error)
            if exchange.begun is not None:
                return exchange.begun
            return self._excuse(message, "not_taken", exchange)
        self._count("taken")
        return response

    async def _not_stored(
        self, message: Inbound, exchange: Exchange, error: Exception
    ) -> web.Response:
        """Have the platform deliver it again; the last time, tell the person."""
        if self._is_last(message, error):
            return self._excuse(message, "not_taken", exchange)
        self._count("not_stored")
        return await exchange.silence()

    def _excuse(self, message: Inbound, reason: str, exchange: Exchange) -> web.Response:
        self._count(reason)
        if message.kind == "unsubscribe":
            return exchange.nothing()
        return exchange.say(self._sentence(f"input.{reason}"))
