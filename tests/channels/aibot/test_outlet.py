"""The reply address takes one message; how a post can end."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import Any

import pytest
import pytest_asyncio
from aiohttp import web

from bot.channels.aibot.outlet import CallbackOutlet
from bot.channels.platform.transport import Transport
from bot.conversations.outlet import SendLaterError, SendUnknownError, WaitForPersonError
from tests.channels.aibot.world import Platform, sentence
from tests.channels.fakes import delivery

NOW = 1_700_000_000.0


@pytest_asyncio.fixture
async def world() -> AsyncIterator[SimpleNamespace]:
    async with (
        Platform() as platform,
        Transport(platform.base, connect_seconds=0.5, total_seconds=0.5) as transport,
    ):
        outlet = CallbackOutlet(transport, platform.base, sentence, lambda: NOW)
        yield SimpleNamespace(platform=platform, outlet=outlet)


def part_to(url: str | None, **changes: Any) -> Any:
    address: dict[str, Any] = {"chattype": "single", "userid": "zhang", "at": NOW - 60}
    if url is not None:
        address["response_url"] = url
    return delivery({"content": "答案"}, address=address, turn_id="turn-1", **changes)


def answering(response: web.Response) -> Any:
    async def answer(_: web.Request) -> web.Response:
        return response

    return answer


async def test_a_post(world: SimpleNamespace) -> None:
    await world.outlet.send(part_to(world.platform.reply_address()))
    assert world.platform.received == [
        {"msgtype": "markdown", "markdown": {"content": "答案", "feedback": {"id": "turn-1"}}}
    ]


async def test_a_used_address_waits_for_the_person(world: SimpleNamespace) -> None:
    url = world.platform.reply_address()
    await world.outlet.send(part_to(url))
    with pytest.raises(WaitForPersonError, match="errcode_60140"):
        await world.outlet.send(part_to(url))
    assert len(world.platform.received) == 1


async def test_no_address_or_an_old_one_waits_for_the_person(world: SimpleNamespace) -> None:
    with pytest.raises(WaitForPersonError, match="no_response_url"):
        await world.outlet.send(part_to(None))
    old = part_to(world.platform.reply_address())
    old.address["at"] = NOW - 3600
    with pytest.raises(WaitForPersonError, match="too_old"):
        await world.outlet.send(old)
    assert world.platform.received == []


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/cgi-bin/aibot/response?response_code=x",
        "http://127.0.0.1:1/cgi-bin/aibot/response",
        "file:///etc/passwd",
        "http://[",
        "x",
    ],
)
async def test_addresses_elsewhere_are_not_called(world: SimpleNamespace, url: str) -> None:
    with pytest.raises(WaitForPersonError, match="elsewhere"):
        await world.outlet.send(part_to(url))


async def test_credentials_in_an_address_are_elsewhere(world: SimpleNamespace) -> None:
    url = world.platform.reply_address().replace("http://", "http://user:pass@")
    with pytest.raises(WaitForPersonError, match="elsewhere"):
        await world.outlet.send(part_to(url))


@pytest.mark.parametrize("errcode", [-1, 45009, 45033])
async def test_a_busy_platform_is_tried_later(world: SimpleNamespace, errcode: int) -> None:
    world.platform.answers.append(answering(web.json_response({"errcode": errcode})))
    with pytest.raises(SendLaterError, match=f"errcode_{errcode}"):
        await world.outlet.send(part_to(world.platform.reply_address()))


async def test_a_client_error_waits_for_the_person(world: SimpleNamespace) -> None:
    world.platform.answers.append(answering(web.Response(status=404)))
    with pytest.raises(WaitForPersonError, match="http_404"):
        await world.outlet.send(part_to(world.platform.reply_address()))


@pytest.mark.parametrize("kind", ["error", "rubbish", "list", "broken", "slow"])
async def test_an_unknown_outcome_is_settled_by_the_address(
    world: SimpleNamespace, kind: str
) -> None:
    """The address takes one message, so a refusal at the second try says: it had arrived."""

    async def answer(request: web.Request) -> web.Response:
        if kind == "slow":
            await asyncio.sleep(1)
        if kind == "broken":
            assert request.transport is not None
            request.transport.close()
        if kind == "error":
            return web.Response(status=500)
        return web.json_response([]) if kind == "list" else web.Response(text="<html>")

    world.platform.answers.append(answer)
    sent = part_to(world.platform.reply_address())
    with pytest.raises(SendUnknownError):
        await world.outlet.send(sent)
    await world.outlet.send(sent)
    assert len(world.platform.received) == 1


async def test_no_connection_is_tried_later() -> None:
    base = "http://127.0.0.1:9"  # discard: nobody listens
    async with Transport(base) as transport:
        outlet = CallbackOutlet(transport, base, sentence, lambda: NOW)
        with pytest.raises(SendLaterError):
            await outlet.send(part_to(f"{base}/cgi-bin/aibot/response?response_code=x"))


async def test_secrets_of_the_address_stay_out_of_reasons(world: SimpleNamespace) -> None:
    world.platform.answers.append(answering(web.Response(status=500)))
    url = world.platform.reply_address()
    with pytest.raises(SendUnknownError) as caught:
        await world.outlet.send(part_to(url))
    assert caught.value.reason == "http_500"
    assert caught.value.__cause__ is None
