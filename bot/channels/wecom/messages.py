"""What the platform tells, brought into the one form of all channels.

Source: https://developer.work.weixin.qq.com/document/path/90239 (messages) and 90240
(events).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from bot.channels.platform.crypto import EnvelopeError
from bot.channels.platform.fields import (
    KINDS,
    event_id,
    message_id,
    required,
    sender_of,
    text_of,
)
from bot.channels.platform.xml import listed
from bot.channels.wecom.keys import read_key
from bot.conversations.message import Inbound, Kind

__all__ = ["Heard", "is_for", "read_message"]

_EVENTS: Mapping[str, Kind] = {
    "subscribe": "subscribe",
    "unsubscribe": "unsubscribe",
    "enter_agent": "enter",
    "click": "text",
    "template_card_event": "text",
}


@dataclass(frozen=True)
class Heard:
    """A message, and what the pressed button said where it is a press on a card."""

    inbound: Inbound
    pressed: str | None = None


def is_for(fields: Mapping[str, Any], corp_id: str, agent_id: int) -> bool:
    """Whether an envelope or what was in it names no other corp and no other app.

    One that names none is not another's: what counts is that it was sealed with this app's
    key for this corp. Events of the corp as a whole name no app.
    """
    corp, agent = text_of(fields, "ToUserName"), text_of(fields, "AgentID")
    return corp in ("", corp_id) and agent in ("", str(agent_id))


def read_message(fields: Mapping[str, Any], agent_id: int) -> Heard | None:
    """A message or event of a person; None for an event that nobody waits for.

    This platform tells no words of a voice message, only where its recording is; that goes
    into the address (see :mod:`bot.channels.wecom.recording`).

    Raises:
        EnvelopeError: a field that must be there is not.
    """
    if (what := required(fields, "MsgType").lower()) == "event":
        return _event(fields, agent_id)
    kind = KINDS.get(what, "other")
    text = text_of(fields, "Content") if kind == "text" else ""
    inbound = _inbound(fields, agent_id, text, message_id(fields, text), kind)
    if kind == "voice" and (media_id := text_of(fields, "MediaId")):
        inbound = replace(inbound, address={**inbound.address, "media_id": media_id})
    return Heard(inbound)


def _event(fields: Mapping[str, Any], agent_id: int) -> Heard | None:
    event = text_of(fields, "Event").lower()
    kind = _EVENTS.get(event)
    if kind is None:
        return None
    key, told = text_of(fields, "EventKey"), event_id(fields)
    if event != "template_card_event":
        text = key if kind == "text" else ""
        return Heard(_inbound(fields, agent_id, text, told, kind))
    choices = [read_key(key)] if not (chosen := _chosen(fields)) else chosen
    label, text = ("、".join(words) for words in zip(*choices, strict=True))
    return Heard(_inbound(fields, agent_id, text, told, kind), label)


def _chosen(fields: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What was ticked on a card with options; the key is that of its submit button then."""
    if text_of(fields, "CardType") not in ("vote_interaction", "multiple_interaction"):
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


def _inbound(fields: Mapping[str, Any], agent_id: int, text: str, told: str, kind: Kind) -> Inbound:
    sender = sender_of(fields)
    address = {"touser": sender, "agentid": agent_id}
    return Inbound("wecom", sender, text, told, kind, address)
