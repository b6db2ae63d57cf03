"""The form that leads a firm to a verdict: its answers, its questions, its end."""

from __future__ import annotations

from typing import Any

from rasa_sdk import FormValidationAction, Tracker
from rasa_sdk.events import ActionExecutionRejected, ActiveLoop, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.talk import FORM, Events, Talk, TalkAction, under_way
from bot.policies.answer.leading import left_to_rules

__all__ = ["ActionAskAnswer", "ActionLeave", "ActionVerdict", "ValidateEligibilityForm"]


class ValidateEligibilityForm(FormValidationAction):
    """Takes an answer; the form's one slot never holds it, so that the form asks on."""

    def __init__(self, talk: Talk) -> None:
        super().__init__()
        self._talk = talk

    def name(self) -> str:
        """The action's name in domain.yml."""
        return f"validate_{FORM}"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> Events:
        """Leave small talk and calls for a person to the rules; take everything else."""
        latest = tracker.latest_message or {}
        intent = latest.get("intent") or {}
        # Empty when the form comes back after a rule: there is nothing to leave to one then.
        waits = tracker.get_slot("answer") is not None
        text, name = str(latest.get("text") or ""), str(intent.get("name") or "")
        if waits and left_to_rules(text, name, float(intent.get("confidence") or 0)):
            return [{"event": "slot", "name": "answer", "value": None}, _rejected()]
        return list(await super().run(dispatcher, tracker, domain))

    async def validate_answer(
        self,
        value: Any,
        dispatcher: CollectingDispatcher,
        tracker: Tracker,
        domain: dict[str, Any],
    ) -> dict[str, Any]:
        """What the answer makes of the questions; ``requested_slot`` None ends the form."""
        context = await self._talk.context(tracker)
        if not under_way(context):
            return {"answer": None, "requested_slot": None}
        message = self._talk.message(tracker)
        between, after = await self._talk.knowledge.run(
            lambda loaded: loaded.assistant.leading.listen(
                message.text, message.intent, context, message.day
            )
        )
        if between is not None:
            self._talk.utter(dispatcher, tracker, context, between)
        events = await self._talk.keep(tracker, context, after)
        slots = {event["name"]: event["value"] for event in events}
        if not under_way(after):
            slots["requested_slot"] = None
        return {**slots, "answer": None}


def _rejected() -> dict[str, Any]:
    return dict(ActionExecutionRejected(FORM))


class ActionAskAnswer(TalkAction):
    """Asks the question that is waited for."""

    def name(self) -> str:
        """The action's name in domain.yml."""
        return f"action_ask_{FORM}_answer"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> Events:
        """Ask it."""
        context = await self._talk.context(tracker)
        if not under_way(context):
            return []
        day = self._talk.message(tracker).day
        reply = await self._talk.knowledge.run(
            lambda loaded: loaded.assistant.leading.question(context, day)
        )
        return await self._talk.say(dispatcher, tracker, context, reply)


class ActionVerdict(TalkAction):
    """Says what the questions came to."""

    def name(self) -> str:
        """The action's name in domain.yml."""
        return "action_verdict"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> Events:
        """The verdict, the list of what fits, or that it was broken off."""
        context = await self._talk.context(tracker)
        if context.interview is None:
            return []
        day = self._talk.message(tracker).day
        reply = await self._talk.knowledge.run(
            lambda loaded: loaded.assistant.leading.conclude(context, day)
        )
        return await self._talk.say(dispatcher, tracker, context, reply)


class ActionLeave(TalkAction):
    """Leaves the questions where they are."""

    def name(self) -> str:
        """The action's name in domain.yml."""
        return "action_leave"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> Events:
        """End the form; nothing waits for an answer any more."""
        return [SlotSet("interview", None), SlotSet("requested_slot", None), ActiveLoop(None)]
