"""Lists: five a page, what is over comes last, pages turn, an item can be chosen."""

from __future__ import annotations

from datetime import date

import pytest

from bot.policies.answer import Assistant, Context, Reply
from bot.policies.answer.items import caption_of
from bot.policies.answer.lists import LISTED, PAGE, subject_of
from bot.policies.model import Snapshot
from tests.policies.test_answer import figures, founded

DAY = date(2026, 11, 21)
EMPTY = Context()
QUESTION = "专精特新有哪些政策"


def ask(assistant: Assistant, text: str, context: Context = EMPTY) -> Reply:
    return assistant.respond(text, "ask_list", context, DAY)


def ids(reply: Reply) -> list[str]:
    return [clause["clause_id"] for clause in reply.custom["clauses"]]


def pages(assistant: Assistant, text: str) -> list[Reply]:
    found = [ask(assistant, text)]
    while any(button["title"] == "下一页" for button in found[-1].buttons):
        found.append(assistant.more("下一页", found[-1].context, DAY))
    return found


def test_an_offer_says_what_a_clause_gives(assistant: Assistant, snapshot: Snapshot) -> None:
    reply = assistant.respond("补贴", "ask_policy", EMPTY, DAY)
    assert reply.custom["type"] == "clarify"
    lines = reply.text.split("\n")[1:-1]
    named = 0
    for line, clause in zip(lines, reply.custom["clauses"], strict=True):
        key = clause["clause_id"]
        own = [p for p in snapshot.programmes.values() if p.references[0] == key]
        caption = caption_of(snapshot.clauses[key])
        assert (caption in line) == (not own or not caption.endswith("…"))
        shown = [p for p in own if p.name in line]
        assert len(shown) == min(len(own), 2)
        named += len(shown)
    assert named, "nothing offered gives anything"


def test_a_list_shows_number_caption_place_and_status(
    assistant: Assistant, snapshot: Snapshot
) -> None:
    reply = ask(assistant, QUESTION)
    assert reply.custom["type"] == "policy_list"
    lines = reply.text.split("\n")[1:6]
    for number, (line, clause) in enumerate(zip(lines, reply.custom["clauses"], strict=True), 1):
        caption = caption_of(snapshot.clauses[clause["clause_id"]])
        given, _, place = line.rpartition("（晋")
        assert given.startswith(f"{number}. ")
        # The caption, or the words of which it is the cut beginning.
        assert caption.rstrip("…") in given
        assert f"晋{place}".startswith(clause["doc_no"])
        assert clause["locator"] in line
        badge = snapshot.phrases(f"status.{clause['status']}.badge")
        assert line.endswith(f"{badge}）")
    assert reply.context.offered == tuple(ids(reply))


def test_pages_turn_to_the_end_and_back(assistant: Assistant) -> None:
    found = pages(assistant, QUESTION)
    shown = [key for page in found for key in ids(page)]
    assert len(found) > 1
    assert len(shown) == len(set(shown)) <= LISTED
    assert all(len(ids(page)) == PAGE for page in found[:-1])
    after = assistant.more("还有吗", found[-1].context, DAY)
    assert after.custom["type"] == "text"
    assert "没有更多" in after.text
    back = assistant.more("上一页", found[1].context, DAY)
    assert ids(back) == ids(found[0])
    assert "没有更多" in assistant.more("上一页", found[0].context, DAY).text


@pytest.mark.parametrize("words", ["下一页", "还有吗", "更多", "还有别的吗", "继续", "再来几条"])
def test_every_way_to_ask_for_more_turns_the_page(assistant: Assistant, words: str) -> None:
    first = ask(assistant, QUESTION)
    second = assistant.more(words, first.context, DAY)
    assert second.custom["type"] == "policy_list"
    assert second.context.page == 1
    assert not set(ids(first)) & set(ids(second))


def test_what_is_over_comes_last_and_is_marked(assistant: Assistant) -> None:
    for question in ("稳岗返还有哪些政策", "房租减免都有哪些", "列一下社保缓缴的政策"):
        status = [
            c["status"] for page in pages(assistant, question) for c in page.custom["clauses"]
        ]
        order = [
            ("expired", "repealed").index(s) + 1 if s in ("expired", "repealed") else 0
            for s in status
        ]
        assert order == sorted(order), question
        text = "\n".join(page.text for page in pages(assistant, question))
        assert text.count("，已过期）") == status.count("expired")
        assert text.count("，已废止）") == status.count("repealed")


def test_a_zone_is_named(assistant: Assistant) -> None:
    reply = ask(assistant, "综改示范区高新技术企业有哪些政策")
    zones = [c for c in reply.custom["clauses"] if c["scope"] != "province"]
    assert zones
    assert reply.text.count("只限") == len(zones)


@pytest.mark.parametrize(("words", "index"), [("第二个", 1), ("最后一个", -1), ("3", 2)])
def test_an_item_is_chosen_and_the_list_is_kept(
    assistant: Assistant, words: str, index: int
) -> None:
    listed = ask(assistant, QUESTION)
    chosen = assistant.choose(words, listed.context, DAY)
    assert chosen.custom["type"] == "policy_answer"
    assert ids(chosen)[0] == ids(listed)[index]
    again = assistant.choose("第一个", chosen.context, DAY)
    assert ids(again)[0] == ids(listed)[0]
    after = assistant.respond("归哪个部门管", "ask_department", chosen.context, DAY)
    assert ids(after)[0] == ids(listed)[index]
    assert assistant.more("下一页", after.context, DAY).context.page == 1


