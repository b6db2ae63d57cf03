"""Hostile requests: all are refused alike, and none of them does any work."""

from __future__ import annotations

import base64
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from wechatpy.crypto import WeChatCrypto

from bot.channels.platform.request import MAX_BODY
from bot.channels.wechat.envelope import Envelope
from bot.knowledge import Knowledge
from bot.storage.engine import Database
from tests.channels.wechat.platform import AES_KEY, APP_ID, CLOCK, TOKEN, Platform, message, signed
from tests.channels.wechat.world import World, opened, wechat_settings

Request = tuple[dict[str, str], bytes]
MODES = ["plain", "compatible", "safe"]


@pytest.fixture
def database_url(make_url: Callable[[str], str]) -> str:
    """What is refused never reaches a database: one kind will do."""
    return make_url("sqlite")


async def refused(world: World, request: Request, status: int = 403) -> bytes:
    """The body of the refusal; nothing was stored, nobody was asked."""
    query, body = request
    async with world.session.post(world.platform.url, params=query, data=body) as response:
        assert response.status == status
        answer = await response.read()
    assert world.rasa.asked == 0
    assert await world.kinds() == []
    return answer


def wrong_signature(platform: Platform, query: dict[str, str], body: bytes) -> Request:
    name = "signature" if platform.mode == "plain" else "msg_signature"
    return query | {name: "0" * 40}, body


def no_signature(platform: Platform, query: dict[str, str], body: bytes) -> Request:
    name = "signature" if platform.mode == "plain" else "msg_signature"
    return {key: value for key, value in query.items() if key != name}, body


def other_token(platform: Platform, query: dict[str, str], body: bytes) -> Request:
    stamp, nonce = query["timestamp"], query["nonce"]
    return query | {"signature": signed("x", stamp, nonce), "msg_signature": "1" * 40}, body


def other_nonce(platform: Platform, query: dict[str, str], body: bytes) -> Request:
    return query | {"nonce": "another"}, body


def other_time(platform: Platform, query: dict[str, str], body: bytes) -> Request:
    return query | {"timestamp": str(CLOCK + 1)}, body


def no_xml(platform: Platform, query: dict[str, str], body: bytes) -> Request:
    return query, b"{}"


def cut_off(platform: Platform, query: dict[str, str], body: bytes) -> Request:
    return query, body[:-20]


def with_dtd(platform: Platform, query: dict[str, str], body: bytes) -> Request:
    entity = b'<!DOCTYPE xml [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
    return query, entity + body


def no_sender(platform: Platform, query: dict[str, str], body: bytes) -> Request:
    return platform.request(message(FromUserName=None, Content="房租减免"))


def two_senders(platform: Platform, query: dict[str, str], body: bytes) -> Request:
    if platform.mode == "safe":
        return no_sender(platform, query, body)
    doubled = body.replace(b"<MsgType>", b"<FromUserName>x</FromUserName><MsgType>")
    return (query, doubled) if platform.mode == "plain" else wrong_signature(platform, query, body)


HOSTILE = [
    wrong_signature,
    no_signature,
    other_token,
    other_nonce,
    other_time,
    no_xml,
    cut_off,
    with_dtd,
    no_sender,
    two_senders,
]


@pytest.mark.parametrize("mode", MODES)
async def test_every_wrong_request_gets_the_same_refusal(
    database: Database, knowledge: Knowledge, tmp_path: Path, mode: str
) -> None:
    async with opened(database, knowledge, tmp_path, mode) as world:
        answers = set()
        for make in HOSTILE:
            right = world.platform.request(message(Content="房租减免"))
            answers.add(await refused(world, make(world.platform, *right)))
        assert len(answers) == 1
        assert await world.says("房租减免") == "答：房租减免"


def sealed(inner: str, app_id: str = APP_ID, key: str = AES_KEY) -> Request:
    """A request in safe mode, rightly signed, whatever is in it."""
    import xmltodict

    crypto, stamp, nonce = WeChatCrypto(TOKEN, key, app_id), str(CLOCK), "n1"
    outer = xmltodict.parse(crypto.encrypt_message(inner, nonce, stamp))["xml"]
    return _request(outer["Encrypt"], stamp, nonce)


def _request(encrypted: str, stamp: str = str(CLOCK), nonce: str = "n1") -> Request:
    query = {
        "timestamp": stamp,
        "nonce": nonce,
        "signature": signed(TOKEN, stamp, nonce),
        "encrypt_type": "aes",
        "msg_signature": signed(TOKEN, stamp, nonce, encrypted),
    }
    return query, f"<xml><Encrypt><![CDATA[{encrypted}]]></Encrypt></xml>".encode()


def inner(**fields: Any) -> str:
    """A message as XML."""
    from tests.channels.wechat.platform import xml

    return xml(message(Content="房租减免", **fields))


def encrypted_of(request: Request) -> str:
    return request[1].decode().split("CDATA[")[1].split("]]")[0]


