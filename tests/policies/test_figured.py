"""What is meant by its figure: 那个20万, 刚才那15%."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from bot.policies.answer import Assistant, Context, Reply
from bot.policies.answer.figured import figure_meant

DAY = date(2026, 11, 21)
AMOUNT = "小升规奖励多少"


@pytest.mark.parametrize(
    ("text", "unit", "value"),
    [
        ("那个20万是怎么回事", "CNY", "200000"),
        ("刚才那15%是给谁的", "ratio", "0.15"),
        ("刚才说的十五个点是咋回事", "ratio", "0.15"),
        ("你说的百分之六十是啥的", "ratio", "0.6"),
        ("一人三百那个还有吗", "CNY", "300"),
        ("那个五百块钱咋领", "CNY", "500"),
        ("那一千五是一次性的还是每月", "CNY", "1500"),
        ("30%的呢", "ratio", "0.3"),
        ("最高50万的那个", "CNY", "500000"),
        ("不是说30万吗", "CNY", "300000"),
    ],
)
def test_a_figure_points_at_something_said_before(text: str, unit: str, value: str) -> None:
    figure = figure_meant(text)
    assert figure is not None
    assert (figure.unit, figure.value) == (unit, Decimal(value))


@pytest.mark.parametrize(
    "text",
    [
        "那5年呢",
        "那第三个",
        "那200人的企业呢",
        "那2025呢",
        "我们投了20万那个",
        "要是投了那个500万呢",
        "那我们500万的呢",
        "20万有吗",
        "设备500万",
    ],
)
def test_what_a_firm_has_or_supposes_points_at_nothing(text: str) -> None:
    assert figure_meant(text) is None


def talk(assistant: Assistant, *messages: str) -> Reply:
    context = Context(facts={})
    for text in messages:
        reply = assistant.respond(text, "ask_policy", context, DAY)
        context = reply.context
    return reply


def test_the_sentence_of_the_clause_that_states_it_is_quoted_alone(assistant: Assistant) -> None:
    reply = talk(assistant, "高新技术企业奖励", "那个二十万要啥条件")
    quoted = [line for line in reply.text.splitlines() if line.startswith("按文件条件")]
    assert len(quoted) == 1
    assert "20万元" in quoted[0]
    assert "研发投入总量" not in quoted[0]


def test_it_is_found_in_what_was_offered(assistant: Assistant) -> None:
    offer = talk(assistant, "首台套奖励多少")
    assert len(offer.context.offered) > 1
    reply = assistant.respond("那250万是谁给", "ask_policy", offer.context, DAY)
    assert reply.custom["clauses"][0]["clause_id"] == offer.custom["clauses"][0]["clause_id"]


def test_another_clause_of_the_same_that_states_it_is_told(assistant: Assistant) -> None:
    before = talk(assistant, AMOUNT)
    assert "10万元" not in before.text
    reply = assistant.respond("那10万的是啥", "ask_policy", before.context, DAY)
    assert reply.text.startswith("您说的“10万”写在这一条里")
    assert "10万元" in reply.text
    assert "10万元" in reply.custom["clauses"][0]["text"]


def test_a_figure_that_stands_nowhere_is_said_to_stand_nowhere(assistant: Assistant) -> None:
    before = talk(assistant, AMOUNT)
    reply = assistant.respond("那77万是怎么回事", "ask_policy", before.context, DAY)
    assert "没有“77万”这个数" in reply.text
    assert reply.context.clause_id == before.context.clause_id
