"""The WeCom AI bot (智能机器人): callbacks with polled streams, or one long connection."""

from __future__ import annotations

from prometheus_client import CollectorRegistry

from bot.channels.aibot.callback import AibotCallback
from bot.channels.aibot.connection import AibotConnection
from bot.channels.aibot.feedback import OnFeedback
from bot.channels.aibot.outlet import CallbackOutlet
from bot.channels.aibot.push import PushOutlet
from bot.channels.aibot.streams import Streams
from bot.channels.aibot.talk import Talk
from bot.channels.platform.crypto import MessageCipher
from bot.channels.platform.sentence import Sentence
from bot.conversations import Conversations
from bot.settings import Settings
from bot.storage.leases import LeaseStore

__all__ = [
    "AibotCallback",
    "AibotConnection",
    "CallbackOutlet",
    "PushOutlet",
    "make_callback",
    "make_connection",
]


def _with_days(sentence: Sentence, settings: Settings) -> Sentence:
    """The sentences, those that say how long bodies are kept included."""

    def said(key: str, /, **values: object) -> str:
        return sentence(key, days=f"{settings.retention_days:g}", **values)

    return said


def make_callback(
    settings: Settings,
    conversations: Conversations,
    sentence: Sentence,
    on_feedback: OnFeedback,
    registry: CollectorRegistry,
) -> AibotCallback:
    """Callback mode as the settings have it: its routes are to be served, it is to be closed.

    The conversations are to have a :class:`CallbackOutlet`.
    """
    sentence = _with_days(sentence, settings)
    return AibotCallback(
        conversations,
        MessageCipher(settings.aibot_token or "", settings.aibot_aes_key or "", ""),
        Streams(conversations, sentence),
        sentence,
        registry,
        settings.clock_window,
        on_feedback,
    )


def make_connection(
    settings: Settings,
    conversations: Conversations,
    outlet: PushOutlet,
    leases: LeaseStore,
    sentence: Sentence,
    on_feedback: OnFeedback,
    registry: CollectorRegistry,
) -> AibotConnection:
    """Long-connection mode as the settings have it; :meth:`AibotConnection.run` is a task.

    Args:
        outlet: the one that the conversations have.
    """
    sentence = _with_days(sentence, settings)
    return AibotConnection(
        settings.aibot_ws_url,
        settings.aibot_bot_id or "",
        settings.aibot_secret or "",
        Talk(conversations, outlet, sentence, on_feedback),
        outlet,
        leases,
        sentence,
        registry,
    )
