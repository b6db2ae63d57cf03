"""Reading a question: lengths kept, numbers and names found."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.policies.query import (
    Lexicon,
    analyse,
    clean,
    is_word,
    normalise,
    parse_document_number,
    parse_number,
    place_asked_about,
    relative_years,
)

LEXICON = Lexicon.from_entries(
    [
        {"id": "srdi", "name": "专精特新", "aliases": ["专精特心"]},
        {"id": "small", "name": "小微", "aliases": []},
        {"id": "small_firm", "name": "小微企业", "aliases": []},
        {"id": "ai", "name": "人工智能", "aliases": ["AI"]},
    ]
)


@given(st.text())
def test_normalising_keeps_the_length_and_is_stable(text: str) -> None:
    once = normalise(text)
    assert len(once) == len(text)
    assert normalise(once) == once


@given(st.text())
def test_cleaned_text_can_be_stored_and_is_stable(text: str) -> None:
    cleaned = clean(text)
    cleaned.encode("utf-8")
    assert "\0" not in cleaned
    assert cleaned == cleaned.strip()
    assert clean(cleaned) == cleaned


@given(st.text(max_size=200))
def test_spans_lie_within_the_text_and_never_overlap(text: str) -> None:
    analysis = analyse(text, LEXICON)
    end = 0
    for span in analysis.spans:
        assert end <= span.start < span.end <= len(text)
        assert text[span.start : span.end] == span.text
        end = span.end


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("穩崗返還怎麼領", "稳岗返还怎么领"),
        ("專精特新企業補貼標準", "专精特新企业补贴标准"),
        ("個體工商戶　之後", "个体工商户 之后"),
        ("乾坤、瞭望、計畫", "乾坤、瞭望、计畫"),  # more than one reading: left
        ("ＡＩ産業ＳＭＥ", "ai产业sme"),
    ],
)
def test_traditional_characters_are_folded(text: str, folded: str) -> None:
    assert normalise(text) == folded


def test_no_simplified_character_is_taken_for_a_traditional_one() -> None:
    everyday = [
        bytes([row, cell]).decode("gb2312", "ignore")
        for row in range(0xB0, 0xF8)
        for cell in range(0xA1, 0xFF)
    ]
    assert {char for char in everyday if normalise(char) != char} == {"後"}


def test_a_term_is_found_in_traditional_characters() -> None:
    text = "我們是專精特新企業"
    (span,) = analyse(text, LEXICON).spans
    assert (span.value, span.text) == ("srdi", "專精特新")


_CHARACTERS = st.sampled_from("稳岗返還補 贴a1，？ ")


@given(st.text(_CHARACTERS))
def test_what_is_closed_up_or_folded_is_stable(text: str) -> None:
    cleaned = clean(text)
    assert clean(cleaned) == cleaned
    assert cleaned.replace(" ", "") == text.replace(" ", "")
    assert normalise(normalise(text)) == normalise(text)
    assert len(normalise(text)) == len(text)


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("稳 岗 返 还", "稳岗返还"),
        ("稳  岗　返\n还 怎么 领", "稳岗返还 怎么 领"),
        ("问下，稳 岗 返 还？", "问下，稳岗返还？"),
        ("设备 抵税 多少", "设备 抵税 多少"),
        ("税 费 减免", "税 费 减免"),
        ("贷 款", "贷 款"),
        ("补 1 5 0 0 元", "补 1 5 0 0 元"),
    ],
)
def test_spaced_out_typing_is_closed_up(text: str, cleaned: str) -> None:
    assert clean(text) == cleaned


def test_a_leading_slash_never_appears_by_normalising() -> None:
    assert normalise("／restart").startswith("／")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("三百", 300),
        ("三千五百万", 35_000_000),
        ("4千万", 40_000_000),
        ("1.5亿", 150_000_000),
        ("两个亿", 200_000_000),
        ("1,200", 1200),
        ("十二", 12),
        ("一百零五", 105),
        ("一百五", 150),
        ("二〇二二", 2022),
        ("0", 0),
    ],
)
def test_numbers(text: str, value: float) -> None:
    assert parse_number(text) == value


@pytest.mark.parametrize("text", ["", "很多", "百分", "abc"])
def test_what_is_no_number(text: str) -> None:
    assert parse_number(text) is None


@given(st.integers(min_value=0, max_value=10**12))
def test_arabic_numbers_are_read_as_they_are(number: int) -> None:
    assert parse_number(str(number)) == number
    assert parse_number(f"{number:,}") == number


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("根据晋政发〔2022〕14号", "晋政发〔2022〕14号"),
        ("晋政办发[2023] 56 号怎么说", "晋政办发〔2023〕56号"),
        ("晋商综函(2022)171号", "晋商综函〔2022〕171号"),
        ("晋政发2022年14号", "晋政发〔2022〕14号"),
        ("14号文", "*〔*〕14号"),
        ("2022年14号文件", "*〔2022〕14号"),
        ("〔2022〕14号", "*〔2022〕14号"),
        ("文旅2023年20号", "*〔2023〕20号"),
        ("中小局22年39号那个", "*〔2022〕39号"),
        ("市监2022 33号", "*〔2022〕33号"),
    ],
)
def test_document_numbers(text: str, canonical: str) -> None:
    number = parse_document_number(normalise(text))
    assert number is not None
    assert number.canonical == canonical


@pytest.mark.parametrize(
    "text", ["我住5号楼", "6月1号之前", "3号线", "联系人13号", "22年3月5号", "202233号"]
)
def test_what_is_no_document_number(text: str) -> None:
    assert parse_document_number(text) is None


def test_a_partial_number_matches_what_agrees() -> None:
    partial = parse_document_number("14号文")
    assert partial is not None
    assert partial.matches("晋政发〔2022〕14号")
    assert not partial.matches("晋政发〔2022〕15号")


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("第八条说啥", "article", 8),
        ("第12条", "article", 12),
        ("2022年12月31日以前", "date", "2022-12-31"),
        ("2022年6月", "date", "2022-06"),
        ("2023年那个", "year", 2023),
        ("22年的政策", "year", 2022),
        ("营收4千万", "money", 40_000_000.0),
        ("每人1500元", "money", 1500.0),
        ("三百来号人", "count", 300),
        ("招了12个人", "count", 12),
        ("来了四百来单", "count", 400),
        ("雇了仨月", "count", 3),
        ("等了半年", "count", 0.5),
        ("一年120万吨", "count", 1_200_000),
        ("卖了1300多万", "money", 13_000_000.0),
        ("掏了1万2", "money", 12_000.0),
        ("贷了3个亿", "money", 300_000_000.0),
        ("一块能办不，收三块钱", "money", 3.0),
        ("给贴两个点", "ratio", 0.02),
        ("担保三成五", "ratio", 0.35),
        ("报一半行不", "ratio", 0.5),
        ("千分之九", "ratio", 0.009),
        ("二二年那会儿", "year", 2022),
        ("十月之前", "date", "10"),
        ("3月5号", "date", "03-05"),
        ("返90%", "ratio", 0.9),
        ("一成半", "ratio", 0.15),
        ("百分之三", "ratio", 0.03),
        ("专精特心企业", "term", "srdi"),
        ("我们搞AI的", "term", "ai"),
    ],
)
def test_spans(text: str, kind: str, value: object) -> None:
    assert value in analyse(text, LEXICON).values(kind)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("一家公司一个事", "count"),
        ("投了800万美元", "money"),
        ("一块儿办", "money"),
        ("两三年后", "year"),
        ("三个月内", "date"),
    ],
)
def test_what_is_no_span(text: str, kind: str) -> None:
    assert not analyse(text, LEXICON).values(kind)


def test_relative_years_keep_their_word() -> None:
    found = relative_years("去年和上一年卖了，今年没卖，大前年也没")
    assert [(span.value, span.text) for span in found] == [
        ("去年", "去年"),
        ("去年", "上一年"),
        ("今年", "今年"),
        ("大前年", "大前年"),
    ]


def test_the_longer_term_wins() -> None:
    assert analyse("小微企业", LEXICON).values("term") == ("small_firm",)


@pytest.mark.parametrize("text", ["maintain", "房租减3个月", "一成立就来", "15年前的事"])
def test_nothing_is_read_into_a_text(text: str) -> None:
    found = {span.kind for span in analyse(text, LEXICON).spans}
    assert not found & {"term", "ratio", "money", "year"}


def test_a_lexicon_survives_being_stored() -> None:
    copy = Lexicon.from_dict(LEXICON.to_dict())
    assert copy.fingerprint == LEXICON.fingerprint
    assert analyse("专精特新", copy).values("term") == ("srdi",)


def test_the_house_words_stay_whole() -> None:
    assert "专精特新" in LEXICON.tokenizer().lcut("我们是专精特新企业")


@pytest.mark.parametrize(("text", "word"), [("😀😀", False), ("???", False), ("好", True)])
def test_is_word(text: str, word: bool) -> None:
    assert is_word(text) is word


@pytest.mark.parametrize(
    ("question", "place"),
    [
        ("北京的公积金政策", "北京"),
        ("厂子全在石家庄，头一回评高新，河北给多少", "石家庄"),
        ("成都做软件的，四川对上市都给啥支持", "成都"),
        ("内蒙古跑物流的，贷款换新卡车，利息给贴多少", "内蒙古"),
        ("从浙江过来建厂，谁能帮忙办手续", None),
        ("想去陕西内蒙揽钢结构的工程", None),
        ("北京客户欠我们货款", None),
        ("北京来的，想在太原开店", None),
        ("北京的商会给老家拉回四个厂", None),
        ("在成都创业能贷多少", "成都"),
        ("北京人社局电话", "北京"),
        ("北京人开的店", None),
        ("四川大学毕业的博士给多少", None),
        ("厂房建成都半年了能拿补贴吗", None),
        ("去北京参展摊位费补不补", None),
        ("北京专家每月来两天，这钱能算成本不", None),
        ("项目北京那边批了一笔钱，省里配套不", None),
        ("北京教授津贴", "北京"),
        ("俺婆姨户口在河北，能用她的名儿贷不", None),
        ("老家是四川的，在太谷开店", None),
        ("户口迁到河北咋办", "河北"),
    ],
)
def test_a_place_is_asked_about_or_passed_through(question: str, place: str | None) -> None:
    elsewhere = ("北京", "石家庄", "河北", "成都", "四川", "内蒙", "内蒙古", "浙江", "陕西")
    assert place_asked_about(question, elsewhere, ("太原", "老家"), LEXICON) == place


def test_a_head_ends_in_the_kind_of_paper() -> None:
    number = parse_document_number("人社的条子〔2025〕13号")
    assert number is None or number.head is None
    full = parse_document_number("人社厅发〔2025〕13号")
    assert full is not None and full.head == "人社厅发"
