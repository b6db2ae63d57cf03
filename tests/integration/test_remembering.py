"""What a conversation keeps and lets go of, through the whole stack."""

from __future__ import annotations

import sqlite3
from uuid import uuid4

from tests.support.stack import Stack


def holds(stack: Stack, words: str) -> list[str]:
    """The tables of both databases in which some words stand."""
    found = []
    for name in ("wence.db", "wence.rasa.db"):
        with sqlite3.connect(stack.var_dir / name) as connection:
            tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
            for (table,) in tables.fetchall():
                rows = connection.execute(f"SELECT * FROM {table}").fetchall()
                if any(words in str(value) for row in rows for value in row):
                    found.append(table)
    return found


def test_forgetting_is_real(stack: Stack) -> None:
    sender = f"f-{uuid4()}"
    stack.send(sender, "我们能享受小升规奖励吗")
    stack.send(sender, "工业，营收三千二百万")
    assert {"conversations", "profiles", "events", "turn_records"} <= set(holds(stack, sender))
    status, replies = stack.send(sender, "忘掉我的信息")
    assert status == 200
    assert "删除" in replies[-1]["text"]
    assert holds(stack, sender) == []
    assert holds(stack, "三千二百万") == []
    # And the conversation begins anew.
    assert "还没有记" in stack.ask("我的企业信息", sender)["text"]


def test_a_long_conversation_is_bounded_for_rasa(stack: Stack) -> None:
    """Rasa reads what belongs to the last session; that is a few turns, however long it lasts."""
    sender = f"l-{uuid4()}"
    stack.send(sender, "我们公司在太原，一共120人")
    for index in range(60):
        assert stack.send(sender, f"住房公积金能缓缴吗，第{index}次问")[0] == 200
    with sqlite3.connect(stack.var_dir / "wence.rasa.db") as connection:
        query = (
            "SELECT count(*) FROM events WHERE sender_id = ? AND id >= (SELECT max(id) FROM events "
            "WHERE sender_id = ? AND type_name = 'session_started')"
        )
        (read,) = connection.execute(query, (f"rest:{sender}",) * 2).fetchone()
        (everything,) = connection.execute(
            "SELECT count(*) FROM events WHERE sender_id = ?", (f"rest:{sender}",)
        ).fetchone()
    assert everything > 250
    assert read < 180
    assert "太原" in stack.ask("我的企业信息", sender)["text"]
