"""Callback mode: one answer a message, in a stream that any poll can end, once."""

from __future__ import annotations

import asyncio
import json
from types import SimpleNamespace
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.channels.aibot.callback import PATH
from bot.channels.aibot.messages import button_key
from bot.channels.aibot.streams import Streams
from bot.errors import OverloadedError, StorageError
from bot.storage.turns import TurnStore
from tests.channels.aibot.world import BOTH, callback, event, group, sentence, text, until


async def settled(world: SimpleNamespace, *states: str) -> None:
    """Wait until the parts of the conversation are in these states."""
    found: list[str] = []
    try:
        async with asyncio.timeout(10):
            while True:
                entries = await world.talk.entries("aibot:zhang")
                found = [entry.state for entry in entries if entry.part is not None]
                if found == list(states):
                    return
                await asyncio.sleep(0.02)
    except TimeoutError:
        raise AssertionError(f"{found}, not {states}") from None


async def test_the_address_is_verified(world: SimpleNamespace) -> None:
    echo = world.caller.seal("12345678901234567890")
    parameters = {**world.caller.parameters(echo), "echostr": echo}
    async with world.client.get(PATH, params=parameters) as response:
        assert response.status == 200
        assert await response.text() == "12345678901234567890"
        assert response.content_type == "text/plain"


@BOTH
async def test_a_quick_answer_is_the_first_packet(world: SimpleNamespace) -> None:
    said = await world.caller.tell(text("房租减免"))
    assert said["msgtype"] == "stream"
    stream = said["stream"]
    assert (stream["finish"], stream["content"]) == (True, "答：房租减免")
    turn_id = stream["id"].split("@")[0]
    assert stream["feedback"] == {"id": turn_id}
    await settled(world, "sent")
    assert await world.caller.poll(stream["id"]) == said
    assert world.platform.received == []


@BOTH
async def test_a_slow_answer_is_polled(world: SimpleNamespace) -> None:
    world.rasa.gate.clear()
    opened = (await world.caller.tell(text("房租减免")))["stream"]
    assert (opened["finish"], opened["content"]) == (False, "input.late")
    again = (await world.caller.poll(opened["id"]))["stream"]
    assert again == opened
    world.rasa.gate.set()
    ended = (await world.caller.poll(opened["id"]))["stream"]
    assert (ended["id"], ended["finish"]) == (opened["id"], True)
    assert ended["content"] == "答：房租减免"
    await settled(world, "sent")
    assert (await world.caller.poll(opened["id"]))["stream"] == ended
    assert world.platform.received == []


@BOTH
async def test_another_process_answers_the_polls(world: SimpleNamespace) -> None:
    world.rasa.gate.clear()
    opened = (await world.caller.tell(text("房租减免")))["stream"]
    world.rasa.gate.set()
    said: list[Any] = []

    async def write(body: Any) -> None:
        said.append(body)

    other = Streams(world.talk, sentence, lambda: world.clock[0])
    await other.answer("aibot:zhang", opened["id"], write)
    await other.answer("aibot:zhang", opened["id"], write)
    assert said[0]["stream"]["content"] == "答：房租减免"
    assert said[0] == said[1]
    # The first process knows nothing of that, and still says the same.
    assert await world.caller.poll(opened["id"]) == said[0]
    await settled(world, "sent")


@BOTH
async def test_a_message_brought_twice_is_worked_once(world: SimpleNamespace) -> None:
    world.rasa.gate.clear()
    message = text("房租减免")
    first, second = await asyncio.gather(world.caller.tell(message), world.caller.tell(message))
    assert first == second
    world.rasa.gate.set()
    ended = await world.caller.poll(first["stream"]["id"])
    assert ended["stream"]["finish"]
    assert await world.caller.tell(message) == ended
    assert len(world.rasa.worked) == 1
    await settled(world, "sent")


