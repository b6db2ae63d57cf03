"""Copies: found among small made-up clauses, and among the real ones."""

from __future__ import annotations

import random
import re
import unicodedata
from collections import Counter, defaultdict
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.importer.copies import find_copies
from bot.importer.document import dump_copies

Row = dict[str, Any]


def prose(seed: int, length: int) -> str:
    """Characters in no order; two seeds have no run of five in common."""
    chance = random.Random(seed)
    return "".join(chr(chance.randrange(0x4E00, 0x9F00)) for _ in range(length))


def copies(*texts: str) -> list[Row]:
    """The pairs among texts that are called a, b, c …"""
    return find_copies({chr(ord("a") + at): {"text": text} for at, text in enumerate(texts)})


def kinds(*texts: str) -> list[tuple[str, str]]:
    return [("".join(pair["clauses"]), pair["kind"]) for pair in copies(*texts)]


A, B, C = prose(1, 120), prose(2, 120), prose(3, 120)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (f"{A}，{B}。", f"{A},{B}."),
        (f"{A}（{B}）", f"{A}{B}"),
        (f"{A}100万元。", f"{A}１００万元。"),
        (f"{A}。（责任单位：省财政厅、省税务局）", f"{A}。"),
        (f"{A}。(责任单位:省财政厅", f"{A}。（责任单位：省税务局）"),
        (f"{A}。（省财政厅牵头，省税务局配合）", f"{A}。"),
        ("减免三个月租金。", "减免三个月租金。"),
    ],
)
def test_only_words_count(first: str, second: str) -> None:
    assert copies(first, second) == [{"clauses": ["a", "b"], "kind": "same", "differs": []}]


def test_kinds() -> None:
    assert kinds(A + B, A + B) == [("ab", "same")]
    assert kinds(A + B, A + "甲" + B) == [("ab", "near")]
    assert kinds(A, A + B) == [("ab", "within")]
    assert kinds(A + B, A) == [("ab", "within")]
    assert kinds(A, B, C) == []
    # Half of each is not most of either.
    assert kinds(A + B, A + C) == []


def test_thresholds() -> None:
    # 116 runs are common; with 29 others on one side they are 0.8 of all.
    assert kinds(A, A + prose(4, 29)) == [("ab", "near")]
    assert kinds(A, A + prose(4, 30)) == [("ab", "within")]
    # Of the 120 + n characters of the shorter, 116 runs are in the longer.
    assert kinds(A + prose(5, 29), A + C) == [("ab", "within")]
    assert kinds(A + prose(5, 30), A + C) == []


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (A + B, A + B),
        (A + B, A + "甲" + B),
        (A, A + B),
        (A, A + prose(4, 30)),
        (f"{A}补助100万元，{B}", f"{A}补助200万元，{B}"),
        (A + B, A + C),
        (A[:40], A),
    ],
)
def test_the_order_of_two_clauses_does_not_matter(first: str, second: str) -> None:
    turned = [
        {**pair, "differs": [[y, x] for x, y in pair["differs"]]} for pair in copies(second, first)
    ]
    assert turned == copies(first, second)


def test_no_clause_is_its_own_copy_and_no_pair_is_told_twice() -> None:
    # Even where a clause repeats itself.
    assert copies(A + A) == []
    assert kinds(A, A, A) == [("ab", "same"), ("ac", "same"), ("bc", "same")]


def test_pairs_are_in_the_order_of_the_clauses() -> None:
    found = find_copies(
        {key: {"text": text} for key, text in (("z", A), ("y", B), ("x", B), ("w", A))}
    )
    assert [pair["clauses"] for pair in found] == [["z", "w"], ["y", "x"]]


def test_a_phrase_of_the_trade_is_no_copy() -> None:
    phrase = prose(6, 60)
    short = [phrase + prose(seed, 8) for seed in range(100, 121)]
    assert len(short) == 21
    assert copies(*short) == []
    # In twenty clauses it still is a sign of copies.
    assert len(copies(*short[:20])) == 190


def test_few_words_in_common_are_no_copy() -> None:
    # 19 runs of 24 characters and more; with 20 one holds most of the other.
    assert kinds(A[:23] + "甲", A[:23] + B) == []
    assert kinds(A[:24] + "甲", A[:24] + B) == [("ab", "within")]
    assert kinds("甲乙丙", "甲乙丙") == []
    assert kinds("", "") == []


