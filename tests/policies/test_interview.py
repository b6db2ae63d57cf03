"""Led to a verdict one question at a time: the conversations, by how people behave in them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from bot.policies.answer import Assistant, Context, Interview, Reply, remember
from bot.policies.answer.eligibility import EligibilityAnswers
from bot.policies.answer.firm import FirmTalk
from bot.policies.answer.interview import MOST
from bot.policies.answer.truth import faults_of
from bot.policies.eligibility.facts import Fact
from bot.policies.model import Snapshot

DAY = date(2026, 11, 21)
ASK = "我们能享受小升规奖励吗"
AWARD = "small_to_scale_award"
SECTOR_ASKED = "企业主要做哪一行"
FIRST_ASKED = "企业是第一次升为规模以上企业（小升规）吗？"
TURNED_ASKED = "企业是主导行业由其他行业转为工业后上规入统的吗？"
EMERGING_ASKED = "企业属于战略性新兴产业吗？"


class Conversation:
    """A conversation driven as the actions drive it: a reply, then the question that waits."""

    def __init__(self, assistant: Assistant, context: Context | None = None) -> None:
        self.assistant = assistant
        self.context = context or Context(facts={})
        self.replies: list[Reply] = []

    @property
    def interview(self) -> Interview:
        assert self.context.interview is not None, "no question waits"
        return self.context.interview

    @property
    def facts(self) -> Mapping[str, Any]:
        return self.context.facts or {}

    @property
    def text(self) -> str:
        """All that was said to the last message."""
        return "\n".join(reply.text for reply in self.replies)

    def ask(self, text: str = ASK, intent: str = "ask_eligible") -> Reply:
        return self.say(text, intent)

    def say(self, text: str, intent: str = "give_fact") -> Reply:
        """The last that is said to a message."""
        self.replies = []
        before = self.context
        if before.interview is not None:
            between, self.context = self.assistant.leading.listen(text, intent, before, DAY)
            if between is not None:
                self.replies.append(between)
        elif intent == "go_back":
            self._follow(self.assistant.back(text, before, DAY))
        else:
            self._follow(self.assistant.respond(text, intent, before, DAY))
        if self.context.interview is not None:
            leading, ended = self.assistant.leading, self.context.interview.ended
            self._follow((leading.conclude if ended else leading.question)(self.context, DAY))
        return self.replies[-1]

    def _follow(self, reply: Reply) -> None:
        self.replies.append(reply)
        facts = reply.context.facts if reply.context.facts is not None else self.context.facts
        talked = remember(self.context, reply)
        after = replace(reply.context, facts=facts, talked=talked)
        if after.programme is None and reply.custom["type"] in ("text", "clarify"):
            after = replace(after, programme=self.context.programme)
        self.context = after


@pytest.fixture
def talk(assistant: Assistant) -> Conversation:
    return Conversation(assistant)


@pytest.fixture(scope="module")
def firm(assistant: Assistant) -> FirmTalk:
    return FirmTalk(assistant.search, EligibilityAnswers(assistant.search))


def about(assistant: Assistant, firm: FirmTalk, programme: str) -> Conversation:
    """A conversation in which a firm of which nothing is known asks for a programme."""
    asked = firm.resume(assistant.search.snapshot.programmes[programme], "", Context(facts={}), DAY)
    return Conversation(assistant, asked.context)


def waits_for(talk: Conversation, question: str) -> bool:
    last = talk.replies[-1]
    return last.custom["type"] == "eligibility_question" and question in last.text


# Happy path


def test_from_the_question_to_the_sum(talk: Conversation) -> None:
    talk.ask()
    assert talk.replies[0].custom["type"] == "eligibility_result"
    assert talk.replies[0].custom["verdict"]["verdict"] == "unknown"
    assert waits_for(talk, SECTOR_ASKED)
    talk.say("工业")
    assert waits_for(talk, FIRST_ASKED)
    talk.say("嗯，头一回")
    assert waits_for(talk, EMERGING_ASKED)
    end = talk.say("是")
    verdict = end.custom["verdict"]
    assert end.custom["type"] == "eligibility_result"
    assert (verdict["verdict"], verdict["amount_yuan"]) == ("eligible", 390_000)
    assert verdict["working"] == "30万元×（1＋30%）＝39万元"
    assert "金额：30万元×（1＋30%）＝39万元" in end.text
    assert talk.context.interview is None
    assert talk.context.programme == AWARD


def test_without_the_uplift(talk: Conversation) -> None:
    talk.ask()
    for words in ("工业", "是的", "不是战新"):
        end = talk.say(words)
    assert (end.custom["verdict"]["verdict"], end.custom["verdict"]["amount_yuan"]) == (
        "eligible",
        300_000,
    )
    assert "39万" not in end.text


def test_the_second_way_is_asked_for_where_the_first_is_closed(talk: Conversation) -> None:
    talk.ask()
    talk.say("工业")
    talk.say("不是，以前进过")
    assert waits_for(talk, TURNED_ASKED)
    talk.say("对的")
    assert talk.facts["turned_industrial_above_scale"] is True
    assert waits_for(talk, EMERGING_ASKED)


def test_what_a_firm_did_before_is_not_what_it_does(talk: Conversation) -> None:
    talk.ask()
    talk.say("工业")
    talk.say("不是，以前进过")
    talk.say("对，以前搞批发")
    assert talk.facts["sector"] == "industry"


def test_it_ends_as_soon_as_nothing_can_help(talk: Conversation) -> None:
    talk.ask()
    end = talk.say("批发")
    assert end.custom["verdict"]["verdict"] == "ineligible"
    assert "文件要求“工业企业”" in end.text
    assert talk.context.interview is None


def test_a_question_says_why_it_is_asked_and_what_may_be_answered(
    talk: Conversation, snapshot: Snapshot
) -> None:
    question = talk.ask()
    assert "文件要求“工业企业”" in question.text
    for way_out in ("不清楚", "不方便说", "算了"):
        assert way_out in question.text
    assert question.custom["programme"]["id"] == AWARD
    assert question.custom["fact"]["id"] == "sector"
    titles = [button["title"] for button in question.buttons]
    assert titles[0] == "工业"
    assert titles[-2:] == ["不清楚", "算了"]
    clause = question.custom["clauses"][0]
    assert "工业企业" in snapshot.clauses[clause["clause_id"]].text
    talk.say("工业")
    again = talk.say("是")
    assert "要算金额" in again.text
    assert [button["title"] for button in again.buttons] == ["是", "否", "不清楚", "算了"]


# Every programme


def _not_known(fact: Fact) -> str:
    return "不清楚"


def _first(fact: Fact) -> str:
    """The first that may be answered, as somebody types it."""
    if fact.type in ("boolean", "choice"):
        return "是" if fact.type == "boolean" else fact.choices[0].name
    if fact.type == "money":
        return "5000万"
    if fact.type == "ratio":
        return "10%"
    years = fact.unit == "年" and fact.least is not None and fact.least > 1000
    return "去年" if years else f"10{fact.unit}"


def _no(fact: Fact) -> str:
    return "不是" if fact.type == "boolean" else _first(fact)


def _babble(fact: Fact) -> str:
    return "天气真好"


@pytest.mark.parametrize("how", [_not_known, _first, _no, _babble])
def test_of_every_programme_it_ends_within_six_questions_each_asked_once(
    assistant: Assistant, snapshot: Snapshot, firm: FirmTalk, how: Callable[[Fact], str]
) -> None:
    driven = 0
    for programme in snapshot.programmes:
        context = about(assistant, firm, programme).context
        if context.interview is None:
            continue
        driven += 1
        turns = 0
        while context.interview is not None and not context.interview.ended:
            key = context.interview.asked[-1]
            assert key not in (context.facts or {}), f"{programme}: {key} is known"
            between, context = assistant.leading.listen(
                how(snapshot.facts.facts[key]), "give_fact", context, DAY
            )
            turns += 1
            assert between is None, programme
            assert turns <= 2 * MOST, programme
        interview = context.interview
        assert interview is not None
        assert len(interview.asked) <= MOST == 6, programme
        assert len(set(interview.asked)) == len(interview.asked), programme
        if how in (_not_known, _babble):
            assert interview.open == interview.asked, programme
            assert not context.facts, programme
        else:
            assert not interview.open, (programme, interview.open)
            assert turns == len(interview.asked), programme
        end = assistant.leading.conclude(context, DAY)
        assert end.custom["type"] == "eligibility_result"
        assert end.custom["programme"]["id"] == programme
    assert driven > 400


def test_a_number_said_again_and_again_without_its_unit_ends_too(
    assistant: Assistant, firm: FirmTalk
) -> None:
    talk = about(assistant, firm, "technical_retrofit_subsidy")
    talk.say("是")
    for _ in range(2 * MOST):
        if talk.context.interview is not None:
            talk.say("3200")
    assert talk.context.interview is None


def test_the_unit_of_a_bare_sum_is_asked_for_and_then_counts(
    assistant: Assistant, firm: FirmTalk
) -> None:
    talk = about(assistant, firm, "technical_retrofit_subsidy")
    talk.say("是")
    talk.say("5000")
    assert "5000，单位是万元还是元" in talk.text
    assert "fixed_asset_investment" not in talk.facts
    end = talk.say("5000万")
    assert end.custom["verdict"]["amount_yuan"] == 7_500_000
    assert "5000万元×15%＝750万元" in end.text
    assert "最高不超过" in end.text


# Corrections


def test_a_correction_after_the_end_opens_it_again(talk: Conversation) -> None:
    talk.ask()
    talk.say("批发")
    talk.say("不对，我们是做机械加工的", "correct_fact")
    assert talk.replies[0].custom["programme"]["id"] == AWARD
    assert talk.facts["sector"] == "industry"
    assert waits_for(talk, FIRST_ASKED)
    talk.say("是")
    end = talk.say("不是")
    assert end.custom["verdict"]["amount_yuan"] == 300_000


def test_a_correction_after_the_end_changes_the_sum(talk: Conversation) -> None:
    talk.ask()
    for words in ("工业", "是", "是"):
        talk.say(words)
    end = talk.say("说错了，我们不是战新", "correct_fact")
    assert end.custom["verdict"]["amount_yuan"] == 300_000
    assert talk.facts["strategic_emerging"] is False


def test_a_correction_in_the_midst_of_it(talk: Conversation) -> None:
    talk.ask()
    talk.say("工业")
    end = talk.say("说错了，我们是做批发的", "correct_fact")
    assert talk.facts == {"sector": "wholesale_retail"}
    assert end.custom["verdict"]["verdict"] == "ineligible"


def test_taking_back_an_earlier_answer_answers_nothing_else(talk: Conversation) -> None:
    talk.ask()
    talk.say("工业")
    talk.say("不对，我们是做批发的", "correct_fact")
    assert talk.facts == {"sector": "wholesale_retail"}


# Digressions


@pytest.mark.parametrize(
    ("words", "intent", "told"),
    [
        ("那归谁管", "ask_department", "找谁："),
        ("怎么申请", "ask_how_to_apply", "找谁："),
        ("现在还有效吗", "ask_validity", "文件未载明有效期"),
    ],
)
def test_a_question_in_between_is_answered_then_the_question_comes_again(
    talk: Conversation, words: str, intent: str, told: str
) -> None:
    talk.ask()
    talk.say("工业")
    before = talk.interview
    talk.say(words, intent)
    assert len(talk.replies) == 2
    assert talk.replies[0].custom["clauses"][0]["clause_id"] == "jcgjs-2025-1.cs106"
    assert told in talk.replies[0].text
    assert talk.replies[1].text.startswith("回到刚才的问题。")
    assert waits_for(talk, FIRST_ASKED)
    assert talk.interview.asked == before.asked
    assert talk.interview.misses == 0
    assert talk.facts == {"sector": "industry"}
    talk.say("是")
    assert "回到刚才的问题" not in talk.text
    assert waits_for(talk, EMERGING_ASKED)


@pytest.mark.parametrize(
    ("words", "intent"),
    [
        ("现在还有效吗", "ask_validity"),
        *(
            pytest.param(
                *asked,
            )
            for asked in (("那归谁管", "ask_department"), ("怎么申请", "ask_how_to_apply"))
        ),
    ],
)
def test_a_question_in_between_is_answered_and_not_the_one_before(
    talk: Conversation, words: str, intent: str
) -> None:
    talk.ask()
    talk.say("工业")
    talk.say(words, intent)
    assert talk.replies[0].custom["type"] == "policy_answer"
    assert talk.replies[0].custom["verdict"] is None


def test_an_answer_and_a_question_in_one(talk: Conversation) -> None:
    talk.ask()
    talk.say("工业，那归谁管", "ask_department")
    assert talk.facts["sector"] == "industry"
    assert "找谁：" in talk.replies[0].text
    assert waits_for(talk, FIRST_ASKED)


def test_what_would_be_is_answered_and_tells_nothing(talk: Conversation) -> None:
    talk.ask()
    talk.say("工业")
    talk.say("要是批发的呢", "ask_eligible")
    assert talk.replies[0].custom["verdict"]["verdict"] == "ineligible"
    assert talk.facts == {"sector": "industry"}
    assert waits_for(talk, FIRST_ASKED)


def test_another_province_in_between(talk: Conversation) -> None:
    talk.ask()
    talk.say("工业")
    talk.say("那北京的呢", "ask_policy")
    assert "只收录山西省" in talk.replies[0].text
    assert waits_for(talk, FIRST_ASKED)


# Another programme


def test_to_another_programme_and_back(talk: Conversation) -> None:
    talk.ask()
    talk.say("工业")
    talk.say("高企有奖励吗，我们能拿吗", "ask_eligible")
    assert talk.interview.programme == "high_tech_first_award"
    assert talk.facts["sector"] == "industry"
    end = talk.say("是")
    assert end.custom["programme"]["id"] == "high_tech_first_award"
    talk.say("回到刚才升规那个", "go_back")
    assert talk.interview.programme == AWARD
    assert waits_for(talk, FIRST_ASKED)
    talk.say("是")
    assert talk.say("是").custom["verdict"]["amount_yuan"] == 390_000


def test_back_in_the_midst_of_the_other(talk: Conversation) -> None:
    talk.ask()
    talk.say("工业")
    talk.say("高企有奖励吗，我们能拿吗", "ask_eligible")
    talk.say("回到刚才升规那个", "go_back")
    assert talk.interview.programme == AWARD


def test_a_programme_that_is_over_leads_nowhere_else(talk: Conversation) -> None:
    talk.ask()
    talk.say("工业")
    talk.say("稳岗返还我们能领多少", "ask_our_amount")
    assert talk.replies[0].custom["programme"]["id"] == "job_stability_refund"
    assert "已过期" in talk.replies[0].text.split("\n")[0]
    assert talk.interview.programme == AWARD
    assert waits_for(talk, FIRST_ASKED)


# Cancellations


@pytest.mark.parametrize(
    "words",
    ["算了", "算了吧", "那算了", "不问了", "取消", "改天再说", "下次再说", "不想答了", "退出"],
)
def test_leaving_keeps_what_was_told(talk: Conversation, words: str) -> None:
    talk.ask()
    talk.say("工业")
    end = talk.say(words, "cancel")
    assert end.custom["type"] == "text"
    assert "继续算首次‘小升规’工业企业奖励" in end.text
    assert talk.context.interview is None
    assert talk.facts == {"sector": "industry"}
    assert talk.context.programme == AWARD


@pytest.mark.parametrize("words", ["稍等 有个娃吐了", "等一下啊", "稍等，接个电话", "有人找 等会"])
def test_a_moment_is_given_and_the_question_stays(talk: Conversation, words: str) -> None:
    talk.ask()
    talk.say("工业")
    talk.say(words)
    assert talk.replies[0].text.startswith("不急")
    assert waits_for(talk, FIRST_ASKED)
    assert talk.interview.misses == 0
    assert talk.facts == {"sector": "industry"}


@pytest.mark.parametrize("words", ["稍等能办好不", "等一下是啥意思"])
def test_what_asks_gives_no_moment(talk: Conversation, words: str) -> None:
    talk.ask()
    talk.say(words, "ask_policy")
    assert not talk.replies[0].text.startswith("不急")


def test_what_is_said_beside_the_matter_is_no_yes(talk: Conversation) -> None:
    talk.ask()
    talk.say("工业")
    talk.say("行 今天太原冷死了手都冻僵")
    assert "first_time_above_scale" not in talk.facts
    assert waits_for(talk, FIRST_ASKED)
    talk.say("行")
    assert talk.facts["first_time_above_scale"] is True


def test_an_open_verdict_says_first_what_there_is(talk: Conversation) -> None:
    talk.ask()
    said = talk.replies[0].text.split("\n")
    assert said[0].startswith("“首次‘小升规’工业企业奖励”：符合条件的，文件写的是“")
    assert "30万元" in said[0]
    assert said[1].startswith("您那里能不能享受，还缺")


def test_going_on_after_leaving_asks_only_what_is_left(talk: Conversation) -> None:
    talk.ask()
    talk.say("工业")
    talk.say("算了", "cancel")
    talk.ask("继续算首次‘小升规’工业企业奖励")
    assert waits_for(talk, FIRST_ASKED)


# Start over


@pytest.mark.parametrize("words", ["重新来", "重新开始吧", "从头来", "重来"])
def test_from_the_beginning(talk: Conversation, words: str) -> None:
    talk.ask()
    talk.say("工业")
    talk.say("不清楚")
    talk.say(words, "start_over")
    assert waits_for(talk, SECTOR_ASKED)
    assert talk.interview.asked == ("sector",)
    assert talk.interview.open == ()
    assert talk.facts == {}
    talk.say("工业")
    assert waits_for(talk, FIRST_ASKED)


def test_from_the_beginning_keeps_what_has_nothing_to_do_with_it(assistant: Assistant) -> None:
    talk = Conversation(assistant, Context(facts={"staff": 80}))
    talk.ask()
    talk.say("工业")
    talk.say("重新来")
    assert talk.facts == {"staff": 80}


# Invalid input


def test_twice_unclear_leaves_the_question_open(talk: Conversation) -> None:
    talk.ask()
    talk.say("呃呃额")
    assert "没太听明白" in talk.text
    assert waits_for(talk, SECTOR_ASKED)
    talk.say("天气真好")
    assert "先空着" in talk.text
    assert waits_for(talk, FIRST_ASKED)
    assert talk.interview.open == ("sector",)
    assert talk.facts == {}


def test_an_answer_in_between_forgives_the_first_miss(talk: Conversation) -> None:
    talk.ask()
    talk.say("呃呃额")
    talk.say("工业")
    talk.say("啦啦啦")
    assert "没太听明白" in talk.text
    assert waits_for(talk, FIRST_ASKED)
    assert talk.interview.open == ()


def test_what_is_out_of_range_is_not_taken(assistant: Assistant, firm: FirmTalk) -> None:
    talk = about(assistant, firm, "small_to_scale_retention_award")
    assert talk.interview.asked == ("years_kept_above_scale",)
    talk.say("99年")
    assert "没太听明白" in talk.text
    assert talk.facts == {}


# Not known, not told


def test_not_known_tells_what_follows_either_way(talk: Conversation) -> None:
    talk.ask()
    talk.say("工业")
    talk.say("不清楚，得问会计")
    said = talk.text
    assert "不清楚也不要紧" in said
    assert "如果“首次升规（首次达到规模以上并入统）”，按文件条件初步匹配" in said
    assert "给予每户30万元的奖励" in said
    assert "如果不是，还要看别的条件" in said
    assert waits_for(talk, TURNED_ASKED)
    assert talk.interview.open == ("first_time_above_scale",)


def test_a_no_that_would_end_it_is_told(assistant: Assistant, firm: FirmTalk) -> None:
    talk = about(assistant, firm, "high_tech_first_award")
    end = talk.say("不知道")
    assert (
        "如果“首次通过高新技术企业认定”，按文件条件初步匹配；如果不是，按文件条件不符合。"
        in end.text
    )
    assert end.custom["verdict"]["verdict"] == "unknown"


def test_both_sides_of_a_threshold_are_told(assistant: Assistant, firm: FirmTalk) -> None:
    talk = about(assistant, firm, "small_to_scale_retention_award")
    talk.say("不清楚")
    assert "如果首次升规后连续在规年数达到2年，" in talk.text
    assert "如果首次升规后连续在规年数不到2年，按文件条件不符合" in talk.text


def test_of_what_changes_the_sum_the_two_branches_differ(talk: Conversation) -> None:
    talk.ask()
    talk.say("工业")
    talk.say("是")
    end = talk.say("不清楚")
    (line,) = (line for line in end.text.split("\n") if line.startswith("如果“属于战略性"))
    yes, no = line.rstrip("。").split("；")
    assert yes.partition("，")[2] != no.partition("，")[2]


def test_the_sum_is_told_with_what_it_still_hangs_on(talk: Conversation) -> None:
    talk.ask()
    for words in ("工业", "是", "不清楚"):
        end = talk.say(words)
    assert end.custom["verdict"]["verdict"] == "eligible"
    assert "30万元；还不知道“属于战略性新兴产业”，是的话按30万元×（1＋30%）＝39万元算" in end.text


def test_not_told_is_not_pressed(talk: Conversation) -> None:
    talk.ask()
    talk.say("工业")
    talk.say("不方便说")
    assert "好的，这一项不问了。" in talk.text
    assert "不清楚也不要紧" not in talk.text
    assert "如果不是" in talk.text
    assert waits_for(talk, TURNED_ASKED)
    assert talk.interview.open == ("first_time_above_scale",)


# What is told beside the answer, and what is known


def test_several_facts_in_one_answer(talk: Conversation) -> None:
    talk.ask()
    talk.say("我们是太原的机械厂，今年首次升规")
    assert talk.facts["sector"] == "industry"
    assert talk.facts["first_time_above_scale"] is True
    assert "好，记下了：" in talk.text
    assert waits_for(talk, EMERGING_ASKED)
    assert talk.interview.asked == ("sector", "strategic_emerging")


def test_what_is_told_instead_leaves_the_question(talk: Conversation) -> None:
    talk.ask()
    talk.say("我们是战新企业")
    assert talk.facts == {"strategic_emerging": True}
    assert waits_for(talk, SECTOR_ASKED)
    assert talk.interview.misses == 0


def test_what_is_denied_instead_leaves_the_question(talk: Conversation) -> None:
    talk.ask()
    talk.say("不是战新")
    assert talk.facts == {"strategic_emerging": False}


def test_all_in_the_first_message_asks_nothing(talk: Conversation) -> None:
    end = talk.ask("今年头一回升规，做机械加工的，也是战新企业，给多少", "ask_our_amount")
    assert end.custom["verdict"]["amount_yuan"] == 390_000
    assert talk.context.interview is None


def test_what_is_known_is_not_asked(assistant: Assistant) -> None:
    known = {"sector": "industry", "strategic_emerging": True}
    talk = Conversation(assistant, Context(facts=known))
    talk.ask()
    assert waits_for(talk, FIRST_ASKED)
    assert "所属行业：工业" in talk.replies[0].text
    end = talk.say("对，今年头一回")
    assert end.custom["verdict"]["amount_yuan"] == 390_000


def test_what_was_told_for_one_programme_is_known_to_the_next(talk: Conversation) -> None:
    talk.ask()
    for words in ("工业", "是", "是"):
        talk.say(words)
    talk.ask("综改区的小升规奖励我们能拿吗")
    assert talk.replies[0].custom["programme"]["id"] == "zone_small_to_scale_award"
    for text in (SECTOR_ASKED, FIRST_ASKED):
        assert text not in talk.replies[-1].text


def test_a_profile_that_the_knowledge_base_no_longer_knows_does_no_harm(
    assistant: Assistant,
) -> None:
    stale = {"no_such_fact": 1, "sector": "no_such_choice", "staff": "many"}
    talk = Conversation(assistant, Context(facts=stale))
    talk.ask()
    assert waits_for(talk, SECTOR_ASKED)


# The record


@pytest.mark.parametrize(
    "interview",
    [
        Interview(AWARD),
        Interview(AWARD, ASK, ("sector", FIRST_ASKED), ("sector",), 1, "", "好，记下了。"),
        Interview("", "看看我们能享受什么", ("sector", "situation"), ("situation",), 0, "done"),
        Interview(AWARD, ASK, ("sector",), ended="cancelled"),
    ],
)
def test_an_interview_goes_through_json_and_back(interview: Interview) -> None:
    assert Interview.of(json.loads(json.dumps(interview.record()))) == interview


@pytest.mark.parametrize("nothing", [None, {}])
def test_no_record_is_no_interview(nothing: dict[str, Any] | None) -> None:
    assert Interview.of(nothing) is None


def test_a_conversation_goes_on_from_its_record(talk: Conversation) -> None:
    talk.ask()
    talk.say("工业")
    talk.say("不清楚")
    facts = json.loads(json.dumps(dict(talk.facts)))
    record = json.loads(json.dumps(talk.interview.record()))
    talk.context = replace(talk.context, interview=Interview.of(record), facts=facts)
    talk.say("是，转行来的")
    assert waits_for(talk, EMERGING_ASKED)
    assert talk.interview.open == ("first_time_above_scale",)
    assert talk.say("否").custom["verdict"]["amount_yuan"] == 300_000


# What is urged, asked in passing, and asked of what is gone back to


def test_who_urges_hears_where_it_stands(talk: Conversation) -> None:
    talk.ask()
    talk.say("工业")
    end = talk.say("你别老问了，直接说能不能", "nlu_fallback")
    assert end.custom["type"] == "eligibility_result"
    assert end.custom["verdict"]["verdict"] == "unknown"
    assert talk.context.interview is None


def test_private_life_in_between_is_turned_away(talk: Conversation) -> None:
    talk.ask()
    talk.say("员工孩子在太原上学归你们管吗", "out_of_scope")
    assert "没有查到相符的条文" in talk.replies[0].text
    assert "city" not in talk.facts
    assert SECTOR_ASKED in talk.text


def test_a_question_that_tells_something_is_answered(talk: Conversation) -> None:
    talk.ask()
    talk.say("我们在太原，省里市里都给吗", "ask_policy")
    assert talk.facts["city"] == "taiyuan"
    assert talk.replies[0].custom["type"] == "policy_answer"
    assert SECTOR_ASKED in talk.text


def test_bare_things_are_not_the_staff_told_before(talk: Conversation) -> None:
    talk.ask("我们一共86人，稳岗返还能拿吗")
    talk.say("去年裁了2个")
    talk.say("不对，是3个", "correct_fact")
    assert talk.facts["staff"] == 86


def test_broken_off_questions_are_taken_up(talk: Conversation) -> None:
    talk.ask()
    talk.say("算了", "cancel")
    talk.say("之前那个还能接着算吗", "ask_policy")
    assert talk.interview.programme == AWARD


def test_what_is_gone_back_to_is_asked_about(assistant: Assistant) -> None:
    talk = Conversation(assistant)
    talk.ask("稳岗返还怎么申请", "ask_how_to_apply")
    talk.ask("技改补助多少", "ask_amount")
    reply = talk.say("回到稳岗那个，找谁问", "go_back")
    assert reply.custom["type"] == "policy_answer"
    assert "找谁：" in reply.text
    assert reply.custom["programme"]["id"] == "job_stability_refund"


def test_the_same_is_asked_of_the_province(assistant: Assistant) -> None:
    talk = Conversation(assistant)
    assert "深圳的政策答不了" in talk.ask("深圳的高企奖励多少", "ask_amount").text
    reply = talk.say("山西的呢", "ask_policy")
    assert reply.custom["programme"]["id"] == "high_tech_first_award"


def test_another_place_leaves_the_matter_spoken_of(assistant: Assistant) -> None:
    talk = Conversation(assistant)
    talk.ask("高企奖励多少", "ask_amount")
    before = talk.context.clause_id
    talk.say("河北的高企给多少", "ask_amount")
    assert talk.context.clause_id == before


def test_a_matter_announced_as_another_is_looked_up(assistant: Assistant) -> None:
    talk = Conversation(assistant)
    talk.ask("工伤保险费率降了吗", "ask_policy")
    reply = talk.say("谢谢啊 再问一个 中小企业款项拖欠有政策吗", "ask_policy")
    assert "款项支付" in reply.text


@pytest.mark.parametrize("words", ["不对，我们是战略性新兴产业", "说错了，我们属于战略性新兴产业"])
def test_a_changed_fact_is_answered_in_a_few_lines(talk: Conversation, words: str) -> None:
    first = talk.say("我们制造企业首次升规，不是战略性新兴产业，能拿多少", "ask_our_amount")
    assert "条文全文" in first.text
    again = talk.say(words, "correct_fact")
    lines = again.text.split("\n")
    assert again.custom["type"] == "eligibility_result"
    assert len(lines) <= 5
    assert "30万元×（1＋30%）＝39万元" in lines[1]
    assert "出处" in lines[-1]
    assert "条文全文" not in again.text
    assert not faults_of(again)


def test_another_programme_is_told_in_full_whatever_is_known(talk: Conversation) -> None:
    talk.say("我们制造企业首次升规，不是战略性新兴产业，能拿多少", "ask_our_amount")
    talk.say("我们在新三板挂牌，新三板挂牌奖励能拿多少", "ask_our_amount")
    other = talk.replies[0]
    assert other.custom["programme"]["id"] == "new_third_board_listing_award"
    assert "条文全文" in other.text


def test_the_sum_stands_right_under_the_verdict(talk: Conversation) -> None:
    lines = talk.say(
        "我们制造企业首次升规，不是战略性新兴产业，能拿多少", "ask_our_amount"
    ).text.split("\n")
    assert "初步匹配" in lines[0]
    assert lines[1] == "金额：30万元"


def test_a_complaint_is_left_out_of_an_answer(talk: Conversation) -> None:
    talk.ask()
    talk.say("都说三遍了 工业")
    assert talk.facts["sector"] == "industry"


def test_who_turns_away_is_followed_and_not_asked_again(talk: Conversation) -> None:
    talk.ask()
    reply = talk.say("不说这个了 稳岗返还现在还有没有", "ask_policy")
    assert talk.context.interview is None
    assert "失业保险" in reply.custom["clauses"][0]["text"]


def test_a_question_is_come_back_to_once(talk: Conversation) -> None:
    talk.ask()
    talk.say("稳岗返还归哪个部门管", "ask_department")
    assert talk.context.interview is not None
    talk.say("那稳岗返还怎么申请", "ask_how_to_apply")
    assert talk.context.interview is None


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("应该不算吧 那归哪个部门管 啥时候发钱", False),
        ("嗯是的 还有稳岗返还能一块拿不", True),
        ("铸件算战新不 应该不算吧 归哪个部门管", False),
    ],
)
def test_an_answer_beside_a_question_is_kept_and_the_question_answered(
    talk: Conversation, text: str, value: bool
) -> None:
    talk.say("我们是工业企业，第一次升规，能拿多少", "ask_our_amount")
    assert talk.interview.asked[-1] == "strategic_emerging"
    talk.say(text, "ask_policy")
    assert talk.facts["strategic_emerging"] is value
    assert len(talk.replies) == 2  # what was asked, and the verdict
    assert ("39万元" in talk.replies[1].text) is value


def test_what_only_asks_for_the_sum_gets_the_verdict_alone(talk: Conversation) -> None:
    talk.say("我们是工业企业，第一次升规，能拿多少", "ask_our_amount")
    talk.say("是啊 给我算算能拿几个钱", "ask_policy")
    assert talk.facts["strategic_emerging"] is True
    assert len(talk.replies) == 1


def test_what_cannot_be_so_yet_is_said_to_be_too_early(talk: Conversation) -> None:
    talk.context = Context("jzbf-2023-45.rc19", facts={}, subject="小微企业吸纳青年补贴")
    assert "还没到时候" in talk.say("我们招了俩毕业生 上个月才来的 哪能半年", "ask_policy").text


@pytest.mark.parametrize(
    ("programme", "fact", "early"),
    [
        ("small_firm_youth_hiring_subsidy", "youth_stable_half_year", True),
        ("small_firm_youth_hiring_subsidy", "hires_youth", False),
        ("small_firm_startup_loan", "hire_contract_one_year", False),
    ],
)
def test_only_what_takes_time_is_too_early(
    assistant: Assistant, snapshot: Snapshot, programme: str, fact: str, early: bool
) -> None:
    firm = assistant._firm
    told = firm._eligibility.complete({fact: False})
    verdict = firm._eligibility.judge(snapshot.programmes[programme], told, DAY)
    assert verdict.outcome == "ineligible"
    assert bool(firm.not_yet(verdict, {fact: False}, "上个月才招来的")) is early


def test_what_may_be_so_later_is_kept_of_nobody_and_told_of_what_is_for_it(
    talk: Conversation,
) -> None:
    talk.context = Context(
        "jzsgf-2023-3.cs47",
        subject="综改区首次认定高新技术企业奖励",
        programme="zone_high_tech_first_award",
        facts={"in_transformation_zone": True, "first_high_tech_recognition": True},
    )
    reply = talk.say("那将来重新认定呢", "ask_policy")
    assert "如果像您说的这样" in reply.text
    assert reply.custom["programme"]["id"] == "zone_high_tech_repeat_award"
    assert "15万元" in reply.text
    assert "high_tech_repeat_recognition" not in talk.facts
