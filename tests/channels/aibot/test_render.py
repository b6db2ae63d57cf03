"""One stream a turn, nothing cut off; cards where they fit, numbered lines elsewhere."""

from __future__ import annotations

from typing import Any

import pytest

from bot.channels.aibot.messages import button_key
from bot.channels.aibot.render import LIMIT, card_of, markdown, push_body, render
from tests.channels.aibot.world import sentence

SINGLE = {"chattype": "single"}
GROUP = {"chattype": "group"}


def reply(text: str, *titles: str, kind: str = "clarify") -> dict[str, Any]:
    buttons = [{"title": title, "payload": f"问{title}"} for title in titles]
    return {"text": text, "buttons": buttons, "custom": {"type": kind}}


def test_all_replies_of_a_turn_are_one_part() -> None:
    assert render([reply("甲"), reply("乙")], SINGLE, sentence) == [{"content": "甲\n\n乙"}]


def test_nothing_makes_no_part() -> None:
    assert render([], SINGLE, sentence) == []
    assert render([reply("")], SINGLE, sentence) == []


def test_that_it_takes_longer_is_no_part() -> None:
    assert render([reply("input.late")], SINGLE, sentence) == []


def test_short_choices_go_on_a_card_in_a_single_chat() -> None:
    (part,) = render([reply("在职工吗？", "在职", "不在职")], SINGLE, sentence)
    assert part["content"] == "在职工吗？"
    assert part["plain"] == "在职工吗？\naibot.choice 不在职"  # 在职 stands in the text
    card = card_of(part, "t-1", sentence)
    assert card["card_type"] == "button_interaction"
    assert card["task_id"] == "t-1"
    assert [b["text"] for b in card["button_list"]] == ["在职", "不在职"]
    assert card["button_list"][0]["key"] == button_key("在职", "问在职")


def test_in_a_group_choices_are_lines() -> None:
    (part,) = render([reply("哪一项？", "房租", "社保")], GROUP, sentence)
    assert part == {"content": "哪一项？\naibot.choice 房租\naibot.choice 社保"}


@pytest.mark.parametrize(
    "titles",
    [
        [f"第{n}项" for n in range(7)],
        ["首次升规工业企业一次性奖励"],
        ["同", "同"],
        ["长" * 400],
    ],
)
def test_choices_that_fit_on_no_card_are_lines(titles: list[str]) -> None:
    (part,) = render([reply("哪一项？", *titles)], SINGLE, sentence)
    assert "card" not in part
    assert all(title in part["content"] for title in titles)


def test_long_titles_of_a_numbered_list_go_by_their_numbers() -> None:
    titles = ["首次升规工业企业一次性奖励", "服务业企业首次上规一次性奖励"]
    text = "哪一项？\n1. 首次升规工业企业一次性奖励\n2. 服务业企业首次上规一次性奖励"
    (part,) = render([reply(text, *titles)], SINGLE, sentence)
    assert [b["text"] for b in part["card"]] == ["aibot.item 1", "aibot.item 2"]
    assert part["plain"] == text


def test_what_may_be_asked_next_is_no_card() -> None:
    (part,) = render([reply("答案。", "怎么申请", kind="policy_answer")], SINGLE, sentence)
    assert "card" not in part


def test_a_very_long_answer_is_split_and_whole() -> None:
    text = "".join(f"第{n}句话说的是惠企政策的一个方面。" for n in range(1500))
    parts = render([reply(text, "是")], SINGLE, sentence)
    assert len(parts) == 4
    assert all(len(part["content"].encode()) <= LIMIT for part in parts)
    assert "".join(part["content"] for part in parts).startswith(text)


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("见[通知](http://evil.example)", "见[通知] (http://evil.example)"),
        ("![图](http://evil.example)", "![图] (http://evil.example)"),
        ("<think>藏</think>", "＜think>藏＜/think>"),
        ("<THINK>", "＜THINK>"),
        ("5<10，“A”[1]（二）", "5<10，“A”[1]（二）"),
    ],
)
def test_nothing_in_an_answer_acts(said: str, shown: str) -> None:
    assert markdown(said) == shown


def test_a_message_of_its_own_is_a_card_if_the_text_fits_on_it() -> None:
    (part,) = render([reply("是小微企业吗？", "是", "否")], SINGLE, sentence)
    body = push_body(part, "d-1", "turn", sentence)
    assert body["msgtype"] == "template_card"
    assert body["template_card"]["sub_title_text"] == "是小微企业吗？"
    assert body["template_card"]["feedback"] == {"id": "turn"}
    (long,) = render([reply("很长的话。" * 40, "甲", "乙")], SINGLE, sentence)
    body = push_body(long, "d-2", None, sentence)
    assert body["msgtype"] == "markdown"
    assert body["markdown"]["content"].endswith("aibot.choice 甲\naibot.choice 乙")
    assert "feedback" not in body["markdown"]
