"""The envelope: the published samples, a second opinion, and everything that must be refused."""

from __future__ import annotations

import base64
import os

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC
from hypothesis import given, settings
from hypothesis import strategies as st
from wechatpy.crypto import WeChatCrypto
from wechatpy.enterprise.crypto import WeChatCrypto as WorkCrypto
from wechatpy.exceptions import InvalidAppIdException

from bot.channels.platform.crypto import (
    MAX_ENCRYPTED,
    EnvelopeError,
    MessageCipher,
    check_signature,
    sign,
)

# The samples of https://developer.work.weixin.qq.com/document/path/90968 and of the sample
# code published with it. The key's spare bits are set.
TOKEN, CORP = "QDG6eK", "wx5823bf96d3bd56c7"
KEY = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C"
ECHO = (
    "5c45ff5e21c57e6ad56bac8758b79b1d9ac89fd3",
    "1409659589",
    "263014780",
    "P9nAzCzyDtyTWESHep1vC5X9xho/qYX3Zpb4yKa9SKld1DsH3Iyt3tP3zNdtp+4RPcs8TgAE7OaBO+FZXvnaqQ==",
)
MESSAGE = (
    "477715d11cdb4164915debcba66cb864d751f3e6",
    "1409659813",
    "1372623149",
    "RypEvHKD8QQKFhvQ6QleEB4J58tiPdvo+rtK1I9qca6aM/wvqnLSV5zEPeusUiX5L5X/0lWfrf0QADHHhGd3QczcdCUpj9"
    "11L3vg3W/sYYvuJTs3TUUkSUXxaccAS0qhxchrRYt66wiSpGLYL42aM6A8dTT+6k4aSknmPj48kzJs8qLjvd4Xgpue06DO"
    "dnLxAUHzM6+kDZ+HMZfJYuR+LtwGc2hgf5gsijff0ekUNXZiqATP7PF5mZxZ3Izoun1s4zG4LUMnvw2r+KqCKIw+3IQH03"
    "v+BCA9nMELNqbSf6tiWSrXJB3LAVGUcallcrw8V2t9EL4EhzJWrQUax5wLVMNS0+rUPA3k22Ncx4XXZS9o0MBH27Bo6BpN"
    "elZpS+/uh9KsNlY6bHCmJU9p8g7m3fVKn28H3KDYA5Pl/T8Z1ptDAVe0lXdQ2YoyyH2uyPIGHBZZIs2pDBS8R07+qN+E7Q"
    "==",
)
PLAIN = (
    "<xml><ToUserName><![CDATA[wx5823bf96d3bd56c7]]></ToUserName>\n"
    "<FromUserName><![CDATA[mycreate]]></FromUserName>\n"
    "<CreateTime>1409659813</CreateTime>\n"
    "<MsgType><![CDATA[text]]></MsgType>\n"
    "<Content><![CDATA[hello]]></Content>\n"
    "<MsgId>4561255354251345929</MsgId>\n"
    "<AgentID>218</AgentID>\n"
    "</xml>"
)
# Words of people: no lone surrogates, which UTF-8 cannot hold.
WORDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=400)


@pytest.fixture
def cipher() -> MessageCipher:
    return MessageCipher(TOKEN, KEY, CORP)


def seal(plain: bytes) -> str:
    """A ciphertext of exactly these bytes, under the sample's key."""
    key = base64.b64decode(KEY + "=")
    encryptor = Cipher(AES(key), CBC(key[:16])).encryptor()
    return base64.b64encode(encryptor.update(plain) + encryptor.finalize()).decode()


def framed(message: bytes, receive_id: str = CORP, length: int | None = None) -> bytes:
    size = len(message) if length is None else length
    return os.urandom(16) + size.to_bytes(4) + message + receive_id.encode()


def padded(plain: bytes) -> bytes:
    pad = 32 - len(plain) % 32
    return plain + bytes([pad]) * pad


@pytest.mark.parametrize(
    ("sample", "plain"), [(ECHO, "1616140317555161061"), (MESSAGE, PLAIN)], ids=["echo", "message"]
)
def test_the_published_samples(
    cipher: MessageCipher, sample: tuple[str, str, str, str], plain: str
) -> None:
    cipher.check(*sample)
    assert cipher.sign(*sample[1:]) == sample[0]
    assert cipher.decrypt(sample[3]) == plain


def test_the_keys_spare_bits_do_not_matter() -> None:
    twin = KEY[:-1] + "A"  # the same 256 bits, the spare two not set
    assert MessageCipher(TOKEN, twin, CORP).decrypt(ECHO[3]) == "1616140317555161061"


