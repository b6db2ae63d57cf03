"""Documents by their title: the one that is named, or none."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest

from bot.policies.model import Document, Snapshot
from bot.policies.search import Search
from bot.policies.search.titles import Titles

Find = Callable[[str], str | None]


@pytest.fixture(scope="module")
def find(snapshot: Snapshot, search: Search) -> Find:
    """The id of the document that a question names, over all documents of the base."""
    return finder(search, *snapshot.documents.values())


def finder(search: Search, *documents: Document) -> Find:
    titles = Titles(documents, search.analyzer)

    def found(question: str) -> str | None:
        analysis = search.read(question)
        years = [int(year) for year in analysis.values("year")]
        titled = titles.find(analysis.normalised, search.weigh(analysis), years)
        return titled.document.id if titled is not None else None

    return found


@pytest.mark.parametrize(
    ("question", "document"),
    [
        ("引客入晋旅行社奖励办法", "jwlf-2021-42"),
        ("山西省企业资金链应急周转保障资金管理办法", "jzbf-2023-55"),
        ("《山西省推进氢能产业发展工作方案》", "jfggxf-2022-337"),
        ("优化营业性演出审批服务实施方案讲了啥", "jwlf-2024-13"),
        ("山西省政府投资基金管理办法", "jzf-2025-6"),
        ("山西省推进“标准地”改革工作方案", "jzbfd-2021-30"),
        ("關於促進平臺經濟發展若干政策的通知", "jzbf-2021-18"),
    ],
)
def test_a_document_is_found_by_its_title(find: Find, question: str, document: str) -> None:
    assert find(question) == document


@pytest.mark.parametrize(
    ("question", "document"),
    [
        ("链主企业遴选办法", "jzbf-2023-44"),
        ("网络货运的文件", "jzbf-2022-6"),
        ("低空经济若干措施里头写了什么", "jzbf-2024-25"),
        ("创新券那个办法的原文", "jkf-2024-16"),
        ("节水贷指导意见", "jsjs-2023-293"),
        ("府院联动的通知", "jzbh-2022-166"),
        ("晋创谷创新驱动平台建设三年行动计划", "wh-a59"),  # of no known year
    ],
)
def test_a_document_is_found_by_a_part_of_its_title(
    find: Find, question: str, document: str
) -> None:
    assert find(question) == document


@pytest.mark.parametrize(
    ("question", "by_year"),
    [
        ("推进服务业提质增效行动计划", {2022: "jzbf-2022-35", 2024: "jzbf-2024-12", 2025: None}),
        ("新型研发机构认定和管理办法", {2021: "jkf-2021-38", 2024: "jkg-2024-4", 2025: None}),
        ("知识产权质押融资若干措施", {2024: "jzcf-2024-28"}),
        ("知识产权质押融资实施方案", {2023: "jzcf-2023-19"}),
        ("规上工业企业净增工作方案", {2023: "jqf-2023-21", 2021: "jqf-2021-78"}),
        ("老字号的文件", {2024: "jslt-2024-42", 2021: "jslth-2021-156"}),
    ],
)
def test_a_year_decides_between_two(
    find: Find, question: str, by_year: dict[int, str | None]
) -> None:
    assert find(question) is None  # both fit
    for year, document in by_year.items():
        assert find(f"{year}年{question}") == document


def test_a_document_of_another_year_is_not_meant(find: Find) -> None:
    assert find("氢能产业发展工作方案") == find("2022年氢能产业发展工作方案") == "jfggxf-2022-337"
    assert find("2019年氢能产业发展工作方案") is None


@pytest.mark.parametrize(
    "question",
    [
        "低空经济有补贴吗",  # speaks of no document
        "网络货运平台怎么申请",
        "文件", "那个文件", "有什么政策文件", "2023年那个文件", "山西省人民政府办公厅的通知",
        "今天天气通知", "火星移民实施方案", "办法总比困难多",
        "",
    ],
)  # fmt: skip
def test_nothing_is_named(find: Find, question: str) -> None:
    assert find(question) is None


@pytest.mark.parametrize("question", ["有没有补贴的文件", "贷款的文件"])
def test_a_vague_word_names_no_document(search: Search, question: str) -> None:
    assert search.find(question, date(2026, 11, 21)).named == ()


def test_a_document_and_nothing_in_it(search: Search) -> None:
    day = date(2026, 11, 21)
    assert search.find("2023年那个稳增长的文件", day).whole
    assert search.find("引客入晋旅行社奖励办法全文", day).whole
    asked = search.find("引客入晋旅行社奖励办法奖多少", day)
    assert asked.named and asked.hits and not asked.whole


def test_two_that_fit_equally_name_none(snapshot: Snapshot, search: Search) -> None:
    one = replace(snapshot.documents["jzbf-2022-6"], id="one")
    other = replace(one, id="other")
    third = snapshot.documents["jzbf-2024-25"]
    assert finder(search, one, third)("网络货运的文件") == "one"
    assert finder(search, one, other, third)("网络货运的文件") is None
    # The year decides where only one of the two is of it.
    newer = replace(other, issued_on=date(2024, 1, 2))
    assert finder(search, one, newer, third)("2024年网络货运的文件") == "other"


def test_most_of_what_is_asked_must_stand_in_the_title(snapshot: Snapshot, search: Search) -> None:
    only = finder(search, snapshot.documents["jzbf-2022-6"])
    assert only("网络货运的文件") == "jzbf-2022-6"
    assert only("网络货运司机买养老保险和医疗保险的文件") is None


def test_documents_without_a_title_and_no_documents_at_all(
    snapshot: Snapshot, search: Search
) -> None:
    untitled = [document for document in snapshot.documents.values() if not document.title]
    assert untitled
    assert finder(search, *untitled)("网络货运的文件") is None
    assert finder(search)("网络货运的文件") is None


def short_name(document: Document) -> str:
    """The title as people cite it: what stands in 《》, else without 关于印发 … 的通知."""
    assert document.title
    quoted = re.search(r"《(.+)》", document.title)
    return quoted[1] if quoted else re.sub(r"^.*?关于(印发)?|的通知$", "", document.title)


def test_by_its_short_name_and_year_a_document_is_found_and_never_another(
    snapshot: Snapshot, find: Find
) -> None:
    found, wrong, asked = 0, [], 0
    for document in snapshot.documents.values():
        if document.title and document.year:
            asked += 1
            answer = find(f"《{short_name(document)}》，{document.year}年")
            found += answer == document.id
            if answer not in (document.id, None):
                wrong.append((document.id, answer))
    assert wrong == []
    # A few are called alike, or by words that nearly every title holds.
    assert asked > 150
    assert found >= 0.95 * asked


@pytest.mark.parametrize(
    "document",
    [
        "jzf-2023-16",
        "jzbf-2023-44",
        "jqf-2022-31",
        # Issuers stand in the question and are cut off the title …
        "jfggxf-2022-337",
        "jkf-2024-16",
        "jgxyxz-2024-134",
        # … or a year stands in the title and the document itself has none.
        "wh-b104",
        "wh-a59",
    ],
)
def test_a_title_copied_whole_names_its_document(
    snapshot: Snapshot, find: Find, document: str
) -> None:
    assert find(f"{snapshot.documents[document].title}全文") == document


def test_a_search_by_title_stays_within_the_document(search: Search) -> None:
    outcome = search.find("2023年那个稳增长的文件", date(2026, 11, 21))
    assert [document.id for document in outcome.named] == ["jzbf-2023-56"]
    assert {hit.document.id for hit in outcome.hits} == {"jzbf-2023-56"}
