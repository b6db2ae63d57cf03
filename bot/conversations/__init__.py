"""Conversations: every message one turn, one at a time and in order within a conversation."""

from bot.conversations.rasa_client import RasaClient
from bot.conversations.turns import Conversations

__all__ = ["Conversations", "RasaClient"]
