"""The identity provider: what it says of itself, its keys, and a code for an ID token."""

from __future__ import annotations

import asyncio
import base64
import json
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal, TypeVar
from urllib.parse import quote_plus, urlencode, urlsplit

from aiohttp import ClientError, ClientResponse, ClientSession, ClientTimeout
from pydantic import BaseModel, Field, ValidationError

from bot.desk.oidc.idtoken import Header, Key, check_claims, header_of, matching_key
from bot.desk.oidc.refusal import RefusedError
from bot.desk.oidc.roles import RoleRules
from bot.logs import get_logger

__all__ = ["OidcConfig", "Provider"]

log = get_logger(__name__)

_WELL_KNOWN = "/.well-known/openid-configuration"
_LIFE = 3600.0  # seconds for which the provider's own word holds
_LARGEST = 512 * 1024  # bytes of an answer
_CODE = re.compile(r"[a-z_]{1,40}")
T = TypeVar("T", bound=BaseModel)


@dataclass(frozen=True)
class OidcConfig:
    """How the desk is known to the provider.

    Attributes:
        issuer: as the provider writes it, to the last stroke.
        client_id, client_secret: what the provider gave the desk.
        roles: who gets which role.
        redirect: the desk's own address that the provider sends people back to.
        scopes: what is asked for, separated by blanks; ``openid`` among them.
        label: what stands on the button.
        patience: seconds for each answer of the provider.
    """

    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    roles: RoleRules
    redirect: str
    scopes: str = "openid profile"
    label: str = "用单位帐号登录"
    patience: float = 8.0

    CALLBACK: ClassVar[str] = "/desk/oidc/callback"
    """The path of ``redirect``."""


class _Metadata(BaseModel):
    """What is needed of the discovery document (OpenID Connect Discovery 1.0, section 3)."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    token_endpoint_auth_methods_supported: list[str] = ["client_secret_basic"]


class _Keys(BaseModel):
    keys: list[dict[str, Any]] = Field(max_length=100)


class _Tokens(BaseModel):
    id_token: str


class Provider:
    """Speaks to the provider; its metadata and keys are kept for an hour.

    What goes wrong leaves as :class:`RefusedError`: ``unavailable`` where the provider is
    away or slow, ``refused`` where it says no, ``invalid`` where its answer does not hold.
    """

    def __init__(self, config: OidcConfig) -> None:
        self._config = config
        self._lock = asyncio.Lock()
        self._metadata: tuple[float, _Metadata] | None = None
        self._keys: tuple[float, list[dict[str, Any]]] | None = None

    async def entrance(self, state: str, nonce: str, challenge: str) -> str:
        """The address at the provider where a person signs in."""
        metadata = await self._described()
        query = {
            "response_type": "code",
            "client_id": self._config.client_id,
            "redirect_uri": self._config.redirect,
            "scope": self._config.scopes,
            "state": state,
            "nonce": nonce,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        }
        endpoint = metadata.authorization_endpoint
        return f"{endpoint}{'&' if '?' in endpoint else '?'}{urlencode(query)}"

    async def claims(self, code: str, verifier: str, nonce: str) -> dict[str, Any]:
        """The checked claims that a code stands for; it is good once, and the provider knows."""
        token = await self._redeem(code, verifier)
        header = header_of(token)
        key = await self._key(header)
        config = self._config
        return check_claims(
            token, key, header, issuer=config.issuer, client_id=config.client_id, nonce=nonce
        )

    async def _redeem(self, code: str, verifier: str) -> str:
        metadata, config = await self._described(), self._config
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": config.redirect,
            "code_verifier": verifier,
        }
        headers = {}
        if "client_secret_basic" in metadata.token_endpoint_auth_methods_supported:
            # Each half is encoded by itself first (RFC 6749, section 2.3.1).
            halves = f"{quote_plus(config.client_id)}:{quote_plus(config.client_secret)}"
            headers["Authorization"] = f"Basic {base64.b64encode(halves.encode()).decode()}"
        else:
            form |= {"client_id": config.client_id, "client_secret": config.client_secret}
        status, body = await self._ask("POST", metadata.token_endpoint, form, headers)
        if 400 <= status < 500:
            log.warning("oidc_code_refused", status=status, error=_known(body))
            raise RefusedError("refused", "token")
        return self._read(_Tokens, status, body).id_token

    async def _key(self, header: Header) -> Key:
        key = matching_key(await self._published(), header)
        if key is None:  # the provider may have changed its keys since
            key = matching_key(await self._published(anew=True), header)
        if key is None:
            raise RefusedError("invalid", "unknown_key")
        return key

    async def _described(self) -> _Metadata:
        async with self._lock:
            if self._metadata is None or self._metadata[0] < time.monotonic():
                address = self._config.issuer.rstrip("/") + _WELL_KNOWN
                metadata = self._read(_Metadata, *await self._ask("GET", address))
                self._check(metadata)
                self._metadata = (time.monotonic() + _LIFE, metadata)
            return self._metadata[1]

    async def _published(self, *, anew: bool = False) -> list[dict[str, Any]]:
        metadata = await self._described()
        async with self._lock:
            if anew or self._keys is None or self._keys[0] < time.monotonic():
                answer = self._read(_Keys, *await self._ask("GET", metadata.jwks_uri))
                self._keys = (time.monotonic() + _LIFE, answer.keys)
            return self._keys[1]

    def _check(self, metadata: _Metadata) -> None:
        if metadata.issuer != self._config.issuer:
            raise RefusedError("invalid", "issuer_of_metadata")
        scheme = urlsplit(self._config.issuer).scheme
        for url in (metadata.authorization_endpoint, metadata.token_endpoint, metadata.jwks_uri):
            if urlsplit(url).scheme not in {"https", scheme}:
                raise RefusedError("invalid", "endpoint_without_tls")

    async def _ask(
        self,
        method: Literal["GET", "POST"],
        url: str,
        form: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> tuple[int, Any]:
        """Status and JSON body of an answer; None for a body that is no JSON."""
        timeout = ClientTimeout(total=self._config.patience)
        headers = {"Accept": "application/json", **(headers or {})}
        try:
            # A redirect could carry the secret to somebody else.
            async with (
                ClientSession(timeout=timeout) as session,
                session.request(
                    method, url, data=form, headers=headers, allow_redirects=False
                ) as response,
            ):
                return response.status, _json(await _bounded(response))
        except (ClientError, TimeoutError, OSError, ValueError) as error:
            log.warning("oidc_unreachable", method=method, cause=type(error).__name__)
            raise RefusedError("unavailable", type(error).__name__) from error

    @staticmethod
    def _read(model: type[T], status: int, body: Any) -> T:
        if status != 200:
            log.warning("oidc_unreachable", status=status)
            raise RefusedError("unavailable", f"status_{status}")
        try:
            return model.model_validate(body)
        except ValidationError as error:
            raise RefusedError("invalid", model.__name__.strip("_").lower()) from error


async def _bounded(response: ClientResponse) -> bytes:
    body = b""
    async for chunk in response.content.iter_any():
        body += chunk
        if len(body) > _LARGEST:
            raise ValueError("the answer is too large")
    return body


def _json(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def _known(body: Any) -> str:
    """The error code of a refusal, if it looks like one: free text of others is not logged."""
    error = body.get("error") if isinstance(body, dict) else None
    return error if isinstance(error, str) and _CODE.fullmatch(error) else ""
