"""The account's API, from settings: transport, shared token, calls, outlet."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bot.channels.platform.api import PlatformApi
from bot.channels.platform.faults import SetupFaults
from bot.channels.platform.sentence import Sentence
from bot.channels.platform.tokens import AccessToken
from bot.channels.platform.transport import Transport
from bot.channels.wechat.outlet import WechatOutlet, classify
from bot.channels.wechat.token import StableToken
from bot.errors import SettingsError
from bot.settings import Settings
from bot.storage.engine import Database
from bot.storage.leases import LeaseStore
from bot.storage.tokens import TokenStore

__all__ = ["open_outlet"]


@asynccontextmanager
async def open_outlet(
    settings: Settings, database: Database, sentence: Sentence
) -> AsyncIterator[WechatOutlet]:
    """The channel's way out; its connections are closed at the end of the block.

    Raises:
        SettingsError: the channel is not configured.
    """
    app_id, secret = settings.wechat_app_id, settings.wechat_app_secret
    if app_id is None or secret is None:
        raise SettingsError("设置 WENCE_WECHAT_APP_ID 缺失：公众号没有设置")
    faults = SetupFaults("wechat")
    async with Transport(settings.wechat_api_base) as transport:
        token = AccessToken(
            f"wechat:{app_id}",
            StableToken(app_id, secret, transport).fetch,
            TokenStore(database),
            LeaseStore(database),
        )
        yield WechatOutlet(PlatformApi(transport, token, faults, classify), faults, sentence)
