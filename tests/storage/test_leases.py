"""bot.storage.leases on both databases."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import text

from bot.storage.engine import Database
from bot.storage.leases import LeaseStore
from bot.storage.migrate import upgrade
from tests.conftest import OpenUrl

HOUR = 3600.0


@pytest.fixture
def leases(database: Database) -> LeaseStore:
    return LeaseStore(database)


async def run_out(database: Database, name: str) -> None:
    """Let a lease end in the past, so that no test has to wait for it."""
    past = "'2020-01-01T00:00:00.000000+00:00'"
    async with database.begin() as session:
        await session.execute(text(f"UPDATE leases SET until = {past} WHERE name = '{name}'"))


async def test_one_holder_at_a_time(leases: LeaseStore) -> None:
    assert await leases.acquire("socket", "a", HOUR)
    assert not await leases.acquire("socket", "b", HOUR)
    assert await leases.acquire("other", "b", HOUR)
    assert await leases.acquire("socket", "a", HOUR), "one's own is extended"


async def test_what_was_given_back_is_free(leases: LeaseStore) -> None:
    await leases.acquire("socket", "a", HOUR)
    await leases.release("socket", "b")
    assert not await leases.acquire("socket", "b", HOUR), "b gave back what it did not have"
    await leases.release("socket", "a")
    assert await leases.acquire("socket", "b", HOUR)
    assert not await leases.renew("socket", "a", HOUR)


async def test_what_ran_out_is_free_and_lost_to_its_holder(
    leases: LeaseStore, database: Database
) -> None:
    await leases.acquire("socket", "a", HOUR)
    assert await leases.renew("socket", "a", HOUR)
    await run_out(database, "socket")
    assert not await leases.renew("socket", "a", HOUR), "another may have it by now"
    assert await leases.acquire("socket", "b", HOUR)
    assert not await leases.acquire("socket", "a", HOUR)


async def test_a_lease_of_no_time_holds_nobody_off(leases: LeaseStore) -> None:
    assert await leases.acquire("socket", "a", 0)
    assert await leases.acquire("socket", "b", HOUR)


async def test_renewal_makes_it_longer(leases: LeaseStore, database: Database) -> None:
    async def until() -> str:
        async with database.session() as session:
            return str(await session.scalar(text("SELECT until FROM leases")))

    await leases.acquire("socket", "a", HOUR)
    before = await until()
    assert await leases.renew("socket", "a", 2 * HOUR)
    assert await until() > before


async def test_of_many_at_once_one_gets_it(database_url: str, open_url: OpenUrl) -> None:
    """Competing holders, each over connections of its own."""
    databases = [await open_url(database_url) for _ in range(4)]
    await upgrade(databases[0])
    for round_ in range(5):
        got = await asyncio.gather(
            *(
                LeaseStore(database).acquire(f"round-{round_}", f"{i}-{j}", HOUR)
                for i, database in enumerate(databases)
                for j in range(5)
            )
        )
        assert sum(got) == 1


async def test_of_many_heirs_one_gets_it(leases: LeaseStore, database: Database) -> None:
    await leases.acquire("socket", "dead", HOUR)
    await run_out(database, "socket")
    got = await asyncio.gather(*(leases.acquire("socket", f"h{i}", HOUR) for i in range(20)))
    assert sum(got) == 1


@pytest.mark.parametrize(("name", "holder"), [("", "a"), ("socket", ""), ("x" * 513, "a")])
async def test_a_name_is_needed(leases: LeaseStore, name: str, holder: str) -> None:
    with pytest.raises(ValueError):
        await leases.acquire(name, holder, HOUR)


async def test_what_has_lapsed_is_listed_and_forgotten(
    leases: LeaseStore, database: Database
) -> None:
    for name in ("process:a", "process:b", "process_c", "socket"):
        await leases.acquire(name, f"holder of {name}", HOUR)
    for name in ("process:a", "process_c", "socket"):
        await run_out(database, name)
    assert await leases.lapsed("process:") == {"process:a": "holder of process:a"}
    await leases.clear(["process:a", "process:b"])
    assert await leases.lapsed("process:") == {}
    assert not await leases.acquire("process:b", "another", HOUR)
