"""bot.storage.tokens on both databases."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from bot.storage.engine import Database
from bot.storage.tokens import TokenStore


@pytest.fixture
def tokens(database: Database) -> TokenStore:
    return TokenStore(database)


async def test_a_token_is_kept_with_its_time(tokens: TokenStore) -> None:
    assert await tokens.get("wecom") is None
    await tokens.put("wecom", "T-1", 7200)
    found = await tokens.get("wecom")
    assert found is not None and found.value == "T-1"
    assert found.lifetime == pytest.approx(7200, abs=1)
    assert 7100 < found.left <= 7200
    assert await tokens.get("wechat") is None


async def test_the_newer_takes_the_place_of_the_older(tokens: TokenStore) -> None:
    await tokens.put("wecom", "T-1", 7200)
    await tokens.put("wecom", "T-2", 60)
    found = await tokens.get("wecom")
    assert found is not None and found.value == "T-2" and found.left <= 60


async def test_one_that_ran_out_is_told_as_such(tokens: TokenStore, database: Database) -> None:
    await tokens.put("wecom", "T-1", 7200)
    async with database.begin() as session:
        past = "'2020-01-01T00:00:00.000000+00:00'"
        await session.execute(text(f"UPDATE tokens SET expires_at = {past}"))
    found = await tokens.get("wecom")
    assert found is not None and found.left < 0


async def test_a_token_does_not_show(tokens: TokenStore) -> None:
    await tokens.put("wecom", "T-secret", 7200)
    assert "T-secret" not in repr(await tokens.get("wecom"))


async def test_a_name_is_needed(tokens: TokenStore) -> None:
    with pytest.raises(ValueError):
        await tokens.put("", "T-1", 7200)
