"""What the channel takes for a turn and what it refuses."""

from __future__ import annotations

import json
import os
import unittest
from typing import Any
from unittest import mock

from rasa.core.agent import Agent

from bot.rasa.channel import BadTurnError, TurnInput, loud_store, read_turn
from tests.rasa.support import sqlite_url, tracker_at

GOOD = {"turn_id": "t-1", "conversation": "rest:甲", "message": "你好", "metadata": {"a": 1}}


def body(**changes: Any) -> bytes:
    return json.dumps({**GOOD, **changes}).encode()


class ReadTurnTest(unittest.TestCase):
    def test_a_good_one(self) -> None:
        turn = read_turn(body())
        self.assertEqual((turn.turn_id, turn.conversation), ("t-1", "rest:甲"))
        self.assertEqual((turn.message, turn.metadata), ("你好", {"a": 1}))
        self.assertEqual(read_turn(body(metadata=None)).metadata, {})

    def test_bad_ones(self) -> None:
        deep = b"[" * 100_000
        cases: list[tuple[bytes, str, int]] = [
            (b"", "malformed_json", 400),
            (b"\xff\xfe", "malformed_json", 400),
            (b"{", "malformed_json", 400),
            (deep, "malformed_json", 400),
            (b"[]", "invalid_body", 400),
            (b"null", "invalid_body", 400),
            (body(extra=1), "unknown_field", 400),
            (body(message="x" * 300_000), "too_large", 413),
            (body(turn_id=None), "invalid_turn_id", 400),
            (body(turn_id=7), "invalid_turn_id", 400),
            (body(turn_id=""), "invalid_turn_id", 400),
            (body(turn_id="a b"), "invalid_turn_id", 400),
            (body(turn_id="甲"), "invalid_turn_id", 400),
            (body(turn_id="x" * 129), "invalid_turn_id", 400),
            (body(conversation=""), "invalid_conversation", 400),
            (body(conversation="a\x00b"), "invalid_conversation", 400),
            (body(conversation="x" * 256), "invalid_conversation", 400),
            (body(conversation=["a"]), "invalid_conversation", 400),
            (body(message=None), "invalid_message", 400),
            (body(message=3), "invalid_message", 400),
            (body(message=" \u3000\n"), "invalid_message", 400),
            (body(message="x" * 8_001), "invalid_message", 400),
            (body(message="\ud800"), "invalid_message", 400),
            (body(metadata=[]), "invalid_metadata", 400),
            (body(metadata={"a": "x" * 17_000}), "invalid_metadata", 400),
            (body(metadata={"channel": 1}), "invalid_metadata", 400),
            (body(metadata={"channel": "x" * 65}), "invalid_metadata", 400),
        ]
        for raw, code, status in cases:
            with self.subTest(raw=raw[:60]), self.assertRaises(BadTurnError) as caught:
                read_turn(raw)
            self.assertEqual((caught.exception.code, caught.exception.status), (code, status))

    def test_a_refusal_repeats_nothing_of_the_body(self) -> None:
        with self.assertRaises(BadTurnError) as caught:
            read_turn(body(**{"<script>": 1}))
        self.assertNotIn("script", str(caught.exception))


class LoudStoreTest(unittest.IsolatedAsyncioTestCase):
    async def test_a_failing_database_is_not_replaced_by_memory(self) -> None:
        with tracker_at(sqlite_url(self)) as store:
            agent = Agent(tracker_store=store)
            agent.processor = mock.Mock()
            self.assertIs(loud_store(agent), store)
            with (
                mock.patch.object(store, "save", side_effect=OSError("disk full")),
                self.assertRaisesRegex(OSError, "disk full"),
            ):
                await agent.tracker_store.save(mock.Mock())
            with (
                mock.patch.object(store, "retrieve", side_effect=OSError("gone")),
                self.assertRaisesRegex(OSError, "gone"),
            ):
                await agent.tracker_store.retrieve("rest:a")

    async def test_without_model_or_with_another_store_there_is_none(self) -> None:
        self.assertIsNone(loud_store(None))
        self.assertIsNone(loud_store(Agent()))
        agent = Agent()
        agent.processor = mock.Mock()
        self.assertIsNone(loud_store(agent))


class TokenTest(unittest.TestCase):
    def test_the_token_comes_from_the_environment_and_must_match(self) -> None:
        with mock.patch.dict(os.environ, {"WENCE_INTERNAL_TOKEN": "密s"}):
            channel = TurnInput.from_credentials(None)
        for shown, may in (("Bearer 密s", True), ("Bearer s", False), ("密s", False), ("", False)):
            request = mock.Mock(headers={"authorization": shown})
            self.assertEqual(channel._may(request), may)

    def test_without_a_token_nothing_is_asked(self) -> None:
        self.assertTrue(TurnInput("")._may(mock.Mock(headers={})))


if __name__ == "__main__":
    unittest.main()
