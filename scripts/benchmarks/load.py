"""Load on one stack at a time: one question after another, or several people at once."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from benchmarks.processes import MeasureError, Meter
from benchmarks.stacks import Stack

__all__ = ["CONVERSATION", "Load", "at_once", "one_by_one", "percentile", "warm_up"]

CONVERSATION = 10
"""Turns of one conversation, on both stacks; then the sender begins a new one."""

_SETTLE = 2.0  # seconds under load before counting begins
_TIMEOUT = aiohttp.ClientTimeout(total=60)
_MOST_REFUSED = 0.02  # share of turns without the expected reply


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least ``share`` of all values do not exceed (nearest rank)."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


@dataclass
class Load:
    """What came of a load.

    Attributes:
        seconds: how long was counted.
        latencies: seconds of each turn that got the expected reply in that time.
        refused: turns that got another.
        turns: all turns, those not counted included.
        processor: seconds of processor time of each part of the stack, for ``turns``.
        others: how many cores other programs kept busy meanwhile.
    """

    seconds: float
    latencies: list[float] = field(default_factory=list)
    refused: int = 0
    turns: int = 0
    processor: dict[str, float] = field(default_factory=dict)
    others: float = 0.0

    def cost(self, label: str | None = None) -> float:
        """Processor time of a turn in milliseconds, of one part or of the whole stack."""
        parts = self.processor.values() if label is None else [self.processor[label]]
        return sum(parts) / self.turns * 1000

    @property
    def rate(self) -> float:
        """Turns a second."""
        return len(self.latencies) / self.seconds

    def check(self, stack: Stack) -> Load:
        """Itself.

        Raises:
            MeasureError: too few replies were the expected ones for the figures to mean much.
        """
        total = len(self.latencies) + self.refused
        if not self.latencies or self.refused > _MOST_REFUSED * total:
            raise MeasureError(
                f"{stack.name}：{total} 次问话有 {self.refused} 次没有得到应有的答复"
            )
        return self


async def _turn(
    session: aiohttp.ClientSession, stack: Stack, sender: str, message: str
) -> tuple[float, bool]:
    body = {"sender": sender, "message": message}
    started = time.perf_counter()
    try:
        async with session.post(stack.url, json=body, headers=stack.headers) as response:
            replies: list[dict[str, Any]] = await response.json()
            right = response.status == 200 and stack.accepts(replies)
    except (TimeoutError, aiohttp.ClientError, ValueError) as error:
        raise MeasureError(f"{stack.name}：问话中断（{type(error).__name__}）") from error
    return time.perf_counter() - started, right


async def warm_up(stack: Stack, turns: int) -> list[str]:
    """So many turns, each in a conversation of its own.

    Returns:
        The messages that got the expected reply, each once: those to measure with.
    """
    kept: dict[str, None] = {}
    async with aiohttp.ClientSession(timeout=_TIMEOUT) as session:
        for number in range(turns):
            message = stack.messages[number % len(stack.messages)]
            _, right = await _turn(session, stack, f"warm-{number}", message)
            if right:
                kept[message] = None
    if not kept:
        raise MeasureError(f"{stack.name}：预热时没有一句得到应有的答复")
    return list(kept)


async def one_by_one(stack: Stack, turns: int, senders: int, tag: str) -> Load:
    """So many turns one after the other, the senders taking turns."""
    load = Load(0.0)
    started = time.perf_counter()
    async with aiohttp.ClientSession(timeout=_TIMEOUT) as session:
        for number in range(turns):
            conversation = number // senders // CONVERSATION
            sender = f"{tag}-{number % senders}-{conversation}"
            seconds, right = await _turn(
                session, stack, sender, stack.messages[number % len(stack.messages)]
            )
            if right:
                load.latencies.append(seconds)
            else:
                load.refused += 1
    load.seconds = time.perf_counter() - started
    return load.check(stack)


async def at_once(stack: Stack, senders: int, seconds: float, tag: str) -> Load:
    """So many senders at once, each asking again as soon as it is answered.

    Turns that end within ``seconds`` after a time of settling are counted; all
    have ended when this returns.
    """
    load = Load(seconds)
    begin = time.perf_counter() + min(_SETTLE, seconds)
    end = begin + seconds

    async def sender(session: aiohttp.ClientSession, index: int) -> None:
        number = 0
        while time.perf_counter() < end:
            name = f"{tag}-{index}-{number // CONVERSATION}"
            message = stack.messages[(index * 7 + number) % len(stack.messages)]
            taken, right = await _turn(session, stack, name, message)
            number += 1
            load.turns += 1
            if begin <= time.perf_counter() < end:
                if right:
                    load.latencies.append(taken)
                else:
                    load.refused += 1

    meter = Meter(stack.pids)
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(timeout=_TIMEOUT, connector=connector) as session:
        tasks = [asyncio.create_task(sender(session, index)) for index in range(senders)]
        try:
            await asyncio.gather(*tasks)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
    load.processor, load.others = meter.read()
    return load.check(stack)