async def test_a_known_message_is_answered_however_old_the_request(
    world: SimpleNamespace,
) -> None:
    message = text("房租减免")
    said = await world.caller.tell(message)
    old = str(int(world.clock[0]) - 3600)
    assert await world.caller.tell(message, old) == said
    async with await world.caller.post(text("房租减免"), old) as response:
        assert response.status == 403
    world.channel._offset._heard.clear()
    async with await world.caller.post(
        {**callback("stream"), "stream": {"id": said["stream"]["id"]}}, old
    ) as response:
        assert response.status == 403
    assert len(world.rasa.worked) == 1


async def test_group_members_have_streams_of_their_own(world: SimpleNamespace) -> None:
    for userid in ("zhang", "wang"):
        said = (await world.caller.tell(group("@问策 房租减免", userid)))["stream"]
        assert said["content"] == "答：房租减免"
    assert [w[1] for w in world.rasa.worked] == ["aibot:GROUP/zhang", "aibot:GROUP/wang"]


async def test_a_stream_of_another_conversation_is_not_shown(world: SimpleNamespace) -> None:
    world.rasa.gate.clear()
    opened = (await world.caller.tell(group("@问策 房租减免")))["stream"]
    world.rasa.gate.set()
    await until(lambda: world.rasa.worked)
    said = (await world.caller.poll(opened["id"]))["stream"]
    assert (said["finish"], said["content"]) == (True, "aibot.gone")
    said = (await world.caller.poll(opened["id"], chattype="group", chatid="GROUP"))["stream"]
    assert (said["finish"], said["content"]) == (True, "答：房租减免")


@pytest.mark.parametrize(
    "stream_id", ["x", "no-such-turn@1700000000", "a@b", "@@", "t@" + "9" * 40]
)
async def test_a_stream_that_is_not_there_ends(world: SimpleNamespace, stream_id: str) -> None:
    said = (await world.caller.poll(stream_id))["stream"]
    assert (said["id"], said["finish"], said["content"]) == (stream_id, True, "aibot.gone")


@BOTH
async def test_after_five_minutes_the_answer_goes_to_the_reply_address(
    world: SimpleNamespace,
) -> None:
    world.rasa.gate.clear()
    message = text("房租减免", response_url=world.platform.reply_address())
    opened = (await world.caller.tell(message))["stream"]
    world.clock[0] += 301
    ended = (await world.caller.poll(opened["id"]))["stream"]
    assert (ended["finish"], ended["content"]) == (True, "aibot.late")
    world.rasa.gate.set()
    await until(lambda: world.platform.received)
    turn_id = opened["id"].split("@")[0]
    assert world.platform.received == [
        {
            "msgtype": "markdown",
            "markdown": {"content": "答：房租减免", "feedback": {"id": turn_id}},
        }
    ]
    assert (await world.caller.poll(opened["id"]))["stream"] == ended


@BOTH
async def test_what_finds_no_way_out_comes_with_the_next_answer(world: SimpleNamespace) -> None:
    world.rasa.gate.clear()
    opened = (await world.caller.tell(text("房租减免")))["stream"]  # no reply address
    world.clock[0] += 301
    assert (await world.caller.poll(opened["id"]))["stream"]["finish"]
    world.rasa.gate.set()
    await settled(world, "waiting")
    said = (await world.caller.tell(text("稳岗返还")))["stream"]
    while not said["finish"]:  # the old part is tried once more, in vain
        said = (await world.caller.poll(said["id"]))["stream"]
    assert said["content"] == "答：稳岗返还\n\naibot.earlier\n答：房租减免"
    await settled(world, "sent", "sent")


@BOTH
async def test_answers_come_in_order_each_in_its_own_stream(world: SimpleNamespace) -> None:
    world.rasa.gate.clear()
    streams = [(await world.caller.tell(text(f"第{n}问 补贴")))["stream"] for n in range(3)]
    world.rasa.gate.set()
    await until(lambda: len(world.rasa.worked) == 3)
    await world.talk.answered(streams[2]["id"].split("@")[0], 5)
    # The last is polled first, and must wait for its turn.
    assert not (await world.caller.poll(streams[2]["id"]))["stream"]["finish"]
    for number, stream in enumerate(streams):
        ended = (await world.caller.poll(stream["id"]))["stream"]
        assert (ended["finish"], ended["content"]) == (True, f"答：第{number}问 补贴")
    await settled(world, "sent", "sent", "sent")
    assert world.platform.received == []


