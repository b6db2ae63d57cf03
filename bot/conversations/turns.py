"""Taking a message: stored, worked in order, answered once, stored with its answer."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

from prometheus_client import CollectorRegistry, Counter, Histogram

from bot.conversations.order import InOrder
from bot.conversations.rasa_client import RasaClient
from bot.errors import OverloadedError, RasaUnavailableError, WenceError
from bot.knowledge import Knowledge
from bot.logs import get_logger
from bot.policies.answer.context import Context
from bot.policies.answer.reply import make_reply
from bot.policies.query import clean, is_word
from bot.storage.turns import Turn, TurnStore

__all__ = ["MAX_MESSAGE", "Conversations"]

log = get_logger(__name__)

MAX_MESSAGE = 4000
"""Longest message in characters that is worked; longer ones get a sentence."""
_WAITING = 8  # messages of one conversation that may wait
_RECOVER = timedelta(minutes=10)  # turns cut short longer ago than this are given up
_EVER = timedelta(days=36500)
_PAUSE = 0.5  # seconds between two looks whether Rasa is there


class Conversations:
    """The way of every message, from whichever channel.

    Args:
        store: where turns are recorded.
        rasa: who understands and decides.
        knowledge: for the version in every turn and the sentences said without Rasa.
        today: the date of judgement.
        registry: where counts and times are registered.
    """

    def __init__(
        self,
        store: TurnStore,
        rasa: RasaClient,
        knowledge: Knowledge,
        today: Callable[[], date],
        registry: CollectorRegistry,
    ) -> None:
        self._store, self._rasa, self._knowledge, self._today = store, rasa, knowledge, today
        self._order = InOrder(_WAITING)
        self._recovery: list[asyncio.Task[None]] = []
        self._turns = Counter(
            "wence_turns", "Turns by channel and outcome", ["channel", "outcome"], registry=registry
        )
        self._seconds = Histogram(
            "wence_turn_seconds",
            "Time from taking a message to its recorded answer",
            ["channel"],
            buckets=(0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30),
            registry=registry,
        )

    async def ask(
        self, channel: str, sender: str, text: str, message_id: str | None = None
    ) -> list[dict[str, Any]]:
        """The replies to one message; each with ``text``, ``buttons`` and ``custom``.

        A message known by its id returns the recorded replies; one whose turn was
        cut short is asked again under its ``turn_id``.

        Raises:
            ConflictError: the id is known with another text.
            OverloadedError: too many messages of this conversation wait.
            RasaUnavailableError: no answer in time; the same id may be tried again.
            StorageError: the database is away.
        """
        message = clean(text)
        if not message:
            return self._sentence("input.empty")
        if len(message) > MAX_MESSAGE:
            return self._sentence("input.too_long", limit=MAX_MESSAGE)
        if not is_word(message):
            return self._sentence("input.no_words")
        key = f"{channel}:{sender}"
        started = time.monotonic()
        try:
            async with self._order.turn(key):
                taken = await self._store.take(
                    key,
                    channel,
                    message,
                    message_id,
                    str(uuid4()),
                    datetime.now(UTC),
                    self._today(),
                )
                turn = taken.turn
                if turn.state == "answered":
                    self._turns.labels(channel, "repeated").inc()
                    return turn.replies or []
                if turn.state == "failed":
                    turn = await self._store.reopen(turn.turn_id)
                replies = await self._work(turn)
        except OverloadedError:
            self._turns.labels(channel, "overloaded").inc()
            raise
        self._turns.labels(channel, "answered").inc()
        self._seconds.labels(channel).observe(time.monotonic() - started)
        return replies

    async def _work(self, turn: Turn) -> list[dict[str, Any]]:
        as_of = turn.as_of or self._today()
        try:
            raw = await self._rasa.turn(
                turn.turn_id,
                turn.conversation_key,
                turn.text,
                {"channel": turn.channel, "as_of": as_of.isoformat()},
            )
        except (RasaUnavailableError, OverloadedError) as error:
            await self._store.fail(turn.turn_id, "rasa_unavailable")
            self._turns.labels(turn.channel, "failed").inc()
            log.warning("turn_failed", turn_id=turn.turn_id, cause=str(error))
            raise
        replies = [self._complete(reply) for reply in raw if reply.get("text")]
        if not replies:
            log.error("turn_without_reply", turn_id=turn.turn_id)
            replies = self._sentence("input.silent")
        if any(reply["custom"].get("forget") for reply in replies):
            return await self._forget(turn, replies)
        kb_version = replies[0]["custom"]["kb_version"]
        answered = await self._store.answer(turn.turn_id, replies, kb_version, datetime.now(UTC))
        log.info(
            "turn_answered",
            turn_id=turn.turn_id,
            channel=turn.channel,
            seq=turn.seq,
            chars=len(turn.text),
            types=[reply["custom"]["type"] for reply in replies],
            clauses=[c["clause_id"] for r in replies for c in r["custom"]["clauses"]],
            kb_version=kb_version,
        )
        return answered.replies or []

    async def _forget(self, turn: Turn, replies: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Delete a conversation everywhere, this turn included, before it is said to be gone.

        Where Rasa cannot be reached the turn fails, to be asked again, and nothing is claimed.
        """
        try:
            await self._rasa.forget(turn.conversation_key)
        except RasaUnavailableError:
            await self._store.fail(turn.turn_id, "rasa_unavailable")
            raise
        await self._store.delete_conversation(turn.conversation_key)
        log.info("conversation_forgotten", turn_id=turn.turn_id)
        return replies

    async def start_recovery(self) -> None:
        """Ask again, in order, the turns that a crash of this process cut short.

        To be awaited before messages are accepted: the unfinished turns hold their
        conversations' places before any new message can.
        """
        by_conversation: dict[str, list[Turn]] = {}
        since = datetime.now(UTC) - _RECOVER
        for turn in await self._store.unfinished(_EVER):
            if turn.received_at < since:
                await self._store.fail(turn.turn_id, "expired")
            else:
                by_conversation.setdefault(turn.conversation_key, []).append(turn)
        for key, turns in by_conversation.items():
            self._recovery.append(asyncio.create_task(self._recover(key, turns)))
        await asyncio.sleep(0)  # let them take their places

    async def _recover(self, key: str, turns: list[Turn]) -> None:
        async with self._order.turn(key):
            for turn in turns:
                # Rasa is often started together with this process, and slower.
                while not await self._rasa.healthy():
                    await asyncio.sleep(_PAUSE)
                try:
                    await self._work(turn)
                    self._turns.labels(turn.channel, "recovered").inc()
                except WenceError as error:
                    log.warning("turn_not_recovered", turn_id=turn.turn_id, cause=str(error))

    async def close(self) -> None:
        """Stop the recovery, if it is still under way."""
        for task in self._recovery:
            task.cancel()
        await asyncio.gather(*self._recovery, return_exceptions=True)

    def _sentence(self, key: str, **values: object) -> list[dict[str, Any]]:
        snapshot = self._knowledge.current.snapshot
        text = snapshot.phrases(key, **values)
        reply = make_reply(snapshot, "text", text, Context())
        return [{"text": text, "buttons": [], "custom": reply.custom}]

    def _complete(self, reply: dict[str, Any]) -> dict[str, Any]:
        """A reply with every key of the contract, whoever composed it."""
        snapshot = self._knowledge.current.snapshot
        given = reply.get("custom") or {}
        whole = make_reply(snapshot, "text", "", Context()).custom
        buttons = [
            {"title": str(b["title"]), "payload": str(b["payload"])}
            for b in reply.get("buttons") or []
        ]
        return {
            "text": str(reply["text"]),
            "buttons": buttons,
            "custom": {**whole, "quick_replies": buttons, **given},
        }
