"""The lock files: everything pinned and hashed, no address, no path of any machine."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bot.settings import project_root

FOLDER = project_root() / "requirements"
LOCKS = sorted(FOLDER.glob("*.txt"))
PINNED = re.compile(r"^([a-z0-9][a-z0-9._-]*)(\[[a-z,]+\])?==([^\s;]+)( ; [^\\]+)? \\$")
HASH = re.compile(r"^    --hash=sha256:[0-9a-f]{64}( \\)?$")
COMMENT = re.compile(r"^ *#( .*)?$")


def requirements(path: Path) -> dict[str, set[str]]:
    """Name to versions (a universal lock may hold several, by marker)."""
    found: dict[str, set[str]] = {}
    for line in path.read_text("utf-8").splitlines():
        if match := PINNED.match(line):
            found.setdefault(match[1], set()).add(match[3])
    return found


def test_all_locks_are_there() -> None:
    names = {path.name for path in LOCKS} - {"rasa-overrides.txt"}
    assert names == {"dev.txt", "node.txt", "rasa.txt", "service.txt", "uv.txt"}


@pytest.mark.parametrize("path", LOCKS, ids=lambda path: path.name)
def test_no_address_and_no_path(path: Path) -> None:
    for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
        assert "://" not in line, number
        assert not re.search(r"--(extra-)?index|--find-links|--trusted-host|(^|\s)-[if]\s", line)
        assert not re.search(r"(^|[\s@=])(/|\.\.?/|~/|file:)", line), number


@pytest.mark.parametrize("name", ["dev.txt", "node.txt", "rasa.txt", "service.txt", "uv.txt"])
def test_every_requirement_is_pinned_and_hashed(name: str) -> None:
    lines = (FOLDER / name).read_text("utf-8").splitlines()
    pinned = 0
    for line, following in zip(lines, [*lines[1:], ""], strict=True):
        if PINNED.match(line):
            pinned += 1
            assert HASH.match(following), line
        else:
            assert HASH.match(line) or COMMENT.match(line), line
    assert pinned >= 1
    assert "make lock" in lines[1]


def test_development_runs_what_production_runs() -> None:
    dev = requirements(FOLDER / "dev.txt")
    for name, versions in requirements(FOLDER / "service.txt").items():
        assert dev[name] == versions


def test_rasa_is_the_version_the_house_is_built_on() -> None:
    rasa = requirements(FOLDER / "rasa.txt")
    assert rasa["rasa"] == {"3.6.21"}
    assert rasa["tensorflow-cpu"] == {"2.12.0"}
    assert not {"tensorflow", "jax", "jaxlib", "libclang", "tensorboard"} & rasa.keys()
