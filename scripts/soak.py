#!/usr/bin/env python3
"""``make soak``: the long runs. Messages under kills, on both databases, and the times.

Exit code 1 if anything was lost, came out of order, or came twice without a kill near it.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

_ROOT = Path(__file__).resolve().parent.parent
if str(_ROOT) not in sys.path:
    sys.path.insert(1, str(_ROOT))

from soak.kills import Effort, Outcome, run_kills  # noqa: E402
from soak.latency import measure  # noqa: E402
from soak.victims import PostgresVictim, own_cluster  # noqa: E402
from soak.visitors import visit  # noqa: E402

from tests.support.postgres import postgres_cluster, postgres_missing  # noqa: E402

CROWDS = (1, 10, 50)


def main() -> int:
    """Parse, run, print."""
    parser = argparse.ArgumentParser(description="long runs with faults, and times")
    parser.add_argument("--latency", action="store_true", help="only the times")
    parser.add_argument("--visits", action="store_true", help="only the visitors of the web chat")
    parser.add_argument("--visitors", type=int, default=200)
    parser.add_argument("--database", choices=["sqlite", "postgresql", "both"], default="both")
    parser.add_argument("--messages", type=int, default=2000)
    parser.add_argument("--people", type=int, default=100)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--rate", type=float, default=6.0, help="messages a second")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--answers", type=int, default=150, help="answers a crowd, at least")
    arguments = parser.parse_args()
    databases = ["sqlite", "postgresql"] if arguments.database == "both" else [arguments.database]
    if "postgresql" in databases and (reason := postgres_missing()):
        print(f"PostgreSQL left out: {reason}")
        databases.remove("postgresql")
    good = True
    for database in databases:
        with tempfile.TemporaryDirectory(prefix="wence-soak-") as folder:
            if not (arguments.latency or arguments.visits):
                good &= _kills(arguments, database, Path(folder) / "kills")
            if not arguments.visits:
                _latency(arguments, database, Path(folder) / "latency")
            if not arguments.latency:
                good &= _visits(arguments, database, Path(folder) / "visits")
    return 0 if good else 1


@contextlib.contextmanager
def _victim(database: str) -> Iterator[PostgresVictim | None]:
    if database == "sqlite":
        yield None
        return
    with postgres_cluster() as cluster, own_cluster(cluster) as victim:
        yield victim


def _kills(arguments: argparse.Namespace, database: str, folder: Path) -> bool:
    effort = Effort(
        messages=arguments.messages,
        people=arguments.people,
        kills=arguments.kills,
        rate=arguments.rate,
        drain=600.0,
        seed=arguments.seed,
    )
    print(f"\n{database}: {effort.messages} messages of {effort.people} people", flush=True)
    with _victim(database) as victim:
        outcome = asyncio.run(run_kills(folder, effort, victim, lambda line: print(line)))
    print_outcome(outcome)
    return not outcome.account.faults and outcome.drained is not None


def print_outcome(outcome: Outcome) -> None:
    """The table."""
    account = outcome.account
    killed = ", ".join(f"{name} {count}" for name, count in sorted(outcome.kills.items()))
    drained = "never" if outcome.drained is None else f"{outcome.drained:.0f} s"
    rows = [
        ("messages acknowledged", account.messages),
        ("kills", f"{len(outcome.killed)} ({killed})"),
        ("delivered again by the platform", account.repeated),
        ("given up by the platform, sent anew", account.given_up),
        ("told that it is too much", account.told_busy),
        ("lost messages", account.lost),
        ("turns beyond the messages", account.extra),
        ("turns without an answer", account.unanswered),
        ("answers that never arrived", account.unseen),
        ("answers out of order", account.disordered),
        ("doubles, in flight at a kill", account.doubles - account.doubles_elsewhere),
        ("doubles elsewhere", account.doubles_elsewhere),
        ("sent again and swallowed by the platform", account.spared),
        ("given up", account.parked or 0),
        ("dropped for their frequency", account.dropped),
        ("stream", f"{outcome.seconds:.0f} s"),
        ("all arrived after", drained),
    ]
    for name, value in rows:
        print(f"  {name:<42} {value}")
    for problem in sorted(set(account.problems)):
        print(f"  the platform complains: {problem}")


def _latency(arguments: argparse.Namespace, database: str, folder: Path) -> None:
    with _victim(database) as victim:
        url = victim.url if victim is not None else None
        crowds = asyncio.run(measure(folder, CROWDS, arguments.answers, url))
    print(f"\n{database}: from the platform's request to the delivered reply")
    print("  at once  answers      p50      p95  taken p95  answers/s")
    for crowd in crowds:
        times = [1000 * seconds for seconds in (crowd.p50, crowd.p95, crowd.ack95)]
        row = f"  {crowd.people:>7}  {crowd.answers:>7}  {times[0]:>4.0f} ms  {times[1]:>4.0f} ms"
        print(f"{row}  {times[2]:>6.0f} ms  {crowd.per_second:>9.1f}", flush=True)


def _visits(arguments: argparse.Namespace, database: str, folder: Path) -> bool:
    with _victim(database) as victim:
        url = victim.url if victim is not None else None
        seen = asyncio.run(visit(folder, arguments.visitors, url))
    print(f"\n{database}: {seen.visitors} visitors of the web chat at once")
    memory = ", ".join(f"{name} {size:.0f} MiB" for name, size in sorted(seen.memory.items()))
    print(f"  answers {seen.answers}, lost {seen.lost}, in {seen.seconds:.0f} s")
    print(f"  p50 {1000 * seen.p50:.0f} ms, p95 {1000 * seen.p95:.0f} ms; {memory}", flush=True)
    return seen.lost == 0


if __name__ == "__main__":
    sys.exit(main())
