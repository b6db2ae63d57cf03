"""How often a measure gives, since when it counts and to whom: told where it is asked for."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from bot.policies.answer import Assistant, Context, Reply
from bot.policies.answer.needs import (
    OF_THE_MEASURE,
    needs_answered,
    needs_asked,
    needs_of,
    of_the_measure,
)
from bot.policies.answer.truth import faults_of
from bot.policies.model import Snapshot
from bot.policies.validity import judge

DAY = date(2026, 11, 21)
STATED = "多久能享受一次：“"
SILENT = "多久能享受一次：文件没有写明"


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("每年都有吗", "often"),
        ("是年年给还是就给一回", "often"),
        ("就给一次吗", "often"),
        ("一次性的吗", "often"),
        ("能领几年", "often"),
        ("明年还能再领吗", "often"),
        ("从什么时候开始算", "since"),
        ("是按哪一年的算", "since"),
        ("打哪天起", "since"),
        ("啥时候开始执行的", "since"),
        ("从几月开始", "since"),
        ("打给谁呢", "to_whom"),
        ("给公司还是给老板个人", "to_whom"),
        ("钱归单位还是个人", "to_whom"),
        ("发到哪个手里", "to_whom"),
    ],
)
def test_what_asks_of_the_measure(text: str, asked: str) -> None:
    assert asked in needs_asked(text, "ask_policy")
    assert of_the_measure(text)


@pytest.mark.parametrize(
    "text",
    [
        "一年最多给多少",
        "每年几月报",
        "多少钱一次",
        "什么时候开始申报",
        "什么时候开始报名",
        "首次升规给多少",
        "去年办的还算不算",
        "明年还有没",
        "给不给一次性的钱",
        "到哪年为止",
        "在不",
        "一次性吸纳就业补贴给多少",
    ],
)
def test_what_asks_for_something_else(text: str) -> None:
    assert not of_the_measure(text)


def asked_on(assistant: Assistant, first: str, then: str, intent: str) -> Reply:
    before = assistant.respond(first, "ask_amount", Context(), DAY)
    context = replace(before.context, interview=None)
    if intent == "more":
        return assistant.more(then, context, DAY)
    return assistant.respond(then, intent, context, DAY)


@pytest.mark.parametrize(
    ("first", "then", "intent", "said"),
    [
        ("创新券给多少", "每年都有吗", "affirm", f"{STATED}各企业每年度兑现总额不超过50万元"),
        ("股改奖励给多少", "就给一次吗", "more", STATED),
        ("股改奖励给多少", "明年还能再领吗", "ask_validity", STATED),
        ("新备案国家级众创空间奖励多少", "是年年给还是就给一回", "nlu_fallback", SILENT),
        (
            "养老机构建床位一张补多少",
            "给谁啊",
            "ask_department",
            "给谁：“对社会力量举办的非营利性养老服务机构，符合建设标准和资质条件、运营满一年的”",
        ),
        ("境内上市奖励给多少", "从什么时候开始算", "ask_validity", "从什么时候算：文件没有写明"),
    ],
)
def test_it_is_said_first_or_said_not_to_be_written(
    assistant: Assistant, first: str, then: str, intent: str, said: str
) -> None:
    reply = asked_on(assistant, first, then, intent)
    assert reply.text.startswith(said), reply.text
    assert not faults_of(reply)


def test_more_of_a_list_is_still_more_of_it(assistant: Assistant) -> None:
    reply = asked_on(assistant, "创新券给多少", "后面呢", "more")
    assert reply.custom["type"] == "policy_list"


def test_it_always_stands_in_the_clause_and_is_told_only_where_asked(snapshot: Snapshot) -> None:
    for clause in snapshot.clauses.values():
        measure = judge(clause, snapshot.document_of(clause), DAY).measure
        found = needs_of(clause.text, measure, asked=OF_THE_MEASURE)
        assert all(words in clause.text for words in found.values())
        assert not {*OF_THE_MEASURE} & set(needs_of(clause.text, measure))


def test_of_several_measures_only_the_words_of_the_one_meant_count() -> None:
    clause = "对甲给予一次性奖励。对乙按年度给予补助。"
    found = needs_of(clause, clause, asked=("often",), meant=("对乙按年度给予补助",))
    assert found == {"often": "对乙按年度给予补助"}
    assert needs_of(clause, clause, asked=("often",), meant=("给予补助",)) == {}


def test_to_whom_stands_in_the_sentence_of_the_measure_that_is_meant() -> None:
    clause = "对大型企业按30%返还。对企业组织职工参加岗前培训的，按每人300元给予补贴。"
    found = needs_of(clause, clause, asked=("to_whom",), meant=("按每人300元给予补贴",))
    assert found == {"to_whom": "对企业组织职工参加岗前培训的"}


def test_to_whom_it_goes_is_never_called_silent(snapshot: Snapshot) -> None:
    """Every clause says it somehow: where no words are found it is quoted instead."""
    found = needs_of("免收检测费", "免收检测费", asked=("to_whom",))
    said = needs_answered(("to_whom",), found, "找谁：甲局", snapshot.phrases, of_whom=False)
    assert (found, said) == ({}, [])
    said = needs_answered(("paid",), found, "找谁：甲局", snapshot.phrases, of_whom=False)
    assert said == ["何时到账：文件没有写明，请向主管单位咨询。", "找谁：甲局"]


def test_what_none_of_the_offered_states_is_said_of_them(assistant: Assistant) -> None:
    offer = assistant.respond("首台套奖励多少", "ask_amount", Context(), DAY)
    reply = assistant.respond("含税不含税", "ask_policy", offer.context, DAY)
    assert reply.text.startswith("您问的这一点，刚才列的条文里没有写明")
    assert reply.context.offered == offer.context.offered


def test_how_long_it_takes_is_asked_of_no_case(assistant: Assistant) -> None:
    asked = "新开办的公司要几天能拿到营业执照"
    reply = assistant.respond(asked, "ask_eligible", Context(facts={}), DAY)
    assert reply.custom["verdict"] is None
    assert "多久办结：“力争实现全省域新开办企业“1天办””" in reply.text
    assert "何时到账：文件没有写明" not in reply.text


def test_what_names_another_measure_of_the_clause_tells_nothing_of_this(
    assistant: Assistant,
) -> None:
    """Clause 8 pays the refund without an application, and says nothing of the training's way."""
    reply = assistant.respond("职工培训补贴咋领", "ask_how_to_apply", Context(), DAY)
    assert reply.custom["clauses"][0]["clause_id"] == "jzf-2022-14.8"
    assert reply.text.startswith("在哪办：文件没有写明")


def test_who_asks_for_a_count_is_told_the_sentence_that_counts(assistant: Assistant) -> None:
    reply = assistant.respond("房租能免几个月", "ask_amount", Context(), DAY)
    quoted = next(line for line in reply.text.splitlines() if line.startswith("按文件条件"))
    assert "3个月" in quoted
    assert reply.custom["clauses"][0]["status"] == "expired"
