"""Log lines: one JSON object each, and neither secrets nor people's words in a traceback."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from bot import logs


@pytest.fixture
def restored() -> Iterator[None]:
    """Logging as it was, afterwards."""
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield
    root.handlers[:], root.level = handlers, level
    structlog.reset_defaults()


def fail(token: str, question: str) -> None:
    words = f"{question}!"
    raise ValueError(len(words) + len(token))


def test_a_failure_is_one_line_without_local_variables(restored: None) -> None:
    stream = io.StringIO()
    logs.configure("INFO", stream)
    log = logs.get_logger("bot.test_logs")
    try:
        fail("secret-token", "我叫王小二")
    except ValueError as error:
        log.error("request_failed", path="/x", exc_info=error)
    log.info("turn_answered", turn_id="t-1")
    failed, answered = (json.loads(line) for line in stream.getvalue().splitlines())
    assert failed["event"] == "request_failed"
    assert failed["exception"][0]["exc_type"] == "ValueError"
    assert answered["turn_id"] == "t-1"
    assert "secret-token" not in stream.getvalue()
    assert "王小二" not in stream.getvalue()
