"""Answering from the knowledge base: the search decides between answer, offer and nothing."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import AllSlotsReset
from rasa_sdk.executor import CollectingDispatcher

from actions.talk import Events, Message, ReplyAction, under_way
from bot.knowledge import Loaded
from bot.policies.answer import Context, Reply

__all__ = [
    "ActionAfresh",
    "ActionAnswer",
    "ActionBack",
    "ActionChoose",
    "ActionCompare",
    "ActionMore",
]


class ActionAnswer(ReplyAction):
    """Answers a question about policy."""

    def name(self) -> str:
        """The action's name in domain.yml."""
        return "action_answer"

    def reply(self, loaded: Loaded, message: Message, context: Context) -> Reply:
        """Answer, offer a choice, or say that nothing fits."""
        return loaded.assistant.respond(message.text, message.intent, context, message.day)

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> Events:
        """As the others; but where a new session cut questions short, they are taken up."""
        context = await self._talk.context(tracker)
        if not under_way(context) or tracker.active_loop.get("name"):
            return await super().run(dispatcher, tracker, domain)
        message = self._talk.message(tracker)

        def listen(loaded: Loaded) -> tuple[list[Reply], Context]:
            leading = loaded.assistant.leading
            between, after = leading.listen(message.text, message.intent, context, message.day)
            replies = [between] if between is not None else []
            if not under_way(after) and after.interview is not None:
                replies.append(leading.conclude(after, message.day))
                after = replies[-1].context
            return replies, after

        replies, after = await self._talk.knowledge.run(listen)
        for reply in replies[:-1]:
            self._talk.utter(dispatcher, tracker, context, reply)
        if replies:
            last = Reply(replies[-1].text, replies[-1].custom, after)
            return await self._talk.say(dispatcher, tracker, context, last)
        return [*await self._talk.keep(tracker, context, after), *self._talk.go_on(after)]


class ActionChoose(ReplyAction):
    """Answers with what was chosen from the last offer."""

    def name(self) -> str:
        """The action's name in domain.yml."""
        return "action_choose"

    def reply(self, loaded: Loaded, message: Message, context: Context) -> Reply:
        """The chosen clause or programme."""
        return loaded.assistant.choose(message.text, context, message.day)


class ActionMore(ReplyAction):
    """Pages on in the last list."""

    def name(self) -> str:
        """The action's name in domain.yml."""
        return "action_more"

    def reply(self, loaded: Loaded, message: Message, context: Context) -> Reply:
        """The next page, or the one before."""
        return loaded.assistant.more(message.text, context, message.day)


class ActionBack(ReplyAction):
    """Goes back to something spoken of earlier."""

    def name(self) -> str:
        """The action's name in domain.yml."""
        return "action_back"

    def reply(self, loaded: Loaded, message: Message, context: Context) -> Reply:
        """The earlier topic once more."""
        return loaded.assistant.back(message.text, context, message.day)


class ActionCompare(ReplyAction):
    """Sets two programmes side by side."""

    def name(self) -> str:
        """The action's name in domain.yml."""
        return "action_compare"

    def reply(self, loaded: Loaded, message: Message, context: Context) -> Reply:
        """Both, and whether they go together."""
        return loaded.assistant.compare(message.text, context, message.day)


class ActionAfresh(ActionAnswer):
    """Starts over: what was spoken of is put aside, what was told of the firm stays."""

    def name(self) -> str:
        """The action's name in domain.yml."""
        return "action_afresh"

    def reply(self, loaded: Loaded, message: Message, context: Context) -> Reply:
        """What names a matter asks of it (那重新认定的呢)."""
        return loaded.assistant.respond(message.text, "ask_policy", context, message.day)

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> Events:
        """Say so and empty the slots."""
        assistant = self._talk.knowledge.current.assistant
        if not assistant.asks_afresh(self._talk.message(tracker).text):
            return await super().run(dispatcher, tracker, domain)
        reply = assistant.afresh()
        dispatcher.utter_message(text=reply.text, buttons=reply.buttons, json_message=reply.custom)
        return [AllSlotsReset()]
