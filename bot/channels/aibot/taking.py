"""Taking a message in, the same in both modes: its turn, or the sentence that says why not."""

from __future__ import annotations

import asyncio

from bot.conversations import Conversations
from bot.conversations.message import Inbound
from bot.errors import ConflictError, OverloadedError, StorageError
from bot.logs import get_logger
from bot.storage.records import Turn

__all__ = ["take"]

log = get_logger(__name__)

_PATIENCE = 4.0  # of the platform's five seconds


async def take(conversations: Conversations, inbound: Inbound) -> tuple[Turn | None, str | None]:
    """The turn of a message; or, where it was not taken, the key of the sentence that says so.

    Neither where its id was used for other words: that is nothing to speak of.
    """
    try:
        async with asyncio.timeout(_PATIENCE):
            return (await conversations.accept(inbound)).turn, None
    except ConflictError:
        log.warning("aibot_message_id_reused")
        return None, None
    except OverloadedError:
        return None, "input.overloaded"
    except (StorageError, TimeoutError) as error:
        log.error("aibot_message_not_stored", cause=type(error).__name__)
        return None, "input.not_taken"
