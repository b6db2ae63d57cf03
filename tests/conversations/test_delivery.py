"""Replies leave in order, once, and are tried until the platform has them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
import pytest_asyncio
from prometheus_client import CollectorRegistry
from sqlalchemy import update

from bot.conversations import (
    Conversations,
    Delivery,
    Inbound,
    RasaClient,
    SendLaterError,
    SendRefusedError,
    SendUnknownError,
    WaitForPersonError,
    deliverer,
)
from bot.conversations.limits import Rate
from bot.errors import OverloadedError
from bot.knowledge import Knowledge
from bot.settings import project_root
from bot.storage.engine import Database
from bot.storage.outbox import OutboxStore
from bot.storage.tables import OutboxRow
from bot.storage.turns import TurnStore
from tests.support.fake_rasa import FakeRasa

DAY = date(2026, 11, 21)


class FakeOutlet:
    """A platform that takes each sentence as a part of its own, and fails as it is told."""

    channel = "fake"
    window = timedelta(hours=1)

    def __init__(self) -> None:
        self.hold = 0.0
        self.on = True
        self.faults: list[Exception | None] = []
        self.tries: list[Delivery] = []
        self.taken: list[tuple[str, str]] = []

    def parts(
        self, replies: Sequence[Mapping[str, Any]], address: Mapping[str, Any]
    ) -> list[dict[str, Any]]:
        return [{"text": line} for reply in replies for line in str(reply["text"]).split("。")]

    def ready(self) -> bool:
        return self.on

    async def send(self, delivery: Delivery) -> None:
        self.tries.append(delivery)
        await asyncio.sleep(0)
        fault = self.faults.pop(0) if self.faults else None
        if fault is not None:
            raise fault
        self.taken.append((delivery.conversation_key, delivery.part["text"]))

    def reached(self, key: str) -> list[str]:
        return [text for owner, text in self.taken if owner == key]


@pytest.fixture(scope="module")
def knowledge() -> Knowledge:
    return Knowledge(project_root() / "policies_kb")


@pytest_asyncio.fixture
async def world(database: Database, knowledge: Knowledge) -> AsyncIterator[SimpleNamespace]:
    registry, outlet = CollectorRegistry(), FakeOutlet()
    async with FakeRasa() as rasa, RasaClient([rasa.url], None, timeout=1.0) as client:
        talk = Conversations(
            database,
            client,
            knowledge,
            lambda: DAY,
            registry,
            outlets={"fake": outlet},
            timeout=1.0,
        )
        await talk.start()
        yield SimpleNamespace(
            rasa=rasa,
            talk=talk,
            outlet=outlet,
            registry=registry,
            store=TurnStore(database),
            outbox=OutboxStore(database, "other"),
            database=database,
        )
        await talk.close()


async def say(world: SimpleNamespace, text: str, sender: str = "li", **more: Any) -> str:
    taken = await world.talk.accept(Inbound("fake", sender, text, address={"to": sender}, **more))
    return str(taken.turn.turn_id)


async def until(condition: Any) -> None:
    async with asyncio.timeout(20):
        while not condition():
            await asyncio.sleep(0.01)


async def until_counts(world: SimpleNamespace, **wanted: int) -> None:
    async with asyncio.timeout(20):
        while await world.outbox.counts() != wanted:
            await asyncio.sleep(0.02)


async def test_a_reply_is_sent_by_itself(world: SimpleNamespace) -> None:
    await say(world, "第一句。第二句")
    await until(lambda: len(world.outlet.taken) == 2)
    assert world.outlet.reached("fake:li") == ["答：第一句", "第二句"]
    await until_counts(world, sent=2)
    assert world.outlet.tries[0].address == {"to": "li"}
    assert [entry.author for entry in await world.talk.entries("fake:li")] == [
        "person",
        "bot",
        "bot",
    ]


@pytest.mark.parametrize(
    ("fault", "uncertain"), [(SendLaterError("busy"), False), (SendUnknownError("broken"), True)]
)
async def test_a_send_that_failed_is_tried_again_before_what_follows(
    world: SimpleNamespace, fault: Exception, uncertain: bool
) -> None:
    world.outlet.faults = [fault]
    await say(world, "甲。乙")
    await until(lambda: len(world.outlet.taken) == 2)
    assert world.outlet.reached("fake:li") == ["答：甲", "乙"]
    assert [(t.attempts, t.uncertain) for t in world.outlet.tries] == [
        (1, False),
        (2, uncertain),
        (1, False),
    ]


async def test_one_conversations_trouble_is_not_anothers(world: SimpleNamespace) -> None:
    world.outlet.faults = [SendLaterError("quota", after=60)]
    await say(world, "甲", "li")
    await until(lambda: world.outlet.tries)
    await say(world, "乙", "wang")
    await until(lambda: world.outlet.taken)
    assert world.outlet.taken == [("fake:wang", "答：乙")]


async def test_what_is_refused_is_parked_with_the_reason(world: SimpleNamespace) -> None:
    world.outlet.faults = [SendRefusedError("no_such_person")]
    await say(world, "甲。乙")
    await until(lambda: world.outlet.taken)
    await until_counts(world, parked=1, sent=1)
    value = world.registry.get_sample_value
    assert value("wence_sends_total", {"channel": "fake", "outcome": "parked"}) == 1


async def test_what_waits_for_the_person_goes_when_they_write(world: SimpleNamespace) -> None:
    world.outlet.faults = [WaitForPersonError("quota")]
    await say(world, "甲。乙")
    await until(lambda: world.outlet.tries)
    await until_counts(world, waiting=2)
    await say(world, "丙")
    await until(lambda: len(world.outlet.taken) == 3)
    assert world.outlet.reached("fake:li") == ["答：甲", "乙", "答：丙"]


async def test_a_request_carries_what_is_held_back_for_it(world: SimpleNamespace) -> None:
    world.outlet.hold = 60.0
    turn_id = await say(world, "甲。乙")
    assert (await world.talk.answered(turn_id, 5)).state == "answered"
    async with world.talk.carry("fake:li", turn_id) as delivery:
        assert delivery.part == {"text": "答：甲"}
        async with world.talk.carry("fake:li", turn_id) as second:
            assert second is None
    async with world.talk.carry("fake:li", turn_id) as delivery:
        assert delivery.part == {"text": "乙"}
    async with world.talk.carry("fake:li", turn_id) as delivery:
        assert delivery is None
    assert world.outlet.tries == []
    await until_counts(world, sent=2)


async def test_what_could_not_be_carried_is_sent_at_once(world: SimpleNamespace) -> None:
    world.outlet.hold = 60.0
    turn_id = await say(world, "甲")
    await world.talk.answered(turn_id, 5)
    with pytest.raises(ConnectionResetError):
        async with world.talk.carry("fake:li", turn_id):
            raise ConnectionResetError
    await until(lambda: world.outlet.taken)
    assert world.outlet.tries[0].uncertain


async def test_a_new_answer_may_overtake_only_what_waits_for_the_person(
    world: SimpleNamespace,
) -> None:
    world.outlet.hold = 60.0
    first = await say(world, "甲")
    second = await say(world, "乙")
    await world.talk.answered(second, 5)
    async with world.talk.carry("fake:li", second) as delivery:
        assert delivery is None
    async with world.talk.carry("fake:li", first) as delivery:
        assert delivery.part["text"] == "答：甲"
    async with world.talk.carry("fake:li", second) as delivery:
        assert delivery.part["text"] == "答：乙"


async def test_what_was_on_its_way_at_a_kill_is_sent_again_and_marked(
    world: SimpleNamespace,
) -> None:
    world.outlet.on = False
    await say(world, "甲")
    await until_counts(world, pending=1)
    killed = OutboxStore(world.database, "killed")
    (part,) = await killed.claim(["fake"], 5)
    assert not part.uncertain
    assert await world.outbox.release(["killed", "never"]) == 1
    world.outlet.on = True
    await until(lambda: world.outlet.taken)
    assert world.outlet.tries[0].uncertain
    await killed.sent(part, "active", datetime.now(UTC))  # too late: it is another's now
    assert world.outlet.reached("fake:li") == ["答：甲"]


async def test_another_process_of_the_same_place_leaves_claims_alone(
    world: SimpleNamespace, knowledge: Knowledge
) -> None:
    world.outlet.on = False
    await say(world, "甲")
    await until_counts(world, pending=1)
    assert len(await world.talk._outbox.claim(["fake"], 5)) == 1
    async with RasaClient([world.rasa.url], None, timeout=1.0) as client:
        other = Conversations(
            world.database, client, knowledge, lambda: DAY, CollectorRegistry(), timeout=1.0
        )
        await other.start()
        await other.close()
    assert await world.outbox.counts() == {"sending": 1}
    await world.talk.close()  # in good order: it gives back what it held
    assert await world.outbox.counts() == {"pending": 1}


async def test_what_is_undelivered_is_counted_for_all_processes(
    world: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.outlet.on = False
    for sender in ("li", "wang", "zhao"):
        await say(world, "甲", sender)
    await until_counts(world, pending=3)
    (part,) = await OutboxStore(world.database, "another").claim(["fake"], 1)
    await OutboxStore(world.database, "another").later(part, "broke", 60.0, uncertain=True)
    assert len(await OutboxStore(world.database, "another").claim(["fake"], 1)) == 1
    monkeypatch.setattr(deliverer, "_FIGURES", 0.02)
    watching = asyncio.create_task(world.talk._deliverer.watch())

    def figure(state: str) -> float | None:
        return world.registry.get_sample_value("wence_undelivered_parts", {"state": state})

    await until(lambda: figure("sending") == 1)
    assert [figure(state) for state in ("pending", "waiting", "uncertain")] == [2, 0, 1]
    watching.cancel()
    await asyncio.gather(watching, return_exceptions=True)


async def test_a_claim_of_a_clock_that_was_set_back_does_not_hold(world: SimpleNamespace) -> None:
    world.outlet.on = False
    await say(world, "甲")
    await until_counts(world, pending=1)
    (part,) = await OutboxStore(world.database, "killed").claim(["fake"], 5)
    later = datetime.now(UTC) + timedelta(hours=1)
    async with world.database.begin() as session:
        await session.execute(update(OutboxRow).values(claimed_until=later))
    world.outlet.on = True
    await until(lambda: world.outlet.taken)
    assert world.outlet.tries[0].id == part.id
    assert world.outlet.tries[0].uncertain


async def test_an_old_part_is_not_sent_any_more(world: SimpleNamespace) -> None:
    world.outlet.window = timedelta(0)
    await say(world, "甲")
    await until_counts(world, parked=1)
    assert world.outlet.tries == []


async def test_while_rasa_is_away_the_person_is_told_once_and_answered_later(
    world: SimpleNamespace,
) -> None:
    world.rasa.mode = "rubbish"
    await say(world, "甲")
    await until(lambda: world.rasa.asked >= 2)
    world.rasa.mode = "ok"
    await until(lambda: len(world.outlet.taken) == 2)
    late, answer = world.outlet.reached("fake:li")
    assert "已收下" in late
    assert answer == "答：甲"


async def test_what_is_no_text_gets_its_sentence_without_rasa(world: SimpleNamespace) -> None:
    await say(world, "", kind="voice")
    await say(world, "😀")
    await say(world, "", kind="unsubscribe")
    await say(world, "房租")
    await until(lambda: "答：房租" in world.outlet.reached("fake:li"))
    assert len(world.rasa.worked) == 1
    texts = " ".join(world.outlet.reached("fake:li"))
    assert "听不了语音" in texts and "没有看懂" in texts


async def test_an_operator_speaks_through_the_same_door(world: SimpleNamespace) -> None:
    await say(world, "甲")
    await until(lambda: world.outlet.taken)
    await world.talk.say("fake:li", "王坐席", [{"text": "您好"}])
    await until(lambda: len(world.outlet.taken) == 2)
    entries = await world.talk.entries("fake:li", after=2)
    assert [(entry.author, entry.part) for entry in entries] == [("王坐席", {"text": "您好"})]


async def test_forgetting_leaves_the_answer_and_nothing_else(world: SimpleNamespace) -> None:
    await say(world, "营收三千万", message_id="m1")
    await until(lambda: world.outlet.taken)
    world.rasa.custom = {"type": "text", "forget": True}
    await say(world, "忘掉我的信息", message_id="m2")
    await until(lambda: len(world.outlet.taken) == 2)
    (turn,) = await world.store.history("fake:li", 10)
    assert (turn.kind, turn.text) == ("forgotten", "")
    assert (await world.talk.accept(Inbound("fake", "li", "忘掉我的信息", "m2"))).known
    assert "三千万" not in str(await world.talk.entries("fake:li"))


async def test_who_writes_too_fast_is_told_so_but_a_repeat_is_none(
    world: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(world.talk, "_pace", Rate(2, 60.0))
    for number in range(2):
        await world.talk.accept(Inbound("wecom", "li", "房租", f"m{number}"))
    with pytest.raises(OverloadedError):
        await world.talk.accept(Inbound("wecom", "li", "房租", "m2"))
    assert (await world.talk.accept(Inbound("wecom", "li", "房租", "m0"))).known
    await world.talk.accept(Inbound("wecom", "wang", "房租", "m2"))
