"""Definitions: in the source's words and with its clause, or not at all."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from bot.policies.answer import Assistant, Context
from bot.policies.answer.definitions import definitions
from bot.policies.model import Snapshot
from bot.policies.query import Lexicon
from tests.policies.test_answer import founded

DAY = date(2026, 11, 21)
EMPTY = Context()


def with_definition(snapshot: Snapshot, words: str) -> Snapshot:
    entry = {"id": "x", "name": "三改联动", "definition": words}
    return replace(snapshot, lexicon=Lexicon.from_entries([entry]))


def test_every_definition_stands_in_its_clause(snapshot: Snapshot) -> None:
    found = definitions(snapshot)
    assert found
    for definition in found.values():
        assert definition.words in snapshot.clauses[definition.clause_id].text


def test_a_definition_that_no_clause_holds_is_left_out(snapshot: Snapshot) -> None:
    assert definitions(with_definition(snapshot, "哪里都没有这样写")) == {}


def test_blanks_and_width_do_not_hide_a_definition(snapshot: Snapshot) -> None:
    words = "煤电节能降碳改造 、灵活性改造、\n供热改造“三改联动”"
    (definition,) = definitions(with_definition(snapshot, words)).values()
    assert definition.words == "煤电节能降碳改造、灵活性改造、供热改造“三改联动”"


def test_a_repealed_clause_is_not_preferred(snapshot: Snapshot) -> None:
    for definition in definitions(snapshot).values():
        clause = snapshot.clauses[definition.clause_id]
        if snapshot.document_of(clause).repealed is not None:
            sound = [
                other.id
                for other in snapshot.clauses.values()
                if definition.words in other.text and snapshot.document_of(other).repealed is None
            ]
            assert sound == []


def test_a_definition_is_said_with_its_clause(assistant: Assistant, snapshot: Snapshot) -> None:
    for term_id, definition in definitions(snapshot).items():
        reply = assistant.respond(f"{definition.term}是什么意思", "ask_definition", EMPTY, DAY)
        assert reply.custom["type"] == "policy_answer", term_id
        assert definition.words.rstrip("。") in reply.text
        clause = reply.custom["clauses"][0]
        assert definition.words in clause["text"]
        assert clause["text"].rstrip("。") in reply.text
        assert clause["doc_no"] in reply.text
        assert founded(reply), term_id


def test_a_term_without_one_is_not_explained(assistant: Assistant, snapshot: Snapshot) -> None:
    known = definitions(snapshot)
    asked = [term for term in snapshot.lexicon.terms if term.id not in known][::5]
    for term in asked:
        reply = assistant.respond(f"啥叫{term.name}", "ask_definition", EMPTY, DAY)
        assert f"文件没有给“{term.name}”下定义" in reply.text
        # Where one clause alone speaks of it, that one answers.
        one = reply.context.clause_id is not None
        assert reply.custom["type"] in ({"policy_answer"} if one else {"policy_list", "text"})
        assert founded(reply), term.id


def test_what_uses_the_term_can_be_paged(assistant: Assistant, snapshot: Snapshot) -> None:
    known = definitions(snapshot)
    names = [term.name for term in snapshot.lexicon.terms if term.id not in known]
    asked = (assistant.respond(f"{name}是啥意思", "ask_definition", EMPTY, DAY) for name in names)
    first = next(
        reply for reply in asked if reply.buttons and reply.buttons[-1]["title"] == "下一页"
    )
    second = assistant.more("下一页", first.context, DAY)
    assert second.custom["type"] == "policy_list"
    assert second.context.page == 1


@pytest.mark.parametrize("question", ["啥意思", "这是什么意思", "解释一下"])
def test_what_names_no_term_is_about_the_clause_before(assistant: Assistant, question: str) -> None:
    alone = assistant.respond(question, "ask_definition", EMPTY, DAY)
    assert alone.custom["type"] == "clarify"
    before = Context(clause_id="jzf-2022-14.41", subject="公积金缓缴")
    reply = assistant.respond(question, "ask_definition", before, DAY)
    assert reply.custom["clauses"][0]["clause_id"] == "jzf-2022-14.41"
