"""Which interpreter is taken: one that runs, a real one before a shim."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from provision.pythons import RASA, SERVICE, Wanted, find, probe
from tests.setup.fakes import Clone, interpreter, script, shim


@pytest.fixture
def clone(tmp_path: Path) -> Clone:
    return Clone(tmp_path)


def test_an_inactive_shim_is_skipped(clone: Clone) -> None:
    shim(clone.bin / "python3.10")
    assert find(RASA, clone.environ) is None
    clone.with_pyenv("3.10.13")
    found = find(RASA, clone.environ)
    assert found is not None
    assert found.version == "3.10.13"
    assert ".pyenv/versions/3.10.13" in found.path


def test_a_shim_does_not_hide_another_on_the_path(clone: Clone, tmp_path: Path) -> None:
    shim(clone.bin / "python3.10")
    real = interpreter(tmp_path / "later" / "python3.10", "3.10.4")
    clone.environ["PATH"] += f":{real.parent}"
    found = find(RASA, clone.environ)
    assert found == (str(real), "3.10.4")


def test_highest_patch_release_first(clone: Clone) -> None:
    clone.with_pyenv("3.10.9", "3.10.13", "3.10.2")
    found = find(RASA, clone.environ)
    assert found is not None
    assert found.version == "3.10.13"


def test_pyenv_root_is_honoured(clone: Clone, tmp_path: Path) -> None:
    root = tmp_path / "elsewhere"
    interpreter(root / "versions" / "3.10.1" / "bin" / "python3.10", "3.10.1")
    clone.environ["PYENV_ROOT"] = str(root)
    found = find(RASA, clone.environ)
    assert found is not None
    assert found.version == "3.10.1"


@pytest.mark.parametrize("version", ["3.10.13", "3.15.0"])
def test_versions_outside_the_range_are_refused(clone: Clone, version: str) -> None:
    liar = interpreter(clone.bin / "python3.13", version)
    assert probe(str(liar), SERVICE) is None


@pytest.mark.parametrize("text", ["", "exit 1", "echo nonsense", "echo 3.10", "echo x.y.z; echo"])
def test_what_answers_nonsense_is_no_python(clone: Clone, text: str) -> None:
    path = script(clone.bin / "python3.13", f"#!/bin/sh\n{text}\n")
    assert probe(str(path), SERVICE) is None


def test_this_very_interpreter_passes_the_probe() -> None:
    mine = sys.version_info[:2]
    found = probe(sys.executable, Wanted("this", (mine,)))
    assert found is not None
    assert found.version == ".".join(map(str, sys.version_info[:3]))
