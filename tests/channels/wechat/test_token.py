"""The stable token: asked for as it is, another one demanded rarely."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from bot.channels.platform.tokens import TokenError
from bot.channels.wechat import StableToken


class Source:
    """The platform: a token that lasts until another one is demanded."""

    def __init__(self) -> None:
        self.token = 1
        self.forced: list[bool] = []
        self.errcode = 0

    async def post(
        self, path: str, query: Mapping[str, str], body: Mapping[str, Any]
    ) -> dict[str, Any]:
        assert path == "/cgi-bin/stable_token"
        assert query == {}
        assert (body["grant_type"], body["appid"], body["secret"]) == (
            "client_credential",
            "wx1",
            "s",
        )
        if self.errcode:
            return {"errcode": self.errcode, "errmsg": "invalid appsecret"}
        self.forced.append(body["force_refresh"])
        self.token += body["force_refresh"]
        return {"access_token": f"T{self.token}", "expires_in": 7200}


class Clock:
    """Moves when a test says so."""

    seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


async def test_a_token_is_asked_for_without_ending_the_old_one() -> None:
    source = Source()
    assert await StableToken("wx1", "s", source).fetch(None) == ("T1", 7200.0)
    assert await StableToken("wx1", "s", source).fetch("another") == ("T1", 7200.0)
    assert source.forced == [False, False]


async def test_another_is_demanded_only_where_the_stale_one_comes_again() -> None:
    source, clock = Source(), Clock()
    token = StableToken("wx1", "s", source, clock)
    assert await token.fetch("T1") == ("T2", 7200.0)
    assert source.forced == [False, True]
    clock.seconds += 59
    assert await token.fetch("T2") == ("T2", 7200.0)
    clock.seconds += 1
    assert await token.fetch("T2") == ("T3", 7200.0)


async def test_at_most_ten_are_demanded_a_day() -> None:
    source, clock = Source(), Clock()
    token = StableToken("wx1", "s", source, clock)
    for _ in range(30):
        await token.fetch(f"T{source.token}")
        clock.seconds += 100
    assert sum(source.forced) == 10
    clock.seconds += 86400
    await token.fetch(f"T{source.token}")
    assert sum(source.forced) == 11


async def test_a_wrong_secret_is_named_by_its_code() -> None:
    source = Source()
    source.errcode = 40125
    with pytest.raises(TokenError) as caught:
        await StableToken("wx1", "s", source).fetch(None)
    assert caught.value.errcode == 40125
