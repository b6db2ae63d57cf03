"""The last look at a reply: what is true passes, what is tampered with is found and replaced."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from bot.policies.answer import Assistant, Context, Interview, Reply, held_to
from bot.policies.answer.eligibility import EligibilityAnswers
from bot.policies.answer.interview import Interviewer
from bot.policies.answer.truth import faults_of
from bot.policies.eligibility.facts import Fact
from bot.policies.model import PROVINCE, Snapshot

DAY = date(2026, 11, 21)
THEN = date(2022, 9, 1)
AWARD = {"sector": "industry", "first_time_above_scale": True, "strategic_emerging": True}
RETROFIT = {"technical_retrofit_project": True, "fixed_asset_investment": 50_000_000}
ZONE = {**AWARD, "in_transformation_zone": True}


@pytest.fixture(scope="module")
def eligibility(assistant: Assistant) -> EligibilityAnswers:
    return EligibilityAnswers(assistant.search)


class Verdicts:
    """Verdicts on a firm, with what is known of it in words."""

    def __init__(self, assistant: Assistant, eligibility: EligibilityAnswers) -> None:
        self._assistant, self._eligibility = assistant, eligibility
        self._snapshot = assistant.search.snapshot

    def __call__(
        self, programme: str, known: Mapping[str, Any] | None = None, day: date = DAY
    ) -> Reply:
        book = self._snapshot.facts
        facts = {key: book.facts[key].value(value) for key, value in (known or {}).items()}
        told = self._eligibility.complete(facts)
        verdict = self._eligibility.judge(self._snapshot.programmes[programme], told, day)
        return self._eligibility.reply(verdict, "", facts)

    def own(self, known: Mapping[str, Any]) -> str:
        return self._assistant.facts_said(known)


@pytest.fixture(scope="module")
def verdict(assistant: Assistant, eligibility: EligibilityAnswers) -> Verdicts:
    return Verdicts(assistant, eligibility)


def clause(
    assistant: Assistant, clause_id: str, intent: str = "ask_amount", subject: str = "给多少钱"
) -> Reply:
    """An answer from one clause, whatever the search prefers."""
    offered = Context(offered=(clause_id,), subject=subject)
    return assistant.respond("第一个", intent, offered, DAY)


def said(reply: Reply, text: str) -> Reply:
    return replace(reply, text=text)


def tampered(reply: Reply, old: str, new: str) -> Reply:
    """The reply with other words in place of some that are certainly there."""
    assert old in reply.text
    return said(reply, reply.text.replace(old, new))


# What is true passes


@pytest.mark.parametrize("day", [DAY, THEN])
def test_every_verdict_on_a_firm_of_which_nothing_is_known(
    snapshot: Snapshot, verdict: Verdicts, day: date
) -> None:
    wrong = {key: faults_of(verdict(key, day=day)) for key in snapshot.programmes}
    assert len(wrong) > 400
    assert not {key: faults for key, faults in wrong.items() if faults}


def test_every_question_of_every_programme(
    snapshot: Snapshot, eligibility: EligibilityAnswers
) -> None:
    asker = Interviewer(snapshot, eligibility)
    nothing = eligibility.complete({})
    asked, wrong = 0, {}
    for programme in snapshot.programmes.values():
        verdict = eligibility.judge(programme, nothing, DAY)
        for key in verdict.missing:
            question = asker.question(Interview(programme.id, "", (key,)), verdict)
            asked += 1
            if faults := faults_of(question):
                wrong[programme.id, key] = faults
    assert asked > 800
    assert not wrong


def _first(fact: Fact) -> object:
    """The first value of a fact, as JSON has it."""
    if fact.type in ("boolean", "choice"):
        return True if fact.type == "boolean" else fact.choices[0].id
    if fact.type == "money":
        return 50_000_000
    if fact.type == "ratio":
        return 0.1
    years = fact.unit == "年" and fact.least is not None and fact.least > 1000
    return 2025 if years else 10


def _all_verdicts(snapshot: Snapshot, verdict: Verdicts, outcome: str) -> dict[str, Any]:
    """The faults of the verdicts on firms of which all is known, by programme."""
    found = {}
    for programme in snapshot.programmes.values():
        known = {key: _first(snapshot.facts.facts[key]) for key in programme.facts}
        reply = verdict(programme.id, known)
        if reply.custom["verdict"]["verdict"] == outcome:
            found[programme.id] = faults_of(reply, verdict.own(known))
    return found


_REPLACED = {
    "graduate_startup_subsidy": "the clause writes 15000元, the verdict 1.5万元",
    "charging_facility_capacity_fee_exemption": "免收 is worked out as ×100%: 100 stands nowhere",
}


def test_every_verdict_on_a_firm_that_may_have_it(snapshot: Snapshot, verdict: Verdicts) -> None:
    found = _all_verdicts(snapshot, verdict, "eligible")
    assert len(found) > 300
    assert not {key: faults for key, faults in found.items() if faults and key not in _REPLACED}


@pytest.mark.parametrize(
    "programme",
    [
        *_REPLACED,
    ],
)
def test_a_sum_in_other_figures_than_the_clauses(
    snapshot: Snapshot, verdict: Verdicts, programme: str
) -> None:
    assert not _all_verdicts(snapshot, verdict, "eligible")[programme]


def test_every_verdict_on_a_firm_that_may_not_have_it(
    snapshot: Snapshot, verdict: Verdicts
) -> None:
    found = _all_verdicts(snapshot, verdict, "ineligible")
    assert len(found) > 50
    assert not {key: faults for key, faults in found.items() if faults}


@pytest.mark.parametrize("intent", ["ask_policy", "ask_amount", "ask_validity"])
def test_what_is_answered_from_clauses(
    assistant: Assistant, snapshot: Snapshot, intent: str
) -> None:
    keys = list(snapshot.clauses)[::20]
    assert len(keys) > 50
    assert not {key: f for key in keys if (f := faults_of(clause(assistant, key, intent)))}


def test_lists_offers_and_plain_sentences(assistant: Assistant) -> None:
    for words, intent in (
        ("贷款", "ask_policy"),
        ("养老服务有哪些政策", "ask_list"),
        ("下雨天适合跑步吗", "nlu_fallback"),
        ("北京的稳岗返还", "ask_policy"),
    ):
        assert faults_of(assistant.respond(words, intent, Context(), DAY)) == (), words


# What is tampered with is found


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("给予每户30万元", "给予每户35万元"),
        ("30万元×（1＋30%）", "30万元×（1＋45%）"),
        ("每户奖励：30万元", "每户奖励：300万元"),
        ("适用范围：全省。", "适用范围：全省，名额77个。"),
        ("每户奖励：30万元", "每户奖励：３１万元"),
        ("每户奖励：30万元", "每户奖励：30亿元"),
        ("＝39万元", "＝390万元"),
    ],
)
def test_a_figure_that_stands_nowhere(verdict: Verdicts, old: str, new: str) -> None:
    reply = verdict("small_to_scale_award", AWARD)
    assert faults_of(reply, verdict.own(AWARD)) == ()
    found = faults_of(tampered(reply, old, new), verdict.own(AWARD))
    assert found
    assert set(found) <= {"figure", "working"}


def test_a_figure_in_an_answer_from_a_clause(assistant: Assistant) -> None:
    reply = clause(assistant, "jzf-2022-14.8")
    assert faults_of(reply) == ()
    assert faults_of(tampered(reply, "1500元", "1800元")) == ("figure",)


def test_a_figure_in_a_list(assistant: Assistant) -> None:
    reply = assistant.respond("养老服务有哪些政策", "ask_list", Context(), DAY)
    assert reply.custom["type"] == "policy_list"
    assert faults_of(said(reply, f"{reply.text}\n每家再给88万元")) == ("figure",)


@pytest.mark.parametrize(
    "words",
    [
        "今天是2026年11月21日",
        "截至2026年11月21日",
        "印发于2025年（距今1年）",
        "拨打12345",
        "第106条",
        "晋财规建〔2025〕1号",
    ],
)
def test_a_date_a_place_or_a_number_of_a_document_is_no_figure(
    verdict: Verdicts, words: str
) -> None:
    reply = verdict("small_to_scale_award", AWARD)
    assert faults_of(said(reply, f"{reply.text}\n{words}"), verdict.own(AWARD)) == ()


@pytest.mark.parametrize("programme", ["job_stability_refund", "job_expansion_subsidy_2022"])
def test_a_dropped_expiry_of_a_verdict(verdict: Verdicts, programme: str) -> None:
    reply = verdict(programme)
    assert reply.custom["verdict"]["status"] == "expired"
    assert faults_of(reply) == ()
    assert "status" in faults_of(tampered(reply, "过期", "有效"))


def test_a_dropped_expiry_of_an_answer(assistant: Assistant) -> None:
    reply = clause(assistant, "jzf-2022-14.8", subject="扩岗补助一个人多少钱")
    assert reply.custom["clauses"][0]["status"] == "expired"
    assert faults_of(reply) == ()
    assert "status" in faults_of(tampered(reply, "过期", "有效"))


def test_an_expiry_said_at_the_very_end_is_as_good_as_dropped(verdict: Verdicts) -> None:
    reply = verdict("job_stability_refund")
    late = said(reply, reply.text.replace("过期", "有效") + "\n注意：这项措施已过期。")
    assert len(late.text) > 500
    assert "status" in faults_of(late)


def test_a_dropped_cap(verdict: Verdicts) -> None:
    reply = verdict("technical_retrofit_subsidy", RETROFIT)
    own = verdict.own(RETROFIT)
    assert reply.custom["verdict"]["amount_kind"] == "ceiling"
    assert reply.custom["verdict"]["amount_yuan"] == 7_500_000
    assert faults_of(reply, own) == ()
    bare = re.sub(r"最高|不超过|上限|以内", "", reply.text)
    assert "cap" in faults_of(said(reply, bare), own)


def test_a_cap_dropped_where_the_sum_is_told(verdict: Verdicts) -> None:
    reply = verdict("technical_retrofit_subsidy", RETROFIT)
    (amount,) = (line for line in reply.text.split("\n") if line.startswith("金额："))
    bare = re.sub(r"最高不超过：|的上限", "", amount)
    assert "cap" in faults_of(tampered(reply, amount, bare), verdict.own(RETROFIT))


def test_a_dropped_zone(verdict: Verdicts, snapshot: Snapshot) -> None:
    reply = verdict("zone_small_to_scale_award", ZONE)
    scope = reply.custom["clauses"][0]["scope"]
    assert scope == snapshot.programmes["zone_small_to_scale_award"].region.scope != PROVINCE
    assert faults_of(reply, verdict.own(ZONE)) == ()
    assert "scope" in faults_of(tampered(reply, scope, "全省"), verdict.own(ZONE))


@pytest.mark.parametrize(
    "promise",
    [
        "您可以领到30万元。",
        "您一定能拿到30万元。",
        "您能得到30万元。",
        "材料交齐马上到账。",
        "保证给您30万元。",
        "肯定给您批下来。",
        "肯定能批。",
        "您可以领30万元。",
        "包您拿到30万元。",
        "您肯定可以享受。",
        "一定能批下来。",
    ],
)
def test_a_promise(verdict: Verdicts, assistant: Assistant, promise: str) -> None:
    reply = verdict("small_to_scale_award", AWARD)
    told = said(reply, f"{promise}\n{reply.text}")
    assert faults_of(told, verdict.own(AWARD)) == ("promise",)
    plain = assistant.respond("下雨天适合跑步吗", "nlu_fallback", Context(), DAY)
    assert faults_of(said(plain, promise)) == ("promise",)


def test_every_fault_is_found_at_once(verdict: Verdicts) -> None:
    reply = verdict("job_stability_refund")
    told = said(reply, "您可以领到88万元。")
    assert faults_of(told) == ("figure", "promise", "status")


# What the person said


def test_own_figures_may_be_repeated(verdict: Verdicts) -> None:
    reply = verdict(
        "technical_retrofit_subsidy", {**RETROFIT, "fixed_asset_investment": 12_340_000}
    )
    assert "1234万元" in reply.text
    assert faults_of(reply) == ("figure",)
    assert faults_of(reply, "我们投了1234万") == ()
    assert faults_of(reply, "我们投了１２３４万元") == ()
    assert faults_of(reply, "我们投了1243万") == ("figure",)


# What is replaced


def _broken(reply: Reply) -> Reply:
    return said(reply, f"您可以领到98765元。{reply.text}")


def test_what_is_without_fault_leaves_as_it_is(verdict: Verdicts, snapshot: Snapshot) -> None:
    reply = verdict("small_to_scale_award", AWARD)
    assert held_to(reply, snapshot, verdict.own(AWARD)) == (reply, ())


def test_what_breaks_the_law_is_replaced_by_the_clauses_own_words(
    verdict: Verdicts, snapshot: Snapshot
) -> None:
    reply = verdict("small_to_scale_award", AWARD)
    held, faults = held_to(_broken(reply), snapshot, verdict.own(AWARD))
    assert faults == ("figure", "promise")
    assert "98765" not in held.text
    first = reply.custom["clauses"][0]
    assert snapshot.clauses[first["clause_id"]].text in held.text
    assert first["doc_no"] in held.text
    assert first["locator"] in held.text
    assert held.text.endswith(snapshot.phrases("answer.reminder"))
    assert held.custom["type"] == "policy_answer"
    assert held.custom["verdict"] is None
    assert held.custom["clauses"] == reply.custom["clauses"]
    assert held.context == reply.context
    assert reply.custom["verdict"] is not None


def test_the_own_words_of_a_zone_name_it_and_of_what_is_over_say_so(
    verdict: Verdicts, snapshot: Snapshot
) -> None:
    zone, _ = held_to(_broken(verdict("zone_small_to_scale_award", ZONE)), snapshot)
    assert zone.custom["clauses"][0]["scope"] in zone.text
    over, _ = held_to(_broken(verdict("job_stability_refund")), snapshot)
    assert "已过期" in over.text


def test_whatever_is_replaced_has_no_faults_itself(
    assistant: Assistant, snapshot: Snapshot, verdict: Verdicts
) -> None:
    replies = [verdict(key) for key in snapshot.programmes]
    replies += [clause(assistant, key) for key in list(snapshot.clauses)[::25]]
    assert len(replies) > 500
    for reply in replies:
        held, faults = held_to(_broken(reply), snapshot)
        assert "figure" in faults
        assert faults_of(held) == (), reply.custom["clauses"][0]["clause_id"]


def test_the_own_words_are_chinese(verdict: Verdicts, snapshot: Snapshot) -> None:
    held, _ = held_to(_broken(verdict("small_to_scale_award", AWARD)), snapshot)
    assert PROVINCE not in held.text


def test_a_promise_never_leaves(assistant: Assistant, snapshot: Snapshot) -> None:
    plain = assistant.respond("下雨天适合跑步吗", "nlu_fallback", Context(), DAY)
    held, faults = held_to(said(plain, "您可以领到30万元。"), snapshot)
    assert faults == ("promise",)
    assert "您可以领到" not in held.text
