"""What the desk shares, what it learns from, and the figures."""

from __future__ import annotations

from typing import Any

import pytest

from bot.desk.hours import Hours
from bot.desk.learn import group_alike
from bot.knowledge import Knowledge
from bot.storage.turns import TurnStore
from tests.desk.conftest import House, SignInAs
from tests.desk.test_tickets import table

CLAUSE = "jcgjs-2025-1.cs106"


async def answer(house: House, asked: str, kind: str, sender: str = "visitor", **more: Any) -> str:
    """A question with its recorded answer; the turn's id."""
    await house.hear(asked, sender)
    store = TurnStore(house.database)
    (turn,) = await store.history(f"web:{sender}", 1)
    reply = {"text": "答", "buttons": [], "custom": {"type": kind, "clauses": []}}
    reply["custom"] |= more.pop("custom", {})  # type: ignore[operator]
    await store.answer(turn.turn_id, [{**reply, **more}], "v", house.clock())
    return turn.turn_id


async def test_a_notice_is_pinned_until_it_is_over(house: House, sign_in_as: SignInAs) -> None:
    wang, chief = await sign_in_as("wang"), await sign_in_as("chief", "supervisor")
    await wang.post("/notices", {"text": "系统升级"}, 403)
    await chief.post("/notices", {"text": "税务系统今晚升级", "hours": 1})
    (notice,) = (await wang.get("/notices"))["items"]
    assert (notice["text"], notice["who"]) == ("税务系统今晚升级", "chief")
    house.clock.pass_by(minutes=30)
    await chief.post("/notices", {"text": "第二条"})
    items = (await wang.get("/notices"))["items"]
    assert [one["text"] for one in items] == ["第二条", "税务系统今晚升级"]
    await chief.post(f"/notices/{items[0]['id']}/end")
    house.clock.pass_by(minutes=30)
    assert (await wang.get("/notices"))["items"] == []


async def test_canned_replies(house: House, sign_in_as: SignInAs) -> None:
    wang, chief = await sign_in_as("wang"), await sign_in_as("chief", "supervisor")
    await wang.post("/canned", {"title": "问好", "text": "您好"}, 403)
    await chief.post("/canned", {"title": "问好", "text": "您好，请讲。\n我在听。"})
    (canned,) = (await wang.get("/canned"))["items"]
    assert canned["text"] == "您好，请讲。\n我在听。"
    await chief.post(f"/canned/{canned['id']}/remove")
    assert (await wang.get("/canned"))["items"] == []


async def test_a_wrong_record_is_reported_and_settled_once(
    house: House, sign_in_as: SignInAs
) -> None:
    wang, editor = await sign_in_as("wang"), await sign_in_as("ed", "editor")
    await wang.post("/corrections", {"subject": "nothing", "text": "错了"}, 404)
    await wang.post("/corrections", {"subject": "small_to_scale_award", "text": "名称不对"})
    (report,) = (await editor.get("/corrections"))["items"]
    await wang.post(f"/corrections/{report['id']}", {"accepted": True}, 403)
    await editor.post(f"/corrections/{report['id']}", {"accepted": True})
    await editor.post(f"/corrections/{report['id']}", {"accepted": False}, 409)
    (report,) = (await wang.get("/corrections"))["items"]
    assert (report["state"], report["settled_by"]) == ("accepted", "ed")


async def test_a_question_is_proposed_and_settled_by_an_editor(
    house: House, sign_in_as: SignInAs
) -> None:
    wang, editor = await sign_in_as("wang"), await sign_in_as("ed", "editor")
    body = {"clause_id": CLAUSE, "question": "头一回进规给不给钱"}
    await wang.post("/proposals", {**body, "clause_id": "nothing"}, 404)
    await wang.post("/proposals", body)
    await wang.post("/proposals", body, 409)
    (proposal,) = (await editor.get("/proposals"))["items"]
    await wang.post(f"/proposals/{proposal['id']}", {"accepted": True}, 403)
    await editor.post(f"/proposals/{proposal['id']}", {"accepted": True})
    await editor.post("/proposals/nothing", {"accepted": True}, 404)
    (proposal,) = (await wang.get("/proposals"))["items"]
    assert (proposal["state"], proposal["settled_by"]) == ("accepted", "ed")


