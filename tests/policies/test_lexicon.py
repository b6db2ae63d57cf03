"""The terms of the house: found whole, under any of their names, and not by chance."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import jieba
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from bot.policies.model import Snapshot
from bot.policies.query import Lexicon, normalise
from bot.settings import project_root

ENTRIES: list[dict[str, Any]] = [
    {"id": "high_tech", "name": "高新技术企业", "aliases": ["高企", "高薪技术企业"]},
    {"id": "small", "name": "小微", "aliases": None},
    {"id": "small_firm", "name": "小微企业", "aliases": ["小徽企业"]},
    {"id": "firm_park", "name": "企业园区"},
    {"id": "ai", "name": "人工智能", "aliases": ["AI", "A I"]},
    {"id": "sme", "name": "中小企业", "aliases": ["SME"], "definition": "人员、规模较小的企业"},
    {"id": "new", "name": "四新", "aliases": ["“四新”经济"]},
]
LEXICON = Lexicon.from_entries(ENTRIES)

Found = list[tuple[str, str]]


def found(text: str, lexicon: Lexicon = LEXICON) -> Found:
    """The terms in a text, with the words they were found by."""
    normalised = normalise(text)
    return [(term, normalised[start:end]) for start, end, term in lexicon.find(normalised)]


@pytest.mark.parametrize(
    "text",
    ["提高企业", "提高企业创新能力", "怎么提高企业效益", "最高企业补贴多少", "申报高企业务"],
)
def test_two_characters_of_two_words_are_no_term(text: str) -> None:
    assert found(text) == []


@pytest.mark.parametrize(
    "text", ["高企", "高企认定", "我们是高企", "申报高企补贴", "新高企有奖励吗", "高企，怎么认定"]
)
def test_two_characters_that_stand_alone_are_a_term(text: str) -> None:
    assert found(text) == [("high_tech", "高企")]


def test_a_longer_form_is_a_term_wherever_it_stands() -> None:
    # Only two characters come together by chance.
    assert found("提高新技术企业务") == [("high_tech", "高新技术企业")]


def test_the_longest_form_wins() -> None:
    assert found("小微企业") == [("small_firm", "小微企业")]
    assert found("小微的企业") == [("small", "小微")]


def test_terms_do_not_overlap_and_the_first_one_wins() -> None:
    assert found("小微企业园区") == [("small_firm", "小微企业")]
    assert found("企业园区") == [("firm_park", "企业园区")]
    assert found("小微小微企业园区企业园区") == [
        ("small", "小微"),
        ("small_firm", "小微企业"),
        ("firm_park", "企业园区"),
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("高新技术企业和高企", [("high_tech", "高新技术企业"), ("high_tech", "高企")]),
        ("高薪技术企业", [("high_tech", "高薪技术企业")]),
        ("小徽企业贷款", [("small_firm", "小徽企业")]),
        ("小微企業", [("small_firm", "小微企业")]),
        ("ＳＭＥ是什么", [("sme", "sme")]),
        ("搞Ai的", [("ai", "ai")]),
        ("a i 公司", [("ai", "a i")]),
        ('"四新"经济', [("new", '"四新"经济')]),
    ],
)
def test_aliases_and_miswritings_are_the_term(text: str, expected: Found) -> None:
    assert found(text) == expected


@pytest.mark.parametrize("text", ["maintain", "ai2", "3ai", "smes", "wechat ais", "训练aix"])
def test_no_part_of_a_longer_latin_word(text: str) -> None:
    assert found(text) == []


@pytest.mark.parametrize("text", ["ai", "做ai大模型", "ai,ml", "用 ai 吗", "ai技术"])
def test_a_latin_word_by_itself(text: str) -> None:
    assert found(text) == [("ai", "ai")]


@pytest.mark.parametrize("text", ["", "高", "企", "小", "什么都没有", "😀"])
def test_nothing_is_found_in_nothing(text: str) -> None:
    assert found(text) == []


_PIECES = st.sampled_from(
    [*"提高企业小微园区a四新", "高企", "小微企业", "企业园区", "ai", "sme", " "]
)


@given(st.lists(_PIECES, max_size=14).map("".join))
def test_what_is_found_is_a_form_in_order_without_overlap(text: str) -> None:
    forms = {
        normalise(form): term.id for term in LEXICON.terms for form in (term.name, *term.aliases)
    }
    end = 0
    for start, stop, term in LEXICON.find(text):
        assert end <= start < stop <= len(text)
        assert forms[text[start:stop]] == term
        # No longer form of more than two characters begins at the same place.
        longer = [
            form for form in forms if len(form) > stop - start and text.startswith(form, start)
        ]
        assert not [form for form in longer if not form.isascii()]
        end = stop


@given(st.lists(_PIECES, max_size=14).map("".join))
def test_a_chinese_form_of_three_or_more_is_never_missed(text: str) -> None:
    taken = {i for start, end, _ in LEXICON.find(text) for i in range(start, end)}
    for form in ("小微企业", "企业园区"):
        at = text.find(form)
        while at >= 0:
            assert taken & set(range(at, at + len(form)))
            at = text.find(form, at + 1)


def test_every_form_of_the_glossary_finds_its_term(snapshot: Snapshot) -> None:
    for term in snapshot.lexicon.terms:
        for form in term.forms:
            assert found(form, snapshot.lexicon) == [(term.id, normalise(form))]


def test_the_glossary_straddles_no_words(snapshot: Snapshot) -> None:
    lexicon = snapshot.lexicon
    assert ("high_tech_enterprise", "高企") in found("我们是高企", lexicon)
    assert "high_tech_enterprise" not in [term for term, _ in found("提高企业创新能力", lexicon)]


def test_a_glossary_is_read_with_definitions(tmp_path: Path) -> None:
    path = tmp_path / "glossary.yml"
    path.write_text(yaml.safe_dump(ENTRIES, allow_unicode=True), "utf-8")
    lexicon = Lexicon.from_glossary(path)
    assert lexicon == LEXICON
    by_id = {term.id: term for term in lexicon.terms}
    assert by_id["sme"].definition == "人员、规模较小的企业"
    assert by_id["small"].aliases == ()
    assert by_id["small_firm"].forms == ("小微企业", "小徽企业")


def test_the_real_glossary_is_what_the_loader_reads(snapshot: Snapshot) -> None:
    assert Lexicon.from_glossary(project_root() / "policies_kb" / "glossary.yml") == (
        snapshot.lexicon
    )


def test_an_empty_glossary_holds_no_terms(tmp_path: Path) -> None:
    path = tmp_path / "glossary.yml"
    path.write_text("", "utf-8")
    assert Lexicon.from_glossary(path).terms == ()
    assert found("高企", Lexicon(())) == []


def test_a_glossary_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(OSError):
        Lexicon.from_glossary(tmp_path / "none.yml")
    path = tmp_path / "glossary.yml"
    path.write_text("- id: [", "utf-8")
    with pytest.raises(yaml.YAMLError):
        Lexicon.from_glossary(path)


def test_a_stored_lexicon_finds_the_same() -> None:
    copy = Lexicon.from_dict(LEXICON.to_dict())
    text = "提高企业、高企、小微企业园区、A I、高薪技术企业"
    assert found(text, copy) == found(text)
    assert len(found(text)) == 4
    # What a model keeps is plain data.
    assert yaml.safe_load(yaml.safe_dump(LEXICON.to_dict())) == LEXICON.to_dict()


def changed(**fields: object) -> Lexicon:
    return Lexicon.from_entries([{**ENTRIES[0], **fields}, *ENTRIES[1:]])


def test_the_fingerprint_follows_what_is_found() -> None:
    assert changed().fingerprint == LEXICON.fingerprint
    assert changed(definition="别的").fingerprint == LEXICON.fingerprint
    others = [
        changed(id="other"),
        changed(name="高新企业"),
        changed(aliases=["高企"]),
        Lexicon.from_entries(ENTRIES[1:]),
    ]
    assert len({LEXICON.fingerprint, *(other.fingerprint for other in others)}) == 5


def test_jieba_keeps_house_words_whole_here_and_only_here() -> None:
    assert LEXICON.tokenizer().lcut("高薪技术企业") == ["高薪技术企业"]
    assert "高薪技术企业" not in jieba.lcut("高薪技术企业")


def test_equal_lexicons_share_a_tokenizer() -> None:
    assert Lexicon.from_entries(ENTRIES).tokenizer() is LEXICON.tokenizer()
    assert changed(name="高新企业").tokenizer() is not LEXICON.tokenizer()
