"""A message comes in once, and its answer goes out once: in the response, or after it."""

from __future__ import annotations

import asyncio
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web

from bot.channels.wechat import Patience
from bot.channels.wechat.exchange import Exchange
from bot.errors import OverloadedError, StorageError
from bot.knowledge import Knowledge
from bot.storage.engine import Database
from tests.channels.wechat.platform import CLOCK, message
from tests.channels.wechat.world import SENTENCES, World, opened

LONG = "房租减免的政策有哪些，请逐条说明。" * 130  # an answer of four parts


@pytest.mark.parametrize("mode", ["plain", "compatible", "safe"])
async def test_an_answer_in_time_is_carried_by_the_response(
    database: Database, knowledge: Knowledge, tmp_path: Path, mode: str
) -> None:
    async with opened(database, knowledge, tmp_path, mode) as world:
        assert await world.says("房租减免]]>&<有哪些") == "答：房租减免]]>&<有哪些"
        await world.until("sent")
        assert world.api.asked == 0


async def test_an_answer_that_is_late_follows_actively(hasty: World) -> None:
    hasty.rasa.gate.clear()
    assert await hasty.says("房租减免") is None
    hasty.rasa.gate.set()
    assert await hasty.api.words(1) == ["答：房租减免"]
    await hasty.until("sent")


async def test_what_a_response_cannot_hold_follows_in_order(
    database: Database, knowledge: Knowledge, tmp_path: Path
) -> None:
    async with opened(database, knowledge, tmp_path, hold=1.5) as world:
        first = await world.says(LONG)
        assert first is not None
        rest = await world.api.words(3)
        await world.until("sent", number=4)
        assert "".join([first, *rest]) == f"答：{LONG}"


async def test_a_repeat_is_acknowledged_and_not_worked(world: World) -> None:
    fields = message(Content="房租减免")
    assert await world.platform.deliver(world.session, fields) == "答：房租减免"
    for _ in range(2):
        assert await world.platform.deliver(world.session, fields) is None
    assert len(world.rasa.worked) == 1
    await world.until("sent")
    assert len(await world.states()) == 1


async def test_repeats_at_the_same_time_are_answered_once(world: World) -> None:
    fields = message(Content="房租减免")
    deliveries = [world.platform.deliver(world.session, fields) for _ in range(8)]
    answers = await asyncio.gather(*deliveries)
    assert sorted(answer or "" for answer in answers) == [""] * 7 + ["答：房租减免"]
    assert len(world.rasa.worked) == 1


async def test_an_id_with_other_words_is_no_news(world: World) -> None:
    fields = message(Content="房租减免")
    await world.platform.deliver(world.session, fields)
    assert await world.platform.deliver(world.session, fields | {"Content": "别的"}) is None
    assert len(world.rasa.worked) == 1


async def test_ten_people_at_once_each_get_their_own_answer(world: World) -> None:
    people = [f"o-{number}" for number in range(10)]
    answers = await asyncio.gather(*(world.says(f"问{who}政策", who) for who in people))
    assert answers == [f"答：问{who}政策" for who in people]


async def test_who_hangs_up_gets_the_answer_actively(hasty: World) -> None:
    hasty.rasa.gate.clear()
    query, body = hasty.platform.request(message(Content="房租减免"))
    with pytest.raises(TimeoutError):
        await hasty.session.post(
            hasty.platform.url, params=query, data=body, timeout=aiohttp.ClientTimeout(total=0.2)
        )
    hasty.rasa.gate.set()
    assert await hasty.api.words(1) == ["答：房租减免"]
    await hasty.until("sent")


