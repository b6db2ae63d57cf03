"""The platforms' envelope: a SHA-1 signature over AES-256-CBC.

One scheme serves the WeCom app, the WeCom AI bot and the WeChat official account; they
differ in the receive id only. Source: https://developer.work.weixin.qq.com/document/path/90968

The ciphertext is the base64 of 16 random bytes, 4 bytes of length (big-endian), the
message in UTF-8 and the receive id, padded to a multiple of 32 bytes as PKCS#7 has it.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import os
import re

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC

__all__ = ["MAX_ENCRYPTED", "EnvelopeError", "MessageCipher", "check_signature", "sign"]

MAX_ENCRYPTED = 64 * 1024
"""Characters of base64; more than any platform sends in one message."""

_BLOCK = 32  # what PKCS#7 pads to here; AES' own block is 16
_RANDOM = 16
_HEAD = _RANDOM + 4


class EnvelopeError(Exception):
    """The envelope or what is in it is not as it should be; what exactly is not told."""

    def __init__(self) -> None:
        super().__init__("the envelope is not acceptable")


def sign(*parts: str) -> str:
    """The signature of these parts, the token among them: SHA-1 in hex over them, sorted.

    Raises:
        EnvelopeError: a part is no Unicode text (holds a lone surrogate).
    """
    try:
        return hashlib.sha1("".join(sorted(parts)).encode()).hexdigest()
    except UnicodeEncodeError:
        raise EnvelopeError from None


def check_signature(signature: str, *parts: str) -> None:
    """Compare, in constant time, a signature with that of the parts.

    Raises:
        EnvelopeError: they differ.
    """
    # As bytes: compare_digest takes no text beyond ASCII.
    if not hmac.compare_digest(signature.encode("utf-8", "replace"), sign(*parts).encode()):
        raise EnvelopeError


class MessageCipher:
    """Opens and closes the envelopes of one channel.

    Args:
        token: the token set in the platform's administration page.
        aes_key: its EncodingAESKey, 43 characters of base64.
        receive_id: corp id (WeCom), app id (WeChat) or nothing (AI bot).

    Raises:
        ValueError: the key is malformed.
    """

    def __init__(self, token: str, aes_key: str, receive_id: str) -> None:
        if not re.fullmatch(r"[0-9A-Za-z+/]{43}", aes_key):
            raise ValueError("the AES key is not 43 characters of base64")
        # 43 characters carry two bits more than 32 bytes; the platform sets those at
        # random (its own published key has them set), so they are dropped, not checked.
        key = binascii.a2b_base64(aes_key + "=", strict_mode=False)
        self._token = token
        self._receive_id = receive_id.encode()
        self._cipher = Cipher(AES(key), CBC(key[:16]))

    def sign(self, timestamp: str, nonce: str, encrypted: str) -> str:
        """The signature (``msg_signature``) of a ciphertext.

        Raises:
            EnvelopeError: a part is no Unicode text.
        """
        return sign(self._token, timestamp, nonce, encrypted)

    def check(self, signature: str, timestamp: str, nonce: str, encrypted: str) -> None:
        """Check the signature of a ciphertext in constant time; always before decrypting it.

        Raises:
            EnvelopeError: it is another.
        """
        check_signature(signature, self._token, timestamp, nonce, encrypted)

    def decrypt(self, encrypted: str) -> str:
        """The message in a ciphertext.

        Raises:
            EnvelopeError: base64, length, padding, receive id or UTF-8 are wrong.
        """
        plain = _unpadded(self._decrypted(encrypted))
        end = _HEAD + int.from_bytes(plain[_RANDOM:_HEAD])
        # A length beyond the end leaves no receive id, which is then another than ours;
        # where ours is empty that does not tell, hence the first comparison.
        if end > len(plain) or not hmac.compare_digest(plain[end:], self._receive_id):
            raise EnvelopeError
        try:
            return plain[_HEAD:end].decode("utf-8")
        except UnicodeDecodeError:
            raise EnvelopeError from None

    def encrypt(self, text: str) -> str:
        """A message as ciphertext in base64; lone surrogates become question marks."""
        message = text.encode("utf-8", "replace")
        plain = os.urandom(_RANDOM) + len(message).to_bytes(4) + message + self._receive_id
        pad = _BLOCK - len(plain) % _BLOCK
        encryptor = self._cipher.encryptor()
        sealed = encryptor.update(plain + bytes([pad]) * pad) + encryptor.finalize()
        return base64.b64encode(sealed).decode("ascii")

    def _decrypted(self, encrypted: str) -> bytes:
        if len(encrypted) > MAX_ENCRYPTED:
            raise EnvelopeError
        try:
            sealed = binascii.a2b_base64(encrypted, strict_mode=True)
        except ValueError:  # binascii.Error, or not ASCII
            raise EnvelopeError from None
        if not sealed or len(sealed) % _BLOCK:
            raise EnvelopeError
        decryptor = self._cipher.decryptor()
        return decryptor.update(sealed) + decryptor.finalize()


def _unpadded(plain: bytes) -> bytes:
    pad = plain[-1]
    if not 1 <= pad <= _BLOCK or not hmac.compare_digest(plain[-pad:], bytes([pad]) * pad):
        raise EnvelopeError
    if len(plain) - pad < _HEAD:
        raise EnvelopeError
    return plain[:-pad]
