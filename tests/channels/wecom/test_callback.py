"""The callback: verified, stored, acknowledged; a fault is told truthfully, nothing twice."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
import yarl
from prometheus_client import CollectorRegistry
from structlog.testing import capture_logs

from bot.channels.wecom import PATH, WecomChannel
from bot.channels.wecom.keys import make_key
from bot.errors import OverloadedError, SettingsError, StorageError
from bot.settings import Settings
from tests.channels.wecom.conftest import NOW, Stage
from tests.channels.wecom.platform import AES_KEY, TOKEN, fields
from tests.channels.wecom.words import sentence


def press(label: str, payload: str, **changes: Any) -> dict[str, Any]:
    event = {"MsgType": "event", "Event": "template_card_event", "MsgId": None, "Content": None}
    card = {"TaskId": "t1", "CardType": "button_interaction", "ResponseCode": "r"}
    return fields(**event, **card, EventKey=make_key(label, payload), **changes)


@pytest.mark.parametrize("echo", ["1616140317555161061", "你好 +/=", "x" * 500])
async def test_the_url_is_verified_with_the_plain_text(stage: Stage, echo: str) -> None:
    encrypted = stage.caller.encrypt(echo)
    query = stage.caller.query(encrypted, echostr=encrypted)
    async with stage.caller.client.get(PATH, params=query) as response:
        assert response.status == 200
        assert await response.read() == echo.encode()
        assert response.content_type == "text/plain"


async def test_the_published_example_is_verified(stage: Stage) -> None:
    """https://developer.work.weixin.qq.com/document/path/90968"""
    query = {
        "msg_signature": "5c45ff5e21c57e6ad56bac8758b79b1d9ac89fd3",
        "timestamp": "1409659589",
        "nonce": "263014780",
        "echostr": "P9nAzCzyDtyTWESHep1vC5X9xho/qYX3Zpb4yKa9SKld1DsH3Iyt3tP3zNdtp+4RPcs8TgAE7OaBO+"
        "FZXvnaqQ==",
    }
    async with stage.caller.client.get(PATH, params=query) as response:
        assert await response.text() == "1616140317555161061"


async def test_a_plus_that_was_not_escaped_is_a_plus(stage: Stage) -> None:
    encrypted = next(
        text for n in range(100) if "+" in (text := stage.caller.encrypt(f"echo{n}" * 9))
    )
    pairs = stage.caller.query(encrypted, echostr=encrypted).items()
    raw = "&".join(f"{name}={value}" for name, value in pairs)
    url = yarl.URL(f"{PATH}?{raw}", encoded=True)
    async with stage.caller.client.get(url) as response:
        assert (await response.text()).startswith("echo")


async def test_a_text_is_stored_and_acknowledged_with_nothing(stage: Stage) -> None:
    response = await stage.caller.post(fields())
    assert await stage.caller.reply(response) is None
    (message,) = stage.talk.accepted
    assert (message.key, message.text) == ("wecom:zhangsan", "扩岗补助")
    assert message.message_id == "7155555555555555555"
    assert stage.counted("taken") == 1


async def test_a_repeat_is_acknowledged_and_not_worked(stage: Stage) -> None:
    for _ in range(3):
        assert await stage.caller.reply(await stage.caller.post(fields())) is None
    assert len(stage.talk.accepted) == 1
    assert (stage.counted("taken"), stage.counted("repeated")) == (1, 2)


async def test_repeats_at_the_same_time_are_one_message(stage: Stage) -> None:
    stage.talk.pause = 0.02
    responses = await asyncio.gather(*(stage.caller.post(fields()) for _ in range(10)))
    assert [response.status for response in responses] == [200] * 10
    assert len(stage.talk.accepted) == 1


async def test_events_of_one_second_are_kept_apart(stage: Stage) -> None:
    event = {"MsgType": "event", "Event": "click", "MsgId": None, "Content": None}
    for key in ("房租减免", "稳岗返还", "房租减免"):
        await stage.caller.post(fields(**event, EventKey=key))
    assert [message.text for message in stage.talk.accepted] == ["房租减免", "稳岗返还"]


@pytest.mark.parametrize("event", ["view", "LOCATION", "share_chain_change", "never_heard_of"])
async def test_other_events_are_passed_over(stage: Stage, event: str) -> None:
    given = fields(MsgType="event", Event=event, MsgId=None, Content=None, EventKey="http://x")
    assert await stage.caller.reply(await stage.caller.post(given)) is None
    assert stage.talk.accepted == []
    assert stage.counted("ignored") == 1


async def test_events_of_the_corp_name_no_app(stage: Stage) -> None:
    given = fields(MsgType="event", Event="batch_job_result", MsgId=None, AgentID=None)
    assert (await stage.caller.post(given)).status == 200
    assert stage.talk.accepted == []


