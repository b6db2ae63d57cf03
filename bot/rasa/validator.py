"""The cure of a hot spot: Rasa re-checks its own schema on every custom-action call.

``RemoteAction._validate_action_result`` calls ``jsonschema.validate``, which
checks the (constant) schema against its meta-schema each time: about 40 ms of
CPU for every action call of every conversation. Here the schema is checked
once and the validator kept.

The cure is applied only to the very function it was written for (version and
hash of its source); any other Rasa is left as it is, with one warning.
"""

from __future__ import annotations

import hashlib
import inspect
import logging
from collections.abc import Callable
from typing import Any

import rasa
from jsonschema import exceptions  # type: ignore[import-untyped]
from jsonschema.validators import validator_for  # type: ignore[import-untyped]
from rasa.core.actions.action import RemoteAction
from rasa.shared.constants import DOCS_BASE_URL

__all__ = ["KNOWN_SOURCE", "KNOWN_VERSION", "apply", "is_known", "is_plain", "source_hash"]

logger = logging.getLogger(__name__)

KNOWN_VERSION = "3.6.21"
KNOWN_SOURCE = "f8cdb4be68123961"


def source_hash(function: Callable[..., Any]) -> str:
    """A hash of a function's source text."""
    return hashlib.sha256(inspect.getsource(function).encode()).hexdigest()[:16]


def is_known(function: Callable[..., Any], known_source: str) -> bool:
    """Whether this is the Rasa, and the function, that a cure was written for."""
    if rasa.__version__ != KNOWN_VERSION:
        return False
    try:
        return source_hash(function) == known_source
    except OSError:  # no source beside the compiled file
        return False


def apply() -> bool:
    """Replace the slow check by the kept validator, where it is known to be safe.

    Returns:
        Whether the cure is in place (also when it already was).
    """
    original = RemoteAction._validate_action_result
    if getattr(original, "kept_validator", False):
        return True
    if not is_known(original, KNOWN_SOURCE):
        logger.warning("action_validator_left_alone rasa_version=%s", rasa.__version__)
        return False
    RemoteAction._validate_action_result = _with_kept_validator(
        RemoteAction.action_response_format_spec()
    )
    return True


def is_plain(result: Any) -> bool:
    """Whether a result is of the common kind: replies, and slots set.

    The schema accepts every such result (a test holds this); all others are put
    to the schema itself, which costs a millisecond.
    """
    return (
        isinstance(result, dict)
        and result.keys() == {"events", "responses"}
        and isinstance(result["responses"], list)
        and all(isinstance(response, dict) for response in result["responses"])
        and isinstance(result["events"], list)
        and all(_sets_a_slot(event) for event in result["events"])
    )


def _sets_a_slot(event: Any) -> bool:
    return (
        isinstance(event, dict)
        and event.keys() <= {"event", "name", "value", "timestamp"}
        and event.get("event") == "slot"
        and isinstance(event.get("name"), str)
        and "value" in event
        and event.get("timestamp") is None
    )


def _with_kept_validator(schema: dict[str, Any]) -> Callable[..., bool]:
    cls = validator_for(schema)
    cls.check_schema(schema)
    validator = cls(schema)

    def _validate_action_result(self: Any, result: dict[str, Any]) -> bool:
        if is_plain(result):
            return True
        error = exceptions.best_match(validator.iter_errors(result))
        if error is None:
            return True
        error.message += (
            f". Failed to validate Action server response from API, "
            f"make sure your response from the Action endpoint is valid. "
            f"For more information about the format visit "
            f"{DOCS_BASE_URL}/custom-actions"
        )
        raise error

    _validate_action_result.kept_validator = True  # type: ignore[attr-defined]
    return _validate_action_result
