"""Environments are made once, remade when stale or half made, and never otherwise."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from provision.console import SetupError
from provision.environments import RASA, SERVICE, STAMP, check_platform
from tests.setup.fakes import Clone, interpreter, script

ALL_STEPS = ["venv --quiet", "pip sync", "pip install"]


@pytest.fixture
def clone(tmp_path: Path) -> Clone:
    return Clone(tmp_path).with_pyenv("3.13.0", "3.10.13")


def test_made_once(clone: Clone) -> None:
    assert not clone.workshop.current(SERVICE)
    assert clone.workshop.make(SERVICE)
    assert clone.calls() == ALL_STEPS
    assert clone.workshop.current(SERVICE)
    assert not clone.workshop.make(SERVICE)
    assert clone.calls() == []


def test_rasa_gets_its_own_python_and_not_the_project(clone: Clone) -> None:
    assert clone.workshop.make(RASA)
    assert clone.calls() == ["venv --quiet", "pip sync"]
    python = (clone.root / ".venv-rasa" / "bin" / "python").resolve()
    assert python.name == "python3.10"


def test_changed_lock_is_installed_into_the_same_environment(clone: Clone) -> None:
    clone.workshop.make(SERVICE)
    clone.calls()
    (clone.root / "requirements" / "dev.txt").write_text("two\n")
    assert not clone.workshop.current(SERVICE)
    clone.workshop.make(SERVICE)
    assert clone.calls() == ["pip sync", "pip install"]


def test_changed_project_file_installs_the_project_only(clone: Clone) -> None:
    clone.workshop.make(SERVICE)
    clone.calls()
    (clone.root / "pyproject.toml").write_text("[project]\nname='x'\n")
    clone.workshop.make(SERVICE)
    assert clone.calls() == ["pip install"]


@pytest.mark.parametrize("lock", ["rasa.txt", "service.txt"])
def test_another_lock_changes_nothing(clone: Clone, lock: str) -> None:
    clone.workshop.make(SERVICE)
    (clone.root / "requirements" / lock).write_text("two\n")
    assert clone.workshop.current(SERVICE)


def test_killed_in_the_middle_is_made_anew(clone: Clone) -> None:
    (clone.root / ".venv" / "bin").mkdir(parents=True)
    leftover = clone.root / ".venv" / "leftover"
    leftover.touch()
    assert not clone.workshop.current(SERVICE)
    clone.workshop.make(SERVICE)
    assert clone.calls() == ALL_STEPS
    assert not leftover.exists()


def test_a_failing_step_leaves_no_stamp(clone: Clone) -> None:
    clone.workshop.make(SERVICE)
    (clone.root / "requirements" / "dev.txt").write_text("two\n")
    clone.environ["FAIL_SYNC"] = "No space left on device (os error 28)"
    with pytest.raises(SetupError, match="磁盘空间不足") as caught:
        clone.workshop.make(SERVICE)
    assert caught.value.tail == ["No space left on device (os error 28)"]
    assert caught.value.log is not None
    assert "pip sync" in caught.value.log.read_text()
    assert not (clone.root / ".venv" / STAMP).exists()
    del clone.environ["FAIL_SYNC"]
    clone.calls()
    clone.workshop.make(SERVICE)
    assert clone.calls() == ALL_STEPS


def test_damaged_stamp_counts_as_none(clone: Clone) -> None:
    clone.workshop.make(SERVICE)
    (clone.root / ".venv" / STAMP).write_text("{")
    assert not clone.workshop.current(SERVICE)


def test_interpreter_gone_is_made_anew_with_another(clone: Clone) -> None:
    clone.workshop.make(SERVICE)
    clone.calls()
    shutil.rmtree(clone.home / ".pyenv" / "versions" / "3.13.0")
    interpreter(clone.bin / "python3.12", "3.12.1")
    assert not clone.workshop.current(SERVICE)
    clone.workshop.make(SERVICE)
    assert clone.calls() == ALL_STEPS


def test_moved_clone_is_stale(clone: Clone) -> None:
    clone.workshop.make(SERVICE)
    moved = clone.root.with_name("elsewhere")
    clone.root.rename(moved)
    clone.root = moved
    assert not clone.workshop.current(SERVICE)


def test_python_is_downloaded_where_there_is_none(tmp_path: Path) -> None:
    clone = Clone(tmp_path)
    clone.workshop.make(RASA)
    assert clone.calls() == ["python install", "venv --quiet", "pip sync"]
    python = (clone.root / ".venv-rasa" / "bin" / "python").resolve()
    assert python.is_relative_to(clone.root / ".tools" / "python")


def test_no_python_to_be_had_is_one_line(tmp_path: Path) -> None:
    clone = Clone(tmp_path)
    clone.environ["FAIL_INSTALL"] = "yes"
    with pytest.raises(SetupError, match=r"缺少 Python 3\.10（Rasa 环境用）") as caught:
        clone.workshop.make(RASA)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("system", "machine", "libc"),
    [
        ("Darwin", "arm64", ""),
        ("Linux", "aarch64", "glibc 2.36"),
        ("Linux", "x86_64", "musl"),
    ],
)
def test_other_platforms_are_named(
    monkeypatch: pytest.MonkeyPatch, system: str, machine: str, libc: str
) -> None:
    monkeypatch.setattr("platform.system", lambda: system)
    monkeypatch.setattr("platform.machine", lambda: machine)
    monkeypatch.setattr("os.confstr", lambda name: libc)
    with pytest.raises(SetupError, match=f"Linux x86-64.*{system} {machine}"):
        check_platform()


def test_installers_are_not_led_astray(clone: Clone) -> None:
    clone.environ.update(PYTHONPATH="/x", VIRTUAL_ENV="/y", UV_PYTHON="2.7", KEPT="1")
    environ = clone.workshop.environ
    assert not {"PYTHONPATH", "VIRTUAL_ENV", "UV_PYTHON"} & environ.keys()
    assert environ["KEPT"] == "1"


_BARE_PYTHON = """#!/bin/sh
PATH=/usr/bin:/bin
echo "$@" >> "$CALLS"
case "$2 $3" in
  "pip --version") [ -z "$NO_PIP" ] || exit 1 ;;
  "pip install")
    for folder; do :; done
    mkdir -p "$folder/bin" && printf '#!/bin/sh\\n' > "$folder/bin/uv"
    chmod +x "$folder/bin/uv" ;;
  *) exit 1 ;;
esac
"""


@pytest.fixture
def bare(clone: Clone, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Clone:
    """A clone without uv on a machine whose python3 has no venv."""
    shutil.rmtree(clone.root / ".tools")
    monkeypatch.setattr("sys.executable", str(script(tmp_path / "bare", _BARE_PYTHON)))
    return clone


def test_uv_without_venv_comes_by_pip(bare: Clone) -> None:
    uv = bare.workshop.uv()
    assert uv == str(bare.root / ".tools" / "uv" / "bin" / "uv")
    assert bare.calls()[-1] == "-m pip"
    assert bare.workshop.uv() == uv
    assert bare.calls() == []


def test_changed_pin_fetches_uv_again(bare: Clone) -> None:
    bare.workshop.uv()
    bare.calls()
    (bare.root / "requirements" / "uv.txt").write_text("two\n")
    bare.workshop.uv()
    assert bare.calls()[-1] == "-m pip"


def test_neither_venv_nor_pip_says_what_to_install(bare: Clone) -> None:
    bare.environ["NO_PIP"] = "1"
    with pytest.raises(SetupError, match="apt install python3-venv"):
        bare.workshop.uv()
    assert not (bare.root / ".tools" / "uv").exists()
