"""Who the provider says somebody is, in the desk's own terms."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.desk.oidc.refusal import RefusedError

__all__ = ["Person", "person_of", "proved_twice"]

_UNFIT = re.compile(r"[^a-z0-9._-]+")
_LONGEST_NAME, _LONGEST_DISPLAY, _LONGEST_SUBJECT = 32, 30, 255
# RFC 8176: what somebody knows, has and is. Two of these are two factors.
_FACTORS = (
    frozenset({"pwd", "pin", "kba"}),
    frozenset({"otp", "sms", "tel", "hwk", "swk", "pop", "sc"}),
    frozenset({"face", "fpt", "iris", "retina", "vbm"}),
)
_STRONG_CLASSES = frozenset(
    {
        "http://schemas.openid.net/pape/policies/2007/06/multi-factor",
        "https://refeds.org/profile/mfa",
    }
)


@dataclass(frozen=True)
class Person:
    """Somebody whom the provider knows.

    Attributes:
        subject: the provider's own id, which never changes.
        called: the name there, for an administrator to recognise.
        name: that made fit to be a name at the desk.
        display: what visitors are to see.
    """

    subject: str
    called: str
    name: str
    display: str


def person_of(claims: Mapping[str, Any]) -> Person:
    """The person of an ID token that was checked.

    Raises:
        RefusedError: it names no subject of a plausible form.
    """
    subject = claims.get("sub")
    if not isinstance(subject, str) or not 0 < len(subject) <= _LONGEST_SUBJECT:
        raise RefusedError("invalid", "subject")
    preferred = _plain(claims.get("preferred_username"))
    name = _fitting(preferred) or _fitting(subject) or _made_up(subject)
    called = preferred or _plain(subject) or name
    display = (_plain(claims.get("name")) or called)[:_LONGEST_DISPLAY].strip()
    return Person(subject, called, name, display)


def proved_twice(claims: Mapping[str, Any]) -> bool:
    """Whether the provider says that it asked for two factors (``amr``, RFC 8176; ``acr``)."""
    methods = claims.get("amr")
    said = {one for one in methods if isinstance(one, str)} if isinstance(methods, list) else set()
    kinds = sum(1 for factor in _FACTORS if factor & said)
    level = claims.get("acr")
    classed = isinstance(level, str) and level in _STRONG_CLASSES
    return "mfa" in said or kinds > 1 or classed


def _plain(value: object) -> str:
    if not isinstance(value, str):
        return ""
    kept = "".join(c if c.isprintable() else " " for c in value)
    return " ".join(kept.split())[:_LONGEST_SUBJECT]


def _fitting(text: str) -> str | None:
    local = text.partition("@")[0].lower()
    fitted = _UNFIT.sub("-", local).strip("._-")[:_LONGEST_NAME]
    return fitted if len(fitted) > 1 else None


def _made_up(subject: str) -> str:
    return f"u-{hashlib.sha256(subject.encode('utf-8', 'replace')).hexdigest()[:12]}"
