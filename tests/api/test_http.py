"""The HTTP interface against a served application: the contract's shapes and errors."""

from __future__ import annotations

import asyncio
import contextlib
import io
import json
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import pytest_asyncio
import structlog
from aiohttp import ClientSession
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot import app as service
from bot import logs
from tests.support.fake_rasa import FakeRasa
from tests.support.service import service_settings, share_knowledge

CLAUSE = {
    "clause_id",
    "doc_no",
    "doc_title",
    "locator",
    "text",
    "status",
    "valid_until",
    "scope",
    "cautions",
    "also_in",
    "score",
    "programme_ids",
}
WEBHOOK = "/webhooks/rest/webhook"
Serve = Callable[..., Awaitable[ClientSession]]


@pytest_asyncio.fixture
async def rasa() -> AsyncIterator[FakeRasa]:
    async with FakeRasa() as fake:
        yield fake


@pytest_asyncio.fixture
async def serve(
    tmp_path: Path, rasa: FakeRasa, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Serve]:
    """Starts the whole service on free ports; gives a client for its public port."""
    share_knowledge(monkeypatch)
    async with contextlib.AsyncExitStack() as stack:

        async def start(**changes: Any) -> ClientSession:
            configured = service_settings(tmp_path, rasa.url, turn_timeout=2.0, **changes)
            port, actions_port = await stack.enter_async_context(service.serve(configured))
            client = await stack.enter_async_context(
                ClientSession(f"http://127.0.0.1:{port}", timeout=aiohttp.ClientTimeout(total=20))
            )
            client.actions_port = actions_port  # type: ignore[attr-defined]
            return client

        yield start


@pytest_asyncio.fixture
async def client(serve: Serve) -> ClientSession:
    return await serve()


async def body_of(response: aiohttp.ClientResponse) -> Any:
    assert response.content_type == "application/json"
    return await response.json()


async def expect_error(response: aiohttp.ClientResponse, status: int) -> dict[str, Any]:
    body = await body_of(response)
    assert response.status == status, body
    assert set(body) == {"error"}
    assert {"code", "message"} <= set(body["error"]) <= {"code", "message", "field"}
    assert body["error"]["message"]
    for internal in ("Traceback", "/bot/", "sqlite", "SELECT", "File "):
        assert internal not in json.dumps(body)
    return dict(body["error"])


async def test_search(client: ClientSession) -> None:
    async with client.get("/api/v1/search", params={"q": "扩岗补助", "limit": "3"}) as response:
        body = await body_of(response)
    assert body["query"] == "扩岗补助"
    assert body["as_of"] == "2026-11-21"
    assert body["took_ms"] > 0
    assert len(body["results"]) == 3
    first = body["results"][0]
    assert set(first) == CLAUSE
    assert first["clause_id"] == "jzf-2022-14.8"
    assert first["doc_no"] == "晋政发〔2022〕14号"
    assert (first["status"], first["valid_until"]) == ("expired", "2022-12-31")


async def test_search_is_judged_at_the_day_asked_for(client: ClientSession) -> None:
    params = {"q": "扩岗补助", "as_of": "2022-07-01"}
    async with client.get("/api/v1/search", params=params) as response:
        assert (await body_of(response))["results"][0]["status"] == "in_force"


@pytest.mark.parametrize(
    ("query", "status", "field"),
    [
        ("", 422, "q"),
        ("?q=", 422, "q"),
        ("?q=%20%20", 422, "q"),
        ("?q=a%00b", 422, "q"),
        ("?q=%ff%fe", 400, "q"),
        ("?q=" + "a" * 501, 422, "q"),
        ("?q=a&limit=0", 422, "limit"),
        ("?q=a&limit=51", 422, "limit"),
        ("?q=a&limit=x", 422, "limit"),
        ("?q=a&as_of=2022-02-30", 422, "as_of"),
        ("?q=a&as_of=yesterday", 422, "as_of"),
        ("?q=a&q=b", 422, "q"),
        ("?q=a&as_off=2022-01-01", 422, "as_off"),
        ("?q=a&as_of=0", 422, "as_of"),
        ("?q=a&as_of=2022-12-31T00:00:00", 422, "as_of"),
        ("?q=a&limit=10.0", 422, "limit"),
        ("?q=a&limit=1_0", 422, "limit"),
    ],
)
async def test_a_wrong_search_is_refused(
    client: ClientSession, query: str, status: int, field: str
) -> None:
    import yarl

    url = yarl.URL(f"/api/v1/search{query}", encoded=True)
    async with client.get(url) as response:
        assert (await expect_error(response, status))["field"] == field


