"""Where what is found holds, against where the firm is; what a word means."""

from __future__ import annotations

import pytest

from bot.policies.answer import Assistant, Context, Reply
from bot.policies.answer.breadth import asks_for_current
from bot.policies.answer.definitions import meaning_asked
from bot.policies.answer.reach import asks_on_top, asks_outside

from .conftest import DAY

ZONE = "山西转型综合改革示范区"


@pytest.mark.parametrize(
    ("text", "so"),
    [
        *(("那太原市自己还另外给不", True), ("市里头配套不", True), ("县里另外有没有", True)),
        *(("我们在小店区 听说市里还配一份 给不", True), ("那综改区自己还另外给不", False)),
        *(("市里哪个部门管", False), ("我们县里的合作社能贷不", False)),
    ],
)
def test_what_a_city_gives_on_top(text: str, so: bool) -> None:
    assert asks_on_top(text) is so


def test_what_is_asked_outside_a_zone() -> None:
    assert asks_outside("那省里头没有么")
    assert not asks_outside("综改区给多少")


@pytest.mark.parametrize(
    ("text", "so"),
    [
        *(("过期了 现在还能用的呢", True), ("那今年二六年还有新的没", True)),
        *(("啊 那今年就没有了？", True), ("过期的别给我说了", True)),
        *(("今年要交多少", False), ("现在找谁办", False)),
    ],
)
def test_what_there_is_today(text: str, so: bool) -> None:
    assert asks_for_current(text) is so


def _say(assistant: Assistant, *texts: str) -> Reply:
    context = Context(facts={})
    for text in texts:
        reply = assistant.respond(text, "ask_policy", context, DAY)
        context = reply.context
    return reply


def test_who_is_not_in_the_zone_is_offered_nothing_of_it(assistant: Assistant) -> None:
    asked = "专精特新评上给多少钱"
    there = {clause["scope"] for clause in _say(assistant, asked).custom["clauses"]}
    assert ZONE in there
    told = _say(assistant, "我们在清徐 不在综改区", "专精特新的贷款有没有")
    assert told.custom["clauses"]
    assert ZONE not in {clause["scope"] for clause in told.custom["clauses"]}


def test_a_citys_own_documents_are_not_held(assistant: Assistant) -> None:
    reply = _say(assistant, "公司打算境内上市 有奖励不", "那太原市自己还另外给不")
    assert reply.text.startswith("刚才说的是省里的规定。太原市自己另外给不给")
    assert "各级政府可参照" in reply.text


def test_after_what_is_over_comes_what_is_not(assistant: Assistant) -> None:
    reply = _say(assistant, "失业保险稳岗返还还有吗", "过期了 那现在还能用的呢")
    over = {"expired", "repealed"}
    told = [clause["status"] for clause in reply.custom["clauses"]]
    assert "没有找到" in reply.text or not over & set(told)


@pytest.mark.parametrize(
    ("text", "word"),
    [
        *(("我也不知道算不算第一次 啥叫规上呀", "规上"), ("免申即享是啥意思 不用报吗", "免申即享")),
        *(("那条件是啥", ""), ("这是啥", ""), ("啥时候给钱", ""), ("高企是高新技术企业吗", "")),
    ],
)
def test_the_word_whose_meaning_is_asked(text: str, word: str) -> None:
    assert meaning_asked(text) == word


def test_what_no_document_explains_is_said_to_be_so(assistant: Assistant) -> None:
    reply = _say(assistant, "服务业新增纳入一套表平台统计给多少", "啥叫一套表呀")
    assert reply.text.startswith("“一套表”指什么、按什么标准算，收录的文件里没有写明")
    assert reply.context.clause_id is not None
