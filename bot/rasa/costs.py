"""Smaller costs of every turn, taken off in the same guarded way as the others.

``EndpointConfig.session`` makes a client session, and with it a connection, for
every call of an action; here one is kept for each endpoint, and it writes the
tracker it sends with a fast JSON library. ``all_subclasses``
walks the class tree for every event that is read or written; here its answer
for a class is kept, which holds once all classes are imported.

As in :mod:`bot.rasa.validator`, only the very functions this was written for
are replaced.
"""

from __future__ import annotations

import functools
import logging
from typing import Any

import aiohttp
import rasa
import rasa.shared.utils.common as common
import ujson
from rasa.core.constants import DEFAULT_REQUEST_TIMEOUT
from rasa.utils.endpoints import EndpointConfig

from bot.rasa.validator import is_known

__all__ = ["KNOWN_SESSION", "KNOWN_SUBCLASSES", "apply"]

logger = logging.getLogger(__name__)

KNOWN_SESSION = "e55aa13d9d4fb4bc"
KNOWN_SUBCLASSES = "28c2e6df9c15daea"


class _Kept:
    """A client session as a context manager that does not close it."""

    def __init__(self, session: Any) -> None:
        self._session = session

    async def __aenter__(self) -> Any:
        return self._session

    async def __aexit__(self, *_: object) -> None:
        """The session stays open for the next call."""


def apply() -> bool:
    """Take both costs off, where the originals are known.

    Returns:
        Whether both are off (also when they already were).
    """
    done = True
    make = EndpointConfig.session
    if not hasattr(make, "kept"):
        if is_known(make, KNOWN_SESSION):
            EndpointConfig.session = _keeping(make)
        else:
            done = False
    if not hasattr(common.all_subclasses, "cache_info"):
        if is_known(common.all_subclasses, KNOWN_SUBCLASSES):
            common.all_subclasses = functools.lru_cache(maxsize=None)(common.all_subclasses)
        else:
            done = False
    if not done:
        logger.warning("costs_left_alone rasa_version=%s", rasa.__version__)
    return done


def _keeping(make: Any) -> Any:
    def session(self: Any) -> Any:
        if self.basic_auth:
            return make(self)  # rare; as Rasa does it
        kept = getattr(self, "_kept_session", None)
        if kept is None or kept.closed:
            kept = self._kept_session = aiohttp.ClientSession(
                headers=self.headers,
                timeout=aiohttp.ClientTimeout(total=DEFAULT_REQUEST_TIMEOUT),
                json_serialize=ujson.dumps,
            )
        return _Kept(kept)

    session.kept = True  # type: ignore[attr-defined]
    return session
