"""What the platform tells, brought into the one form of all channels.

Source: https://developers.weixin.qq.com/doc/service/guide/product/message/Receiving_standard_messages.html
and, for events, Receiving_event_pushes.html beside it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.channels.platform.fields import (
    KINDS,
    event_id,
    message_id,
    required,
    sender_of,
    text_of,
)
from bot.conversations.message import Inbound, Kind

__all__ = ["read_message"]

# Others (SCAN, VIEW, LOCATION, the outcome of a mass message…) ask for no answer.
_EVENTS: Mapping[str, Kind] = {
    "subscribe": "subscribe",
    "unsubscribe": "unsubscribe",
    "click": "text",
}


def read_message(fields: Mapping[str, Any]) -> Inbound | None:
    """A message or event of a person; None for one that nobody waits for an answer to.

    The address says by ``quota`` which of the platform's two quotas it opens: that of a
    ``message`` (5 in 48 hours) or that of an ``event`` (3 in a minute).

    Raises:
        EnvelopeError: a field that must be there is not, or is no text.
    """
    required(fields, "ToUserName")  # the answer names it
    if (what := required(fields, "MsgType").lower()) == "event":
        return _event(fields)
    kind, text = KINDS.get(what, "other"), ""
    if kind == "text":
        text = text_of(fields, "Content")
    elif kind == "voice" and (words := text_of(fields, "Recognition").strip()):
        kind, text = "text", words
    return _inbound(fields, text, message_id(fields, text), kind, "message")


def _event(fields: Mapping[str, Any]) -> Inbound | None:
    kind = _EVENTS.get(text_of(fields, "Event").lower())
    text = text_of(fields, "EventKey").strip() if kind == "text" else ""
    if kind is None or (kind == "text" and not text):
        return None
    return _inbound(fields, text, event_id(fields), kind, "event")


def _inbound(fields: Mapping[str, Any], text: str, told: str, kind: Kind, quota: str) -> Inbound:
    sender = sender_of(fields)
    return Inbound("wechat", sender, text, told, kind, {"touser": sender, "quota": quota})
