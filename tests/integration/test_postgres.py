"""The whole stack over PostgreSQL."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import asyncpg

from tests.support.postgres import Cluster
from tests.support.stack import running_stack


def fetch(url: str, query: str) -> list[Any]:
    async def run() -> list[Any]:
        connection = await asyncpg.connect(url)
        try:
            return [tuple(row) for row in await connection.fetch(query)]
        finally:
            await connection.close()

    return asyncio.run(run())


def test_turns_and_tracker_live_in_postgresql(postgres: Cluster, tmp_path: Path) -> None:
    url = postgres.create_database()
    with running_stack(tmp_path, WENCE_DATABASE_URL=url) as stack:
        first = stack.send("li", "扩岗补助一个人多少钱", "m-1")
        assert first[1][0]["custom"]["clauses"][0]["clause_id"] == "jzbf-2023-56.27"
        assert stack.send("li", "扩岗补助一个人多少钱", "m-1") == first
        assert not list(tmp_path.glob("*.db"))
        query = (
            "select count(*) from rasa.events where type_name = 'user' and sender_id = 'rest:li'"
        )
        assert fetch(url, query) == [(1,)]
        assert fetch(url, "select state from turns") == [("answered",)]
        for path in (tmp_path / "log").glob("*.log"):
            assert postgres.password not in path.read_text("utf-8", "replace")
    postgres.drop(url)
