"""The search: finds, names, and counts its confidence."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.policies.search import Search
from bot.policies.search.bm25 import BM25

DAY = date(2026, 11, 21)


@pytest.mark.parametrize(
    ("question", "clause"),
    [
        ("租的国企的门面，疫情那会儿房租能免几个月", "jzf-2022-14.35"),
        ("公基金能缓交不", "jzf-2022-14.41"),
        ("旅行社质量保证金退不退", "jzf-2022-14.36 jzbf-2022-33.36"),
        ("晋政发〔2022〕14号第八条", "jzf-2022-14.8"),
        ("14号文第40条", "jzf-2022-14.40"),
    ],
)
def test_the_right_clause_comes_first(search: Search, question: str, clause: str) -> None:
    outcome = search.find(question, DAY)
    assert outcome.hits[0].clause.id in clause.split()
    assert outcome.decision == "answer"


@pytest.mark.parametrize(
    "question", ["今天天气怎么样", "asdfjkl", "😀", "给我讲个笑话", "python怎么学", ""]
)
def test_nothing_is_stretched_to_fit(search: Search, question: str) -> None:
    assert search.find(question, DAY).decision == "nothing"


@pytest.mark.parametrize("question", ["补贴", "贷款", "有没有奖励"])
def test_a_vague_word_gets_a_choice(search: Search, question: str) -> None:
    outcome = search.find(question, DAY)
    assert outcome.vague
    assert outcome.decision == "offer"


def test_an_unknown_document_is_said_to_be_unknown(search: Search) -> None:
    outcome = search.find("晋政发〔1999〕3号有啥", DAY)
    assert outcome.unknown_document == "晋政发〔1999〕3号"
    assert search.find("晋政发〔2021〕3号", DAY).unknown_document == "晋政发〔2021〕3号"


def test_an_article_that_does_not_exist_finds_nothing(search: Search) -> None:
    outcome = search.find("晋政发〔2022〕14号第99条", DAY)
    assert outcome.named
    assert not outcome.hits


@pytest.mark.parametrize("question", ["北京公积金贷款", "杭州消费券几点抢"])
def test_another_province_is_not_answered(search: Search, question: str) -> None:
    assert search.find(question, DAY).elsewhere in {"北京", "杭州"}
    assert search.find(f"山西的呢，不是{question}", DAY).elsewhere is None


@pytest.mark.parametrize(
    "question",
    [
        "北京来的教授带队到我们厂，省里给不给钱",
        "从深圳搬来的高企，能拿多少奖",
        "广州那个展会我们去参展，摊位费省里补不补",
    ],
)
def test_a_place_that_is_only_passed_through_is_no_hindrance(search: Search, question: str) -> None:
    assert search.find(question, DAY).elsewhere is None


def test_a_named_year_prefers_documents_of_that_year(search: Search) -> None:
    def share_of(question: str, year: int) -> float:
        hits = search.find(question, DAY, limit=50).hits
        return sum(h.score for h in hits if h.document.year == year) / sum(h.score for h in hits)

    plain = "支持企业技术改造的办法"
    for year in (2022, 2024):
        assert share_of(f"{year}年{plain}", year) > share_of(plain, year)


def test_limit_and_order(search: Search) -> None:
    hits = search.find("企业 补贴 贷款", DAY, limit=7).hits
    assert len(hits) == 7
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=120))
def test_any_text_gets_an_outcome(search: Search, text: str) -> None:
    outcome = search.find(text, DAY)
    assert 0 <= outcome.confidence <= 1
    assert outcome.decision in {"answer", "offer", "nothing"}
    if outcome.decision != "nothing":
        assert outcome.hits


def test_bm25_against_the_formula() -> None:
    index = BM25([{"b:a": 2, "b:b": 1}, {"b:b": 1}], {"b": 1.0}, k1=1.2, b=0.75)
    idf = 0.6931472  # ln(1 + (2 - 1 + 0.5) / (1 + 0.5))
    expected = idf * 2 * 2.2 / (2 + 1.2 * (1 - 0.75 + 0.75 * 3 / 2))
    assert index.scores({"b:a": 1}).tolist() == pytest.approx([expected, 0.0], rel=1e-5)
    assert index.weight("b:c") > index.weight("b:a") > index.weight("b:b")
    assert index.held("b") == {"a": 1, "b": 2}
