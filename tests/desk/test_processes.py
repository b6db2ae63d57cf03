"""A chat taken over across processes: the visitor is connected to one, the operator to another."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from aiohttp import ClientSession, ClientWebSocketResponse, CookieJar

from bot import app as service
from bot.channels.web import chat
from bot.desk.signin import SignIn
from bot.storage.desk_audit import AuditLog
from bot.storage.desk_users import DeskUserStore
from tests.conftest import OpenUrl
from tests.desk.conftest import PASSWORD, Browser
from tests.desk.test_talks import next_frame
from tests.support.fake_rasa import FakeRasa
from tests.support.service import service_settings, share_knowledge

SECRET = "the same secret in every process of the desk"
PATIENCE = 10  # seconds; what was missed would come after ten minutes only


class Visitor:
    """A page of the chat, connected to one of the services."""

    def __init__(self, socket: ClientWebSocketResponse) -> None:
        self.socket = socket
        self.entries: list[dict[str, Any]] = []
        self.state: dict[str, Any] = {}
        self.said = 0

    async def say(self, text: str) -> None:
        self.said += 1
        await self.socket.send_json({"type": "say", "id": f"message-{self.said}", "text": text})
        await self.until(lambda: any(entry["text"] == text for entry in self.entries))

    async def until(self, holds: Callable[[], bool]) -> None:
        async with asyncio.timeout(PATIENCE):
            while not holds():
                frame = await self.socket.receive_json()
                if frame["type"] == "entry":
                    self.entries.append(frame["entry"])
                elif frame["type"] == "ready":
                    self.state = frame["state"]

    def heard(self, author: str) -> list[str]:
        """What somebody's words are, in order."""
        return [
            entry["reply"]["text"] if entry["reply"] else entry["text"]
            for entry in self.entries
            if entry["author"] == author
        ]


class Operator:
    """A desk that is open at one of the services."""

    def __init__(self, browser: Browser, socket: ClientWebSocketResponse) -> None:
        self.browser, self.socket = browser, socket

    async def texts(self, talk_id: str) -> list[str]:
        return [one["text"] for one in (await self.browser.get(f"/talks/{talk_id}"))["entries"]]

    async def until_heard(self, talk_id: str, text: str) -> None:
        """Until the conversation shows a text, looked for at each word of news only."""
        while text not in await self.texts(talk_id):
            await next_frame(self.socket, "talk")


@pytest_asyncio.fixture
async def rasa() -> AsyncIterator[FakeRasa]:
    async with FakeRasa() as rasa:
        yield rasa


@pytest_asyncio.fixture
async def addresses(
    rasa: FakeRasa, postgres_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[tuple[str, str]]:
    """Two whole services on one database, each with its own connections and its own memory."""
    share_knowledge(monkeypatch)
    # Nobody looks by chance: whatever arrives was told of.
    monkeypatch.setattr(chat, "_LOOK", 600.0)
    async with contextlib.AsyncExitStack() as stack:
        ports = []
        for name in ("one", "two"):
            settings = service_settings(
                tmp_path / name,
                rasa.url,
                database_url=postgres_url,
                desk_secret=SECRET,
                encoder=False,
            )
            port, _ = await stack.enter_async_context(service.serve(settings))
            ports.append(port)
        yield f"http://127.0.0.1:{ports[0]}", f"http://127.0.0.1:{ports[1]}"


@contextlib.asynccontextmanager
async def visiting(address: str) -> AsyncIterator[Visitor]:
    async with ClientSession() as session:
        async with session.post(f"{address}/chat/api/visitor", json={}) as response:
            token = (await response.json())["token"]
        url, headers = f"{address}/chat/api/ws", {"Origin": address}
        async with session.ws_connect(url, headers=headers) as socket:
            await socket.send_json({"type": "hello", "token": token, "after": 0})
            visitor = Visitor(socket)
            await visitor.until(lambda: bool(visitor.state))
            yield visitor


@contextlib.asynccontextmanager
async def working(address: str, users: DeskUserStore, sign_in: SignIn) -> AsyncIterator[Operator]:
    async with ClientSession(cookie_jar=CookieJar(unsafe=True)) as session:
        user = await users.add("wang", "小王", "operator", datetime.now(UTC))
        browser = Browser(session, address)
        link = await sign_in.make_link(user, "-")
        await browser.post("/password", {"link": link, "password": PASSWORD})
        await browser.post("/free", {"free": True})
        url, headers = f"{address}/desk/api/ws", {"Origin": address}
        async with session.ws_connect(url, headers=headers) as socket:
            for topic in ("queue", "board", "tickets"):
                await next_frame(socket, topic)
            yield Operator(browser, socket)


async def test_a_chat_is_taken_over_from_another_process(
    addresses: tuple[str, str], rasa: FakeRasa, postgres_url: str, open_url: OpenUrl
) -> None:
    database = await open_url(postgres_url)
    users, audit = DeskUserStore(database), AuditLog(database)
    sign_in = SignIn(users, audit, SECRET.encode(), lambda: datetime.now(UTC))
    async with (
        visiting(addresses[0]) as visitor,
        working(addresses[1], users, sign_in) as operator,
    ):
        desk = operator.browser
        await visitor.say("小升规有奖励吗")
        await visitor.until(lambda: visitor.heard("bot") == ["答：小升规有奖励吗"])
        rasa.custom = {"type": "handoff"}
        await visitor.say("转人工")
        await next_frame(operator.socket, "queue")
        (talk,) = [one for one in (await desk.get("/talks"))["items"] if not one["holder"]]
        await visitor.until(lambda: visitor.state["waiting"] and visitor.state["place"] == 1)
        await operator.socket.send_json({"type": "watch", "talk": talk["id"]})
        await desk.post(f"/talks/{talk['id']}/accept")
        await visitor.until(lambda: visitor.state["holder"] == "小王")
        await visitor.until(lambda: any("小王" in words for words in visitor.heard("小王")))

        # Both ways, in order, and the bot says nothing.
        asked, silent_since = rasa.asked, len(visitor.heard("bot"))
        begun = time.monotonic()
        for number in range(5):
            await visitor.say(f"第{number}句")
            await operator.until_heard(talk["id"], f"第{number}句")
            await desk.post(f"/talks/{talk['id']}/say", {"text": f"回第{number}句"})
            await visitor.until(lambda n=number: f"回第{n}句" in visitor.heard("小王"))  # type: ignore[misc]
        assert time.monotonic() - begun < PATIENCE
        assert visitor.heard("小王")[-5:] == [f"回第{number}句" for number in range(5)]
        assert rasa.asked == asked and len(visitor.heard("bot")) == silent_since

        # Given back, the bot answers again, and nothing of what a person was told is lost.
        rasa.custom = {"type": "text"}
        await desk.post(f"/talks/{talk['id']}/hand", {"to": "bot"})
        await visitor.until(lambda: visitor.state["holder"] is None)
        await visitor.say("还有别的吗")
        await visitor.until(lambda: visitor.heard("bot")[-1] == "答：还有别的吗")
        assert rasa.asked > asked
        positions = [entry["position"] for entry in visitor.entries]
        assert positions == sorted(set(positions))
