"""What is offered or listed says what it gives, in its clause's own words."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from bot.policies.answer import Assistant, Context
from bot.policies.answer.items import item_of, lines_of, telling_item
from bot.policies.answer.truth import faults_of
from bot.policies.search import Search

DAY = date(2026, 11, 21)
UNSURE = "厂区装光伏"


def quoted(search: Search, key: str, text: str, intent: str = "ask_amount") -> str:
    outcome = search.find(text, DAY)
    near = search.index.programmes_near(outcome.vector)
    hit = search.hit(key, outcome.weights, DAY)
    assert hit is not None
    item = telling_item(hit, outcome.weights, intent, search, near, DAY)
    assert item.words.strip("…") in hit.clause.text
    return item.words


def test_a_cap_stays_with_its_sum(search: Search) -> None:
    words = quoted(search, "jkf-2024-16.cs88", "创新券能报多少检测费")
    assert "50%" in words
    assert "不超过50万元" in words


def test_what_leads_up_to_a_sum_is_left_out_before_the_sum(search: Search) -> None:
    words = quoted(search, "jzbf-2024-48.cs178", "设备更新的贷款贴息贴多少")
    assert words.startswith("……对纳入")
    assert "从1个百分点提高到1.5个百分点" in words
    # Of several caps none is lost.
    words = quoted(search, "jzggf-2025-1.cs115", "首店奖励多少")
    assert "不超过当年实际销售额的1%，给予最高100万元" in words


def test_who_is_responsible_is_no_part_of_what_is_given(search: Search) -> None:
    words = quoted(search, "jzbf-2022-34.49", "出口信用保险")
    assert "扩大出口信用保险覆盖面" in words
    assert "责任单位" not in words


def test_the_headline_is_not_said_twice(search: Search) -> None:
    hit = search.hit("jzbf-2022-7.12", {}, DAY)
    assert hit is not None
    (line,) = lines_of(
        [telling_item(hit, {}, "ask_policy", search, {}, DAY)],
        search.snapshot,
    )
    assert line.count("拓展供应链融资") == 1
    assert "文件未载明有效期" in line


def test_a_programme_that_is_over_is_marked_so(search: Search) -> None:
    """Its clause states a period for its other measures alone."""
    key, text = "jzbf-2023-45.rc19", "大中型企业招毕业生一次性吸纳就业补贴"
    outcome = search.find(text, DAY)
    hit = search.hit(key, outcome.weights, DAY)
    assert hit is not None
    near = {"large_firm_youth_hiring_subsidy": 0.0} | {
        name: 0.9
        for name in search.snapshot.programmes_of[key]
        if search.snapshot.programmes[name].period.over(DAY)
    }
    item = telling_item(hit, outcome.weights, "ask_amount", search, near, DAY)
    assert item.status == "expired"
    assert "1000元" in item.words


def test_a_vague_word_is_offered_by_captions_alone(assistant: Assistant) -> None:
    reply = assistant.respond("贷款", "ask_policy", Context(), DAY)
    assert reply.custom["type"] == "clarify"
    assert "本答复由系统" not in reply.text


def test_a_choice_quotes_and_keeps_the_law(assistant: Assistant) -> None:
    reply = assistant.respond(UNSURE, "ask_policy", Context(), DAY)
    assert reply.custom["type"] == "clarify"
    lines = [line for line in reply.text.split("\n") if line[:2] in ("1.", "2.", "3.")]
    assert len(lines) == 3
    assert all("“" in line for line in lines)
    assert "本答复由系统" in reply.text
    assert not faults_of(reply)


def test_a_choice_with_a_figure_of_its_own_making_is_a_fault(assistant: Assistant) -> None:
    reply = assistant.respond(UNSURE, "ask_policy", Context(), DAY)
    assert faults_of(replace(reply, text=f"{reply.text}\n可得777万元")) == ("figure",)


def test_an_item_without_a_question_is_its_caption(search: Search) -> None:
    hit = search.hit("jzbf-2022-7.12", {}, DAY)
    assert hit is not None
    item = item_of(hit, search.snapshot)
    assert (item.name, item.words) == ("拓展供应链融资", "")
