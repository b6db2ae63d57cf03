"""What a platform, a proxy or a stranger may make of a callback, through HTTP."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yarl

from bot.knowledge import Knowledge
from bot.storage.engine import Database
from tests.channels.wechat.platform import CLOCK, TOKEN, Platform, message, signed
from tests.channels.wechat.world import World, opened

EVENTS = ["SCAN", "VIEW", "LOCATION", "TEMPLATESENDJOBFINISH", "view_miniprogram", "", "<b>"]


@pytest.fixture
def database_url(make_url: Callable[[str], str]) -> str:
    """The database does not matter here: one kind will do."""
    return make_url("sqlite")


async def status(world: World, query: Any, body: bytes, **headers: str) -> int:
    async with world.session.post(
        world.platform.url, params=query, data=body, headers=headers
    ) as response:
        answer = await response.read()
        assert response.status != 200 or answer == b"success" or answer.startswith(b"<xml>")
        return response.status


async def test_content_types_and_what_stands_around(
    database: Database, knowledge: Knowledge, tmp_path: Path
) -> None:
    async with opened(database, knowledge, tmp_path, "plain") as world:
        for number, (before, kind) in enumerate(
            [
                ("\ufeff", "text/xml"),
                ('<?xml version="1.0" encoding="gbk"?>', "application/json; charset=gbk"),
                ("<!-- x -->", "x/y"),
                ("<?a b?>", ";;"),
            ]
        ):
            query, body = world.platform.request(message(Content=f"第{number}问 政策"))
            whole = before.encode() + body
            assert await status(world, query, whole, **{"Content-Type": kind}) == 200
        assert [text for _, _, text in world.rasa.worked] == [f"第{n}问 政策" for n in range(4)]


async def test_characters_that_xml_cannot_hold_cost_nobody_the_answer(
    database: Database, knowledge: Knowledge, tmp_path: Path
) -> None:
    async with opened(database, knowledge, tmp_path, "plain") as world:
        assert await world.says("房\x00租\x0b减免😀𠮷") == "答：房租减免😀𠮷"


@pytest.mark.parametrize("mode", ["plain", "safe"])
async def test_a_parameter_that_stands_twice(
    database: Database, knowledge: Knowledge, tmp_path: Path, mode: str
) -> None:
    async with opened(database, knowledge, tmp_path, mode) as world:
        query, body = world.platform.request(message(Content="房租减免"))
        for name in ("signature", "timestamp", "nonce"):
            url = yarl.URL(world.platform.url).with_query([*query.items(), (name, "x")])
            async with world.session.post(url, data=body) as response:
                assert response.status == 403
            echo = [*query.items(), ("echostr", "1"), (name, "x")]
            async with world.session.get(yarl.URL(world.platform.url).with_query(echo)) as got:
                assert got.status == 403
        assert world.rasa.asked == 0


async def test_timestamps_of_no_time_or_another(
    database: Database, knowledge: Knowledge, tmp_path: Path
) -> None:
    async with opened(database, knowledge, tmp_path, "plain") as world:
        _, body = world.platform.request(message(Content="房租减免"))
        for stamp in ("-1", "+1", "1e9", "soon", "٣", "9" * 20, "0", str(CLOCK - 3600)):
            query = {"timestamp": stamp, "nonce": "n", "signature": signed(TOKEN, stamp, "n")}
            assert await status(world, query, body) in (400, 403)
        assert world.rasa.asked == 0


async def test_the_echo_is_text_whatever_it_holds(world: World) -> None:
    stamp, nonce = str(CLOCK), "n2"
    query = {"signature": signed(TOKEN, stamp, nonce), "timestamp": stamp, "nonce": nonce}
    for echo in ("<script>alert(1)</script>", "a+b c/=", "回声"):
        async with world.session.get(
            world.platform.url, params=query | {"echostr": echo}
        ) as response:
            assert (response.status, await response.text()) == (200, echo)
            assert response.content_type == "text/plain"
            assert response.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("method", ["PUT", "DELETE", "HEAD", "PATCH"])
async def test_another_method(world: World, method: str) -> None:
    async with world.session.request(method, world.platform.url) as response:
        assert response.status == 405


async def test_empty_and_huge_bodies(world: World) -> None:
    query, _ = world.platform.request(message(Content="x"))
    assert await status(world, query, b"") == 403
    assert await status(world, query, b"<xml>" + b"x" * 2_000_000) == 413


@pytest.mark.parametrize("event", EVENTS)
async def test_other_events_are_acknowledged(world: World, event: str) -> None:
    assert await world.says("", kind="event", Event=event, EventKey="x") is None
    assert await world.kinds() == []


async def test_events_without_a_key_or_a_name(world: World) -> None:
    for event in ("CLICK", "SCAN", None):
        fields = message(kind="event", Event=event)
        assert await world.platform.deliver(world.session, fields) is None
    assert await world.kinds() == []


async def test_a_kind_that_nobody_knows_gets_a_sentence(world: World) -> None:
    said = await world.platform.deliver(world.session, message(kind="miniprogrampage"))
    assert "文字" in (said or "")
    assert world.rasa.asked == 0


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"Recognition": "房租减免"}, "答：房租减免"),
        ({"Recognition": " "}, "打字"),
        ({}, "打字"),
    ],
)
async def test_voice_is_its_words_where_the_platform_heard_any(
    world: World, more: dict[str, str], said: str
) -> None:
    voice = message(kind="voice", MediaId="m", Format="amr", **more)
    assert said in (await world.platform.deliver(world.session, voice) or "")


@pytest.mark.parametrize("message_id", [None, "0"])
async def test_no_id_is_no_reason_to_drop_a_message(world: World, message_id: Any) -> None:
    answers = []
    for text in ("房租减免", "稳岗返还", "稳岗返还"):
        fields = message(Content=text) | {"MsgId": message_id}
        given = {name: value for name, value in fields.items() if value is not None}
        answers.append(await world.platform.deliver(world.session, given))
    assert answers == ["答：房租减免", "答：稳岗返还", None]


async def test_an_id_is_one_persons(world: World) -> None:
    answers = [await world.says("房租减免", who, MsgId=7) for who in ("o-1", "o-2", "o-1")]
    assert answers == ["答：房租减免", "答：房租减免", None]


async def test_what_the_answer_names_must_be_there(world: World) -> None:
    for name in ("ToUserName", "FromUserName"):
        query, body = world.platform.request(message(Content="房租减免") | {name: ""})
        assert await status(world, query, body) == 403


async def test_safe_mode_answers_in_its_own_envelope(world: World) -> None:
    query, body = world.platform.request(fields := message(Content="房租减免"))
    async with world.session.post(world.platform.url, params=query, data=body) as response:
        text = await response.text()
        assert response.headers["Content-Type"] == "text/xml; charset=utf-8"
    assert "房租" not in text
    assert world.platform.read(text, fields) == "答：房租减免"


async def test_plain_mode_takes_no_ciphertext(
    database: Database, knowledge: Knowledge, tmp_path: Path
) -> None:
    async with opened(database, knowledge, tmp_path, "plain") as world:
        query, body = Platform(world.platform.url, "safe").request(message(Content="房租减免"))
        assert await status(world, query, body) == 403
