"""The cure of a slow leak: every new session repeats all slot events of the last.

``ActionSessionStart`` carries slots over by copying every ``SlotSet`` of the
session before, repeated values and the metadata of each session's first
message among them, so a conversation's tracker grows for as long as it lives.
Here each slot is carried over once, with its last value. As in
:mod:`bot.rasa.validator`, only the very function this was written for is
replaced.

A session also ends after so many events, not only after so much time: Rasa reads and
counts the whole of it at every turn. Questions under way are let finish first.
"""

from __future__ import annotations

import logging
from typing import Any

import rasa
from rasa.core.actions.action import ActionSessionStart
from rasa.core.processor import MessageProcessor
from rasa.shared.core.constants import SESSION_START_METADATA_SLOT
from rasa.shared.core.events import SlotSet

from bot.rasa.validator import is_known

__all__ = ["KNOWN_EXPIRY", "KNOWN_SOURCE", "MOST_EVENTS", "apply"]

logger = logging.getLogger(__name__)

KNOWN_SOURCE = "d023605fda20a739"
KNOWN_EXPIRY = "aa0e659a9cfa1f70"
MOST_EVENTS = 150
"""Events of a session, about twelve turns, after which the next turn begins a new one."""


def apply() -> bool:
    """Carry each slot over once, where the original is known.

    Returns:
        Whether the cure is in place (also when it already was).
    """
    bounded = _bound()
    original = ActionSessionStart._slot_set_events_from_tracker
    if original is last_slot_events:
        return bounded
    if not is_known(original, KNOWN_SOURCE):
        logger.warning("session_start_left_alone rasa_version=%s", rasa.__version__)
        return False
    ActionSessionStart._slot_set_events_from_tracker = staticmethod(last_slot_events)
    return bounded


def _bound() -> bool:
    """Have a session end by its length too, where the original is known."""
    original = MessageProcessor._has_session_expired
    if hasattr(original, "bounded"):
        return True
    if not is_known(original, KNOWN_EXPIRY):
        logger.warning("session_length_left_alone rasa_version=%s", rasa.__version__)
        return False

    def expired(self: Any, tracker: Any) -> bool:
        if original(self, tracker):
            return True
        return len(tracker.events) > MOST_EVENTS and not tracker.active_loop_name

    expired.bounded = True  # type: ignore[attr-defined]
    MessageProcessor._has_session_expired = expired
    return True


def last_slot_events(tracker: Any) -> list[SlotSet]:
    """The last ``SlotSet`` of each slot that holds a value, but for the session's metadata."""
    last = {
        event.key: event
        for event in tracker.applied_events()
        if isinstance(event, SlotSet) and event.key != SESSION_START_METADATA_SLOT
    }
    return [
        SlotSet(key=event.key, value=event.value, metadata=event.metadata)
        for event in last.values()
        if event.value is not None
    ]
