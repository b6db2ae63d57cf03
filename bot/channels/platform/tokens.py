"""A platform's access token: fetched by one process at a time, shared by all.

Both platforms count how often a token is fetched, and some ways of fetching end the token
that is in use; processes that each fetch for themselves put each other out. So the token
stands in the database, a lease decides who fetches, and the others wait and read.
Source: https://developer.work.weixin.qq.com/document/path/91039
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from bot.channels.platform.transport import NotSentError, OutcomeUnknownError
from bot.logs import get_logger
from bot.storage.leases import LeaseStore
from bot.storage.tokens import StoredToken, TokenStore

__all__ = ["AccessToken", "Fetch", "TokenError", "read_token"]

log = get_logger(__name__)

Fetch = Callable[[str | None], Awaitable[tuple[str, float]]]
"""Gets a token from the platform: the value and its lifetime in seconds (see
:func:`read_token`). It is given the token that the platform no longer takes, or None."""

_MARGIN = 300.0  # seconds before its end that a token is replaced
_FETCH = 15.0  # seconds that a fetch may take
_LEASE = 20.0  # a little longer
_PATIENCE = 25.0  # longer again: the lease of a process that died has run out by then
_HELD = 300.0  # seconds after which a process looks again at what the others have
_PAUSE = 0.1  # seconds between looks while another process fetches
_AFTER_FAILURE = 10.0  # seconds in which a failed fetch is not tried again


class TokenError(Exception):
    """There is no token to be had.

    Attributes:
        reason: a code fit for logs.
        errcode, message: the platform's, where it gave one. The message may name the
            address to be allowed; it is not for logs.
    """

    def __init__(self, reason: str, errcode: int | None = None, message: str = "") -> None:
        super().__init__(reason)
        self.reason, self.errcode, self.message = reason, errcode, message


def read_token(answer: Mapping[str, Any]) -> tuple[str, float]:
    """The token and its lifetime in seconds out of a platform's answer.

    Raises:
        TokenError: the platform gave an errcode, or no token.
    """
    errcode = answer.get("errcode", 0)
    if errcode != 0 and isinstance(errcode, int):
        raise TokenError(f"token_errcode_{errcode}", errcode, str(answer.get("errmsg", "")))
    value, lifetime = answer.get("access_token"), answer.get("expires_in")
    if not isinstance(value, str) or not 0 < len(value) <= 2048:
        raise TokenError("token_missing")
    if not isinstance(lifetime, int) or lifetime <= 0:
        raise TokenError("token_missing")
    return value, float(lifetime)


@dataclass(frozen=True)
class _Held:
    value: str = field(repr=False)
    until: float  # by the steady clock: replaced from then on


class AccessToken:
    """One access token, as one process sees it.

    Args:
        name: of the token in the database; the same in all processes of one app.
        fetch: gets a new one from the platform.
        tokens, leases: where it is shared.
        clock: a steady clock in seconds.
    """

    def __init__(
        self,
        name: str,
        fetch: Fetch,
        tokens: TokenStore,
        leases: LeaseStore,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._name, self._fetch = name, fetch
        self._tokens, self._leases, self._clock = tokens, leases, clock
        self._holder = uuid4().hex
        self._lock = asyncio.Lock()
        self._held: _Held | None = None
        self._failure: tuple[TokenError, float] | None = None

    async def get(self) -> str:
        """The token; a new one some minutes before the old one ends.

        Raises:
            TokenError: there is none; asked again at once, the same without a new try.
            StorageError: the database is away.
        """
        held = self._held
        if held is not None and self._clock() < held.until:
            return held.value
        async with self._lock:
            return await self._current(None)

    async def renew(self, stale: str) -> str:
        """Another token than ``stale``, which the platform no longer takes.

        It is fetched only where nobody else has done so yet.

        Raises:
            TokenError: there is none, or the platform gave the same again.
            StorageError: the database is away.
        """
        async with self._lock:
            if self._held is not None and self._held.value == stale:
                self._held = None
            return await self._current(stale)

    async def _current(self, stale: str | None) -> str:
        if self._held is not None and self._clock() < self._held.until:
            return self._held.value
        stored = await self._tokens.get(self._name)
        if not _fresh(stored, stale):
            stored = await self._replaced(stored, stale)
        assert stored is not None
        margin = _margin(stored) if stored.left > _margin(stored) else 0.0
        self._held = _Held(stored.value, self._clock() + min(stored.left - margin, _HELD))
        return stored.value

    async def _replaced(self, stored: StoredToken | None, stale: str | None) -> StoredToken:
        """A new token, else the old one while it still lasts."""
        try:
            return await self._renewed(stale)
        except TokenError as error:
            usable = stored is not None and stored.value != stale and stored.left > 0
            log.warning("token_not_renewed", name=self._name, cause=error.reason, usable=usable)
            if stored is None or not usable:
                raise
            return StoredToken(stored.value, stored.lifetime, min(stored.left, _AFTER_FAILURE))

    async def _renewed(self, stale: str | None) -> StoredToken:
        if self._failure is not None and self._clock() < self._failure[1]:
            earlier = self._failure[0]
            raise TokenError(earlier.reason, earlier.errcode, earlier.message)
        try:
            async with asyncio.timeout(_PATIENCE):
                stored = await self._by_one(stale)
        except TimeoutError:
            failure = TokenError("token_awaited")
        except TokenError as error:
            failure = error
        else:
            self._failure = None
            return stored
        self._failure = (failure, self._clock() + _AFTER_FAILURE)
        raise failure

    async def _by_one(self, stale: str | None) -> StoredToken:
        """Fetch under the lease, or wait for whoever has it."""
        lease = f"token:{self._name}"
        while not await self._leases.acquire(lease, self._holder, _LEASE):
            await asyncio.sleep(_PAUSE)
            stored = await self._tokens.get(self._name)
            if stored is not None and _fresh(stored, stale):
                return stored
        try:
            stored = await self._tokens.get(self._name)
            if stored is not None and _fresh(stored, stale):
                return stored
            value, lifetime = await self._fetched(stale)
            await self._tokens.put(self._name, value, lifetime)
            log.info("token_fetched", name=self._name, lifetime=lifetime)
            if value == stale:
                raise TokenError("token_unchanged")
            return StoredToken(value, lifetime, lifetime)
        finally:
            await self._leases.release(lease, self._holder)

    async def _fetched(self, stale: str | None) -> tuple[str, float]:
        try:
            async with asyncio.timeout(_FETCH):
                return await self._fetch(stale)
        except (NotSentError, OutcomeUnknownError) as error:
            raise TokenError(f"token_{error.reason}") from None
        except TimeoutError:
            raise TokenError("token_timeout") from None


def _fresh(stored: StoredToken | None, stale: str | None) -> bool:
    return stored is not None and stored.value != stale and stored.left > _margin(stored)


def _margin(stored: StoredToken) -> float:
    return min(_MARGIN, stored.lifetime / 4)
