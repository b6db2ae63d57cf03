"""What the portal says of a firm: a JWT (RFC 7519) signed with HS256, good for minutes."""

from __future__ import annotations

import base64
import binascii
import hmac
import json
from hashlib import sha256
from math import isfinite
from typing import Any, TypeGuard

from bot.errors import RequestError

__all__ = ["LONGEST", "read_identity"]

LONGEST = 15 * 60
"""Seconds between issue and expiry, at most: a token seen in a page's source soon is worthless."""
_LEEWAY = 60  # seconds by which two clocks may differ
_MOST = 8 * 1024  # characters of a token


def read_identity(token: str, secret: bytes, now: float) -> dict[str, Any]:
    """The facts that the token tells of the firm, unchecked as to their meaning.

    Claims: ``iat`` and ``exp`` in seconds since 1970, ``facts`` as
    ``POST /api/v1/eligibility`` takes them.

    Raises:
        RequestError: 403 for anything wrong with the token; no detail of what.
    """
    refused = RequestError(403, "bad_identity", "企业身份信息无效或已过期", "identity")
    parts = token.split(".")
    if len(token) > _MOST or len(parts) != 3:
        raise refused
    head, body, signature = parts
    expected = hmac.digest(secret, f"{head}.{body}".encode(), sha256)
    try:
        genuine = hmac.compare_digest(_decode(signature), expected)
        header, claims = json.loads(_decode(head)), json.loads(_decode(body))
    except (ValueError, binascii.Error, RecursionError):
        raise refused from None
    if not genuine or not isinstance(header, dict) or not isinstance(claims, dict):
        raise refused
    # "crit" names extensions that must be understood; none is.
    if header.get("alg") != "HS256" or "crit" in header:
        raise refused
    issued, expires, facts = claims.get("iat"), claims.get("exp"), claims.get("facts")
    if not _moment(issued) or not _moment(expires) or not isinstance(facts, dict):
        raise refused
    if expires - issued > LONGEST or issued > now + _LEEWAY or expires < now - _LEEWAY:
        raise refused
    return facts


def _moment(value: Any) -> TypeGuard[int | float]:
    # NaN, which compares false with everything, would never expire.
    return isinstance(value, (int, float)) and not isinstance(value, bool) and isfinite(value)


def _decode(part: str) -> bytes:
    data = part.encode("ascii")
    return base64.b64decode(data + b"=" * (-len(data) % 4), altchars=b"-_", validate=True)
