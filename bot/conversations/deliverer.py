"""Delivering what was answered: in order, until the platform has it, never knowingly twice."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime

from prometheus_client import CollectorRegistry, Counter, Gauge

from bot.conversations.outlet import (
    Delivery,
    Outlet,
    SendLaterError,
    SendRefusedError,
    SendUnknownError,
    WaitForPersonError,
)
from bot.conversations.pump import Pump
from bot.errors import StorageError
from bot.logs import get_logger
from bot.storage.engine import Database
from bot.storage.outbox import OutboxStore
from bot.storage.records import Open

__all__ = ["Deliverer", "delivery_of"]

log = get_logger(__name__)

_SLOTS = 16  # sends under way in this process
_LONGEST_SEND = 30.0  # seconds; the outlets have shorter bounds of their own
_LONGEST_PAUSE = 300.0  # seconds between two tries
_FIGURES = 15.0  # seconds between two looks at the whole outbox
_LONGEST_RECORD = 50.0  # seconds; with the send it stays within the claim


class Deliverer:
    """Sends the parts that the outbox holds, on the channels that this process can send on."""

    def __init__(
        self,
        database: Database,
        outbox: OutboxStore,
        outlets: Mapping[str, Outlet],
        registry: CollectorRegistry,
    ) -> None:
        self._outbox, self._outlets = outbox, outlets
        self._pump = Pump(database.bus, "outbox", _SLOTS, self._claim, self._guarded)
        self._sends = Counter(
            "wence_sends",
            "Sends of this process by channel and outcome; unknown ones may have arrived twice",
            ["channel", "outcome"],
            registry=registry,
        )
        self._undelivered = Gauge(
            "wence_undelivered_parts",
            "Parts of the whole service that are still to be delivered, by state",
            ["state"],
            registry=registry,
        )

    async def run(self) -> None:
        """Send until cancelled; what is on its way then counts as uncertain."""
        if self._outlets:
            await self._pump.run()

    async def watch(self) -> None:
        """Keep the figures of the whole service, until cancelled."""
        while True:
            try:
                for state, number in (await self._outbox.undelivered()).items():
                    self._undelivered.labels(state).set(number)
            except StorageError as error:
                log.warning("undelivered_not_counted", cause=str(error))
            await asyncio.sleep(_FIGURES)

    def count(self, channel: str, outcome: str) -> None:
        """Count a send that a request carried."""
        self._sends.labels(channel, outcome).inc()

    async def _claim(self, free: int) -> list[Open]:
        channels = [name for name, outlet in self._outlets.items() if outlet.ready()]
        return await self._outbox.claim(channels, free)

    async def _guarded(self, part: Open) -> None:
        try:
            await self._deliver(part)
        except StorageError as error:
            # How it ended could not be recorded: its claim runs out, and it counts as uncertain.
            log.error("send_not_recorded", part_id=part.id, cause=str(error))

    async def _deliver(self, part: Open) -> None:
        outlet = self._outlets[part.channel]
        if datetime.now(UTC) - part.created_at > outlet.window:
            await self._park(part, "window_over")
            return
        if part.uncertain:
            self._sends.labels(part.channel, "again_uncertain").inc()
        try:
            async with asyncio.timeout(_LONGEST_SEND):
                await outlet.send(delivery_of(part))
        except SendLaterError as error:
            await self._later(part, error.reason, error.after, uncertain=False)
        except SendUnknownError as error:
            await self._later(part, error.reason, None, uncertain=True)
        except TimeoutError:
            await self._later(part, "timed_out", None, uncertain=True)
        except WaitForPersonError as error:
            reason = error.reason
            self._done(part, "waiting", reason)
            await self._record(lambda: self._outbox.wait(part, reason))
        except SendRefusedError as error:
            await self._park(part, error.reason)
        except Exception as error:
            log.error("send_broke", part_id=part.id, channel=part.channel, exc_info=error)
            await self._later(part, "broke", None, uncertain=True)
        else:
            now = datetime.now(UTC)
            await self._record(lambda: self._outbox.sent(part, "active", now))
            self._done(part, "sent", None)

    async def _later(
        self, part: Open, reason: str, after: float | None, *, uncertain: bool
    ) -> None:
        self._done(part, "unknown" if uncertain else "later", reason)
        pause = min(0.5 * 2 ** min(part.attempts, 12), _LONGEST_PAUSE) * random.uniform(0.5, 1.0)
        pause = max(pause, after or 0.0)
        await self._record(lambda: self._outbox.later(part, reason, pause, uncertain=uncertain))

    async def _park(self, part: Open, reason: str) -> None:
        self._done(part, "parked", reason)
        await self._record(lambda: self._outbox.park(part, reason))

    async def _record(self, write: Callable[[], Awaitable[None]]) -> None:
        """Write down how a send ended; while the database is away, again and again.

        Else the part would count as uncertain, and hold its conversation up until the
        claim runs out.
        """
        loop, pause = asyncio.get_running_loop(), 0.2
        until = loop.time() + _LONGEST_RECORD
        while True:
            try:
                return await write()
            except StorageError:
                if loop.time() > until:
                    raise
            await asyncio.sleep(pause)
            pause = min(2 * pause, 2.0)

    def _done(self, part: Open, outcome: str, reason: str | None) -> None:
        self._sends.labels(part.channel, outcome).inc()
        log.info(
            "part_sent" if outcome == "sent" else "part_not_sent",
            part_id=part.id,
            turn_id=part.turn_id,
            channel=part.channel,
            attempt=part.attempts,
            outcome=outcome,
            reason=reason,
        )


def delivery_of(part: Open) -> Delivery:
    """A claimed part as an outlet sees it."""
    return Delivery(
        id=part.id,
        conversation_key=part.conversation_key,
        turn_id=part.turn_id,
        address=part.address,
        part=part.part,
        attempts=part.attempts,
        uncertain=part.uncertain,
        created_at=part.created_at,
        heard_at=part.heard_at,
        sent_since_heard=part.sent_since_heard,
        sent_in_minute=part.sent_in_minute,
    )