async def test_every_clause_is_listed_once_page_by_page(client: ClientSession) -> None:
    seen: list[str] = []
    cursor = None
    while True:
        params = {"limit": "137"} | ({"cursor": cursor} if cursor else {})
        async with client.get("/api/v1/clauses", params=params) as response:
            body = await body_of(response)
        seen += [item["id"] for item in body["items"]]
        cursor = body["next_cursor"]
        if cursor is None:
            break
    assert len(seen) == len(set(seen)) == 1312
    assert seen[:46] == [f"jzf-2022-14.{n}" for n in range(1, 47)]


async def test_a_clause_and_a_document(client: ClientSession) -> None:
    async with client.get("/api/v1/clauses/jzf-2022-14.7") as response:
        clause = await body_of(response)
    assert clause["number"] == 7
    assert clause["text"].startswith("拓展社保费缓缴政策时限范围。")
    assert clause["status"] == "expired"
    assert clause["responsible"] is None
    assert (clause["copies"], clause["internal"]) == ([], False)
    async with client.get("/api/v1/documents") as response:
        document = (await body_of(response))["items"][0]
    assert (document["id"], document["clause_count"]) == ("jzf-2022-14", 46)
    assert (document["year"], document["sources"]) == (2022, ["000"])
    async with client.get(f"/api/v1/documents/{document['id']}") as response:
        assert await body_of(response) == document


async def test_what_the_sources_do_not_print_is_null(client: ClientSession) -> None:
    async with client.get("/api/v1/documents/jzbf-2022-58") as response:
        untitled = await body_of(response)
    assert (untitled["title"], untitled["issuer_from"]) == (None, "doc_no")
    async with client.get("/api/v1/documents/jwlf-2023-20") as response:
        repealed = await body_of(response)
    assert repealed["repealed"] == "已废止"
    for clause_id in repealed["clause_ids"]:
        async with client.get(f"/api/v1/clauses/{clause_id}") as response:
            assert (await body_of(response))["status"] == "repealed"
    async with client.get("/api/v1/documents/wh-a58") as response:
        listed = await body_of(response)
    assert (listed["doc_no"], listed["clause_count"]) == ("", 0)


async def test_copies_are_linked_with_the_figures_in_which_they_differ(
    client: ClientSession,
) -> None:
    async with client.get("/api/v1/clauses/jf-2021-67.36") as response:
        (copy,) = (await body_of(response))["copies"]
    assert (copy["clause_id"], copy["kind"]) == ("jf-2021-67.cs186", "same")
    assert {"here": "1%", "there": "1‰"} in copy["differs"]


@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/clauses/none",
        "/api/v1/documents/none",
        "/api/v1/clauses?document_id=none",
        "/nowhere",
        "/api/v1/",
        "/api/v1/clauses/%00",
        "/api/v1/clauses/..%2F..%2Fetc%2Fpasswd",
    ],
)
async def test_what_is_not_there(client: ClientSession, path: str) -> None:
    import yarl

    async with client.get(yarl.URL(path, encoded=True)) as response:
        await expect_error(response, 404)


@pytest.mark.parametrize("cursor", ["x", "!!!", "eA==", "你好"])
async def test_a_wrong_cursor(client: ClientSession, cursor: str) -> None:
    async with client.get("/api/v1/clauses", params={"cursor": cursor}) as response:
        assert (await expect_error(response, 422))["field"] == "cursor"


async def test_a_wrong_method(client: ClientSession) -> None:
    async with client.get(WEBHOOK) as response:
        await expect_error(response, 405)
        assert response.headers["Allow"] == "POST"


@pytest.mark.parametrize("path", ["/healthz", "/api/v1/documents", "/api/v1/openapi.json"])
async def test_head_is_answered_as_get_without_a_body(client: ClientSession, path: str) -> None:
    async with client.head(path) as response:
        assert response.status == 200
        assert response.content_type == "application/json"
        assert await response.read() == b""


