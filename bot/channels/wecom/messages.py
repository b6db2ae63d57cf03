"""What the platform tells, brought into the one form of all channels.

Source: https://developer.work.weixin.qq.com/document/path/90239 (messages) and 90240
(events).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from bot.channels.platform.crypto import EnvelopeError
from bot.channels.platform.xml import listed
from bot.channels.wecom.keys import read_key
from bot.conversations.message import Inbound, Kind

__all__ = ["Heard", "is_for", "read_message"]

_KINDS: Mapping[str, Kind] = {
    "text": "text",
    "voice": "voice",  # without the words: this platform recognises none here
    "image": "image",
    "video": "video",
    "file": "file",
    "location": "location",
    "link": "link",
}
_EVENTS: Mapping[str, Kind] = {
    "subscribe": "subscribe",
    "unsubscribe": "unsubscribe",
    "enter_agent": "enter",
    "click": "text",
    "template_card_event": "text",
}
_MAX_SENDER = 64  # characters of a user id
_MAX_KEY_IN_ID = 300  # characters; a longer event key stands hashed in the message's id


@dataclass(frozen=True)
class Heard:
    """A message, and what the pressed button said where it is a press on a card."""

    inbound: Inbound
    pressed: str | None = None


def is_for(fields: Mapping[str, Any], corp_id: str, agent_id: int) -> bool:
    """Whether an envelope or what was in it names no other corp and no other app.

    Events of the corp as a whole name no app.
    """
    agent = _text(fields, "AgentID")
    return _text(fields, "ToUserName") == corp_id and agent in ("", str(agent_id))


def read_message(fields: Mapping[str, Any], agent_id: int) -> Heard | None:
    """A message or event of a person; None for an event that nobody waits for.

    Raises:
        EnvelopeError: a field that must be there is not.
    """
    if _text(fields, "MsgType") == "event":
        return _event(fields, agent_id)
    kind = _KINDS.get(_text(fields, "MsgType"), "other")
    text = _text(fields, "Content") if kind == "text" else ""
    return Heard(_inbound(fields, agent_id, text, _required(fields, "MsgId"), kind))


def _event(fields: Mapping[str, Any], agent_id: int) -> Heard | None:
    event = _text(fields, "Event")
    kind = _EVENTS.get(event)
    if kind is None:
        return None
    key = _text(fields, "EventKey")
    short = key if len(key) <= _MAX_KEY_IN_ID else sha256(key.encode()).hexdigest()
    parts = (_required(fields, "FromUserName"), _required(fields, "CreateTime"), event, short)
    message_id = ":".join(parts)
    if event != "template_card_event":
        text = key if kind == "text" else ""
        return Heard(_inbound(fields, agent_id, text, message_id, kind))
    choices = [read_key(key)] if not (chosen := _chosen(fields)) else chosen
    label, text = ("、".join(words) for words in zip(*choices, strict=True))
    return Heard(_inbound(fields, agent_id, text, message_id, kind), label)


def _chosen(fields: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What was ticked on a card with options; the key is that of its submit button then."""
    if _text(fields, "CardType") not in ("vote_interaction", "multiple_interaction"):
        return []
    options: list[str] = []
    for item in _below(fields, "SelectedItems", "SelectedItem"):
        options += _below(item, "OptionIds", "OptionId")
    if not all(isinstance(option, str) for option in options):
        raise EnvelopeError
    return [read_key(option) for option in options]


def _below(fields: Any, name: str, child: str) -> list[Any]:
    inner = fields.get(name) if isinstance(fields, Mapping) else None
    return listed(inner.get(child)) if isinstance(inner, Mapping) else []


def _inbound(
    fields: Mapping[str, Any], agent_id: int, text: str, message_id: str, kind: Kind
) -> Inbound:
    sender = _required(fields, "FromUserName")
    if len(sender) > _MAX_SENDER or len(message_id) > 512 or _text(fields, "AgentID") == "":
        raise EnvelopeError
    address = {"touser": sender, "agentid": agent_id}
    return Inbound("wecom", sender, text, message_id, kind, address)


def _required(fields: Mapping[str, Any], name: str) -> str:
    if not (value := _text(fields, name)):
        raise EnvelopeError
    return value


def _text(fields: Mapping[str, Any], name: str) -> str:
    """A field's text, empty where there is none.

    Raises:
        EnvelopeError: it is repeated or holds elements.
    """
    value = fields.get(name, "")
    if not isinstance(value, str):
        raise EnvelopeError
    return value
