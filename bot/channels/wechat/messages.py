"""What the platform tells, brought into the one form of all channels.

Source: https://developers.weixin.qq.com/doc/service/guide/product/message/Receiving_standard_messages.html
and, for events, Receiving_event_pushes.html beside it.
"""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from bot.channels.platform.crypto import EnvelopeError
from bot.conversations.message import Inbound, Kind

__all__ = ["read_message"]

_KINDS: Mapping[str, Kind] = {
    "text": "text",
    "voice": "voice",
    "image": "image",
    "video": "video",
    "shortvideo": "video",
    "file": "file",
    "location": "location",
    "link": "link",
}
# Others (SCAN, VIEW, LOCATION, the outcome of a mass message…) ask for no answer.
_EVENTS: Mapping[str, Kind] = {
    "subscribe": "subscribe",
    "unsubscribe": "unsubscribe",
    "click": "text",
}
_MAX_SENDER = 64  # characters of an open id
_MAX_KEY_IN_ID = 128  # characters; a longer event key stands hashed in the message's id


def read_message(fields: Mapping[str, Any]) -> Inbound | None:
    """A message or event of a person; None for one that nobody waits for an answer to.

    The address says by ``quota`` which of the platform's two quotas it opens: that of a
    ``message`` (5 in 48 hours) or that of an ``event`` (3 in a minute).

    Raises:
        EnvelopeError: a field that must be there is not, or is no text.
    """
    sender = _required(fields, "FromUserName")
    if len(sender) > _MAX_SENDER:
        raise EnvelopeError
    what = _required(fields, "MsgType").lower()
    if what == "event":
        return _event(fields, sender)
    kind, text = _KINDS.get(what), ""
    if kind is None:
        return None
    if kind == "text":
        text = _text(fields, "Content")
    elif kind == "voice" and (words := _text(fields, "Recognition").strip()):
        kind, text = "text", words
    message_id = _text(fields, "MsgId") or f"{sender}:{_required(fields, 'CreateTime')}:{what}"
    return _inbound(sender, text, message_id, kind, "message")


def _event(fields: Mapping[str, Any], sender: str) -> Inbound | None:
    event, key = _required(fields, "Event"), _text(fields, "EventKey")
    kind = _EVENTS.get(event.lower())
    text = key.strip() if kind == "text" else ""
    if kind is None or (kind == "text" and not text):
        return None
    short = key if len(key) <= _MAX_KEY_IN_ID else sha256(key.encode()).hexdigest()
    message_id = ":".join((sender, _required(fields, "CreateTime"), event, short))
    return _inbound(sender, text, message_id, kind, "event")


def _inbound(sender: str, text: str, message_id: str, kind: Kind, quota: str) -> Inbound:
    if len(message_id) > 512:
        raise EnvelopeError
    return Inbound("wechat", sender, text, message_id, kind, {"touser": sender, "quota": quota})


def _required(fields: Mapping[str, Any], name: str) -> str:
    if not (value := _text(fields, name)):
        raise EnvelopeError
    return value


def _text(fields: Mapping[str, Any], name: str) -> str:
    value = fields.get(name, "")
    if not isinstance(value, str):
        raise EnvelopeError
    return value
