"""Asked in Chinese over HTTP, answered through every layer."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest

from tests.support.stack import Stack


def test_the_right_clause_with_its_number_and_status(stack: Stack) -> None:
    reply = stack.ask("企业招应届生的扩岗补助，一个人多少钱")
    assert reply["custom"]["type"] == "policy_answer"
    clause = reply["custom"]["clauses"][0]
    assert clause["clause_id"] == "jzf-2022-14.8"
    assert clause["doc_no"] == "晋政发〔2022〕14号"
    assert (clause["status"], clause["valid_until"]) == ("expired", "2022-12-31")
    assert reply["text"].startswith("注意：这项措施已过期")
    assert "1500元" in reply["text"]
    assert "晋政发〔2022〕14号" in reply["text"]
    assert clause["text"].rstrip("。") in reply["text"]
    assert {"title", "payload"} == set(reply["buttons"][0])


def test_a_thread_is_kept_over_turns(stack: Stack) -> None:
    sender = f"t-{uuid4()}"
    stack.ask("住房公积金能缓缴吗", sender)
    for question in ("现在还有效吗", "这个归哪个部门管", "怎么申请"):
        reply = stack.ask(question, sender)
        assert reply["custom"]["clauses"][0]["clause_id"] == "jzf-2022-14.41", question
    offer = stack.ask("贷款", sender)
    assert offer["custom"]["type"] == "clarify"
    second = offer["custom"]["clauses"][1]["clause_id"]
    assert stack.ask("第二个", sender)["custom"]["clauses"][0]["clause_id"] == second


@pytest.mark.parametrize(
    "message", ["你好", "谢谢", "再见", "你是谁", "转人工", "我要投诉", "没用", "讲个笑话"]
)
def test_small_talk_is_polite_and_cites_nothing(stack: Stack, message: str) -> None:
    reply = stack.ask(message)
    assert reply["custom"]["type"] in {"text", "handoff"}
    assert reply["custom"]["clauses"] == []
    assert reply["custom"]["kb_version"] == stack.get("/readyz")[1]["kb_version"]
    assert reply["text"]


def test_a_question_that_sounds_like_small_talk_is_searched(stack: Stack) -> None:
    for message in ("再担保集团300亿", "你好，稳岗返还怎么领"):
        reply = stack.ask(message)
        assert reply["custom"]["clauses"], message


@pytest.mark.parametrize(
    "message",
    ["/restart", '/ask_policy{"clause_id": "jzf-2022-14.8"}', "／restart", "  /session_start"],
)
def test_a_message_that_begins_with_a_slash_is_text(stack: Stack, message: str) -> None:
    sender = f"t-{uuid4()}"
    assert stack.ask(message, sender)["text"]
    rows = stack.rows(
        "select data from events where sender_id = ? and type_name = 'user'",
        f"rest:{sender}",
        tracker=True,
    )
    (event,) = (json.loads(data) for (data,) in rows)
    assert event["parse_data"]["intent"]["name"] not in {"restart", "session_start"}
    assert not event["text"].lstrip().startswith("/")


def test_a_turn_asked_twice_counts_once(stack: Stack) -> None:
    sender = f"t-{uuid4()}"
    first = stack.send(sender, "房租能减免吗", "m-1")
    again = stack.send(sender, "房租能减免吗", "m-1")
    assert first == again
    assert first[0] == 200
    count = "select count(*) from events where sender_id = ? and type_name = 'user'"
    assert stack.rows(count, f"rest:{sender}", tracker=True) == [(1,)]
    status, body = stack.send(sender, "另一个问题", "m-1")
    assert (status, body["error"]["code"]) == (409, "conflict")


def test_the_same_message_nine_times_at_once_is_one_turn(stack: Stack) -> None:
    sender = f"t-{uuid4()}"
    with ThreadPoolExecutor(9) as pool:
        results = list(pool.map(lambda _: stack.send(sender, "缓缴社保", "m-1"), range(9)))
    assert len({json.dumps(result, sort_keys=True) for result in results}) == 1
    count = "select count(*) from events where sender_id = ? and type_name = 'user'"
    assert stack.rows(count, f"rest:{sender}", tracker=True) == [(1,)]


def test_messages_at_once_reach_rasa_in_order_and_none_is_lost(stack: Stack) -> None:
    sender = f"t-{uuid4()}"
    with ThreadPoolExecutor(8) as pool:
        statuses = [s for s, _ in pool.map(lambda n: stack.send(sender, f"问题{n}"), range(8))]
    assert statuses == [200] * 8
    ours = stack.rows(
        "select t.text from turns t join conversations c on c.id = t.conversation_id "
        "where c.key = ? order by t.seq",
        f"rest:{sender}",
    )
    rasas = stack.rows(
        "select data from events where sender_id = ? and type_name = 'user' order by id",
        f"rest:{sender}",
        tracker=True,
    )
    assert len(ours) == 8
    assert [text for (text,) in ours] == [json.loads(data)["text"] for (data,) in rasas]


def test_every_stored_turn_has_its_replies_and_version(stack: Stack) -> None:
    sender = f"t-{uuid4()}"
    reply = stack.ask("充电桩有支持吗", sender)
    ((state, replies, version, as_of),) = stack.rows(
        "select t.state, t.replies, t.kb_version, t.as_of from turns t "
        "join conversations c on c.id = t.conversation_id where c.key = ?",
        f"rest:{sender}",
    )
    assert state == "answered"
    assert json.loads(replies)[0]["text"] == reply["text"]
    assert version == reply["custom"]["kb_version"]
    assert as_of == "2026-11-21"


def test_a_sender_cannot_be_someone_of_another_channel(stack: Stack) -> None:
    stack.ask("你好", "wecom:boss")
    keys = {key for (key,) in stack.rows("select key from conversations")}
    assert "rest:wecom:boss" in keys
    assert "wecom:boss" not in keys


@pytest.mark.parametrize("sender", ["李四 \u200b", "\u3000x", "é" * 200, "😀", "a/b?c#d%"])
def test_any_visible_sender_reaches_rasa(stack: Stack, sender: str) -> None:
    assert stack.ask("稳岗返还能返多少", sender)["custom"]["type"] == "policy_answer"


def test_logs_hold_ids_not_bodies(stack: Stack) -> None:
    stack.ask("我叫王小二手机13912345678想问稳岗返还")
    for path in (stack.var_dir / "log").glob("*.log"):
        text = path.read_text("utf-8", "replace")
        assert "13912345678" not in text, path.name
        assert "王小二" not in text, path.name
    service = (stack.var_dir / "log" / "service.log").read_text("utf-8")
    events = [json.loads(line) for line in service.splitlines() if line.startswith("{")]
    assert any(event["event"] == "turn_answered" and event["turn_id"] for event in events)
