"""Calls to a platform that behaves badly, and what is made of each outcome."""

from __future__ import annotations

import asyncio
import ssl
import traceback
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import structlog
from aiohttp import web
from aiohttp.test_utils import TestServer, unused_port
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from bot.channels.platform.api import PlatformApi
from bot.channels.platform.faults import SetupFaults
from bot.channels.platform.tokens import TokenError
from bot.channels.platform.transport import (
    MAX_ANSWER,
    NotSentError,
    OutcomeUnknownError,
    Transport,
)
from bot.conversations.outlet import (
    SendLaterError,
    SendRefusedError,
    SendUnknownError,
    WaitForPersonError,
)
from bot.errors import StorageError

PATH = "/cgi-bin/message/send"
BODY = {"touser": "zhangsan7", "text": {"content": "首次小升规奖励"}}
SECRETS = ("T-1", "T-2", "小升规", "zhangsan7")


class Token:
    """A token that can be renewed, or fails as it is told."""

    def __init__(self) -> None:
        self.number = 1
        self.renewed: list[str] = []
        self.failure: Exception | None = None

    async def get(self) -> str:
        if self.failure is not None:
            raise self.failure
        return f"T-{self.number}"

    async def renew(self, stale: str) -> str:
        self.renewed.append(stale)
        self.number += 1
        return await self.get()


class Platform:
    """Answers in turn with what ``answers`` holds, the last one again and again."""

    def __init__(self) -> None:
        self.answers: list[Any] = [{"errcode": 0, "errmsg": "ok"}]
        self.calls: list[tuple[str, str, Any]] = []

    async def handle(self, request: web.Request) -> web.StreamResponse:
        token = request.query.get("access_token", "")
        body = await request.json() if request.can_read_body else None
        self.calls.append((request.path, token, body))
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if callable(answer):
            made: web.StreamResponse = await answer(request)
            return made
        return web.json_response(answer)


@pytest.fixture
def platform() -> Platform:
    return Platform()


@pytest.fixture
def token() -> Token:
    return Token()


@pytest.fixture
def faults() -> SetupFaults:
    return SetupFaults("wecom")


@asynccontextmanager
async def calling(base: str, total: float = 5.0) -> AsyncIterator[Transport]:
    async with Transport(base, connect_seconds=2.0, total_seconds=total) as transport:
        yield transport


@pytest.fixture
async def transport(platform: Platform) -> AsyncIterator[Transport]:
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", platform.handle)
    async with TestServer(app) as server, calling(str(server.make_url("/"))) as made:
        yield made


@pytest.fixture
def api(transport: Transport, token: Token, faults: SetupFaults) -> PlatformApi:
    return PlatformApi(transport, token, faults)  # type: ignore[arg-type]


async def test_a_call_that_goes_well(api: PlatformApi, platform: Platform) -> None:
    platform.answers = [{"errcode": 0, "errmsg": "ok", "invaliduser": "bob"}]
    assert await api.post(PATH, BODY) == {"errcode": 0, "errmsg": "ok", "invaliduser": "bob"}
    assert platform.calls == [(PATH, "T-1", BODY)]


@pytest.mark.parametrize("errcode", [40001, 40014, 42001])
async def test_a_refused_token_is_renewed_once(
    api: PlatformApi, platform: Platform, token: Token, errcode: int
) -> None:
    platform.answers = [{"errcode": errcode}, {"errcode": 0}]
    await api.post(PATH, BODY)
    assert [call[1] for call in platform.calls] == ["T-1", "T-2"]
    assert token.renewed == ["T-1"]


async def test_a_token_refused_again_is_a_fault_of_the_set_up(
    api: PlatformApi, platform: Platform, token: Token, faults: SetupFaults
) -> None:
    platform.answers = [{"errcode": 40001}]
    with pytest.raises(SendLaterError) as caught:
        await api.post(PATH, BODY)
    assert caught.value.reason == "token_refused" and len(platform.calls) == 2
    assert "别的程序" in (faults.sentence() or "")


@pytest.mark.parametrize(
    ("errcode", "after"), [(-1, None), (45009, 300.0), (45033, 60.0), (45011, 60.0)]
)
async def test_a_busy_platform_is_tried_later(
    api: PlatformApi, platform: Platform, errcode: int, after: float | None
) -> None:
    platform.answers = [{"errcode": errcode, "errmsg": "system busy"}]
    with pytest.raises(SendLaterError) as caught:
        await api.post(PATH, BODY)
    assert (caught.value.reason, caught.value.after) == (f"errcode_{errcode}", after)
    assert len(platform.calls) == 1


