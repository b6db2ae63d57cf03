"""npm in ``web/`` with the Node.js that the set-up found or fetched: ``scripts/npm.py test``."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from provision import stamps, web
from provision.console import SetupError, say
from provision.environments import Workshop

ROOT = Path(__file__).resolve().parent.parent


def main() -> int:
    """Install what is locked, then run npm as asked; its exit code."""
    environ = dict(os.environ)
    try:
        with stamps.locked(ROOT / ".tools" / "setup.lock", lambda: None) as lock:
            workshop = Workshop(ROOT, lock, environ)
            found = web.packages(workshop)
    except SetupError as error:
        say(f"✗ {error}")
        return 1
    command = [*found.npm, *sys.argv[1:]]
    return subprocess.call(command, cwd=ROOT / "web", env=web.environment(found, workshop.environ))


if __name__ == "__main__":
    sys.exit(main())
