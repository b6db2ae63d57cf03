"""Labels, headings, claimed counts, numbering; each fault with its file and line."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from bot.errors import KnowledgeError
from bot.importer import Recipe

Import = Callable[..., dict[str, Any]]


def texts(document: dict[str, Any]) -> list[tuple[int, str | None, str]]:
    return [(c["number"], c["section"], c["text"]) for c in document["clauses"]]


def test_labels_become_numbers_and_headings_are_kept_as_printed(
    import_text: Import, small_source: str
) -> None:
    assert texts(import_text(small_source)) == [
        (1, "一、财税（2条）", "甲。补助100万元。"),
        (2, "一、财税（2条）", "乙。"),
        (3, "二、金融（1条）", "丙。"),
    ]


@pytest.mark.parametrize("label", ["2．", "2 .", "２．", "2.\n\n"])
def test_other_forms_of_a_label(import_text: Import, small_source: str, label: str) -> None:
    document = import_text(small_source.replace("2.乙", f"{label}乙"))
    assert texts(document)[1] == (2, "一、财税（2条）", "乙。")


def test_a_decimal_at_the_start_of_a_line_is_no_label(
    import_text: Import, small_source: str
) -> None:
    document = import_text(
        small_source.replace("万元。", "万元，购买\n\n3.5吨货车、\n\n1.6升轿车。")
    )
    assert texts(document)[0][2] == "甲。补助100万元，购买3.5吨货车、1.6升轿车。"


def test_furniture_within_a_clause_goes_to_matter(import_text: Import, small_source: str) -> None:
    document = import_text(small_source.replace("万元。", "某\n页\n眉\n\n\n\n12\n\n万元。"))
    assert texts(document)[0][2] == "甲。补助100万元。"
    assert [m["text"] for m in document["matter"] if m["kind"] == "furniture"] == ["某页眉", "12"]


def test_closing(import_text: Import, small_source: str, small_recipe: Recipe) -> None:
    document = import_text(
        f"{small_source}\n本计划自印发\n\n之日起施行。\n", replace(small_recipe, closing="本计划")
    )
    assert texts(document)[-1][2] == "丙。"
    assert document["matter"][-1] == {
        "kind": "closing",
        "lines": [23, 25],
        "text": "本计划自印发之日起施行。",
    }


def test_levels_and_parts(import_text: Import, small_source: str, small_recipe: Recipe) -> None:
    source = small_source.replace(
        "一、财税（2条）", "清单（市场篇）\n\n一、财税（2条）\n\n（一）减税"
    )
    headings = {"part": r"清单（.+篇）", **small_recipe.headings, "subsection": r"（[一二三]）.+"}
    document = import_text(source, replace(small_recipe, headings=headings))
    assert document["parts"] == ["清单（市场篇）"]
    assert [(c["part"], c["subsection"]) for c in document["clauses"]] == [
        ("清单（市场篇）", "（一）减税"),
        ("清单（市场篇）", "（一）减税"),
        ("清单（市场篇）", None),
    ]


@pytest.mark.parametrize(
    ("old", "new", "faults"),
    [
        ("2条", "3条", ["11: 标题“一、财税（3条）”称有 3 条，实为 2 条"]),
        ("1条", "2条", ["19: 标题“二、金融（2条）”称有 2 条，实为 1 条"]),
        ("2.乙", "4.乙", ["17: 条文编号应为 2，实为 4", "21: 条文编号应为 5，实为 3"]),
        ("3.丙", "1.丙", ["21: 条文编号应为 3，实为 1"]),
        ("二、", "三、", ["19: 标题序号应为第 2，实为“三”"]),
        ("某政发", "无政发", ["11: 在此之前没有找到以“某政发”开头的文前内容"]),
    ],
)
def test_faults_name_file_and_line(
    import_text: Import, small_source: str, old: str, new: str, faults: list[str]
) -> None:
    with pytest.raises(KnowledgeError) as caught:
        import_text(small_source.replace(old, new))
    for fault in faults:
        assert any(found.startswith(f"sources/small.txt:{fault}") for found in caught.value.faults)
