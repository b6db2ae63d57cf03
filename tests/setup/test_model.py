"""The model is named by what it is made from, and trained when that changes."""

from __future__ import annotations

import os
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from provision import model
from provision.console import SetupError
from tests.setup.fakes import script

FAKE_RASA = """#!/bin/sh
set -e
while [ $# -gt 0 ]; do
  case "$1" in --fixed-model-name) name=$2 ;; --out) out=$2 ;; esac
  shift
done
echo trained >> "$TRAINED"
if [ -n "$FAIL" ]; then echo "$FAIL"; exit 1; fi
if [ -n "$MEDDLE" ] && [ ! -e "$MEDDLE" ]; then echo more > "$MEDDLE"; fi
if [ -n "$EMPTY" ]; then exit 0; fi
tar -czf "$out/$name.tar.gz" -T /dev/null
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "clone"
    files = ("config.yml", "domain.yml", "data/nlu/a.yml", "policies_kb/glossary.yml")
    files += ("bot/rasa/x.py", "bot/policies/query/y.py", "requirements/rasa.txt")
    for name in files:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(name)
    script(root / ".venv-rasa" / "bin" / "python", FAKE_RASA)
    return root


@pytest.fixture
def trained(tmp_path: Path) -> Callable[[], int]:
    note = tmp_path / "trained"
    return lambda: len(note.read_text().split()) if note.exists() else 0


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    return {"PATH": "/usr/bin:/bin", "TRAINED": str(tmp_path / "trained")}


@pytest.mark.parametrize(
    "name",
    [
        "config.yml",
        "domain.yml",
        "data/nlu/a.yml",
        "data/rules/new.yml",
        "policies_kb/glossary.yml",
        "bot/rasa/x.py",
        "bot/rasa/deep/new.py",
        "bot/policies/query/y.py",
        "requirements/rasa.txt",
    ],
)
def test_every_input_counts(root: Path, name: str) -> None:
    before = model.fingerprint(root)
    (root / name).parent.mkdir(parents=True, exist_ok=True)
    (root / name).write_text("changed")
    assert model.fingerprint(root) != before


@pytest.mark.parametrize(
    "name",
    [
        "README.md",
        "credentials.yml",
        "policies_kb/documents/a.yml",
        "bot/app.py",
        "bot/policies/search.py",
        "requirements/dev.txt",
        "data/nlu/.a.yml.swp",
        "data/nlu/a.yml~",
        "bot/rasa/__pycache__/x.cpython-310.pyc",
    ],
)
def test_nothing_else_does(root: Path, name: str) -> None:
    before = model.fingerprint(root)
    (root / name).parent.mkdir(parents=True, exist_ok=True)
    (root / name).write_text("new")
    assert model.fingerprint(root) == before


def test_a_renamed_input_counts(root: Path) -> None:
    before = model.fingerprint(root)
    (root / "data/nlu/a.yml").rename(root / "data/nlu/b.yml")
    assert model.fingerprint(root) != before


def test_missing_input_is_named(root: Path) -> None:
    (root / "domain.yml").unlink()
    with pytest.raises(SetupError, match=r"缺少 domain\.yml"):
        model.fingerprint(root)


def test_trained_once(root: Path, environ: dict[str, str], trained: Callable[[], int]) -> None:
    assert model.current(root) is None
    made = model.train(root, environ, None)
    assert made.name == f"wence-{model.fingerprint(root)}.tar.gz"
    assert tarfile.is_tarfile(made)
    assert model.current(root) == made
    assert sorted(path.name for path in made.parent.iterdir()) == [made.name]
    assert trained() == 1


def test_failure_leaves_no_model(root: Path, environ: dict[str, str]) -> None:
    with pytest.raises(SetupError, match="训练模型失败") as caught:
        model.train(root, {**environ, "FAIL": "YamlException"}, None)
    assert caught.value.tail == ["YamlException"]
    assert model.current(root) is None
    with pytest.raises(SetupError, match="没有得到模型"):
        model.train(root, {**environ, "EMPTY": "1"}, None)
    assert model.current(root) is None


def test_edited_while_training_trains_again(
    root: Path, environ: dict[str, str], trained: Callable[[], int]
) -> None:
    made = model.train(root, {**environ, "MEDDLE": str(root / "data/nlu/late.yml")}, None)
    assert trained() == 2
    assert model.current(root) == made


def test_two_models_are_kept_and_a_change_taken_back_needs_no_training(
    root: Path, environ: dict[str, str], trained: Callable[[], int]
) -> None:
    made = []
    for age, text in enumerate(("one", "two", "three")):
        (root / "config.yml").write_text(text)
        made.append(model.train(root, environ, None))
        os.utime(made[-1], (1000 + age, 1000 + age))
    assert [path.exists() for path in made] == [False, True, True]
    (root / "config.yml").write_text("two")
    assert model.current(root) == made[1]
    assert made[1].stat().st_mtime_ns > made[2].stat().st_mtime_ns
    assert trained() == 3