def test_a_button_leads_to_its_item(assistant: Assistant) -> None:
    listed = ask(assistant, QUESTION)
    for button, clause_id in zip(listed.buttons, ids(listed), strict=False):
        reply = assistant.respond(button["payload"], "ask_document", EMPTY, DAY)
        assert ids(reply)[0] == clause_id


def test_the_first_time_is_no_first_item(assistant: Assistant) -> None:
    listed = ask(assistant, QUESTION)
    reply = assistant.respond("第一次升规奖多少", "ask_amount", listed.context, DAY)
    assert reply.context.subject == "第一次升规奖多少" or reply.custom["type"] != "policy_answer"


@pytest.mark.parametrize("question", ["都有啥补贴", "贷款有哪些", "有什么优惠"])
def test_a_word_that_names_no_measure_is_asked_back(assistant: Assistant, question: str) -> None:
    assert ask(assistant, question).custom["type"] == "clarify"


@pytest.mark.parametrize("question", ["有哪些政策", "列一下", "都有哪些"])
def test_a_list_of_nothing_is_asked_back(assistant: Assistant, question: str) -> None:
    reply = ask(assistant, question)
    assert reply.custom["type"] == "clarify"
    assert not reply.custom["clauses"]


def test_more_of_nothing_is_asked_back(assistant: Assistant) -> None:
    assert assistant.more("下一页", EMPTY, DAY).custom["type"] == "clarify"


def test_more_after_an_answer_lists_its_subject(assistant: Assistant) -> None:
    before = Context(clause_id="jzf-2022-14.8", subject="稳岗返还能返多少")
    reply = assistant.more("还有别的吗", before, DAY)
    assert reply.custom["type"] == "policy_list"
    assert "稳岗" in reply.text


def test_more_of_another_subject_is_a_list_of_that(assistant: Assistant) -> None:
    listed = ask(assistant, QUESTION)
    reply = assistant.more("还有留抵退税的吗", listed.context, DAY)
    assert "留抵退税" in reply.text
    assert reply.context.page == 0


def test_a_documents_clauses_are_listed_in_their_order(assistant: Assistant) -> None:
    found = pages(assistant, "晋政发〔2022〕14号都有哪些措施")
    shown = [key for page in found for key in ids(page)]
    assert shown == [f"jzf-2022-14.{number}" for number in range(1, 47)]
    assert found[0].text.startswith("晋政发〔2022〕14号《")


def test_nothing_is_listed_for_what_is_not_held(assistant: Assistant) -> None:
    for question in ("列一下北京的补贴", "晋政发〔2021〕3号有哪些内容"):
        assert ask(assistant, question).custom["type"] == "text", question


def test_a_doubtful_search_fills_no_list(assistant: Assistant) -> None:
    """Clauses that share next to nothing with the question are no list."""
    question = "列一下世界杯冠军"
    reply = ask(assistant, question)
    outcome = assistant.search.find("世界杯冠军", DAY, LISTED)
    if outcome.decision != "answer":
        assert reply.custom["type"] == "text"
        assert not reply.custom["clauses"]


def test_every_list_is_founded(assistant: Assistant, snapshot: Snapshot) -> None:
    listed = 0
    for term in snapshot.lexicon.terms:
        reply = ask(assistant, f"{term.name}有哪些政策")
        if reply.custom["type"] == "policy_list":
            listed += 1
            assert founded(reply), (term.name, figures(reply.text))
            assert len(ids(reply)) <= PAGE
    assert listed > 60


@pytest.mark.parametrize(
    ("text", "subject"),
    [
        ("专精特新有哪些政策", "专精特新 政策"),
        ("都有啥补贴", "补贴"),
        ("列一下养老的政策", "养老的政策"),
        ("把所有社保的政策列出来", "社保的政策"),
        ("什么是留抵退税", "留抵退税"),
        ("小升规是什么意思", "小升规"),
        ("解释一下链主企业", "链主企业"),
        ("还有哪些", ""),
        ("再担保都有哪些", "再担保"),
        ("概念验证中心是啥", "概念验证中心"),
        ("混合所有制改革列一下", "混合所有制改革"),
        ("扩岗补助每人1500元", "扩岗补助每人1500元"),
    ],
)
def test_the_subject_is_what_is_left_without_the_frame(
    snapshot: Snapshot, text: str, subject: str
) -> None:
    assert subject_of(text, snapshot.lexicon) == subject


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        # A case is told; that Rasa takes it for a list must not cost the answer.
        ("我们酒店去年招了两个刚毕业的大学生，扩岗补助一个人给多少钱", "eligibility_result"),
        ("我们酒店去年招了两个刚毕业的大学生，都有哪些政策", "policy_list"),
        ("养老服务政策", "policy_list"),
    ],
)
def test_a_long_message_is_a_list_only_where_it_asks_for_several(
    assistant: Assistant, text: str, kind: str
) -> None:
    assert ask(assistant, text).custom["type"] == kind