def flipped(place: int) -> Request:
    raw = bytearray(base64.b64decode(encrypted_of(sealed(inner()))))
    raw[place] ^= 1
    return _request(base64.b64encode(raw).decode())


CIPHERTEXTS = {
    "another account's": lambda: sealed(inner(), app_id="wx0000000000000000"),
    "no account": lambda: sealed(inner(), app_id=""),
    "another key": lambda: sealed(inner(), key="Z" * 42 + "A"),
    "no XML inside": lambda: sealed("hello"),
    "DTD inside": lambda: sealed('<!DOCTYPE xml [<!ENTITY a "b">]>' + inner()),
    "cut off by a block": lambda: _request(
        base64.b64encode(base64.b64decode(encrypted_of(sealed(inner())))[:-32]).decode()
    ),
    "cut off within base64": lambda: _request(encrypted_of(sealed(inner()))[:-3]),
    "no base64": lambda: _request("不是密文"),
    "empty": lambda: _request(""),
    "first byte flipped in the padding": lambda: flipped(-33),
    "last byte flipped": lambda: flipped(-1),
    "one block": lambda: _request(base64.b64encode(b"\0" * 32).decode()),
}


@pytest.mark.parametrize("name", CIPHERTEXTS)
async def test_a_signed_ciphertext_that_is_wrong_inside_is_refused(world: World, name: str) -> None:
    await refused(world, CIPHERTEXTS[name]())


async def test_safe_mode_believes_no_plain_request(world: World) -> None:
    plain = Platform(world.platform.url, "plain").request(message(Content="房租减免"))
    await refused(world, plain)
    query, _ = world.platform.request(message(Content="房租减免"))
    await refused(world, (query, plain[1]))


async def test_a_plain_body_beside_a_wrong_ciphertext_is_not_believed(
    database: Database, knowledge: Knowledge, tmp_path: Path
) -> None:
    async with opened(database, knowledge, tmp_path, "compatible") as world:
        query, body = world.platform.request(message(Content="房租减免"))
        await refused(world, (query | {"msg_signature": "0" * 40}, body))
        undeclared = {key: value for key, value in query.items() if key != "encrypt_type"}
        await refused(world, (undeclared, body))


async def test_compatible_mode_takes_the_ciphertext_for_true(
    database: Database, knowledge: Knowledge, tmp_path: Path
) -> None:
    async with opened(database, knowledge, tmp_path, "compatible") as world:
        query, body = world.platform.request(message(Content="房租减免"))
        forged = body.replace("房租减免".encode(), "退税政策".encode())
        assert forged != body
        async with world.session.post(world.platform.url, params=query, data=forged) as response:
            answer = world.platform.read(await response.text(), message())
        assert answer == "答：房租减免"


async def test_compatible_mode_takes_a_plain_request_and_answers_plainly(
    database: Database, knowledge: Knowledge, tmp_path: Path
) -> None:
    async with opened(database, knowledge, tmp_path, "compatible") as world:
        plain = Platform(world.platform.url, "plain")
        assert await plain.deliver(world.session, message(Content="房租减免")) == "答：房租减免"


async def test_an_oversized_body_is_not_read(world: World) -> None:
    query, _ = world.platform.request(message(Content="x"))
    await refused(world, (query, b"x" * (MAX_BODY + 1)), 413)


async def test_somebody_who_guesses_is_slowed_down_alone(world: World) -> None:
    query, body = world.platform.request(message(Content="房租减免"))
    statuses = set()
    for _ in range(90):
        guess = query | {"msg_signature": "0" * 40}
        async with world.session.post(world.platform.url, params=guess, data=body) as response:
            statuses.add(response.status)
    assert statuses == {403, 429}
    assert await world.says("房租减免") == "答：房租减免"


@pytest.mark.parametrize("mode", MODES)
async def test_the_address_is_shown_to_be_ours(
    database: Database, knowledge: Knowledge, tmp_path: Path, mode: str
) -> None:
    async with opened(database, knowledge, tmp_path, mode) as world:
        stamp, nonce, echo = str(CLOCK), "n2", "4375120948345356249"
        query = {
            "signature": signed(TOKEN, stamp, nonce),
            "timestamp": stamp,
            "nonce": nonce,
            "echostr": echo,
        }
        async with world.session.get(world.platform.url, params=query) as response:
            assert response.status == 200
            assert response.content_type == "text/plain"
            assert await response.read() == echo.encode()
        for change in ({"signature": "0" * 40}, {"echostr": ""}, {"nonce": "n3"}):
            async with world.session.get(world.platform.url, params=query | change) as response:
                assert response.status == 403
                assert echo not in await response.text()


def test_a_mode_without_its_key_is_no_mode(tmp_path: Path) -> None:
    with pytest.raises(ValueError):
        Envelope(wechat_settings(tmp_path, "safe", wechat_aes_key=None))
    Envelope(wechat_settings(tmp_path, "plain", wechat_aes_key=None))
