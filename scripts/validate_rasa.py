"""Rasa's own validation, and the one it lacks: do annotations fall on word borders?

Run by Rasa's interpreter: ``.venv-rasa/bin/python scripts/validate_rasa.py``.

``rasa data validate --fail-on-warnings`` never cuts a message into words, so it
does not see an entity that begins or ends inside one; Rasa says so in training
only, as a warning, and only with certain extractors. Here the training data go
through the pipeline up to the tokenizer, and each such entity is an error.
"""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent

VARIABLES = {
    "RASA_TELEMETRY_ENABLED": "false",
    "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
    "TF_CPP_MIN_LOG_LEVEL": "2",
    "WENCE_ACTIONS_URL": "http://127.0.0.1:1/webhook",
    "WENCE_TRACKER_URL": "sqlite://",
    "WENCE_INTERNAL_TOKEN": "unused",
}


def validate() -> bool:
    """Rasa's validation of domain, NLU data, rules and stories; its output if it fails."""
    command = [sys.executable, "-m", "rasa", "data", "validate", "--fail-on-warnings"]
    done = subprocess.run(
        command,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT), **VARIABLES},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode or "UserWarning" in done.stdout:
        sys.stderr.write(done.stdout)
        return False
    return True


def misaligned(root: Path) -> list[str]:
    """One line for each annotated entity that does not fall on word borders."""
    from rasa.engine.graph import ExecutionContext, GraphSchema
    from rasa.engine.recipes.default_recipe import DefaultV1Recipe
    from rasa.engine.storage.local_model_storage import LocalModelStorage
    from rasa.engine.storage.resource import Resource
    from rasa.nlu.tokenizers.tokenizer import Tokenizer
    from rasa.shared.importers.importer import TrainingDataImporter

    importer = TrainingDataImporter.load_from_config(
        str(root / "config.yml"), str(root / "domain.yml"), [str(root / "data")]
    )
    data: Any = importer.get_nlu_data()
    storage, context = LocalModelStorage(root), ExecutionContext(GraphSchema({}))
    for item in importer.get_config()["pipeline"]:
        # Not public, but Rasa's version is locked; it knows short names and paths.
        kind = DefaultV1Recipe._from_registry(item["name"]).clazz
        config = {**kind.get_default_config(), **item}
        component: Any = kind.create(config, storage, Resource(item["name"]), context)
        data = component.process_training_data(data)
        if isinstance(component, Tokenizer):
            return [line for message in data.entity_examples for line in _faults(message)]
    return ["config.yml 的 pipeline 里没有分词组件"]


def _faults(message: Any) -> Iterator[str]:
    """Entities of one training message that begin or end inside a word."""
    words = message.get("text_tokens")
    starts, ends = {word.start for word in words}, {word.end for word in words}
    text = message.get("text")
    for entity in message.get("entities"):
        if entity["start"] not in starts or entity["end"] not in ends:
            cut = "|".join(word.text for word in words)
            name = text[entity["start"] : entity["end"]]
            yield f"标注与分词不合：“{text}”中的“{name}”（{entity['entity']}），分词为 {cut}"


def main() -> int:
    """0 where all is well; else 1, with what is wrong on standard error."""
    os.chdir(ROOT)
    os.environ.update(VARIABLES)
    sys.path.insert(0, str(ROOT))
    if not validate():
        sys.stderr.write("rasa data validate 未通过\n")
        return 1
    # Rasa's libraries deprecate each other; what matters has been judged above.
    # Not by a filter: they set filters of their own.
    warnings.showwarning = lambda *_, **__: None
    logging.disable(logging.WARNING)
    faults = misaligned(ROOT)
    for fault in faults:
        sys.stderr.write(fault + "\n")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
