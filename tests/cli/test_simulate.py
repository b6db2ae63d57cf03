"""``wence simulate``: somebody types as a person on each platform, against the service."""

from __future__ import annotations

import asyncio
import dataclasses
import io
import json
import os
import pty
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from aiohttp import web
from rich.console import Console

from bot.app import serve
from bot.cli import simulate, simulate_chat
from bot.cli.simulate_chat import ACTIONS, Chat
from bot.errors import SettingsError
from bot.settings import Settings
from bot.supervisor.ports import free_port
from tests.platforms.aibot import AiBotAccount
from tests.platforms.person import Button, Line, Person
from tests.platforms.wechat import OfficialAccount
from tests.platforms.wecom import Account
from tests.support.fake_rasa import FakeRasa
from tests.support.service import service_settings, share_knowledge


class ScriptedRasa(FakeRasa):
    """Answers with a clause, and asks back where somebody says that they have an enterprise."""

    def __init__(self) -> None:
        super().__init__()
        self.custom = {"type": "clarify", "clauses": [{"clause_id": "jzf-2022-14.8"}]}

    async def _turn(self, request: web.Request) -> web.Response:
        response = await super()._turn(request)
        body = json.loads(response.body)  # type: ignore[arg-type]
        for reply in body["replies"]:
            if "企业" in reply["text"]:
                reply["buttons"] = [{"title": "是", "payload": "是小微"}]
        return web.json_response(body)


@pytest_asyncio.fixture
async def stack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Settings]:
    """The service, on all three platforms, whose interfaces are expected on free ports."""
    share_knowledge(monkeypatch)
    monkeypatch.setattr(simulate_chat, "_WHOLE", 1.0)
    wecom, wechat, aibot = Account(), OfficialAccount(), AiBotAccount()
    async with ScriptedRasa() as rasa:
        settings = service_settings(
            tmp_path,
            rasa.url,
            port=free_port(),
            wecom_corp_id=wecom.corp_id,
            wecom_agent_id=wecom.agent_id,
            wecom_secret=wecom.secret,
            wecom_token=wecom.token,
            wecom_aes_key=wecom.aes_key,
            wecom_api_base=f"http://127.0.0.1:{free_port()}",
            wechat_app_id=wechat.app_id,
            wechat_app_secret=wechat.app_secret,
            wechat_token=wechat.token,
            wechat_aes_key=wechat.aes_key,
            wechat_mode=wechat.mode,
            wechat_api_base=f"http://127.0.0.1:{free_port()}",
            aibot_token=aibot.token,
            aibot_aes_key=aibot.aes_key,
        )
        async with serve(settings):
            async with asyncio.timeout(30):
                while not await simulate._is_up(settings.address):
                    await asyncio.sleep(0.05)
            yield settings


async def typed(
    settings: Settings, name: str, monkeypatch: pytest.MonkeyPatch, *lines: str
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("\n".join([*lines, ""])))
    async with asyncio.timeout(120):
        assert await simulate._simulate(settings, name, "li") == 0


LINES = {
    "wecom": (
        ["/进入", "/菜单 稳岗返还", "/语音", "/1", "我们是企业", "/1", "/9", "/没有"],
        "主动",
    ),
    "wechat": (["/菜单 稳岗返还", "/关注", "/语音 房租减免", "/图片"], "被动回复"),
    "aibot": (
        ["/进入", "稳岗返还", "/赞", "/引用 房租减免 这个呢", "我们是企业", "/1", "/图片"],
        "流式消息",
    ),
}
SEEN = {
    "wecom": [
        "自动问答",
        "答：稳岗返还",
        "没有能听懂语音的程序",
        "现在做不到",
        "/1 是",
        "答：是小微",
        "答：/没有",
    ],
    "wechat": ["答：稳岗返还", "自动问答", "答：房租减免", "看不了图片"],
    "aibot": ["欢迎语", "答：稳岗返还", "答：房租减免 这个呢", "/1 是", "答：是小微", "看不了图片"],
}


@pytest.mark.parametrize("name", LINES)
async def test_somebody_types_against_the_running_service(
    stack: Settings, name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    lines, how = LINES[name]
    await typed(stack, name, monkeypatch, *lines)
    screen = capsys.readouterr().out
    assert f"消息发往：{stack.address}" in screen
    assert how in screen
    assert "平台不接受" not in screen
    place = 0
    for words in SEEN[name]:
        assert (place := screen.find(words, place)) >= 0, (words, screen)


async def test_a_port_that_something_else_has_is_named(
    stack: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = await asyncio.start_server(lambda *_: None, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    taken = dataclasses.replace(stack, wechat_api_base=f"http://127.0.0.1:{port}")
    with pytest.raises(SettingsError, match=str(port)):
        await typed(taken, "wechat", monkeypatch, "")
    server.close()


async def test_a_real_account_is_never_spoken_for(stack: Settings) -> None:
    """Whoever is configured for the real platform gets a stand-in's account and stack."""
    real = dataclasses.replace(stack, wecom_api_base="https://qyapi.weixin.qq.com")
    platform = await simulate._platform(real, "wecom")
    assert platform.callback == ""
    assert platform.account == Account()


class Quiet(Person):
    """Hears nothing until a test says so."""

    async def says(self, text: str) -> None:
        self.wrote(text)


async def test_what_comes_late_is_shown_while_somebody_types(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """At a real terminal: the line being typed is shown again below what came."""
    monkeypatch.setattr(simulate_chat, "_PATIENCE", 0.3)
    master, slave = pty.openpty()
    with os.fdopen(slave, "r+b", buffering=0) as raw:
        terminal = io.TextIOWrapper(raw, encoding="utf-8", write_through=True)
        monkeypatch.setattr(sys, "stdin", terminal)
        console = Console(file=terminal, force_terminal=True, highlight=False, width=60)
        person, problems = Quiet("li"), type("Platform", (), {"problems": ["坏的回复"]})()
        chat = Chat(console, ACTIONS["wecom"], problems, person)
        running = asyncio.create_task(chat.run())
        os.write(master, "你好\n".encode())
        async with asyncio.timeout(20):
            while not chat._prompting or not person.screen:
                await asyncio.sleep(0.02)
        person.show(Line("bot", "迟来的答复", 0.0, "active", (Button("是", "k"),)))
        async with asyncio.timeout(20):
            while chat._shown < len(person.screen):
                await asyncio.sleep(0.02)
        os.write(master, b"\n")
        async with asyncio.timeout(20):
            await running
        shown = await asyncio.to_thread(os.read, master, 100_000)
    os.close(master)
    text = shown.decode(errors="replace")
    for words in ("平台不接受：坏的回复", "迟来的答复", "/1 是"):
        assert words in text
    assert text.count("您：") > 2
