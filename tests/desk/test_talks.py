"""Taking over: the queue, accepting, answering, handing on, and nobody there."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

from sqlalchemy import text

from bot.desk.hours import Hours
from bot.storage.turns import TurnStore
from tests.desk.conftest import Browser, House, SignInAs

HANDOFF = [{"text": "请拨打12345", "buttons": [], "custom": {"type": "handoff", "clauses": []}}]


async def wait_for_person(house: House, sender: str = "visitor") -> str:
    """A visitor asks for a person; the id of the conversation."""
    talk_id = await house.hear("转人工", sender)
    (turn,) = await TurnStore(house.database).history(f"web:{sender}", 1)
    await house.desk.attendant.handover(turn, HANDOFF)
    return talk_id


async def said(house: House, sender: str = "visitor") -> list[tuple[str, str]]:
    """What the visitor was told: author and words."""
    entries = await house.talks.entries(f"web:{sender}")
    return [(e.author, e.part["text"]) for e in entries if e.part is not None]


async def free(browser: Browser) -> Browser:
    await browser.post("/free", {"free": True})
    return browser


async def test_a_conversation_from_the_queue_to_the_bot_again(
    house: House, sign_in_as: SignInAs
) -> None:
    wang = await free(await sign_in_as("wang"))
    talk_id = await house.hear("首次升规给多少")
    store = TurnStore(house.database)
    (turn,) = await store.history("web:visitor", 1)
    answer = {
        "text": "30万元",
        "buttons": [],
        "custom": {
            "type": "policy_answer",
            "clauses": [{"clause_id": "jcgjs-2025-1.cs106"}],
            "programme": {"id": "x", "name": "升规奖励"},
        },
    }
    await store.answer(turn.turn_id, [answer], "v1", house.clock())
    await wait_for_person(house)
    (waiting,) = (await wang.get("/talks"))["items"]
    assert (waiting["id"], waiting["holder"], waiting["last"]) == (talk_id, None, "转人工")
    assert "visitor" not in str(waiting)

    accepted = await wang.post(f"/talks/{talk_id}/accept")
    assert accepted["talk"]["holder"] == "wang"
    state = await house.talks.state("web:visitor")
    assert state is not None and state.holder == "wang" and state.waiting_since is None
    assert (await said(house))[-1] == (
        "小王",
        "您好，我是工作人员小王，已经看过前面的对话，现在由我为您解答。",
    )

    body = await wang.get(f"/talks/{talk_id}")
    assert [entry["author"] for entry in body["entries"]] == ["person", "person", "小王"]
    assert body["entries"][0]["understood"] == {
        "type": "policy_answer",
        "programme": "升规奖励",
        "clauses": ["jcgjs-2025-1.cs106"],
    }
    insert = {"text": "您看这一条：", "clauses": ["jcgjs-2025-1.cs106"]}
    await wang.post(f"/talks/{talk_id}/say", insert)
    author, words = (await said(house))[-1]
    clause = house.desk.attendant._knowledge.current.snapshot.clauses["jcgjs-2025-1.cs106"]
    assert author == "小王" and words.startswith("您看这一条：\n“") and clause.text in words
    assert "文件未载明有效期" in words

    await wang.post(f"/talks/{talk_id}/note", {"text": "客户着急"})
    after = body["entries"][-1]["position"]
    more = await wang.get(f"/talks/{talk_id}", after=str(after))
    assert len(more["entries"]) == 1
    assert [(n["who"], n["text"]) for n in more["notes"]] == [("wang", "客户着急")]
    assert "客户着急" not in str(await said(house))

    await wang.post(f"/talks/{talk_id}/hand", {"to": "bot"})
    state = await house.talks.state("web:visitor")
    assert state is not None and state.holder is None and state.waiting_since is None
    assert "自动问答" in (await said(house))[-1][1]
    assert (await wang.get("/talks"))["items"] == []
    await wang.post(f"/talks/{talk_id}/say", {"text": "还有一句"}, 409)


async def test_of_two_who_accept_at_once_one_wins(house: House, sign_in_as: SignInAs) -> None:
    names = ["wang", "li", "zhao", "qian"]
    people = [await sign_in_as(name) for name in names]
    await free(people[0])
    for _ in range(5):
        talk_id = await wait_for_person(house)

        async def accept(browser: Browser, talk_id: str = talk_id) -> int:
            headers = {"X-Wence-Desk": "1", "Origin": house.address}
            url = f"{house.address}/desk/api/talks/{talk_id}/accept"
            async with browser.session.post(url, headers=headers) as response:
                return response.status

        before = len(await said(house))
        statuses = await asyncio.gather(*(accept(one) for one in people))
        assert sorted(statuses) == [200, 409, 409, 409]
        winner = people[statuses.index(200)]
        state = await house.talks.state("web:visitor")
        assert state is not None and state.holder == names[statuses.index(200)]
        # The visitor is greeted once, by the one who has it.
        assert len(await said(house)) == before + 1
        await winner.post(f"/talks/{talk_id}/hand", {"to": "bot"})


async def test_only_the_holder_speaks_and_hands_on(house: House, sign_in_as: SignInAs) -> None:
    wang, li = await free(await sign_in_as("wang")), await sign_in_as("li")
    await sign_in_as("ed", "editor")
    talk_id = await wait_for_person(house)
    await wang.post(f"/talks/{talk_id}/say", {"text": "我来"}, 409)
    await wang.post(f"/talks/{talk_id}/accept")
    await li.post(f"/talks/{talk_id}/say", {"text": "我也来"}, 409)
    await li.post(f"/talks/{talk_id}/hand", {"to": "bot"}, 409)
    await wang.post(f"/talks/{talk_id}/hand", {"to": "user"}, 422)
    await wang.post(f"/talks/{talk_id}/hand", {"to": "user", "name": "ed"}, 422)
    await wang.post(f"/talks/{talk_id}/hand", {"to": "user", "name": "nobody"}, 404)
    await wang.post(f"/talks/{talk_id}/hand", {"to": "user", "name": "li"})
    assert "小李" in (await said(house))[-1][1]
    await li.post(f"/talks/{talk_id}/say", {"text": "您好"})
    await li.post(f"/talks/{talk_id}/hand", {"to": "queue"})
    (waiting,) = (await wang.get("/talks"))["items"]
    assert waiting["holder"] is None and waiting["waiting_since"]
    await wang.get("/talks/nothing", 404)
    await wang.post("/talks/nothing/accept", None, 404)


async def test_nobody_there_means_a_ticket_with_an_owner(
    house: House, sign_in_as: SignInAs
) -> None:
    chief = await sign_in_as("chief", "supervisor")
    await sign_in_as("wang")
    talk_id = await house.hear("我们厂的奖励为什么没到账，转人工")
    (turn,) = await TurnStore(house.database).history("web:visitor", 1)
    (reply,) = await house.desk.attendant.handover(turn, HANDOFF)
    (ticket,) = (await chief.get("/tickets"))["items"]
    assert ticket["owner"] == "chief" and ticket["talk_id"] == talk_id
    assert (ticket["channel"], ticket["outcome"]) == ("web", "call_back")
    assert ticket["due_on"] == "2026-11-21" and "没到账" in ticket["topic"]
    assert ticket["number"] in reply["text"] and ticket["query_number"] in reply["text"]
    assert reply["custom"]["type"] == "handoff"
    state = await house.talks.state("web:visitor")
    assert state is not None and state.waiting_since is None


async def test_with_no_desk_at_all_the_hotline_is_named(house: House) -> None:
    await house.hear("转人工")
    (turn,) = await TurnStore(house.database).history("web:visitor", 1)
    (reply,) = await house.desk.attendant.handover(turn, HANDOFF)
    assert "12345" in reply["text"] and "工单" not in reply["text"]
    state = await house.talks.state("web:visitor")
    assert state is not None and state.waiting_since is None


async def test_a_channel_that_cannot_be_answered_later_is_not_queued(
    house: House, sign_in_as: SignInAs
) -> None:
    await free(await sign_in_as("wang"))
    store = TurnStore(house.database)
    taken = await store.take("rest:a", "rest", "转人工", None, "t1", house.clock())
    assert taken.turn is not None
    assert await house.desk.attendant.handover(taken.turn, HANDOFF) == HANDOFF


async def test_whoever_asks_twice_keeps_their_place(house: House, sign_in_as: SignInAs) -> None:
    wang = await free(await sign_in_as("wang"))
    first = await wait_for_person(house, "first")
    house.clock.pass_by(seconds=5)
    await wait_for_person(house, "second")
    house.clock.pass_by(seconds=5)
    await house.hear("人呢，转人工", "first")
    (turn,) = await TurnStore(house.database).history("web:first", 1)
    (reply,) = await house.desk.attendant.handover(turn, HANDOFF)
    assert "您是下一位" in reply["text"]
    (turn,) = await TurnStore(house.database).history("web:second", 1)
    (reply,) = await house.desk.attendant.handover(turn, HANDOFF)
    assert "前面还有1位" in reply["text"]
    assert (await wang.get("/talks"))["items"][0]["id"] == first


async def test_patience_ends_with_a_ticket_once(house: House, sign_in_as: SignInAs) -> None:
    wang = await free(await sign_in_as("wang"))
    await wait_for_person(house)
    house.clock.pass_by(minutes=9)
    await wang.post("/free", {"free": True})
    await house.desk.attendant.look()
    assert (await wang.get("/tickets"))["items"] == []
    house.clock.pass_by(minutes=2)
    await wang.post("/free", {"free": True})
    # As from two processes.
    await asyncio.gather(house.desk.attendant.look(), house.desk.attendant.look())
    assert len((await wang.get("/tickets"))["items"]) == 1
    assert sum("工单号" in words for _, words in await said(house)) == 1


async def test_when_the_holder_is_gone_others_get_the_conversation(
    house: House, sign_in_as: SignInAs
) -> None:
    wang, li = await free(await sign_in_as("wang")), await sign_in_as("li")
    talk_id = await wait_for_person(house)
    await wang.post(f"/talks/{talk_id}/accept")
    house.clock.pass_by(minutes=4)
    await free(li)
    await house.desk.attendant.look()
    (waiting,) = (await li.get("/talks"))["items"]
    assert waiting["holder"] is None
    assert "重新安排" in (await said(house))[-1][1]
    await li.post(f"/talks/{talk_id}/accept")


async def test_outside_hours_it_is_said_when_there_is_somebody(
    house: House, sign_in_as: SignInAs
) -> None:
    await free(await sign_in_as("wang"))
    house.desk.attendant._hours = Hours.parse("1-5 08:30-12:00,14:30-18:00")
    house.clock.pass_by(hours=3)  # 13:00
    await house.users.touch((await house.users.by_name("wang")).id, house.clock())
    await house.hear("转人工")
    (turn,) = await TurnStore(house.database).history("web:visitor", 1)
    (reply,) = await house.desk.attendant.handover(turn, HANDOFF)
    assert "周一至周五 08:30—12:00、14:30—18:00" in reply["text"] and "工单号" in reply["text"]


async def test_who_is_forgotten_leaves_no_notes_and_no_way_back(
    house: House, sign_in_as: SignInAs
) -> None:
    wang = await free(await sign_in_as("wang"))
    talk_id = await wait_for_person(house)
    await wang.post(f"/talks/{talk_id}/accept")
    await wang.post(f"/talks/{talk_id}/note", {"text": "电话 13800001234"})
    body = {"topic": "升规", "talk_id": talk_id, "caller": "张三 13800001234"}
    ticket = await wang.post("/tickets", body)
    await house.desk.attendant.forget("web:visitor")
    detail = await wang.get(f"/tickets/{ticket['id']}")
    assert detail["ticket"]["caller"] == "" and detail["ticket"]["talk_id"] is None
    assert "升规" not in str(detail) and "张三" not in str(detail)
    async with house.database.session() as session:
        assert (await session.execute(text("SELECT count(*) FROM desk_notes"))).scalar() == 0
    assert (await wang.get("/talks"))["items"] == []


async def test_scripts_stay_text(house: House, sign_in_as: SignInAs) -> None:
    """What a visitor or an operator writes comes back as it was, as JSON, on a guarded page."""
    wang = await free(await sign_in_as("wang"))
    evil = "<img src=x onerror=alert(1)><script>alert(2)</script>"
    talk_id = await house.hear(evil)
    await wait_for_person(house)
    await wang.post(f"/talks/{talk_id}/accept")
    await wang.post(f"/talks/{talk_id}/say", {"text": evil})
    await wang.post(f"/talks/{talk_id}/note", {"text": evil})
    body = await wang.get(f"/talks/{talk_id}")
    assert body["entries"][0]["text"] == evil and body["entries"][-1]["text"] == evil
    assert body["notes"][0]["text"] == evil
    async with wang.session.get(f"{house.address}/desk/") as page:
        policy = page.headers["Content-Security-Policy"]
    assert "script-src 'self'" in policy and "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy


async def next_frame(socket: Any, wanted: str) -> None:
    async with asyncio.timeout(10):
        while (await socket.receive_json())["type"] != wanted:
            pass


async def test_the_live_connection_tells_what_changed(house: House, sign_in_as: SignInAs) -> None:
    wang = await free(await sign_in_as("wang"))
    url = f"{house.address}/desk/api/ws"
    origin = {"Origin": house.address}
    async with wang.session.ws_connect(url, headers=origin) as socket:
        for topic in ("queue", "board", "tickets"):
            await next_frame(socket, topic)
        talk_id = await wait_for_person(house)
        await next_frame(socket, "queue")
        await socket.send_json({"type": "watch", "talk": talk_id})
        await next_frame(socket, "talk")
        await house.hear("还在吗")
        await next_frame(socket, "talk")
        await wang.post("/tickets", {"topic": "升规"})
        await next_frame(socket, "tickets")
        for rubbish in ("{", "[]", '{"type":"watch","talk":7}', '{"type":"nothing"}'):
            await socket.send_str(rubbish)
        await socket.send_json({"type": "watch", "talk": "unknown"})
        await wang.post("/free", {"free": True})
        await next_frame(socket, "queue")
        user = await house.users.by_name("wang")
        assert user.seen_at is not None and house.clock() - user.seen_at < timedelta(seconds=1)


async def test_the_live_connection_is_for_our_own_page_and_those_signed_in(
    house: House, sign_in_as: SignInAs
) -> None:
    wang = await sign_in_as("wang")
    url = f"{house.address}/desk/api/ws"
    for headers, status in (
        ({}, 403),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": house.address}, 200),
    ):
        async with wang.session.get(url, headers=headers) as response:
            assert response.status == (403 if status == 403 else 400)
    await wang.post("/sign-out")
    async with wang.session.get(url, headers={"Origin": house.address}) as response:
        assert response.status == 401
