"""Every kind of message and event in the one form, with an id that a repeat has too."""

from __future__ import annotations

from typing import Any

import pytest

from bot.channels.platform.crypto import EnvelopeError
from bot.channels.platform.xml import read_xml
from bot.channels.wecom.keys import make_key
from bot.channels.wecom.messages import is_for, read_message

CORP, AGENT = "wx5823bf96d3bd56c7", 1000002
NESTED = {"SelectedItem": {"OptionIds": {"OptionId": {"x": "y"}}}}


def fields(**changes: Any) -> dict[str, Any]:
    given = {
        "ToUserName": CORP,
        "FromUserName": "zhangsan",
        "CreateTime": "1700000000",
        "MsgType": "text",
        "Content": "扩岗补助",
        "MsgId": "7155555555555555555",
        "AgentID": str(AGENT),
    }
    return {name: value for name, value in {**given, **changes}.items() if value is not None}


def event(name: str, **changes: Any) -> dict[str, Any]:
    return fields(MsgType="event", Event=name, Content=None, MsgId=None, **changes)


def test_a_text() -> None:
    heard = read_message(fields(), AGENT)
    assert heard is not None and heard.pressed is None
    inbound = heard.inbound
    assert (inbound.channel, inbound.key) == ("wecom", "wecom:zhangsan")
    assert (inbound.kind, inbound.text) == ("text", "扩岗补助")
    assert inbound.message_id == "7155555555555555555"
    assert inbound.address == {"touser": "zhangsan", "agentid": AGENT}


@pytest.mark.parametrize(
    ("type_", "kind"),
    [
        ("voice", "voice"),
        ("image", "image"),
        ("video", "video"),
        ("file", "file"),
        ("location", "location"),
        ("link", "link"),
        ("something_new", "other"),
    ],
)
def test_what_is_no_text(type_: str, kind: str) -> None:
    heard = read_message(fields(MsgType=type_, Content="x", MediaId="m", Title="t"), AGENT)
    assert heard is not None
    assert (heard.inbound.kind, heard.inbound.text) == (kind, "")


def test_a_voice_says_where_its_recording_is() -> None:
    heard = read_message(fields(MsgType="voice", Content=None, MediaId="m-1"), AGENT)
    assert heard is not None
    assert heard.inbound.address == {"touser": "zhangsan", "agentid": AGENT, "media_id": "m-1"}
    image = read_message(fields(MsgType="image", Content=None, MediaId="m-1"), AGENT)
    assert image is not None and "media_id" not in image.inbound.address


@pytest.mark.parametrize(
    ("name", "kind", "text"),
    [
        ("subscribe", "subscribe", ""),
        ("unsubscribe", "unsubscribe", ""),
        ("enter_agent", "enter", ""),
        ("click", "text", "房租减免"),
    ],
)
def test_events(name: str, kind: str, text: str) -> None:
    key = "房租减免" if name == "click" else ""
    heard = read_message(event(name, EventKey=key), AGENT)
    assert heard is not None
    assert (heard.inbound.kind, heard.inbound.text) == (kind, text)
    assert heard.inbound.message_id == f"zhangsan:1700000000:{name}:{key}"
    assert heard.pressed is None


@pytest.mark.parametrize(
    "name", ["view", "LOCATION", "scancode_push", "template_card_menu_event", "change_contact", ""]
)
def test_events_that_nobody_waits_for(name: str) -> None:
    assert read_message(event(name, EventKey="x"), AGENT) is None


def test_two_presses_in_one_second_are_two_messages() -> None:
    first = read_message(event("click", EventKey="a"), AGENT)
    second = read_message(event("click", EventKey="b"), AGENT)
    assert first is not None and second is not None
    assert first.inbound.message_id != second.inbound.message_id


def test_a_long_event_key_has_a_bounded_id_of_its_own() -> None:
    ids = set()
    for key in ("稳" * 341, "稳" * 340 + "岗"):
        heard = read_message(event("click", EventKey=key), AGENT)
        assert heard is not None and heard.inbound.message_id is not None
        assert heard.inbound.text == key
        assert len(heard.inbound.message_id) < 200
        ids.add(heard.inbound.message_id)
    assert len(ids) == 2


