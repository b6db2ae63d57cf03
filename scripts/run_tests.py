"""Every test, suite by suite, with the time of each; what `make test` calls.

The suites of the service run under pytest in its environment, those of Rasa's
components under unittest in Rasa's. Exit code 1 if anything failed.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
RASA = ROOT / ".venv-rasa" / "bin" / "python"


@dataclass(frozen=True)
class Suite:
    """A named command; its last lines tell how many tests passed."""

    name: str
    command: list[str]
    environ: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Result:
    """What a suite came to."""

    name: str
    passed: int
    failed: int
    skipped: int
    seconds: float


def pytest_suite(name: str, *paths: str) -> Suite:
    return Suite(name, [sys.executable, "-m", "pytest", "-q", *paths])


def spread_suite(name: str, *paths: str) -> Suite:
    """A suite that only computes, file by file on two processors."""
    return pytest_suite(name, "-n", "2", "--dist", "loadfile", *paths)


def npm_suite(name: str, workspace: str) -> Suite:
    command = [sys.executable, "scripts/npm.py", "test", "-w", workspace]
    return Suite(name, command, {"NO_COLOR": "1"})


def suites() -> list[Suite]:
    rasa_environ = {
        "RASA_TELEMETRY_ENABLED": "false",
        "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
        "TF_CPP_MIN_LOG_LEVEL": "2",
        "PYTHONPATH": str(ROOT),
        "PYTHONWARNINGS": "ignore",
        "LOG_LEVEL": "ERROR",
        "WENCE_ACTIONS_URL": "http://127.0.0.1:9/webhook",
        "WENCE_INTERNAL_TOKEN": "test",
    }
    stories = [str(RASA), "scripts/test_stories.py"]
    return [
        spread_suite("knowledge", "tests/policies", "tests/importer", "tests/test_knowledge.py"),
        pytest_suite("eligibility", "tests/eligibility"),
        pytest_suite(
            "house",
            "tests/test_settings.py",
            "tests/test_logs.py",
            "tests/test_architecture.py",
            "tests/docs",
        ),
        pytest_suite("set-up", "tests/setup"),
        pytest_suite("supervisor", "tests/supervisor"),
        pytest_suite("storage", "tests/storage"),
        pytest_suite("conversations", "tests/conversations"),
        pytest_suite("channels", "tests/channels", "tests/platforms"),
        pytest_suite("interfaces", "tests/api"),
        pytest_suite("desk", "tests/desk"),
        npm_suite("chat page", "widget"),
        npm_suite("desk page", "desk"),
        Suite(
            "rasa components",
            [str(RASA), "-m", "unittest", "discover", "-s", "tests/rasa", "-t", "."],
            rasa_environ,
        ),
        Suite("rasa stories", stories, rasa_environ),
        pytest_suite("command line", "tests/cli"),
        pytest_suite("whole stack", "tests/integration"),
        pytest_suite("browser", "tests/e2e"),
    ]


def counted(output: str) -> tuple[int, int, int]:
    """Passed, failed and skipped, from the closing lines of pytest or unittest."""
    numbers = {"passed": 0, "failed": 0, "error": 0, "skipped": 0}
    lines = [line for line in output.splitlines() if re.search(r"\d+ (passed|failed|error)", line)]
    if lines:
        for count, word in re.findall(r"(\d+) (passed|failed|error|skipped)", lines[-1]):
            numbers[word] = int(count)
    ran = re.findall(r"^Ran (\d+) tests?", output, re.M)
    if ran:
        bad = sum(int(n) for n in re.findall(r"(?:failures|errors)=(\d+)", output))
        skipped = sum(int(n) for n in re.findall(r"skipped=(\d+)", output))
        numbers["failed"] += bad
        numbers["skipped"] += skipped
        numbers["passed"] += int(ran[-1]) - bad - skipped
    return numbers["passed"], numbers["failed"] + numbers["error"], numbers["skipped"]


def run(suite: Suite) -> Result:
    print(f"\n── {suite.name} ──", flush=True)
    started = time.monotonic()
    process = subprocess.Popen(
        suite.command,
        cwd=ROOT,
        env={**os.environ, **suite.environ},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    )
    assert process.stdout is not None
    lines = []
    for line in process.stdout:
        print(line, end="", flush=True)
        lines.append(line)
    code = process.wait()
    passed, failed, skipped = counted("".join(lines))
    if code != 0 and failed == 0:
        failed = 1  # it broke before it could count
    if code == 0 and passed == 0:
        print(f"{suite.name}: no test ran")
        failed = 1
    return Result(suite.name, passed, failed, skipped, time.monotonic() - started)


def main() -> int:
    """Run all suites, or those whose name holds one of the words given."""
    parser = argparse.ArgumentParser(description="run the test suites")
    parser.add_argument("words", nargs="*", help="only suites whose name holds one of these")
    words = parser.parse_args().words
    chosen = [s for s in suites() if not words or any(word in s.name for word in words)]
    results = [run(suite) for suite in chosen]
    print("\nsuite                    passed  failed  skipped  seconds")
    for row in results:
        counts = f"{row.passed:>6}  {row.failed:>6}  {row.skipped:>7}"
        print(f"{row.name:<24} {counts}  {row.seconds:>7.1f}")
    total = sum(row.seconds for row in results)
    passed, failed, skipped = (
        sum(getattr(row, key) for row in results) for key in ("passed", "failed", "skipped")
    )
    print(f"{'all':<24} {passed:>6}  {failed:>6}  {skipped:>7}  {total:>7.1f}\n")
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    return 1 if failed or not results else 0


if __name__ == "__main__":
    sys.exit(main())
