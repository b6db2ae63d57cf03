"""One-time codes of a second factor: RFC 6238 with SHA-1, six digits, steps of 30 seconds."""

from __future__ import annotations

import base64
import binascii
import hmac
import struct
from urllib.parse import quote, urlencode

__all__ = ["STEP", "code_at", "matching_step", "uri"]

STEP = 30
"""Seconds for which a code holds."""
_DIGITS = 6
_AWAY = 1  # steps by which clocks may differ


def code_at(secret: str, step: int) -> str:
    """The code of a time step (RFC 4226, section 5.3).

    Args:
        secret: in base32.
        step: seconds since 1970 divided by :data:`STEP`.

    Raises:
        ValueError: the secret is no base32.
    """
    try:
        key = base64.b32decode(secret, casefold=True)
    except binascii.Error:
        raise ValueError("the secret is no base32") from None
    digest = hmac.digest(key, struct.pack(">Q", step), "sha1")
    start = digest[-1] & 0x0F
    number = struct.unpack(">I", digest[start : start + 4])[0] & 0x7FFFFFFF
    return f"{number % 10**_DIGITS:0{_DIGITS}}"


def matching_step(secret: str, code: str, now: float, after: int = 0) -> int | None:
    """The time step that a code belongs to; None where it is wrong, stale or used.

    Args:
        now: seconds since 1970.
        after: the latest step that was used already (RFC 6238, section 5.2).
    """
    current = int(now // STEP)
    found = None
    for step in range(current - _AWAY, current + _AWAY + 1):
        same = hmac.compare_digest(code_at(secret, step).encode(), code.encode())
        if same and step > after:
            found = step
    return found


def uri(secret: str, name: str, issuer: str) -> str:
    """What an authenticator reads from a QR code."""
    query = urlencode({"secret": secret, "issuer": issuer}, quote_via=quote)
    return f"otpauth://totp/{quote(f'{issuer}:{name}')}?{query}"
