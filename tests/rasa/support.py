"""What the tests share: databases, trackers, a stub action server, a running Rasa."""

from __future__ import annotations

import asyncio
import atexit
import json
import os
import pwd
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
import unittest
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import lru_cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from unittest import mock

from rasa.shared.core.events import ActionExecuted, BotUttered, SessionStarted, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from bot.rasa.tracker_store import WenceTrackerStore

ROOT = Path(__file__).resolve().parents[2]
QUIET = {
    "RASA_TELEMETRY_ENABLED": "false",
    "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
    "TF_CPP_MIN_LOG_LEVEL": "2",
    "PYTHONWARNINGS": "ignore",
    "TQDM_DISABLE": "1",
    "PYTHONPATH": str(ROOT),
}
TOKEN = "token-of-the-tests"
CARD = {"type": "policy_answer", "clauses": [{"clause_id": "jzf-2022-14.8"}]}
BUTTONS = [{"title": "第一项", "payload": "第一个"}]


def sqlite_url(test: unittest.TestCase) -> str:
    """The URL of a database in a folder of its own, gone after the test."""
    folder = tempfile.mkdtemp(prefix="wence-rasa-")
    test.addCleanup(shutil.rmtree, folder, ignore_errors=True)
    return f"sqlite:///{folder}/sub/rasa.db"


@contextmanager
def tracker_at(url: str, schema: str = "rasa") -> Iterator[WenceTrackerStore]:
    """A tracker store on a database, closed afterwards."""
    variables = {"WENCE_TRACKER_URL": url, "WENCE_TRACKER_SCHEMA": schema}
    with mock.patch.dict(os.environ, variables):
        store = WenceTrackerStore()
    try:
        yield store
    finally:
        store.engine.dispose()


def say(
    tracker: DialogueStateTracker, turn_id: str | None, words: str, *answers: BotUttered
) -> None:
    """Add a finished turn to a tracker."""
    if not tracker.events:
        tracker.update(ActionExecuted("action_session_start"))
        tracker.update(SessionStarted())
        tracker.update(ActionExecuted("action_listen"))
    metadata = {"turn_id": turn_id} if turn_id else None
    tracker.update(UserUttered(words, {"name": "greet"}, metadata=metadata))
    for answer in answers:
        tracker.update(ActionExecuted("utter_greet"))
        tracker.update(answer)
    tracker.update(ActionExecuted("action_listen"))


def run(coroutine: Any) -> Any:
    """Run a coroutine to its end."""
    return asyncio.run(coroutine)


def free_port() -> int:
    """A port of 127.0.0.1 that was free just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@lru_cache(maxsize=1)
def model_file() -> Path:
    """The model named by WENCE_MODEL, else the project's newest, else one trained now (20 s)."""
    if os.environ.get("WENCE_MODEL"):
        return Path(os.environ["WENCE_MODEL"]).resolve()
    models = sorted((ROOT / "models").glob("*.tar.gz"), key=lambda path: path.stat().st_mtime)
    if models:
        return models[-1]
    folder = Path(tempfile.mkdtemp(prefix="wence-model-"))
    command = [sys.executable, "-m", "rasa", "train", "--out", str(folder)]
    subprocess.run(command, cwd=ROOT, env={**os.environ, **QUIET}, check=True, capture_output=True)
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return next(folder.glob("*.tar.gz"))


