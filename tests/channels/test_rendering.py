"""Long answers are cut where one takes breath, by bytes, and nothing is lost."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.rendering import shorten, size, split, with_choices


def bare(text: str) -> str:
    return "".join(text.split())


def test_bytes_are_counted_not_characters() -> None:
    assert size("社保a") == 7


def test_what_fits_stays_whole() -> None:
    text = "稳" * 682 + "ab"
    assert size(text) == 2048
    assert split(text, 2048) == [text]
    assert len(split(text + "c", 2048)) == 2


def test_nothing_gives_nothing() -> None:
    assert split("", 2048) == []
    assert split(" \n ", 2048) == []


def test_a_cut_comes_after_a_sentence() -> None:
    pieces = split("第一句说完了。第二句也说完了。第三句说得更长一些。", 60)
    assert pieces == ["第一句说完了。第二句也说完了。", "第三句说得更长一些。"]


def test_a_paragraph_that_fills_half_goes_before_a_sentence() -> None:
    text = "甲" * 20 + "\n" + "乙乙。" * 4 + "丙" * 30
    assert split(text, 100)[0] == "甲" * 20


def test_a_short_paragraph_does_not_leave_the_rest_empty() -> None:
    assert split("甲\n" + "乙乙乙。" * 30, 100)[0].endswith("乙乙乙。")
    assert size(split("甲\n" + "乙乙乙。" * 30, 100)[0]) > 50


def test_a_closing_quote_stays_with_its_sentence() -> None:
    text = "文件写的是“" + "稳" * 10 + "。”" + "以下另说" * 10
    limit = size("文件写的是“" + "稳" * 10 + "。")
    assert not any(piece.startswith("”") for piece in split(text, limit))


def test_without_a_sentence_a_comma_will_do() -> None:
    assert split("甲甲甲甲，乙乙乙乙，丙丙丙丙丙丙", 32)[0] == "甲甲甲甲，乙乙乙乙，"


@pytest.mark.parametrize("figure", ["1,234,567.89元", "12.5%", "2026-11-21", "example.com/a"])
def test_a_figure_is_never_torn(figure: str) -> None:
    core = figure.rstrip("元")
    for before in range(10):
        text = "补" * (before + 20) + figure + "贴" * 30
        assert any(core in piece for piece in split(text, 100)), before


def test_a_composed_character_is_never_torn() -> None:
    family = "👨\u200d👩\u200d👧"
    for before in range(8):
        pieces = split("a" * before + " " + "b" + family * 12, 64)
        assert not any(piece.startswith("\u200d") or piece.endswith("\u200d") for piece in pieces)


def test_a_limit_that_holds_nothing_is_refused() -> None:
    with pytest.raises(ValueError):
        split("稳岗", 15)


@given(st.text(max_size=600), st.integers(16, 300))
def test_every_piece_fits_and_all_is_there(text: str, limit: int) -> None:
    pieces = split(text, limit)
    assert all(0 < size(piece) <= limit for piece in pieces)
    assert bare("".join(pieces)) == bare(text)


@given(st.text("稳岗返还0123456789.,，。\n “”abc", max_size=900), st.integers(32, 300))
def test_so_does_what_looks_like_an_answer(text: str, limit: int) -> None:
    pieces = split(text, limit)
    assert all(0 < size(piece) <= limit for piece in pieces)
    assert bare("".join(pieces)) == bare(text)


def test_a_title_is_shortened_visibly() -> None:
    assert shorten("首次\n小升规  奖励", 10) == "首次 小升规 奖励"
    assert shorten("稳" * 12, 10) == "稳" * 9 + "…"


def line(number: int, title: str) -> str:
    return f"回复{number}：{title}"


def test_buttons_become_lines() -> None:
    buttons = [{"title": "是", "payload": "是"}, {"title": "不清楚", "payload": "不清楚"}]
    assert with_choices("是工业企业吗？", buttons, line) == (
        "是工业企业吗？\n回复1：是\n回复2：不清楚"
    )


def test_what_the_answer_offers_itself_is_not_said_again() -> None:
    offer = "您问的可能是：\n1. 社保补贴（有效）\n2. 扩岗补助（已过期）"
    buttons = [{"title": title, "payload": title} for title in ("社保补贴一条", "扩岗", "下一页")]
    assert with_choices(offer, buttons, line) == f"{offer}\n回复3：下一页"
    answer = "还可以接着问：还有效吗、归谁管。"
    buttons = [{"title": title, "payload": title} for title in ("还有效吗", "归谁管")]
    assert with_choices(answer, buttons, line) == answer
