"""The time zone that days are counted in."""

from __future__ import annotations

from zoneinfo import ZoneInfo

__all__ = ["SHANGHAI"]

SHANGHAI = ZoneInfo("Asia/Shanghai")
