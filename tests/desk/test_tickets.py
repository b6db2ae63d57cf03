"""The record: tickets that have an owner, their changes, their export."""

from __future__ import annotations

import asyncio
import csv
import io
from typing import Any

import pytest

from bot.desk.masking import mask_numbers, write_csv
from bot.storage.desk_tickets import TicketStore
from tests.desk.conftest import House, SignInAs


def table(body: bytes) -> list[list[str]]:
    assert body.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(body.decode("utf-8-sig"))))


async def test_a_call_becomes_a_ticket(house: House, sign_in_as: SignInAs) -> None:
    wang = await sign_in_as("wang")
    body = {
        "kind": "consult",
        "topic": "升规奖励多少",
        "answer": "每户30万元，以核定为准",
        "clauses": ["jcgjs-2025-1.cs106"],
        "outcome": "passed",
        "passed_to": "省小企业发展促进局",
        "due_on": "2026-11-25",
        "satisfaction": 5,
    }
    ticket = await wang.post("/tickets", body)
    assert ticket["number"] == "20261120-00001" and len(ticket["query_number"]) == 10
    assert ticket["owner"] == "wang" and ticket["caller"] == "" and ticket["channel"] == "phone"
    assert {key: ticket[key] for key in body} == body
    second = await wang.post("/tickets", {"topic": "别的", "closed": True})
    assert second["number"] == "20261120-00002" and second["closed_at"]
    detail = await wang.get(f"/tickets/{ticket['id']}")
    assert [(event["who"], event["what"]) for event in detail["events"]] == [("wang", "created")]


async def test_numbers_run_by_day_and_never_twice(house: House, sign_in_as: SignInAs) -> None:
    wang = await sign_in_as("wang")
    made = await asyncio.gather(
        *(wang.post("/tickets", {"topic": f"第{number}件"}) for number in range(8))
    )
    assert {one["number"] for one in made} == {f"20261120-{n:05}" for n in range(1, 9)}
    house.clock.pass_by(hours=14)  # midnight in Shanghai
    wang = await sign_in_as("li")
    assert (await wang.post("/tickets", {"topic": "新的一天"}))["number"] == "20261121-00001"


async def test_of_two_changes_of_one_version_one_is_refused(
    house: House, sign_in_as: SignInAs
) -> None:
    wang, li = await sign_in_as("wang"), await sign_in_as("li")
    ticket = await wang.post("/tickets", {"topic": "升规"})
    path = f"/tickets/{ticket['id']}"
    house.clock.pass_by(seconds=1)
    changed = await li.post(path, {"version": 1, "outcome": "answered", "closed": True})
    assert changed["version"] == 2 and changed["closed_at"]
    await wang.post(path, {"version": 1, "outcome": "call_back"}, 409)
    house.clock.pass_by(seconds=1)
    changed = await wang.post(path, {"version": 2, "closed": False, "due_on": None})
    assert changed["closed_at"] is None
    house.clock.pass_by(seconds=1)
    await wang.post(f"{path}/note", {"text": "已回电"})
    events = (await wang.get(path))["events"]
    assert [(event["who"], event["what"]) for event in events] == [
        ("wang", "created"),
        ("li", "changed"),
        ("wang", "changed"),
        ("wang", "note"),
    ]


async def test_a_ticket_is_never_without_an_owner(house: House, sign_in_as: SignInAs) -> None:
    wang = await sign_in_as("wang")
    await sign_in_as("li")
    ticket = await wang.post("/tickets", {"topic": "升规"})
    path = f"/tickets/{ticket['id']}"
    for owner, status in (("nobody", 422), ("", 422), (None, 200)):
        changed = await wang.post(path, {"version": 1, "owner": owner}, status)
    assert changed["owner"] == "wang"
    changed = await wang.post(path, {"version": 2, "owner": "li"})
    assert changed["owner"] == "li"
    user = await house.users.by_name("wang")
    await house.users.change(user.id, active=False)
    li = await sign_in_as("zhao")
    assert (await li.post(path, {"version": 3, "owner": "wang"}, 422))["field"] == "owner"


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 422),
        ({"topic": ""}, 422),
        ({"topic": "x" * 4001}, 422),
        ({"topic": "a\u0000b"}, 422),
        ({"topic": "x", "kind": "gossip"}, 422),
        ({"topic": "x", "satisfaction": 6}, 422),
        ({"topic": "x", "due_on": "tomorrow"}, 422),
        ({"topic": "x", "clauses": ["nothing"]}, 404),
        ({"topic": "x", "talk_id": "nothing"}, 404),
        ({"topic": "x", "owner": "li"}, 422),
        ({"topic": "x", "number": "1"}, 422),
    ],
)
async def test_what_is_no_ticket_is_refused(
    house: House, sign_in_as: SignInAs, body: dict[str, Any], status: int
) -> None:
    wang = await sign_in_as("wang")
    await wang.post("/tickets", body, status)
    assert (await wang.get("/tickets"))["items"] == []


