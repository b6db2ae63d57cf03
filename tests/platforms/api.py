"""What the platforms' HTTP interfaces have in common: a server, faults, a journal."""

from __future__ import annotations

import json
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Self

from aiohttp import web
from aiohttp.test_utils import TestServer

from tests.platforms.faults import Faults, answer_badly

__all__ = ["CALL", "FILE", "ApiServer", "Call", "Refusal"]

Work = Callable[[web.Request, dict[str, Any]], Awaitable[dict[str, Any]]]


class Refusal(Exception):
    """The platform refuses a request with an errcode."""

    def __init__(self, errcode: int, errmsg: str) -> None:
        super().__init__(errmsg)
        self.errcode, self.errmsg = errcode, errmsg


@dataclass
class Call:
    """One request to the platform and what became of it.

    Attributes:
        began, ended: on the monotonic clock; ``ended`` is None while it is being worked.
        fault: what was made to go wrong.
        shown: it reached a screen; ``dropped`` says why not, though the answer was 0.
    """

    number: int
    path: str
    body: dict[str, Any]
    began: float
    ended: float | None = None
    errcode: int | None = None
    fault: str = ""
    shown: bool = False
    dropped: str = ""
    notes: list[str] = field(default_factory=list)


CALL = web.RequestKey("call", Call)
"""Where a handler finds the journal's entry of its request."""

FILE = "file"
"""Where a handler puts a file that goes out instead of JSON."""


class ApiServer:
    """A platform's server on a free loopback port; use as an async context manager.

    Attributes:
        calls: every request, in order of arrival.
        problems: what a careful platform would complain of, as sentences; empty is good.
        faults: see there.
        aibot_response: takes an AI bot's late answers.
    """

    def __init__(self, port: int = 0) -> None:
        self.calls: list[Call] = []
        self.problems: list[str] = []
        self.faults = Faults()
        app = web.Application(client_max_size=1024 * 1024)
        self.aibot_response: Work | None = None
        app.router.add_post("/cgi-bin/aibot/response", self.endpoint(self._aibot))
        self._add_routes(app)
        self._server = TestServer(app, port=port or None)

    def _add_routes(self, app: web.Application) -> None:
        """What a platform has of its own."""

    async def _aibot(self, request: web.Request, body: dict[str, Any]) -> dict[str, Any]:
        """Late answers of an AI bot, where one is served here."""
        if self.aibot_response is None:
            raise Refusal(60140, "no AI bot here")
        return await self.aibot_response(request, body)

    async def __aenter__(self) -> Self:
        await self._server.start_server()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._server.close()

    @property
    def url(self) -> str:
        """Its address, without a slash at the end."""
        return f"http://127.0.0.1:{self._server.port}"

    def made(self, end: str) -> list[Call]:
        """The requests to one path."""
        return [call for call in self.calls if call.path.endswith(end)]

    def endpoint(self, work: Work) -> Callable[[web.Request], Awaitable[web.Response]]:
        """A handler that keeps the journal, plays the faults and answers refusals."""

        async def handle(request: web.Request) -> web.Response:
            call = Call(len(self.calls), request.path, {}, time.monotonic())
            self.calls.append(call)
            request[CALL] = call

            async def worked() -> dict[str, Any]:
                try:
                    call.body = await _json_of(request)
                    return {"errcode": 0, "errmsg": "ok", **await work(request, call.body)}
                except Refusal as refusal:
                    call.notes.append(refusal.errmsg)
                    return {"errcode": refusal.errcode, "errmsg": refusal.errmsg}

            fault = self.faults.take(request.path)
            try:
                if fault is None:
                    body = await worked()
                    file = body.pop(FILE, None)
                    response = (
                        web.json_response(body)
                        if file is None
                        else web.Response(body=file, content_type="application/octet-stream")
                    )
                else:
                    call.fault = fault.kind
                    response, body = await answer_badly(fault, request, worked)
                call.errcode = body["errcode"]
                return response
            finally:
                call.ended = time.monotonic()

        return handle


async def _json_of(request: web.Request) -> dict[str, Any]:
    if request.method == "GET":
        return dict(request.query)
    try:
        body = json.loads((await request.read()).decode("utf-8"))
    except ValueError as error:
        raise Refusal(47001, "data format error") from error
    if not isinstance(body, dict):
        raise Refusal(47001, "data format error")
    return body
