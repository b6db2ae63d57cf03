"""jieba with the house words.

Unlike Rasa's own: the dictionary is made from the glossary, belongs to this
instance (jieba's global one is untouched), takes part in the fingerprint, and
blank tokens are dropped.
"""

from __future__ import annotations

from typing import Any

from rasa.engine.graph import ExecutionContext
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.tokenizers.tokenizer import Token, Tokenizer
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.policies.query import Lexicon
from bot.rasa import lexicon as stored

__all__ = ["WenceTokenizer"]


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_TOKENIZER, is_trainable=True)
class WenceTokenizer(Tokenizer):
    """Cuts Chinese text into words; 专精特新 stays one."""

    def __init__(
        self,
        config: dict[str, Any],
        lexicon: Lexicon,
        model_storage: ModelStorage,
        resource: Resource,
    ) -> None:
        super().__init__(config)
        self._lexicon = lexicon
        self._jieba = lexicon.tokenizer()
        self._model_storage = model_storage
        self._resource = resource

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """``glossary``: path from the project's root; the others are Rasa's own."""
        return {
            "glossary": stored.DEFAULT_GLOSSARY,
            "intent_tokenization_flag": False,
            "intent_split_symbol": "_",
            "token_pattern": None,
            "prefix_separator_symbol": None,
        }

    @staticmethod
    def supported_languages() -> list[str]:
        """Chinese only."""
        return ["zh"]

    @staticmethod
    def required_packages() -> list[str]:
        """What must be installed."""
        return ["jieba"]

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
    ) -> WenceTokenizer:
        """Called by Rasa for training: reads the glossary."""
        return cls(config, stored.from_config(config), model_storage, resource)

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> WenceTokenizer:
        """Called by Rasa with a trained model: reads the lexicon kept in it."""
        return cls(config, stored.kept(model_storage, resource), model_storage, resource)

    def train(self, training_data: TrainingData) -> Resource:
        """Keep the lexicon in the model."""
        stored.keep(self._lexicon, self._model_storage, self._resource)
        return self._resource

    def tokenize(self, message: Message, attribute: str) -> list[Token]:
        """The words of one attribute with their offsets, blanks left out."""
        words = self._jieba.tokenize(message.get(attribute))
        tokens = [Token(word, start) for word, start, _ in words if word.strip()]
        return self._apply_token_pattern(tokens)  # type: ignore[no-any-return]
