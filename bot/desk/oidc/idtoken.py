"""ID tokens: signature and claims (OpenID Connect Core 1.0, section 3.1.3.7)."""

from __future__ import annotations

import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import jwt

from bot.desk.oidc.refusal import RefusedError

__all__ = ["Header", "check_claims", "header_of", "matching_key"]

_LONGEST = 32_768  # characters of a token
_LEEWAY = 60  # seconds by which clocks may differ
_REQUIRED = ["iss", "sub", "aud", "exp", "iat"]
# Signatures that only the provider can make, and the kind of key that each needs (RFC 7518).
_KEYS: Mapping[str, Mapping[str, str]] = {
    "RS256": {"kty": "RSA"},
    "PS256": {"kty": "RSA"},
    "ES256": {"kty": "EC", "crv": "P-256"},
}

Key = Mapping[str, Any]


@dataclass(frozen=True)
class Header:
    """How a token says that it is signed: nothing of it is believed before the key fits."""

    algorithm: str
    key_id: str | None


def header_of(token: str) -> Header:
    """The header of a token.

    Raises:
        RefusedError: it is no token, or its algorithm is not taken.
    """
    try:
        if len(token) > _LONGEST:
            raise RefusedError("invalid", "length")
        fields = jwt.get_unverified_header(token)
    except jwt.InvalidTokenError as error:
        raise RefusedError("invalid", "header") from error
    algorithm, key_id = fields.get("alg"), fields.get("kid")
    if not isinstance(algorithm, str) or algorithm not in _KEYS:
        raise RefusedError("invalid", "algorithm")
    return Header(algorithm, key_id)


def matching_key(keys: Sequence[Key], header: Header) -> Key | None:
    """The provider's key that a token is signed with; None where it shows no such key.

    A token that names no key fits only where there is no choice.
    """
    wanted = _KEYS[header.algorithm]
    fitting = [
        key
        for key in keys
        if all(key.get(name) == value for name, value in wanted.items())
        and key.get("use", "sig") == "sig"
        and key.get("alg", header.algorithm) == header.algorithm
        and (header.key_id is None or key.get("kid") == header.key_id)
    ]
    return fitting[0] if len(fitting) == 1 else None


def check_claims(
    token: str, key: Key, header: Header, *, issuer: str, client_id: str, nonce: str
) -> dict[str, Any]:
    """The claims of a token that holds in every respect.

    Raises:
        RefusedError: signature, issuer, audience, time, nonce or authorised party is wrong.
    """
    try:
        claims: dict[str, Any] = jwt.decode(
            token,
            jwt.PyJWK(dict(key), algorithm=header.algorithm),
            algorithms=[header.algorithm],
            issuer=issuer,
            audience=client_id,
            leeway=_LEEWAY,
            options={"require": _REQUIRED},
        )
    except jwt.PyJWTError as error:
        raise RefusedError("invalid", type(error).__name__) from error
    given = claims.get("nonce")
    if not isinstance(given, str) or not hmac.compare_digest(given.encode(), nonce.encode()):
        raise RefusedError("invalid", "nonce")
    audience, party = claims["aud"], claims.get("azp")
    shared = isinstance(audience, list) and len(audience) > 1
    if party != client_id and (shared or party is not None):
        raise RefusedError("invalid", "authorised_party")
    return claims
