"""What the words of a message tell of its matter."""

from __future__ import annotations

import pytest

from bot.policies.answer.wording import (
    asks,
    asks_of_now,
    asks_of_then,
    calls_for,
    elliptic,
    leans,
    wants_a_grant,
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("县里和市里能不能都领", True),
        ("这笔钱是自动到账还是要去申请", True),
        ("按月给还是一次给", True),
        ("批下来给多少", True),
        ("稳岗返还给多少", False),  # names what is to be had
        ("晚上几点关门", False),
        ("我们是做铸件的，去年营收三千万，招了十二个应届生，他们说能领", False),  # long
    ],
)
def test_what_leaves_unsaid_what_is_to_be_had(text: str, expected: bool) -> None:
    assert elliptic(text) is expected


@pytest.mark.parametrize(
    ("text", "intent", "expected"),
    [
        ("小巨人奖励", "nlu_fallback", True),
        ("我们打算去新三板挂牌", "ask_policy", True),
        ("贴几个点", "ask_amount", True),
        ("奖励找谁领", "ask_policy", False),
        ("评这个要多少年", "ask_policy", False),
        ("水价谁来定", "ask_amount", False),
    ],
)
def test_what_asks_for_a_grant(text: str, intent: str, expected: bool) -> None:
    assert wants_a_grant(text, intent) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [("六税两费现在还减半不", True), ("扩岗补助还给不给", True), ("22年那会儿给多少", False)],
)
def test_what_asks_how_it_is_today(text: str, expected: bool) -> None:
    assert asks_of_now(text) is expected


def test_a_verb_said_and_denied_asks() -> None:
    assert asks("摊位费补不补，五万多")
    assert not asks("摊位费五万多")


def test_a_search_word_ends_in_the_name_of_a_measure() -> None:
    assert calls_for("稳岗返还")
    assert not calls_for("晋源区的，首次认定")


def test_it_leans_on_what_went_before_also_in_its_second_sentence() -> None:
    assert leans("不用申请？那为啥我们没到账")


def test_when_something_ended_is_asked_of_then() -> None:
    assert asks_of_then("到多会儿为止")
    assert not asks_of_then("还发不发")
