"""What the callbacks of all platforms share: their routes, their guards, what they count."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable

from aiohttp import web
from prometheus_client import CollectorRegistry, Counter

from bot.api.server import expect
from bot.channels.platform.deliveries import LAST, Deliveries
from bot.channels.platform.request import ClockOffset, FailureLimiter, check_window
from bot.channels.platform.sentence import Sentence
from bot.conversations import Conversations
from bot.conversations.message import Inbound
from bot.errors import RequestError
from bot.logs import get_logger

__all__ = ["PlatformCallback"]

log = get_logger(__name__)


class PlatformCallback(ABC):
    """``GET`` (the platform asks whose address it is) and ``POST`` (it tells) of one path.

    Args:
        name: of the channel.
        path: where it is served.
        conversations: where messages go.
        sentence: the sentences of phrases.yml.
        registry: where outcomes are counted.
        window: minutes that a request's timestamp may be off.
        clock: seconds since 1970.
    """

    def __init__(
        self,
        name: str,
        path: str,
        conversations: Conversations,
        sentence: Sentence,
        registry: CollectorRegistry,
        window: float,
        clock: Callable[[], float],
    ) -> None:
        self._name, self._path = name, path
        self._conversations, self._sentence = conversations, sentence
        self._window, self._clock = window, clock
        self._limiter, self._offset = FailureLimiter(), ClockOffset()
        self._deliveries = Deliveries()
        self._outcomes = Counter(
            f"wence_{name}_callbacks", f"Callbacks of {name}", ["outcome"], registry=registry
        )

    def routes(self) -> list[web.RouteDef]:
        """The platform's own protocol: not the JSON of the API, hence no operations."""
        return [
            web.get(self._path, self.verify, allow_head=False, expect_handler=expect),
            web.post(self._path, self.receive, expect_handler=expect),
        ]

    def fault(self) -> str | None:
        """What is wrong with set-up or clock, as a sentence for ``/readyz``; or None."""
        faults = (self._setup_fault(), self._offset.fault(self._clock()))
        return "；".join(fault for fault in faults if fault) or None

    @abstractmethod
    async def verify(self, request: web.Request) -> web.Response:
        """Show the platform that the address is ours."""

    @abstractmethod
    async def receive(self, request: web.Request) -> web.StreamResponse:
        """Take what the platform tells."""

    def _setup_fault(self) -> str | None:
        """What the way out knows of a wrong set-up."""
        return None

    async def _check_age(self, message: Inbound, timestamp: str, now: float) -> None:
        """Refuse what is of another time, unless it is known: then no work is done anyway.

        Raises:
            RequestError: 400 for what is no timestamp, 403 for one outside of the window.
            StorageError: whether it is known cannot be told.
        """
        try:
            check_window(timestamp, now, self._window, self._offset.seconds(now))
        except RequestError:
            known = message.message_id is not None and await self._conversations.known(
                message.key, message.message_id
            )
            if not known:
                log.warning("callback_stale", channel=self._name)
                raise

    def _is_last(self, message: Inbound, error: Exception) -> bool:
        """Note that a message could not be stored; whether it will not be brought again."""
        times = self._deliveries.failed(f"{message.key}:{message.message_id}")
        cause = type(error).__name__
        log.error("message_not_stored", channel=self._name, times=times, cause=cause)
        return times >= LAST

    def _count(self, outcome: str) -> None:
        self._outcomes.labels(outcome).inc()
