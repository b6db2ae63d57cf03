"""How a platform delivers a callback: five seconds' patience, three deliveries in all."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Self

import aiohttp

__all__ = ["Attempt", "Courier", "Letter", "Post"]


@dataclass(frozen=True)
class Letter:
    """One HTTP request to the bot."""

    url: str
    query: dict[str, str]
    body: bytes
    content_type: str


@dataclass(frozen=True)
class Attempt:
    """One delivery; ``status`` is None where no answer came in time."""

    began: float
    seconds: float
    status: int | None
    body: bytes = b""


@dataclass
class Post:
    """One message and all its deliveries."""

    message_id: str
    attempts: list[Attempt] = field(default_factory=list)

    @property
    def accepted(self) -> bool:
        """Whether the platform was told 200 in time."""
        return bool(self.attempts) and self.attempts[-1].status == 200


class Courier:
    """Posts callbacks and repeats what was not taken, under the same message id.

    Args:
        patience: seconds until an answer counts as none, and between two deliveries.
        deliveries: how many there are at most, the first included.
    """

    def __init__(self, patience: float = 5.0, deliveries: int = 3) -> None:
        self.patience, self.deliveries = patience, deliveries
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        connector = aiohttp.TCPConnector(force_close=True, limit=0)
        self._session = aiohttp.ClientSession(connector=connector)
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._session is not None:
            await self._session.close()

    async def deliver(
        self,
        post: Post,
        write: Callable[[], Letter],
        opened: Callable[[Attempt], Awaitable[None]],
        deliveries: int | None = None,
    ) -> Post:
        """Deliver until taken; ``write`` makes each letter anew, ``opened`` reads the answer."""
        most = deliveries or self.deliveries
        for number in range(1, most + 1):
            attempt = await self.once(write())
            post.attempts.append(attempt)
            if attempt.status == 200:
                await opened(attempt)
                return post
            if number < most:
                await asyncio.sleep(max(0.0, self.patience - attempt.seconds))
        return post

    async def once(self, letter: Letter) -> Attempt:
        """One delivery."""
        if self._session is None:
            raise RuntimeError("the courier is not on duty")
        began = time.monotonic()
        try:
            async with self._session.post(
                letter.url,
                params=letter.query,
                data=letter.body,
                headers={"Content-Type": letter.content_type},
                # Without the threshold five seconds would be rounded up to six.
                timeout=aiohttp.ClientTimeout(total=self.patience, ceil_threshold=3600),
                allow_redirects=False,
            ) as response:
                body = await response.read()
                return Attempt(began, time.monotonic() - began, response.status, body)
        except (TimeoutError, aiohttp.ClientError, OSError):
            return Attempt(began, time.monotonic() - began, None)
