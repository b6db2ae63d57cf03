"""The official account's envelope in its three modes: plain, compatible, safe.

In a plain request ``signature`` is made of token, timestamp and nonce alone: it proves who
asks, not what is said. In an encrypted one ``msg_signature`` covers the ciphertext; what
``signature`` says is then not looked at. Source:
https://developers.weixin.qq.com/doc/subscription/guide/dev/push/encryption.html
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.channels.platform.crypto import EnvelopeError, MessageCipher, check_signature
from bot.channels.platform.xml import read_xml, write_xml
from bot.settings import Settings

__all__ = ["Envelope", "Opened"]


@dataclass(frozen=True)
class Opened:
    """A request whose signature is right.

    Attributes:
        fields: the message's elements.
        sealed: it came encrypted, so the answer goes encrypted.
        timestamp: when the platform says it sent it; covered by the signature.
        signature: the one that was found right.
    """

    fields: Mapping[str, Any]
    sealed: bool
    timestamp: str
    signature: str


class Envelope:
    """Opens what the platform sends and closes what it gets back.

    Raises:
        ValueError: the mode needs a key and there is none.
    """

    def __init__(self, settings: Settings) -> None:
        self._token = settings.wechat_token or ""
        self._mode = settings.wechat_mode
        self._cipher: MessageCipher | None = None
        if self._mode != "plain":
            if not settings.wechat_aes_key or not settings.wechat_app_id:
                raise ValueError("this mode needs a key and an app id")
            self._cipher = MessageCipher(
                self._token, settings.wechat_aes_key, settings.wechat_app_id
            )

    def echo(self, query: Mapping[str, str]) -> str:
        """What proves to the platform that the address is ours; never encrypted.

        Raises:
            EnvelopeError: the signature is wrong or a parameter is missing.
        """
        self._check_plain(query)
        return _parameter(query, "echostr")

    def open(self, query: Mapping[str, str], body: bytes) -> Opened:
        """The message in a request.

        Raises:
            EnvelopeError: the signature, the ciphertext or the XML is wrong, or the
                request is not of a kind that the mode allows.
        """
        timestamp = _parameter(query, "timestamp")
        if self._cipher is None:
            signature = self._check_plain(query)
            return Opened(read_xml(body), False, timestamp, signature)
        outer = read_xml(body)
        encrypted = outer.get("Encrypt")
        if isinstance(encrypted, str) and query.get("encrypt_type") == "aes":
            signature = _parameter(query, "msg_signature")
            self._cipher.check(signature, timestamp, _parameter(query, "nonce"), encrypted)
            inner = self._cipher.decrypt(encrypted)
            return Opened(read_xml(inner.encode()), True, timestamp, signature)
        # A ciphertext that is not declared is no reason to believe what stands beside it.
        if self._mode == "safe" or encrypted is not None:
            raise EnvelopeError
        return Opened(outer, False, timestamp, self._check_plain(query))

    def reply(self, opened: Opened, text: str, now: int) -> bytes:
        """A passive text reply to a message, as XML in UTF-8.

        Args:
            text: at most 2,048 bytes are shown.
            now: seconds since 1970.
        """
        message = write_xml(
            {
                "ToUserName": str(opened.fields.get("FromUserName", "")),
                "FromUserName": str(opened.fields.get("ToUserName", "")),
                "CreateTime": now,
                "MsgType": "text",
                "Content": text,
            }
        )
        if self._cipher is None or not opened.sealed:
            return message.encode()
        encrypted, nonce = self._cipher.encrypt(message), secrets.token_hex(8)
        sealed = {
            "Encrypt": encrypted,
            "MsgSignature": self._cipher.sign(str(now), nonce, encrypted),
            "TimeStamp": now,
            "Nonce": nonce,
        }
        return write_xml(sealed).encode()

    def _check_plain(self, query: Mapping[str, str]) -> str:
        timestamp, nonce = _parameter(query, "timestamp"), _parameter(query, "nonce")
        signature = _parameter(query, "signature")
        check_signature(signature, self._token, timestamp, nonce)
        return signature


def _parameter(query: Mapping[str, str], name: str) -> str:
    """A parameter's value; none where any stands twice: which of the two was signed?"""
    if len(query) != len(set(query)) or not (value := query.get(name)):
        raise EnvelopeError
    return value