async def test_the_rest_channel(client: ClientSession, rasa: FakeRasa) -> None:
    message = {"sender": "li", "message": "房租减免", "metadata": {"message_id": "m1", "x": 1}}
    async with client.post(WEBHOOK, json=message) as response:
        (reply,) = await body_of(response)
    assert reply["recipient_id"] == "li"
    assert reply["text"] == "答：房租减免"
    assert reply["custom"]["type"] == "text"
    assert reply["custom"]["kb_version"]
    async with client.post(WEBHOOK, json=message) as response:
        assert await body_of(response) == [reply]
    assert len(rasa.worked) == 1
    assert rasa.worked[0][1] == "rest:li"
    async with client.post(WEBHOOK, json={**message, "message": "别的"}) as response:
        await expect_error(response, 409)


@pytest.mark.parametrize(
    ("raw", "status", "field"),
    [
        (b"", 400, None),
        (b"{", 400, None),
        (b"[]", 400, None),
        (b"null", 400, None),
        (b"\xff\xfe\x00", 400, None),
        (b"\x89PNG\r\n\x1a\n\x00\x00", 400, None),
        (b'{"sender":"a","message":"b","message":"c"}', 400, None),
        (b'{"sender":"a","message":NaN}', 400, None),
        (b"[" * 100_000, 400, None),
        (b"{}", 422, "sender"),
        (b'{"sender":"a"}', 422, "message"),
        (b'{"sender":"","message":"b"}', 422, "sender"),
        (b'{"sender":"  ","message":"b"}', 422, "sender"),
        (b'{"sender":"a\\u0000","message":"b"}', 422, "sender"),
        (b'{"sender":"\\ud800","message":"b"}', 422, "sender"),
        (b'{"sender":1,"message":"b"}', 422, "sender"),
        (b'{"sender":"a","message":null}', 422, "message"),
        (b'{"sender":"a","message":["b"]}', 422, "message"),
        (b'{"sender":"a","message":"\\ud83d"}', 422, "message"),
        (b'{"sender":"a","message":"b","extra":1}', 422, "extra"),
        (b'{"sender":"a","message":"b","metadata":[]}', 422, "metadata"),
        (b'{"sender":"a","message":"b","metadata":{"message_id":7}}', 422, "metadata.message_id"),
        (b'{"sender":"a","message":"b","metadata":{"message_id":""}}', 422, "metadata.message_id"),
    ],
)
async def test_bad_messages_are_refused_and_never_worked(
    client: ClientSession, rasa: FakeRasa, raw: bytes, status: int, field: str | None
) -> None:
    async with client.post(WEBHOOK, data=raw) as response:
        error = await expect_error(response, status)
    assert error.get("field") == field
    assert rasa.worked == []


async def test_a_megabyte_is_too_large(client: ClientSession, rasa: FakeRasa) -> None:
    big = json.dumps({"sender": "a", "message": "稳" * 400_000}).encode()
    async with client.post(WEBHOOK, data=big) as response:
        await expect_error(response, 413)
    assert rasa.worked == []


@pytest.mark.parametrize("text", ["", " ", "\n\t", "😀", "\u0000\u0007", "....", "长" * 4001])
async def test_what_says_nothing_gets_a_plain_sentence(
    client: ClientSession, rasa: FakeRasa, text: str
) -> None:
    async with client.post(WEBHOOK, json={"sender": "a", "message": text}) as response:
        (reply,) = await body_of(response)
    assert reply["custom"]["type"] == "text"
    assert len(reply["text"]) > 8
    assert rasa.worked == []


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script> 补贴",
        "'; DROP TABLE turns; -- 补贴",
        "/restart",
        '/ask_policy{"clause_id":"x"}',
        "{{7*7}} ${HOME} %s 补贴",
    ],
)
async def test_hostile_text_is_text(client: ClientSession, rasa: FakeRasa, text: str) -> None:
    async with client.post(WEBHOOK, json={"sender": "a", "message": text}) as response:
        (reply,) = await body_of(response)
    assert reply["text"] == f"答：{text}"


