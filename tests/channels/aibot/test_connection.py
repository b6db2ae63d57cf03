"""The long connection: answers once, one owner, and no fight over it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from types import SimpleNamespace
from typing import Any

import pytest
import pytest_asyncio
from prometheus_client import CollectorRegistry
from sqlalchemy import text as sql

from bot.channels.aibot.connection import AibotConnection, Pace
from bot.channels.aibot.push import PushOutlet
from bot.channels.aibot.talk import Talk
from bot.errors import OverloadedError, StorageError
from bot.knowledge import Knowledge
from bot.storage.engine import Database
from bot.storage.leases import LeaseStore
from tests.channels.aibot.socket_platform import SocketPlatform, streams
from tests.channels.aibot.world import (
    BOTH,
    callback,
    conversations_with,
    event,
    group,
    sentence,
    text,
    until,
)

FAST = Pace(
    ping=0.1,
    answer=2.0,
    connect=2.0,
    lease=4.0,
    first=0.02,
    longest=0.1,
    refused=0.2,
    replaced=1.0,
    settled=60.0,
)


@asynccontextmanager
async def process(
    world: SimpleNamespace, pace: Pace = FAST, secret: str = "secret", **talk: Any
) -> AsyncIterator[SimpleNamespace]:
    """One process that wants the connection."""
    registry = CollectorRegistry()
    outlet = talk.pop("outlet", None) or PushOutlet(sentence, world.now, patience=1.0)
    conversations = talk.pop("conversations", world.talk)

    async def on_feedback(*judgement: str) -> None:
        world.judged.append(judgement)

    connection = AibotConnection(
        world.platform.url,
        "bot",
        secret,
        Talk(conversations, outlet, sentence, on_feedback, world.now, **talk),
        outlet,
        LeaseStore(world.database),
        sentence,
        registry,
        pace,
    )
    running = asyncio.create_task(connection.run())
    try:
        yield SimpleNamespace(
            outlet=outlet,
            connection=connection,
            running=running,
            ends=lambda how: registry.get_sample_value(
                "wence_aibot_connection_ends_total", {"how": how}
            ),
        )
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


@pytest_asyncio.fixture
async def world(database: Database, knowledge: Knowledge) -> AsyncIterator[SimpleNamespace]:
    """The platform and one process that holds the connection."""
    async with AsyncExitStack() as stack:
        platform = await stack.enter_async_context(SocketPlatform())
        clock = [0.0]
        world = SimpleNamespace(
            platform=platform,
            database=database,
            judged=[],
            clock=clock,
            now=lambda: time.time() + clock[0],
        )
        world.outlet = PushOutlet(sentence, world.now, patience=1.0)
        inner = await stack.enter_async_context(
            conversations_with(world.outlet, database, knowledge)
        )
        world.talk, world.rasa = inner.talk, inner.rasa
        yield world


@asynccontextmanager
async def held(world: SimpleNamespace, **changes: Any) -> AsyncIterator[SimpleNamespace]:
    """A process that holds the connection, sending through the conversations' outlet."""
    async with process(world, outlet=world.outlet, **{"soon": 0.1, **changes}) as one:
        await until(lambda: world.outlet.ready())
        yield one


async def settled(world: SimpleNamespace, *states: str, key: str = "aibot:zhang") -> None:
    found: list[str] = []
    try:
        async with asyncio.timeout(10):
            while True:
                found = [e.state for e in await world.talk.entries(key) if e.part is not None]
                if found == list(states):
                    return
                await asyncio.sleep(0.02)
    except TimeoutError:
        raise AssertionError(f"{found}, not {states}") from None


@BOTH
async def test_a_quick_answer_is_one_frame(world: SimpleNamespace) -> None:
    async with held(world, soon=5.0):
        req_id = await world.platform.call_back(text("房租减免"))
        await settled(world, "sent")
        assert streams(world.platform.frames, req_id) == [(True, "答：房租减免")]
        (frame,) = world.platform.frames
        assert frame["cmd"] == "aibot_respond_msg"
        assert frame["body"]["stream"]["feedback"] == {"id": frame["body"]["stream"]["id"]}


@BOTH
async def test_a_slow_answer_ends_the_stream_that_was_begun(world: SimpleNamespace) -> None:
    async with held(world):
        world.rasa.gate.clear()
        req_id = await world.platform.call_back(text("房租减免"))
        await until(lambda: world.platform.frames)
        assert streams(world.platform.frames, req_id) == [(False, "input.late")]
        world.rasa.gate.set()
        await settled(world, "sent")
        assert streams(world.platform.frames, req_id)[1:] == [(True, "答：房租减免")]
        ids = {frame["body"]["stream"]["id"] for frame in world.platform.frames}
        assert len(ids) == 1


