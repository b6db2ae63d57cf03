"""Slips of voice input: mended towards words of the base, and nothing else touched."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.policies.model import Snapshot
from bot.policies.query import Lexicon, analyse, normalise
from bot.policies.search import Search
from bot.policies.search.spelling import Spelling

# Some terms look like what a question names: 第巴条 like 第八条.
LEXICON = Lexicon.from_entries(
    [
        {"id": "srdi", "name": "专精特新"},
        {"id": "interest", "name": "贴息"},
        {"id": "stable_jobs", "name": "稳岗返还", "aliases": ["稳冈返环"]},  # a miswriting
        {"id": "like_an_article", "name": "第巴条"},
        {"id": "like_a_ratio", "name": "百分之山"},
        {"id": "like_a_number", "name": "金政发"},
        {"id": "like_a_sum", "name": "山百万元"},
        {"id": "like_a_count", "name": "三十嘉"},
        {"id": "like_a_year", "name": "二零二尔年"},
    ]
)
# In how many clauses each pair stands.
PAIRS = {"贷款": 5, "承兑": 3, "清单": 3, "税收": 3, "减免": 4, "减勉": 0, "审皮": 9}
SPELLING = Spelling(LEXICON, PAIRS)


def mend(text: str, spelling: Spelling = SPELLING, lexicon: Lexicon = LEXICON) -> str:
    return spelling.mend(analyse(text, lexicon))


@pytest.fixture(scope="module")
def spelling(snapshot: Snapshot, search: Search) -> Spelling:
    return Spelling(snapshot.lexicon, search.index.texts.held("b"))


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("带款", "贷款"),
        ("承对", "承兑"),
        ("我要带款，承对汇票也要", "我要贷款,承兑汇票也要"),
        ("税收减勉", "税收减免"),
        ("带款和承对", "贷款和承兑"),
        ("ＳＭＥ带款", "sme贷款"),  # said in the normalised text
        ("專金特新", "专精特新"),  # a traditional character is folded first
    ],
)
def test_what_sounds_like_a_word_of_the_base_is_read_as_it(typed: str, meant: str) -> None:
    assert mend(typed) == meant


@pytest.mark.parametrize(
    "text",
    [
        "神皮",  # 审皮 stands in nine, but it is no word
        "贷款", "承兑汇票", "清单",  # right as it stands
        "带他的款",  # not one word
        "在三家有单",  # grammar, and words that stand alone
        "dai kuan", "", "，。？", "款",
    ],
)  # fmt: skip
def test_there_is_nothing_to_mend(text: str) -> None:
    assert mend(text) == normalise(text)


def test_a_pair_that_a_clause_holds_is_no_slip() -> None:
    assert mend("带款") == "贷款"
    once = Spelling(LEXICON, {**PAIRS, "带款": 1})
    assert mend("带款", once) == "带款"


def test_a_word_of_the_base_stands_in_three_clauses() -> None:
    for clauses, read in ((3, "清单"), (2, "轻单")):
        assert mend("轻单", Spelling(LEXICON, {"清单": clauses})) == read


def test_words_of_every_sentence_are_grammar_and_no_slip() -> None:
    spelling = Spelling(LEXICON, {"财税": 9})
    assert mend("材税", spelling) == "财税"
    assert mend("才税", spelling) == "才税"


def test_of_a_long_word_half_at_most_may_be_wrong() -> None:
    assert mend("砖晶特新") == "专精特新"
    assert mend("砖晶特辛") == "砖晶特辛"


def test_of_words_that_sound_alike_the_commoner_one_is_meant() -> None:
    for pairs, meant in (({"权利": 9, "全力": 3}, "权利"), ({"权利": 3, "全力": 9}, "全力")):
        assert mend("全粒", Spelling(LEXICON, pairs)) == meant


@pytest.mark.parametrize(
    ("named", "slip", "mended"),
    [
        # Beside what is named stands what the same rule would do to it, were it not.
        ("第八条", "第扒条", "第巴条"),
        ("百分之三", "百分之删", "百分之山"),
        ("晋政发〔2022〕14号", "晋政发", "金政发"),
        ("三百万元", None, None),
        ("三十家", "三十佳", "三十嘉"),
        ("二零二二年", None, None),
        ("稳冈返环", None, None),
        ("贴息", None, None),
    ],
)
def test_what_is_named_is_left(named: str, slip: str | None, mended: str | None) -> None:
    assert analyse(named, LEXICON).spans
    assert mend(named) == named
    if slip is not None:
        assert mend(slip) == mended


def test_a_slip_beside_what_is_named_is_mended() -> None:
    assert mend("晋政发〔2022〕14号第八条带款") == "晋政发〔2022〕14号第八条贷款"
    assert mend("三十家承对") == "三十家承兑"


_PIECES = st.sampled_from(
    [
        *("带款", "承对", "轻单", "税收减勉", "专金特新", "稳刚返还", "第扒条"),
        *("第八条", "三百万元", "百分之三", "三十家", "14号文", "晋政发〔2022〕14号"),
        *("2022年6月", "二零二二年", "贴息", "的", "我", "，", " ", "ＡＩ", "补貼", "😀"),
    ]
)


@given(st.lists(_PIECES, max_size=8).map("".join) | st.text(max_size=60))
def test_every_span_keeps_its_place(text: str) -> None:
    analysis = analyse(text, LEXICON)
    mended = SPELLING.mend(analysis)
    assert len(mended) == len(text)
    for span in analysis.spans:
        assert mended[span.start : span.end] == analysis.normalised[span.start : span.end]
    # Only Chinese characters are ever exchanged, for such as sound the same.
    for one, other in zip(analysis.normalised, mended, strict=True):
        assert one == other or ("\u3400" <= one <= "\u9fff" and "\u3400" <= other <= "\u9fff")


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("我要带款", "我要贷款"),
        ("晋政发〔2022〕14号带款", "晋政发〔2022〕14号贷款"),
        ("高新寄术企业", "高新技术企业"),
        ("知识产全质押", "知识产权质押"),
        ("税收减勉", "税收减免"),
        ("养老金脚费", "养老金缴费"),
        ("融资需求轻单", "融资需求清单"),
        ("小型危利企业", "小型微利企业"),
        ("光福项目怎么审劈", "光伏项目怎么审批"),
        ("稳港返还", "稳岗返还"),  # miswritings that the glossary knows
        ("我想问稳刚返还和社宝", "我想问稳岗返还和社保"),
        ("缓缴税费", "缓缴税费"),
    ],
)
def test_slips_towards_the_real_base(
    snapshot: Snapshot, spelling: Spelling, typed: str, meant: str
) -> None:
    assert mend(typed, spelling, snapshot.lexicon) == meant


def test_no_clause_is_ever_changed(snapshot: Snapshot, spelling: Spelling) -> None:
    for clause in list(snapshot.clauses.values())[::10]:
        assert mend(clause.text, spelling, snapshot.lexicon) == normalise(clause.text)


def test_a_form_of_the_glossary_stays_one_of_its_term(
    snapshot: Snapshot, spelling: Spelling
) -> None:
    changed = 0
    for term in snapshot.lexicon.terms:
        forms = {normalise(form) for form in term.forms}
        assert mend(term.name, spelling, snapshot.lexicon) == normalise(term.name)
        for form in term.forms:
            meant = mend(form, spelling, snapshot.lexicon)
            assert meant in forms
            changed += meant != normalise(form)
    assert changed > 200  # miswritings of it that sound alike


@pytest.mark.parametrize(
    "text",
    [
        "我们公司想申请贷款",
        "社保能不能缓交",
        "房租能减免吗",
        "厂里招了三个大学生",
        "先换后贷找谁",
        "小厂子想贷两百万",
        "从来没跟银行借过款",
        "有没有人盯着",
        "做碳减排的项目",
        "市监局能快点核",
        "煤说断就断",
        "五百户专精特新谁评",
    ],
)
def test_what_is_right_is_never_changed(snapshot: Snapshot, spelling: Spelling, text: str) -> None:
    assert mend(text, spelling, snapshot.lexicon) == text


def test_a_slip_is_mended_towards_no_other_miswriting() -> None:
    assert mend("稳刚返还") == "稳岗返还"
    lexicon = Lexicon.from_entries([{"id": "srdi", "name": "专精特新", "aliases": ["砖精特新"]}])
    assert mend("专金特新", Spelling(lexicon, {}), lexicon) == "专精特新"


def test_a_slip_just_before_a_term_is_mended() -> None:
    lexicon = Lexicon.from_entries(
        [{"id": "interest", "name": "贴息"}, {"id": "loan_interest", "name": "贷款贴息"}]
    )
    assert mend("带款贴息怎么申请", Spelling(lexicon, PAIRS), lexicon) == "贷款贴息怎么申请"


def test_the_search_reads_a_question_mended(search: Search) -> None:
    analysis = search.read("承对汇票的带款，晋政发〔2022〕14号")
    assert "贷款" in analysis.normalised
    assert analysis.values("document_number") == ("晋政发〔2022〕14号",)
