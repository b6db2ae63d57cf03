"""Visitors of the web chat at once, each over a WebSocket of its own."""

from __future__ import annotations

import asyncio
import random
import time
import uuid
from dataclasses import dataclass
from pathlib import Path
from statistics import quantiles
from typing import Any

import aiohttp
import psutil

from soak.stream import QUESTIONS
from soak.victims import StackVictim

__all__ = ["Visit", "visit"]

_ASKED = 3  # questions of one visitor
_THINKING = (5.0, 25.0)  # seconds between an answer and the next question
_ARRIVING = 30.0  # seconds over which the visitors come
_PATIENCE = 60.0  # seconds
_MIB = 2**20


@dataclass(frozen=True)
class Visit:
    """What the visitors saw.

    Attributes:
        visitors, answers, lost: how many; lost is a question without an answer in time.
        p50, p95: seconds from the question to its answer on the visitor's side.
        seconds: from the first visitor to the last answer.
        memory: MiB by process at the end.
    """

    visitors: int
    answers: int
    lost: int
    p50: float
    p95: float
    seconds: float
    memory: dict[str, float]


async def visit(folder: Path, visitors: int, database_url: str | None = None) -> Visit:
    """Send so many visitors to a stack of its own; all are connected at the same time."""
    environ = {"WENCE_DATABASE_URL": database_url} if database_url is not None else {}
    victim = StackVictim(folder, environ)
    await asyncio.to_thread(victim.start)
    waits: list[float] = []
    all_here = asyncio.Barrier(visitors)
    try:
        started = time.monotonic()
        connector = aiohttp.TCPConnector(limit=0)
        async with aiohttp.ClientSession(victim.address, connector=connector) as session:
            people = (
                _visitor(session, victim.address, number, waits, all_here)
                for number in range(visitors)
            )
            lost = sum(await asyncio.gather(*people))
        seconds = time.monotonic() - started
        memory = {
            name: psutil.Process(pid).memory_info().rss / _MIB
            for name, pid in victim.stack.pids().items()
        }
    finally:
        await asyncio.to_thread(victim.stop)
    marks = quantiles(waits, n=20, method="inclusive")
    return Visit(visitors, len(waits), lost, marks[9], marks[18], seconds, memory)


async def _visitor(
    session: aiohttp.ClientSession,
    address: str,
    number: int,
    waits: list[float],
    all_here: asyncio.Barrier,
) -> int:
    """Come, wait until all are there, ask; how many questions stayed without an answer."""
    chance = random.Random(number)
    await asyncio.sleep(chance.uniform(0, _ARRIVING))
    async with session.post("/chat/api/visitor", json={}) as response:
        token = (await response.json())["token"]
    lost = 0
    async with session.ws_connect("/chat/api/ws", headers={"Origin": address}) as socket:
        await socket.send_json({"type": "hello", "token": token, "after": 0})
        answered: asyncio.Queue[None] = asyncio.Queue()
        # Read all the time, as a browser does: pings are answered while nobody asks.
        reader = asyncio.create_task(_read(socket, answered))
        await all_here.wait()
        for text in chance.sample(QUESTIONS, _ASKED):
            await asyncio.sleep(chance.uniform(*_THINKING))
            began = time.monotonic()
            await socket.send_json({"type": "say", "id": str(uuid.uuid4()), "text": text})
            try:
                await asyncio.wait_for(answered.get(), _PATIENCE)
                waits.append(time.monotonic() - began)
            except TimeoutError:
                lost += 1
        reader.cancel()
    return lost


async def _read(socket: aiohttp.ClientWebSocketResponse, answered: asyncio.Queue[None]) -> None:
    while True:
        frame: dict[str, Any] = await socket.receive_json()
        if frame["type"] == "entry" and frame["entry"]["author"] == "bot":
            answered.put_nowait(None)
