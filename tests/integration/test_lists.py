"""A list over HTTP: its pages, a choice from it, and messages typed in other ways."""

from __future__ import annotations

from uuid import uuid4

from tests.support.stack import Stack


def test_a_list_is_paged_and_chosen_from(stack: Stack) -> None:
    sender = f"t-{uuid4()}"
    first = stack.ask("专精特新都有哪些政策", sender)
    assert first["custom"]["type"] == "policy_list"
    assert first["buttons"][-1] == {"title": "下一页", "payload": "下一页"}
    second = stack.ask("下一页", sender)
    assert second["custom"]["type"] == "policy_list"
    shown = [clause["clause_id"] for clause in second["custom"]["clauses"]]
    assert not {clause["clause_id"] for clause in first["custom"]["clauses"]} & set(shown)
    chosen = stack.ask("第二个", sender)
    assert chosen["custom"]["type"] == "policy_answer"
    assert chosen["custom"]["clauses"][0]["clause_id"] == shown[1]
    after = stack.ask("这个归哪个部门管", sender)
    assert after["custom"]["clauses"][0]["clause_id"] == shown[1]
    back = stack.ask("上一页", sender)
    assert back["custom"]["clauses"] == first["custom"]["clauses"]


def test_a_word_is_not_explained_beyond_the_documents(stack: Stack) -> None:
    reply = stack.ask("三改联动是什么意思")
    assert "煤电节能降碳改造" in reply["text"]
    assert reply["custom"]["clauses"]


def test_other_ways_of_typing_find_the_same(stack: Stack) -> None:
    usual = stack.ask("稳岗返还怎么申请")["custom"]["clauses"]
    for typed in ("穩崗返還怎麼申請", "稳 岗 返 还 怎 么 申 请", "稳岗返还怎么申请？？"):
        assert stack.ask(typed)["custom"]["clauses"] == usual, typed
