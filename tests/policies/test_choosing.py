"""Which programme a told case means, and what is said where no clause grants anything."""

from __future__ import annotations

from datetime import date

import pytest

from bot.policies.answer import Assistant, Context, Reply, answering
from bot.policies.answer.eligibility import EligibilityAnswers
from bot.policies.search import Search

DAY = date(2026, 11, 21)


def asked(assistant: Assistant, text: str) -> Reply:
    return assistant.respond(text, "ask_policy", Context(), DAY)


def outcome(reply: Reply) -> tuple[str, str]:
    programme, verdict = reply.custom["programme"], reply.custom["verdict"]
    return programme["id"], verdict["verdict"]


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        # What is told is of the province: so is what is meant, though the other comes nearer.
        (
            "我们公司依托建的省重点实验室上个月批了，给多少经费",
            "new_provincial_lab_construction_funding",
        ),
        (
            "我们公司依托建的国家重点实验室正式运行了，给多少经费",
            "national_research_platform_funding",
        ),
        # A certain sum is asked about.
        ("我们建的省重点实验室批了，国家的那一千万能不能给", "national_research_platform_funding"),
    ],
)
def test_a_programme_for_another_kind_gives_way_to_the_one_for_the_kind_told(
    search: Search, monkeypatch: pytest.MonkeyPatch, text: str, meant: str
) -> None:
    near = {
        "national_research_platform_funding": 0.67,
        "new_provincial_lab_construction_funding": 0.64,
    }
    monkeypatch.setattr(search.index, "programmes_near", lambda _: near)
    hits = [search.hit(key, {}, DAY) for key in ("jzbf-2022-7.53", "jfgggf-2021-127.cs27")]
    programme = EligibilityAnswers(search).programme([h for h in hits if h], {}, text, DAY)
    assert programme is not None
    assert programme.id == meant


def test_what_is_over_is_judged_where_another_is_told_less_of(assistant: Assistant) -> None:
    told = "外资到账1500万美元，我们在太原新办的制造业项目，今年到的，奖多少"
    assert outcome(asked(assistant, told)) == ("foreign_investment_award", "ineligible")


def test_a_yes_may_rest_on_who_somebody_is(assistant: Assistant) -> None:
    told = asked(assistant, "我是个体户，印花税能少交一半吗")
    assert outcome(told) == ("six_taxes_halved", "eligible")
    assert asked(assistant, "个体户印花税减半的政策").custom["verdict"] is None


def test_that_no_clause_grants_what_a_case_hopes_for_is_said(
    assistant: Assistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answering, "CLEAR", 0.0)
    clear = asked(assistant, "我们厂做了环评，花了八万，能报销不")
    assert clear.custom["type"] == "policy_answer"
    assert clear.text.startswith("这项措施没有写明金额或比例")
    monkeypatch.setattr(answering, "CLEAR", 1.01)
    reply = asked(assistant, "我们厂做了环评，花了八万，能报销不")
    assert reply.custom["type"] == "clarify"
    assert reply.text.startswith("没有找到写明给这种情况发钱的条文")
    assert reply.custom["clauses"]
    # Asked in general the clause is told.
    assert asked(assistant, "冷库建设有什么规定").custom["type"] == "policy_answer"
