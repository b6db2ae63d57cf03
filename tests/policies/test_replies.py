"""What somebody does who was asked something, in whatever words."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest
import yaml

from bot.policies.answer import Assistant
from bot.policies.answer.context import Context, Interview
from bot.policies.eligibility.facts import Fact
from bot.policies.eligibility.listener import Listener
from bot.policies.eligibility.replies import SIGNALS, Reading, read_reply
from bot.policies.loader import REPLYING
from bot.policies.model import Snapshot
from bot.policies.replying import ACTS, Replying, masked, read_replying, wording_of
from bot.policies.search import Search

DAY = date(2026, 11, 23)
ROOT = Path(__file__).resolve().parents[2]
PROGRAMME, FACT = "small_to_scale_award", "first_time_above_scale"


def reading(snapshot: Snapshot, fact: str, text: str) -> Reading:
    least = snapshot.tuning.numbers["reply_from"]
    listener = Listener(snapshot.facts.facts, snapshot.programmes.values())
    fact_ = snapshot.facts.facts[fact]
    return read_reply(text, fact_, DAY, snapshot.replying, least, listener)


def told(snapshot: Snapshot, fact: str, text: str) -> object:
    answer = reading(snapshot, fact, text).answer
    return None if answer is None else (answer.value if answer.kind == "value" else answer.kind)


def test_the_questions_own_words_are_one_sign() -> None:
    question = "企业入选“中华老字号”或国家品牌战略了吗？"
    assert masked("中华老字号去年评上了", question) == "□去年评上了"
    assert masked("没弄过", question) == "没弄过"


def test_what_is_learned_of_one_question_holds_for_another() -> None:
    one = wording_of("省级重点实验室早批下来了", "是省级重点实验室吗？", 512)
    other = wording_of("绿色工厂早批下来了", "是绿色工厂吗？", 512)
    assert np.array_equal(one, other)


def test_a_model_is_read_as_it_was_written(tmp_path: Path, snapshot: Snapshot) -> None:
    model = snapshot.replying
    assert model is not None
    path = tmp_path / REPLYING
    model.save(path)
    signals = dict.fromkeys(SIGNALS, 0.5)
    assert read_replying(path).shares(signals, "早办利索了", "办了吗") == model.shares(
        signals, "早办利索了", "办了吗"
    )


@pytest.mark.parametrize("field", ["slopes", "words", "scales", "intercepts"])
def test_a_file_of_another_shape_is_refused(tmp_path: Path, snapshot: Snapshot, field: str) -> None:
    model = snapshot.replying
    assert model is not None
    path = tmp_path / REPLYING
    bad = np.zeros(len(ACTS) + 1, getattr(model, field).dtype)
    replace(model, **{field: bad}).save(path)
    with pytest.raises(ValueError, match=field):
        read_replying(path)


def test_the_file_belongs_to_the_signals(snapshot: Snapshot) -> None:
    assert snapshot.replying is not None
    assert tuple(snapshot.replying.names.tolist()) == SIGNALS, "run scripts/fit_replying.py"
    assert snapshot.replying.words.shape[0] == len(ACTS)


def test_every_written_answer_is_of_a_fact(snapshot: Snapshot) -> None:
    rows = yaml.safe_load((ROOT / "policies_kb" / "replies.yml").read_text("utf-8"))["replies"]
    kinds = {"value", "unknown", "withheld", "question", "stop", "unclear"}
    for row in rows:
        fact = snapshot.facts.facts[row["fact"]]
        assert row["kind"] in kinds
        assert ("value" in row) == (row["kind"] == "value")
        if row["kind"] == "value" and fact.type in ("boolean", "choice"):
            fact.value(row["value"])


def test_the_evaluations_facts_are_not_taught() -> None:
    rows = yaml.safe_load((ROOT / "policies_kb" / "replies.yml").read_text("utf-8"))["replies"]
    taught = {row["fact"] for row in rows}
    for path in sorted((ROOT / "tests" / "eval" / "answers").glob("*.yml")):
        answers = yaml.safe_load(path.read_text("utf-8"))["answers"]
        assert taught.isdisjoint({row["fact"] for row in answers})


@pytest.mark.parametrize(
    ("fact", "text", "expected"),
    [
        ("high_tech_enterprise", "牌子去年就挂墙上了", True),
        ("high_tech_enterprise", "去年就办下来了", True),
        ("high_tech_enterprise", "还差一大截呢", False),
        ("high_tech_enterprise", "咱这小作坊哪有那本事", False),
        ("high_tech_enterprise", "材料都在会计那儿，我翻翻才知道", "unknown"),
        ("high_tech_enterprise", "这属于公司内部的事，不往外讲", "withheld"),
        ("revenue", "一分钱都没有", 0),
        ("monthly_rent", "三千五", 3500),
        ("monthly_rent", "三千块钱左右吧，店里就五六个人", 3000),
        ("nonperforming_loan", "四百八十万，本金", 4_800_000),
        ("distance_to_top_hospital", "六十里地", 30),
        ("bus_station_grade", "一级长途站", "first"),
        ("bus_station_grade", "牌子上写的贰级", "second"),
    ],
)
def test_answers_in_peoples_own_words(
    snapshot: Snapshot, fact: str, text: str, expected: object
) -> None:
    assert told(snapshot, fact, text) == expected


@pytest.mark.parametrize(
    ("text", "act"),
    [
        ("省级的算不算？", "question"),
        ("这个是归哪个科管", "question"),
        ("算了太麻烦了不弄了", "stop"),
        ("行了先问到这儿吧", "stop"),
    ],
)
def test_what_is_done_instead(snapshot: Snapshot, text: str, act: str) -> None:
    assert reading(snapshot, "high_tech_enterprise", text) == Reading(None, act)  # type: ignore[arg-type]


@pytest.mark.parametrize("text", ["有的建好了有的没建好", "嗯嗯我想想啊", "天气真好", "会计不在"])
def test_what_decides_nothing_is_asked_again(snapshot: Snapshot, text: str) -> None:
    assert told(snapshot, FACT, text) in (None, "unknown")


def _sure(snapshot: Snapshot, act: str) -> Replying:
    model = snapshot.replying
    assert model is not None
    return replace(model, intercepts=np.eye(len(ACTS), dtype=np.float32)[ACTS.index(act)] * 99)


def test_known_words_and_the_model_that_disagree_are_asked_again(snapshot: Snapshot) -> None:
    fact: Fact = snapshot.facts.facts[FACT]
    listener = Listener(snapshot.facts.facts, ())
    agrees, differs = (_sure(snapshot, act) for act in ("yes", "no"))
    assert read_reply("是的", fact, DAY, agrees, 0.5, listener).answer is not None
    assert read_reply("是的", fact, DAY, differs, 0.5, listener).answer is None


def test_without_the_model_known_words_tell(snapshot: Snapshot) -> None:
    fact = snapshot.facts.facts[FACT]
    listener = Listener(snapshot.facts.facts, ())
    yes = read_reply("是的", fact, DAY, None, 0.5, listener).answer
    assert yes is not None and yes.value is True
    assert read_reply("早就挂牌了", fact, DAY, None, 0.5, listener) == Reading(None)


@pytest.fixture(scope="module")
def assistant(snapshot: Snapshot) -> Assistant:
    return Assistant(Search(snapshot))


def _asked(snapshot: Snapshot) -> Context:
    begun = Interview(PROGRAMME, "小升规奖励", asked=(FACT,))
    return Context(snapshot.programmes[PROGRAMME].references[0], interview=begun)


def test_a_question_in_between_is_answered_and_nothing_is_kept(
    assistant: Assistant, snapshot: Snapshot
) -> None:
    text = "规上是按营收算还是按人数算"
    reply, after = assistant.leading.listen(text, "nlu_fallback", _asked(snapshot), DAY)
    assert reply is not None
    assert FACT not in (after.facts or {})
    assert after.interview is not None and not after.interview.ended


def test_who_has_enough_of_it_is_let_go(assistant: Assistant, snapshot: Snapshot) -> None:
    _, after = assistant.leading.listen("算了太麻烦不弄了", "nlu_fallback", _asked(snapshot), DAY)
    assert after.interview is not None and after.interview.ended == "cancelled"


def test_what_is_told_beside_not_knowing_is_kept(assistant: Assistant, snapshot: Snapshot) -> None:
    text = "这个我得问会计，反正人是86个"
    _, after = assistant.leading.listen(text, "give_fact", _asked(snapshot), DAY)
    assert FACT not in (after.facts or {})
    assert after.interview is not None
    assert FACT in after.interview.open
