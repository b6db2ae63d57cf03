"""The house lexicon inside a Rasa model: read at training, kept in the model, read back.

A model therefore does not depend on the glossary as it is now, and the
glossary's fingerprint tells Rasa when a component must be trained again.
"""

from __future__ import annotations

import json
from typing import Any

from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage

from bot.policies.query import Lexicon

__all__ = ["DEFAULT_GLOSSARY", "fingerprint", "from_config", "keep", "kept"]

DEFAULT_GLOSSARY = "policies_kb/glossary.yml"
_FILE = "lexicon.json"


def from_config(config: dict[str, Any]) -> Lexicon:
    """The lexicon of the glossary that a component's configuration names.

    Raises:
        OSError: the glossary cannot be read.
    """
    return Lexicon.from_glossary(config.get("glossary") or DEFAULT_GLOSSARY)


def fingerprint(config: dict[str, Any]) -> str:
    """What a component adds to its fingerprint: an edited glossary trains anew."""
    return from_config(config).fingerprint


def keep(lexicon: Lexicon, model_storage: ModelStorage, resource: Resource) -> None:
    """Write a lexicon into the model."""
    with model_storage.write_to(resource) as folder:
        text = json.dumps(lexicon.to_dict(), ensure_ascii=False)
        (folder / _FILE).write_text(text, encoding="utf-8")


def kept(model_storage: ModelStorage, resource: Resource) -> Lexicon:
    """Read the lexicon of a model.

    Raises:
        ValueError, OSError: the model holds none.
    """
    with model_storage.read_from(resource) as folder:
        return Lexicon.from_dict(json.loads((folder / _FILE).read_text(encoding="utf-8")))
