"""issuers.yml and corrections.yml: what they say, and that it fits the sources."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.errors import KnowledgeError
from bot.importer import Library, import_all
from bot.importer.tables import Code, read_codes, read_corrections

Row = dict[str, Any]
ImportList = Callable[[str], Library]


def faults(run: Callable[[], Any]) -> list[str]:
    with pytest.raises(KnowledgeError) as caught:
        run()
    return caught.value.faults


# The tables as committed


def test_codes(knowledge: Path) -> None:
    codes = read_codes(knowledge)
    assert codes["晋政办发"] == Code("jzbf", "山西省人民政府办公厅", "province")
    assert codes["晋综改规发"].scope == codes["晋综示规发"].scope == "山西转型综合改革示范区"
    # Nothing says whose this is, and nothing is inferred.
    assert codes["晋金监管一"] == Code("jjjgy", None, "province")
    assert [name for name, code in codes.items() if code.issuer is None] == ["晋金监管一"]
    assert {name for name, code in codes.items() if code.scope != "province"} == {
        name for name in codes if name.startswith("晋综")
    }


def test_each_code_stands_once(knowledge: Path) -> None:
    # YAML would take the last of two silently.
    lines = (knowledge / "issuers.yml").read_text("utf-8").split("\n")
    names = [match[1] for line in lines if (match := re.match(r"  (\S+): \{slug: ", line))]
    assert len(names) == len({*names}) == len(read_codes(knowledge))


def test_ids_are_made_of_the_slug_the_year_and_the_number(
    knowledge: Path, library: Library
) -> None:
    codes = read_codes(knowledge)
    for document in library.documents.values():
        if document["doc_no"]:
            code, year, number = re.fullmatch(  # type: ignore[union-attr]
                r"(.+?)〔?(20\d\d)(?:〕|年第)(\d+)号", document["doc_no"]
            ).groups()
            assert document["id"] == f"{codes[code].slug}-{year}-{number}"
            assert document["scope"] == codes[code].scope
            if document["issuer_from"] == "doc_no":
                assert document["issuer"] == codes[code].issuer


def test_every_correction_corrects_a_row_or_a_point(knowledge: Path, library: Library) -> None:
    corrections = read_corrections(knowledge)
    assert len(corrections.doc_nos) == 2
    assert len(corrections.rows) == 1
    places = {
        (name, row["lines"][0])
        for name, layout in library.layouts.items()
        for row in layout["order"]
        if row.get("kind") == "row"
    } | {(c["source"], c["lines"][0]) for c in library.clauses.values()}
    assert {*corrections.doc_nos, *corrections.rows} <= places


def test_every_correction_says_why(knowledge: Path) -> None:
    table = yaml.safe_load((knowledge / "corrections.yml").read_text("utf-8"))
    for row in (*table["doc_nos"], *table["rows"]):
        assert len(row["why"]) > 10


# Faults


def test_two_codes_with_one_slug_are_a_fault(small_root: Path) -> None:
    (small_root / "issuers.yml").write_text(
        "issuers:\n  晋甲发: {slug: j, issuer: 甲}\n  晋乙发: {slug: j, issuer: 乙}\n", "utf-8"
    )
    assert faults(lambda: read_codes(small_root)) == [
        f"{small_root.name}/issuers.yml:3: 晋乙发.slug: slug 重复：j"
    ]


@pytest.mark.parametrize("name", ["issuers.yml", "corrections.yml"])
@pytest.mark.parametrize(
    ("content", "error"),
    [
        (None, "0: -: 无法读取"),
        (b"a: [", "2: -: YAML 语法错误"),
        (b"a: \xff", "0: -: YAML 语法错误"),
        (b"", "1: -: 应为键值对照"),
        (b"a: 1", "1: a: 未知的键"),
    ],
)
def test_a_table_that_cannot_be_read_is_named(
    small_root: Path, name: str, content: bytes | None, error: str
) -> None:
    if content is None:
        (small_root / name).unlink()
    else:
        (small_root / name).write_bytes(content)
    found = faults(lambda: import_all(small_root, ()))
    assert any(fault.startswith(f"{small_root.name}/{name}:{error}") for fault in found), found


def test_a_correction_that_meets_nothing_is_a_fault(knowledge: Path, tmp_path: Path) -> None:
    for name in ("sources", "issuers.yml"):
        (tmp_path / name).symlink_to(knowledge / name)
    text = (knowledge / "corrections.yml").read_text("utf-8")
    (tmp_path / "corrections.yml").write_text(text.replace("10322", "10323"), "utf-8")
    assert any("sources/004.txt:10323: 更正表" in f for f in faults(lambda: import_all(tmp_path)))


# Corrections


def correct(root: Path, **tables: list[Row]) -> None:
    content = {"doc_nos": [], "rows": [], **tables}
    (root / "corrections.yml").write_text(yaml.safe_dump(content, allow_unicode=True), "utf-8")


def doc_no(line: int, printed: str, read: str) -> list[Row]:
    return [{"source": "small", "line": line, "printed": printed, "read": read, "why": "印错"}]


def test_a_misprinted_number_is_read_as_corrected(
    import_list: ImportList, list_text: str, small_root: Path
) -> None:
    text = list_text.replace("晋某区发[2022] 5 号", "晋某区发[20223] 5 号")
    assert faults(lambda: import_list(text))[0].startswith("sources/small.txt:11: issuers.yml")
    correct(small_root, doc_nos=doc_no(11, "晋某区发[20223]5号", "晋某区发〔2022〕5号"))
    library = import_list(text)
    assert "jmqf-2022-5.sc2" in library.clauses
    # What is printed stays so in the layout.
    printed = [r["text"] for r in library.layouts["small"]["order"] if r.get("kind") == "doc_no"]
    assert printed[1] == "晋某区发[20223]5号"


def test_a_number_of_a_table_is_read_as_corrected(
    import_list: ImportList, list_text: str, small_root: Path
) -> None:
    text = list_text.replace("晋某发〔2021〕\n\n4 号", "晋某发（2021）\n\n44 号")
    assert import_list(text).documents["jmf-2021-4"]["title"] is None
    correct(small_root, doc_nos=doc_no(27, "晋某发（2021）44号", "晋某发〔2021〕4号"))
    documents = import_list(text).documents
    assert documents["jmf-2021-4"]["title"] == "某省某厅关于甲的通知"
    assert "jmf-2021-44" not in documents


def test_a_correction_of_words_that_are_not_printed_is_a_fault(
    import_list: ImportList, list_text: str, small_root: Path
) -> None:
    correct(small_root, doc_nos=doc_no(11, "晋某区发〔2022〕55号", "晋某区发〔2022〕5号"))
    assert faults(lambda: import_list(list_text)) == [
        "sources/small.txt:11: 更正表所称的文号“晋某区发〔2022〕55号”与原文“晋某区发[2022]5号”不符"
    ]


def row(line: int, printed: str, title: str, number: str) -> list[Row]:
    places = {"source": "small", "line": line, "printed": printed}
    return [{**places, "title": title, "doc_no": number, "why": "错位"}]


def test_a_row_whose_cells_are_mixed_is_read_as_corrected(
    import_list: ImportList, list_text: str, small_root: Path
) -> None:
    text = list_text.replace("某办法\n\n无", "某办无法\n\n（试行）")
    assert faults(lambda: import_list(text)) == [
        "sources/small.txt:35: 表格这一行没有文号：“某办无法（试行）”"
    ]
    correct(small_root, rows=row(35, "某办无法（试行）", "某办法（试行）", "无"))
    library = import_list(text)
    assert library.documents["wh-a2"]["title"] == "某办法（试行）"
    assert library.layouts["small"]["order"][-1]["text"] == "2. 某办无法（试行）"


def test_a_correction_of_a_row_that_is_printed_otherwise_is_a_fault(
    import_list: ImportList, list_text: str, small_root: Path
) -> None:
    correct(small_root, rows=row(35, "某办法（试行）无", "某办法（试行）", "无"))
    assert faults(lambda: import_list(list_text)) == [
        "sources/small.txt:35: 更正表所称的“某办法（试行）无”与原文“某办法无”不符"
    ]


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        (
            "printed: 晋能源直党发〔20234〕81号",
            "printed: 晋能源直党发〔20235〕81号",
            "sources/004.txt:10176: 更正表所称的文号“晋能源直党发〔20235〕81号”与原文"
            "“晋能源直党发〔20234〕81号”不符",
        ),
        (
            "printed: 晋发改投资函（2022）91号",
            "printed: 晋发改投资函〔2022〕91号",
            "sources/004.txt:10322: 更正表所称的文号“晋发改投资函〔2022〕91号”与原文"
            "“晋发改投资函（2022）91号”不符",
        ),
        (
            "printed: 山西省财政厅、国家税务总局",
            "printed: 山西省财政厅，国家税务总局",
            "sources/004.txt:10575: 更正表所称的“山西省财政厅，国家税务总局山西省税务局关于明确免征"
            "土地增无值税政策执行标准的公告”与原文“山西省财政厅、国家税务总局山西省税务局关于明确免征"
            "土地增无值税政策执行标准的公告”不符",
        ),
    ],
)
def test_the_real_corrections_must_fit_the_sources(
    knowledge: Path, tmp_path: Path, old: str, new: str, fault: str
) -> None:
    for name in ("sources", "issuers.yml"):
        (tmp_path / name).symlink_to(knowledge / name)
    text = (knowledge / "corrections.yml").read_text("utf-8")
    assert old in text
    (tmp_path / "corrections.yml").write_text(text.replace(old, new), "utf-8")
    assert faults(lambda: import_all(tmp_path)) == [fault]


def test_a_code_that_the_table_lacks_is_named_with_its_lines(
    knowledge: Path, tmp_path: Path
) -> None:
    for name in ("sources", "corrections.yml"):
        (tmp_path / name).symlink_to(knowledge / name)
    text = (knowledge / "issuers.yml").read_text("utf-8")
    line = "  晋财教: {slug: jcj, issuer: 山西省财政厅}\n"
    assert line in text
    (tmp_path / "issuers.yml").write_text(text.replace(line, ""), "utf-8")
    found = faults(lambda: import_all(tmp_path))
    assert [fault.split(" ")[0] for fault in found] == [
        f"sources/004.txt:{number}:" for number in (10517, 3227, 3242)
    ]
    assert {fault.partition(" ")[2] for fault in found} == {
        "issuers.yml 没有文号“晋财教〔2022〕63号”的代字"
    }
