"""The tools and the two Python environments.

``.tools/uv`` holds the pinned installer, ``.venv`` the service with what its
development needs, ``.venv-rasa`` Rasa alone. Each holds its own stamp: an
environment without one is half made and is made anew.
"""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

from provision import pythons, stamps
from provision.console import SetupError, run

__all__ = ["RASA", "SERVICE", "Environment", "Workshop", "check_platform"]

RECIPE = "1"
"""Raised whenever the way an environment is made changes."""

STAMP = ".wence-stamp.json"


_UNWANTED = frozenset(
    {
        "CONDA_PREFIX",
        "PIP_REQUIRE_VIRTUALENV",
        "PIP_TARGET",
        "PIP_USER",
        "PYTHONHOME",
        "PYTHONPATH",
        "UV_PROJECT_ENVIRONMENT",
        "UV_PYTHON",
        "UV_SYSTEM_PYTHON",
        "VIRTUAL_ENV",
    }
)
"""Variables that would send an installer to another environment than the one meant."""


class Environment(NamedTuple):
    """One virtual environment: where it is, what goes in, which Python."""

    title: str
    folder: str
    lock: str
    wanted: pythons.Wanted
    project: bool
    """Whether the project itself is installed too, editable."""


SERVICE = Environment("服务环境", ".venv", "dev.txt", pythons.SERVICE, True)
RASA = Environment("Rasa 环境", ".venv-rasa", "rasa.txt", pythons.RASA, False)


def check_platform() -> None:
    """The lock files hold wheels for Linux on x86-64 with glibc only.

    Raises:
        SetupError: this machine is another.
    """
    system, machine = platform.system(), platform.machine()
    try:
        libc = os.confstr("CS_GNU_LIBC_VERSION") or ""
    except (ValueError, OSError):
        libc = ""
    if system == "Linux" and machine in ("x86_64", "AMD64") and libc.startswith("glibc"):
        return
    kind = "glibc" if libc.startswith("glibc") else "非 glibc"
    raise SetupError(
        "锁定的依赖只适用于 Linux x86-64（glibc），当前是 %s %s（%s）" % (system, machine, kind)
    )


