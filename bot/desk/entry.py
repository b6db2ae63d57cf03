"""Routes of coming in and going out: password or one-time link, second factor, sign-out."""

from __future__ import annotations

from aiohttp import web

from bot.api.http import Operation, json_response, read_json, read_query
from bot.api.models import NoQuery
from bot.desk import totp
from bot.desk.access import COOKIE, Door, check_origin, set_cookie
from bot.desk.schemas import Code, Credentials, Done, Enrolment, NewPassword, SignedIn, Ways
from bot.desk.signin import Opened, SignIn
from bot.errors import RequestError

__all__ = ["EntryApi"]

_ISSUER = "问策坐席"
_ERRORS = (400, 401, 403, 404, 409, 413, 422, 429)


class EntryApi:
    """What somebody may ask for who is not in yet.

    Args:
        sign_in, door: see their classes.
        provider: what stands on the button of the identity provider; None: there is none.
    """

    def __init__(self, sign_in: SignIn, door: Door, provider: str | None) -> None:
        self._sign_in, self._door, self._provider = sign_in, door, provider

    def operations(self) -> list[Operation]:
        """The routes."""
        return [
            Operation(
                "GET",
                "/desk/api/ways",
                self.ways,
                "可以怎样登录",
                Ways,
                query=NoQuery,
                errors=_ERRORS,
            ),
            Operation(
                "POST",
                "/desk/api/sign-in",
                self.enter,
                "登录",
                SignedIn,
                body=Credentials,
                errors=_ERRORS,
            ),
            Operation(
                "POST",
                "/desk/api/password",
                self.set_password,
                "用一次性链接设置密码",
                SignedIn,
                body=NewPassword,
                errors=_ERRORS,
            ),
            Operation(
                "POST",
                "/desk/api/code",
                self.code,
                "提交验证码",
                SignedIn,
                body=Code,
                errors=_ERRORS,
            ),
            Operation(
                "GET",
                "/desk/api/enrolment",
                self.enrolment,
                "设置第二重验证所需的密钥",
                Enrolment,
                query=NoQuery,
                errors=_ERRORS,
            ),
            Operation("POST", "/desk/api/sign-out", self.leave, "退出登录", Done, errors=_ERRORS),
        ]

    async def ways(self, request: web.Request) -> web.Response:
        """How one can sign in here."""
        read_query(request, NoQuery)
        return json_response(Ways(provider=self._provider))

    async def enter(self, request: web.Request) -> web.Response:
        """Sign in; whatever session the browser had before is over."""
        check_origin(request)
        body = await read_json(request, Credentials)
        opened = await self._sign_in.password(body.name, body.password)
        return await self._opened(request, opened)

    async def set_password(self, request: web.Request) -> web.Response:
        """Set a password by a one-time link."""
        check_origin(request)
        body = await read_json(request, NewPassword)
        return await self._opened(
            request, await self._sign_in.set_password(body.link, body.password)
        )

    async def code(self, request: web.Request) -> web.Response:
        """The second factor."""
        check_origin(request)
        session = await self._door.session(request)
        body = await read_json(request, Code)
        return await self._opened(request, await self._sign_in.code(session, body.code))

    async def _opened(self, request: web.Request, opened: Opened) -> web.Response:
        await self._sign_in.forget(request.cookies.get(COOKIE))
        response = json_response(SignedIn(stage=opened.stage))
        set_cookie(response, request, opened)
        return response

    async def enrolment(self, request: web.Request) -> web.Response:
        """What an authenticator needs, for a session that has yet to set it up."""
        session = await self._door.session(request)
        if session.stage != "enrol":
            raise RequestError(409, "no_enrolment", "现在不需要设置验证器")
        secret = self._sign_in.enrolment(session)
        return json_response(
            Enrolment(secret=secret, uri=totp.uri(secret, session.user.name, _ISSUER))
        )

    async def leave(self, request: web.Request) -> web.Response:
        """Sign out."""
        check_origin(request)
        await self._sign_in.sign_out(await self._door.session(request))
        response = json_response(Done())
        response.del_cookie(COOKIE, path="/desk")
        return response
