"""How often the platform has brought a message that could not be stored."""

from __future__ import annotations

from collections import OrderedDict

__all__ = ["LAST", "Deliveries"]

LAST = 3
"""The platform brings a message three times in all; after the third it is lost to us."""

_REMEMBERED = 4096


class Deliveries:
    """Counts in vain deliveries by message, for the latest few thousand messages.

    Of this process alone: where several share the traffic, the last delivery may be the
    first that this one sees, and the person is then told nothing.
    """

    def __init__(self) -> None:
        self._failed: OrderedDict[str, int] = OrderedDict()

    def failed(self, message_id: str) -> int:
        """Count one more delivery in vain; how many there were."""
        count = self._failed.pop(message_id, 0) + 1
        self._failed[message_id] = count
        if len(self._failed) > _REMEMBERED:
            self._failed.popitem(last=False)
        return count
