"""The account after a soak run finds what it is there to find."""

from __future__ import annotations

import json
import sqlite3
import time
from contextlib import closing
from pathlib import Path

import pytest
from soak.ledger import Account, Books, audit
from soak.stream import Said, Stream

from tests.platforms.api import Call
from tests.platforms.courier import Attempt, Post
from tests.platforms.person import Line
from tests.platforms.wecom import WeCom

ANSWERS = {"1": "第一个问题的答复在此", "2": "第二个问题的答复在此"}


def make_stream(*seen: str, acknowledged: bool = True) -> Stream:
    """One person who asked 1 and 2 and saw these answers, each by a call of its own."""
    platform = WeCom()
    stream = Stream(platform, 1, 0, 1.0, 0)
    (person,) = stream.people
    for message_id in ANSWERS:
        status = 200 if acknowledged else None
        post = Post(message_id, [Attempt(0.0, 0.1, status)])
        stream.said[person.name].append(Said("问", [post]))
    for message_id in seen:
        number, now = len(platform.calls), time.monotonic()
        platform.calls.append(Call(number, "/cgi-bin/message/send", {}, now, now, 0, shown=True))
        text = f"{ANSWERS[message_id]}。\n更多"
        person.show(Line("bot", text, now, "active", call=number))
    return stream


@pytest.fixture
def books(tmp_path: Path) -> Books:
    """Both messages answered, in order."""
    path = tmp_path / "wence.db"
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.executescript(
            "create table conversations (id, key, channel);"
            "create table turns (conversation_id, message_id, state, replies, seq);"
            "create table outbox (conversation_id, state, error, position);"
            "insert into conversations values (1, 'wecom:person-000', 'wecom');"
        )
        for seq, (message_id, text) in enumerate(ANSWERS.items()):
            replies = json.dumps([{"text": text}])
            row = (1, message_id, "answered", replies, seq)
            connection.execute("insert into turns values (?, ?, ?, ?, ?)", row)
    return Books(f"sqlite:///{path}")


def change(books: Books, statement: str) -> None:
    with closing(sqlite3.connect(books.url.removeprefix("sqlite:///"))) as connection, connection:
        connection.execute(statement)


async def account_of(books: Books, *seen: str, kills: tuple[float, ...] = ()) -> Account:
    return await audit(make_stream(*seen), books, kills)


async def test_a_run_without_faults(books: Books) -> None:
    account = await account_of(books, "1", "2")
    assert account.faults == {}
    assert account.messages == 2


async def test_what_did_not_arrive_or_in_another_order(books: Books) -> None:
    assert (await account_of(books, "1")).faults == {"unseen": 1}
    assert (await account_of(books, "2", "1")).faults == {"disordered": 1}


async def test_a_double_counts_by_whether_a_kill_was_near(books: Books) -> None:
    assert (await account_of(books, "1", "1", "2")).faults == {"doubles_elsewhere": 1}
    account = await account_of(books, "1", "1", "2", kills=(time.monotonic(),))
    assert (account.faults, account.doubles) == ({}, 1)


async def test_messages_without_a_turn_and_turns_without_a_message(books: Books) -> None:
    change(books, "update turns set message_id = '3' where message_id = '2'")
    assert (await account_of(books, "1", "2")).faults == {"lost": 1, "extra": 1}


async def test_turns_without_an_answer_and_parts_given_up(books: Books) -> None:
    change(books, "update turns set state = 'received' where message_id = '2'")
    change(books, "insert into outbox values (1, 'parked', 'refused', 1)")
    account = await account_of(books, "1")
    assert account.faults == {"unanswered": 1, "parked": 1}
    assert account.parked == {"refused": 1}


async def test_a_message_that_the_platform_gave_up_is_nobodys_loss(books: Books) -> None:
    change(books, "delete from turns")
    account = await audit(make_stream(acknowledged=False), books, ())
    assert (account.faults, account.given_up) == ({}, 2)
