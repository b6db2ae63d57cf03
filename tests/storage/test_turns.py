"""bot.storage.turns on both databases."""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from bot.errors import ConflictError, NotFoundError, StorageError
from bot.storage.engine import Database, open_database
from bot.storage.records import Counts, Taken, Turn, check_text
from bot.storage.turns import TurnStore

NOW = datetime(2026, 3, 1, 8, 0, 0, 123456, tzinfo=UTC)
DAY = timedelta(days=1)


async def take(store: TurnStore, turn_id: str, **values: Any) -> Taken:
    """Take a turn of ``rest:ann`` at NOW, unless told otherwise."""
    defaults: dict[str, Any] = {
        "conversation_key": "rest:ann",
        "channel": "rest",
        "text": "小升规有奖励吗？🙂",
        "message_id": None,
        "received_at": NOW,
        "as_of": date(2026, 3, 1),
    }
    return await store.take(turn_id=turn_id, **(defaults | values))


@pytest.fixture
def store(database: Database) -> TurnStore:
    return TurnStore(database)


async def test_a_message_becomes_a_turn(store: TurnStore) -> None:
    taken = await take(store, "t1", message_id="m1")
    assert taken == Taken(
        Turn(
            turn_id="t1",
            conversation_key="rest:ann",
            channel="rest",
            seq=1,
            message_id="m1",
            state="received",
            text="小升规有奖励吗？🙂",
            replies=None,
            kb_version=None,
            as_of=date(2026, 3, 1),
            attempts=1,
            error=None,
            received_at=NOW,
            answered_at=None,
            kind="text",
            position=1,
            address={},
        ),
        known=False,
    )
    assert await store.get("t1") == taken.turn


async def test_turns_are_numbered_by_conversation(store: TurnStore) -> None:
    numbers = [
        (await take(store, f"t{i}", conversation_key=key)).turn.seq
        for i, key in enumerate(["rest:a", "rest:b", "rest:a", "rest:a", "rest:b"])
    ]
    assert numbers == [1, 1, 2, 3, 2]


async def test_a_known_message_is_not_taken_again(store: TurnStore) -> None:
    first = await take(store, "t1", message_id="m1")
    await store.answer("t1", [{"text": "有"}], "v1", NOW)
    again = await take(store, "t2", message_id="m1", received_at=NOW + DAY)
    assert again.known and again.turn.turn_id == first.turn.turn_id
    assert again.turn.replies == [{"text": "有"}]
    assert (await take(store, "t3")).turn.seq == 2


async def test_the_same_message_id_in_another_conversation_is_another_message(
    store: TurnStore,
) -> None:
    await take(store, "t1", message_id="m1")
    other = await take(store, "t2", conversation_key="rest:bob", message_id="m1", text="别的")
    assert not other.known


async def test_a_known_message_with_another_text_conflicts(store: TurnStore) -> None:
    await take(store, "t1", message_id="m1")
    with pytest.raises(ConflictError):
        await take(store, "t2", message_id="m1", text="另一句")
    assert (await store.counts()).received == 1


async def test_a_known_turn_id(store: TurnStore) -> None:
    await take(store, "t1")
    assert (await take(store, "t1")).known
    with pytest.raises(ConflictError):
        await take(store, "t1", text="另一句")
    with pytest.raises(ConflictError):
        await take(store, "t1", conversation_key="rest:bob")
    assert await store.counts() == Counts(conversations=1, received=1, answered=0, failed=0)


async def test_messages_without_an_id_never_collide(store: TurnStore) -> None:
    assert not (await take(store, "t1", text="一样")).known
    assert not (await take(store, "t2", text="一样")).known


async def test_twenty_at_once_from_two_pools(
    store: TurnStore, database_url: str, database: Database
) -> None:
    other = await open_database(database_url)
    try:
        stores = [store, TurnStore(other)]
        taken = await asyncio.gather(*(take(stores[i % 2], f"t{i}") for i in range(20)))
    finally:
        await other.close()
    assert sorted(one.turn.seq for one in taken) == list(range(1, 21))
    assert not any(one.known for one in taken)
    async with database.session() as session:
        assert await session.scalar(text("SELECT next_seq FROM conversations")) == 21


async def test_one_message_twenty_times_at_once(store: TurnStore, database_url: str) -> None:
    other = await open_database(database_url)
    try:
        stores = [store, TurnStore(other)]
        taken = await asyncio.gather(
            *(take(stores[i % 2], f"t{i}", message_id="m") for i in range(20))
        )
    finally:
        await other.close()
    assert [one.known for one in taken].count(False) == 1
    assert len({one.turn.turn_id for one in taken}) == 1
    assert (await store.counts()).received == 1


async def test_an_answer_is_recorded_once(store: TurnStore) -> None:
    await take(store, "t1")
    replies = [{"text": "有。", "buttons": [], "custom": {"kb_version": "v1", "n": 1.5, "x": None}}]
    turn = await store.answer("t1", replies, "v1", NOW + DAY)
    assert (turn.state, turn.replies, turn.kb_version) == ("answered", replies, "v1")
    assert turn.answered_at == NOW + DAY
    assert await store.answer("t1", [{"text": "没有。"}], "v2", NOW + 2 * DAY) == turn
    assert await store.fail("t1", "timeout") == turn
    assert await store.reopen("t1") == turn
    assert await store.get("t1") == turn


async def test_an_answer_may_be_empty(store: TurnStore) -> None:
    await take(store, "t1")
    assert (await store.answer("t1", [], None, NOW)).replies == []


