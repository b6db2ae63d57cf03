"""Replies as texts and cards: whole, in order, within the platform's lengths."""

from __future__ import annotations

from typing import Any

from bot.channels.rendering import size
from bot.channels.wecom.cards import MAX_TEXT, is_card, make_parts, text_of
from bot.channels.wecom.keys import MAX_KEY, read_key
from tests.channels.wecom.words import sentence


def reply(text: str, *titles: str, kind: str = "clarify") -> dict[str, Any]:
    buttons = [{"title": title, "payload": f"{title}的事"} for title in titles]
    return {"text": text, "buttons": buttons, "custom": {"type": kind}}


def labels(part: dict[str, Any]) -> list[str]:
    return [button["text"] for button in part["template_card"]["button_list"]]


def payloads(part: dict[str, Any]) -> list[str]:
    return [read_key(button["key"])[1] for button in part["template_card"]["button_list"]]


def test_an_answer_is_one_text() -> None:
    parts = make_parts([reply("减免三个月房租。", kind="policy_answer")], sentence)
    assert parts == [{"msgtype": "text", "text": {"content": "减免三个月房租。"}}]


def test_a_question_is_a_text_and_then_a_card() -> None:
    question = reply("是工业企业吗？", "是", "否", "不清楚", "算了", kind="eligibility_question")
    text, card = make_parts([question], sentence)
    assert text_of(text) == "是工业企业吗？"
    assert is_card(card) and not is_card(text)
    assert card["template_card"]["card_type"] == "button_interaction"
    assert labels(card) == ["是", "否", "不清楚", "算了"]
    assert payloads(card) == ["是的事", "否的事", "不清楚的事", "算了的事"]
    title = card["template_card"]["main_title"]
    assert 0 < len(title["title"]) <= 36 and 0 < len(title["desc"]) <= 44


def test_long_choices_go_by_their_number_in_the_text() -> None:
    long = ["首次小升规工业企业奖励政策", "专精特新小巨人企业奖励政策"]
    offer = reply(f"您问的可能是：\n1. {long[0]}\n2. {long[1]}", *long, "下一页")
    _, card = make_parts([offer], sentence)
    assert labels(card) == ["第1项", "第2项", "下一页"]
    assert payloads(card)[1] == f"{long[1]}的事"


def test_long_choices_without_a_list_become_lines() -> None:
    (text,) = make_parts([reply("想看哪一项？", "首次小升规工业企业奖励政策")], sentence)
    assert text_of(text) == "想看哪一项？\n可以回复“首次小升规工业企业奖励政策”"


def test_more_than_six_choices_become_lines() -> None:
    titles = [f"行业{number}" for number in "一二三四五六七"]
    (text,) = make_parts([reply("是哪一行？", *titles)], sentence)
    assert text_of(text).count("可以回复") == 7


def test_a_payload_that_no_key_can_hold_makes_no_card() -> None:
    given = {"text": "选一个", "buttons": [{"title": "甲乙", "payload": "稳" * MAX_KEY}]}
    (text,) = make_parts([given], sentence)
    assert text_of(text) == "选一个\n可以回复“甲乙”"


def test_equal_buttons_make_no_card() -> None:
    parts = make_parts([reply("选一个", "甲乙", "甲乙")], sentence)
    assert not any(is_card(part) for part in parts)


def test_every_key_is_short_enough() -> None:
    given = {"text": "选", "buttons": [{"title": "甲", "payload": "稳" * 338}], "custom": {}}
    _, card = make_parts([given], sentence)
    assert size(card["template_card"]["button_list"][0]["key"]) <= MAX_KEY


def test_what_an_answer_leads_to_stays_in_its_text() -> None:
    told = "减免三个月房租。\n还可以接着问：还有效吗、归谁管。"
    (text,) = make_parts([reply(told, "还有效吗", "归谁管", kind="policy_answer")], sentence)
    assert text_of(text) == told


def test_a_long_answer_is_split_by_bytes_and_nothing_is_lost() -> None:
    told = "".join(f"第{number}句说的是稳岗返还的事。" for number in range(300))
    parts = make_parts([reply(told, "是", "否", kind="eligibility_question")], sentence)
    assert [is_card(part) for part in parts] == [False] * (len(parts) - 1) + [True]
    texts = [text_of(part) for part in parts[:-1]]
    assert len(texts) > 5
    assert all(size(text) <= MAX_TEXT and text.endswith("。") for text in texts)
    assert "".join(texts) == told


def test_several_replies_stay_in_order() -> None:
    parts = make_parts([reply("第一条"), reply("第二条", "甲乙"), reply("第三条")], sentence)
    assert ["card" if is_card(part) else text_of(part) for part in parts] == [
        "第一条",
        "第二条",
        "card",
        "第三条",
    ]


def test_a_reply_without_words_is_nothing() -> None:
    assert make_parts([{"text": "", "buttons": []}], sentence) == []
