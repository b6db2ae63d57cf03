"""Processes die; what happens then."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from bot.settings import project_root
from tests.support.stack import Stack, alive, running_stack

USERS = "select count(*) from events where sender_id = ? and type_name = 'user'"


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A stack that may be broken."""
    with running_stack(tmp_path_factory.mktemp("own")) as running:
        yield running


def wait_dead(pid: int) -> None:
    for _ in range(200):
        if not alive(pid):
            return
        time.sleep(0.05)
    raise AssertionError(f"process {pid} still lives")


def test_rasa_killed_in_the_middle_of_a_conversation(own: Stack) -> None:
    sender = f"t-{uuid4()}"
    own.ask("住房公积金能缓缴吗", sender)
    first = own.send(sender, "归哪个部门管", "m-1")
    pid = own.pids()["rasa"]
    os.kill(pid, signal.SIGKILL)
    wait_dead(pid)
    # Asked while Rasa is away: the service waits for its restart and answers.
    status, body = own.send(sender, "现在还有效吗", "m-2")
    assert status == 200, body
    assert body[0]["custom"]["clauses"][0]["clause_id"] == "jzf-2022-14.41"
    assert own.pids()["rasa"] != pid
    assert own.send(sender, "归哪个部门管", "m-1") == first
    assert own.rows(USERS, f"rest:{sender}", tracker=True) == [(3,)]
    own.wait_ready()


def test_the_service_killed_while_a_turn_is_under_way(own: Stack) -> None:
    sender = f"t-{uuid4()}"
    own.ask("房租减免", sender)
    rasa, service = own.pids()["rasa"], own.pids()["service"]
    os.kill(rasa, signal.SIGSTOP)  # the turn hangs in Rasa
    asking = threading.Thread(target=lambda: _quietly(own, sender), daemon=True)
    try:
        asking.start()
        for _ in range(200):
            if own.rows("select count(*) from turns where message_id = 'm-1'") == [(1,)]:
                break
            time.sleep(0.05)
        os.kill(service, signal.SIGKILL)
        wait_dead(service)
    finally:
        os.kill(rasa, signal.SIGCONT)
    asking.join(30)
    own.wait_ready()
    status, body = own.send(sender, "还有效吗", "m-1")
    assert status == 200
    assert body[0]["custom"]["clauses"][0]["clause_id"] == "jzf-2022-14.35"
    assert own.rows(USERS, f"rest:{sender}", tracker=True) == [(2,)]
    states = own.rows(
        "select t.state from turns t join conversations c on c.id = t.conversation_id "
        "where c.key = ?",
        f"rest:{sender}",
    )
    assert states == [("answered",), ("answered",)]


def _quietly(own: Stack, sender: str) -> None:
    with contextlib.suppress(OSError):  # the service is killed under it
        own.send(sender, "还有效吗", "m-1")


def refused(**environ: str) -> str:
    """The one line with which a start is refused."""
    second = subprocess.run(
        [str(Path(sys.executable).parent / "wence"), "run"],
        cwd=project_root(),
        env={**os.environ, **environ},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert second.returncode == 2
    (line,) = (second.stdout + second.stderr).strip().splitlines()
    return line


def test_a_second_stack_over_the_same_data_is_refused(own: Stack) -> None:
    assert "已在运行" in refused(WENCE_VAR_DIR=str(own.var_dir), WENCE_PORT="0")
    assert own.get("/healthz")[0] == 200


def test_a_busy_port_gets_one_line(own: Stack, tmp_path: Path) -> None:
    line = refused(WENCE_VAR_DIR=str(tmp_path), WENCE_PORT=str(own.port))
    assert str(own.port) in line
    assert "WENCE_PORT" in line


def test_the_supervisor_killed_outright_leaves_no_child(own: Stack) -> None:
    pids = own.pids()
    own.process.kill()
    own.process.wait(30)
    for pid in pids.values():
        wait_dead(pid)


def test_after_all_that_a_new_start_finds_everything(own: Stack) -> None:
    before = own.rows("select count(*) from turns where state = 'answered'")
    with running_stack(own.var_dir) as again:
        assert again.rows("select count(*) from turns where state = 'answered'") == before
        assert again.ask("稳岗返还")["custom"]["type"] == "policy_answer"