@BOTH
async def test_a_broken_response_loses_nothing(world: SimpleNamespace) -> None:
    """The part goes back and is sent to the reply address."""
    world.rasa.gate.clear()
    message = text("房租减免", response_url=world.platform.reply_address())
    opened = (await world.caller.tell(message))["stream"]
    world.rasa.gate.set()
    await world.talk.answered(opened["id"].split("@")[0], 5)

    async def broken(body: Any) -> None:
        raise ConnectionResetError

    streams = Streams(world.talk, sentence, lambda: world.clock[0])
    with pytest.raises(ConnectionResetError):
        await streams.answer("aibot:zhang", opened["id"], broken)
    await until(lambda: world.platform.received)
    assert world.platform.received[0]["markdown"]["content"] == "答：房租减免"


@BOTH
async def test_choices_are_a_card_beside_the_stream(world: SimpleNamespace) -> None:
    world.rasa.buttons = [{"title": "是", "payload": "选是"}, {"title": "否", "payload": "选否"}]
    said = await world.caller.tell(text("能享受吗"))
    assert said["msgtype"] == "stream_with_template_card"
    card = said["template_card"]
    assert card["task_id"] == f"t-{said['stream']['id'].split('@')[0]}"
    assert [b["text"] for b in card["button_list"]] == ["是", "否"]
    world.rasa.buttons = []
    key = card["button_list"][0]["key"]
    press = event(
        "template_card_event",
        {"card_type": "button_interaction", "event_key": key, "task_id": card["task_id"]},
        response_url=world.platform.reply_address(),
    )
    updated = await world.caller.tell(press)
    assert updated["response_type"] == "update_template_card"
    assert updated["userids"] == ["zhang"]
    assert updated["template_card"]["task_id"] == card["task_id"]
    assert updated["template_card"]["main_title"] == {"title": "aibot.chosen 是"}
    (button,) = updated["template_card"]["button_list"]
    assert (button["text"], button["key"]) == ("是", "chosen")
    await until(lambda: world.platform.received)  # at once, not after the hold
    assert world.platform.received[0]["markdown"]["content"] == "答：选是"
    assert [w[2] for w in world.rasa.worked] == ["能享受吗", "选是"]


async def test_a_press_on_the_updated_card_does_nothing(world: SimpleNamespace) -> None:
    press = event("template_card_event", {"event_key": "chosen", "task_id": "t-1"})
    assert await world.caller.tell(press) is None
    assert world.rasa.worked == []


async def test_who_enters_is_welcomed_at_once(world: SimpleNamespace) -> None:
    said = await world.caller.tell(event("enter_chat"))
    assert said == {"msgtype": "text", "text": {"content": "input.enter"}}


@pytest.mark.parametrize("kind", ["image", "file", "video"])
async def test_what_is_not_understood_gets_a_sentence(world: SimpleNamespace, kind: str) -> None:
    said = (await world.caller.tell(callback(kind, **{kind: {"url": "https://x.example"}})))[
        "stream"
    ]
    assert said["finish"]
    assert len(said["content"]) > 8
    assert world.rasa.worked == []


async def test_unknown_kinds_get_a_sentence_and_unknown_events_nothing(
    world: SimpleNamespace,
) -> None:
    said = (await world.caller.tell(callback("hologram")))["stream"]
    assert said["finish"]
    assert "请用文字" in said["content"]
    assert await world.caller.tell(event("new_event")) is None


