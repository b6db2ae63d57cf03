"""The one form that every channel's messages are brought into."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

__all__ = ["Inbound", "Kind"]

Kind = Literal[
    "text",
    "voice",
    "image",
    "video",
    "file",
    "location",
    "link",
    "subscribe",
    "enter",
    "unsubscribe",
    "continue",
    "other",
]
"""What came. ``text`` is worked by Rasa (a pressed button is its payload as text). The others
are answered by the sentence ``input.<kind>`` of phrases.yml, ``other`` (what nobody here knows)
by ``input.no_words``; ``unsubscribe`` and ``continue`` (the person asks for the rest of an
answer) by nothing."""


@dataclass(frozen=True)
class Inbound:
    """One message of a person, verified by its channel and not yet stored.

    Attributes:
        channel: ``wecom``, ``aibot``, ``wechat``, ``web`` or ``rest``.
        sender: the person within the channel, 1 to 200 characters; in a group chat the
            group and the person.
        text: the words; empty for kinds that have none.
        message_id: the platform's own id; a message known by it is not taken again.
        address: what the channel's outlet needs to reach the person, as JSON.
    """

    channel: str
    sender: str
    text: str
    message_id: str | None = None
    kind: Kind = "text"
    address: Mapping[str, Any] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """The conversation's key, ``<channel>:<sender>``."""
        return f"{self.channel}:{self.sender}"
