"""The tracker store: events and turn records, on SQLite and on PostgreSQL."""

from __future__ import annotations

import os
import unittest
from typing import Any
from unittest import mock

import sqlalchemy as sa
from rasa.shared.core.events import BotUttered
from rasa.shared.core.trackers import DialogueStateTracker
from sqlalchemy.exc import IntegrityError

from bot.rasa.tracker_store import (
    ConcurrentTurnError,
    SilentTurnError,
    WenceTrackerStore,
    open_engine,
)
from tests.rasa.support import BUTTONS, CARD, postgres, run, say, sqlite_url, tracker_at

HELLO = BotUttered("您好", {"buttons": BUTTONS, "custom": CARD})
BYE = BotUttered("再见", {"custom": {"type": "text"}})
HELLO_REPLY = {"text": "您好", "buttons": BUTTONS, "custom": CARD}
BYE_REPLY = {"text": "再见", "buttons": [], "custom": {"type": "text"}}


def events_in(store: WenceTrackerStore) -> int:
    with store.engine.connect() as connection:
        return int(connection.execute(sa.text("SELECT count(*) FROM events")).scalar())


def recorded_replies(store: WenceTrackerStore, turn_id: str) -> list[Any] | None:
    record = store.recorded(turn_id)
    return None if record is None else record.replies


class StoreTests:
    """Run on each database; ``url`` is set by the subclasses."""

    url: str

    def test_a_turn_and_its_record_are_stored_together(self: Any) -> None:
        with tracker_at(self.url) as store:
            tracker = DialogueStateTracker.from_events("rest:together", [])
            say(tracker, "t-1", "你好", HELLO, BYE)
            run(store.save(tracker))
            self.assertEqual(recorded_replies(store, "t-1"), [HELLO_REPLY, BYE_REPLY])
            self.assertEqual(store.recorded("t-1").sender_id, "rest:together")
            self.assertIsNone(recorded_replies(store, "t-other"))

    def test_only_new_turns_are_recorded(self: Any) -> None:
        with tracker_at(self.url) as store:
            tracker = DialogueStateTracker.from_events("rest:new", [])
            say(tracker, "n-1", "你好", HELLO)
            run(store.save(tracker))
            tracker = run(store.retrieve("rest:new"))
            say(tracker, "n-2", "再见", BYE)
            run(store.save(tracker))
            self.assertEqual(recorded_replies(store, "n-1"), [HELLO_REPLY])
            self.assertEqual(recorded_replies(store, "n-2"), [BYE_REPLY])

    def test_a_conversation_is_forgotten_whole_and_alone(self: Any) -> None:
        with tracker_at(self.url) as store:
            for sender, turn in (("rest:gone", "g-1"), ("rest:kept", "k-1")):
                tracker = DialogueStateTracker.from_events(sender, [])
                say(tracker, turn, "营收三千万", HELLO)
                run(store.save(tracker))
            self.assertGreater(store.forget("rest:gone"), 0)
            self.assertEqual(store.forget("rest:gone"), 0)
            self.assertIsNone(run(store.retrieve("rest:gone")))
            self.assertIsNone(store.recorded("g-1"))
            self.assertEqual(recorded_replies(store, "k-1"), [HELLO_REPLY])
            self.assertIsNotNone(run(store.retrieve("rest:kept")))

    def test_records_outlive_the_process(self: Any) -> None:
        with tracker_at(self.url) as store:
            tracker = DialogueStateTracker.from_events("rest:outlive", [])
            say(tracker, "o-1", "你好", HELLO)
            run(store.save(tracker))
        with tracker_at(self.url) as store:
            self.assertEqual(recorded_replies(store, "o-1"), [HELLO_REPLY])

    def test_a_turn_worked_twice_fails_and_leaves_nothing(self: Any) -> None:
        with tracker_at(self.url) as store:
            first = DialogueStateTracker.from_events("rest:twice", [])
            second = DialogueStateTracker.from_events("rest:twice-too", [])
            say(first, "w-1", "你好", HELLO)
            say(second, "w-1", "你好", BYE)
            run(store.save(first))
            before = events_in(store)
            with self.assertRaises(IntegrityError):
                run(store.save(second))
            self.assertEqual(events_in(store), before)
            self.assertEqual(recorded_replies(store, "w-1"), [HELLO_REPLY])

    def test_a_conversation_written_to_meanwhile_is_left_as_it_is(self: Any) -> None:
        with tracker_at(self.url) as store:
            tracker = DialogueStateTracker.from_events("rest:meanwhile", [])
            say(tracker, "m-1", "你好", HELLO)
            run(store.save(tracker))
            here = run(store.retrieve("rest:meanwhile"))
            there = run(store.retrieve("rest:meanwhile"))
            say(here, "m-2", "再见", BYE)
            say(there, "m-3", "你好", HELLO)
            run(store.save(here))
            before = events_in(store)
            with self.assertRaises(ConcurrentTurnError):
                run(store.save(there))
            self.assertEqual(events_in(store), before)
            self.assertIsNone(store.recorded("m-3"))

    def test_a_turn_without_reply_is_not_stored(self: Any) -> None:
        with tracker_at(self.url) as store:
            before = events_in(store)
            tracker = DialogueStateTracker.from_events("rest:silent", [])
            say(tracker, "s-1", "你好")
            with self.assertRaises(SilentTurnError):
                run(store.save(tracker))
            self.assertEqual(events_in(store), before)
            self.assertIsNone(store.recorded("s-1"))

    def test_events_without_a_turn_id_are_stored_without_record(self: Any) -> None:
        with tracker_at(self.url) as store:
            before = events_in(store)
            tracker = DialogueStateTracker.from_events("rest:plain", [])
            say(tracker, None, "你好")
            run(store.save(tracker))
            self.assertEqual(events_in(store), before + len(tracker.events))


