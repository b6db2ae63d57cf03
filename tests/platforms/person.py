"""A person at a messaging client: says things, and sees what reaches the screen."""

from __future__ import annotations

import asyncio
import contextlib
import re
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

__all__ = ["Button", "Line", "Person"]

PATIENCE = 30.0
"""Seconds a test waits for something to reach a screen before it fails."""


@dataclass(frozen=True)
class Button:
    """What can be pressed on a card."""

    title: str
    key: str


@dataclass(frozen=True)
class Line:
    """One entry on the screen.

    Attributes:
        author: the person, the bot, or the platform itself.
        via: how it came: ``passive``, ``active``, ``stream``, ``welcome``.
        card: task id of the card, where it is one.
        call: number of the request to the platform that brought it.
        cut: the platform showed only the beginning.
    """

    author: Literal["person", "bot", "platform"]
    text: str
    at: float
    via: str = ""
    buttons: tuple[Button, ...] = ()
    card: str | None = None
    call: int | None = None
    cut: bool = False


class Person:
    """The screen of one person in one chat; the platforms add what can be done there."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.screen: list[Line] = []
        self._read = 0
        self._changed = asyncio.Event()

    def show(self, line: Line) -> int:
        """Put a line on the screen; its place."""
        self.screen.append(line)
        self._changed.set()
        return len(self.screen) - 1

    def change(self, place: int, text: str) -> None:
        """Replace the text of a line that is still being written."""
        self.screen[place] = replace(self.screen[place], text=text)
        self._changed.set()

    def press_down(self, task_id: str, words: str) -> None:
        """A card's buttons are spent; ``words`` stand in their place."""
        for place, line in enumerate(self.screen):
            if line.card == task_id:
                self.screen[place] = replace(line, buttons=(), text=f"{line.text}\n[{words}]")
        self._changed.set()

    def wrote(self, text: str) -> None:
        """The person's own words; what came before counts as read."""
        self.show(Line("person", text, time.monotonic()))
        self._read = len(self.screen)

    @property
    def heard(self) -> list[Line]:
        """All that the bot said, in order."""
        return [line for line in self.screen if line.author == "bot"]

    @property
    def doubles(self) -> list[str]:
        """What the bot said more than once since the person's last words."""
        counts = Counter(line.text for line in self.since_last_words())
        return [text for text, times in counts.items() if times > 1]

    @property
    def card(self) -> Line:
        """The latest card that still has buttons."""
        for line in reversed(self.screen):
            if line.card is not None and line.buttons:
                return line
        raise AssertionError(f"{self.name} has no card to press:\n{self.transcript()}")

    def since_last_words(self) -> list[Line]:
        """What the bot said since the person's own last words."""
        last = max((n for n, line in enumerate(self.screen) if line.author == "person"), default=-1)
        return [line for line in self.screen[last + 1 :] if line.author == "bot"]

    async def hears(self, text: str, within: float = PATIENCE) -> list[Line]:
        """Wait until all of a long text is there, in however many pieces; those pieces.

        Beginning and end are compared, letters and digits only: a platform may show the
        rest in another shape.
        """
        letters = _bare(text)
        ends = (letters[:20], letters[-20:])
        await self._until(lambda: _in_order(ends, self.since_last_words()), repr(text[:40]), within)
        return self.since_last_words()

    async def gets_card(self, within: float = PATIENCE) -> Line:
        """Wait until there is a card to press."""
        await self._until(lambda: any(line.buttons for line in self.screen), "a card", within)
        return self.card

    async def _until(self, there: Callable[[], bool], what: str, within: float) -> None:
        deadline = time.monotonic() + within
        while not there():
            self._changed.clear()
            left = deadline - time.monotonic()
            if left <= 0:
                raise AssertionError(
                    f"{self.name} did not see {what} within {within:g} s:\n{self.transcript()}"
                )
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._changed.wait(), left)

    async def sees(self, *words: str, within: float = PATIENCE) -> Line:
        """Wait for an unread line of the bot or the platform that holds all the words."""

        def found() -> bool:
            return self._unread(words) is not None

        await self._until(found, str(words), within)
        place = self._unread(words)
        assert place is not None
        self._read = place + 1
        return self.screen[place]

    def _unread(self, words: Sequence[str]) -> int | None:
        for place in range(self._read, len(self.screen)):
            line = self.screen[place]
            if line.author != "person" and all(word in line.text for word in words):
                return place
        return None

    async def hears_nothing_more(self, seconds: float) -> None:
        """Fail where anything new reaches the screen within so many seconds."""
        before = len(self.screen)
        await asyncio.sleep(seconds)
        assert len(self.screen) == before, self.transcript()

    def transcript(self) -> str:
        """The screen as text, doubles marked."""
        seen: Counter[str] = Counter()
        rows = []
        for line in self.screen:
            seen[line.text] += line.author == "bot"
            mark = f" (×{seen[line.text]})" if line.author == "bot" and seen[line.text] > 1 else ""
            buttons = "".join(f" [{button.title}]" for button in line.buttons)
            rows.append(f"{line.author:<8}{line.via:<8} {line.text}{buttons}{mark}")
        return "\n".join(rows)


def _bare(text: str) -> str:
    return re.sub(r"\W+", "", text)


def _in_order(parts: Sequence[str], lines: Sequence[Line]) -> bool:
    whole, place = _bare("".join(line.text for line in lines)), 0
    for part in parts:
        place = whole.find(part, place)
        if place < 0:
            return False
    return True
