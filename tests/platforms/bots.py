"""The smallest bots that get along with the stand-ins; what the stand-ins are tested with."""

from __future__ import annotations

import asyncio
import json
import time
from typing import Any, Self

import aiohttp
from aiohttp import web
from aiohttp.test_utils import TestServer
from wechatpy import parse_message
from wechatpy.crypto import WeChatCrypto
from wechatpy.enterprise.crypto import WeChatCrypto as WorkCrypto

from tests.platforms.envelope import Envelope
from tests.platforms.wechat import WeChat
from tests.platforms.wecom import WeCom
from tests.platforms.wecom_person import fields_of, xml_of

__all__ = ["AiBotEcho", "Bot", "SocketEcho", "WeChatEcho", "WeComEcho"]


class Bot:
    """A callback server; what it answers is set by the test.

    Attributes:
        heard: the inner messages, every delivery of them.
        status, delay, passive: of the next answers.
        quick_after: deliveries after which it answers at once.
    """

    def __init__(self) -> None:
        self.heard: list[dict[str, Any]] = []
        self.status, self.delay, self.passive = 200, 0.0, ""
        self.quick_after = 99
        app = web.Application()
        app.router.add_post("/", self._handle)
        self._server = TestServer(app)

    async def __aenter__(self) -> Self:
        await self._server.start_server()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._server.close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.port}/"

    async def _handle(self, request: web.Request) -> web.Response:
        body = await request.read()
        self.heard.append(self.open(request, body))
        if len(self.heard) <= self.quick_after:
            await asyncio.sleep(self.delay)
        return web.Response(status=self.status, body=self.answer(request).encode())

    def open(self, request: web.Request, body: bytes) -> dict[str, Any]:
        raise NotImplementedError

    def answer(self, request: web.Request) -> str:
        return self.passive


class WeComEcho(Bot):
    """Takes callbacks through wechatpy, and can send what it is told to."""

    def __init__(self, platform: WeCom) -> None:
        super().__init__()
        self.platform = platform
        account = platform.account
        self.crypto = WorkCrypto(account.token, account.aes_key, account.corp_id)

    def open(self, request: web.Request, body: bytes) -> dict[str, Any]:
        query = request.query
        text = self.crypto.decrypt_message(
            body, query["msg_signature"], query["timestamp"], query["nonce"]
        )
        return dict(fields_of(text))

    def answer(self, request: web.Request) -> str:
        if not self.passive:
            return ""
        reply = xml_of(
            {
                "ToUserName": self.heard[-1]["FromUserName"],
                "FromUserName": self.platform.account.corp_id,
                "CreateTime": int(time.time()),
                "MsgType": "text",
                "Content": self.passive,
            }
        )
        return str(self.crypto.encrypt_message(reply, "nonce"))

    async def call(self, path: str, body: dict[str, Any], token: str = "") -> dict[str, Any]:
        """A request to the platform, with a token fetched for it unless one is given."""
        account, base = self.platform.account, self.platform.url
        async with aiohttp.ClientSession() as session:
            secret = {"corpid": account.corp_id, "corpsecret": account.secret}
            if not token:
                async with session.get(f"{base}/cgi-bin/gettoken", params=secret) as response:
                    token = (await response.json())["access_token"]
            url = f"{base}/cgi-bin/{path}"
            async with session.post(url, params={"access_token": token}, json=body) as response:
                return dict(await response.json())

    def text(self, user: str, content: str, **fields: Any) -> dict[str, Any]:
        """The body of a text message."""
        agent = self.platform.account.agent_id
        text = {"content": content}
        return {"touser": user, "agentid": agent, "msgtype": "text", "text": text, **fields}


class WeChatEcho(Bot):
    """An official account behind wechatpy."""

    def __init__(self, platform: WeChat) -> None:
        super().__init__()
        self.platform = platform
        account = platform.account
        self.crypto = WeChatCrypto(account.token, account.aes_key, account.app_id)

    def open(self, request: web.Request, body: bytes) -> dict[str, Any]:
        query = request.query
        text: Any = body
        if query.get("encrypt_type") == "aes":
            text = self.crypto.decrypt_message(
                body, query["msg_signature"], query["timestamp"], query["nonce"]
            )
        return dict(parse_message(text)._data)

    def answer(self, request: web.Request) -> str:
        if self.passive in {"", "success"} or self.passive.startswith("{"):
            return self.passive
        last = self.heard[-1]
        reply = xml_of(
            {
                "ToUserName": last["FromUserName"],
                "FromUserName": last["ToUserName"],
                "CreateTime": int(time.time()),
                "MsgType": "text",
                "Content": self.passive,
            }
        )
        if self.platform.account.mode == "plain":
            return reply
        return str(self.crypto.encrypt_message(reply, "nonce"))

    async def send(self, user: str, content: str) -> int:
        """A customer-service message; the errcode."""
        account, base = self.platform.account, f"{self.platform.url}/cgi-bin"
        secret = {
            "grant_type": "client_credential",
            "appid": account.app_id,
            "secret": account.app_secret,
        }
        text = {"touser": user, "msgtype": "text", "text": {"content": content}}
        body = json.dumps(text, ensure_ascii=False).encode()
        async with aiohttp.ClientSession() as session:
            async with session.post(f"{base}/stable_token", json=secret) as response:
                token = {"access_token": (await response.json())["access_token"]}
            url = f"{base}/message/custom/send"
            async with session.post(url, params=token, data=body) as response:
                return int((await response.json())["errcode"])


class AiBotEcho(Bot):
    """Answers messages with the packets of ``packets``, one a request."""

    def __init__(self, envelope: Envelope) -> None:
        super().__init__()
        self.envelope = envelope
        self.packets: list[dict[str, Any]] = []

    def open(self, request: web.Request, body: bytes) -> dict[str, Any]:
        query = request.query
        text = self.envelope.open(
            json.loads(body)["encrypt"],
            query["msg_signature"],
            query["timestamp"],
            query["nonce"],
        )
        return dict(json.loads(text))

    def answer(self, request: web.Request) -> str:
        if not self.packets:
            return ""
        timestamp, nonce = int(time.time()), request.query["nonce"]
        sealed = self.envelope.seal(json.dumps(self.packets.pop(0)))
        signature = self.envelope.sign(str(timestamp), nonce, sealed)
        return json.dumps(
            {
                "encrypt": sealed,
                "msgsignature": signature,
                "timestamp": timestamp,
                "nonce": nonce,
            }
        )


class SocketEcho:
    """A client of the long connection, driven frame by frame."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._session = aiohttp.ClientSession()

    async def __aenter__(self) -> Self:
        self._socket = await self._session.ws_connect(self._url)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._socket.close()
        await self._session.close()

    async def frame(self) -> dict[str, Any] | None:
        """The next frame; None when the connection ended."""
        message = await self._socket.receive(timeout=5)
        if message.type is not aiohttp.WSMsgType.TEXT:
            return None
        return dict(json.loads(message.data))

    async def send(self, command: str, body: Any, req_id: str = "r1") -> int:
        """Send a frame; the errcode of its acknowledgement."""
        frame = {"cmd": command, "headers": {"req_id": req_id}, "body": body}
        await self._socket.send_str(json.dumps(frame))
        acknowledged = await self.frame()
        assert acknowledged is not None
        assert acknowledged["headers"]["req_id"] == req_id
        return int(acknowledged["errcode"])
