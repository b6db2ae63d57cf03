"""The AI bot's channel in one process: real conversations, a stand-in for Rasa, a platform."""

from __future__ import annotations

import asyncio
import base64
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import date
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from aiohttp import ClientResponse, web
from aiohttp.test_utils import TestClient, TestServer
from prometheus_client import CollectorRegistry
from wechatpy.crypto import PrpCrypto, _get_signature

from bot.api.http import error_middleware
from bot.channels.aibot.callback import PATH, AibotCallback
from bot.channels.aibot.outlet import CallbackOutlet
from bot.channels.aibot.streams import Streams
from bot.channels.platform.crypto import MessageCipher
from bot.channels.platform.transport import Transport
from bot.conversations import Conversations, RasaClient
from bot.conversations.outlet import Outlet
from bot.knowledge import Knowledge
from bot.storage.engine import Database
from tests.support.fake_rasa import FakeRasa

TOKEN = "QDG6eK"
AES_KEY = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C"
DAY = date(2026, 11, 21)
BOTH = pytest.mark.parametrize("database_url", ["sqlite", "postgresql"], indirect=True)
"""For tests in which the database matters; the others run on SQLite."""


def sentence(key: str, /, **values: object) -> str:
    """A sentence that shows its key and what filled it."""
    return " ".join([key, *(str(values[name]) for name in sorted(values))])


class GatedRasa(FakeRasa):
    """Answers when the gate is open; with buttons where a test gives some."""

    def __init__(self) -> None:
        super().__init__()
        self.gate = asyncio.Event()
        self.gate.set()
        self.buttons: list[dict[str, str]] = []
        self.text: str | None = None
        self.asking = 0

    async def _turn(self, request: web.Request) -> web.Response:
        self.asking += 1
        await self.gate.wait()
        response = await super()._turn(request)
        body = json.loads(response.body)
        for reply in body.get("replies", []):
            reply["buttons"] = self.buttons
            reply["text"] = self.text or reply["text"]
        return web.json_response(body, status=response.status)


class Platform:
    """Where reply addresses lead; each takes one message, as the real one does."""

    def __init__(self) -> None:
        self.received: list[dict[str, Any]] = []
        self.answers: list[Callable[[web.Request], Awaitable[web.Response]]] = []
        self._used: set[str] = set()
        app = web.Application()
        app.router.add_post("/cgi-bin/aibot/response", self._post)
        self._server = TestServer(app)

    async def __aenter__(self) -> Platform:
        await self._server.start_server()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._server.close()

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self._server.port}"

    def reply_address(self) -> str:
        """A new one."""
        return f"{self.base}/cgi-bin/aibot/response?response_code={uuid4().hex}%2B%3D"

    async def _post(self, request: web.Request) -> web.Response:
        code, body = request.query["response_code"], await request.json()
        assert code.endswith("+=")
        if code in self._used:
            return web.json_response({"errcode": 60140, "errmsg": "used"})
        self._used.add(code)
        self.received.append(body)
        if self.answers:
            return await self.answers.pop(0)(request)
        return web.json_response({"errcode": 0, "errmsg": "ok"})


