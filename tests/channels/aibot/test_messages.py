"""Everything the platform tells is brought into one form, and nothing odd gets through."""

from __future__ import annotations

from typing import Any

import pytest

from bot.channels.aibot.messages import (
    Click,
    Entered,
    Feedback,
    Ignored,
    MalformedError,
    Message,
    Poll,
    Replaced,
    button_key,
    read,
    without_mentions,
)
from tests.channels.aibot.world import callback, event, group, text


def inbound(body: dict[str, Any]) -> Any:
    told = read(body, 7)
    assert isinstance(told, Message)
    return told.inbound


def test_a_text_of_a_single_chat() -> None:
    message = inbound(text("房租减免", msgid="m1", response_url="https://x.example/r?c=1"))
    assert (message.channel, message.sender, message.text) == ("aibot", "zhang", "房租减免")
    assert (message.kind, message.message_id) == ("text", "m1")
    assert message.address == {
        "chatid": "",
        "chattype": "single",
        "userid": "zhang",
        "at": 7,
        "response_url": "https://x.example/r?c=1",
    }


def test_each_person_of_a_group_has_a_conversation_of_their_own() -> None:
    one, other = inbound(group("@问策 房租减免")), inbound(group("@问策 房租减免", "wang"))
    assert (one.sender, other.sender) == ("GROUP/zhang", "GROUP/wang")
    assert one.text == "房租减免"
    assert one.address["chatid"] == "GROUP"


@pytest.mark.parametrize(
    ("said", "left"),
    [
        ("@问策 房租减免", "房租减免"),
        ("@问策\u2005房租减免", "房租减免"),
        ("请问 @问策 房租减免", "请问 房租减免"),
        ("房租减免 @问策", "房租减免"),
        ("@问策 @李四 稳岗返还怎么办", "稳岗返还怎么办"),
        ("@问策", ""),
        ("发到 a@b.cn 行吗", "发到 a@b.cn 行吗"),
        ("补贴 @ 多少", "补贴 @ 多少"),
        ("@问策\n第一行\n第二行", "第一行\n第二行"),
    ],
)
def test_mentions_are_removed(said: str, left: str) -> None:
    assert without_mentions(said) == left


def test_in_a_single_chat_an_at_sign_stays() -> None:
    assert inbound(text("@张三 是谁")).text == "@张三 是谁"


def test_a_mixed_message_is_its_words() -> None:
    items = [
        {"msgtype": "text", "text": {"content": "@问策 这张图"}},
        {"msgtype": "image", "image": {"url": "https://x.example"}},
        {"msgtype": "text", "text": {"content": "说的政策还有吗"}},
    ]
    mixed = group("", msgtype="mixed", mixed={"msg_item": items})
    assert inbound(mixed).text == "这张图\n说的政策还有吗"
    assert inbound(callback("mixed", mixed={"msg_item": items[1:2]})).kind == "image"
    assert inbound(callback("mixed", mixed={"msg_item": "?"})).kind == "image"


def test_voice_comes_as_words() -> None:
    spoken = inbound(callback("voice", voice={"content": "稳岗返还"}))
    assert (spoken.kind, spoken.text) == ("text", "稳岗返还")
    assert inbound(callback("voice", voice={"content": " "})).kind == "voice"
    assert inbound(callback("voice")).kind == "voice"


@pytest.mark.parametrize(
    ("msgtype", "kind"),
    [("image", "image"), ("file", "file"), ("video", "video"), ("hologram", "other")],
)
def test_what_has_no_words(msgtype: str, kind: str) -> None:
    message = inbound(callback(msgtype, **{msgtype: {"url": "https://x.example"}}))
    assert (message.kind, message.text) == (kind, "")


def test_a_poll() -> None:
    assert read(callback("stream", stream={"id": "t@1"}), 7) == Poll("aibot:zhang", "t@1")


def test_events() -> None:
    assert isinstance(read(event("enter_chat"), 7), Entered)
    assert isinstance(read(event("something_new"), 7), Ignored)
    kicked = {"msgtype": "event", "event": {"eventtype": "disconnected_event"}}
    assert isinstance(read(kicked, 7), Replaced)


@pytest.mark.parametrize("name", ["event_key", "eventkey"])
def test_a_press_is_its_payload(name: str) -> None:
    key = button_key("是", '选“是”，继续\n"x"')
    pressed = {"card_type": "button_interaction", name: key, "task_id": "t-1"}
    told = read(event("template_card_event", pressed, msgid="m1"), 7)
    assert isinstance(told, Click)
    assert (told.title, told.task_id, told.userid) == ("是", "t-1", "zhang")
    assert told.inbound.text == '选“是”，继续\n"x"'
    assert (told.inbound.kind, told.inbound.message_id) == ("text", "m1")


@pytest.mark.parametrize(
    "key", [None, 5, "", "chosen", "[]", '["a"]', '["a",1]', '["a",""]', "{}", "[" * 9999]
)
def test_keys_that_are_not_ours_are_ignored(key: Any) -> None:
    told = read(event("template_card_event", {"event_key": key, "task_id": "t"}), 7)
    assert isinstance(told, Ignored)


def test_a_payload_too_long_for_a_key_makes_none() -> None:
    assert button_key("是", "长" * 337) is not None
    assert button_key("是", "长" * 400) is None


def test_feedback() -> None:
    given = {"id": "t1", "type": 2, "content": "不全", "inaccurate_reason_list": [2, 4, 9, "x"]}
    assert read(event("feedback_event", given), 7) == Feedback(
        "aibot:zhang", "t1", "down", (2, 4), "不全"
    )
    assert isinstance(read(event("feedback_event", {"id": "t1", "type": 7}), 7), Ignored)
    assert isinstance(read(event("feedback_event", {"type": 1}), 7), Ignored)


@pytest.mark.parametrize(
    "changes",
    [
        {"from": {}},
        {"from": None},
        {"from": {"userid": 5}},
        {"from": {"userid": ""}},
        {"from": {"userid": "a\x00b"}},
        {"from": {"userid": "\ud800"}},
        {"from": {"userid": "u" * 201}},
        {"msgid": None},
        {"msgid": ""},
        {"msgid": "m" * 513},
        {"chattype": "group"},
        {"chattype": "group", "chatid": "c" * 200},
        {"msgtype": None},
        {"msgtype": []},
        {"msgtype": "stream", "stream": {}},
    ],
)
def test_what_lacks_a_sender_or_an_id_is_malformed(changes: dict[str, Any]) -> None:
    with pytest.raises(MalformedError):
        read({**text("补贴"), **changes}, 7)


@pytest.mark.parametrize("content", [None, 5, [], {"a": 1}])
def test_a_text_without_words_is_an_empty_text(content: Any) -> None:
    message = inbound(text("x", text={"content": content}))
    assert (message.kind, message.text) == ("text", "")


def test_what_no_database_stores_is_removed() -> None:
    assert inbound(text("补\x00贴\ud83d")).text == "补贴"


@pytest.mark.parametrize("url", [None, 5, "", "x" * 3000, "https://x.example/\n"])
def test_a_strange_reply_address_is_none(url: Any) -> None:
    assert "response_url" not in inbound(text("补贴", response_url=url)).address
