"""A WeChat official account (公众号/服务号)."""

from bot.channels.wechat.access import open_outlet
from bot.channels.wechat.channel import WechatChannel
from bot.channels.wechat.exchange import Patience
from bot.channels.wechat.outlet import WechatOutlet
from bot.channels.wechat.token import StableToken

__all__ = ["Patience", "StableToken", "WechatChannel", "WechatOutlet", "open_outlet"]
