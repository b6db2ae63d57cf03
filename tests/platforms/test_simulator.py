"""The stand-ins behave as the platforms are documented to."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from aiohttp import ClientError

from tests.platforms.aibot import AiBot
from tests.platforms.aibot_socket import (
    BAD_REQUEST,
    BAD_SECRET,
    EXPIRED,
    NOT_SUBSCRIBED,
    AiBotSocket,
)
from tests.platforms.bots import AiBotEcho, SocketEcho, WeChatEcho, WeComEcho
from tests.platforms.envelope import Envelope, EnvelopeFault
from tests.platforms.wechat import Mode, OfficialAccount, WeChat
from tests.platforms.wechat_person import OUT_OF_ORDER
from tests.platforms.wecom import WeCom


class Clock:
    """Time that passes when told to."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest_asyncio.fixture
async def wecom() -> AsyncIterator[WeCom]:
    async with WeCom(patience=0.15, clock=Clock()) as platform:
        yield platform


@pytest_asyncio.fixture
async def app(wecom: WeCom) -> AsyncIterator[WeComEcho]:
    async with WeComEcho(wecom) as bot:
        wecom.callback = bot.url
        yield bot


def test_an_envelope_is_opened_only_as_it_was_sealed() -> None:
    envelope = Envelope("token", "a" * 42 + "A", "corp")
    sealed = envelope.seal("中文")
    signature = envelope.sign("1", "2", sealed)
    assert envelope.open(sealed, signature, "1", "2") == "中文"
    with pytest.raises(EnvelopeFault, match="signature"):
        envelope.open(sealed, signature, "1", "3")
    other = Envelope("token", "a" * 42 + "A", "other")
    with pytest.raises(EnvelopeFault, match="receive id"):
        other.open(sealed, signature, "1", "2")


async def test_a_message_taken_at_once_is_delivered_once(wecom: WeCom, app: WeComEcho) -> None:
    post = await wecom.person("li").says("稳岗返还 <a> ]]> &")
    assert post.accepted
    assert [m["Content"] for m in app.heard] == ["稳岗返还 <a> ]]> &"]
    assert app.heard[0]["MsgId"] == post.message_id


@pytest.mark.parametrize(("status", "delay"), [(500, 0.0), (200, 0.5)])
async def test_what_is_not_taken_is_delivered_three_times(
    wecom: WeCom, app: WeComEcho, status: int, delay: float
) -> None:
    app.status, app.delay = status, delay
    post = await wecom.person("li").says("房租减免")
    assert not post.accepted
    assert len(post.attempts) == 3
    assert len({m["MsgId"] for m in app.heard}) == 1


async def test_a_passive_reply_is_read_and_a_bad_one_is_a_problem(
    wecom: WeCom, app: WeComEcho
) -> None:
    li = wecom.person("li")
    app.passive = "好的"
    await li.says("在吗")
    assert (await li.sees("好的")).via == "passive"
    app.answer = lambda request: "<xml><Content>裸的</Content></xml>"  # type: ignore[method-assign]
    await li.says("在吗")
    assert [line.text for line in li.heard] == ["好的"]
    assert wecom.problems == ["passive reply: wrong signature"]


async def test_active_messages_reach_the_person(wecom: WeCom, app: WeComEcho) -> None:
    li = wecom.person("li")
    assert (await app.call("message/send", app.text("li", "答复")))["errcode"] == 0
    assert (await li.sees("答复")).via == "active"
    assert (await app.call("message/send", app.text("nobody", "答复")))["errcode"] == 81013
    wrong = app.text("li", "答复") | {"agentid": "1000002"}
    assert (await app.call("message/send", wrong))["errcode"] == 40056
    markdown = app.text("li", "答复") | {"msgtype": "markdown_v2"}
    assert (await app.call("message/send", markdown))["errcode"] == 40008
    await app.call("message/send", app.text("li", "长" * 700))
    assert li.heard[-1].cut
    assert len(li.heard[-1].text) == 682
    assert wecom.problems == ["text of 2100 bytes was cut at 2048"]


