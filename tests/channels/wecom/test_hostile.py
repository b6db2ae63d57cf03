"""What no platform would send: refused alike, no work done."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Callable
from typing import Any

import pytest
import xmltodict
from wechatpy.crypto import PrpCrypto, _get_signature
from wechatpy.crypto.pkcs7 import PKCS7Encoder

from bot.channels.platform.request import MAX_BODY
from bot.channels.wecom import PATH
from tests.channels.wecom.conftest import Stage
from tests.channels.wecom.platform import CORP, TOKEN, Caller, fields

FORBIDDEN = {"error": {"code": "forbidden", "message": "请求未通过验证"}}


def inner(**changes: Any) -> str:
    return str(xmltodict.unparse({"xml": fields(**changes)}))


async def refused(stage: Stage, body: str | bytes, query: dict[str, str]) -> None:
    """Refused as all wrong envelopes are, with nothing that would tell them apart."""
    response = await stage.caller.raw(body, query)
    assert response.status == 403
    assert json.loads(await response.text()) == FORBIDDEN
    assert stage.talk.accepted == []


def flipped(encrypted: str, place: int) -> str:
    sealed = bytearray(base64.b64decode(encrypted))
    sealed[place] ^= 1
    return base64.b64encode(sealed).decode()


Change = Callable[[Caller, str], tuple[str, dict[str, str]]]


def _signed_by_another(caller: Caller, encrypted: str) -> tuple[str, dict[str, str]]:
    return caller.envelope(encrypted), caller.query(encrypted, msg_signature="0" * 40)


def _signed_for_another_time(caller: Caller, encrypted: str) -> tuple[str, dict[str, str]]:
    return caller.envelope(encrypted), caller.query(encrypted, timestamp="1700000001")


def _signed_for_another_text(caller: Caller, encrypted: str) -> tuple[str, dict[str, str]]:
    return caller.envelope(caller.encrypt(inner(Content="别的"))), caller.query(encrypted)


def _signature_beyond_ascii(caller: Caller, encrypted: str) -> tuple[str, dict[str, str]]:
    return caller.envelope(encrypted), caller.query(encrypted, msg_signature="签" * 40)


@pytest.mark.parametrize(
    "change",
    [
        _signed_by_another,
        _signed_for_another_time,
        _signed_for_another_text,
        _signature_beyond_ascii,
    ],
)
async def test_a_wrong_signature(stage: Stage, change: Change) -> None:
    await refused(stage, *change(stage.caller, stage.caller.encrypt(inner())))


@pytest.mark.parametrize(
    "spoil",
    [
        lambda text: flipped(text, 0),
        lambda text: flipped(text, 20),
        lambda text: flipped(text, -1),
        lambda text: flipped(text, -17),
        lambda text: text[: len(text) // 2 // 4 * 4],
        lambda text: text[:-4],
        lambda text: text[:-1],
        lambda text: text + "AAAA",
        lambda text: "",
        lambda text: "AAAA",
        lambda text: "不是密文",
        lambda text: text.replace(text[5], "*"),
    ],
)
async def test_a_spoilt_ciphertext_with_a_right_signature(
    stage: Stage, spoil: Callable[[str], str]
) -> None:
    encrypted = spoil(stage.caller.encrypt(inner()))
    await refused(stage, stage.caller.envelope(encrypted), stage.caller.query(encrypted))


@pytest.mark.parametrize("receive_id", ["", "wx0000000000000000", f"{CORP}x", CORP.upper()])
async def test_another_receive_id(stage: Stage, receive_id: str) -> None:
    encrypted = stage.caller.encrypt(inner(), receive_id)
    await refused(stage, stage.caller.envelope(encrypted), stage.caller.query(encrypted))


@pytest.mark.parametrize("pad", [b"\x00", b"\x21", b"\xff", b"\x01\x02\x03"])
async def test_a_wrong_padding(stage: Stage, monkeypatch: pytest.MonkeyPatch, pad: bytes) -> None:
    whole = PKCS7Encoder.encode

    def encode(text: bytes) -> bytes:
        padded = bytes(whole(text))
        return padded[: -len(pad)] + pad

    monkeypatch.setattr(PKCS7Encoder, "encode", staticmethod(encode))
    encrypted = PrpCrypto(stage.caller.crypto.key).encrypt(inner() + " " * 7, CORP).decode()
    await refused(stage, stage.caller.envelope(encrypted), stage.caller.query(encrypted))


@pytest.mark.parametrize(
    "change", [{"ToUserName": "wx0000000000000000"}, {"AgentID": "1000003"}, {"AgentID": "x"}]
)
async def test_another_corp_or_app(stage: Stage, change: dict[str, str]) -> None:
    encrypted = stage.caller.encrypt(inner())
    outer = stage.caller.envelope(encrypted, **change)
    await refused(stage, outer, stage.caller.query(encrypted))
    encrypted = stage.caller.encrypt(inner(**change))
    await refused(stage, stage.caller.envelope(encrypted), stage.caller.query(encrypted))


ENTITY = '<!DOCTYPE xml [<!ENTITY a "x">]>'
EXTERNAL = '<!DOCTYPE xml SYSTEM "file:///etc/passwd">'


@pytest.mark.parametrize(
    "body",
    [
        "",
        "<",
        "<xml>",
        "<xml></xml>",
        "<xml/>",
        "not xml at all",
        "{}",
        "<html><Encrypt>x</Encrypt></html>",
        "<xml><Encrypt>x</Encrypt></xml><xml/>",
        "<xml><Encrypt>x</Encrypt><Encrypt>y</Encrypt></xml>",
        "<xml><Encrypt><a>x</a></Encrypt></xml>",
        f"{ENTITY}<xml><ToUserName>{CORP}</ToUserName><Encrypt>&a;</Encrypt></xml>",
        f"{EXTERNAL}<xml><Encrypt>x</Encrypt></xml>",
        "<xml>" + "<a>" * 3000 + "</a>" * 3000 + "</xml>",
        b"\xff\xfe<xml/>",
        '<?xml version="1.0" encoding="UTF-7"?><xml>+ADw-</xml>',
    ],
)
async def test_a_malformed_envelope(stage: Stage, body: str | bytes) -> None:
    await refused(stage, body, stage.caller.query("x"))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "plain words",
        "<xml>",
        f"{ENTITY}<xml><ToUserName>{CORP}</ToUserName></xml>",
        "<xml><ToUserName>x</ToUserName></xml>",
        '{"ToUserName": "x"}',
    ],
)
async def test_a_malformed_message(stage: Stage, text: str) -> None:
    encrypted = stage.caller.encrypt(text)
    await refused(stage, stage.caller.envelope(encrypted), stage.caller.query(encrypted))


@pytest.mark.parametrize("missing", ["msg_signature", "timestamp", "nonce"])
async def test_a_missing_parameter(stage: Stage, missing: str) -> None:
    encrypted = stage.caller.encrypt(inner())
    query = stage.caller.query(encrypted)
    del query[missing]
    response = await stage.caller.raw(stage.caller.envelope(encrypted), query)
    assert response.status == 400
    assert stage.talk.accepted == []


async def test_a_timestamp_that_is_none(stage: Stage) -> None:
    encrypted = stage.caller.encrypt(inner())
    signature = _get_signature(TOKEN, "soon", "1", encrypted)
    query = {"msg_signature": signature, "timestamp": "soon", "nonce": "1"}
    response = await stage.caller.raw(stage.caller.envelope(encrypted), query)
    assert response.status == 400
    assert stage.talk.accepted == []


async def test_too_large(stage: Stage) -> None:
    response = await stage.caller.raw("x" * (MAX_BODY + 1), stage.caller.query("x"))
    assert response.status == 413


async def test_too_large_without_saying_so(stage: Stage) -> None:
    async def pieces() -> Any:
        for _ in range(200):
            yield b"x" * 1024
            await asyncio.sleep(0)

    query = stage.caller.query("x")
    async with stage.caller.client.post(PATH, data=pieces(), params=query) as response:
        assert response.status == 413


async def test_an_old_request_is_refused(stage: Stage) -> None:
    stage.caller.now -= 3600
    response = await stage.caller.post(fields())
    assert response.status == 403
    assert stage.talk.accepted == []


async def test_a_recorded_request_does_no_work_at_any_time(stage: Stage) -> None:
    encrypted = stage.caller.encrypt(inner())
    body, query = stage.caller.envelope(encrypted), stage.caller.query(encrypted)
    for hours in (0, 0, 1, 1000):
        stage.clock.now += hours * 3600
        response = await stage.caller.raw(body, query)
        assert (response.status, await response.text()) == (200, "")
    assert len(stage.talk.accepted) == 1


async def test_a_recorded_message_is_not_read_to_anybody(stage: Stage) -> None:
    """The signature of a message holds for an echostr too; it must not open messages."""
    encrypted = stage.caller.encrypt(inner(Content="营收三千万"))
    query = stage.caller.query(encrypted, echostr=encrypted)
    async with stage.caller.client.get(PATH, params=query) as response:
        assert response.status == 403
        assert "营收" not in await response.text()


async def test_a_wrong_echo(stage: Stage) -> None:
    encrypted = stage.caller.encrypt("1616140317555161061")
    for change in ({"msg_signature": "0" * 40}, {"nonce": "1"}, {"echostr": encrypted[:-4]}):
        query = {**stage.caller.query(encrypted, echostr=encrypted), **change}
        async with stage.caller.client.get(PATH, params=query) as response:
            assert response.status == 403
            assert await response.json() == FORBIDDEN


async def test_guessing_is_slowed_down_and_the_platform_is_not(stage: Stage) -> None:
    encrypted = stage.caller.encrypt(inner())
    body, query = stage.caller.envelope(encrypted), stage.caller.query(encrypted)
    wrong = {**query, "msg_signature": "0" * 40}
    statuses = [(await stage.caller.raw(body, wrong)).status for _ in range(100)]
    assert statuses[0] == 403
    assert statuses[-1] == 429
    assert (await stage.caller.raw(body, query)).status == 200
    assert len(stage.talk.accepted) == 1


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "HEAD"])
async def test_another_method(stage: Stage, method: str) -> None:
    async with stage.caller.client.request(method, PATH) as response:
        assert response.status == 405
