"""A stand-in for Rasa's turn channel, for tests of what lies before it.

It counts a turn once however often it is asked, as the real one does, and can be
told to be slow, to break off, to answer rubbish or to be away. The real Rasa is
used in tests/integration.
"""

from __future__ import annotations

import asyncio
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestServer

__all__ = ["FakeRasa"]


class FakeRasa:
    """An HTTP server on a free loopback port; use as an async context manager."""

    def __init__(self) -> None:
        self.worked: list[tuple[str, str, str]] = []
        self.metadata: list[dict[str, Any]] = []
        self.asked = 0
        self.busy: set[str] = set()
        self.overlaps = 0
        self.mode = "ok"
        self.delay = 0.0
        self.gate = asyncio.Event()
        self.gate.set()
        self.custom: dict[str, Any] | None = {"type": "text"}
        self.forgotten: list[str] = []
        self._recorded: dict[str, list[dict[str, Any]]] = {}
        app = web.Application()
        app.router.add_post("/webhooks/turn/turns", self._turn)
        app.router.add_get("/webhooks/turn/health", self._health)
        app.router.add_post("/webhooks/turn/forget", self._forget)
        self._server = TestServer(app)

    async def __aenter__(self) -> FakeRasa:
        await self._server.start_server()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._server.close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.port}"

    async def _forget(self, request: web.Request) -> web.Response:
        if self.mode == "forgets_nothing":
            return web.json_response({"error": {}}, status=500)
        self.forgotten.append((await request.json())["conversation"])
        return web.json_response({"events": 1})

    async def _health(self, request: web.Request) -> web.Response:
        return web.json_response({"status": "ok"}, status=503 if self.mode == "away" else 200)

    async def _turn(self, request: web.Request) -> web.Response:
        body = await request.json()
        turn_id, conversation = body["turn_id"], body["conversation"]
        # The service asks whether Rasa is ready when it likes; that is nobody's turn.
        self.asked += not conversation.startswith("probe:")
        if self.mode == "away":
            return web.json_response({"error": {"code": "not_ready", "message": "x"}}, status=503)
        if self.mode == "error":
            return web.json_response({"error": {"code": "x", "message": "secret path"}}, status=500)
        if self.mode == "rubbish":
            return web.Response(text="<html>", content_type="text/html")
        if self.mode == "wrong":
            return web.json_response({"replies": "none"})
        if self.mode == "break":
            assert request.transport is not None
            request.transport.close()
            return web.Response()
        if conversation in self.busy:
            self.overlaps += 1
        self.busy.add(conversation)
        await asyncio.sleep(self.delay)
        await self.gate.wait()
        self.busy.discard(conversation)
        if turn_id not in self._recorded:
            if not conversation.startswith("probe:"):
                self.worked.append((turn_id, conversation, body["message"]))
                self.metadata.append(body["metadata"])
            text = "" if self.mode == "silent" else f"答：{body['message']}"
            self._recorded[turn_id] = [{"text": text, "buttons": [], "custom": self.custom}]
        return web.json_response({"turn_id": turn_id, "replies": self._recorded[turn_id]})
