"""When there is somebody: ``1-5 08:30-12:00,14:30-18:00`` is Monday to Friday, twice a day."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, time

from bot.clock import SHANGHAI

__all__ = ["Hours"]

_FORM = re.compile(r"([1-7])-([1-7]) (\d\d:\d\d-\d\d:\d\d(?:,\d\d:\d\d-\d\d:\d\d)*)")
_DAYS = "一二三四五六日"


@dataclass(frozen=True)
class Hours:
    """Hours of service, in Shanghai's time.

    Attributes:
        first, last: weekdays, 1 is Monday.
        spans: from and until, within a day.
    """

    first: int
    last: int
    spans: tuple[tuple[time, time], ...]

    @classmethod
    def parse(cls, text: str) -> Hours:
        """Read the form above.

        Raises:
            ValueError: says what is expected.
        """
        found = _FORM.fullmatch(text.strip())
        try:
            if found is None or found[1] > found[2]:
                raise ValueError
            spans = []
            for span in found[3].split(","):
                start, _, end = span.partition("-")
                spans.append((time.fromisoformat(start), time.fromisoformat(end)))
                if spans[-1][0] >= spans[-1][1]:
                    raise ValueError
        except ValueError:
            raise ValueError("应写成“1-5 08:30-12:00,14:30-18:00”这样的形式") from None
        return cls(int(found[1]), int(found[2]), tuple(spans))

    def open_at(self, moment: datetime) -> bool:
        """Whether there is service at a moment."""
        local = moment.astimezone(SHANGHAI)
        within = any(start <= local.time() < end for start, end in self.spans)
        return self.first <= local.isoweekday() <= self.last and within

    def __str__(self) -> str:
        spans = "、".join(f"{start:%H:%M}—{end:%H:%M}" for start, end in self.spans)
        return f"周{_DAYS[self.first - 1]}至周{_DAYS[self.last - 1]} {spans}"
