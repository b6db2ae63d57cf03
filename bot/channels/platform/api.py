"""Calls to a platform with its access token, and what their outcomes mean for a delivery.

Source of the codes: https://developer.work.weixin.qq.com/document/path/90313
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Any

from bot.channels.platform.faults import SetupFaults
from bot.channels.platform.tokens import AccessToken, TokenError
from bot.channels.platform.transport import (
    NotSentError,
    OutcomeUnknownError,
    Transport,
    read_object,
)
from bot.conversations.outlet import SendLaterError, SendRefusedError, SendUnknownError
from bot.errors import StorageError
from bot.logs import get_logger

__all__ = ["Classify", "PlatformApi"]

log = get_logger(__name__)

Classify = Callable[[int], Exception | None]
"""What an errcode means for one channel's delivery; None leaves it to the general rule."""

_TOKEN_CODES = frozenset({40001, 40014, 42001})
_LATER: dict[int, float | None] = {
    -1: None,  # the platform is busy
    45009: 300.0,  # too many calls in the minute, hour or day
    45011: 60.0,  # too many calls in the minute
    45033: 60.0,  # too many calls at once
}
_SETUP_PAUSE = 60.0  # seconds; somebody has to change a setting first


class PlatformApi:
    """The calls of one app.

    Neither token nor bodies ever stand in a log or in an exception.

    Args:
        transport: calls to the platform's base.
        token: the app's access token.
        faults: where set-up faults are noted.
        classify: the channel's own reading of errcodes; it goes before the general rule,
            but not before the renewal of the token.
    """

    def __init__(
        self,
        transport: Transport,
        token: AccessToken,
        faults: SetupFaults,
        classify: Classify = lambda errcode: None,
    ) -> None:
        self._transport, self._token = transport, token
        self._faults, self._classify = faults, classify

    async def post(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """Send ``body``; the platform's answer, whose errcode is 0.

        A token that the platform no longer takes is renewed once and the call repeated.

        Raises:
            SendLaterError: the platform certainly did nothing: not reached, busy, over a
                quota, without a token, or wrongly set up.
            SendUnknownError: broken or late after the request was written, a server's
                error, or an answer that makes no sense.
            SendRefusedError: an errcode that neither the channel nor the general rule knows.
            Exception: whatever ``classify`` makes of an errcode.
        """
        answer = await self._renewing(path, lambda token: self._post(path, token, body))
        self._faults.clear()
        return answer

    async def fetch(self, path: str, query: Mapping[str, str], limit: int) -> bytes:
        """A file of the platform's, ``limit`` bytes at most.

        Raises:
            SendLaterError: not reached, busy, over a quota, without a token, or wrongly set up.
            SendRefusedError: it is not there (any longer).
        """
        content = b""

        async def fetched(token: str) -> dict[str, Any]:
            nonlocal content
            try:
                content = await self._transport.fetch(path, {"access_token": token, **query}, limit)
            except NotSentError as error:
                raise SendLaterError(error.reason) from None
            # A refusal comes as JSON where the file was expected.
            answer = read_object(content)
            return answer if answer and _has_errcode(answer) else {"errcode": 0}

        await self._renewing(path, fetched)
        return content

    async def _renewing(
        self, path: str, call: Callable[[str], Awaitable[dict[str, Any]]]
    ) -> dict[str, Any]:
        """A call with the token, once more with a new one where it is no longer taken."""
        token = await self._with_token(self._token.get)
        answer = await call(token)
        if answer["errcode"] in _TOKEN_CODES:
            log.info("token_refused", path=path, errcode=answer["errcode"])
            token = await self._with_token(partial(self._token.renew, token))
            answer = await call(token)
        if answer["errcode"] != 0:
            raise self._meaning(path, answer)
        return answer

    async def _with_token(self, obtain: Callable[[], Any]) -> str:
        try:
            return str(await obtain())
        except TokenError as error:
            failure = error
        except StorageError:
            raise SendLaterError("storage") from None
        if failure.errcode is not None:
            self._faults.note(failure.errcode, failure.message)
        elif failure.reason == "token_unchanged":
            self._faults.note_token()
        raise SendLaterError(failure.reason, _SETUP_PAUSE if failure.errcode else None)

    async def _post(self, path: str, token: str, body: Mapping[str, Any]) -> dict[str, Any]:
        reason = ""
        try:
            answer = await self._transport.post(path, {"access_token": token}, body)
        except NotSentError as error:
            raise SendLaterError(error.reason) from None
        except OutcomeUnknownError as error:
            reason = error.reason
        else:
            if _has_errcode(answer):
                return answer
            reason = "no_errcode"
        log.warning("platform_answer_unusable", path=path, cause=reason)
        raise SendUnknownError(reason)

    def _meaning(self, path: str, answer: Mapping[str, Any]) -> Exception:
        errcode: int = answer["errcode"]
        log.warning("platform_refused", path=path, errcode=errcode)
        if errcode in _TOKEN_CODES:
            self._faults.note_token()
            return SendLaterError("token_refused", _SETUP_PAUSE)
        is_setup = self._faults.note(errcode, str(answer.get("errmsg", "")))
        known = self._classify(errcode)
        if known is not None:
            return known
        if errcode in _LATER:
            return SendLaterError(f"errcode_{errcode}", _LATER[errcode])
        if is_setup:
            return SendLaterError(f"errcode_{errcode}", _SETUP_PAUSE)
        return SendRefusedError(f"errcode_{errcode}")


def _has_errcode(answer: Mapping[str, Any]) -> bool:
    errcode = answer.get("errcode")
    return isinstance(errcode, int) and not isinstance(errcode, bool)
