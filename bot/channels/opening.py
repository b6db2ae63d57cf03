"""The platforms' channels that the settings turn on: first their ways out, then their ways in."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Any

from aiohttp import web
from prometheus_client import CollectorRegistry

from bot.channels import wecom
from bot.channels.aibot import CallbackOutlet, PushOutlet, make_callback, make_connection
from bot.channels.aibot.feedback import OnFeedback
from bot.channels.platform.api import PlatformApi
from bot.channels.platform.faults import SetupFaults
from bot.channels.platform.tokens import AccessToken
from bot.channels.platform.transport import Transport
from bot.channels.wechat import WechatChannel, WechatOutlet, open_outlet
from bot.conversations import Conversations, Outlet
from bot.knowledge import Knowledge
from bot.settings import Settings
from bot.storage.engine import Database
from bot.storage.leases import LeaseStore
from bot.storage.tokens import TokenStore

__all__ = ["Platforms", "open_platforms"]


class Platforms:
    """WeCom app, WeCom AI bot and official account, as far as they are configured.

    Attributes:
        outlets: how replies leave, by channel; for the conversations.
        routes: the platforms' own protocols, for the public port.
        works: what runs beside, until it is cancelled.
        faults: by channel, what gives a sentence about set-up or clock, or None.
    """

    def __init__(self) -> None:
        self.outlets: dict[str, Outlet] = {}
        self.routes: list[web.RouteDef] = []
        self.works: list[Callable[[], Coroutine[Any, Any, Any]]] = []
        self.faults: dict[str, Callable[[], str | None]] = {}
        self._wecom: wecom.WecomOutlet | None = None
        self._wechat: WechatOutlet | None = None
        self._push: PushOutlet | None = None

    async def open(
        self,
        stack: contextlib.AsyncExitStack,
        settings: Settings,
        database: Database,
        sentence: Callable[..., str],
    ) -> None:
        """Make the outlets."""
        if settings.wecom_corp_id and settings.wecom_secret:
            transport = await stack.enter_async_context(Transport(settings.wecom_api_base))
            token = AccessToken(
                f"wecom:{settings.wecom_corp_id}:{settings.wecom_agent_id}",
                wecom.fetcher(transport, settings.wecom_corp_id, settings.wecom_secret),
                TokenStore(database),
                LeaseStore(database),
            )
            faults = SetupFaults("wecom")
            api = PlatformApi(transport, token, faults, wecom.classify)
            self._wecom = wecom.WecomOutlet(api, faults, sentence)
            self.outlets["wecom"] = self._wecom
        if settings.wechat_app_id:
            outlet = open_outlet(settings, database, sentence)
            self._wechat = await stack.enter_async_context(outlet)
            self.outlets["wechat"] = self._wechat
        if settings.aibot_token:
            transport = await stack.enter_async_context(Transport(settings.wecom_api_base))
            self.outlets["aibot"] = CallbackOutlet(transport, settings.wecom_api_base, sentence)
        elif settings.aibot_bot_id:
            self._push = PushOutlet(sentence)
            self.outlets["aibot"] = self._push

    def serve(
        self,
        stack: contextlib.AsyncExitStack,
        settings: Settings,
        database: Database,
        sentence: Callable[..., str],
        conversations: Conversations,
        on_feedback: OnFeedback,
        registry: CollectorRegistry,
    ) -> None:
        """Make the ways in, which need the conversations."""
        if self._wecom is not None:
            app = wecom.WecomChannel(conversations, settings, self._wecom, sentence, registry)
            self.routes += app.routes()
            self.faults["wecom"] = app.fault
        if self._wechat is not None:
            account = WechatChannel(conversations, settings, self._wechat, sentence, registry)
            self.routes += account.routes()
            self.faults["wechat"] = account.fault
        if isinstance(self.outlets.get("aibot"), CallbackOutlet):
            callback = make_callback(settings, conversations, sentence, on_feedback, registry)
            stack.push_async_callback(callback.close)
            self.routes += callback.routes()
            self.faults["aibot"] = callback.fault
        elif self._push is not None:
            connection = make_connection(
                settings,
                conversations,
                self._push,
                LeaseStore(database),
                sentence,
                on_feedback,
                registry,
            )
            self.works.append(connection.run)
            self.faults["aibot"] = connection.fault


@contextlib.asynccontextmanager
async def open_platforms(
    settings: Settings, database: Database, knowledge: Knowledge
) -> AsyncIterator[tuple[Platforms, Callable[..., str]]]:
    """The configured platforms with their outlets, and the sentences of phrases.yml.

    None where the settings turn all of them off.
    """

    def sentence(key: str, /, **values: object) -> str:
        return knowledge.current.snapshot.phrases(key, **values)

    platforms = Platforms()
    async with contextlib.AsyncExitStack() as stack:
        if settings.channels:
            await platforms.open(stack, settings, database, sentence)
        yield platforms, sentence
