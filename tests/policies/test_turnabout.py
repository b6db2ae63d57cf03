"""What a message puts right, and what is said once only."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.policies.answer import Assistant, Context, Reply
from bot.policies.answer.needs import needs_asked
from bot.policies.answer.repeating import gist
from bot.policies.answer.turnabout import turned

from .conftest import DAY


@pytest.mark.parametrize(
    ("text", "meant", "refused"),
    [
        ("不是电费 盖大棚补不补", "盖大棚补不补", ("电费",)),
        ("培训那个不问了 绿色工厂的奖怎么申请", "绿色工厂的奖怎么申请", ("培训",)),
        ("你听岔了 我说的是换设备", "换设备", ()),
        ("你咋又说高企 我问研发补助", "研发补助", ("高企",)),
        ("那不说加计扣除了 创新券呢", "创新券呢", ("加计扣除",)),
        ("除了展会还有啥", "还有啥", ("展会",)),
        ("都说三遍了 是 第一次", "是 第一次", ()),
        ("8个人啊我说过了", "8个人啊", ()),
        ("买了买了 30万那个", "买了 30万那个", ()),
        ("没问你这个 我问能不能叠加", "能不能叠加", ()),
        ("不是 我问的是服务业那10万", "服务业那10万", ()),
        ("不是保险，就是评上首台套给多少奖励", "评上首台套给多少奖励", ("保险",)),
        ("我是说研发准备金", "研发准备金", ()),
        ("啥二手车啊 我卖挂面的", "我卖挂面的", ("二手车啊",)),
        ("我是养牛的 跟飞机有啥关系", "我是养牛的", ("飞机",)),
        ("就业见习补贴 跟你刚才那个不是一回事", "就业见习补贴", ()),
        ("你给我扯到养老院去了 我是幼儿园", "我是幼儿园", ("养老院",)),
    ],
)
def test_what_is_meant_and_what_is_turned_down(
    text: str, meant: str, refused: tuple[str, ...]
) -> None:
    says = turned(text)
    assert (says.meant, says.refused) == (meant, refused)


@pytest.mark.parametrize(
    "text",
    [
        *("高企奖励多少", "不是高企能报吗", "不是高企", "算了", "那算了", "别问了"),
        *("不要抵押的贷款有没有", "我们是不是得先交钱", "厂子三百来人 去年卖了两个亿"),
        *("没说给钱呗", "还没建呢 明年才动工"),
    ],
)
def test_other_messages_stay_as_they_are(text: str) -> None:
    says = turned(text)
    assert says.meant == text
    assert not says.away


@pytest.mark.parametrize(
    ("text", "missed"),
    [
        ("跟飞机有啥关系", True),
        ("不是租房 是民宿 你搞错了", True),
        ("答非所问 我问的是电费", True),
        ("没领过 跟学校也没啥关系", False),
        ("不是租房 是民宿", False),
    ],
)
def test_who_says_that_the_reply_missed(text: str, missed: bool) -> None:
    assert turned(text).missed is missed


@pytest.mark.parametrize(
    "text", ["换个问题 稳岗返还还有没有", "算了 换一个 稳岗返还", "不说这个了 稳岗返还呢"]
)
def test_who_turns_to_something_else_names_nothing_turned_down(text: str) -> None:
    says = turned(text)
    assert says.anew
    assert says.refused == ()
    assert "稳岗返还" in says.meant


class Talk:
    """Turns outside any interview, one after the other."""

    def __init__(self, assistant: Assistant) -> None:
        self.assistant, self.context = assistant, Context(facts={})

    def say(self, text: str, intent: str = "ask_policy") -> Reply:
        reply = self.assistant.respond(text, intent, self.context, DAY)
        facts = reply.context.facts if reply.context.facts is not None else self.context.facts
        self.context = replace(reply.context, facts=facts)
        return reply


def test_what_was_turned_down_is_not_answered_with(assistant: Assistant) -> None:
    talk = Talk(assistant)
    talk.say("小规模纳税人增值税有啥优惠")
    reply = talk.say("不是增值税 我问的是稳岗返还")
    assert "失业保险费" in reply.custom["clauses"][0]["text"]


def test_nobody_is_told_the_same_twice(assistant: Assistant) -> None:
    talk = Talk(assistant)
    first = talk.say("国家绿色数据中心称号给多少钱")
    assert "一次性100万元" in first.text
    again = talk.say("就这些么 再没别的说法了")
    assert again.text != first.text
    assert len(again.text) < len(first.text)


def test_what_is_said_is_marked_by_what_it_tells(assistant: Assistant) -> None:
    one = assistant.respond("国家绿色数据中心称号给多少钱", "ask_amount", Context(), DAY)
    same = assistant.respond("国家绿色数据中心称号给多少钱", "ask_amount", Context(), DAY)
    other = assistant.respond("稳岗返还给多少", "ask_amount", Context(), DAY)
    assert gist(one) == gist(same) == one.context.said
    assert gist(other) != gist(one)
    assert gist(assistant.respond("天气咋样", "out_of_scope", Context(), DAY)) == ""


def test_what_was_never_said_is_taken_back(assistant: Assistant) -> None:
    talk = Talk(assistant)
    talk.say("综改区的企业 高企首次认定奖多少")
    known = dict(talk.context.facts or {})
    assert any(value is True for value in known.values())
    talk.say("我没说综改区 我问的是高企首次认定奖多少")
    assert known != (talk.context.facts or {})


@pytest.mark.parametrize("text", ["综改区是个啥", "甚是综改区", "这算综改区企业不"])
def test_a_question_of_a_word_tells_nothing_of_the_firm(assistant: Assistant, text: str) -> None:
    talk = Talk(assistant)
    talk.say("高企首次认定奖多少")
    talk.say(text)
    assert "in_transformation_zone" not in (talk.context.facts or {})


def test_what_a_firm_has_to_do_with_elsewhere_is_asked_of_here(assistant: Assistant) -> None:
    talk = Talk(assistant)
    talk.say("煤层气外送有奖补没")
    reply = talk.say("那我们把气卖到河北的呢 也补吗")
    assert reply.custom["clauses"]


def test_who_speaks_of_a_material_asks_for_no_papers() -> None:
    assert needs_asked("正极材料算不算重点产业链", "ask_policy") == ()
    assert needs_asked("要带啥材料", "ask_policy") == ("bring",)


def test_what_missed_is_put_aside_and_something_else_is_offered(assistant: Assistant) -> None:
    talk = Talk(assistant)
    first = talk.say("民航基础设施贷款给贴息吗")
    spoken_of = talk.context.clause_id
    assert spoken_of is not None
    reply = talk.say("我是养牛的 跟飞机有啥关系")
    assert reply.custom["type"] == "clarify"
    assert spoken_of not in {clause["clause_id"] for clause in reply.custom["clauses"]}
    assert reply.text != first.text
    assert talk.context.clause_id is None
