"""Every character of every source once and in order, and the proof can fail."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from bot.errors import KnowledgeError
from bot.importer import Library, account, structure

Row = dict[str, Any]

SOURCES = ("000", "001", "002", "003", "004")
KINDS = [
    (source, kind)
    for source, kinds in {
        "000": ("front", "heading", "clause", "furniture"),
        "001": ("front", "clause", "closing", "furniture"),
        "002": ("front", "heading", "prose", "clause", "closing"),
        "003": ("front", "heading", "clause"),
        "004": ("front", "heading", "clause", "doc_no", "row", "furniture", "stray"),
    }.items()
    for kind in kinds
]

# A text and a chance in, a spoilt text out.
Spoil = Callable[[str, random.Random], str]


def changed(text: str, chance: random.Random) -> str:
    at = chance.randrange(len(text))
    return f"{text[:at]}〇{text[at + 1 :]}"


def lost(text: str, chance: random.Random) -> str:
    at = chance.randrange(len(text))
    return text[:at] + text[at + 1 :]


def added(text: str, chance: random.Random) -> str:
    at = chance.randrange(len(text) + 1)
    return text[:at] + chance.choice(text) + text[at:]


def moved(text: str, chance: random.Random) -> str:
    here, there = chance.randrange(len(text)), chance.randrange(len(text))
    rest = text[:here] + text[here + 1 :]
    return rest[:there] + text[here] + rest[there:]


def spoilt(text: str, spoil: Spoil, chance: random.Random) -> str:
    """The text spoilt so that it prints otherwise than before."""
    printed = text.replace(" ", "")
    if len({*printed}) == 1 and spoil is moved:
        return text + text
    while True:
        result = spoil(text, chance)
        if result.replace(" ", "") != printed:
            return result


def pieces(layout: Row, clauses: dict[str, Row], kind: str) -> list[Row]:
    """What holds the text: clauses, entries of the order, or furniture."""
    if kind == "clause":
        return [clauses[row["clause"]] for row in layout["order"] if "clause" in row]
    return [row for row in (*layout["order"], *layout["furniture"]) if row.get("kind") == kind]


def printed_by(layout: Row, clauses: dict[str, Row]) -> Iterator[str]:
    for row in layout["order"]:
        if "clause" in row:
            yield from (row["label"], clauses[row["clause"]]["text"])
        else:
            yield row["text"]
    for row in layout["furniture"]:
        yield row["text"]


@pytest.mark.parametrize("source", SOURCES)
def test_every_character_of_the_source_is_accounted_for(
    source: str, texts: dict[str, str], library: Library
) -> None:
    assert account(texts[source], library.layouts[source], library.clauses) == []


@pytest.mark.parametrize("source", SOURCES)
def test_the_committed_files_account_for_every_character(
    source: str, texts: dict[str, str], committed: Library
) -> None:
    assert account(texts[source], committed.layouts[source], committed.clauses) == []


@pytest.mark.parametrize("source", SOURCES)
def test_the_characters_add_up_when_counted_another_way(
    source: str, texts: dict[str, str], committed: Library
) -> None:
    counted = Counter[str]()
    for text in printed_by(committed.layouts[source], committed.clauses):
        counted.update("".join(text.split()))
    # Two characters that print nothing, though Python does not count them as space.
    print_nothing = str.maketrans("", "", "\ufeff\u200b")
    assert counted == Counter("".join(texts[source].translate(print_nothing).split()))


def test_every_clause_stands_in_one_layout_and_once(committed: Library) -> None:
    listed = Counter(
        row["clause"]
        for layout in committed.layouts.values()
        for row in layout["order"]
        if "clause" in row
    )
    assert set(listed) == set(committed.clauses)
    assert set(listed.values()) == {1}
    assert listed.total() == 1312


@pytest.mark.parametrize(("source", "kind"), KINDS)
@pytest.mark.parametrize("spoil", [changed, lost, added, moved])
def test_a_spoilt_character_is_found_in_every_piece_of_every_kind(
    source: str, kind: str, spoil: Spoil, texts: dict[str, str], own_library: Library
) -> None:
    layout, clauses = own_library.layouts[source], own_library.clauses
    chance = random.Random(f"{source} {kind} {spoil.__name__}")
    found = pieces(layout, clauses, kind)
    assert found
    # All at once: the walk goes on behind the lines of each.
    for row in found:
        row["text"] = spoilt(row["text"], spoil, chance)
    assert len(account(texts[source], layout, clauses)) >= len(found)


@pytest.mark.parametrize("seed", [14, 34, 56])
def test_each_spoilt_clause_of_the_checklist_is_named_once(
    seed: int, texts: dict[str, str], own_library: Library
) -> None:
    layout, clauses = own_library.layouts["004"], own_library.clauses
    chance = random.Random(seed)
    ids = [row["clause"] for row in layout["order"] if "clause" in row]
    spoilt_ids = chance.sample(ids, 500)
    for clause_id in spoilt_ids:
        text = clauses[clause_id]["text"]
        # A lost end shows as an unclaimed character, and not as a fault of the clause.
        while (new := spoilt(text, chance.choice([changed, lost, added, moved]), chance)) in text:
            pass
        clauses[clause_id]["text"] = new
    differences = account(texts["004"], layout, clauses)
    named = [difference.split("：")[1] for difference in differences]
    assert Counter(named) == Counter(spoilt_ids)
    for difference in differences:
        line = int(difference.split(" ")[1])
        first, last = clauses[difference.split("：")[1]]["lines"]
        assert first <= line <= last + 2, difference


@pytest.mark.parametrize("source", SOURCES)
def test_a_source_that_has_changed_is_found(
    source: str, texts: dict[str, str], library: Library
) -> None:
    chance = random.Random(source)
    text = texts[source]
    for _ in range(4):
        at = chance.choice([i for i in range(len(text)) if not text[i].isspace()])
        for new in ("", "〇", text[at] * 2):
            other = text[:at] + new + text[at + 1 :]
            assert account(other, library.layouts[source], library.clauses), (at, new)


def test_an_added_line_is_found(texts: dict[str, str], library: Library) -> None:
    for text in (texts["003"] + "\n完\n", "完\n" + texts["003"]):
        assert account(text, library.layouts["003"], library.clauses)


@pytest.mark.parametrize("source", SOURCES)
def test_missing_entries_are_found(
    source: str, texts: dict[str, str], own_library: Library
) -> None:
    layout = own_library.layouts[source]
    # Neighbours are reported as one, and two pieces of 001 share a line.
    missing = layout["order"][1:-2:3]
    layout["order"] = [row for row in layout["order"] if row not in missing]
    differences = account(texts[source], layout, own_library.clauses)
    clauses = [row["clause"] for row in missing if "clause" in row]
    assert [d for d in differences if d.endswith("没有列入排列")] == [
        f"{clause_id} 没有列入排列"
        for clause_id, clause in own_library.clauses.items()
        if clause_id in clauses and clause["source"] == source
    ]
    unclaimed = [d for d in differences if d.endswith("没有计入任何条文或附文")]
    assert len(unclaimed) == len(missing)


@pytest.mark.parametrize("source", SOURCES)
def test_the_first_and_the_last_entry_missing_are_found(
    source: str, texts: dict[str, str], own_library: Library
) -> None:
    layout = own_library.layouts[source]
    order = layout["order"]
    for layout["order"] in (order[1:], order[:-1]):
        assert any(
            difference.endswith("没有计入任何条文或附文")
            for difference in account(texts[source], layout, own_library.clauses)
        )


@pytest.mark.parametrize("source", ["000", "001", "004"])
def test_missing_furniture_is_found(
    source: str, texts: dict[str, str], own_library: Library
) -> None:
    layout = own_library.layouts[source]
    all_of_it = layout["furniture"]
    for index in range(len(all_of_it)):
        layout["furniture"] = all_of_it[:index] + all_of_it[index + 1 :]
        assert account(texts[source], layout, own_library.clauses), all_of_it[index]


def test_a_clause_missing_from_the_layout_is_found(
    texts: dict[str, str], own_library: Library
) -> None:
    layout = own_library.layouts["003"]
    place = next(i for i, row in enumerate(layout["order"]) if "clause" in row)
    gone = layout["order"].pop(place)
    assert "jzbf-2023-56.1 没有列入排列" in account(texts["003"], layout, own_library.clauses)
    # So is one whose words nothing of the source is missing for.
    whole = own_library.clauses
    layout["order"].insert(place, gone)
    whole["made-up"] = {**whole["jzbf-2023-56.1"], "id": "made-up"}
    assert account(texts["003"], layout, whole) == ["made-up 没有列入排列"]


@pytest.mark.parametrize("kind", ["clause", "heading", "doc_no", "row"])
def test_an_entry_told_twice_is_found(
    kind: str, texts: dict[str, str], own_library: Library
) -> None:
    layout = own_library.layouts["004"]
    row = next(r for r in layout["order"] if r.get("kind", "clause") == kind)
    layout["order"].insert(layout["order"].index(row), row)
    differences = account(texts["004"], layout, own_library.clauses)
    assert differences
    if kind == "clause":
        assert differences[0] == f"{row['clause']} 在排列中出现不止一次"


def test_a_clause_that_does_not_exist_is_found(texts: dict[str, str], own_library: Library) -> None:
    clauses = own_library.clauses
    clauses.pop("jzbf-2023-56.7")
    differences = account(texts["003"], own_library.layouts["003"], clauses)
    assert differences[0] == "没有条文 jzbf-2023-56.7"
    assert differences[1].endswith("没有计入任何条文或附文")


@pytest.mark.parametrize("source", SOURCES)
def test_exchanged_texts_and_entries_are_found(
    source: str, texts: dict[str, str], own_library: Library
) -> None:
    layout, clauses = own_library.layouts[source], own_library.clauses
    places = [i for i, row in enumerate(layout["order"]) if "clause" in row]
    for first, second in (places[3:5], places[-2:], (places[0], places[-1])):
        one, other = (clauses[layout["order"][at]["clause"]] for at in (first, second))
        one["text"], other["text"] = other["text"], one["text"]
        assert account(texts[source], layout, clauses)
        one["text"], other["text"] = other["text"], one["text"]
        order = layout["order"]
        order[first], order[second] = order[second], order[first]
        assert account(texts[source], layout, clauses)
        order[first], order[second] = order[second], order[first]
    assert account(texts[source], layout, clauses) == []


def test_words_told_by_the_neighbour_are_found(texts: dict[str, str], own_library: Library) -> None:
    # Nothing is lost, and the order is kept, but one clause has the end of another.
    clauses = own_library.clauses
    one, other = clauses["jzbf-2023-56.7"], clauses["jzbf-2023-56.8"]
    one["text"], other["text"] = one["text"][:-2], one["text"][-2:] + other["text"]
    assert account(texts["003"], own_library.layouts["003"], clauses)


def test_wrong_lines_are_found(texts: dict[str, str], own_library: Library) -> None:
    clause = own_library.clauses["jzf-2022-14.17"]
    assert clause["lines"] == [371, 397]
    for lines in ([371, 396], [372, 397], [371, 399], [370, 397], [1, 2]):
        clause["lines"] = lines
        assert account(texts["000"], own_library.layouts["000"], own_library.clauses), lines


def test_wrong_furniture_is_found(texts: dict[str, str], own_library: Library) -> None:
    layout = own_library.layouts["000"]
    (page,) = layout["furniture"]
    page["text"] = "11"
    assert account(texts["000"], layout, own_library.clauses) == [
        "第 377 行：页面附文应为“10”，实为“11”"
    ]
    page["lines"] = [5000, 5000]
    assert "第 5000—5000 行：原文没有这些行" in account(texts["000"], layout, own_library.clauses)


@pytest.mark.parametrize("label", ["", "9.", "8", "8．", "88."])
def test_a_wrong_label_is_found(label: str, texts: dict[str, str], own_library: Library) -> None:
    layout = own_library.layouts["000"]
    row = next(row for row in layout["order"] if row.get("clause") == "jzf-2022-14.8")
    assert row["label"] == "8."
    row["label"] = label
    (difference,) = account(texts["000"], layout, own_library.clauses)
    assert difference.startswith("第 183 行：jzf-2022-14.8：原文为“")


def test_every_label_is_proved(texts: dict[str, str], own_library: Library) -> None:
    layout = own_library.layouts["004"]
    rows = [row for row in layout["order"] if "clause" in row]
    for row in rows:
        row["label"] = f"0{row['label']}"
    differences = account(texts["004"], layout, own_library.clauses)
    assert [d.split("：")[1] for d in differences] == [row["clause"] for row in rows]


def test_a_fault_of_the_importer_itself_would_be_told(
    monkeypatch: pytest.MonkeyPatch, import_text: Callable[[str], Library], small_text: str
) -> None:
    monkeypatch.setattr(structure, "join", lambda lines: "".join(lines).replace("万", ""))
    with pytest.raises(KnowledgeError) as caught:
        import_text(small_text)
    assert caught.value.faults == [
        "sources/small.txt: 第 15 行：small-2022-3.1：原文为“万元”，文件为“元。”"
    ]
