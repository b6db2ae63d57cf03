"""The chat over a WebSocket: resume, order, bounds, strangers."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from typing import Any

import pytest
from aiohttp import ClientWebSocketResponse, WSMsgType, WSServerHandshakeError

from bot.conversations.message import Inbound
from bot.errors import OverloadedError
from tests.channels.web.conftest import Web
from tests.channels.web.fakes import reply

ID = "3f6c2a1e-0000-4000-8000-00000000000%d"


async def until(socket: ClientWebSocketResponse, kind: str) -> dict[str, Any]:
    """The next frame of that kind; others before it are passed over."""
    while True:
        frame = await socket.receive_json(timeout=5)
        if frame["type"] == kind:
            return dict(frame)


async def entries(socket: ClientWebSocketResponse, count: int) -> list[dict[str, Any]]:
    return [(await until(socket, "entry"))["entry"] for _ in range(count)]


async def closed(socket: ClientWebSocketResponse) -> int | None:
    while (await socket.receive(timeout=5)).type is WSMsgType.TEXT:
        pass
    return socket.close_code


def say(number: int, text: str) -> dict[str, str]:
    return {"type": "say", "id": ID % number, "text": text}


async def test_a_message_is_taken_and_answered(site: Web) -> None:
    socket = await site.greeted(await site.token())
    await socket.send_json(say(1, "房租"))
    assert (await until(socket, "taken"))["position"] == 1
    got = await entries(socket, 2)
    assert [(one["position"], one["author"]) for one in got] == [(1, "person"), (2, "bot")]
    assert got[0]["message_id"] == ID % 1


async def test_a_lost_connection_goes_on_where_it_stopped(site: Web) -> None:
    token = await site.token()
    socket = await site.greeted(token)
    await socket.send_json(say(1, "一"))
    await entries(socket, 2)
    await socket.close()
    site.talks.add(site.key(token), "王晓", "", reply("您好"))
    again = await site.greeted(token, after=2)
    await again.send_json(say(1, "一"))  # not sure whether it had been taken
    await again.send_json(say(2, "二"))
    got = await entries(again, 3)
    assert [one["position"] for one in got] == [3, 4, 5]
    assert [one["author"] for one in got] == ["王晓", "person", "bot"]


async def test_a_new_page_gets_the_whole_history_in_order(site: Web) -> None:
    token = await site.token()
    for number in range(450):
        site.talks.add(site.key(token), "bot", "", reply(str(number)))
    socket = await site.greeted(token)
    got = await entries(socket, 450)
    assert [one["position"] for one in got] == list(range(1, 451))


async def test_every_socket_of_a_visitor_sees_everything_once(site: Web) -> None:
    token = await site.token()
    sockets = [await site.greeted(token) for _ in range(3)]
    await sockets[0].send_json(say(1, "一"))
    for socket in sockets:
        assert [one["position"] for one in await entries(socket, 2)] == [1, 2]


async def test_a_forgotten_conversation_starts_anew(site: Web) -> None:
    async def forget(message: Inbound) -> Sequence[dict[str, Any]]:
        return [reply("都删除了", forget=True)]

    token = await site.token()
    socket = await site.greeted(token)
    await socket.send_json(say(1, "一"))
    await entries(socket, 2)
    site.talks.answer = forget
    await socket.send_json(say(2, "忘记我的信息"))
    await until(socket, "reset")
    (last,) = await entries(socket, 1)
    assert last["reply"]["custom"]["forget"] is True


async def test_who_serves_is_told_at_once(site: Web) -> None:
    token = await site.token()
    site.talks.add(site.key(token), "person", "人工")
    socket = await site.greeted(token)
    await entries(socket, 1)
    site.talks.standing[site.key(token)].holder = "王晓"
    site.talks.wake(site.key(token))
    assert (await until(socket, "ready"))["state"]["holder"] == "王晓"


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "", None])
async def test_other_sites_may_not_connect(site: Web, origin: str | None) -> None:
    with pytest.raises(WSServerHandshakeError) as caught:
        await site.open(origin)
    assert caught.value.status == 403


async def test_a_plain_request_is_no_socket(site: Web) -> None:
    own = str(site.client.make_url("/")).rstrip("/")
    answer = await site.client.get("/chat/api/ws", headers={"Origin": own})
    assert answer.status == 400


@pytest.mark.parametrize(
    ("first", "code"),
    [
        ({"type": "hello", "token": "forged"}, 4401),
        ({"type": "say", "id": ID % 1, "text": "a"}, 4400),
        ({"type": "hello"}, 4400),
        ({"type": "hello", "token": "x", "after": -1}, 4400),
        ([], 4400),
    ],
)
async def test_strangers_are_told_goodbye(site: Web, first: Any, code: int) -> None:
    socket = await site.open()
    await socket.send_json(first)
    assert await closed(socket) == code
    assert site.talks.lines == {}


@pytest.mark.parametrize(
    "data",
    ["nonsense", "[]", "null", '{"type":"shout"}', '{"type":"say"}', "[" * 30000, '{"type":1}'],
)
async def test_bad_frames_are_refused_and_the_socket_lives_on(site: Web, data: str) -> None:
    socket = await site.greeted(await site.token())
    await socket.send_str(data)
    assert (await until(socket, "error"))["code"] == "bad_frame"
    await socket.send_json(say(1, "还在吗"))
    assert (await until(socket, "taken"))["id"] == ID % 1


async def test_frames_are_bounded(site: Web) -> None:
    socket = await site.greeted(await site.token())
    await socket.send_str(json.dumps({"type": "typing", "more": "a" * 40_000}))
    assert await closed(socket) == 1009


async def test_bytes_are_not_spoken_here(site: Web) -> None:
    socket = await site.greeted(await site.token())
    await socket.send_bytes(b"\x00")
    assert await closed(socket) == 4400


async def test_errors_name_the_message_they_are_about(site: Web) -> None:
    socket = await site.greeted(await site.token())
    site.talks.refuse = OverloadedError("前面的消息还在处理")
    await socket.send_json(say(1, "一"))
    error = await until(socket, "error")
    assert (error["code"], error["id"]) == ("too_many", ID % 1)
    site.talks.refuse = None
    await socket.send_json(say(1, "一"))
    await until(socket, "taken")
    await socket.send_json(say(1, "二"))
    assert (await until(socket, "error"))["code"] == "conflict"


async def test_a_visitor_has_only_so_many_sockets(site: Web) -> None:
    token = await site.token()
    sockets = [await site.greeted(token) for _ in range(8)]
    extra = await site.open()
    await extra.send_json({"type": "hello", "token": token})
    assert await closed(extra) == 4429
    await sockets[0].close()
    while site.talks.watchers(site.key(token)) > 7:
        await asyncio.sleep(0.01)
    await site.greeted(token)


async def test_feedback_and_typing_over_the_socket(site: Web) -> None:
    token = await site.token()
    socket = await site.greeted(token)
    await socket.send_json({"type": "typing"})
    await socket.send_json({"type": "feedback", "position": 2, "value": "up"})
    await socket.send_json(say(1, "一"))
    await until(socket, "taken")
    assert site.ratings.kept == [(site.key(token), 2, "up", "")]


async def test_nothing_watches_a_conversation_after_its_socket_is_gone(site: Web) -> None:
    token = await site.token()
    socket = await site.greeted(token)
    assert site.talks.watchers(site.key(token)) == 1
    await socket.close()
    while site.talks.watchers(site.key(token)):
        await asyncio.sleep(0.01)


async def test_a_stopping_service_says_that_it_comes_back(site: Web) -> None:
    socket = await site.greeted(await site.token())
    poll = asyncio.create_task(site.get("/chat/api/messages?wait=25", await site.token()))
    await asyncio.sleep(0)
    await site.client.server.app.shutdown()
    assert await closed(socket) == 1012
    assert (await asyncio.wait_for(poll, 5))[0] == 200
