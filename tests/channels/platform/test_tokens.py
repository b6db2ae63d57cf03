"""The access token: one fetch for all, on both databases."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest
from sqlalchemy import text

from bot.channels.platform.tokens import AccessToken, TokenError, read_token
from bot.channels.platform.transport import NotSentError, OutcomeUnknownError
from bot.storage.engine import Database
from bot.storage.leases import LeaseStore
from bot.storage.migrate import upgrade
from bot.storage.tokens import TokenStore
from tests.conftest import OpenUrl


class Platform:
    """Gives tokens T-1, T-2, … and counts; or fails as it is told."""

    def __init__(self) -> None:
        self.fetched = 0
        self.stale: list[str | None] = []
        self.lifetime = 7200.0
        self.failure: Exception | None = None
        self.at_once = 0

    async def fetch(self, stale: str | None) -> tuple[str, float]:
        self.fetched += 1
        self.stale.append(stale)
        self.at_once += 1
        assert self.at_once == 1, "two fetches at once"
        for _ in range(20):  # others get their turn while this one is under way
            await asyncio.sleep(0)
        self.at_once -= 1
        if self.failure is not None:
            raise self.failure
        return f"T-{self.fetched}", self.lifetime


class Clock:
    """A steady clock that goes as the test says."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def platform() -> Platform:
    return Platform()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def process(database: Database, platform: Platform, clock: Clock) -> Callable[[], AccessToken]:
    """Makes the token as one more process sees it."""
    return lambda: AccessToken(
        "wecom", platform.fetch, TokenStore(database), LeaseStore(database), clock
    )


async def end_in(database: Database, seconds: float) -> None:
    """Let the stored token, fetched two hours before its end, end so many seconds from now."""
    stored = await TokenStore(database).get("wecom")
    assert stored is not None
    await TokenStore(database).put("wecom", stored.value, seconds)
    past = "'2020-01-01T00:00:00.000000+00:00'"
    async with database.begin() as session:
        await session.execute(text(f"UPDATE tokens SET fetched_at = {past}"))


async def test_it_is_fetched_once_for_all(
    process: Callable[[], AccessToken], platform: Platform
) -> None:
    one, two = process(), process()
    got = await asyncio.gather(*(token.get() for token in (one, two) for _ in range(20)))
    assert set(got) == {"T-1"} and platform.fetched == 1
    assert await process().get() == "T-1" and platform.fetched == 1


async def test_processes_with_their_own_connections(
    database_url: str, open_url: OpenUrl, platform: Platform
) -> None:
    databases = [await open_url(database_url) for _ in range(3)]
    await upgrade(databases[0])
    tokens = [AccessToken("w", platform.fetch, TokenStore(d), LeaseStore(d)) for d in databases]
    assert set(await asyncio.gather(*(token.get() for token in tokens))) == {"T-1"}
    assert set(await asyncio.gather(*(token.renew("T-1") for token in tokens))) == {"T-2"}
    assert platform.fetched == 2


async def test_it_is_kept_in_memory(
    process: Callable[[], AccessToken], database: Database, platform: Platform, clock: Clock
) -> None:
    token = process()
    await token.get()
    await TokenStore(database).put("wecom", "T-other", 7200)
    assert await token.get() == "T-1", "no look at the database for every call"
    clock.now += 301
    assert await token.get() == "T-other", "but every few minutes"
    assert platform.fetched == 1


async def test_it_is_replaced_some_minutes_before_its_end(
    process: Callable[[], AccessToken], database: Database, platform: Platform
) -> None:
    await process().get()
    await end_in(database, 400)
    assert await process().get() == "T-1"
    await end_in(database, 200)
    assert await process().get() == "T-2"
    assert platform.fetched == 2


