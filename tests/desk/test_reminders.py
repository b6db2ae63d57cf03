"""What an operator must see to now is there without being looked for."""

from __future__ import annotations

from typing import Any

import pytest

from bot.desk import live
from tests.desk.conftest import PASSWORD, Browser, House, SignInAs
from tests.desk.test_talks import next_frame


async def pressing(browser: Browser) -> list[tuple[str, str]]:
    items = (await browser.get("/reminders"))["items"]
    return [(item["why"], item["ticket"]["topic"]) for item in items]


async def test_tickets_press_when_their_day_or_hour_has_come(
    house: House, sign_in_as: SignInAs
) -> None:
    wang, li = await sign_in_as("wang"), await sign_in_as("li")
    # It is Friday, 20 November 2026, 10:00 in Shanghai.
    for topic, more in (
        ("过期", {"due_on": "2026-11-19"}),
        ("更早过期", {"due_on": "2026-11-02"}),
        ("今天到期", {"due_on": "2026-11-20"}),
        ("明天到期", {"due_on": "2026-11-21"}),
        ("办结了", {"due_on": "2026-11-01", "closed": True}),
        ("该回电", {"call_at": "2026-11-20T10:00:00+08:00", "due_on": "2026-11-30"}),
        ("稍后回电", {"call_at": "2026-11-20T03:00:00Z"}),
        ("没有期限", {}),
    ):
        await wang.post("/tickets", {"topic": topic, **more})
    expected = [
        ("call", "该回电"),
        ("overdue", "更早过期"),
        ("overdue", "过期"),
        ("today", "今天到期"),
    ]
    assert await pressing(wang) == expected
    assert await pressing(li) == []
    house.clock.pass_by(hours=1)
    assert await pressing(wang) == [("call", "该回电"), ("call", "稍后回电"), *expected[1:]]
    house.clock.pass_by(hours=13)
    await wang.post("/sign-in", {"name": "wang", "password": PASSWORD})
    # Past midnight in Shanghai.
    late = [("overdue", "今天到期"), ("today", "明天到期")]
    assert (await pressing(wang))[-2:] == late


async def test_a_call_back_that_was_made_or_passed_on_presses_no_more(
    house: House, sign_in_as: SignInAs
) -> None:
    wang, li = await sign_in_as("wang"), await sign_in_as("li")
    past = "2026-11-20T01:00:00Z"
    one = await wang.post("/tickets", {"topic": "回电", "call_at": past})
    assert one["call_at"] == past
    two = await wang.post("/tickets", {"topic": "转给小李", "call_at": past})
    await wang.post(f"/tickets/{one['id']}", {"version": 1, "call_at": None})
    await wang.post(f"/tickets/{two['id']}", {"version": 1, "owner": "li"})
    assert await pressing(wang) == []
    assert await pressing(li) == [("call", "转给小李")]


@pytest.mark.parametrize(
    "moment",
    [
        "",
        "soon",
        1763600000,
        "2026-11-20",
        "2026-11-20T10:00:00",
        "9999-12-31T23:59:59-12:00",
        True,
    ],
)
async def test_what_is_no_moment(house: House, sign_in_as: SignInAs, moment: Any) -> None:
    wang = await sign_in_as("wang")
    await wang.post("/tickets", {"topic": "回电", "call_at": moment}, 422)


async def test_the_page_is_told_when_the_time_comes(
    house: House, sign_in_as: SignInAs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "_BEAT", 0.05)
    wang = await sign_in_as("wang")
    await wang.post("/tickets", {"topic": "回电", "call_at": "2026-11-20T11:00:00+08:00"})
    url, origin = f"{house.address}/desk/api/ws", {"Origin": house.address}
    async with wang.session.ws_connect(url, headers=origin) as socket:
        for topic in ("queue", "board", "tickets"):
            await next_frame(socket, topic)
        house.clock.pass_by(hours=1)
        await next_frame(socket, "reminders")
        assert await pressing(wang) == [("call", "回电")]