async def test_feedback_is_passed_on(world: SimpleNamespace) -> None:
    given = {"id": "turn-1", "type": 2, "content": "不全", "inaccurate_reason_list": [1, 2]}
    assert await world.caller.tell(event("feedback_event", given)) is None
    assert await world.caller.tell(event("feedback_event", {"id": "turn-1", "type": 3})) is None
    assert world.judged == [
        ("aibot:zhang", "turn-1", "down", "aibot.reason_1、aibot.reason_2：不全"),
        ("aibot:zhang", "turn-1", "cancelled", ""),
    ]


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (OverloadedError("x"), "input.overloaded"),
        (StorageError("x"), "input.not_taken"),
    ],
)
async def test_what_was_not_taken_is_said(
    world: SimpleNamespace, monkeypatch: pytest.MonkeyPatch, fault: Exception, said: str
) -> None:
    async def accept(message: Any) -> None:
        raise fault

    monkeypatch.setattr(world.talk, "accept", accept)
    stream = (await world.caller.tell(text("房租减免")))["stream"]
    assert (stream["finish"], stream["content"]) == (True, said)
    key = button_key("是", "选是")
    press = event("template_card_event", {"event_key": key, "task_id": "t-1"})
    card = (await world.caller.tell(press))["template_card"]
    assert card["main_title"]["title"] == f"{said} 是"


async def test_an_id_with_other_words_is_answered_with_nothing(world: SimpleNamespace) -> None:
    await world.caller.tell(text("房租减免", msgid="m1"))
    assert await world.caller.tell(text("稳岗返还", msgid="m1")) is None
    assert len(world.rasa.worked) == 1


