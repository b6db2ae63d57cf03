"""The web channel served on a free port, with conversations that live in memory."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from aiohttp import ClientWebSocketResponse, web
from aiohttp.test_utils import TestClient, TestServer

from bot.api.http import error_middleware
from bot.channels.web.channel import WebChannel
from tests.channels.web.fakes import FakeProfiles, FakeTalks

SECRET = b"a secret of the tests"
PORTAL = "the portal's secret"


class Ratings:
    """Feedback as it was given."""

    def __init__(self) -> None:
        self.kept: list[tuple[str, int, str, str]] = []

    async def keep(self, key: str, position: int, value: str, reason: str) -> None:
        self.kept.append((key, position, value, reason))


class Web:
    """A browser, as far as the service sees one."""

    def __init__(
        self,
        client: TestClient[Any, Any],
        talks: FakeTalks,
        ratings: Ratings,
        profiles: FakeProfiles,
    ) -> None:
        self.client, self.talks = client, talks
        self.ratings, self.profiles = ratings, profiles

    async def token(self, **body: Any) -> str:
        answer = await self.client.post("/chat/api/visitor", json=body)
        assert answer.status == 200, await answer.text()
        return str((await answer.json())["token"])

    def key(self, token: str) -> str:
        return f"web:{token.split('.')[1]}"

    async def get(self, path: str, token: str = "") -> tuple[int, Any]:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        answer = await self.client.get(path, headers=headers)
        return answer.status, await answer.json()

    async def post(self, path: str, body: Any, token: str = "") -> tuple[int, Any]:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        answer = await self.client.post(path, json=body, headers=headers)
        return answer.status, await answer.json()

    async def open(self, origin: str | None = "own") -> ClientWebSocketResponse:
        own = str(self.client.make_url("/")).rstrip("/")
        headers = {"Origin": own if origin == "own" else origin} if origin else {}
        return await self.client.ws_connect("/chat/api/ws", headers=headers)

    async def greeted(self, token: str, after: int = 0) -> ClientWebSocketResponse:
        socket = await self.open()
        await socket.send_json({"type": "hello", "token": token, "after": after})
        frame = await socket.receive_json(timeout=5)
        assert frame["type"] == "ready"
        return socket


@pytest_asyncio.fixture
async def site(tmp_path: Path) -> AsyncIterator[Web]:
    """The channel with a small page in place of the built one."""
    folder = tmp_path / "dist"
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html").write_text("<!doctype html><title>page</title>")
    (folder / "widget.js").write_text("launch()")
    (folder / "assets" / "index-abc.js").write_text("run()")
    (tmp_path / "secret.txt").write_text("not to be served")
    talks = FakeTalks()
    app = web.Application(client_max_size=256 * 1024, middlewares=[error_middleware])
    ratings, profiles = Ratings(), FakeProfiles()

    async def place_of(key: str) -> int | None:
        return 3

    channel = WebChannel(
        talks,
        secret=SECRET,
        folder=folder,
        profiles=profiles,
        identity_secret=PORTAL,
        rate=ratings.keep,
        place_of=place_of,
        embedders=("https://portal.example",),
    )
    for operation in channel.operations():
        app.router.add_route(operation.method, operation.path, operation.handler)
    channel.add_to(app)
    async with TestClient(TestServer(app)) as client:
        yield Web(client, talks, ratings, profiles)


@pytest.fixture
def portal_secret() -> bytes:
    return PORTAL.encode()
