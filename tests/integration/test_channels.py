"""People on WeCom, WeChat and the AI bot talk to the whole stack, as stories."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import re
import signal
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import pytest_asyncio

from bot.app import serve
from tests.platforms.aibot import AiBot
from tests.platforms.aibot_socket import AiBotSocket
from tests.platforms.person import Person
from tests.platforms.wechat import OfficialAccount, WeChat
from tests.platforms.wechat_person import OUT_OF_ORDER
from tests.platforms.wecom import WeCom
from tests.support.fake_rasa import FakeRasa
from tests.support.postgres import Cluster
from tests.support.service import service_settings, share_knowledge
from tests.support.stack import Stack, running_stack

pytestmark = pytest.mark.asyncio(loop_scope="module")

QUESTION = "扩岗补助一个人多少钱"
OTHER = "住房公积金能缓缴吗"


@dataclass
class World:
    """A running stack and the platforms it believes in."""

    stack: Stack
    wecom: WeCom
    wechat: WeChat
    aibot: AiBot | None = None
    socket: AiBotSocket | None = None

    @contextlib.contextmanager
    def frozen(self, name: str) -> Iterator[None]:
        """One of the stack's processes stands still."""
        pid = self.stack.pids()[name]
        os.kill(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(pid, signal.SIGCONT)


def bare(text: str) -> str:
    return re.sub(r"\W+", "", text)


@contextlib.asynccontextmanager
async def up(folder: Path, environ: dict[str, str]) -> AsyncIterator[Stack]:
    """A stack, started and stopped beside the platforms' event loop."""
    with contextlib.ExitStack() as held:
        stack = await asyncio.to_thread(held.enter_context, running_stack(folder, **environ))
        try:
            yield stack
        finally:
            await asyncio.to_thread(held.close)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def world(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    """On SQLite; the official account in safe mode, the AI bot by callback."""
    async with WeCom() as wecom, WeChat() as wechat, AiBot(host=wecom) as aibot:
        environ = wecom.account.settings(wecom.url) | wechat.account.settings(wechat.url)
        environ |= aibot.account.callback_settings()
        async with up(tmp_path_factory.mktemp("channels"), environ) as stack:
            wecom.callback = f"{stack.address}/wecom/callback"
            wechat.callback = f"{stack.address}/wechat/callback"
            aibot.callback = f"{stack.address}/wecom/aibot/callback"
            yield World(stack, wecom, wechat, aibot=aibot)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def elsewhere(
    tmp_path_factory: pytest.TempPathFactory, postgres: Cluster
) -> AsyncIterator[World]:
    """On PostgreSQL; the official account in plain mode, the AI bot by its long connection."""
    url = postgres.create_database()
    account = OfficialAccount(mode="plain")
    async with WeCom() as wecom, WeChat(account) as wechat, AiBotSocket() as socket:
        environ = wecom.account.settings(wecom.url) | wechat.account.settings(wechat.url)
        environ |= socket.account.socket_settings(socket.url) | {"WENCE_DATABASE_URL": url}
        async with up(tmp_path_factory.mktemp("elsewhere"), environ) as stack:
            wecom.callback = f"{stack.address}/wecom/callback"
            wechat.callback = f"{stack.address}/wechat/callback"
            yield World(stack, wecom, wechat, socket=socket)
    await asyncio.to_thread(postgres.drop, url)


@pytest.fixture(autouse=True)
def no_complaints(request: pytest.FixtureRequest) -> Iterator[None]:
    """After every story the platforms have nothing to complain of."""
    worlds = [
        request.getfixturevalue(n) for n in ("world", "elsewhere") if n in request.fixturenames
    ]
    yield
    for each in worlds:
        for platform in (each.wecom, each.wechat, each.aibot, each.socket):
            if platform is not None:
                problems = list(platform.problems)
                platform.problems.clear()
                assert problems == []


async def answer_to(world: World, question: str) -> str:
    """The answer, as the REST channel gives it to a stranger."""
    sender = f"stranger-{uuid4()}"
    status, replies = await asyncio.to_thread(world.stack.send, sender, question)
    assert status == 200
    return "\n".join(reply["text"] for reply in replies)


async def hears_answer(world: World, person: Person, question: str = QUESTION) -> list[str]:
    """Wait until the whole answer has reached the person; by which ways its pieces came."""
    lines = await person.hears(await answer_to(world, question))
    return [line.via for line in lines]


def turns(world: World, key: str) -> list[tuple[Any, ...]]:
    """States of all turns of a conversation in the SQLite database."""
    query = (
        "select t.state from turns t join conversations c on c.id = t.conversation_id"
        " where c.key = ? order by t.seq"
    )
    return world.stack.rows(query, key)


async def test_wecom_an_answer_comes_once(world: World) -> None:
    li = world.wecom.person("li")
    post = await li.says(QUESTION)
    assert len(post.attempts) == 1
    assert post.attempts[0].body == b""
    assert set(await hears_answer(world, li)) == {"active"}
    await li.hears_nothing_more(1.0)
    assert li.doubles == []


async def test_wecom_several_people_hear_their_own_answers(elsewhere: World) -> None:
    questions = [QUESTION, OTHER, "房租减免怎么规定的", "高新技术企业首次认定奖励多少"]
    people = [elsewhere.wecom.person(f"crowd-{n}") for n in range(len(questions))]
    await asyncio.gather(*(p.says(q) for p, q in zip(people, questions, strict=True)))
    for person, question in zip(people, questions, strict=True):
        await hears_answer(elsewhere, person, question)
        assert person.doubles == []


async def test_wecom_the_same_message_delivered_again_is_answered_once(world: World) -> None:
    wang = world.wecom.person("wang")
    with world.frozen("service"):
        asking = asyncio.create_task(wang.says(QUESTION))
        await asyncio.sleep(5.5)  # the platform's patience is over
    post = await asking
    assert post.accepted
    assert [attempt.status for attempt in post.attempts] == [None, 200]
    await hears_answer(world, wang)
    await wang.hears_nothing_more(2.0)
    assert wang.doubles == []
    assert turns(world, "wecom:wang") == [("answered",)]


async def interview(world: World, person: Any) -> None:
    """From the first question to an amount, by buttons where there are some."""
    await person.says("我们能享受小升规奖励吗")
    await hears_answer(world, person, "我们能享受小升规奖励吗")
    await person.says("我们是做铸造的，工业企业")
    await person.sees("首次")
    for choice, next_words in (("是", "战略性新兴产业"), ("否", "30万元")):
        card = await person.gets_card()
        (button,) = [b.title for b in card.buttons if b.title in {choice, f"不{choice}", "不是"}][
            :1
        ]
        await person.presses(button)
        await person.sees(next_words)
        # A button that was pressed can be pressed no more.
        assert not any(line.buttons for line in person.screen if line.card == card.card)


async def test_wecom_an_interview_with_buttons(world: World) -> None:
    await interview(world, world.wecom.person("zhao"))


async def test_wecom_a_new_follower_is_greeted_and_a_voice_is_told_honestly(world: World) -> None:
    new = world.wecom.person("new")
    await new.does("subscribe")
    await new.sees("自动")
    await new.speaks(seconds=7)
    await new.sees("您的语音（7秒）收到了")
    assert len(world.wecom.made("media/get")) == 1
    await new.speaks(seconds=None)
    await new.sees("这里听不了语音")
    assert (await new.does("view", "https://example.com")).accepted
    assert (await new.does("something_new")).accepted
    await new.hears_nothing_more(1.0)


async def test_wecom_a_token_that_dies_early_is_renewed_once(world: World) -> None:
    li = world.wecom.person("token")
    await li.says(QUESTION)
    await hears_answer(world, li)
    before = len(world.wecom.made("gettoken"))
    world.wecom.kill_tokens()
    others = [world.wecom.person(f"token-{n}") for n in range(5)]
    await asyncio.gather(*(person.says(OTHER) for person in others))
    for person in others:
        await hears_answer(world, person, OTHER)
    assert len(world.wecom.made("gettoken")) == before + 1


@pytest.mark.parametrize(
    ("kind", "value"),
    [("errcode", -1), ("close_before", 0), ("close_after", 0), ("status", 502), ("rubbish", 0)],
)
async def test_wecom_a_send_that_goes_wrong_arrives_once_all_the_same(
    world: World, kind: Any, value: float
) -> None:
    person = world.wecom.person(f"fault-{kind}")
    world.wecom.faults.once("message/send", kind, value)
    await person.says(QUESTION)
    await hears_answer(world, person)
    await person.hears_nothing_more(3.0)
    assert person.doubles == []


async def test_wecom_an_untrusted_address_is_reported_and_the_answers_wait(world: World) -> None:
    person = world.wecom.person("ip")
    world.wecom.faults.always("message/send", "errcode", 60020)
    await person.says(QUESTION)
    for _ in range(100):
        status, body = await asyncio.to_thread(world.stack.get, "/readyz")
        if "可信" in json.dumps(body, ensure_ascii=False):
            break
        await asyncio.sleep(0.1)
    else:
        raise AssertionError(f"/readyz says nothing of it: {status} {body}")
    world.wecom.faults.heal()
    await person.says(OTHER)
    for question in (QUESTION, OTHER):
        await person.hears(await answer_to(world, question), within=90.0)
    assert person.doubles == []


async def test_wechat_a_quick_answer_is_the_reply_itself(world: World) -> None:
    li = world.wechat.person("o-li")
    await li.says(QUESTION)
    assert (await hears_answer(world, li))[0] == "passive"
    await li.hears_nothing_more(1.0)
    assert li.doubles == []


async def test_wechat_in_plain_mode(elsewhere: World) -> None:
    li = elsewhere.wechat.person("o-plain")
    await li.says(QUESTION)
    assert (await hears_answer(elsewhere, li))[0] == "passive"
    assert (await li.does("subscribe")).accepted
    await li.sees("自动")


async def test_wechat_a_slow_answer_follows_once(world: World) -> None:
    wang = world.wechat.person("o-wang")
    with world.frozen("rasa"):
        post = await wang.says(QUESTION)
        assert post.accepted
        await asyncio.sleep(1.0)
    assert set(await hears_answer(world, wang)) == {"active"}
    await wang.hears_nothing_more(2.0)
    assert wang.doubles == []
    assert OUT_OF_ORDER not in [line.text for line in wang.screen]
    assert turns(world, "wechat:o-wang") == [("answered",)]


async def test_wechat_without_the_right_to_write_first_the_answer_is_fetched(world: World) -> None:
    zhao = world.wechat.person("o-zhao")
    world.wechat.customer_service = False
    try:
        with world.frozen("rasa"):
            await zhao.says(QUESTION)
        beginning = bare(await answer_to(world, QUESTION))[:20]
        for _ in range(5):
            await asyncio.sleep(1.0)
            await zhao.says("1")
            if any(beginning in bare(line.text) for line in zhao.heard):
                break
        found = [line for line in zhao.heard if beginning in bare(line.text)]
        assert [line.via for line in found] == ["passive"], zhao.transcript()
    finally:
        world.wechat.customer_service = True


async def test_aibot_a_stream_is_finished_with_the_answer(world: World) -> None:
    assert world.aibot is not None
    li = world.aibot.person("li")
    await li.enters()
    assert (await li.sees()).via in {"welcome", "passive"}
    await li.says(QUESTION)
    await hears_answer(world, li)
    group = world.aibot.person("li", "group-1")
    await group.says(OTHER)
    await hears_answer(world, group, OTHER)
    await group.hears_nothing_more(2.0)
    assert not li.open
    assert not group.open
    assert turns(world, "aibot:group-1/li") == [("answered",)]


async def test_aibot_a_slow_answer_is_polled_for(world: World) -> None:
    assert world.aibot is not None
    wang = world.aibot.person("wang")
    with world.frozen("rasa"):
        await wang.says(QUESTION)
        await asyncio.sleep(3.0)
        assert wang.polls >= 1
    await hears_answer(world, wang)
    assert [line.via for line in wang.heard] == ["stream"]


async def test_aibot_an_interview_with_buttons_and_a_rating(world: World) -> None:
    assert world.aibot is not None
    zhao = world.aibot.person("zhao")
    await interview(world, zhao)
    assert (await zhao.rates(good=False, words="没看懂")).accepted


async def test_aibot_long_connection(elsewhere: World) -> None:
    socket = elsewhere.socket
    assert socket is not None
    await socket.subscribed()
    li = socket.person("li")
    await li.enters()
    await li.sees()
    await li.says(QUESTION, times=2)  # the platform may bring a callback twice
    await hears_answer(elsewhere, li)
    await li.hears_nothing_more(2.0)
    assert li.doubles == []


async def test_aibot_long_connection_comes_back_and_delivers(elsewhere: World) -> None:
    socket = elsewhere.socket
    assert socket is not None
    wang = socket.person("wang")
    with elsewhere.frozen("rasa"):
        await wang.says(QUESTION)
        await asyncio.sleep(2.0)
        await socket.drop()  # the answer finds no connection
    await socket.subscribed()
    await hears_answer(elsewhere, wang)


async def test_aibot_long_connection_taken_over_is_not_fought_for(elsewhere: World) -> None:
    socket = elsewhere.socket
    assert socket is not None
    await socket.subscribed()
    before = socket.subscriptions
    await socket.kick()
    await asyncio.sleep(5.0)
    assert socket.subscriptions == before


async def test_wechat_in_compatible_mode(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    share_knowledge(monkeypatch)
    async with FakeRasa() as rasa, WeChat(OfficialAccount(mode="compatible")) as wechat:
        account = wechat.account
        settings = service_settings(
            tmp_path,
            rasa.url,
            wechat_app_id=account.app_id,
            wechat_app_secret=account.app_secret,
            wechat_token=account.token,
            wechat_aes_key=account.aes_key,
            wechat_mode=account.mode,
            wechat_api_base=wechat.url,
        )
        async with serve(settings) as (port, _):
            wechat.callback = f"http://127.0.0.1:{port}/wechat/callback"
            li = wechat.person("o-li")
            await li.says("稳岗返还")
            assert (await li.sees("答：稳岗返还")).via == "passive"
            await li.says("房租减免")
            await li.sees("答：房租减免")
            assert wechat.problems == []
