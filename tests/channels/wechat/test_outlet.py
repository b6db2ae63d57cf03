"""Replies as texts, and customer-service messages within their quota."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.channels.rendering import size
from bot.channels.wechat.outlet import MAX_TEXT, WechatOutlet, classify, text_of
from bot.conversations.outlet import Delivery, SendLaterError, SendRefusedError, WaitForPersonError
from tests.channels.wechat.world import MORE, sentence

HEARD = datetime(2026, 11, 21, 4, 0, tzinfo=UTC)


class Calls:
    """Remembers what was sent; fails as told."""

    def __init__(self) -> None:
        self.bodies: list[Mapping[str, Any]] = []
        self.fault: Exception | None = None

    async def post(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        assert path == "/cgi-bin/message/custom/send"
        if self.fault is not None:
            raise self.fault
        self.bodies.append(body)
        return {"errcode": 0}


class Faults:
    """The set-up's faults."""

    said: str | None = None

    def sentence(self) -> str | None:
        return self.said


class Clocks:
    """A present that a test moves."""

    def __init__(self) -> None:
        self.seconds = 60.0

    def now(self) -> datetime:
        return HEARD + timedelta(seconds=self.seconds - 60)

    def clock(self) -> float:
        return self.seconds


@pytest.fixture
def calls() -> Calls:
    return Calls()


@pytest.fixture
def faults() -> Faults:
    return Faults()


@pytest.fixture
def clocks() -> Clocks:
    return Clocks()


@pytest.fixture
def outlet(calls: Calls, faults: Faults, clocks: Clocks) -> WechatOutlet:
    return WechatOutlet(calls, faults, sentence, clocks.now, clocks.clock)


def reply(text: str, *titles: str) -> dict[str, Any]:
    """A reply with buttons."""
    buttons = [{"title": title, "payload": f"关于{title}"} for title in titles]
    return {"text": text, "buttons": buttons, "custom": {"type": "text"}}


def part(text: str = "答", more: int = 0) -> dict[str, Any]:
    """A part as the outbox holds it."""
    return {"msgtype": "text", "text": {"content": text}, "more": more}


def delivery(quota: str = "message", sent: int = 0, **changes: Any) -> Delivery:
    """A part on its way."""
    values: dict[str, Any] = {
        "id": "p-1",
        "conversation_key": "wechat:o-1",
        "turn_id": "t-1",
        "address": {"touser": "o-1", "quota": quota},
        "part": part(),
        "attempts": 1,
        "uncertain": False,
        "created_at": HEARD,
        "heard_at": HEARD,
        "sent_since_heard": sent,
        "sent_in_minute": 0,
    }
    return Delivery(**values | changes)


def test_replies_go_together_in_one_text(outlet: WechatOutlet) -> None:
    (only,) = outlet.parts([reply("按条件符合。"), reply("您是工业企业吗？", "是的", "不清楚")], {})
    assert text_of(only) == ("按条件符合。\n\n您是工业企业吗？\n可以回复“是的”\n可以回复“不清楚”")
    assert only["more"] == 0


def test_a_choice_that_the_text_numbers_is_not_said_again(outlet: WechatOutlet) -> None:
    (only,) = outlet.parts([reply("1. 房租减免\n2. 稳岗返还\n回复序号即可", "房租…", "稳岗…")], {})
    assert "可以回复" not in text_of(only)


def test_long_answers_are_parted_with_room_for_the_notice(outlet: WechatOutlet) -> None:
    text = "本条规定，对符合条件的小微企业减免租金三个月。" * 150
    parts = outlet.parts([reply(text, "怎么申请")], {})
    assert [one["more"] for one in parts] == [5, 4, 3, 2, 1, 0]
    assert all(size(outlet.with_notice(text_of(one))) <= MAX_TEXT for one in parts)
    assert all(text_of(one).endswith("。") for one in parts[:-1])
    assert "".join(text_of(one) for one in parts) == f"{text}\n可以回复“怎么申请”"


