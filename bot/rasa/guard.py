"""A message that may be a question is not answered with a fixed sentence.

The classifier sees 再担保集团300亿 begin like 再见, 机加工 17个人 end like 找个人, and takes
我们是制造业企业 for a look at what is kept of the firm. A fixed sentence would lose the
question; as ``nlu_fallback`` it is searched.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.constants import DEFAULT_NLU_FALLBACK_INTENT_NAME
from rasa.shared.nlu.constants import ENTITIES, INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message

__all__ = ["WenceGuard"]

_NAMING = frozenset({"term", "document_number", "article"})


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=False)
class WenceGuard(GraphComponent):
    """Turns small talk that names something, or is none for certain, into a question."""

    def __init__(
        self,
        small_talk: frozenset[str],
        fixed: frozenset[str],
        fixed_from: float,
        worded: Mapping[str, re.Pattern[str]],
        searched: re.Pattern[str] | None = None,
    ) -> None:
        self._small_talk, self._fixed, self._fixed_from = small_talk, fixed, fixed_from
        self._worded, self._searched = worded, searched

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """The intents that the guard doubts.

        ``small_talk``: none where a term, a document or an article is named; ``fixed``:
        none below the confidence ``fixed_from``; ``worded``: for an intent the pattern of
        words without which it is none; ``searched``: a pattern of what is never small
        talk, whatever it was taken for.
        """
        return {"small_talk": [], "fixed": [], "fixed_from": 0.0, "worded": {}, "searched": ""}

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> WenceGuard:
        """Called by Rasa."""
        fixed, least = frozenset(config["fixed"]), float(config["fixed_from"])
        worded = {name: re.compile(words) for name, words in config["worded"].items()}
        searched = re.compile(config["searched"]) if config["searched"] else None
        return cls(frozenset(config["small_talk"]), fixed, least, worded, searched)

    def process(self, messages: list[Message]) -> list[Message]:
        """Replace the intent where it cannot be right; the ranking stays as it was."""
        for message in messages:
            intent = message.get(INTENT) or {}
            named = any(e.get("entity") in _NAMING for e in message.get(ENTITIES, []))
            name, sure = intent.get("name"), intent.get("confidence", 0.0)
            doubtful = name in self._fixed and sure < self._fixed_from
            doubtful |= not any(map(str.isalnum, message.get(TEXT) or "x"))  # ？？？
            words = self._worded.get(str(name))
            text = message.get(TEXT) or ""
            doubtful |= words is not None and not words.search(text)
            doubtful |= self._searched is not None and bool(self._searched.search(text))
            if doubtful or (named and name in self._small_talk):
                fallback = {**intent, "name": DEFAULT_NLU_FALLBACK_INTENT_NAME}
                message.set(INTENT, fallback, add_to_output=True)
        return messages