class Caller:
    """The platform as a caller; its cryptography is wechatpy's."""

    def __init__(self, client: TestClient[web.Request, web.Application], clock: list[float]):
        self.client, self.clock = client, clock
        self._crypto = PrpCrypto(base64.b64decode(AES_KEY + "="))
        self._nonces = 0

    def parameters(self, encrypted: str, timestamp: str | None = None) -> dict[str, str]:
        self._nonces += 1
        timestamp = timestamp or str(int(self.clock[0]))
        nonce = f"nonce{self._nonces}"
        signature = _get_signature(TOKEN, timestamp, nonce, encrypted)
        return {"msg_signature": signature, "timestamp": timestamp, "nonce": nonce}

    def seal(self, body: Any) -> str:
        text = body if isinstance(body, str) else json.dumps(body, ensure_ascii=False)
        return str(self._crypto.encrypt(text, "").decode())

    async def post(self, body: Any, timestamp: str | None = None) -> ClientResponse:
        encrypted = self.seal(body)
        return await self.client.post(
            PATH, params=self.parameters(encrypted, timestamp), json={"encrypt": encrypted}
        )

    async def tell(self, body: Any, timestamp: str | None = None) -> dict[str, Any] | None:
        """Post a callback; the opened reply, None for an empty one."""
        encrypted = self.seal(body)
        parameters = self.parameters(encrypted, timestamp)
        async with self.client.post(PATH, params=parameters, json={"encrypt": encrypted}) as got:
            raw = await got.read()
            assert got.status == 200, raw
        if not raw:
            return None
        said = json.loads(raw)
        assert set(said) == {"encrypt", "msgsignature", "timestamp", "nonce"}
        assert type(said["timestamp"]) is int
        assert said["nonce"] == parameters["nonce"]
        signature = _get_signature(TOKEN, str(said["timestamp"]), said["nonce"], said["encrypt"])
        assert said["msgsignature"] == signature
        opened: dict[str, Any] = json.loads(self._crypto.decrypt(said["encrypt"], ""))
        return opened

    async def poll(self, stream_id: str, **changes: Any) -> dict[str, Any]:
        """One poll of a stream."""
        body = {**callback("stream"), "stream": {"id": stream_id}, **changes}
        said = await self.tell(body)
        assert said is not None
        return said


def callback(kind: str, **more: Any) -> dict[str, Any]:
    """The frame of every callback in a single chat."""
    return {
        "msgid": uuid4().hex,
        "aibotid": "AIBOT",
        "chattype": "single",
        "from": {"userid": "zhang"},
        "msgtype": kind,
        **more,
    }


def text(content: str, **more: Any) -> dict[str, Any]:
    """A text message."""
    return callback("text", **{"text": {"content": content}, **more})


def group(content: str, userid: str = "zhang", **more: Any) -> dict[str, Any]:
    """A text message in a group."""
    return text(content, chattype="group", chatid="GROUP", **{"from": {"userid": userid}}, **more)


def event(name: str, body: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    """An event."""
    return callback("event", event={"eventtype": name, name: body or {}}, **more)


@asynccontextmanager
async def conversations_with(
    outlet: Outlet, database: Database, knowledge: Knowledge
) -> AsyncIterator[SimpleNamespace]:
    """Conversations at work, with an outlet and a stand-in for Rasa."""
    async with GatedRasa() as rasa, RasaClient([rasa.url], None, timeout=30.0) as client:
        talk = Conversations(
            database,
            client,
            knowledge,
            lambda: DAY,
            CollectorRegistry(),
            outlets={"aibot": outlet},
        )
        await talk.start()
        try:
            yield SimpleNamespace(talk=talk, rasa=rasa)
        finally:
            rasa.gate.set()
            await talk.close()


@asynccontextmanager
async def callback_world(
    database: Database, knowledge: Knowledge, wait: float = 0.8
) -> AsyncIterator[SimpleNamespace]:
    """Callback mode from end to end."""
    clock = [time.time()]
    judged: list[tuple[str, str, str, str]] = []

    async def on_feedback(*judgement: str) -> None:
        judged.append(judgement)  # type: ignore[arg-type]

    async with Platform() as platform, Transport(platform.base) as transport:
        outlet = CallbackOutlet(transport, platform.base, sentence, lambda: clock[0])
        async with conversations_with(outlet, database, knowledge) as inner:
            channel = AibotCallback(
                inner.talk,
                MessageCipher(TOKEN, AES_KEY, ""),
                Streams(inner.talk, sentence, lambda: clock[0], wait),
                sentence,
                CollectorRegistry(),
                10.0,
                on_feedback,
                lambda: clock[0],
            )
            app = web.Application(middlewares=[error_middleware])
            app.add_routes(channel.routes())
            async with TestClient(TestServer(app)) as client:
                yield SimpleNamespace(
                    talk=inner.talk,
                    rasa=inner.rasa,
                    platform=platform,
                    caller=Caller(client, clock),
                    client=client,
                    clock=clock,
                    judged=judged,
                    channel=channel,
                    outlet=outlet,
                    database=database,
                )
                await channel.close()


async def until(happened: Callable[[], Any], seconds: float = 10.0) -> None:
    """Wait for something that is about to happen."""
    async with asyncio.timeout(seconds):
        while not happened():
            await asyncio.sleep(0.01)
