"""The terminal of ``wence simulate``: a chat's screen, and what a person can do there."""

from __future__ import annotations

import asyncio
import contextlib
import readline
import sys
import threading
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from rich.console import Console
from rich.panel import Panel
from rich.text import Text

__all__ = ["ACTIONS", "Chat"]

_PATIENCE = 30.0  # seconds for an answer to begin
_SETTLED = 1.5  # seconds without anything new after which the person may go on
_WHOLE = 7.0  # the same for lines from a file: nothing of one is to come after the next
_LOOK = 0.1

Action = Callable[[Any, str], Awaitable[Any]]
"""What a person does, given who it is and the words behind the command."""


def _kind(kind: str, **fields: str) -> Action:
    return lambda person, _: person.sends_kind(kind, **fields)


_FILES: Mapping[str, Action] = {
    "图片": _kind("image", PicUrl="https://example.com/a", MediaId="m"),
    "位置": _kind("location", Location_X="37.87", Location_Y="112.55", Scale="16", Label="太原"),
    "链接": _kind("link", Title="通知", Description="", Url="https://example.com"),
    "关注": lambda person, _: person.does("subscribe"),
}
_MENU = "房租减免"


def _quote(person: Any, words: str) -> Awaitable[Any]:
    quoted, _, own = words.partition(" ")
    return person.says(own.strip() or "这个还有效吗", quoted)  # type: ignore[no-any-return]


ACTIONS: Mapping[str, Mapping[str, Action]] = {
    "wecom": {
        **_FILES,
        "语音": lambda person, _: person.speaks(),
        "文件": _kind("file", MediaId="m"),
        "进入": lambda person, _: person.does("enter_agent"),
        "菜单": lambda person, words: person.does("click", words or _MENU),
    },
    "wechat": {
        **_FILES,
        "语音": lambda person, words: person.speaks(words),
        "菜单": lambda person, words: person.does("CLICK", words or _MENU),
    },
    "aibot": {
        "图片": lambda person, _: person.sends_image(),
        "语音": lambda person, words: person.speaks(words or _MENU),
        "进入": lambda person, _: person.enters(),
        "引用": _quote,
        "赞": lambda person, _: person.rates(True),
        "踩": lambda person, words: person.rates(False, words),
    },
}
"""Commands by channel, without the slash."""

_QUIET = frozenset({"关注", "进入", "赞", "踩"})
"""What may remain without an answer."""


class Chat:
    """One person's chat, from the first line typed to the empty one.

    Args:
        actions: the commands of the channel.
        platform: the stand-in, which may complain of what it got.
        person: whose screen it is.
        interactive: a person types; else the lines come from a file, each after the
            answer to the one before.
    """

    def __init__(
        self,
        console: Console,
        actions: Mapping[str, Action],
        platform: Any,
        person: Any,
        interactive: bool | None = None,
    ) -> None:
        self._console, self._actions = console, actions
        self._platform, self._person = platform, person
        self._interactive = sys.stdin.isatty() if interactive is None else interactive
        self._shown = 0
        self._prompting = False

    def help(self) -> str:
        """What can be typed."""
        commands = "、".join(f"/{name}" for name in self._actions)
        return (
            f"直接打字就是发消息；按钮用 /1、/2… 来点；{commands} 是别的消息和事件"
            "（后面可以带字）；直接回车结束。"
        )

    async def run(self) -> None:
        """Talk until an empty line, or the end of the lines."""
        self._console.print(Text(self.help(), style="dim"))
        showing = asyncio.create_task(self._show())
        posting: set[asyncio.Task[Any]] = set()
        try:
            while line := await self._line():
                before = len(self._person.screen)
                task = asyncio.create_task(self._do(line))
                posting.add(task)
                task.add_done_callback(posting.discard)
                await self._settled(before, task, quiet=line.lstrip("/").split(" ")[0] in _QUIET)
        finally:
            for task in [*posting, showing]:
                task.cancel()
            await asyncio.gather(*posting, showing, return_exceptions=True)

    async def _do(self, line: str) -> None:
        name, _, words = line.removeprefix("/").partition(" ")
        try:
            if line.startswith("/") and name.isdigit():
                await self._person.presses(self._person.card.buttons[int(name) - 1].title)
            elif line.startswith("/") and name in self._actions:
                await self._actions[name](self._person, words.strip())
            else:
                await self._person.says(line)
        except (AssertionError, IndexError):
            self._print(Text("现在做不到：没有这个按钮、没有可评价的答复，或前面的问题太多。"))

    async def _settled(self, before: int, doing: asyncio.Task[Any], *, quiet: bool) -> None:
        """Wait until an answer has come and nothing more follows it."""
        still = _SETTLED if self._interactive else _WHOLE
        deadline = time.monotonic() + _PATIENCE
        last, since = "", time.monotonic()
        while time.monotonic() < deadline:
            await asyncio.sleep(_LOOK)
            text = self._person.transcript()
            if text != last:
                last, since = text, time.monotonic()
            screen = self._person.screen[before:]
            heard = any(entry.author != "person" and entry.text for entry in screen)
            # What could not be done leaves nothing on the screen, and gets no answer.
            if not doing.done() or (screen and not heard and not quiet):
                continue
            if not getattr(self._person, "open", None) and time.monotonic() - since > still:
                return

    async def _show(self) -> None:
        """Print what reaches the screen, whenever it does."""
        while True:
            await asyncio.sleep(_LOOK)
            if getattr(self._person, "open", None):
                continue  # an answer is being written; it is shown as a whole
            for entry in self._person.screen[self._shown :]:
                if entry.author != "person" and entry.text:
                    self._print(_panel(entry))
            self._shown = len(self._person.screen)
            for problem in self._platform.problems:
                self._print(Text(f"平台不接受：{problem}", style="red"))
            self._platform.problems.clear()

    def _print(self, what: Panel | Text) -> None:
        """Print above the line that is being typed."""
        if self._prompting:
            self._console.print("\r", end="")
        self._console.print(what)
        if self._prompting:
            typed = readline.get_line_buffer()
            self._console.print(Text.assemble((_PROMPT, "bold green"), typed), end="")

    async def _line(self) -> str:
        """The next line; empty at the end.

        Read in a thread that nobody waits for, so that Ctrl-C ends the chat at once.
        """
        loop = asyncio.get_running_loop()
        done: asyncio.Future[str] = loop.create_future()

        def read() -> None:
            try:
                line = self._console.input(f"[bold green]{_PROMPT}[/]").strip()
            except (EOFError, UnicodeDecodeError):
                line = ""
            with contextlib.suppress(RuntimeError):  # the chat is over
                loop.call_soon_threadsafe(_set, done, line)

        self._prompting = self._interactive
        try:
            threading.Thread(target=read, daemon=True).start()
            line = await done
            if not self._interactive:
                self._console.print(Text(line))  # no terminal shows it
            return line
        finally:
            self._prompting = False


_PROMPT = "您："


def _set(done: asyncio.Future[str], line: str) -> None:
    if not done.done():
        done.set_result(line)


def _panel(entry: Any) -> Panel:
    text = Text(entry.text)
    for number, button in enumerate(entry.buttons, 1):
        text.append(f"\n  /{number} {button.title}", style="cyan")
    titles = {
        "passive": "被动回复",
        "active": "主动消息",
        "stream": "流式消息",
        "welcome": "欢迎语",
    }
    style = "red" if entry.author == "platform" else "cyan"
    return Panel(text, border_style=style, title=titles.get(entry.via), title_align="left")