async def test_tokens_die(wecom: WeCom, app: WeComEcho) -> None:
    wecom.person("li")
    await app.call("message/send", app.text("li", "一"))
    (token,) = wecom.tokens
    assert (await app.call("message/send", app.text("li", "二"), "other"))["errcode"] == 40014
    wecom.kill_tokens()
    assert (await app.call("message/send", app.text("li", "二"), token))["errcode"] == 42001
    assert (await app.call("message/send", app.text("li", "二")))["errcode"] == 0
    assert len(wecom.tokens) == 2


async def test_quotas_drop_silently_and_duplicates_are_swallowed_on_request(
    wecom: WeCom, app: WeComEcho
) -> None:
    li = wecom.person("li")
    for number in range(32):
        assert (await app.call("message/send", app.text("li", f"{number}")))["errcode"] == 0
    assert len(li.heard) == 30
    assert [c.dropped for c in wecom.made("message/send")][-2:] == ["frequency", "frequency"]
    wecom.clock.now += 61  # type: ignore[attr-defined]
    await app.call("message/send", app.text("li", "同样的话"))
    again = app.text("li", "同样的话", enable_duplicate_check=1)
    assert (await app.call("message/send", again))["errcode"] == 0
    assert wecom.calls[-1].dropped == "duplicate"
    await app.call("message/send", app.text("li", "同样的话"))
    assert li.doubles == ["同样的话"]


def card(task_id: str) -> dict[str, Any]:
    buttons = [{"text": "是", "key": "p:yes"}, {"text": "否", "key": "p:no"}]
    title = {"title": "贵企业是工业企业吗？"}
    kind = "button_interaction"
    return {"card_type": kind, "main_title": title, "button_list": buttons, "task_id": task_id}


async def test_a_card_is_pressed_and_changed_once(wecom: WeCom, app: WeComEcho) -> None:
    li = wecom.person("li")
    body = app.text("li", "") | {"msgtype": "template_card", "template_card": card("t-1")}
    assert "response_code" in await app.call("message/send", body)
    assert (await app.call("message/send", body))["errcode"] == 40058  # the task id is used up
    await li.presses("是")
    event = app.heard[-1]
    assert (event["Event"], event["EventKey"], event["TaskId"]) == (
        "template_card_event",
        "p:yes",
        "t-1",
    )
    change = {
        "userids": ["li"],
        "agentid": wecom.account.agent_id,
        "response_code": event["ResponseCode"],
        "button": {"replace_name": "已选：是"},
    }
    assert (await app.call("message/update_template_card", change))["errcode"] == 0
    assert "已选：是" in li.heard[-1].text
    with pytest.raises(AssertionError, match="no card"):
        await li.presses("否")
    assert (await app.call("message/update_template_card", change))["errcode"] == 40058


@pytest.mark.parametrize(
    ("kind", "value", "shown"),
    [("errcode", -1, 0), ("close_before", 0, 0), ("close_after", 0, 1), ("late", 0.05, 1)],
)
async def test_faults_on_demand(
    wecom: WeCom, app: WeComEcho, kind: Any, value: float, shown: int
) -> None:
    li = wecom.person("li")
    wecom.faults.once("message/send", kind, value)
    try:
        answer = await app.call("message/send", app.text("li", "答复"))
        assert answer["errcode"] == (-1 if kind == "errcode" else 0)
    except ClientError:
        assert kind.startswith("close")
    assert len(li.heard) == shown
    assert wecom.calls[-1].fault == kind
    assert (await app.call("message/send", app.text("li", "答复")))["errcode"] == 0


@pytest.mark.parametrize("mode", ["plain", "compatible", "safe"])
async def test_an_official_account_in_each_mode(mode: Mode) -> None:
    account = OfficialAccount(mode=mode)
    async with WeChat(account, patience=0.15) as platform, WeChatEcho(platform) as bot:
        platform.callback = bot.url
        li = platform.person("o-li")
        bot.passive = "答复"
        await li.says("稳岗返还")
        assert bot.heard[0]["Content"] == "稳岗返还"
        assert (await li.sees("答复")).via == "passive"
        bot.passive = '{"reply":"JSON"}'
        await li.says("再问")
        assert (await li.sees(OUT_OF_ORDER)).author == "platform"
        bot.passive, bot.delay = "success", 0.5
        post = await li.says("慢")
        assert len(post.attempts) == 3
        await li.sees(OUT_OF_ORDER)


