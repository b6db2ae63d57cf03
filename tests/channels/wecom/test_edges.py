"""What a platform, a proxy or a stranger may make of a callback, through HTTP."""

from __future__ import annotations

import gzip
from typing import Any

import pytest
import xmltodict
import yarl
from wechatpy.crypto import _get_signature

from bot.channels.wecom import PATH
from tests.channels.wecom.conftest import Stage
from tests.channels.wecom.platform import TOKEN, fields

EVENTS = {
    "subscribe": "subscribe",
    "unsubscribe": "unsubscribe",
    "enter_agent": "enter",
    "click": "text",
    "CLICK": "text",
    "template_card_event": "text",
    "template_card_menu_event": None,
    "LOCATION": None,
    "view": None,
    "scancode_push": None,
    "scancode_waitmsg": None,
    "pic_sysphoto": None,
    "pic_photo_or_album": None,
    "pic_weixin": None,
    "location_select": None,
    "open_approval_change": None,
    "share_agent_change": None,
    "change_contact": None,
    "close_inactive_agent": None,
    "": None,
    "<script>": None,
}


def inner(**changes: Any) -> str:
    return str(xmltodict.unparse({"xml": fields(**changes)}, full_document=False))


async def brought(stage: Stage, text: str, **headers: str) -> int:
    """The status that a message gets, its XML being ``text``."""
    encrypted = stage.caller.encrypt(text)
    body = stage.caller.envelope(encrypted).encode()
    query = stage.caller.query(encrypted)
    async with stage.caller.client.post(PATH, data=body, params=query, headers=headers) as got:
        await got.read()
        return got.status


def said(stage: Stage) -> list[str]:
    return [message.text for message in stage.talk.accepted]


@pytest.mark.parametrize(
    "content_type",
    ["text/xml", "application/xml; charset=gbk", "application/json", "text/plain", "x/y", ";;"],
)
async def test_the_content_type_does_not_matter(stage: Stage, content_type: str) -> None:
    assert await brought(stage, inner(), **{"Content-Type": content_type}) == 200
    assert said(stage) == ["扩岗补助"]


@pytest.mark.parametrize(
    "shape",
    [
        "\ufeff{}",
        '<?xml version="1.0" encoding="UTF-8"?>\n{}',
        '<?xml version="1.0" encoding="gb2312"?>{}',
        "<?proxy did this?>{}",
        "<!-- a word -->{}",
        "\n\t {}\n",
    ],
)
async def test_what_stands_around_a_document_does_not_matter(stage: Stage, shape: str) -> None:
    encrypted = stage.caller.encrypt(shape.format(inner()))
    outer = shape.format(stage.caller.envelope(encrypted))
    if shape.startswith("\n"):  # only the declaration must stand first
        outer = outer.strip()
    response = await stage.caller.raw(outer, stage.caller.query(encrypted))
    assert response.status == 200
    assert said(stage) == ["扩岗补助"]


@pytest.mark.parametrize(
    ("content", "heard"),
    [
        ("<![CDATA[a]]]]><![CDATA[>b]]>", "a]]>b"),
        ("a<!-- hidden -->b", "ab"),
        ("&lt;script&gt;&amp;&#20013;", "<script>&中"),
        ("<![CDATA[<FromUserName>boss</FromUserName>]]>", "<FromUserName>boss</FromUserName>"),
        ("<![CDATA[房\x00租\x0b减\x1f免]]>", "房租减免"),
        ("<![CDATA[👨‍👩‍👧‍👦𠮷]]>", "👨‍👩‍👧‍👦𠮷"),
        ("<![CDATA[/restart]]>", "/restart"),
        ("<![CDATA[  ]]>", "  "),
        ("", ""),
    ],
)
async def test_a_text_is_what_was_written(stage: Stage, content: str, heard: str) -> None:
    text = inner(Content="@@").replace("@@", content)
    assert await brought(stage, text) == 200
    assert said(stage) == [heard]


@pytest.mark.parametrize(
    "text",
    [
        inner().replace("<xml>", '<xml:xml xmlns:xml="x">').replace("</xml>", "</xml:xml>"),
        inner().replace("<xml>", "<XML>").replace("</xml>", "</XML>"),
        inner().replace("扩岗补助", "&undefined;"),
        inner().replace("扩岗补助", "&#0;"),
        inner().replace("扩岗补助", "<![CDATA[open"),
        inner().replace("扩岗补助", "<a>" * 12 + "</a>" * 12),
        inner().replace("</MsgType>", "</MsgType><MsgType>image</MsgType>"),
        inner() + inner(),
    ],
)
async def test_what_is_no_message_is_refused(stage: Stage, text: str) -> None:
    assert await brought(stage, text) == 403
    assert said(stage) == []


async def test_an_envelope_may_hold_the_ciphertext_alone(stage: Stage) -> None:
    """What else stands there is not signed; the key and the receive id say whose it is."""
    encrypted = stage.caller.encrypt(inner())
    body = f"<xml><Encrypt>{encrypted}</Encrypt></xml>"
    assert (await stage.caller.raw(body, stage.caller.query(encrypted))).status == 200
    assert await brought(stage, inner(AgentID=None, MsgId="2")) == 200
    assert len(stage.talk.accepted) == 2