def test_nothing_to_say_is_no_part(outlet: WechatOutlet) -> None:
    assert outlet.parts([], {}) == []
    assert outlet.parts([{"text": "", "buttons": []}], {}) == []


def test_a_notice_that_does_not_fit_is_left_out(outlet: WechatOutlet) -> None:
    assert outlet.with_notice("x" * MAX_TEXT) == "x" * MAX_TEXT
    assert outlet.with_notice("答") == f"答\n{MORE}"


async def test_a_part_goes_as_a_text_to_the_person(outlet: WechatOutlet, calls: Calls) -> None:
    await outlet.send(delivery())
    assert calls.bodies == [{"touser": "o-1", "msgtype": "text", "text": {"content": "答"}}]
    assert outlet.ready()


@pytest.mark.parametrize(("quota", "most"), [("message", 5), ("event", 3)])
async def test_no_more_than_the_quota_is_tried(
    outlet: WechatOutlet, calls: Calls, quota: str, most: int
) -> None:
    for sent in range(most + 2):
        if sent < most:
            await outlet.send(delivery(quota, sent))
        else:
            with pytest.raises(WaitForPersonError):
                await outlet.send(delivery(quota, sent))
    assert len(calls.bodies) == most


async def test_the_last_of_the_quota_says_that_more_follows(
    outlet: WechatOutlet, calls: Calls
) -> None:
    await outlet.send(delivery(sent=3, part=part("三", more=2)))
    await outlet.send(delivery(sent=4, part=part("四", more=1)))
    await outlet.send(delivery(sent=4, part=part("五", more=0)))
    said = [body["text"]["content"] for body in calls.bodies]
    assert said == ["三", f"四\n{MORE}", "五"]


@pytest.mark.parametrize(("quota", "seconds"), [("message", 48 * 3600), ("event", 60)])
async def test_the_quota_ends_with_its_time(
    outlet: WechatOutlet, clocks: Clocks, quota: str, seconds: int
) -> None:
    clocks.seconds = 60 + seconds - 1
    await outlet.send(delivery(quota))
    clocks.seconds = 60 + seconds
    with pytest.raises(WaitForPersonError):
        await outlet.send(delivery(quota))
    with pytest.raises(WaitForPersonError):
        await outlet.send(delivery(heard_at=None))


async def test_a_missing_right_is_remembered_for_a_while(
    outlet: WechatOutlet, calls: Calls, clocks: Clocks
) -> None:
    calls.fault = classify(48001)
    with pytest.raises(WaitForPersonError):
        await outlet.send(delivery())
    calls.fault = None
    assert not outlet.can_send
    clocks.seconds += 599
    with pytest.raises(WaitForPersonError):
        await outlet.send(delivery())
    assert calls.bodies == []
    clocks.seconds += 1
    assert outlet.can_send
    await outlet.send(delivery())


async def test_set_up_faults_are_tried_again_but_not_relied_on(
    outlet: WechatOutlet, calls: Calls, faults: Faults
) -> None:
    faults.said, calls.fault = "不在 IP 白名单里", SendLaterError("errcode_40164")
    assert not outlet.can_send
    with pytest.raises(SendLaterError):
        await outlet.send(delivery())
    faults.said, calls.fault = None, None
    await outlet.send(delivery())
    assert outlet.can_send


@pytest.mark.parametrize("errcode", [48001, 48004, 50002, 45015, 45047, 45002])
def test_what_the_person_can_still_get_waits_for_them(errcode: int) -> None:
    assert isinstance(classify(errcode), WaitForPersonError)


@pytest.mark.parametrize("errcode", [40003, 43004])
def test_who_is_gone_gets_nothing(errcode: int) -> None:
    assert isinstance(classify(errcode), SendRefusedError)


def test_other_codes_are_left_to_the_general_rule() -> None:
    assert classify(0) is None
    assert classify(45009) is None
