"""One HTTP call to a platform: bounded in time and size, to the configured base only."""

from __future__ import annotations

import json
from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

import aiohttp

__all__ = ["NotSentError", "OutcomeUnknownError", "Transport", "read_object"]

MAX_ANSWER = 256 * 1024
"""Bytes of an answer; the platforms' are a few hundred."""

_CONNECT_SECONDS = 5.0
_TOTAL_SECONDS = 15.0
# Well below the platforms' own, so that no call goes out on a connection that the other
# side is just closing: whether such a call arrived could not be known.
_KEEP_ALIVE_SECONDS = 10.0


class NotSentError(Exception):
    """The platform certainly did nothing; ``reason`` is a code fit for logs."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class OutcomeUnknownError(Exception):
    """The platform may have done what was asked; ``reason`` is a code fit for logs."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Transport:
    """Calls to one platform. Used as a context: ``async with Transport(base) as calls``.

    Certificates are verified, redirects and proxies of the environment not followed.
    The exceptions carry codes only and chain nothing: aiohttp's own name the URL, and
    that holds secrets.

    Args:
        base: scheme, host and port; nothing else is ever called.
        connect_seconds, total_seconds: how long a call may take.
    """

    def __init__(
        self,
        base: str,
        connect_seconds: float = _CONNECT_SECONDS,
        total_seconds: float = _TOTAL_SECONDS,
    ) -> None:
        self._base = base.rstrip("/")
        self._timeout = aiohttp.ClientTimeout(
            total=total_seconds, connect=connect_seconds, sock_connect=connect_seconds
        )
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Transport:
        trace = aiohttp.TraceConfig()
        trace.on_request_headers_sent.append(_mark_sent)
        self._session = aiohttp.ClientSession(
            timeout=self._timeout,
            connector=aiohttp.TCPConnector(limit=32, keepalive_timeout=_KEEP_ALIVE_SECONDS),
            cookie_jar=aiohttp.DummyCookieJar(),
            trace_configs=[trace],
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._session is not None:
            await self._session.close()

    async def get(self, path: str, query: Mapping[str, str]) -> dict[str, Any]:
        """The JSON object that a GET is answered with; raises as :meth:`post`."""
        return await self._call("GET", path, query, None)

    async def post(
        self, path: str, query: Mapping[str, str], body: Mapping[str, Any]
    ) -> dict[str, Any]:
        """The JSON object that a POST of JSON is answered with.

        Raises:
            NotSentError: no connection, or the platform refused the request as such.
            OutcomeUnknownError: broken or late after the request was written, a server's
                error, or an answer that is no JSON object.
        """
        return await self._call("POST", path, query, body)

    async def fetch(self, path: str, query: Mapping[str, str], limit: int) -> bytes:
        """The body that a GET is answered with, whatever it is.

        Args:
            limit: bytes that are read at most.

        Raises:
            NotSentError: there is none, it is longer, or its status is not 200. Whether the
                platform was reached makes no difference to somebody who only reads.
        """
        result = await self._exchange("GET", path, query, None, SimpleNamespace(yes=False), limit)
        if isinstance(result, str):
            raise NotSentError(result)
        status, body = result
        if status != 200:
            raise NotSentError(f"http_{status}")
        return body

    async def _call(
        self, method: str, path: str, query: Mapping[str, str], body: Mapping[str, Any] | None
    ) -> dict[str, Any]:
        written = SimpleNamespace(yes=False)
        result = await self._exchange(method, path, query, body, written)
        if isinstance(result, str):
            raise OutcomeUnknownError(result) if written.yes else NotSentError(result)
        status, text = result
        if 300 <= status < 500:
            raise NotSentError(f"http_{status}")
        if status != 200:
            raise OutcomeUnknownError(f"http_{status}")
        answer = read_object(text)
        if answer is None:
            raise OutcomeUnknownError("not_json")
        return answer

    async def _exchange(
        self,
        method: str,
        path: str,
        query: Mapping[str, str],
        body: Mapping[str, Any] | None,
        written: SimpleNamespace,
        limit: int = MAX_ANSWER,
    ) -> tuple[int, bytes] | str:
        """Status and body of the answer, or the reason why there is none."""
        assert self._session is not None, "used outside of its context"
        # Not aiohttp's json=: Chinese goes as it is, and lengths count in UTF-8.
        data = None if body is None else json.dumps(body, ensure_ascii=False).encode()
        try:
            async with self._session.request(
                method,
                f"{self._base}{path}",
                params=query,
                data=data,
                headers={"Content-Type": "application/json"} if data is not None else None,
                allow_redirects=False,
                trace_request_ctx=written,
            ) as response:
                return response.status, await _bounded(response, limit)
        except TimeoutError:
            return "timeout"
        except (aiohttp.ClientSSLError, aiohttp.ClientConnectorCertificateError):
            return "tls"
        except aiohttp.ClientConnectorDNSError:
            return "dns"
        except (aiohttp.ClientError, OSError, ValueError):
            return "connection"


async def _mark_sent(
    _session: aiohttp.ClientSession, context: SimpleNamespace, _parameters: object
) -> None:
    context.trace_request_ctx.yes = True


async def _bounded(response: aiohttp.ClientResponse, limit: int) -> bytes:
    body = bytearray()
    async for piece in response.content.iter_any():
        body += piece
        if len(body) > limit:
            raise ValueError("answer too long")
    return bytes(body)


def read_object(text: bytes) -> dict[str, Any] | None:
    """The JSON object that an answer is; None where it is none."""
    try:
        answer = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return answer if isinstance(answer, dict) else None
