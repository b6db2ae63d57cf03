"""The service's side of the turn channel (bot/rasa/channel.py)."""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import Sequence
from typing import Any

import aiohttp

from bot.errors import RasaUnavailableError

__all__ = ["RasaClient"]

_PAUSE = 0.5  # seconds between two tries while Rasa is away


class _NotReadyError(Exception):
    """Rasa is up but has no model yet."""


class RasaClient:
    """Asks Rasa for turns.

    Args:
        urls: one or several Rasas; a conversation always goes to the same one.
        token: the internal token, or None.
        timeout: seconds for one turn in all, waiting for a restart included.
    """

    def __init__(
        self,
        urls: Sequence[str],
        token: str | None,
        timeout: float = 30.0,
    ) -> None:
        if not urls:
            raise ValueError("no Rasa address")
        self._urls = tuple(urls)
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}
        self._timeout = timeout
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> RasaClient:
        self._session = aiohttp.ClientSession(
            headers=self._headers,
            timeout=aiohttp.ClientTimeout(total=None, connect=5),
            connector=aiohttp.TCPConnector(limit=0),
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._session is not None:
            await self._session.close()

    def _url(self, conversation: str) -> str:
        return self._urls[zlib.crc32(conversation.encode()) % len(self._urls)]

    async def turn(
        self, turn_id: str, conversation: str, message: str, metadata: dict[str, Any]
    ) -> list[dict[str, Any]]:
        """The replies to a message.

        Asking again under the same ``turn_id`` is safe, so a lost connection or a
        Rasa that is being restarted is simply asked again until the time is up.

        Raises:
            RasaUnavailableError: no usable answer in time.
        """
        body = {
            "turn_id": turn_id,
            "conversation": conversation,
            "message": message,
            "metadata": metadata,
        }
        try:
            async with asyncio.timeout(self._timeout):
                return await self._until_answered(conversation, body)
        except (TimeoutError, aiohttp.ClientError, ValueError) as error:
            raise RasaUnavailableError("Rasa 没有给出可用的答复") from error

    async def _until_answered(
        self, conversation: str, body: dict[str, Any]
    ) -> list[dict[str, Any]]:
        while True:
            try:
                return await self._ask(conversation, body)
            except (aiohttp.ClientConnectionError, ConnectionError, _NotReadyError):
                await asyncio.sleep(_PAUSE)

    async def _ask(self, conversation: str, body: dict[str, Any]) -> list[dict[str, Any]]:
        assert self._session is not None, "used outside of its context"
        url = f"{self._url(conversation)}/webhooks/turn/turns"
        async with self._session.post(url, json=body) as response:
            if response.status == 503:
                raise _NotReadyError
            if response.status != 200:
                raise RasaUnavailableError(f"Rasa 返回了状态 {response.status}")
            answer = await response.json()
        replies = answer.get("replies") if isinstance(answer, dict) else None
        if not isinstance(replies, list) or not all(isinstance(r, dict) for r in replies):
            raise ValueError("replies are no list of objects")
        return replies

    async def forget(self, conversation: str) -> None:
        """Have Rasa delete all that it keeps of a conversation.

        Raises:
            RasaUnavailableError: it did not say that it has.
        """
        assert self._session is not None, "used outside of its context"
        url = f"{self._url(conversation)}/webhooks/turn/forget"
        try:
            async with (
                asyncio.timeout(self._timeout),
                self._session.post(url, json={"conversation": conversation}) as response,
            ):
                if response.status != 200:
                    raise RasaUnavailableError(f"Rasa 返回了状态 {response.status}")
        except (TimeoutError, aiohttp.ClientError) as error:
            raise RasaUnavailableError("Rasa 没有删除对话") from error

    async def healthy(self) -> bool:
        """Whether every Rasa has a model loaded."""
        assert self._session is not None, "used outside of its context"
        timeout = aiohttp.ClientTimeout(total=3)
        for url in self._urls:
            try:
                async with self._session.get(
                    f"{url}/webhooks/turn/health", timeout=timeout
                ) as response:
                    if response.status != 200:
                        return False
            except (TimeoutError, aiohttp.ClientError, OSError):
                return False
        return True
