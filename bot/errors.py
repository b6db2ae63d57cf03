"""The one exception tree of the project.

Everything that WenCe raises on purpose derives from :class:`WenceError`.
Errors are caught at the edges only (HTTP handlers, the command line, the
supervisor), where they become a status code, an exit code or a sentence.
"""

from __future__ import annotations

__all__ = [
    "ConflictError",
    "KnowledgeError",
    "NotFoundError",
    "OverloadedError",
    "RasaUnavailableError",
    "RequestError",
    "SettingsError",
    "StorageError",
    "WenceError",
]


class WenceError(Exception):
    """Root of the tree. The message is fit to be shown to a person."""


class SettingsError(WenceError):
    """A setting is missing or malformed; the message names the variable."""


class StorageError(WenceError):
    """The database, a migration or a backup archive cannot be used."""


class KnowledgeError(WenceError):
    """policies_kb holds a fault; one line a fault: file, line, key, what is wrong."""

    def __init__(self, faults: list[str]) -> None:
        self.faults = faults
        super().__init__("\n".join(faults))


class NotFoundError(WenceError):
    """What was asked for by its id is not there."""


class ConflictError(WenceError):
    """The request contradicts what is already recorded (HTTP 409)."""


class OverloadedError(WenceError):
    """A bound was reached: too many messages waiting (HTTP 429)."""


class RasaUnavailableError(WenceError):
    """Rasa gave no usable answer within the time allowed (HTTP 503)."""


class RequestError(WenceError):
    """A request cannot be served.

    Args:
        status: HTTP status, 400 for malformed, 422 for well-formed but wrong.
        code: short machine-readable name in snake_case.
        message: a sentence for a person; never echoes internals.
        field: the offending field or parameter, where one can be named.
    """

    def __init__(self, status: int, code: str, message: str, field: str | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.field = field
