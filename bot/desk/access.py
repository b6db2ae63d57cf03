"""The door of the desk: cookie to user, roles, and no request that another site had sent."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

from aiohttp import web

from bot.desk.signin import LIFE, Opened, SignIn
from bot.errors import RequestError
from bot.storage.desk_users import DeskUser, Role, Session

__all__ = [
    "COOKIE",
    "HEADER",
    "Door",
    "behind_tls",
    "check_origin",
    "same_origin",
    "set_cookie",
]

COOKIE = "wence_desk"
HEADER = "X-Wence-Desk"
"""A header that only our own page sends: a form of another site cannot."""
_SAFE = frozenset({"GET", "HEAD"})

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Guarded = Callable[[web.Request, DeskUser], Awaitable[web.StreamResponse]]


class Door:
    """Lets handlers see only requests of somebody who may send them."""

    def __init__(self, sign_in: SignIn) -> None:
        self._sign_in = sign_in

    def guard(self, handler: Guarded, *roles: Role) -> Handler:
        """A handler for those of some roles; of all where none is named.

        What it raises: RequestError 401 without a complete sign-in, 403 for another role
        or a request of foreign origin.
        """

        async def guarded(request: web.Request) -> web.StreamResponse:
            check_origin(request)
            session = await self.signed_in(request)
            user = session.user
            # What a page asks for by itself keeps nobody signed in.
            if request.method not in _SAFE:
                await self._sign_in.in_use(session)
            if roles and user.role not in roles:
                raise RequestError(403, "not_allowed", "您的角色不能做这件事")
            return await handler(request, user)

        return guarded

    async def session(self, request: web.Request) -> Session:
        """The session of a request, complete or not.

        Raises:
            RequestError: 401 where there is none.
        """
        found = await self._sign_in.session(request.cookies.get(COOKIE))
        if found is None:
            raise RequestError(401, "not_signed_in", "请先登录")
        return found

    async def signed_in(self, request: web.Request) -> Session:
        """The complete session of a request.

        Raises:
            RequestError: 401 where there is none, or the second factor is outstanding.
        """
        session = await self.session(request)
        if session.stage != "open":
            raise RequestError(401, "code_needed", "请输入验证码完成登录")
        return session


def check_origin(request: web.Request) -> None:
    """Refuse what another site had a browser send.

    Raises:
        RequestError: 403.
    """
    if request.method in _SAFE:
        return
    if request.headers.get(HEADER) != "1" or not same_origin(request):
        raise RequestError(403, "foreign_origin", "请求不是从本页面发出的")


def same_origin(request: web.Request) -> bool:
    """Whether the page that sent a request came from here."""
    origin = urlsplit(request.headers.get("Origin", ""))
    return origin.scheme in {"http", "https"} and origin.netloc == request.host


def behind_tls(request: web.Request) -> bool:
    """Whether the browser spoke TLS, to us or to the proxy before us."""
    return request.secure or request.headers.get("X-Forwarded-Proto") == "https"


def set_cookie(response: web.Response, request: web.Request, opened: Opened) -> None:
    """Hand a session to the browser, out of reach of scripts and of other sites."""
    response.set_cookie(
        COOKIE,
        opened.token,
        path="/desk",
        httponly=True,
        samesite="Strict",
        secure=behind_tls(request),
        max_age=int(LIFE.total_seconds()),
    )
