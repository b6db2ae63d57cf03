"""What sums come to together, and which of two is the larger."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from bot.policies.answer import Assistant, Context, Reply
from bot.policies.answer.sums import adds_up, asks_which_is_more, most_of
from bot.policies.answer.truth import faults_of
from bot.policies.model import Snapshot
from tests.policies.test_talked import Conversation

DAY = date(2026, 11, 21)


@pytest.mark.parametrize(
    "text", ["最多一共能拿多少", "加起来多少", "总共给几万", "合计多少", "都拿到有多少"]
)
def test_what_asks_for_all_of_it(text: str) -> None:
    assert adds_up(text)


@pytest.mark.parametrize(
    "text", ["最多给多少", "一次给多少", "共同申报行吗", "能一起拿吗", "一起申请多久批"]
)
def test_what_does_not(text: str) -> None:
    assert not adds_up(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("哪个多", True),
        ("哪个划算", True),
        ("哪种更高", True),
        ("哪个部门管", False),
        ("哪个好办", False),
        ("哪年认定的多", False),
    ],
)
def test_what_asks_which_is_more(text: str, expected: bool) -> None:
    assert asks_which_is_more(text) is expected


@pytest.mark.parametrize(
    ("programme", "working"),
    [
        ("domestic_ipo_award", "50万元＋50万元＋200万元＝300万元"),
        ("small_to_scale_award", "30万元×（1＋30%）＝39万元"),
        ("jinxing_board_listing_award", "10万元＋10万元＝20万元"),
        ("shareholding_reform_award", ""),  # one figure: nothing to add
        ("makerspace_new_award", ""),  # one or the other, never both
        ("nonprofit_elderly_care_bed_subsidy", ""),  # by the bed
        ("foreign_investment_introduction_award", ""),  # over
    ],
)
def test_the_most_of_one(snapshot: Snapshot, programme: str, working: str) -> None:
    line = most_of(snapshot.programmes[programme], DAY, snapshot.phrases)
    assert (working in line) if working else not line


def test_no_programme_is_added_up_by_the_head(snapshot: Snapshot) -> None:
    for programme in snapshot.programmes.values():
        if programme.amount.per.startswith("每") and programme.amount.per not in ("每年", "每年度"):
            assert most_of(programme, DAY, snapshot.phrases) == ""


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("股改奖励跟晋兴板挂牌奖励加起来多少", "50万元＋10万元＋10万元＝70万元"),
        ("股改奖励和晋兴板挂牌奖励哪个多", "50万元－（10万元＋10万元）＝30万元"),
    ],
)
def test_two_are_worked_out(assistant: Assistant, text: str, said: str) -> None:
    reply = assistant.compare(text, Context(), DAY)
    assert said in reply.text
    assert not faults_of(reply)


def test_no_sum_where_it_hangs_on_the_firm(assistant: Assistant, snapshot: Snapshot) -> None:
    reply = assistant.compare("稳岗返还和股改奖励哪个划算", Context(), DAY)
    assert snapshot.phrases("sums.open") in reply.text


@pytest.mark.parametrize("text", ["一共能拿多少", "哪个划算", "两个加起来多少"])
def test_of_the_two_spoken_of(assistant: Assistant, text: str) -> None:
    talk = Conversation(assistant, "股改奖励给多少", "晋兴板挂牌奖励多少")
    reply = talk.say(text, "compare")
    assert "50万元" in reply.text
    assert "＝" in reply.text
    assert not faults_of(reply)


def test_the_steps_of_one_are_said_first(assistant: Assistant) -> None:
    before = assistant.respond("境内上市奖励给多少", "ask_amount", Context(), DAY)
    reply: Reply = assistant.respond(
        "这个一共能拿多少", "ask_amount", replace(before.context, interview=None), DAY
    )
    assert "50万元＋50万元＋200万元＝300万元" in reply.text.split("\n")[0]
    assert not faults_of(reply)
