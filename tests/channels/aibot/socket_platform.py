"""The platform's WebSocket, which a test can make behave badly."""

from __future__ import annotations

import json
from typing import Any
from uuid import uuid4

from aiohttp import WSMsgType, web
from aiohttp.test_utils import TestServer

__all__ = ["SocketPlatform", "streams"]

Frame = dict[str, Any]


class SocketPlatform:
    """One bot's end of the long connection: a newer connection kicks the older.

    Attributes:
        frames: what came, beside heartbeats, in order.
        pings: how many heartbeats came.
        connections: how many were subscribed.
        secret: the one that is accepted.
        errcodes: of the next acknowledgements of a command, taken in order; None gives
            no acknowledgement, "break" breaks the connection instead.
        deaf: heartbeats are not acknowledged.
        away: new connections are refused.
        redirect: where new connections are sent, if anywhere.
    """

    def __init__(self) -> None:
        self.frames: list[Frame] = []
        self.pings = 0
        self.connections = 0
        self.secret = "secret"
        self.errcodes: dict[str, list[int | str | None]] = {}
        self.deaf = False
        self.away = False
        self.redirect: str | None = None
        self._current: web.WebSocketResponse | None = None
        app = web.Application()
        app.router.add_get("/", self._connect)
        self._server = TestServer(app)

    async def __aenter__(self) -> SocketPlatform:
        await self._server.start_server()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.drop()
        await self._server.close()

    @property
    def url(self) -> str:
        return f"ws://127.0.0.1:{self._server.port}/"

    @property
    def connected(self) -> bool:
        """Whether somebody is subscribed."""
        return self._current is not None

    def of(self, cmd: str) -> list[Frame]:
        """The frames of a command."""
        return [frame for frame in self.frames if frame["cmd"] == cmd]

    async def call_back(self, body: Frame, req_id: str | None = None) -> str:
        """Push a callback; its req_id."""
        req_id = req_id or f"req-{uuid4().hex}"
        event = body.get("msgtype") == "event"
        cmd = "aibot_event_callback" if event else "aibot_msg_callback"
        assert self._current is not None
        frame = {"cmd": cmd, "headers": {"req_id": req_id}, "body": body}
        await self._current.send_str(json.dumps(frame))
        return req_id

    async def send_raw(self, data: str) -> None:
        """Push anything."""
        assert self._current is not None
        await self._current.send_str(data)

    async def drop(self) -> None:
        """Break the connection."""
        if self._current is not None:
            socket, self._current = self._current, None
            await socket.close()

    async def kick(self) -> None:
        """Somebody else connects with the same bot id."""
        await self.call_back({"msgtype": "event", "event": {"eventtype": "disconnected_event"}})
        await self.drop()

    async def _connect(self, request: web.Request) -> web.StreamResponse:
        if self.redirect is not None:
            raise web.HTTPFound(self.redirect)
        if self.away:
            return web.Response(status=503)
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        async for message in socket:
            if message.type != WSMsgType.TEXT:
                continue
            frame = json.loads(message.data)
            if frame["cmd"] == "aibot_subscribe":
                await self._subscribe(socket, frame)
            elif socket is self._current:
                await self._take(socket, frame)
        if socket is self._current:
            self._current = None
        return socket

    async def _subscribe(self, socket: web.WebSocketResponse, frame: Frame) -> None:
        known = frame["body"] == {"bot_id": "bot", "secret": self.secret}
        if known:
            if self._current is not None:
                await self.kick()
            self._current = socket
            self.connections += 1
        await _acknowledge(socket, frame, 0 if known else 40001)

    async def _take(self, socket: web.WebSocketResponse, frame: Frame) -> None:
        cmd = frame["cmd"]
        if cmd == "ping":
            self.pings += 1
            if not self.deaf:
                await _acknowledge(socket, frame, 0)
            return
        self.frames.append(frame)
        planned = self.errcodes.get(cmd)
        errcode: int | str | None = planned.pop(0) if planned else 0
        if errcode == "break":
            assert socket._req is not None and socket._req.transport is not None
            self._current = None
            socket._req.transport.abort()
        elif isinstance(errcode, int):
            await _acknowledge(socket, frame, errcode)


async def _acknowledge(socket: web.WebSocketResponse, frame: Frame, errcode: int) -> None:
    if not socket.closed:
        answer = {"headers": frame["headers"], "errcode": errcode, "errmsg": "x"}
        await socket.send_str(json.dumps(answer))


def streams(frames: list[Frame], req_id: str) -> list[tuple[bool, str]]:
    """What the stream that answers a callback showed: (finished, content)."""
    return [
        (frame["body"]["stream"]["finish"], frame["body"]["stream"]["content"])
        for frame in frames
        if frame["headers"]["req_id"] == req_id and "stream" in frame["body"]
    ]