@pytest.mark.parametrize("key", ["", KEY[:-1], KEY + "A", KEY + "=", "-" * 43, "密" * 43])
def test_a_malformed_key_is_refused(key: str) -> None:
    with pytest.raises(ValueError):
        MessageCipher(TOKEN, key, CORP)


@given(text=WORDS, receive_id=st.sampled_from(["", CORP, "ww1"]))
def test_what_is_sealed_is_opened(text: str, receive_id: str) -> None:
    cipher = MessageCipher(TOKEN, KEY, receive_id)
    encrypted = cipher.encrypt(text)
    assert len(base64.b64decode(encrypted)) % 32 == 0
    assert cipher.decrypt(encrypted) == text
    assert cipher.encrypt(text) != encrypted, "the 16 bytes in front are random"


@settings(max_examples=50)
@given(text=WORDS.filter(str.strip), nonce=st.from_regex(r"[0-9a-z]{1,16}", fullmatch=True))
def test_a_second_opinion(text: str, nonce: str) -> None:
    """wechatpy opens what we seal, and we what it seals."""
    cipher = MessageCipher(TOKEN, KEY, CORP)
    encrypted = cipher.encrypt(text)
    for other in (WeChatCrypto(TOKEN, KEY, CORP), WorkCrypto(TOKEN, KEY, CORP)):
        signature = cipher.sign("1409659813", nonce, encrypted)
        opened = other.decrypt_message({"Encrypt": encrypted}, signature, "1409659813", nonce)
        assert _text(opened) == text
        theirs = other.encrypt_message(text, nonce, "1409659813")
        sealed = theirs.split("<Encrypt><![CDATA[")[1].split("]]>")[0]
        signed = theirs.split("<MsgSignature><![CDATA[")[1].split("]]>")[0]
        cipher.check(signed, "1409659813", nonce, sealed)
        assert cipher.decrypt(sealed) == text


def _text(value: str | bytes) -> str:
    return value.decode() if isinstance(value, bytes) else value


def test_a_second_opinion_on_the_receive_id() -> None:
    encrypted = MessageCipher(TOKEN, KEY, "wx-other").encrypt("x")
    signature = sign(TOKEN, "1", "2", encrypted)
    with pytest.raises(InvalidAppIdException):
        WeChatCrypto(TOKEN, KEY, CORP).decrypt_message({"Encrypt": encrypted}, signature, "1", "2")
    with pytest.raises(EnvelopeError):
        MessageCipher(TOKEN, KEY, CORP).decrypt(encrypted)


@pytest.mark.parametrize("field", range(4))
def test_every_flipped_character_is_refused(cipher: MessageCipher, field: int) -> None:
    for place in range(len(MESSAGE[field])):
        parts = list(MESSAGE)
        old = parts[field][place]
        parts[field] = parts[field][:place] + chr(ord(old) ^ 1) + parts[field][place + 1 :]
        with pytest.raises(EnvelopeError):
            cipher.check(*parts)


@given(place=st.integers(0, 287), bit=st.integers(0, 7))
def test_a_flipped_bit_never_gets_beyond_the_one_error(place: int, bit: int) -> None:
    """CBC alone proves nothing; but whatever is made of it, nothing else is ever raised."""
    sealed = bytearray(base64.b64decode(MESSAGE[3]))
    sealed[place % len(sealed)] ^= 1 << bit
    try:
        opened = MessageCipher(TOKEN, KEY, CORP).decrypt(base64.b64encode(sealed).decode())
    except EnvelopeError as error:
        assert str(error) == str(EnvelopeError())
    else:
        assert len(opened.encode()) == len(PLAIN)


@pytest.mark.parametrize(
    "signature", ["", ECHO[0][:-1], ECHO[0].upper(), ECHO[0] + "0", "签" * 40, "\ud800"]
)
def test_a_wrong_signature_is_refused(cipher: MessageCipher, signature: str) -> None:
    with pytest.raises(EnvelopeError):
        cipher.check(signature, *ECHO[1:])


def test_a_part_that_is_no_text_is_refused() -> None:
    with pytest.raises(EnvelopeError):
        check_signature("0" * 40, "token", "\ud800")


def test_the_signature_of_plain_mode() -> None:
    check_signature(sign(TOKEN, "1409659589", "263014780"), TOKEN, "1409659589", "263014780")
    with pytest.raises(EnvelopeError):
        check_signature(sign(TOKEN, "1409659589", "263014780"), TOKEN, "1409659590", "263014780")