async def test_tickets_are_found(house: House, sign_in_as: SignInAs) -> None:
    wang, li = await sign_in_as("wang"), await sign_in_as("li")
    one = await wang.post("/tickets", {"topic": "升规100%奖励", "kind": "consult"})
    await li.post("/tickets", {"topic": "投诉窗口", "kind": "complaint", "due_on": "2026-11-20"})

    async def topics(**query: str) -> list[str]:
        return [ticket["topic"] for ticket in (await wang.get("/tickets", **query))["items"]]

    assert await topics() == ["投诉窗口", "升规100%奖励"]
    assert await topics(q="升规") == ["升规100%奖励"]
    assert await topics(q="100%") == ["升规100%奖励"]
    assert await topics(q="_") == []
    assert await topics(q=one["query_number"]) == ["升规100%奖励"]
    assert await topics(owner="li") == ["投诉窗口"]
    assert await topics(kind="complaint", channel="phone") == ["投诉窗口"]
    assert await topics(due_by="2026-11-19") == []
    assert await topics(due_by="2026-11-20") == ["投诉窗口"]
    assert await topics(since="2026-11-20", until="2026-11-20") == ["投诉窗口", "升规100%奖励"]
    assert await topics(since="2026-11-21") == []
    assert await topics(until="2026-11-19") == []


async def test_a_long_list_comes_in_pages(house: House, sign_in_as: SignInAs) -> None:
    wang = await sign_in_as("wang")
    store = TicketStore(house.database)
    for number in range(60):
        await store.add("wang", "phone", {"topic": f"{number}"}, house.clock())
    first = await wang.get("/tickets")
    second = await wang.get("/tickets", cursor=first["next_cursor"])
    topics = [ticket["topic"] for ticket in first["items"] + second["items"]]
    assert topics == [str(number) for number in reversed(range(60))]
    assert second["next_cursor"] is None


async def test_the_export_is_masked_harmless_and_on_record(
    house: House, sign_in_as: SignInAs
) -> None:
    wang = await sign_in_as("wang")
    chief, root = await sign_in_as("chief", "supervisor"), await sign_in_as("root", "administrator")
    body = {
        "topic": '=HYPERLINK("http://evil")',
        "answer": "回电 13800001234，身份证 14010119900101123X",
        "caller": "张三 13900005678",
        "passed_to": "+1+1",
    }
    await wang.post("/tickets", body)
    await wang.get("/tickets.csv", 403)
    header, row = table(await chief.get("/tickets.csv"))
    cells = dict(zip(header, row, strict=True))
    assert cells["诉求"] == '\'=HYPERLINK("http://evil")' and cells["转办单位"] == "'+1+1"
    assert "13800001234" not in str(row) and "138********" in cells["答复"]
    assert "14010119900101123X" not in str(row)
    assert "张三" not in str(row) and "13900005678" not in str(row)
    assert (cells["类型"], cells["渠道"], cells["登记时间"]) == ("咨询", "电话", "2026-11-20 10:00")
    log = (await root.get("/audit"))["items"]
    exported = [line for line in log if line["what"] == "tickets_exported"]
    assert [(line["who"], line["detail"]["count"]) for line in exported] == [("chief", 1)]


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("13800001234", "138********"),
        ("+86 138-0000-1234", "+86**************"),
        ("6222 0212 3456 7890", "622****************"),
        ("14010119900101123X", "140***************"),
        ("30万元", "30万元"),
        ("晋政发〔2022〕14号第8条", "晋政发〔2022〕14号第8条"),
        ("2000万元以上", "2000万元以上"),
        ("拨打12345", "拨打12345"),
    ],
)
def test_long_numbers_are_masked(text: str, masked: str) -> None:
    assert mask_numbers(text) == masked


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1+1", "@SUM(A1)", " =1", "\t=1", "＝1+1"])
def test_no_cell_is_a_formula(cell: str) -> None:
    ((_, written),) = table(write_csv(["a", "b"], [["x", cell]]))[1:]
    assert written == f"'{cell}"


def test_numbers_stay_numbers() -> None:
    assert table(write_csv(["a"], [[-5], [None], ['say "hi", 你好']])) == [
        ["a"],
        ["-5"],
        [""],
        ['say "hi", 你好'],
    ]


async def test_the_words_of_old_tickets_go_and_the_record_stays(
    house: House, sign_in_as: SignInAs
) -> None:
    wang = await sign_in_as("wang")
    said = {"topic": "张三问升规", "answer": "30万元", "caller": "张三"}
    old = await wang.post("/tickets", {**said, "closed": True})
    still_open = await wang.post("/tickets", said)
    store = TicketStore(house.database)
    assert await store.purge(house.clock()) == 0
    house.clock.pass_by(hours=1)
    assert await store.purge(house.clock()) == 1
    assert await store.purge(house.clock()) == 0
    wang = await sign_in_as("li")
    detail = await wang.get(f"/tickets/{old['id']}")
    assert detail["ticket"]["number"] == old["number"]
    assert "张三" not in str(detail) and "30万元" not in str(detail)
    assert (await wang.get(f"/tickets/{still_open['id']}"))["ticket"]["topic"] == "张三问升规"
