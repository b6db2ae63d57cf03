"""Find a Python interpreter that really runs.

A pyenv shim answers to ``python3.10`` whether or not that version is active
and exits with 127 when it is not; hence real interpreters are looked for
first, and every candidate is run before it is believed.
"""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path
from typing import Iterator, Mapping, NamedTuple, Sequence, Tuple

__all__ = ["RASA", "SERVICE", "Python", "Wanted", "candidates", "find", "probe"]

Version = Tuple[int, int]

_PROBE = (
    "import sys, ssl, sqlite3, ctypes, zlib, bz2; "
    "print('%d.%d.%d' % sys.version_info[:3]); print(sys.executable)"
)
PROBE_SECONDS = 20


class Wanted(NamedTuple):
    """Which versions will do, the best first."""

    name: str
    versions: Sequence[Version]


class Python(NamedTuple):
    """An interpreter that ran: its path and its version, e.g. ``3.13.0``."""

    path: str
    version: str


SERVICE = Wanted("服务", ((3, 13), (3, 12), (3, 11), (3, 14)))
RASA = Wanted("Rasa ", ((3, 10),))


def candidates(wanted: Wanted, environ: Mapping[str, str]) -> Iterator[str]:
    """Paths that may be such an interpreter: pyenv's versions, then PATH."""
    home = Path(environ.get("HOME", "/nonexistent"))
    roots = [Path(environ["PYENV_ROOT"])] if environ.get("PYENV_ROOT") else []
    if home / ".pyenv" not in roots:
        roots.append(home / ".pyenv")
    for major, minor in wanted.versions:
        name = "python%d.%d" % (major, minor)
        for root in roots:
            found = root.glob("versions/%d.%d*/bin/%s" % (major, minor, name))
            for path in sorted(found, key=_patch, reverse=True):
                yield str(path)
        for folder in environ.get("PATH", "").split(os.pathsep):
            path = Path(folder or ".") / name
            if path.is_file() and os.access(str(path), os.X_OK):
                yield str(path)


def _patch(path: Path) -> tuple[int, ...]:
    return tuple(int(n) for n in re.findall(r"\d+", path.parent.parent.name))


def probe(path: str, wanted: Wanted) -> Python | None:
    """Run the candidate; None where it does not run, is too bare or another version."""
    try:
        done = subprocess.run(
            [path, "-I", "-c", _PROBE],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=PROBE_SECONDS,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    lines = done.stdout.decode("utf-8", "replace").splitlines()
    version = re.match(r"^(\d+)\.(\d+)\.\d+$", lines[0]) if lines else None
    if done.returncode or version is None:
        return None
    if (int(version[1]), int(version[2])) not in wanted.versions:
        return None
    return Python(lines[1] if len(lines) > 1 and lines[1] else path, version[0])


def find(wanted: Wanted, environ: Mapping[str, str]) -> Python | None:
    """The first candidate that runs, or None."""
    for path in candidates(wanted, environ):
        python = probe(path, wanted)
        if python:
            return python
    return None
