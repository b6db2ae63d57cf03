"""What leans on several things said before: back to an earlier one, two compared, the years."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date

import pytest

from bot.policies.answer import Assistant, Context, Reply, Topic, held_to, remember
from bot.policies.model import Snapshot

DAY = date(2026, 11, 21)
AWARD = "small_to_scale_award"  # 首次升规奖励
BEDS = "nonprofit_elderly_care_bed_subsidy"  # 建床补贴
VOUCHER = "tech_sme_innovation_voucher"  # 创新券
ASKED = ("首次升规奖励多少", "养老机构建床补贴多少钱一张", "科技型中小企业创新券给多少")


class Conversation:
    """Questions one after the other, each remembered."""

    def __init__(self, assistant: Assistant, *asked: str) -> None:
        self.assistant, self.context = assistant, Context(facts={})
        for question in asked:
            self.say(question)

    def say(self, text: str, intent: str = "ask_amount") -> Reply:
        handled = {"go_back": self.assistant.back, "compare": self.assistant.compare}.get(intent)
        before = self.context
        if handled is not None:
            reply = handled(text, before, DAY)
        else:
            reply = self.assistant.respond(text, intent, before, DAY)
        facts = reply.context.facts if reply.context.facts is not None else before.facts
        self.context = replace(
            reply.context, facts=facts, interview=None, talked=remember(before, reply)
        )
        return reply

    @property
    def programmes(self) -> list[str | None]:
        return [topic.programme for topic in self.context.talked]


@pytest.fixture
def talk(assistant: Assistant) -> Conversation:
    return Conversation(assistant, *ASKED)


def spoken(reply: Reply) -> str | None:
    programme = reply.custom["programme"]
    return programme["id"] if programme else None


# Remember


def test_what_is_spoken_of_is_remembered_in_order(talk: Conversation) -> None:
    assert talk.programmes == [AWARD, BEDS, VOUCHER]
    assert [topic.subject for topic in talk.context.talked] == list(ASKED)
    for topic in talk.context.talked:
        assert topic.clause_id


def test_the_same_again_goes_to_the_end_with_its_last_question(talk: Conversation) -> None:
    talk.say("首次升规奖励怎么申请", "ask_how_to_apply")
    assert talk.programmes == [BEDS, VOUCHER, AWARD]
    assert talk.context.talked[-1].subject == "首次升规奖励怎么申请"


@pytest.mark.parametrize(
    ("words", "intent", "kind"),
    [("下雨天适合跑步吗", "nlu_fallback", "text"), ("贷款", "ask_policy", "clarify")],
)
def test_what_found_nothing_or_offered_is_not_remembered(
    talk: Conversation, words: str, intent: str, kind: str
) -> None:
    reply = talk.assistant.respond(words, intent, Context(), DAY)
    assert reply.custom["type"] == kind
    assert remember(talk.context, reply) == talk.context.talked


def test_no_more_than_six_are_kept(talk: Conversation) -> None:
    reply = talk.say("首次升规奖励多少")
    old = tuple(Topic(f"clause.{n}", f"programme_{n}", f"问题{n}") for n in range(6))
    kept = remember(Context(talked=old), reply)
    assert len(kept) == 6
    assert kept[:5] == old[1:]
    assert kept[-1].programme == AWARD


# Back


@pytest.mark.parametrize(
    "words", ["回到刚才", "回到刚才那个", "再说说前面那个", "还是说刚才的事吧"]
)
def test_back_to_the_last_but_this(talk: Conversation, words: str) -> None:
    reply = talk.say(words, "go_back")
    assert spoken(reply) == BEDS
    assert "5000元/床" in reply.text
    assert talk.programmes == [AWARD, VOUCHER, BEDS]


@pytest.mark.parametrize(
    ("words", "programme"),
    [
        ("回到刚才升规那个", AWARD),
        ("还是说升规奖励吧", AWARD),
        ("回到建床补贴", BEDS),
        ("再看看创新券", VOUCHER),
    ],
)
def test_back_by_name(talk: Conversation, words: str, programme: str) -> None:
    reply = talk.say(words, "go_back")
    assert reply.custom["type"] == "policy_answer"
    assert spoken(reply) == programme
    assert talk.programmes[-1] == programme
    assert len(talk.programmes) == 3


def test_back_and_back_again_changes_between_two(talk: Conversation) -> None:
    assert spoken(talk.say("回到刚才", "go_back")) == BEDS
    assert spoken(talk.say("回到刚才", "go_back")) == VOUCHER
    assert spoken(talk.say("回到刚才", "go_back")) == BEDS


def test_back_to_one_that_was_told_something_for_is_a_verdict(assistant: Assistant) -> None:
    talk = Conversation(assistant, *ASKED)
    talk.context = replace(talk.context, facts={"sector": "industry"})
    reply = talk.assistant.back("回到刚才升规那个", talk.context, DAY)
    assert reply.custom["type"] == "eligibility_result"
    assert spoken(reply) == AWARD
    assert "所属行业：工业" in reply.text
    assert reply.context.interview is not None
    assert reply.context.interview.asked == ("first_time_above_scale",)


def test_a_name_that_was_not_spoken_of_is_a_new_question(talk: Conversation) -> None:
    reply = talk.say("回到稳岗返还", "go_back")
    assert spoken(reply) == "job_stability_refund"
    assert talk.programmes == [AWARD, BEDS, VOUCHER, "job_stability_refund"]


@pytest.mark.parametrize("words", ["回到刚才", "回到刚才那个", "上一个", "回到前面"])
def test_back_to_nothing_is_said_to_be_nothing(assistant: Assistant, words: str) -> None:
    reply = Conversation(assistant).say(words, "go_back")
    assert reply.custom["type"] == "clarify"
    assert "前面还没有谈过别的政策" in reply.text


# Compare


@pytest.mark.parametrize(
    "words", ["这俩能一起拿吗", "这两个能同时享受吗", "这个跟前面那个能一起拿吗"]
)
def test_the_last_two_are_set_side_by_side(talk: Conversation, words: str) -> None:
    reply = talk.say(words, "compare")
    assert reply.text.startswith("两项放在一起看：")
    assert set(reply.context.offered) == {BEDS, VOUCHER}
    assert "5000元/床" in reply.text
    assert "文件没有写这两项能不能同时享受" in reply.text
    assert "不能同时享受：" not in reply.text


@pytest.mark.parametrize(
    ("words", "pair"),
    [
        ("小升规和高企奖励能一起拿吗", (AWARD, "high_tech_first_award")),
        ("小升规奖励跟养老院建床补贴比哪个多", (AWARD, BEDS)),
    ],
)
def test_two_that_are_named(assistant: Assistant, words: str, pair: tuple[str, str]) -> None:
    reply = Conversation(assistant).say(words, "compare")
    assert reply.context.offered == pair
    assert "文件没有写这两项能不能同时享受" in reply.text
    assert re.search(r"^1\. .*（.*文件未载明有效期）$", reply.text, re.M)


@pytest.mark.parametrize(
    ("words", "pair", "quoted"),
    [
        (
            "知识产权质押担保费补贴和知识产权质押保证保险补贴能一起拿吗",
            {"ip_pledge_guarantee_fee_subsidy", "ip_pledge_insurance_subsidy"},
            "担保费和保费补贴不得同时享受",
        ),
        (
            "2023年的扩岗补助和小微企业招高校毕业生吸纳就业补贴能一起拿吗",
            {"job_expansion_subsidy_2023", "small_firm_youth_hiring_subsidy"},
            "与一次性吸纳就业补贴不重复享受",
        ),
        (
            "小微企业招高校毕业生吸纳就业补贴和2023年的扩岗补助能一起拿吗",
            {"job_expansion_subsidy_2023", "small_firm_youth_hiring_subsidy"},
            "与一次性吸纳就业补贴不重复享受",
        ),
    ],
)
def test_two_that_exclude_each_other_in_the_clauses_words(
    assistant: Assistant, snapshot: Snapshot, words: str, pair: set[str], quoted: str
) -> None:
    reply = Conversation(assistant).say(words, "compare")
    assert set(reply.context.offered) == pair
    assert f"不能同时享受：文件写的是“{quoted}”" in reply.text
    assert "文件没有写" not in reply.text
    cited = [snapshot.clauses[clause["clause_id"]].text for clause in reply.custom["clauses"]]
    assert any(quoted in text for text in cited)


def test_the_year_that_is_named_is_meant(assistant: Assistant) -> None:
    reply = Conversation(assistant).say("2023年一次性扩岗补助和小升规奖励哪个多", "compare")
    assert "job_expansion_subsidy_2023" in reply.context.offered


def test_one_that_is_over_is_said_to_be_over(assistant: Assistant) -> None:
    reply = Conversation(assistant).say("2023年的扩岗补助和小升规奖励哪个多", "compare")
    (line,) = (line for line in reply.text.split("\n") if "一次性扩岗补助" in line)
    assert line.endswith("已过期）")
    assert "没有现行金额" in line


def test_what_is_known_of_the_firm_counts_in_a_comparison(assistant: Assistant) -> None:
    facts = {"sector": "industry", "first_time_above_scale": True, "strategic_emerging": True}
    told = Context(facts=facts)
    reply = assistant.compare("小升规和高企奖励能一起拿吗", told, DAY)
    assert "30万元×（1＋30%）＝39万元" in reply.text


def test_one_of_two_compared_can_be_chosen(assistant: Assistant) -> None:
    talk = Conversation(assistant)
    pair = talk.say("小升规和高企奖励能一起拿吗", "compare").context.offered
    assert spoken(assistant.choose("第二个", talk.context, DAY)) == pair[1]


def test_the_one_spoken_of_is_the_other_of_the_two(assistant: Assistant) -> None:
    talk = Conversation(assistant, "首次升规奖励多少")
    reply = talk.say("跟高企奖励比哪个多", "compare")
    assert set(reply.context.offered) == {AWARD, "high_tech_first_award"}


@pytest.mark.parametrize(
    "words", ["这俩能一起拿吗", "哪个划算", "两个能一起享受吗", "能同时享受吗"]
)
def test_two_of_nothing_are_asked_for(assistant: Assistant, words: str) -> None:
    reply = Conversation(assistant).say(words, "compare")
    assert reply.custom["type"] == "clarify"
    assert "您想拿哪两项来比" in reply.text


# Through the years


@pytest.mark.parametrize(
    "words",
    ["稳岗返还2022年的和2023年的有啥不一样", "稳岗返还往年返多少", "稳岗返还历年是怎么变的"],
)
def test_one_through_the_years(assistant: Assistant, snapshot: Snapshot, words: str) -> None:
    reply = Conversation(assistant).say(words, "compare")
    assert reply.text.startswith("“失业保险稳岗返还”在各份文件里的标准：")
    lines = [line for line in reply.text.split("\n") if line.startswith("- 中小微企业返还比例")]
    shares = [re.findall(r"：(\d+)%", line)[0] for line in lines]
    assert shares == ["90", "90", "60", "60"]
    assert len(set(lines)) == 4
    cited = {clause["clause_id"] for clause in reply.custom["clauses"]}
    programme = snapshot.programmes["job_stability_refund"]
    for history in programme.parameters.values():
        for figure in history.values:
            assert figure.clause is None or figure.value is None or figure.clause in cited
    assert reply.context.programme == "job_stability_refund"


def test_the_years_of_the_one_spoken_of(assistant: Assistant) -> None:
    talk = Conversation(assistant, "首次升规奖励多少")
    reply = talk.say("2022年和2025年有啥区别", "compare")
    assert reply.text.startswith("“首次‘小升规’工业企业奖励”在各份文件里的标准：")
    assert reply.text.count("每户奖励：30万元") == 2


def test_the_years_of_the_one_spoken_of_without_any_name(assistant: Assistant) -> None:
    talk = Conversation(assistant, "首次升规奖励多少")
    reply = talk.say("每年都一样吗", "compare")
    assert reply.text.startswith("“首次‘小升规’工业企业奖励”在各份文件里的标准：")


def test_one_without_figures_says_so(assistant: Assistant) -> None:
    reply = Conversation(assistant).say("专利快速预审2022年和2023年的一样吗", "compare")
    assert "文件里没有分年份的数额" in reply.text


@pytest.mark.parametrize(
    "words",
    [
        "小升规和高企奖励能一起拿吗",
        "2023年的扩岗补助和小升规奖励哪个多",
        "小升规奖励历年有什么变化",
        pytest.param(
            "稳岗返还往年返多少",
        ),
    ],
)
def test_what_is_compared_may_leave_as_it_is(
    assistant: Assistant, snapshot: Snapshot, words: str
) -> None:
    reply = Conversation(assistant).say(words, "compare")
    assert reply.custom["type"] == "policy_answer"
    assert held_to(reply, snapshot, words) == (reply, ())


@pytest.mark.parametrize(
    ("first", "then", "quoted"),
    [
        ("我们想上市 有钱没", "境外呢", "香港联交所"),
        ("新三板挂了给多少", "北交所呢", "境内上市"),
    ],
)
def test_another_measure_of_the_clause_is_meant_by_its_name_alone(
    assistant: Assistant, first: str, then: str, quoted: str
) -> None:
    before = assistant.respond(first, "ask_amount", Context(facts={}), DAY)
    reply = assistant.respond(then, "ask_policy", before.context, DAY)
    words = next(line for line in reply.text.splitlines() if line.startswith("按文件条件"))
    assert quoted in words


def test_what_was_told_is_not_said_to_be_unwritten(assistant: Assistant) -> None:
    before = assistant.respond("境内上市奖励给多少", "ask_amount", Context(facts={}), DAY)
    reply = assistant.respond("辅导期给多少", "ask_amount", before.context, DAY)
    assert "辅导备案登记" in reply.text
    assert "没有写明" not in reply.text.splitlines()[0]


def test_what_the_clause_does_not_hold_leaves_its_measure_as_it_was(assistant: Assistant) -> None:
    before = assistant.respond("职工培训补贴给多少", "ask_amount", Context(facts={}), DAY)
    assert "300元" in before.text
    reply = assistant.respond("劳务派遣的呢", "ask_policy", before.context, DAY)
    words = next(line for line in reply.text.splitlines() if line.startswith("按文件条件"))
    assert "每人300元" in words
    assert "没有写明" in reply.text


def test_a_few_words_add_to_the_matter_before(assistant: Assistant) -> None:
    """What power costs at a charging station, not what power costs."""
    before = assistant.respond("想建个充电站 有补贴没", "ask_policy", Context(facts={}), DAY)
    reply = assistant.respond("电价咋算", "ask_policy", before.context, DAY)
    words = next(line for line in reply.text.splitlines() if line.startswith("按文件条件"))
    assert "充换电设施" in words
    assert "电费" in words
