"""What a dead process had claimed is freed, and nothing of a living one."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from bot.conversations import presence
from bot.conversations.presence import Presence
from bot.errors import StorageError
from bot.storage.engine import Database
from bot.storage.leases import LeaseStore

HOUR = 3600.0


class Freed:
    """Remembers whose claims were freed."""

    def __init__(self) -> None:
        self.names: list[str] = []
        self.called = asyncio.Event()

    async def __call__(self, names: Sequence[str]) -> int:
        self.names += names
        self.called.set()
        return len(names)


@pytest.fixture(autouse=True)
def fast(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(presence, "_BEAT", 0.02)
    monkeypatch.setattr(presence, "_LIFE", 5.0)


@pytest.fixture
def leases(database: Database) -> LeaseStore:
    return LeaseStore(database)


async def test_two_processes_of_one_place_are_two(leases: LeaseStore) -> None:
    names = {Presence(leases, "host:8080", Freed()).name for _ in range(2)}
    assert len(names) == 2


async def test_a_dead_process_is_found_once_and_a_living_one_is_left_alone(
    leases: LeaseStore,
) -> None:
    freed = Freed()
    of_living = Freed()
    living, dead = Presence(leases, "a", of_living), Presence(leases, "a", freed)
    watching = Presence(leases, "b", freed)
    await leases.acquire(f"process:{dead.name}", dead.name, -1.0)
    beats = [asyncio.create_task(process.run()) for process in (living, watching)]
    async with asyncio.timeout(20):
        while not freed.names + of_living.names or await leases.lapsed("process:"):
            await asyncio.sleep(0.01)
    for beat in beats:
        beat.cancel()
    await asyncio.gather(*beats, return_exceptions=True)
    # Both may have noticed; to free twice is to free once.
    assert {*freed.names, *of_living.names} == {dead.name}


async def test_whoever_leaves_frees_its_own_and_is_not_missed(leases: LeaseStore) -> None:
    freed = Freed()
    process = Presence(leases, "a", freed)
    await process.enter()
    await process.leave()
    assert freed.names == [process.name]
    assert await leases.lapsed("process:") == {}
    assert await leases.acquire(f"process:{process.name}", "another", HOUR)


async def test_after_the_database_was_away_everybody_has_time_to_come_back(
    leases: LeaseStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    freed = Freed()
    process = Presence(leases, "a", freed)
    tries, acquire = 0, leases.acquire

    async def shaky(name: str, holder: str, seconds: float) -> bool:
        nonlocal tries
        tries += 1
        if tries % 3 == 0:
            raise StorageError("away")
        return await acquire(name, holder, seconds)

    monkeypatch.setattr(leases, "acquire", shaky)
    await acquire("process:dead", "dead", -1.0)
    beat = asyncio.create_task(process.run())
    async with asyncio.timeout(20):
        while tries < 9:
            await asyncio.sleep(0.01)
    assert freed.names == []
    monkeypatch.setattr(leases, "acquire", acquire)
    async with asyncio.timeout(20):
        await freed.called.wait()
    beat.cancel()
    await asyncio.gather(beat, return_exceptions=True)
    assert freed.names == ["dead"]


async def test_leaving_while_the_database_is_away_raises_nothing(
    leases: LeaseStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(names: Sequence[str]) -> int:
        raise StorageError("away")

    await Presence(leases, "a", away).leave()
