"""Starting, restarting, stopping: the supervisor over fake children."""

from __future__ import annotations

import asyncio
import os
import signal
import stat
import time
from dataclasses import replace
from pathlib import Path

import pytest

from bot.settings import Settings
from bot.supervisor import read_state
from bot.supervisor.child import Backoff, Pace
from bot.supervisor.plan import Plan
from tests.supervisor.stack import QUICK, Stack, alive, eventually


async def test_says_the_address_once_all_are_ready(tmp_path: Path) -> None:
    refusing = {"service": ("--refuse", "4"), "rasa": ("--refuse", "2")}
    async with Stack(tmp_path, refusing) as stack:
        await stack.until_said("已就绪")
        assert [line for line in stack.lines if stack.settings.address in line] == [stack.lines[-1]]
        assert all(map(alive, stack.all_pids()))
        assert len(stack.all_pids()) == 2


async def test_state_file_while_running_only(tmp_path: Path) -> None:
    async with Stack(tmp_path) as stack:
        await stack.until_said("已就绪")
        state = read_state(stack.settings.var_dir)
        assert state is not None
        assert (state.pid, state.address) == (os.getpid(), stack.settings.address)
        assert (state.rasa_url, state.actions_url) == ("http://rasa", "http://actions")
        assert state.children == {name: stack.pids(name)[-1] for name in ("service", "rasa")}
        path = stack.settings.var_dir / "run" / "wence.json"
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert not path.exists()
    assert read_state(stack.settings.var_dir) is None


@pytest.mark.parametrize("name", ["service", "rasa"])
async def test_a_killed_child_is_restarted(tmp_path: Path, name: str) -> None:
    async with Stack(tmp_path) as stack:
        await stack.until_said("已就绪")
        (first,) = stack.pids(name)
        os.kill(first, signal.SIGKILL)
        await stack.until_said(f"{name} 已恢复")
        first_again, second = stack.pids(name)
        assert first_again == first
        assert alive(second)
        assert stack.said(f"{name} 被信号 SIGKILL 终止")
        state = read_state(stack.settings.var_dir)
        assert state is not None
        assert state.children[name] == second
        other = "rasa" if name == "service" else "service"
        assert len(stack.pids(other)) == 1


async def test_last_words_are_shown(tmp_path: Path) -> None:
    dying = {"service": (), "rasa": ("--die", "7", "--say", "last words")}
    async with Stack(tmp_path, dying) as stack:
        assert await stack.ended() == 1
    assert "  │ last words" in stack.lines
    assert stack.said("rasa 意外退出（代码 7）")
    assert "last words" in (stack.settings.var_dir / "log" / "rasa.log").read_text()


async def test_never_ready_ends_everything_after_five_deaths(tmp_path: Path) -> None:
    async with Stack(tmp_path, {"service": (), "rasa": ("--die", "7")}) as stack:
        assert await stack.ended() == 1
    assert len(stack.pids("rasa")) == 5
    assert "rasa 连续 5 次启动失败" in stack.lines[-1]
    assert str(stack.settings.var_dir / "log" / "rasa.log") in stack.lines[-1]
    assert not any(map(alive, stack.all_pids()))


async def test_settings_fault_of_a_child_stops_with_2(tmp_path: Path) -> None:
    faulty = {"service": ("--die", "2", "--say", "设置 WENCE_X 有误"), "rasa": ()}
    async with Stack(tmp_path, faulty) as stack:
        assert await stack.ended() == 2
    assert stack.lines[-1] == "设置 WENCE_X 有误"
    assert len(stack.pids("service")) == 1
    assert not any(map(alive, stack.all_pids()))


async def test_cancelled_it_leaves_no_child(tmp_path: Path) -> None:
    async with Stack(tmp_path) as stack:
        await stack.until_said("已就绪")
        stack.task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await stack.task
        assert not any(map(alive, stack.all_pids()))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
async def test_signal_stops_in_order(
    tmp_path: Path, number: signal.Signals, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Under nohup, which the tests may be run with, a hang-up is not heeded.
    monkeypatch.setattr(signal, "getsignal", lambda _: signal.SIG_DFL)
    async with Stack(tmp_path, signals=True) as stack:
        await stack.until_said("已就绪")
        os.kill(os.getpid(), number)
        assert await stack.ended() == 0
        assert not any(map(alive, stack.all_pids()))
        assert stack.lines[-1] == "已停止"


async def test_a_stubborn_child_is_killed_after_the_grace(tmp_path: Path) -> None:
    stubborn = {"service": ("--stubborn",), "rasa": ("--stubborn",)}
    async with Stack(tmp_path, stubborn, signals=True) as stack:
        await stack.until_said("已就绪")
        begun = time.monotonic()
        os.kill(os.getpid(), signal.SIGTERM)
        assert await stack.ended() == 0
        assert time.monotonic() - begun >= QUICK.grace
        assert not any(map(alive, stack.all_pids()))


async def test_second_signal_kills_at_once(tmp_path: Path) -> None:
    pace = replace(QUICK, drain=60, grace=600)  # the test would time out
    stubborn = {"service": ("--stubborn",), "rasa": ("--stubborn",)}
    async with Stack(tmp_path, stubborn, pace, signals=True) as stack:
        await stack.until_said("已就绪")
        os.kill(os.getpid(), signal.SIGINT)
        await stack.until_said("正在停止")
        os.kill(os.getpid(), signal.SIGINT)
        assert await stack.ended() == 0
        assert not any(map(alive, stack.all_pids()))


async def test_grandchildren_go_with_a_child_that_dies(tmp_path: Path) -> None:
    note = tmp_path / "grandchild"
    async with Stack(tmp_path, {"service": (), "rasa": ("--grandchild", str(note))}) as stack:
        await stack.until_said("已就绪")
        grandchild = int(note.read_text())
        assert alive(grandchild)
        os.kill(stack.pids("rasa")[0], signal.SIGKILL)
        await eventually(lambda: not alive(grandchild))
        await stack.until_said("rasa 已恢复")


async def test_a_child_that_cannot_be_executed(tmp_path: Path) -> None:
    class Broken(Stack):
        def plan(self, settings: Settings) -> Plan:
            plan = super().plan(settings)
            nowhere = replace(plan.parts[1], command=(str(tmp_path / "nowhere"),))
            return replace(plan, parts=(plan.parts[0], nowhere))

    async with Broken(tmp_path) as stack:
        assert await stack.ended() == 1
    assert stack.said("no such program")


async def test_an_announcer_that_fails_stops_nothing(tmp_path: Path) -> None:
    stack = Stack(tmp_path)

    class Deaf(list[str]):
        def append(self, line: str) -> None:
            raise BrokenPipeError

    stack.lines = Deaf()
    async with stack:
        await eventually(lambda: len(stack.all_pids()) == 2)
        os.kill(stack.pids("rasa")[0], signal.SIGKILL)
        await eventually(lambda: len(stack.pids("rasa")) == 2)
        assert not stack.task.done()


def test_backoff_doubles_to_its_limit_and_begins_anew_when_healthy() -> None:
    backoff = Backoff(Pace())
    waits = [backoff.next_delay(0) for _ in range(8)]
    assert waits == [0.5, 1, 2, 4, 8, 16, 30, 30]
    assert backoff.next_delay(59.9) == 30
    assert backoff.next_delay(60) == 0.5
    assert backoff.next_delay(0) == 1


def test_the_promised_times() -> None:
    pace = Pace()
    assert (pace.first, pace.longest, pace.healthy, pace.grace) == (0.5, 30, 60, 10)
    assert pace.drain < pace.grace
