"""The guards in front of every callback."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer, make_mocked_request

from bot.api.http import error_middleware
from bot.channels.platform.crypto import EnvelopeError
from bot.channels.platform.request import (
    MAX_BODY,
    ClockOffset,
    FailureLimiter,
    check_window,
    opening,
    read_body,
    read_parameters,
)
from bot.errors import RequestError

NOW = 1_780_000_000.0
HOUR = 3600.0


@pytest.fixture
async def client() -> AsyncIterator[TestClient[web.Request, web.Application]]:
    """Answers with the number of bytes it read."""

    async def handler(request: web.Request) -> web.Response:
        return web.Response(text=str(len(await read_body(request))))

    app = web.Application(middlewares=[error_middleware], client_max_size=2**20)
    app.router.add_post("/", handler)
    async with TestClient(TestServer(app)) as made:
        yield made


@pytest.mark.parametrize("size", [0, 1, MAX_BODY])
async def test_a_body_up_to_the_bound_is_read(
    client: TestClient[web.Request, web.Application], size: int
) -> None:
    async with client.post("/", data=b"x" * size) as response:
        assert (response.status, await response.text()) == (200, str(size))


@pytest.mark.parametrize("chunked", [True, False])
async def test_a_body_over_the_bound_is_refused(
    client: TestClient[web.Request, web.Application], chunked: bool
) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(MAX_BODY // 1024):
            yield b"x" * 1024
        yield b"x"

    data = pieces() if chunked else b"x" * (MAX_BODY + 1)
    async with client.post("/", data=data) as response:
        assert response.status == 413
        assert (await response.json())["error"]["code"] == "too_large"


def test_parameters_in_their_order() -> None:
    request = make_mocked_request("GET", "/?b=2&a=%E9%97%AE&c=3")
    assert read_parameters(request, "a", "b") == ["问", "2"]


@pytest.mark.parametrize("query", ["", "a=", "b=1", "a=1&a=2", "a=" + "x" * 4097])
def test_parameters_that_are_refused(query: str) -> None:
    with pytest.raises(RequestError) as caught:
        read_parameters(make_mocked_request("GET", f"/?{query}"), "a")
    assert (caught.value.status, caught.value.field) == (400, "a")


@pytest.mark.parametrize("apart", [0, 600, -600, 599.5, -599.5])
def test_a_request_in_the_window_passes(apart: float) -> None:
    check_window(f"{NOW + apart:.0f}", NOW, 10)


@pytest.mark.parametrize("apart", [601, -601, HOUR, -HOUR, -NOW])
def test_a_request_outside_is_refused(apart: float) -> None:
    with pytest.raises(RequestError) as caught:
        check_window(f"{NOW + apart:.0f}", NOW, 10)
    assert (caught.value.status, caught.value.code) == (403, "stale")


def test_with_an_offset_both_windows_are_open() -> None:
    check_window(f"{NOW + HOUR:.0f}", NOW, 10, HOUR)
    check_window(f"{NOW:.0f}", NOW, 10, HOUR)
    with pytest.raises(RequestError):
        check_window(f"{NOW + HOUR / 2:.0f}", NOW, 10, HOUR)


@pytest.mark.parametrize("timestamp", ["", "now", "-1", "1.5", "+1", "1" * 13, "１２３", " 1"])
def test_what_is_no_timestamp_is_refused(timestamp: str) -> None:
    with pytest.raises(RequestError) as caught:
        check_window(timestamp, NOW, 10)
    assert caught.value.status == 400


def heard(*offsets: float, every: float = 5.0) -> ClockOffset:
    """What is known after requests that were so far ahead of our clock, the last one now."""
    clock = ClockOffset()
    for i, ahead in enumerate(offsets):
        now = NOW - (len(offsets) - 1 - i) * every
        clock.note(f"signature {i}", f"{now + ahead:.0f}", now)
    return clock


def test_a_clock_that_is_right_is_no_fault() -> None:
    clock = heard(0, 1, -1, 2, 0)
    assert abs(clock.seconds(NOW)) <= 1
    assert clock.fault(NOW) is None


def test_the_third_delivery_passes_where_the_clock_is_off() -> None:
    assert heard(HOUR, HOUR).seconds(NOW) == 0.0
    assert heard(HOUR, HOUR, HOUR + 1).seconds(NOW) == HOUR


@pytest.mark.parametrize(
    ("ahead", "sentence"),
    [
        (HOUR, "本机时钟比平台慢约 60 分钟，请校准本机时间"),
        (-8 * HOUR, "本机时钟比平台快约 480 分钟，请校准本机时间"),
        (61, "本机时钟比平台慢约 1 分钟，请校准本机时间"),
        (59, None),
    ],
)
def test_a_clock_that_is_off_is_told(ahead: float, sentence: str | None) -> None:
    assert heard(*[ahead] * 5).fault(NOW) == sentence


def test_one_request_counts_once() -> None:
    clock = ClockOffset()
    for i in range(9):
        clock.note("recorded", f"{NOW - HOUR:.0f}", NOW + i)
    assert clock.seconds(NOW + 9) == 0.0


def test_a_few_replays_do_not_move_it() -> None:
    assert abs(heard(0, 1, 0, -HOUR, -HOUR, -HOUR, 1, 0, 0).seconds(NOW)) <= 1


def test_replays_of_many_ages_agree_on_nothing() -> None:
    assert heard(-HOUR, -2 * HOUR, -3 * HOUR, -4 * HOUR, -5 * HOUR).seconds(NOW) == 0.0


def test_an_offset_over_a_day_is_not_believed() -> None:
    assert heard(*[-86_500.0] * 9).seconds(NOW) == 0.0
    assert heard(*[-86_300.0] * 9).seconds(NOW) == -86_300


def test_what_is_long_ago_does_not_count() -> None:
    clock = heard(HOUR, HOUR, HOUR)
    assert clock.seconds(NOW + HOUR + 1) == 0.0
    assert clock.seconds(NOW - HOUR) == 0.0, "our clock was set back"


def test_when_the_clock_is_put_right_the_fault_goes() -> None:
    clock = heard(*[HOUR] * 9)
    assert clock.fault(NOW) is not None
    for i in range(9):
        clock.note(f"later {i}", f"{NOW + HOUR + i:.0f}", NOW + HOUR + i)
    assert clock.fault(NOW + HOUR + 9) is None


def test_an_address_has_so_many_failures() -> None:
    limiter = FailureLimiter(burst=3, pause=10)
    assert [limiter.failed("1.2.3.4", 0) for _ in range(5)] == [True, True, True, False, False]
    assert limiter.failed("1.2.3.5", 0), "another address has its own"
    assert not limiter.failed("1.2.3.4", 9)
    assert [limiter.failed("1.2.3.4", 10 + t) for t in (0, 1)] == [True, False]
    assert [limiter.failed("1.2.3.4", 1000) for _ in range(4)] == [True, True, True, False]
    assert not limiter.failed("1.2.3.4", 500), "a clock set back wins nothing"


def test_one_customer_of_ipv6_is_one_address() -> None:
    limiter = FailureLimiter(burst=1)
    assert limiter.failed("2001:db8:1:2::1", 0)
    assert not limiter.failed("2001:db8:1:2:ffff::1%eth0", 0)
    assert limiter.failed("2001:db8:1:3::1", 0)
    assert limiter.failed("::ffff:1.2.3.4", 0) and not limiter.failed("1.2.3.4", 0)
    assert limiter.failed("", 0) and not limiter.failed("", 0)


def test_the_memory_is_bounded() -> None:
    limiter = FailureLimiter(burst=1, most=2)
    for address in ("a", "b", "c"):
        assert limiter.failed(address, 0)
    assert not limiter.failed("c", 0)
    assert limiter.failed("a", 0), "dropped, and new again"


def test_whatever_is_wrong_the_answer_is_the_same() -> None:
    limiter = FailureLimiter(burst=2)
    request = make_mocked_request("POST", "/wecom/callback")
    answers = []
    for _ in range(3):
        with pytest.raises(RequestError) as caught, opening(request, "wecom", limiter, NOW):
            raise EnvelopeError
        answers.append((caught.value.status, caught.value.code))
    assert answers == [(403, "forbidden"), (403, "forbidden"), (429, "too_many")]
    with opening(request, "wecom", limiter, NOW):
        """A good one passes all the same."""
