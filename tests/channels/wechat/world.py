"""The channel over real conversations and a real database; Rasa and the platform stand in."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web
from aiohttp.test_utils import TestServer
from prometheus_client import CollectorRegistry

from bot.api.http import error_middleware
from bot.channels.wechat import Patience, WechatChannel, WechatOutlet, open_outlet
from bot.conversations import Conversations, RasaClient
from bot.knowledge import Knowledge
from bot.settings import Settings
from bot.storage.engine import Database
from bot.storage.entries import EntryStore
from tests.channels.wechat.platform import (
    AES_KEY,
    APP_ID,
    CLOCK,
    SECRET,
    TOKEN,
    FakeApi,
    Platform,
    message,
)
from tests.support.fake_rasa import FakeRasa

__all__ = ["MORE", "SENTENCES", "GatedRasa", "World", "opened", "sentence", "wechat_settings"]

DAY = date(2026, 11, 21)
SENTENCES = {
    "wechat.choice": "可以回复“{title}”",
    "wechat.more": "（还有下文，回复1继续看）",
    "wechat.searching": "正在查，请过几秒回复1看答案。",
    "wechat.still_searching": "还在查，请稍候再回复1。",
    "input.not_taken": "系统正忙，您这条消息没有收下，请过一分钟再发一次。",
    "input.overloaded": "您前面的几条消息还在处理，这一条没有收下，请等答复到了再发。",
}
MORE = SENTENCES["wechat.more"]


def sentence(key: str, /, **values: object) -> str:
    """The sentences that the channel says itself."""
    return SENTENCES[key].format(**values)


def wechat_settings(folder: Path, mode: str = "safe", **changes: Any) -> Settings:
    """A configured account, nothing from the environment."""
    configured: dict[str, Any] = {
        "wechat_app_id": APP_ID,
        "wechat_app_secret": SECRET,
        "wechat_token": TOKEN,
        "wechat_aes_key": AES_KEY,
        "wechat_mode": mode,
    }
    return dataclasses.replace(Settings.load({}, folder / "none.env"), **configured | changes)


class GatedRasa(FakeRasa):
    """A Rasa that answers only while its gate is open."""

    def __init__(self) -> None:
        self.gate = asyncio.Event()
        self.gate.set()
        super().__init__()

    async def _turn(self, request: web.Request) -> web.Response:
        await self.gate.wait()
        return await super()._turn(request)


@dataclasses.dataclass
class World:
    """What a test holds."""

    rasa: GatedRasa
    api: FakeApi
    talk: Conversations
    outlet: WechatOutlet
    channel: WechatChannel
    platform: Platform
    session: aiohttp.ClientSession
    database: Database

    async def says(self, text: str, sender: str = "o-zhang", **fields: Any) -> str | None:
        """Somebody writes; the passive reply, or None for ``success``."""
        return await self.platform.deliver(self.session, message(sender, Content=text, **fields))

    async def until(self, *states: str, sender: str = "o-zhang", number: int = 1) -> None:
        """Wait until so many parts are in one of these states; fails after 20 s."""
        async with asyncio.timeout(20):
            while len([s for s in await self.states(sender) if s in states]) < number:
                await asyncio.sleep(0.02)

    async def states(self, sender: str = "o-zhang") -> list[str]:
        """The states of the parts that a person is to get, in order."""
        entries = await EntryStore(self.database).after(f"wechat:{sender}", 0, 200)
        return [entry.state for entry in entries if entry.part is not None]

    async def kinds(self, sender: str = "o-zhang") -> list[str]:
        """What a person's messages were taken for, in order."""
        entries = await EntryStore(self.database).after(f"wechat:{sender}", 0, 200)
        return [entry.kind for entry in entries if entry.author == "person"]


@contextlib.asynccontextmanager
async def opened(
    database: Database,
    knowledge: Knowledge,
    folder: Path,
    mode: str = "safe",
    patience: Patience | None = None,
    hold: float | None = None,
) -> AsyncIterator[World]:
    """Everything at work. The patience is long unless given: no test hangs on speed."""
    registry = CollectorRegistry()
    async with contextlib.AsyncExitStack() as stack:
        rasa = await stack.enter_async_context(GatedRasa())
        client = await stack.enter_async_context(RasaClient([rasa.url], None, timeout=30.0))
        api = await stack.enter_async_context(FakeApi())
        settings = wechat_settings(folder, mode, wechat_api_base=api.base)
        outlet = await stack.enter_async_context(open_outlet(settings, database, sentence))
        if hold is not None:
            outlet.hold = hold
        talk = Conversations(
            database,
            client,
            knowledge,
            lambda: DAY,
            registry,
            outlets={"wechat": outlet},
            timeout=30.0,
        )
        channel = WechatChannel(
            talk,
            settings,
            outlet,
            sentence,
            registry,
            patience or Patience(20.0, 25.0, 0.2),
            clock=lambda: CLOCK,
        )
        app = web.Application(middlewares=[error_middleware])
        app.router.add_routes(channel.routes())
        server = TestServer(app)
        await stack.enter_async_context(server)
        session = await stack.enter_async_context(aiohttp.ClientSession())
        await talk.start()
        stack.push_async_callback(talk.close)
        stack.callback(rasa.gate.set)
        platform = Platform(str(server.make_url("/wechat/callback")), mode)
        yield World(rasa, api, talk, outlet, channel, platform, session, database)
