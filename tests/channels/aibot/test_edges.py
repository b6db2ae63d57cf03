"""What a platform, a proxy or a stranger may make of a callback, through HTTP."""

from __future__ import annotations

import asyncio
import json
from types import SimpleNamespace
from typing import Any

import pytest
import yarl
from wechatpy.crypto import _get_signature

from bot.channels.aibot.callback import PATH
from bot.channels.aibot.messages import button_key
from tests.channels.aibot.world import BOTH, TOKEN, callback, event, group, text, until


async def status(world: SimpleNamespace, encrypted: str, body: bytes, **headers: str) -> int:
    async with world.client.post(
        PATH, params=world.caller.parameters(encrypted), data=body, headers=headers
    ) as response:
        await response.read()
        return int(response.status)


@pytest.mark.parametrize("kind", ["application/json; charset=gbk", "text/plain", "text/xml", ";;"])
async def test_content_types_and_a_byte_order_mark(world: SimpleNamespace, kind: str) -> None:
    encrypted = world.caller.seal(text("房租减免"))
    body = "\ufeff" + json.dumps({"encrypt": encrypted, "more": 1})
    assert await status(world, encrypted, body.encode(), **{"Content-Type": kind}) == 200
    assert len(world.rasa.worked) == 1


async def test_a_plus_that_was_not_escaped_is_a_plus(world: SimpleNamespace) -> None:
    echo = next(one for n in range(200) if "+" in (one := world.caller.seal(f"echo{n}" * 9)))
    pairs = (world.caller.parameters(echo) | {"echostr": echo}).items()
    url = yarl.URL(f"{PATH}?" + "&".join(f"{name}={value}" for name, value in pairs), encoded=True)
    async with world.client.get(url) as response:
        assert response.status == 200
        assert (await response.text()).startswith("echo")


async def test_a_recorded_message_is_not_read_to_anybody(world: SimpleNamespace) -> None:
    recorded = world.caller.seal(text("营收三千万"))
    query = world.caller.parameters(recorded) | {"echostr": recorded}
    async with world.client.get(PATH, params=query) as response:
        assert response.status == 403
        assert "营收" not in await response.text()


@pytest.mark.parametrize("method", ["PUT", "DELETE", "HEAD", "PATCH"])
async def test_another_method(world: SimpleNamespace, method: str) -> None:
    async with world.client.request(method, PATH) as response:
        assert response.status == 405


@pytest.mark.parametrize("name", ["msg_signature", "timestamp", "nonce"])
async def test_a_parameter_that_stands_twice(world: SimpleNamespace, name: str) -> None:
    encrypted = world.caller.seal(text("房租减免"))
    pairs = [*world.caller.parameters(encrypted).items(), (name, "x")]
    async with world.client.post(
        yarl.URL(PATH).with_query(pairs), json={"encrypt": encrypted}
    ) as response:
        assert response.status == 400
    assert world.rasa.worked == []


@pytest.mark.parametrize("stamp", ["-1", "+1", "1e9", "soon", "٣", "9" * 20, "0"])
async def test_timestamps_of_no_time_or_another(world: SimpleNamespace, stamp: str) -> None:
    encrypted = world.caller.seal(text("房租减免"))
    signature = _get_signature(TOKEN, stamp, "n", encrypted)
    query = {"msg_signature": signature, "timestamp": stamp, "nonce": "n"}
    async with world.client.post(PATH, params=query, json={"encrypt": encrypted}) as response:
        assert response.status in (400, 403)
    assert world.rasa.worked == []


async def test_the_nonce_comes_back_whatever_it_is(world: SimpleNamespace) -> None:
    encrypted, stamp, nonce = world.caller.seal(text("补贴")), str(int(world.clock[0])), "a b+c&中"
    signature = _get_signature(TOKEN, stamp, nonce, encrypted)
    query = {"msg_signature": signature, "timestamp": stamp, "nonce": nonce}
    async with world.client.post(PATH, params=query, json={"encrypt": encrypted}) as response:
        assert (await response.json())["nonce"] == nonce


@BOTH
async def test_ten_copies_at_once_are_one_message_and_one_stream(world: SimpleNamespace) -> None:
    message = text("房租减免")
    said = await asyncio.gather(*(world.caller.tell(message) for _ in range(10)))
    assert len({one["stream"]["id"] for one in said}) == 1
    assert (await world.caller.poll(said[0]["stream"]["id"]))["stream"]["content"] == "答：房租减免"
    assert len(world.rasa.worked) == 1
    assert world.platform.received == []


