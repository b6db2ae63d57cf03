"""``wence run``, ``ask`` and ``chat``: the whole stack, or a conversation with it."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import os
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import aiohttp
from rich.console import Console
from rich.panel import Panel
from rich.text import Text

from bot.cli.desk import first_link
from bot.errors import RasaUnavailableError, RequestError, SettingsError
from bot.settings import Settings
from bot.signing import signing_key
from bot.supervisor import supervise
from bot.supervisor.ports import free_port

__all__ = ["ask", "chat", "own_stack", "run", "send"]

_PATIENCE = 120.0  # seconds for a stack of one's own to become ready


def run(settings: Settings) -> int:
    """Start everything and watch it until Ctrl-C."""
    os.umask(0o077)  # databases and logs are the business of this user alone
    return asyncio.run(supervise(settings, announce=_announce, when_ready=_show_first_link))


async def _show_first_link(settings: Settings) -> None:
    """While the desk has no administrator, show how to become it; on the screen, in no log."""
    secret = signing_key(settings.desk_secret, settings.var_dir)
    link = await asyncio.to_thread(first_link, settings, secret)
    if link is not None:
        _announce(f"坐席还没有管理员。请在浏览器里打开这个一次性链接设置密码：{link}")


def _announce(line: str) -> None:
    print(line, flush=True)


def ask(settings: Settings, question: str) -> int:
    """One question, one answer."""
    return asyncio.run(_ask(settings, question))


async def _ask(settings: Settings, question: str) -> int:
    console = Console(highlight=False)
    async with _stack(settings, console) as (address, session):
        for reply in await send(session, address, f"ask-{uuid4()}", question, settings.rest_token):
            console.print(Text(reply["text"]), soft_wrap=True)
    return 0


def chat(settings: Settings) -> int:
    """A conversation; an empty line or Ctrl-D ends it."""
    return asyncio.run(_chat(settings))


async def _chat(settings: Settings) -> int:
    console = Console(highlight=False)
    sender = f"chat-{uuid4()}"
    async with _stack(settings, console) as (address, session):
        console.print(Text("请用一句话提问；直接回车结束。", style="dim"))
        while True:
            line = await asyncio.to_thread(_read_line, console)
            if not line:
                return 0
            replies = await _patiently(session, address, sender, line, settings, console)
            for reply in replies:
                console.print(Panel(_styled(reply), border_style="cyan"))


async def _patiently(
    session: aiohttp.ClientSession,
    address: str,
    sender: str,
    line: str,
    settings: Settings,
    console: Console,
) -> list[dict[str, Any]]:
    """The replies to a line, tried a second time under the same id where the first failed."""
    message_id = str(uuid4())
    for last in (False, True):
        try:
            return await send(session, address, sender, line, settings.rest_token, message_id)
        except (RequestError, RasaUnavailableError) as error:
            if last or getattr(error, "status", 503) != 503:
                console.print(Text(str(error), style="red"))
                break
    return []


def _read_line(console: Console) -> str:
    try:
        return console.input("[bold green]您：[/]").strip()
    except EOFError:
        return ""


_STYLES = {"expired": "red", "repealed": "red", "not_yet": "yellow", "not_stated": "yellow"}


def _styled(reply: dict[str, Any]) -> Text:
    text = Text()
    clauses = reply["custom"]["clauses"]
    style = _STYLES.get(clauses[0]["status"], "") if clauses else ""
    for index, line in enumerate(reply["text"].split("\n")):
        warns = style and line.startswith(("注意", "文件未载明"))
        text.append(("\n" if index else "") + line, style=style if warns else "")
    for button in reply.get("buttons", []):
        text.append(f"\n  › {button['title']}", style="cyan")
    return text


@contextlib.asynccontextmanager
async def _stack(
    settings: Settings, console: Console
) -> AsyncIterator[tuple[str, aiohttp.ClientSession]]:
    """The running stack where there is one, else one for this call alone."""
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=60)) as session:
        # A stack that judges by another day would tell another status.
        if await _ready(session, settings.address, settings.as_of().isoformat()):
            yield settings.address, session
            return
        async with contextlib.AsyncExitStack() as stack:
            with console.status("没有发现正在运行的服务，正在临时启动…"):
                address = await stack.enter_async_context(own_stack(settings))
            yield address, session


@contextlib.asynccontextmanager
async def own_stack(settings: Settings, *, channels: bool = False) -> AsyncIterator[str]:
    """A stack on a free port with data of its own, gone at the end.

    Args:
        channels: whether it is on the messaging platforms too. A second stack of the same
            account would take messages, and the AI bot's connection, from the first.

    Yields:
        Its address, when it is ready.

    Raises:
        SettingsError: it could not be started.
    """
    with tempfile.TemporaryDirectory(prefix="wence-") as folder:
        own = dataclasses.replace(
            settings,
            host="127.0.0.1",
            port=free_port(),
            actions_port=0,
            var_dir=Path(folder),
            database_url=f"sqlite:///{folder}/wence.db",
            channels=channels,
        )
        lines: list[str] = []
        task = asyncio.create_task(supervise(own, announce=lines.append, signals=False))
        try:
            async with aiohttp.ClientSession() as session:
                deadline = asyncio.get_running_loop().time() + _PATIENCE
                while not await _ready(session, own.address):
                    late = asyncio.get_running_loop().time() > deadline
                    if task.done() or late:
                        raise SettingsError(lines[-1] if lines else "服务没有启动成功")
                    await asyncio.sleep(0.3)
            yield own.address
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


async def _ready(session: aiohttp.ClientSession, address: str, day: str | None = None) -> bool:
    try:
        async with session.get(
            f"{address}/readyz", timeout=aiohttp.ClientTimeout(total=2)
        ) as response:
            body = await response.json(content_type=None)
            return response.status == 200 and day in (None, body["as_of"])
    except (TimeoutError, aiohttp.ClientError, ValueError, OSError, TypeError, KeyError):
        return False


async def send(
    session: aiohttp.ClientSession,
    address: str,
    sender: str,
    message: str,
    token: str | None = None,
    message_id: str | None = None,
) -> list[dict[str, Any]]:
    """One message over the REST channel.

    Raises:
        RequestError: the service answered with an error.
        RasaUnavailableError: the connection broke.
    """
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    try:
        async with session.post(
            f"{address}/webhooks/rest/webhook",
            json={
                "sender": sender,
                "message": message,
                "metadata": {"message_id": message_id or str(uuid4())},
            },
            headers=headers,
        ) as response:
            body = await response.json()
            if response.status != 200:
                error = body["error"]
                raise RequestError(response.status, error["code"], error["message"])
            return list(body)
    except (TimeoutError, aiohttp.ClientError) as error:
        raise RasaUnavailableError("连接中断，请再试一次") from error
