"""The supervisor killed outright: nothing is left, and the next start is clean."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from bot.settings import project_root
from bot.supervisor import read_state
from bot.supervisor.groups import LAUNCH
from tests.supervisor.stack import Stack, alive, eventually, pids


async def test_sigkill_leaves_no_process_behind(tmp_path: Path) -> None:
    note = tmp_path / "grandchild"
    with subprocess.Popen(
        [sys.executable, "-m", "tests.supervisor.outright", str(tmp_path), str(note)],
        cwd=project_root(),
        stdout=subprocess.PIPE,
    ) as supervisor:
        assert supervisor.stdout is not None
        assert supervisor.stdout.readline() == b"ready\n"
        left = [*pids(tmp_path, "service"), *pids(tmp_path, "rasa"), int(note.read_text())]
        state_file = tmp_path / "var" / "run" / "wence.json"
        state = read_state(tmp_path / "var")
        assert state is not None
        assert state.pid == supervisor.pid
        assert all(map(alive, left))
        supervisor.kill()
        supervisor.wait()
    await eventually(lambda: not any(map(alive, left)))
    assert state_file.exists()
    assert read_state(tmp_path / "var") is None

    async with Stack(tmp_path) as stack:
        await stack.until_said("已就绪")


_PARENT = """
import os, subprocess, sys
command = [sys.executable, "-I", "-S", sys.argv[1], str(os.getpid()), "sleep", "600"]
child = subprocess.Popen(command, start_new_session=True)
print(child.pid, flush=True)
child.wait()
"""


async def test_the_kernel_alone_suffices_for_a_child() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", _PARENT, str(LAUNCH)], stdout=subprocess.PIPE
    ) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        comm = Path(f"/proc/{child}/comm")
        await eventually(lambda: comm.read_text() == "sleep\n")
        parent.kill()
        parent.wait()
    await eventually(lambda: not alive(child))


def test_a_parent_already_dead_starts_nothing(tmp_path: Path) -> None:
    made = tmp_path / "made"
    command = [sys.executable, "-I", "-S", str(LAUNCH), "1", "touch", str(made)]
    assert subprocess.run(command, check=False).returncode == 126
    assert not made.exists()
