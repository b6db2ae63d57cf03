"""While nothing can be sent actively, responses carry the answers; never both ways."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from bot.channels.wecom.cards import make_parts, text_part
from bot.channels.wecom.keys import make_key
from bot.conversations.message import Inbound
from bot.conversations.outlet import SendLaterError
from bot.errors import StorageError
from tests.channels.fakes import delivery
from tests.channels.wecom.conftest import Stage
from tests.channels.wecom.platform import fields
from tests.channels.wecom.words import sentence

UNTRUSTED = {"errcode": 60020, "errmsg": "not allow to access from your ip, from ip: 203.0.113.9"}
QUESTION = {
    "text": "是工业企业吗？",
    "buttons": [{"title": "是", "payload": "是"}, {"title": "否", "payload": "否"}],
    "custom": {"type": "eligibility_question"},
}


async def block(stage: Stage) -> None:
    stage.api.answers = [UNTRUSTED]
    with pytest.raises(SendLaterError):
        await stage.outlet.send(delivery(text_part("x")))
    assert stage.outlet.blocked


async def answered(stage: Stage, inner: dict[str, Any], *replies: dict[str, Any]) -> Any:
    """Post a message; once it is taken, answer it; what the response says."""
    before = len(stage.talk.accepted)
    posted = asyncio.create_task(stage.caller.post(inner))
    while len(stage.talk.accepted) == before and not posted.done():
        await asyncio.sleep(0)
    message: Inbound = stage.talk.accepted[-1]
    stage.talk.answer(message, list(replies), make_parts(replies, sentence))
    return await stage.caller.reply(await posted)


def say(number: int) -> dict[str, Any]:
    return fields(MsgId=str(number), Content=f"第{number}问")


async def test_normally_a_response_is_empty(stage: Stage) -> None:
    assert await answered(stage, say(1), {"text": "答一"}) is None
    assert stage.talk.carried == []
    assert len(stage.talk.open["wecom:zhangsan"]) == 1


async def test_blocked_the_response_carries_the_answer(stage: Stage) -> None:
    await block(stage)
    said = await answered(stage, say(1), {"text": "答一"})
    assert (said["MsgType"], said["Content"]) == ("text", "答一")
    assert stage.talk.carried == [text_part("答一")]
    assert stage.talk.open["wecom:zhangsan"] == []
    assert stage.counted("carried") == 1


async def test_an_answer_that_is_late_waits_for_the_next_message(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.channels.wecom.channel._PATIENCE", 0.05)
    await block(stage)
    assert await stage.caller.reply(await stage.caller.post(say(1))) is None
    stage.talk.answer(stage.talk.accepted[0], [], [text_part("答一")])
    said = await answered(stage, say(2), {"text": "答二"})
    assert said["Content"] == "答一"
    said = await answered(stage, say(3), {"text": "答三"})
    assert said["Content"] == "答二"
    assert [part["text"]["content"] for part in stage.talk.carried] == ["答一", "答二"]


async def test_a_repeat_carries_nothing(stage: Stage) -> None:
    await block(stage)
    await answered(stage, say(1), {"text": "答一"}, {"text": "还有"})
    assert await stage.caller.reply(await stage.caller.post(say(1))) is None
    assert len(stage.talk.carried) == 1


async def test_cards_are_dropped_on_the_way(stage: Stage) -> None:
    await block(stage)
    said = await answered(stage, say(1), QUESTION)
    assert said["Content"] == "是工业企业吗？"
    said = await answered(stage, say(2), {"text": "答二"})
    assert said["Content"] == "答二"
    assert stage.talk.open["wecom:zhangsan"] == []


async def test_a_press_gets_its_answer_rather_than_the_card(stage: Stage) -> None:
    await block(stage)
    card = {"CardType": "button_interaction", "TaskId": "t", "EventKey": make_key("是", "是")}
    event = {"MsgType": "event", "Event": "template_card_event", "MsgId": None, "Content": None}
    said = await answered(stage, fields(**event, **card), {"text": "答"})
    assert (said["MsgType"], said["Content"]) == ("text", "答")


async def test_a_press_without_an_answer_still_replaces_the_buttons(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.channels.wecom.channel._PATIENCE", 0.05)
    await block(stage)
    card = {"CardType": "button_interaction", "TaskId": "t", "EventKey": make_key("是", "是")}
    event = {"MsgType": "event", "Event": "template_card_event", "MsgId": None, "Content": None}
    said = await stage.caller.reply(await stage.caller.post(fields(**event, **card)))
    assert said is not None and said["MsgType"] == "update_button"


async def test_a_platform_that_hung_up_leaves_the_part_in_the_outbox(stage: Stage) -> None:
    await block(stage)
    server = stage.runner.server
    assert server is not None
    _, writer = await asyncio.open_connection(*stage.runner.addresses[0][:2])
    inner = "".join(f"<{name}>{value}</{name}>" for name, value in say(1).items())
    encrypted = stage.caller.encrypt(f"<xml>{inner}</xml>")
    body = stage.caller.envelope(encrypted).encode()
    pairs = "&".join(f"{n}={v}" for n, v in stage.caller.query(encrypted).items())
    head = f"POST /wecom/callback?{pairs} HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n"
    writer.write(head.encode() + b"\r\n" + body)
    await writer.drain()
    while not stage.talk.accepted:
        await asyncio.sleep(0)
    writer.transport.abort()
    while any(connection.transport is not None for connection in server.connections):
        await asyncio.sleep(0)
    stage.talk.answer(stage.talk.accepted[0], [], [text_part("答一")])
    while not stage.talk.returned + stage.talk.carried:
        await asyncio.sleep(0)
    assert (stage.talk.returned, stage.talk.carried) == ([text_part("答一")], [])
    assert [part.part for part in stage.talk.open["wecom:zhangsan"]] == [text_part("答一")]


async def test_a_database_that_fails_afterwards_does_not_bring_the_message_again(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: object) -> None:
        raise StorageError("数据库不可用")

    await block(stage)
    monkeypatch.setattr(stage.talk, "answered", broken)
    assert await stage.caller.reply(await stage.caller.post(say(1))) is None
    assert len(stage.talk.accepted) == 1


async def test_once_sending_works_responses_are_empty_again(stage: Stage) -> None:
    await block(stage)
    await stage.outlet.send(delivery(text_part("好了")))
    assert await answered(stage, say(1), {"text": "答一"}) is None
    assert stage.channel.fault() is None
