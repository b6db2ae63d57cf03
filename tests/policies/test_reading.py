"""Features of many texts at once are those of each text by itself."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.policies.loader import load
from bot.policies.model import Snapshot
from bot.policies.query import Lexicon
from bot.policies.search import reading
from bot.policies.search.analyzer import Analyzer
from bot.policies.search.bags import Bags
from bot.policies.search.index import curated
from bot.policies.search.reading import bags_of

ROOT = Path(__file__).resolve().parents[2] / "policies_kb"
ODD = [
    "",
    "a",
    "稳",
    "稳 岗",
    "ＡＢＣ１２3.5%x-y.z 12..5",
    "\n企\n业\t高企",
    "😀小微企业𠀀贷款",
    "提高企业",  # 高企 within other words
    "请问你好",
    "高企\ud800",
    "穩崗返還\n",
]


@pytest.fixture(scope="module")
def snapshot() -> Snapshot:
    return load(ROOT)


@pytest.fixture(scope="module")
def analyzer(snapshot: Snapshot) -> Analyzer:
    return Analyzer(snapshot.lexicon, snapshot.tuning.fillers)


def assert_same(found: Bags, texts: Sequence[Mapping[str, float]]) -> None:
    """The same numbers in the same order: sums of weights depend on it."""
    names = list(found.numbers)
    at = 0
    for size, text in zip(found.sizes.tolist(), texts, strict=True):
        features = [names[number] for number in found.features[at : at + size]]
        assert dict(zip(features, found.counts[at : at + size].tolist(), strict=True)) == text
        assert features == list(text)
        at += size
    assert at == len(found.features) == len(found.counts)
    assert names == list(dict.fromkeys(feature for text in texts for feature in text))
    assert list(found.numbers.values()) == list(range(len(names)))


def test_questions(snapshot: Snapshot, analyzer: Analyzer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "_AT_ONCE", 1000)
    texts = [*ODD, *snapshot.unrelated, *[text for _, text in curated(snapshot)][::4]]
    found = bags_of([(text,) for text in texts], analyzer, questions=True)
    assert_same(found, [analyzer.question(text) for text in texts])


def test_clauses_with_their_headlines(snapshot: Snapshot, analyzer: Analyzer) -> None:
    parts = [(clause.text, clause.headline) for clause in snapshot.clauses.values()]
    expected = []
    for text, headline in parts:
        counts = analyzer.features(text)
        for feature, count in analyzer.features(headline).items():
            counts[feature] += 2 * count
        expected.append(counts)
    assert_same(bags_of(parts, analyzer, (1, 2)), expected)


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.one_of(
            st.sampled_from(ODD),
            st.text(st.sampled_from("高企小微贷款请问你好提业稳 岗a1.%-\n，"), max_size=12),
        ),
        max_size=5,
    )
)
def test_whatever_stands_in_them(texts: list[str]) -> None:
    entries = [
        {"id": "hnte", "name": "高企"},
        {"id": "sme", "name": "小微企业", "aliases": ["小微", "a1"]},
    ]
    for fillers in ((), ("请问", "你好", "企")):
        analyzer = Analyzer(Lexicon.from_entries(entries), fillers)
        found = bags_of([(text,) for text in texts], analyzer, questions=True)
        assert_same(found, [analyzer.question(text) for text in texts])
        found = bags_of([(text,) for text in texts], analyzer)
        assert_same(found, [analyzer.features(text) for text in texts])


def test_no_terms_and_no_texts() -> None:
    analyzer = Analyzer(Lexicon(()))
    assert_same(bags_of([], analyzer), [])
    assert_same(bags_of([("高企",)], analyzer), [Counter({"b:高企": 1, "p:gao qi": 1})])