class StubActions:
    """An action server: answers every call, remembers it, and can be told how to behave.

    Attributes:
        calls: bodies of the calls so far.
        headers: their Authorization headers.
        answer: makes the response from the body; may sleep; None means HTTP 500.
    """

    def __init__(self) -> None:
        self.calls: list[dict[str, Any]] = []
        self.headers: list[str | None] = []
        self.answer: Callable[[dict[str, Any]], dict[str, Any] | None] = self.echo
        stub = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                stub.calls.append(body)
                stub.headers.append(self.headers.get("Authorization"))
                response = stub.answer(body)
                text = json.dumps(response or {"error": "broken"}).encode()
                self.send_response(500 if response is None else 200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                with suppress(BrokenPipeError):  # the caller may have been killed meanwhile
                    self.wfile.write(text)
                    self.wfile.flush()

            def log_message(self, *args: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/webhook"
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    @staticmethod
    def echo(body: dict[str, Any]) -> dict[str, Any]:
        """The answer that names the message: text, buttons and custom in one response."""
        words = body["tracker"]["latest_message"]["text"]
        text = f"{body['next_action']}: {words}\n\n第二段"
        return {"events": [], "responses": [{"text": text, "buttons": BUTTONS, "custom": CARD}]}

    def close(self) -> None:
        """Stop serving."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class Rasa:
    """``rasa run`` as the supervisor starts it, on a port of its own."""

    def __init__(self, tracker_url: str, actions_url: str, schema: str = "rasa") -> None:
        self.port = free_port()
        self.log = tempfile.TemporaryFile()  # noqa: SIM115 (closed in kill)
        self._env = {
            **os.environ,
            **QUIET,
            "WENCE_TRACKER_URL": tracker_url,
            "WENCE_TRACKER_SCHEMA": schema,
            "WENCE_ACTIONS_URL": actions_url,
            "WENCE_INTERNAL_TOKEN": TOKEN,
        }
        command = [
            *(sys.executable, "-m", "rasa", "run", "-i", "127.0.0.1", "-p", str(self.port)),
            *("--model", str(model_file())),
            *("--endpoints", "endpoints.yml", "--credentials", "credentials.yml"),
        ]
        self.process = subprocess.Popen(
            command, cwd=ROOT, env=self._env, stdout=self.log, stderr=self.log
        )

    def wait(self, seconds: float = 180) -> None:
        """Wait until a model is loaded.

        Raises:
            AssertionError: it never was; the message holds Rasa's own words.
        """
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                if self.request("GET", "/webhooks/turn/health")[0] == 200:
                    return
            except OSError:
                time.sleep(0.1)
        raise AssertionError(f"Rasa did not start: {self.words()}")

    def words(self) -> str:
        """All that Rasa has logged."""
        self.log.seek(0)
        return self.log.read().decode(errors="replace")

    def request(
        self, method: str, path: str, body: bytes | None = None, token: str | None = TOKEN
    ) -> tuple[int, Any]:
        """One HTTP request: (status, JSON)."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        url = f"http://127.0.0.1:{self.port}{path}"
        request = urllib.request.Request(url, body, headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=60) as response:
                return response.status, json.loads(response.read())
        except urllib.error.HTTPError as error:
            with error:
                return error.code, json.loads(error.read())

    def turn(self, turn_id: str, message: str, conversation: str = "rest:a") -> tuple[int, Any]:
        """Ask a turn."""
        body = {
            "turn_id": turn_id,
            "conversation": conversation,
            "message": message,
            "metadata": {"channel": "rest", "as_of": "2026-01-02"},
        }
        return self.request("POST", "/webhooks/turn/turns", json.dumps(body).encode())

    def kill(self) -> None:
        """End it at once, as a crash would."""
        self.process.kill()
        self.process.wait()
        self.log.close()


def postgres_bin() -> Path | None:
    """The newest PostgreSQL's programs, or None where it cannot be run here."""
    found = sorted(Path("/usr/lib/postgresql").glob("[0-9]*/bin/initdb"))
    if not found or (os.geteuid() == 0 and not _unprivileged()):
        return None
    return found[-1].parent


def _unprivileged() -> pwd.struct_passwd | None:
    try:
        return pwd.getpwnam("postgres")
    except KeyError:
        return None


@contextmanager
def postgres() -> Iterator[str]:
    """A PostgreSQL of its own; yields the URL of an empty database.

    Raises:
        unittest.SkipTest: there is none here; where CI is "true" an AssertionError.
    """
    bin_dir = postgres_bin()
    if bin_dir is None:
        if os.environ.get("CI") == "true":
            raise AssertionError("PostgreSQL is needed (initdb, postgres)")
        raise unittest.SkipTest("no PostgreSQL here")
    user = _unprivileged() if os.geteuid() == 0 else None
    who: dict[str, Any] = {"user": user.pw_uid, "group": user.pw_gid} if user else {}
    who["env"] = {"PATH": os.environ.get("PATH", ""), "LC_ALL": "C"}
    folder = Path(tempfile.mkdtemp(prefix="wence-postgres-"))
    if user:
        os.chown(folder, user.pw_uid, user.pw_gid)
    port = free_port()
    data = str(folder / "data")
    init = [str(bin_dir / "initdb"), "-D", data, "-U", "wence", "-A", "trust", "-E", "UTF8"]
    serve = [str(bin_dir / "postgres"), "-D", data, "-p", str(port), "-c", "fsync=off"]
    serve += ["-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories="]
    try:
        subprocess.run([*init, "--no-sync"], cwd=folder, check=True, capture_output=True, **who)
        with tempfile.TemporaryFile() as log:
            server = subprocess.Popen(serve, cwd=folder, stdout=log, stderr=log, **who)
            try:
                url = f"postgresql://wence@127.0.0.1:{port}/postgres"
                _wait_for(url)
                yield url
            finally:
                server.terminate()
                server.wait()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _wait_for(url: str) -> None:
    import psycopg2

    deadline = time.monotonic() + 60
    while True:
        try:
            psycopg2.connect(url).close()
            return
        except psycopg2.OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)