async def test_a_compressed_body_is_bounded_too(stage: Stage) -> None:
    encrypted = stage.caller.encrypt(inner())
    query, zipped = stage.caller.query(encrypted), {"Content-Encoding": "gzip"}
    bomb = gzip.compress(b"<xml>" + b" " * 8_000_000)
    for data, status in ((bomb, 413), (b"no gzip at all", 400)):
        async with stage.caller.client.post(
            PATH, data=data, params=query, headers=zipped, compress=False
        ) as response:
            assert response.status == status
    assert said(stage) == []


@pytest.mark.parametrize(
    "timestamp",
    ["-1700000000", "+1700000000", "1.7e9", "0x6553f100", "٣", "170000000000000", "soon", "0", "1"],
)
async def test_a_timestamp_of_no_time_or_another(stage: Stage, timestamp: str) -> None:
    encrypted = stage.caller.encrypt(inner())
    signature = _get_signature(TOKEN, timestamp, "n", encrypted)
    query = {"msg_signature": signature, "timestamp": timestamp, "nonce": "n"}
    response = await stage.caller.raw(stage.caller.envelope(encrypted), query)
    assert response.status in (400, 403)
    assert said(stage) == []


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("name", ["msg_signature", "timestamp", "nonce"])
async def test_a_parameter_that_stands_twice_or_is_overlong(
    stage: Stage, method: str, name: str
) -> None:
    encrypted = stage.caller.encrypt(inner() if method == "POST" else "1616140317555161061")
    right = stage.caller.query(encrypted, **({"echostr": encrypted} if method == "GET" else {}))
    for pairs in ([*right.items(), (name, "x")], [*(right | {name: "x" * 5000}).items()]):
        url = yarl.URL(PATH).with_query(pairs)
        async with stage.caller.client.request(
            method, url, data=stage.caller.envelope(encrypted)
        ) as response:
            assert response.status == 400
    assert said(stage) == []


async def test_a_signature_is_compared_as_it_is(stage: Stage) -> None:
    encrypted = stage.caller.encrypt(inner())
    query = stage.caller.query(encrypted)
    for wrong in (query["msg_signature"].upper(), query["msg_signature"] + " ", "\x00" * 40):
        body = stage.caller.envelope(encrypted)
        response = await stage.caller.raw(body, query | {"msg_signature": wrong})
        assert response.status == 403
    assert (await stage.caller.raw(body, query | {"more": "1"})).status == 200


async def test_the_verified_text_comes_bare(stage: Stage) -> None:
    encrypted = stage.caller.encrypt("1616140317555161061")
    query = stage.caller.query(encrypted, echostr=encrypted)
    async with stage.caller.client.get(PATH, params=query, data=b"a body") as response:
        assert await response.read() == b"1616140317555161061"
        assert response.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("message_id", [None, "", "0"])
async def test_no_id_is_no_reason_to_drop_a_message(stage: Stage, message_id: str | None) -> None:
    for text in ("房租减免", "稳岗返还", "稳岗返还"):
        assert await brought(stage, inner(Content=text, MsgId=message_id)) == 200
    assert said(stage) == ["房租减免", "稳岗返还"]


async def test_an_id_is_one_persons(stage: Stage) -> None:
    for person in ("zhangsan", "lisi", "zhangsan"):
        assert await brought(stage, inner(FromUserName=person)) == 200
    assert [message.sender for message in stage.talk.accepted] == ["zhangsan", "lisi"]


@pytest.mark.parametrize(
    ("kind", "more", "heard"),
    [
        ("voice", {"MediaId": "m", "Format": "amr"}, "voice"),
        ("voice", {"MediaId": "m", "Format": "amr", "Recognition": "房租"}, "voice"),
        ("image", {"PicUrl": "https://example.com/a", "MediaId": "m"}, "image"),
        ("video", {"MediaId": "m", "ThumbMediaId": "t"}, "video"),
        ("file", {"MediaId": "m"}, "file"),
        ("location", {"Location_X": "37.8", "Location_Y": "112.5", "Scale": "16"}, "location"),
        ("link", {"Title": "t", "Url": "https://example.com"}, "link"),
        ("miniprogram", {"AppId": "x"}, "other"),
        ("IMAGE", {"MediaId": "m"}, "image"),
    ],
)
async def test_every_kind_of_message(
    stage: Stage, kind: str, more: dict[str, str], heard: str
) -> None:
    assert await brought(stage, inner(MsgType=kind, Content=None, **more)) == 200
    assert [message.kind for message in stage.talk.accepted] == [heard]


@pytest.mark.parametrize("key", [None, "", "房租减免"])
@pytest.mark.parametrize("event", EVENTS)
async def test_every_event_with_and_without_a_key(
    stage: Stage, event: str, key: str | None
) -> None:
    given = inner(MsgType="event", Event=event, EventKey=key, MsgId=None, Content=None)
    for _ in range(2):
        assert await brought(stage, given) == 200
    expected = EVENTS[event]
    assert [message.kind for message in stage.talk.accepted] == ([expected] if expected else [])


@pytest.mark.parametrize("options", [1, 3])
async def test_what_was_ticked_on_a_card(stage: Stage, options: int) -> None:
    ticked = {"OptionIds": {"OptionId": [f"选项{n}" for n in range(options)]}, "QuestionKey": "q"}
    given = inner(
        MsgType="event",
        Event="template_card_event",
        EventKey="submit",
        TaskId="t",
        CardType="vote_interaction",
        ResponseCode="r",
        SelectedItems={"SelectedItem": ticked},
        MsgId=None,
    )
    assert await brought(stage, given) == 200
    assert said(stage) == ["、".join(f"选项{n}" for n in range(options))]
