"""A stand-in for the AI bot's long connection: the WebSocket server and its people."""

from __future__ import annotations

import asyncio
import json
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Self
from uuid import uuid4

import aiohttp
from aiohttp import web
from aiohttp.test_utils import TestServer

from tests.platforms.aibot import AiBotAccount
from tests.platforms.aibot_letters import event_of, message_of
from tests.platforms.aibot_socket_person import SocketPerson

__all__ = ["AiBotSocket", "Request"]

BAD_SECRET, BAD_REQUEST, EXPIRED, NOT_SUBSCRIBED = 853000, 846605, 846608, 846609


@dataclass
class Request:
    """A callback that may be answered, or has been."""

    person: SocketPerson
    began: float
    kind: str
    stream_id: str | None = None
    place: int | None = None
    finished: bool = False
    pressed: str | None = None
    frames: list[dict[str, Any]] = field(default_factory=list)


class AiBotSocket:
    """The server of the long connection; use as an async context manager.

    Args:
        silence: seconds without a ping after which a connection is cut.
        longest: seconds from the first frame within which a stream must be finished.

    Attributes:
        frames: what came from the bot, in order.
        problems: what a careful platform would complain of.
        subscriptions: how often a bot subscribed successfully.
        swallow: so many of the next answers get no acknowledgement, though they are shown.
        refuse: errcodes for the next answers, by command; those are not shown.
    """

    def __init__(
        self,
        account: AiBotAccount | None = None,
        silence: float = 75.0,
        longest: float = 360.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.account = account or AiBotAccount()
        self.silence, self.longest, self.clock = silence, longest, clock
        self.frames: list[dict[str, Any]] = []
        self.problems: list[str] = []
        self.subscriptions = 0
        self.swallow = 0
        self.refuse: dict[str, deque[int]] = {}
        self.people: dict[tuple[str, str], SocketPerson] = {}
        self.task_ids: set[str] = set()
        self._requests: dict[str, Request] = {}
        self._current: web.WebSocketResponse | None = None
        self._subscribed = asyncio.Event()
        app = web.Application()
        app.router.add_get("/", self._serve)
        self._server = TestServer(app)

    async def __aenter__(self) -> Self:
        await self._server.start_server()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.drop()
        await self._server.close()

    @property
    def url(self) -> str:
        """The address of the long connection."""
        return f"ws://127.0.0.1:{self._server.port}"

    def person(self, name: str, group: str = "") -> SocketPerson:
        """A member in a chat with the bot alone, or in a group."""
        return self.people.setdefault((name, group), SocketPerson(name, group, self))

    async def subscribed(self, within: float = 30.0) -> None:
        """Wait until a bot is there."""
        await asyncio.wait_for(self._subscribed.wait(), within)

    async def drop(self) -> None:
        """Cut the connection without a word."""
        current, self._current = self._current, None
        self._subscribed.clear()
        if current is not None:
            transport = current._req.transport if current._req is not None else None
            if transport is not None:
                transport.abort()

    async def kick(self) -> None:
        """Another client subscribes and takes the bot over."""
        current, self._current = self._current, None
        self._subscribed.clear()
        if current is not None:
            await self._disconnect(current)

    async def push(self, request: Request, fields: dict[str, Any], times: int = 1) -> str:
        """Send a callback; its req_id. ``times`` sends the same again."""
        await self.subscribed()
        req_id = uuid4().hex
        self._requests[req_id] = request
        message = message_of(self.account.bot_id, request.person.name, request.person.group, fields)
        kind = "event" if fields["msgtype"] == "event" else "msg"
        frame = {"cmd": f"aibot_{kind}_callback", "headers": {"req_id": req_id}, "body": message}
        for _ in range(times):
            if self._current is not None:
                await self._current.send_str(json.dumps(frame, ensure_ascii=False))
        return req_id

    async def _disconnect(self, socket: web.WebSocketResponse) -> None:
        body = message_of(self.account.bot_id, "", "", event_of("disconnected_event", {}))
        headers = {"req_id": uuid4().hex}
        with_cmd = {"cmd": "aibot_event_callback", "headers": headers, "body": body}
        await socket.send_str(json.dumps(with_cmd))
        await socket.close()

    async def _serve(self, http: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse(autoping=True)
        await socket.prepare(http)
        while not socket.closed:
            try:
                message = await socket.receive(timeout=self.silence)
            except TimeoutError:
                self.problems.append("no heartbeat in time")
                break
            if message.type in {aiohttp.WSMsgType.CLOSE, aiohttp.WSMsgType.CLOSED}:
                break
            if message.type in {aiohttp.WSMsgType.CLOSING, aiohttp.WSMsgType.ERROR}:
                break
            if message.type is not aiohttp.WSMsgType.TEXT:
                self.problems.append("a frame that is not text")
                continue
            await self._frame(socket, json.loads(message.data))
        if self._current is socket:
            self._current = None
            self._subscribed.clear()
        return socket

    async def _frame(self, socket: web.WebSocketResponse, frame: dict[str, Any]) -> None:
        command = frame.get("cmd")
        req_id = (frame.get("headers") or {}).get("req_id")
        if not isinstance(req_id, str) or not req_id:
            self.problems.append(f"{command} without req_id")
            req_id = ""
        shown = {key: value for key, value in frame.items() if command != "aibot_subscribe"}
        self.frames.append(shown | {"cmd": command})
        if command == "aibot_subscribe":
            code = await self._subscribe(socket, frame.get("body") or {})
        elif socket is not self._current:
            code = NOT_SUBSCRIBED
        elif command == "ping":
            code = 0
        else:
            code = self._answer(str(command), req_id, frame.get("body") or {})
            if self.swallow > 0 and code == 0:
                self.swallow -= 1
                return
        acknowledged = {"headers": {"req_id": req_id}, "errcode": code, "errmsg": "ok"}
        if not socket.closed:
            await socket.send_str(json.dumps(acknowledged))

    async def _subscribe(self, socket: web.WebSocketResponse, body: dict[str, Any]) -> int:
        if (body.get("bot_id"), body.get("secret")) != (
            self.account.bot_id,
            self.account.secret,
        ):
            return BAD_SECRET
        if self._current is not None and self._current is not socket:
            await self._disconnect(self._current)
        self._current = socket
        self.subscriptions += 1
        self._subscribed.set()
        return 0

    def _answer(self, command: str, req_id: str, body: dict[str, Any]) -> int:
        waiting = self.refuse.get(command)
        if waiting:
            return waiting.popleft()
        if command == "aibot_send_msg":
            return self._sent(body)
        request = self._requests.get(req_id)
        if request is None:
            self.problems.append(f"{command} for an unknown req_id")
            return BAD_REQUEST
        age = self.clock() - request.began
        quick = {"aibot_respond_welcome_msg", "aibot_respond_update_msg"}
        if age > (5.0 if command in quick else self.longest) or request.finished:
            return EXPIRED
        request.frames.append(body)
        return request.person.takes(request, command, body)

    def _sent(self, body: dict[str, Any]) -> int:
        chat, group = body.get("chatid"), body.get("chat_type") == 2
        for (name, chatid), person in self.people.items():
            if (chatid if group else name) == chat and bool(chatid) is group and person.wrote_once:
                return person.gets(body)
        self.problems.append("aibot_send_msg to somebody who never wrote")
        return BAD_REQUEST
