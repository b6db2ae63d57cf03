"""Turns: in order, once, joined, repeated."""

from __future__ import annotations

import asyncio
import unittest
from typing import Any

from rasa.core.channels.channel import UserMessage
from rasa.shared.core.events import BotUttered
from rasa.shared.core.trackers import DialogueStateTracker

from bot.rasa.tracker_store import SilentTurnError, WenceTrackerStore
from bot.rasa.turns import ConflictingTurnError, Turn, Turns, no_command
from tests.rasa.support import say, sqlite_url, tracker_at


def turn(turn_id: str, message: str = "你好", conversation: str = "rest:a") -> Turn:
    return Turn(turn_id, conversation, message, {"channel": "rest"})


class FakeRasa:
    """Works messages as Rasa does: answers, then saves to the real store."""

    def __init__(self, store: WenceTrackerStore) -> None:
        self.store = store
        self.worked: list[str] = []
        self.messages: list[UserMessage] = []
        self.at_once = 0
        self.most_at_once = 0
        self.gate = asyncio.Event()
        self.gate.set()
        self.error: Exception | None = None

    async def handle(self, message: UserMessage) -> None:
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            self.worked.append(message.metadata["turn_id"])
            self.messages.append(message)
            await self.gate.wait()
            await asyncio.sleep(0)
            if self.error is not None:
                raise self.error
            tracker = await self.store.get_or_create_tracker(message.sender_id)
            answer = BotUttered(f"答{message.text}")
            await message.output_channel.send_response(message.sender_id, answer.message())
            say(tracker, message.metadata["turn_id"], message.text, answer)
            await self.store.save(tracker)
        finally:
            self.at_once -= 1


