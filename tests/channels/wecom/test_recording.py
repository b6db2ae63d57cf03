"""A voice message's recording: fetched with the app's token, measured, and what goes wrong."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any, cast

import pytest
import structlog
from aiohttp import web

from bot.channels.platform.api import PlatformApi
from bot.channels.platform.faults import SetupFaults
from bot.channels.platform.tokens import AccessToken
from bot.channels.platform.transport import Transport
from bot.channels.wecom import WecomOutlet, classify
from bot.channels.wecom import recording as recordings
from bot.channels.wecom.recording import amr_seconds
from tests.channels.wecom.platform import Api, recording
from tests.channels.wecom.words import sentence

ADDRESS = {"touser": "zhangsan", "agentid": 1000002, "media_id": "m-1"}


@pytest.mark.parametrize(
    ("mode", "size"),
    [(0, 12), (1, 13), (2, 15), (3, 17), (4, 19), (5, 20), (6, 26), (7, 31), (8, 5), (15, 0)],
)
def test_the_length_at_every_rate(mode: int, size: int) -> None:
    assert amr_seconds(recording(4, mode, size)) == pytest.approx(4)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"#!AMR\n",
        b"#!AMR-WB\n" + bytes(100),
        b"RIFF" + bytes(100),
        recording(1)[:-1],  # cut off in the last frame
        b"#!AMR\n" + bytes([9 << 3]) * 40,  # no such mode
    ],
)
def test_what_is_no_whole_recording_has_no_length(content: bytes) -> None:
    assert amr_seconds(content) is None


async def test_it_is_fetched_by_its_id(outlet: WecomOutlet, api: Api) -> None:
    api.media["m-1"] = recording(31.4)
    assert await outlet.listen(ADDRESS) == pytest.approx(31.4)
    assert api.fetched == [{"access_token": "token-0", "media_id": "m-1"}]


@pytest.mark.parametrize("address", [{}, {"media_id": None}, {"media_id": 7}])
async def test_without_an_id_nothing_is_called(
    outlet: WecomOutlet, api: Api, address: dict[str, Any]
) -> None:
    assert await outlet.listen({"touser": "zhangsan", **address}) is None
    assert api.fetched == []


async def test_one_that_is_gone_or_no_recording_has_no_length(
    outlet: WecomOutlet, api: Api
) -> None:
    assert await outlet.listen(ADDRESS) is None
    api.media["m-1"] = b"<html>502</html>"
    assert await outlet.listen(ADDRESS) is None
    api.media["m-1"] = b'{"this": "is JSON and no refusal"}'
    assert await outlet.listen(ADDRESS) is None
    assert outlet.fault() is None


async def test_more_than_a_voice_message_can_be_is_not_read(outlet: WecomOutlet, api: Api) -> None:
    api.media["m-1"] = recording(recordings._MOST_BYTES / 32 * 0.02 + 1)
    with structlog.testing.capture_logs() as logs:
        assert await outlet.listen(ADDRESS) is None
    assert [entry["cause"] for entry in logs] == ["connection"]


async def test_a_token_that_died_is_renewed_once(api: Api) -> None:
    calls: list[str] = []

    async def get() -> str:
        return "token-old"

    async def renew(stale: str) -> str:
        calls.append(stale)
        return "token-new"

    api.dead.add("token-old")
    api.media["m-1"] = recording(2)
    token = cast(AccessToken, SimpleNamespace(get=get, renew=renew))
    faults = SetupFaults("wecom")
    async with Transport(api.url) as transport:
        made = WecomOutlet(PlatformApi(transport, token, faults, classify), faults, sentence)
        assert await made.listen(ADDRESS) == pytest.approx(2)
    assert calls == ["token-old"]
    assert [query["access_token"] for query in api.fetched] == ["token-old", "token-new"]


@pytest.mark.parametrize("status", [302, 404, 500])
async def test_a_status_that_is_none_of_success(status: int) -> None:
    async def answer(_: web.Request) -> web.Response:
        return web.Response(status=status, body=recording(2), headers={"Location": "/elsewhere"})

    assert await _from(answer) is None


async def test_whoever_speaks_does_not_wait_for_a_platform_that_hangs(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(recordings, "_PATIENCE", 0.1)
    gone = asyncio.Event()

    async def answer(_: web.Request) -> web.Response:
        await gone.wait()
        return web.Response()

    with structlog.testing.capture_logs() as logs:
        assert await _from(answer, gone) is None
    assert [entry["cause"] for entry in logs] == ["late"]


async def _from(answer: Any, gone: asyncio.Event | None = None) -> float | None:
    """What comes of a platform that answers so."""

    async def give(*_: object) -> str:
        return "token-0"

    app = web.Application()
    app.router.add_get("/cgi-bin/media/get", answer)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        base = f"http://127.0.0.1:{runner.addresses[0][1]}"
        token = cast(AccessToken, SimpleNamespace(get=give, renew=give))
        faults = SetupFaults("wecom")
        async with Transport(base) as transport:
            made = WecomOutlet(PlatformApi(transport, token, faults, classify), faults, sentence)
            return await made.listen(ADDRESS)
    finally:
        if gone is not None:
            gone.set()
        await runner.cleanup()
