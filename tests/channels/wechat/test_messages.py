"""Messages and events in the one form of all channels."""

from __future__ import annotations

from typing import Any

import pytest

from bot.channels.platform.crypto import EnvelopeError
from bot.channels.wechat.messages import read_message


def fields(kind: str = "text", **more: str) -> dict[str, Any]:
    """The elements of a message, read."""
    head = {"ToUserName": "gh_1", "FromUserName": "o-1", "CreateTime": "1795000000"}
    return head | {"MsgType": kind} | more


@pytest.mark.parametrize(
    ("kind", "more", "expected"),
    [
        ("text", {"Content": "房租 减免"}, ("text", "房租 减免")),
        ("voice", {"MediaId": "m", "Recognition": "房租减免。"}, ("text", "房租减免。")),
        ("voice", {"MediaId": "m", "Recognition": ""}, ("voice", "")),
        ("voice", {"MediaId": "m"}, ("voice", "")),
        ("image", {"PicUrl": "http://x", "MediaId": "m"}, ("image", "")),
        ("video", {"MediaId": "m"}, ("video", "")),
        ("shortvideo", {"MediaId": "m"}, ("video", "")),
        ("file", {"Title": "t"}, ("file", "")),
        ("location", {"Location_X": "37.8", "Label": "太原"}, ("location", "")),
        ("link", {"Url": "http://x"}, ("link", "")),
    ],
)
def test_messages(kind: str, more: dict[str, str], expected: tuple[str, str]) -> None:
    inbound = read_message(fields(kind, MsgId="70001", **more))
    assert inbound is not None
    assert (inbound.kind, inbound.text) == expected
    assert (inbound.key, inbound.message_id) == ("wechat:o-1", "70001")
    assert inbound.address == {"touser": "o-1", "quota": "message"}


@pytest.mark.parametrize(
    ("event", "key", "expected"),
    [
        ("subscribe", "", ("subscribe", "")),
        ("subscribe", "qrscene_12", ("subscribe", "")),
        ("unsubscribe", "", ("unsubscribe", "")),
        ("CLICK", "房租减免有哪些", ("text", "房租减免有哪些")),
    ],
)
def test_events(event: str, key: str, expected: tuple[str, str]) -> None:
    inbound = read_message(fields("event", Event=event, EventKey=key))
    assert inbound is not None
    assert (inbound.kind, inbound.text) == expected
    assert inbound.message_id == f"o-1:1795000000:{event}:{key}"
    assert inbound.address["quota"] == "event"


@pytest.mark.parametrize(
    ("kind", "more"),
    [
        ("event", {"Event": "SCAN", "EventKey": "12"}),
        ("event", {"Event": "VIEW", "EventKey": "https://x"}),
        ("event", {"Event": "LOCATION", "Latitude": "37"}),
        ("event", {"Event": "MASSSENDJOBFINISH"}),
        ("event", {"Event": "something_new"}),
        ("event", {"Event": "CLICK", "EventKey": " "}),
        ("event", {}),
    ],
)
def test_what_nobody_waits_for_is_passed_over(kind: str, more: dict[str, str]) -> None:
    assert read_message(fields(kind, **more)) is None


def test_a_kind_that_nobody_knows_is_a_message() -> None:
    inbound = read_message(fields("something_new", MsgId="1"))
    assert inbound is not None
    assert (inbound.kind, inbound.text) == ("other", "")


@pytest.mark.parametrize("more", [{}, {"MsgId": ""}, {"MsgId": "0"}])
def test_a_message_without_an_id_is_known_by_sender_time_and_words(more: dict[str, str]) -> None:
    ids = []
    for text in ("x", "y", "x"):
        inbound = read_message(fields(Content=text, **more))
        assert inbound is not None and inbound.message_id is not None
        ids.append(inbound.message_id)
    assert ids[0] == ids[2] != ids[1]
    assert ids[0].startswith("o-1:1795000000:text:")


def test_a_long_event_key_does_not_make_a_long_id() -> None:
    ids = set()
    for key in ("长" * 400 + "甲", "长" * 400 + "乙"):
        inbound = read_message(fields("event", Event="CLICK", EventKey=key))
        assert inbound is not None
        assert inbound.message_id is not None
        assert len(inbound.message_id) < 200
        ids.add(inbound.message_id)
    assert len(ids) == 2


@pytest.mark.parametrize(
    "wrong",
    [
        {"FromUserName": ""},
        {"FromUserName": "o" * 65},
        {"FromUserName": ["a", "b"]},
        {"MsgType": ""},
        {"Content": {"x": "y"}},
        {"MsgId": "9" * 600},
        {"CreateTime": "", "MsgId": ""},
    ],
)
def test_a_field_that_is_wrong_makes_the_whole_wrong(wrong: dict[str, Any]) -> None:
    with pytest.raises(EnvelopeError):
        read_message(fields(MsgId="1", Content="x") | wrong)
