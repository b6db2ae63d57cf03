"""What the service itself says, and every reply in the contract's full shape."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bot.conversations.outlet import Listener, Outlet
from bot.knowledge import Knowledge
from bot.policies.answer.context import Context
from bot.policies.answer.reply import make_reply
from bot.storage.outbox import Part

__all__ = ["MAX_MESSAGE", "Composer"]

MAX_MESSAGE = 4000
"""Longest message in characters that is worked; longer ones get a sentence."""


class Composer:
    """Replies and their parts.

    Args:
        knowledge: for the version in every reply and the sentences.
        outlets: how replies leave, by channel.
        kept: channels whose people come and fetch what is kept for them.
        keep_days: how long bodies are kept, for the sentence that says so.
    """

    def __init__(
        self,
        knowledge: Knowledge,
        outlets: Mapping[str, Outlet],
        kept: Sequence[str],
        keep_days: float,
    ) -> None:
        self._knowledge, self._outlets, self._kept = knowledge, outlets, frozenset(kept)
        self._keep_days = f"{keep_days:g}"

    def delivers(self, channel: str) -> bool:
        """Whether replies go out by themselves; else whoever asked waits for them."""
        return channel in self._outlets or channel in self._kept

    async def unheard(self, channel: str, address: Mapping[str, Any]) -> list[dict[str, Any]]:
        """What is said to a voice message whose words nobody told.

        Where the recording can be fetched, with its length, so that the person sees that
        it arrived whole and was not understood.
        """
        outlet = self._outlets.get(channel)
        seconds = await outlet.listen(address) if isinstance(outlet, Listener) else None
        if seconds is None:
            return self.sentence("input.voice")
        return self.sentence("input.voice_of", seconds=max(1, round(seconds)))

    def sentence(self, key: str, **values: object) -> list[dict[str, Any]]:
        """One sentence of phrases.yml as a reply."""
        snapshot = self._knowledge.current.snapshot
        said = snapshot.phrases(key, limit=MAX_MESSAGE, days=self._keep_days, **values)
        reply = make_reply(snapshot, "text", said, Context())
        return [{"text": reply.text, "buttons": [], "custom": reply.custom}]

    def complete(self, reply: Mapping[str, Any]) -> dict[str, Any]:
        """A reply with every key of the contract, whoever composed it."""
        given = reply.get("custom") or {}
        whole = make_reply(self._knowledge.current.snapshot, "text", "", Context()).custom
        buttons = [
            {"title": str(b["title"]), "payload": str(b["payload"])}
            for b in reply.get("buttons") or []
        ]
        return {
            "text": str(reply["text"]),
            "buttons": buttons,
            "custom": {**whole, "quick_replies": buttons, **given},
        }

    def parts(
        self, channel: str, replies: Sequence[Mapping[str, Any]], address: Mapping[str, Any]
    ) -> list[Part]:
        """Replies as the outbox takes them; none for a channel that waits for its answer."""
        if channel in self._kept:
            return [Part(dict(reply), kept=True) for reply in replies]
        outlet = self._outlets.get(channel)
        if outlet is None or not replies:
            return []
        return [Part(part, hold=outlet.hold) for part in outlet.parts(replies, address)]
