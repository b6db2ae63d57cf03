"""From the platform's request to the delivered reply, and how many a second."""

from __future__ import annotations

import asyncio
import random
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import quantiles

from soak.stream import QUESTIONS
from soak.victims import StackVictim
from tests.platforms.wecom import WeCom
from tests.platforms.wecom_person import WeComPerson

__all__ = ["Crowd", "measure"]


@dataclass(frozen=True)
class Crowd:
    """So many people at once, each asking anew when answered.

    Attributes:
        p50, p95: seconds from the platform's request until the first part of the reply is there.
        ack95: seconds until the callback was acknowledged, in 95 of 100 cases.
        per_second: answers a second of all together.
    """

    people: int
    answers: int
    p50: float
    p95: float
    ack95: float
    per_second: float


async def measure(
    folder: Path, crowds: tuple[int, ...], answers: int, database_url: str | None = None
) -> list[Crowd]:
    """Measure a stack of its own, one crowd after the other."""
    async with WeCom() as platform:
        environ = platform.account.settings(platform.url)
        if database_url is not None:
            environ["WENCE_DATABASE_URL"] = database_url
        victim = StackVictim(folder, environ)
        await asyncio.to_thread(victim.start)
        try:
            platform.callback = f"{victim.address}/wecom/callback"
            await _crowd(platform, 2, 10, "warm")
            return [await _crowd(platform, n, max(answers, 4 * n), f"c{n}") for n in crowds]
        finally:
            await asyncio.to_thread(victim.stop)


async def _crowd(platform: WeCom, people: int, answers: int, label: str) -> Crowd:
    waits: list[float] = []
    acks: list[float] = []
    # More faces than people at once: nobody may hear more than 30 parts a minute.
    faces = iter(range(10_000))
    started = time.monotonic()

    async def one() -> None:
        while len(waits) < answers:
            person = platform.person(f"{label}-{next(faces)}")
            for text in random.Random(person.name).sample(QUESTIONS, 3):
                waits.append(await _asked(person, text, acks))

    await asyncio.gather(*(one() for _ in range(people)))
    seconds = time.monotonic() - started
    marks = quantiles(waits, n=20, method="inclusive")
    ack95 = quantiles(acks, n=20, method="inclusive")[18]
    return Crowd(people, len(waits), marks[9], marks[18], ack95, len(waits) / seconds)


async def _asked(person: WeComPerson, text: str, acks: list[float]) -> float:
    began = time.monotonic()
    asked = asyncio.create_task(person.says(text))
    await asyncio.sleep(0)  # the question is on the screen, what came before is read
    line = await person.sees(within=60.0)
    acks.append((await asked).attempts[-1].seconds)
    return line.at - began
