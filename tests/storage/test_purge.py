"""What was kept long enough goes, on both databases; nothing else does."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
import sqlalchemy as sa

from bot.conversations.housekeeping import Housekeeping
from bot.storage.engine import Database
from bot.storage.outbox import OutboxStore, Part
from bot.storage.profiles import ProfileStore
from bot.storage.purge import Purge, purge_tracker
from bot.storage.turns import TurnStore

NOW = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)
OLD = NOW - timedelta(days=200)
KEEP = timedelta(days=180)


async def said(database: Database, key: str, turn_id: str, at: datetime) -> None:
    store = TurnStore(database)
    await store.take(key, "wecom", f"问{turn_id}", turn_id, turn_id, at, date(2026, 5, 1))
    await store.answer(turn_id, [{"text": "答"}], "v1", at, parts=[Part({"text": "答"}, kept=True)])


async def test_old_bodies_go_and_new_ones_stay(database: Database) -> None:
    await said(database, "wecom:gone", "t1", OLD)
    await said(database, "wecom:lives", "t2", OLD)
    await said(database, "wecom:lives", "t3", NOW)
    profiles = ProfileStore(database)
    await profiles.put("wecom:gone", {"staff": 3}, OLD)
    await profiles.put("wecom:lives", {"staff": 4}, NOW)
    await Housekeeping(Purge(database), KEEP, []).clean(NOW)
    store = TurnStore(database)
    assert await store.history("wecom:gone", 10) == []
    assert await profiles.get("wecom:gone") == {}
    assert await profiles.get("wecom:lives") == {"staff": 4}
    old, new = await store.history("wecom:lives", 10)
    assert (old.text, old.replies, old.state) == ("", None, "answered")
    assert (new.text, new.replies) == ("问t3", [{"text": "答"}])
    async with database.session() as session:
        parts = (await session.scalars(sa.text("SELECT part FROM outbox ORDER BY position"))).all()
    assert ["答" in str(part) for part in parts] == [False, True]


async def test_what_is_not_answered_yet_stays(database: Database) -> None:
    store = TurnStore(database)
    await store.take("wecom:a", "wecom", "旧", None, "t1", OLD, date(2026, 5, 1))
    await store.take("wecom:a", "wecom", "新", None, "t2", NOW, date(2026, 5, 1))
    await Purge(database).bodies(NOW - KEEP)
    assert [turn.text for turn in await store.history("wecom:a", 10)] == ["旧", "新"]


async def test_traces_of_the_forgotten_go_when_no_repeat_can_come(database: Database) -> None:
    store = TurnStore(database)
    for key in ("wecom:a", "wecom:b"):
        await store.take(key, "wecom", "忘掉我的信息", "m1", key, NOW, date(2026, 5, 1))
        parts = [Part({"text": "好"})] if key == "wecom:b" else []
        await store.forget(key, [{"text": "好"}], parts, NOW)
    purge = Purge(database)
    assert await purge.forgotten(NOW - timedelta(hours=1)) == 0
    assert await purge.forgotten(NOW + timedelta(hours=1)) == 1  # the other's answer is on its way
    outbox = OutboxStore(database, "p")
    (part,) = await outbox.claim(["wecom"], 5)
    await outbox.sent(part, "active", NOW)
    assert await purge.forgotten(NOW + timedelta(hours=1)) == 1
    assert (await store.counts()).conversations == 0


@pytest.fixture
def tracker_url(database_url: str) -> str:
    return database_url.replace("wence.db", "wence.rasa.db")


async def test_rasas_memory_is_cleaned_too(database: Database, tracker_url: str) -> None:
    from bot.storage.engine import open_database

    tracker = await open_database(tracker_url)
    postgres = tracker.dialect == "postgresql"
    schema = "rasa." if postgres else ""
    async with tracker.begin() as session:
        if postgres:
            await session.execute(sa.text("CREATE SCHEMA rasa"))
        for statement in (
            f"CREATE TABLE {schema}events (id INTEGER PRIMARY KEY, timestamp FLOAT)",
            f"CREATE TABLE {schema}turn_records"
            " (turn_id VARCHAR(128) PRIMARY KEY, created_at TIMESTAMP"
            + (" WITH TIME ZONE)" if postgres else ")"),
        ):
            await session.execute(sa.text(statement))
        for number, at in enumerate((OLD, NOW)):
            await session.execute(
                sa.text(f"INSERT INTO {schema}events VALUES ({number}, {at.timestamp()})")
            )
            written = at.isoformat(sep=" ") if postgres else at.strftime("%Y-%m-%d %H:%M:%S.%f")
            await session.execute(
                sa.text(f"INSERT INTO {schema}turn_records VALUES ('t{number}', '{written}')")
            )
    assert await purge_tracker(tracker_url, "rasa", NOW - KEEP) == 1
    async with tracker.session() as session:
        for table in ("events", "turn_records"):
            assert await session.scalar(sa.text(f"SELECT count(*) FROM {schema}{table}")) == 1
    await tracker.close()
    assert await purge_tracker("sqlite:////nonexistent/none.db", None, NOW) == 0
