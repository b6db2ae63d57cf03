"""A stand-in for the WeChat official account platform: the interface an account calls."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal
from uuid import uuid4

from aiohttp import web

from tests.platforms.api import CALL, Call, Refusal
from tests.platforms.calling import TOKEN_SECONDS, CallingPlatform
from tests.platforms.envelope import Envelope
from tests.platforms.person import Button, Line
from tests.platforms.wechat_person import WeChatPerson

__all__ = ["OfficialAccount", "WeChat"]

MOST_BYTES = 2047
FORCED_PER_DAY, FORCED_GAP = 20, 30.0

Mode = Literal["plain", "compatible", "safe"]


@dataclass(frozen=True)
class OfficialAccount:
    """What the admin page of an official account shows."""

    app_id: str = "wxabcdef1234567890"
    app_secret: str = "0123456789abcdef0123456789abcdef"
    token: str = "qXkT7wY2Zb"
    aes_key: str = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C"
    mode: Mode = "safe"
    origin: str = "gh_1a2b3c4d5e6f"

    def settings(self, api_base: str) -> dict[str, str]:
        """The environment of a stack that works for this account."""
        environ = {
            "WENCE_WECHAT_APP_ID": self.app_id,
            "WENCE_WECHAT_APP_SECRET": self.app_secret,
            "WENCE_WECHAT_TOKEN": self.token,
            "WENCE_WECHAT_MODE": self.mode,
            "WENCE_WECHAT_API_BASE": api_base,
        }
        return environ if self.mode == "plain" else environ | {"WENCE_WECHAT_AES_KEY": self.aes_key}


class WeChat(CallingPlatform[WeChatPerson]):
    """One official account.

    Attributes:
        customer_service: whether the account has the right to send such messages.
    """

    def __init__(
        self,
        account: OfficialAccount | None = None,
        callback: str = "",
        patience: float = 5.0,
        port: int = 0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.account = account or OfficialAccount()
        envelope = Envelope(self.account.token, self.account.aes_key, self.account.app_id)
        super().__init__(envelope, callback, patience, port, clock)
        self.customer_service = True
        self._forced: list[float] = []

    def person(self, name: str) -> WeChatPerson:
        """The follower of that open id."""
        return self.people.setdefault(name, WeChatPerson(name, self))

    def _add_routes(self, app: web.Application) -> None:
        app.router.add_post("/cgi-bin/stable_token", self.endpoint(self._stable_token))
        app.router.add_get("/cgi-bin/token", self.endpoint(self._rotating_token))
        app.router.add_post("/cgi-bin/message/custom/send", self.endpoint(self._send))

    async def _stable_token(self, request: web.Request, body: dict[str, Any]) -> dict[str, Any]:
        if body.get("grant_type") != "client_credential":
            raise Refusal(40002, "invalid grant_type")
        if body.get("appid") != self.account.app_id:
            raise Refusal(40013, "invalid appid")
        if body.get("secret") != self.account.app_secret:
            raise Refusal(40125, "invalid appsecret")
        now = self.clock()
        if body.get("force_refresh"):
            self._forced = [at for at in self._forced if at > now - 86400]
            if len(self._forced) >= FORCED_PER_DAY or (
                self._forced and now - self._forced[-1] < FORCED_GAP
            ):
                raise Refusal(45009, "force_refresh too often")
            self._forced.append(now)
            self.kill_tokens()
        return self.living_token()

    async def _rotating_token(self, request: web.Request, body: dict[str, Any]) -> dict[str, Any]:
        self.problems.append("/cgi-bin/token kills the other workers' token")
        self.kill_tokens()
        token = uuid4().hex * 4
        self.tokens[token] = self.clock() + TOKEN_SECONDS
        return {"access_token": token, "expires_in": int(TOKEN_SECONDS)}

    async def _send(self, request: web.Request, body: dict[str, Any]) -> dict[str, Any]:
        self.check_token(request, 40001)
        call = request[CALL]
        if not self.customer_service:
            raise Refusal(48001, "api unauthorized")
        person = self.people.get(str(body.get("touser")))
        if person is None:
            raise Refusal(40003, "invalid openid")
        if b"\\u" in await request.read():
            # The client library of the platform's users sends characters as they are,
            # since escapes reach the screen as escapes.
            self.problems.append("characters were escaped and are shown as \\u…")
        line = self._line(call, body)
        person.spend(self.clock())
        call.shown = True
        person.show(line)
        return {}

    def _line(self, call: Call, body: dict[str, Any]) -> Line:
        kind = body.get("msgtype")
        if kind == "text":
            content = (body.get("text") or {}).get("content")
            if not isinstance(content, str) or not content:
                raise Refusal(44004, "empty content")
            if len(content.encode("utf-8")) > MOST_BYTES:
                raise Refusal(45002, "content size out of limit")
            return Line("bot", content, time.monotonic(), "active", call=call.number)
        if kind == "msgmenu":
            menu = body.get("msgmenu") or {}
            rows = menu.get("list") or []
            if not rows or any(not row.get("id") or not row.get("content") for row in rows):
                raise Refusal(40008, "invalid msgmenu")
            buttons = tuple(Button(row["content"], str(row["id"])) for row in rows)
            words = [menu.get("head_content", ""), *(b.title for b in buttons)]
            text = "\n".join([*words, menu.get("tail_content", "")]).strip()
            if len(text.encode("utf-8")) > MOST_BYTES:
                raise Refusal(45002, "content size out of limit")
            card = f"menu-{call.number}"
            return Line("bot", text, time.monotonic(), "active", buttons, card, call.number)
        raise Refusal(40008, "invalid message type")
