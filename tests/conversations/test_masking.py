"""Numbers of persons are taken out; everything else stays as it is."""

from __future__ import annotations

import pytest

from bot.conversations.masking import mask


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("我电话13812345678谢谢", "我电话［手机号已隐去］谢谢"),
        ("138 1234 5678", "［手机号已隐去］"),
        ("138-1234-5678，请回电", "［手机号已隐去］，请回电"),
        ("+8613812345678", "+［手机号已隐去］"),
        ("身份证11010519491231002X", "身份证［身份证号已隐去］"),
        ("身份证 110105 19491231 002x 号", "身份证 ［身份证号已隐去］ 号"),
        ("140105199001011234", "［身份证号已隐去］"),
        ("卡号6222020200112233445 开户行", "卡号6222020200112233445 开户行"),
        ("卡号4111 1111 1111 1111", "卡号［银行卡号已隐去］"),
        ("两个号13812345678和13912345678", "两个号［手机号已隐去］和［手机号已隐去］"),
    ],
)
def test_numbers_of_persons(text: str, masked: str) -> None:
    assert mask(text) == masked


@pytest.mark.parametrize(
    "text",
    [
        "去年投了13800000000元",
        "营收15000000000 元",
        "晋政办发〔2023〕56号第8条",
        "2023年到2025年 一共3500万",
        "拨打12345或12366",
        "统一社会信用代码91140100MA0ABCDE1X",
        "0351-1234567",
        "1 2 3 4 5 6 7 8 9 10",
        "税率0.12345678901",
    ],
)
def test_other_numbers_stay(text: str) -> None:
    assert mask(text) == text
