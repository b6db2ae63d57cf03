"""A small clone whose interpreters and installer are scripts that only pretend."""

from __future__ import annotations

from pathlib import Path

from provision import stamps
from provision.environments import RECIPE, STAMP, Workshop

FAKE_UV = """#!/bin/sh
PATH=/usr/bin:/bin
echo "$@" >> "$CALLS"
case "$1 $2" in
  "venv --quiet")
    for folder; do :; done
    mkdir -p "$folder/bin" && ln -sf "$5" "$folder/bin/python" ;;
  "pip sync")
    if [ -n "$FAIL_SYNC" ]; then echo "$FAIL_SYNC" >&2; exit 2; fi ;;
  "python install")
    if [ -n "$FAIL_INSTALL" ]; then echo "dns error" >&2; exit 2; fi
    mkdir -p "$UV_PYTHON_INSTALL_DIR/fake/bin"
    printf '#!/bin/sh\\necho %s.4\\necho "$0"\\n' "$4" > "$UV_PYTHON_INSTALL_DIR/fake/bin/python$4"
    chmod +x "$UV_PYTHON_INSTALL_DIR/fake/bin/python$4" ;;
esac
"""


def script(path: Path, text: str) -> Path:
    """An executable file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)
    return path


def interpreter(path: Path, version: str) -> Path:
    """A Python that answers the probe and can do nothing else."""
    return script(path, f'#!/bin/sh\necho {version}\necho "$0"\n')


def shim(path: Path) -> Path:
    """What pyenv leaves for a version that is not active."""
    return script(path, '#!/bin/sh\necho "pyenv: command not found" >&2\nexit 127\n')


class Clone:
    """A clone in a temporary folder; ``calls`` are what the installer was asked for."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "clone"
        self.home = folder / "home"
        self.bin = folder / "bin"
        self._calls = folder / "calls"
        requirements = self.root / "requirements"
        requirements.mkdir(parents=True)
        for name in ("uv.txt", "rasa.txt", "dev.txt"):
            (requirements / name).write_text(f"{name} one\n")
        (self.root / "pyproject.toml").write_text("[project]\n")
        self.bin.mkdir()
        self.environ = {
            "HOME": str(self.home),
            "PATH": str(self.bin),  # none of this machine's interpreters
            "CALLS": str(self._calls),
        }
        uv = script(folder / "uv", FAKE_UV)
        stamp = self.root / ".tools" / "uv" / STAMP
        stamp.parent.mkdir(parents=True)
        key = stamps.digest(RECIPE, requirements / "uv.txt")
        stamps.write(stamp, {"key": key, "uv": str(uv)})

    def with_pyenv(self, *versions: str) -> Clone:
        for version in versions:
            major_minor = version.rsplit(".", 1)[0]
            path = self.home / ".pyenv" / "versions" / version / "bin" / f"python{major_minor}"
            interpreter(path, version)
        return self

    @property
    def workshop(self) -> Workshop:
        return Workshop(self.root, None, self.environ)

    def calls(self) -> list[str]:
        """The installer's calls since the last question."""
        try:
            lines = self._calls.read_text().splitlines()
        except FileNotFoundError:
            return []
        self._calls.unlink()
        return [" ".join(line.split()[:2]) for line in lines]
