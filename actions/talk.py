"""What all actions share: the turn's text, day and context, and the way of a reply back."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, date, datetime
from typing import Any, Protocol

from rasa_sdk import Action, Tracker
from rasa_sdk.events import FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from bot.knowledge import Knowledge, Loaded
from bot.logs import get_logger
from bot.policies.answer import Context, Interview, Reply, Topic, held_to, remember

__all__ = [
    "FORM",
    "Events",
    "Message",
    "Profiles",
    "ReplyAction",
    "Talk",
    "TalkAction",
    "under_way",
]

log = get_logger(__name__)

Events = list[dict[str, Any]]

FORM = "eligibility_form"
"""The form's name in domain.yml."""


class Profiles(Protocol):
    """Where the firms' profiles are kept."""

    async def get(self, owner: str) -> dict[str, Any]:
        """The facts that an owner has told."""

    async def put(self, owner: str, facts: Mapping[str, Any], now: datetime) -> None:
        """Keep these facts in place of those before."""

    async def delete(self, owner: str) -> bool:
        """Forget an owner."""


@dataclass(frozen=True)
class Message:
    """The latest message: its words, what Rasa took it for, and the day it is judged by."""

    text: str
    intent: str
    day: date


class Talk:
    """The conversation as the slots and the profile hold it.

    Args:
        knowledge: the snapshot in use.
        today: the day of judgement for turns that carry none.
        profiles: where the firms' profiles are kept.
    """

    def __init__(self, knowledge: Knowledge, today: Callable[[], date], profiles: Profiles) -> None:
        self.knowledge, self._today, self.profiles = knowledge, today, profiles

    def message(self, tracker: Tracker) -> Message:
        """The latest message of a conversation."""
        latest = tracker.latest_message or {}
        text = str(latest.get("text") or "")
        intent = str((latest.get("intent") or {}).get("name") or "")
        return Message(text, intent, self._day(latest))

    def _day(self, message: dict[str, Any]) -> date:
        # A turn asked again after midnight is judged by the day it was first asked on.
        given = (message.get("metadata") or {}).get("as_of")
        try:
            return date.fromisoformat(given) if given else self._today()
        except (TypeError, ValueError):
            return self._today()

    async def context(self, tracker: Tracker) -> Context:
        """What the conversation remembers, with the firm's profile."""
        return Context(
            tracker.get_slot("clause_id"),
            tuple(tracker.get_slot("offered") or ()),
            int(tracker.get_slot("misses") or 0),
            str(tracker.get_slot("subject") or ""),
            str(tracker.get_slot("list_query") or ""),
            int(tracker.get_slot("list_page") or 0),
            tracker.get_slot("programme_id"),
            await self.profiles.get(tracker.sender_id),
            Interview.of(tracker.get_slot("interview")),
            tuple(Topic(**topic) for topic in tracker.get_slot("talked") or ()),
            tracker.get_slot("document_id"),
            str(tracker.get_slot("said") or ""),
        )

    async def say(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, before: Context, reply: Reply
    ) -> Events:
        """Utter a reply and remember what it spoke of; with questions to ask, go on to them."""
        reply = self.utter(dispatcher, tracker, before, reply)
        after = replace(reply.context, talked=remember(before, reply))
        # A sentence in between (您指的是哪一项) ends no subject.
        if after.programme is None and reply.custom["type"] in ("text", "clarify"):
            after = replace(after, programme=before.programme)
        events = await self.keep(tracker, before, after)
        in_form = (tracker.active_loop or {}).get("name") == FORM
        return events if in_form else [*events, *self.go_on(after)]

    def utter(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, context: Context, reply: Reply
    ) -> Reply:
        """Send a reply on its way, held to the law that every figure stands in a clause."""
        loaded = self.knowledge.current
        told = {**(context.facts or {}), **(reply.context.facts or {})}
        own = f"{self.message(tracker).text} {loaded.assistant.facts_said(told)}"
        reply, faults = held_to(reply, loaded.snapshot, own)
        if faults:
            clauses = [clause["clause_id"] for clause in reply.custom["clauses"]]
            log.error("reply_replaced", faults=faults, clauses=clauses)
        dispatcher.utter_message(text=reply.text, buttons=reply.buttons, json_message=reply.custom)
        return reply

    @staticmethod
    def go_on(context: Context) -> Events:
        """On to the questions, where some wait."""
        return [FollowupAction(FORM)] if under_way(context) else []

    async def keep(self, tracker: Tracker, before: Context, after: Context) -> Events:
        """Remember a context: the slots as events, the profile where it is kept."""
        if after.facts is not None and after.facts != before.facts:
            await self.profiles.put(tracker.sender_id, after.facts, datetime.now(UTC))
        slots = {
            "clause_id": after.clause_id,
            "offered": list(after.offered),
            "misses": after.misses,
            "subject": after.subject,
            "list_query": after.query,
            "list_page": after.page,
            "programme_id": after.programme,
            "interview": after.interview.record() if after.interview else None,
            "talked": [asdict(topic) for topic in after.talked],
            "document_id": after.document,
            "said": after.said or None,
        }
        # What stays as it was need not be written again: Rasa keeps every event.
        return [
            SlotSet(name, value) for name, value in slots.items() if value != tracker.get_slot(name)
        ]


class TalkAction(Action, ABC):
    """An action over the conversation; ``name`` is its name in domain.yml."""

    def __init__(self, talk: Talk) -> None:
        self._talk = talk


class ReplyAction(TalkAction):
    """One reply to the latest message, composed in a thread."""

    @abstractmethod
    def reply(self, loaded: Loaded, message: Message, context: Context) -> Reply:
        """The reply over one snapshot; pure."""

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> Events:
        """Compose the reply to the latest message and remember what it spoke of."""
        message, context = self._talk.message(tracker), await self._talk.context(tracker)
        reply = await self._talk.knowledge.run(lambda loaded: self.reply(loaded, message, context))
        return await self._talk.say(dispatcher, tracker, context, reply)


def under_way(context: Context) -> bool:
    """Whether questions about the firm wait for an answer."""
    return context.interview is not None and not context.interview.ended
