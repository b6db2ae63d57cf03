"""The routes of the web chat."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit

from aiohttp import WSCloseCode, web

from bot.api.http import Operation, json_response, read_json, read_query
from bot.api.models import NoQuery
from bot.channels.web.assets import Assets
from bot.channels.web.chat import Chat, NameOf, PlaceOf, Talks, no_place, same_name
from bot.channels.web.identity import read_identity
from bot.channels.web.models import (
    ChatPage,
    Feedback,
    MessagesQuery,
    Profile,
    ProfileChange,
    Said,
    SayBody,
    VisitorBody,
    VisitorRecord,
)
from bot.channels.web.socket import MAX_FRAME, TOO_MANY, Rate, Session, unkept
from bot.channels.web.visitors import Visitor, Visitors
from bot.errors import RequestError
from bot.logs import get_logger

__all__ = ["Profiles", "WebChannel"]

log = get_logger(__name__)

_SOCKETS = 4000  # connections in all
_OWN = 8  # connections of one visitor
_HEARTBEAT = 25.0  # seconds; proxies cut what is silent for a minute


class Profiles(Protocol):
    """What is kept of visitors' firms."""

    async def read(self, key: str) -> Mapping[str, Any]:
        """The facts kept for a conversation's key."""

    async def change(self, key: str, facts: Mapping[str, Any]) -> Mapping[str, Any]:
        """Put facts over those kept (null forgets one); all that are kept then.

        Raises:
            RequestError: 422 for a fact that is unknown or out of bounds.
        """


