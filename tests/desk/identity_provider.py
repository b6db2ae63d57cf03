"""An identity provider over HTTP: it checks what a real one checks, and lies where told to."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote_plus, urlencode

import jwt
from aiohttp import BasicAuth, web
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

__all__ = ["CLIENT", "CLIENT_SECRET", "RSA_KEY", "IdentityProvider", "Signer"]

CLIENT = "wence-desk"
CLIENT_SECRET = "the desk's + secret"
RSA_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
EC_KEY = ec.generate_private_key(ec.SECP256R1())

Signer = Callable[["IdentityProvider", dict[str, Any]], str]


@dataclass
class Begun:
    """What a code stands for."""

    challenge: str
    nonce: str
    redirect: str
    used: bool = False


class IdentityProvider:
    """One client, one person who is always signed in.

    Attributes:
        person: the claims of that person.
        tamper: claims that are put over the right ones; None takes one away.
        sign: makes the token of the claims.
        key_id, published: the key that signs, and those that are shown.
        metadata: put over the discovery document.
        away: answers 503; ``slow``: seconds before each answer.
        basic: whether the client authenticates by HTTP Basic or in the form.
        asked: how often each address was asked.
        page: what a browser sees before it is sent back; None sends it back at once.
    """

    def __init__(self) -> None:
        self.issuer = ""
        self.redirect = ""
        self.person: dict[str, Any] = {
            "sub": "8a6e-wang",
            "preferred_username": "wang",
            "name": "王小明",
            "groups": ["staff", "wence-operators"],
        }
        self.tamper: dict[str, Any] = {}
        self.sign: Signer = IdentityProvider.rs256
        self.key_id = "one"
        self.published = ["one"]
        self.metadata: dict[str, Any] = {}
        self.away, self.slow, self.basic = False, 0.0, True
        self.asked: dict[str, int] = {}
        self.page: str | None = None
        self.codes: dict[str, Begun] = {}
        self.seen: dict[str, str] = {}

    def app(self) -> web.Application:
        """The routes."""
        app = web.Application(middlewares=[self._manners])
        app.router.add_get("/.well-known/openid-configuration", self.discover)
        app.router.add_get("/authorize", self.authorize)
        app.router.add_post("/token", self.token)
        app.router.add_get("/keys", self.keys)
        return app

    @web.middleware
    async def _manners(self, request: web.Request, handler: Any) -> web.StreamResponse:
        self.asked[request.path] = self.asked.get(request.path, 0) + 1
        await asyncio.sleep(self.slow)
        if self.away:
            raise web.HTTPServiceUnavailable
        answer: web.StreamResponse = await handler(request)
        return answer

    async def discover(self, request: web.Request) -> web.Response:
        method = "client_secret_basic" if self.basic else "client_secret_post"
        return web.json_response(
            {
                "issuer": self.issuer,
                "authorization_endpoint": f"{self.issuer}/authorize",
                "token_endpoint": f"{self.issuer}/token",
                "jwks_uri": f"{self.issuer}/keys",
                "token_endpoint_auth_methods_supported": [method],
                **self.metadata,
            }
        )

    async def authorize(self, request: web.Request) -> web.Response:
        query = request.query
        self.seen = dict(query)
        right = {
            "client_id": CLIENT,
            "redirect_uri": self.redirect,
            "response_type": "code",
            "code_challenge_method": "S256",
        }
        if any(query.get(name) != value for name, value in right.items()):
            raise web.HTTPBadRequest
        if "openid" not in query["scope"].split() or not query["nonce"] or not query["state"]:
            raise web.HTTPBadRequest
        code = secrets.token_urlsafe(16)
        self.codes[code] = Begun(query["code_challenge"], query["nonce"], query["redirect_uri"])
        back = f"{self.redirect}?{urlencode({'code': code, 'state': query['state']})}"
        if self.page is None:
            raise web.HTTPFound(back)
        text = self.page.format(back=back.replace("&", "&amp;"))
        return web.Response(text=text, content_type="text/html")

    async def token(self, request: web.Request) -> web.Response:
        form = await request.post()
        if not self._known(request, form):
            return web.json_response({"error": "invalid_client"}, status=401)
        begun = self.codes.get(str(form.get("code")))
        digest = hashlib.sha256(str(form.get("code_verifier")).encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        if (
            begun is None
            or begun.used
            or form.get("grant_type") != "authorization_code"
            or form.get("redirect_uri") != begun.redirect
            or challenge != begun.challenge
        ):
            return web.json_response({"error": "invalid_grant"}, status=400)
        begun.used = True
        now = int(time.time())
        claims = {
            "iss": self.issuer,
            "aud": CLIENT,
            "iat": now,
            "exp": now + 300,
            "nonce": begun.nonce,
            **self.person,
            **self.tamper,
        }
        kept = {name: value for name, value in claims.items() if value is not None}
        body = {"token_type": "Bearer", "access_token": "x", "id_token": self.sign(self, kept)}
        return web.json_response(body)

    def _known(self, request: web.Request, form: Any) -> bool:
        if not self.basic:
            return (form.get("client_id"), form.get("client_secret")) == (CLIENT, CLIENT_SECRET)
        auth = BasicAuth.decode(request.headers.get("Authorization", ""))
        return (unquote_plus(auth.login), unquote_plus(auth.password)) == (CLIENT, CLIENT_SECRET)

    async def keys(self, request: web.Request) -> web.Response:
        shown = [
            {**RSAAlgorithm.to_jwk(RSA_KEY.public_key(), as_dict=True), "kid": kid, "use": "sig"}
            for kid in self.published
        ]
        curve = ECAlgorithm.to_jwk(EC_KEY.public_key(), as_dict=True)
        return web.json_response({"keys": [*shown, {**curve, "kid": "curve"}]})

    def rs256(self, claims: dict[str, Any]) -> str:
        return jwt.encode(claims, RSA_KEY, "RS256", headers={"kid": self.key_id})

    def ps256(self, claims: dict[str, Any]) -> str:
        return jwt.encode(claims, RSA_KEY, "PS256", headers={"kid": self.key_id})

    def es256(self, claims: dict[str, Any]) -> str:
        return jwt.encode(claims, EC_KEY, "ES256", headers={"kid": "curve"})