class SqliteTest(StoreTests, unittest.TestCase):
    def setUp(self) -> None:
        self.url = sqlite_url(self)

    def test_it_writes_ahead_and_waits_for_others(self) -> None:
        with tracker_at(self.url) as store, store.engine.connect() as connection:
            self.assertEqual(connection.execute(sa.text("PRAGMA journal_mode")).scalar(), "wal")
            self.assertEqual(connection.execute(sa.text("PRAGMA busy_timeout")).scalar(), 10_000)

    def test_a_strange_url_or_schema_is_refused(self) -> None:
        for url in ("mysql://x/y", "rasa.db", "sqlite://"):
            with self.assertRaisesRegex(ValueError, "WENCE_TRACKER_URL"):
                open_engine(url)
        for schema in ('x"; DROP TABLE events; --', "A", "a b"):
            with (
                mock.patch.dict(os.environ, {"WENCE_TRACKER_SCHEMA": schema}),
                self.assertRaisesRegex(ValueError, "WENCE_TRACKER_SCHEMA"),
            ):
                open_engine("postgresql://wence@127.0.0.1:1/x")


class PostgresTest(StoreTests, unittest.TestCase):
    @classmethod
    def setUpClass(cls) -> None:
        server = postgres()
        cls.url = server.__enter__()
        cls.addClassCleanup(server.__exit__, None, None, None)

    def test_the_tables_stand_in_their_schema_only(self) -> None:
        query = sa.text(
            "SELECT table_schema, table_name FROM information_schema.tables"
            " WHERE table_name IN ('events', 'turn_records') ORDER BY 1, 2"
        )
        with tracker_at(self.url, "other") as store, store.engine.connect() as connection:
            tables = [tuple(row) for row in connection.execute(query)]
        self.assertIn(("other", "events"), tables)
        self.assertIn(("other", "turn_records"), tables)
        self.assertNotIn("public", [schema for schema, _ in tables])


if __name__ == "__main__":
    unittest.main()