async def test_the_old_one_serves_while_no_new_one_is_to_be_had(
    process: Callable[[], AccessToken], database: Database, platform: Platform, clock: Clock
) -> None:
    await process().get()
    await end_in(database, 200)
    platform.failure = OutcomeUnknownError("timeout")
    token = process()
    assert await token.get() == "T-1"
    assert platform.fetched == 2
    assert await token.get() == "T-1"
    assert platform.fetched == 2, "not at every call"
    platform.failure = None
    clock.now += 11
    assert await token.get() == "T-3"


async def test_a_token_of_short_life(
    process: Callable[[], AccessToken], platform: Platform, clock: Clock
) -> None:
    platform.lifetime = 60
    token = process()
    assert await token.get() == "T-1"
    clock.now += 44
    assert await token.get() == "T-1" and platform.fetched == 1


async def test_one_renewal_for_all(process: Callable[[], AccessToken], platform: Platform) -> None:
    one, two = process(), process()
    await asyncio.gather(one.get(), two.get())
    got = await asyncio.gather(*(token.renew("T-1") for token in (one, two) for _ in range(10)))
    assert set(got) == {"T-2"} and platform.fetched == 2
    assert platform.stale == [None, "T-1"], "the fetch is told which one is refused"
    assert await one.get() == await two.get() == await process().get() == "T-2"
    assert await one.renew("T-1") == "T-2", "late news of the old one"
    assert platform.fetched == 2


async def test_the_same_again_is_no_renewal(
    process: Callable[[], AccessToken], platform: Platform, clock: Clock
) -> None:
    token = process()
    await token.get()
    platform.fetched = 0  # the next is T-1 again, as a platform does that keeps to its token
    with pytest.raises(TokenError) as caught:
        await token.renew("T-1")
    assert caught.value.reason == "token_unchanged"
    with pytest.raises(TokenError):
        await token.renew("T-1")
    assert platform.fetched == 1, "not at every call"
    clock.now += 11
    assert await token.renew("T-1") == "T-2"


@pytest.mark.parametrize(
    ("failure", "reason", "errcode"),
    [
        (TokenError("token_errcode_40013", 40013, "invalid corpid"), "token_errcode_40013", 40013),
        (NotSentError("dns"), "token_dns", None),
        (OutcomeUnknownError("http_502"), "token_http_502", None),
        (TimeoutError(), "token_timeout", None),
    ],
)
async def test_a_failure_is_told_and_not_repeated_at_once(
    process: Callable[[], AccessToken],
    platform: Platform,
    clock: Clock,
    failure: Exception,
    reason: str,
    errcode: int | None,
) -> None:
    platform.failure = failure
    token = process()
    got = await asyncio.gather(*(token.get() for _ in range(20)), return_exceptions=True)
    assert {(e.reason, e.errcode) for e in got if isinstance(e, TokenError)} == {(reason, errcode)}
    assert platform.fetched == 1, "a wrong secret is not asked about twenty times"
    platform.failure = None
    clock.now += 11
    assert await token.get() == "T-2"


async def test_what_a_dead_process_left_does_not_stop_the_others(
    process: Callable[[], AccessToken], database: Database
) -> None:
    assert await LeaseStore(database).acquire("token:wecom", "dead", 0.3)
    assert await process().get() == "T-1"


async def test_an_answer_is_read() -> None:
    assert read_token({"errcode": 0, "access_token": "T", "expires_in": 7200}) == ("T", 7200.0)
    assert read_token({"access_token": "T", "expires_in": 60}) == ("T", 60.0)


@pytest.mark.parametrize(
    "answer",
    [
        {},
        {"access_token": "", "expires_in": 7200},
        {"access_token": 5, "expires_in": 7200},
        {"access_token": "x" * 3000, "expires_in": 7200},
        {"access_token": "T"},
        {"access_token": "T", "expires_in": "7200"},
        {"access_token": "T", "expires_in": 0},
        {"errcode": 40013, "errmsg": "invalid corpid", "access_token": "T", "expires_in": 7200},
    ],
)
def test_an_answer_without_a_token(answer: dict[str, object]) -> None:
    with pytest.raises(TokenError) as caught:
        read_token(answer)
    assert caught.value.errcode == answer.get("errcode")