class Workshop:
    """Makes what is missing or stale under one clone.

    Args:
        root: the clone.
        lock: descriptor of the set-up's lock, handed to every command.
        environ: the environment to look for interpreters and to run in.
    """

    def __init__(self, root: Path, lock: int | None, environ: dict[str, str]) -> None:
        self.root = root
        self.lock = lock
        self.environ = {k: v for k, v in environ.items() if k not in _UNWANTED}
        self.logs = root / "var" / "log"

    # -- the installer ---------------------------------------------------

    @property
    def _uv_folder(self) -> Path:
        return self.root / ".tools" / "uv"

    def uv(self) -> str:
        """Path of the pinned uv; fetched first where it is missing or another version.

        Raises:
            SetupError: it can be had in none of the ways tried.
        """
        stamp = self._uv_folder / STAMP
        key = stamps.digest(RECIPE, self.root / "requirements" / "uv.txt")
        record = stamps.read(stamp)
        if record and record.get("key") == key and os.access(str(record.get("uv")), os.X_OK):
            return str(record["uv"])
        _clear(self._uv_folder)
        path = self._fetch_uv()
        stamps.write(stamp, {"key": key, "uv": path})
        return path

    def _fetch_uv(self) -> str:
        folder, lock = self._uv_folder, str(self.root / "requirements" / "uv.txt")
        # A clone's own .venv may be what runs this; it must not depend on that.
        python = os.path.realpath(sys.executable)
        options = ["install", "--quiet", "--require-hashes", "--only-binary=:all:", "-r", lock]
        title, log = "获取安装工具 uv", self.logs / "setup-tools.log"
        for module in (["venv"], ["virtualenv", "--quiet"]):
            if self._quietly([python, "-m", *module, str(folder)]):
                self._run(title, [str(folder / "bin" / "python"), "-m", "pip", *options], log)
                return str(folder / "bin" / "uv")
            _clear(folder)
        if self._quietly([python, "-m", "pip", "--version"]):
            target = ["--no-warn-script-location", "--target", str(folder)]
            self._run(title, [python, "-m", "pip", *options, *target], log)
            return str(folder / "bin" / "uv")
        raise SetupError(
            "%s 没有 venv 也没有 pip，请先安装（Debian/Ubuntu：apt install python3-venv）" % python
        )

    def _quietly(self, command: list[str]) -> bool:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=self.environ,
        )
        return done.returncode == 0

    def _run(self, title: str, command: list[str], log: Path, **extra: str) -> None:
        held = () if self.lock is None else (self.lock,)
        env = dict(self.environ, **extra)
        run(title, command, log, cwd=self.root, env=env, keep_open=held)

    # -- an environment --------------------------------------------------

    def current(self, environment: Environment) -> bool:
        """Whether the environment is complete and made from today's inputs."""
        record = stamps.read(self.root / environment.folder / STAMP)
        return (
            record is not None
            and record.get("key") == self._key(environment)
            and record.get("project") == self._project_key(environment)
            and self._python_stands(environment, record)
        )

    def make(self, environment: Environment) -> bool:
        """Make the environment current; True where anything had to be done.

        Raises:
            SetupError: it cannot be made.
        """
        if self.current(environment):
            return False
        folder = self.root / environment.folder
        stamp = folder / STAMP
        uv = self.uv()
        record = stamps.read(stamp)
        key, project = self._key(environment), self._project_key(environment)
        stamps.remove(stamp)
        if record is None or not self._python_stands(environment, record):
            record = self._make_empty(environment, uv)
        python = str(folder / "bin" / "python")
        log = self.logs / ("setup-%s.log" % environment.folder.lstrip("."))
        if record.get("key") != key:
            lock = str(self.root / "requirements" / environment.lock)
            # Compiled here, once: processes started with PYTHONDONTWRITEBYTECODE
            # would otherwise compile all of Rasa at each start.
            options = ["--quiet", "--require-hashes", "--compile-bytecode", "--python", python]
            title = "%s：安装依赖" % environment.title
            self._run(title, [uv, "pip", "sync", *options, lock], log)
            record.pop("project", None)
        if environment.project and record.get("project") != project:
            options = ["--quiet", "--no-deps", "--no-build-isolation", "--python", python]
            self._run(
                "%s：安装本项目" % environment.title,
                [uv, "pip", "install", *options, "-e", "."],
                log,
            )
        record.update(key=key, project=project)
        stamps.write(stamp, record)
        return True

    def _make_empty(self, environment: Environment, uv: str) -> dict[str, Any]:
        folder = self.root / environment.folder
        _clear(folder)
        python = pythons.find(environment.wanted, self.environ)
        if python is None:
            python = self._download_python(environment.wanted, uv)
        command = [uv, "venv", "--quiet", "--no-project", "--python", python.path, str(folder)]
        self._run(
            "%s：新建（Python %s）" % (environment.title, python.version),
            command,
            self.logs / ("setup-%s.log" % environment.folder.lstrip(".")),
        )
        return {"python": os.path.realpath(str(folder / "bin" / "python")), "root": str(self.root)}

    def _download_python(self, wanted: pythons.Wanted, uv: str) -> pythons.Python:
        version = "%d.%d" % wanted.versions[0]
        folder = self.root / ".tools" / "python"
        log = self.logs / "setup-python.log"
        extra = {"UV_PYTHON_INSTALL_DIR": str(folder)}
        try:
            install = [uv, "python", "install", "--no-bin", version]
            self._run("下载 Python %s" % version, install, log, **extra)
        except SetupError as error:
            raise SetupError(
                "缺少 Python %s（%s环境用），也下载不到；请用 pyenv 等装好后重试"
                % ("、".join("%d.%d" % v for v in sorted(wanted.versions)), wanted.name),
                error.tail,
                error.log,
            ) from error
        for path in sorted(folder.glob("*/bin/python%s" % version)):
            python = pythons.probe(str(path), wanted)
            if python:
                return python
        raise SetupError("下载的 Python %s 不能运行" % version, log=log)

    def _key(self, environment: Environment) -> str:
        # The scripts of an environment hold its absolute path: a moved clone is stale.
        lock = self.root / "requirements" / environment.lock
        return stamps.digest(RECIPE, str(self.root), lock)

    def _project_key(self, environment: Environment) -> str | None:
        if not environment.project:
            return None
        return stamps.digest(RECIPE, self.root / "pyproject.toml")

    def _python_stands(self, environment: Environment, record: dict[str, Any]) -> bool:
        """Whether the interpreter below is still the one the environment was made with."""
        python = self.root / environment.folder / "bin" / "python"
        real = os.path.realpath(str(python))
        return (
            record.get("root") == str(self.root)
            and record.get("python") == real
            and os.access(real, os.X_OK)
        )


def _clear(folder: Path) -> None:
    if folder.is_symlink():
        folder.unlink()
    elif folder.exists():
        shutil.rmtree(str(folder))