async def test_the_quota_of_customer_service_messages() -> None:
    clock = Clock()
    async with WeChat(patience=0.15, clock=clock) as platform, WeChatEcho(platform) as bot:
        platform.callback, bot.passive = bot.url, "success"
        li = platform.person("o-li")
        assert await bot.send("o-li", "0") == 45015
        await li.says("问")
        assert [await bot.send("o-li", f"{n}") for n in range(6)] == [0, 0, 0, 0, 0, 45047]
        clock.now += 48 * 3600
        assert await bot.send("o-li", "0") == 45015
        await li.does("CLICK", "menu")
        assert [await bot.send("o-li", f"{n}") for n in range(4)] == [0, 0, 0, 45047]
        await li.says("再问")
        assert await bot.send("o-li", "长" * 683) == 45002
        platform.customer_service = False
        assert await bot.send("o-li", "x") == 48001
        assert len(platform.tokens) == 2  # the first died of age; it did not rotate


async def test_a_stream_is_polled_until_it_is_finished() -> None:
    async with AiBot(patience=0.5, poll=0.01) as platform, AiBotEcho(platform.envelope) as bot:
        platform.callback = bot.url

        def packet(content: str, finish: bool) -> dict[str, Any]:
            stream = {"id": "s-1", "content": content, "finish": finish}
            return {"msgtype": "stream", "stream": stream}

        li = platform.person("li")
        bot.packets = [packet("查", False), packet("查到", False), packet("查到了", True)]
        await li.says("稳岗返还")
        await li.sees("查到了")
        assert [line.text for line in li.heard] == ["查到了"]
        assert [m["msgtype"] for m in bot.heard] == ["text", "stream", "stream"]
        assert li.polls == 2
        bot.packets = [{"msgtype": "text", "text": {"content": "欢迎"}}] * 2
        await li.enters()
        assert (await li.sees("欢迎")).via == "welcome"
        await li.says("不能用文本回答")
        assert platform.problems == ["reply: a reply of type text is not allowed here"]
        group = platform.person("li", "g-1")
        await group.says("稳岗返还")
        assert bot.heard[-1]["chatid"] == "g-1"
        assert bot.heard[-1]["text"]["content"] == "@问策 稳岗返还"


async def test_the_long_connection() -> None:
    async with AiBotSocket() as platform, SocketEcho(platform.url) as bot:
        li = platform.person("li")
        account = platform.account
        login = {"bot_id": account.bot_id, "secret": account.secret}
        assert await bot.send("ping", None) == NOT_SUBSCRIBED
        assert await bot.send("aibot_subscribe", login | {"secret": "x"}) == BAD_SECRET
        assert await bot.send("aibot_subscribe", login) == 0
        assert await bot.send("ping", None) == 0
        req_id = await li.says("稳岗返还")
        message = await bot.frame()
        assert message is not None
        assert message["headers"]["req_id"] == req_id
        stream = {"id": "s", "content": "答复", "finish": True}
        body = {"msgtype": "stream", "stream": stream}
        assert await bot.send("aibot_respond_msg", body, "unknown") == BAD_REQUEST
        assert await bot.send("aibot_respond_msg", body, req_id) == 0
        await li.sees("答复")
        assert await bot.send("aibot_respond_msg", body, req_id) == EXPIRED
        markdown = {"msgtype": "markdown", "markdown": {"content": "后来的话"}}
        assert await bot.send("aibot_send_msg", {"chatid": "li", "chat_type": 1} | markdown) == 0
        await li.sees("后来的话")
        async with SocketEcho(platform.url) as newer:
            assert await newer.send("aibot_subscribe", login) == 0
            kicked = await bot.frame()
            assert kicked is not None
            assert kicked["body"]["event"]["eventtype"] == "disconnected_event"
            assert await bot.frame() is None


async def test_a_person_who_waits_in_vain_sees_the_transcript(wecom: WeCom) -> None:
    li = wecom.person("li")
    with pytest.raises(AssertionError, match="did not see"):
        await li.sees("答复", within=0.01)
