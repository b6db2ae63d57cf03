"""What a platform's request must pass before anything is done for it."""

from __future__ import annotations

import asyncio
import re
import statistics
from collections import OrderedDict, deque
from collections.abc import Iterator
from contextlib import contextmanager
from ipaddress import IPv6Address, ip_address

import aiohttp
from aiohttp import web

from bot.channels.platform.crypto import EnvelopeError, MessageCipher
from bot.errors import RequestError
from bot.logs import get_logger

__all__ = [
    "MAX_BODY",
    "ClockOffset",
    "FailureLimiter",
    "check_window",
    "opening",
    "plain_text",
    "read_body",
    "read_echo",
    "read_parameters",
]

log = get_logger(__name__)

MAX_BODY = 64 * 1024
"""Bytes of a request; the platforms' own stay under a few kB."""

_BODY_SECONDS = 10.0
_MAX_PARAMETER = 4096  # characters; echostr is the longest, some 100


async def read_body(request: web.Request) -> bytes:
    """The body of a request, at most :data:`MAX_BODY`.

    Raises:
        RequestError: 413 too large, 408 too slow, 400 broken off.
    """
    body = bytearray()
    too_large = (request.content_length or 0) > MAX_BODY
    try:
        async with asyncio.timeout(_BODY_SECONDS):
            while not too_large and (piece := await request.content.readany()):
                body += piece
                too_large = len(body) > MAX_BODY
    except TimeoutError:
        raise RequestError(408, "too_slow", "请求内容没有按时到达") from None
    except (web.RequestPayloadError, aiohttp.ClientPayloadError, ConnectionError):
        raise RequestError(400, "bad_body", "请求内容无法读取") from None
    if too_large:
        raise RequestError(413, "too_large", "请求内容太大")
    return bytes(body)


def read_parameters(request: web.Request, *names: str) -> list[str]:
    """The query parameters of these names, in their order.

    Raises:
        RequestError: 400 where one is missing, empty, repeated or overlong.
    """
    values = []
    for name in names:
        found = request.query.getall(name, [])
        if len(found) != 1 or not 0 < len(found[0]) <= _MAX_PARAMETER:
            raise RequestError(400, "bad_parameter", "缺少参数或参数有误", name)
        values.append(found[0])
    return values


def check_window(timestamp: str, now: float, minutes: float, offset: float = 0.0) -> None:
    """Check that a correctly signed request is of the present.

    Args:
        timestamp: the request's own, seconds since 1970.
        now: this machine's.
        minutes: how far they may be apart.
        offset: how far the platform's clock is known to be ahead of ours, in seconds; a
            request is of the present by either reckoning.

    Raises:
        RequestError: 400 for what is no timestamp, 403 for one outside of the window.
    """
    apart = _seconds(timestamp) - now
    if min(abs(apart), abs(apart - offset)) > minutes * 60:
        raise RequestError(403, "stale", "请求已过期")


def _seconds(timestamp: str) -> int:
    if not re.fullmatch(r"[0-9]{1,12}", timestamp):
        raise RequestError(400, "bad_parameter", "缺少参数或参数有误", "timestamp")
    return int(timestamp)


class ClockOffset:
    """How far a platform's clock is ahead of ours, learnt from correctly signed requests.

    Where this machine's clock is off, every genuine request looks stale; refusing them
    would make people pay for it. Once the latest requests agree on an offset, the window
    is therefore laid around that offset too, and the fault is reported instead.

    This is safe. Timestamps are signed, so nobody without the token can make up any; what
    an eavesdropper can do is to send again what he recorded. A recorded request counts
    once, several must agree and outnumber the genuine ones to be believed, the window
    around our own clock stays open whatever is learnt, and an offset over a day is never
    believed: what a replay could bring in is less than a day old, and its message id is
    still stored, for which no work is done.
    """

    _KEPT = 9
    _ENOUGH = 3  # a platform delivers a refused message three times: the last one passes
    _HOUR = 3600.0
    _ALIKE = 60.0
    _MOST = 86400.0

    def __init__(self) -> None:
        self._heard: deque[tuple[str, float, float]] = deque(maxlen=self._KEPT)

    def note(self, signature: str, timestamp: str, now: float) -> None:
        """Take a request into account whose signature was found right.

        Raises:
            RequestError: 400 for what is no timestamp.
        """
        ahead = _seconds(timestamp) - now
        if all(known != signature for known, _, _ in self._heard):
            self._heard.append((signature, now, ahead))

    def seconds(self, now: float) -> float:
        """The offset; 0.0 while too few requests of the last hour agree on one."""
        recent = [ahead for _, heard, ahead in self._heard if 0 <= now - heard <= self._HOUR]
        if len(recent) < self._ENOUGH:
            return 0.0
        median = statistics.median(recent)
        alike = sum(abs(ahead - median) <= self._ALIKE for ahead in recent)
        if abs(median) > self._MOST or alike < self._ENOUGH or 3 * alike < 2 * len(recent):
            return 0.0
        return median

    def fault(self, now: float) -> str | None:
        """A sentence for ``/readyz`` where our clock is off by more than a minute."""
        ahead = self.seconds(now)
        if abs(ahead) <= self._ALIKE:
            return None
        side = "慢" if ahead > 0 else "快"
        return f"本机时钟比平台{side}约 {abs(ahead) / 60:.0f} 分钟，请校准本机时间"


