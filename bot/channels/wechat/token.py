"""Getting an official account's access token.

``stable_token`` gives the same token to all who ask while it lasts, so that programs which
share an account do not put each other out, as they do with ``/cgi-bin/token``. Source:
https://developers.weixin.qq.com/doc/service/api/base/api_getstableaccesstoken
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from bot.channels.platform.tokens import read_token
from bot.logs import get_logger

__all__ = ["StableToken"]

log = get_logger(__name__)

_PATH = "/cgi-bin/stable_token"
_FORCED_A_DAY = 10  # the platform allows 20; other programs of the account may need some
_BETWEEN = 60.0  # seconds between two; the platform asks for 30
_DAY = 86400.0


class Posts(Protocol):
    """Calls without a token; see :class:`bot.channels.platform.transport.Transport`."""

    async def post(
        self, path: str, query: Mapping[str, str], body: Mapping[str, Any]
    ) -> dict[str, Any]:
        """The platform's answer."""


class StableToken:
    """Fetches the token of one account; see :data:`bot.channels.platform.tokens.Fetch`.

    Args:
        app_id, secret: of the account.
        transport: calls the platform.
        clock: a steady clock in seconds.
    """

    def __init__(
        self,
        app_id: str,
        secret: str,
        transport: Posts,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._app_id, self._secret = app_id, secret
        self._transport, self._clock = transport, clock
        self._forced: deque[float] = deque(maxlen=_FORCED_A_DAY)

    async def fetch(self, stale: str | None) -> tuple[str, float]:
        """The token and its lifetime in seconds.

        Args:
            stale: what the platform no longer takes. Only where it is given once more
                is another one demanded, and rarely: that ends the old one for everybody.

        Raises:
            TokenError, NotSentError, OutcomeUnknownError: there is none to be had.
        """
        value, lifetime = await self._ask(force=False)
        if value == stale and self._may_force():
            self._forced.append(self._clock())
            log.warning("token_forced", forced=len(self._forced))
            value, lifetime = await self._ask(force=True)
        return value, lifetime

    def _may_force(self) -> bool:
        now = self._clock()
        if self._forced and now - self._forced[-1] < _BETWEEN:
            return False
        return len(self._forced) < _FORCED_A_DAY or now - self._forced[0] > _DAY

    async def _ask(self, *, force: bool) -> tuple[str, float]:
        body = {
            "grant_type": "client_credential",
            "appid": self._app_id,
            "secret": self._secret,
            "force_refresh": force,
        }
        return read_token(await self._transport.post(_PATH, {}, body))
