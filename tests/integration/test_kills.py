"""Processes killed under a stream of messages, in short; the long form is ``make soak``."""

from __future__ import annotations

import asyncio
from pathlib import Path

from soak.kills import Effort, Outcome, run_kills
from soak.victims import own_cluster

from tests.support.postgres import postgres_cluster, require_postgres

EFFORT = Effort(messages=120, people=12, kills=4, rate=4.0, drain=150.0, seed=20261121)


def check(outcome: Outcome) -> None:
    account = outcome.account
    assert outcome.drained is not None, account
    assert account.faults == {}, account
    assert account.messages == EFFORT.messages - account.told_busy, account
    assert account.problems == []
    assert len(outcome.killed) == EFFORT.kills


def test_four_kills_on_sqlite(tmp_path: Path) -> None:
    outcome = asyncio.run(run_kills(tmp_path / "stack", EFFORT))
    check(outcome)
    assert set(outcome.kills) == {"service", "rasa", "supervisor"}


def test_four_kills_on_postgresql_the_database_among_them(tmp_path: Path) -> None:
    require_postgres()
    # A server of its own: the one the other tests share is not to be killed.
    with postgres_cluster() as cluster, own_cluster(cluster) as victim:
        outcome = asyncio.run(run_kills(tmp_path / "stack", EFFORT, victim))
    check(outcome)
    assert set(outcome.kills) == {"service", "rasa", "supervisor", "postgresql"}
