"""Whoever names a topic and nothing else is told what there is of it, not one guess."""

from __future__ import annotations

import re
from datetime import date

import pytest

from bot.policies.answer import Assistant, Context, Reply
from bot.policies.answer.eligibility import EligibilityAnswers
from bot.policies.answer.topics import Topics
from bot.policies.answer.truth import faults_of
from bot.policies.model import Snapshot
from bot.policies.search import Search

DAY = date(2026, 11, 21)
EMPTY = Context()


@pytest.fixture(scope="module")
def topics(search: Search) -> Topics:
    return Topics(search, EligibilityAnswers(search).names)


def ask(assistant: Assistant, text: str, intent: str = "ask_policy") -> Reply:
    return assistant.respond(text, intent, EMPTY, DAY)


@pytest.mark.parametrize("text", ["首台套有什么支持", "首台套现在有啥政策", "我想了解一下首台套"])
def test_all_measures_of_a_topic_are_told(assistant: Assistant, text: str) -> None:
    reply = ask(assistant, text)
    assert reply.custom["type"] == "policy_list"
    assert len(reply.buttons) == 5
    assert "50万元、150万元、250万元、500万元" in reply.text
    assert not faults_of(reply)
    # What holds in a zone only comes last, with its zone.
    assert "只限山西转型综合改革示范区" in reply.text.split("\n")[5]
    second = assistant.choose("第二个", reply.context, DAY)
    assert second.custom["type"] == "policy_answer"
    assert second.custom["programme"]["name"] == reply.buttons[1]["title"]
    third = assistant.choose("第三个", second.context, DAY)
    assert third.custom["programme"]["name"] == reply.buttons[2]["title"]


def test_who_asks_for_money_is_told_what_gives_some(assistant: Assistant) -> None:
    names = [button["title"] for button in ask(assistant, "首台套奖励多少").buttons]
    assert "链上企业采购首台（套）装备奖励" in names
    assert "省级首台（套）重大技术装备保险补偿" not in names
    only = ask(assistant, "个转企给补贴不给")
    assert only.custom["programme"]["id"] == "individual_to_company_award"


def test_who_asks_on_without_choosing_is_answered_on_the_first(assistant: Assistant) -> None:
    reply = ask(assistant, "首台套奖励多少")
    on = assistant.respond("得啥条件", "ask_conditions", reply.context, DAY)
    assert on.text.startswith("先说刚才列的第一项")
    assert on.custom["clauses"][0]["clause_id"] == reply.custom["clauses"][0]["clause_id"]
    # What can be told of each in a line is told of each.
    way = assistant.respond("怎么申请", "ask_how_to_apply", reply.context, DAY)
    assert way.text.startswith("刚才列的，分别说")
    assert way.text.count("在哪办：") == len(reply.buttons)
    chosen = assistant.choose("第二个", way.context, DAY)
    assert chosen.custom["programme"]["name"] == reply.buttons[1]["title"]
    then = assistant.respond("怎么申请", "ask_how_to_apply", chosen.context, DAY)
    assert not then.text.startswith(("先说", "刚才列的"))


def test_whom_it_is_for_is_no_topic(assistant: Assistant) -> None:
    assert ask(assistant, "招应届生有多少钱").custom["type"] == "policy_answer"


@pytest.mark.parametrize("intent", ["ask_policy", "ask_list", "ask_validity"])
def test_one_measure_alone_is_answered(assistant: Assistant, intent: str) -> None:
    reply = ask(assistant, "稳岗返还今年还有吗", intent)
    assert reply.custom["type"] == "policy_answer"
    assert reply.custom["programme"]["id"] == "job_stability_refund"
    assert reply.text.startswith("注意：这项措施已过期。文件载明“执行期限至2025年12月31日”")


def test_the_one_called_just_so_is_meant(assistant: Assistant) -> None:
    reply = ask(assistant, "小升规奖励多少")
    assert reply.custom["type"] == "policy_answer"
    assert "给予每户30万元的奖励" in reply.text.split("\n")[0]


def test_what_is_given_is_quoted_and_not_what_stands_beside(assistant: Assistant) -> None:
    first = ask(assistant, "六税两费").text.split("\n")[0]
    assert "减半征收资源税" in first
    assert "制定省级" not in first


def test_a_topic_that_is_all_over_is_said_to_be_in_the_first_sentence(
    assistant: Assistant,
) -> None:
    reply = ask(assistant, "帮扶车间有什么好处")
    assert reply.custom["type"] == "policy_list"
    assert "都已过期" in reply.text.split("\n")[0]


@pytest.mark.parametrize(
    "text",
    [
        "首台套设备出口报关要交什么税",  # more than the topic is named
        "首台套和专精特新",  # two topics
        "综改区有什么政策",  # a place, not a topic
        "我们厂今年做出来一台新设备",  # none
    ],
)
def test_whatever_names_more_or_less_is_no_topic(search: Search, topics: Topics, text: str) -> None:
    assert not topics.about(search.find(text, DAY), DAY)


def test_every_overview_says_what_its_clauses_say(
    search: Search, topics: Topics, snapshot: Snapshot
) -> None:
    seen = 0
    for term in snapshot.lexicon.terms:
        found = topics.about(search.find(term.name, DAY), DAY)
        if len(found) < 2:
            continue
        reply = topics.overview(found, term.name, DAY)
        assert not faults_of(reply), term.name
        cited = "".join(clause["text"] for clause in reply.custom["clauses"])
        for programme, line in zip(found, reply.text.split("\n")[1:], strict=False):
            given = programme.amount.said(DAY)
            if given is not None and re.match(r"\d\. ", line):
                assert given.words in line, programme.id
                assert given.words in cited, programme.id
        seen += 1
    assert seen > 40
