"""A desk served over either database, with a clock that tests set."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from aiohttp import ClientResponse, ClientSession, CookieJar, web
from argon2 import PasswordHasher
from prometheus_client import CollectorRegistry
from yarl import URL

from bot.api.eligibility import EligibilityApi
from bot.api.server import Runner
from bot.app import public_app
from bot.conversations import Conversations
from bot.conversations.message import Inbound
from bot.desk import Desk, OidcConfig, totp
from bot.desk.passwords import Passwords
from bot.knowledge import Knowledge
from bot.settings import project_root
from bot.storage.desk_users import DeskUserStore, Role
from bot.storage.engine import Database

TODAY = date(2026, 11, 21)
PASSWORD = "correct horse 42"
SECRET = b"a secret of thirty-two characters"


class Clock:
    """The time, as a test sets it."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)  # a Friday, 10:00 in Shanghai

    def __call__(self) -> datetime:
        return self.now

    def pass_by(self, **span: float) -> None:
        self.now += timedelta(**span)


class Browser:
    """What one person's browser does: keeps cookies, sends our header and its origin."""

    def __init__(self, session: ClientSession, address: str) -> None:
        self.session, self.address = session, address

    async def get(self, path: str, status: int = 200, **params: str) -> Any:
        async with self.session.get(f"{self.address}/desk/api{path}", params=params) as response:
            return await _body(response, status)

    async def post(self, path: str, body: Any = None, status: int = 200) -> Any:
        headers = {"X-Wence-Desk": "1", "Origin": self.address}
        url = f"{self.address}/desk/api{path}"
        async with self.session.post(url, json=body, headers=headers) as response:
            return await _body(response, status)

    def plant(self, value: str | None) -> None:
        """Put a cookie where the server's own would stand."""
        planted = SimpleCookie(f"wence_desk={value}; Path=/desk")
        self.session.cookie_jar.update_cookies(planted, URL(self.address))

    @property
    def cookie(self) -> str | None:
        found = [cookie.value for cookie in self.session.cookie_jar if cookie.key == "wence_desk"]
        return found[0] if found else None


async def _body(response: ClientResponse, status: int) -> Any:
    if response.content_type == "application/json":
        body = await response.json()
    else:
        body = await response.read()
    assert response.status == status, (response.status, body)
    if status >= 400:
        assert set(body) == {"error"}
        return body["error"]
    return body


class House:
    """The served desk and what lies behind it."""

    def __init__(
        self, desk: Desk, talks: Conversations, database: Database, clock: Clock, address: str
    ) -> None:
        self.desk, self.talks, self.database = desk, talks, database
        self.clock, self.address = clock, address
        self.users = DeskUserStore(database)
        self.secrets: dict[str, str] = {}

    async def hear(self, text: str, sender: str = "visitor", message_id: str | None = None) -> str:
        """Have a visitor of the web chat say something; the id of the conversation."""
        await self.talks.accept(Inbound("web", sender, text, message_id))
        return (await self.desk.attendant._queue.find(f"web:{sender}")).id


@pytest.fixture(scope="session")
def knowledge() -> Iterator[Knowledge]:
    found = Knowledge(project_root() / "policies_kb")
    yield found
    found.close()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def built(tmp_path: Path) -> Path:
    """Where the page would be built."""
    return tmp_path / "desk"


@contextlib.asynccontextmanager
async def serve_desk(
    database: Database,
    knowledge: Knowledge,
    clock: Clock,
    folder: Path,
    oidc: Callable[[str], OidcConfig] | None = None,
    apis: Sequence[EligibilityApi] = (),
) -> AsyncIterator[House]:
    """A desk on a free port; ``oidc`` makes its configuration from the address."""
    listener = socket.create_server(("127.0.0.1", 0))
    address = f"http://127.0.0.1:{listener.getsockname()[1]}"
    nothing: Any = None
    talks = Conversations(database, nothing, knowledge, lambda: TODAY, CollectorRegistry())
    desk = Desk(
        database,
        talks,
        knowledge,
        lambda: TODAY,
        SECRET,
        folder,
        clock=clock,
        passwords=Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)),
        oidc=oidc(address) if oidc else None,
    )
    app = public_app([*desk.operations(), *(one for api in apis for one in api.operations())])
    desk.add_to(app)
    runner = Runner(app, access_log=None)
    await runner.setup()
    await web.SockSite(runner, listener).start()
    try:
        yield House(desk, talks, database, clock, address)
    finally:
        await runner.cleanup()


@pytest_asyncio.fixture
async def house(
    database: Database, knowledge: Knowledge, clock: Clock, built: Path
) -> AsyncIterator[House]:
    async with serve_desk(database, knowledge, clock, built) as house:
        yield house


OpenBrowser = Callable[[], Browser]
SignInAs = Callable[..., Awaitable[Browser]]


@pytest_asyncio.fixture
async def open_browser(house: House) -> AsyncIterator[OpenBrowser]:
    async with contextlib.AsyncExitStack() as stack:
        sessions: list[ClientSession] = []

        def open_() -> Browser:
            session = ClientSession(cookie_jar=CookieJar(unsafe=True))
            sessions.append(session)
            stack.push_async_callback(session.close)
            return Browser(session, house.address)

        yield open_


@pytest.fixture
def sign_in_as(house: House, open_browser: OpenBrowser) -> SignInAs:
    """Makes a user of a role and signs them in, second factor included."""

    async def enter(name: str, role: Role = "operator") -> Browser:
        display = {"wang": "小王", "li": "小李"}.get(name, name)
        user = await house.users.add(name, display, role, house.clock())
        token = await house.desk._sign_in.make_link(user, "-")
        browser = open_browser()
        stage = (await browser.post("/password", {"link": token, "password": PASSWORD}))["stage"]
        if stage == "enrol":
            secret = (await browser.get("/enrolment"))["secret"]
            house.secrets[name] = secret
            code = totp.code_at(secret, int(house.clock().timestamp() // totp.STEP))
            assert (await browser.post("/code", {"code": code}))["stage"] == "open"
        return browser

    return enter
