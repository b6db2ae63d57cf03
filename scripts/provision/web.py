"""The web pages: their packages as locked, and the built files that the service serves."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Iterator

from provision import node, stamps
from provision.console import SetupError, run
from provision.environments import STAMP, Workshop

__all__ = ["BUILT", "build", "current", "environment", "inputs", "packages"]

RECIPE = "1"
"""Raised whenever the way the pages are built changes."""

BUILT = ("widget/index.html", "widget/widget.js", "desk/index.html")
"""What a build leaves in ``web/dist``; without one of them it is not whole."""

_NOT_INPUT = frozenset({"node_modules", "dist"})
ATTEMPTS = 3


def inputs(root: Path) -> Iterator[Path]:
    """Every file the pages are made from, in a fixed order."""
    web = root / "web"
    for folder, folders, files in os.walk(str(web)):
        folders[:] = sorted(set(folders) - _NOT_INPUT)
        for name in sorted(files):
            if not name.endswith(("~", ".swp", ".orig")):
                yield Path(folder) / name


def _key(root: Path) -> str:
    parts: list[str | Path] = [RECIPE]
    for path in inputs(root):
        parts += [path.relative_to(root).as_posix(), path]
    return stamps.digest(*parts)


def current(root: Path) -> bool:
    """Whether the built pages are whole and made from today's files."""
    dist = root / "web" / "dist"
    record = stamps.read(dist / STAMP)
    if record is None or record.get("key") != _key(root):
        return False
    return all((dist / name).is_file() for name in BUILT)


def environment(found: node.Node, environ: dict[str, str]) -> dict[str, str]:
    """The variables that npm and what it starts run in."""
    path = os.pathsep.join((str(Path(found.path).parent), environ.get("PATH", "")))
    return dict(environ, PATH=path, NO_UPDATE_NOTIFIER="1", CI="1")


def packages(workshop: Workshop) -> node.Node:
    """Install the packages as locked, where that is not done; the Node.js to use them with.

    Raises:
        SetupError: they cannot be had.
    """
    found = node.provide(workshop)
    web = workshop.root / "web"
    stamp = web / "node_modules" / STAMP
    manifests = sorted(web.glob("*/package.json"))
    # Compiled parts belong to a platform, not to a version of Node.js.
    key = stamps.digest(RECIPE, str(web), web / "package-lock.json", *manifests)
    record = stamps.read(stamp)
    if record is None or record.get("key") != key:
        stamps.remove(stamp)
        _run(workshop, found, "网页：安装依赖", ["ci", "--no-audit", "--no-fund"])
        stamps.write(stamp, {"key": key})
    return found


def build(workshop: Workshop) -> None:
    """Build the pages.

    Raises:
        SetupError: they cannot be built, or change all the while.
    """
    root = workshop.root
    dist = root / "web" / "dist"
    for _ in range(ATTEMPTS):
        found = packages(workshop)
        key = _key(root)
        if dist.exists():
            stamps.remove(dist / STAMP)
        _run(workshop, found, "网页：构建", ["run", "build"])
        missing = [name for name in BUILT if not (dist / name).is_file()]
        if missing:
            raise SetupError("网页构建结束却没有得到 %s" % "、".join(missing))
        if _key(root) != key:
            continue  # edited meanwhile: which state was built cannot be known
        stamps.write(dist / STAMP, {"key": key})
        return
    raise SetupError("构建期间网页文件一直在变，请改完后重试")


def _run(workshop: Workshop, found: node.Node, title: str, arguments: list[str]) -> None:
    held = () if workshop.lock is None else (workshop.lock,)
    run(
        title,
        [*found.npm, *arguments],
        workshop.logs / "setup-web.log",
        cwd=workshop.root / "web",
        env=environment(found, workshop.environ),
        keep_open=held,
    )
