"""``wence eval``: figures are written down and held to floors."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
import yaml
from rich.console import Console

from bot.cli.evaluation.answers import Taken, take
from bot.cli.evaluation.bounds import Put
from bot.cli.evaluation.hearing import Heard, hear, run
from bot.cli.evaluation.scores import Scores, read_rows, wilson
from bot.cli.evaluation.understanding import matched
from bot.policies.answer import Assistant
from bot.policies.eligibility.amounts import facts_of
from bot.policies.loader import load
from bot.policies.search import Search
from bot.settings import Settings

FLOORS = {"dev": {"hearing": {"yes": 0.7, "yes_wrong": 1}}, "test": {}}


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    folder = tmp_path / "tests" / "eval"
    folder.mkdir(parents=True)
    (folder / "floors.yml").write_text(yaml.safe_dump(FLOORS), "utf-8")
    return replace(Settings.load(), root=tmp_path, var_dir=tmp_path / "var")


def settled(scores: Scores) -> tuple[int, str]:
    said = io.StringIO()
    return scores.settle(Console(file=said, width=200)), said.getvalue()


@pytest.mark.parametrize(
    ("split", "right", "wrong", "code"),
    [("dev", 7, 1, 0), ("dev", 6, 1, 1), ("dev", 7, 2, 1), ("test", 0, 9, 0)],
)
def test_figures_are_held_to_floors(
    settings: Settings, split: str, right: int, wrong: int, code: int
) -> None:
    scores = Scores(settings, "hearing", split)
    scores.least("yes", right, 10)
    scores.most("yes_wrong", wrong)
    got, said = settled(scores)
    assert got == code
    assert ("低于底线" in said) == bool(code)
    written = json.loads((settings.var_dir / "eval" / f"hearing-{split}.json").read_text("utf-8"))
    assert written["yes"] == {"right": right, "total": 10, "share": right / 10}
    assert written["yes_wrong"] == {"count": wrong}


def test_what_has_no_floor_is_written_all_the_same(settings: Settings) -> None:
    scores = Scores(settings, "cases", "dev")
    scores.least("right", 0, 0)
    assert settled(scores)[0] == 0
    assert (settings.var_dir / "eval" / "cases-dev.json").is_file()


def test_the_interval_of_a_share() -> None:
    low, high = wilson(90, 100)  # Wilson (1927), as statistics packages give it
    assert (round(low, 4), round(high, 4)) == (0.8256, 0.9448)
    assert wilson(0, 0) == (0.0, 1.0)


@pytest.mark.parametrize(
    ("told", "heard", "right"),
    [
        (True, True, True),
        (False, True, False),
        (True, None, False),
        (3_200_000, Decimal("3200000.0"), True),
        (3_200_000, Decimal(3_300_000), False),
        (0.15, Decimal("0.15"), True),
        (12, 12, True),
        ("industry", "industry", True),
        ("industry", "care", False),
    ],
)
def test_what_is_heard_is_what_was_told(told: object, heard: object, right: bool) -> None:
    assert Heard({"value": told}, "yes", heard).right is right  # type: ignore[arg-type]


def test_every_sentence_tells_a_fact_and_a_value_of_it() -> None:
    settings = Settings.load()
    book = load(settings.root / "policies_kb").facts
    rows = read_rows(settings, "hearing", "sentences", "all")
    assert len(rows) > 2_500
    assert {row["split"] for row in rows} == {"dev", "test"}
    assert len({row["text"] for row in rows}) == len(rows)
    for row in rows:
        book.facts[row["fact"]].value(row["value"])
    assert len(hear(rows[:20], book)) == 20


@pytest.mark.parametrize("split", ["dev", "test"])
def test_what_firms_tell_is_heard(
    split: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = replace(Settings.load(), var_dir=tmp_path)
    assert run(settings, split, failures=False) == 0, capsys.readouterr().out
    written = json.loads((tmp_path / "eval" / f"hearing-{split}.json").read_text("utf-8"))
    assert written["yes"]["total"] > 400


def test_every_answer_is_one_to_a_fact_of_its_programme() -> None:
    settings = Settings.load()
    snapshot = load(settings.root / "policies_kb")
    rows = read_rows(settings, "answers", "answers", "all")
    assert len(rows) > 750
    by_split = {
        split: {row["fact"] for row in rows if row["split"] == split} for split in ("dev", "test")
    }
    assert by_split["dev"].isdisjoint(by_split["test"])
    for row in rows:
        programme = snapshot.programmes[row["programme"]]
        asked = {*programme.facts, *facts_of(programme.amount.value)}
        assert row["fact"] in asked, row["text"]
        assert ("value" in row) == (row["kind"] == "value")


def test_answers_are_taken_as_an_interview_takes_them() -> None:
    """Without the model of intents, which takes its time: by what the answer says."""
    settings = Settings.load()
    rows = [
        row
        for row in read_rows(settings, "answers", "answers", "dev")
        if row["kind"] in ("value", "unknown")
    ][:60]
    read = [{"intent": "nlu_fallback", "confidence": 0.0} for _ in rows]
    read[0] = {"intent": "ask_human", "confidence": 0.99}
    assistant = Assistant(Search(load(settings.root / "policies_kb")))
    first, *rest = take(rows, read, assistant)
    assert first.kind == "stop"
    assert sum(one.right for one in rest) > 0.6 * len(rest)
    assert sum(one.harmful for one in rest) < 0.1 * len(rest)


@pytest.mark.parametrize(
    ("wanted", "kind", "value", "right", "harmful"),
    [
        ({"kind": "value", "value": True}, "value", True, True, False),
        ({"kind": "value", "value": True}, "value", False, False, True),
        ({"kind": "value", "value": 30000}, "unclear", None, False, False),
        ({"kind": "unknown"}, "value", True, False, True),
        ({"kind": "question"}, "unclear", None, True, False),
        ({"kind": "stop"}, "question", None, False, False),
    ],
)
def test_a_value_that_nobody_told_does_harm(
    wanted: dict[str, object], kind: str, value: bool | None, right: bool, harmful: bool
) -> None:
    taken = Taken(wanted, kind, value)
    assert (taken.right, taken.harmful) == (right, harmful)


@pytest.mark.parametrize(
    ("label", "kind", "text", "right"),
    [
        ("here", "policy_answer", "按文件条件：……", True),
        ("here", "text", "我这里只收录山西省的惠企文件，杭州的政策答不了", False),
        ("policy", "text", "这件事不在我能回答的范围内。", False),
        ("policy", "text", "没有找到与您所问相符的条文", True),
        ("elsewhere", "text", "我这里只收录山西省的惠企文件，西安的政策答不了", True),
        ("beside", "eligibility_result", "按文件条件初步匹配", False),
    ],
)
def test_who_is_turned_away_and_who_is_not(label: str, kind: str, text: str, right: bool) -> None:
    phrases = load(Settings.load().root / "policies_kb").phrases
    put = Put({"label": label}, {"text": text, "custom": {"type": kind}})
    assert put.right(phrases) is right


def test_messages_near_the_bounds_are_labelled() -> None:
    rows = read_rows(Settings.load(), "bounds", "messages", "all")
    assert len({row["id"] for row in rows}) == len(rows) > 350
    assert {row["label"] for row in rows} == {"here", "policy", "elsewhere", "beside"}


def test_messages_are_marked_with_what_they_mean_and_name() -> None:
    settings = Settings.load()
    domain = yaml.safe_load((settings.root / "domain.yml").read_text("utf-8"))
    intents = {one if isinstance(one, str) else next(iter(one)) for one in domain["intents"]}
    terms = {term.id for term in load(settings.root / "policies_kb").lexicon.terms}
    asked = {row["id"]: row for row in read_rows(settings, "questions", "questions", "all")}
    marked = read_rows(settings, "understanding", "messages", "all")
    assert len({row["id"] for row in marked}) == len(marked) >= 600
    for row in marked:
        text = asked[row["id"]]["text"]
        assert row["split"] == asked[row["id"]]["split"]
        assert {row["intent"], *row["also"]} <= intents
        for kind, words, value in row["entities"]:
            assert kind in domain["entities"]
            assert words in text
            assert kind != "term" or value in terms, (row["id"], words)


@pytest.mark.parametrize(
    ("wanted", "got", "right"),
    [
        (["money", "1300多万", 13_000_000], ["money", "1300多万", 13_000_000.0], True),
        (["money", "1300多万", 13_000_000], ["money", "1300多万", 1_300.0], False),
        (["count", "三百", 300], ["money", "三百", 300.0], False),
        (["year", "去年", 2025], ["year", "去年", "去年"], True),
        (["year", "前年", 2024], ["year", "去年", "去年"], False),
        (
            ["document_number", "中小局22年39号", "中小局22年39号"],
            ["document_number", "", "*〔2022〕39号"],
            True,
        ),
        (["document_number", "14号", "14号"], ["document_number", "", "*〔*〕15号"], False),
        (["term", "稳港返还", "job_retention_refund"], ["term", "", "job_retention_refund"], True),
        (["date", "今年六月", "2026-06"], ["date", "六月", "06"], False),
    ],
)
def test_an_entity_is_right_by_kind_and_value(
    wanted: list[object], got: list[object], right: bool
) -> None:
    assert bool(matched([wanted], [got])) is right


def test_of_two_alike_each_counts_once() -> None:
    half = ["ratio", "一半", 0.5]
    assert len(matched([half, half], [half])) == 1


def test_the_floors_name_what_is_measured() -> None:
    settings = Settings.load()
    floors = yaml.safe_load((settings.root / "tests" / "eval" / "floors.yml").read_text("utf-8"))
    assert set(floors) == {"dev", "test"}
    for parts in floors.values():
        assert set(parts) <= {
            "questions",
            "bounds",
            "cases",
            "conversations",
            "hearing",
            "answers",
            "understanding",
        }
