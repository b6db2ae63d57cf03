"""Rasa's own story tests over data/stories and tests/test_stories.yml, in its environment."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def main() -> int:
    """0 if every prediction of every story is right."""
    models = sorted((ROOT / "models").glob("wence-*.tar.gz"), key=lambda p: p.stat().st_mtime_ns)
    if not models:
        print("no model; run make setup")
        return 1
    failed = 0
    stories = ("data/stories", "tests/test_stories.yml")
    for path in stories:
        with tempfile.TemporaryDirectory() as out:
            command = [sys.executable, "-m", "rasa", "test", "core", "--fail-on-prediction-errors"]
            command += ["--model", str(models[-1]), "--stories", path, "--out", out]
            result = subprocess.run(
                command, cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True, text=True
            )
        if result.returncode != 0:
            failed += 1
            print(f"{path}:\n{(result.stdout + result.stderr)[-3000:]}")
    print(f"{len(stories) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
