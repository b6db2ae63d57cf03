"""What the curated questions tell, and the tables below it, against plain computations."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.policies.model import Snapshot
from bot.policies.query import analyse
from bot.policies.search import Search
from bot.policies.search.asked import Asked
from bot.policies.search.table import Best, Postings, Table

KINDS = {"b": 0.6, "p": 0.8, "t": 2.0}
NUMBERS = {
    "lexical_neighbours": 20,
    "full_neighbours": 20,
    "ridge": 0.2,
    "words_spread": 0.6,
    "meaning_spread": 0.5,
}

Column = npt.NDArray[np.float64]

FEATURES = st.sampled_from(["b:贷款", "b:贴息", "p:dai kuan", "t:srdi", "t:loan", "w:贷款"])
TEXTS = st.lists(
    st.dictionaries(FEATURES, st.integers(1, 4).map(float), max_size=5), min_size=1, max_size=8
)


@st.composite
def grouped(draw: st.DrawFn) -> tuple[list[dict[str, float]], list[int]]:
    """Texts with a group each, numbered from 0."""
    texts = draw(TEXTS)
    # Fewer groups than texts: more are a fault of their own, see below.
    owners = st.lists(st.integers(0, len(texts) - 1), min_size=len(texts), max_size=len(texts))
    return texts, draw(owners)


def plain_weights(texts: Sequence[Mapping[str, float]], owners: Sequence[int]) -> dict[str, float]:
    """The weight of each feature by the formula, from a dictionary; "" for one never seen."""
    holders: defaultdict[str, set[int]] = defaultdict(set)
    for text, owner in zip(texts, owners, strict=True):
        for feature in text:
            holders[feature].add(owner)
    groups = len(set(owners))

    def idf(held: int) -> float:
        return float(np.log(1 + (groups - held + 0.5) / (held + 0.5)))

    known = {f: idf(len(held)) * KINDS.get(f[0], 0.0) for f, held in holders.items()}
    return {**known, "": idf(0)}


def plain_share(
    texts: Sequence[Mapping[str, float]],
    owners: Sequence[int],
    groups: int,
    asked: Sequence[str],
    meanings: tuple[Column, Column] | None = None,
    neighbours: int = 20,
) -> tuple[Column, Column]:
    """Shares and nearness in words, by dense vectors over all features."""
    weights = plain_weights(texts, owners)
    known = sorted({*weights, *asked} - {""})
    unknown = {f: weights[""] * KINDS.get(f[0], 0.0) for f in asked}

    def unit(text: Mapping[str, float] | Sequence[str]) -> Column:
        row = np.array([weights.get(f, unknown.get(f, 0.0)) * (f in text) for f in known])
        return row / max(float(np.linalg.norm(row)), 1e-9)

    rows = np.array([unit(text) for text in texts])
    near = rows @ unit(asked)
    among = rows @ rows.T
    np.fill_diagonal(among, 1.0)  # even of a question without features
    exponent, exponents = (near - 1) / 0.6, (among - 1) / 0.6
    if meanings is not None:
        vectors, vector = meanings
        exponent = exponent + (vectors @ vector - 1) / 0.5
        exponents = exponents + (vectors @ vectors.T - 1) / 0.5
    kernel, square = np.exp(exponent), np.exp(exponents)
    chosen = np.argsort(-kernel)[:neighbours]
    parts = np.linalg.solve(
        square[np.ix_(chosen, chosen)] + 0.2 * np.eye(len(chosen)), kernel[chosen]
    )
    share, words = np.zeros(groups), np.zeros(groups)
    for index, part in zip(chosen, parts, strict=True):
        share[owners[index]] += part
    for owner, value in zip(owners, near, strict=True):
        words[owner] = max(words[owner], value)
    return share, words


def spread(size: int, count: int) -> npt.NDArray[np.float32]:
    """Unit vectors in no particular direction, the same each time."""
    vectors = np.random.default_rng(7).normal(size=(count, size))
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


@given(grouped())
def test_a_table_counts_as_a_dictionary_does(
    data: tuple[list[dict[str, float]], list[int]],
) -> None:
    texts, owners = data
    table = Table(texts, KINDS, owners)
    expected = plain_weights(texts, owners)
    for feature in expected.keys() - {""}:
        assert table.weight(feature) == pytest.approx(expected[feature])
        assert table.rarity[table.number(feature)] == pytest.approx(expected[feature])
    assert table.number("b:从未") is None
    assert table.weight("b:从未") == pytest.approx(expected[""] * KINDS["b"])
    assert table.weight("x:从未") == 0.0
    for kind in "bptw":
        held = Counter(
            feature[2:]
            for feature, _ in {(f, o) for t, o in zip(texts, owners, strict=True) for f in t}
            if feature[0] == kind
        )
        assert table.held(kind) == held
    numbers = {table.number(f): f for f in expected if f}
    entries: list[dict[str, float]] = [{} for _ in texts]
    for row, feature, count in zip(table.rows, table.features, table.counts, strict=True):
        entries[row][numbers[int(feature)]] = float(count)
    assert entries == texts
    assert table.sizes.tolist() == [len(text) for text in texts]


def test_without_groups_each_text_is_its_own() -> None:
    texts = [{"b:贷款": 1.0}, {"b:贷款": 1.0}, {"b:贴息": 1.0}]
    assert Table(texts, KINDS).held("b") == {"贷款": 2, "贴息": 1}
    # Twenty questions of one clause are one holder: what they share still says much.
    assert Table(texts, KINDS, [0, 0, 1]).held("b") == {"贷款": 1, "贴息": 1}


def test_a_group_may_have_any_number() -> None:
    table = Table([{"b:贷款": 1.0, "b:贴息": 1.0}, {"b:贴息": 1.0}], KINDS, [0, 1300])
    assert table.held("b") == {"贷款": 1, "贴息": 2}


@given(TEXTS, st.dictionaries(FEATURES, st.floats(0, 3, width=32)))
def test_postings_add_up_as_a_dense_matrix_does(
    texts: list[dict[str, float]], factors: dict[str, float]
) -> None:
    table = Table(texts, KINDS)
    contributions = np.random.default_rng(3).random(len(table.features), dtype=np.float32)
    dense = np.zeros((len(texts), len(table.rarity)))
    dense[table.rows, table.features] = contributions
    numbered = [(n, w) for f, w in factors.items() if (n := table.number(f)) is not None]
    expected = sum((w * dense[:, n] for n, w in numbered), np.zeros(len(texts)))
    found = Postings(table, contributions).sum(numbered)
    assert found == pytest.approx(expected, rel=1e-4, abs=1e-5)


@given(st.lists(st.tuples(st.integers(0, 6), st.floats(-2, 2)), max_size=12))
def test_best_is_the_highest_of_each_group(rows: list[tuple[int, float]]) -> None:
    expected = [max((v for owner, v in rows if owner == group), default=0.0) for group in range(8)]
    best = Best(np.array([owner for owner, _ in rows], dtype=np.int64), 8)
    found = best.of(np.array([value for _, value in rows]))
    assert found.tolist() == [max(value, 0.0) for value in expected]


@settings(max_examples=60)
@given(grouped(), st.lists(FEATURES, unique=True, min_size=1), st.booleans())
def test_what_is_told_is_the_regression_over_dense_vectors(
    data: tuple[list[dict[str, float]], list[int]], asked: list[str], meant: bool
) -> None:
    texts, owners = data
    vectors = spread(4, len(texts) + 1)
    known = vectors[:-1] if meant else None
    told = Asked(texts, owners, len(texts) + 1, KINDS, NUMBERS, known).tell(
        asked, vectors[-1] if meant else None
    )
    meanings = (vectors[:-1].astype(float), vectors[-1].astype(float)) if meant else None
    share, words = plain_share(texts, owners, len(texts) + 1, asked, meanings)
    if not meant and not any(words):
        share = np.zeros_like(share)  # nothing in common with any: nobody's
    assert told.share == pytest.approx(share, abs=1e-4)
    assert told.words == pytest.approx(words, abs=1e-5)
    if not meant:
        assert not told.meaning.any()


def test_only_the_nearest_are_asked() -> None:
    texts = [{f"b:{letter}": 1.0, "b:同": 1.0} for letter in "甲乙丙丁戊己"]
    vectors = spread(5, 7)
    owners = [0, 1, 2, 0, 1, 2]
    told = Asked(texts, owners, 3, KINDS, {**NUMBERS, "full_neighbours": 3}, vectors[:-1]).tell(
        ["b:同"], vectors[-1]
    )
    meanings = vectors[:-1].astype(float), vectors[-1].astype(float)
    share, _ = plain_share(texts, owners, 3, ["b:同"], meanings, neighbours=3)
    assert told.share == pytest.approx(share, abs=1e-4)
    assert told.meaning == pytest.approx(
        [max(0.0, *(meanings[0] @ meanings[1])[[i, i + 3]]) for i in range(3)], abs=1e-5
    )


def neighbours(lexical: int, full: int) -> dict[str, float]:
    return {**NUMBERS, "lexical_neighbours": lexical, "full_neighbours": full}


def test_each_mode_asks_as_many_as_it_is_told() -> None:
    # Each is its own group, at its own distance: who is asked can be counted.
    texts = [["b:贷款", *(f"b:{n}{k}" for k in range(n))] for n in range(5)]
    vectors = spread(5, 6)
    asked = Asked(texts, range(5), 6, KINDS, neighbours(2, 3), vectors[:-1])
    assert np.flatnonzero(asked.tell(["b:贷款"]).share).tolist() == [0, 1]
    assert np.count_nonzero(asked.tell(["b:贷款"], vectors[-1]).share) == 3


def test_fewer_questions_than_neighbours_are_all_asked() -> None:
    texts = [["b:贷款", *(f"b:{n}{k}" for k in range(n))] for n in range(5)]
    vectors = spread(5, 6)
    many, few = (Asked(texts, range(5), 6, KINDS, neighbours(n, n), vectors[:-1]) for n in (600, 5))
    for vector in (None, vectors[-1]):
        told = many.tell(["b:贷款"], vector)
        assert np.count_nonzero(told.share) == 5
        assert told.share == pytest.approx(few.tell(["b:贷款"], vector).share)


def test_a_vector_without_vectors_to_compare_goes_by_words() -> None:
    asked = Asked([["b:贷款"], ["b:贴息"]], [0, 1], 2, KINDS, neighbours(1, 2))
    told = asked.tell(["b:贷款"], spread(4, 1)[0])
    assert np.flatnonzero(told.share).tolist() == [0]  # one neighbour: the lexical number
    assert not told.meaning.any()


def test_a_curated_question_names_its_own_clause(snapshot: Snapshot, search: Search) -> None:
    places = {clause.id: index for index, clause in enumerate(search.index.clauses)}
    every = [(q, clause) for clause, rows in snapshot.questions.items() for q in rows]
    for question, clause_id in every[::300]:
        evidence = search.evidence(analyse(question, snapshot.lexicon), "lexical")
        group = search.index.group_of[places[clause_id]]
        assert np.argmax(evidence.asked) == group, question
        assert evidence.asked[group] > evidence.unrelated
        assert evidence.words[group] == pytest.approx(1, abs=1e-3)


def test_the_same_question_has_the_greatest_share_and_is_as_near_as_can_be() -> None:
    texts = [["b:贷款", "b:贴息"], ["b:贷款", "b:担保"], ["b:房租", "b:减免"]]
    vectors = spread(6, 3)
    asked = Asked(texts, [0, 1, 2], 4, KINDS, NUMBERS, vectors)
    for index, text in enumerate(texts):
        for vector in (None, vectors[index]):
            told = asked.tell(text, vector)
            assert np.argmax(told.share) == index
            # The ridge holds it back: 1 / (1 + ridge) is what one alone can have.
            assert told.share[index] == pytest.approx(1 / 1.2, abs=0.05)
            assert told.words[index] == pytest.approx(1, abs=1e-5)
        assert told.meaning[index] == pytest.approx(1, abs=1e-5)


def test_a_word_that_no_question_holds_makes_all_less_near() -> None:
    asked = Asked([["b:贷款", "b:贴息"], ["b:房租"]], [0, 1], 2, KINDS, NUMBERS)
    exact, more = (asked.tell(["b:贷款", "b:贴息", *extra]) for extra in ([], ["b:飞船"]))
    assert more.words[0] < 0.9 < exact.words[0]
    assert more.share[0] < exact.share[0]


def test_ten_that_say_the_same_do_not_count_ten_times() -> None:
    # The question is as near to the ten of one group as to the one of the other.
    texts = [["b:贷款", "b:贴息"]] * 10 + [["b:贷款", "b:担保"]]
    told = Asked(texts, [0] * 10 + [1], 2, KINDS, NUMBERS).tell(["b:贷款", "b:贴息", "b:担保"])
    assert told.words[0] == pytest.approx(told.words[1], abs=1e-5)
    # As ten votes they would weigh ten times as much.
    assert told.share[0] < 1.5 * told.share[1]
    # All ten together count no more than one that is wholly trusted.
    assert told.share[0] < 1


def test_different_questions_of_a_group_do_add_up() -> None:
    # So it is the repeats that count little, not the group.
    both = [["b:贷款", "b:贴息"], ["b:担保", "b:降费"]]
    words = ["b:贷款", "b:贴息", "b:担保", "b:降费"]
    one, two = (
        Asked([*both[:n], ["b:房租"]], [0] * n + [1], 2, KINDS, NUMBERS).tell(words) for n in (1, 2)
    )
    assert two.share[0] > 1.2 * one.share[0]


def test_a_message_of_no_clause_takes_share_away() -> None:
    # Among many others, so that the rarity of a word hardly moves with one question more.
    others = [[f"b:甲{n}", f"b:乙{n}"] for n in range(40)]
    texts = [["b:北京", "b:贷款"], ["b:北京", "b:贴息"], ["b:贷款", "b:摇号"], *others]
    owners, asked = list(range(43)), ["b:北京", "b:摇号"]
    without = Asked(texts, owners, 44, KINDS, NUMBERS).tell(asked)
    # As the index does: one group more than there are groups of clauses, the last.
    message = [*texts, ["b:北京", "b:摇号"]]
    with_it = Asked(message, [*owners, 43], 44, KINDS, NUMBERS).tell(asked)
    assert without.share[43] == 0
    assert with_it.share[43] > 0.7
    for group in (0, 1, 2):
        assert with_it.share[group] < without.share[group] - 0.1


@pytest.fixture(scope="module")
def told_of_nothing(snapshot: Snapshot) -> Search:
    """A search with a message as a group of its own, and as many clauses as questions."""
    clauses = dict(list(snapshot.clauses.items())[:3])
    questions = {key: (f"怎么申请{n}号厂房",) for n, key in enumerate(clauses)}
    few = replace(snapshot, clauses=clauses, copies={}, questions=questions)
    return Search(replace(few, unrelated=("火星上能开店吗",)))


def test_the_index_puts_messages_into_the_last_group(told_of_nothing: Search) -> None:
    evidence = told_of_nothing.evidence(told_of_nothing.read("火星上能开店吗"), "lexical")
    assert evidence.asked.shape == (3,)
    assert evidence.unrelated > 0.5 > max(evidence.asked)


def test_a_base_may_have_fewer_questions_than_clauses(snapshot: Snapshot) -> None:
    last = list(snapshot.clauses)[-1]
    few = replace(snapshot, questions={last: ("怎么申请",)}, unrelated=())
    assert Search(few).index.size > 1


def test_without_questions_nothing_is_told() -> None:
    told = Asked([], [], 3, KINDS, NUMBERS).tell(["b:贷款"])
    for column in (told.share, told.words, told.meaning):
        assert column.tolist() == [0, 0, 0]


def test_a_question_without_features_is_near_to_none() -> None:
    told = Asked([["b:贷款"], ["b:房租"]], [0, 1], 3, KINDS, NUMBERS).tell([])
    assert told.words.tolist() == [0, 0, 0]
    assert told.meaning.tolist() == [0, 0, 0]


def test_a_question_without_features_is_nobodys() -> None:
    told = Asked([["b:贷款"], ["b:房租"]], [0, 1], 3, KINDS, NUMBERS).tell([])
    assert told.share == pytest.approx([0, 0, 0], abs=1e-6)
