"""The figures of a text, each with its unit."""

from __future__ import annotations

from decimal import Decimal

import pytest

from bot.policies.eligibility.figures import stands_in


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        ("300000", "CNY", "给予每户30万元的奖励"),
        ("3000", "CNY", "一次性3000元"),
        ("5000000", "CNY", "1000万元、500万、200万元"),
        ("200000", "CNY", "分别给予10、20、30万元"),
        ("100000000", "CNY", "总投资1亿元以上"),
        ("0.3", "ratio", "上浮30%"),
        ("0.3", "ratio", "百分之三十"),
        ("0.15", "ratio", "15%-20%"),
        ("0.05", "ratio", "5％"),
        ("0.5", "ratio", "减半征收"),
        ("1", "ratio", "全额返还"),
        ("0.002", "permille", "按2‰奖励"),
        ("0.015", "points", "贴息1.5个百分点"),
        ("3", "年", "最长三年"),
        ("6", "个月", "稳定就业半年以上"),
        ("24", "个月", "两年内"),
        ("30", "人", "30人（含）以下"),
        ("0.6666666667", "ratio", "不超过2/3"),
        ("0.3333333333", "ratio", "三分之一"),
    ],
)
def test_stands_there(value: str, unit: str, text: str) -> None:
    assert stands_in(Decimal(value), unit, text)


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        ("300000", "CNY", "给予每户20万元的奖励"),
        ("30", "CNY", "给予每户30万元的奖励"),
        ("0.3", "ratio", "奖励30万元"),
        ("30", "个月", "30天内办结"),
        ("0.02", "ratio", "按2‰奖励"),
        ("0.5", "ratio", "给予奖励"),
    ],
)
def test_does_not_stand_there(value: str, unit: str, text: str) -> None:
    assert not stands_in(Decimal(value), unit, text)
