"""Answering a caller: what the cards say, and running verdicts."""

from __future__ import annotations

import re

from bot.desk.cards import programme_card
from bot.knowledge import Knowledge
from bot.policies.model import PROVINCE
from tests.desk.conftest import TODAY, House, SignInAs

_FIGURE = re.compile(r"\d+(?:\.\d+)?")


async def test_a_card_has_what_the_first_twenty_seconds_need(
    house: House, sign_in_as: SignInAs
) -> None:
    wang = await sign_in_as("wang")
    body = await wang.post("/search", {"q": "首次升规给多少奖励"})
    card = body["cards"][0]
    assert card["id"] == "small_to_scale_award" and card["kind"] == "programme"
    assert "30万元" in card["say"] and card["place"] in card["say"]
    assert card["status"] == "not_stated" and "未载明有效期" in card["warning"]
    assert card["authority"] and card["doc_no"] and card["scope"] == "全省"
    assert card["deciding"][0]["id"] == "sector"
    assert 1 <= len(card["deciding"]) <= 2
    assert all(question["question"] and question["why"] for question in card["deciding"])
    assert any("不能答应" in line for line in card["never"])
    assert any("有效期" in line for line in card["never"])
    assert any("配套" in line for line in card["never"])
    assert card["transfer"][0]["said"]
    assert body["kb_version"] and body["clauses"]


async def test_what_is_over_is_said_to_be_over(house: House, sign_in_as: SignInAs) -> None:
    wang = await sign_in_as("wang")
    body = await wang.post("/search", {"q": "扩岗补助"})
    card = body["cards"][0]
    assert card["status"] == "expired"
    assert "已经过期" in card["say"] and "当时" in card["say"]
    assert any("期限已过" in line for line in card["never"])
    assert card["deciding"] == []
    earlier = await wang.post("/search", {"q": "扩岗补助", "as_of": "2022-07-01"})
    assert earlier["cards"][0]["status"] == "in_force"


async def test_nothing_in_a_card_is_invented(knowledge: Knowledge) -> None:
    """Every figure that is read aloud stands in the clause that is cited, for all programmes."""
    snapshot = knowledge.current.snapshot
    nothing = snapshot.facts.complete({})
    for programme in snapshot.programmes.values():
        card = programme_card(programme, nothing, TODAY, snapshot, 1.0)
        said = card["say"].replace(card["place"], "").replace(programme.title, "")
        quoted = snapshot.clauses[card["clause_id"]].text
        for figure in _FIGURE.findall(said):
            assert figure in quoted, (programme.id, figure)
        if programme.region.scope != PROVINCE:
            assert any(programme.region.name in line for line in card["never"]), programme.id
        assert len(card["deciding"]) <= 2 and card["transfer"] and card["warning"]
        if card["status"] in ("expired", "repealed"):
            assert "现在不能按它申领" in card["say"]


async def test_each_key_stroke_is_answered_by_words_alone(
    house: House, sign_in_as: SignInAs
) -> None:
    wang = await sign_in_as("wang")
    question = "小升规奖励"
    for end in range(1, len(question) + 1):
        found = await wang.post("/search", {"q": question[:end], "mode": "lexical"})
        assert found["mode"] == "lexical" and found["took_ms"] > 0
    assert found["cards"][0]["id"] == "small_to_scale_award"


async def test_every_fact_updates_the_verdicts(house: House, sign_in_as: SignInAs) -> None:
    wang = await sign_in_as("wang")
    ids = ["small_to_scale_award"]
    body = await wang.post("/firm", {"facts": {}, "programme_ids": ids})
    assert body["shown"][0]["verdict"] == "unknown" and body["fitting"] == []
    facts = {"sector": "industry", "first_time_above_scale": True}
    body = await wang.post("/firm", {"facts": facts, "programme_ids": ids})
    shown = body["shown"][0]
    assert shown["verdict"] == "eligible"
    assert [question["id"] for question in shown["deciding"]] == ["strategic_emerging"]
    assert "small_to_scale_award" in {one["programme_id"] for one in body["fitting"]}
    facts["strategic_emerging"] = True
    body = await wang.post("/firm", {"facts": facts, "programme_ids": ids})
    assert (body["shown"][0]["amount_yuan"], body["shown"][0]["deciding"]) == (390000, [])
    facts["sector"] = "catering"
    body = await wang.post("/firm", {"facts": facts, "programme_ids": ids})
    assert body["shown"][0]["verdict"] == "ineligible" and body["shown"][0]["gaps"]


async def test_wrong_facts_and_unknown_programmes(house: House, sign_in_as: SignInAs) -> None:
    wang = await sign_in_as("wang")
    error = await wang.post("/firm", {"facts": {"sector": "magic"}}, 422)
    assert error["field"] == "facts.sector"
    await wang.post("/firm", {"facts": {}, "programme_ids": ["nothing"]}, 404)
    await wang.post("/search", {"q": " "}, 422)
    await wang.post("/search", {"q": "x" * 501}, 422)


async def test_nothing_found_is_said_by_an_empty_list(house: House, sign_in_as: SignInAs) -> None:
    wang = await sign_in_as("wang")
    body = await wang.post("/search", {"q": "😀"})
    assert body["cards"] == [] and body["decision"] == "nothing"
