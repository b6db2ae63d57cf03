"""The only door into Rasa: one turn in, its replies out.

``POST /webhooks/turn/turns`` takes ``{"turn_id", "conversation", "message",
"metadata"}`` and answers ``{"turn_id", "replayed", "replies": […]}``;
``POST /webhooks/turn/forget`` takes ``{"conversation"}``, deletes all that is kept of it and
answers ``{"events"}``, how many; ``GET /webhooks/turn/health`` says which model is loaded. Where
``WENCE_INTERNAL_TOKEN`` is set every turn must carry it as a bearer token.
"""

from __future__ import annotations

import hmac
import json
import logging
import os
import re
from collections.abc import Awaitable, Callable
from typing import Any

from rasa.core.channels.channel import InputChannel, UserMessage
from rasa.core.tracker_store import FailSafeTrackerStore
from sanic import Blueprint
from sanic.request import Request
from sanic.response import HTTPResponse
from sanic.response import json as json_response

from bot.rasa import costs, sessions, validator
from bot.rasa.tracker_store import WenceTrackerStore
from bot.rasa.turns import ConflictingTurnError, Turn, Turns

__all__ = ["BadTurnError", "TurnInput", "loud_store", "read_turn"]

logger = logging.getLogger(__name__)

MAX_BODY_BYTES = 256 * 1024
MAX_MESSAGE_CHARS = 8_000
MAX_METADATA_CHARS = 16_384
_TURN_ID = re.compile(r"[\x21-\x7e]{1,128}")
_FIELDS = {"turn_id", "conversation", "message", "metadata"}


