"""Logs: one line an event, as JSON; ids, sizes and outcomes, never bodies or secrets."""

from __future__ import annotations

import logging
import sys
from typing import Any, TextIO

import structlog
import structlog.tracebacks

__all__ = ["configure", "get_logger"]


def configure(level: str, stream: TextIO | None = None) -> None:
    """Send every log line of this process to one stream, each as one JSON object.

    Lines of libraries go the same way, at WARNING and above.

    Args:
        level: DEBUG, INFO, WARNING or ERROR, for our own events.
        stream: standard output unless given.
    """
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(stream or sys.stdout)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                # Without local variables: those hold tokens and people's words.
                structlog.processors.ExceptionRenderer(
                    structlog.tracebacks.ExceptionDictTransformer(show_locals=False)
                ),
                structlog.processors.JSONRenderer(ensure_ascii=False),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger("bot").setLevel(level)
    logging.getLogger("actions").setLevel(level)


def get_logger(name: str) -> Any:
    """A logger for a module: ``get_logger(__name__)``."""
    return structlog.stdlib.get_logger(name)
