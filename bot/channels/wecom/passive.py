"""Replies inside the response to a callback: a text, or a card whose buttons are replaced.

Source: https://developer.work.weixin.qq.com/document/path/90241
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Any

from aiohttp import web

from bot.channels.platform.crypto import MessageCipher
from bot.channels.platform.xml import write_xml

__all__ = ["PassiveReplies"]


class PassiveReplies:
    """Makes encrypted responses.

    Args:
        cipher: closes the envelopes.
        corp_id: who speaks.
        clock: seconds since 1970.
    """

    def __init__(self, cipher: MessageCipher, corp_id: str, clock: Callable[[], float]) -> None:
        self._cipher, self._corp_id, self._clock = cipher, corp_id, clock

    def text(self, to: str, text: str) -> web.Response:
        """A text of at most 2048 bytes; the platform cuts off what is beyond."""
        return self._sealed(to, {"MsgType": "text", "Content": text})

    def update_button(self, to: str, label: str) -> web.Response:
        """The pressed card with ``label`` in the place of its buttons, for who pressed it."""
        return self._sealed(to, {"MsgType": "update_button", "Button": {"ReplaceName": label}})

    def _sealed(self, to: str, fields: dict[str, Any]) -> web.Response:
        now, nonce = int(self._clock()), secrets.token_hex(8)
        head = {"ToUserName": to, "FromUserName": self._corp_id, "CreateTime": now}
        encrypted = self._cipher.encrypt(write_xml({**head, **fields}))
        envelope = {
            "Encrypt": encrypted,
            "MsgSignature": self._cipher.sign(str(now), nonce, encrypted),
            "TimeStamp": now,
            "Nonce": nonce,
        }
        return web.Response(text=write_xml(envelope), content_type="text/xml")