@BOTH
async def test_a_callback_brought_twice_is_answered_once(world: SimpleNamespace) -> None:
    async with held(world):
        world.rasa.gate.clear()
        message = text("房租减免")
        for _ in range(3):
            await world.platform.call_back(message, "req-1")
        await until(lambda: world.platform.frames)
        world.rasa.gate.set()
        await settled(world, "sent")
        await world.platform.call_back(message, "req-2")
        await world.platform.call_back(text("稳岗返还"))
        await settled(world, "sent", "sent")
        assert streams(world.platform.frames, "req-1") == [
            (False, "input.late"),
            (True, "答：房租减免"),
        ]
        assert streams(world.platform.frames, "req-2") == []
        assert len(world.rasa.worked) == 2


@BOTH
async def test_a_late_answer_is_a_message_of_its_own(world: SimpleNamespace) -> None:
    async with held(world, late=0.3):
        world.rasa.gate.clear()
        req_id = await world.platform.call_back(group("@问策 房租减免"))
        await until(lambda: len(world.platform.frames) == 2)
        assert streams(world.platform.frames, req_id)[1] == (True, "aibot.late")
        world.rasa.gate.set()
        await settled(world, "sent", key="aibot:GROUP/zhang")
        (sent,) = world.platform.of("aibot_send_msg")
        assert sent["body"] | {"markdown": None} == {
            "chatid": "GROUP",
            "chat_type": 2,
            "msgtype": "markdown",
            "markdown": None,
        }
        assert sent["body"]["markdown"]["content"] == "答：房租减免"


@BOTH
async def test_after_a_restart_the_answer_still_finds_its_stream(world: SimpleNamespace) -> None:
    """The new process knows the stream from the message's address."""
    async with held(world, soon=5.0):
        world.rasa.gate.clear()
        req_id = await world.platform.call_back(text("房租减免"))
        await until(lambda: world.rasa.asking)
    assert not world.outlet.ready()
    world.outlet._streams._values.clear()
    world.rasa.gate.set()
    await settled(world, "pending")
    async with held(world):
        await settled(world, "sent")
        assert streams(world.platform.frames, req_id) == [(True, "答：房租减免")]


@pytest.mark.parametrize("errcode", [846605, 846608])
async def test_where_the_stream_is_gone_it_is_a_message_of_its_own(
    world: SimpleNamespace, errcode: int
) -> None:
    async with held(world, soon=5.0):
        world.platform.errcodes["aibot_respond_msg"] = [errcode]
        await world.platform.call_back(text("房租减免"))
        await settled(world, "sent")
        (sent,) = world.platform.of("aibot_send_msg")
        assert (sent["body"]["chatid"], sent["body"]["chat_type"]) == ("zhang", 1)


async def test_a_connection_broken_under_a_frame_repeats_it_into_the_stream(
    world: SimpleNamespace,
) -> None:
    async with held(world, soon=5.0) as one:
        world.platform.errcodes["aibot_respond_msg"] = ["break"]
        req_id = await world.platform.call_back(text("房租减免"))
        await settled(world, "sent")
        # Twice the same whole content of one stream: the person sees one answer.
        assert streams(world.platform.frames, req_id) == [(True, "答：房租减免")] * 2
        assert world.platform.of("aibot_send_msg") == []
        assert world.platform.connections == 2
        assert one.ends("dropped") == 1


async def test_the_second_try_of_a_card_is_lines(world: SimpleNamespace) -> None:
    """The first may have arrived, and the platform takes a task_id once."""
    async with held(world, soon=5.0):
        world.rasa.buttons = [{"title": "是的", "payload": "选是"}]
        world.platform.errcodes["aibot_respond_msg"] = ["break"]
        await world.platform.call_back(text("能享受吗"))
        await settled(world, "sent")
        first, second = (frame["body"] for frame in world.platform.frames)
        assert first["msgtype"] == "stream_with_template_card"
        assert second["msgtype"] == "stream"
        assert second["stream"]["content"] == "答：能享受吗\naibot.choice 是的"


async def test_a_repeat_into_a_stream_that_is_over_says_that_it_had_arrived(
    world: SimpleNamespace,
) -> None:
    async with held(world, soon=5.0):
        world.platform.errcodes["aibot_respond_msg"] = [None, 846608]
        await world.platform.call_back(text("房租减免"))
        await settled(world, "sent")
        assert len(world.platform.of("aibot_respond_msg")) == 2
        assert world.platform.of("aibot_send_msg") == []


