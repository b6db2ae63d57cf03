"""Conversations: every message one turn, one at a time and in order within a conversation."""

from bot.conversations.message import Inbound, Kind
from bot.conversations.outlet import (
    Delivery,
    Outlet,
    SendLaterError,
    SendRefusedError,
    SendUnknownError,
    WaitForPersonError,
)
from bot.conversations.rasa_client import RasaClient
from bot.conversations.turns import Conversations

__all__ = [
    "Conversations",
    "Delivery",
    "Inbound",
    "Kind",
    "Outlet",
    "RasaClient",
    "SendLaterError",
    "SendRefusedError",
    "SendUnknownError",
    "WaitForPersonError",
]
