"""The JSON interface: visitors, messages, feedback, profile; and the static files."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import pytest
from aiohttp.test_utils import make_mocked_request

from bot.channels.web.assets import Assets
from bot.errors import OverloadedError, StorageError
from tests.channels.web.conftest import Web
from tests.channels.web.fakes import Standing, reply
from tests.channels.web.test_visitors import jwt

ID = "3f6c2a1e-0000-4000-8000-000000000001"


async def test_a_visitor_stays_the_same(site: Web) -> None:
    token = await site.token()
    assert site.key(await site.token(token=token)) == site.key(token)
    assert site.key(await site.token(token="v1.forged")) != site.key(token)


@pytest.mark.parametrize("path", ["/chat/api/messages", "/chat/api/profile"])
async def test_nothing_without_a_token(site: Web, path: str) -> None:
    for token in ("", "nonsense", "v1.a.1.b"):
        status, body = await site.get(path, token)
        assert (status, body["error"]["code"]) == (401, "unknown_visitor")


async def test_a_message_is_answered_once_however_often_it_is_sent(site: Web) -> None:
    token = await site.token()
    for _ in range(3):
        status, said = await site.post("/chat/api/messages", {"id": ID, "text": "房租"}, token)
        assert (status, said) == (200, {"id": ID, "position": 1})
    status, page = await site.get("/chat/api/messages?after=1&wait=5", token)
    assert status == 200
    assert [entry["author"] for entry in page["entries"]] == ["bot"]
    assert page["entries"][0]["reply"]["text"] == "答：房租"
    _, whole = await site.get("/chat/api/messages", token)
    assert [entry["position"] for entry in whole["entries"]] == [1, 2]
    assert whole["entries"][0]["message_id"] == ID
    status, body = await site.post("/chat/api/messages", {"id": ID, "text": "别的"}, token)
    assert (status, body["error"]["code"]) == (409, "conflict")


async def test_one_visitor_sees_nothing_of_another(site: Web) -> None:
    mine, other = await site.token(), await site.token()
    await site.post("/chat/api/messages", {"id": ID, "text": "秘密"}, mine)
    _, page = await site.get("/chat/api/messages", other)
    assert page["entries"] == []


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"id": "x", "text": "a"},
        {"id": ID},
        {"id": ID, "text": "   "},
        {"id": ID, "text": "a" * 8001},
        {"id": ID, "text": "\ud800"},
        {"id": ID, "text": 1},
        {"id": ID, "text": "a", "sender": "wecom:boss"},
    ],
)
async def test_malformed_messages_are_refused(site: Web, body: dict[str, object]) -> None:
    status, answer = await site.post("/chat/api/messages", body, await site.token())
    assert status == 422
    assert answer["error"]["message"]
    assert site.talks.lines == {}


async def test_who_writes_too_fast_is_told_so(site: Web) -> None:
    token = await site.token()
    statuses = []
    for number in range(12):
        body = {"id": f"message-{number}", "text": "a"}
        statuses.append((await site.post("/chat/api/messages", body, token))[0])
    assert statuses[:8] == [200] * 8
    assert statuses[-1] == 429


@pytest.mark.parametrize(
    ("error", "status"), [(OverloadedError("多"), 429), (StorageError("secret path"), 503)]
)
async def test_what_the_core_refuses_is_said(site: Web, error: Exception, status: int) -> None:
    site.talks.refuse = error
    got, body = await site.post("/chat/api/messages", {"id": ID, "text": "a"}, await site.token())
    assert got == status
    assert "secret" not in str(body)


async def test_a_poll_waits_for_news_and_is_woken_by_it(site: Web) -> None:
    token = await site.token()
    started = time.monotonic()
    poll = asyncio.create_task(site.get("/chat/api/messages?wait=20", token))
    while not site.talks.watchers(site.key(token)):
        await asyncio.sleep(0.01)
    site.talks.add(site.key(token), "王晓", "", reply("您好"))
    _, page = await poll
    assert page["entries"][0]["author"] == "王晓"
    assert time.monotonic() - started < 10
    _, empty = await site.get("/chat/api/messages?after=1&wait=0", token)
    assert empty["entries"] == []
    assert empty["position"] == 1


async def test_a_deleted_conversation_begins_anew(site: Web) -> None:
    token = await site.token()
    site.talks.add(site.key(token), "bot", "", reply("新的开始"))
    _, page = await site.get("/chat/api/messages?after=40&wait=5", token)
    assert page["position"] == 1
    assert page["entries"][0]["position"] == 1


async def test_the_place_in_the_queue_is_told(site: Web) -> None:
    token = await site.token()
    standing = Standing(1, waiting_since=site.talks.add(site.key(token), "person", "人工").at)
    site.talks.standing[site.key(token)] = standing
    _, page = await site.get("/chat/api/messages", token)
    assert page["state"] == {"holder": None, "waiting": True, "place": 3}


async def test_feedback_is_kept(site: Web) -> None:
    token = await site.token()
    body = {"position": 2, "value": "down", "reason": "内容有误"}
    status, _ = await site.post("/chat/api/feedback", body, token)
    assert status == 200
    assert site.ratings.kept == [(site.key(token), 2, "down", "内容有误")]
    for wrong in ({"value": "meh"}, {"position": 0}, {"reason": "a" * 501}, {"position": "2"}):
        assert (await site.post("/chat/api/feedback", {**body, **wrong}, token))[0] == 422


async def test_the_profile_can_be_seen_corrected_and_deleted(site: Web) -> None:
    token = await site.token()
    path = "/chat/api/profile"
    assert await site.get(path, token) == (200, {"facts": {}})
    status, body = await site.post(path, {"facts": {"city": "taiyuan", "staff_count": 30}}, token)
    assert (status, body) == (200, {"facts": {"city": "taiyuan", "staff_count": 30}})
    status, body = await site.post(path, {"facts": {"city": None}}, token)
    assert body == {"facts": {"staff_count": 30}}
    status, body = await site.post(path, {"facts": {"boss": "x"}}, token)
    assert (status, body["error"]["field"]) == (422, "boss")
    assert (await site.get(path, await site.token()))[1] == {"facts": {}}


async def test_the_portal_tells_the_facts_of_a_firm(site: Web, portal_secret: bytes) -> None:
    now = time.time()
    claims = {"iat": now, "exp": now + 300, "facts": {"city": "datong"}}
    body = {"identity": jwt(claims, portal_secret)}
    status, made = await site.post("/chat/api/visitor", body)
    assert (status, made["facts"], made["fresh"]) == (200, 1, True)
    assert (await site.get("/chat/api/profile", made["token"]))[1] == {"facts": {"city": "datong"}}
    forged = {"identity": jwt(claims, b"guess")}
    status, refused = await site.post("/chat/api/visitor", forged)
    assert (status, refused["error"]["field"]) == (403, "identity")
    unknown = {"identity": jwt({**claims, "facts": {"x": 1}}, portal_secret)}
    assert (await site.post("/chat/api/visitor", unknown))[0] == 422


async def test_the_page_has_a_strict_policy(site: Web) -> None:
    answer = await site.client.get("/chat/")
    policy = answer.headers["Content-Security-Policy"]
    assert answer.status == 200
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors https://portal.example" in policy
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    moved = await site.client.get("/chat", allow_redirects=False)
    assert (moved.status, moved.headers["Location"]) == (301, "/chat/")


async def test_files_are_good_for_ever_and_the_launcher_for_minutes(site: Web) -> None:
    file = await site.client.get("/chat/assets/index-abc.js")
    assert file.status == 200
    assert file.content_type == "text/javascript"
    assert "immutable" in file.headers["Cache-Control"]
    launcher = await site.client.get("/widget.js")
    assert launcher.headers["Cache-Control"] == "public, max-age=300"
    again = await site.client.get("/widget.js", headers={"If-None-Match": launcher.headers["ETag"]})
    assert (again.status, await again.read()) == (304, b"")


@pytest.mark.parametrize("name", ["..%2f..%2fsecret.txt", "none.js", ".hidden", "a%00b"])
async def test_nothing_else_is_served(site: Web, name: str) -> None:
    answer = await site.client.get(f"/chat/assets/{name}")
    assert answer.status in {400, 404}
    assert "not to be served" not in await answer.text()


async def test_a_page_that_is_not_built_says_so(tmp_path: Path) -> None:
    assets = Assets(tmp_path)
    answer = await assets.page(make_mocked_request("GET", "/chat/"))
    assert answer.status == 503
    assert "12345" in (answer.text or "")
