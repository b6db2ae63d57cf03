"""What a platform that calls back and is called has in common: courier, people, tokens."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, Generic, Self, TypeVar
from uuid import uuid4

from aiohttp import web

from tests.platforms.api import ApiServer, Refusal
from tests.platforms.courier import Courier
from tests.platforms.envelope import Envelope

__all__ = ["TOKEN_SECONDS", "CallingPlatform"]

Whose = TypeVar("Whose")

TOKEN_SECONDS = 7200.0


class CallingPlatform(ApiServer, Generic[Whose]):
    """Base of the stand-ins that post callbacks.

    Args:
        envelope: seals what is posted.
        callback: where people's messages are posted to; may be set later.
        patience: seconds the platform waits for an answer.
        port: where it listens; 0 for any that is free.
        clock: seconds; for token lives and quotas.

    Attributes:
        people: by their name, or what makes it out.
        tokens: when each access token dies.
    """

    def __init__(
        self,
        envelope: Envelope,
        callback: str,
        patience: float,
        port: int,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(port)
        self.envelope, self.callback, self.clock = envelope, callback, clock
        self.courier = Courier(patience)
        self.people: dict[Any, Whose] = {}
        self.tokens: dict[str, float] = {}

    async def __aenter__(self) -> Self:
        await self.courier.__aenter__()
        return await super().__aenter__()

    async def __aexit__(self, *_: object) -> None:
        await super().__aexit__()
        await self.courier.__aexit__()

    def kill_tokens(self) -> None:
        """All access tokens die before their time."""
        self.tokens = dict.fromkeys(self.tokens, float("-inf"))

    def living_token(self) -> dict[str, Any]:
        """The token that lives, a new one where none does; asked again it is the same."""
        now = self.clock()
        alive = [token for token, until in self.tokens.items() if until > now]
        token = alive[0] if alive else uuid4().hex * 4
        self.tokens.setdefault(token, now + TOKEN_SECONDS)
        return {"access_token": token, "expires_in": int(self.tokens[token] - now)}

    def check_token(self, request: web.Request, unknown: int) -> None:
        """Refuse a call without a living token.

        Args:
            unknown: the platform's errcode for one that it does not know.
        """
        token = request.query.get("access_token")
        if not token:
            raise Refusal(41001, "access_token missing")
        if token not in self.tokens:
            raise Refusal(unknown, "invalid credential, access_token is invalid or not latest")
        if self.tokens[token] <= self.clock():
            raise Refusal(42001, "access_token expired")
