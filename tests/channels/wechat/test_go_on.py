"""Where the account cannot send, or may send no more, the person asks for the rest with 1."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web

from bot.channels.wechat import Patience
from bot.channels.wechat.exchange import Exchange
from bot.channels.wechat.outlet import classify
from bot.conversations.outlet import WaitForPersonError
from bot.knowledge import Knowledge
from bot.storage.engine import Database
from tests.channels.wechat.platform import message
from tests.channels.wechat.world import MORE, SENTENCES, World, opened

LONG = "房租减免的政策有哪些，请逐条说明。" * 110  # an answer of three parts


def silenced(world: World) -> World:
    """The account has no right to customer-service messages, and it is known."""
    world.api.right = False
    world.outlet._denied_at = world.outlet._clock()
    return world


@pytest.fixture
async def mute(database: Database, knowledge: Knowledge, tmp_path: Path) -> AsyncIterator[World]:
    """An account without the right to send; the platform waits for its answers."""
    async with opened(database, knowledge, tmp_path, hold=0.0) as world:
        yield silenced(world)


def shown(text: str | None) -> str:
    """The words without the notice."""
    assert text is not None
    return text.removesuffix(MORE).removesuffix("\n")


async def test_the_whole_answer_is_read_bit_by_bit(mute: World) -> None:
    answers = [await mute.says(LONG)]
    while answers[-1] is not None and answers[-1].endswith(MORE):
        answers.append(await mute.says("1"))
    assert len(answers) == 3
    assert "".join(shown(answer) for answer in answers) == f"答：{LONG}"
    assert await mute.kinds() == ["text", "continue", "continue"]
    await mute.until("sent", number=3)
    assert len(mute.rasa.worked) == 1
    assert mute.api.asked == 0


async def test_that_the_right_is_missing_is_learnt_from_the_first_refusal(hasty: World) -> None:
    hasty.api.right = False
    hasty.rasa.gate.clear()
    assert await hasty.says("房租减免") is None
    hasty.rasa.gate.set()
    await hasty.until("waiting")
    assert not hasty.outlet.can_send
    assert await hasty.says("1") == "答：房租减免"
    assert hasty.api.asked == 1


async def test_with_nothing_left_a_1_is_a_text_like_any_other(mute: World) -> None:
    assert await mute.says("房租减免") == "答：房租减免"
    await mute.until("sent")
    await mute.says("继续")
    assert (await mute.kinds())[-1] == "text"


async def test_an_answer_that_takes_long_is_promised_and_fetched(hasty: World) -> None:
    mute = silenced(hasty)
    mute.rasa.gate.clear()
    assert await mute.says("房租减免") == SENTENCES["wechat.searching"]
    assert await mute.says("1") == SENTENCES["wechat.still_searching"]
    mute.rasa.gate.set()
    await mute.until("waiting")
    assert await mute.says("1") == "答：房租减免"
    assert await mute.kinds() == ["text", "continue", "continue"]
    assert [text for _, _, text in mute.rasa.worked] == ["房租减免"]


async def test_an_answer_that_comes_while_1_is_asked_is_carried(
    database: Database, knowledge: Knowledge, tmp_path: Path
) -> None:
    async with opened(database, knowledge, tmp_path, hold=0.0) as world:
        world.outlet._denied_at = world.outlet._clock()
        world.rasa.gate.clear()
        asked = asyncio.create_task(world.says("房租减免"))
        while not await world.kinds():
            await asyncio.sleep(0.01)
        fetched = asyncio.create_task(world.says("1"))
        while len(await world.kinds()) < 2:
            await asyncio.sleep(0.01)
        world.rasa.gate.set()
        answers = {await asked, await fetched}
        assert answers == {"答：房租减免", None}


async def test_a_new_question_is_answered_and_the_rest_stays_for_1(mute: World) -> None:
    question = LONG[: len(LONG) * 2 // 3]
    first = await mute.says(question)
    await mute.until("waiting")
    second = await mute.says("稳岗返还")
    third = await mute.says("1")
    assert second == f"答：稳岗返还\n{MORE}"
    assert f"{shown(first)}{third}" == f"答：{question}"


async def test_a_new_question_overtakes_all_that_waits(mute: World) -> None:
    first = await mute.says(LONG)
    await mute.until("waiting")
    second = await mute.says("稳岗返还")
    third, fourth = await mute.says("1"), await mute.says("1")
    assert second == f"答：稳岗返还\n{MORE}"
    assert "".join(shown(text) for text in (first, third, fourth)) == f"答：{LONG}"


async def test_two_1s_at_once_bring_no_part_twice(mute: World) -> None:
    first = await mute.says(LONG)
    await mute.until("waiting")
    read = [
        shown(answer) for answer in await asyncio.gather(mute.says("1"), mute.says("1")) if answer
    ]
    while len(read) < 2:
        read.append(shown(await mute.says("1")))
    whole = f"答：{LONG}"
    assert shown(first) + "".join(sorted(read, key=whole.endswith)) == whole


async def test_a_repeated_1_is_the_same_1(hasty: World) -> None:
    hasty.api.quota = 0
    hasty.rasa.gate.clear()
    assert await hasty.says(LONG) is None
    hasty.rasa.gate.set()
    await hasty.until("waiting")
    fields = message(Content="1")
    assert await hasty.platform.deliver(hasty.session, fields) is not None
    assert await hasty.platform.deliver(hasty.session, fields) is None
    assert (await hasty.kinds()).count("continue") == 1


async def test_a_repeat_may_carry_what_else_would_not_arrive(
    mute: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def hang_up(*_: object) -> None:
        raise ConnectionResetError

    say = Exchange.say

    def say_brokenly(self: Exchange, text: str) -> web.Response:
        response = say(self, text)
        monkeypatch.setattr(response, "write_eof", hang_up)
        return response

    fields = message(Content="房租减免")
    with monkeypatch.context() as patched:
        patched.setattr(Exchange, "say", say_brokenly)
        with pytest.raises(aiohttp.ClientError):
            await mute.platform.deliver(mute.session, fields)
    assert await mute.platform.deliver(mute.session, fields) == "答：房租减免"
    assert await mute.platform.deliver(mute.session, fields) is None
    assert len(mute.rasa.worked) == 1


async def test_beyond_the_quota_the_rest_waits_and_says_so(
    database: Database, knowledge: Knowledge, tmp_path: Path
) -> None:
    long = "房租减免的政策有哪些，请逐条说明。" * 230  # an answer of seven parts
    patience = Patience(answer=0.5, latest=20.0, silence=0.6)
    async with opened(database, knowledge, tmp_path, patience=patience, hold=0.0) as world:
        world.rasa.gate.clear()
        assert await world.says(long) is None
        world.rasa.gate.set()
        said = await world.api.words(5)
        await world.until("waiting")
        assert said[4].endswith(MORE)
        assert not any(text.endswith(MORE) for text in said[:4])
        sixth = await world.says("1")
        rest = (await world.api.words(6))[5:]
        await world.until("sent", number=7)
        assert "".join(shown(text) for text in [*said, sixth, *rest]) == f"答：{long}"
        assert world.api.asked == 6


async def test_what_the_platform_calls_over_the_quota_waits(hasty: World) -> None:
    hasty.api.codes = [45047]
    hasty.rasa.gate.clear()
    assert await hasty.says("房租减免") is None
    hasty.rasa.gate.set()
    await hasty.until("waiting")
    assert hasty.outlet.can_send
    assert isinstance(classify(45047), WaitForPersonError)
    assert await hasty.says("1") == "答：房租减免"


async def test_a_dead_token_is_replaced_and_the_answer_sent(hasty: World) -> None:
    await hasty.session.post(
        f"{hasty.api.base}/cgi-bin/stable_token",
        json={"appid": "wxd930ea5d5a258f4f", "secret": "wechat-secret", "force_refresh": False},
    )
    for number in range(2):
        hasty.rasa.gate.clear()
        assert await hasty.says(f"第{number}问政策") is None
        hasty.rasa.gate.set()
        await hasty.api.words(number + 1)
        hasty.api.token = "T-other"
    assert [text for _, text in hasty.api.said] == ["答：第0问政策", "答：第1问政策"]


async def test_no_address_on_the_white_list_means_passive_answers(hasty: World) -> None:
    hasty.outlet._faults.note(40164, "invalid ip 203.0.113.7, not in whitelist")  # type: ignore[attr-defined]
    hasty.rasa.gate.clear()
    assert await hasty.says("房租减免") == SENTENCES["wechat.searching"]
    assert "203.0.113.7" in (hasty.channel.fault() or "")
    hasty.rasa.gate.set()
    # The answer is tried all the same: that is how the cure shows.
    assert await hasty.api.words(1) == ["答：房租减免"]
    await hasty.until("sent")
    assert hasty.channel.fault() is None


async def test_a_subscriber_is_greeted_with_the_notice(mute: World) -> None:
    fields = message(kind="event", Event="subscribe", EventKey="")
    greeting = await mute.platform.deliver(mute.session, fields)
    assert greeting is not None
    for word in ("自动", "保存", "删除", "转人工"):
        assert word in greeting
    assert await mute.platform.deliver(mute.session, fields) is None


async def test_events_are_taken_as_they_are_meant(mute: World) -> None:
    async def event(name: str, key: str = "") -> str | None:
        fields = message(kind="event", Event=name, EventKey=key)
        return await mute.platform.deliver(mute.session, fields)

    assert await event("CLICK", "房租减免") == "答：房租减免"
    for name in ("VIEW", "SCAN", "LOCATION", "unheard_of", "unsubscribe"):
        assert await event(name, "x") is None
    assert await mute.kinds() == ["text", "unsubscribe"]


async def test_a_voice_is_heard_where_the_platform_understood_it(mute: World) -> None:
    fields = message(kind="voice", MediaId="m", Recognition="房租减免。")
    assert await mute.platform.deliver(mute.session, fields) == "答：房租减免。"
    deaf = await mute.platform.deliver(mute.session, message(kind="voice", MediaId="m"))
    assert deaf is not None
    assert "语音" in deaf
