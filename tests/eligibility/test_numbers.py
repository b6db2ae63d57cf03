"""Numbers as people tell them: what they come to, and where they tell nothing of the firm."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.policies.eligibility.facts import Fact
from bot.policies.eligibility.mentions import mentions
from bot.policies.eligibility.spoken import folded
from bot.policies.model import Snapshot

TODAY = date(2026, 11, 22)
SENTENCES = Path(__file__).parent / "hearing" / "numbers.yml"
HEARD = 0.97

FACTS = [
    Fact("staff", "integer", "职工人数", "企业现在有多少职工？", unit="人", said=("员工", "参保"),
         roughly=Decimal(10)),
    Fact("hires", "integer", "新招", "新招了多少人？", unit="人", said=("新招", "应届生")),
    Fact("beds", "integer", "床位", "床位有多少张？", unit="床", said=("床位", "张床")),
    Fact("power", "integer", "容量", "容量是多少千瓦？", unit="千瓦", said=("容量", "报装")),
    Fact("months", "integer", "在岗月数", "在岗几个月了？", unit="个月", said=("在岗", "干了")),
    Fact("years", "integer", "成立年数", "成立满几年了？", unit="年", said=("成立",)),
    Fact("dollars", "integer", "外资", "到位外资是多少？", unit="美元", said=("外资",)),
    Fact("founded", "integer", "注册年份", "哪一年注册的？", unit="年", least=Decimal(1949),
         said=("注册",)),
    Fact("revenue", "money", "年营业收入", "上一年的营业收入是多少？", said=("营收",), large=True),
    Fact("equipment", "money", "设备", "设备花了多少钱？", said=("设备", "买设备")),
    Fact("unit_value", "money", "单价", "单台设备的价值是多少？", said=("单台", "一台")),
    Fact("interest", "money", "利息", "付了多少利息？", said=("利息",)),
    Fact("rent", "money", "月租金", "每个月房租是多少？", said=("房租",)),
    Fact("contract", "money", "合同", "技术合同实际支付了多少钱？", said=("技术合同", "付了")),
    Fact("profit", "money", "所得额", "年应纳税所得额是多少？", said=("利润",)),
    Fact("share", "ratio", "占比", "脱贫户占百分之几？", most=Decimal(1), said=("脱贫户", "占")),
    Fact("fee", "ratio", "费率", "年担保费率是多少？", most=Decimal(1), said=("担保费",)),
    Fact("growth", "ratio", "增长", "产值增长了百分之多少？", least=Decimal(-1),
         most=Decimal(1000), said=("产值",)),
    Fact("rise", "ratio", "配套率", "配套率提高了几个百分点？", most=Decimal(1), said=("配套率",)),
]  # fmt: skip


def heard(text: str) -> dict[str, Any]:
    return {
        one.fact: float(one.value) if isinstance(one.value, Decimal) else one.value
        for one in mentions(text, FACTS, TODAY)
    }


def test_sentences_are_heard_and_none_wrongly(snapshot: Snapshot) -> None:
    rows: list[dict[str, Any]] = yaml.safe_load(SENTENCES.read_text("utf-8"))
    wrong, unheard = [], []
    for row in rows:
        found = mentions(row["text"], [snapshot.facts.facts[row["fact"]]], TODAY)
        value = found[0].value if found else None
        told = row["value"]
        if value is None:
            unheard += [row["text"]] if told is not None else []
        elif told is None or abs(Decimal(str(value)) - Decimal(str(told))) > Decimal("0.0001"):
            wrong.append(f"{row['text']}: {value}")
    assert not wrong, "\n".join(wrong)
    assert 1 - len(unheard) / len(rows) >= HEARD, "\n".join(unheard)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("21万7千5", "21.75万"),
        ("3亿5千万", "3.5亿"),
        ("3亿零500万", "3.05亿"),
        ("8万6", "8.6万"),
        ("8万6个", "8万6个"),
        ("一个半点", "1.5个点"),
        ("两亿半", "2.5亿"),
        ("两年半", "30个月"),
        ("三千一共五个人", "三千总共五个人"),
        ("八千一个月", "八千每个月"),
        ("凑一块三千二", "凑一起三千二"),
        ("一块三毛", "一块三毛"),
        ("加一块钱", "加一块钱"),
        ("院士一个没引来", "院士0个没引来"),
        ("有一个没来", "有一个没来"),
        ("一个没来得及", "一个没来得及"),
        ("裁员率零", "裁员率0%"),
        ("裁员率零点五", "裁员率0.5"),
        ("翻了两番", "涨300%"),
    ],
)
def test_numbers_are_written_as_they_are_counted(text: str, expected: str) -> None:
    assert folded(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # Parts that are told to belong together are added; others are not.
        ("新招12个加3个", {"hires": 15}),
        ("应届生上半年8个下半年5个", {"hires": 13}),
        ("员工男的11个女的7个", {"staff": 18}),
        ("新招一季度7个加上二季度4个", {"hires": 11}),
        ("床位一期100张，二期50张", {"beds": 150}),
        ("营收上半年800万下半年900万", {"revenue": 17_000_000}),
        ("营收上半年800万", {}),
        # What is told of each, times how many there are.
        ("设备8台，每台30万", {"equipment": 2_400_000}),
        ("设备每台30万", {}),
        ("买设备花了300万，一台", {"equipment": 3_000_000}),
        ("单台30万，有8台", {"unit_value": 300_000}),
        ("容量120千瓦×20个", {"power": 2400}),
        # A part of a whole is its share.
        ("20个工人里头12个是脱贫户", {"share": 0.6}),
        ("20个工人，12个是脱贫户", {}),
        ("一个脱贫户都没有", {"share": 0}),
        # What was, what is, and by how much it has grown.
        ("产值从800万涨到1000万", {"growth": 0.25}),
        ("产值去年2亿今年3亿", {"growth": 0.5}),
        ("产值从800万到1000万", {}),
        ("产值翻了一番", {"growth": 1}),
        ("产值增长两倍", {"growth": 2}),
        ("产值是去年的两倍", {"growth": 1}),
        ("产值掉了一成", {"growth": -0.1}),
        ("配套率从30%提到35%", {"rise": 0.05}),
        ("配套率涨了5个点", {"rise": 0.05}),
        ("配套率现在35%", {}),
        ("营收从三千万干到四千五", {"revenue": 45_000_000}),
        ("营收去年400万今年500万", {"revenue": 4_000_000}),
        ("员工去年50个今年35个", {"staff": 35}),
        ("原来员工110人，现在90人", {"staff": 90}),
        # Shares and thousandths.
        ("担保费千分之八", {"fee": 0.008}),
        ("担保费一个半点", {"fee": 0.015}),
        ("脱贫户占一半", {"share": 0.5}),
        ("担保费减一半", {}),
        # About so much, and more than one reading.
        ("营收两个多亿", {"revenue": 2e8}),
        ("营收两三百万", {}),
        ("员工两三百号", {}),
        ("员工三百大几", {"staff": 300}),
        ("员工20到30人", {}),
        ("设备30-50万", {}),
        # The unit that is left out.
        ("营收210个", {"revenue": 2_100_000}),
        ("设备210个", {}),
        ("营收四千五", {}),
        ("营收四千五，单位万", {"revenue": 45_000_000}),
        ("营收不到五百", {}),
        ("外资到位150万刀", {"dollars": 1_500_000}),
        ("买设备花了300万刀具", {"equipment": 3_000_000}),
        # Stretches of time.
        ("在岗半年", {"months": 6}),
        ("上半年在岗", {}),
        ("一年在岗十个月", {"months": 10}),
        ("成立两年半", {"years": 2}),
        ("三年前注册", {"founded": 2023}),
        ("08年注册的", {"founded": 2008}),
        ("注册08年的事", {}),
        ("房租一年六万", {}),
        ("房租一个月六千", {"rent": 6000}),
        ("每月利息三千", {}),
        # The rule, a hope, a plan, somebody else's, and what is not paid.
        ("新招一个应届生补多少", {}),
        ("新招了一个应届生，补多少", {"hires": 1}),
        ("员工不超过300人才能申吗", {}),
        ("员工超过100人了", {"staff": 100}),
        ("打算新招10个", {}),
        ("隔壁员工500人", {}),
        ("营收能到三千万", {}),
        ("利润亏了30万", {}),
        ("技术合同80万，还没付", {}),
        ("技术合同80万，付了60万", {"contract": 600_000}),
        ("营收300万，没交过税", {"revenue": 3_000_000}),
        ("营收去年没过2000万", {}),
        ("营收超过2000万", {"revenue": 20_000_000}),
        ("营收比去年多了30万", {}),
        ("新招一个人给1000对不", {}),
        ("员工七八个", {"staff": 7}),
        ("员工七八十个", {}),
        ("员工12个，参保的七八个", {"staff": 12}),
        ("应届生一人一千", {}),
    ],
)
def test_what_numbers_tell(text: str, expected: dict[str, Any]) -> None:
    assert heard(text) == expected
