"""Signing in: password, second factor, session; every outcome in the audit log."""

from __future__ import annotations

import base64
import hmac
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.desk import totp
from bot.desk.passwords import Passwords, check_choice
from bot.errors import NotFoundError, RequestError
from bot.storage.desk_audit import AuditLog
from bot.storage.desk_users import DeskUser, DeskUserStore, Session, Stage

__all__ = ["IDLE", "LIFE", "LINK_LIFE", "SECOND_FACTOR", "Opened", "SignIn"]

LIFE = timedelta(hours=12)
"""How long a sign-in lasts at most."""
IDLE = timedelta(hours=2)
"""After how long without a sign of life it ends."""
LINK_LIFE = timedelta(hours=24)
"""How long a link to set a password is good."""
SECOND_FACTOR = frozenset({"administrator", "supervisor"})
"""The roles that need one."""

_MINUTE = timedelta(minutes=1)
_HALF_WAY = timedelta(minutes=10)  # between password and code
_FREE_FAILURES = 5  # before any pause
_FIRST_PAUSE, _LONGEST_PAUSE = timedelta(seconds=30), timedelta(minutes=15)


@dataclass(frozen=True)
class Opened:
    """A new session: the token for its cookie, and how far it has come."""

    token: str
    stage: Stage
    user: DeskUser


