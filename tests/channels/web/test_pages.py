"""Pages for people, suggestions, and what is kept of a firm, over the real knowledge base."""

from __future__ import annotations

import base64
import re
from collections.abc import AsyncIterator, Iterator
from datetime import date
from hashlib import sha256
from typing import Any

import pytest
import pytest_asyncio
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from bot.api.firm import FirmProfiles
from bot.api.http import error_middleware
from bot.api.pages import PagesApi
from bot.api.suggestions import SuggestionsApi, newest
from bot.errors import RequestError
from bot.knowledge import Knowledge
from bot.settings import project_root
from bot.storage.engine import Database
from bot.storage.profiles import ProfileStore

TODAY = date(2026, 11, 21)
HOST = "<某局>"


@pytest.fixture(scope="module")
def knowledge() -> Iterator[Knowledge]:
    made = Knowledge(project_root() / "policies_kb")
    yield made
    made.close()


@pytest_asyncio.fixture
async def client(knowledge: Knowledge) -> AsyncIterator[TestClient[Any, Any]]:
    app = web.Application(middlewares=[error_middleware])
    PagesApi(knowledge, lambda: TODAY, host=HOST, until=newest).add_to(app)
    guide = SuggestionsApi(knowledge, lambda: TODAY, host=HOST, retention_days=30)
    for operation in guide.operations():
        app.router.add_route(operation.method, operation.path, operation.handler)
    async with TestClient(TestServer(app)) as running:
        yield running


async def test_every_clause_and_every_programme_has_a_page(
    client: TestClient[Any, Any], knowledge: Knowledge
) -> None:
    snapshot = knowledge.current.snapshot
    paths = [f"/clauses/{key}" for key in list(snapshot.clauses)[::40]]
    paths += [f"/programmes/{key}" for key in list(snapshot.programmes)[::20]]
    for path in paths:
        answer = await client.get(path)
        text = await answer.text()
        assert answer.status == 200, path
        assert "None" not in text, path
        assert "$" not in text, path


async def test_a_clause_is_shown_whole_with_its_status(client: TestClient[Any, Any]) -> None:
    text = await (await client.get("/clauses/jrstf-2025-13.cs232")).text()
    assert "执行期限至2025年12月31日" in text
    assert "已过期（至2025-12-31）" in text
    assert 'href="/programmes/job_stability_refund"' in text


async def test_what_is_not_stated_is_said_so(client: TestClient[Any, Any]) -> None:
    text = await (await client.get("/programmes/small_to_scale_award")).text()
    assert "给予每户30万元的奖励" in text
    assert '<span class="badge not_stated">文件未载明有效期</span>' in text


async def test_pages_hold_no_foreign_markup_and_run_nothing(client: TestClient[Any, Any]) -> None:
    answer = await client.get("/clauses/jf-2021-67.20")
    text = await answer.text()
    policy = answer.headers["Content-Security-Policy"]
    assert "&lt;某局&gt;" in text
    assert "<某局>" not in text
    assert "script" not in policy
    (style,) = re.findall(r"<style>(.*?)</style>", text, re.S)
    digest = base64.b64encode(sha256(style.encode()).digest()).decode()
    assert f"'sha256-{digest}'" in policy


@pytest.mark.parametrize(
    "path", ["/clauses/none", "/programmes/none", "/clauses/%3Cscript%3E", "/clauses/..%2fx"]
)
async def test_what_is_not_there_is_a_page_too(client: TestClient[Any, Any], path: str) -> None:
    answer = await client.get(path)
    text = await answer.text()
    assert answer.status == 404
    assert "没有" in text
    assert "<script" not in text


async def test_search_engines_find_every_page(
    client: TestClient[Any, Any], knowledge: Knowledge
) -> None:
    robots = await (await client.get("/robots.txt")).text()
    sitemap = await (await client.get("/sitemap.xml")).text()
    snapshot = knowledge.current.snapshot
    assert "/sitemap.xml" in robots
    assert sitemap.count("<loc>") == len(snapshot.clauses) + len(snapshot.programmes)


async def test_the_start_page_offers_what_is_asked_most(client: TestClient[Any, Any]) -> None:
    start = await (await client.get("/chat/api/start")).json()
    assert start["host"] == HOST
    assert start["retention_days"] == 30
    assert start["kb_until"]
    assert start["topics"][0]["name"] == "财税金融篇"
    items = [item for topic in start["topics"] for item in topic["items"]]
    assert all(item["status"] in {"in_force", "not_stated"} for item in items)
    assert len({item["id"] for item in items}) == len(items)


async def test_suggestions_fit_what_was_typed(client: TestClient[Any, Any]) -> None:
    found = await (await client.get("/chat/api/suggestions", params={"q": "小升规"})).json()
    titles = [item["title"] for item in found["items"]]
    assert any("小升规" in title for title in titles)
    assert len(titles) <= 6
    for typed in ("稳岗", "zzzz", "？", "<b>"):
        assert (await client.get("/chat/api/suggestions", params={"q": typed})).status == 200
    for wrong in ({}, {"q": ""}, {"q": "长" * 61}, {"q": "a", "x": "1"}):
        assert (await client.get("/chat/api/suggestions", params=wrong)).status == 422


async def test_what_is_kept_of_a_firm_is_checked(knowledge: Knowledge, database: Database) -> None:
    profiles = FirmProfiles(knowledge, ProfileStore(database))
    assert await profiles.change("web:a", {"city": "taiyuan", "sector": "industry"})
    assert await profiles.read("web:a") == {"city": "taiyuan", "sector": "industry"}
    for wrong in ({"boss": 1}, {"city": "beijing"}, {"sector": 3}):
        with pytest.raises(RequestError):
            await profiles.change("web:a", {"sector": "catering", **wrong})
    assert await profiles.change("web:a", {"city": None}) == {"sector": "industry"}
    assert await profiles.change("web:a", {"sector": None}) == {}
    assert await profiles.read("web:b") == {}
