"""One WebSocket to the platform: frames out, each with its acknowledgement; callbacks in.

A frame is ``{"cmd", "headers": {"req_id"}, "body"}``; its acknowledgement has the same
``req_id``, an ``errcode`` and no ``cmd``.
Source: https://developer.work.weixin.qq.com/document/path/101463
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections import deque
from collections.abc import AsyncIterator, Mapping
from typing import Any
from uuid import uuid4

import aiohttp

__all__ = ["MAX_FRAME", "BrokenError", "NoAnswerError", "NotSentError", "Wire"]

MAX_FRAME = 1024 * 1024
"""Largest frame in bytes that is read."""


class NotSentError(Exception):
    """The frame was certainly not sent."""


class BrokenError(Exception):
    """The connection broke after the frame was written; it may have arrived."""


class NoAnswerError(Exception):
    """No acknowledgement in time; the frame may have arrived."""


class Wire:
    """A connected WebSocket. One task reads :meth:`frames`; any may :meth:`call`.

    Attributes:
        id: names this connection.
    """

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.id = str(uuid4())
        self._socket = socket
        # Several frames may share a req_id; they are acknowledged in order, so those that
        # nobody waits for any more keep their places.
        self._waiting: dict[str, deque[asyncio.Future[int]]] = {}

    async def call(
        self, cmd: str, body: Mapping[str, Any] | None, req_id: str | None, seconds: float
    ) -> int:
        """Send a frame; the ``errcode`` of its acknowledgement.

        Args:
            req_id: that of the callback which the frame answers; None for a new one.

        Raises:
            NotSentError, BrokenError, NoAnswerError: there is no acknowledgement; see each.
        """
        if self._socket.closed:
            raise NotSentError
        req_id = req_id or f"{cmd}-{uuid4().hex}"
        frame: dict[str, Any] = {"cmd": cmd, "headers": {"req_id": req_id}}
        if body is not None:
            frame["body"] = body
        future = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(req_id, deque()).append(future)
        try:
            async with asyncio.timeout(seconds):
                await self._socket.send_str(json.dumps(frame, ensure_ascii=False))
                return int(await future)
        except TimeoutError:
            raise NoAnswerError from None
        except (aiohttp.ClientError, OSError):
            raise BrokenError from None
        finally:
            future.cancel()

    async def frames(self) -> AsyncIterator[dict[str, Any]]:
        """The callbacks, until the connection ends; acknowledgements go to their callers."""
        try:
            async for message in self._socket:
                if message.type not in (aiohttp.WSMsgType.TEXT, aiohttp.WSMsgType.BINARY):
                    continue
                frame = _frame(message.data)
                if frame is None:
                    continue
                if "cmd" in frame:
                    yield frame
                else:
                    self._acknowledge(frame)
        finally:
            self._give_up()

    async def close(self) -> None:
        """Close the connection."""
        with contextlib.suppress(aiohttp.ClientError, OSError, TimeoutError):
            async with asyncio.timeout(5):
                await self._socket.close()
        self._give_up()

    def _acknowledge(self, frame: Mapping[str, Any]) -> None:
        headers = frame.get("headers")
        req_id = headers.get("req_id") if isinstance(headers, Mapping) else None
        errcode = frame.get("errcode")
        futures = self._waiting.get(req_id) if isinstance(req_id, str) else None
        if not futures or not isinstance(errcode, int):
            return
        future = futures.popleft()
        if not future.done():
            future.set_result(errcode)
        if not futures:
            del self._waiting[str(req_id)]

    def _give_up(self) -> None:
        for futures in self._waiting.values():
            for future in futures:
                if not future.done():
                    future.set_exception(aiohttp.ClientConnectionError())
        self._waiting.clear()


def _frame(data: str | bytes) -> dict[str, Any] | None:
    try:
        frame = json.loads(data)
    except (ValueError, RecursionError):
        return None
    return frame if isinstance(frame, dict) else None
