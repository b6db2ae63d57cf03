"""The sentences that this channel says itself; their words stand in phrases.yml."""

from __future__ import annotations

from typing import Protocol

__all__ = ["Sentence"]


class Sentence(Protocol):
    """The sentences of phrases.yml, by key, filled with named values."""

    def __call__(self, key: str, /, **values: object) -> str:
        """The sentence of that key."""