async def test_failing_and_reopening(store: TurnStore) -> None:
    await take(store, "t1")
    assert (await store.reopen("t1")).attempts == 1
    failed = await store.fail("t1", "rasa_unavailable")
    assert (failed.state, failed.error, failed.attempts) == ("failed", "rasa_unavailable", 1)
    assert (await store.fail("t1", "timeout")).error == "rasa_unavailable"
    opened = await store.reopen("t1")
    assert (opened.state, opened.error, opened.attempts) == ("received", None, 2)


async def test_a_late_answer_counts(store: TurnStore) -> None:
    await take(store, "t1")
    await store.fail("t1", "timeout")
    turn = await store.answer("t1", [{"text": "有"}], "v1", NOW)
    assert (turn.state, turn.error) == ("answered", None)


async def test_a_turn_that_is_not_there(store: TurnStore) -> None:
    for attempt in (
        store.get("t9"),
        store.answer("t9", [], None, NOW),
        store.fail("t9", "timeout"),
        store.reopen("t9"),
    ):
        with pytest.raises(NotFoundError):
            await attempt


async def test_history(store: TurnStore) -> None:
    for i in range(1, 6):
        await take(store, f"t{i}")
    await take(store, "other", conversation_key="rest:bob")

    async def seqs(limit: int, before_seq: int | None = None) -> list[int]:
        return [turn.seq for turn in await store.history("rest:ann", limit, before_seq)]

    assert await seqs(3) == [3, 4, 5]
    assert await seqs(3, before_seq=3) == [1, 2]
    assert await seqs(9) == [1, 2, 3, 4, 5]
    assert await store.history("rest:nobody", 5) == []


async def test_erasing_a_conversation(store: TurnStore) -> None:
    for i in range(3):
        await take(store, f"t{i}")
    await take(store, "other", conversation_key="rest:bob")
    assert await store.delete_conversation("rest:ann") == 3
    assert await store.delete_conversation("rest:ann") == 0
    assert await store.history("rest:ann", 5) == []
    assert await store.counts() == Counts(conversations=1, received=1, answered=0, failed=0)
    assert (await take(store, "t0")).turn.seq == 1


async def test_counts(store: TurnStore) -> None:
    assert await store.counts() == Counts(0, 0, 0, 0)
    for i in range(6):
        await take(store, f"t{i}", conversation_key=f"rest:{i % 2}")
    for i in range(3):
        await store.answer(f"t{i}", [], None, NOW)
    await store.fail("t3", "timeout")
    assert await store.counts() == Counts(conversations=2, received=2, answered=3, failed=1)


async def test_times_come_back_in_utc(store: TurnStore) -> None:
    shanghai = timezone(timedelta(hours=8))
    turn = (await take(store, "t1", received_at=NOW.astimezone(shanghai))).turn
    assert turn.received_at == NOW
    assert turn.received_at.tzinfo is UTC or turn.received_at.utcoffset() == timedelta(0)


async def test_what_cannot_be_stored_is_refused(store: TurnStore) -> None:
    cases: list[dict[str, Any]] = [
        {"text": "a\0b"},
        {"text": "a\ud800b"},
        {"message_id": "m\0"},
        {"message_id": ""},
        {"message_id": "m" * 513},
        {"conversation_key": "rest:\udfff"},
        {"conversation_key": ""},
        {"channel": "\0"},
        {"received_at": datetime(2026, 3, 1)},
    ]
    for values in cases:
        with pytest.raises(ValueError):
            await take(store, "t1", **values)
    assert (await store.counts()).conversations == 0


async def test_replies_that_cannot_be_stored_are_refused(store: TurnStore) -> None:
    await take(store, "t1")
    cases: list[Any] = [
        {"text": "a\0b"},
        {"text": "\ud800"},
        {"k\0": 1},
        {"n": [float("nan")]},
        {"o": object()},
        {1: 2},
    ]
    for reply in cases:
        with pytest.raises(ValueError):
            await store.answer("t1", [reply], None, NOW)
    assert (await store.get("t1")).state == "received"


async def test_the_longest_ids_fit(store: TurnStore) -> None:
    long = "\U0001f642" * 512
    turn = (await take(store, long, conversation_key=long, message_id=long)).turn
    assert turn.conversation_key == turn.message_id == turn.turn_id == long


async def test_any_text_that_is_accepted_comes_back(store: TurnStore) -> None:
    samples = [
        "",
        " ",
        "\x01\x1b[31m",
        "'; DROP TABLE turns; --",
        "\\u0000",
        "<b>",
        "e\u0301" * 5000,
    ]
    for i, sample in enumerate(samples):
        assert (await take(store, f"t{i}", text=sample)).turn.text == sample
        turn = await store.answer(f"t{i}", [{"text": sample}], "v1", NOW)
        assert turn.replies == [{"text": sample}]


async def test_the_database_itself_refuses_an_unknown_state(
    store: TurnStore, database: Database
) -> None:
    await take(store, "t1")
    with pytest.raises(StorageError):
        async with database.begin() as session:
            await session.execute(text("UPDATE turns SET state = 'lost'"))


@given(st.text(st.characters(codec=None)))
async def test_check_text_refuses_exactly_what_utf8_or_nul_forbids(value: str) -> None:
    fits = "\0" not in value and not any(0xD800 <= ord(c) <= 0xDFFF for c in value)
    if fits:
        check_text(value)
    else:
        with pytest.raises(ValueError):
            check_text(value)