class SignIn:
    """Who comes in, and who is who.

    Args:
        users: the people.
        audit: the audit log.
        secret: keys the hashes of tokens, so that a copy of the database opens nothing.
        clock: the present, in UTC.
        passwords: how they are hashed.
    """

    def __init__(
        self,
        users: DeskUserStore,
        audit: AuditLog,
        secret: bytes,
        clock: Callable[[], datetime],
        passwords: Passwords | None = None,
    ) -> None:
        self._users, self._audit, self._secret, self._clock = users, audit, secret, clock
        self._passwords = passwords or Passwords()

    async def password(self, name: str, password: str) -> Opened:
        """Sign in by name and password.

        Raises:
            RequestError: 401 where either is wrong, 429 while the name is locked.
        """
        name = name.strip().lower()
        now = self._clock()
        await self._refuse_locked(name, now)
        user: DeskUser | None
        try:
            user = await self._users.by_name(name)
        except NotFoundError:
            user = None
        hashed = user.password if user is not None and user.active else None
        matches = await self._passwords.matches(hashed, password)
        if user is None or not matches:
            await self._failed(user, name, "password", now)
            raise RequestError(401, "wrong_sign_in", "用户名或密码不对")
        return await self._open(user)

    async def vouched(self, user: DeskUser, *, proved_twice: bool) -> Opened:
        """Sign in somebody for whom an identity provider answers.

        Args:
            proved_twice: the provider asked for a second factor itself; ours is not asked then.
        """
        if proved_twice:
            return await self._new(user, "open", LIFE)
        return await self._open(user)

    async def code(self, session: Session, code: str) -> Opened:
        """The second factor: checks the code, or sets the factor up with its first one.

        The session is replaced by a new one, so that a token seen before is worth nothing.

        Raises:
            RequestError: 401 for a wrong code, 409 where none is asked for, 429 while locked.
        """
        user, now = session.user, self._clock()
        if session.stage == "open":
            raise RequestError(409, "no_code_needed", "已经登录，不需要验证码")
        await self._refuse_locked(user.name, now)
        secret = self.enrolment(session) if session.stage == "enrol" else user.totp
        step = totp.matching_step(secret or "", code, now.timestamp(), user.totp_step)
        if step is None or not await self._users.use_step(user.id, step):
            if await self._failed(user, user.name, "code", now):
                await self._users.close_session(session.id)
            raise RequestError(401, "wrong_code", "验证码不对，或者已经用过", "code")
        if session.stage == "enrol":
            await self._users.change(user.id, totp=secret)
            await self._audit.write(user.name, "second_factor_set", now)
        await self._users.close_session(session.id)
        return await self._new(user, "open", LIFE)

    def enrolment(self, session: Session) -> str:
        """The secret that a session sets up its second factor with, in base32.

        It follows from the session, so nothing is stored until the first code proves it.
        """
        digest = hmac.digest(self._secret, f"enrol:{session.id}".encode(), "sha256")
        return base64.b32encode(digest[:20]).decode()

    async def set_password(self, link: str, password: str) -> Opened:
        """Set a password by a one-time link, and sign in.

        Raises:
            RequestError: 422 for one that is too easy, 409 where the link is spent or unknown.
        """
        now = self._clock()
        check_choice(password)
        hashed = await self._passwords.hash(password)
        user = await self._users.use_link(self._key("link", link), hashed, now)
        if user is None or not user.active:
            raise RequestError(409, "link_spent", "这个链接已经用过或过期，请向管理员要一个新的")
        await self._users.clear_failures(user.name)
        await self._audit.write(user.name, "password_set", now)
        return await self._open(user)

    async def make_link(self, user: DeskUser, by: str) -> str:
        """The token of a link by which a user sets a password, once."""
        token, now = secrets.token_urlsafe(32), self._clock()
        await self._users.add_link(self._key("link", token), user.id, now + LINK_LIFE, now)
        await self._audit.write(by, "link_made", now, {"for": user.name})
        return token

    async def session(self, token: str | None) -> Session | None:
        """The session of a cookie, if it still holds."""
        if not token or len(token) > 200:
            return None
        return await self._users.session(self._key("session", token), self._clock(), IDLE)

    async def in_use(self, session: Session) -> None:
        """Keep a session from running out, at most once a minute."""
        now = self._clock()
        if now - session.seen_at > _MINUTE:
            await self._users.touch_session(session.id, now)

    async def sign_out(self, session: Session) -> None:
        """End a session."""
        await self._users.close_session(session.id)
        await self._audit.write(session.user.name, "signed_out", self._clock())

    async def forget(self, token: str | None) -> None:
        """End whatever session a cookie stands for, before another is begun."""
        if token and len(token) <= 200:
            await self._users.close_session(self._key("session", token))

    async def _open(self, user: DeskUser) -> Opened:
        if user.role not in SECOND_FACTOR and user.totp is None:
            return await self._new(user, "open", LIFE)
        return await self._new(user, "enrol" if user.totp is None else "code", _HALF_WAY)

    async def _new(self, user: DeskUser, stage: Stage, life: timedelta) -> Opened:
        token, now = secrets.token_urlsafe(32), self._clock()
        await self._users.open_session(self._key("session", token), user.id, stage, now, life)
        if stage == "open":
            await self._users.clear_failures(user.name)
            await self._audit.write(user.name, "signed_in", now)
        return Opened(token, stage, user)

    async def _refuse_locked(self, name: str, now: datetime) -> None:
        until = await self._users.locked_until(name, now)
        if until is not None:
            minutes = -(-(until - now) // timedelta(minutes=1))
            raise RequestError(429, "locked", f"失败次数太多，请{minutes}分钟后再试")

    async def _failed(self, user: DeskUser | None, name: str, what: str, now: datetime) -> bool:
        """Count a failure; whether the name is locked now."""
        count = await self._users.failed(name, now)
        locked = count >= _FREE_FAILURES
        if locked:
            pause = min(_FIRST_PAUSE * 2 ** min(count - _FREE_FAILURES, 10), _LONGEST_PAUSE)
            await self._users.lock(name, now + pause)
        # An unknown name may be a password typed into the wrong field: it is not kept.
        who = user.name if user is not None else "-"
        await self._audit.write(who, "sign_in_failed", now, {"at": what, "failures": count})
        return locked

    def _key(self, purpose: str, token: str) -> str:
        return hmac.new(self._secret, f"{purpose}:{token}".encode(), "sha256").hexdigest()