@pytest.mark.parametrize("errcode", [60020, 48002, 301002])
async def test_a_fault_of_the_set_up_is_told_and_tried_later(
    api: PlatformApi, platform: Platform, faults: SetupFaults, errcode: int
) -> None:
    platform.answers = [{"errcode": errcode, "errmsg": "from ip: 203.0.113.7, x"}, {"errcode": 0}]
    with pytest.raises(SendLaterError) as caught:
        await api.post(PATH, BODY)
    assert caught.value.after == 60.0
    assert faults.sentence() is not None
    assert ("203.0.113.7" in (faults.sentence() or "")) == (errcode == 60020)
    await api.post(PATH, BODY)
    assert faults.sentence() is None, "the next success shows that it is cured"


async def test_an_errcode_that_nobody_knows_is_final(api: PlatformApi, platform: Platform) -> None:
    platform.answers = [{"errcode": 40058, "errmsg": "invalid request parameter"}]
    with pytest.raises(SendRefusedError) as caught:
        await api.post(PATH, BODY)
    assert caught.value.reason == "errcode_40058"


async def test_the_channel_reads_errcodes_first(
    transport: Transport, token: Token, faults: SetupFaults, platform: Platform
) -> None:
    def classify(errcode: int) -> Exception | None:
        return WaitForPersonError(f"c_{errcode}") if errcode in {45015, 48001, 45009} else None

    api = PlatformApi(transport, token, faults, classify)  # type: ignore[arg-type]
    for errcode in (45015, 48001, 45009):
        platform.answers = [{"errcode": errcode}]
        with pytest.raises(WaitForPersonError, match=f"c_{errcode}"):
            await api.post(PATH, BODY)
    assert "权限" in (faults.sentence() or ""), "a missing right is told all the same"
    platform.answers = [{"errcode": -1}]
    with pytest.raises(SendLaterError):
        await api.post(PATH, BODY)


async def slow(request: web.Request) -> web.Response:
    await asyncio.Event().wait()
    raise AssertionError


async def cut(request: web.Request) -> web.Response:
    assert request.transport is not None
    request.transport.abort()
    return web.Response()


async def half(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Length": "100"})
    await response.prepare(request)
    await response.write(b'{"errcode":')
    assert request.transport is not None
    request.transport.abort()
    return response


async def endless(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse()
    await response.prepare(request)
    for _ in range(MAX_ANSWER // 1024 + 10):
        await response.write(b" " * 1024)
    return response


def saying(status: int = 200, text: str = "", **headers: str) -> Callable[[web.Request], Any]:
    async def answer(request: web.Request) -> web.Response:
        return web.Response(status=status, text=text, headers=headers)

    return answer


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (cut, "connection"),
        (half, "connection"),
        (endless, "connection"),
        (saying(500), "http_500"),
        (saying(502, "<html>bad gateway</html>"), "http_502"),
        (saying(503, '{"errcode":0}'), "http_503"),
        (saying(201, '{"errcode":0}'), "http_201"),
        (saying(200, ""), "not_json"),
        (saying(200, "<html>"), "not_json"),
        (saying(200, "[]"), "not_json"),
        (saying(200, "null"), "not_json"),
        (saying(200, "[" * 100_000), "not_json"),
        (saying(200, '{"errcode":0'), "not_json"),
        (saying(200, "{}"), "no_errcode"),
        (saying(200, '{"errcode":"0"}'), "no_errcode"),
        (saying(200, '{"errcode":true}'), "no_errcode"),
        (saying(200, '{"errcode":null}'), "no_errcode"),
    ],
)
async def test_what_may_have_arrived_is_unknown(
    api: PlatformApi, platform: Platform, answer: Any, reason: str
) -> None:
    platform.answers = [answer]
    with pytest.raises(SendUnknownError) as caught:
        await api.post(PATH, BODY)
    assert caught.value.reason == reason
    assert len(platform.calls) == 1, "nothing is repeated whose outcome is unknown"
    assert_nothing_shows(caught.value)


async def test_a_late_answer_is_unknown(
    platform: Platform, token: Token, faults: SetupFaults
) -> None:
    app = web.Application()
    app.router.add_post(PATH, platform.handle)
    platform.answers = [slow]
    async with TestServer(app) as server, calling(str(server.make_url("/")), 0.3) as transport:
        with pytest.raises(SendUnknownError, match="timeout"):
            await PlatformApi(transport, token, faults).post(PATH, BODY)  # type: ignore[arg-type]


@pytest.mark.parametrize("status", [301, 302, 307, 308, 400, 403, 404, 413, 429])
async def test_what_was_turned_away_did_not_arrive(
    api: PlatformApi, platform: Platform, status: int
) -> None:
    platform.answers = [saying(status, Location="/elsewhere")]
    with pytest.raises(SendLaterError, match=f"http_{status}"):
        await api.post(PATH, BODY)
    assert [call[0] for call in platform.calls] == [PATH], "no redirect is followed"


async def test_what_finds_no_connection_did_not_arrive(token: Token, faults: SetupFaults) -> None:
    for base, reason in (
        (f"http://127.0.0.1:{unused_port()}", "connection"),
        ("http://nothing.invalid", "dns"),
    ):
        async with calling(base) as transport:
            with pytest.raises(SendLaterError) as caught:
                await PlatformApi(transport, token, faults).post(  # type: ignore[arg-type]
                    PATH, BODY
                )
        assert caught.value.reason == reason
        assert_nothing_shows(caught.value)


async def test_a_strange_certificate_is_not_trusted(
    tmp_path: Path, token: Token, faults: SetupFaults, platform: Platform
) -> None:
    app = web.Application()
    app.router.add_post(PATH, platform.handle)
    server = TestServer(app, scheme="https")
    await server.start_server(ssl=self_signed(tmp_path))
    try:
        async with calling(str(server.make_url("/"))) as transport:
            with pytest.raises(SendLaterError, match="tls"):
                await PlatformApi(transport, token, faults).post(  # type: ignore[arg-type]
                    PATH, BODY
                )
    finally:
        await server.close()
    assert not platform.calls


def self_signed(folder: Path) -> ssl.SSLContext:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(datetime(2020, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2020, 1, 1, tzinfo=UTC) + timedelta(days=36_500))
        .sign(key, hashes.SHA256())
    )
    (folder / "tls.pem").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "tls.pem")
    return context


