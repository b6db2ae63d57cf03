"""Working what waits: each turn once, in order within its conversation, fairly between them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from prometheus_client import CollectorRegistry, Counter, Histogram

from bot.conversations.composer import Composer
from bot.conversations.pump import Pump
from bot.conversations.rasa_client import RasaClient
from bot.errors import NotFoundError, RasaUnavailableError, StorageError
from bot.logs import get_logger
from bot.storage.engine import Database
from bot.storage.inbox import InboxStore
from bot.storage.outbox import OutboxStore, Part
from bot.storage.records import Turn, Work
from bot.storage.turns import TurnStore

__all__ = ["Handover", "Worker"]

log = get_logger(__name__)

Replies = list[dict[str, Any]]
Handover = Callable[[Turn, Replies], Awaitable[Replies]]
"""Called when the bot hands a conversation over; gives the replies that the person gets."""

_SLOTS = 16  # turns under way in this process; Rasa works on one core
_LATE = 10.0  # seconds after which a person is told that it takes longer
_OLD = timedelta(minutes=10)  # nobody waits for a REST answer any longer; a chat gets an apology
_TRIES = 3  # of a turn at least, before it is given up
_BACKOFF = (1, 2, 4, 8, 15, 30)  # seconds between two tries of one turn
_SILENT = {"unsubscribe", "continue"}
_SAID = {"other": "no_words"}  # kinds whose sentence has another name


class Worker:
    """Works the turns of one process's share.

    Args:
        today: the date of judgement.
        foresee: begins to work out what a message means, while Rasa still reads it.
        handover: what happens when a person is asked for; None where there is no desk.
        forgetters: called with a conversation's key when it asks to be forgotten.
    """

    def __init__(
        self,
        database: Database,
        inbox: InboxStore,
        outbox: OutboxStore,
        rasa: RasaClient,
        composer: Composer,
        today: Callable[[], date],
        foresee: Callable[[str], None],
        registry: CollectorRegistry,
    ) -> None:
        self._store = TurnStore(database)
        self._inbox, self._outbox, self._rasa = inbox, outbox, rasa
        self._composer, self._today, self._foresee = composer, today, foresee
        self._pump = Pump(database.bus, "turns", _SLOTS, inbox.claim, self._guarded)
        self.handover: Handover | None = None
        self.forgetters: list[Callable[[str], Awaitable[None]]] = []
        self.turns = Counter(
            "wence_turns", "Turns by channel and outcome", ["channel", "outcome"], registry=registry
        )
        self._seconds = Histogram(
            "wence_turn_seconds",
            "Time from taking a message to its recorded answer",
            ["channel"],
            buckets=(0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30),
            registry=registry,
        )

    async def run(self) -> None:
        """Work until cancelled; turns under way are then left to be taken up again."""
        await self._pump.run()

    async def _guarded(self, work: Work) -> None:
        """Work a turn; whatever goes wrong in here, it is tried again."""
        try:
            await self._work(work)
        except NotFoundError:
            log.info("turn_gone", turn_id=work.turn.turn_id)  # forgotten meanwhile
        except StorageError as error:
            log.warning("turn_not_recorded", turn_id=work.turn.turn_id, cause=str(error))
            await self._put_back(work)
        except Exception as error:
            log.error("turn_broke", turn_id=work.turn.turn_id, exc_info=error)
            await self._put_back(work)

    async def _put_back(self, work: Work) -> None:
        delay = _BACKOFF[min(work.turn.attempts, len(_BACKOFF)) - 1]
        try:
            await self._inbox.postpone(work, timedelta(seconds=delay))
        except StorageError:
            return  # its claim runs out by itself

    async def _work(self, work: Work) -> None:
        turn = work.turn
        # Entering the chat is greeted once; a person who comes back knows the way.
        again = turn.kind == "enter" and turn.seq > 1
        if work.holder is not None or turn.kind in _SILENT or again:
            await self._answer(turn, [], "silent")
        elif turn.kind == "voice":
            said = await self._composer.unheard(turn.channel, turn.address)
            await self._answer(turn, said, "sentence")
        elif turn.kind != "text":
            name = _SAID.get(turn.kind, turn.kind)
            await self._answer(turn, self._composer.sentence(f"input.{name}"), "sentence")
        elif not self._composer.delivers(turn.channel) and _age(turn) > _OLD:
            await self._store.fail(turn.turn_id, "expired")
        else:
            await self._ask_rasa(work)

    async def _ask_rasa(self, work: Work) -> None:
        turn = work.turn
        as_of = (turn.as_of or self._today()).isoformat()
        self._foresee(turn.text)
        asking = asyncio.ensure_future(
            self._rasa.turn(
                turn.turn_id,
                turn.conversation_key,
                turn.text,
                {"channel": turn.channel, "as_of": as_of},
            )
        )
        try:
            await asyncio.wait([asking], timeout=_LATE)
            if not asking.done():
                await self._say_late(turn)
            raw = await asking
        except RasaUnavailableError as error:
            log.warning("turn_failed", turn_id=turn.turn_id, cause=str(error))
            await self._unanswered(work)
            return
        finally:
            asking.cancel()
        replies = [self._composer.complete(reply) for reply in raw if reply.get("text")]
        if not replies:
            log.error("turn_without_reply", turn_id=turn.turn_id)
            replies = self._composer.sentence("input.silent")
        if any(reply["custom"].get("forget") for reply in replies):
            await self._forget(work, replies)
            return
        if self.handover and any(reply["custom"]["type"] == "handoff" for reply in replies):
            replies = await self.handover(turn, replies)
        await self._answer(turn, replies, "answered" if turn.attempts == 1 else "recovered")

    async def _say_late(self, turn: Turn) -> None:
        """Once a turn: the message is there, the answer takes longer."""
        parts = self._parts(turn, self._composer.sentence("input.late"))
        if parts:
            said = [
                Part(
                    part.part, kept=part.kept, id=str(uuid5(NAMESPACE_URL, f"late:{turn.turn_id}"))
                )
                for part in parts[:1]
            ]
            await self._outbox.add(
                turn.conversation_key, turn.turn_id, "bot", said, datetime.now(UTC)
            )

    async def _unanswered(self, work: Work) -> None:
        """Rasa gave nothing usable: later again, or, in the end, an apology."""
        turn = work.turn
        self.turns.labels(turn.channel, "failed").inc()
        if not self._composer.delivers(turn.channel):
            await self._store.fail(turn.turn_id, "rasa_unavailable")
        elif turn.attempts >= _TRIES and _age(turn) > _OLD:
            await self._answer(
                turn, self._composer.sentence("input.failed"), "given_up", "rasa_unavailable"
            )
        else:
            await self._say_late(turn)
            await self._put_back(work)

    async def _answer(
        self, turn: Turn, replies: Replies, outcome: str, error: str | None = None
    ) -> None:
        kb_version = replies[0]["custom"]["kb_version"] if replies else None
        answered = await self._store.answer(
            turn.turn_id,
            replies,
            kb_version,
            datetime.now(UTC),
            parts=self._parts(turn, replies),
            error=error,
        )
        self.turns.labels(turn.channel, outcome).inc()
        self._seconds.labels(turn.channel).observe(max(0.0, _age(turn).total_seconds()))
        log.info(
            "turn_answered",
            turn_id=turn.turn_id,
            channel=turn.channel,
            kind=turn.kind,
            seq=turn.seq,
            chars=len(turn.text),
            outcome=outcome,
            types=[reply["custom"]["type"] for reply in answered.replies or []],
            clauses=[c["clause_id"] for r in replies for c in r["custom"]["clauses"]],
            kb_version=kb_version,
        )

    async def _forget(self, work: Work, replies: Replies) -> None:
        """Delete a conversation everywhere before it is said to be gone.

        Where Rasa cannot be reached nothing is claimed, and the turn is asked again.
        """
        turn = work.turn
        try:
            await self._rasa.forget(turn.conversation_key)
        except RasaUnavailableError:
            await self._unanswered(work)
            return
        for forget in self.forgetters:
            await forget(turn.conversation_key)
        parts = self._parts(turn, replies)
        await self._store.forget(turn.turn_id, replies, parts, datetime.now(UTC))
        self.turns.labels(turn.channel, "answered").inc()
        log.info("conversation_forgotten", turn_id=turn.turn_id)

    def _parts(self, turn: Turn, replies: Sequence[dict[str, Any]]) -> list[Part]:
        parts = self._composer.parts(turn.channel, replies, turn.address)
        # Held back for a request that has been waiting since the message came.
        age = max(0.0, _age(turn).total_seconds())
        return [replace(part, hold=max(0.0, part.hold - age)) for part in parts]


def _age(turn: Turn) -> timedelta:
    return datetime.now(UTC) - turn.received_at
