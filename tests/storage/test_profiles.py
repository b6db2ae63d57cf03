"""bot.storage.profiles on both databases."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bot.storage.engine import Database
from bot.storage.profiles import ProfileStore

NOW = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)
FACTS = {"revenue": 32_000_000, "layoff_rate": 0.015, "city": "taiyuan", "exporter": False}


@pytest.fixture
def store(database: Database) -> ProfileStore:
    return ProfileStore(database)


async def test_what_was_told_is_kept(store: ProfileStore) -> None:
    assert await store.get("rest:ann") == {}
    await store.put("rest:ann", FACTS, NOW)
    assert await store.get("rest:ann") == FACTS
    assert await store.get("rest:bob") == {}


async def test_what_is_put_replaces_what_was_kept(store: ProfileStore) -> None:
    await store.put("rest:ann", FACTS, NOW)
    await store.put("rest:ann", {"city": "datong"}, NOW)
    assert await store.get("rest:ann") == {"city": "datong"}


async def test_a_firm_is_forgotten(store: ProfileStore) -> None:
    await store.put("rest:ann", FACTS, NOW)
    await store.put("rest:bob", FACTS, NOW)
    assert await store.delete("rest:ann") is True
    assert await store.delete("rest:ann") is False
    assert await store.get("rest:ann") == {}
    assert await store.get("rest:bob") == FACTS


async def test_an_empty_profile_is_none(store: ProfileStore) -> None:
    await store.put("rest:ann", FACTS, NOW)
    await store.put("rest:ann", {}, NOW)
    assert await store.delete("rest:ann") is False


@pytest.mark.parametrize(("owner", "facts"), [("", {"a": 1}), ("rest:ann", {"a": float("nan")})])
async def test_what_cannot_be_kept_is_refused(
    store: ProfileStore, owner: str, facts: dict[str, object]
) -> None:
    with pytest.raises(ValueError):
        await store.put(owner, facts, NOW)
    assert await store.get("rest:ann") == {}
