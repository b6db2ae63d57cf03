"""Entities by the same analysis of a question that the search uses."""

from __future__ import annotations

from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.extractors.extractor import EntityExtractorMixin
from rasa.shared.nlu.constants import ENTITIES, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.policies.query import Lexicon, Span, analyse, relative_years
from bot.rasa import lexicon as stored

__all__ = ["WenceEntities"]


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=True)
class WenceEntities(GraphComponent, EntityExtractorMixin):
    """Finds document numbers, articles, dates, sums, counts, ratios and terms.

    Nothing is learnt from examples; it is trainable only so that the lexicon
    is kept in the model.
    """

    def __init__(self, lexicon: Lexicon, model_storage: ModelStorage, resource: Resource) -> None:
        self._lexicon = lexicon
        self._model_storage = model_storage
        self._resource = resource

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """``glossary``: path from the project's root."""
        return {"glossary": stored.DEFAULT_GLOSSARY}

    @classmethod
    def fingerprint_addon(cls, config: dict[str, Any]) -> str | None:
        """An edited glossary trains anew."""
        return stored.fingerprint(config)

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> WenceEntities:
        """Called by Rasa for training: reads the glossary."""
        return cls(stored.from_config(config), model_storage, resource)

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> WenceEntities:
        """Called by Rasa with a trained model: reads the lexicon kept in it."""
        return cls(stored.kept(model_storage, resource), model_storage, resource)

    def train(self, training_data: TrainingData) -> Resource:
        """Keep the lexicon in the model."""
        stored.keep(self._lexicon, self._model_storage, self._resource)
        return self._resource

    def process(self, messages: list[Message]) -> list[Message]:
        """Add what each message names; ``value`` is canonical (a term's id, 元, 0.15 for 15 %)."""
        for message in messages:
            found = [
                {
                    "entity": span.kind,
                    "start": span.start,
                    "end": span.end,
                    "value": span.value,
                }
                for span in self._spans(message.get(TEXT) or "")
            ]
            entities = message.get(ENTITIES, []) + self.add_extractor_name(found)
            message.set(ENTITIES, entities, add_to_output=True)
        return messages

    def _spans(self, text: str) -> list[Span]:
        return [*analyse(text, self._lexicon).spans, *relative_years(text)]
