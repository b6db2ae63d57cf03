"""The two stacks under comparison: started, with the time that took, and ended."""

from __future__ import annotations

import contextlib
import os
import secrets
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

from benchmarks.processes import MeasureError, free_port, running, wait_until
from benchmarks.stock import GREETINGS, RASA_VARIABLES, SENTENCE, StockProject
from bot.supervisor import read_state

__all__ = ["DAY", "Stack", "ours", "stock"]

DAY = "2022-09-01"
"""The date of judgement, so that the answers are the same whenever this runs."""


@dataclass
class Stack:
    """A stack that is up.

    Attributes:
        name: what a person reads.
        url: its REST webhook.
        headers: sent with each message.
        messages: what it is asked.
        accepts: whether the replies to a message are the ones that count.
        pids: its processes by label.
        ready_s: seconds from the start to the first 200 (ours: of /readyz, which
            means that a real question was answered).
        parts_s: the same for each part, where there are several.
    """

    name: str
    url: str
    headers: Mapping[str, str]
    messages: Sequence[str]
    accepts: Callable[[list[dict[str, Any]]], bool]
    pids: Mapping[str, Sequence[int]]
    ready_s: float
    parts_s: Mapping[str, float] = field(default_factory=dict)


@contextlib.contextmanager
def ours(root: Path, var_dir: Path, questions: Sequence[str]) -> Iterator[Stack]:
    """``wence run`` over a data folder of its own, as a person would start it.

    Raises:
        MeasureError: it does not get ready.
    """
    port, token = free_port(), secrets.token_urlsafe(16)
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("WENCE_")},
        "WENCE_HOST": "127.0.0.1",
        "WENCE_PORT": str(port),
        "WENCE_VAR_DIR": str(var_dir),
        "WENCE_DATABASE_URL": f"sqlite:///{var_dir / 'wence.db'}",
        "WENCE_REST_TOKEN": token,
        "WENCE_TODAY": DAY,
    }
    log = var_dir / "问策.log"
    started = time.monotonic()
    command = [str(Path(sys.executable).parent / "wence"), "run"]
    with running(command, log, cwd=root, env=environment) as process:
        wait_until(port, "/readyz", process, log)
        ready = time.monotonic() - started
        state = read_state(var_dir)
        if state is None or set(state.children) != {"rasa", "service"}:
            raise MeasureError("问策没有自己启动 Rasa 与服务（.env 里设了 WENCE_RASA_URL？）")
        pids = {name: _family(state.children[name]) for name in ("rasa", "service")}
        others = {pid for family in pids.values() for pid in family}
        own = [pid for pid in _family(process.pid) if pid not in others]
        pids = {"supervisor": own, **pids}
        url = f"http://127.0.0.1:{port}/webhooks/rest/webhook"
        headers = {"Authorization": f"Bearer {token}"}
        yield Stack("问策", url, headers, questions, _names_a_clause, pids, ready)


def _family(pid: int) -> list[int]:
    """A process and all that descend from it."""
    return [pid, *(child.pid for child in psutil.Process(pid).children(recursive=True))]


def _names_a_clause(replies: list[dict[str, Any]]) -> bool:
    return any((reply.get("custom") or {}).get("clauses") for reply in replies)


@contextlib.contextmanager
def stock(project: StockProject, folder: Path) -> Iterator[Stack]:
    """``rasa run`` and ``rasa run actions`` on the stock project.

    Args:
        project: what is run.
        folder: for the addresses and logs of this run.

    Raises:
        MeasureError: it does not get ready.
    """
    port, actions_port = free_port(), free_port()
    folder.mkdir(parents=True, exist_ok=True)
    endpoints, credentials = folder / "endpoints.yml", folder / "credentials.yml"
    endpoints.write_text(
        f"action_endpoint:\n  url: http://127.0.0.1:{actions_port}/webhook\n", "utf-8"
    )
    credentials.write_text("rest:\n", "utf-8")
    rasa = [str(project.python), "-m", "rasa", "run"]
    environment = {**os.environ, **RASA_VARIABLES}
    actions_log, rasa_log = folder / "对照动作服务.log", folder / "对照Rasa.log"
    started = time.monotonic()
    with (
        running(
            [*rasa, "actions", "-p", str(actions_port)],
            actions_log,
            cwd=project.root,
            env=environment,
        ) as actions,
        running(
            [
                *(*rasa, "-i", "127.0.0.1", "-p", str(port), "--model", str(project.model)),
                *("--endpoints", str(endpoints), "--credentials", str(credentials)),
            ],
            rasa_log,
            cwd=project.root,
            env=environment,
        ) as server,
    ):
        wait_until(actions_port, "/health", actions, actions_log)
        parts = {"actions": time.monotonic() - started}
        wait_until(port, "/", server, rasa_log)
        parts["rasa"] = time.monotonic() - started
        pids = {"rasa": _family(server.pid), "actions": _family(actions.pid)}
        yield Stack(
            "对照",
            f"http://127.0.0.1:{port}/webhooks/rest/webhook",
            {},
            GREETINGS,
            lambda replies: [reply.get("text") for reply in replies] == [SENTENCE],
            pids,
            parts["rasa"],
            parts,
        )