async def test_a_server_that_closes_before_the_handshake(token: Token, faults: SetupFaults) -> None:
    async def close(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.transport.abort()

    async with AsyncExitStack() as stack:
        server = await asyncio.start_server(close, "127.0.0.1", 0)
        stack.callback(server.close)
        base = f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        transport = await stack.enter_async_context(calling(base))
        with pytest.raises(SendLaterError):
            await PlatformApi(transport, token, faults).post(PATH, BODY)  # type: ignore[arg-type]


async def test_a_proxy_of_the_environment_is_not_used(
    api: PlatformApi, platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{unused_port()}")
    await api.post(PATH, BODY)
    assert len(platform.calls) == 1


@pytest.mark.parametrize(
    ("failure", "reason", "fault"),
    [
        (TokenError("token_errcode_40013", 40013), "token_errcode_40013", "CorpID"),
        (TokenError("token_errcode_40001", 40001), "token_errcode_40001", "Secret"),
        (TokenError("token_errcode_-1", -1), "token_errcode_-1", None),
        (TokenError("token_unchanged"), "token_unchanged", "别的程序"),
        (TokenError("token_dns"), "token_dns", None),
        (StorageError("数据库暂时不可用"), "storage", None),
    ],
)
async def test_without_a_token_nothing_is_sent(
    api: PlatformApi,
    platform: Platform,
    token: Token,
    faults: SetupFaults,
    failure: Exception,
    reason: str,
    fault: str | None,
) -> None:
    token.failure = failure
    with pytest.raises(SendLaterError) as caught:
        await api.post(PATH, BODY)
    assert caught.value.reason == reason and not platform.calls
    assert (faults.sentence() is None) == (fault is None)
    assert (fault or "") in (faults.sentence() or "")


async def test_the_transport_gets_too(transport: Transport, platform: Platform) -> None:
    platform.answers = [{"access_token": "T", "expires_in": 7200}, saying(404), saying(500)]
    answer = await transport.get("/cgi-bin/gettoken", {"corpid": "ww1", "corpsecret": "s&="})
    assert answer == {"access_token": "T", "expires_in": 7200}
    with pytest.raises(NotSentError):
        await transport.get("/cgi-bin/gettoken", {})
    with pytest.raises(OutcomeUnknownError):
        await transport.get("/cgi-bin/gettoken", {})


async def test_no_log_holds_token_or_body(api: PlatformApi, platform: Platform) -> None:
    platform.answers = [
        {"errcode": 42001, "errmsg": "T-1 小升规"},
        cut,
        {"errcode": 60020, "errmsg": "T-1 小升规 from ip: 203.0.113.7"},
        {"errcode": 0},
    ]
    with structlog.testing.capture_logs() as lines:
        for _ in range(3):
            try:
                await api.post(PATH, BODY)
            except (SendLaterError, SendUnknownError) as error:
                assert_nothing_shows(error)
    assert {line["event"] for line in lines} == {
        "token_refused",
        "platform_answer_unusable",
        "platform_refused",
        "setup_fault",
        "setup_faults_cured",
    }
    for secret in SECRETS:
        assert secret not in str(lines)


def assert_nothing_shows(error: BaseException) -> None:
    """Neither the exception, nor what it was raised from or during, holds a secret."""
    whole = "".join(traceback.format_exception(error, chain=True))
    chained: BaseException | None = error
    while chained is not None:
        whole += f"{chained!r} {chained.args}"
        chained = chained.__cause__ or chained.__context__
    for secret in SECRETS:
        assert secret not in whole
