"""Every character of the source once and in order, and the proof can fail."""

from __future__ import annotations

import random
from collections import Counter
from typing import Any

import pytest

from bot.importer import account
from bot.importer.lines import bare

Document = dict[str, Any]


def test_every_character_of_the_source_is_accounted_for(source: str, document: Document) -> None:
    assert account(source, document) == []


def test_the_characters_add_up_when_counted_another_way(source: str, document: Document) -> None:
    counted = Counter[str]()
    for row in (*document["clauses"], *document["matter"]):
        counted.update(bare(row["text"]))
    for clause in document["clauses"]:
        counted.update(f"{clause['number']}.")
    assert counted == Counter(bare(source))


def test_a_changed_character_is_found_in_every_clause(source: str, document: Document) -> None:
    chance = random.Random(14)
    for clause in document["clauses"]:
        text = clause["text"]
        at = chance.randrange(len(text))
        clause["text"] = f"{text[:at]}〇{text[at + 1 :]}"
        differences = account(source, document)
        assert len(differences) == 1
        assert f"第{clause['number']}条" in differences[0]
        assert "〇" in differences[0]
        clause["text"] = text
    assert account(source, document) == []


def test_a_lost_or_an_added_character_is_found(source: str, document: Document) -> None:
    text = document["clauses"][7]["text"]
    for spoilt in (text[:-1], text[1:], text[:30] + text[31:], text + "。", "。" + text):
        document["clauses"][7]["text"] = spoilt
        assert account(source, document), spoilt[:40]


@pytest.mark.parametrize("rows", ["clauses", "matter"])
def test_a_missing_row_is_found(source: str, document: Document, rows: str) -> None:
    for index in range(len(document[rows])):
        spoilt = {**document, rows: document[rows][:index] + document[rows][index + 1 :]}
        assert account(source, spoilt), document[rows][index]


def test_a_row_told_twice_is_found(source: str, document: Document) -> None:
    document["clauses"].insert(3, document["clauses"][3])
    assert account(source, document)


def test_exchanged_texts_are_found(source: str, document: Document) -> None:
    first, second = document["clauses"][3], document["clauses"][4]
    first["text"], second["text"] = second["text"], first["text"]
    assert account(source, document)


def test_wrong_lines_are_found(source: str, document: Document) -> None:
    clause = document["clauses"][16]
    for lines in ([371, 396], [372, 397], [371, 399], [1, 2]):
        spoilt = {**clause, "lines": lines}
        rows = [spoilt if row is clause else row for row in document["clauses"]]
        assert account(source, {**document, "clauses": rows}), lines


def test_wrong_furniture_is_found(source: str, document: Document) -> None:
    page = next(row for row in document["matter"] if row["kind"] == "furniture")
    page["text"] = "11"
    assert account(source, document) == ["第 377 行：页面附文应为“10”，实为“11”"]
    page["lines"] = [5000, 5000]
    assert "第 5000—5000 行：原文没有这些行" in account(source, document)


def test_a_wrong_label_is_found(source: str, document: Document) -> None:
    document["clauses"][7]["number"] = 9
    assert account(source, document)[0].startswith("第 183 行：第9条之前应为其编号")
