"""XML in and out: what the platforms send, what they must not, and what we may."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.platform.crypto import EnvelopeError
from bot.channels.platform.xml import MAX_XML, listed, read_xml, write_xml

CARD_EVENT = """<xml>
<ToUserName><![CDATA[toUser]]></ToUserName>
<CreateTime>123456789</CreateTime>
<Event><![CDATA[template_card_event]]></Event>
<SelectedItems>
  <SelectedItem>
    <QuestionKey><![CDATA[q1]]></QuestionKey>
    <OptionIds><OptionId><![CDATA[a]]></OptionId><OptionId><![CDATA[b]]></OptionId></OptionIds>
  </SelectedItem>
  <SelectedItem>
    <QuestionKey><![CDATA[q2]]></QuestionKey>
    <OptionIds><OptionId><![CDATA[c]]></OptionId></OptionIds>
  </SelectedItem>
</SelectedItems>
<AgentID>1</AgentID>
</xml>"""


def test_a_nested_event() -> None:
    assert read_xml(CARD_EVENT.encode()) == {
        "ToUserName": "toUser",
        "CreateTime": "123456789",
        "Event": "template_card_event",
        "SelectedItems": {
            "SelectedItem": [
                {"QuestionKey": "q1", "OptionIds": {"OptionId": ["a", "b"]}},
                {"QuestionKey": "q2", "OptionIds": {"OptionId": "c"}},
            ]
        },
        "AgentID": "1",
    }


@pytest.mark.parametrize(
    ("inside", "text"),
    [
        ("<![CDATA[ 小升规 奖励 ]]>", " 小升规 奖励 "),
        ("\n  <![CDATA[ 小升规 ]]>\n", " 小升规 "),
        ("<![CDATA[a\nb]]>", "a\nb"),
        ("<![CDATA[a]]]]><![CDATA[>b]]>", "a]]>b"),
        ("<![CDATA[<b>&amp;</b>]]>", "<b>&amp;</b>"),
        ("<![CDATA[]]>", ""),
        ("<![CDATA[ ]]>", " "),
        ("  a &lt; b  ", "a < b"),
        ("&#x1F642;", "🙂"),
        ("", ""),
        (" \n ", ""),
    ],
)
def test_texts(inside: str, text: str) -> None:
    assert read_xml(f"<xml><Content>{inside}</Content></xml>".encode()) == {"Content": text}


def test_what_xml_cannot_hold_costs_nobody_their_message() -> None:
    body = "<xml><a>\x00房\x0b租\uffff</a><b><![CDATA[\x1f减免]]></b></xml>"
    assert read_xml(body.encode()) == {"a": "房租", "b": "减免"}


def test_what_is_left_out_opens_no_way_round_the_dtd() -> None:
    with pytest.raises(EnvelopeError):
        read_xml(b'<!\x00DOCTYPE xml [<!\x01ENTITY a "b">]><xml><a>&a;</a></xml>')


@pytest.mark.parametrize("head", ["", '<?xml version="1.0" encoding="UTF-8"?>\n', "\ufeff"])
def test_heads(head: str) -> None:
    assert read_xml(f"{head}<xml><a>问</a></xml>".encode()) == {"a": "问"}


def test_an_encoding_that_is_declared_does_not_count() -> None:
    body = '<?xml version="1.0" encoding="gbk"?><xml><a>问</a></xml>'
    assert read_xml(body.encode()) == {"a": "问"}


LAUGHS = "".join(f'<!ENTITY l{i} "{f"&l{i - 1};" * 10}">' for i in range(1, 10))


@pytest.mark.parametrize(
    "body",
    [
        "",
        "xml",
        "<xml/>",
        "<xml></xml>",
        "<xml>words</xml>",
        "<xml><a>1</a>",
        "<xml><a>1</b></xml>",
        "<xml><a>1</a></xml><xml/>",
        "<xml><a>1</a></xml>junk",
        "<html><a>1</a></html>",
        "<XML><a>1</a></XML>",
        "<xml><a>&nothing;</a></xml>",
        "<xml><a>&#0;</a></xml>",
        "<xml><![CDATA[a</xml>",
        "<!DOCTYPE xml><xml><a>1</a></xml>",
        '<!DOCTYPE xml [<!ENTITY a "b">]><xml><a>&a;</a></xml>',
        '<!DOCTYPE xml [<!ENTITY a SYSTEM "file:///etc/passwd">]><xml><a>&a;</a></xml>',
        '<!DOCTYPE xml SYSTEM "http://127.0.0.1/x.dtd"><xml><a>1</a></xml>',
        '<!DOCTYPE xml [<!ENTITY % a SYSTEM "http://127.0.0.1/x"> %a;]><xml><a>1</a></xml>',
        f'<!DOCTYPE xml [<!ENTITY l0 "ha">{LAUGHS}]><xml><a>&l9;</a></xml>',
        f"<xml>{'<a>' * 9}1{'</a>' * 9}</xml>",
        f"<xml>{'<a>' * 9000}",
        f"<xml><a>{'x' * MAX_XML}</a></xml>",
        '{"encrypt": "json"}',
    ],
)
def test_what_is_refused(body: str) -> None:
    with pytest.raises(EnvelopeError):
        read_xml(body.encode())


@pytest.mark.parametrize(
    "body",
    [
        b"<xml><a>\xff</a></xml>",
        "<xml><a>问</a></xml>".encode("gbk"),
        "<xml><a>1</a></xml>".encode("utf-16"),
    ],
)
def test_what_is_no_utf_8_is_refused(body: bytes) -> None:
    with pytest.raises(EnvelopeError):
        read_xml(body)


def test_the_depth_at_the_bound_is_read() -> None:
    value = read_xml(f"<xml>{'<a>' * 8}1{'</a>' * 8}</xml>".encode())
    for _ in range(8):
        value = value["a"]
    assert value == "1"


@given(st.binary(max_size=200))
def test_rubbish_is_refused_and_nothing_else_happens(body: bytes) -> None:
    with pytest.raises(EnvelopeError):
        read_xml(b"<xml>" + body)


def test_listed() -> None:
    assert listed(None) == listed("") == []
    assert listed("a") == ["a"] and listed(["a", "b"]) == ["a", "b"]
    assert listed({"a": "1"}) == [{"a": "1"}]


def test_what_is_written() -> None:
    fields = {
        "ToUserName": "ann",
        "CreateTime": 1409659813,
        "Articles": {"item": [{"Title": "一"}, {"Title": "二"}]},
        "OptionId": ["a", "b"],
    }
    assert write_xml(fields) == (
        "<xml><ToUserName><![CDATA[ann]]></ToUserName><CreateTime>1409659813</CreateTime>"
        "<Articles><item><Title><![CDATA[一]]></Title></item>"
        "<item><Title><![CDATA[二]]></Title></item></Articles>"
        "<OptionId><![CDATA[a]]></OptionId><OptionId><![CDATA[b]]></OptionId></xml>"
    )


def test_the_end_of_cdata_does_not_end_it() -> None:
    written = write_xml({"Content": "]]><evil/>]]]]>>"})
    assert read_xml(written.encode()) == {"Content": "]]><evil/>]]]]>>"}


@given(st.text(min_size=1).map(lambda text: text.replace("\r", "")))
def test_whatever_is_written_is_read_again(text: str) -> None:
    written = write_xml({"Content": text}).encode("utf-8")
    kept = re.sub("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]", "", text)
    assert read_xml(written) == {"Content": kept}


@pytest.mark.parametrize("name", ["", "a b", "a>", "1a", "名"])
def test_a_strange_name_is_not_written(name: str) -> None:
    with pytest.raises(ValueError):
        write_xml({name: "1"})


@pytest.mark.parametrize("value", [None, 1.5, b"x"])
def test_a_strange_value_is_not_written(value: object) -> None:
    with pytest.raises(TypeError):
        write_xml({"a": value})
