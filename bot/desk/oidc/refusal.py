"""Why a sign-in by the provider came to nothing; the sign-in page has a sentence for each."""

from __future__ import annotations

from typing import Literal

__all__ = ["Reason", "RefusedError"]

Reason = Literal[
    "cancelled", "refused", "stale", "unavailable", "invalid", "no_role", "inactive", "name_taken"
]
"""By the person; by the provider; begun too long ago or elsewhere; provider away; its answer
does not hold; no role for this person; the desk's user is inactive; the name is another's."""


class RefusedError(Exception):
    """Nobody is signed in.

    Args:
        reason: which sentence the person gets.
        detail: for the log, never what came from outside as it came.
        who: the desk's user, where it is known, for the audit log.
    """

    def __init__(self, reason: Reason, detail: str = "", who: str = "-") -> None:
        super().__init__(reason)
        self.reason, self.detail, self.who = reason, detail, who