@pytest.mark.parametrize(
    "sender", ["李四", "a b", "\u3000x", "x\u200b", "é" * 200, "😀", "a/b?c#d"]
)
async def test_any_visible_sender_is_a_conversation_of_its_own(
    client: ClientSession, rasa: FakeRasa, sender: str
) -> None:
    async with client.post(WEBHOOK, json={"sender": sender, "message": "补贴"}) as response:
        (reply,) = await body_of(response)
    assert reply["recipient_id"] == sender
    assert rasa.worked[0][1] == f"rest:{sender}"


async def test_the_token_is_asked_for(serve: Serve) -> None:
    client = await serve(rest_token="秘密 token")
    message = {"sender": "a", "message": "补贴"}
    for header in (None, "Bearer x", "Basic abc", "Bearer", "Bearer 秘密"):
        headers = {"Authorization": header} if header else {}
        async with client.post(WEBHOOK, json=message, headers=headers) as response:
            await expect_error(response, 401)
            assert response.headers["WWW-Authenticate"] == "Bearer"
    headers = {"Authorization": "Bearer 秘密 token"}
    async with client.post(WEBHOOK, json=message, headers=headers) as response:
        assert response.status == 200


async def test_without_a_token_the_channel_is_off_beyond_loopback(serve: Serve) -> None:
    client = await serve(host="0.0.0.0")
    async with client.post(WEBHOOK, json={"sender": "a", "message": "补贴"}) as response:
        await expect_error(response, 403)


async def test_too_many_messages_of_one_person(client: ClientSession, rasa: FakeRasa) -> None:
    rasa.gate.clear()  # none is answered before all have come, however slow the machine

    async def send(number: int) -> int:
        message = {"sender": "a", "message": f"问题{number}"}
        async with client.post(WEBHOOK, json=message) as response:
            if response.status == 429:
                await expect_error(response, 429)
                assert response.headers["Retry-After"]
            return response.status

    sent = [asyncio.create_task(send(n)) for n in range(12)]
    try:
        first, _ = await asyncio.wait(sent, timeout=30, return_when=asyncio.FIRST_COMPLETED)
        refused = [task.result() for task in first]
    finally:
        rasa.gate.set()
    assert set(refused) == {429}
    assert set(await asyncio.gather(*sent)) == {200, 429}


@pytest.mark.parametrize("mode", ["error", "rubbish", "break"])
async def test_rasa_away_is_said_in_plain_words(
    client: ClientSession, rasa: FakeRasa, mode: str
) -> None:
    rasa.mode = mode
    async with client.post(WEBHOOK, json={"sender": "a", "message": "补贴"}) as response:
        error = await expect_error(response, 503)
    assert "稍后" in error["message"]


async def wait_for(client: ClientSession, status: int) -> dict[str, Any]:
    for _ in range(100):
        async with client.get("/readyz") as response:
            if response.status == status:
                return dict(await response.json())
        await asyncio.sleep(0.05)
    raise AssertionError(f"/readyz never became {status}")


async def test_ready_only_when_a_question_gets_a_clause(
    client: ClientSession, rasa: FakeRasa
) -> None:
    async with client.get("/healthz") as response:
        assert (await body_of(response))["status"] == "ok"
    body = await wait_for(client, 503)
    assert body["checks"]["rasa"] != "ok"
    assert body["error"]["code"] == "away"
    rasa.custom = {"type": "policy_answer", "clauses": [{"clause_id": "x"}]}
    body = await wait_for(client, 200)
    assert body["checks"] == {"database": "ok", "rasa": "ok", "knowledge": "ok"}
    rasa.mode = "away"
    await wait_for(client, 503)
    rasa.mode = "ok"
    await wait_for(client, 200)


async def test_metrics_stay_off_the_public_port(serve: Serve) -> None:
    client = await serve()
    async with client.post(WEBHOOK, json={"sender": "a", "message": "补贴"}):
        pass
    async with client.get("/metrics") as response:
        await expect_error(response, 404)
    internal = f"http://127.0.0.1:{client.actions_port}/metrics"  # type: ignore[attr-defined]
    async with aiohttp.ClientSession() as session, session.get(internal) as response:
        text = await response.text()
    assert 'wence_turns_total{channel="rest",outcome="answered"} 1.0' in text
    assert "wence_clauses 1312.0" in text


