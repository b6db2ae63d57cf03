"""What of a message tells of the firm."""

from __future__ import annotations

import pytest

from bot.policies.answer.asserted import asserted


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("会计问，客户是运城的食品厂", "会计问，公司是运城的食品厂"),
        # A customer of the firm's own stays one.
        ("客户是国企，欠我们钱", "客户是国企，欠我们钱"),
        ("他不是应届的 都四十了", "他不是应届的 "),
        ("师傅们都四十五十了 做焊工的", " 做焊工的"),
        ("60岁以上的老人 三十个", "60岁以上的老人 三十个"),
        ("你这三百不对路吧", "不对路吧"),
        ("前头那180万能一块拿么", "能一块拿么"),
        ("我这30万贷款能不能贴息", "我这30万贷款能不能贴息"),
        ("刚上规哪来的两年", "刚上规没有两年"),
        ("水泥哪能是战略新兴啊", "水泥不是战略新兴啊"),
        ("不是九十个人 一共十二个焊工", " 一共十二个焊工"),
        ("啥老字号导游 我是做机械配件的", "我是做机械配件的"),
        ("我是养牛的 跟飞机有啥关系", "我是养牛的 跟飞机没有关系"),
        ("拿开源的模型微调 不知道算不算大模型研发", "拿开源的模型微调 "),
        ("我们哪有门票 开民宿的", "我们没有门票 开民宿的"),
        ("哪有卖首台套保险的", "哪有卖首台套保险的"),
    ],
)
def test_only_what_is_said_of_the_firm_is_heard(text: str, told: str) -> None:
    assert asserted(text) == told
