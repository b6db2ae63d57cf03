"""Every message one turn: in order, once, stored, and an honest word when a part is away."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from uuid import uuid4

import pytest
import pytest_asyncio
from prometheus_client import CollectorRegistry

from bot.conversations import Conversations, Inbound, RasaClient
from bot.conversations.composer import MAX_MESSAGE
from bot.errors import ConflictError, OverloadedError, RasaUnavailableError
from bot.knowledge import Knowledge
from bot.settings import project_root
from bot.storage.engine import Database
from bot.storage.inbox import InboxStore
from bot.storage.turns import TurnStore
from tests.conftest import OpenUrl
from tests.support.fake_rasa import FakeRasa

DAY = date(2026, 11, 21)


@pytest.fixture(scope="module")
def knowledge() -> Knowledge:
    return Knowledge(project_root() / "policies_kb")


@pytest_asyncio.fixture
async def stopped(database: Database, knowledge: Knowledge) -> AsyncIterator[SimpleNamespace]:
    """Everything in place, nothing worked yet."""
    registry = CollectorRegistry()
    async with FakeRasa() as rasa, RasaClient([rasa.url], None, timeout=2.0) as client:
        talk = Conversations(database, client, knowledge, lambda: DAY, registry, timeout=2.0)
        yield SimpleNamespace(
            database=database,
            rasa=rasa,
            client=client,
            store=TurnStore(database),
            talk=talk,
            registry=registry,
            knowledge=knowledge,
        )
        await talk.close()


@pytest_asyncio.fixture
async def world(stopped: SimpleNamespace) -> SimpleNamespace:
    await stopped.talk.start()
    return stopped


async def test_a_message_becomes_one_stored_turn(world: SimpleNamespace) -> None:
    replies = await world.talk.ask("rest", "li", "稳岗返还  多少\x00")
    assert replies[0]["text"] == "答：稳岗返还 多少"
    custom = replies[0]["custom"]
    assert custom["type"] == "text"
    assert custom["kb_version"] == world.knowledge.current.snapshot.version
    (turn,) = await world.store.history("rest:li", 10)
    assert (turn.state, turn.text, turn.replies) == ("answered", "稳岗返还 多少", replies)
    assert turn.kb_version == custom["kb_version"]
    assert turn.as_of == DAY
    assert world.rasa.metadata[0] == {"channel": "rest", "as_of": "2026-11-21"}


async def test_a_message_is_searched_for_while_rasa_reads_it(
    world: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    foreseen: list[str] = []
    begun = threading.Event()

    def note(text: str) -> None:
        foreseen.append(text)
        begun.set()

    monkeypatch.setattr(world.knowledge.current.search, "foresee", note)
    world.rasa.gate.clear()
    asking = asyncio.create_task(world.talk.ask("rest", "li", "稳岗返还多少"))
    assert await asyncio.to_thread(begun.wait, 5)
    assert not asking.done()
    world.rasa.gate.set()
    await asking
    assert foreseen == ["稳岗返还多少"]


async def test_a_repeat_is_answered_from_the_record(world: SimpleNamespace) -> None:
    first = await world.talk.ask("rest", "li", "房租减免", "m1")
    again = await world.talk.ask("rest", "li", "房租减免", "m1")
    assert again == first
    assert len(world.rasa.worked) == 1
    other = await world.talk.ask("rest", "wang", "房租减免", "m1")
    assert len(world.rasa.worked) == 2
    assert other == first
    with pytest.raises(ConflictError):
        await world.talk.ask("rest", "li", "别的话", "m1")


async def test_messages_at_once_go_one_by_one_in_order(world: SimpleNamespace) -> None:
    world.rasa.delay = 0.02
    senders = ["a", "b", "c"]
    await asyncio.gather(
        *(world.talk.ask("rest", s, f"第{n}问 政策") for n in range(6) for s in senders)
    )
    assert world.rasa.overlaps == 0
    for sender in senders:
        said = [text for _, key, text in world.rasa.worked if key == f"rest:{sender}"]
        assert said == [f"第{n}问 政策" for n in range(6)]
        seqs = [t.seq for t in await world.store.history(f"rest:{sender}", 10)]
        assert sorted(seqs) == [1, 2, 3, 4, 5, 6]


async def test_too_many_waiting_get_an_honest_refusal(world: SimpleNamespace) -> None:
    world.rasa.gate.clear()
    asked = [asyncio.create_task(world.talk.ask("rest", "fast", f"问题{n}")) for n in range(14)]
    async with asyncio.timeout(20):
        while sum(task.done() for task in asked) < 5:
            await asyncio.sleep(0.01)
    world.rasa.gate.set()
    results = await asyncio.gather(*asked, return_exceptions=True)
    refused = [r for r in results if isinstance(r, OverloadedError)]
    assert len(refused) == 5
    assert len(world.rasa.worked) == 9
    await world.talk.ask("rest", "fast", "还能再问吗")


@pytest.mark.parametrize("mode", ["error", "rubbish", "wrong"])
async def test_a_failed_turn_can_be_asked_again_under_its_id(
    world: SimpleNamespace, mode: str
) -> None:
    world.rasa.mode = mode
    with pytest.raises(RasaUnavailableError) as caught:
        await world.talk.ask("rest", "li", "社保缓缴", "m1")
    assert "secret" not in str(caught.value)
    (turn,) = await world.store.history("rest:li", 5)
    assert turn.state == "failed"
    world.rasa.mode = "ok"
    assert (await world.talk.ask("rest", "li", "社保缓缴", "m1"))[0]["text"] == "答：社保缓缴"
    (turn,) = await world.store.history("rest:li", 5)
    assert (turn.state, turn.attempts) == ("answered", 2)
    assert [row[0] for row in world.rasa.worked] == [turn.turn_id]


async def test_a_broken_connection_is_asked_again_until_it_works(world: SimpleNamespace) -> None:
    world.rasa.mode = "break"
    asked = asyncio.create_task(world.talk.ask("rest", "li", "贷款贴息"))
    while world.rasa.asked < 2:
        await asyncio.sleep(0.01)
    world.rasa.mode = "ok"
    assert (await asked)[0]["text"] == "答：贷款贴息"
    assert len(world.rasa.worked) == 1


async def test_silence_of_rasa_is_never_passed_on(world: SimpleNamespace) -> None:
    world.rasa.mode = "silent"
    replies = await world.talk.ask("rest", "li", "你好")
    assert "12345" in replies[0]["text"]


@pytest.mark.parametrize(
    "text", ["", "   ", "\x00\x01", "😀😀", "？？？", "\u200b", "稳" * (MAX_MESSAGE + 1)]
)
async def test_what_says_nothing_gets_a_sentence_and_no_turn(
    world: SimpleNamespace, text: str
) -> None:
    replies = await world.talk.ask("rest", "li", text)
    assert len(replies[0]["text"]) > 5
    assert world.rasa.asked == 0
    assert await world.store.history("rest:li", 5) == []


async def take(world: SimpleNamespace, turn_id: str, text: str, at: datetime) -> None:
    await world.store.take("rest:li", "rest", text, None, turn_id, at, DAY)


async def test_turns_cut_short_are_asked_again_in_order_before_new_ones(
    stopped: SimpleNamespace,
) -> None:
    ids = [str(uuid4()) for _ in range(3)]
    for number, turn_id in enumerate(ids):
        await take(stopped, turn_id, f"旧{number}", datetime.now(UTC))
    # The process that had claimed the conversation was killed.
    killed = InboxStore(stopped.database, "killed", timedelta(minutes=5))
    assert len(await killed.claim(10)) == 1
    assert await killed.release(["killed"]) == 1
    stopped.rasa.delay = 0.02
    await stopped.talk.start()
    await stopped.talk.ask("rest", "li", "新问题")
    assert [text for _, _, text in stopped.rasa.worked] == ["旧0", "旧1", "旧2", "新问题"]
    assert [turn_id for turn_id, _, _ in stopped.rasa.worked[:3]] == ids
    states = {t.state for t in await stopped.store.history("rest:li", 10)}
    assert states == {"answered"}


async def test_turns_cut_short_long_ago_are_given_up(stopped: SimpleNamespace) -> None:
    await take(stopped, "t-old", "旧", datetime.now(UTC) - timedelta(hours=1))
    await stopped.talk.start()
    turn = await stopped.talk.answered("t-old", 5)
    assert turn is not None
    assert (turn.state, turn.error) == ("failed", "expired")
    assert stopped.rasa.worked == []


async def test_a_start_waits_for_rasa(stopped: SimpleNamespace) -> None:
    await take(stopped, "t-1", "旧", datetime.now(UTC))
    stopped.rasa.mode = "away"
    await stopped.talk.start()
    while not stopped.rasa.asked:
        await asyncio.sleep(0.01)
    assert (await stopped.store.get("t-1")).state == "received"
    stopped.rasa.mode = "ok"
    await stopped.talk.ask("rest", "li", "新问题")
    assert [text for _, _, text in stopped.rasa.worked] == ["旧", "新问题"]


async def test_two_processes_share_the_work_and_keep_the_order(
    world: SimpleNamespace, open_url: OpenUrl, database_url: str
) -> None:
    if world.database.dialect == "sqlite":
        pytest.skip("SQLite 只供一个进程使用")
    world.rasa.delay = 0.01
    other = Conversations(
        await open_url(database_url),
        world.client,
        world.knowledge,
        lambda: DAY,
        CollectorRegistry(),
        owner="other",
        timeout=2.0,
    )
    await other.start()
    for number in range(6):
        for sender in "abcd":
            talk = (world.talk, other)[number % 2]
            await talk.accept(Inbound("rest", sender, f"第{number}问 政策"))
    # Whoever worked it, the one that is asked hears of it.
    await asyncio.gather(*(world.talk.ask("rest", sender, "最后 政策") for sender in "abcd"))
    await other.close()
    assert world.rasa.overlaps == 0
    for sender in "abcd":
        said = [text for _, key, text in world.rasa.worked if key == f"rest:{sender}"]
        assert said == [*(f"第{n}问 政策" for n in range(6)), "最后 政策"]


async def test_a_turn_takes_no_longer_than_allowed(world: SimpleNamespace) -> None:
    world.rasa.delay = 30
    loop = asyncio.get_running_loop()
    async with RasaClient([world.rasa.url], None, timeout=0.2) as client:
        begun = loop.time()
        asked = [client.turn(f"t-{n}", f"rest:{n}", "x", {}) for n in range(3)]
        results = await asyncio.gather(*asked, return_exceptions=True)
        assert all(isinstance(result, RasaUnavailableError) for result in results)
        assert loop.time() - begun < 5


async def test_the_tenth_copy_of_a_message_is_no_new_one(world: SimpleNamespace) -> None:
    world.rasa.delay = 0.1
    asked = [world.talk.ask("rest", "li", "房租减免", "m1") for _ in range(20)]
    replies = await asyncio.gather(*asked)
    assert all(reply == replies[0] for reply in replies)
    assert len(world.rasa.worked) == 1


async def test_numbers_of_persons_are_not_stored(world: SimpleNamespace) -> None:
    await world.talk.ask("rest", "li", "我的手机是13812345678，房租减免找谁")
    (turn,) = await world.store.history("rest:li", 5)
    assert turn.text == "我的手机是［手机号已隐去］,房租减免找谁".replace(",", "，")
    assert "13812345678" not in str(world.rasa.worked)


async def test_counts_are_kept(world: SimpleNamespace) -> None:
    await world.talk.ask("rest", "li", "房租减免", "m1")
    await world.talk.ask("rest", "li", "房租减免", "m1")
    value = world.registry.get_sample_value
    assert value("wence_turns_total", {"channel": "rest", "outcome": "answered"}) == 1
    assert value("wence_turns_total", {"channel": "rest", "outcome": "repeated"}) == 1


async def test_a_conversation_that_is_forgotten_leaves_nothing(world: SimpleNamespace) -> None:
    await world.talk.ask("rest", "li", "营收三千万")
    await world.talk.ask("rest", "wang", "房租减免")
    world.rasa.custom = {"type": "text", "forget": True}
    replies = await world.talk.ask("rest", "li", "忘掉我的信息")
    assert replies[0]["text"]
    assert world.rasa.forgotten == ["rest:li"]
    assert await world.store.history("rest:li", 10) == []
    assert len(await world.store.history("rest:wang", 10)) == 1


async def test_what_could_not_be_forgotten_is_not_said_to_be(world: SimpleNamespace) -> None:
    await world.talk.ask("rest", "li", "营收三千万")
    world.rasa.custom = {"type": "text", "forget": True}
    world.rasa.mode = "forgets_nothing"
    with pytest.raises(RasaUnavailableError):
        await world.talk.ask("rest", "li", "忘掉我的信息", "m1")
    world.rasa.mode = "ok"
    assert (await world.talk.ask("rest", "li", "忘掉我的信息", "m1"))[0]["text"]
    assert await world.store.history("rest:li", 10) == []