async def test_an_acknowledgement_that_does_not_come_costs_the_connection(
    world: SimpleNamespace,
) -> None:
    """Were it late, it would be taken for that of the next frame of the same req_id."""
    async with held(world, soon=0.05):
        world.platform.errcodes["aibot_respond_msg"] = [None]
        world.rasa.gate.clear()
        req_id = await world.platform.call_back(text("房租减免"))
        await until(lambda: world.platform.connections == 2)
        world.rasa.gate.set()
        await settled(world, "sent")
        assert streams(world.platform.frames, req_id) == [
            (False, "input.late"),
            (True, "答：房租减免"),
        ]


async def test_busy_and_refused(world: SimpleNamespace) -> None:
    async with held(world, soon=5.0):
        world.platform.errcodes["aibot_respond_msg"] = [-1]
        await world.platform.call_back(text("房租减免"))
        await settled(world, "sent")
        world.platform.errcodes["aibot_respond_msg"] = [40058]
        await world.platform.call_back(text("稳岗返还"))
        await settled(world, "sent", "parked")


async def test_not_subscribed_means_connecting_again(world: SimpleNamespace) -> None:
    async with held(world, soon=5.0):
        world.platform.errcodes["aibot_respond_msg"] = [846609]
        await world.platform.call_back(text("房租减免"))
        await settled(world, "sent")
        assert world.platform.connections == 2


async def test_choices_pressed_update_the_card_and_are_answered(world: SimpleNamespace) -> None:
    async with held(world, soon=5.0):
        world.rasa.buttons = [{"title": "是", "payload": "选是"}]
        await world.platform.call_back(text("能享受吗"))
        await settled(world, "sent")
        card = world.platform.frames[0]["body"]["template_card"]
        world.rasa.buttons = []
        pressed = {"event_key": card["button_list"][0]["key"], "task_id": card["task_id"]}
        req_id = await world.platform.call_back(event("template_card_event", pressed))
        await settled(world, "sent", "sent")
        (updated,) = world.platform.of("aibot_respond_update_msg")
        assert updated["headers"]["req_id"] == req_id
        assert updated["body"]["template_card"]["task_id"] == card["task_id"]
        (sent,) = world.platform.of("aibot_send_msg")
        assert sent["body"]["markdown"]["content"] == "答：选是"


async def test_who_enters_is_welcomed(world: SimpleNamespace) -> None:
    async with held(world):
        req_id = await world.platform.call_back(event("enter_chat"))
        await until(lambda: world.platform.frames)
        (frame,) = world.platform.frames
        assert (frame["cmd"], frame["headers"]["req_id"]) == ("aibot_respond_welcome_msg", req_id)
        assert frame["body"] == {"msgtype": "text", "text": {"content": "input.enter"}}


async def test_feedback_is_passed_on(world: SimpleNamespace) -> None:
    async with held(world):
        await world.platform.call_back(event("feedback_event", {"id": "turn-1", "type": 1}))
        await until(lambda: world.judged)
        assert world.judged == [("aibot:zhang", "turn-1", "up", "")]


@pytest.mark.parametrize(
    ("fault", "said"),
    [(OverloadedError("x"), "input.overloaded"), (StorageError("x"), "input.not_taken")],
)
async def test_what_was_not_taken_is_said(
    world: SimpleNamespace, monkeypatch: pytest.MonkeyPatch, fault: Exception, said: str
) -> None:
    async def accept(message: Any) -> None:
        raise fault

    monkeypatch.setattr(world.talk, "accept", accept)
    async with held(world):
        req_id = await world.platform.call_back(text("房租减免"))
        await until(lambda: world.platform.frames)
        assert streams(world.platform.frames, req_id) == [(True, said)]


@pytest.mark.parametrize(
    "data",
    [
        "",
        "{",
        "[]",
        "5",
        "{}",
        '{"cmd":5}',
        '{"cmd":"aibot_msg_callback"}',
        '{"cmd":"aibot_msg_callback","headers":[],"body":{"msgtype":"text"}}',
        '{"headers":{"req_id":[]},"errcode":0}',
        '{"headers":{"req_id":"x"},"errcode":"0"}',
        "[" * 20_000,
    ],
)
async def test_rubbish_on_the_wire_is_survived(world: SimpleNamespace, data: str) -> None:
    async with held(world, soon=5.0):
        await world.platform.send_raw(data)
        req_id = await world.platform.call_back(text("房租减免"))
        await settled(world, "sent")
        assert streams(world.platform.frames, req_id) == [(True, "答：房租减免")]
        assert world.platform.connections == 1


async def test_heartbeats_go_out_and_a_deaf_connection_is_left(world: SimpleNamespace) -> None:
    async with held(world) as one:
        await until(lambda: world.platform.pings >= 3)
        assert world.platform.connections == 1
        world.platform.deaf = True
        await until(lambda: one.ends("silent"))
        world.platform.deaf = False
        await until(lambda: world.outlet.ready() and world.platform.connections >= 2)