async def test_figures_by_day_and_channel(house: House, sign_in_as: SignInAs) -> None:
    chief = await sign_in_as("chief", "supervisor")
    nothing = house.desk.attendant._knowledge.current.snapshot.phrases("nothing.first")
    programme = {"programme": {"id": "x", "name": "升规奖励"}}
    liked = await answer(house, "升规给多少", "policy_answer", custom=programme)
    disliked = await answer(house, "进规奖励", "policy_answer", "b", custom=programme)
    await answer(house, "月亮上的补贴", "text", "b", text=nothing)
    await answer(house, "补贴", "clarify")
    await answer(house, "转人工", "handoff")
    await answer(house, "你好", "text")
    assert await house.desk.feedback("web:visitor", liked, "up", "")
    assert await house.desk.feedback("web:b", disliked, "up", "")
    assert await house.desk.feedback("web:b", disliked, "down", "金额不对")
    assert not await house.desk.feedback("web:visitor", disliked, "down", "")
    await chief.post("/free", {"free": True})
    (turn,) = await TurnStore(house.database).history("web:visitor", 1)
    await house.desk.attendant.handover(
        turn, [{"text": "", "buttons": [], "custom": {"type": "handoff"}}]
    )
    house.clock.pass_by(seconds=40)
    (talk,) = (await chief.get("/talks"))["items"]
    await chief.post(f"/talks/{talk['id']}/accept")
    await chief.post("/tickets", {"topic": "x", "satisfaction": 4, "closed": True})
    await chief.post("/tickets", {"topic": "y", "kind": "complaint", "satisfaction": 5})

    today = house.clock().date().isoformat()
    # What visitors say is stored by the service's own clock.
    row = {
        key: sum(one[key] for one in (await figures(chief))["rows"])
        for key in ("questions", "by_bot", "unsure", "unanswered", "handed_over", "liked")
    }
    assert row == {
        "questions": 6,
        "by_bot": 3,
        "unsure": 1,
        "unanswered": 1,
        "handed_over": 1,
        "liked": 1,
    }
    report = await chief.get("/figures", since=today, until=today)
    assert (report["accepted"], report["waited"]) == (1, 40)
    assert (report["tickets"], report["open_tickets"], report["satisfaction"]) == (2, 1, 4.5)
    assert {one["name"]: one["count"] for one in report["by_kind"]} == {"咨询": 1, "投诉": 1}
    whole = await figures(chief)
    assert whole["most_asked"][0] == {"name": "升规奖励", "count": 2}
    assert whole["unanswered"] == [{"name": "月亮上的补贴", "count": 1}]
    assert sum(one["disliked"] for one in whole["rows"]) == 1
    header, first = table(await chief.get("/figures.csv", **await period()))
    assert header[0] == "日期" and first[1] == "web"


async def period() -> dict[str, str]:
    from datetime import UTC, datetime, timedelta

    now = datetime.now(UTC)
    return {
        "since": (now - timedelta(days=1)).date().isoformat(),
        "until": (now + timedelta(days=1)).date().isoformat(),
    }


async def figures(browser: Any) -> Any:
    return await browser.get("/figures", **await period())


async def test_periods_that_make_no_sense(house: House, sign_in_as: SignInAs) -> None:
    chief = await sign_in_as("chief", "supervisor")
    await chief.get("/figures", 422, since="2026-11-20", until="2026-11-19")
    await chief.get("/figures", 422, since="2026-01-01", until="2026-11-19")
    report = await chief.get("/figures", since="2026-11-20", until="2026-11-20")
    assert report["rows"] == [] and report["waited"] is None and report["satisfaction"] is None


def test_like_questions_are_one_group(knowledge: Knowledge) -> None:
    questions = [
        ("小升规奖励多少钱", "unanswered"),
        ("小升规的奖励是多少钱", "disliked"),
        ("高铁票能报销吗", "unanswered"),
        ("小升规奖励多少", "unanswered"),
    ]
    first, second = group_alike(questions, knowledge.current.search)
    assert len(first.questions) == 3 and first.reasons == {"unanswered": 2, "disliked": 1}
    assert second.questions == ["高铁票能报销吗"]


@pytest.mark.parametrize(
    ("moment", "open_"),
    [
        ("2026-11-20T08:29:59+08:00", False),
        ("2026-11-20T08:30:00+08:00", True),
        ("2026-11-20T12:00:00+08:00", False),
        ("2026-11-20T17:59:59+08:00", True),
        ("2026-11-21T10:00:00+08:00", False),
        ("2026-11-23T01:00:00+00:00", True),
    ],
)
def test_hours(moment: str, open_: bool) -> None:
    from datetime import datetime

    hours = Hours.parse("1-5 08:30-12:00,14:30-18:00")
    assert hours.open_at(datetime.fromisoformat(moment)) is open_


@pytest.mark.parametrize(
    "text",
    ["", "always", "5-1 08:00-12:00", "1-5 12:00-08:00", "1-5 25:00-26:00", "0-5 08:00-9:00"],
)
def test_hours_that_are_none(text: str) -> None:
    with pytest.raises(ValueError, match="应写成"):
        Hours.parse(text)