async def test_a_press_is_a_message_and_replaces_the_buttons(stage: Stage) -> None:
    said = await stage.caller.reply(await stage.caller.post(press("第2项", "晋政发14号第八条")))
    assert said is not None
    assert said["MsgType"] == "update_button"
    assert said["Button"] == {"ReplaceName": "已选：第2项"}
    assert [message.text for message in stage.talk.accepted] == ["晋政发14号第八条"]


async def test_a_press_that_comes_again_is_shown_again_but_not_worked(stage: Stage) -> None:
    for _ in range(2):
        said = await stage.caller.reply(await stage.caller.post(press("是", "是")))
        assert said is not None and said["Button"] == {"ReplaceName": "已选：是"}
    assert len(stage.talk.accepted) == 1


async def test_what_could_not_be_stored_is_brought_again_and_in_the_end_told(
    stage: Stage,
) -> None:
    stage.talk.fault = [StorageError("数据库不可用") for _ in range(3)]
    assert (await stage.caller.post(fields())).status == 503
    assert (await stage.caller.post(fields())).status == 503
    said = await stage.caller.reply(await stage.caller.post(fields()))
    assert said is not None
    assert (said["MsgType"], said["Content"]) == ("text", sentence("input.not_taken"))
    assert stage.talk.accepted == []


async def test_a_fault_that_passes_costs_nothing(stage: Stage) -> None:
    stage.talk.fault = [StorageError("数据库不可用")]
    assert (await stage.caller.post(fields())).status == 503
    assert await stage.caller.reply(await stage.caller.post(fields())) is None
    assert len(stage.talk.accepted) == 1


async def test_deliveries_are_counted_by_message(stage: Stage) -> None:
    stage.talk.fault = [StorageError("数据库不可用") for _ in range(4)]
    for message_id in ("1", "2", "1", "2"):
        assert (await stage.caller.post(fields(MsgId=message_id))).status == 503


async def test_storing_that_takes_too_long_is_a_fault(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.channels.wecom.channel._PATIENCE", 0.05)
    stage.talk.pause = 5.0
    assert (await stage.caller.post(fields())).status == 503


async def test_too_many_waiting_is_said_once(stage: Stage) -> None:
    stage.talk.fault = [OverloadedError("太多")]
    said = await stage.caller.reply(await stage.caller.post(fields()))
    assert said is not None and said["Content"] == sentence("input.overloaded")
    assert stage.talk.accepted == []


async def test_who_only_came_in_is_told_nothing_of_it(stage: Stage) -> None:
    stage.talk.fault = [OverloadedError("太多")]
    given = fields(MsgType="event", Event="enter_agent", MsgId=None, Content=None, EventKey=None)
    assert await stage.caller.reply(await stage.caller.post(given)) is None


async def test_another_text_under_a_known_id_does_nothing(stage: Stage) -> None:
    await stage.caller.post(fields())
    response = await stage.caller.post(fields(Content="别的话"))
    assert await stage.caller.reply(response) is None
    assert [message.text for message in stage.talk.accepted] == ["扩岗补助"]


async def test_a_clock_that_is_off_is_reported_and_not_paid_for(stage: Stage) -> None:
    stage.clock.now = NOW + 3600.0
    for number in range(3):
        stage.caller.now = NOW + number
        last = await stage.caller.post(fields(MsgId=str(number)))
    assert last.status == 200
    assert "时钟" in (stage.channel.fault() or "")


async def test_logs_hold_no_words_and_no_secrets(stage: Stage) -> None:
    stage.talk.fault = [StorageError("数据库不可用"), OverloadedError("太多")]
    with capture_logs() as events:
        for message_id in ("1", "2", "3", "3"):
            await stage.caller.post(fields(MsgId=message_id, Content="营收三千万13800001234"))
        await stage.caller.post(fields(MsgId="3", Content="别的话"))
        await stage.caller.raw("<xml>营收</xml>", stage.caller.query("x"))
        stage.caller.now -= 7200
        await stage.caller.post(fields(MsgId="4", Content="营收三千万"))
    names = {event["event"] for event in events}
    assert {"message_not_stored", "callback_conflict", "callback_refused"} <= names
    assert "callback_stale" in names
    for words in ("营收", "138", "别的话", TOKEN, AES_KEY):
        assert words not in str(events)


def test_a_channel_without_settings_is_not_made(tmp_path: Path, outlet: Any) -> None:
    settings = Settings.load({}, tmp_path / "none.env")
    with pytest.raises(SettingsError, match="WENCE_WECOM_CORP_ID"):
        WecomChannel(None, settings, outlet, sentence, CollectorRegistry())  # type: ignore[arg-type]