async def test_an_id_is_one_persons(world: SimpleNamespace) -> None:
    for who in ("zhang", "wang", "zhang"):
        await world.caller.tell(text("房租减免", msgid="m1", **{"from": {"userid": who}}))
    assert [key for _, key, _ in world.rasa.worked] == ["aibot:zhang", "aibot:wang"]


@pytest.mark.parametrize(
    ("said", "asked"),
    [
        ("@问策 房租减免", "房租减免"),
        ("请问@问策 房租减免", "请问房租减免"),
        ("请问 @问策 房租减免", "请问 房租减免"),
        ("房租减免@问策", "房租减免"),
        ("@问策房租减免政策还有哪些可以享受", "问策房租减免政策还有哪些可以享受"),
        ("发到 a@b.cn 房租减免", "发到 a@b.cn 房租减免"),
        ("@问策 /restart", "/restart"),
    ],
)
async def test_who_is_called_is_no_part_of_the_question(
    world: SimpleNamespace, said: str, asked: str
) -> None:
    await world.caller.tell(group(said))
    assert [words for _, _, words in world.rasa.worked] == [asked]


@pytest.mark.parametrize("content", ["", "  ", "@问策", "😀"])
async def test_nothing_said_gets_a_sentence(world: SimpleNamespace, content: str) -> None:
    said = (await world.caller.tell(group(content)))["stream"]
    assert said["finish"]
    assert "惠企政策" in said["content"]
    assert world.rasa.worked == []


@pytest.mark.parametrize("stream_id", ["x", "nobody@1795000000", "@", "a@b", "甲@1", "x" * 400])
async def test_a_stream_that_is_not_there_is_ended(world: SimpleNamespace, stream_id: str) -> None:
    said = (await world.caller.poll(stream_id))["stream"]
    assert (said["id"], said["finish"], said["content"]) == (stream_id, True, "aibot.gone")


async def test_a_finished_stream_stays_as_it_is(world: SimpleNamespace) -> None:
    said = await world.caller.tell(text("房租减免"))
    for _ in range(3):
        assert await world.caller.poll(said["stream"]["id"]) == said


@BOTH
async def test_a_press_that_comes_twice_is_answered_once(world: SimpleNamespace) -> None:
    pressed = {"event_key": button_key("是", "房租减免"), "task_id": "t-1", "card_type": "x"}
    message = event("template_card_event", pressed)
    message["response_url"] = world.platform.reply_address()
    for _ in range(2):
        said = await world.caller.tell(message)
        assert said["response_type"] == "update_template_card"
        assert said["template_card"]["task_id"] == "t-1"
    await until(lambda: world.platform.received)
    assert len(world.rasa.worked) == 1
    assert [sent["markdown"]["content"] for sent in world.platform.received] == ["答：房租减免"]


@pytest.mark.parametrize(
    "told",
    [
        event("template_card_event", {"event_key": "submit_key", "task_id": "t"}),
        event("template_card_event", {}),
        event("template_card_event"),
        event("feedback_event", {}),
        event("feedback_event", {"id": "nobody", "type": "2"}),
        event("something_new", {"a": 1}),
        event(""),
        callback("event"),
        callback("event", event="x"),
        callback("event", event={"eventtype": ["x"]}),
    ],
)
async def test_events_of_no_concern_are_acknowledged(
    world: SimpleNamespace, told: dict[str, Any]
) -> None:
    assert await world.caller.tell(told) is None
    assert world.rasa.worked == [] and world.judged == []


async def test_cards_of_two_turns_have_ids_of_their_own(world: SimpleNamespace) -> None:
    world.rasa.buttons = [{"title": "是", "payload": "是的"}]
    said = [await world.caller.tell(text(f"第{n}问 政策")) for n in range(3)]
    assert {one["msgtype"] for one in said} == {"stream_with_template_card"}
    assert len({one["template_card"]["task_id"] for one in said}) == 3


async def test_a_very_long_answer_stays_within_a_stream(world: SimpleNamespace) -> None:
    world.rasa.text = "条文𠮷😀。" * 3000
    said = (await world.caller.tell(text("全文", response_url=world.platform.reply_address())))[
        "stream"
    ]
    assert said["finish"] and len(said["content"].encode()) <= 20480
    await until(lambda: world.platform.received)
    rest = world.platform.received[0]["markdown"]["content"]
    assert len(rest.encode()) <= 20480
