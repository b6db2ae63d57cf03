"""The official account's way out: customer-service messages, within their quota.

A message of a person allows 5 of them in 48 hours, a click in the menu or a subscription
3 in a minute; some accounts have no right to them at all. A part for which there is no
room waits for the person's next message: the answer to that can carry it.

The platform recognises no repeats. A send whose outcome is unknown is made again: an
answer that comes twice does less harm than one that never comes.

Source: https://developers.weixin.qq.com/doc/service/api/customer/message/api_sendcustommessage
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from bot.channels.platform.sentence import Sentence
from bot.channels.rendering import size, split, with_choices
from bot.conversations.outlet import Delivery, SendRefusedError, WaitForPersonError

__all__ = ["MAX_TEXT", "Api", "WechatOutlet", "classify", "text_of"]

MAX_TEXT = 2048
"""Bytes of UTF-8 in a text, passive or active; the platform refuses or cuts off more."""

_SEND = "/cgi-bin/message/custom/send"
_QUOTAS = {"message": (5, timedelta(hours=48)), "event": (3, timedelta(minutes=1))}
_NOTICE = 128  # bytes kept free in every part for the sentence that more follows
_ASK_AGAIN = 600.0  # seconds after which a right that was missing may have been granted

_NO_RIGHT = "no_right"
_WAITING = {
    48001: _NO_RIGHT,
    48004: _NO_RIGHT,  # taken away as a penalty
    50002: _NO_RIGHT,  # likewise
    45015: "out_of_window",
    45047: "over_quota",
    # As a passive reply it fits: every part is made for that limit.
    45002: "too_long",
}
_REFUSED = {40003: "no_such_person", 43004: "not_subscribed"}


class Api(Protocol):
    """Calls of the platform; see :mod:`bot.channels.platform.api`."""

    async def post(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """The platform's answer, where its errcode is 0."""


class Faults(Protocol):
    """Set-up faults; see :mod:`bot.channels.platform.faults`."""

    def sentence(self) -> str | None:
        """What is wrong now; None where nothing is."""


def classify(errcode: int) -> Exception | None:
    """What an errcode of this platform means for a part; None for one that is not its own."""
    if errcode in _WAITING:
        return WaitForPersonError(_WAITING[errcode])
    if errcode in _REFUSED:
        return SendRefusedError(_REFUSED[errcode])
    return None


def text_of(part: Mapping[str, Any]) -> str:
    """The words of a part."""
    return str(part["text"]["content"])


class WechatOutlet:
    """See :class:`bot.conversations.outlet.Outlet`.

    Args:
        api: calls the platform; maps errcodes by :func:`classify`.
        faults: the set-up faults that the calls of ``api`` met.
        sentence: the sentences of phrases.yml.
        now: the present in UTC; quotas are counted from when the person wrote.
        clock: seconds that only grow.
    """

    channel = "wechat"
    window = timedelta(hours=48)
    hold = 5.0

    def __init__(
        self,
        api: Api,
        faults: Faults,
        sentence: Sentence,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._api, self._faults, self._sentence = api, faults, sentence
        self._now, self._clock = now, clock
        self._denied_at: float | None = None

    @property
    def can_send(self) -> bool:
        """False while customer-service messages are known not to go out.

        The right to them is missing, or a set-up fault has not been cured yet.
        """
        return not self._denied() and self.fault() is None

    def fault(self) -> str | None:
        """What is wrong with the set-up, as a sentence; None where nothing is."""
        return self._faults.sentence()

    def ready(self) -> bool:
        """Always: without the right, parts are told to wait for the person."""
        return True

    def parts(
        self, replies: Sequence[Mapping[str, Any]], address: Mapping[str, Any]
    ) -> list[dict[str, Any]]:
        """The replies as few texts, for each counts; choices are named at their reply's end.

        A choice is named by its words, not by a number: a number may be the answer to
        what is being asked (how many staff?), and 1 asks for the rest of an answer.
        Each part knows by ``more`` how many of the same answer follow it.
        """
        whole = "\n\n".join(self._with_choices(reply) for reply in replies if reply["text"])
        pieces = split(whole, MAX_TEXT - _NOTICE)
        return [
            {"msgtype": "text", "text": {"content": piece}, "more": len(pieces) - number}
            for number, piece in enumerate(pieces, 1)
        ]

    def with_notice(self, text: str) -> str:
        """A text that says, below, that more follows when the person asks for it."""
        noted = f"{text}\n{self._sentence('wechat.more')}"
        return noted if size(noted) <= MAX_TEXT else text

    async def send(self, delivery: Delivery) -> None:
        """Send one part as a customer-service message.

        Raises:
            WaitForPersonError: the quota is used up or the right is missing.
            SendRefusedError: the person is gone.
            SendLaterError, SendUnknownError: as the call ended.
        """
        left = self._left(delivery)
        if left <= 0:
            raise WaitForPersonError("over_quota")
        if self._denied():
            raise WaitForPersonError(_NO_RIGHT)
        text = text_of(delivery.part)
        if left == 1 and delivery.part.get("more"):
            text = self.with_notice(text)
        body = {
            "touser": delivery.address["touser"],
            "msgtype": "text",
            "text": {"content": text},
        }
        try:
            await self._api.post(_SEND, body)
        except WaitForPersonError as error:
            if error.reason == _NO_RIGHT:
                self._denied_at = self._clock()
            raise
        self._denied_at = None

    def _denied(self) -> bool:
        return self._denied_at is not None and self._clock() - self._denied_at < _ASK_AGAIN

    def _left(self, delivery: Delivery) -> int:
        """How many customer-service messages the person's last message still allows."""
        most, window = _QUOTAS[delivery.address.get("quota", "message")]
        if delivery.heard_at is None or self._now() - delivery.heard_at >= window:
            return 0
        return most - delivery.sent_since_heard

    def _with_choices(self, reply: Mapping[str, Any]) -> str:
        return with_choices(
            str(reply["text"]),
            reply.get("buttons") or [],
            lambda _, title: self._sentence("wechat.choice", title=title),
        )
