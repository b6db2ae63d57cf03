"""A served channel, with the platform on both of its sides."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest_asyncio
from aiohttp import ClientSession, ClientTimeout, web
from prometheus_client import CollectorRegistry

from bot.api.http import error_middleware
from bot.api.server import Runner
from bot.channels.platform.api import PlatformApi
from bot.channels.platform.faults import SetupFaults
from bot.channels.platform.tokens import AccessToken
from bot.channels.platform.transport import Transport
from bot.channels.wecom import WecomChannel, WecomOutlet, classify
from bot.conversations import Conversations
from bot.settings import Settings
from tests.channels.fakes import FakeConversations
from tests.channels.wecom.platform import AES_KEY, AGENT, CORP, SECRET, TOKEN, Api, Caller
from tests.channels.wecom.words import sentence

NOW = 1_700_000_000


def wecom_settings(folder: Path) -> Settings:
    """The channel set up, and nothing from the environment."""
    return replace(
        Settings.load({}, folder / "none.env"),
        wecom_corp_id=CORP,
        wecom_agent_id=AGENT,
        wecom_secret=SECRET,
        wecom_token=TOKEN,
        wecom_aes_key=AES_KEY,
    )


@dataclass
class Stage:
    """What a test plays on."""

    api: Api
    outlet: WecomOutlet
    talk: FakeConversations
    channel: WecomChannel
    caller: Caller
    registry: CollectorRegistry
    clock: SimpleNamespace
    runner: Runner

    def counted(self, outcome: str) -> float:
        """How many callbacks ended that way."""
        name = "wence_wecom_callbacks_total"
        return self.registry.get_sample_value(name, {"outcome": outcome}) or 0.0


@pytest_asyncio.fixture
async def api() -> AsyncIterator[Api]:
    async with Api().serve() as served:
        yield served


@pytest_asyncio.fixture
async def clock() -> SimpleNamespace:
    """The service's clocks, set by hand."""
    return SimpleNamespace(now=float(NOW))


@pytest_asyncio.fixture
async def outlet(api: Api, clock: SimpleNamespace) -> AsyncIterator[WecomOutlet]:
    """The real outlet, with a token that needs no database."""

    async def give(*_: object) -> str:
        return "token-0"

    token = cast(AccessToken, SimpleNamespace(get=give, renew=give))
    faults = SetupFaults("wecom")
    async with Transport(api.url, total_seconds=1.0) as transport:
        calls = PlatformApi(transport, token, faults, classify)
        yield WecomOutlet(calls, faults, sentence, clock=lambda: clock.now)


@pytest_asyncio.fixture
async def stage(
    tmp_path: Path, api: Api, outlet: WecomOutlet, clock: SimpleNamespace
) -> AsyncIterator[Stage]:
    settings = wecom_settings(tmp_path)
    talk, registry = FakeConversations(), CollectorRegistry()
    conversations = cast(Conversations, talk)
    channel = WecomChannel(
        conversations, settings, outlet, sentence, registry, clock=lambda: clock.now
    )
    app = web.Application(middlewares=[error_middleware])
    app.router.add_routes(channel.routes())
    runner = Runner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    async with ClientSession(url, timeout=ClientTimeout(total=10)) as client:
        caller = Caller(client, NOW)
        yield Stage(api, outlet, talk, channel, caller, registry, clock, runner)
    await runner.cleanup()
