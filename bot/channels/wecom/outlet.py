"""Sending actively: ``message/send``, within the platform's rates, to one person at a time.

Source: https://developer.work.weixin.qq.com/document/path/90236
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any

from bot.channels.platform.api import PlatformApi
from bot.channels.platform.faults import SetupFaults
from bot.channels.platform.sentence import Sentence
from bot.channels.wecom.cards import is_card, make_parts
from bot.channels.wecom.pace import Pace
from bot.channels.wecom.recording import fetch_recording
from bot.conversations.outlet import Delivery, SendLaterError, SendRefusedError

__all__ = ["WecomOutlet", "classify"]

_INVALID = "errcode_40058"  # invalid request parameter; a task_id used before is one
_SEND = "/cgi-bin/message/send"
_CHECK_SECONDS = 1800  # the platform's default; 4 hours at most
_PROBE = 30.0  # seconds between two tries while nothing can be sent
# The platform drops what is beyond 30 a minute without a word; some of what we send may
# be counted in a later minute than ours.
_IN_MINUTE = 25

_NO_RECEIVER = frozenset({40003, 40031, 60111, 81013})
_DISABLED = 50003  # somebody switched the app off; he may switch it on again
# With these every send fails until somebody changes a setting.
_BLOCKING = frozenset(
    {
        "errcode_40056",
        "errcode_48002",
        "errcode_50003",
        "errcode_60020",
        "errcode_301002",
        "token_refused",
        "token_unchanged",
    }
)


def classify(errcode: int) -> Exception | None:
    """What an errcode means beside the general rule."""
    if errcode in _NO_RECEIVER:
        return SendRefusedError(f"errcode_{errcode}")
    return SendLaterError(f"errcode_{errcode}", 60.0) if errcode == _DISABLED else None


class WecomOutlet:
    """The way out of a WeCom self-built app.

    A part that is sent again while it may have arrived asks the platform to drop it where
    the same content went out within half an hour. Not so every part: a person who asks the
    same twice is to be answered twice. Whether the platform remembers what was first sent
    without that check is not documented, so a double remains possible; such sends are
    counted (``wence_sends``, outcome ``again_uncertain``). What the platform drops beyond
    its rates cannot be seen; it is prevented by keeping below them.

    Args:
        api: calls with the app's token; its ``classify`` is :func:`classify`.
        faults: the app's set-up faults.
        sentence: the sentences of phrases.yml.
        clock: a steady clock in seconds.
    """

    channel = "wecom"
    window = timedelta(days=1)
    hold = 0.0

    def __init__(
        self,
        api: PlatformApi,
        faults: SetupFaults,
        sentence: Sentence,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._api, self._faults, self._sentence = api, faults, sentence
        self._clock, self._pace = clock, Pace()
        self._blocked_at: float | None = None

    @property
    def blocked(self) -> bool:
        """Whether active sending is known not to work, as the latest try showed."""
        return self._blocked_at is not None

    def fault(self) -> str | None:
        """The set-up faults as a sentence; None where there are none."""
        return self._faults.sentence()

    def parts(
        self, replies: Sequence[Mapping[str, Any]], address: Mapping[str, Any]
    ) -> list[dict[str, Any]]:
        """Replies as parts; see :mod:`bot.channels.wecom.cards`."""
        return make_parts(replies, self._sentence)

    def ready(self) -> bool:
        """Always, but while every send fails: then one try now and again.

        In between parts are left for the responses to callbacks to carry.
        """
        return self._blocked_at is None or self._clock() - self._blocked_at >= _PROBE

    async def listen(self, address: Mapping[str, Any]) -> float | None:
        """Fetch a voice message; see :class:`bot.conversations.outlet.Listener`."""
        return await fetch_recording(self._api, address)

    async def send(self, delivery: Delivery) -> None:
        """Send a part; see :class:`bot.conversations.outlet.Outlet`."""
        person = str(delivery.address["touser"])
        if delivery.sent_in_minute >= _IN_MINUTE:
            raise SendLaterError("rate_minute", 10.0)
        wait = self._pace.wait(person, self._clock())
        if wait > 0:
            raise SendLaterError("rate_hour", wait)
        try:
            answer = await self._api.post(_SEND, _body(delivery))
        except SendLaterError as error:
            if error.reason in _BLOCKING or error.reason.startswith("token_errcode_"):
                self._blocked_at = self._clock()
            raise
        except SendRefusedError as error:
            self._blocked_at = None  # refused for its own sake: others get through
            known = error.reason == _INVALID and is_card(dict(delivery.part))
            if not (known and delivery.uncertain):
                raise
            # An earlier try arrived: the card's task_id is used up.
            self._pace.sent(person, self._clock())
            return
        self._blocked_at = None
        if answer.get("invaliduser") or answer.get("unlicenseduser"):
            raise SendRefusedError("no_receiver")
        self._pace.sent(person, self._clock())


def _body(delivery: Delivery) -> dict[str, Any]:
    address, part = delivery.address, dict(delivery.part)
    if is_card(part):
        # New for every card, the same at every try of it: should an earlier try have
        # arrived, the platform knows the id and shows no second card.
        part["template_card"] = {**part["template_card"], "task_id": delivery.id}
    body = {"touser": address["touser"], "agentid": int(address["agentid"]), **part}
    if delivery.uncertain:
        body |= {"enable_duplicate_check": 1, "duplicate_check_interval": _CHECK_SECONDS}
    return body
