"""The firm itself: what fits it, what is kept of it, and forgetting it."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import AllSlotsReset
from rasa_sdk.executor import CollectingDispatcher

from actions.talk import Events, Message, ReplyAction, TalkAction
from bot.knowledge import Loaded
from bot.policies.answer import Context, Reply

__all__ = ["ActionFits", "ActionForget", "ActionProfile"]


class ActionFits(TalkAction):
    """Tells what there is for a firm like this, after a few questions where needed."""

    def name(self) -> str:
        """The action's name in domain.yml."""
        return "action_fits"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> Events:
        """The list, or the first question."""
        message, context = self._talk.message(tracker), await self._talk.context(tracker)
        reply, after = await self._talk.knowledge.run(
            lambda loaded: loaded.assistant.fits(message.text, context, message.day)
        )
        if reply is not None:
            return await self._talk.say(dispatcher, tracker, context, reply)
        return [*await self._talk.keep(tracker, context, after), *self._talk.go_on(after)]


class ActionProfile(ReplyAction):
    """Shows what is kept of the firm, and changes it."""

    def name(self) -> str:
        """The action's name in domain.yml."""
        return "action_profile"

    def reply(self, loaded: Loaded, message: Message, context: Context) -> Reply:
        """What is kept, changed where the message says how."""
        return loaded.assistant.profile(message.text, context, message.day)


class ActionForget(TalkAction):
    """Forgets the firm; the conversation itself is deleted once the turn is over."""

    def name(self) -> str:
        """The action's name in domain.yml."""
        return "action_forget"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> Events:
        """Delete the profile, empty the slots, and ask for the rest to be deleted.

        Only where the message says so in so many words: what Rasa merely took for it
        (你都记了我们啥) is shown what is kept instead.
        """
        message, context = self._talk.message(tracker), await self._talk.context(tracker)
        assistant = self._talk.knowledge.current.assistant
        if not assistant.asks_to_forget(message.text):
            reply = assistant.profile(message.text, context, message.day)
            return await self._talk.say(dispatcher, tracker, context, reply)
        await self._talk.profiles.delete(tracker.sender_id)
        reply = assistant.forgotten()
        custom = {**reply.custom, "forget": True}
        dispatcher.utter_message(text=reply.text, json_message=custom)
        return [AllSlotsReset()]