async def test_a_poll_while_the_database_is_away_is_answered(
    world: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.rasa.gate.clear()
    opened = (await world.caller.tell(text("房租减免")))["stream"]

    async def answered(turn_id: str, seconds: float) -> None:
        raise StorageError("x")

    with monkeypatch.context() as patch:
        patch.setattr(world.talk, "answered", answered)
        assert (await world.caller.poll(opened["id"]))["stream"] == opened
    world.rasa.gate.set()
    assert (await world.caller.poll(opened["id"]))["stream"]["finish"]


async def test_while_a_person_has_the_conversation_the_stream_ends_in_peace(
    world: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = TurnStore(world.database)

    async def accept(message: Any) -> Any:
        taken = await real(message)
        await store.answer(taken.turn.turn_id, [], None, taken.turn.received_at, parts=[])
        return taken

    real = world.talk.accept
    monkeypatch.setattr(world.talk, "accept", accept)
    world.rasa.gate.clear()
    stream = (await world.caller.tell(text("还有吗")))["stream"]
    assert (stream["finish"], stream["content"]) == (True, "aibot.with_person")


class TestHostile:
    """Nothing of this is worked, and the answers do not tell why."""

    async def refused(self, world: SimpleNamespace, **request: Any) -> tuple[int, bytes]:
        async with world.client.post(PATH, **request) as response:
            raw = await response.read()
            assert 400 <= response.status < 500
            assert world.rasa.worked == []
            return response.status, raw

    async def test_wrong_envelopes_all_look_the_same(self, world: SimpleNamespace) -> None:
        good = world.caller.seal(text("补贴"))
        other = world.caller._crypto.encrypt(json.dumps(text("补贴")), "corp").decode()
        unpadded = good[:-4] + ("AAAA" if good[-4:] != "AAAA" else "BBBB")
        seen = set()
        for encrypted in (other, good[:-24], unpadded, "", "!!!!", "AAAA", good + "AAAA"):
            parameters = world.caller.parameters(encrypted)
            seen.add(await self.refused(world, params=parameters, json={"encrypt": encrypted}))
        parameters = world.caller.parameters(good)
        for name in ("msg_signature", "nonce"):
            wrong = {**parameters, name: "0" * 40}
            seen.add(await self.refused(world, params=wrong, json={"encrypt": good}))
        tampered = ("B" if good[0] == "A" else "A") + good[1:]
        seen.add(await self.refused(world, params=parameters, json={"encrypt": tampered}))
        assert len(seen) == 1
        assert next(iter(seen))[0] == 403

    @pytest.mark.parametrize(
        "body", [b"", b"{", b"[]", b"null", b"\xff", b'{"encrypt":5}', b"{}", b"[" * 50_000]
    )
    async def test_malformed_bodies(self, world: SimpleNamespace, body: bytes) -> None:
        status, _ = await self.refused(world, params=world.caller.parameters("x"), data=body)
        assert status == 400

    async def test_missing_parameters(self, world: SimpleNamespace) -> None:
        good = world.caller.seal(text("补贴"))
        for name in ("msg_signature", "timestamp", "nonce"):
            parameters = world.caller.parameters(good)
            del parameters[name]
            status, _ = await self.refused(world, params=parameters, json={"encrypt": good})
            assert status == 400
        async with world.client.get(PATH, params=world.caller.parameters("x")) as response:
            assert response.status == 400

    async def test_a_wrong_echo_is_not_echoed(self, world: SimpleNamespace) -> None:
        echo = world.caller.seal("1234")
        parameters = {**world.caller.parameters(echo), "echostr": echo, "nonce": "other"}
        async with world.client.get(PATH, params=parameters) as response:
            assert response.status == 403

    async def test_too_large(self, world: SimpleNamespace) -> None:
        body = {"encrypt": "A" * 300_000}
        status, _ = await self.refused(world, params=world.caller.parameters("x"), json=body)
        assert status == 413

    @pytest.mark.parametrize("inner", ["", "x", "[]", "null", "[" * 5000, "{}"])
    async def test_signed_rubbish(self, world: SimpleNamespace, inner: str) -> None:
        encrypted = world.caller.seal(inner)
        status, _ = await self.refused(
            world, params=world.caller.parameters(encrypted), json={"encrypt": encrypted}
        )
        assert status == 400

    @pytest.mark.parametrize("shift", [-3600, 3600])
    async def test_old_and_future_requests(self, world: SimpleNamespace, shift: int) -> None:
        at = str(int(world.clock[0]) + shift)
        for body in (text("补贴"), event("enter_chat"), event("feedback_event", {"id": "t"})):
            async with await world.caller.post(body, at) as response:
                assert response.status == 403
            world.channel._offset._heard.clear()
        assert world.rasa.worked == []

    async def test_a_clock_that_is_off_is_learnt_and_reported(self, world: SimpleNamespace) -> None:
        """The platform brings what was refused again; at the third time it is believed."""
        ahead = str(int(world.clock[0]) + 3600)
        for expected in (403, 403, 200):
            async with await world.caller.post(text("房租减免"), ahead) as response:
                assert response.status == expected
        assert "时钟" in (world.channel.fault() or "")

    async def test_many_failures_get_429_and_the_platform_is_still_served(
        self, world: SimpleNamespace
    ) -> None:
        statuses = set()
        for _ in range(90):
            status, _ = await self.refused(
                world, params=world.caller.parameters("x"), json={"encrypt": "y"}
            )
            statuses.add(status)
        assert statuses == {403, 429}
        assert (await world.caller.tell(text("房租减免")))["stream"]["finish"]

    async def test_a_reply_address_elsewhere_is_never_called(self, world: SimpleNamespace) -> None:
        called: list[web.Request] = []

        async def trap(request: web.Request) -> web.Response:
            called.append(request)
            return web.json_response({"errcode": 0})

        app = web.Application()
        app.router.add_post("/{any:.*}", trap)
        async with TestServer(app) as server:
            world.rasa.gate.clear()
            elsewhere = f"http://127.0.0.1:{server.port}/cgi-bin/aibot/response?response_code=x"
            opened = (await world.caller.tell(text("房租减免", response_url=elsewhere)))["stream"]
            world.clock[0] += 301
            await world.caller.poll(opened["id"])
            world.rasa.gate.set()
            await settled(world, "waiting")
        assert called == []
