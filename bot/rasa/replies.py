"""The one shape of a reply: what a turn returns and what a repeat of it returns.

A reply is ``{"text": str, "buttons": [{"title": str, "payload": str}],
"custom": dict | None}``. Rasa's own channels split a response into several
messages (text, then custom, then image); here it stays whole.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rasa.core.channels.channel import OutputChannel

__all__ = ["Reply", "TurnOutput", "reply_of"]

Reply = dict[str, Any]


def reply_of(text: str | None, data: Mapping[str, Any]) -> Reply:
    """The reply that a bot event stands for.

    Args:
        text: the event's text.
        data: the event's ``data`` (or its message): ``buttons``, ``quick_replies``, ``custom``.
    """
    buttons = [*(data.get("buttons") or ()), *(data.get("quick_replies") or ())]
    return {
        "text": text or "",
        "buttons": [
            {"title": str(button.get("title", "")), "payload": str(button.get("payload", ""))}
            for button in buttons
        ],
        "custom": data.get("custom") or None,
    }


class TurnOutput(OutputChannel):
    """Collects the replies of one turn, each whole.

    Attributes:
        replies: in the order in which they were uttered.
    """

    def __init__(self) -> None:
        self.replies: list[Reply] = []

    @classmethod
    def name(cls) -> str:
        """The name that channel-specific responses of the domain would use."""
        return "turn"

    async def send_response(self, recipient_id: str, message: dict[str, Any]) -> None:
        """Keep one response; the base class would cut it into pieces."""
        self.replies.append(reply_of(message.get("text"), message))
