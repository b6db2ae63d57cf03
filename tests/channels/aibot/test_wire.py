"""Each frame gets its own acknowledgement, or an honest word that there was none."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from types import SimpleNamespace

import aiohttp
import pytest
import pytest_asyncio

from bot.channels.aibot.wire import BrokenError, NoAnswerError, NotSentError, Wire
from tests.channels.aibot.socket_platform import SocketPlatform
from tests.channels.aibot.world import text


@pytest_asyncio.fixture
async def world() -> AsyncIterator[SimpleNamespace]:
    """A subscribed connection whose callbacks are collected."""
    async with SocketPlatform() as platform, aiohttp.ClientSession() as session:
        wire = Wire(await session.ws_connect(platform.url))
        heard: list[dict[str, object]] = []

        async def read() -> None:
            async for frame in wire.frames():
                heard.append(frame)

        reading = asyncio.create_task(read())
        login = {"bot_id": "bot", "secret": "secret"}
        assert await wire.call("aibot_subscribe", login, None, 2) == 0
        yield SimpleNamespace(platform=platform, wire=wire, heard=heard)
        await wire.close()
        await reading


async def test_frames_of_one_req_id_get_their_acknowledgements_in_order(
    world: SimpleNamespace,
) -> None:
    world.platform.errcodes["aibot_respond_msg"] = [0, 45009, 0]
    calls = [world.wire.call("aibot_respond_msg", {"n": n}, "req-1", 2) for n in range(3)]
    assert await asyncio.gather(*calls) == [0, 45009, 0]
    assert [frame["body"]["n"] for frame in world.platform.frames] == [0, 1, 2]


async def test_a_frame_holds_command_req_id_and_body(world: SimpleNamespace) -> None:
    await world.wire.call("aibot_send_msg", {"chatid": "王"}, None, 2)
    (frame,) = world.platform.frames
    assert set(frame) == {"cmd", "headers", "body"}
    assert frame["headers"]["req_id"].startswith("aibot_send_msg-")
    assert frame["body"] == {"chatid": "王"}


async def test_callbacks_are_read_beside_acknowledgements(world: SimpleNamespace) -> None:
    await world.platform.call_back(text("房租减免"), "req-1")
    await world.wire.call("aibot_send_msg", {}, None, 2)
    assert [frame["headers"] for frame in world.heard] == [{"req_id": "req-1"}]


async def test_no_acknowledgement(world: SimpleNamespace) -> None:
    world.platform.errcodes["aibot_send_msg"] = [None]
    with pytest.raises(NoAnswerError):
        await world.wire.call("aibot_send_msg", {}, None, 0.1)


async def test_broken_under_the_frame(world: SimpleNamespace) -> None:
    world.platform.errcodes["aibot_send_msg"] = ["break"]
    with pytest.raises(BrokenError):
        await world.wire.call("aibot_send_msg", {}, None, 2)
    with pytest.raises(NotSentError):
        await world.wire.call("aibot_send_msg", {}, None, 2)


async def test_a_closed_connection_sends_nothing(world: SimpleNamespace) -> None:
    await world.wire.close()
    with pytest.raises(NotSentError):
        await world.wire.call("aibot_send_msg", {}, None, 2)
    assert world.platform.frames == []
