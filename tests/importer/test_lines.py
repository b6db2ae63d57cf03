"""Printed lines; page numbers, running headers, strays, and lines that are two."""

from __future__ import annotations

import pytest

from bot.errors import KnowledgeError
from bot.importer.lines import (
    Furniture,
    Line,
    bare,
    cut_lines,
    split_lines,
    take_furniture,
    take_strays,
)

HEADERS = frozenset({"某页眉"})


def parted(source: str) -> tuple[list[str], list[Furniture]]:
    prose, furniture = take_furniture(split_lines(source), HEADERS, "sources/x.txt")
    return [line.text for line in prose], furniture


def test_lines_keep_the_numbers_an_editor_shows_across_a_form_feed() -> None:
    lines = split_lines("甲\n\n\f 乙\n\f\n丙\u3000\r\n")
    assert [(line.number, line.text, line.gap) for line in lines] == [
        (1, "甲", 0),
        (3, "乙", 1),
        (5, "丙", 1),
    ]


def test_what_prints_nothing_is_blank() -> None:
    assert bare("\ufeff 甲\u3000\t\u200b乙\u00a0\f\r\n") == "甲乙"
    assert split_lines("\ufeff\n\u200b \n") == []


@pytest.mark.parametrize(
    ("page", "lines", "text"),
    [
        ("\n\n10\n\n", (4, 4), "10"),
        ("\n- 10 -\n\n", (3, 3), "-10-"),
        ("\n— 10 —\n\n", (3, 3), "—10—"),
        ("\n1\n0\n\n", (3, 4), "10"),
        ("\n某\n页\n眉\n\n", (3, 5), "某页眉"),
        ("\n某页眉\n\n", (3, 3), "某页眉"),
        ("\n某 页 眉\n\n", (3, 3), "某页眉"),
    ],
)
def test_furniture_within_a_clause_is_taken_out(
    page: str, lines: tuple[int, int], text: str
) -> None:
    prose, furniture = parted(f"1.前半\n{page}后半。\n")
    assert prose == ["1.前半", "后半。"]
    assert furniture == [Furniture(*lines, text)]


@pytest.mark.parametrize(
    ("gap", "digits"), [("\n\n\n", "5\n2"), ("\n\n\n", "52"), ("", "52"), ("", "5\n2")]
)
def test_a_column_and_the_page_number_below_it_are_two_pieces(gap: str, digits: str) -> None:
    if digits == "52" and not gap:
        # One line of two digits that does not stand off may be prose.
        with pytest.raises(KnowledgeError, match=r"x\.txt:5: 单独成行的“52”无法判断"):
            parted(f"前文\n某\n页\n眉\n{gap}{digits}\n\n后文。\n")
        return
    prose, furniture = parted(f"前文\n某\n页\n眉\n{gap}{digits}\n\n后文。\n")
    assert prose == ["前文", "后文。"]
    assert [piece.text for piece in furniture] == ["某页眉", "52"]


def test_a_last_line_of_one_character_is_prose() -> None:
    assert parted("给予补\n\n贴\n\n2.乙。\n") == (["给予补", "贴", "2.乙。"], [])


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("投资\n\n10\n\n亿元。\n", "sources/x.txt:3: 单独成行的“10”无法判断是页码还是正文"),
        ("投资\n陌\n生\n亿元。\n", "sources/x.txt:2: 一字一行的“陌生”不是已登记的页眉或页码"),
        ("甲\n\n\n5\n\n乙\n\n\n4\n", "sources/x.txt:9: 页码 4 没有大于前一个页码 5"),
        ("甲\n\n\n5\n\n乙\n\n\n5\n", "sources/x.txt:9: 页码 5 没有大于前一个页码 5"),
    ],
)
def test_what_may_be_prose_is_never_dropped_silently(source: str, message: str) -> None:
    with pytest.raises(KnowledgeError) as caught:
        parted(source)
    assert caught.value.faults == [message]


def test_a_stray_is_taken_out_of_its_line() -> None:
    kept, taken = take_strays(
        split_lines("甲山\n乙某 通知丙\n山\n"), {1: "山", 2: "某 通知"}, "sources/x.txt"
    )
    assert [line.text for line in kept] == ["甲", "乙丙", "山"]
    assert taken == [Furniture(1, 1, "山"), Furniture(2, 2, "某通知")]
    kept, taken = take_strays(split_lines("山甲山\n"), {1: "山"}, "sources/x.txt")
    assert ([line.text for line in kept], taken) == (["甲山"], [Furniture(1, 1, "山")])


def test_a_line_is_cut_before_the_words_that_begin_something_else() -> None:
    lines = cut_lines([Line(7, "前文。各部门要", 2), Line(9, "各部门", 1)], {7: "各部门"}, "x")
    assert lines == [Line(7, "前文。", 2), Line(7, "各部门要", 0), Line(9, "各部门", 1)]


@pytest.mark.parametrize("number", [2, 9])
def test_a_stray_or_a_cut_that_is_not_there_is_a_fault(number: int) -> None:
    lines = split_lines("山\n乙\n")
    with pytest.raises(KnowledgeError) as caught:
        take_strays(lines, {number: "山"}, "sources/x.txt")
    assert caught.value.faults == [f"sources/x.txt:{number}: 没有登记的错排文字“山”"]
    with pytest.raises(KnowledgeError) as caught:
        cut_lines(lines, {number: "山"}, "sources/x.txt")
    assert caught.value.faults == [f"sources/x.txt:{number}: 没有登记的断开处“山”"]