class FailureLimiter:
    """Counts requests with a wrong envelope, per remote address.

    A token bucket an address: ``burst`` failures at once, then one every ``pause`` seconds.
    Only failed requests are ever told 429: behind a proxy all have one address, and the
    platform's own requests must not suffer from somebody's guessing.

    Args:
        burst: failures that an address may have at once.
        pause: seconds that win one of them back.
        most: addresses remembered; beyond, the one longest unheard of is dropped.
    """

    def __init__(self, burst: int = 60, pause: float = 1.0, most: int = 10_000) -> None:
        self._burst, self._pause, self._most = burst, pause, most
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def failed(self, address: str, now: float) -> bool:
        """Count a failure at ``now`` (seconds of any steady clock).

        Returns:
            Whether it was within the allowance.
        """
        key = _network(address)
        left, since = self._buckets.pop(key, (float(self._burst), now))
        left = min(float(self._burst), left + max(0.0, now - since) / self._pause)
        within = left >= 1
        self._buckets[key] = (left - 1 if within else left, now)
        if len(self._buckets) > self._most:
            self._buckets.popitem(last=False)
        return within


def _network(address: str) -> str:
    """The address; of IPv6 the half that one customer gets."""
    try:
        parsed = ip_address(address.split("%")[0])
    except ValueError:
        return address
    if isinstance(parsed, IPv6Address):
        if parsed.ipv4_mapped is not None:
            return str(parsed.ipv4_mapped)
        return parsed.exploded[:19]
    return str(parsed)


@contextmanager
def opening(
    request: web.Request, channel: str, limiter: FailureLimiter, now: float
) -> Iterator[None]:
    """Around all that reads an envelope: whatever is wrong with it, the answer is the same.

    Raises:
        RequestError: 403 for an :class:`EnvelopeError` inside, 429 once there were many.
    """
    try:
        yield
    except EnvelopeError:
        address = request.remote or ""
        if not limiter.failed(address, now):
            raise RequestError(429, "too_many", "失败的请求太多，请稍后再试") from None
        log.warning("callback_refused", channel=channel, address=address)
        raise RequestError(403, "forbidden", "请求未通过验证") from None


def read_echo(
    request: web.Request, channel: str, cipher: MessageCipher, limiter: FailureLimiter, now: float
) -> web.Response:
    """What proves to a platform that encrypts its question that the address is ours.

    Raises:
        RequestError: 400 for a missing parameter; else as :func:`opening`.
    """
    signature, timestamp, nonce, echo = read_parameters(
        request, "msg_signature", "timestamp", "nonce", "echostr"
    )
    with opening(request, channel, limiter, now):
        encrypted = echo.replace(" ", "+")  # a plus that was not escaped in the URL
        cipher.check(signature, timestamp, nonce, encrypted)
        text = cipher.decrypt(encrypted)
        # Messages are signed alike. One that somebody recorded is not read to him here.
        if text.lstrip().startswith(("<", "{")):
            raise EnvelopeError
    return plain_text(text)


def plain_text(text: str) -> web.Response:
    """A response that nothing takes for anything but text."""
    return web.Response(
        text=text, content_type="text/plain", headers={"X-Content-Type-Options": "nosniff"}
    )
