"""The way of every message, from whichever channel: stored, worked, answered, delivered."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractContextManager, asynccontextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4
from weakref import WeakValueDictionary

from prometheus_client import CollectorRegistry

from bot.conversations.composer import MAX_MESSAGE, Composer
from bot.conversations.deliverer import Deliverer, delivery_of
from bot.conversations.limits import Rate
from bot.conversations.masking import mask
from bot.conversations.message import Inbound
from bot.conversations.outlet import Delivery, Outlet
from bot.conversations.presence import Presence
from bot.conversations.rasa_client import RasaClient
from bot.conversations.worker import Worker
from bot.errors import NotFoundError, OverloadedError, RasaUnavailableError
from bot.knowledge import Knowledge
from bot.logs import get_logger
from bot.policies.query import clean, is_word
from bot.storage.engine import Database
from bot.storage.entries import EntryStore
from bot.storage.inbox import InboxStore
from bot.storage.leases import LeaseStore
from bot.storage.outbox import OutboxStore
from bot.storage.records import ConversationState, Entry, Taken, Turn
from bot.storage.turns import FORGOTTEN, TurnStore

__all__ = ["KEPT", "Conversations"]

log = get_logger(__name__)

KEPT = ("web",)
"""Channels whose people come and fetch what was said."""
_MOST_WAITING = 9  # messages of one conversation that wait, the one being worked among them
_PACED = frozenset({"wecom", "wechat", "aibot"})  # the others have bounds of their own
_BURST, _EACH = 30, 1.0  # messages of one person: so many at once, then one a second
_MOST_CALLERS = 256  # REST calls that wait for their answer
_LOOK = 2.0  # seconds between two looks, should a word have been lost
_GRACE = 15.0  # seconds that a claim outlasts the longest turn


class Conversations:
    """What channels and desk do with conversations.

    Args:
        rasa: who understands and decides.
        knowledge: for the version in every turn and the sentences said without Rasa.
        today: the date of judgement.
        registry: where counts and times are registered.
        outlets: how replies leave, by channel; a channel without one waits for its answer.
        owner: says where this process runs.
        timeout: seconds for one turn in all.
        keep_days: how long bodies are kept.
    """

    def __init__(
        self,
        database: Database,
        rasa: RasaClient,
        knowledge: Knowledge,
        today: Callable[[], date],
        registry: CollectorRegistry,
        *,
        outlets: Mapping[str, Outlet] | None = None,
        owner: str = "wence",
        timeout: float = 30.0,
        keep_days: float = 180.0,
    ) -> None:
        outlets = outlets if outlets is not None else {}
        self._bus, self._today, self._timeout = database.bus, today, timeout
        self._store, self._entries = TurnStore(database), EntryStore(database)
        self._presence = Presence(LeaseStore(database), owner, self._free)
        name = self._presence.name
        self._inbox = InboxStore(database, name, timedelta(seconds=timeout + _GRACE))
        self._outbox = OutboxStore(database, name)
        self._composer = Composer(knowledge, outlets, KEPT, keep_days)
        self.worker = Worker(
            database,
            self._inbox,
            self._outbox,
            rasa,
            self._composer,
            today,
            knowledge.foresee,
            registry,
        )
        self._deliverer = Deliverer(database, self._outbox, outlets, registry)
        self._database = database
        self._callers = 0
        self._pace = Rate(_BURST, _EACH)
        # Two messages that come at once are stored in the order in which they came.
        self._doors: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._running: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Work from now on; what a crash had cut short as well, some seconds after it.

        Raises:
            StorageError: the database is away.
        """
        await self._presence.enter()
        self._running = [
            asyncio.create_task(_for_ever("presence", self._presence.run)),
            asyncio.create_task(
                _for_ever("listen", lambda: self._bus.listen(self._database.engine))
            ),
            asyncio.create_task(_for_ever("worker", self.worker.run)),
            asyncio.create_task(_for_ever("deliverer", self._deliverer.run)),
            asyncio.create_task(_for_ever("figures", self._deliverer.watch)),
        ]

    async def close(self) -> None:
        """Stop working; what is under way is taken up by another process, or the next."""
        for task in self._running:
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)
        if self._running:
            await self._presence.leave()

    async def _free(self, processes: Sequence[str]) -> int:
        """Have what these had claimed worked anew."""
        turns = await self._inbox.release(processes)
        parts = await self._outbox.release(processes)
        if turns or parts:
            log.warning("taken_up_again", conversations=turns, parts=parts)
            self._bus.wake_all()
        return turns + parts

    async def accept(self, message: Inbound) -> Taken:
        """Store a message, masked, as its conversation's next turn; it is worked by itself.

        A message known by its id is not taken again.

        Raises:
            ConflictError: the id is known with another text.
            OverloadedError: too many messages of this conversation wait, or come too fast.
            StorageError: the database is away; nothing is stored.
        """
        await self._check_pace(message)
        kind, text = _readable(message)
        door = self._doors.setdefault(message.key, asyncio.Lock())
        try:
            async with door:
                taken = await self._store.take(
                    message.key,
                    message.channel,
                    text,
                    message.message_id,
                    str(uuid4()),
                    datetime.now(UTC),
                    self._today(),
                    kind=kind,
                    address=dict(message.address),
                    most_waiting=_MOST_WAITING,
                )
        except OverloadedError:
            self.worker.turns.labels(message.channel, "overloaded").inc()
            raise
        if taken.known:
            self.worker.turns.labels(message.channel, "repeated").inc()
        return taken

    async def _check_pace(self, message: Inbound) -> None:
        if message.channel not in _PACED or self._pace.take(message.key):
            return
        if message.message_id and await self.known(message.key, message.message_id):
            return  # a repeat is no haste of the person's
        self.worker.turns.labels(message.channel, "too_fast").inc()
        raise OverloadedError("发得太快了")

    async def known(self, key: str, message_id: str) -> bool:
        """Whether a message of that id was taken in that conversation."""
        return await self._store.knows(key, message_id)

    async def answered(self, turn_id: str, seconds: float) -> Turn | None:
        """The turn, once it is answered or failed; None where that takes longer.

        Raises:
            NotFoundError: there is no such turn (any more).
            StorageError: the database is away.
        """
        deadline = asyncio.get_running_loop().time() + seconds
        with self._bus.watch("answered", turn_id) as news:
            while True:
                news.clear()
                turn = await self._store.get(turn_id)
                left = deadline - asyncio.get_running_loop().time()
                if turn.state != "received":
                    return turn
                if left <= 0:
                    return None
                try:
                    await asyncio.wait_for(news.wait(), min(left, _LOOK))
                except TimeoutError:
                    continue

    async def ask(
        self, channel: str, sender: str, text: str, message_id: str | None = None
    ) -> list[dict[str, Any]]:
        """The replies to one message; each with ``text``, ``buttons`` and ``custom``.

        A message known by its id returns the recorded replies; one whose turn failed
        is asked again under its ``turn_id``.

        Raises:
            ConflictError: the id is known with another text.
            OverloadedError: too many messages wait, of this conversation or in all.
            RasaUnavailableError: no answer in time; the same id may be tried again.
            StorageError: the database is away.
        """
        message = Inbound(channel, sender, text, message_id)
        kind, _ = _readable(message)
        if kind != "text":
            return self._composer.sentence(f"input.{kind}")
        if self._callers >= _MOST_CALLERS:
            self.worker.turns.labels(channel, "overloaded").inc()
            raise OverloadedError("同时提问的人太多")
        self._callers += 1
        try:
            return await self._ask(message)
        finally:
            self._callers -= 1

    async def _ask(self, message: Inbound) -> list[dict[str, Any]]:
        turn: Turn | None = (await self.accept(message)).turn
        assert turn is not None
        if turn.state == "failed":
            turn = await self._store.reopen(turn.turn_id)
        if turn.state != "answered":
            turn = await self.answered(turn.turn_id, self._timeout + 1)
        if turn is None or turn.state == "failed":
            raise RasaUnavailableError("没有及时得到答复")
        if turn.kind == FORGOTTEN:
            await self._store.delete_conversation(message.key)
        return turn.replies or []

    @asynccontextmanager
    async def carry(self, key: str, turn_id: str | None = None) -> AsyncIterator[Delivery | None]:
        """The next undelivered part of a conversation, for a response to carry.

        It counts as sent when the block ends; after an exception it is sent actively, at
        once. None where there is nothing, or something else must go first.

        Args:
            turn_id: only a part of this turn; it may overtake parts that wait for the
                person to write. None: whatever comes first.

        Raises:
            StorageError: the database is away.
        """
        part = await self._outbox.carry(key, turn_id)
        if part is None:
            yield None
            return
        try:
            yield delivery_of(part)
        except BaseException:
            self._deliverer.count(part.channel, "not_carried")
            back = self._outbox.later(part, "not_carried", 0.0, uncertain=True)
            await asyncio.shield(asyncio.ensure_future(back))
            raise
        self._deliverer.count(part.channel, "carried")
        sent = self._outbox.sent(part, "passive", datetime.now(UTC))
        await asyncio.shield(asyncio.ensure_future(sent))

    async def release(self, key: str, turn_id: str) -> None:
        """Have a part of a turn that is held back for a request sent actively, at once.

        Raises:
            StorageError: the database is away.
        """
        part = await self._outbox.carry(key, turn_id)
        if part is not None:
            await self._outbox.later(part, "released", 0.0, uncertain=False)

    async def entries(self, key: str, after: int = 0, limit: int = 200) -> list[Entry]:
        """What was said after a position, in order; an unknown conversation has none."""
        return await self._entries.after(key, after, limit)

    async def state(self, key: str) -> ConversationState | None:
        """How a conversation stands; None where there is none."""
        return await self._entries.state(key)

    def watch(self, key: str) -> AbstractContextManager[asyncio.Event]:
        """An event that is set when a conversation has something new; clear it, then look."""
        return self._bus.watch("entries", key)

    async def say(self, key: str, author: str, replies: Sequence[Mapping[str, Any]]) -> int:
        """Have an operator, or the service itself, say something; the position of the last part.

        Raises:
            NotFoundError: there is no such conversation.
            StorageError: the database is away.
        """
        state = await self._entries.state(key)
        if state is None:
            raise NotFoundError("没有这个对话")
        whole = [self._composer.complete(reply) for reply in replies]
        parts = [
            # No request waits for it that could carry it.
            replace(part, hold=0.0)
            for part in self._composer.parts(state.channel, whole, state.address)
        ]
        return await self._outbox.add(key, None, author, parts, datetime.now(UTC))


async def _for_ever(name: str, work: Callable[[], Awaitable[None]]) -> None:
    """Whatever happens in it, the work goes on; until it is cancelled, or has nothing to do."""
    while True:
        try:
            return await work()
        except Exception as error:
            log.error("work_broke", work=name, exc_info=error)
            await asyncio.sleep(1.0)


def _readable(message: Inbound) -> tuple[str, str]:
    """The kind and the words to be stored; a text that says nothing is a kind of its own."""
    if message.kind != "text":
        return message.kind, ""
    text = clean(message.text)
    if not text:
        return "empty", ""
    if len(text) > MAX_MESSAGE:
        return "too_long", ""
    if not is_word(text):
        return "no_words", ""
    return "text", mask(text)
