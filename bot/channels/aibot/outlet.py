"""The way out of callback mode: what no stream carried goes to the message's reply address.

Source: https://developer.work.weixin.qq.com/document/path/101138
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any
from urllib.parse import SplitResult, parse_qsl, urlsplit

from bot.channels.aibot.messages import CHANNEL
from bot.channels.aibot.recent import Recent
from bot.channels.aibot.render import push_body, render
from bot.channels.platform.sentence import Sentence
from bot.channels.platform.transport import NotSentError, OutcomeUnknownError, Transport
from bot.conversations.outlet import (
    Delivery,
    SendLaterError,
    SendUnknownError,
    WaitForPersonError,
)
from bot.logs import get_logger

__all__ = ["HOLD", "CallbackOutlet"]

log = get_logger(__name__)

HOLD = 330.0
"""Seconds for which a reply is kept for the polls; they end six minutes after the message."""
_GOOD_FOR = 3500.0  # seconds of a reply address's hour
_UNKNOWN = 1024
_BUSY = {-1, 45009, 45033}  # system busy, too many calls, too many at once


class CallbackOutlet:
    """Posts to the ``response_url`` that came with a message: once, within an hour.

    Where that has been used or is too old, the part waits for the person's next message.
    A post whose outcome is unknown is repeated to the same address: the platform takes
    only one message there, so a refusal then means that the first had arrived.

    Args:
        transport: to the platform; reply addresses of any other host are not called.
        api_base: the transport's base.
        clock: seconds since 1970.
    """

    channel = CHANNEL
    window = timedelta(days=1)
    hold = HOLD

    def __init__(
        self,
        transport: Transport,
        api_base: str,
        sentence: Sentence,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._transport, self._base = transport, urlsplit(api_base)
        self._sentence, self._clock = sentence, clock
        self._unknown: Recent[bool] = Recent(_UNKNOWN)

    def parts(
        self, replies: Sequence[Mapping[str, Any]], address: Mapping[str, Any]
    ) -> list[dict[str, Any]]:
        """All replies of a turn as one part, if they fit."""
        return render(replies, address, self._sentence)

    def ready(self) -> bool:
        """Always: no connection is needed."""
        return True

    async def send(self, delivery: Delivery) -> None:
        """Post one part.

        Raises:
            SendLaterError, SendUnknownError, WaitForPersonError: it did not or may not
                have arrived.
        """
        url = self._address(delivery.address)
        again = self._unknown.get(delivery.id) is not None
        part = delivery.part
        if again and "card" in part:
            part = {"content": part["plain"]}  # the card's task_id may be used up
        body = push_body(part, delivery.id, delivery.turn_id, self._sentence)
        try:
            answer = await self._transport.post(url.path, dict(parse_qsl(url.query)), body)
            refusal = "" if answer.get("errcode") == 0 else f"errcode_{answer.get('errcode')}"
        except OutcomeUnknownError as error:
            self._unknown.put(delivery.id, True)
            raise SendUnknownError(error.reason) from None
        except NotSentError as error:
            if not error.reason.startswith("http_"):
                raise SendLaterError(error.reason) from None
            refusal = error.reason
        else:
            if answer.get("errcode") in _BUSY:
                raise SendLaterError(refusal, 30)
        if refusal and not again:
            raise WaitForPersonError(refusal)
        if refusal:
            log.info("aibot_reply_had_arrived", part_id=delivery.id, reason=refusal)

    def _address(self, address: Mapping[str, Any]) -> SplitResult:
        if "response_url" not in address:
            raise WaitForPersonError("no_response_url")
        if self._clock() - address.get("at", 0) > _GOOD_FOR:
            raise WaitForPersonError("response_url_too_old")
        try:
            url = urlsplit(str(address["response_url"]))
        except ValueError:
            url = SplitResult("", "", "", "", "")
        if (url.scheme, url.netloc) != (self._base.scheme, self._base.netloc):
            log.warning("aibot_reply_address_refused")
            raise WaitForPersonError("response_url_elsewhere")
        return url
