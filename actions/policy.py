"""Answering from the knowledge base: the search decides between answer, offer and nothing."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from datetime import date
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from bot.knowledge import Knowledge, Loaded
from bot.policies.answer import Context, Reply

__all__ = ["ActionAnswer", "ActionChoose", "ActionMore"]

Events = list[dict[str, Any]]


class _PolicyAction(Action, ABC):
    """What the actions share: the turn's text, day and context, and the reply's way back."""

    def __init__(self, knowledge: Knowledge, today: Callable[[], date]) -> None:
        self._knowledge, self._today = knowledge, today

    @abstractmethod
    def reply(self, loaded: Loaded, text: str, intent: str, context: Context, day: date) -> Reply:
        """The reply over one snapshot; pure, runs in a thread."""

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> Events:
        """Compose the reply to the latest message and remember what it spoke of."""
        message = tracker.latest_message or {}
        text = str(message.get("text") or "")
        intent = str((message.get("intent") or {}).get("name") or "")
        context = Context(
            tracker.get_slot("clause_id"),
            tuple(tracker.get_slot("offered") or ()),
            int(tracker.get_slot("misses") or 0),
            str(tracker.get_slot("subject") or ""),
            str(tracker.get_slot("list_query") or ""),
            int(tracker.get_slot("list_page") or 0),
        )
        day = self._day(message)
        reply = await self._knowledge.run(
            lambda loaded: self.reply(loaded, text, intent, context, day)
        )
        dispatcher.utter_message(text=reply.text, buttons=reply.buttons, json_message=reply.custom)
        return [
            SlotSet("clause_id", reply.context.clause_id),
            SlotSet("offered", list(reply.context.offered)),
            SlotSet("misses", reply.context.misses),
            SlotSet("subject", reply.context.subject),
            SlotSet("list_query", reply.context.query),
            SlotSet("list_page", reply.context.page),
        ]

    def _day(self, message: dict[str, Any]) -> date:
        # A turn asked again after midnight is judged by the day it was first asked on.
        given = (message.get("metadata") or {}).get("as_of")
        try:
            return date.fromisoformat(given) if given else self._today()
        except (TypeError, ValueError):
            return self._today()


class ActionAnswer(_PolicyAction):
    """Answers a question about policy."""

    def name(self) -> str:
        """The action's name in domain.yml."""
        return "action_answer"

    def reply(self, loaded: Loaded, text: str, intent: str, context: Context, day: date) -> Reply:
        """Answer, offer a choice, or say that nothing fits."""
        return loaded.assistant.respond(text, intent, context, day)


class ActionChoose(_PolicyAction):
    """Answers with what was chosen from the last offer."""

    def name(self) -> str:
        """The action's name in domain.yml."""
        return "action_choose"

    def reply(self, loaded: Loaded, text: str, intent: str, context: Context, day: date) -> Reply:
        """The chosen clause."""
        return loaded.assistant.choose(text, context, day)


class ActionMore(_PolicyAction):
    """Pages on in the last list."""

    def name(self) -> str:
        """The action's name in domain.yml."""
        return "action_more"

    def reply(self, loaded: Loaded, text: str, intent: str, context: Context, day: date) -> Reply:
        """The next page, or the one before."""
        return loaded.assistant.more(text, context, day)
