"""Who writes: an anonymous visitor with a signed id, kept by the browser and by nobody else."""

from __future__ import annotations

import hmac
import re
import secrets
from dataclasses import dataclass
from hashlib import sha256

__all__ = ["Visitor", "Visitors"]

_TOKEN = re.compile(r"v1\.([A-Za-z0-9_-]{22})\.([0-9]{1,12})\.([0-9a-f]{64})", re.ASCII)


@dataclass(frozen=True)
class Visitor:
    """One visitor.

    Attributes:
        id: random; the sender of the visitor's messages.
        issued: when the token was signed, seconds since 1970.
        token: what proves the id.
    """

    id: str
    issued: int
    token: str

    @property
    def key(self) -> str:
        """The conversation's key."""
        return f"web:{self.id}"


class Visitors:
    """Signs and checks visitors' tokens; keeps nothing.

    Args:
        secret: signs the tokens; whoever knows it can be anybody.
        days: how long a token is good for.
    """

    def __init__(self, secret: bytes, days: float) -> None:
        # Derived, so that a token can never pass for what else the secret signs.
        self._key = hmac.digest(secret, b"wence visitor", sha256)
        self._seconds = days * 86400

    def issue(self, now: float) -> Visitor:
        """A new visitor."""
        return self._signed(secrets.token_urlsafe(16), int(now))

    def renew(self, visitor: Visitor, now: float) -> Visitor:
        """The same visitor, good for the whole time again."""
        return self._signed(visitor.id, int(now))

    def read(self, token: str, now: float) -> Visitor | None:
        """Who a token belongs to; None where it is forged, malformed or too old."""
        match = _TOKEN.fullmatch(token)
        if match is None:
            return None
        identifier, issued = match[1], int(match[2])
        if not hmac.compare_digest(self._sign(identifier, issued), match[3]):
            return None
        if not -300 <= now - issued <= self._seconds:
            return None
        return Visitor(identifier, issued, token)

    def _signed(self, identifier: str, issued: int) -> Visitor:
        signature = self._sign(identifier, issued)
        return Visitor(identifier, issued, f"v1.{identifier}.{issued}.{signature}")

    def _sign(self, identifier: str, issued: int) -> str:
        return hmac.new(self._key, f"{identifier}.{issued}".encode(), sha256).hexdigest()