class WebChannel:
    """``/chat/``, ``/widget.js`` and what lies behind them.

    Args:
        talks: the conversations.
        secret: signs visitors' tokens; the same in every process.
        folder: the built page, ``web/dist/widget``.
        profiles: what is kept of visitors' firms.
        retention_days: how long a conversation, and so a visitor's token, lives.
        identity_secret: checks the portal's word on a firm; None takes none.
        rate: keeps feedback: conversation's key, position, ``up`` or ``down``, reason.
        place_of: the place of a conversation in the queue for a person.
        name_of: what an operator is called, from the name they sign in by.
        embedders: origins whose pages may frame the chat; empty means any.
    """

    def __init__(
        self,
        talks: Talks,
        *,
        secret: bytes,
        folder: Path,
        profiles: Profiles,
        retention_days: float = 180,
        identity_secret: str | None = None,
        rate: Rate = unkept,
        place_of: PlaceOf = no_place,
        name_of: NameOf = same_name,
        embedders: Sequence[str] = (),
    ) -> None:
        self._chat = Chat(talks, place_of, name_of)
        self._visitors = Visitors(secret, retention_days)
        self._assets = Assets(folder, embedders)
        self._profiles, self._rate = profiles, rate
        self._identity = identity_secret.encode() if identity_secret else None
        self._sessions: set[Session] = set()
        self._sockets: set[web.WebSocketResponse] = set()

    def operations(self) -> list[Operation]:
        """The routes that speak JSON."""
        read, write = (400, 401, 422, 503), (400, 401, 413, 422, 503)
        return [
            Operation(
                "POST",
                "/chat/api/visitor",
                self.visitor,
                "取得或续签访客令牌",
                VisitorRecord,
                body=VisitorBody,
                errors=(400, 403, 413, 422, 503),
            ),
            Operation(
                "GET",
                "/chat/api/messages",
                self.messages,
                "取新消息（长轮询）",
                ChatPage,
                query=MessagesQuery,
                errors=read,
                secured=True,
            ),
            Operation(
                "POST",
                "/chat/api/messages",
                self.say,
                "发送一条消息",
                Said,
                body=SayBody,
                errors=(400, 401, 409, 413, 422, 429, 503),
                secured=True,
            ),
            Operation(
                "POST",
                "/chat/api/feedback",
                self.feedback,
                "评价一条答复",
                Feedback,
                body=Feedback,
                errors=write,
                secured=True,
            ),
            Operation(
                "GET",
                "/chat/api/profile",
                self.profile,
                "查看记下的企业情况",
                Profile,
                query=NoQuery,
                errors=read,
                secured=True,
            ),
            Operation(
                "POST",
                "/chat/api/profile",
                self.change_profile,
                "更正或删除企业情况",
                Profile,
                body=ProfileChange,
                errors=write,
                secured=True,
            ),
        ]

    def add_to(self, app: web.Application) -> None:
        """Add the page, the launcher and the socket."""
        app.router.add_get("/chat", self._assets.slash)
        app.router.add_get("/chat/", self._assets.page)
        app.router.add_get("/chat/assets/{name}", self._assets.file)
        app.router.add_get("/widget.js", self._assets.launcher)
        app.router.add_get("/chat/api/ws", self.socket)
        app.on_shutdown.append(self._shut)

    async def visitor(self, request: web.Request) -> web.Response:
        """Know a visitor again, or make a new one; take what the portal says of the firm."""
        body = await read_json(request, VisitorBody)
        now = time.time()
        known = self._visitors.read(body.token, now) if body.token else None
        visitor = self._visitors.renew(known, now) if known else self._visitors.issue(now)
        told: Mapping[str, Any] = {}
        if body.identity is not None:
            if self._identity is None:
                raise RequestError(403, "identity_off", "本站没有开通企业身份", "identity")
            told = read_identity(body.identity, self._identity, now)
            await self._profiles.change(visitor.key, told)
            log.info("identity_taken", conversation=visitor.key, facts=len(told))
        return json_response(
            VisitorRecord(token=visitor.token, fresh=known is None, facts=len(told))
        )

    async def messages(self, request: web.Request) -> web.Response:
        """What is new, at once or as soon as there is anything."""
        visitor, query = self._who(request), read_query(request, MessagesQuery)
        return json_response(await self._chat.wait(visitor, query.after, query.wait))

    async def say(self, request: web.Request) -> web.Response:
        """Take a message."""
        visitor = self._who(request)
        return json_response(await self._chat.say(visitor, await read_json(request, SayBody)))

    async def feedback(self, request: web.Request) -> web.Response:
        """Take what a visitor thinks of an answer."""
        visitor, given = self._who(request), await read_json(request, Feedback)
        await self._rate(visitor.key, given.position, given.value, given.reason)
        return json_response(given)

    async def profile(self, request: web.Request) -> web.Response:
        """What is kept of the visitor's firm."""
        visitor = self._who(request)
        read_query(request, NoQuery)
        return json_response(Profile(facts=dict(await self._profiles.read(visitor.key))))

    async def change_profile(self, request: web.Request) -> web.Response:
        """Correct or delete it."""
        visitor, change = self._who(request), await read_json(request, ProfileChange)
        kept = await self._profiles.change(visitor.key, change.facts)
        return json_response(Profile(facts=dict(kept)))

    async def socket(self, request: web.Request) -> web.WebSocketResponse:
        """``/chat/api/ws``."""
        _same_origin(request)
        if len(self._sockets) >= _SOCKETS:
            raise RequestError(503, "full", "访问的人太多，请稍后再试")
        socket = web.WebSocketResponse(heartbeat=_HEARTBEAT, max_msg_size=MAX_FRAME, compress=False)
        if not socket.can_prepare(request).ok:
            raise RequestError(400, "no_websocket", "这个地址只接受 WebSocket 连接")
        await socket.prepare(request)
        self._sockets.add(socket)
        session = Session(socket, self._chat, self._visitors, self._rate)
        try:
            if await session.greet():
                await self._serve(socket, session)
        finally:
            self._sockets.discard(socket)
        return socket

    async def _serve(self, socket: web.WebSocketResponse, session: Session) -> None:
        """Run a greeted session, unless its visitor has too many already."""
        assert session.visitor is not None
        visitor = session.visitor.id
        own = sum(1 for one in self._sessions if one.visitor and one.visitor.id == visitor)
        if own >= _OWN:
            await socket.close(code=TOO_MANY)
            return
        self._sessions.add(session)
        try:
            await session.run()
        finally:
            self._sessions.discard(session)

    def _who(self, request: web.Request) -> Visitor:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        visitor = self._visitors.read(token, time.time()) if scheme == "Bearer" else None
        if visitor is None:
            raise RequestError(401, "unknown_visitor", "访客令牌缺失、无效或已过期")
        return visitor

    async def _shut(self, app: web.Application) -> None:
        self._chat.close()
        for socket in tuple(self._sockets):
            await socket.close(code=WSCloseCode.SERVICE_RESTART, message=b"restart")


def _same_origin(request: web.Request) -> None:
    """Browsers do not keep other sites from opening a socket here; this does.

    Raises:
        RequestError: 403.
    """
    origin = request.headers.get("Origin", "")
    if not origin or urlsplit(origin).netloc.lower() != request.host.lower():
        raise RequestError(403, "foreign_origin", "不允许从其他网站连接")
