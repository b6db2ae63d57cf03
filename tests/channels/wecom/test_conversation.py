"""From callback to delivered answer, over the real inbox and outbox, on both databases."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import pytest_asyncio
from aiohttp import ClientSession, ClientTimeout, web
from prometheus_client import CollectorRegistry

from bot.api.http import error_middleware
from bot.api.server import Runner
from bot.channels.wecom import WecomChannel, WecomOutlet
from bot.conversations import Conversations, RasaClient
from bot.knowledge import Knowledge
from bot.settings import project_root
from bot.storage.engine import Database
from bot.storage.outbox import OutboxStore
from tests.channels.wecom.conftest import NOW, wecom_settings
from tests.channels.wecom.platform import Api, Caller, fields, recording
from tests.channels.wecom.words import sentence
from tests.support.fake_rasa import FakeRasa

UNTRUSTED = {"errcode": 60020, "errmsg": "not allow to access from your ip, from ip: 203.0.113.9"}


@pytest.fixture(scope="module")
def knowledge() -> Knowledge:
    return Knowledge(project_root() / "policies_kb")


@pytest_asyncio.fixture
async def world(
    tmp_path: Path,
    database: Database,
    knowledge: Knowledge,
    api: Api,
    outlet: WecomOutlet,
    clock: SimpleNamespace,
) -> AsyncIterator[SimpleNamespace]:
    registry, day = CollectorRegistry(), date(2026, 11, 21)
    async with FakeRasa() as rasa, RasaClient([rasa.url], None, timeout=5.0) as client:
        talk = Conversations(
            database, client, knowledge, lambda: day, registry, outlets={"wecom": outlet}
        )
        channel = WecomChannel(
            talk, wecom_settings(tmp_path), outlet, sentence, registry, clock=lambda: clock.now
        )
        app = web.Application(middlewares=[error_middleware])
        app.router.add_routes(channel.routes())
        runner = Runner(app, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        await talk.start()
        url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        async with ClientSession(url, timeout=ClientTimeout(total=10)) as session:
            yield SimpleNamespace(
                api=api,
                rasa=rasa,
                talk=talk,
                outlet=outlet,
                outbox=OutboxStore(database, "test"),
                caller=Caller(session, NOW),
            )
        await talk.close()
        await runner.cleanup()


async def until(condition: Callable[[], Any]) -> None:
    async with asyncio.timeout(10):
        while not condition():
            await asyncio.sleep(0.01)


def texts(api: Api) -> list[str]:
    return [body["text"]["content"] for body in api.sent if body["msgtype"] == "text"]


async def test_an_answer_is_sent_once_however_often_the_message_comes(
    world: SimpleNamespace,
) -> None:
    responses = await asyncio.gather(*(world.caller.post(fields()) for _ in range(3)))
    assert [await world.caller.reply(response) for response in responses] == [None] * 3
    await until(lambda: world.api.sent)
    assert await world.caller.reply(await world.caller.post(fields())) is None
    await world.caller.post(fields(MsgId="2", Content="房租减免"))
    await until(lambda: len(world.api.sent) == 2)
    assert texts(world.api) == ["答：扩岗补助", "答：房租减免"]
    assert len(world.rasa.worked) == 2


async def test_several_messages_are_answered_in_order(world: SimpleNamespace) -> None:
    for number in range(6):
        await world.caller.post(fields(MsgId=str(number), Content=f"第{number}问 政策"))
    await until(lambda: len(world.api.sent) == 6)
    assert texts(world.api) == [f"答：第{number}问 政策" for number in range(6)]
    assert world.rasa.overlaps == 0


async def test_what_is_no_text_gets_its_sentence(world: SimpleNamespace) -> None:
    await world.caller.post(fields(MsgType="voice", Content=None, MediaId="m", Format="amr"))
    await until(lambda: world.api.sent)
    assert texts(world.api)[0].startswith("这里听不了语音")
    assert world.rasa.worked == []


async def test_a_recording_is_fetched_measured_and_not_understood(world: SimpleNamespace) -> None:
    world.api.media["m"] = recording(12)
    await world.caller.post(fields(MsgType="voice", Content=None, MediaId="m", Format="amr"))
    await until(lambda: world.api.sent)
    assert texts(world.api)[0].startswith("您的语音（12秒）收到了，但这里没有能听懂语音的程序")
    assert len(world.api.fetched) == 1
    assert world.rasa.worked == []


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"Content": " \u3000\n"}, "还没有输入"),
        ({"Content": None}, "还没有输入"),
        ({"Content": "😀👍"}, "没有看懂"),
        ({"Content": "？？！"}, "没有看懂"),
        ({"Content": "问" * 4001}, "太长"),
        ({"MsgType": "miniprogram", "Content": None}, "没有看懂"),
        ({"MsgType": "location", "Content": None, "Location_X": "37.8"}, "位置"),
        ({"MsgType": "event", "Event": "subscribe", "MsgId": None}, "自动问答"),
    ],
)
async def test_whatever_came_gets_a_true_sentence(
    world: SimpleNamespace, changes: dict[str, Any], said: str
) -> None:
    await world.caller.post(fields(**changes))
    await until(lambda: world.api.sent)
    assert said in texts(world.api)[0]
    assert world.rasa.worked == []


async def test_words_are_words_whatever_they_begin_with(world: SimpleNamespace) -> None:
    """As text: what it begins with means nothing to the turn channel."""
    await world.caller.post(fields(Content="/restart"))
    await until(lambda: world.api.sent)
    assert [text for _, _, text in world.rasa.worked] == ["/restart"]


async def test_ten_copies_at_once_and_more_after_the_answer_are_one_message(
    world: SimpleNamespace,
) -> None:
    responses = await asyncio.gather(*(world.caller.post(fields()) for _ in range(10)))
    assert [await world.caller.reply(response) for response in responses] == [None] * 10
    await until(lambda: world.api.sent)
    for _ in range(3):
        assert await world.caller.reply(await world.caller.post(fields())) is None
    await world.talk.close()
    await world.talk.start()  # a restart changes nothing
    assert await world.caller.reply(await world.caller.post(fields())) is None
    await world.caller.post(fields(MsgId="2", Content="房租减免"))
    await until(lambda: len(world.api.sent) == 2)
    assert texts(world.api) == ["答：扩岗补助", "答：房租减免"]


async def test_a_known_message_is_known_after_the_window_too(world: SimpleNamespace) -> None:
    await world.caller.post(fields())
    await until(lambda: world.api.sent)
    world.caller.now -= 7200
    assert (await world.caller.post(fields())).status == 200
    assert (await world.caller.post(fields(MsgId="9"))).status == 403
    assert len(world.rasa.worked) == 1


async def test_while_sending_is_refused_responses_carry_each_answer_once(
    world: SimpleNamespace, clock: SimpleNamespace
) -> None:
    world.api.answers = [UNTRUSTED]
    await world.caller.post(fields(MsgId="1", Content="第一问"))
    await until(lambda: world.outlet.blocked)
    async with asyncio.timeout(10):
        while (await world.outbox.counts()).get("pending") != 1:  # given back to the outbox
            await asyncio.sleep(0.01)
    said = [
        await world.caller.reply(await world.caller.post(fields(MsgId=str(n), Content=f"第{n}问")))
        for n in (2, 3)
    ]
    assert [reply["Content"] for reply in said] == ["答：第一问", "答：第2问"]
    assert world.api.sent == []
    clock.now += 60  # time for another try, which goes through
    await until(lambda: not world.outlet.blocked)
    assert texts(world.api) == ["答：第3问"]