@pytest.mark.parametrize("cut", [1, 2, 3, 4, 8, 16, 43, 44, 87, 88])
def test_a_truncated_ciphertext_is_refused(cipher: MessageCipher, cut: int) -> None:
    with pytest.raises(EnvelopeError):
        cipher.decrypt(ECHO[3][:-cut])


@pytest.mark.parametrize(
    "encrypted",
    [
        "",
        "====",
        ECHO[3][:-2],
        ECHO[3] + "\n",
        " " + ECHO[3],
        ECHO[3].replace("/", "_"),
        ECHO[3][:10] + "\n" + ECHO[3][10:],
        ECHO[3] + ECHO[3],
        "密文" * 44,
        "A" * (MAX_ENCRYPTED + 4),
        base64.b64encode(b"0" * 16).decode(),
        base64.b64encode(b"0" * 48).decode(),
    ],
)
def test_what_is_no_ciphertext_is_refused(cipher: MessageCipher, encrypted: str) -> None:
    with pytest.raises(EnvelopeError):
        cipher.decrypt(encrypted)


def test_one_over_the_bound_is_refused_and_one_at_it_is_not(cipher: MessageCipher) -> None:
    size = MAX_ENCRYPTED // 4 * 3 - 20 - len(CORP) - 32
    assert len(cipher.decrypt(cipher.encrypt("x" * size))) == size
    with pytest.raises(EnvelopeError):
        cipher.decrypt(cipher.encrypt("x" * (size + 64)))


def test_what_is_built_by_hand_is_opened(cipher: MessageCipher) -> None:
    """So that the refusals below are due to the one thing that is wrong in each."""
    assert cipher.decrypt(seal(padded(framed("问".encode())))) == "问"


@pytest.mark.parametrize("receive_id", ["", CORP[:-1], CORP + "x", CORP.upper(), "wx-other"])
def test_a_wrong_receive_id_is_refused(cipher: MessageCipher, receive_id: str) -> None:
    with pytest.raises(EnvelopeError):
        cipher.decrypt(seal(padded(framed(b"hello", receive_id))))


@pytest.mark.parametrize("length", [0, 4, 6, 5 + len(CORP), 6 + len(CORP), 2**31, 2**32 - 1])
@pytest.mark.parametrize("receive_id", [CORP, ""])
def test_a_wrong_length_is_refused(length: int, receive_id: str) -> None:
    cipher = MessageCipher(TOKEN, KEY, receive_id)
    with pytest.raises(EnvelopeError):
        cipher.decrypt(seal(padded(framed(b"hello", receive_id, length))))


def test_a_wrong_padding_is_refused(cipher: MessageCipher) -> None:
    plain = framed(b"hello")
    pad = 32 - len(plain) % 32
    assert pad > 2
    good = plain + bytes([pad]) * pad
    for place in range(len(plain), len(good)):
        wrong = bytearray(good)
        wrong[place] ^= 0x40
        with pytest.raises(EnvelopeError):
            cipher.decrypt(seal(bytes(wrong)))


@pytest.mark.parametrize("last", [0, 33, 64, 255])
def test_a_padding_out_of_range_is_refused(cipher: MessageCipher, last: int) -> None:
    plain = framed(b"h" * (96 - 1 - 20 - len(CORP))) + bytes([last])
    with pytest.raises(EnvelopeError):
        cipher.decrypt(seal(plain))


def test_a_padding_that_leaves_no_head_is_refused() -> None:
    cipher = MessageCipher(TOKEN, KEY, "")
    with pytest.raises(EnvelopeError):
        cipher.decrypt(seal(b"\x20" * 32))
    with pytest.raises(EnvelopeError):
        cipher.decrypt(seal(bytes(19) + b"\x0d" * 13))
    assert cipher.decrypt(seal(bytes(20) + b"\x0c" * 12)) == ""


def test_a_padding_to_16_bytes_is_refused(cipher: MessageCipher) -> None:
    plain = framed(b"hello")
    pad = 16 - len(plain) % 16
    sixteen = plain + bytes([pad]) * pad
    assert len(sixteen) % 32 == 16
    with pytest.raises(EnvelopeError):
        cipher.decrypt(seal(sixteen))


@pytest.mark.parametrize("message", [b"\xff", b"\xe9\x97", b"\xed\xa0\x80", b"\xc0\x80"])
def test_what_is_no_utf_8_is_refused(cipher: MessageCipher, message: bytes) -> None:
    with pytest.raises(EnvelopeError):
        cipher.decrypt(seal(padded(framed(message))))


def test_a_lone_surrogate_does_not_stop_a_reply(cipher: MessageCipher) -> None:
    assert cipher.decrypt(cipher.encrypt("a\ud800b")) == "a?b"