@pytest.mark.parametrize("where", ["prepare", "write_eof"])
async def test_a_connection_that_breaks_while_the_answer_is_written(
    world: World, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    async def hang_up(*_: object) -> None:
        raise ConnectionResetError

    say = Exchange.say

    def say_brokenly(self: Exchange, text: str) -> web.Response:
        response = say(self, text)
        monkeypatch.setattr(response, where, hang_up)
        return response

    monkeypatch.setattr(Exchange, "say", say_brokenly)
    with pytest.raises(aiohttp.ClientError):
        await world.says("房租减免")
    assert await world.api.words(1) == ["答：房租减免"]
    await world.until("sent")


async def test_too_late_to_be_read_is_not_carried(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Exchange, "late", property(lambda _: True))
    assert await world.says("房租减免") is None
    assert await world.states() == ["pending"]


async def test_storing_that_takes_too_long_is_tried_again(
    database: Database, knowledge: Knowledge, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def stuck(_: object) -> None:
        await asyncio.sleep(60)

    patience = Patience(answer=0.1, latest=0.1, silence=0.2)
    async with opened(database, knowledge, tmp_path, patience=patience) as world:
        monkeypatch.setattr(world.talk, "accept", stuck)
        with pytest.raises(aiohttp.ServerDisconnectedError):
            await world.says("房租减免")


async def test_what_cannot_be_stored_is_delivered_again_and_in_the_end_admitted(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(_: object) -> None:
        raise StorageError("away")

    fields = message(Content="房租减免")
    with monkeypatch.context() as patched:
        patched.setattr(world.talk, "accept", away)
        for _ in range(2):
            with pytest.raises(aiohttp.ServerDisconnectedError):
                await world.platform.deliver(world.session, fields)
        said = await world.platform.deliver(world.session, fields)
    assert said == SENTENCES["input.not_taken"]
    assert await world.platform.deliver(world.session, fields) == "答：房租减免"


async def test_a_second_delivery_that_can_be_stored_is_answered(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(_: object) -> None:
        raise StorageError("away")

    fields = message(Content="房租减免")
    with monkeypatch.context() as patched:
        patched.setattr(world.talk, "accept", away)
        with pytest.raises(aiohttp.ServerDisconnectedError):
            await world.platform.deliver(world.session, fields)
    assert await world.platform.deliver(world.session, fields) == "答：房租减免"


@pytest.mark.parametrize(
    ("fault", "key"),
    [
        (OverloadedError("full"), "input.overloaded"),
        (RuntimeError("a bug"), "input.not_taken"),
    ],
)
async def test_whatever_goes_wrong_inside_is_said_in_words(
    world: World, monkeypatch: pytest.MonkeyPatch, fault: Exception, key: str
) -> None:
    async def fail(_: object) -> None:
        raise fault

    monkeypatch.setattr(world.talk, "accept", fail)
    assert await world.says("房租减免") == SENTENCES[key]


async def test_a_fault_after_the_message_was_stored_loses_nothing(
    hasty: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*_: object) -> None:
        raise StorageError("away")

    monkeypatch.setattr(hasty.talk, "answered", fail)
    assert await hasty.says("房租减免") is None
    assert await hasty.api.words(1) == ["答：房租减免"]


async def test_a_delivery_that_cannot_be_recorded_still_goes_out_once(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*_: object) -> None:
        raise StorageError("away")

    monkeypatch.setattr(world.talk._outbox, "sent", fail)
    assert await world.says("房租减免") == "答：房租减免"


async def test_more_than_a_conversation_holds_is_refused_in_words(hasty: World) -> None:
    hasty.rasa.gate.clear()
    answers = await asyncio.gather(*(hasty.says(f"第{n}问政策") for n in range(12)))
    assert answers.count(SENTENCES["input.overloaded"]) == 3
    hasty.rasa.gate.set()


async def test_an_old_request_is_refused_unless_its_message_is_known(world: World) -> None:
    fields = message(Content="房租减免")
    assert await world.platform.deliver(world.session, fields) == "答：房租减免"
    old = CLOCK - 3600
    assert await world.platform.deliver(world.session, fields, old) is None
    query, body = world.platform.request(message(Content="另一问"), old)
    async with world.session.post(world.platform.url, params=query, data=body) as response:
        assert response.status == 403
    assert len(world.rasa.worked) == 1


async def test_a_clock_that_is_off_does_not_cost_people_their_answers(world: World) -> None:
    ahead = CLOCK + 3600
    async with asyncio.timeout(20):
        for number in range(3):
            query, body = world.platform.request(message(Content=f"问{number}"), ahead + number)
            await (await world.session.post(world.platform.url, params=query, data=body)).read()
    fields = message(Content="房租减免")
    assert await world.platform.deliver(world.session, fields, ahead + 9) == "答：房租减免"
    assert "时钟" in (world.channel.fault() or "")
