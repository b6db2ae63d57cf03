"""One WebSocket a desk: says what has changed, never what; the page then asks for it."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Callable
from datetime import datetime

from aiohttp import WSMsgType, web

from bot.desk.access import COOKIE, Door, same_origin
from bot.desk.reminders import Reminders
from bot.desk.signin import SignIn
from bot.errors import NotFoundError, RequestError, StorageError
from bot.logs import get_logger
from bot.storage.desk_queue import DeskQueue
from bot.storage.desk_users import DeskUserStore, Session
from bot.storage.engine import Database

__all__ = ["Live"]

log = get_logger(__name__)

_TOPICS = ("queue", "board", "tickets")
_BEAT = 25.0  # seconds between two signs of life
_SIGNED_OUT = 4401
_SMALL = 2048  # bytes of a frame


class Live:
    """The live connection of every desk that is open in this process.

    Frames to the page: ``{"type": "queue" | "board" | "tickets" | "talk" | "reminders"}``;
    the last when time alone has brought something that its operator must see to. From the
    page: ``{"type": "watch", "talk": id or null}`` names the conversation that it shows.
    """

    def __init__(
        self,
        database: Database,
        queue: DeskQueue,
        users: DeskUserStore,
        reminders: Reminders,
        sign_in: SignIn,
        door: Door,
        clock: Callable[[], datetime],
    ) -> None:
        self._bus, self._queue, self._users = database.bus, queue, users
        self._sign_in, self._door, self._clock = sign_in, door, clock
        self._reminders = reminders
        self._open: set[web.WebSocketResponse] = set()

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """``GET /desk/api/ws``.

        Raises:
            RequestError: 401 without a complete sign-in, 403 from another site's page.
        """
        if not same_origin(request):
            raise RequestError(403, "foreign_origin", "请求不是从本页面发出的")
        session = await self._door.signed_in(request)
        socket = web.WebSocketResponse(heartbeat=_BEAT, max_msg_size=_SMALL)
        await socket.prepare(request)
        self._open.add(socket)
        tasks = [asyncio.create_task(self._beat(socket, session, request.cookies[COOKIE]))]
        tasks += [asyncio.create_task(self._tell(socket, topic)) for topic in _TOPICS]
        try:
            await self._listen(socket)
        finally:
            self._open.discard(socket)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        return socket

    async def close(self) -> None:
        """Let every page go; they come back by themselves."""
        for socket in list(self._open):
            await socket.close(code=1001)

    async def _listen(self, socket: web.WebSocketResponse) -> None:
        following: asyncio.Task[None] | None = None
        try:
            async for message in socket:
                if message.type is not WSMsgType.TEXT:
                    break
                talk_id = _watched(message.data)
                if following is not None:
                    following.cancel()
                following = asyncio.create_task(self._follow(socket, talk_id)) if talk_id else None
        finally:
            if following is not None:
                following.cancel()

    async def _follow(self, socket: web.WebSocketResponse, talk_id: str) -> None:
        with contextlib.suppress(NotFoundError, StorageError):
            talk = await self._queue.talk(talk_id)
            await self._tell(socket, "entries", talk.key, "talk")

    async def _tell(
        self,
        socket: web.WebSocketResponse,
        topic: str,
        key: str | None = None,
        said: str | None = None,
    ) -> None:
        """Pass on the word, for ever; several words at once are one."""
        with self._bus.watch(topic, key) as news, contextlib.suppress(ConnectionError):
            while True:
                await socket.send_json({"type": said or topic})
                await news.wait()
                news.clear()

    async def _beat(self, socket: web.WebSocketResponse, session: Session, token: str) -> None:
        """Say that somebody is there, for as long as the sign-in holds; remind them in time."""
        before: set[tuple[str, str]] = set()
        while True:
            try:
                if await self._sign_in.session(token) is None:
                    await socket.close(code=_SIGNED_OUT)
                    return
                await self._users.touch(session.user.id, self._clock())
                found = await self._reminders.of(session.user.name)
                pressing: set[tuple[str, str]] = {(why, ticket.id) for why, ticket in found}
                if pressing - before:
                    await socket.send_json({"type": "reminders"})
                before = pressing
            except ConnectionError:
                return
            except StorageError as error:
                log.warning("desk_beat_failed", cause=str(error))
            await asyncio.sleep(_BEAT)


def _watched(data: str) -> str | None:
    """The conversation that a frame names; None for any other frame."""
    try:
        frame = json.loads(data)
    except ValueError:
        return None
    if not isinstance(frame, dict) or frame.get("type") != "watch":
        return None
    talk = frame.get("talk")
    return talk if isinstance(talk, str) and 0 < len(talk) <= 40 else None
