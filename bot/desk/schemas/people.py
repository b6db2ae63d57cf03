"""Signing in and users."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel
from pydantic import StringConstraints as Constraints

from bot.api.models import plain
from bot.desk.schemas.common import In, Name, Secret
from bot.storage.desk_users import Role

__all__ = [
    "AuditList",
    "Audited",
    "ChangeUser",
    "Code",
    "Credentials",
    "Enrolment",
    "FreeBody",
    "IdentityBody",
    "IdentityRecord",
    "LinkRecord",
    "Me",
    "NewPassword",
    "NewUser",
    "SignedIn",
    "UserList",
    "UserRecord",
    "Ways",
]


class Ways(BaseModel):
    """How one can sign in: always by password, by the identity provider where one is set."""

    provider: str | None


class Credentials(In):
    """Name and password."""

    name: Secret
    password: Secret


class Code(In):
    """A code of the second factor."""

    code: Annotated[str, Constraints(pattern=r"^[0-9]{6}$", strict=True)]


class NewPassword(In):
    """A password set by a one-time link."""

    link: Secret
    password: Annotated[str, Constraints(min_length=1, max_length=1000, strict=True)]


class SignedIn(BaseModel):
    """How far the sign-in has come."""

    stage: Literal["code", "enrol", "open"]


class Enrolment(BaseModel):
    """What an authenticator needs."""

    secret: str
    uri: str


class IdentityRecord(BaseModel):
    """Somebody whom the identity provider knows: this user, or asking to be."""

    id: str
    called: str
    linked: bool


class IdentityBody(In):
    """Whether an identity is the user."""

    identity: Annotated[str, Constraints(pattern=r"^[0-9a-f]{64}$", strict=True)]
    linked: bool


class UserRecord(BaseModel):
    """Somebody who works at the desk."""

    id: str
    name: str
    display: str
    role: Role
    active: bool
    has_password: bool
    has_code: bool
    present: bool
    identities: list[IdentityRecord]


class UserList(BaseModel):
    """Everybody."""

    items: list[UserRecord]


class NewUser(In):
    """A new user."""

    name: Name
    display: plain(30)  # type: ignore[valid-type]
    role: Role


class ChangeUser(In):
    """What is changed of a user."""

    display: plain(30) | None = None  # type: ignore[valid-type]
    role: Role | None = None
    active: bool | None = None
    reset_code: bool = False


class LinkRecord(BaseModel):
    """A one-time link, shown once."""

    path: str
    hours: int


class Me(BaseModel):
    """Who is signed in, and what the page needs at its start."""

    name: str
    display: str
    role: Role
    free: bool
    kb_version: str
    as_of: date
    reminder: str


class FreeBody(In):
    """Whether chats may be offered."""

    free: bool


class Audited(BaseModel):
    """One line of the audit log."""

    at: datetime
    who: str
    what: str
    detail: dict[str, Any]


class AuditList(BaseModel):
    """The latest lines."""

    items: list[Audited]
