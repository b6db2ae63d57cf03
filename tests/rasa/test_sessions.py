"""Slots carried into a new session: each once."""

from __future__ import annotations

import unittest
from unittest import mock

from rasa.core.actions.action import ActionSessionStart
from rasa.core.processor import MessageProcessor
from rasa.shared.core.events import ActionExecuted, ActiveLoop, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from bot.rasa import sessions

EXPIRED = MessageProcessor._has_session_expired
ORIGINAL = ActionSessionStart.__dict__["_slot_set_events_from_tracker"]
EVENTS = [
    SlotSet("session_started_metadata", {"turn_id": "t-1"}),
    ActionExecuted("action_session_start"),
    SlotSet("clause_id", "jzf-2022-14.1"),
    SlotSet("misses", 1),
    SlotSet("clause_id", "jzf-2022-14.8"),
    SlotSet("offered", ["jzf-2022-14.8"]),
    SlotSet("misses", None),
]


class SessionsTest(unittest.TestCase):
    def setUp(self) -> None:
        patched = mock.patch.object(ActionSessionStart, "_slot_set_events_from_tracker", ORIGINAL)
        patched.start()
        self.addCleanup(patched.stop)
        expiry = mock.patch.object(MessageProcessor, "_has_session_expired", EXPIRED)
        expiry.start()
        self.addCleanup(expiry.stop)

    def carried(self) -> list[tuple[str, object]]:
        tracker = DialogueStateTracker.from_events("rest:a", EVENTS)
        made = ActionSessionStart._slot_set_events_from_tracker(tracker)
        return [(event.key, event.value) for event in made]

    def test_each_slot_is_carried_once_with_its_last_value(self) -> None:
        before = self.carried()
        self.assertTrue(sessions.apply())
        self.assertTrue(sessions.apply())
        self.assertEqual(len(before), 6)
        self.assertEqual(
            self.carried(), [("clause_id", "jzf-2022-14.8"), ("offered", ["jzf-2022-14.8"])]
        )

    def test_a_session_ends_by_its_length_but_not_amid_questions(self) -> None:
        self.assertTrue(sessions.apply())
        processor = mock.Mock()
        processor.domain.session_config.are_sessions_enabled.return_value = True
        processor.domain.session_config.session_expiration_time = 60
        turn = [UserUttered("问"), ActionExecuted("action_listen")]
        for turns, loop, ended in ((10, None, False), (90, None, True), (90, "a_form", False)):
            tracker = DialogueStateTracker.from_events("rest:a", turn * turns)
            if loop:
                tracker.update(ActiveLoop(loop))
            with self.subTest(turns=turns, loop=loop):
                self.assertEqual(MessageProcessor._has_session_expired(processor, tracker), ended)

    def test_another_version_is_left_alone(self) -> None:
        with (
            mock.patch("rasa.__version__", "3.6.22"),
            self.assertLogs("bot.rasa.sessions", "WARNING"),
        ):
            self.assertFalse(sessions.apply())
        self.assertEqual(len(self.carried()), 6)


if __name__ == "__main__":
    unittest.main()
