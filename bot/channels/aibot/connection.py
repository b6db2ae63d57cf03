"""Long-connection mode of the WeCom AI bot: one WebSocket, held by one of all processes.

Source: https://developer.work.weixin.qq.com/document/path/101463
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import time
from collections.abc import Coroutine, Mapping
from dataclasses import dataclass
from typing import Any, Literal, NoReturn, TypeVar
from uuid import uuid4

import aiohttp
from prometheus_client import CollectorRegistry, Counter, Gauge

from bot.channels.aibot.push import PushOutlet
from bot.channels.aibot.talk import Talk
from bot.channels.aibot.wire import MAX_FRAME, BrokenError, NoAnswerError, NotSentError, Wire
from bot.channels.platform.sentence import Sentence
from bot.errors import StorageError
from bot.logs import get_logger
from bot.storage.leases import LeaseStore

__all__ = ["AibotConnection", "Pace"]

log = get_logger(__name__)

_LEASE = "aibot"
_QUEUE = 1000  # callbacks that wait to be stored
_LAST = 5.0  # seconds to store what had come before a connection ended
_HOUR = 3600.0

_Result = TypeVar("_Result")
_End = Literal["unreachable", "refused", "dropped", "silent", "replaced"]


@dataclass(frozen=True)
class Pace:
    """How long what takes, in seconds.

    Attributes:
        ping: between two heartbeats; the platform wants one every 30.
        answer: for the acknowledgement of a subscription or a heartbeat.
        connect: for a connection.
        lease: for which a process owns the connection without renewing that.
        first, longest: pause before the first and before a later reconnection.
        refused: pause after the platform refused bot id or secret.
        replaced: pause after another connection took over, doubled each time up to an hour.
        settled: a connection that lasted so long was a good one.
    """

    ping: float = 30.0
    answer: float = 10.0
    connect: float = 15.0
    lease: float = 60.0
    first: float = 1.0
    longest: float = 60.0
    refused: float = 120.0
    replaced: float = 300.0
    settled: float = 60.0


class AibotConnection:
    """Keeps the connection: lease, subscription, heartbeat, reconnection.

    Args:
        url, bot_id, secret: where to and as whom.
        talk: works what comes in.
        outlet: gets the connection while there is one.
        leases: decide which process holds it.
    """

    def __init__(
        self,
        url: str,
        bot_id: str,
        secret: str,
        talk: Talk,
        outlet: PushOutlet,
        leases: LeaseStore,
        sentence: Sentence,
        registry: CollectorRegistry,
        pace: Pace | None = None,
    ) -> None:
        self._url, self._login = url, {"bot_id": bot_id, "secret": secret}
        self._talk, self._outlet, self._leases = talk, outlet, leases
        self._sentence = sentence
        self._pace = pace or Pace()
        self._fault: str | None = None
        self._holder = str(uuid4())
        self._replaced = 0
        self._ends = Counter(
            "wence_aibot_connection_ends",
            "How tries to hold the AI bot's connection ended",
            ["how"],
            registry=registry,
        )
        self._connected = Gauge(
            "wence_aibot_connected", "Whether this process holds the connection", registry=registry
        )

    def fault(self) -> str | None:
        """Why the platform does not let us, for ``/readyz``; None where it does."""
        return self._fault

    async def run(self) -> NoReturn:
        """Hold the connection whenever no other process does; until cancelled."""
        trace = aiohttp.TraceConfig()
        trace.on_request_redirect.append(_refuse)
        try:
            async with aiohttp.ClientSession(trace_configs=[trace]) as session:
                while True:
                    if await self._acquire():
                        await self._hold(session)
                    await asyncio.sleep(self._pace.lease / 6 * random.uniform(0.8, 1.2))
        finally:
            await self._talk.close()

    async def _hold(self, session: aiohttp.ClientSession) -> None:
        """Be connected for as long as the lease is ours."""
        try:
            await _first_of(self._keep_lease(), self._keep_connected(session))
        except Exception as error:
            log.error("aibot_connection_broke", exc_info=error)
        finally:
            await self._release()

    async def _acquire(self) -> bool:
        try:
            return await self._leases.acquire(_LEASE, self._holder, self._pace.lease)
        except StorageError:
            return False

    async def _release(self) -> None:
        try:
            await self._leases.release(_LEASE, self._holder)
        except StorageError as error:
            log.warning("aibot_lease_not_released", cause=str(error))

    async def _keep_lease(self) -> None:
        """Renew the lease until it is lost, or was not renewed in its time."""
        good_until = time.monotonic() + self._pace.lease
        while True:
            await asyncio.sleep(self._pace.lease / 4)
            asked = time.monotonic()
            try:
                if not await self._leases.renew(_LEASE, self._holder, self._pace.lease):
                    break
                good_until = asked + self._pace.lease
            except StorageError:
                if time.monotonic() + self._pace.lease / 4 > good_until:
                    break
        log.warning("aibot_lease_lost")

    async def _keep_connected(self, session: aiohttp.ClientSession) -> None:
        failures = 0
        while True:
            began = time.monotonic()
            end = await self._connect(session)
            self._ends.labels(end).inc()
            if time.monotonic() - began >= self._pace.settled:
                failures = 0
                self._replaced = self._replaced if end == "replaced" else 0
            failures += 1
            pause = self._pause(end, failures)
            log.warning("aibot_connection_ended", how=end, pause_seconds=round(pause, 1))
            await asyncio.sleep(pause)

    def _pause(self, end: _End, failures: int) -> float:
        """Seconds to the next try; whoever took over is left alone for minutes."""
        if end == "replaced":
            self._replaced += 1
            whole = min(self._pace.replaced * 2.0 ** min(self._replaced - 1, 10), _HOUR)
            return whole * random.uniform(1.0, 1.2)
        if end == "refused":
            return self._pace.refused * random.uniform(1.0, 1.2)
        whole = min(self._pace.first * 2.0 ** min(failures - 1, 10), self._pace.longest)
        return whole * random.uniform(0.5, 1.0)

    async def _connect(self, session: aiohttp.ClientSession) -> _End:
        """One connection from its beginning to its end."""
        try:
            async with asyncio.timeout(self._pace.connect):
                socket = await session.ws_connect(self._url, max_msg_size=MAX_FRAME)
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            log.warning("aibot_not_connected", cause=type(error).__name__)
            return "unreachable"
        wire = Wire(socket)
        reading = asyncio.create_task(self._read(wire))
        try:
            errcode = await wire.call("aibot_subscribe", self._login, None, self._pace.answer)
            if errcode != 0:
                self._fault = self._sentence("aibot.refused", errcode=errcode)
                log.error("aibot_refused", errcode=errcode)
                return "refused"
            log.info("aibot_connected")
            self._fault = None
            self._outlet.wire = wire
            self._connected.set(1)
            return await _first_of(_wait(reading), self._beat(wire))
        except (NotSentError, BrokenError, NoAnswerError):
            return "replaced" if await _ended(reading) == "replaced" else "dropped"
        finally:
            self._outlet.wire = None
            self._connected.set(0)
            await wire.close()
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)

    async def _beat(self, wire: Wire) -> _End:
        """Send heartbeats until one is not answered."""
        while True:
            await asyncio.sleep(self._pace.ping)
            try:
                errcode = await wire.call("ping", None, None, self._pace.answer)
            except NoAnswerError:
                return "silent"
            except (NotSentError, BrokenError):
                return "dropped"
            if errcode != 0:
                return "refused"

    async def _read(self, wire: Wire) -> _End:
        """Read frames to the end; callbacks are stored one after the other, in their order."""
        queue: asyncio.Queue[Mapping[str, Any]] = asyncio.Queue(_QUEUE)
        working = asyncio.create_task(self._work(wire, queue))
        end: _End = "dropped"
        try:
            async for frame in wire.frames():
                if self._talk.is_replaced(frame):
                    log.error("aibot_connection_replaced")
                    self._fault = self._sentence("aibot.replaced")
                    end = "replaced"
                    break
                try:
                    queue.put_nowait(frame)
                except asyncio.QueueFull:
                    log.error("aibot_callback_dropped")
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(queue.join(), _LAST)
            return end
        finally:
            working.cancel()
            await asyncio.gather(working, return_exceptions=True)

    async def _work(self, wire: Wire, queue: asyncio.Queue[Mapping[str, Any]]) -> None:
        while True:
            frame = await queue.get()
            try:
                await self._talk.take(wire, frame)
            except Exception as error:
                log.error("aibot_callback_failed", exc_info=error)
            finally:
                queue.task_done()


async def _first_of(*doings: Coroutine[Any, Any, _Result]) -> _Result:
    """The result of what ends first; the others are cancelled."""
    tasks = [asyncio.create_task(doing) for doing in doings]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        return done.pop().result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _wait(reading: asyncio.Task[_End]) -> _End:
    return await asyncio.shield(reading)


async def _ended(reading: asyncio.Task[_End]) -> _End | None:
    """How the reading ended; None while it goes on."""
    await asyncio.wait([reading], timeout=0.1)
    return reading.result() if reading.done() and not reading.cancelled() else None


async def _refuse(*_: object) -> None:
    """No redirect is followed: the secret goes to the configured address only."""
    raise aiohttp.ClientConnectionError("redirected")
