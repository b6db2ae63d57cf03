"""Facts, programmes, verdicts and matches over HTTP: the contract's shapes and errors."""

from __future__ import annotations

from typing import Any

import pytest
from aiohttp import ClientSession

from tests.api.test_http import Serve, body_of, expect_error, rasa, serve  # noqa: F401

pytestmark = pytest.mark.usefixtures("rasa")
VERDICT = {
    "verdict",
    "amount_yuan",
    "amount_kind",
    "amount_text",
    "working",
    "gaps",
    "alternatives",
    "conditions",
    "missing_facts",
    "status",
    "clauses",
}
FIRST = {"sector": "industry", "first_time_above_scale": True, "strategic_emerging": True}


@pytest.fixture
async def client(serve: Serve) -> ClientSession:  # noqa: F811
    return await serve()


async def judged(client: ClientSession, **body: Any) -> dict[str, Any]:
    response = await client.post("/api/v1/eligibility", json=body)
    found = await body_of(response)
    assert response.status == 200, found
    assert set(found) == VERDICT
    return dict(found)


async def test_a_verdict_with_its_working(client: ClientSession) -> None:
    found = await judged(client, programme_id="small_to_scale_award", facts=FIRST)
    assert found["verdict"] == "eligible"
    assert found["amount_yuan"] == 390000
    assert found["amount_kind"] == "exact"
    assert found["working"] == "30万元×（1＋30%）＝39万元"
    assert found["missing_facts"] == []
    cited = {clause["clause_id"] for clause in found["clauses"]}
    assert {condition["clause_id"] for condition in found["conditions"]} <= cited


async def test_what_is_missing_is_named_by_its_id(client: ClientSession) -> None:
    facts = {"sector": "industry", "first_time_above_scale": None}
    found = await judged(client, programme_id="small_to_scale_award", facts=facts)
    assert found["verdict"] == "unknown"
    assert found["amount_yuan"] is None
    assert "first_time_above_scale" in found["missing_facts"]
    known = {fact["id"] for fact in (await body_of(await client.get("/api/v1/facts")))["items"]}
    assert set(found["missing_facts"]) <= known


async def test_the_day_of_judgement_counts(client: ClientSession) -> None:
    before = await judged(
        client, programme_id="small_to_scale_award", facts=FIRST, as_of="2019-01-01"
    )
    assert (before["verdict"], before["status"]) == ("ineligible", "not_yet")
    assert before["gaps"]


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        ({"facts": {}}, 422, "programme_id"),
        ({"programme_id": "small_to_scale_award"}, 422, "facts"),
        ({"programme_id": "nothing", "facts": {}}, 404, None),
        ({"programme_id": "small_to_scale_award", "facts": {"x": 1}}, 422, "facts.x"),
        ({"programme_id": "small_to_scale_award", "facts": {"staff": -1}}, 422, "facts.staff"),
        ({"programme_id": "small_to_scale_award", "facts": {"staff": "三"}}, 422, "facts.staff"),
        ({"programme_id": "small_to_scale_award", "facts": {"sector": "x"}}, 422, "facts.sector"),
        (
            {
                "programme_id": "small_to_scale_award",
                "facts": {"manufacturing": True, "sector": "care"},
            },
            422,
            "facts.sector",
        ),
        ({"programme_id": "small_to_scale_award", "facts": {}, "as_of": "明天"}, 422, "as_of"),
        ({"programme_id": "small_to_scale_award", "facts": {}, "more": 1}, 422, "more"),
    ],
)
async def test_wrong_input_is_refused_and_named(
    client: ClientSession, body: dict[str, Any], status: int, field: str | None
) -> None:
    error = await expect_error(await client.post("/api/v1/eligibility", json=body), status)
    assert error.get("field") == field


async def test_a_match_groups_and_combines(client: ClientSession) -> None:
    response = await client.post("/api/v1/match", json={"facts": FIRST, "limit": 500})
    found = await body_of(response)
    assert response.status == 200
    by_id = {row["programme_id"]: row for row in found["results"]}
    assert by_id["small_to_scale_award"]["group"] == "has"
    assert set(by_id["small_to_scale_award"]) == {*VERDICT, "programme_id", "name", "group"}
    best = found["best_combination"]
    assert "small_to_scale_award" in best["programme_ids"]
    assert best["total_yuan"] == sum(best["parts"].values())
    short = await body_of(await client.post("/api/v1/match", json={"facts": FIRST, "limit": 1}))
    assert len(short["results"]) == 1


async def test_programmes_page_and_single(client: ClientSession) -> None:
    ids: list[str] = []
    cursor = ""
    while True:
        page = await body_of(await client.get(f"/api/v1/programmes?limit=100{cursor}"))
        ids += [row["id"] for row in page["items"]]
        if page["next_cursor"] is None:
            break
        cursor = f"&cursor={page['next_cursor']}"
    assert ids == sorted(set(ids))
    one = await body_of(await client.get("/api/v1/programmes/small_to_scale_award"))
    assert one["valid_from"] is None
    assert {row["name"] for row in one["parameters"]} == {"base_award", "emerging_uplift"}
    assert one["guide"]["materials"] is None
    await expect_error(await client.get("/api/v1/programmes/nothing"), 404)


async def test_clauses_and_search_name_their_programmes(client: ClientSession) -> None:
    clause = await body_of(await client.get("/api/v1/clauses/jcgjs-2025-1.cs106"))
    assert "small_to_scale_award" in clause["programme_ids"]
    found = await body_of(await client.get("/api/v1/search", params={"q": "首次升规奖励"}))
    assert any("small_to_scale_award" in row["programme_ids"] for row in found["results"])
