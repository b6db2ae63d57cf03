"""The first document: what its source says, and its YAML."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.errors import KnowledgeError
from bot.importer import Recipe, dump, import_source, normalise_doc_no

Document = dict[str, Any]


def test_particulars(document: Document) -> None:
    assert {key: document[key] for key in list(document)[:8]} == {
        "id": "jzf-2022-14",
        "doc_no": "晋政发〔2022〕14号",
        "title": "山西省扎实推进稳住经济一揽子政策措施行动计划",
        "issuer": "山西省人民政府",
        "issued_on": "2022-06-01",
        "source": "000",
        "scope": "province",
        "parts": [],
    }


def test_forty_six_clauses_in_seven_sections(document: Document) -> None:
    clauses = document["clauses"]
    assert [c["number"] for c in clauses] == list(range(1, 47))
    assert [c["id"] for c in clauses] == [f"jzf-2022-14.{n}" for n in range(1, 47)]
    assert Counter(c["section"] for c in clauses) == {
        "一、财税政策措施（9条）": 9,
        "二、金融政策措施（4条）": 4,
        "三、稳投资促消费等政策措施（11条）": 11,
        "四、保粮食能源安全政策措施（9条）": 9,
        "五、保产业链供应链稳定政策措施（7条）": 7,
        "六、保基本民生政策措施（3条）": 3,
        "七、组织保障措施（3条）": 3,
    }
    assert all(c["part"] is c["subsection"] is c["responsible"] is None for c in clauses)


def test_texts_are_one_line_without_label_or_blank(document: Document) -> None:
    for clause in document["clauses"]:
        # No two ASCII words follow each other anywhere in this source.
        assert not any(character.isspace() for character in clause["text"])
        assert clause["text"].endswith("。")
        assert not clause["text"][0].isdigit()


def test_the_page_number_within_clause_17_is_gone(document: Document) -> None:
    clause = document["clauses"][16]
    assert "分布式取暖等工程项目。加快推动" in clause["text"]
    assert clause["lines"] == [371, 397]
    assert {"kind": "furniture", "lines": [377, 377], "text": "10"} in document["matter"]


def test_a_figure_is_whole_across_line_and_page(document: Document) -> None:
    assert "缓缴期限阶段性实施到2022年12月31日。" in document["clauses"][6]["text"]
    assert "减按12.5%计入应纳税所得额" in document["clauses"][1]["text"]
    assert "3.5吨及以下货车、1.6升及以下排量乘用车" in document["clauses"][22]["text"]


def test_faults_of_the_source_are_kept(document: Document) -> None:
    assert "超超低排放" in document["clauses"][16]["text"]
    assert document["clauses"][28]["text"].count("持续深化非常规天然气增储上产。") == 2


def test_making_it_again_gives_the_committed_file(document: Document, source_path: Path) -> None:
    committed = source_path.parents[1] / "documents" / "jzf-2022-14.yml"
    assert dump(document).encode() == committed.read_bytes()


def test_yaml_reads_back_as_the_document(document: Document) -> None:
    text = dump(document)
    assert yaml.safe_load(text) == document
    assert dump(yaml.safe_load(text)).count("\n") > text.count("\n")  # lines in flow style
    assert "issued_on: '2022-06-01'" in text
    assert "\\u" not in text
    longest = max(document["clauses"], key=lambda clause: len(clause["text"]))
    assert f"    text: {longest['text']}\n" in text


@pytest.mark.parametrize(
    ("printed", "doc_no"),
    [
        ("晋政办发[2022]34 号", "晋政办发〔2022〕34号"),
        ("(晋政发〔2022〕14号)", "(晋政发〔2022〕14号)"),
        ("晋政办发［2023］ 56 号", "晋政办发〔2023〕56号"),
        ("晋商综函（2022）171号", "晋商综函〔2022〕171号"),
    ],
)
def test_document_numbers(printed: str, doc_no: str) -> None:
    assert normalise_doc_no(printed) == doc_no


@pytest.mark.parametrize(
    ("change", "missing"),
    [
        ({"doc_no": "某政发〔2022〕4号"}, "文号“某政发〔2022〕4号”"),
        ({"title": "某方案"}, "标题“《某方案》”"),
        ({"issuer": "某市人民政府"}, "发文机关“某市人民政府”"),
        ({"issued_on": "2022-06-02"}, "印发日期“2022年6月2日”"),
    ],
)
def test_particulars_must_stand_in_the_front(
    import_text: Callable[..., Document],
    small_source: str,
    small_recipe: Recipe,
    change: dict[str, Any],
    missing: str,
) -> None:
    with pytest.raises(KnowledgeError) as caught:
        import_text(small_source, replace(small_recipe, **change))
    assert caught.value.faults == [f"sources/small.txt:9: 到此为止的文前内容中没有{missing}"]


def test_unreadable_sources(tmp_path: Path, small_recipe: Recipe) -> None:
    path = tmp_path / "small.txt"
    with pytest.raises(KnowledgeError, match=r"small\.txt:1: 无法读取"):
        import_source(path, small_recipe)
    path.write_bytes("甲\n乙".encode() + b"\xff")
    with pytest.raises(KnowledgeError, match=r"small\.txt:2: 不是 UTF-8 文本"):
        import_source(path, small_recipe)
    path.write_bytes(b"")
    with pytest.raises(KnowledgeError, match=r"small\.txt:1: 没有找到任何条文"):
        import_source(path, small_recipe)
