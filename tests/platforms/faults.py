"""Faults of a platform, on demand."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Literal

from aiohttp import web

__all__ = ["Fault", "Faults"]

Kind = Literal["errcode", "close_before", "close_after", "late", "status", "rubbish"]


@dataclass(frozen=True)
class Fault:
    """How one request goes wrong.

    Attributes:
        kind: ``errcode`` refuses; ``close_before`` cuts the connection before the request is
            worked, ``close_after`` when it has been; ``late`` works it and answers after
            ``value`` seconds; ``status`` and ``rubbish`` answer with what is no answer,
            without working it.
    """

    kind: Kind
    value: float = 0


@dataclass
class Faults:
    """What is to go wrong, by the end of the path: the next requests, or all of them."""

    _next: dict[str, deque[Fault]] = field(default_factory=dict)
    _always: dict[str, Fault] = field(default_factory=dict)

    def once(self, path: str, kind: Kind, value: float = 0, times: int = 1) -> None:
        """Let the next ``times`` requests to ``path`` fail."""
        self._next.setdefault(path, deque()).extend([Fault(kind, value)] * times)

    def always(self, path: str, kind: Kind, value: float = 0) -> None:
        """Let every request to ``path`` fail until ``heal``."""
        self._always[path] = Fault(kind, value)

    def heal(self) -> None:
        """No more faults."""
        self._next.clear()
        self._always.clear()

    def take(self, path: str) -> Fault | None:
        """The fault of this request, if it has one."""
        for end, waiting in self._next.items():
            if path.endswith(end) and waiting:
                return waiting.popleft()
        return next((fault for end, fault in self._always.items() if path.endswith(end)), None)


async def answer_badly(
    fault: Fault, request: web.Request, work: Callable[[], Awaitable[dict[str, Any]]]
) -> tuple[web.Response, dict[str, Any]]:
    """Answer a request as the fault says; the response, and what the platform thinks it said."""
    if fault.kind == "errcode":
        body = {"errcode": int(fault.value), "errmsg": "on demand"}
        return web.json_response(body), body
    if fault.kind == "status":
        return web.Response(status=int(fault.value)), {"errcode": -2}
    if fault.kind == "rubbish":
        return web.Response(text="<html>502</html>", content_type="text/html"), {"errcode": -2}
    body = await work() if fault.kind in {"close_after", "late"} else {"errcode": -2}
    if fault.kind == "late":
        await asyncio.sleep(fault.value)
        return web.json_response(body), body
    if request.transport is not None:
        request.transport.abort()
    return web.Response(), body
