"""Hard breaks and layout blanks."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.importer.joining import join
from bot.importer.lines import bare, is_blank


@pytest.mark.parametrize(
    ("pieces", "text"),
    [
        (
            ["不超过 100万元部分，减按 12.5%计入", " 税所得额"],
            "不超过100万元部分，减按12.5%计入税所得额",
        ),
        (["缓缴期限到 2022", "年 12月 31日。"], "缓缴期限到2022年12月31日。"),
        (["6 月底前，10 亿元、50 亿元"], "6月底前，10亿元、50亿元"),
        (["提高银企“线上", "+线下”融资"], "提高银企“线上+线下”融资"),
        (["推进 LPR 改革"], "推进LPR改革"),
        (["LPR  5G\u3000WeCom"], "LPR 5G WeCom"),
        (["Wen", "Ce"], "Wen Ce"),
        (["补助 1", "00万元"], "补助100万元"),
        (["\f 甲\u3000乙\ufeff"], "甲乙"),
        ([], ""),
    ],
)
def test_join(pieces: list[str], text: str) -> None:
    assert join(pieces) == text


@given(st.lists(st.text(alphabet="甲，10aB %\u3000\t", max_size=8), max_size=5))
def test_join_changes_nothing_but_blanks(pieces: list[str]) -> None:
    text = join(pieces)
    assert bare(text) == bare("".join(pieces))
    assert text == text.strip()
    for before, here in pairwise(text):
        assert not (is_blank(before) and is_blank(here))
    for at, character in enumerate(text):
        if is_blank(character):
            assert all(c.isascii() and c.isalnum() for c in (text[at - 1], text[at + 1]))
