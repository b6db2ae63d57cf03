"""The account after a run: what was said, what the database holds, what reached the people."""

from __future__ import annotations

import asyncio
import json
import re
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

from soak.stream import Said, Stream
from tests.platforms.person import Line

__all__ = ["Account", "Books", "audit"]

_TURNS = (
    "select c.key, t.message_id, t.state, t.replies from turns t"
    " join conversations c on c.id = t.conversation_id"
    " where c.channel = 'wecom' order by c.key, t.seq"
)
_PARTS = (
    "select c.key, o.state, coalesce(o.error, '') from outbox o"
    " join conversations c on c.id = o.conversation_id"
    " where c.channel = 'wecom' order by c.key, o.position"
)
_HEAD = 16  # characters of an answer by which it is known again


class Books:
    """The stack's database, read from outside it."""

    def __init__(self, database_url: str) -> None:
        self.url = database_url

    async def rows(self, query: str) -> list[tuple[Any, ...]]:
        """The rows of a query."""
        if self.url.startswith("sqlite:///"):
            return await asyncio.to_thread(self._sqlite, query)
        import asyncpg

        connection = await asyncpg.connect(self.url)
        try:
            return [tuple(row) for row in await connection.fetch(query)]
        finally:
            await connection.close()

    def _sqlite(self, query: str) -> list[tuple[Any, ...]]:
        path = Path(self.url.removeprefix("sqlite:///"))
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
            return connection.execute(query).fetchall()

    async def still_open(self) -> int:
        """Turns that are not answered and parts that are not sent."""
        turns = "select count(*) from turns where state = 'received'"
        parts = "select count(*) from outbox where state in ('pending', 'sending', 'waiting')"
        return sum([int((await self.rows(query))[0][0]) for query in (turns, parts)])


@dataclass
class Account:
    """What a run came to.

    Attributes:
        messages: acknowledged by the stack.
        repeated: deliveries of the platform beyond the first.
        given_up: posts that the platform gave up after three deliveries; people sent those again.
        told_busy: answered at once by a sentence that it is too much, and not taken.
        lost: acknowledged, with no turn.
        extra: turns that nobody's message explains.
        unanswered: turns without an answer.
        unseen: answers that did not reach the person.
        disordered: answers that came after a later one.
        doubles: messages that reached a person twice; ``doubles_elsewhere`` of them with no
            kill near the first sending.
        spared: sent twice and swallowed by the platform's own check.
        parked: parts that were given up, by reason.
        dropped: messages that the platform dropped for their frequency.
    """

    messages: int = 0
    repeated: int = 0
    given_up: int = 0
    told_busy: int = 0
    lost: int = 0
    extra: int = 0
    unanswered: int = 0
    unseen: int = 0
    disordered: int = 0
    doubles: int = 0
    doubles_elsewhere: int = 0
    spared: int = 0
    dropped: int = 0
    parked: dict[str, int] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    @property
    def faults(self) -> dict[str, int]:
        """All that must be nought."""
        names = ("lost", "extra", "unanswered", "unseen", "disordered", "doubles_elsewhere")
        found = {name: getattr(self, name) for name in names} | {"dropped": self.dropped}
        found["parked"] = sum(self.parked.values())
        return {name: count for name, count in found.items() if count}


async def audit(stream: Stream, books: Books, kills: Sequence[float]) -> Account:
    """Compare what people said, what is stored and what reached them.

    Args:
        kills: when something was killed, on the monotonic clock.
    """
    account = Account(problems=list(stream.platform.problems))
    turns: dict[str, list[tuple[str, str, list[dict[str, Any]]]]] = {}
    for key, message_id, state, replies in await books.rows(_TURNS):
        told = json.loads(replies) if isinstance(replies, str) else replies or []
        turns.setdefault(key.partition(":")[2], []).append((message_id, state, told))
    for _key, state, error in await books.rows(_PARTS):
        if state == "parked":
            account.parked[error] = account.parked.get(error, 0) + 1
    for person in stream.people:
        own = turns.get(person.name, [])
        _count_messages(account, stream.said[person.name], own)
        active = [line for line in person.heard if line.via == "active"]
        _count_answers(account, own, active)
        _count_doubles(account, stream, own, active, kills)
    sends = stream.platform.made("message/send")
    account.spared = sum(call.dropped == "duplicate" for call in sends)
    account.dropped = sum(call.dropped == "frequency" for call in sends)
    return account


def _count_messages(
    account: Account, said: Sequence[Said], turns: list[tuple[str, str, list[dict[str, Any]]]]
) -> None:
    known = [message_id for message_id, _, _ in turns]
    posts = [post for message in said for post in message.posts]
    account.extra += len(known) - len(set(known) & {post.message_id for post in posts})
    for post in posts:
        account.repeated += len(post.attempts) - 1
        if not post.accepted:
            account.given_up += 1
        elif post.message_id in known:
            account.messages += 1
        elif post.attempts[-1].body:
            account.told_busy += 1
        else:
            account.lost += 1


def _count_answers(
    account: Account,
    turns: list[tuple[str, str, list[dict[str, Any]]]],
    seen: Sequence[Line],
) -> None:
    texts = [_bare(line.text) for line in seen]
    place = 0
    for _, state, replies in turns:
        if state != "answered" or not replies:
            account.unanswered += 1
            continue
        for reply in replies:
            head = _bare(reply["text"])[:_HEAD]
            found = next((n for n in range(place, len(texts)) if head in texts[n]), None)
            if found is not None:
                place = found
            elif any(head in text for text in texts):
                account.disordered += 1
            else:
                account.unseen += 1


def _count_doubles(
    account: Account,
    stream: Stream,
    turns: list[tuple[str, str, list[dict[str, Any]]]],
    seen: Sequence[Line],
    kills: Sequence[float],
) -> None:
    """Parts leave one after the other, so a double follows its first directly.

    A message that the platform gave up may have been taken; sent anew it is another one,
    and two of one text are answered alike.
    """
    calls = stream.platform.calls
    heads = [_bare(reply["text"])[:_HEAD] for _, _, replies in turns for reply in replies]
    for first, second in pairwise(seen):
        if first.text != second.text or first.call is None:
            continue
        text = _bare(first.text)
        answers = sum(head in text for head in heads)
        if sum(line.text == first.text for line in seen) <= answers:
            continue
        account.doubles += 1
        began, ended = calls[first.call].began, calls[first.call].ended or first.at
        if not any(began - 2.0 <= kill <= ended + 2.0 for kill in kills):
            account.doubles_elsewhere += 1


def _bare(text: str) -> str:
    return re.sub(r"\W+", "", text)
