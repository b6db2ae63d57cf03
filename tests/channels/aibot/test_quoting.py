"""A quote is read where the person's own words are not enough."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from bot.channels.aibot.quoting import with_quote
from tests.channels.aibot.world import callback, group, text

ANSWER = (
    "注意：这项措施已过期。按晋发改〔2020〕3号另有规定。\n"
    "出处：晋政发〔2022〕14号《山西省扎实推进稳住经济一揽子政策措施行动计划》第35条（五）。\n"
    "找谁：责任单位文件未载明。" + "条文全文。" * 60
)
PLACE = "晋政发〔2022〕14号《山西省扎实推进稳住经济一揽子政策措施行动计划》第35条"


@pytest.mark.parametrize(
    ("own", "quoted", "asked"),
    [
        ("", "房租减免", "房租减免"),
        (" ", "小微企业\n房租 能减吗", "小微企业 房租 能减吗"),
        ("这个还有效吗", "房租减免", "房租减免 这个还有效吗"),
        ("这个还有效吗", ANSWER, f"{PLACE} 这个还有效吗"),
        (
            "那归谁管",
            "文件：晋企发〔2021〕85号",
            "晋企发〔2021〕85号 那归谁管",
        ),
        ("这个还有效吗", "没有文号的长话。" * 20, "这个还有效吗"),
        ("稳岗返还多少钱", ANSWER, "稳岗返还多少钱"),
        ("这个房租减免还有效吗", "房租减免", "这个房租减免还有效吗"),
        ("这个还有效吗", "", "这个还有效吗"),
        ("", "", ""),
    ],
)
def test_what_is_asked(own: str, quoted: str, asked: str) -> None:
    assert with_quote(own, quoted) == asked


def _quote(content: str) -> dict[str, Any]:
    return {"msgtype": "text", "text": {"content": content}}


@pytest.mark.parametrize(
    ("message", "asked"),
    [
        (text("这个还有效吗", quote=_quote("房租减免")), "房租减免 这个还有效吗"),
        (group("@问策 ", quote=_quote("@问策 房租减免")), "房租减免"),
        (
            text("这个呢", quote={"msgtype": "voice", "voice": {"content": "稳岗返还"}}),
            "稳岗返还 这个呢",
        ),
        (
            text(
                "这个呢",
                quote={
                    "msgtype": "mixed",
                    "mixed": {"msg_item": [{"msgtype": "image"}, _quote("扩岗补助")]},
                },
            ),
            "扩岗补助 这个呢",
        ),
        (callback("voice", voice={"content": "它归谁管"}, quote=_quote("房租")), "房租 它归谁管"),
        (text("房租减免", quote={"msgtype": "image", "image": {"url": "https://x"}}), "房租减免"),
        (text("房租减免", quote=None), "房租减免"),
        (text("房租减免", quote=["x"]), "房租减免"),
        (text("这个政策", quote={"msgtype": ["text"], "text": 5}), "这个政策"),
        (text("这个政策", quote={"msgtype": "text", "text": {"content": 5}}), "这个政策"),
    ],
)
async def test_a_message_with_a_quote(
    world: SimpleNamespace, message: dict[str, Any], asked: str
) -> None:
    said = (await world.caller.tell(message))["stream"]
    assert said["finish"]
    assert [words for _, _, words in world.rasa.worked] == [asked]
