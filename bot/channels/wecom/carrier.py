"""Answers carried by the response, for as long as active sending is known not to work.

A response carries one text. What an answer has beyond that stays in the outbox, at the
head of the conversation: the next message's response carries it, or an active send once
the set-up is mended. So the order holds and nothing is lost, at the price of a lag.
"""

from __future__ import annotations

from aiohttp import web

from bot.channels.wecom.cards import is_card, text_of
from bot.channels.wecom.passive import PassiveReplies
from bot.conversations import Conversations
from bot.conversations.message import Inbound
from bot.errors import NotFoundError, StorageError
from bot.logs import get_logger

__all__ = ["Carrier"]

log = get_logger(__name__)

_MOST_CARDS = 8  # that may stand before a text


class Carrier:
    """Carries the head of a conversation's outbox.

    Args:
        conversations: whose parts they are.
        passive: makes the responses.
    """

    def __init__(self, conversations: Conversations, passive: PassiveReplies) -> None:
        self._conversations, self._passive = conversations, passive

    async def carry(
        self, request: web.Request, message: Inbound, turn_id: str, seconds: float
    ) -> web.StreamResponse | None:
        """A response with what waits for the person, sent; None where nothing does.

        Args:
            request: the callback that brought the message; the response goes out here,
                so that a broken connection is noticed while the part is still claimed.
            message: what was said.
            turn_id: its turn.
            seconds: how long the answer may take.
        """
        response: web.Response | None = None
        try:
            await self._conversations.answered(turn_id, max(0.0, seconds))
            for _ in range(_MOST_CARDS):
                # A card is dropped on the way: it holds nothing that its text does not.
                async with self._conversations.carry(message.key, None) as part:
                    if part is None:
                        break
                    if is_card(part.part):
                        continue
                    response = self._passive.text(message.sender, text_of(part.part))
                    await _send(request, response)
                break
        except (ConnectionError, NotFoundError, StorageError) as error:
            # The message is stored: whatever happened to the answer, the outbox sees to it.
            log.warning(
                "answer_not_carried", channel="wecom", turn_id=turn_id, cause=type(error).__name__
            )
        return response


async def _send(request: web.Request, response: web.Response) -> None:
    """Write a response out.

    Raises:
        ConnectionError: the platform has hung up.
    """
    await response.prepare(request)
    await response.write_eof()
    if request.transport is None or request.transport.is_closing():
        raise ConnectionResetError
