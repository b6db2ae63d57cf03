"""The set-up as a person calls it; two at once; what is shown when it fails."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

import pytest

from bot.settings import project_root
from provision import cli, stamps
from provision.console import SetupError, diagnose, run

SETUP = project_root() / "scripts" / "setup.py"


def test_an_old_python_is_told_so() -> None:
    text = SETUP.read_text("utf-8").replace("OLDEST = (3, 8)", "OLDEST = (99, 0)")
    done = subprocess.run([sys.executable, "-c", text], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert "需要 Python" in line


def test_unknown_step_is_refused(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    with pytest.raises(SystemExit) as caught:
        cli.main(["nonsense"], tmp_path)
    assert caught.value.code == 2
    assert "nonsense" in capsys.readouterr().err


def test_failure_shows_the_tail_and_the_log(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> bool:
        raise SetupError("安装失败", ["last line"], tmp_path / "x.log")

    monkeypatch.setattr(cli, "_all", fail)
    assert cli.main(["env"], tmp_path) == 1
    shown = capsys.readouterr()
    assert shown.out == ""
    tail, line = shown.err.splitlines()
    assert tail == "  │ last line"
    assert line.startswith("✗ 安装失败")
    assert "x.log" in line


@pytest.mark.parametrize(
    ("error", "words"),
    [(OSError(28, "No space left on device"), "磁盘空间不足"), (OSError(13, "denied", "f"), "f")],
)
def test_errors_of_the_system_are_one_line(
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    error: OSError,
    words: str,
) -> None:
    def fail(*_: object) -> bool:
        raise error

    monkeypatch.setattr(cli, "_all", fail)
    assert cli.main(["env"], tmp_path) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert words in line


@pytest.mark.parametrize(
    ("output", "words"),
    [
        ("error: dns error: failed to lookup address information", "网络"),
        ("Temporary failure in name resolution", "网络"),
        ("write error: No space left on device (os error 28)", "磁盘"),
        ("error: Hash mismatch for `x==1`", "哈希"),
        ("failed: Permission denied (os error 13)", "权限"),
    ],
)
def test_causes_are_recognised(output: str, words: str) -> None:
    assert words in (diagnose(output) or "")


def test_an_unknown_cause_is_not_guessed() -> None:
    assert diagnose("Traceback: KeyError") is None


def test_second_setup_waits_for_the_first(tmp_path: Path) -> None:
    lock = tmp_path / "setup.lock"
    order: list[str] = []
    waiting = threading.Event()

    def second() -> None:
        with stamps.locked(lock, waiting.set):
            order.append("second")

    with stamps.locked(lock, lambda: order.append("first had to wait")):
        thread = threading.Thread(target=second)
        thread.start()
        assert waiting.wait(20)
        order.append("first")
    thread.join(20)
    assert order == ["first", "second"]


def test_an_orphaned_command_keeps_the_lock(tmp_path: Path) -> None:
    lock = tmp_path / "setup.lock"
    with stamps.locked(lock, pytest.fail) as descriptor:
        orphan = subprocess.Popen(
            ["cat"], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, pass_fds=[descriptor]
        )
    waited: list[bool] = []

    def on_wait() -> None:
        waited.append(True)
        assert orphan.stdin is not None
        orphan.stdin.close()

    with stamps.locked(lock, on_wait):
        assert orphan.wait(20) == 0
    assert waited == [True]


def test_parts_of_a_digest_do_not_run_together(tmp_path: Path) -> None:
    (tmp_path / "f").write_text("ab")
    assert stamps.digest("ab", "c") != stamps.digest("a", "bc")
    assert stamps.digest("ab") == stamps.digest(b"ab") == stamps.digest(tmp_path / "f")


def test_tail_is_of_this_command_only(tmp_path: Path) -> None:
    log = tmp_path / "log"
    run("一", ["sh", "-c", "echo earlier"], log, cwd=tmp_path)
    with pytest.raises(SetupError, match="二失败") as caught:
        run("二", ["sh", "-c", "seq 30; exit 3"], log, cwd=tmp_path)
    assert caught.value.tail == [str(n) for n in range(11, 31)]
    assert "earlier" in log.read_text()


@pytest.mark.parametrize(
    ("target", "environ", "code"),
    [("all", {}, 0), ("all", {"CI": "true"}, 1), ("web", {}, 1)],
)
def test_without_its_pages_everything_else_still_runs(
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    target: str,
    environ: dict[str, str],
    code: int,
) -> None:
    def away(*_: object) -> None:
        raise SetupError("连不上软件包源")

    monkeypatch.delenv("CI", raising=False)
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(cli, "_waiting", lambda *_: ["web"])
    monkeypatch.setattr(cli, "check_platform", lambda: None)
    monkeypatch.setattr(cli.web, "build", away)
    assert cli.main([target], tmp_path) == code
    shown = capsys.readouterr()
    assert "连不上软件包源" in shown.out + shown.err
    assert ("其余照常" in shown.out + shown.err) is (code == 0)
