"""WeCom self-built app (企业微信自建应用): the callback in, ``message/send`` out."""

from bot.channels.wecom.access import fetcher
from bot.channels.wecom.channel import PATH, WecomChannel
from bot.channels.wecom.outlet import WecomOutlet, classify

__all__ = ["PATH", "WecomChannel", "WecomOutlet", "classify", "fetcher"]