class BadTurnError(Exception):
    """A request that is no turn.

    Attributes:
        status: HTTP status.
        code: a name in snake_case.
    """

    def __init__(self, code: str, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.code = code
        self.status = status


class TurnInput(InputChannel):
    """Rasa's side of the conversation between the service and Rasa."""

    def __init__(self, token: str | None = None) -> None:
        """Args:
        token: what a caller must show, or None for no check.
        """
        self._token = token or None

    @classmethod
    def name(cls) -> str:
        """``turn``: the channel's place under ``/webhooks/``."""
        return "turn"

    @classmethod
    def from_credentials(cls, credentials: dict[str, Any] | None) -> TurnInput:
        """Called by Rasa at start; also the place where the cures are applied."""
        # Rasa lets only its own loggers speak below warnings.
        logging.getLogger("bot.rasa").setLevel(logging.INFO)
        validator.apply()
        sessions.apply()
        costs.apply()
        return cls(os.environ.get("WENCE_INTERNAL_TOKEN"))

    def blueprint(self, on_new_message: Callable[[UserMessage], Awaitable[Any]]) -> Blueprint:
        """The routes."""
        blueprint = Blueprint("wence_turn")
        turns = Turns(on_new_message)

        @blueprint.get("/health")
        async def health(request: Request) -> HTTPResponse:
            agent: Any = getattr(request.app.ctx, "agent", None)
            if loud_store(agent) is None:
                return _error(503, "not_ready", "no model is loaded")
            return json_response({"status": "ok", "model": agent.model_name})

        @blueprint.post("/forget")
        async def forget(request: Request) -> HTTPResponse:
            if not self._may(request):
                return _error(401, "unauthorized", "a bearer token is needed")
            try:
                fields = json.loads(request.body.decode("utf-8"))
                conversation = _text(fields, "conversation", 255)
            except (ValueError, AttributeError, BadTurnError):
                return _error(400, "invalid_conversation", "conversation: text")
            store = loud_store(getattr(request.app.ctx, "agent", None))
            if store is None:
                return _error(503, "not_ready", "no model is loaded")
            events = await turns.forget(conversation, store)
            logger.info("conversation_forgotten events=%d", events)
            return json_response({"events": events})

        @blueprint.post("/turns")
        async def turn(request: Request) -> HTTPResponse:
            if not self._may(request):
                return _error(401, "unauthorized", "a bearer token is needed")
            try:
                asked = read_turn(request.body)
            except BadTurnError as error:
                logger.info("turn_refused code=%s bytes=%d", error.code, len(request.body))
                return _error(error.status, error.code, str(error))
            store = loud_store(getattr(request.app.ctx, "agent", None))
            if store is None:
                return _error(503, "not_ready", "no model is loaded")
            try:
                outcome = await turns.work(asked, store)
            except ConflictingTurnError:
                return _error(409, "turn_conflict", "this turn_id belongs to another turn")
            except Exception as error:
                logger.debug("turn_failed turn_id=%s", asked.turn_id, exc_info=error)
                return _error(500, "turn_failed", "the turn failed; nothing of it is recorded")
            logger.info(
                "turn_done turn_id=%s chars=%d replies=%d replayed=%s",
                asked.turn_id,
                len(asked.message),
                len(outcome.replies),
                outcome.replayed,
            )
            return json_response(
                {
                    "turn_id": asked.turn_id,
                    "replayed": outcome.replayed,
                    "replies": outcome.replies,
                },
                dumps=_dumps,
            )

        return blueprint

    def _may(self, request: Request) -> bool:
        if self._token is None:
            return True
        shown = request.headers.get("authorization", "")
        return hmac.compare_digest(shown.encode(), f"Bearer {self._token}".encode())


def loud_store(agent: Any) -> WenceTrackerStore | None:
    """The tracker store of an agent that is ready, made to raise what goes wrong in it.

    Rasa wraps the store so that a failing database is replaced by memory: a
    turn would be answered and forgotten, or worked on an empty conversation.
    Here it must fail, and be asked again.

    Returns:
        The store; None if no model is loaded or the store is not ours.
    """
    if agent is None or not agent.is_ready():
        return None
    store = agent.tracker_store
    if isinstance(store, FailSafeTrackerStore):
        store._on_tracker_store_error = _raise
        store = store._tracker_store
    return store if isinstance(store, WenceTrackerStore) else None


def read_turn(body: bytes) -> Turn:
    """The turn that a request's body holds.

    Raises:
        BadTurnError: it holds none; the message names the field.
    """
    if len(body) > MAX_BODY_BYTES:
        raise BadTurnError("too_large", f"body: at most {MAX_BODY_BYTES} bytes", 413)
    try:
        fields = json.loads(body.decode("utf-8"))
    except (ValueError, RecursionError):
        raise BadTurnError("malformed_json", "body: not JSON in UTF-8") from None
    if not isinstance(fields, dict):
        raise BadTurnError("invalid_body", "body: must be an object")
    if unknown := sorted(set(fields) - _FIELDS):
        raise BadTurnError("unknown_field", f"{len(unknown)} unknown fields")
    turn_id = _text(fields, "turn_id", 128)
    if not _TURN_ID.fullmatch(turn_id):
        raise BadTurnError("invalid_turn_id", "turn_id: printable ASCII without blanks")
    conversation = _text(fields, "conversation", 255)
    if any(ord(char) < 32 or ord(char) == 127 for char in conversation):
        raise BadTurnError("invalid_conversation", "conversation: no control characters")
    message = _text(fields, "message", MAX_MESSAGE_CHARS)
    metadata = fields.get("metadata")
    if metadata is None:
        metadata = {}
    if not isinstance(metadata, dict):
        raise BadTurnError("invalid_metadata", "metadata: must be an object")
    if len(json.dumps(metadata)) > MAX_METADATA_CHARS:
        raise BadTurnError("invalid_metadata", f"metadata: at most {MAX_METADATA_CHARS} characters")
    channel = metadata.get("channel", "turn")
    if not isinstance(channel, str) or len(channel) > 64:
        raise BadTurnError("invalid_metadata", "metadata.channel: at most 64 characters")
    return Turn(turn_id, conversation, message, metadata)


def _text(fields: dict[str, Any], name: str, most: int) -> str:
    value = fields.get(name)
    if not isinstance(value, str) or not value.strip() or len(value) > most:
        raise BadTurnError(f"invalid_{name}", f"{name}: text of 1 to {most} characters, not blank")
    try:
        value.encode("utf-8")
    except UnicodeEncodeError:
        raise BadTurnError(f"invalid_{name}", f"{name}: holds half a character") from None
    return value


def _error(status: int, code: str, message: str) -> HTTPResponse:
    return json_response({"error": {"code": code, "message": message}}, status=status)


def _dumps(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _raise(error: Exception) -> None:
    raise error
