"""What is heard of a firm, and what goes on from the clause before."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from bot.policies.answer import Assistant, Context
from bot.policies.answer.eligibility import EligibilityAnswers
from bot.policies.model import Snapshot
from bot.policies.search import Search

DAY = date(2026, 11, 21)


@pytest.fixture(scope="module")
def eligibility(search: Search) -> EligibilityAnswers:
    return EligibilityAnswers(search)


@pytest.mark.parametrize(
    ("text", "listed"),
    [
        ("新三板挂牌奖励给多少", None),  # the name of a measure tells nothing
        ("我们今年在新三板挂牌了，奖励给多少", True),
    ],
)
def test_the_name_of_a_measure_tells_nothing(
    eligibility: EligibilityAnswers, snapshot: Snapshot, text: str, listed: bool | None
) -> None:
    programme = snapshot.programmes["new_third_board_listing_award"]
    assert eligibility.heard(programme, text, DAY).get("new_third_board_listed") is listed


@pytest.mark.parametrize(
    ("text", "small"),
    [
        ("小微企业，职工305人", False),
        ("小微企业，职工300人", True),
        ("小微企业，利润301万", False),
        ("小微企业，利润300万", True),
    ],
)
def test_what_was_counted_stands_against_what_a_firm_calls_itself(
    eligibility: EligibilityAnswers, snapshot: Snapshot, text: str, small: bool
) -> None:
    programme = snapshot.programmes["small_low_profit_income_tax"]
    told = eligibility.complete(eligibility.heard(programme, text, DAY))
    assert told["small_low_profit"] is small


def spoken_of(assistant: Assistant, question: str) -> Context:
    reply = assistant.respond(question, "ask_amount", Context(facts={}), DAY)
    assert reply.context.clause_id is not None
    return replace(reply.context, facts={}, interview=None)


@pytest.mark.parametrize("text", ["那这钱是自动到账还是要自己去领", "省市县能不能都拿"])
def test_what_leaves_its_object_unsaid_is_about_the_clause_before(
    assistant: Assistant, text: str
) -> None:
    context = spoken_of(assistant, "企业境内上市奖励多少钱")
    reply = assistant.respond(text, "nlu_fallback", context, DAY)
    assert reply.custom["clauses"][0]["clause_id"] == context.clause_id


def test_what_is_told_within_a_conversation_is_no_question(assistant: Assistant) -> None:
    context = spoken_of(assistant, "首次认定高新技术企业省里奖多少钱")
    reply = assistant.respond("家里还有个房贷，二十二万没还完", "nlu_fallback", context, DAY)
    assert reply.custom["type"] == "text"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("我们公司五个人 招大学生一人补多少", {"staff": 5}),
        ("我们公司就五个人，招了两个大学生", {"staff": 5, "graduate_hires": 2}),
        ("我们公司5个应届生", {"graduate_hires": 5}),  # counted by their own name
    ],
)
def test_how_many_a_firm_is_are_none_of_those_it_hires(
    assistant: Assistant, text: str, told: dict[str, int]
) -> None:
    heard = assistant._firm.fitting.heard(text, DAY)
    assert {k: v for k, v in heard.items() if k in ("staff", "graduate_hires", "new_hires")} == told


@pytest.mark.parametrize(
    ("text", "spent"),
    [
        ("我们投了500万技改", 5_000_000),
        ("今年技改投资800万", 8_000_000),
        ("厂里搞技改花了五百来万", 5_000_000),
        ("技改贷款贷了300万", None),
        ("技改补贴拿了80万", None),
    ],
)
def test_what_went_into_a_technical_retrofit(
    assistant: Assistant, text: str, spent: int | None
) -> None:
    heard = assistant._firm.fitting.heard(text, DAY)
    assert heard.get("fixed_asset_investment") == spent
    assert heard.get("technical_retrofit_project") is (True if "补贴" not in text else None)


@pytest.mark.parametrize(
    ("text", "paid"), [("首台套卖了300万", None), ("买首台套花了300万", 3_000_000)]
)
def test_what_was_sold_is_no_payment(
    eligibility: EligibilityAnswers, snapshot: Snapshot, text: str, paid: int | None
) -> None:
    programme = snapshot.programmes["chain_first_set_purchase_award"]
    assert eligibility.heard(programme, text, DAY).get("first_set_payment") == paid
