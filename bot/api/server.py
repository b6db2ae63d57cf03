"""Serving an application: what aiohttp answers before any handler, in our shape and quietly.

A request that is no HTTP (a broken chunk, bytes after the body, a strange
Expect) never reaches the middleware. aiohttp would answer in plain text with
the bytes in question and log them; they may be somebody's words.
"""

from __future__ import annotations

from aiohttp import web
from aiohttp.web_protocol import RequestHandler

from bot.api.http import error_response
from bot.logs import get_logger

__all__ = ["Runner", "expect"]

log = get_logger(__name__)


class _Handler(RequestHandler):
    __slots__ = ()

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """The contract's error; the log gets the kind of fault only."""
        log.info("request_malformed", status=status, cause=type(exc).__name__)
        if request.writer.output_size > 0:
            raise ConnectionError("the response has begun already")
        if status < 500:
            response = error_response(status, "bad_request", "请求格式有误")
        else:
            response = error_response(500, "internal", "系统内部出错，已记录")
        response.force_close()
        return response


class _Server(web.Server):
    def __call__(self) -> RequestHandler:
        return _Handler(self, loop=self._loop, **self._kwargs)


class Runner(web.AppRunner):
    """An application's runner whose connections answer malformed HTTP as above."""

    async def _make_server(self) -> web.Server:
        server = await super()._make_server()
        # aiohttp offers no other way to name the protocol class of an application.
        server.__class__ = _Server
        return server


async def expect(request: web.Request) -> web.StreamResponse | None:
    """``Expect: 100-continue`` is answered; any other expectation is refused in our shape."""
    if request.headers.get("Expect", "").lower() != "100-continue":
        return error_response(417, "expectation_failed", "不支持这种 Expect 请求头")
    if request.version == (1, 1):
        await request.writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        request.writer.output_size = 0  # the real response has not begun
    return None
