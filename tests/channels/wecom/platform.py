"""The platform's two sides: one that calls back, one that is called.

The cryptography of the calling side is wechatpy's, so that ours is checked by another's.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import xmltodict
from aiohttp import ClientResponse, ClientSession, web
from wechatpy.crypto import _get_signature
from wechatpy.enterprise.crypto import PrpCrypto, WeChatCrypto

from bot.channels.wecom import PATH

__all__ = ["AES_KEY", "AGENT", "CORP", "SECRET", "TOKEN", "Api", "Caller", "fields", "recording"]

# Those of the platform's own published example.
CORP, TOKEN = "wx5823bf96d3bd56c7", "QDG6eK"
AES_KEY = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C"
AGENT, SECRET = 1000002, "secret-of-the-app"


def fields(**changes: Any) -> dict[str, Any]:
    """A text message as the platform tells it; None leaves a field out."""
    given = {
        "ToUserName": CORP,
        "FromUserName": "zhangsan",
        "CreateTime": "1700000000",
        "MsgType": "text",
        "Content": "扩岗补助",
        "MsgId": "7155555555555555555",
        "AgentID": str(AGENT),
    }
    return {name: value for name, value in {**given, **changes}.items() if value is not None}


def recording(seconds: float, mode: int = 7, size: int = 31) -> bytes:
    """A voice message's file: frames of 20 ms, each a byte with its mode and ``size`` more."""
    return b"#!AMR\n" + bytes([mode << 3 | 4, *bytes(size)]) * round(seconds / 0.02)


class Caller:
    """Calls back as the platform does.

    Args:
        client: of the service.
        now: the platform's clock.
    """

    def __init__(self, client: ClientSession, now: int) -> None:
        self.client, self.now = client, now
        self.crypto = WeChatCrypto(TOKEN, AES_KEY, CORP)

    def encrypt(self, text: str, receive_id: str = CORP) -> str:
        """A ciphertext."""
        return PrpCrypto(self.crypto.key).encrypt(text, receive_id).decode()

    def query(self, encrypted: str, **changes: str) -> dict[str, str]:
        """The signed query parameters."""
        timestamp, nonce = str(self.now), "1372623149"
        signature = _get_signature(TOKEN, timestamp, nonce, encrypted)
        return {"msg_signature": signature, "timestamp": timestamp, "nonce": nonce, **changes}

    @staticmethod
    def envelope(encrypted: str, **changes: str) -> str:
        """The body of a callback."""
        outer = {"ToUserName": CORP, "AgentID": str(AGENT), "Encrypt": encrypted, **changes}
        return xmltodict.unparse({"xml": outer}, full_document=False)

    async def post(self, inner: str | dict[str, Any], receive_id: str = CORP) -> ClientResponse:
        """Bring a message or an event."""
        text = inner if isinstance(inner, str) else xmltodict.unparse({"xml": inner})
        encrypted = self.encrypt(text, receive_id)
        return await self.raw(self.envelope(encrypted), self.query(encrypted))

    async def raw(self, body: str | bytes, query: dict[str, str]) -> ClientResponse:
        """Send whatever one likes; the response, read."""
        data = body.encode() if isinstance(body, str) else body
        async with self.client.post(PATH, data=data, params=query) as response:
            await response.read()
            return response

    async def reply(self, response: ClientResponse) -> dict[str, Any] | None:
        """What a response says, opened as the platform opens it; None for an empty one."""
        assert response.status == 200, response.status
        body = await response.text()
        if not body:
            return None
        envelope = xmltodict.parse(body)["xml"]
        assert set(envelope) == {"Encrypt", "MsgSignature", "TimeStamp", "Nonce"}
        opened = self.crypto.decrypt_message(
            body, envelope["MsgSignature"], envelope["TimeStamp"], envelope["Nonce"]
        )
        said: dict[str, Any] = xmltodict.parse(opened)["xml"]
        assert (said["ToUserName"], said["FromUserName"]) == ("zhangsan", CORP)
        assert said["CreateTime"].isdigit()
        return said


class Api:
    """The platform's interface for apps, as far as it is used.

    Attributes:
        sent: the bodies of all messages that were taken.
        answers: what the next calls are answered with instead, in order.
        tokens: fetched so far.
        dead: tokens that are refused.
        media: what can be fetched, by its id; a refusal is what the platform would say.
        fetched: the queries of such calls.
    """

    def __init__(self) -> None:
        self.sent: list[dict[str, Any]] = []
        self.answers: list[dict[str, Any]] = []
        self.token_answers: list[dict[str, Any]] = []
        self.tokens = 0
        self.dead: set[str] = set()
        self.media: dict[str, bytes] = {}
        self.fetched: list[dict[str, str]] = []
        self.url = ""

    @asynccontextmanager
    async def serve(self) -> AsyncIterator[Api]:
        """Listen on a free port."""
        app = web.Application()
        app.router.add_get("/cgi-bin/gettoken", self._token)
        app.router.add_post("/cgi-bin/message/send", self._send)
        app.router.add_get("/cgi-bin/media/get", self._media)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        try:
            yield self
        finally:
            await runner.cleanup()

    async def _token(self, request: web.Request) -> web.Response:
        assert dict(request.query) == {"corpid": CORP, "corpsecret": SECRET}
        if self.token_answers:
            return web.json_response(self.token_answers.pop(0))
        self.tokens += 1
        token = {"access_token": f"token-{self.tokens}", "expires_in": 7200}
        return web.json_response({"errcode": 0, "errmsg": "ok", **token})

    async def _media(self, request: web.Request) -> web.Response:
        self.fetched.append(dict(request.query))
        if request.query.get("access_token") in self.dead:
            return web.json_response({"errcode": 42001, "errmsg": "access_token expired"})
        found = self.media.get(request.query["media_id"])
        if found is None:
            return web.json_response({"errcode": 40007, "errmsg": "invalid media_id"})
        return web.Response(body=found, content_type="audio/amr")

    async def _send(self, request: web.Request) -> web.Response:
        if request.query.get("access_token") in self.dead:
            return web.json_response({"errcode": 42001, "errmsg": "access_token expired"})
        body = json.loads(await request.read())
        answer = self.answers.pop(0) if self.answers else {"errcode": 0, "errmsg": "ok"}
        if answer["errcode"] == 0 and "invaliduser" not in answer:
            self.sent.append(body)
        return web.json_response(answer)
