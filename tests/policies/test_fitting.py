"""What there is for a firm: the few questions, the list in its groups, the profile."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from bot.policies.answer import Assistant, Context, Reply, held_to
from bot.policies.answer.eligibility import EligibilityAnswers
from bot.policies.answer.firm import FirmTalk
from bot.policies.answer.fitting import SITUATION
from bot.policies.model import Snapshot

DAY = date(2026, 11, 21)
ASK = "看看我们能享受什么"
HAS, MAY_HAVE, JUST_MISSED = "按文件条件初步匹配的：", "再弄清一件事就能判断的：", "只差一步的："
FOUNDRY = {
    "sector": "industry",
    "city": "xinzhou",
    "in_transformation_zone": False,
    "staff": 300,
    "revenue": 120_000_000,
    "first_time_above_scale": True,
    "strategic_emerging": True,
    "domestic_ipo_stage": "listed",
}

# A restaurant that is listed and is not in the statistics this year.
RESTAURANT = {
    "sector": "catering",
    "city": "xinzhou",
    "staff": 300,
    "revenue": 120_000_000,
    "newly_in_unified_statistics": False,
    "domestic_ipo_stage": "listed",
}


class Conversation:
    """The profile conversation, driven as the actions drive it."""

    def __init__(self, assistant: Assistant, facts: Mapping[str, Any] | None = None) -> None:
        self.assistant = assistant
        self.context = Context(facts=dict(facts or {}))
        self.text = ""

    @property
    def facts(self) -> Mapping[str, Any]:
        return self.context.facts or {}

    @property
    def asked(self) -> tuple[str, ...]:
        assert self.context.interview is not None, "no question waits"
        return self.context.interview.asked

    def fits(self, text: str = ASK) -> Reply:
        reply, self.context = self.assistant.fits(text, self.context, DAY)
        return self._next(reply)

    def say(self, text: str, intent: str = "give_fact") -> Reply:
        """The last that is said to an answer."""
        reply, self.context = self.assistant.leading.listen(text, intent, self.context, DAY)
        return self._next(reply)

    def profile(self, text: str = "我的企业信息") -> Reply:
        return self._next(self.assistant.profile(text, self.context, DAY))

    def _next(self, reply: Reply | None) -> Reply:
        replies = [reply] if reply is not None else []
        if self.context.interview is None:
            assert reply is not None
            self._follow(reply)
        else:
            leading, ended = self.assistant.leading, self.context.interview.ended
            last = (leading.conclude if ended else leading.question)(self.context, DAY)
            replies.append(last)
            self._follow(last)
        self.text = "\n".join(one.text for one in replies)
        return replies[-1]

    def _follow(self, reply: Reply) -> None:
        facts = reply.context.facts if reply.context.facts is not None else self.context.facts
        self.context = replace(reply.context, facts=facts)


@pytest.fixture
def talk(assistant: Assistant) -> Conversation:
    return Conversation(assistant)


@pytest.fixture(scope="module")
def firm(assistant: Assistant) -> FirmTalk:
    return FirmTalk(assistant.search, EligibilityAnswers(assistant.search))


def listed(firm: FirmTalk, facts: Mapping[str, Any]) -> Reply:
    """The list for a firm of which this is known."""
    return firm.fitting.reply(firm.known(Context(facts=facts)), DAY)


def groups(reply: Reply) -> dict[str, list[str]]:
    """Programme ids by group, as recorded."""
    found: dict[str, list[str]] = {}
    for result in reply.custom["match"]["results"]:
        found.setdefault(result["group"], []).append(result["programme_id"])
    return found


# The questions


def test_from_the_first_question_to_the_list(talk: Conversation) -> None:
    first = talk.fits()
    assert first.custom["type"] == "eligibility_question"
    assert first.text.startswith("我先问几句")
    assert first.custom["fact"]["id"] == "sector"
    for words, then in (
        ("做铸造的", "city"),
        ("太原", "in_transformation_zone"),
        ("不在", "staff"),
        ("三百来号人", "revenue"),
        ("1.2亿", SITUATION),
    ):
        talk.say(words)
        assert talk.asked[-1] == then
        assert "好，记下了：" in talk.text
    end = talk.say("今年头一回升规，省级专精特新，正在搞技改，招了6个应届生")
    assert end.custom["type"] == "policy_list"
    assert talk.context.interview is None
    assert talk.facts["staff"] == 300
    assert talk.facts["revenue"] == 120_000_000
    assert talk.facts["first_time_above_scale"] is True
    assert talk.facts["graduate_hires"] == 6
    assert "small_to_scale_award" in groups(end)["has"]
    assert "按您说的情况（所属行业：工业" in end.text
    assert HAS in end.text


def test_several_facts_in_one_answer_are_not_asked_for(talk: Conversation) -> None:
    talk.fits()
    talk.say("我们是太原的机械厂，80个人，去年营收3000万")
    assert talk.facts["city"] == "taiyuan"
    assert (talk.facts["staff"], talk.facts["revenue"]) == (80, 30_000_000)
    assert talk.asked == ("sector", "in_transformation_zone")
    talk.say("不在")
    assert talk.asked[-1] == SITUATION


def test_what_a_firm_is_not_does_not_stand_for_what_it_is(talk: Conversation) -> None:
    """A restaurant is no data firm and no home; it is asked for honours and plans all the same."""
    talk.fits()
    for answer in ("开饭店的", "大同的", "十来个人吧", "去年流水三百来万"):
        talk.say(answer)
    assert talk.asked[-1] == SITUATION
    assert talk.say("没评过啥").custom["type"] in ("policy_list", "clarify")


def test_what_is_known_is_not_asked(assistant: Assistant) -> None:
    talk = Conversation(assistant, {"sector": "industry", "city": "taiyuan", "staff": 80})
    talk.fits()
    assert talk.asked == ("in_transformation_zone",)


def test_what_the_first_message_tells_counts(talk: Conversation) -> None:
    talk.fits("我们是太原做铸造的厂，80个人，看看能享受什么政策")
    assert talk.facts["sector"] == "industry"
    assert talk.facts["staff"] == 80
    assert talk.asked == ("in_transformation_zone",)


def test_not_known_and_not_told_are_left_open(talk: Conversation) -> None:
    talk.fits()
    talk.say("批发")
    for words in ("不清楚", "不方便说", "不知道", "得问会计"):
        talk.say(words)
        assert "先空着" in talk.text
    assert talk.asked[-1] == SITUATION
    assert talk.facts == {"sector": "wholesale_retail"}


def test_a_bare_sum_is_asked_for_its_unit(talk: Conversation) -> None:
    talk.fits()
    for words in ("批发", "太原", "不在", "80"):
        talk.say(words)
    talk.say("3200")
    assert "3200，单位是万元还是元" in talk.text
    assert talk.asked[-1] == "revenue"
    talk.say("3200万")
    assert talk.facts["revenue"] == 32_000_000


def test_twice_unclear_leaves_a_question_open_and_the_end_comes(talk: Conversation) -> None:
    talk.fits()
    talk.say("天气")
    assert "没太听明白" in talk.text
    turns = 1
    while talk.context.interview is not None:
        end = talk.say("天气")
        turns += 1
        assert turns <= 12
    assert talk.facts == {}
    assert end.custom["type"] == "clarify"
    assert "看不出有哪一项适合" in end.text


def test_a_correction_in_the_midst_of_it(talk: Conversation) -> None:
    talk.fits()
    talk.say("工业")
    talk.say("不对，我们是批发的", "correct_fact")
    assert talk.facts == {"sector": "wholesale_retail"}
    assert talk.asked[-1] == "city"


def test_leaving_and_coming_back(talk: Conversation) -> None:
    talk.fits()
    talk.say("工业")
    end = talk.say("算了", "cancel")
    assert end.custom["type"] == "text"
    assert talk.context.interview is None
    assert talk.facts == {"sector": "industry"}
    talk.fits()
    assert talk.asked == ("city",)


def test_from_the_beginning(talk: Conversation) -> None:
    talk.fits()
    talk.say("工业")
    talk.say("重新来")
    assert talk.asked == ("sector",)
    assert talk.facts == {}


def test_a_policy_asked_for_in_between_is_answered_then_the_question_again(
    talk: Conversation,
) -> None:
    talk.fits()
    talk.say("工业")
    talk.say("稳岗返还还有吗", "ask_validity")
    assert "按60%返还" in talk.text.split("回到刚才的问题。")[0]
    assert talk.text.count("回到刚才的问题。") == 1
    assert talk.asked[-1] == "city"
    assert talk.facts == {"sector": "industry"}


@pytest.mark.parametrize("words", ["首次升规奖励多少", "建床补贴多少钱一张", "高企有奖励吗"])
def test_a_policy_asked_for_tells_nothing_of_the_firm(talk: Conversation, words: str) -> None:
    talk.fits()
    talk.say("工业")
    talk.say(words, "ask_amount")
    assert talk.facts == {"sector": "industry"}


def test_a_question_about_nothing_in_between_is_asked_back(assistant: Assistant) -> None:
    talk = Conversation(assistant)
    talk.fits()
    talk.say("工业")
    between, _ = assistant.leading.listen("那归谁管", "ask_department", talk.context, DAY)
    assert between is not None
    assert between.custom["type"] == "clarify"


# The list


def test_the_groups_in_their_order(firm: FirmTalk) -> None:
    reply = listed(firm, RESTAURANT)
    found = groups(reply)
    assert list(found) == ["has", "may_have", "just_missed"]
    places = [reply.text.index(words) for words in (HAS, MAY_HAVE, JUST_MISSED)]
    assert places == sorted(places)
    assert all(len(found[name]) <= most for name, most in zip(found, (5, 3, 2), strict=True))
    shown = [key for group in found.values() for key in group]
    assert reply.context.offered == tuple(shown)
    numbers = [int(n) for n in re.findall(r"^(\d+)\. ", reply.text, re.M)]
    assert numbers == list(range(1, len(shown) + 1))


def test_what_a_firm_cannot_become_is_not_said_to_be_just_missed(firm: FirmTalk) -> None:
    """A foundry is newly in no statistics of services."""
    shown = [key for group in groups(listed(firm, FOUNDRY)).values() for key in group]
    assert "new_service_statistics_award" not in shown
    shown = [key for group in groups(listed(firm, RESTAURANT)).values() for key in group]
    assert "new_service_statistics_award" in shown


def test_each_item_says_what_its_group_means(firm: FirmTalk, snapshot: Snapshot) -> None:
    reply = listed(firm, FOUNDRY)
    lines = re.findall(r"^\d+\. .*$", reply.text, re.M)
    results = reply.custom["match"]["results"]
    for line, result in zip(lines, results, strict=True):
        programme = snapshot.programmes[result["programme_id"]]
        assert programme.name in line
        assert ("要看“" in line) is (result["group"] == "may_have"), line
        assert re.search(r"已过期|已废止|尚未", line) is None, line
        if result["group"] == "just_missed":
            assert "文件要求" in line
    assert "30万元×（1＋30%）＝39万元" in reply.text


def test_the_best_combination_is_worked_out(firm: FirmTalk) -> None:
    reply = listed(firm, FOUNDRY)
    best = reply.custom["match"]["best_combination"]
    assert best["parts"] == {"domestic_ipo_award": 2_000_000, "small_to_scale_award": 390_000}
    assert best["total_yuan"] == sum(best["parts"].values()) == 2_390_000
    assert "（企业境内上市分阶段奖励、首次“小升规”工业企业奖励）" in reply.text
    assert "合计：200万元＋39万元＝239万元。" in reply.text


def test_one_sum_alone_is_no_combination(firm: FirmTalk) -> None:
    alone = {key: value for key, value in FOUNDRY.items() if key != "domestic_ipo_stage"}
    reply = listed(firm, alone)
    assert reply.custom["match"]["best_combination"]["total_yuan"] == 390_000
    assert "合计：" not in reply.text


@pytest.mark.parametrize(
    "facts",
    [
        {key: value for key, value in FOUNDRY.items() if key != "domestic_ipo_stage"},
        {"sector": "wholesale_retail", "city": "taiyuan", "newly_above_quota": True},
        {"high_tech_enterprise": True, "first_high_tech_recognition": True, "sector": "industry"},
        pytest.param(
            FOUNDRY,
        ),
    ],
)
def test_the_list_may_leave_as_it_is(
    assistant: Assistant, firm: FirmTalk, snapshot: Snapshot, facts: Mapping[str, Any]
) -> None:
    reply = listed(firm, facts)
    assert reply.custom["type"] == "policy_list"
    assert held_to(reply, snapshot, assistant.facts_said(facts)) == (reply, ())


def test_nothing_that_fits_is_said(firm: FirmTalk) -> None:
    reply = listed(firm, {})
    assert reply.custom["type"] == "clarify"
    assert reply.context.offered == ()


def test_one_of_the_list_is_chosen(talk: Conversation) -> None:
    talk.context = Context(facts=dict(FOUNDRY))
    listing = talk.fits()
    # What it told of its honours and deeds is not asked for again.
    assert listing.custom["type"] == "policy_list"
    chosen = talk.assistant.choose("第二个", talk.context, DAY)
    assert chosen.custom["type"] == "eligibility_result"
    assert chosen.custom["programme"]["id"] == listing.context.offered[1]
    assert chosen.custom["verdict"]["verdict"] == "eligible"
    assert chosen.context.offered == listing.context.offered


def test_a_button_asks_for_one_of_the_list(assistant: Assistant, firm: FirmTalk) -> None:
    reply = listed(firm, FOUNDRY)
    titles = [button["title"] for button in reply.buttons]
    assert titles[:2] == ["企业境内上市分阶段奖励", "首次“小升规”工业企业奖励"]
    asked = assistant.respond(
        reply.buttons[1]["payload"], "ask_eligible", Context(facts=FOUNDRY), DAY
    )
    assert asked.custom["programme"]["id"] == "small_to_scale_award"
    assert asked.custom["verdict"]["amount_yuan"] == 390_000


# The profile


def test_nothing_is_kept_of_a_firm_that_told_nothing(talk: Conversation) -> None:
    assert "还没有记您企业的情况" in talk.profile().text


def test_what_is_kept_is_shown(assistant: Assistant) -> None:
    talk = Conversation(
        assistant,
        {"sector": "industry", "staff": 60, "revenue": 32_000_000, "strategic_emerging": False},
    )
    shown = talk.profile().text
    for words in (
        "所属行业：工业",
        "职工人数：60人",
        "年营业收入：3200万元",
        "属于战略性新兴产业：否",
    ):
        assert words in shown
    assert "忘掉我的信息" in shown


@pytest.mark.parametrize(
    ("words", "key", "value"),
    [
        ("把职工人数改成80人", "staff", 80),
        ("职工人数改一下，是280", "staff", 280),
        ("把行业改成批发", "sector", "wholesale_retail"),
        ("不对，我们在太原", "city", "taiyuan"),
        ("营业收入更新为5000万", "revenue", 50_000_000),
        ("不对，职工是280人", "staff", 280),
    ],
)
def test_what_is_kept_is_changed(assistant: Assistant, words: str, key: str, value: object) -> None:
    talk = Conversation(assistant, {"sector": "industry", "staff": 60, "city": "xinzhou"})
    said = talk.profile(words).text
    assert "改好了" in said
    assert talk.facts[key] == value
    assert "职工人数：60人" not in said or key != "staff"


@pytest.mark.parametrize(
    ("words", "changed"),
    [
        ("把行业改成批发", {"sector"}),
        ("不对，我们在太原", {"city"}),
        pytest.param(
            "把职工人数改成80人",
            {"staff"},
        ),
    ],
)
def test_nothing_else_is_changed(assistant: Assistant, words: str, changed: set[str]) -> None:
    before = {"sector": "industry", "staff": 60, "city": "xinzhou"}
    talk = Conversation(assistant, before)
    talk.profile(words)
    differs = {key for key, value in talk.facts.items() if before.get(key) != value}
    assert differs == changed


def test_a_change_that_says_no_value_changes_nothing(assistant: Assistant) -> None:
    talk = Conversation(assistant, {"staff": 60})
    said = talk.profile("职工人数改一下").text
    assert talk.facts == {"staff": 60}
    assert "职工人数：60人" in said
    assert "改好了" not in said


def test_looking_changes_nothing(assistant: Assistant) -> None:
    talk = Conversation(assistant, {"staff": 60})
    talk.profile("你记得我们是80人吗")
    assert talk.facts == {"staff": 60}


def test_what_the_knowledge_base_no_longer_knows_is_left_out(
    assistant: Assistant, firm: FirmTalk
) -> None:
    stale = {"gone": True, "city": "nowhere", "revenue": "many", "staff": 60}
    assert firm.known(Context(facts=stale)) == {"staff": 60}
    assert assistant.facts_said(stale) == "职工人数：60人"
    talk = Conversation(assistant, stale)
    assert "我记下的情况：职工人数：60人。" in talk.profile().text
    talk.fits()
    assert talk.asked == ("sector",)


def test_forgetting_leaves_nothing(assistant: Assistant) -> None:
    assert assistant.forgotten().context.facts == {}


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("忘掉我的信息", True),
        ("把我们公司的记录删了", True),
        ("别存我的资料", True),
        ("清空一下", True),
        ("你都记了我们啥", False),
        ("我的企业信息", False),
        ("把人数改一下", False),
    ],
)
def test_only_what_asks_for_it_deletes(assistant: Assistant, text: str, asked: bool) -> None:
    assert assistant.asks_to_forget(text) is asked


# What is said once the list stands, and before


def test_what_is_told_after_the_list_changes_it(talk: Conversation) -> None:
    talk.context = Context(
        facts={
            "sector": "wholesale_retail",
            "city": "shuozhou",
            "staff": 22,
            "newly_in_unified_statistics": False,
        }
    )
    listing = talk.fits("就按这些列一下")
    assert listing.custom["type"] == "policy_list"
    again = talk.assistant.respond("去年刚升规", "give_fact", talk.context, DAY)
    assert again.custom["type"] == "policy_list"
    assert again.text.startswith("好，记下了：")
    same = talk.assistant.respond("没有什么荣誉称号", "deny", talk.context, DAY)
    assert same.text.startswith("好的，单子还是刚才那些")


def test_what_all_comes_to_is_said_first(talk: Conversation) -> None:
    talk.context = Context(facts=dict(FOUNDRY))
    talk.fits()
    summed = talk.assistant.respond("这些加起来能拿多少", "ask_amount", talk.context, DAY)
    assert summed.custom["type"] == "policy_list"
    assert summed.text.startswith("其中可以同时享受、金额确定的")
    assert summed.text.count("其中可以同时享受") == 1
    chosen = talk.assistant.choose("第一个", talk.context, DAY)
    later = talk.assistant.respond("这些一共能拿多少", "ask_amount", chosen.context, DAY)
    assert later.custom["type"] == "policy_list"


def test_the_list_is_given_as_soon_as_it_is_wanted(talk: Conversation) -> None:
    talk.fits()
    talk.say("做煤机配件的，晋城，高企")
    end = talk.say("哪几个能同时拿", "compare")
    assert end.custom["type"] == "policy_list"
    assert talk.context.interview is None


def test_what_opens_the_talk_is_heard(talk: Conversation) -> None:
    talk.fits("我们合作社种小米的，在忻州，有啥政策支持")
    assert talk.facts["city"] == "xinzhou"
    assert talk.asked[-1] == "staff"


def test_the_zone_is_asked_of_firms_where_it_lies(talk: Conversation) -> None:
    talk.fits("我们是大同的工业企业，看看能享受什么")
    assert "in_transformation_zone" not in talk.asked


def test_a_question_passed_over_twice_is_not_asked_again(talk: Conversation) -> None:
    talk.fits("我们是太原的工业企业，看看能享受什么")
    assert talk.asked[-1] == "in_transformation_zone"
    talk.say("高企，今年认的")
    assert talk.asked[-1] == "in_transformation_zone"
    talk.say("专精特新也是省级的")
    assert talk.asked[-1] != "in_transformation_zone"


def test_one_fact_is_left_out(talk: Conversation) -> None:
    talk.context = Context(facts={"sector": "industry", "staff": 88})
    reply = talk.profile("人数别记了")
    assert reply.text.startswith("好，改好了")
    assert reply.context.facts == {"sector": "industry"}


def test_what_is_not_kept_cannot_be_left_out(talk: Conversation) -> None:
    talk.context = Context(facts={"sector": "industry", "staff": 88})
    reply = talk.assistant.respond("贷款那条去掉吧 还清了", "ask_policy", talk.context, DAY)
    assert reply.text.startswith("这一条我没有记")
    assert "职工人数：88人" in reply.text


def test_what_is_told_with_a_question_is_counted_in(talk: Conversation) -> None:
    talk.context = Context(facts={"sector": "industry", "city": "datong", "staff": 60})
    text = "我们今年刚升规。再看多出啥来"
    reply = talk.assistant.respond(text, "ask_policy", talk.context, DAY)
    assert reply.custom["type"] == "policy_list"
    assert (reply.context.facts or {})["first_time_above_scale"] is True


def test_what_hangs_on_what_the_firm_never_was_is_not_listed(firm: FirmTalk) -> None:
    facts = {"sector": "catering", "city": "jincheng", "elderly_care_institution": False}
    assert "养老托育" not in listed(firm, facts).text
    assert "养老托育" in listed(firm, facts | {"elderly_care_institution": True}).text


@pytest.mark.parametrize(
    ("text", "revenue"),
    [("一年四十来万", 400_000), ("去年也就两千万吧", 20_000_000), ("一年房租四十万", None)],
)
def test_a_years_sum_alone_is_the_turnover(
    talk: Conversation, text: str, revenue: int | None
) -> None:
    heard = talk.assistant._firm.fitting.heard(text, DAY)
    assert heard.get("revenue") == revenue
