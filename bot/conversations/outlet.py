"""How replies leave: what a channel must be able to do, and how a send can end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol, runtime_checkable

__all__ = [
    "Delivery",
    "Listener",
    "Outlet",
    "SendLaterError",
    "SendRefusedError",
    "SendUnknownError",
    "WaitForPersonError",
]


@dataclass(frozen=True)
class Delivery:
    """One part of a reply on its way.

    Attributes:
        id: of the row in the outbox; the same at every try.
        conversation_key: ``<channel>:<sender>``.
        turn_id: the turn it answers; None for an operator's words.
        address, part: as the channel made them.
        attempts: the number of this try, from 1.
        uncertain: an earlier try may have arrived.
        created_at: when the reply was stored.
        heard_at: when the person last wrote.
        sent_since_heard: parts that were sent actively since then.
        sent_in_minute: parts that were sent actively in the last minute.
    """

    id: str
    conversation_key: str
    turn_id: str | None
    address: Mapping[str, Any]
    part: Mapping[str, Any]
    attempts: int
    uncertain: bool
    created_at: datetime
    heard_at: datetime | None
    sent_since_heard: int
    sent_in_minute: int


class SendLaterError(Exception):
    """It certainly did not arrive and may be tried again.

    Args:
        reason: a code in snake_case, for logs and the row; no bodies, no tokens.
        after: seconds to wait at least; None leaves it to the backoff.
    """

    def __init__(self, reason: str, after: float | None = None) -> None:
        super().__init__(reason)
        self.reason, self.after = reason, after


class SendRefusedError(Exception):
    """It did not arrive and never will: the part is parked with the reason."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class SendUnknownError(Exception):
    """Nobody knows whether it arrived; it is tried again, marked uncertain, and counted."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class WaitForPersonError(Exception):
    """It can only go as the answer to the person's next message; it waits for that."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Outlet(Protocol):
    """A channel's way out.

    Attributes:
        channel: its name.
        window: how long after it was stored a part may still be sent.
        hold: seconds for which a fresh reply is kept back, so that the request that
            brought the message can carry it; 0 sends at once.
    """

    channel: str
    window: timedelta
    hold: float

    def parts(
        self, replies: Sequence[Mapping[str, Any]], address: Mapping[str, Any]
    ) -> list[dict[str, Any]]:
        """Replies (``text``, ``buttons``, ``custom``) as parts, one call to the platform each.

        Pure: no clock, no network. Long answers are split at sentence ends.
        """

    def ready(self) -> bool:
        """Whether this process can send now; while not, parts stay for another or for later."""

    async def send(self, delivery: Delivery) -> None:
        """Send one part; returns when the platform has taken it.

        Raises:
            SendLaterError, SendRefusedError, SendUnknownError, WaitForPersonError:
                it did not or may not have arrived; see each. Any other exception
                counts as unknown.
        """


@runtime_checkable
class Listener(Protocol):
    """An outlet whose platform keeps the recording of a voice message without its words."""

    async def listen(self, address: Mapping[str, Any]) -> float | None:
        """Fetch the recording and let go of it again.

        Returns:
            Its length in seconds; None where it cannot be had or read. Never raises for
            what the platform does, and takes a few seconds at most.
        """
