"""What keeps the supervisor from starting: one clear line, exit code 2, no child."""

from __future__ import annotations

import json
import os
import socket
from dataclasses import replace
from pathlib import Path

import pytest

from bot.settings import Settings
from bot.supervisor import core, read_state, supervise
from bot.supervisor.ports import check_public, free_port, holder
from bot.supervisor.state import State, started_ticks, write_state
from tests.supervisor.stack import Stack, make_settings


@pytest.fixture(autouse=True)
def one_try(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(core, "PORT_TRIES", 1)


async def refused(settings: Settings) -> str:
    lines: list[str] = []
    assert await supervise(settings, announce=lines.append, signals=False) == 2
    (line,) = lines
    return line


async def test_busy_port(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        stack = Stack(tmp_path)
        stack.settings = replace(stack.settings, port=port)
        async with stack:
            assert await stack.ended() == 2
    (line,) = stack.lines
    assert str(port) in line
    assert "WENCE_PORT" in line
    assert f"进程 {os.getpid()}" in line
    assert stack.all_pids() == []


async def test_second_supervisor_over_the_same_folder(tmp_path: Path) -> None:
    async with Stack(tmp_path) as first:
        await first.until_said("已就绪")
        async with Stack(tmp_path) as second:
            assert await second.ended() == 2
        (line,) = second.lines
        assert f"进程 {os.getpid()}" in line
        assert first.settings.address in line
        assert not first.task.done()
        assert read_state(first.settings.var_dir) is not None


async def test_missing_model(tmp_path: Path) -> None:
    settings = make_settings(tmp_path, WENCE_MODEL=str(tmp_path / "none.tar.gz"))
    python = tmp_path / ".venv-rasa" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.touch()
    assert "WENCE_MODEL" in await refused(replace(settings, root=tmp_path))
    assert "make setup" in await refused(replace(settings, root=tmp_path, model=None))


async def test_missing_rasa_environment(tmp_path: Path) -> None:
    line = await refused(replace(make_settings(tmp_path), root=tmp_path))
    assert ".venv-rasa" in line
    assert "make setup" in line


async def test_data_folder_that_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "var").write_text("")
    assert "WENCE_VAR_DIR" in await refused(make_settings(tmp_path))


async def test_address_of_another_machine(tmp_path: Path) -> None:
    settings = make_settings(tmp_path, WENCE_HOST="192.0.2.1")  # reserved for documentation
    assert "WENCE_HOST" in await refused(settings)


@pytest.mark.parametrize("rest", ["", "not json", "[]", '{"pid": "x"}'])
def test_damaged_state_file_is_no_stack(tmp_path: Path, rest: str) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "wence.json").write_text(rest)
    assert read_state(tmp_path) is None


def test_state_of_a_pid_given_to_another_process_is_stale(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    ticks = started_ticks(os.getpid())
    assert ticks is not None
    state = State(os.getpid(), ticks, "http://a", "http://b", "http://c", "2026-01-01")
    write_state(tmp_path, state)
    assert read_state(tmp_path) == state
    write_state(tmp_path, replace(state, ticks=ticks - 1))
    assert read_state(tmp_path) is None
    assert json.loads((tmp_path / "run" / "wence.json").read_text())["pid"] == os.getpid()


def test_free_port_is_free_and_below_the_ephemeral_ones() -> None:
    port = free_port()
    assert 20000 <= port < 32000
    check_public("127.0.0.1", port)
    assert holder(port) is None
