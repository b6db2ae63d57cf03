"""What people do with the conversation itself: urging, turning away, going back, leaving out."""

from __future__ import annotations

import pytest

from bot.policies.answer.conduct import waits
from bot.policies.answer.manners import (
    after_going_back,
    asks_the_way,
    at_home,
    begins_anew,
    drops,
    of_firms_like_it,
    of_private_life,
    resumes,
    urges,
    wants_the_outcome,
)
from bot.policies.answer.wording import asks


@pytest.mark.parametrize(
    ("text", "so"),
    [
        ("你别老问了 直接说能不能", True),
        ("到底给不给", True),
        ("那我们能拿吗", True),
        ("够不够条件", True),
        ("给个准话吧", True),
        ("我们这种情况能申请不", True),
        ("可以", False),
        ("符合", False),
        ("行吗我是小微", False),
        ("直接投资600万", False),
        ("那现在还能申请吗", False),  # asks whether it is still in force
    ],
)
def test_a_verdict_is_urged(text: str, so: bool) -> None:
    assert urges(text) is so


@pytest.mark.parametrize(
    ("text", "so"),
    [
        ("哪几个能同时拿", True),
        ("最多的是哪个", True),
        ("这些加一起最多能拿多少", True),
        ("就按这些列一下", True),
        ("照这个给我列列能报啥", True),
        ("那现在再列一遍", True),
        ("明年要弄个老人日间照料，加上这个又多哪几样", True),
        ("今年9月新盖了冷库1200吨 贷了600万。再看多出啥来", True),
        ("我们比去年多招了几个人", False),
        ("一共86人", False),
        ("总共投了3000万", False),
        ("最多的时候200人", False),
        ("设备加厂房一共两千万", False),
        ("省级专精特新，高企", False),
    ],
)
def test_the_outcome_is_asked_for(text: str, so: bool) -> None:
    assert wants_the_outcome(text) is so


@pytest.mark.parametrize(
    ("text", "so"),
    [
        ("谢谢啊 再问一个 款项拖欠有政策吗", True),
        ("还有个事，想问增值税减免", True),
        ("另外问下电价", True),
        ("换个问题", True),
        ("还有吗", False),
        ("别的还有吗", False),
    ],
)
def test_something_else_is_announced(text: str, so: bool) -> None:
    assert begins_anew(text) is so


@pytest.mark.parametrize(
    ("text", "so"),
    [
        ("山西的呢", True),
        ("那你们这边给多少", True),
        ("本省的呢", True),
        ("山西省高企奖励多少", False),
        ("山西太原的", False),
        ("那省级的呢", False),
    ],
)
def test_the_same_is_asked_of_the_province(text: str, so: bool) -> None:
    assert at_home(text) is so


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("回到稳岗那个，哪天到账", "哪天到账"),
        ("好 回到投标，价格扣除是扣几个点", "价格扣除是扣几个点"),
        ("说回我那个创业补贴 要开够多长时间才能领", "要开够多长时间才能领"),
        ("回到刚才升规那个", ""),
        ("退回100万，还剩两笔", ""),
    ],
)
def test_what_is_asked_of_what_is_gone_back_to(text: str, asked: str) -> None:
    assert after_going_back(text) == asked


@pytest.mark.parametrize(
    ("text", "so"),
    [
        ("老婆跟我闹离婚咋办", True),
        ("员工子女想在阳泉上学归你们管不", True),
        ("工伤认定多少天内要报", True),
        ("农民工工资被拖欠找谁", True),
        ("失业保险能退多少", False),
        ("公积金能缓缴吗", False),
        ("工伤保险费率降了吗", False),
        ("外地身份证的呢", False),
    ],
)
def test_private_life(text: str, so: bool) -> None:
    assert of_private_life(text) is so


@pytest.mark.parametrize(
    ("text", "so"),
    [
        ("贷款那条去掉吧", True),
        ("人数别记了", True),
        ("城市不要记了", True),
        ("把我企业信息删了", False),  # that is all of it
        ("公司资料都删了", False),
        ("我们去年裁了三个", False),
    ],
)
def test_one_thing_is_left_out(text: str, so: bool) -> None:
    assert drops(text) is so


@pytest.mark.parametrize(
    ("text", "so"),
    [("之前那个还能接着算吗", True), ("继续算小升规", True), ("做继续教育的", False)],
)
def test_questions_are_taken_up(text: str, so: bool) -> None:
    assert resumes(text) is so


def test_firms_like_it() -> None:
    assert of_firms_like_it("像我们这样的物流企业有什么支持")
    assert not of_firms_like_it("物流企业有什么支持")


@pytest.mark.parametrize(
    ("text", "so"),
    [("等下，有人来了", True), ("稍等5分钟", True), ("等下，我店是2024年6月注册的", False)],
)
def test_who_tells_something_does_not_wait(text: str, so: bool) -> None:
    assert waits(text) is so


@pytest.mark.parametrize(
    ("text", "so"),
    [
        ("那告诉我材料清单", True),
        ("我们也想问增值税减免", True),
        ("没有什么荣誉称号", False),
        ("没啥资质", False),
        ("有没有什么补贴", True),
    ],
)
def test_what_asks(text: str, so: bool) -> None:
    assert asks(text) is so


@pytest.mark.parametrize(
    "text", ["去哪办", "到哪个窗口办啊", "那怎么申请", "咋申请呢", "去哪里领钱", "要钱不", "怎么办"]
)
def test_how_and_where_are_asked_of_the_matter_spoken_of(text: str) -> None:
    assert asks_the_way(text)


@pytest.mark.parametrize(
    "text", ["去哪办营业执照", "怎么申请高企", "去哪买设备", "咋贷款", "要钱不要命", "去哪"]
)
def test_what_names_something_does_not_only_ask_the_way(text: str) -> None:
    assert not asks_the_way(text)
