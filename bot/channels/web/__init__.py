"""The web channel: the chat page, its socket, and polling where there can be no socket."""

from bot.channels.web.channel import Profiles, WebChannel
from bot.channels.web.chat import Talks

__all__ = ["Profiles", "Talks", "WebChannel"]
