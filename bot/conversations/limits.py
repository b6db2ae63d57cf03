"""Bounds on how often one person, or one address, may do a thing."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable

__all__ = ["Rate"]

_KEPT = 20_000  # keys remembered; the longest unused is forgotten


class Rate:
    """A bucket a key: ``burst`` at once, then ``each`` seconds apart.

    Args:
        burst: how many may come at once.
        each: seconds after which one more may.
        clock: seconds, monotonic.
    """

    def __init__(
        self, burst: int, each: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._burst, self._each, self._clock = burst, each, clock
        self._free_at: OrderedDict[str, float] = OrderedDict()

    def take(self, key: str) -> bool:
        """Whether it may be done now; if so it counts."""
        now = self._clock()
        # The moment at which the bucket will be full again.
        full = max(self._free_at.pop(key, now), now)
        allowed = full + self._each <= now + self._burst * self._each
        self._free_at[key] = full + self._each if allowed else full
        while len(self._free_at) > _KEPT:
            self._free_at.popitem(last=False)
        return allowed
