"""Slots carried into a new session: each once."""

from __future__ import annotations

import unittest
from unittest import mock

from rasa.core.actions.action import ActionSessionStart
from rasa.shared.core.events import ActionExecuted, SlotSet
from rasa.shared.core.trackers import DialogueStateTracker

from bot.rasa import sessions

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

    def test_another_version_is_left_alone(self) -> None:
        with (
            mock.patch("rasa.__version__", "3.6.22"),
            self.assertLogs("bot.rasa.sessions", "WARNING"),
        ):
            self.assertFalse(sessions.apply())
        self.assertEqual(len(self.carried()), 6)


if __name__ == "__main__":
    unittest.main()
