"""The JSON that goes to and fro between an AI bot and the platform."""

from __future__ import annotations

import json
import time
from typing import Any
from uuid import uuid4

from tests.platforms.courier import Letter
from tests.platforms.envelope import Envelope, EnvelopeFault

__all__ = ["event_of", "letter_of", "message_of", "opened"]


def message_of(bot_id: str, name: str, group: str, fields: dict[str, Any]) -> dict[str, Any]:
    """A callback's content, the same in both modes."""
    message = {
        "msgid": uuid4().hex,
        "aibotid": bot_id,
        "chattype": "group" if group else "single",
        "from": {"userid": name},
        **fields,
    }
    return message | ({"chatid": group} if group else {})


def event_of(name: str, fields: dict[str, Any]) -> dict[str, Any]:
    """An event for ``message_of``."""
    event: dict[str, Any] = {"eventtype": name}
    if fields:
        event[name] = fields
    return {"msgtype": "event", "create_time": int(time.time()), "event": event}


def letter_of(envelope: Envelope, url: str, message: dict[str, Any], nonce: str) -> Letter:
    """A callback, encrypted and signed at this moment."""
    timestamp = str(int(time.time()))
    sealed = envelope.seal(json.dumps(message, ensure_ascii=False))
    query = {
        "msg_signature": envelope.sign(timestamp, nonce, sealed),
        "timestamp": timestamp,
        "nonce": nonce,
    }
    return Letter(url, query, json.dumps({"encrypt": sealed}).encode(), "application/json")


def opened(envelope: Envelope, body: bytes, nonce: str) -> dict[str, Any]:
    """What a bot answered.

    Raises:
        EnvelopeFault: the platform would not understand it.
    """
    try:
        outer = json.loads(body)
        if outer["nonce"] != nonce:
            raise EnvelopeFault("the nonce is not the callback's")
        if not isinstance(outer["timestamp"], int):
            raise EnvelopeFault("timestamp is not a number")
        timestamp = str(outer["timestamp"])
        text = envelope.open(outer["encrypt"], outer["msgsignature"], timestamp, nonce)
        return dict(json.loads(text))
    except (ValueError, KeyError, TypeError) as error:
        raise EnvelopeFault("not the JSON of a reply") from error
