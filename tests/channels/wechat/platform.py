"""The platform as the account meets it: its callbacks, and its API with tokens and quotas.

The envelope is wechatpy's, so that ours is held against another's.
"""

from __future__ import annotations

import asyncio
import hashlib
import itertools
import time
from typing import Any

import aiohttp
import xmltodict
from aiohttp import web
from aiohttp.test_utils import TestServer
from wechatpy.crypto import WeChatCrypto

__all__ = ["AES_KEY", "APP_ID", "SECRET", "TOKEN", "FakeApi", "Platform", "message", "signed"]

TOKEN, SECRET, APP_ID = "wechatToken1", "wechat-secret", "wxd930ea5d5a258f4f"
AES_KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
ACCOUNT = "gh_7f083739789a"
CLOCK = 1_795_000_000  # seconds since 1970, what the channel is told the time is

_ids = itertools.count(7_000_000_000)


def message(sender: str = "o-zhang", kind: str = "text", **fields: Any) -> dict[str, Any]:
    """The elements of a message; a text says ``Content``."""
    whole = {
        "ToUserName": ACCOUNT,
        "FromUserName": sender,
        "CreateTime": CLOCK,
        "MsgType": kind,
        **fields,
    }
    if kind != "event":
        whole.setdefault("MsgId", next(_ids))
    return {name: value for name, value in whole.items() if value is not None}


def xml(fields: dict[str, Any]) -> str:
    """The elements as the platform writes them."""
    parts = []
    for name, value in fields.items():
        quoted = str(value).replace("]]>", "]]]]><![CDATA[>")
        inner = value if isinstance(value, int) else f"<![CDATA[{quoted}]]>"
        parts.append(f"<{name}>{inner}</{name}>")
    return f"<xml>{''.join(parts)}</xml>"


def signed(*parts: str) -> str:
    """SHA-1 over the sorted parts."""
    return hashlib.sha1("".join(sorted(parts)).encode()).hexdigest()


class Platform:
    """Delivers messages to the callback at ``url`` in one of the three modes."""

    def __init__(self, url: str, mode: str = "safe") -> None:
        self.url, self.mode = url, mode
        self.crypto = WeChatCrypto(TOKEN, AES_KEY, APP_ID)

    def request(
        self, fields: dict[str, Any], timestamp: int = CLOCK
    ) -> tuple[dict[str, str], bytes]:
        """Query and body of a delivery."""
        stamp, nonce = str(timestamp), "n1795"
        query = {"timestamp": stamp, "nonce": nonce, "signature": signed(TOKEN, stamp, nonce)}
        if self.mode == "plain":
            return query, xml(fields).encode()
        sealed = xmltodict.parse(self.crypto.encrypt_message(xml(fields), nonce, stamp))["xml"]
        query |= {"encrypt_type": "aes", "msg_signature": sealed["MsgSignature"]}
        outer = {"ToUserName": ACCOUNT, "Encrypt": sealed["Encrypt"]}
        if self.mode == "compatible":
            outer = {**fields, **outer}
        return query, xml(outer).encode()

    async def deliver(
        self, session: aiohttp.ClientSession, fields: dict[str, Any], timestamp: int = CLOCK
    ) -> str | None:
        """Deliver once: the passive reply's words; None for ``success``.

        Raises:
            aiohttp.ClientError: no answer.
        """
        query, body = self.request(fields, timestamp)
        async with session.post(self.url, params=query, data=body) as response:
            assert response.status == 200, response.status
            return self.read(await response.text(), fields)

    def read(self, answer: str, fields: dict[str, Any]) -> str | None:
        """What the person sees; anything but ``success`` or a right text fails."""
        if answer == "success":
            return None
        reply = xmltodict.parse(answer)["xml"]
        if self.mode != "plain":
            assert set(reply) == {"Encrypt", "MsgSignature", "TimeStamp", "Nonce"}
            inner = self.crypto.decrypt_message(
                reply, reply["MsgSignature"], reply["TimeStamp"], reply["Nonce"]
            )
            reply = xmltodict.parse(inner)["xml"]
        assert reply["ToUserName"] == fields["FromUserName"]
        assert reply["FromUserName"] == ACCOUNT
        assert reply["MsgType"] == "text"
        assert abs(int(reply["CreateTime"]) - time.time()) < 60
        assert 0 < len(reply["Content"].encode()) <= 2048
        return str(reply["Content"])


class FakeApi:
    """``stable_token`` and ``message/custom/send`` on a free loopback port.

    Attributes:
        said: what was sent, in order: to whom and the words.
        codes: errcodes that the next sends are refused with.
        right: whether the account may send at all.
        quota: sends that each person may still get.
        forced: how often a new token was demanded.
    """

    def __init__(self) -> None:
        self.said: list[tuple[str, str]] = []
        self.codes: list[int] = []
        self.right = True
        self.quota = 1000
        self.forced = 0
        self.asked = 0
        self.token = "T-1"
        self.told = asyncio.Event()
        app = web.Application()
        app.router.add_post("/cgi-bin/stable_token", self._stable_token)
        app.router.add_post("/cgi-bin/message/custom/send", self._send)
        self._server = TestServer(app)

    async def __aenter__(self) -> FakeApi:
        await self._server.start_server()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._server.close()

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self._server.port}"

    async def words(self, number: int) -> list[str]:
        """What was sent, once it is so many; fails after 20 s."""
        async with asyncio.timeout(20):
            while len(self.said) < number:
                self.told.clear()
                await self.told.wait()
        return [text for _, text in self.said]

    async def _stable_token(self, request: web.Request) -> web.Response:
        body = await request.json()
        if (body["appid"], body["secret"]) != (APP_ID, SECRET):
            return web.json_response({"errcode": 40125, "errmsg": "invalid appsecret"})
        if body["force_refresh"]:
            self.forced += 1
            self.token = f"T-{self.forced + 1}"
        return web.json_response({"access_token": self.token, "expires_in": 7200})

    async def _send(self, request: web.Request) -> web.Response:
        self.asked += 1
        body = await request.json()
        if request.query["access_token"] != self.token:
            return web.json_response({"errcode": 40001, "errmsg": "invalid credential"})
        if not self.right:
            return web.json_response({"errcode": 48001, "errmsg": "api unauthorized"})
        if self.codes:
            return web.json_response({"errcode": self.codes.pop(0), "errmsg": "told to"})
        text = body["text"]["content"]
        assert b"\\u" not in await request.read()
        if len(text.encode()) > 2048:
            return web.json_response({"errcode": 45002, "errmsg": "content size out of limit"})
        if self.quota <= 0:
            return web.json_response({"errcode": 45047, "errmsg": "out of response count limit"})
        self.quota -= 1
        self.said.append((body["touser"], text))
        self.told.set()
        return web.json_response({"errcode": 0, "errmsg": "ok"})
