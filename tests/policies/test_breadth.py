"""Of how much a message asks."""

from __future__ import annotations

import pytest

from bot.policies.answer.breadth import at_large, compares, lists_policies


@pytest.mark.parametrize(
    ("text", "meant", "expected"),
    [
        ("跟刚才那个能一起拿吗", "ask_policy", True),
        ("小升规和高企", "compare", True),
        ("这两个哪个划算", "compare", True),
        ("小升规2021年和2025年", "compare", True),
        ("前面那个当时没去领，现在还能要回来吗", "compare", False),  # nothing beside it
        ("去年刚认定的省级工程中心，七十多个研发人员，有没有一次性的钱", "compare", False),
        ("股改奖励和晋兴板奖励一共能拿多少", "ask_amount", True),
        ("那哪个划算", "nlu_fallback", True),
        ("哪个部门管得多", "ask_department", False),
        ("我们升资质和做大产值这两个奖励有没有，一共多少", "ask_our_amount", False),
        ("房产税2万，印花税1700，城建附加另算，都减一半对吧？一共能省几万块", "ask_amount", False),
    ],
)
def test_what_sets_two_things_side_by_side(text: str, meant: str, expected: bool) -> None:
    assert compares(text, meant) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("综改区的房租补贴都有哪些", True),
        ("开食品厂的，残疾人也招了，给我捋捋能领哪几样", True),
        ("养老服务政策", True),
        ("从众创空间想升省级孵化器，卡在哪几条，评上以后每年给多少", False),
        ("那几个小税种22年说减办的范围放宽了，到底是哪几个税", False),
    ],
)
def test_whether_policies_are_to_be_listed(text: str, expected: bool) -> None:
    assert lists_policies(text) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("给我列几个能报的", True),
        ("帮俺挑挑有啥能沾上边的", True),
        ("小升规奖励给我列一下", False),
    ],
)
def test_who_asks_for_whatever_there_is(text: str, expected: bool) -> None:
    assert at_large(text) is expected
