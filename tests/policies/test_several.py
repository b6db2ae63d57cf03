"""Several questions in one message: each is answered, from its own clause."""

from __future__ import annotations

from datetime import date

import pytest

from bot.policies.answer import Assistant, Context, Reply
from bot.policies.answer.truth import faults_of
from bot.policies.answer.wording import aspects

DAY = date(2026, 11, 21)
EMPTY = Context()


def cited(reply: Reply) -> list[str]:
    return [clause["clause_id"] for clause in reply.custom["clauses"]]


@pytest.mark.parametrize(
    ("text", "clauses", "words"),
    [
        (
            "新三板挂牌奖励给多少，还有小升规给多少",
            ["jzf-2021-28.cs11", "jcgjs-2025-1.cs106"],
            ["100万元", "30万元"],
        ),
        (
            "首次认定高企省里奖多少？另外研发费用加计扣除比例是多少",
            ["jzbf-2022-7.55", "jzbf-2022-34.11"],
            ["最高奖励10万元", "从75%提高到100%"],
        ),
        ("房租减免和稳岗返还都有啥", ["jzf-2022-14.35", "hqzc-2025.sc192"], ["减免3个月"]),
    ],
)
def test_each_matter_is_answered_with_its_clause(
    assistant: Assistant, text: str, clauses: list[str], words: list[str]
) -> None:
    reply = assistant.respond(text, "ask_amount", EMPTY, DAY)
    assert reply.custom["type"] == "policy_answer"
    assert cited(reply) == clauses
    assert all(word in reply.text for word in words), reply.text
    assert not faults_of(reply)
    assert reply.context.offered == tuple(clauses)


def test_what_is_over_is_said_to_be_over_in_its_own_part(assistant: Assistant) -> None:
    reply = assistant.respond("房租减免和稳岗返还都有啥", "ask_list", EMPTY, DAY)
    rent, refund = reply.text.split("\n2. ")
    assert "这项措施已过期" in rent
    assert refund.split("\n")[1] == "注意：“失业保险稳岗返还”已过期，现在不能按它申领。"


def test_one_of_them_can_be_asked_on(assistant: Assistant) -> None:
    reply = assistant.respond("新三板挂牌奖励给多少，还有小升规给多少", "ask_amount", EMPTY, DAY)
    second = assistant.choose("第二个", reply.context, DAY)
    assert cited(second)[0] == "jcgjs-2025-1.cs106"


def test_of_more_than_three_one_is_to_be_chosen(assistant: Assistant) -> None:
    text = "社保补贴、稳岗返还、创业担保贷款、研发费用加计扣除都说说"
    reply = assistant.respond(text, "ask_policy", EMPTY, DAY)
    assert reply.custom["type"] == "clarify"
    assert len(reply.context.offered) == 4
    assert len(reply.buttons) == 4


@pytest.mark.parametrize(
    "text",
    [
        "设备购置和更新改造贷款贴息几个点",  # one clause speaks of both
        "我们厂首次升规，稳岗返还多少，创新券多少",  # a firm's own case is judged
        "小升规奖励和高企奖励哪个划算",  # what joins them is asked
        "稳岗返还和扩岗补助能不能同时拿",
        "小升规补贴多少钱，怎么申请，找谁",  # one matter
    ],
)
def test_what_is_no_list_of_matters_is_answered_as_one(assistant: Assistant, text: str) -> None:
    reply = assistant.respond(text, "ask_amount", EMPTY, DAY)
    assert not reply.text.startswith(assistant.search.snapshot.phrases("several.opening"))


def test_every_aspect_of_one_matter_comes_before_the_rest(assistant: Assistant) -> None:
    text = "小升规补贴多少钱，怎么申请，找谁，还有效吗"
    lines = assistant.respond(text, "ask_amount", EMPTY, DAY).text.split("\n")
    first = {
        name: next(i for i, line in enumerate(lines) if line.startswith(name))
        for name in ("按文件条件", "找谁", "在哪办", "文件未载明有效期", "出处")
    }
    assert "30万元" in lines[first["按文件条件"]]
    assert list(first.values()) == sorted(first.values())


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("补贴多少钱，怎么申请，找谁", ("ask_amount", "ask_how_to_apply", "ask_department")),
        ("找哪个部门，要什么条件", ("ask_department", "ask_conditions")),
        ("有什么政策", ("ask_policy",)),
        ("怎么申请", ("ask_policy",)),  # one aspect is what Rasa understood
    ],
)
def test_aspects_are_read_in_their_order(text: str, asked: tuple[str, ...]) -> None:
    assert aspects(text, "ask_policy") == asked


@pytest.mark.parametrize(
    "text",
    [
        "市级龙头的牌子有，上市奖励还早",
        "高企证有了，专精特新奖励还没评上，贷款贴息多少",
        "股改奖励去年拿过，新三板挂牌奖励多少",
        "科小评上了，创新券给多少",
        "晋兴板挂牌奖励没报上，股改奖励给多少",
    ],
)
def test_what_is_told_is_no_matter_that_is_asked_about(assistant: Assistant, text: str) -> None:
    reply = assistant.respond(text, "ask_policy", EMPTY, DAY)
    assert assistant.search.snapshot.phrases("several.opening") not in reply.text
