"""Printed lines; page numbers and running headers."""

from __future__ import annotations

import pytest

from bot.errors import KnowledgeError
from bot.importer.lines import Furniture, split_lines, take_furniture

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


@pytest.mark.parametrize(
    ("page", "lines", "text"),
    [
        ("\n\n10\n\n", (4, 4), "10"),
        ("\n- 10 -\n\n", (3, 3), "-10-"),
        ("\n1\n0\n\n", (3, 4), "10"),
        ("\n某\n页\n眉\n\n", (3, 5), "某页眉"),
        ("\n某页眉\n\n", (3, 3), "某页眉"),
    ],
)
def test_furniture_within_a_clause_is_taken_out(
    page: str, lines: tuple[int, int], text: str
) -> None:
    prose, furniture = parted(f"1.前半\n{page}后半。\n")
    assert prose == ["1.前半", "后半。"]
    assert furniture == [Furniture(*lines, text)]


def test_a_column_and_the_page_number_below_it_are_two_pieces() -> None:
    _, furniture = parted("前文\n某\n页\n眉\n\n\n\n5\n2\n\n后文。\n")
    assert [piece.text for piece in furniture] == ["某页眉", "52"]


def test_a_last_line_of_one_character_is_prose() -> None:
    assert parted("给予补\n\n贴\n\n2.乙。\n") == (["给予补", "贴", "2.乙。"], [])


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("投资\n\n10\n\n亿元。\n", "sources/x.txt:3: 单独成行的“10”无法判断是页码还是正文"),
        ("投资\n陌\n生\n亿元。\n", "sources/x.txt:2: 一字一行的“陌生”不是已登记的页眉或页码"),
        ("甲\n\n\n5\n\n乙\n\n\n4\n", "sources/x.txt:9: 页码 4 没有大于前一个页码 5"),
    ],
)
def test_what_may_be_prose_is_never_dropped_silently(source: str, message: str) -> None:
    with pytest.raises(KnowledgeError) as caught:
        parted(source)
    assert caught.value.faults == [message]
