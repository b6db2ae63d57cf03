"""The way to the provider and back: two addresses, and a cookie that binds them to a browser.

The cookie holds a random id, signed; state, nonce and PKCE verifier follow from it by a keyed
hash, so nothing is stored and nothing that would be worth stealing leaves the service.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from aiohttp import web

from bot.desk.access import COOKIE, behind_tls, set_cookie
from bot.desk.oidc.person import Person, person_of, proved_twice
from bot.desk.oidc.provider import OidcConfig, Provider
from bot.desk.oidc.refusal import Reason, RefusedError
from bot.desk.signin import Opened, SignIn
from bot.errors import StorageError
from bot.logs import get_logger
from bot.storage.desk_audit import AuditLog
from bot.storage.desk_identities import Identity, IdentityStore, identity_id
from bot.storage.desk_users import DeskUser, DeskUserStore, Role

__all__ = ["OidcFlow"]

log = get_logger(__name__)

_START = "/desk/oidc/start"
_DESK = "/desk/"
_BEGUN = "wence_desk_oidc"
_TIME = timedelta(minutes=10)  # to sign in at the provider
_LONGEST_CODE = 2048


@dataclass(frozen=True)
class _Attempt:
    """What follows from a cookie's id."""

    state: str
    nonce: str
    verifier: str

    @property
    def challenge(self) -> str:
        """PKCE, S256 (RFC 7636, section 4.2)."""
        digest = hashlib.sha256(self.verifier.encode()).digest()
        return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


class OidcFlow:
    """Signs people in whom the provider vouches for.

    Args:
        config: the provider and who gets which role.
        sign_in, users, identities, audit: see their classes.
        secret: signs the cookie.
        clock: the present, in UTC.
    """

    def __init__(
        self,
        config: OidcConfig,
        sign_in: SignIn,
        users: DeskUserStore,
        identities: IdentityStore,
        audit: AuditLog,
        secret: bytes,
        clock: Callable[[], datetime],
    ) -> None:
        self._config, self._provider = config, Provider(config)
        self._sign_in, self._users, self._identities = sign_in, users, identities
        self._audit, self._secret, self._clock = audit, secret, clock

    def add_to(self, app: web.Application) -> None:
        """The routes; a HEAD spends no code."""
        app.router.add_get(_START, self.start, allow_head=False)
        app.router.add_get(OidcConfig.CALLBACK, self.callback, allow_head=False)

    async def start(self, request: web.Request) -> web.Response:
        """Off to the provider."""
        key = secrets.token_urlsafe(24)
        attempt = self._attempt(key)
        try:
            target = await self._provider.entrance(attempt.state, attempt.nonce, attempt.challenge)
        except RefusedError as error:
            return self._refused(error.reason, error.detail)
        response = _redirect(target)
        response.set_cookie(
            _BEGUN,
            self._signed(key, self._clock() + _TIME),
            path="/desk/oidc",
            httponly=True,
            samesite="Lax",  # it has to come back with the provider's redirect
            secure=behind_tls(request),
            max_age=int(_TIME.total_seconds()),
        )
        return response

    async def callback(self, request: web.Request) -> web.Response:
        """Back from the provider: in, or to the sign-in page with the reason."""
        try:
            opened = await self._receive(request)
        except RefusedError as error:
            await self._note(error)
            response = self._refused(error.reason, error.detail)
        except StorageError:
            response = self._refused("unavailable", "database")
        else:
            await self._sign_in.forget(request.cookies.get(COOKIE))
            response = _redirect(_DESK)
            set_cookie(response, request, opened)
        response.del_cookie(_BEGUN, path="/desk/oidc")
        return response

    async def _receive(self, request: web.Request) -> Opened:
        attempt = self._begun(request.cookies.get(_BEGUN))
        query = request.query
        if attempt is None or not _same(query.get("state", ""), attempt.state):
            raise RefusedError("stale", "state")
        if query.get("iss", self._config.issuer) != self._config.issuer:  # RFC 9207
            raise RefusedError("invalid", "issuer_of_answer")
        if "error" in query:
            cancelled = query["error"] == "access_denied"
            raise RefusedError("cancelled" if cancelled else "refused", "provider")
        code = query.get("code", "")
        if not 0 < len(code) <= _LONGEST_CODE:
            raise RefusedError("invalid", "code")
        claims = await self._provider.claims(code, attempt.verifier, attempt.nonce)
        role = self._config.roles.role_of(claims)
        if role is None:
            raise RefusedError("no_role")
        user = await self._user(person_of(claims), role)
        strong = proved_twice(claims)
        detail = {"user": user.name, "proved_twice": strong}
        await self._audit.write(user.name, "vouched_for", self._clock(), detail)
        return await self._sign_in.vouched(user, proved_twice=strong)

    async def _user(self, person: Person, role: Role) -> DeskUser:
        """The desk's user of that person, of the role that the provider gives now."""
        identity = await self._identity(person, role)
        user = await self._users.get(identity.user_id)
        if not identity.linked:
            raise RefusedError("name_taken", who=user.name)
        if not user.active:
            raise RefusedError("inactive", who=user.name)
        if user.role != role:
            await self._users.change(user.id, role=role)
            detail = {"user": user.name, "from": user.role, "role": role}
            await self._audit.write("-", "role_by_provider", self._clock(), detail)
        return replace(user, role=role)

    async def _identity(self, person: Person, role: Role) -> Identity:
        key, now = identity_id(self._config.issuer, person.subject), self._clock()
        known = await self._identities.find(key)
        if known is not None:
            return known
        identity, new = await self._identities.receive(
            key, person.called, person.name, person.display, role, now
        )
        if new:
            detail = {"user": person.name, "role": role, "by": "provider"}
            await self._audit.write("-", "user_added", now, detail)
        return identity

    async def _note(self, error: RefusedError) -> None:
        """The audit log: who was refused where that is known, and why."""
        detail = {"at": "provider", "reason": error.reason}
        try:
            await self._audit.write(error.who, "sign_in_failed", self._clock(), detail)
        except StorageError as cause:
            log.warning("oidc_refusal_unwritten", cause=str(cause))

    @staticmethod
    def _refused(reason: Reason, detail: str) -> web.Response:
        log.info("oidc_refused", reason=reason, detail=detail)
        return _redirect(f"{_DESK}#/refused/{reason}")

    def _attempt(self, key: str) -> _Attempt:
        return _Attempt(*(self._hash(what, key) for what in ("state", "nonce", "verifier")))

    def _signed(self, key: str, until: datetime) -> str:
        told = f"{key}.{int(until.timestamp())}"
        return f"{told}.{self._hash('begun', told)}"

    def _begun(self, cookie: str | None) -> _Attempt | None:
        """What a cookie of ours began, if there is still time."""
        told, _, signature = (cookie or "").rpartition(".")
        if not _same(signature, self._hash("begun", told)):
            return None
        key, _, until = told.partition(".")
        return self._attempt(key) if self._clock().timestamp() < int(until) else None

    def _hash(self, purpose: str, text: str) -> str:
        return hmac.new(
            self._secret, f"oidc:{purpose}:{text}".encode("utf-8", "replace"), "sha256"
        ).hexdigest()


def _same(given: str, expected: str) -> bool:
    return hmac.compare_digest(given.encode("utf-8", "replace"), expected.encode())


def _redirect(target: str) -> web.Response:
    """An answer that leads on; the address it came from is told to nobody."""
    return web.Response(
        status=303,
        headers={
            "Location": target,
            "Cache-Control": "no-store",
            "Referrer-Policy": "no-referrer",
        },
    )
