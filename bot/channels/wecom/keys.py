"""The key of a card's button: it carries the payload, so that a press needs no look-up.

A press comes back with the key alone, perhaps days later and at another process. The
payload is a question in plain words and short; a button whose key would be longer than
the platform takes is not made at all (see :mod:`bot.channels.wecom.cards`).
"""

from __future__ import annotations

__all__ = ["MAX_KEY", "make_key", "read_key"]

MAX_KEY = 1024
"""Bytes of UTF-8 that a key may have: https://developer.work.weixin.qq.com/document/path/90236"""

_MARK = "p:"


def make_key(label: str, payload: str) -> str:
    """The key of a button that shows ``label`` and says ``payload`` when pressed."""
    return f"{_MARK}{label.replace('|', ' ')}|{payload}"


def read_key(key: str) -> tuple[str, str]:
    """Label and payload of a key; of a menu's key, which is no button of ours, twice itself."""
    label, separator, payload = key.removeprefix(_MARK).partition("|")
    return (label, payload) if key.startswith(_MARK) and separator else (key, key)
