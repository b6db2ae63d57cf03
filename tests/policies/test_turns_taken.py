"""Turns as people take them: needs that come first, documents, others, refinements, facts kept."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.policies.answer import Assistant, Context, Reply
from bot.policies.answer.breadth import asks_for_others
from bot.policies.answer.conduct import beside_it

from .conftest import DAY

EMPTY = Context()


def said(assistant: Assistant, *texts: str, intent: str = "ask_policy") -> Reply:
    """The reply to the last of some messages, each in the context that the one before left."""
    context = EMPTY
    reply: Reply | None = None
    for text in texts:
        reply = assistant.respond(text, intent, context, DAY)
        facts = reply.context.facts if reply.context.facts is not None else context.facts
        context = replace(reply.context, facts=facts)
    assert reply is not None
    return replace(reply, context=context)


@pytest.mark.parametrize("text", ["我不想活了，厂子倒了欠了一屁股债", "活着没意思，补贴也没批下来"])
@pytest.mark.parametrize("intent", ["ask_policy", "nlu_fallback", "out_of_scope"])
def test_despair_comes_before_everything(assistant: Assistant, text: str, intent: str) -> None:
    reply = said(assistant, text, intent=intent)
    assert "12356" in reply.text
    assert reply.custom["clauses"] == []


def test_despair_ends_the_questions(assistant: Assistant) -> None:
    reply = said(assistant, "我们能享受小升规奖励吗", intent="ask_eligible")
    assert reply.context.interview is not None
    between, after = assistant.leading.listen("不想活了", "cancel", reply.context, DAY)
    assert between is not None
    assert "12356" in between.text
    assert after.interview is None


@pytest.mark.parametrize(
    "text",
    [
        "有人打电话说是工信局的，让我交钱领专精特新补贴，是真的吗",
        "收到短信说我的企业补贴待领取点链接，是骗子吧",
        "电话里说贷款贴息要先交手续费，能信不",
        "有人说交两千块就能帮办补贴 靠谱不",
        "中介收我们三万块包过高企 靠谱吗",
    ],
)
def test_who_fears_a_swindle_is_warned(assistant: Assistant, text: str) -> None:
    reply = said(assistant, text)
    assert "96110" in reply.text
    assert reply.custom["clauses"] == []


@pytest.mark.parametrize("text", ["打电话问谁能知道补贴到没到账", "领贴息要先交了利息再说吗"])
def test_a_question_about_money_is_no_swindle(assistant: Assistant, text: str) -> None:
    assert "96110" not in said(assistant, text).text


def test_an_article_alone_is_of_the_document_that_was_named(assistant: Assistant) -> None:
    reply = said(assistant, "晋政办发〔2022〕7号", "第二十四条")
    assert reply.custom["clauses"][0]["clause_id"] == "jzbf-2022-7.24"


def test_what_is_asked_of_a_document_gets_its_card(assistant: Assistant) -> None:
    reply = said(assistant, "晋政办发〔2022〕7号", "归哪个厅管")
    assert "7号" in reply.text
    assert reply.context.document == "jzbf-2022-7"


def test_a_word_of_its_own_is_no_question_about_the_document(assistant: Assistant) -> None:
    reply = said(assistant, "晋政办发〔2022〕7号", "贷款")
    assert reply.custom["type"] == "clarify"
    assert reply.custom["clauses"]


@pytest.mark.parametrize(
    ("text", "city"),
    [("大同有什么补贴", "大同市"), ("那晋城有没有", "晋城市"), ("平遥呢", "晋中市")],
)
def test_a_city_by_itself_is_told_what_holds_there(
    assistant: Assistant, text: str, city: str
) -> None:
    reply = said(assistant, text)
    assert reply.text.startswith(f"我这里没有收录{city}自己出的文件")
    assert reply.custom["clauses"] == []


@pytest.mark.parametrize("text", ["大同的企业买设备有什么补贴", "高企呢", "贷款有没有优惠"])
def test_what_names_more_than_a_city_is_no_question_about_one(
    assistant: Assistant, text: str
) -> None:
    assert "自己出的文件" not in said(assistant, text).text


def test_within_a_matter_of_the_province_a_city_is_one_of_its_cases(assistant: Assistant) -> None:
    reply = said(assistant, "高企首次认定奖多少", "那大同呢")
    assert "自己出的文件" not in reply.text


def test_the_next_clause_and_the_one_before(assistant: Assistant) -> None:
    first = ("晋政办发〔2022〕7号", "第二十四条")
    following = said(assistant, *first, "下一条")
    assert following.custom["clauses"][0]["clause_id"] == "jzbf-2022-7.25"
    before = said(assistant, *first, "上一条")
    assert before.custom["clauses"][0]["clause_id"] == "jzbf-2022-7.23"
    last = said(assistant, "晋政办发〔2022〕7号第一条", "前一条")
    assert last.custom["clauses"] == []


@pytest.mark.parametrize(
    ("text", "step"),
    [("下一条", 1), ("那前一条呢", -1), ("下一条路怎么走", None), ("下一页", None)],
)
def test_which_clause_is_beside(text: str, step: int | None) -> None:
    assert beside_it(text) == step


@pytest.mark.parametrize("text", ["那现在还有能用的吗", "还有别的吗", "目前有没有能申请的"])
def test_others_of_the_kind_are_listed_if_they_are_not_over(
    assistant: Assistant, text: str
) -> None:
    reply = said(assistant, "招应届生有多少钱", text)
    assert reply.custom["type"] == "policy_list"
    assert len(reply.custom["clauses"]) >= 1
    for clause in reply.custom["clauses"]:
        assert clause["status"] not in ("expired", "repealed")
        assert clause["clause_id"] != "jzbf-2023-45.rc19"


@pytest.mark.parametrize("text", ["现在还有效吗", "还有多久到账", "目前归谁管"])
def test_what_is_asked_of_the_matter_asks_for_no_others(text: str) -> None:
    assert not asks_for_others(text)


def test_a_question_put_right_is_answered_anew(assistant: Assistant) -> None:
    reply = said(assistant, "小升规有奖吗", "不是 我问的是服务业新进一套表那10万")
    assert reply.custom["clauses"][0]["clause_id"] in ("jzbf-2022-35.64", "jzbf-2022-33.21")


def test_what_is_told_beside_a_question_is_kept(assistant: Assistant) -> None:
    reply = said(assistant, "我们是太原做机加工的，八十来号人，设备更新有补贴没")
    assert reply.context.facts is not None
    assert reply.context.facts["city"] == "taiyuan"
    assert reply.context.facts["staff"] == 80


def test_what_is_only_supposed_is_not_kept(assistant: Assistant) -> None:
    reply = said(assistant, "高企首次认定奖多少", "要是在大同呢")
    assert "city" not in (reply.context.facts or {})


def test_a_firm_that_introduces_itself_gets_what_fits_it(assistant: Assistant) -> None:
    reply = said(assistant, "阳泉开饭店的，职工60人，去年营收4500万，今年没纳统，能享受啥政策")
    assert reply.custom["type"] == "policy_list"
    assert "4500万元" in reply.text


def test_a_firm_that_nothing_fits_so_far_is_asked_for_more(assistant: Assistant) -> None:
    reply = said(assistant, "阳泉，职工60人，去年营收4500万，制造业，能享受啥政策")
    assert reply.context.interview is not None
    assert (reply.context.facts or {})["staff"] == 60


@pytest.mark.parametrize("text", ["小微企业有哪些政策", "综改示范区高新技术企业有哪些政策"])
def test_a_kind_of_firms_introduces_itself_not(assistant: Assistant, text: str) -> None:
    assert "按您说的情况" not in said(assistant, text, intent="ask_list").text


@pytest.mark.parametrize("text", ["我们是制造业企业", "我们是软件企业"])
def test_an_introduction_is_no_look_at_the_profile(assistant: Assistant, text: str) -> None:
    reply = assistant.profile(text, EMPTY, DAY)
    assert reply.context.facts, reply.text


def test_the_profile_is_shown_where_it_is_asked_for(assistant: Assistant) -> None:
    reply = assistant.profile("我的企业信息", Context(facts={"staff": 12}), DAY)
    assert "12人" in reply.text


def test_after_two_were_set_side_by_side_both_are_meant(assistant: Assistant) -> None:
    first = assistant.compare("小升规和服务业入统奖励哪个多", EMPTY, DAY)
    again = assistant.compare("我们两个都能拿吗", first.context, DAY)
    ids = {clause["clause_id"] for clause in first.custom["clauses"]}
    assert ids == {clause["clause_id"] for clause in again.custom["clauses"]}


def test_what_is_plainly_no_policys_is_not_asked_in_other_words(assistant: Assistant) -> None:
    reply = said(assistant, "明天下雨吗")
    assert "换个说法" not in reply.text
    assert "12345" in reply.text