@BOTH
async def test_a_dropped_connection_comes_back_with_nothing_lost(world: SimpleNamespace) -> None:
    async with held(world, soon=5.0):
        for number in range(5):
            await until(lambda: world.outlet.ready() and world.platform.connected)
            await world.platform.call_back(text(f"第{number}问 补贴"))
            await until(lambda number=number: world.rasa.asked > number)
            await world.platform.drop()
        await settled(world, *["sent"] * 5)
        said = [frame["body"]["stream"]["content"] for frame in world.platform.frames]
        assert list(dict.fromkeys(said)) == [f"答：第{n}问 补贴" for n in range(5)]


async def test_an_unreachable_platform_is_tried_with_growing_pauses(
    world: SimpleNamespace,
) -> None:
    world.platform.away = True
    async with process(world, outlet=world.outlet) as one:
        await until(lambda: (one.ends("unreachable") or 0) >= 3)
        assert not world.outlet.ready()
        world.platform.away = False
        await until(lambda: world.outlet.ready())


def test_pauses_grow_to_a_bound() -> None:
    outlet = PushOutlet(sentence)
    talk: Any = None
    leases: Any = None
    connection = AibotConnection(
        "ws://x.example", "b", "s", talk, outlet, leases, sentence, CollectorRegistry(), Pace()
    )
    pauses = [connection._pause("dropped", n) for n in range(1, 12)]
    assert 0.5 <= pauses[0] <= 1.0
    assert all(30.0 <= pause <= 60.0 for pause in pauses[6:])
    assert 120.0 <= connection._pause("refused", 1) <= 144.0
    replaced = [connection._pause("replaced", 1) for _ in range(6)]
    assert 300.0 <= replaced[0] <= 360.0
    assert 600.0 <= replaced[1] <= 720.0
    assert 3600.0 <= replaced[5] <= 4320.0


async def test_a_wrong_secret_is_reported_and_not_hammered(world: SimpleNamespace) -> None:
    async with process(world, secret="wrong") as one:
        await until(lambda: one.ends("refused"))
        assert one.connection.fault() == "aibot.refused 40001"
        assert not one.outlet.ready()
        world.platform.secret = "wrong"
        await until(lambda: one.outlet.ready())
        assert one.connection.fault() is None


async def test_no_redirect_is_followed_with_the_secret(world: SimpleNamespace) -> None:
    async with SocketPlatform() as elsewhere:
        world.platform.redirect = elsewhere.url.replace("ws:", "http:")
        async with process(world) as one:
            await until(lambda: one.ends("unreachable"))
        assert elsewhere.connections == 0


async def test_who_is_replaced_does_not_fight(world: SimpleNamespace) -> None:
    async with held(world) as one:
        await world.platform.kick()
        await until(lambda: one.ends("replaced"))
        assert not world.outlet.ready()
        assert one.connection.fault() == "aibot.replaced"
        began = time.monotonic()
        await until(lambda: world.platform.connections == 2)
        assert time.monotonic() - began > 0.9 * FAST.replaced


@BOTH
async def test_one_of_many_processes_holds_the_connection(world: SimpleNamespace) -> None:
    async with AsyncExitStack() as stack:
        many = [await stack.enter_async_context(process(world)) for _ in range(3)]
        await until(lambda: any(one.outlet.ready() for one in many))
        await until(lambda: world.platform.pings >= 5)
        assert sum(one.outlet.ready() for one in many) == 1
        assert world.platform.connections == 1
        holder = next(one for one in many if one.outlet.ready())
        holder.running.cancel()
        await asyncio.gather(holder.running, return_exceptions=True)
        rest = [one for one in many if one is not holder]
        await until(lambda: any(one.outlet.ready() for one in rest))
        assert world.platform.connections == 2
        assert sum(one.outlet.ready() for one in many) == 1


@BOTH
async def test_who_loses_the_lease_lets_go(world: SimpleNamespace) -> None:
    async with held(world):
        leases = LeaseStore(world.database)
        await leases.release("aibot", (await _holder(world)))
        assert await leases.acquire("aibot", "another", 30)
        await until(lambda: not world.outlet.ready())
        assert not world.platform.connected or world.platform.connections == 1


async def _holder(world: SimpleNamespace) -> str:
    async with world.database.session() as session:
        return str(await session.scalar(sql("SELECT holder FROM leases WHERE name = 'aibot'")))


async def test_unknown_kinds_get_their_sentence_and_unknown_events_nothing(
    world: SimpleNamespace,
) -> None:
    async with held(world, soon=5.0):
        await world.platform.call_back(event("new_event"))
        req_id = await world.platform.call_back(callback("image", image={"url": "https://x"}))
        await settled(world, "sent")
        ((finished, said),) = streams(world.platform.frames, req_id)
        assert finished
        assert len(said) > 8
