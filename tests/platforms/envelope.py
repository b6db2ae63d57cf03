"""The platforms' envelope, with the cryptography of wechatpy."""

from __future__ import annotations

import base64
from typing import Any

from wechatpy.crypto import PrpCrypto
from wechatpy.utils import WeChatSigner

__all__ = ["Envelope", "EnvelopeFault", "signature_of"]

_BLOCK = 32


class EnvelopeFault(Exception):
    """What the other side sent is not what the platform would take; the text says why."""


def signature_of(*values: str) -> str:
    """SHA-1 over the sorted values."""
    signer = WeChatSigner()
    signer.add_data(*values)
    return str(signer.signature)


class Envelope:
    """Encrypts and signs as the platform does, and is stricter than wechatpy in opening.

    Args:
        token, aes_key: from the admin page.
        receive_id: corp id, app id, or empty for the AI bot.
    """

    def __init__(self, token: str, aes_key: str, receive_id: str) -> None:
        self.token, self.receive_id = token, receive_id
        self._crypto: Any = PrpCrypto(base64.b64decode(aes_key + "="))

    def seal(self, text: str) -> str:
        """The ciphertext in base64."""
        return str(self._crypto.encrypt(text, self.receive_id).decode("ascii"))

    def sign(self, timestamp: str, nonce: str, encrypted: str) -> str:
        """The signature that goes with a ciphertext."""
        return signature_of(self.token, timestamp, nonce, encrypted)

    def open(self, encrypted: str, signature: str, timestamp: str, nonce: str) -> str:
        """The text inside.

        Raises:
            EnvelopeFault: signature, padding or receive id are wrong.
        """
        if self.sign(timestamp, nonce, encrypted) != signature:
            raise EnvelopeFault("wrong signature")
        try:
            plain = self._crypto.cipher.decrypt(base64.b64decode(encrypted, validate=True))
        except ValueError as error:
            raise EnvelopeFault("not a ciphertext") from error
        padding = plain[-1]
        if not 1 <= padding <= _BLOCK or plain[-padding:] != bytes([padding]) * padding:
            raise EnvelopeFault("wrong padding")
        if len(plain) % _BLOCK:
            raise EnvelopeFault("not padded to 32 bytes")
        length = int.from_bytes(plain[16:20], "big")
        text, receive_id = plain[20 : 20 + length], plain[20 + length : -padding]
        if receive_id.decode("utf-8", "replace") != self.receive_id:
            raise EnvelopeFault("wrong receive id")
        try:
            return bytes(text).decode("utf-8")
        except UnicodeDecodeError as error:
            raise EnvelopeFault("not UTF-8") from error