@pytest.mark.parametrize(
    ("first", "second", "differs"),
    [
        ("补助100万元。", "补助200万元。", [["100万元", "200万元"]]),
        ("补助100万元。", "补助１００万元。", []),
        ("从1%提高到2%。", "从１‰提高到２‰。", [["1%", "1‰"], ["2%", "2‰"]]),
        ("减按12.5%计入。", "减按2.5%计入。", [["12.5%", "2.5%"]]),
        ("减免3个月，奖5万元。", "减免6个月，奖5万元。", [["3个月", "6个月"]]),
        ("自2022年起。", "自2023年起。", [["2022年", "2023年"]]),
        ("补助100万元。", "补助100元。", [["100万元", "100元"]]),
        # Another wording is no other figure.
        ("补助100万元。", "补助。", []),
        ("补助三次。", "补助两次。", []),
        ("补助100万元至200万元。", "补助300万元。", []),
    ],
)
def test_figures_that_differ(first: str, second: str, differs: list[list[str]]) -> None:
    (pair,) = copies(A + first + B, A + second + B)
    assert pair["differs"] == differs


# The real clauses


@pytest.fixture(scope="module")
def pairs(clauses: dict[str, Row]) -> list[Row]:
    return find_copies(clauses)


def test_counts(pairs: list[Row]) -> None:
    assert len(pairs) == 197
    assert Counter(pair["kind"] for pair in pairs) == {"same": 137, "within": 40, "near": 20}


def test_pairs_are_of_two_clauses_and_told_once(pairs: list[Row], clauses: dict[str, Row]) -> None:
    assert all(len({*pair["clauses"]}) == 2 for pair in pairs)
    assert len({frozenset(pair["clauses"]) for pair in pairs}) == len(pairs)
    assert {key for pair in pairs for key in pair["clauses"]} <= set(clauses)


def test_the_order_of_all_clauses_does_not_matter(
    pairs: list[Row], clauses: dict[str, Row]
) -> None:
    turned = find_copies(dict(reversed(clauses.items())))
    assert {(frozenset(pair["clauses"]), pair["kind"]) for pair in turned} == {
        (frozenset(pair["clauses"]), pair["kind"]) for pair in pairs
    }


def test_the_two_copies_of_one_document_are_found(pairs: list[Row]) -> None:
    found = {tuple(pair["clauses"]): pair["kind"] for pair in pairs}
    for number in range(1, 71):
        assert (f"jzbf-2022-34.{number}", f"jzbf-2022-34.hb{number}") in found


def test_all_clauses_of_the_same_words_are_found(pairs: list[Row], clauses: dict[str, Row]) -> None:
    """Found another way: by their words alone."""
    by_words: dict[str, list[str]] = defaultdict(list)
    for key, clause in clauses.items():
        text = re.split(r"[（(]责任单位[:：]", clause["text"])[0]
        text = re.sub(r"（[^（）]*(?:负责|牵头|配合)）$", "", text)
        by_words[re.sub(r"\W", "", unicodedata.normalize("NFKC", text))].append(key)
    same = {frozenset(pair) for keys in by_words.values() for pair in combinations(keys, 2)}
    assert same == {frozenset(p["clauses"]) for p in pairs if p["kind"] == "same"}


def test_near_ones_have_most_characters_in_common(
    pairs: list[Row], clauses: dict[str, Row]
) -> None:
    for pair in pairs:
        first, second = (
            Counter(re.sub(r"\W", "", unicodedata.normalize("NFKC", clauses[key]["text"])))
            for key in pair["clauses"]
        )
        common = (first & second).total()
        assert common / min(first.total(), second.total()) > 0.8, pair
        if pair["kind"] != "within":
            assert common / max(first.total(), second.total()) > 0.6, pair


def test_the_pair_whose_signs_differ(pairs: list[Row]) -> None:
    (pair,) = (p for p in pairs if p["clauses"] == ["jf-2021-67.36", "jf-2021-67.cs186"])
    assert pair["kind"] == "same"
    assert pair["differs"] == [["1%", "1‰"], ["2%", "2‰"], ["5%", "5‰"]]


def test_figures_differ_in_two_pairs(pairs: list[Row]) -> None:
    assert {tuple(pair["clauses"]): pair["differs"] for pair in pairs if pair["differs"]} == {
        ("jf-2021-67.36", "jf-2021-67.cs186"): [["1%", "1‰"], ["2%", "2‰"], ["5%", "5‰"]],
        ("jzbf-2021-40.sc93", "jzbf-2021-40.sc101"): [["3", "14"]],
    }


def test_the_committed_pairs_are_these(pairs: list[Row], knowledge: Path) -> None:
    text = dump_copies(pairs)
    assert (knowledge / "copies.yml").read_text("utf-8") == text
    assert yaml.safe_load(text) == {"copies": pairs}
    assert text.count("\n  - {clauses: ") == len(pairs)
