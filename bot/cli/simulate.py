"""``wence simulate``: a terminal that is a chat in WeCom, a WeChat account or an AI bot."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from importlib import import_module
from typing import Any
from urllib.parse import urlsplit

import aiohttp
from rich.console import Console
from rich.text import Text

from bot.cli.simulate_chat import ACTIONS, Chat
from bot.cli.stack import own_stack
from bot.errors import SettingsError
from bot.settings import Settings

__all__ = ["simulate"]

_PLATFORMS = {
    "wecom": ("WeCom", "企业微信应用", "/wecom/callback"),
    "wechat": ("WeChat", "公众号", "/wechat/callback"),
    "aibot": ("AiBot", "智能机器人", "/wecom/aibot/callback"),
}
"""By channel: the class of its stand-in, what people call it, where it is served."""


def simulate(settings: Settings, platform: str, user: str) -> int:
    """Talk to the assistant as a person on a messaging platform, until an empty line.

    Raises:
        SettingsError: the development tools are not installed, or no stack could be started.
    """
    return asyncio.run(_simulate(settings, platform, user))


async def _simulate(settings: Settings, name: str, user: str) -> int:
    console = Console(highlight=False)
    _, title, path = _PLATFORMS[name]
    async with contextlib.AsyncExitStack() as stack:
        with console.status(f"正在启动{title}的模拟平台…"):
            platform = await stack.enter_async_context(await _platform(settings, name))
            if not platform.callback:
                console.print(Text("没有配置好的服务在运行，正在临时启动一个…", style="dim"))
                address = await stack.enter_async_context(
                    own_stack(_pointed(settings, platform), channels=True)
                )
                platform.callback = address + path
        console.print(Text(f"模拟平台：{platform.url}", style="dim"))
        console.print(Text(f"消息发往：{platform.callback}", style="dim"))
        await Chat(console, ACTIONS[name], platform, platform.person(user)).run()
    return 0


async def _platform(settings: Settings, name: str) -> Any:
    """The stand-in; with ``callback`` set where the running stack is configured for it.

    Raises:
        SettingsError: something else has the port that the running stack calls.
    """
    module, (kind, _, path) = _module(settings, name), _PLATFORMS[name]
    account, base = _account(settings, name, module), _base(settings, name)
    if account is None or urlsplit(base).hostname not in {"127.0.0.1", "localhost"}:
        return module[kind]()
    if not await _is_up(settings.address):
        return module[kind]()
    port = urlsplit(base).port or 80
    try:
        (await asyncio.start_server(lambda *_: None, "127.0.0.1", port)).close()
    except OSError as error:
        raise SettingsError(f"端口 {port} 已被占用，模拟平台不能在那里应答运行中的服务") from error
    return module[kind](account, settings.address + path, port=port)


def _account(settings: Settings, name: str, module: dict[str, Any]) -> Any | None:
    """What the running stack takes for its account; None where the channel is off."""
    if name == "wecom" and settings.wecom_corp_id:
        return module["Account"](
            settings.wecom_corp_id,
            settings.wecom_agent_id,
            settings.wecom_secret,
            settings.wecom_token,
            settings.wecom_aes_key,
        )
    if name == "wechat" and settings.wechat_app_id:
        plain = module["OfficialAccount"]()
        return module["OfficialAccount"](
            settings.wechat_app_id,
            settings.wechat_app_secret,
            settings.wechat_token,
            settings.wechat_aes_key or plain.aes_key,
            settings.wechat_mode,
        )
    if name == "aibot" and settings.aibot_token:
        return module["AiBotAccount"](token=settings.aibot_token, aes_key=settings.aibot_aes_key)
    return None


def _base(settings: Settings, name: str) -> str:
    return settings.wechat_api_base if name == "wechat" else settings.wecom_api_base


async def _is_up(address: str) -> bool:
    try:
        async with (
            aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=2)) as session,
            session.get(f"{address}/readyz") as response,
        ):
            return response.status == 200
    except (TimeoutError, aiohttp.ClientError, OSError):
        return False


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
    wecom, wechat, aibot = (_module(settings, name) for name in _PLATFORMS)
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
