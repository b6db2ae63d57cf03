"""One request of the platform and the single response it gets.

The platform waits five seconds. It takes ``success`` or nothing for "no answer now", and a
text as XML for the answer; whatever else it gets, and silence, it takes for a failure, and
after the third in a row the person reads that the account is out of order. Source:
https://developers.weixin.qq.com/doc/service/guide/product/message/Passive_user_reply_message.html
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass

from aiohttp import web

from bot.channels.wechat.envelope import Envelope, Opened

__all__ = ["BrokenError", "Exchange", "Patience"]


@dataclass(frozen=True)
class Patience:
    """How the platform's five seconds are used, in seconds from the request's arrival.

    Attributes:
        answer: until then an answer is waited for.
        latest: what is not stored or written by then comes too late.
        silence: by then the platform has given up waiting.
    """

    answer: float = 4.3
    latest: float = 4.8
    silence: float = 5.5


class BrokenError(Exception):
    """The platform hung up before it had the response."""


class Exchange:
    """A request that was opened.

    Args:
        arrived: when the request came, by the event loop's clock.

    Attributes:
        begun: the response of which the platform may have something already; after that
            no other one can be given.
    """

    def __init__(
        self,
        request: web.Request,
        envelope: Envelope,
        opened: Opened,
        arrived: float,
        patience: Patience,
    ) -> None:
        self._request, self._envelope, self._opened = request, envelope, opened
        self._arrived, self._patience = arrived, patience
        self.begun: web.StreamResponse | None = None

    def left(self) -> float:
        """Seconds for which an answer may still be waited for."""
        return max(0.0, self._patience.answer - self._elapsed())

    def left_to_store(self) -> float:
        """Seconds in which a message that gets stored can still be acknowledged."""
        return max(0.0, self._patience.latest - self._elapsed())

    @property
    def late(self) -> bool:
        """Whether a text would no longer be taken."""
        transport = self._request.transport
        gone = transport is None or transport.is_closing()
        return gone or self._elapsed() > self._patience.latest

    def nothing(self) -> web.Response:
        """Received; no answer now."""
        return web.Response(text="success")

    def say(self, text: str) -> web.Response:
        """A text that nothing is kept of."""
        body = self._envelope.reply(self._opened, text, int(time.time()))
        return web.Response(body=body, content_type="text/xml", charset="utf-8")

    async def deliver(self, text: str) -> web.StreamResponse:
        """Write a text out, here and now.

        Raises:
            BrokenError: the platform hung up meanwhile.
        """
        response = self.begun = self.say(text)
        try:
            await response.prepare(self._request)
            await response.write_eof()
        except ConnectionError:
            raise BrokenError from None
        transport = self._request.transport
        if transport is None or transport.is_closing():
            raise BrokenError
        return response

    async def silence(self) -> web.Response:
        """Give no answer until the platform has stopped waiting, then hang up.

        That alone is documented to have it deliver the message again.
        """
        await asyncio.sleep(max(0.0, self._patience.silence - self._elapsed()))
        if self._request.transport is not None:
            self._request.transport.close()
        return web.Response(status=503)  # goes nowhere: the connection is closed

    def _elapsed(self) -> float:
        return asyncio.get_running_loop().time() - self._arrived
