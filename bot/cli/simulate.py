"""``wence simulate``: a terminal that is a chat in WeCom, a WeChat account or an AI bot."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Any
from urllib.parse import urlsplit

from rich.console import Console
from rich.panel import Panel
from rich.text import Text

from bot.cli.stack import own_stack
from bot.errors import SettingsError
from bot.settings import Settings

__all__ = ["PLATFORMS", "simulate"]

_PATIENCE = 30.0  # seconds for an answer to begin
_SETTLED = 1.5  # seconds without anything new after which an answer counts as whole
_LOOK = 0.1

_HELP = (
    "直接打字就是发消息；卡片上的按钮用 /1、/2… 来点；/语音、/图片、/关注、/进入 是别的消息和事件；"
    "直接回车结束。"
)


@dataclass(frozen=True)
class _Channel:
    """One platform: what it is called, where its stand-in is, and what the person can do."""

    title: str
    path: str
    subscribe: Callable[[Any], Any]
    enter: Callable[[Any], Any]
    image: Callable[[Any], Any]


PLATFORMS = {
    "wecom": _Channel(
        "企业微信应用",
        "/wecom/callback",
        lambda person: person.does("subscribe"),
        lambda person: person.does("enter_agent"),
        lambda person: person.sends_kind("image", PicUrl="https://example.com/a", MediaId="m"),
    ),
    "wechat": _Channel(
        "公众号",
        "/wechat/callback",
        lambda person: person.does("subscribe"),
        lambda person: person.does("CLICK", "稳岗返还"),
        lambda person: person.sends_kind("image", PicUrl="https://example.com/a", MediaId="m"),
    ),
    "aibot": _Channel(
        "智能机器人",
        "/wecom/aibot/callback",
        lambda person: person.enters(),
        lambda person: person.enters(),
        lambda person: person.sends_image(),
    ),
}
"""What ``wence simulate`` can be; the names of the channels."""


def simulate(settings: Settings, platform: str, user: str) -> int:
    """Talk to the assistant as a person on a messaging platform, until an empty line.

    Raises:
        SettingsError: the development tools are not installed, or no stack could be started.
    """
    return asyncio.run(_simulate(settings, platform, user))


async def _simulate(settings: Settings, name: str, user: str) -> int:
    console = Console(highlight=False)
    channel = PLATFORMS[name]
    async with contextlib.AsyncExitStack() as stack:
        with console.status(f"正在启动{channel.title}的模拟平台…"):
            platform = await stack.enter_async_context(_platform(settings, name))
            if not platform.callback:
                address = await stack.enter_async_context(
                    own_stack(_pointed(settings, platform), channels=True)
                )
                platform.callback = address + channel.path
        console.print(Text(f"模拟平台：{platform.url}", style="dim"))
        console.print(Text(f"消息发往：{platform.callback}", style="dim"))
        console.print(Text(_HELP, style="dim"))
        await _talk(console, channel, platform, platform.person(user))
    return 0


@contextlib.asynccontextmanager
async def _platform(settings: Settings, name: str) -> AsyncIterator[Any]:
    """The stand-in; with ``callback`` set where the running stack is configured for it."""
    port = urlsplit(settings.wecom_api_base).port
    running = name == "wecom" and settings.wecom_corp_id and _is_loopback(settings.wecom_api_base)
    if not running:
        async with _module(settings, name)[_CLASSES[name]]() as platform:
            yield platform
        return
    module = _module(settings, name)
    account = module["Account"](
        settings.wecom_corp_id,
        settings.wecom_agent_id,
        settings.wecom_secret,
        settings.wecom_token,
        settings.wecom_aes_key,
    )
    callback = settings.address + PLATFORMS[name].path
    async with module["WeCom"](account, callback, port=port or 80) as platform:
        yield platform


_CLASSES = {"wecom": "WeCom", "wechat": "WeChat", "aibot": "AiBot"}


def _is_loopback(url: str) -> bool:
    return urlsplit(url).hostname in {"127.0.0.1", "localhost"}


def _module(settings: Settings, name: str) -> dict[str, Any]:
    """What a module of the stand-ins holds; they live beside the product, not in it."""
    if str(settings.root) not in sys.path:
        sys.path.append(str(settings.root))
    try:
        return vars(import_module(f"tests.platforms.{name}"))
    except ModuleNotFoundError as error:
        raise SettingsError(
            f"模拟平台要用开发工具（缺少 {error.name}）：请在源码目录里运行 make env 后再试"
        ) from error


def _pointed(settings: Settings, platform: Any) -> Settings:
    """Settings of a stack for this call alone, whose channels all lead to stand-ins.

    The environment is what the stack's processes read. What a person has configured for the
    real platforms is overwritten, so that nothing here ever reaches them.
    """
    nowhere = "http://127.0.0.1:9"
    wecom, wechat, aibot = (_module(settings, name) for name in _CLASSES)
    environ: dict[str, str] = {}
    if settings.wecom_corp_id or isinstance(platform, wecom["WeCom"]):
        environ |= wecom["Account"]().settings(nowhere)
    if settings.wechat_app_id or isinstance(platform, wechat["WeChat"]):
        environ |= wechat["OfficialAccount"]().settings(nowhere)
    if settings.aibot_bot_id:
        environ |= aibot["AiBotAccount"]().socket_settings("ws://127.0.0.1:9")
    elif settings.aibot_token or isinstance(platform, aibot["AiBot"]):
        environ |= aibot["AiBotAccount"]().callback_settings()
        # Late answers go to the interface of WeCom, which here is the stand-in itself.
        environ["WENCE_WECOM_API_BASE"] = platform.url
    if hasattr(platform.account, "settings"):
        environ |= platform.account.settings(platform.url)
    elif settings.aibot_bot_id:
        raise SettingsError("已设置智能机器人的长连接，模拟只支持回调方式：请先去掉这些设置")
    os.environ.update(environ)
    return Settings.load()


async def _talk(console: Console, channel: _Channel, platform: Any, person: Any) -> None:
    shown = 0
    while True:
        line = await asyncio.to_thread(_read_line, console)
        if not line:
            return
        before = len(person.screen)
        try:
            posting = asyncio.ensure_future(_act(channel, person, line))
            await _settled(person, before, posting)
        except (AssertionError, IndexError, StopIteration):
            console.print(Text("没有这个按钮。", style="yellow"))
        shown = max(shown, before)
        for entry in person.screen[shown:]:
            if entry.author != "person":
                console.print(_panel(entry))
        shown = len(person.screen)
        for problem in platform.problems:
            console.print(Text(f"平台不接受：{problem}", style="red"))
        platform.problems.clear()


def _act(channel: _Channel, person: Any, line: str) -> Any:
    """What the person does, as a coroutine."""
    if line.startswith("/") and line[1:].isdigit():
        return person.presses(person.card.buttons[int(line[1:]) - 1].title)
    commands = {
        "/语音": lambda: person.speaks(*(["稳岗返还"] if channel.title == "智能机器人" else [])),
        "/图片": lambda: channel.image(person),
        "/关注": lambda: channel.subscribe(person),
        "/进入": lambda: channel.enter(person),
    }
    return commands.get(line, lambda: person.says(line))()


async def _settled(person: Any, before: int, posting: asyncio.Future[Any]) -> None:
    """Wait until an answer has come and nothing more follows it."""
    deadline = time.monotonic() + _PATIENCE
    last, since = "", time.monotonic()
    while time.monotonic() < deadline:
        await asyncio.sleep(_LOOK)
        if posting.done() and posting.exception() is not None:
            await posting
        text = person.transcript()
        if text != last:
            last, since = text, time.monotonic()
        answered = any(entry.author != "person" and entry.text for entry in person.screen[before:])
        waiting = getattr(person, "open", None)
        if answered and not waiting and time.monotonic() - since > _SETTLED:
            return


def _read_line(console: Console) -> str:
    try:
        return console.input("[bold green]您：[/]").strip()
    except EOFError:
        return ""


def _panel(entry: Any) -> Panel:
    text = Text(entry.text)
    for number, button in enumerate(entry.buttons, 1):
        text.append(f"\n  /{number} {button.title}", style="cyan")
    titles = {"passive": "被动回复", "active": "主动消息", "stream": "流式消息"}
    style = "red" if entry.author == "platform" else "cyan"
    return Panel(text, border_style=style, title=titles.get(entry.via), title_align="left")
