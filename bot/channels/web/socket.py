"""The chat over a WebSocket: frames in, frames out, one object a connection."""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from collections.abc import Awaitable, Callable
from typing import Any, Literal

from aiohttp import WSMsgType, web
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from bot.channels.web.chat import Chat
from bot.channels.web.models import Feedback, SayBody
from bot.channels.web.visitors import Visitor, Visitors
from bot.errors import ConflictError, OverloadedError, RequestError, StorageError, WenceError
from bot.logs import get_logger

__all__ = ["MAX_FRAME", "Rate", "Session", "unkept"]

log = get_logger(__name__)

MAX_FRAME = 32 * 1024
"""Largest frame in bytes that is read; the longest message in UTF-8 fits."""
_HELLO = 15.0  # seconds within which a client says who it is
# Closing codes of the application (RFC 6455, 7.4.2).
MALFORMED, UNKNOWN, SILENT, TOO_MANY = 4400, 4401, 4408, 4429


class Hello(BaseModel):
    """The first frame: who it is, and what it has already."""

    model_config = ConfigDict(extra="ignore")
    type: Literal["hello"]
    token: str = Field(max_length=200)
    after: int = Field(0, ge=0, le=10**9, strict=True)


class Say(SayBody):
    """A message."""

    type: Literal["say"]


class Typing(BaseModel):
    """The visitor is typing; nothing is kept of it."""

    type: Literal["typing"]


class Rated(Feedback):
    """What the visitor thinks of an answer."""

    type: Literal["feedback"]


_FRAMES: TypeAdapter[Say | Typing | Rated] = TypeAdapter(Say | Typing | Rated)


Rate = Callable[[str, int, str, str], Awaitable[object]]
"""Keeps feedback: the conversation's key, the entry's position, ``up`` or ``down``, a reason."""


async def unkept(key: str, position: int, value: str, reason: str) -> None:
    """Where nobody keeps feedback, it is counted in the log at least."""
    log.info("feedback", conversation=key, position=position, value=value)


class Session:
    """One connection of one visitor, from hello to goodbye."""

    def __init__(
        self, socket: web.WebSocketResponse, chat: Chat, visitors: Visitors, rate: Rate
    ) -> None:
        self._socket, self._chat, self._visitors = socket, chat, visitors
        self._rate = rate
        self._after = 0
        self.visitor: Visitor | None = None

    async def greet(self) -> bool:
        """Learn who it is; False where it was told goodbye instead."""
        try:
            hello = Hello.model_validate(await self._read(_HELLO))
        except TimeoutError:
            await self._socket.close(code=SILENT)
        except (ValueError, ValidationError):
            await self._socket.close(code=MALFORMED)
        else:
            self.visitor = self._visitors.read(hello.token, time.time())
            self._after = hello.after
            if self.visitor is not None:
                return True
            await self._socket.close(code=UNKNOWN)
        return False

    async def run(self) -> None:
        """Serve until the client leaves or the service stops."""
        assert self.visitor is not None
        pump = asyncio.create_task(self._pump(self.visitor))
        try:
            async for message in self._socket:
                if message.type is not WSMsgType.TEXT:
                    await self._socket.close(code=MALFORMED)
                    return
                await self._take(self.visitor, message.data)
        finally:
            pump.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await pump

    async def _take(self, visitor: Visitor, data: str) -> None:
        try:
            frame = _FRAMES.validate_python(json.loads(data))
        except (ValueError, RecursionError):  # ValidationError is a ValueError
            await self._error("bad_frame", "请求格式有误")
            return
        identifier = frame.id if isinstance(frame, Say) else None
        try:
            if isinstance(frame, Say):
                said = await self._chat.say(visitor, SayBody(id=frame.id, text=frame.text))
                await self._send({"type": "taken", "id": said.id, "position": said.position})
                await self._send({"type": "working"})
            elif isinstance(frame, Rated):
                await self._rate(visitor.key, frame.position, frame.value, frame.reason)
        except WenceError as error:
            await self._error(_code(error), _words(error), identifier)

    async def _pump(self, visitor: Visitor) -> None:
        """Send what is new, in order, each once."""
        greeted: dict[str, Any] | None = None
        try:
            async for _ in self._chat.changes(visitor):
                while True:
                    page = await self._chat.page(visitor, self._after)
                    state = page.state.model_dump(mode="json")
                    if page.position < self._after:
                        await self._send({"type": "reset"})
                    if state != greeted:
                        frame = {"type": "ready", "position": page.position, "state": state}
                        await self._send(frame)
                        greeted = state
                    for entry in page.entries:
                        await self._send({"type": "entry", "entry": entry.model_dump(mode="json")})
                    self._after = page.position
                    if not page.entries:
                        break
            await self._socket.close(code=1012)  # the service restarts; come again
        except ConnectionError:
            return  # it left while being told
        except StorageError as error:
            log.warning("chat_interrupted", cause=str(error))
            await self._socket.close(code=1013)  # try again later

    async def _read(self, seconds: float) -> Any:
        message = await self._socket.receive(timeout=seconds)
        if message.type is not WSMsgType.TEXT:
            raise ValueError("no text")
        return json.loads(message.data)

    async def _error(self, code: str, message: str, identifier: str | None = None) -> None:
        frame = {"type": "error", "code": code, "message": message}
        if identifier is not None:
            frame["id"] = identifier
        await self._send(frame)

    async def _send(self, frame: dict[str, Any]) -> None:
        if not self._socket.closed:
            await self._socket.send_json(frame, dumps=_dumps)


def _dumps(frame: Any) -> str:
    return json.dumps(frame, ensure_ascii=False, separators=(",", ":"))


def _code(error: WenceError) -> str:
    if isinstance(error, RequestError):
        return error.code
    if isinstance(error, ConflictError):
        return "conflict"
    return "too_many" if isinstance(error, OverloadedError) else "away"


def _words(error: WenceError) -> str:
    if isinstance(error, StorageError):
        return "系统正在恢复，请稍后再试"
    return str(error)
