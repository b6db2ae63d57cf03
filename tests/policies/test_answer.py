"""Answers: every figure from a cited clause, status said, nothing promised."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.policies.answer import Assistant, Context, Reply
from bot.policies.answer.eligibility import EligibilityAnswers
from bot.policies.answer.lists import LISTED
from bot.policies.answer.needs import needs_of
from bot.policies.answer.point import point, states_a_ceiling
from bot.policies.answer.truth import faults_of
from bot.policies.model import Snapshot
from bot.policies.validity import measures

DAY = date(2026, 11, 21)
EMPTY = Context()
INTENTS = [
    "ask_policy",
    "ask_amount",
    "ask_conditions",
    "ask_how_to_apply",
    "ask_department",
    "ask_validity",
    "ask_document",
    "ask_list",
    "ask_definition",
    "nlu_fallback",
    "out_of_scope",
]
KEYS = {"type", "kb_version", "clauses", "programme", "verdict", "quick_replies"}
CLAUSE_KEYS = {
    "clause_id",
    "doc_no",
    "doc_title",
    "locator",
    "text",
    "status",
    "valid_until",
    "scope",
    "cautions",
    "also_in",
    "programme_ids",
}
_FIGURE = re.compile(r"\d+(?:\.\d+)?")
# No figures of a policy: places, document numbers and titles, telephone numbers, the day
# of asking, the year of issue with its age, and when a body was renamed.
_HARMLESS = (
    r"第\d+(?:(?:至|、)\d+)*(?:条|点|部分)",
    r"[\u4e00-\u9fff]+〔\d{4}〕\d+号(?:、\d+号)*",
    r"公告20\d\d年第\d+号",
    r"《(?:[^《》]|《[^《》]*》)*》",
    r"12345|12366|12333|12329",
    r"^\d+\. ",
    r"2026年11月21日",
    r"印发于\d{4}年（距今\d+年）",
    r"“今年”指印发的\d{4}年",
    r"已于\d+年(?:\d+月)?(?:\d+日)?|约在\d{4}年",
)


def figures(text: str, *more: str) -> set[str]:
    """The numbers of a text that must be founded; ``more`` are patterns of harmless ones."""
    for harmless in (*_HARMLESS, *more):
        text = re.sub(harmless, "", text, flags=re.M)
    return set(_FIGURE.findall(unicodedata.normalize("NFKC", text)))


def founded(reply: Reply) -> bool:
    cited = " ".join(clause["text"] for clause in reply.custom["clauses"])
    return figures(reply.text) <= set(_FIGURE.findall(unicodedata.normalize("NFKC", cited)))


def answer(assistant: Assistant, clause_id: str, question: str, day: date = DAY) -> Reply:
    """The answer to a question about its amount from one clause, whatever the search prefers."""
    offered = Context(offered=(clause_id,), subject=question)
    return assistant.respond("第一个", "ask_amount", offered, day)


def test_an_expired_measure_is_said_to_be_expired_first(assistant: Assistant) -> None:
    reply = answer(assistant, "jzf-2022-14.8", "扩岗补助一个人多少钱")
    assert reply.custom["type"] == "policy_answer"
    assert reply.text.startswith("注意：这项措施已过期。")
    assert "政策执行期限至2022年12月31日" in reply.text.split("\n")[0]
    assert "1500元" in reply.text
    assert reply.custom["clauses"][0]["status"] == "expired"
    assert reply.custom["clauses"][0]["valid_until"] == "2022-12-31"


def test_a_clause_that_outlives_its_measure_says_so_first(assistant: Assistant) -> None:
    """How 稳岗返还 is paid out states no period; the measure itself ended with 2025."""
    hit = assistant.search.hit("hqzc-2025.sc192", {}, DAY)
    assert hit is not None
    assert hit.judgement.status == "not_stated"
    reply = assistant._answer(hit, {}, "ask_policy", DAY, "稳岗返还今年还有没")
    assert "稳岗返还”已过期" in reply.text.split("\n")[0]
    assert "60%" not in reply.text
    assert "jrstf-2025-13.cs232" in [clause["clause_id"] for clause in reply.custom["clauses"]]


def test_the_same_measure_in_its_time_is_in_force(assistant: Assistant) -> None:
    reply = answer(assistant, "jzf-2022-14.8", "扩岗补助一个人多少钱", date(2022, 12, 31))
    assert reply.custom["clauses"][0]["status"] == "in_force"
    assert not reply.text.startswith("注意")


def test_silence_of_the_source_is_said(assistant: Assistant) -> None:
    reply = answer(assistant, "jzf-2022-14.40", "外资项目最高奖多少")
    assert reply.custom["clauses"][0]["status"] == "not_stated"
    assert "文件未载明有效期，印发于2022年（距今4年），申报前请向主管单位核实" in reply.text
    assert "找谁：责任单位文件未载明" in reply.text
    assert "最高可奖至1000万元" in reply.text


@pytest.mark.parametrize("intent", INTENTS)
def test_every_clause_under_every_intent_is_founded_and_complete(
    assistant: Assistant, snapshot: Snapshot, intent: str
) -> None:
    clauses = list(snapshot.clauses.values())
    for asked in clauses if intent == "ask_policy" else clauses[::9]:
        document = snapshot.document_of(asked)
        reply = assistant.respond(f"{document.doc_no}{asked.locator}", intent, EMPTY, DAY)
        assert reply.custom["type"] == "policy_answer", asked.id
        assert set(reply.custom) == KEYS
        clause = snapshot.clauses[reply.custom["clauses"][0]["clause_id"]]
        copies = {copy.clause_id for copy in snapshot.copies.get(asked.id, ())}
        assert clause.id == asked.id or clause.id in copies
        assert set(reply.custom["clauses"][0]) == CLAUSE_KEYS
        assert clause.text.rstrip("。") in reply.text, "a plain client would lose the clause"
        assert document.doc_no in reply.text
        assert founded(reply), (asked.id, figures(reply.text))
        # What is quoted, or told of other clauses, is their words and no promise of ours.
        own = re.sub(r"^(?:提醒|按文件条件|条文全文)：.*$|“[^”]*”", "", reply.text, flags=re.M)
        for promise in ("您可以领", "马上到账", "保证", "一定能"):
            assert promise not in own, asked.id


def test_a_verdict_quotes_the_period_of_its_own_measure(
    assistant: Assistant, snapshot: Snapshot
) -> None:
    # The clause holds several measures that end on one day.
    answers = EligibilityAnswers(assistant.search)
    programme = snapshot.programmes["job_expansion_subsidy_2022"]
    reply = answers.reply(answers.judge(programme, snapshot.facts.complete({}), DAY), "")
    assert "文件载明“政策执行期限至2022年12月31日”" in reply.text
    assert "今年已按30%比例返还的大型企业”，截至" not in reply.text


def test_every_programme_is_told_in_figures_that_stand_in_its_clauses(
    assistant: Assistant, snapshot: Snapshot
) -> None:
    answers = EligibilityAnswers(assistant.search)
    nothing = snapshot.facts.complete({})
    wrong = {}
    for programme in snapshot.programmes.values():
        reply = answers.reply(answers.judge(programme, nothing, DAY), "")
        assert reply.custom["type"] == "eligibility_result"
        assert reply.custom["programme"]["id"] == programme.id
        assert set(reply.custom) == KEYS
        assert {condition["clause_id"] for condition in reply.custom["verdict"]["conditions"]} <= {
            clause["clause_id"] for clause in reply.custom["clauses"]
        }
        cited = " ".join(clause["text"] for clause in reply.custom["clauses"])
        stated = set(_FIGURE.findall(unicodedata.normalize("NFKC", cited)))
        # 2024年的方案 and 6月的文件 name a document by its date.
        dates = r"20\d\d-20\d\d|20\d\d(?:年|、)(?:\d+月(?:\d+日)?)?|\d+月(?:的|\d+日)"
        unfounded = figures(reply.text, dates) - stated
        if unfounded:
            wrong[programme.id] = unfounded
    assert not wrong


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.sampled_from("稳岗返还缓缴社保房租减免多少钱怎么申请还有效吗第二个补贴贷款？！ "),
        max_size=14,
    ),
    st.sampled_from(INTENTS),
)
def test_whatever_is_asked_the_reply_is_founded(
    assistant: Assistant, chars: list[str], intent: str
) -> None:
    reply = assistant.respond("".join(chars), intent, EMPTY, DAY)
    assert reply.text.strip()
    assert set(reply.custom) == KEYS
    if reply.custom["type"] in {"policy_answer", "policy_list", "clarify"}:
        assert founded(reply)


# What was answered with 晋政发〔2022〕14号第8条: 稳岗返还, 留工 and 扩岗补助 among others.
EIGHT = Context(clause_id="jzf-2022-14.8", subject="稳岗返还能返多少")


def test_a_follow_up_leans_on_the_clause_before(assistant: Assistant) -> None:
    for question, intent in (
        ("现在还有效吗", "ask_validity"),
        ("归哪个部门管", "ask_department"),
        ("咋申请", "ask_how_to_apply"),
    ):
        reply = assistant.respond(question, intent, EIGHT, DAY)
        assert reply.custom["clauses"][0]["clause_id"] == "jzf-2022-14.8", question


def test_a_follow_up_without_anything_before_asks_back(assistant: Assistant) -> None:
    reply = assistant.respond("怎么申请", "ask_how_to_apply", EMPTY, DAY)
    assert reply.custom["type"] == "clarify"
    assert not reply.custom["clauses"]


def test_a_choice_is_offered_and_taken(assistant: Assistant) -> None:
    offer = assistant.respond("贷款", "ask_policy", EMPTY, DAY)
    assert offer.custom["type"] == "clarify"
    assert len(offer.context.offered) == len(offer.buttons) >= 2
    for words, index in (("第二个", 1), ("2", 1), ("就第一个吧", 0), ("最后一个", -1)):
        chosen = assistant.choose(words, offer.context, DAY)
        assert chosen.custom["type"] == "policy_answer"
        assert chosen.custom["clauses"][0]["clause_id"] == offer.context.offered[index]
    by_button = assistant.respond(offer.buttons[1]["payload"], "nlu_fallback", EMPTY, DAY)
    assert by_button.custom["clauses"][0]["clause_id"] == offer.context.offered[1]


def test_choosing_what_was_not_offered(assistant: Assistant) -> None:
    offer = assistant.respond("贷款", "ask_policy", EMPTY, DAY)
    assert assistant.choose("第九个", offer.context, DAY).custom["type"] == "clarify"
    assert assistant.choose("第一个", EMPTY, DAY).custom["type"] == "clarify"


def test_two_misses_in_a_row_are_said_differently(assistant: Assistant) -> None:
    first = assistant.respond("隔壁店里排队的人怎么那么多", "nlu_fallback", EMPTY, DAY)
    second = assistant.respond("隔壁店里排队的人怎么那么多", "nlu_fallback", first.context, DAY)
    assert first.text != second.text
    assert "12345" in second.text


@pytest.mark.parametrize(
    "question",
    ["晋政发〔2021〕3号", "北京的稳岗返还", "晋政发〔2022〕14号第99条", "晋政发〔2022〕14号"],
)
def test_what_is_not_there_is_not_answered(assistant: Assistant, question: str) -> None:
    reply = assistant.respond(question, "ask_policy", EMPTY, DAY)
    assert reply.custom["type"] == "text"
    assert not reply.custom["clauses"]


def test_braces_in_a_text_do_no_harm(assistant: Assistant) -> None:
    reply = assistant.respond("晋政发〔2021〕3号{doc_no}{0}", "ask_policy", EMPTY, DAY)
    assert reply.text


def test_a_follow_up_is_about_the_measure_before_not_its_neighbour(assistant: Assistant) -> None:
    again = assistant.respond("现在还有效吗", "ask_validity", EIGHT, DAY)
    assert again.custom["clauses"][0]["status"] == "not_stated"
    assert "返还比例由60%提高至90%" in again.text.split("条文全文")[0]
    dated = replace(EIGHT, subject="扩岗补助多少钱")
    again = assistant.respond("现在还有效吗", "ask_validity", dated, DAY)
    assert again.text.startswith("注意：这项措施已过期。")


def test_an_expired_verdict_says_so_once(assistant: Assistant) -> None:
    reply = assistant.respond("我们招了12个应届生，能领扩岗补助吗", "ask_eligible", EMPTY, DAY)
    assert reply.custom["verdict"]["status"] == "expired"
    first, second = reply.text.split("\n")[:2]
    assert first.startswith("注意：“") and "已过期" in first
    assert second.startswith("文件载明“")
    assert reply.text.count("注意：") == 1


def test_doubts_about_another_measure_of_the_clause_are_left_out(
    assistant: Assistant, snapshot: Snapshot
) -> None:
    reply = assistant.respond("我们是小规模纳税人，六税两费能减半吗", "ask_eligible", EMPTY, DAY)
    assert reply.custom["programme"]["id"] == "six_taxes_halved"
    clause = snapshot.clauses[reply.custom["clauses"][0]["clause_id"]]
    assert any("200万元" in note.quote for note in clause.notes)
    assert "不超过200万元的部分，减半征收个人所得税”与别处" not in reply.text


@pytest.mark.parametrize(
    ("text", "told_off"),
    [
        ("小微企业用气欠费给断不断，有没有缓缴的说法", False),
        ("找俩人挂靠凑个数，补贴能骗下来不", True),
    ],
)
def test_only_who_pretends_is_told_off(assistant: Assistant, text: str, told_off: bool) -> None:
    reply = assistant.respond(text, "ask_evasion", EMPTY, DAY)
    assert reply.text.startswith("这样的办法我不能出主意") == told_off


@pytest.mark.parametrize(
    ("meant", "words", "status"),
    [
        ("实行用水、用电、用气等“欠费不停供”政策", "设立6个月的费用缓缴期", "not_stated"),
        ("宽带和专线平均资费再降10%", "宽带和专线平均资费再降10%", "expired"),
    ],
)
def test_of_several_measures_the_one_that_is_meant_is_judged_and_quoted(
    assistant: Assistant, meant: str, words: str, status: str
) -> None:
    search = assistant.search
    features = search.weigh(search.read("小微企业宽带和气费能不能缓缓"))
    hit = search.hit("jzf-2022-14.34", features, DAY, (meant,))
    assert hit is not None
    assert hit.judgement.status == status
    assert words in point(hit, features, "ask_policy", search, (meant,))


def test_of_two_awards_the_meant_one_is_quoted(assistant: Assistant, snapshot: Snapshot) -> None:
    search = assistant.search
    features = search.weigh(search.read("头一年进规上的铸造厂给奖多少"))
    hit = search.hit("jfgggf-2021-127.cs33", features, DAY)
    assert hit is not None
    quoted = {
        key: point(hit, features, "ask_amount", search, snapshot.programmes[key].quotes)
        for key in ("small_to_scale_award", "small_to_scale_retention_award")
    }
    assert "每户30万元" in quoted["small_to_scale_award"]
    assert "每户5万元" in quoted["small_to_scale_retention_award"]


@pytest.mark.parametrize(
    ("message", "asked", "programme", "words"),
    [
        (
            "我们去年研发投了600万，加计扣除7月份预缴的时候就能享受吗",
            "jf-2024-11.cs223",
            "rnd_super_deduction",
            "增加当年7月预缴申报期作为可享受政策的时点",
        ),
        (
            "稳岗返还是不是免申即享，我们厂没申请，钱打到哪个账户",
            "hqzc-2025.sc192",
            "job_stability_refund",
            "“免申即享”为主、企业自行申请为辅",
        ),
    ],
)
def test_a_verdict_quotes_the_clause_that_was_asked_about(
    assistant: Assistant, message: str, asked: str, programme: str, words: str
) -> None:
    reply = assistant.respond(message, "ask_eligible", EMPTY, DAY)
    assert reply.custom["type"] == "eligibility_result"
    assert reply.custom["programme"]["id"] == programme
    assert reply.custom["clauses"][0]["clause_id"] == asked
    assert reply.context.clause_id == asked
    quote = reply.text.index(words)
    # That it is over is said before anything of what it was.
    over = reply.custom["verdict"]["status"] == "expired"
    assert (reply.text.index("已过期") < quote) if over else reply.text.startswith("按文件条件：")
    assert faults_of(reply, message) == ()


def test_a_verdict_stays_with_its_principal_clause_where_that_answers_as_well(
    assistant: Assistant,
) -> None:
    message = "我们厂贷款200万下个月到期，不还本金能不能直接续贷"
    reply = assistant.respond(message, "ask_eligible", EMPTY, DAY)
    assert reply.custom["clauses"][0]["clause_id"] == "jzbf-2022-7.2"
    assert reply.text.count("按文件条件：") == 0


def test_an_offer_stays_open_for_a_question_that_leans_on_it(assistant: Assistant) -> None:
    offered = ("jzbf-2023-56.27", "jzbf-2023-45.rc19")
    context = Context(offered=offered, subject="招了俩大专毕业的娃有啥说法")
    reply = assistant.respond("一个人给几个钱", "ask_amount", context, DAY)
    assert reply.custom["type"] == "policy_answer"
    assert [one["clause_id"] for one in reply.custom["clauses"]] == [*offered]
    assert reply.context.offered == offered
    assert "1500元" in reply.text


def test_where_money_is_asked_for_a_programme_with_a_sum_is_meant(
    assistant: Assistant, snapshot: Snapshot
) -> None:
    # Two figures that contradict each other are a sum as well.
    assert snapshot.programmes["high_tech_first_award"].amount.kind == "none"
    assert snapshot.programmes["high_tech_first_award"].states_a_sum
    assert not snapshot.programmes["converted_business_merchant_insurance"].states_a_sum
    reply = assistant.respond("个体户转成公司了，能补多少钱", "ask_our_amount", EMPTY, DAY)
    assert reply.custom["programme"]["id"] == "individual_to_company_award"


def test_a_programme_for_others_gives_way_to_one_as_likely(assistant: Assistant) -> None:
    reply = assistant.respond("我们是铸造厂，头一年进规上，给奖多少", "ask_amount", EMPTY, DAY)
    assert reply.custom["programme"]["id"] == "small_to_scale_award"


def test_this_year_of_the_source_is_explained(assistant: Assistant) -> None:
    reply = answer(assistant, "jzf-2022-14.36", "道路客运一级车站补助多少")
    assert "“今年”指印发的2022年" in reply.text.split("\n")[0]


def test_what_is_quoted_belongs_to_the_measure_that_is_judged(
    assistant: Assistant, snapshot: Snapshot
) -> None:
    answered = 0
    for clause_id, questions in snapshot.questions.items():
        several = len(measures(snapshot.clauses[clause_id])) > 1
        for question in questions if several else questions[::6]:
            outcome = assistant.search.find(question, DAY, LISTED)
            reply = assistant.respond(question, "ask_amount", EMPTY, DAY)
            # Two set side by side, and several asked at once, are told otherwise.
            several_told = reply.text.startswith(("两项放在一起看", "您问的几件事"))
            if reply.custom["type"] != "policy_answer" or several_told:
                continue
            answered += 1
            clause = reply.custom["clauses"][0]
            quote = re.search(r"按文件条件：“(.*)”$", reply.text, re.M)
            assert quote is not None
            first = re.split(r"(?<=[。；;])", quote[1])[0].rstrip("。；;")
            hit = assistant.search.hit(clause["clause_id"], outcome.weights, DAY, (first,))
            assert hit is not None
            assert first in hit.judgement.measure, question
            assert clause["status"] == hit.judgement.status, question
    assert answered > 400


@pytest.mark.parametrize(
    ("before", "then", "status", "quoted"),
    [
        (EIGHT, "扩岗呢还有效吗", "expired", "每人1500元标准发放一次性扩岗补助"),
        (EIGHT, "留工的还有效吗", "expired", "一次性留工培训补助"),
    ],
)
def test_a_follow_up_may_name_another_measure_of_the_clause(
    assistant: Assistant, before: Context, then: str, status: str, quoted: str
) -> None:
    reply = assistant.respond(then, "ask_validity", before, DAY)
    assert reply.custom["type"] == "policy_answer"
    assert reply.custom["clauses"][0]["clause_id"] == before.clause_id
    assert reply.custom["clauses"][0]["status"] == status
    assert quoted in reply.text.split("条文全文")[0]


def test_a_clause_asked_for_by_number_lists_its_periods(assistant: Assistant) -> None:
    reply = assistant.respond("晋政发〔2022〕14号第8条", "ask_document", EMPTY, DAY)
    first = reply.text.split("\n")[0]
    assert "含几项措施" in first
    assert "政策执行期限至2022年12月31日" in first
    assert "其余措施未载明有效期" in first


@pytest.mark.parametrize(
    ("words", "index"),
    [("选第2条", 1), ("我想看第三条", 2), ("第二个怎么申请", 1), ("第一项", 0)],
)
def test_an_item_of_the_offer_is_meant(assistant: Assistant, words: str, index: int) -> None:
    offer = assistant.respond("贷款", "ask_policy", EMPTY, DAY)
    for intent in ("ask_document", "ask_how_to_apply", "nlu_fallback"):
        reply = assistant.respond(words, intent, offer.context, DAY)
        assert reply.custom["clauses"][0]["clause_id"] == offer.context.offered[index]
    title = offer.buttons[index]["title"]
    by_title = assistant.respond(title, "out_of_scope", offer.context, DAY)
    assert by_title.custom["clauses"][0]["clause_id"] == offer.context.offered[index]


def test_an_article_is_an_article_where_nothing_is_offered(assistant: Assistant) -> None:
    before = assistant.respond("晋政发〔2022〕14号第三条", "ask_document", EMPTY, DAY)
    reply = assistant.choose("第二条", before.context, DAY)
    assert reply.custom["clauses"][0]["clause_id"] == "jzf-2022-14.2"
    offer = assistant.respond("贷款", "ask_policy", EMPTY, DAY)
    reply = assistant.choose("晋政发〔2022〕14号第8条", offer.context, DAY)
    assert reply.custom["clauses"][0]["clause_id"] == "jzf-2022-14.8"


def test_an_article_without_a_document_is_asked_back(assistant: Assistant) -> None:
    reply = assistant.respond("第八条", "ask_document", EMPTY, DAY)
    assert reply.custom["type"] == "clarify"
    assert "哪份文件" in reply.text


@pytest.mark.parametrize(
    ("clause_id", "question", "quoted"),
    [
        ("jzf-2022-14.40", "外资奖励最高多少", "最高可奖至1000万元"),
        ("jzf-2022-14.5", "链主企业奖多少", "分级奖励"),
        ("jzf-2022-14.8", "稳岗返还能返多少", "返还比例由60%提高至90%"),
        ("jzf-2022-14.35", "国企房租能减几个月", "减免3个月房屋租金"),
        ("jzf-2022-14.35", "房租减免", "减免3个月房屋租金"),
        ("jzf-2022-14.35", "国有房子租金减免几个月", "减免3个月房屋租金"),
        ("jzf-2022-14.36", "旅行社保证金退多少", "提高至100%"),
    ],
)
def test_an_amount_asked_for_is_quoted_first(
    assistant: Assistant, clause_id: str, question: str, quoted: str
) -> None:
    offered = Context(offered=(clause_id,), subject=question)
    reply = assistant.respond("第一个", "ask_amount", offered, DAY)
    assert quoted in reply.text.split("出处：")[0]


def test_a_new_subject_is_not_taken_for_a_follow_up(assistant: Assistant) -> None:
    before = assistant.respond("国企房租能减几个月", "ask_amount", EMPTY, DAY).context
    reply = assistant.respond("太原机场那边扩建要投多少钱", "ask_amount", before, DAY)
    assert before.clause_id not in [c["clause_id"] for c in reply.custom["clauses"]]


def test_every_other_measure_is_told_with_its_own_period(assistant: Assistant) -> None:
    reply = answer(assistant, "jzf-2022-14.8", "扩岗补助多少钱")
    (others,) = (line for line in reply.text.split("\n") if line.startswith("同一条里"))
    assert "“今年确认为疫情中高风险地区”（已过期）" in others
    assert "“今年已按30%比例返还的大型企业”（已过期）" in others
    assert "其余措施未载明有效期" in others


def lines_of(reply: Reply, start: str) -> list[str]:
    return [line for line in reply.text.split("\n") if line.startswith(start)]


def test_the_order_of_an_answer(assistant: Assistant) -> None:
    text = answer(assistant, "jzf-2022-14.40", "外资奖励最高多少").text
    order = (
        "按文件条件：",
        "这里的数额是上限",
        "文件未载明有效期",
        "适用范围：",
        "出处：",
        "找谁：",
        "多久办结：",
        "在哪办、何时办、带什么、何时到账：文件未载明",
        "条文全文：",
        "本答复由系统",
        "还可以接着问：",
    )
    places = [text.index(words) for words in order]
    assert places == sorted(places)
    assert places[0] == 0


@pytest.mark.parametrize(
    ("clause_id", "need", "words"),
    [
        ("jzf-2022-14.41", "在哪办", "可向各市公积金中心申请缓缴住房公积金"),
        ("gszj-sx-2021-3.cs214", "何时办", "应于减免税所属年度的次年5月15日前"),
        ("gszj-sx-2021-3.cs214", "带什么", "并报送以下资料"),
        ("jcg-2022-6.sc33", "带什么", "不再按项目提供证明材料"),
        ("jzbf-2022-7.5", "多久办结", "原则上5个工作日内回复"),
        ("jf-2024-11.cs83", "何时到账", "原则上1个月内全额拨付至企业账户"),
    ],
)
def test_what_a_firm_needs_next_is_said_in_the_clauses_words(
    assistant: Assistant, clause_id: str, need: str, words: str
) -> None:
    reply = assistant.respond("第一个", "ask_policy", Context(offered=(clause_id,)), DAY)
    (line,) = lines_of(reply, f"{need}：")
    assert words in line
    assert need not in lines_of(reply, "找谁：")[0]


def test_what_a_firm_needs_next_always_stands_in_the_clause(snapshot: Snapshot) -> None:
    stated = 0
    for clause in snapshot.clauses.values():
        for measure in measures(clause):
            found = needs_of(clause.text, measure.text)
            stated += len(found)
            assert all(words in clause.text for words in found.values()), clause.id
    assert stated >= 40


@pytest.mark.parametrize(
    "plan",
    [
        "推动部分惠企政策“免申即享”。",
        "推广“免申即享”经办模式，提高效率。",
        "加大企业提交单证材料精简力度。",
        "一次性告知市场主体须具备的许可条件和应当提交的材料。",
        "集中解决政策兑现不及时不到位问题。",
        "采用新技术、新工艺、新材料。",
        "督促各级各部门在5个工作日内办结。",
    ],
)
def test_what_the_administration_plans_is_no_way_to_apply(plan: str) -> None:
    assert needs_of(plan, plan) == {}


def test_six_things_are_said_of_every_answer(assistant: Assistant) -> None:
    reply = assistant.respond("晋政发〔2022〕14号第1条", "ask_how_to_apply", EMPTY, DAY)
    for need in ("找谁", "在哪办", "何时办", "带什么", "多久办结", "何时到账"):
        assert need in reply.text.split("条文全文")[0]


@pytest.mark.parametrize(
    ("words", "ceiling"),
    [
        ("最高可奖至1000万元", True),
        ("按不超过贷款额的2%给予贴息", True),
        ("补贴上限为每户50万元", True),
        ("每人1500元", False),
        ("最高人民法院", False),
        ("期限不超过3年", False),
    ],
)
def test_a_cap_is_known_for_one(words: str, ceiling: bool) -> None:
    assert states_a_ceiling(words) is ceiling


def test_a_fixed_sum_is_not_said_to_be_a_cap(assistant: Assistant) -> None:
    reply = answer(assistant, "jzf-2022-14.8", "扩岗补助多少钱")
    assert not lines_of(reply, "这里的数额是上限")


def test_an_addition_is_quoted_with_what_it_adds_to(assistant: Assistant) -> None:
    reply = answer(assistant, "jcgjs-2025-1.cs106", "小升规奖多少")
    (quote,) = lines_of(reply, "按文件条件：")
    assert quote.index("每户30万元") < quote.index("上浮30%")
