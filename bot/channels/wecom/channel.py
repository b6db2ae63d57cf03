"""The callback of a WeCom self-built app: what it tells is checked, stored, then acknowledged.

The platform waits five seconds, takes anything but 200 for a failure and brings a message
three times in all. Source: https://developer.work.weixin.qq.com/document/path/90238
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

from aiohttp import web
from prometheus_client import CollectorRegistry

from bot.channels.platform.callback import PlatformCallback
from bot.channels.platform.crypto import EnvelopeError, MessageCipher
from bot.channels.platform.request import opening, read_body, read_echo, read_parameters
from bot.channels.platform.sentence import Sentence
from bot.channels.platform.xml import read_xml
from bot.channels.wecom.carrier import Carrier
from bot.channels.wecom.messages import Heard, is_for, read_message
from bot.channels.wecom.outlet import WecomOutlet
from bot.channels.wecom.passive import PassiveReplies
from bot.conversations import Conversations
from bot.conversations.message import Inbound
from bot.errors import ConflictError, OverloadedError, SettingsError, StorageError
from bot.logs import get_logger
from bot.settings import Settings

__all__ = ["PATH", "WecomChannel"]

log = get_logger(__name__)

PATH = "/wecom/callback"
_PATIENCE = 4.0  # of the platform's five seconds
_UNSAID = ("enter", "subscribe", "unsubscribe")  # kinds in which a person said nothing


class WecomChannel(PlatformCallback):
    """``GET`` and ``POST /wecom/callback``.

    Args:
        conversations: where messages go.
        settings: corp id, app, token, key and window.
        outlet: knows whether active sending works.
        sentence: the sentences of phrases.yml.
        registry: where outcomes are counted.
        clock: seconds since 1970.

    Raises:
        SettingsError: the channel is not configured.
    """

    def __init__(
        self,
        conversations: Conversations,
        settings: Settings,
        outlet: WecomOutlet,
        sentence: Sentence,
        registry: CollectorRegistry,
        clock: Callable[[], float] = time.time,
    ) -> None:
        corp_id, agent_id = settings.wecom_corp_id, settings.wecom_agent_id
        token, aes_key = settings.wecom_token, settings.wecom_aes_key
        if corp_id is None or agent_id is None or token is None or aes_key is None:
            raise SettingsError("设置 WENCE_WECOM_CORP_ID 缺失：企业微信应用没有设置")
        super().__init__(
            "wecom", PATH, conversations, sentence, registry, settings.clock_window, clock
        )
        self._corp_id, self._agent_id = corp_id, agent_id
        self._cipher = MessageCipher(token, aes_key, corp_id)
        self._outlet = outlet
        self._passive = PassiveReplies(self._cipher, corp_id, clock)
        self._carrier = Carrier(conversations, self._passive)

    def _setup_fault(self) -> str | None:
        return self._outlet.fault()

    async def verify(self, request: web.Request) -> web.Response:
        """Show the platform that the URL is ours: what it sent, decrypted, and nothing else."""
        return read_echo(request, "wecom", self._cipher, self._limiter, self._clock())

    async def receive(self, request: web.Request) -> web.StreamResponse:
        """Take a message or an event."""
        now = self._clock()
        signature, timestamp, nonce = read_parameters(
            request, "msg_signature", "timestamp", "nonce"
        )
        body = await read_body(request)
        with opening(request, "wecom", self._limiter, now):
            heard = self._opened(body, signature, timestamp, nonce)
        self._offset.note(signature, timestamp, now)
        if heard is None:
            return self._empty("ignored")
        await self._check_age(heard.inbound, timestamp, now)
        return await self._take(request, heard)

    def _opened(self, body: bytes, signature: str, timestamp: str, nonce: str) -> Heard | None:
        outer = read_xml(body)
        encrypted = outer.get("Encrypt")
        if not isinstance(encrypted, str):
            raise EnvelopeError
        self._cipher.check(signature, timestamp, nonce, encrypted)
        fields = read_xml(self._cipher.decrypt(encrypted).encode())
        for envelope in (outer, fields):
            if not is_for(envelope, self._corp_id, self._agent_id):
                log.warning("callback_for_another", channel="wecom")
                raise EnvelopeError
        return read_message(fields, self._agent_id)

    async def _take(self, request: web.Request, heard: Heard) -> web.StreamResponse:
        message, began = heard.inbound, time.monotonic()
        try:
            async with asyncio.timeout(_PATIENCE):
                taken = await self._conversations.accept(message)
        except OverloadedError:
            return self._excuse(message, "overloaded", "input.overloaded")
        except (StorageError, TimeoutError) as error:
            return self._not_stored(message, error)
        except ConflictError:
            log.warning("callback_conflict", channel="wecom", message_id=message.message_id)
            return self._empty("conflict")
        outcome = "repeated" if taken.known else "taken"
        if self._outlet.blocked and not taken.known:
            left = _PATIENCE - (time.monotonic() - began)
            carried = await self._carrier.carry(request, message, taken.turn.turn_id, left)
            if carried is not None:
                self._count("carried")
                return carried
        if heard.pressed is None:
            return self._empty(outcome)
        # In the response rather than by message/update_template_card: it takes no call, no
        # token and no quota, it works where sending does not, and it cannot come apart
        # from the acknowledgement. It reaches him who pressed, and nobody else has the card.
        self._count(outcome)
        chosen = self._sentence("wecom.chosen", title=heard.pressed)
        return self._passive.update_button(message.sender, chosen)

    def _not_stored(self, message: Inbound, error: Exception) -> web.Response:
        """Have the platform bring it again; the last time, tell the person."""
        if self._is_last(message, error):
            return self._excuse(message, "not_stored", "input.not_taken")
        self._count("not_stored")
        return web.Response(status=503)

    def _excuse(self, message: Inbound, outcome: str, key: str) -> web.Response:
        if message.kind in _UNSAID:
            return self._empty(outcome)
        self._count(outcome)
        return self._passive.text(message.sender, self._sentence(key))

    def _empty(self, outcome: str) -> web.Response:
        """Acknowledged; the answer will be sent actively."""
        self._count(outcome)
        return web.Response()