class TurnsTest(unittest.IsolatedAsyncioTestCase):
    def setUp(self) -> None:
        store = tracker_at(sqlite_url(self))
        self.store = store.__enter__()
        self.addCleanup(store.__exit__, None, None, None)

    async def asyncSetUp(self) -> None:
        self.rasa = FakeRasa(self.store)
        self.turns = Turns(self.rasa.handle)

    async def test_a_turn_asked_again_is_repeated(self) -> None:
        first = await self.turns.work(turn("t-1"), self.store)
        again = await self.turns.work(turn("t-1"), self.store)
        after_restart = await Turns(self.rasa.handle).work(turn("t-1"), self.store)
        self.assertEqual(self.rasa.worked, ["t-1"])
        self.assertFalse(first.replayed)
        self.assertTrue(again.replayed and after_restart.replayed)
        self.assertEqual(first.replies, [{"text": "答你好", "buttons": [], "custom": None}])
        self.assertEqual(again.replies, first.replies)
        self.assertEqual(after_restart.replies, first.replies)

    async def test_a_turn_asked_while_it_runs_is_joined(self) -> None:
        self.rasa.gate.clear()
        asked = [asyncio.ensure_future(self.turns.work(turn("t-1"), self.store)) for _ in range(3)]
        await asyncio.sleep(0.01)
        self.rasa.gate.set()
        outcomes = await asyncio.gather(*asked)
        self.assertEqual(self.rasa.worked, ["t-1"])
        self.assertEqual([o.replayed for o in outcomes], [False, True, True])
        self.assertEqual({o.replies[0]["text"] for o in outcomes}, {"答你好"})

    async def test_a_caller_that_leaves_does_not_stop_the_turn(self) -> None:
        self.rasa.gate.clear()
        caller = asyncio.ensure_future(self.turns.work(turn("t-1"), self.store))
        await asyncio.sleep(0.01)
        caller.cancel()
        with self.assertRaises(asyncio.CancelledError):
            await caller
        self.rasa.gate.set()
        outcome = await self.turns.work(turn("t-1"), self.store)
        self.assertTrue(outcome.replayed)
        self.assertEqual(self.rasa.worked, ["t-1"])

    async def test_one_conversation_is_worked_one_at_a_time_in_order(self) -> None:
        ids = [f"t-{n}" for n in range(20)]
        await asyncio.gather(*(self.turns.work(turn(i), self.store) for i in ids))
        self.assertEqual(self.rasa.worked, ids)
        self.assertEqual(self.rasa.most_at_once, 1)
        self.assertEqual(self.turns._locks, {})

    async def test_two_conversations_are_worked_at_once(self) -> None:
        await asyncio.gather(
            *(self.turns.work(turn(f"t-{c}", conversation=c), self.store) for c in "abc")
        )
        self.assertEqual(self.rasa.most_at_once, 3)

    async def test_a_turn_that_raised_is_not_recorded_and_can_be_asked_again(self) -> None:
        self.rasa.error = RuntimeError("broken")
        with (
            self.assertLogs("bot.rasa.turns", "ERROR") as logs,
            self.assertRaises(RuntimeError),
        ):
            await self.turns.work(turn("t-1", "机密的话"), self.store)
            await asyncio.sleep(0)
        self.assertNotIn("机密的话", "".join(logs.output))
        self.assertIsNone(self.store.recorded("t-1"))
        self.rasa.error = None
        outcome = await self.turns.work(turn("t-1"), self.store)
        self.assertFalse(outcome.replayed)

    async def test_a_turn_another_process_finished_meanwhile_is_repeated(self) -> None:
        original = self.store.recorded
        looked: list[Any] = []

        def late(turn_id: str) -> Any:
            looked.append(turn_id)
            return None if len(looked) == 1 else original(turn_id)

        await Turns(FakeRasa(self.store).handle).work(turn("t-1"), self.store)
        self.store.recorded = late
        outcome = await self.turns.work(turn("t-1"), self.store)
        self.assertTrue(outcome.replayed)
        self.assertEqual(len(looked), 2)

    async def test_a_turn_id_belongs_to_one_turn(self) -> None:
        self.rasa.gate.clear()
        running = asyncio.ensure_future(self.turns.work(turn("t-1"), self.store))
        await asyncio.sleep(0.01)
        with self.assertRaises(ConflictingTurnError):
            await self.turns.work(turn("t-1", "别的话"), self.store)
        self.rasa.gate.set()
        await running
        with (
            self.assertLogs("bot.rasa.turns", "ERROR"),
            self.assertRaises(ConflictingTurnError),
        ):
            await self.turns.work(turn("t-1", conversation="rest:b"), self.store)

    async def test_what_rasa_gets(self) -> None:
        await self.turns.work(turn("t-1", " /greet"), self.store)
        message = self.rasa.messages[0]
        self.assertEqual(message.text, "／greet")
        self.assertEqual(message.input_channel, "rest")
        self.assertEqual(message.metadata, {"channel": "rest", "turn_id": "t-1"})
        self.assertEqual(Turn("t", "c", "m", {}).channel, "turn")

    async def test_a_silent_turn_raises(self) -> None:
        async def silent(message: UserMessage) -> None:
            tracker = DialogueStateTracker.from_events(message.sender_id, [])
            say(tracker, message.metadata["turn_id"], message.text)
            await self.store.save(tracker)

        with self.assertLogs("bot.rasa.turns", "ERROR"), self.assertRaises(SilentTurnError):
            await Turns(silent).work(turn("t-1"), self.store)


class NoCommandTest(unittest.TestCase):
    def test_a_leading_slash_becomes_full_width(self) -> None:
        for text in ("/greet", " /greet", "\u3000\t/greet", "\x1f/greet", "\u2028/greet", "//x"):
            made = no_command(text)
            self.assertFalse(made.strip().startswith("/"), repr(text))
            self.assertEqual(len(made), len(text))

    def test_other_text_is_left(self) -> None:
        for text in ("你好", "a/b", "2022/5/1", "／greet", " ", ""):
            self.assertEqual(no_command(text), text)


if __name__ == "__main__":
    unittest.main()
