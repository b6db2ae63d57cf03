"""A message that names something of the field is no small talk.

The classifier sees 再担保集团300亿 begin like 再见. Small talk ends in a fixed
sentence, so the question would be lost; as ``nlu_fallback`` it is searched.
"""

from __future__ import annotations

from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.constants import DEFAULT_NLU_FALLBACK_INTENT_NAME
from rasa.shared.nlu.constants import ENTITIES, INTENT
from rasa.shared.nlu.training_data.message import Message

__all__ = ["WenceGuard"]

_NAMING = frozenset({"term", "document_number", "article"})


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=False)
class WenceGuard(GraphComponent):
    """Turns small talk that names a term, a document or an article into a question."""

    def __init__(self, small_talk: frozenset[str]) -> None:
        self._small_talk = small_talk

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """``small_talk``: the intents that are answered with a fixed sentence."""
        return {"small_talk": []}

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> WenceGuard:
        """Called by Rasa."""
        return cls(frozenset(config["small_talk"]))

    def process(self, messages: list[Message]) -> list[Message]:
        """Replace the intent where it cannot be right; the ranking stays as it was."""
        for message in messages:
            intent = message.get(INTENT) or {}
            named = any(e.get("entity") in _NAMING for e in message.get(ENTITIES, []))
            if named and intent.get("name") in self._small_talk:
                fallback = {**intent, "name": DEFAULT_NLU_FALLBACK_INTENT_NAME}
                message.set(INTENT, fallback, add_to_output=True)
        return messages
