"""The fields of a message in the platforms' XML, which WeCom and WeChat write alike."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from bot.channels.platform.crypto import EnvelopeError
from bot.conversations.message import Kind

__all__ = ["KINDS", "event_id", "message_id", "required", "sender_of", "text_of"]

KINDS: Mapping[str, Kind] = {
    "text": "text",
    "voice": "voice",
    "image": "image",
    "video": "video",
    "shortvideo": "video",
    "file": "file",
    "location": "location",
    "link": "link",
}
"""Types of messages; any other is one that nobody here understands."""

_MAX_SENDER = 64  # characters of a user id or open id
_MAX_ID = 512
_MAX_KEY_IN_ID = 128  # characters; a longer event key stands hashed in the message's id


def text_of(fields: Mapping[str, Any], name: str) -> str:
    """A field's text, empty where there is none.

    Raises:
        EnvelopeError: it is repeated or holds elements.
    """
    value = fields.get(name, "")
    if not isinstance(value, str):
        raise EnvelopeError
    return value


def required(fields: Mapping[str, Any], name: str) -> str:
    """A field's text.

    Raises:
        EnvelopeError: there is none.
    """
    if not (value := text_of(fields, name)):
        raise EnvelopeError
    return value


def sender_of(fields: Mapping[str, Any]) -> str:
    """Who wrote.

    Raises:
        EnvelopeError: nobody, or somebody of an impossible name.
    """
    sender = required(fields, "FromUserName")
    if len(sender) > _MAX_SENDER or not sender.isprintable():
        raise EnvelopeError
    return sender


def message_id(fields: Mapping[str, Any], text: str) -> str:
    """The platform's id of a message.

    Where it gave none, the second in which it was written and a trace of its words: two
    messages that came without an id are not one for that.

    Raises:
        EnvelopeError: there is neither, or what stands there is no id.
    """
    if (given := text_of(fields, "MsgId").strip()).strip("0"):
        return _checked(given)
    what = text_of(fields, "MediaId") or text
    trace = sha256(what.encode()).hexdigest()[:8]
    kind = required(fields, "MsgType").lower()
    return _checked(":".join((sender_of(fields), required(fields, "CreateTime"), kind, trace)))


def event_id(fields: Mapping[str, Any]) -> str:
    """What tells one event from another: person, second, event and key.

    Raises:
        EnvelopeError: one of them is missing.
    """
    key = text_of(fields, "EventKey")
    plain = len(key) <= _MAX_KEY_IN_ID and key.isprintable()
    short = key if plain else sha256(key.encode()).hexdigest()
    event = required(fields, "Event")
    return _checked(":".join((sender_of(fields), required(fields, "CreateTime"), event, short)))


def _checked(value: str) -> str:
    if len(value) > _MAX_ID or not value.isprintable():
        raise EnvelopeError
    return value
