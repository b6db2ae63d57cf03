"""How much one person is sent in an hour."""

from __future__ import annotations

import math
from collections import OrderedDict

__all__ = ["Pace"]

_SPAN = 360.0  # seconds
_IN_SPAN = 90
_REMEMBERED = 10_000  # people


class Pace:
    """Keeps below the platform's 1,000 an hour a person, beyond which it drops silently.

    Counted in spans of six minutes, 90 in each: any hour touches eleven of them at most.
    Of this process alone; the minute's rate, which is the one that talk can reach, is
    counted in the database.
    """

    def __init__(self) -> None:
        self._counts: OrderedDict[str, tuple[int, int]] = OrderedDict()

    def wait(self, person: str, now: float) -> float:
        """Seconds until the person may be sent something; 0.0 at once."""
        span, count = self._counts.get(person, (-1, 0))
        if span != math.floor(now / _SPAN) or count < _IN_SPAN:
            return 0.0
        return (span + 1) * _SPAN - now

    def sent(self, person: str, now: float) -> None:
        """Count one that was sent."""
        current = math.floor(now / _SPAN)
        span, count = self._counts.pop(person, (current, 0))
        self._counts[person] = (current, count + 1 if span == current else 1)
        if len(self._counts) > _REMEMBERED:
            self._counts.popitem(last=False)