def test_a_press_says_the_payload_and_shows_the_label() -> None:
    key = make_key("第2项", "晋政发〔2022〕14号第八条")
    heard = read_message(event("template_card_event", EventKey=key, TaskId="t"), AGENT)
    assert heard is not None
    assert heard.inbound.text == "晋政发〔2022〕14号第八条"
    assert heard.pressed == "第2项"


def test_a_label_or_payload_may_hold_the_separator() -> None:
    heard = read_message(event("template_card_event", EventKey=make_key("甲|乙", "丙|丁")), AGENT)
    assert heard is not None
    assert (heard.pressed, heard.inbound.text) == ("甲 乙", "丙|丁")


def test_ticked_options_are_read() -> None:
    document = f"""<xml><ToUserName>{CORP}</ToUserName><FromUserName>zhangsan</FromUserName>
        <CreateTime>1700000000</CreateTime><MsgType>event</MsgType>
        <Event>template_card_event</Event><EventKey>submit</EventKey>
        <CardType>multiple_interaction</CardType><AgentID>{AGENT}</AgentID>
        <SelectedItems><SelectedItem><QuestionKey>q1</QuestionKey>
        <OptionIds><OptionId><![CDATA[高企]]></OptionId><OptionId>专精特新</OptionId></OptionIds>
        </SelectedItem><SelectedItem><QuestionKey>q2</QuestionKey>
        <OptionIds><OptionId>太原</OptionId></OptionIds></SelectedItem></SelectedItems></xml>"""
    heard = read_message(read_xml(document.encode()), AGENT)
    assert heard is not None
    assert heard.inbound.text == "高企、专精特新、太原"


@pytest.mark.parametrize("type_", ["vote_interaction", "multiple_interaction"])
def test_nothing_ticked_is_the_button(type_: str) -> None:
    given = event("template_card_event", EventKey="submit", CardType=type_, SelectedItems="")
    heard = read_message(given, AGENT)
    assert heard is not None
    assert heard.inbound.text == "submit"


@pytest.mark.parametrize(
    "given",
    [
        fields(MsgId=None, CreateTime=None),
        fields(MsgId="1\n2"),
        fields(FromUserName=None),
        fields(FromUserName="z" * 65),
        fields(FromUserName="zhang\tsan"),
        fields(MsgType=None),
        fields(MsgType={"a": "b"}),
        fields(Content=["a", "b"]),
        fields(MsgId="9" * 600),
        event("click", CreateTime=None),
        event("template_card_event", CardType="vote_interaction", SelectedItems=NESTED),
    ],
)
def test_what_is_not_as_it_should_be(given: dict[str, Any]) -> None:
    with pytest.raises(EnvelopeError):
        read_message(given, AGENT)


@pytest.mark.parametrize("given", [None, "", "0", "000", " "])
def test_messages_without_an_id_are_told_apart_by_their_words(given: str | None) -> None:
    texts = ("房租减免", "稳岗返还", "房租减免")
    heard = [read_message(fields(MsgId=given, Content=text), AGENT) for text in texts]
    ids = [one.inbound.message_id for one in heard if one is not None]
    assert ids[0] == ids[2] != ids[1]
    assert all("租" not in str(one) for one in ids)


def test_names_are_known_in_any_case() -> None:
    for changes in ({"MsgType": "TEXT"}, {"MsgType": "Text"}):
        heard = read_message(fields(**changes), AGENT)
        assert heard is not None and heard.inbound.kind == "text"
    heard = read_message(event("CLICK", EventKey="房租减免"), AGENT)
    assert heard is not None and heard.inbound.text == "房租减免"


def test_whose_it_is() -> None:
    assert is_for(fields(), CORP, AGENT)
    assert is_for(fields(AgentID=None), CORP, AGENT)
    assert not is_for(fields(ToUserName="wx0000000000000000"), CORP, AGENT)
    assert is_for({"Encrypt": "x"}, CORP, AGENT)
    assert not is_for(fields(AgentID="1000003"), CORP, AGENT)
