"""What one message tells of a firm, as people type it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from bot.policies.eligibility.facts import Choice, Fact
from bot.policies.eligibility.mentions import mentions

TODAY = date(2026, 11, 21)
FACTS = [
    Fact("staff", "integer", "职工人数", "多少人？", unit="人", said=("职工", "员工", "人")),
    Fact("graduates", "integer", "毕业生", "几个？", unit="人", said=("应届生", "毕业生")),
    Fact("revenue", "money", "营业收入", "多少？", said=("营收", "营业收入", "流水")),
    Fact("equipment", "money", "设备投资", "多少？", said=("设备投", "设备花", "买设备")),
    Fact("fixed", "money", "固定资产投资", "多少？", said=("固定资产投资", "固投")),
    Fact("layoff", "ratio", "裁员率", "多少？", said=("裁员率", "裁员")),
    Fact("year", "integer", "认定年份", "哪年？", unit="年", least=Decimal(1949), said=("认定",)),
    Fact("power", "integer", "容量", "多大？", unit="千瓦", said=("用电",)),
    Fact("export", "integer", "出口额", "多少？", unit="美元", said=("出口",)),
    Fact("area", "integer", "面积", "多大？", unit="平方米", said=("园区", "面积")),
    Fact("emerging", "boolean", "战新", "？", affirm=("战新", "战略性新兴"), deny=("不是战新",)),
    Fact("first", "boolean", "首次", "是吗？", affirm=("首次", "头一回", "第一次")),
    Fact(
        "kind", "choice", "主体", "哪种？",
        choices=(
            Choice("firm", "企业", ("公司",)),
            Choice("self", "个体", ("个体工商户", "个体户")),
        ),
    ),
]  # fmt: skip


def told(text: str) -> dict[str, Any]:
    return {
        mention.fact: float(mention.value) if isinstance(mention.value, Decimal) else mention.value
        for mention in mentions(text, FACTS, TODAY)
    }


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("厂里三百来号人，营收4千万", {"staff": 300, "revenue": 4e7}),
        ("员工50多个人", {"staff": 50}),
        ("职工一百零五人", {"staff": 105}),
        ("招了12个应届生", {"graduates": 12}),
        ("设备投了三千五百万", {"equipment": 3.5e7}),
        ("设备投了2.3亿，补多少", {"equipment": 2.3e8}),
        ("买设备花了1,200万元", {"equipment": 1.2e7}),
        ("营收两个亿", {"revenue": 2e8}),
        ("一年流水90来万", {"revenue": 9e5}),
        ("营收4000w", {"revenue": 4e7}),
        ("做5G的公司 员工20个", {"kind": "firm", "staff": 20}),
        ("用电160千瓦", {"power": 160}),
        ("是无人机战新企业", {"emerging": True}),
        ("设备投了一千二百万 固定资产投资1.5亿", {"equipment": 1.2e7, "fixed": 1.5e8}),
        ("园区3万平", {"area": 30000}),
        ("园区六万平方米", {"area": 60000}),
        ("一共3万人 员工", {"staff": 30000}),
        ("给5名员工", {"staff": 5}),
        ("流水8万6", {"revenue": 86000}),
        ("他们那边是战新", {}),
        ("得是战新才给么", {}),
        ("跟公司一样吗", {}),
        ("营收3万 流水2万", {}),
        ("职工不足20人", {"staff": 19}),
        ("流水没到400万", {}),
        ("一个人也没雇 员工", {"staff": 0}),
        ("战新没认定", {"emerging": False}),
        ("听说战新能给20万", {}),
        ("战新那个奖励", {}),
        ("头一回升规没拿过钱", {"first": True}),
        ("裁员率三成五", {"layoff": 0.35}),
        ("流水才六千多万", {"revenue": 6e7}),
        ("裁员率降6个百分点", {"layoff": 0.06}),
        ("流水3万6千", {"revenue": 36000}),
        ("流水俩亿", {"revenue": 2e8}),
        ("流水 四十万 个税多少", {"revenue": 4e5}),
        ("流水9000", {"revenue": 9000}),
        ("没上市的战新企业", {"emerging": True}),
        ("汇算的时候是战新", {"emerging": True}),
        ("流水一万五一年", {"revenue": 15000}),
        ("裁员率百分之一点五", {"layoff": 0.015}),
        ("利润多少不知道，9万营收", {"revenue": 90000}),
        ("出口60万美元", {"export": 600000}),
        ("出口100万usd", {"export": 1000000}),
        ("没上市 战新", {"emerging": True}),
        ("说能给20万 营收300万", {"revenue": 3e6}),
        ("裁员率5.5%", {"layoff": 0.055}),
        ("裁员大概两成", {"layoff": 0.2}),
        ("裁员率百分之三", {"layoff": 0.03}),
        ("去年刚认定", {"year": 2025}),
        ("2024年认定的", {"year": 2024}),
        ("23年认定的", {"year": 2023}),
        ("我们是战新", {"emerging": True}),
        ("不是战新", {"emerging": False}),
        ("不属于战略性新兴产业", {"emerging": False}),
        ("是不是战新不清楚", {}),
        ("头一回进规", {"first": True}),
        ("不是第一次了", {"first": False}),
        ("我是个体工商户", {"kind": "self"}),
        ("个体户转成了公司", {}),
        ("没啥可说的", {}),
        ("营收不方便说", {}),
    ],
)
def test_a_message_tells(text: str, expected: dict[str, Any]) -> None:
    assert told(text) == expected


def test_a_number_goes_to_one_fact_only() -> None:
    assert told("员工12个应届生") == {"graduates": 12}


def test_only_facts_that_matter_are_looked_for() -> None:
    assert mentions("厂里三百来号人", [FACTS[2]], TODAY) == []


MORE = [
    Fact("listed", "boolean", "挂牌", "？", affirm=("科技险", "晋兴板", "战新")),
    Fact("moved", "boolean", "迁入", "？", affirm=("外省|外地 迁|搬",)),
    Fact("nursery", "boolean", "幼儿园", "？", affirm=("幼儿园 托育",)),
    Fact("taxes", "money", "六税两费", "？", said=("房产税", "印花税", "税一共"), additive=True),
    Fact("costs", "money", "费用", "？", said=("评估费", "利息", "费用"), additive=True),
    Fact("output", "money", "产值", "？", said=("产值", "过", "前年")),
    Fact("share", "ratio", "占比", "？", said=("涨", "占")),
    Fact("hired", "integer", "人数", "？", unit="人", said=("招", "雇")),
    Fact("year", "integer", "年份", "哪年？", unit="年", least=Decimal(1949), said=("办", "建")),
]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # What is denied after its word, by whichever verb.
        ("科技险没买", {"listed": False}),
        ("晋兴板报上去给刷下来了", {"listed": False}),
        ("战新还在审", {"listed": False}),
        ("晋兴板挂了，补助没拿到钱", {"listed": True}),
        ("我们是战新，以前没领过", {"listed": True}),
        ("战新这种算不算", {"listed": True}),
        ("战新，牌子在走流程", {}),
        # Who asks 不是…么 says that it is so; 是不是 asks.
        ("上党不是战新么", {"listed": True}),
        ("我们不是战新企业吗，怎么没给", {"listed": True}),
        ("我们不是战新，能给吗", {"listed": False}),
        ("是不是战新企业吗", {}),
        # What the next words take back is neither told nor denied.
        ("战新是报上去了，没批下来", {}),
        # A part of words may be one of several; what is denied between them parts them.
        ("厂子从外地搬过来的", {"moved": True}),
        ("去年由外省整体迁入", {"moved": True}),
        ("外省企业没来得及搬", {}),
        ("托育中心，不是幼儿园", {}),
        # Sums told in parts, their whole beside them, and one part alone.
        ("房产税2万，印花税1700", {"taxes": 21_700}),
        ("房产税2万，印花税1万，税一共3万", {"taxes": 30_000}),
        ("利息15万，评估费3万", {"costs": 180_000}),
        ("评估费6万", {}),
        ("费用6万", {"costs": 60_000}),
        # Last year's number, not the one before, nor the line that was crossed.
        ("去年产值12亿，前年8亿", {"output": 1.2e9}),
        ("产值12亿，头一回过10亿", {"output": 1.2e9}),
        ("三季度产值34万，平时产值28万", {"output": 340_000}),
        # What the rule says is nothing of the firm.
        ("听说产值要过2000万，我们产值1200万", {"output": 1.2e7}),
        ("新人要占5%，我们占了8%", {"share": 0.08}),
        ("听说厂里招人给补，我们招了12个", {"hired": 12}),
        # Numbers as they are spoken.
        ("比去年涨了两成五", {"share": 0.25}),
        ("翻了一番", {"share": 1.0}),
        ("招了俩", {"hired": 2}),
        ("我们俩招的", {}),
        ("二零二一年办的", {"year": 2021}),
    ],
)
def test_how_people_deny_add_up_and_count(text: str, expected: dict[str, Any]) -> None:
    heard = {
        one.fact: float(one.value) if isinstance(one.value, Decimal) else one.value
        for one in mentions(text, MORE, TODAY)
    }
    assert heard == expected


@pytest.mark.parametrize(
    ("text", "facts"),
    [
        ("我们是私营的，一共二十个人", {"staff": 20}),
        ("厂里总共35人", {"staff": 35}),
        ("我们一共招了12个应届生", {"graduates": 12}),
    ],
)
def test_all_who_work_there_are_the_staff_alone(text: str, facts: dict[str, Any]) -> None:
    assert told(text) == facts