async def test_metrics_can_be_made_public(serve: Serve) -> None:
    client = await serve(metrics_public=True)
    async with client.get("/metrics") as response:
        assert response.status == 200


async def raw(client: ClientSession, request: bytes) -> bytes:
    """What comes back for bytes that aiohttp's client would not send."""
    assert client._base_url is not None
    reader, writer = await asyncio.open_connection("127.0.0.1", client._base_url.port)
    writer.write(request)
    await writer.drain()
    answer = await asyncio.wait_for(reader.read(65536), 10)
    writer.close()
    return answer


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (
            b"POST /webhooks/rest/webhook HTTP/1.1\r\nHost: x\r\n"
            b"Transfer-Encoding: chunked\r\n\r\n%b\r\n",
            400,
        ),
        (b"%b\r\n\r\n", 400),
        (
            b"POST /webhooks/rest/webhook HTTP/1.1\r\nHost: x\r\nContent-Encoding: gzip\r\n"
            b"Content-Length: 20\r\nConnection: close\r\n\r\n%b",
            400,
        ),
        (
            b"POST /webhooks/rest/webhook HTTP/1.1\r\nHost: x\r\nExpect: %b\r\n"
            b"Content-Length: 0\r\nConnection: close\r\n\r\n",
            417,
        ),
    ],
)
async def test_malformed_http_gets_our_error_and_no_echo(
    client: ClientSession, request_: bytes, status: int
) -> None:
    words = "张三13800001234".encode().ljust(20, b"!")
    answer = await raw(client, request_ % words)
    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.") and str(status).encode() in head.split(b"\r\n")[0]
    assert b"application/json" in head
    assert set(json.loads(body)) == {"error"}
    assert b"13800001234" not in answer


async def test_logs_hold_no_bodies(client: ClientSession, rasa: FakeRasa) -> None:
    stream = io.StringIO()
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    logs.configure("INFO", stream)
    try:
        secret = "张三手机13800001234补贴"
        async with client.post(WEBHOOK, json={"sender": "a", "message": secret}):
            pass
        rasa.mode = "error"
        async with client.post(WEBHOOK, json={"sender": "a", "message": secret}):
            pass
        async with client.post(WEBHOOK, data=secret.encode()):
            pass
        await raw(
            client,
            b"POST /webhooks/rest/webhook HTTP/1.1\r\nHost: x\r\n"
            b"Transfer-Encoding: chunked\r\n\r\n" + secret.encode() + b"\r\n",
        )
        events = [json.loads(line)["event"] for line in stream.getvalue().splitlines()]
    finally:
        root.handlers[:], root.level = handlers, level
        structlog.reset_defaults()
    assert {"turn_answered", "turn_failed", "request_malformed"} <= set(events)
    assert "13800001234" not in stream.getvalue()
    assert "张三" not in stream.getvalue()


@settings(
    max_examples=80,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(message=st.text(max_size=300), sender=st.text(min_size=1, max_size=30))
async def test_whatever_is_sent_is_answered_or_refused_in_shape(
    client: ClientSession, message: str, sender: str
) -> None:
    async with client.post(WEBHOOK, json={"sender": sender, "message": message}) as response:
        body = await body_of(response)
    if response.status == 200:
        assert body and all(reply["text"] and reply["recipient_id"] == sender for reply in body)
    else:
        assert response.status == 422
        assert body["error"]["field"] in {"sender", "message"}


async def test_the_openapi_document_names_every_route(client: ClientSession) -> None:
    async with client.get("/api/v1/openapi.json") as response:
        document = await body_of(response)
    assert document["openapi"].startswith("3.1")
    assert {
        "/webhooks/rest/webhook",
        "/api/v1/search",
        "/api/v1/clauses",
        "/api/v1/clauses/{id}",
        "/api/v1/documents",
        "/api/v1/documents/{id}",
        "/api/v1/facts",
        "/api/v1/programmes",
        "/api/v1/programmes/{id}",
        "/api/v1/eligibility",
        "/api/v1/match",
        "/healthz",
        "/readyz",
    } == {path for path in document["paths"] if not path.startswith(("/chat/", "/desk/"))}
    assert {"/chat/api/messages", "/desk/api/search"} <= set(document["paths"])
